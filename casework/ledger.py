"""The one door: the only code that writes the register.

Every change is an act. Recording it writes the row (checked against the version the act was
decided on), one audit event and the head of the log, in the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import JSON, Date, bindparam, delete, func, insert, select, update

from casework import __version__, schema
from casework.audit import event as audit
from casework.audit import tree
from casework.calendar import now, stamp
from casework.db import ERASED
from casework.errors import ConflictError, UnavailableError
from casework.records import KINDS, Record, shape, typed
from casework.text import optional

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row, Table

    from casework.records import Person

R = TypeVar("R", bound=Record)

PAGE = 1_000
"""How many rows are copied at a time."""

TOOL = f"casework {__version__}"


@dataclass(frozen=True, slots=True)
class Desk:
    """An open write transaction in the name of one person.

    `login` is the operating-system login the command runs under, whoever `actor` says acts.
    """

    connection: Connection
    actor: Person
    login: str
    today: date

    def act(
        self,
        verb: str,
        subject: Record | tuple[str, str],
        changes: Mapping[str, Any],
        *,
        effective_on: date | None = None,
        reason: str | None = None,
        document: str | None = None,
        note: str | None = None,
        reported: Mapping[str, Any] | None = None,
        redacts: Sequence[tuple[int, str]] = (),
    ) -> audit.Act:
        """Return an act of this desk's person on a record, or on a new one's kind and key.

        Raises UsageError for a reason, document or note that is no text.
        """
        if isinstance(subject, Record):
            kind, key, before = subject.kind, subject.key, subject
            changes = {k: v for k, v in changes.items() if v != getattr(subject, k)}
        else:
            kind, key = subject
            before = None
            start = shape(kind).start
            changes = {k: v for k, v in changes.items() if v != start[k]}
        return audit.Act(
            verb=verb,
            kind=kind,
            key=key,
            before=before,
            changes=changes,
            actor=self.actor.code,
            login=self.login,
            effective_on=effective_on or self.today,
            reason=optional(reason, "the reason"),
            document=optional(document, "the document"),
            note=optional(note, "the note"),
            reported=reported,
            redacts=tuple(redacts),
        )

    def record(self, *acts: audit.Act) -> Record:
        """Record acts and return the last one's record."""
        return record(self.connection, acts)[-1]


def read(kind: type[R], row: Row[Any]) -> R:
    """Return the record of a row of its table."""
    form, held = shape(kind.kind), row._asdict()
    values = {name: held[name] for name in (kind.key_field, *form.start)}
    for name in form.lists:
        values[name] = typed(kind.kind, name, values[name])
    for name, enum in form.enums.items():
        if values[name] is not None:
            values[name] = enum(values[name])
    return kind.stored(values, held["version"])


def load(connection: Connection, kind: type[R], key: str, *, lock: bool = False) -> R | None:
    """Return a record by its key, None when there is none.

    With `lock` nobody else can change it before this transaction ends. On PostgreSQL that is a
    row lock which lets foreign keys be checked meanwhile; on SQLite writers are alone anyway.
    """
    table = schema.TABLES[kind.kind]
    query = select(table).where(table.c[kind.key_field] == key)
    if lock:
        query = query.with_for_update(key_share=True)
    row = connection.execute(query).one_or_none()
    return None if row is None else read(kind, row)


def record(connection: Connection, acts: Sequence[audit.Act]) -> list[Record]:
    """Write acts: their rows, their events, the head. Returns each act's record afterwards.

    Raises ConflictError when a row is no longer at the version its act was decided on. Acts on
    one record must be chained: the next one's `before` is what the one before it left.
    """
    after = [act.after() for act in acts]
    previous = _write_rows(connection, acts, after)
    # The head is locked last and released at commit: every writer waits for this row.
    head = lock_head(connection)
    peaks = _split(head.peaks)
    size = head.size
    at = stamp(now())
    events, disclosures = [], []
    for act in acts:
        subject = (act.kind, act.key)
        written = audit.write(
            act, seq=size, prev=previous.get(subject, -1), recorded_at=at, tool=TOOL
        )
        previous[subject] = size
        leaf = tree.leaf_hash(written.body)
        events.append(
            {
                "seq": size,
                "body": written.body,
                "leaf": leaf,
                "kind": act.kind,
                "key": act.key,
                "act": act.verb,
                "actor": act.actor,
                "effective_on": act.effective_on,
                "recorded_at": at,
                "fields": field_list(act.changes),
            }
        )
        disclosures.append({"seq": size, "body": written.disclosures})
        tree.append(peaks, size, leaf)
        size += 1
    _insert_rows(connection, schema.event, events)
    _insert_rows(connection, schema.disclosure, disclosures)
    for act in acts:
        if act.redacts:
            _erase(connection, act.redacts)
    connection.execute(
        update(schema.log_head).values(size=size, peaks=b"".join(peaks), root=tree.root_hash(peaks))
    )
    return after


def _erase(connection: Connection, places: Sequence[tuple[int, str]]) -> None:
    """Erase disclosures. The commitments stay, so that the log still verifies without them."""
    connection.info[ERASED] = True
    paths: dict[int, list[str]] = {}
    for seq, path in places:
        paths.setdefault(seq, []).append(path)
    table = schema.disclosure
    rows = connection.execute(select(table).where(table.c.seq.in_(paths)))
    left = [{"at": row.seq, "left": audit.without(bytes(row.body), paths[row.seq])} for row in rows]
    if left:
        connection.execute(
            update(table).where(table.c.seq == bindparam("at")).values(body=bindparam("left")), left
        )


