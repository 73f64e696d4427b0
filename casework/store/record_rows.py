"""Records as rows: how they and their derived rows are laid out, written and read.

What is derived (look-up keys, search text, a row for each value of a list) is computed from the
record alone, here and on a server alike, and verification computes it again.
"""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from operator import attrgetter
from string import digits
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from casework.kinds.choices import Outcome, Role, State
from casework.kinds.records import KINDS, Case, Digest, Record, iso, names_of, shape, typed
from casework.system.text import fold, fold_code

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Container,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from casework.store.connections import Connection


R = TypeVar("R", bound=Record)

NAMED: Mapping[str, tuple[str, ...]] = {
    name: named
    for name, kind in KINDS.items()
    if (named := tuple(one.name for one in kind.fields if one.naming))
}
"""The fields with the names of a record, by kind: each is a text or a list of texts."""

_TEXTS = sorted(
    (one.name == Case.key_field, one.search, one.name) for one in Case.fields if one.search
)
SEARCHED = tuple(name for _, __, name in _TEXTS)
"""The fields of a case in its search text, one line for each text.

The reference is always the last line.
"""
_texts_of = attrgetter(*SEARCHED)

TITLES = 2
"""How many lines of a search text are titles; the second is empty if there is no second title."""

LOOKED_UP = ("ref_key", "ref_stem", "ref_number", "search")
"""The columns of a case that only serve look-ups."""

_OF_CASE = (*LOOKED_UP, "held_days")
"""The columns of `derived_columns`, in order."""

OF_EVENT = (
    "kind",
    "key",
    "act",
    "actor",
    "effective_on",
    "recorded_at",
    "fields",
    "command",
)
"""The derived columns of an event."""

NUMBER_DIGITS = 9
"""The most digits of the number in a reference: what both engines hold as an integer."""


def read(kind: type[R], row: Sequence[Any]) -> R:
    """Return the record of a row that has the values of its fields in order."""
    form, values = shape(kind.kind), dict(zip(names_of(kind.kind), row, strict=True))
    for name in form.lists:
        values[name] = typed(kind.kind, name, values[name])
    for name, enum in form.enums.items():
        if values[name] is not None:
            values[name] = enum(values[name])
    return kind.stored(values, values.pop("version"))


def ref_parts(ref: str) -> tuple[str, int]:
    """Split a reference into stem and number, so that A.2 sorts before A.10."""
    stem = ref.rstrip(digits)
    if len(ref) - len(stem) > NUMBER_DIGITS:
        stem = ref[:-NUMBER_DIGITS]
    return fold_code(stem), int(ref[len(stem) :] or -1)


def derived_columns(record: Record) -> dict[str, Any]:
    """Return the derived columns of a record's row."""
    if not isinstance(record, Case):
        return {}
    stem, number = ref_parts(record.ref)
    return {
        "ref_key": fold_code(record.ref),
        "ref_stem": stem,
        "ref_number": number,
        "search": search_text(record),
        "held_days": record.held_days,
    }


def search_text(case: Case) -> str:
    """Return the search text of a case: each of its texts, folded, on a separate line.

    So a match lies within one text. The lines of titles exist even if a title is missing.
    """
    values = _texts_of(case)
    lines = [fold(value or "") for value in values[:TITLES]]
    # Most cases have few of the others. Text by text: most are ASCII, which is folded in a tenth
    # of the time.
    for value in filter(None, values[TITLES:]):
        lines += filter(None, map(fold, value if isinstance(value, tuple) else (value,)))
    return "\n".join(lines)


def derived_rows(record: Record) -> dict[str, list[tuple[Any, ...]]]:
    """Return the derived rows of a record by table, with the columns of `columns`."""
    held = vars(record)
    # Most cases have an empty list of each kind.
    return {
        name: [*rows(record)] if of is None or held[of] else []
        for name, of, rows in _derived_of(record.kind)
    }


@lru_cache(maxsize=256)
def field_list(changes: tuple[str, ...]) -> str:
    """Return the names of changed fields for the log's column: ``,due,owner,``."""
    return f",{','.join(sorted(changes))},"


class Derived(NamedTuple):
    """A table computed from records: the kinds, its columns, and the function for a record's rows.

    `owner` is the column with the record that a row was derived from, `of` the list that is empty
    where there are no rows, None if there is no such list.
    """

    kinds: Collection[str]
    owner: str
    columns: tuple[str, ...]
    rows: Callable[[Any], Iterable[tuple[Any, ...]]]
    of: str | None = None


def _name_rows(record: Record) -> Iterator[tuple[str, ...]]:
    for key in dict.fromkeys(fold(name) for name in _names(record) if name):
        yield record.kind, key, record.key


def _names(record: Record) -> Iterator[str | None]:
    """Yield the names of a record."""
    for name in NAMED[record.kind]:
        value = getattr(record, name)
        yield from value if isinstance(value, tuple) else (value,)


def _coordinating_rows(case: Case) -> Iterator[tuple[str, ...]]:
    return ((case.ref, org) for org in case.coordinating)


def _theme_rows(case: Case) -> Iterator[tuple[Any, ...]]:
    for theme in dict.fromkeys(case.theme):
        yield case.ref, theme, *ref_parts(case.ref)


def _link_rows(case: Case) -> Iterator[tuple[str, ...]]:
    return ((case.ref, *link) for link in case.links)


def _reminder_rows(digest: Digest) -> Iterator[tuple[str, ...]]:
    return ((ref, level, due, digest.code, digest.owner or "") for ref, level, due in digest.cases)


