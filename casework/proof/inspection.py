"""Verification of a store: its log, its head, and every row against the replay of the log."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from casework.errors import IntegrityFailure, UnavailableError
from casework.kinds.records import KINDS, Case, Record, plain
from casework.log import event as audit
from casework.log import tree
from casework.log.verify import HINT, Stored, check_leaves, check_log
from casework.proof.lawfulness import first_unlawful
from casework.questions import audit_log, reading
from casework.rules import lawful
from casework.rules.invariants import broken
from casework.rules.timeline import is_plain
from casework.store import compiled, inventory, rows, sqlite_file, timelines
from casework.system import processes
from casework.system.progress import steps
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from pathlib import Path

    from casework.proof.lawfulness import Unlawful
    from casework.rules.timeline import Timeline
    from casework.store.connections import Connection, Statement, Unseen

T = TypeVar("T")

SPAN = 512
"""How many events are hashed at a time: a perfect subtree, whose bodies stay near the processor."""

BESIDE = 2
"""How many processes seek what is wrong beside the command's own: in the rows, and in the law."""

LONG = 30_000
"""From how many events on a second process saves more time than it takes to begin."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in order: the log's size and root, and how many rows it explains.

    `records` is 0 where rows were not looked at.
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
    length = connection.value(compiled.LENGTH)
    with _comparing(connection, length, processors) as (first_difference, first_unlawful):
        # Closed while the connection is still there, also when a difference ends the reading.
        with closing(_stored(connection)) as stored:
            size, peaks = check_log(steps(stored, "verifying", length), covered)
        _check_strays(connection)
        root = _check_head(connection, size, peaks)
        # Rows are compared with a log that is in order, or nothing could be said of them.
        difference = first_difference()
        if difference is not None:
            raise IntegrityFailure(difference, HINT)
        if (wrong := first_unlawful()) is not None:
            raise IntegrityFailure(wrong.says, "hint.unlawful")
    records = sum(connection.value(query) for query in compiled.COUNT.values())
    return Verified(size, root.hex(), records)


Found = tuple["Callable[[], Text | None]", "Callable[[], Unlawful | None]"]
"""What returns the first difference of rows, and the first event that no rule allowed."""


@contextmanager
def _comparing(connection: Connection, length: int | None, processors: int) -> Iterator[Found]:
    """Give what finds the first of each, which may be sought while the block runs."""
    long = processors > 1 and (length or 0) >= LONG
    file = sqlite_file.held(connection) if long else None
    if file is None:
        yield lambda: _first_difference(connection), lambda: first_unlawful(connection)
        return
    head = connection.first(compiled.LOG_HEAD)
    # The command's own process reads the log meanwhile.
    with processes.workers(min(processors, BESIDE)) as others:
        rows = others.submit(_found_in, file, head, _first_difference)
        law = others.submit(_found_in, file, head, first_unlawful)
        yield rows.result, law.result


def _found_in(file: Path, head: Any, sought: Callable[[Connection], T]) -> T:
    """Return what is found in a file that another process holds."""
    with sqlite_file.reopened(file) as connection:
        if connection.first(compiled.LOG_HEAD) != head:
            raise UnavailableError("verify.replaced", file=file)
        return sought(connection)


def _first_difference(connection: Connection) -> Text | None:
    with closing(differences(connection)) as found:
        return next(found, None)


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
    yield from _check_moves(connection, moved)
    for (kind,) in _rows(connection, "name_key", compiled.NAMED_KINDS):
        if kind not in rows.NAMED:
            yield Text("inspection.no-names", kind=kind)


def _check_moves(connection: Connection, expected: Mapping[int, str | None]) -> Iterator[Text]:
    """Compare the days that events were moved to with those the log gives them."""
    held = {seq: plain(day) for seq, day in _rows(connection, "moved_day", compiled.MOVED_DAYS)}
    for seq in sorted(expected.keys() | held.keys()):
        if expected.get(seq, "none") != held.get(seq, "none"):
            yield Text("inspection.derived", what=f"{Case.kind} #{seq}", name="moved_day")


def _rows(connection: Connection, what: str, query: Statement, **values: Any) -> Iterator[Any]:
    """Yield rows; raises IntegrityFailure for one whose values are not of their columns' kind."""
    with closing(connection.stream(query, **values)) as found:
        while True:
            try:
                row = next(found, None)
            except IntegrityFailure as error:
                told = Text("list.colon", first=what, then=error.what)
                raise IntegrityFailure(told, HINT) from None
            if row is None:
                return
            yield row


