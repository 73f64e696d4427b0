"""Timelines of records read from the log of a store, and the rows computed from them."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from casework.errors import IntegrityFailure
from casework.kinds.records import KINDS, Holiday, Record
from casework.log import reading as audit
from casework.rules.timeline import Timeline, is_plain, timeline
from casework.store import compiled, record_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from casework.log.reading import Event
    from casework.rules.working_days import WorkingCalendar
    from casework.store.connections import Connection


AS_SAID = ""
"""Marks an event that again takes effect on the day it gives."""


def events_of(connection: Connection, kind: str, key: str) -> list[Event]:
    """Return the events of a record in the order of recording."""
    found = connection.rows(compiled.EVENTS_OF_RECORD, kind=kind, key=key)
    return [audit.read(bytes(body), bytes(disclosures)) for body, disclosures in found]


def calendar_of(connection: Connection) -> Callable[[], WorkingCalendar]:
    """Return a function for the registered working days; they are read once, when it is called."""

    @cache
    def calendar() -> WorkingCalendar:
        from casework.rules.working_days import WorkingCalendar

        days = connection.rows(compiled.EVERY[Holiday.kind])
        return WorkingCalendar.registered(record_rows.read(Holiday, row) for row in days)

    return calendar


def made(events: Sequence[Any], calendar: Callable[[], WorkingCalendar] | None = None) -> Timeline:
    """Return the timeline of events; raises IntegrityFailure if they do not form a record."""
    try:
        return timeline(events, calendar)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise IntegrityFailure(
            "event.no-record", "hint.changed-outside", seq=events[-1].seq, error=error
        ) from None


def out_of_order(connection: Connection) -> Iterator[Timeline]:
    """Yield the timelines of the records whose events do not apply in the order of recording."""
    calendar = calendar_of(connection)
    for kind in KINDS:
        with closing(connection.stream(compiled.EVENTS_OF_KIND, kind=kind)) as found:
            told = (audit.read(bytes(body), bytes(disclosures)) for body, disclosures in found)
            for _, events in groupby(told, key=attrgetter("key")):
                listed = list(events)
                if not is_plain(listed):
                    yield made(listed, calendar)


def renew(connection: Connection) -> int:
    """Rewrite the rows and days that an earlier version computed differently from the log.

    Returns how many rows changed.
    """
    changed = 0
    for known in list(out_of_order(connection)):
        if moves := known.moves():
            write_moves(connection, moves)
        if (record := known.row()) is not None:
            changed += _rewrite(connection, record)
    return changed


def write_moves(connection: Connection, moves: Any) -> None:
    """Write which events take effect on a day other than they give, and which on none."""
    connection.many("DELETE FROM moved_day WHERE seq = ?", [(seq,) for seq in moves])
    moved = [(seq, day) for seq, day in moves.items() if day != AS_SAID]
    connection.insert("moved_day", ("seq", "day"), moved)


def _rewrite(connection: Connection, record: Record) -> bool:
    row = connection.first(compiled.LOAD[record.kind], key=record.key)
    before = None if row is None else record_rows.read(KINDS[record.kind], row)
    if before is None or before == record:
        return False
    record_rows.update(connection, before, record)
    return True
