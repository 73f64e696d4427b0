"""The one door: the only code that writes the register.

Every change is an act. Recording it writes the row (checked against the version the act was
decided on), one audit event and the head of the log, in the caller's transaction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from casework import __version__, compiled, rows
from casework.audit import event as audit
from casework.audit import tree
from casework.calendar import now, stamp
from casework.errors import ConflictError, NotAllowedError, UnavailableError
from casework.records import Record, names_of, shape, typed
from casework.text import optional
from casework.workflow import Role, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from casework.connections import Connection, Core
    from casework.records import Person

R = TypeVar("R", bound=Record)

TOOL = f"casework {__version__}"

SERVER = "postgresql"
"""The engine that keeps the rights, and the rows, itself: see the migration 0006."""


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


def read(kind: type[R], row: Sequence[Any]) -> R:
    """Return the record of a row, which has the values of its fields in their order."""
    form, values = shape(kind.kind), dict(zip(names_of(kind.kind), row, strict=True))
    for name in form.lists:
        values[name] = typed(kind.kind, name, values[name])
    for name, enum in form.enums.items():
        if values[name] is not None:
            values[name] = enum(values[name])
    return kind.stored(values, values.pop("version"))


def load(connection: Connection, kind: type[R], key: str, *, lock: bool = False) -> R | None:
    """Return a record by its key, None when there is none.

    With `lock` nobody else can change it before this transaction ends; on SQLite writers are alone
    anyway.
    """
    if lock and connection.engine == SERVER:
        _lock(connection, [(kind.kind, key)])
    row = connection.first(compiled.LOAD[kind.kind], key=key)
    return None if row is None else read(kind, row)


def record(connection: Connection, acts: Sequence[audit.Act]) -> list[Record]:
    """Write acts: their rows, their events, the head. Returns each act's record afterwards.

    Raises ConflictError when a row is no longer at the version its act was decided on. Acts on
    one record must be chained: the next one's `before` is what the one before it left.
    """
    after = [act.after() for act in acts]
    if connection.engine == SERVER:
        _hand_over(connection, acts, after)
    else:
        _write(connection, acts, after)
    return after


def _write(connection: Connection, acts: Sequence[audit.Act], after: Sequence[Record]) -> None:
    """Write rows, events and the head."""
    previous = _write_rows(connection, acts, after)
    size, _, held = lock_head(connection)
    peaks = _split(held)
    events: list[tuple[Any, ...]] = []
    disclosures: list[tuple[int, bytes]] = []
    for act, at, command, written in _written(connection, acts, size, previous):
        leaf = tree.leaf_hash(written.body)
        day, fields = act.effective_on.isoformat(), field_list(act.changes)
        named = (act.kind, act.key, act.verb, act.actor)
        events.append((size, written.body, leaf, *named, day, at, fields, command))
        disclosures.append((size, written.disclosures))
        tree.append(peaks, size, leaf)
        size += 1
    connection.many(
        "INSERT INTO event"
        " (seq, body, leaf, kind, key, act, actor, effective_on, recorded_at, fields, command)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        events,
    )
    connection.many("INSERT INTO disclosure (seq, body) VALUES (?, ?)", disclosures)
    for act in acts:
        if act.redacts:
            _erase(connection, act.redacts)
    connection.change(
        "UPDATE log_head SET size = ?, peaks = ?, root = ?",
        (size, b"".join(peaks), tree.root_hash(peaks)),
    )


def _hand_over(connection: Connection, acts: Sequence[audit.Act], after: Sequence[Record]) -> None:
    """Give the server the events: it checks each one and writes the rows, the log and the head.

    Raises NotAllowedError for what it refuses.
    """
    standing = {(act.kind, act.key): act.before for act in reversed(acts) if act.before}
    found = {
        (act.kind, act.key): rows.found_by(left) for act, left in zip(acts, after, strict=True)
    }
    made = {(act.kind, act.key) for act in acts if act.before is None}
    known = [subject for subject in dict.fromkeys(found) if subject not in made]
    _lock(connection, [subject for subject in known if subject not in connection.locked])
    previous = {}
    for subject in known:
        version, previous[subject] = connection.locked[subject]
        if version != (before := standing[subject]).version:
            raise _stale(before)
    # The head is locked last and released at commit: every writer waits for this row.
    size, _, _ = lock_head(connection)
    events = [written for *_, written in _written(connection, acts, size, previous)]
    finding = {f"{kind}/{key}": words for (kind, key), words in found.items()}
    ((refused,),) = connection.told(
        "SELECT casework_record(?::text[], ?::text[], ?::jsonb)",
        (
            [event.body.decode() for event in events],
            [event.disclosures.decode() for event in events],
            json.dumps(finding),
        ),
    )
    if refused is not None:
        raise NotAllowedError(f"the server refused this: {refused}", "nothing was changed")
    for seq, (act, left) in enumerate(zip(acts, after, strict=True), size):
        connection.locked[act.kind, act.key] = left.version, seq


def _written(
    connection: Connection,
    acts: Sequence[audit.Act],
    size: int,
    previous: dict[tuple[str, str], int],
) -> Iterator[tuple[audit.Act, str, str | None, audit.Written]]:
    """Yield each act with its time stamp, the key of its command, and its event.

    `previous` has the last event of each record that is there, and is kept up.
    """
    at = stamp(now())
    command, connection.command = connection.command, None
    for seq, act in enumerate(acts, size):
        subject = (act.kind, act.key)
        prev = previous.get(subject, -1)
        written = audit.write(act, seq=seq, prev=prev, recorded_at=at, tool=TOOL, command=command)
        previous[subject] = seq
        yield act, at, command and command.key, written
        command = None


def refused(connection: Connection, what: str) -> None:
    """Have the server record that the one connected tried what they may not do."""
    connection.told("SELECT casework_refused(?)", (what,))


def _erase(connection: Connection, places: Sequence[tuple[int, str]]) -> None:
    """Erase disclosures. The commitments stay, so that the log still verifies without them."""
    connection.erased = True
    paths: dict[int, list[str]] = {}
    for seq, path in places:
        paths.setdefault(seq, []).append(path)
    held = connection.rows(compiled.DISCLOSURES, seqs=json.dumps(list(paths)))
    left = [(audit.without(bytes(body), paths[seq]), seq) for seq, body in held]
    connection.many("UPDATE disclosure SET body = ? WHERE seq = ?", left)


def transplant(source: Connection, target: Core) -> None:
    """Copy a register as it stands into a store that has the schema and no register.

    This is no act: every row and every byte of the log stay what they were.
    """
    from sqlalchemy import insert, select

    from casework import schema, statements

    for table in schema.metadata.sorted_tables:
        found = source.pages(statements.composed(select(table)))
        names = table.c.keys()
        pages = ([dict(zip(names, row, strict=True)) for row in page] for page in found)
        if any(key.column.table is table for key in table.foreign_keys):
            # Rows that refer to each other go in with one statement, after which keys are checked.
            if together := [row for page in pages for row in page]:
                target.core.execute(insert(table).values(together))
            continue
        for page in pages:
            _insert_rows(target, table.name, page)


def field_list(changes: Iterable[str]) -> str:
    """Return the changed fields' names as the log's column holds them: ``,due,owner,``."""
    return f",{','.join(sorted(changes))},"


def lock_head(connection: Connection) -> tuple[int, bytes, bytes]:
    """Return size, root and peaks of the log, locked; raises UnavailableError where it has none."""
    if connection.engine == SERVER:
        head = next(iter(connection.told("SELECT size, root, peaks FROM casework_head()")), None)
    else:
        head = connection.first(compiled.LOG_HEAD)
    if head is None:
        raise UnavailableError("the store has a schema but no register", "run casework init")
    size, root, peaks = head
    return size, root, peaks


def _lock(connection: Connection, subjects: Sequence[tuple[str, str]]) -> None:
    """Lock records on the server, in this order; note the version and last event of each."""
    if not subjects:
        return
    kinds, keys = [kind for kind, _ in subjects], [key for _, key in subjects]
    found = connection.told(
        "SELECT version, last FROM casework_lock(?::text[], ?::text[])", (kinds, keys)
    )
    connection.locked |= dict(zip(subjects, map(tuple, found), strict=True))


def start_log(connection: Connection) -> None:
    """Write the head of an empty log."""
    head = {"id": 1, "size": 0, "peaks": b"", "root": tree.EMPTY_ROOT}
    _insert_rows(connection, "log_head", [head])


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
    made: list[Record] = []
    for subject, act in first.items():
        if act.before is None:
            made.append(last[subject])
        else:
            _update(connection, act.before, last[subject], touched[subject])
            previous[subject] = _last_event(connection, *subject)
    fill(connection, made)
    return previous


def fill(connection: Connection, records: Iterable[Record]) -> None:
    """Insert the rows of new records, without events: what is read may also be laid out again."""
    written: dict[str, list[dict[str, Any]]] = {}
    for made in records:
        written.setdefault(made.kind, []).append(vars(made) | rows.derived_columns(made))
        for name, found in rows.derived_rows(made).items():
            written.setdefault(name, []).extend(found)
    # Kinds before what is derived from them, which refers to them.
    for name in sorted(written, key=rows.OWNER_COLUMNS.__contains__):
        _insert_rows(connection, name, written[name])


def _insert_rows(connection: Connection, table: str, written: Sequence[dict[str, Any]]) -> None:
    """Insert rows that have a value for every column, all in one order."""
    if not written:
        return
    names = ", ".join(f'"{name}"' for name in written[0])
    marks = ", ".join("?" * len(written[0]))
    text = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608 - names are the schema's
    connection.many(text, [_stored(row.values()) for row in written])


def _stored(values: Iterable[Any]) -> list[Any]:
    """Return values as drivers take them: dates in ISO form, short lists as JSON."""
    return [form(value) if (form := _FORMS.get(type(value))) else value for value in values]


def _listed(value: Sequence[Any]) -> str:
    return json.dumps(value) if value else "[]"


_FORMS: Mapping[type, Callable[[Any], Any]] = {
    date: date.isoformat,
    list: _listed,
    tuple: _listed,
    State: str,
    Role: str,
}


def _update(connection: Connection, before: Record, after: Record, fields: set[str]) -> None:
    values = {name: getattr(after, name) for name in fields} | {"version": after.version}
    derived = rows.derived_columns(before), rows.derived_columns(after)
    values |= {name: new for name, new in derived[1].items() if derived[0][name] != new}
    changed = ", ".join(f'"{name}" = ?' for name in values)
    done = connection.change(
        f'UPDATE "{before.kind}" SET {changed} WHERE "{before.key_field}" = ? AND version = ?',  # noqa: S608 - as above
        _stored([*values.values(), before.key, before.version]),
    )
    if done != 1:
        raise _stale(before)
    old, new = rows.derived_rows(before), rows.derived_rows(after)
    for name in rows.DERIVED_TABLES.get(before.kind, ()):
        if old[name] != new[name]:
            _replace_derived(connection, name, before, new[name])


def _stale(before: Record) -> ConflictError:
    return ConflictError(
        f"{before.kind} {before.key} was changed by somebody else meanwhile",
        f"it is no longer at version {before.version}; look again and repeat",
    )


def _replace_derived(
    connection: Connection, table: str, before: Record, written: list[dict[str, Any]]
) -> None:
    text = f"DELETE FROM {table} WHERE {rows.OWNER_COLUMNS[table]} = ?"  # noqa: S608 - as above
    values = [before.key]
    if table == "name_key":
        text += " AND kind = ?"
        values.append(before.kind)
    connection.change(text, values)
    _insert_rows(connection, table, written)


def _last_event(connection: Connection, kind: str, key: str) -> int:
    found = connection.value(compiled.LAST_EVENT, kind=kind, key=key)
    return -1 if found is None else int(found)
