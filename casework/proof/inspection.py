"""Verification of a store: its log, its head, and every row against the replay of the log."""

from __future__ import annotations

from collections import Counter, deque
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import IntegrityFailure, UnavailableError
from casework.kinds.records import KINDS, Case, plain
from casework.log import reading as audit
from casework.log import tree
from casework.log.verify import HINT, check_leaves, check_log
from casework.proof.comparing import Beside, told_rows
from casework.proof.lawfulness import UNREADABLE, Past, Unlawful, first_unlawful
from casework.proof.passing import Passed, is_whole, passed, spans, stored_events
from casework.proof.replaying import replayed
from casework.questions import audit_log, reading
from casework.store import compiled, inventory, record_rows, sqlite_file, timelines
from casework.system import processes
from casework.system.progress import steps, under_way
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from concurrent.futures import Future

    from casework.proof.comparing import Span
    from casework.store.connections import Connection

SPAN = 512
"""How many events are hashed at a time: a perfect subtree, small enough for the cache."""

MOST = 4
"""The most processes that verify a log, including the command's own."""

AHEAD = 3
"""How many spans of cases are queued for each worker process."""

AT_FIRST = 16
"""The part of all spans that others are given while this process reads the log's order."""

LONG = 30_000
"""The number of events above which a second process saves more time than it takes to start."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of a verification: size and root of the log, and how many rows it explains.

    `records` is 0 if rows were not checked.
    """

    size: int
    root: str
    records: int


def verify(
    connection: Connection, covered: tuple[int, bytes] | None = None, *, processors: int = 1
) -> Verified:
    """Check a store from first to last; raises IntegrityFailure naming the first difference.

    `covered` is size and root of an earlier log, from a checkpoint or a printed report: today's
    log must still contain all of it. With more than one of the machine's `processors` the rows of
    a long log in a SQLite file are compared in a process of their own, for which see
    `processes.workers`. Raises NotAllowedError where not all of it may be read.
    """
    audit_log.need_whole(connection)
    _check_triggers(connection)
    if connection.engine == "sqlite":
        inventory.refuse_others(connection)
    found = _at_once(connection, covered, processors)
    if found is None:
        found = _in_turn(connection, covered)
    if found.difference is not None:
        raise IntegrityFailure(found.difference, HINT)
    if found.unlawful is not None:
        raise IntegrityFailure(found.unlawful.says, "hint.unlawful")
    records = sum(connection.value(query) for query in compiled.COUNT.values())
    return Verified(found.size, found.root.hex(), records)


class Found(NamedTuple):
    """A log that is in order: its size and root, and what is wrong with its rows and its law."""

    size: int
    root: bytes
    difference: Text | None
    unlawful: Unlawful | None


def _in_turn(connection: Connection, covered: tuple[int, bytes] | None) -> Found:
    """Check the log in its order, then the rows, then the law; raises IntegrityFailure."""
    length = connection.value(compiled.LENGTH)
    # Closed while the connection is still there, also when a difference ends the reading.
    with closing(stored_events(connection, compiled.STORED)) as stored:
        size, peaks = check_log(steps(stored, "verifying", length), covered)
    _check_strays(connection)
    root = _check_head(connection, size, peaks)
    # Rows are compared with a log that is in order, or nothing could be said of them.
    with closing(differences(connection)) as found:
        difference = next(found, None)
    wrong = first_unlawful(connection) if difference is None else None
    return Found(size, root, difference, wrong)


def _at_once(
    connection: Connection, covered: tuple[int, bytes] | None, processors: int
) -> Found | None:
    """Check all that in one pass over the records, None where the log is not in order."""
    with ExitStack() as stack:
        try:
            shared = stack.enter_context(_shared(connection, processors))
            with closing(_leaves_kept(connection)) as leaves:
                size, peaks = check_leaves(leaves, covered)
            root = _check_head(connection, size, peaks)
            past = Past(connection)
        except (IntegrityFailure, *UNREADABLE):
            return None
        others = [passed(connection, kind, past) for kind in sorted(KINDS) if kind != Case.kind]
        each = [*shared.finish(past), *others]
    # Each event has disclosures: more of them belong to none.
    if not is_whole(each, size) or connection.value(compiled.DISCLOSED) != size:
        return None
    moved = {seq: day for one in each for seq, day in one.moves.items()}
    told = (one.difference for one in each if one.difference is not None)
    wrong = [one.unlawful for one in each if one.unlawful is not None]
    begun = sum((one.begun for one in each), Counter[int]())
    late = (*past.unlawful, *past.left((link for one in each for link in one.links), begun))
    wrong += [one for one in late if past.since is not None and one.seq >= past.since]
    try:
        difference = next(chain(told, _check_derived(connection, moved)), None)
    except IntegrityFailure:
        return None
    return Found(size, root, difference, min(wrong, key=attrgetter("seq"), default=None))