def _stored(connection: Connection) -> Generator[Stored]:
    for seq, body, leaf, disclosures, *held in _rows(connection, "event", compiled.STORED):
        columns = tuple(zip(rows.OF_EVENT, map(plain, held), strict=True))
        opened = None if disclosures is None else bytes(disclosures)
        yield Stored(seq, bytes(body), bytes(leaf), opened, columns)


def _check_records(
    connection: Connection, kind: str, moved: dict[int, str | None]
) -> Iterator[Text]:
    """Compare the replay of every record of a kind with its row and its derived rows.

    Which of their events take effect on another day than they say is added to `moved`.
    """
    names = compiled.TABLES[kind]
    place = names.index(KINDS[kind].key_field)
    hides = reading.unseen(connection)
    # Closed while the connection is still there, also where reading on fails.
    with ExitStack() as stack:

        def opened(found: Generator[tuple[str, Any]]) -> _Sorted[Any]:
            return _Sorted(stack.enter_context(closing(found)))

        there = opened(
            (str(row[place]), row) for row in _rows(connection, kind, compiled.ROWS[kind])
        )
        derived = {
            name: opened(_derived(connection, name, kind)) for name in rows.derived_tables(kind)
        }
        replayed = stack.enter_context(closing(_replayed(connection, kind, moved)))
        for record, faults in steps(replayed, "comparing"):
            yield from faults
            yield from _check_record(record, names, there, derived, hides)
        for name, left in {kind: there, **derived}.items():
            yield from (_unknown(name, key) for key in left.before(None))


def _check_record(
    record: Record,
    names: tuple[str, ...],
    there: _Sorted[Any],
    derived: Mapping[str, _Sorted[Any]],
    hides: Unseen,
) -> Iterator[Text]:
    key, what = record.key, f"{record.kind} {record.key}"
    yield from (_unknown(record.kind, other) for other in there.before(key))
    found = there.take(key)
    if not found:
        yield Text("inspection.no-row", what=what)
    else:
        yield from _compare(what, record, names, found[0], hides)
    for name, expected in rows.derived_rows(record).items():
        yield from (_unknown(name, other) for other in derived[name].before(key))
        held = derived[name].take(key)
        if held != expected and Counter(held) != Counter(expected):
            yield Text("inspection.derived", what=what, name=name)


def _unknown(name: str, key: str) -> Text:
    return Text("inspection.unexplained", what=f"{name} {key}")


def _replayed(
    connection: Connection, kind: str, moved: dict[int, str | None]
) -> Generator[tuple[Record, list[Text]]]:
    """Yield each record of a kind as its events make it, and where they do not follow."""
    calendar, hides = timelines.calendar_of(connection), reading.unseen(connection)
    stored = _rows(connection, "event", compiled.EVENTS_OF_KIND, kind=kind)
    told = (audit.read(bytes(body), bytes(disclosures)) for body, disclosures in stored)
    for _, found in groupby(told, key=attrgetter("key")):
        events = list(found)
        faults: list[Text] = []
        record = _chained(events, calendar, hides, faults)
        if not is_plain(events):
            known = timelines.made(events, calendar)
            record = known.row()
            moved |= known.moves()
        if record is not None:
            yield record, faults


