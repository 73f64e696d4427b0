"""Read a record by its key, and lock it until the transaction ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from casework.errors import UnavailableError
from casework.kinds.records import Record
from casework.store import compiled, record_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.store.connections import Connection


R = TypeVar("R", bound=Record)

SERVER = "postgresql"
"""The engine that enforces the rights and writes the rows itself: see `door`."""


def load(connection: Connection, kind: type[R], key: str, *, lock: bool = False) -> R | None:
    """Return a record by its key; None if there is none.

    With `lock` nobody else can change it before this transaction ends; on SQLite there is only one
    writer anyway.
    """
    if lock and connection.engine == SERVER:
        lock_records(connection, [(kind.kind, key)])
    row = connection.first(compiled.LOAD[kind.kind], key=key)
    return None if row is None else record_rows.read(kind, row)


def lock_head(connection: Connection) -> tuple[int, bytes, bytes]:
    """Return size, root and peaks of the log, locked; raises UnavailableError if it has none."""
    if connection.engine == SERVER:
        head = next(iter(connection.told("SELECT size, root, peaks FROM casework_head()")), None)
    else:
        head = connection.first(compiled.LOG_HEAD)
    if head is None:
        raise UnavailableError("store.no-register")
    size, root, peaks = head
    return size, root, peaks


def lock_records(connection: Connection, subjects: Sequence[tuple[str, str]]) -> None:
    """Lock records on the server, in this order; note the version of each."""
    if not subjects:
        return
    kinds, keys = [kind for kind, _ in subjects], [key for _, key in subjects]
    found = connection.told("SELECT * FROM casework_lock(?::text[], ?::text[])", (kinds, keys))
    versions = (version for (version,) in found)
    connection.locked |= dict(zip(subjects, versions, strict=True))
