"""Read and write the events of a case as a JSON line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.kinds.records import Case, Record, plain, shape, typed
from casework.rules import values
from casework.rules.dates import length
from casework.rules.lawful import Step, fault
from casework.system.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.ledger.ledger import Desk
    from casework.log.event import Act, Event

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
        raise UsageError("history.empty")
    acts: list[Act] = []
    case: Record | None = None
    for entry in entries:
        act = _act(desk, ref, case, entry, label)
        if (wrong := fault(Step.of(act))) is not None:
            raise UsageError("told.unlawful", verb=act.verb, why=wrong.says)
        case = act.after()
        acts.append(act)
    return acts


def _act(desk: Desk, ref: str, case: Record | None, entry: dict[str, Any], label: str) -> Act:
    verb, day = str(entry["act"]), date.fromisoformat(entry["effective_on"])
    if day > desk.today:
        raise UsageError("history.future", verb=verb, day=day)
    changes = _changes(case, entry["changes"], verb)
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
            raise UsageError("history.no-field", verb=verb, name=name)
        before = plain(getattr(case, name) if case is not None else form.start[name])
        if before != old:
            raise UsageError("history.other-before", verb=verb, name=name, old=old, before=before)
        if why := values.wrong(new, form.forms[name]):
            raise UsageError(f"{verb}: {name} {why}: {new!r}")
        if name == "due_rule" and new is not None:
            length(new)
        changes[name] = typed(Case.kind, name, new)
    return changes
