"""Check SQLite's catalogue of a store: what may be in it, and what makes a file foreign.

Triggers and views run for whoever opens the file: one could move a date when a note is written, or
never end. So they are compared with the program's own at each opening. Tables and indexes run
nothing; verification checks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.errors import IntegrityFailure, Text
from casework.store import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.store.connections import Connection

ACTIVE = "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view')"
PASSIVE = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('table', 'index')"


def refuse_views(connection: Connection) -> list[str]:
    """Refuse a file that has a view, before any other query.

    Returns the triggers that are not this program's; a later version may have made them. Raises
    IntegrityFailure, because a view in place of a table could run forever.
    """
    foreign = []
    for kind, name, text in connection.told(ACTIVE):
        if kind == "view":
            raise IntegrityFailure("inventory.view", "hint.file-changed", name=name)
        if " ".join(str(text).split()) not in compiled.TRIGGERS.get(name, ()):
            foreign.append(str(name))
    return foreign


def refuse_triggers(foreign: list[str]) -> None:
    """Raise IntegrityFailure if a file has triggers that are not this program's."""
    if foreign:
        raise IntegrityFailure("inventory.trigger", "hint.file-changed", name=foreign[0])


def refuse_others(connection: Connection) -> None:
    """Raise IntegrityFailure if tables or indexes of a SQLite file are not those of the schema."""
    found = next(_differences(connection), None)
    if found is not None:
        raise IntegrityFailure(found, "hint.file-changed")


def _differences(connection: Connection) -> Iterator[Text]:
    tables = {name: set(columns) for name, columns in compiled.TABLES.items()}
    tables["alembic_version"] = {"version_num"}
    indexes = compiled.INDEXES
    present = set()
    for kind, name, of, text in connection.told(PASSIVE):
        present.add(name)
        # Statistics and what a constraint needs are SQLite's own; nobody else may name them so.
        if str(name).startswith("sqlite_"):
            continue
        if kind == "index" and indexes.get(name) != of:
            yield Text("inventory.index", name=name, table=of)
        elif kind == "table":
            yield from _of_table(connection, name, text, tables.get(name))
    for name in sorted({*tables, *indexes} - present):
        yield Text("inventory.missing", name=name)


def _of_table(
    connection: Connection, name: str, text: str, columns: set[str] | None
) -> Iterator[Text]:
    if columns is None:
        yield Text("inventory.table", name=name)
        return
    if not str(text).upper().startswith("CREATE TABLE"):
        yield Text("inventory.virtual", name=name)
        return
    found = connection.told("SELECT name, hidden FROM pragma_table_xinfo(?)", (name,))
    if {column for column, _ in found} != columns or any(hidden for _, hidden in found):
        yield Text("inventory.columns", name=name)