def transplant(source: Connection, target: Connection) -> None:
    """Copy a register as it stands into a store that has the schema and no register.

    This is no act: every row and every byte of the log stay what they were.
    """
    for table in schema.metadata.sorted_tables:
        rows = source.execute(select(table), execution_options={"yield_per": PAGE}).mappings()
        if any(key.column.table is table for key in table.foreign_keys):
            # Rows that refer to each other go in with one statement, after which keys are checked.
            if together := [dict(row) for row in rows]:
                target.execute(insert(table).values(together))
            continue
        for page in rows.partitions():
            _insert_rows(target, table, [dict(row) for row in page])


def field_list(changes: Iterable[str]) -> str:
    """Return the changed fields' names as the log's column holds them: ``,due,owner,``."""
    return f",{','.join(sorted(changes))},"


def lock_head(connection: Connection) -> Row[Any]:
    """Return the head of the log, locked; raises UnavailableError for a store without one."""
    head = connection.execute(select(schema.log_head).with_for_update()).one_or_none()
    if head is None:
        raise UnavailableError("the store has a schema but no register", "run casework init")
    return head


def start_log(connection: Connection) -> None:
    """Write the head of an empty log."""
    connection.execute(
        insert(schema.log_head).values(id=1, size=0, peaks=b"", root=tree.EMPTY_ROOT)
    )


def _split(peaks: bytes) -> list[bytes]:
    return [peaks[i : i + tree.HASH_BYTES] for i in range(0, len(peaks), tree.HASH_BYTES)]


def _write_rows(
    connection: Connection, acts: Sequence[audit.Act], after: Sequence[Record]
) -> dict[tuple[str, str], int]:
    """Write each record once, as its last act leaves it; return its last event before that."""
    first: dict[tuple[str, str], audit.Act] = {}
    last: dict[tuple[str, str], Record] = {}
    touched: dict[tuple[str, str], set[str]] = {}
    for act, result in zip(acts, after, strict=True):
        subject = (act.kind, act.key)
        first.setdefault(subject, act)
        last[subject] = result
        touched.setdefault(subject, set()).update(act.changes)
    previous: dict[tuple[str, str], int] = {}
    made: dict[str, list[Record]] = {}
    for subject, act in first.items():
        if act.before is None:
            made.setdefault(act.kind, []).append(last[subject])
        else:
            _update(connection, act.before, last[subject], touched[subject])
            previous[subject] = _last_event(connection, *subject)
    for kind, records in made.items():
        _insert(connection, kind, records)
    return previous


def _insert(connection: Connection, kind: str, records: Sequence[Record]) -> None:
    rows = [vars(made) | schema.derived_columns(made) for made in records]
    _insert_rows(connection, schema.TABLES[kind], rows)
    derived: dict[str, list[dict[str, Any]]] = {}
    for made in records:
        for name, found in schema.derived_rows(made).items():
            derived.setdefault(name, []).extend(found)
    for name, found in derived.items():
        if found:
            _insert_rows(connection, schema.metadata.tables[name], found)


def _insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that have a value for every column.

    The statement and its values are made ready here, because SQLAlchemy takes longer to prepare a
    row than SQLite takes to store it.
    """
    statement, columns, written = _insertion(table, connection.dialect.paramstyle)
    for row in rows:
        for name, form in written:
            if (value := row[name]) is not None:
                row[name] = form(value)
    pick = itemgetter(*columns)
    connection.exec_driver_sql(statement, [pick(row) for row in rows])


_Written = tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def _insertion(table: Table, style: str) -> tuple[str, list[str], _Written]:
    """Return an INSERT, its columns, and how the values that no driver takes are written."""
    columns = list(table.c.keys())
    names = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join(["?" if style == "qmark" else "%s"] * len(columns))
    forms = {name: _FORMS.get(type(column.type)) for name, column in table.c.items()}
    forms |= dict.fromkeys(shape(table.name).enums, str) if table.name in KINDS else {}
    written = tuple((name, form) for name, form in forms.items() if form is not None)
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', columns, written  # noqa: S608


def _listed(value: Sequence[Any]) -> str:
    return json.dumps(value) if value else "[]"


_FORMS: Mapping[type, Callable[[Any], Any]] = {Date: date.isoformat, JSON: _listed}


def _update(connection: Connection, before: Record, after: Record, fields: set[str]) -> None:
    table = schema.TABLES[before.kind]
    values = {name: getattr(after, name) for name in fields} | {"version": after.version}
    derived = schema.derived_columns(before), schema.derived_columns(after)
    values |= {name: new for name, new in derived[1].items() if derived[0][name] != new}
    done = connection.execute(
        update(table)
        .where(table.c[before.key_field] == bindparam("at_key"))
        .where(table.c.version == bindparam("at_version")),
        values | {"at_key": before.key, "at_version": before.version},
    )
    if done.rowcount != 1:
        raise ConflictError(
            f"{before.kind} {before.key} was changed by somebody else meanwhile",
            f"it is no longer at version {before.version}; look again and repeat",
        )
    old, new = schema.derived_rows(before), schema.derived_rows(after)
    for derived_table in schema.DERIVED_TABLES.get(before.kind, ()):
        name = derived_table.name
        if old[name] != new[name]:
            _replace_derived(connection, derived_table, before, new[name])


def _replace_derived(
    connection: Connection, table: Table, before: Record, rows: list[dict[str, Any]]
) -> None:
    query = delete(table).where(schema.owner_column(table) == before.key)
    if table is schema.name_key:
        query = query.where(table.c.kind == before.kind)
    connection.execute(query)
    if rows:
        _insert_rows(connection, table, rows)


def _last_event(connection: Connection, kind: str, key: str) -> int:
    event = schema.event
    found = connection.scalar(
        select(func.max(event.c.seq)).where(event.c.kind == kind, event.c.key == key)
    )
    return -1 if found is None else int(found)
