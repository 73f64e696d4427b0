"""Compile the statements to text for each engine, for `compiled`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    Column,
    Date,
    Index,
    MetaData,
    Select,
    SelectBase,
    Table,
    literal_column,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.schema import CreateIndex, CreateTable

from casework.kinds.records import KINDS
from casework.rules import law
from casework.store import record_rows, schema
from casework.store.compiled import SERVER
from casework.store.statements import every, narrowed
from casework.store.statements.narrowed import CONDITIONS, condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Dialect

_DIALECTS: Mapping[str, Dialect] = {
    "": sqlite.dialect(paramstyle="named"),
    SERVER: psycopg.dialect(paramstyle="pyformat"),  # type: ignore[no-untyped-call]
}
"""The dialect of each engine, by the prefix of its lines."""
_TEXT_OF = {Date: "date", JSON: "json"}
"""The types that SQLite stores as text."""

_HERE = "0 = 'here'"
"""The placeholder for the conditions that will narrow a statement."""


def document(root: Path, stamps: Mapping[Path, list[int]]) -> str:
    """Return the text of `compiled.tsv`; to be called in a process that does nothing else.

    The sources are the modules of the program that were imported.
    """
    imported = (getattr(one, "__file__", None) for one in tuple(sys.modules.values()))
    files = sorted({Path(file) for file in imported if file} & stamps.keys())
    made: dict[str, Any] = {
        "sources": {file.relative_to(root).as_posix(): stamps[file] for file in files},
        **{name: value for side in _DIALECTS for name, value in _sent(side)},
        "SCRATCH": [*_scratches()],
        **{f"TRIGGERS {name}": texts for name, texts in sorted(schema.TRIGGERS.items())},
        **{f"TABLES {table.name}": table.c.keys() for table in schema.metadata.sorted_tables},
        **{f"INDEXES {name}": table for name, table in _indexes()},
        "LAW": law.digest(),
    }
    return "".join(f"{name}\t{json.dumps(value)}\n" for name, value in made.items())


def _sent(side: str) -> Iterator[tuple[str, Any]]:
    """Yield the texts for one engine, by name."""
    for name, query in every().items():
        yield side + name, kept(query, narrow=name.partition(" ")[0] in vars(narrowed), side=side)
    for name in CONDITIONS:
        yield f"{side}CONDITIONS {name}", _condition(name, _DIALECTS[side])
    for name, orders in narrowed.ORDERS.items():
        yield f"{side}ORDERS {name}", _order(orders, _DIALECTS[side])


def _indexes() -> Iterator[tuple[str, str]]:
    """Yield each index with its table."""
    for table in schema.metadata.sorted_tables:
        yield from sorted((str(index.name), table.name) for index in table.indexes)
    yield from ((name, "case") for name in sorted(schema.BY_MIGRATION))


def kept(query: SelectBase, *, narrow: bool, side: str = "") -> dict[str, Any]:
    """Return the stored form of a statement: its text, values, forms, and where conditions go."""
    dialect = _DIALECTS[side]
    built = query.compile(dialect=dialect)
    asked = {key for key, bind in built.binds.items() if bind.required}
    return {
        "text": _one_line(built),
        "fixed": {key: value for key, value in built.params.items() if key not in asked},
        "forms": [
            (place, form)
            for place, one in enumerate(query.selected_columns)
            if side != SERVER and (form := _TEXT_OF.get(type(one.type))) is not None
        ],
        "place": _place(query, dialect) if narrow and isinstance(query, Select) else None,
    }


def _place(query: Select[Any], dialect: Dialect) -> tuple[int, str] | None:
    """Return where in a statement's text more conditions go, and the word before them.

    None if it takes none, because its own would need brackets first.
    """
    bare = _text_of(query, dialect)
    text = _text_of(query.where(literal_column(_HERE)), dialect)
    for word in ("WHERE", "AND"):
        start, found, rest = text.rpartition(f" {word} {_HERE}")
        if found and start + rest == bare:
            return len(start), word
    return None


def _condition(name: str, dialect: Dialect) -> str:
    built = condition(name).compile(dialect=dialect)
    if not built.binds.keys() <= {"value"}:
        raise ValueError(f"{name}: {built} has other values than its own")
    return _one_line(built)


def _order(orders: Iterable[Any], dialect: Dialect) -> str:
    inline = {"literal_binds": True}
    return ", ".join(
        _one_line(one.compile(dialect=dialect, compile_kwargs=inline)) for one in orders
    )


def _scratches() -> Iterator[str]:
    """Yield the statements that create the tables for an earlier day."""
    for made in schema.metadata.sorted_tables:
        if made.name in KINDS or made.name in record_rows.DERIVED:
            yield from (_text_of(one, _DIALECTS[""]) for one in _scratch(made))


def _scratch(made: Table) -> Iterator[Any]:
    """Yield the statements that create a table with columns and indexes, but no constraints.

    The state of an earlier day may contain what the register never held at one moment, such as two
    people with one login. The log says so, so it is shown and not refused.
    """
    bare = Table(made.name, MetaData(), *(Column(one.name, one.type) for one in made.columns))
    yield CreateTable(bare)
    sought = [tuple(made.primary_key.columns.keys())]
    if made is schema.TABLES["case"]:
        # Cases are found by their references, and counted by owner.
        tally = next(one for one in made.indexes if one.name == "ix_case_tally")
        sought += [("ref_key",), tuple(tally.columns.keys())]
    for number, names in enumerate(sought):
        columns = (bare.c[name] for name in names)
        yield CreateIndex(Index(f"scratch_{made.name}_{number}", *columns))


def _text_of(made: Any, dialect: Dialect) -> str:
    """Return the text of a statement, or of a part of one, in one line."""
    return _one_line(made.compile(dialect=dialect))


def _one_line(built: Any) -> str:
    return " ".join(str(built).split())
