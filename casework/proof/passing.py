"""One pass over the events of some records: their bytes, their rows and their law from one reading.

Each event is read once. What is in order is told; where anything is not, only that it is not, and
whoever asked looks again, in the order of the log, for what is wrong first.
"""

from __future__ import annotations

import gc
from collections import Counter
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casework.errors import IntegrityFailure, Text
from casework.kinds.records import Case
from casework.log.verify import Stored, check_event
from casework.proof.comparing import Beside, bounded, told_rows, within
from casework.proof.lawfulness import UNREADABLE
from casework.proof.placing import Logged
from casework.proof.replaying import Replayed, replayed, straight
from casework.proof.screening import screened
from casework.questions import reading
from casework.store import compiled, record_rows, timelines
from casework.system.spooled import lots

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from casework.kinds.records import Record
    from casework.proof.circles import Linked
    from casework.proof.comparing import Span
    from casework.proof.lawfulness import Past, Unlawful
    from casework.store.connections import Connection, Statement

EVENTS = 512
"""How many events of cases are passed over at a time, by one process."""

TOGETHER = 256
"""How many events are looked at together."""


@dataclass(slots=True)
class Passed:
    """What was found of some records.

    They have so many `events`. `missing` are the values that are not disclosed, by event and path,
    `erased` those that an event says it erased, with the number of that event. `moves` are the
    events that take effect on another day than they say. `difference` is the first one between a
    record and its rows, `unlawful` the first event that no rule allowed, `links` those of cases as
    the log has them, `begun` how many cases each import made, by the number of its last event.
    """

    sound: bool = True
    events: int = 0
    missing: list[tuple[int, str]] = field(default_factory=list)
    erased: list[tuple[int, int, str]] = field(default_factory=list)
    moves: dict[int, str | None] = field(default_factory=dict)
    difference: Text | None = None
    unlawful: Unlawful | None = None
    links: list[Linked] = field(default_factory=list)
    begun: Counter[int] = field(default_factory=Counter)


def spans(connection: Connection) -> Iterator[Span]:
    """Yield the keys of all cases in spans of which each has about `EVENTS` events."""
    since: str | None = ""
    while since is not None:
        until = connection.value(compiled.KEY_BEHIND, kind=Case.kind, since=since, events=EVENTS)
        yield since, until
        since = until


def passed(connection: Connection, kind: str, past: Past, span: Span | None = None) -> Passed:
    """Check the events of the records of a kind, all or those of a span, and what they make."""
    found = Passed()
    try:
        # Closed while the connection is still there, also where reading on fails.
        with ExitStack() as stack:
            stack.enter_context(_uncollected())
            beside = Beside(connection, kind, stack, span)
            events = stack.enter_context(closing(_stored(connection, kind, span)))
            for records in _together(_by_key(events, found)):
                _pass(connection, records, past, beside, found)
            found.difference = found.difference or next(beside.left(), None)
    except (IntegrityFailure, *UNREADABLE):
        found.sound = False
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no cycles among objects meanwhile: a pass makes a great many, and none in cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def stored_events(connection: Connection, query: Statement, **values: Any) -> Generator[Stored]:
    """Yield the events of a statement as the store holds them."""
    kept, names = query._replace(forms=()), record_rows.OF_EVENT
    for row in told_rows(connection, "event", kept, **values):
        seq, body, leaf, disclosures = row[:4]
        opened = None if disclosures is None else bytes(disclosures)
        yield Stored(seq, bytes(body), bytes(leaf), opened, names, tuple(row[4:]))


def _stored(connection: Connection, kind: str, span: Span | None) -> Generator[Stored]:
    query = bounded(span, compiled.STORED_OF, compiled.STORED_SINCE, compiled.STORED_WITHIN)
    return stored_events(connection, query, kind=kind, **within(span))


def _by_key(events: Iterable[Stored], found: Passed) -> Iterator[list[Logged]]:
    """Yield the events of each record, whose bytes are in order."""
    key, logged = None, list[Logged]()
    for one in _read(events, found):
        if one.said["key"] != key and logged:
            yield logged
            found.events += len(logged)
            logged = []
        key = one.said["key"]
        logged.append(one)
    if logged:
        yield logged
        found.events += len(logged)


def _read(events: Iterable[Stored], found: Passed) -> Iterator[Logged]:
    for lot in lots(events, TOGETHER):
        for event, one in zip(lot, screened(lot), strict=True):
            yield one or _looked_at(event, found)


def _looked_at(event: Stored, found: Passed) -> Logged:
    said, opened, missing = check_event(event)
    found.missing += ((event.seq, path) for path in missing)
    found.erased += ((event.seq, seq, path) for seq, path in said.get("redacts") or ())
    return Logged(said, opened)


def _together(records: Iterable[list[Logged]]) -> Iterator[list[list[Logged]]]:
    """Yield records some at a time: what is done with them one after the other stays at hand."""
    some, count = list[list[Logged]](), 0
    for events in records:
        some.append(events)
        count += len(events)
        if count >= TOGETHER:
            yield some
            some, count = [], 0
    yield some


def _pass(
    connection: Connection,
    records: list[list[Logged]],
    past: Past,
    beside: Beside,
    found: Passed,
) -> None:
    """Compare what the events of records make with their rows, and ask whether each was lawful."""
    left = [straight(events) for events in records]
    for events, made in zip(records, left, strict=True):
        told = Replayed(made[-1]) if made else _replayed(connection, events)
        found.moves |= told.moves
        if told.record is not None and found.difference is None:
            found.difference = next(iter((*told.faults, *beside.check(told.record))), None)
        elif told.out is not None and found.difference is None:
            found.difference = next(iter((*told.faults, *beside.check_out(*told.out))), None)
    for events, made in zip(records, left, strict=True):
        if events[0].said["kind"] == Case.kind:
            found.links += past.links_of(events, made)
            if (run := past.runs.made_by(events[0])) is not None:
                found.begun[run.last] += 1
            _judge(past, events, made, found)


def _replayed(connection: Connection, events: list[Logged]) -> Replayed:
    calendar, hides = timelines.calendar_of(connection), reading.unseen(connection)
    return replayed([one.read() for one in events], calendar, hides)


def _judge(past: Past, events: list[Logged], left: list[Record] | None, found: Passed) -> None:
    """Ask whether each event of a case was lawful, but for what an earlier version recorded."""
    if past.since is None or events[-1].seq < past.since:
        return
    for one in past.of_case(events, left):
        first = found.unlawful
        if one.seq >= past.since and (first is None or one.seq < first.seq):
            found.unlawful = one


def is_whole(each: Sequence[Passed], size: int) -> bool:
    """Tell whether passes found a whole log in order, whose values are all there or were erased."""
    missing = {place for one in each for place in one.missing}
    erased = {(seq, path): by for one in each for by, seq, path in one.erased}
    return (
        all(one.sound for one in each)
        and sum(one.events for one in each) == size
        and sum(len(one.erased) for one in each) == len(erased)
        and missing == erased.keys()
        and all(seq <= by for (seq, _), by in erased.items())
    )
