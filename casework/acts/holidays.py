"""Holidays and make-up days: register or remove them, and find the deadlines they affect.

A counted deadline stays as it is until somebody has it counted again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casework.acts.actors import allow, refuse_unchanged
from casework.acts.recounting import Affected, move, refuse_without
from casework.errors import NotFoundError, UsageError
from casework.kinds.forms import DAY_KINDS, DAY_STATUSES
from casework.kinds.records import Holiday
from casework.questions import listing, working_calendar
from casework.rules.deadlines import counted
from casework.system.progress import steps
from casework.system.text import TITLE_LIMIT, clean, optional
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from casework.ledger.ledger import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A day as it was given: a day off, or a working day that makes up for one."""

    day: date
    name: str
    kind: str = "off"
    name_vi: str | None = None
    status: str = "official"
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A day of a list, and what was done with it: new, changed, same or contradicts."""

    entry: Entry
    what: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change of the calendar did: the days changed, the days left alone, the cases affected.

    `seen` has every day that was named. A day contradicts if it is given as off but is officially
    worked, or the other way round; it is left as it is.
    """

    days: int
    same: int
    affected: list[Affected]
    seen: tuple[Seen, ...] = ()


def take(
    desk: Desk,
    entries: Sequence[Entry],
    *,
    events: bool = False,
    reason: str | None = None,
    document: str | None = None,
    recompute: bool = False,
) -> Changed:
    """Register days, or change what is registered about them: all or none.

    A calendar of `events` never changes whether an official day is worked. It can give such a day a
    name, and make a projected day official.
    """
    allow(desk, Holiday, "add")
    twice = [day for day, times in Counter(one.day for one in entries).items() if times > 1]
    if twice:
        raise UsageError("holiday.twice", day=min(twice))
    known = working_calendar.holidays(desk.connection)
    acts, seen = [], []
    for entry in entries:
        key = entry.day.isoformat()
        old, values = known.get(key), _values(entry)
        what = _stands(old, entry) if events else None
        if what is None:
            subject: Any = old or (Holiday.kind, key)
            if events and old is not None:
                values |= {"name_vi": old.name_vi, "source": values["source"] or old.source}
            act = desk.act(
                "amend" if old else "add", subject, values, reason=reason, document=document
            )
            what = "same" if not act.changes else "changed" if old else "new"
            if act.changes:
                acts.append(act)
        seen.append(Seen(entry, what))
    if acts:
        desk.record(*acts)
    touched = affected(desk, reason=reason, document=document, recompute=recompute)
    same = sum(one.what == "same" for one in seen)
    return Changed(len(acts), same, touched, tuple(seen))


def _stands(old: Holiday | None, entry: Entry) -> str | None:
    """Return how an event relates to an official day; None if the day is not official."""
    if old is None or old.withdrawn_on is not None or old.status != "official":
        return None
    return "same" if old.day_kind == entry.kind else "contradicts"


def add(desk: Desk, entry: Entry, **why: Any) -> Changed:
    """Register one day; raises RefusedError if it is registered like that already."""
    changed = take(desk, [entry], **why)
    refuse_unchanged({"days": 1} if changed.days else {}, entry.day)
    return changed


def remove(
    desk: Desk,
    day: date,
    *,
    reason: str,
    document: str | None = None,
    recompute: bool = False,
) -> Changed:
    """Withdraw a day: its weekday decides again. What was registered stays readable in the log."""
    allow(desk, Holiday, "remove")
    old = working_calendar.holidays(desk.connection).get(day.isoformat())
    if old is None or old.withdrawn_on is not None:
        raise NotFoundError("holiday.not-there", day=day)
    act = desk.act("remove", old, {"withdrawn_on": desk.today}, reason=reason, document=document)
    desk.record(act)
    touched = affected(desk, reason=reason, document=document, recompute=recompute)
    return Changed(1, 0, touched)


def affected(
    desk: Desk, *, reason: str | None, document: str | None = None, recompute: bool
) -> list[Affected]:
    """Return the open cases whose due date would be another day by today's calendar.

    With `recompute` each is moved to that day, by an act of its own.
    """
    if recompute:
        refuse_without(reason)
    calendar = working_calendar.working_calendar(desk.connection)
    found = []
    cases = listing.counted_in_working_days(desk.connection)
    for case in steps(cases, "recounting", len(cases)):
        due = counted(case, calendar)
        if due is not None and due != case.due:
            found.append(Affected(case, due, recompute))
    if recompute:
        move(desk, found, reason=reason, document=document)
    return found


def _values(entry: Entry) -> dict[str, Any]:
    for value, allowed in ((entry.kind, DAY_KINDS), (entry.status, DAY_STATUSES)):
        if value not in allowed:
            raise UsageError(
                "holiday.value",
                "hint.give-one",
                day=entry.day,
                value=value,
                allowed=", ".join(allowed),
            )
    return {
        "day_kind": entry.kind,
        "name": clean(entry.name, Text("name.name-of", day=entry.day), TITLE_LIMIT),
        "name_vi": optional(
            entry.name_vi, Text("name.vietnamese-name-of", day=entry.day), TITLE_LIMIT
        ),
        "status": entry.status,
        "source": optional(entry.source, Text("name.source-of", day=entry.day), TITLE_LIMIT),
        "withdrawn_on": None,
    }
