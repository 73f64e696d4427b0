"""Verification of a store: its log, its head, and every row against the replay of the log."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import select, text

from casework import schema
from casework.audit import event as audit
from casework.audit import tree
from casework.audit.verify import HINT, Stored, check_log
from casework.errors import IntegrityFailure
from casework.ledger import read
from casework.queries import PAGE
from casework.records import KINDS, Record, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

T = TypeVar("T")

DERIVED_COLUMNS = ("kind", "key", "act", "actor", "effective_on", "recorded_at", "fields")


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in order: the log's size and root, and how many rows it explains."""

    size: int
    root: str
    records: int


def verify(connection: Connection) -> Verified:
    """Check a store from first to last; raises IntegrityFailure naming the first difference."""
    _check_triggers(connection)
    size, peaks = check_log(_stored(connection))
    root = tree.root_hash(peaks)
    head = connection.execute(select(schema.log_head)).one_or_none()
    if head is None or (head.size, head.root, head.peaks) != (size, root, b"".join(peaks)):
        raise IntegrityFailure(f"the head of the log is not that of its {size} events", HINT)
    records = sum(_check_records(connection, kind) for kind in sorted(KINDS))
    return Verified(size, root.hex(), records)


def _stored(connection: Connection) -> Iterator[Stored]:
    event, disclosure = schema.event, schema.disclosure
    query = (
        select(event, disclosure.c.body.label("disclosures"))
        .outerjoin(disclosure, disclosure.c.seq == event.c.seq)
        .order_by(event.c.seq)
    )
    for row in connection.execution_options(yield_per=PAGE).execute(query):
        columns = tuple((name, plain(getattr(row, name))) for name in DERIVED_COLUMNS)
        disclosures = None if row.disclosures is None else bytes(row.disclosures)
        yield Stored(row.seq, bytes(row.body), bytes(row.leaf), disclosures, columns)


def _check_records(connection: Connection, kind: str) -> int:
    """Compare the replay of every record of a kind with its row and its derived rows."""
    table = schema.TABLES[kind]
    key = table.c[KINDS[kind].key_field]
    rows = _Sorted(
        (str(row._mapping[key.name]), row)  # noqa: SLF001 - SQLAlchemy's documented name
        for row in connection.execution_options(yield_per=PAGE).execute(select(table).order_by(key))
    )
    derived = {
        table.name: _Sorted(_derived(connection, table.name, kind))
        for table in schema.DERIVED_TABLES.get(kind, ())
    }
    count = 0
    for record in _replayed(connection, kind):
        count += 1
        what = f"{kind} {record.key}"
        found = rows.take(record.key, kind)
        if not found:
            raise IntegrityFailure(f"{what}: the log has it, the register has no row of it", HINT)
        _compare(what, record, found[0])
        for name, expected in schema.derived_rows(record).items():
            held = derived[name].take(record.key, name)
            if _ordered(held) != _ordered(expected):
                raise IntegrityFailure(f"{what}: {name} is not what the log says", HINT)
    rows.refuse_rest(kind)
    for name, left in derived.items():
        left.refuse_rest(name)
    return count


def _replayed(connection: Connection, kind: str) -> Iterator[Record]:
    event, disclosure = schema.event, schema.disclosure
    query = (
        select(event.c.body, disclosure.c.body)
        .join(disclosure, disclosure.c.seq == event.c.seq)
        .where(event.c.kind == kind)
        .order_by(event.c.key, event.c.seq)
    )
    record: Record | None = None
    prev = -1
    for body, disclosures in connection.execution_options(yield_per=PAGE).execute(query):
        step = audit.read(bytes(body), bytes(disclosures))
        if record is not None and record.key != step.key:
            yield record
            record, prev = None, -1
        if step.prev != prev or step.version != (record.version + 1 if record else 1):
            raise IntegrityFailure(
                f"event {step.seq}: it does not follow the last one of {kind} {step.key}", HINT
            )
        _check_chain(step, record)
        record, prev = audit.fold(record, step), step.seq
    if record is not None:
        yield record


def _check_chain(step: audit.Event, record: Record | None) -> None:
    for name, (old, _) in step.changes.items():
        before = plain(getattr(record, name)) if record else None
        if record and old != before:
            raise IntegrityFailure(
                f"event {step.seq}, {name}: it changes {old}, but {before} stood there", HINT
            )


def _compare(what: str, record: Record, row: Any) -> None:
    held = read(type(record), row)
    expected = {f.name: getattr(record, f.name) for f in fields(record)}
    expected |= schema.derived_columns(record)
    for name, value in expected.items():
        found = getattr(held, name) if hasattr(held, name) else row._mapping[name]  # noqa: SLF001
        if found != value:
            raise IntegrityFailure(
                f"{what}, column {name}: the log says {plain(value)!r}, the row says"
                f" {plain(found)!r}",
                HINT,
            )


def _derived(connection: Connection, name: str, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    table = schema.metadata.tables[name]
    owner = schema.owner_column(table)
    query = select(table).order_by(owner)
    if table is schema.name_key:
        query = query.where(table.c.kind == kind)
    for row in connection.execution_options(yield_per=PAGE).execute(query):
        values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
        yield values[owner.name], values


def _ordered(rows: list[dict[str, Any]]) -> list[list[tuple[str, Any]]]:
    return sorted(sorted(row.items()) for row in rows)


class _Sorted(Generic[T]):
    """Rows in the order of their keys, taken in the same order as the replay asks for them."""

    def __init__(self, rows: Iterator[tuple[str, T]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def take(self, key: str, name: str) -> list[T]:
        """Return the rows of a key; a row of an earlier key is one the log does not explain."""
        if self._next is not None and self._next[0] < key:
            self.refuse_rest(name)
        taken = []
        while self._next is not None and self._next[0] == key:
            taken.append(self._next[1])
            self._next = next(self._rows, None)
        return taken

    def refuse_rest(self, name: str) -> None:
        """Raise IntegrityFailure when rows are left."""
        if self._next is not None:
            raise IntegrityFailure(
                f"{name} {self._next[0]}: the register has a row the log does not explain", HINT
            )


def _check_triggers(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    present = set(connection.scalars(text(query)))
    missing = sorted(schema.TRIGGERS - present)
    if missing:
        raise IntegrityFailure(
            f"the trigger {missing[0]}, which keeps the log append-only, is gone", HINT
        )
