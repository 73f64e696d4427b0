"""The steps of each case from its timeline, on which all reports are based.

Cases are read one after the other, each with the events that change the fields in question, so that
a report on a large register needs no more memory than on a small one.
"""

from __future__ import annotations

import json
from contextlib import closing
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from casework.kinds.records import Case
from casework.questions import reading
from casework.questions.audit_log import ENDLESS, changing
from casework.store import compiled, timelines
from casework.system.spooled import lots

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from datetime import date

    from casework.log.reading import Event
    from casework.rules.timeline import Timeline
    from casework.rules.working_days import WorkingCalendar
    from casework.store.connections import Connection

    Calendar = Callable[[], WorkingCalendar]


KEYS = 500
"""For how many cases events are read at a time."""

MOST = 20_000
"""The number of cases above which all cases are read in order, without a list of them."""


class Step(NamedTuple):
    """A case before and after one act, in order of effect, and the day of effect."""

    day: date
    before: Case | None
    after: Case
    event: Event


class Stretch(NamedTuple):
    """The state of a case after one day, up to and including another."""

    after: date
    to: date
    case: Case


class Life:
    """The history of one case, as it was known at different sizes of the log."""

    def __init__(self, key: str, events: Sequence[Event], calendar: Calendar) -> None:
        """Take its events, oldest first, and the function for the working days."""
        self.key = key
        self.events = events
        self._calendar = calendar
        self._known: dict[tuple[int, ...], Timeline] = {}

    def steps(self, until: int = ENDLESS) -> list[Step]:
        """Return its steps by the events up to a number."""
        return [
            Step(
                one.day,
                cast("Case | None", one.before),
                cast("Case", one.after),
                cast("Event", one.entry.event),
            )
            for one in self._made([one for one in self.events if one.seq <= until]).steps
        ]

    def on(self, day: date) -> Case | None:
        """Return the case as it stood at the end of a day; None if it did not exist yet."""
        found = self._made(self.events).on(day)
        return found if isinstance(found, Case) else None

    def stretches(self, day: date, without: Sequence[int] = ()) -> Iterator[Stretch]:
        """Yield its states between the days of change, up to a day.

        `without` has the numbers of events to leave out.
        """
        told = [one for one in self.events if one.seq not in without] if without else self.events
        for since, to, record in self._made(told).stands(day):
            yield Stretch(since, to, cast("Case", record))

    def _made(self, events: Sequence[Event]) -> Timeline:
        taken = tuple(one.seq for one in events)
        if taken not in self._known:
            self._known[taken] = timelines.made(events, self._calendar)
        return self._known[taken]


def lives(connection: Connection, fields: Sequence[str], until: int = ENDLESS) -> Generator[Life]:
    """Yield the history of some fields case by case, by the events up to a number.

    Cases are sorted by reference as text.
    """
    asked = [*(("event field", changing(name)) for name in fields), ("event act", "correct")]
    sought = compiled.narrowed(compiled.CHANGED, [asked])
    yield from _lives(connection, connection.stream(sought, until=until), until)


def moved_within(connection: Connection, first: date, last: date, until: int) -> Generator[Life]:
    """Yield the cases on which anything took effect between two days, after all corrections.

    If there are many, all cases are yielded.
    """
    keys: set[str] = set()
    with closing(connection.stream(compiled.MOVED_WITHIN, start=first, end=last)) as found:
        for (key,) in found:
            keys.add(key)
            if len(keys) > MOST:
                break
    if len(keys) > MOST:
        yield from _lives(connection, connection.stream(compiled.CHANGED, until=until), until)
        return
    for lot in lots(sorted(keys), KEYS):
        asked = {"kind": Case.kind, "keys": json.dumps(lot)}
        yield from _lives(connection, connection.stream(compiled.EVENTS_OF_KEYS, **asked), until)


def _lives(connection: Connection, stream: Generator[Any], until: int) -> Generator[Life]:
    calendar = timelines.calendar_of(connection)
    with closing(stream) as rows:
        told = (reading.told(connection, body, disclosures) for *_, body, disclosures in rows)
        known = (event for event in told if event.seq <= until)
        for key, events in groupby(known, key=attrgetter("key")):
            listed = list(events)
            if listed[0].version == 1:
                yield Life(key, listed, calendar)
