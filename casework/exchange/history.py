"""A case's events as a JSON line tells them, written and read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.records import Case, Record, plain, shape, typed
from casework.text import TEXT_LIMIT, clean
from casework.workflow import CLOSING_OUTCOMES, RULES, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.audit.event import Act, Event
    from casework.ledger import Desk

_OPTIONAL = ("reason", "document", "note")


def tell(event: Event) -> dict[str, Any]:
    """Return an event as a JSON line tells it.

    An event that was itself told by an imported file is told as it was there, so that what came
    in goes out the same. The label of the source is not part of the story.
    """
    told: Mapping[str, Any] = (event.reported or {}).get("told") or {}
    entry = {
        "act": event.act,
        "actor": told.get("actor", event.actor),
        "effective_on": event.effective_on,
        "recorded_at": told.get("recorded_at", event.recorded_at),
        "changes": {k: v for k, v in sorted(event.changes.items()) if k != "reported"},
    }
    for name in _OPTIONAL:
        if (value := getattr(event, name)) is not None:
            entry[name] = value
    source = told.get("source") if told else (event.reported or {}).get("source")
    return entry | ({"reported": source} if source else {})


def told_acts(desk: Desk, ref: str, entries: list[Any], label: str) -> list[Act]:
    """Return the acts of a told history, each checked against the one before and the workflow.

    Raises UsageError, or KeyError, TypeError and ValueError for entries of another form.
    """
    if not entries:
        raise UsageError("the history is empty")
    acts: list[Act] = []
    case: Record | None = None
    for entry in entries:
        act = _act(desk, ref, case, entry, label)
        left = act.after()
        if not isinstance(left, Case):
            raise TypeError(left)
        _check_standing(left, case, act.verb, act.effective_on)
        case = left
        acts.append(act)
    return acts


def _act(desk: Desk, ref: str, case: Record | None, entry: dict[str, Any], label: str) -> Act:
    verb, day = str(entry["act"]), date.fromisoformat(entry["effective_on"])
    if day > desk.today:
        raise UsageError(f"{verb}: {day} lies in the future")
    changes = _changes(case, entry["changes"], verb)
    _check_step(case, verb, changes)
    told = {"actor": str(entry["actor"]), "recorded_at": str(entry["recorded_at"])}
    if entry.get("reported"):
        told["source"] = str(entry["reported"])
    if case is None or "state" in changes:
        changes["reported"] = label
    words: dict[str, Any] = {
        name: clean(str(entry[name]), name) for name in _OPTIONAL if entry.get(name) is not None
    }
    return desk.act(
        verb,
        case if case is not None else (Case.kind, ref),
        changes,
        effective_on=day,
        reported={"source": label, "told": told},
        **words,
    )


def _changes(case: Record | None, told: dict[str, list[Any]], verb: str) -> dict[str, Any]:
    form = shape(Case.kind)
    changes = {}
    for name, (old, new) in told.items():
        if name not in form.start or name == "reported":
            raise UsageError(f"{verb}: a case has no field {name}")
        before = plain(getattr(case, name) if case is not None else form.start[name])
        if before != old:
            raise UsageError(f"{verb}: {name} is told to change from {old!r}, it was {before!r}")
        if isinstance(new, str) and len(new) > TEXT_LIMIT:
            raise UsageError(f"{verb}: {name} is too long")
        changes[name] = typed(Case.kind, name, new)
    return changes


def _check_step(case: Record | None, verb: str, changes: dict[str, Any]) -> None:
    if not isinstance(case, Case):
        if verb != "propose" or changes.get("state") is not State.PROPOSED:
            raise UsageError("a history begins with a proposal")
        return
    rule = RULES.get((verb, case.state))
    if rule is None or rule.target is not changes.get("state", case.state):
        raise UsageError(f"{verb} is not possible when a case is {case.state.label}")
    if verb == "close" and changes.get("outcome") not in CLOSING_OUTCOMES:
        raise UsageError(f"a case that was not studied is not closed as {changes.get('outcome')}")


def _check_standing(case: Case, before: Record | None, verb: str, day: date) -> None:
    """Refuse a told act that leaves a case as none of the verbs would leave it."""
    moved = not isinstance(before, Case) or before.state is not case.state
    if moved and case.state_since != day:
        raise UsageError(f"{verb}: state_since is {case.state_since}, but it took effect {day}")
    if moved and isinstance(before, Case) and day < before.state_since:
        raise UsageError(f"{verb}: {day} lies before {before.state_since}, the step before it")
    must = {
        State.PROPOSED: (),
        State.ASSIGNED: ("owner", "assigned_on"),
        State.UNDER_STUDY: ("study_on",),
        State.RESOLVED: ("outcome", "resolved_on", "resolved_by"),
    }[case.state]
    for name in must:
        if getattr(case, name) is None:
            raise UsageError(f"{verb}: a case that is {case.state.label} has {name}")
    if (case.resolved_on is None) != (case.state is not State.RESOLVED):
        raise UsageError(f"{verb}: only a resolved case has resolved_on")
    if (case.due is None) != (case.original_due is None):
        raise UsageError(f"{verb}: due and original_due go together")
