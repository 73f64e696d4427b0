"""Look-up keys and search texts, rebuilt if a new version computes them differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.kinds.records import KINDS, Case, names_of
from casework.store import compiled, record_rows
from casework.system.progress import under_way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.store.connections import Connection

BATCH = 500
"""How many cases are written between two reports of progress."""


def renew(connection: Connection) -> int:
    """Rebuild the keys, texts and names by which records are found.

    They are computed from the records; records and log stay as they are. Returns how many changed.
    """
    changed = [*_cases(connection)]
    _write(connection, changed)
    names = sum(_names(connection, kind) for kind in record_rows.NAMED)
    return len(changed) + names


def _cases(connection: Connection) -> Iterator[list[Any]]:
    """Yield the outdated look-up values of cases as they should be, each with its key."""
    own = len(names_of(Case.kind))
    for row in connection.stream(compiled.FOUND_BY):
        case = record_rows.read(Case, row[:own])
        made = record_rows.derived_columns(case)
        now = [made[name] for name in record_rows.LOOKED_UP]
        if now != list(row[own:]):
            yield [*now, case.ref]


def _write(connection: Connection, changed: list[list[Any]]) -> None:
    columns = ", ".join(f"{name} = ?" for name in record_rows.LOOKED_UP)
    with under_way("refinding") as tell:
        for start in range(0, len(changed), BATCH):
            page = changed[start : start + BATCH]
            connection.many(f'UPDATE "case" SET {columns} WHERE ref = ?', page)  # noqa: S608 - names of columns
            tell(start + len(page), len(changed))


def _names(connection: Connection, kind: str) -> int:
    """Add the missing names of a kind of record, and delete the wrong ones."""
    now: set[tuple[Any, ...]] = set()
    for row in connection.rows(compiled.EVERY[kind]):
        now.update(record_rows.derived_rows(record_rows.read(KINDS[kind], row))["name_key"])
    was = {tuple(row) for row in connection.rows(compiled.NAME_KEYS, kind=kind)}
    gone = sorted(was - now)
    if gone:
        where = "kind = ? AND folded = ? AND code = ?"
        connection.many(f"DELETE FROM name_key WHERE {where}", gone)  # noqa: S608 - as above
    connection.insert("name_key", record_rows.columns("name_key"), sorted(now - was))
    return len(gone) + len(now - was)