def _leaves_kept(connection: Connection) -> Generator[list[bytes]]:
    """Yield the leaves as the store has them, from the beginning of the log."""
    if connection.value(compiled.FIRST) or 0:
        raise IntegrityFailure("verify.missing", HINT, size=0, seq=connection.value(compiled.FIRST))
    with closing(connection.pages(compiled.LEAVES)) as pages:
        for page in pages:
            yield [bytes(leaf) for (leaf,) in page]


Way = tuple[Any, Any]
"""Where other processes read what a transaction sees, and the head of its log."""


@contextmanager
def _shared(connection: Connection, processors: int) -> Iterator[_Shared]:
    """Begin to pass over all cases, in other processes where that is worth it."""
    count = min(processors, MOST) - 1
    is_long = count > 0 and (connection.value(compiled.LENGTH) or 0) >= LONG
    way = _way_to(connection) if is_long else None
    each = [*spans(connection)]
    if way is None:
        yield _Shared(connection, each)
        return
    with processes.workers(count) as others:
        shared = _Shared(connection, each, (others, way, AHEAD * count))
        shared.give(len(each) // AT_FIRST)
        yield shared


def _way_to(connection: Connection) -> Way | None:
    """Return how others read what a transaction sees, None where they cannot."""
    found: Any = None
    if connection.engine == "sqlite":
        found = sqlite_file.held(connection)
    else:
        from casework.store import served

        found = served.shared(connection)
    return None if found is None else (found, _head(connection))


def _head(connection: Connection) -> tuple[Any, ...]:
    return tuple(connection.first(compiled.LOG_HEAD) or ())


class _Shared:
    """The spans of all cases, which this process and those beside it pass over."""

    def __init__(
        self,
        connection: Connection,
        each: list[Span],
        among: tuple[processes.Workers, Way, int] | None = None,
    ) -> None:
        self._connection, self._each, self._among = connection, each, among
        self._left = deque(range(len(each)))
        self._asked: dict[int, Future[Passed | None]] = {}
        self._waiting: list[Future[Passed | None]] = []

    def give(self, most: int = 0) -> None:
        """Give spans to the other processes, until as many wait as should, or as `most`."""
        if self._among is None:
            return
        others, way, ahead = self._among
        self._waiting = [one for one in self._waiting if not one.done()]
        while self._left and len(self._waiting) < max(ahead, most):
            place = self._left.popleft()
            self._asked[place] = others.submit(_passed_in, way, self._each[place])
            self._waiting.append(self._asked[place])

    def finish(self, past: Past) -> list[Passed]:
        """Pass over what is left, and return what was found of all."""
        found: dict[int, Passed] = {}

        def taken(place: int) -> None:
            found[place] = passed(self._connection, Case.kind, past, self._each[place])
            tell(len(found), len(self._each))

        with under_way("verifying") as tell:
            while self._left:
                taken(self._left.pop())
                self.give()
            for place, future in self._asked.items():
                if (told := future.result()) is None:
                    taken(place)
                else:
                    found[place] = told
        return [found[place] for place in sorted(found)]


def _passed_in(way: Way, span: Span) -> Passed | None:
    """Pass over some cases that another process holds; None where it cannot be read here."""
    held = _held(way)
    if held is None:
        return None
    _, connection, past = held
    return passed(connection, Case.kind, past, span)


@cache
def _held(way: Way) -> tuple[ExitStack, Connection, Past] | None:
    """Open in a worker what another process holds; the worker has it open until it ends."""
    place, head = way
    stack = ExitStack()
    connection: Connection | None
    if isinstance(place, Path):
        connection = stack.enter_context(sqlite_file.reopened(place))
        if _head(connection) != head:
            raise UnavailableError("verify.replaced", file=place)
    else:
        from casework.store import logins

        if (connection := logins.joined(place)) is None:
            return None
    return stack, connection, Past(connection, judges=False)


def verify_log(connection: Connection, covered: tuple[int, bytes] | None = None) -> Verified:
    """Check only that the bytes of the log have the root the store states, and contain the rest.

    That takes a small part of the time. Neither what the events say is compared with the rows,
    nor what they disclose with the commitments. Raises IntegrityFailure, and NotAllowedError where
    not all of it may be read.
    """
    audit_log.need_whole(connection)
    with closing(_leaves(connection)) as spans:
        size, peaks = check_leaves(spans, covered)
    return Verified(size, _check_head(connection, size, peaks).hex(), 0)


def _leaves(connection: Connection) -> Generator[list[bytes]]:
    """Yield the leaves of the log's bodies, span by span."""
    length = connection.value(compiled.LENGTH) or 0
    for first in range(0, length, SPAN):
        yield _hashed(connection, first, length)


def _hashed(connection: Connection, first: int, length: int) -> list[bytes]:
    """Return the leaves of a span of the log, which must be there from its first event on."""
    last = min(first + SPAN, length) - 1
    # What stands before the beginning of the log is not passed over.
    bodies = connection.column(compiled.BODIES, first=first or -(1 << 63), last=last)
    if len(bodies) != last + 1 - first:
        there, wanted = len(bodies), last + 1 - first
        raise IntegrityFailure(
            "inspection.events", HINT, first=first, last=last, there=there, wanted=wanted
        )
    try:
        return [tree.leaf_hash(body) for body in bodies]
    except TypeError:
        raise IntegrityFailure("inspection.not-bytes", HINT, first=first, last=last) from None


def _check_head(connection: Connection, size: int, peaks: list[bytes]) -> bytes:
    root = tree.root_hash(peaks)
    head = connection.first(compiled.LOG_HEAD)
    if head is None or tuple(head) != (size, root, b"".join(peaks)):
        raise IntegrityFailure("inspection.head", HINT, size=size)
    return root


def differences(connection: Connection) -> Generator[Text]:
    """Rebuild every row from the log and yield what differs from the rows there are."""
    audit_log.need_whole(connection)
    moved: dict[int, str | None] = {}
    for kind in sorted(KINDS):
        yield from _check_records(connection, kind, moved)
    yield from _check_derived(connection, moved)


def _check_derived(connection: Connection, moved: Mapping[int, str | None]) -> Iterator[Text]:
    """Compare the days that events were moved to with those the log gives them; and names."""
    held = {seq: plain(day) for seq, day in told_rows(connection, "moved_day", compiled.MOVED_DAYS)}
    for seq in sorted(moved.keys() | held.keys()):
        if moved.get(seq, "none") != held.get(seq, "none"):
            yield Text("inspection.derived", what=f"{Case.kind} #{seq}", name="moved_day")
    for (kind,) in told_rows(connection, "name_key", compiled.NAMED_KINDS):
        if kind not in record_rows.NAMED:
            yield Text("inspection.no-names", kind=kind)


def _check_records(
    connection: Connection, kind: str, moved: dict[int, str | None]
) -> Iterator[Text]:
    """Compare the replay of every record of a kind with its row and its derived rows.

    Which of their events take effect on another day than they say is added to `moved`.
    """
    calendar, hides = timelines.calendar_of(connection), reading.unseen(connection)
    # Closed while the connection is still there, also where reading on fails.
    with ExitStack() as stack:
        beside = Beside(connection, kind, stack)
        stored = told_rows(connection, "event", compiled.EVENTS_OF_KIND, kind=kind)
        stack.enter_context(closing(stored))
        told = (audit.read(bytes(body), bytes(disclosures)) for body, disclosures in stored)
        records = (list(events) for _, events in groupby(told, key=attrgetter("key")))
        for events in steps(records, "comparing"):
            found = replayed(events, calendar, hides)
            moved |= found.moves
            if found.record is not None:
                yield from found.faults
                yield from beside.check(found.record)
            elif found.out is not None:
                yield from found.faults
                yield from beside.check_out(*found.out)
        yield from beside.left()


def _check_strays(connection: Connection) -> None:
    seq = connection.value(compiled.STRAY)
    if seq is not None:
        raise IntegrityFailure("inspection.stray", HINT, seq=seq)


def _check_triggers(connection: Connection) -> None:
    if connection.engine == "sqlite":
        query = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    present = {name for (name,) in connection.told(query)}
    kept = {*compiled.TRIGGERS, *(() if connection.engine == "sqlite" else ("case_no_truncate",))}
    missing = sorted(kept - present)
    if missing:
        raise IntegrityFailure("inspection.trigger", HINT, name=missing[0])
