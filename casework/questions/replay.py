"""The register on an earlier day: the log replayed up to it, to ask the same questions."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from casework.errors import IntegrityFailure
from casework.kinds.records import (
    KINDS,
    NEEDED,
    Case,
    Record,
    blank,
    names_of,
    plain,
    shape,
)
from casework.log import event as audit
from casework.questions import audit_log, reading
from casework.store import compiled, timelines
from casework.store.connections import Lite
from casework.store.inserting import fill
from casework.store.rows import ref_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from casework.log.event import Event
    from casework.rules.working_days import WorkingCalendar
    from casework.store.connections import Connection


@contextmanager
def as_of(
    connection: Connection, day: date | None, known_at: datetime | None
) -> Iterator[Connection]:
    """Give a connection on which the register stands as it was.

    What had taken effect by the end of `day`, of what had been recorded by `known_at`: the log is
    replayed up to there into tables in memory. The store's own connection is given where that
    is the same.
    """
    latest = audit_log.latest_effective(connection)
    if known_at is None and (day is None or latest is None or latest <= day):
        yield connection
        return
    replayed = _replay(connection, day, known_at)
    # A copy of the tables, not a store: nothing is kept and no migration has a say. They take
    # whatever the log says of the day: no constraint holds in them but for what is a record.
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as driver:
        then = Lite(driver)
        # A text that is secret today is withheld from who looks back as well.
        then.unseen = reading.unseen(connection)
        for table in compiled.SCRATCH:
            then.change(table)
        try:
            fill(then, replayed)
        except (sqlite3.Error, TypeError, ValueError) as error:
            raise _unfit(f"the log's values make no rows: {error}") from None
        yield then


def _replay(
    connection: Connection, day: date | None, known_at: datetime | None
) -> Iterator[Record]:
    until = audit_log.known_until(connection, known_at)
    calendar = timelines.calendar_of(connection)
    for kind in KINDS:
        with closing(connection.stream(compiled.EVENTS_OF_KIND, kind=kind)) as found:
            told = (audit.read(bytes(body), bytes(disclosures)) for body, disclosures in found)
            known = (event for event in told if event.seq <= until)
            for _, events in groupby(known, key=attrgetter("key")):
                stood = _stood([*events], day or date.max, calendar)
                if stood is not None:
                    yield stood


def _stood(
    events: list[Event], day: date, calendar: Callable[[], WorkingCalendar]
) -> Record | None:
    """Return a record as it stood on a day, whatever bytes that were hashed again say of it.

    What a record cannot be without, and an event takes away, is empty.
    """
    if events[0].version != 1:
        return None
    stood = timelines.made(events, calendar).on(day)
    if stood is None:
        return None
    gone = {name: value for name, value in _musts(stood.kind) if getattr(stood, name) is None}
    return stood.but(**gone) if gone else stood


def _unfit(what: str) -> IntegrityFailure:
    from casework.log.verify import HINT

    return IntegrityFailure(what, HINT)


@cache
def _musts(kind: str) -> tuple[tuple[str, Any], ...]:
    """Return what a kind of record cannot be without, and what stands for it where it is not."""
    dates = shape(kind).dates
    return tuple(
        (name, start if start is not NEEDED else date.min if name in dates else "")
        for name, start in blank(kind).items()
        if start is not None and name != KINDS[kind].key_field
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a case that reads otherwise, the day being the same, once more is known."""

    ref: str
    field: str
    then: Any
    now: Any


def differences(
    connection: Connection, day: date, known_at: datetime | None, later: datetime | None
) -> Iterator[Difference]:
    """Yield what was learnt later about a day: each field of each case that reads otherwise."""
    then = _cases(_replay(connection, day, known_at))
    now = _cases(_replay(connection, day, later))
    nothing, hides = dict.fromkeys(names_of(Case.kind)), reading.unseen(connection)
    for ref in sorted(now, key=ref_parts):
        before = then.get(ref, nothing)
        for name, value in now[ref].items():
            if name not in {"ref", "version"} and value != before[name]:
                held = (plain(before[name]), plain(value))
                told = (reading.value(hides, (Case.kind, ref), name, one) for one in held)
                yield Difference(ref, name, *told)


def _cases(records: Iterable[Record]) -> dict[str, dict[str, Any]]:
    return {record.ref: vars(record) for record in records if isinstance(record, Case)}
