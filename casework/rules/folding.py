"""Apply an event to a record that, after corrections, differs from the one it was recorded on."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from casework.kinds.records import Case, iso, shape
from casework.rules import deadlines, lawful
from casework.rules.changes import CHANGES, CLEARS, Gives
from casework.rules.workflow import REOPENS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casework.kinds.records import Record
    from casework.rules.amending import Entry, Part
    from casework.rules.working_days import WorkingCalendar

    Calendar = Callable[[], WorkingCalendar]

COUNTED = (
    *("state_since", "extensions", "original_due", "reopened", "holds"),
    *lawful.KEEPS_FIRST,
)
"""The fields that are computed from the timeline of a case, even if a correction sets them."""


def said(record: Record | None, entry: Entry, calendar: Calendar | None) -> dict[str, Any]:
    """Return the changes of an event on a record whose values differ from its old values."""
    kind = entry.event.kind
    stood = {**shape(kind).start} if record is None else {**vars(record)}
    values: dict[str, Any] = {}
    given = _given(entry) if kind == Case.kind else {}
    values |= given
    for part in entry.parts:
        own = part.verb == entry.event.act
        # What is counted, a correction of another act does not say.
        if part.field in (given if own else COUNTED):
            continue
        current = values.get(part.field, stood[part.field])
        if part.field == "due" and part.verb == "resume":
            values["due"] = _given_back(record, part, entry, current, calendar)
        else:
            values[part.field] = _becomes(kind, part, current)
    if kind == Case.kind:
        values |= _counted(stood, values, entry)
        owner = values.get("owner", stood["owner"])
        # No owner coordinates its own case, whoever was added when.
        joined = values.get("coordinating", stood["coordinating"])
        values["coordinating"] = tuple(org for org in joined if org != owner)
    return values


def _becomes(kind: str, part: Part, current: Any) -> Any:
    """Return a value after a change; of a list, items are added and removed."""
    if current == part.old or part.field not in shape(kind).lists:
        return part.new
    kept = Counter(part.old)
    kept.subtract(part.new)
    gone = {item for item, count in kept.items() if count > 0}
    added = [item for item in part.new if item not in part.old and item not in current]
    return (*(item for item in current if item not in gone), *added)


def _given(entry: Entry) -> dict[str, Any]:
    """Return the values that an act done here sets itself: its day, its actor, cleared fields."""
    event = entry.event
    if event.act == "correct":
        return {}
    may = CHANGES.get(event.act, {})
    on = date.fromisoformat(entry.day)
    if event.reported is not None:
        # Told of on a day; which other days it says is its own affair.
        days = {
            part.field
            for part in entry.parts
            if may.get(part.field) is Gives.DAY and part.new is not None
            if iso(part.new) == event.effective_on
        }
        return dict.fromkeys(days, on)
    values: dict[str, Any] = {}
    for name, gives in may.items():
        if gives is Gives.DAY:
            values[name] = on
        elif gives is Gives.ACTOR:
            values[name] = event.actor
    return values


def _counted(stood: Mapping[str, Any], values: dict[str, Any], entry: Entry) -> dict[str, Any]:
    """Return the counted and copied fields of a case, from its earlier state and the changes."""
    verb, own = entry.event.act, {p.field: p for p in entry.parts if p.verb == entry.event.act}
    now = {**stood, **values}
    found: dict[str, Any] = {}
    if "state" in values:
        found["state_since"] = date.fromisoformat(entry.day)
    if verb == "correct":
        return found if "state" in values else {}
    if verb in lawful.NOT_PAST or "original_due" in own:
        found |= _granted(stood, now, verb, own)
    if (cleared := CLEARS.get((verb, now["state"]))) is not None:
        said = {name for name, part in own.items() if part.new is not None}
        found |= {name: None for name in cleared if name not in said}
    if verb in REOPENS:
        found["reopened"] = stood["reopened"] + 1
        kept = lawful.KEEPS_FIRST.items()
        found |= {first: stood[first if stood["reopened"] else last] for first, last in kept}
    if verb == "resume" and (since := stood["held_since"]) is not None:
        found |= {"holds": (*stood["holds"], (iso(since), entry.day)), "held_since": None}
    return found


def _granted(
    stood: Mapping[str, Any], now: Mapping[str, Any], verb: str, own: Mapping[str, Part]
) -> dict[str, Any]:
    """Return how often a due date was extended, and the first due date.

    A source may report other numbers than its acts add up to; its number then changes by each step.
    """
    due, step = own.get("due"), own.get("extensions")
    told = 0 if step is None else step.new - step.old
    if told == (verb in lawful.NOT_PAST and due is not None and _is_later(due.old, due.new)):
        told = verb in lawful.NOT_PAST and _is_later(stood["due"], now["due"])
    first = now["due"]
    original = own.get("original_due")
    if original is not None and (due is None or original.new != due.new):
        first = original.new
    return {
        "extensions": stood["extensions"] + told,
        "original_due": stood["original_due"] or first,
    }


def _is_later(before: date | None, after: date | None) -> bool:
    return before is not None and after is not None and after > before


def _given_back(
    record: Record | None, part: Part, entry: Entry, current: Any, calendar: Calendar | None
) -> Any:
    """Return the due date of a resumed case whose values differ from those in the event."""
    if current == part.old and not entry.moved:
        return part.new
    if current is None or part.old is None or not isinstance(record, Case):
        return current
    if calendar is not None and record.held_since is not None:
        return deadlines.resumed(record, date.fromisoformat(entry.day), calendar())
    return current + (part.new - part.old if part.new else timedelta())