DERIVED: Mapping[str, Derived] = {
    "name_key": Derived(NAMED.keys(), "code", ("kind", "folded", "code"), _name_rows),
    "case_coordinating": Derived(
        (Case.kind,), "ref", ("ref", "org"), _coordinating_rows, "coordinating"
    ),
    "case_theme": Derived(
        (Case.kind,), "ref", ("ref", "theme", "ref_stem", "ref_number"), _theme_rows, "theme"
    ),
    "case_link": Derived((Case.kind,), "ref", ("ref", "relation", "other"), _link_rows, "links"),
    "reminder": Derived(
        (Digest.kind,), "digest", ("ref", "level", "due", "digest", "owner"), _reminder_rows
    ),
}
"""The derived tables; those of names have rows for every kind with names."""


@cache
def derived_tables(kind: str) -> tuple[str, ...]:
    """Return the derived tables of a kind of record."""
    return tuple(name for name, one in DERIVED.items() if kind in one.kinds)


@cache
def _derived_of(kind: str) -> tuple[tuple[str, str | None, Callable[[Any], Any]], ...]:
    return tuple((name, DERIVED[name].of, DERIVED[name].rows) for name in derived_tables(kind))


@cache
def columns(table: str) -> tuple[str, ...]:
    """Return the columns of a table of records, or of a derived table."""
    if table in DERIVED:
        return DERIVED[table].columns
    if table == STRUCK:
        return _OF_STRUCK
    return names_of(table) + (_OF_CASE if table == Case.kind else ())


STRUCK = "struck_case"
"""The table of cases whose proposal was struck out."""

_OF_STRUCK = ("ref", "ref_key", "ref_stem", "ref_number", "search", "secrecy", "proposer", "seq")

# --- laid out and written ----------------------------------------------------------------------

Formed = tuple[int, "Callable[[Any], Any]"]

Rows = dict[str, list[Any]]
"""Rows by table, with the values of `columns` in the driver's form."""


def fill(connection: Connection, records: Iterable[Record]) -> None:
    """Insert the rows of new records, without events; a register of the past is rebuilt so too."""
    insert(connection, laid_out(records))


def laid_out(records: Iterable[Record]) -> Rows:
    """Return the rows of records by table, with values in the driver's form."""
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
def _formed(kind: str) -> tuple[Formed, ...]:
    """Return the positions of fields that are stored in another form, and the conversions."""
    return (*formed(kind, names_of(kind)), *_placed(names_of(kind), shape(kind).enums, str))


@cache
def formed(kind: str, names: tuple[str, ...]) -> tuple[Formed, ...]:
    """Return the places of dates and lists among columns, and what makes the text of each."""
    form = shape(kind)
    return (*_placed(names, form.dates, iso), *_placed(names, form.lists, _listed))


def _placed(
    names: tuple[str, ...], among: Container[str], form: Callable[[Any], Any]
) -> Iterator[Formed]:
    return ((place, form) for place, name in enumerate(names) if name in among)


def insert(connection: Connection, written: Rows) -> None:
    """Insert rows by table: records before the derived rows that refer to them."""
    for name in sorted(written, key=DERIVED.__contains__):
        connection.insert(name, columns(name), written[name])


def update(connection: Connection, before: Record, after: Record) -> int:
    """Write the differences of a record's row and its derived rows.

    Returns the number of rows that still had the earlier version: one or none.
    """
    stood = vars(before)
    values = {name: value for name, value in vars(after).items() if value != stood[name]}
    values["version"] = after.version
    derived = derived_columns(before), derived_columns(after)
    values |= {name: new for name, new in derived[1].items() if derived[0][name] != new}
    changed = ", ".join(f'"{name}" = ?' for name in values)
    done = connection.change(
        f'UPDATE "{before.kind}" SET {changed} WHERE "{before.key_field}" = ? AND version = ?',  # noqa: S608 - names of columns
        stored([*values.values(), before.key, before.version]),
    )
    if done == 1:
        old, new = derived_rows(before), derived_rows(after)
        for name in derived_tables(before.kind):
            if old[name] != new[name]:
                _replace_derived(connection, name, before.key, old[name], new[name])
    return done


def _replace_derived(
    connection: Connection,
    table: str,
    key: str,
    old: list[tuple[Any, ...]],
    written: list[tuple[Any, ...]],
) -> None:
    if table == "name_key":
        # Names are kept by what they are folded to: by code they are not found without a search.
        text = f"DELETE FROM {table} WHERE kind = ? AND folded = ? AND code = ?"  # noqa: S608 - a table's name
        connection.many(text, old)
    else:
        text = f"DELETE FROM {table} WHERE {DERIVED[table].owner} = ?"  # noqa: S608 - names of columns
        connection.change(text, [key])
    if written:
        connection.insert(table, columns(table), written)


def stored(values: Iterable[Any]) -> list[Any]:
    """Return values in the driver's form: dates in ISO form, short lists as JSON."""
    # Most are text or nothing, and a case has fifty.
    return [
        value
        if value is None or type(value) is str or (form := _FORMS.get(type(value))) is None
        else form(value)
        for value in values
    ]


def _listed(value: Sequence[Any]) -> str:
    # A wheel is built without it, and what the schema is made of is imported then.
    import orjson

    return orjson.dumps(value).decode() if value else "[]"


_FORMS: Mapping[type, Callable[[Any], Any]] = {
    date: iso,
    list: _listed,
    tuple: _listed,
    State: str,
    Outcome: str,
    Role: str,
}
