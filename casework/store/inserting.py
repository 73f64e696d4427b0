"""Lay out records as rows, with values as drivers take them, and insert them."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from casework.kinds.choices import Outcome, Role, State
from casework.kinds.records import iso, names_of, shape
from casework.store.rows import DERIVED, columns, derived_columns, derived_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from casework.kinds.records import Record
    from casework.store.connections import Connection

Rows = dict[str, list[Any]]
"""Rows by table, each with the values of `rows.columns` as drivers take them."""


def fill(connection: Connection, records: Iterable[Record]) -> None:
    """Insert the rows of new records, without events: what is read may also be laid out again."""
    insert(connection, laid_out(records))


def laid_out(records: Iterable[Record]) -> Rows:
    """Return the rows of records by table, with values as drivers take them."""
    written: Rows = {}
    for made in records:
        values = [*vars(made).values(), *derived_columns(made).values()]
        for place, form in _formed(made.kind):
            if (value := values[place]) is not None:
                values[place] = form(value)
        written.setdefault(made.kind, []).append(values)
        for name, found in derived_rows(made).items():
            if found:
                written.setdefault(name, []).extend(found)
    return written


@cache
def _formed(kind: str) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """Return the places of the fields whose values are laid out in another form, and what does."""
    form = shape(kind)
    forms: dict[str, Callable[[Any], Any]] = dict.fromkeys(form.dates, iso)
    forms |= dict.fromkeys(form.lists, _listed) | dict.fromkeys(form.enums, str)
    return tuple((place, forms[name]) for place, name in enumerate(names_of(kind)) if name in forms)


def insert(connection: Connection, written: Rows) -> None:
    """Insert rows by table: kinds before what is derived from them, which refers to them."""
    for name in sorted(written, key=DERIVED.__contains__):
        connection.insert(name, columns(name), written[name])


def stored(values: Iterable[Any]) -> list[Any]:
    """Return values as drivers take them: dates in ISO form, short lists as JSON."""
    # Most are text or nothing, and a case has fifty.
    return [
        value
        if value is None or type(value) is str or (form := _FORMS.get(type(value))) is None
        else form(value)
        for value in values
    ]


def _listed(value: Sequence[Any]) -> str:
    return orjson.dumps(value).decode() if value else "[]"


_FORMS: Mapping[type, Callable[[Any], Any]] = {
    date: iso,
    list: _listed,
    tuple: _listed,
    State: str,
    Outcome: str,
    Role: str,
}
