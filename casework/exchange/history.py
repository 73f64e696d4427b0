"""A case's events as a JSON line tells them, written and read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.kinds.choices import BASES, PRECISIONS, Outcome, State
from casework.kinds.forms import RELATIONS
from casework.kinds.records import Case, Record, plain, shape, typed
from casework.rules.dates import length
from casework.rules.workflow import CLOSING_OUTCOMES, RULES
from casework.system.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.ledger.ledger import Desk
    from casework.log.event import Act, Event

COUNT_LIMIT = 10_000
PAIR = 2
CHOICES: Mapping[str, tuple[str, ...]] = {
    "outcome": tuple(Outcome),
    "first_outcome": tuple(Outcome),
    "due_basis": BASES,
    "due_precision": PRECISIONS,
}

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
    told = {name: clean(str(entry[name]), name) for name in ("actor", "recorded_at")}
    if entry.get("reported"):
        told["source"] = clean(str(entry["reported"]), "reported")
    if case is None or "state" in changes:
        changes["reported"] = label
    words: dict[str, Any] = {
        name: clean(str(entry[name]), name) for name in _OPTIONAL if entry.get(name) is not None
    }
    act = desk.act(
        verb,
        case if case is not None else (Case.kind, ref),
        changes,
        effective_on=day,
        reported={"source": label, "told": told},
        **words,
    )
    # A redaction tells of a field whose old and new value read the same by now.
    return replace(act, changes=changes)


def _changes(case: Record | None, told: dict[str, list[Any]], verb: str) -> dict[str, Any]:
    form = shape(Case.kind)
    changes = {}
    for name, (old, new) in told.items():
        if name not in form.start or name == "reported":
            raise UsageError(f"{verb}: a case has no field {name}")
        before = plain(getattr(case, name) if case is not None else form.start[name])
        if before != old:
            raise UsageError(f"{verb}: {name} is told to change from {old!r}, it was {before!r}")
        if not _of_its_kind(name, new):
            raise UsageError(f"{verb}: {name} cannot be {new!r}")
        _check_text(new, f"{verb}: {name}")
        changes[name] = typed(Case.kind, name, new)
    return changes


def _of_its_kind(name: str, new: Any) -> bool:
    """Tell whether a told value is of the kind its field holds; dates are read later."""
    form = shape(Case.kind)
    if name == "links":
        pairs = isinstance(new, list) and all(isinstance(pair, list) for pair in new)
        return pairs and all(
            len(pair) == PAIR and pair[0] in RELATIONS and isinstance(pair[1], str) for pair in new
        )
    if name == "holds":
        return isinstance(new, list) and all(_is_span(pair) for pair in new)
    if name == "due_rule" and isinstance(new, str):
        length(new)
    if name in form.lists:
        return isinstance(new, list) and all(isinstance(item, str) for item in new)
    if form.start[name] == 0:
        return type(new) is int and 0 <= new < COUNT_LIMIT
    if name in CHOICES:
        return new is None or new in CHOICES[name]
    return new is None or isinstance(new, str)


def _is_span(pair: Any) -> bool:
    """Tell whether a told hold is two days, in their order; raises ValueError for no days."""
    if not (isinstance(pair, list) and len(pair) == PAIR):
        return False
    start, end = (date.fromisoformat(day) for day in pair)
    return pair == [start.isoformat(), end.isoformat()] and start <= end


def _check_text(value: Any, what: str) -> None:
    """Refuse told text that would not have been taken in; raises UsageError."""
    if isinstance(value, str) and clean(value, what) != value:
        raise UsageError(f"{what} is not written as the register writes text")
    if isinstance(value, list):
        for item in value:
            _check_text(item, what)


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
        State.RESOLVED: ("outcome", "resolved_on"),
    }[case.state]
    for name in must:
        if getattr(case, name) is None:
            raise UsageError(f"{verb}: a case that is {case.state.label} has {name}")
    if (case.resolved_on is None) != (case.state is not State.RESOLVED):
        raise UsageError(f"{verb}: only a resolved case has resolved_on")
    if (case.due is None) != (case.original_due is None):
        raise UsageError(f"{verb}: due and original_due go together")
    if (case.due_rule is None) != (case.due_from is None):
        raise UsageError(f"{verb}: due_rule and due_from go together")
    if case.held_since is not None and case.state not in {State.ASSIGNED, State.UNDER_STUDY}:
        raise UsageError(f"{verb}: a case that is {case.state.label} is not on hold")
    first = before.original_due if isinstance(before, Case) else None
    if first not in {None, case.original_due} and verb != "correct":
        raise UsageError(f"{verb}: the original due date never changes")
