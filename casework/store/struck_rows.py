"""The rows of cases whose proposal was struck out; they move from the table of cases to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.store import record_rows
from casework.store.record_rows import STRUCK

if TYPE_CHECKING:
    from casework.kinds.records import Case
    from casework.store.connections import Connection


def struck_row(case: Case, seq: int) -> tuple[Any, ...]:
    """Return the row, in the order of `columns`, of a case whose proposal an event struck out."""
    found = {**vars(case), **record_rows.derived_columns(case), "seq": seq}
    return tuple(record_rows.stored(found[name] for name in record_rows.columns(STRUCK)))


def take_out(connection: Connection, case: Case, left: Case, seq: int) -> int:
    """Move a case, whose proposal an event struck out, to the table of struck cases.

    Returns the number of rows that still had the earlier version: one or none.
    """
    connection.insert(STRUCK, record_rows.columns(STRUCK), [struck_row(left, seq)])
    for name in record_rows.derived_tables(case.kind):
        text = f"DELETE FROM {name} WHERE {record_rows.DERIVED[name].owner} = ?"  # noqa: S608 - names of columns
        connection.change(text, [case.ref])
    values = [case.ref, case.version]
    return connection.change('DELETE FROM "case" WHERE ref = ? AND version = ?', values)


def bring_back(connection: Connection, case: Case) -> int:
    """Move a struck case back to the table of cases; return the number of rows it had there."""
    done = connection.change(f"DELETE FROM {STRUCK} WHERE ref = ?", [case.ref])  # noqa: S608 - a table's name
    record_rows.fill(connection, [case])
    return done
