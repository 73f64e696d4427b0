"""The rows of a store beside the records that its log makes: what differs between them."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from casework.errors import IntegrityFailure
from casework.kinds.records import KINDS, Case, Record, plain, shape
from casework.log.verify import HINT
from casework.questions import reading
from casework.store import compiled, record_rows
from casework.store.connections import Lite, decoded
from casework.store.record_rows import STRUCK
from casework.store.struck_rows import struck_row
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from contextlib import ExitStack

    from casework.store.connections import Connection, Statement

T = TypeVar("T")

Span = tuple[str, str | None]
"""The first key of some records, and the first one behind them, None where there is none."""


def within(span: Span | None) -> dict[str, str]:
    """Return what a statement is given of a span of keys."""
    if span is None:
        return {}
    since, until = span
    return {"since": since} if until is None else {"since": since, "until": until}


def bounded(span: Span | None, whole: T, since: T, between: T) -> T:
    """Return which of three statements asks for a span of keys."""
    if span is None:
        return whole
    return since if span[1] is None else between


def told_rows(connection: Connection, what: str, query: Statement, **values: Any) -> Generator[Any]:
    """Yield rows; raises IntegrityFailure for one whose values are not of their columns' kind."""
    with closing(connection.stream(query, **values)) as found:
        try:
            yield from found
        except IntegrityFailure as error:
            raise _told_of(what, error) from None


def _told_of(what: str, error: IntegrityFailure) -> IntegrityFailure:
    return IntegrityFailure(Text("list.colon", first=what, then=error.what), HINT)


class Beside:
    """The rows of a kind of record, each compared with the record that its events make.

    They are those of all records of the kind, or of a span of their keys, and come in the order of
    the keys, as the records must that are given.
    """

    def __init__(
        self, connection: Connection, kind: str, stack: ExitStack, span: Span | None = None
    ) -> None:
        self._kind = kind
        self._names = compiled.TABLES[kind]
        self._hides = reading.unseen(connection)
        query = bounded(span, compiled.ROWS, compiled.ROWS_SINCE, compiled.ROWS_WITHIN)[kind]
        # As a file keeps them: most are what is expected, and need not be read.
        kept = query._replace(forms=())
        self._forms, self._formed = query.forms, record_rows.formed(kind, self._names)
        if not isinstance(connection, Lite):
            # The driver of a server gives dates, and lists of lists.
            lists = (name in shape(kind).lists for name in self._names)
            self._forms, self._formed = (
                (),
                tuple((at, plain) for at, one in enumerate(lists) if one),
            )

        def opened(found: Generator[tuple[str, Any]]) -> _Sorted[Any]:
            return _Sorted(stack.enter_context(closing(found)))

        place = self._names.index(KINDS[kind].key_field)
        self._there = opened(
            (str(row[place]), row) for row in told_rows(connection, kind, kept, **within(span))
        )
        self._derived = {
            name: opened(_derived(connection, name, kind, span))
            for name in record_rows.derived_tables(kind)
        }
        self._struck = opened(_struck(connection, kind, span))

    def check(self, record: Record) -> Iterator[Text]:
        """Yield what differs of the rows of a record, and the rows before it that none explains."""
        key = record.key
        if not self._there.is_at(key):
            yield from (_unknown(record.kind, other) for other in self._there.before(key))
        found = self._there.take(key)
        columns = vars(record) | record_rows.derived_columns(record)
        if not found:
            yield Text("inspection.no-row", what=f"{record.kind} {key}")
        elif self._row(columns) != found[0]:
            yield from self._compare(record, columns, found[0])
        for name, expected in record_rows.derived_rows(record).items():
            derived = self._derived[name]
            if not expected and derived.is_behind(key):
                continue
            yield from (_unknown(name, other) for other in derived.before(key))
            held = derived.take(key)
            if held != expected and Counter(held) != Counter(expected):
                yield Text("inspection.derived", what=f"{record.kind} {key}", name=name)

    def check_out(self, case: Case, seq: int) -> Iterator[Text]:
        """Yield what differs of a case whose proposal was taken out by the event of a number."""
        yield from (_unknown(STRUCK, other) for other in self._struck.before(case.ref))
        if self._struck.take(case.ref) != [struck_row(case, seq)]:
            yield Text("inspection.derived", what=f"{case.kind} {case.ref}", name=STRUCK)

    def left(self) -> Iterator[Text]:
        """Yield the rows behind the last record that no record explains."""
        each = {self._kind: self._there, **self._derived, STRUCK: self._struck}
        for name, left in each.items():
            yield from (_unknown(name, key) for key in left.before(None))

    def _row(self, columns: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the values of columns as a row has them."""
        values = [*_picked(self._names)(columns)]
        for place, form in self._formed:
            if (value := values[place]) is not None:
                values[place] = form(value)
        return (*values,)

    def _compare(self, record: Record, expected: Mapping[str, Any], kept: Any) -> Iterator[Text]:
        try:
            (row,) = decoded([kept], self._forms)
        except IntegrityFailure as error:
            raise _told_of(self._kind, error) from None
        what = f"{record.kind} {record.key}"
        for name, held in zip(self._names, row, strict=True):
            value = plain(expected[name])
            if expected[name] != held and value != (found := plain(held)):
                of = (record.kind, record.key)
                said, found = (reading.value(self._hides, of, name, one) for one in (value, found))
                yield Text("inspection.column", what=what, name=name, value=said, found=found)


@cache
def _picked(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    return itemgetter(*names)


def _unknown(name: str, key: str) -> Text:
    return Text("inspection.unexplained", what=f"{name} {key}")


def _derived(
    connection: Connection, name: str, kind: str, span: Span | None
) -> Generator[tuple[str, Any]]:
    owner = record_rows.columns(name).index(record_rows.DERIVED[name].owner)
    if name == "name_key":
        found = told_rows(connection, name, compiled.NAME_KEYS, kind=kind)
    else:
        query = bounded(
            span, compiled.DERIVED_ROWS, compiled.DERIVED_SINCE, compiled.DERIVED_WITHIN
        )[name]
        found = told_rows(connection, name, query, **within(span))
    # SQLite keeps bytes in a column of texts if it is told to.
    yield from ((str(row[owner]), row) for row in found)


def _struck(connection: Connection, kind: str, span: Span | None) -> Generator[tuple[str, Any]]:
    if kind == Case.kind:
        query = bounded(span, compiled.STRUCK_ROWS, compiled.STRUCK_SINCE, compiled.STRUCK_WITHIN)
        found = told_rows(connection, STRUCK, query, **within(span))
        yield from ((str(row[0]), row) for row in found)


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

    def is_at(self, key: str) -> bool:
        """Tell whether the next row is one of a key."""
        return self._next is not None and self._next[0] == key

    def is_behind(self, key: str) -> bool:
        """Tell whether a key has no rows, nor any before it."""
        return self._next is None or self._next[0] > key

    def take(self, key: str) -> list[T]:
        """Return the rows of a key, which must be the next one."""
        taken = []
        while self._next is not None and self._next[0] == key:
            taken.append(self._next[1])
            self._next = next(self._rows, None)
        return taken
