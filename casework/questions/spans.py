"""What became of each case, step by step, in the order in which its acts took effect."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, cast

from casework.log import event as audit
from casework.questions.audit_log import ENDLESS, changing, known_until
from casework.store import compiled

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from datetime import datetime

    from casework.kinds.records import Case
    from casework.log.event import Event
    from casework.store.connections import Connection


class Step(NamedTuple):
    """A case before and after one act, and the day on which the act took effect."""

    day: date
    before: Case | None
    after: Case


def steps(events: Sequence[Event]) -> Iterator[Step]:
    """Yield the steps of the case of these events, in the order of their effect."""
    before: Case | None = None
    for event in sorted(events, key=lambda one: one.effective_on):
        if before is None and event.version != 1:
            continue
        after = cast("Case", audit.fold(before, event))
        yield Step(date.fromisoformat(event.effective_on), before, after)
        before = after


class Life:
    """What became of one case, as it was known once so many events had been recorded."""

    def __init__(self, key: str, events: Sequence[Event]) -> None:
        """Take its events, oldest first."""
        self.key = key
        self._events = events
        self._known: dict[int, list[Step]] = {}

    def known(self, until: int = ENDLESS) -> list[Step]:
        """Return its steps, as the events up to a number tell them."""
        taken = sum(one.seq <= until for one in self._events)
        if taken not in self._known:
            self._known[taken] = list(steps(self._events[:taken]))
        return self._known[taken]


def lives(connection: Connection, fields: Sequence[str], until: int = ENDLESS) -> Generator[Life]:
    """Yield case by case what became of some fields, by the events up to a number."""
    asked = [*(("event field", changing(name)) for name in fields), ("event act", "correct")]
    sought = compiled.narrowed(compiled.CHANGED, [asked])
    with closing(connection.stream(sought, until=until)) as rows:
        for key, told in groupby(rows, key=itemgetter(0)):
            yield Life(key, [audit.read(body, disclosures) for _, body, disclosures in told])


def moved_within(
    connection: Connection, first: date, last: date, known_at: datetime | None
) -> Generator[list[Step]]:
    """Yield, case by case, the steps of the cases on which anything took effect between two days.

    Of what had been recorded by `known_at`.
    """
    asked = {"start": first, "end": last, "until": known_until(connection, known_at)}
    with closing(connection.stream(compiled.MOVED_WITHIN, **asked)) as rows:
        for _, told in groupby(rows, key=itemgetter(0)):
            yield list(steps([audit.read(body, disclosures) for _, body, disclosures in told]))