def _chained(
    events: list[audit.Event], calendar: Any, hides: Unseen, faults: list[Text]
) -> Record | None:
    """Return what the events of a record make of it in the order of recording.

    Where they do not follow each other, or change what did not stand, is added to `faults`. The old
    values of format 1 are those that stood at recording, those of format 2 those of the event's own
    day.
    """
    record: Record | None = None
    prev, ordered = -1, True
    for place, step in enumerate(events):
        if step.prev != prev or step.version != place + 1:
            what = f"{step.kind} {step.key}"
            faults.append(Text("inspection.order", seq=step.seq, what=what))
        ordered = ordered and is_plain(events[max(place - 1, 0) : place + 1])
        stood = record
        if place and step.v != 1 and not ordered:
            known = timelines.made(events[:place], calendar)
            stood = _own_day(step, known)
        if stood is not None and step.version > 1:
            faults += _other_before(step, stood, hides)
        before, record, prev = record, audit.fold(record, step), step.seq
        if isinstance(record, Case) and (ordered or step.v == 1):
            faults += _broken_rules(step, before, record)
    return record


def _own_day(step: audit.Event, known: Timeline) -> Record | None:
    if step.amends is None:
        return known.on(date.fromisoformat(step.effective_on))
    amended = known.step_of(step.amends)
    return None if amended is None else amended.after


def _broken_rules(step: audit.Event, before: Record | None, case: Case) -> Iterator[Text]:
    """Yield what no program has ever recorded: another path through the states of a case."""
    source = before.state if isinstance(before, Case) else None
    if (wrong := lawful.path(step.act, source, case.state)) is not None:
        yield Text("inspection.rule", seq=step.seq, says=wrong.says)
    for one in broken(case):
        if one.check is not None:
            yield Text("inspection.rule", seq=step.seq, says=one.says)


def _other_before(step: audit.Event, record: Record, hides: Unseen) -> Iterator[Text]:
    for name, (old, _) in step.changes.items():
        before = plain(getattr(record, name))
        if old != before:
            of = (record.kind, record.key)
            said, stood = (reading.value(hides, of, name, one) for one in (old, before))
            yield Text("inspection.chain", seq=step.seq, name=name, old=said, before=stood)


def _compare(
    what: str, record: Record, names: tuple[str, ...], row: Any, hides: Unseen
) -> Iterator[Text]:
    expected = vars(record) | rows.derived_columns(record)
    for name, held in zip(names, row, strict=True):
        value = plain(expected[name])
        if expected[name] != held and value != (found := plain(held)):
            of = (record.kind, record.key)
            said, found = (reading.value(hides, of, name, one) for one in (value, found))
            yield Text("inspection.column", what=what, name=name, value=said, found=found)


def _derived(connection: Connection, name: str, kind: str) -> Generator[tuple[str, Any]]:
    owner = rows.columns(name).index(rows.DERIVED[name].owner)
    found = (
        _rows(connection, name, compiled.NAME_KEYS, kind=kind)
        if name == "name_key"
        else _rows(connection, name, compiled.DERIVED_ROWS[name])
    )
    # SQLite keeps bytes in a column of texts if it is told to.
    yield from ((str(row[owner]), row) for row in found)


class _Sorted(Generic[T]):
    """Rows in the order of their keys, taken in the same order as the replay asks for them."""

    def __init__(self, rows: Iterator[tuple[str, T]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def before(self, key: str | None) -> Iterator[str]:
        """Yield the keys that come before a key, or all that are left, and pass them over."""
        while self._next is not None and (key is None or self._next[0] < key):
            passed = self._next[0]
            self._next = next(self._rows, None)
            yield passed

    def take(self, key: str) -> list[T]:
        """Return the rows of a key, which must be the next one."""
        taken = []
        while self._next is not None and self._next[0] == key:
            taken.append(self._next[1])
            self._next = next(self._rows, None)
        return taken


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
    missing = sorted(set(compiled.TRIGGERS) - present)
    if missing:
        raise IntegrityFailure("inspection.trigger", HINT, name=missing[0])
