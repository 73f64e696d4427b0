"""Read a file of cases row by row, whatever its size."""

from __future__ import annotations

import json
from contextlib import closing
from functools import cache
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from casework.errors import UsageError
from casework.exchange.columns import BY_NAME, COLUMNS, HISTORY, LISTS, split, words
from casework.exchange.tables import END_OF_FILE, LONG, table
from casework.system.text import INVISIBLE, trimmed
from casework.words import Text, quoted, word

if TYPE_CHECKING:
    from collections.abc import Generator

    from casework.exchange.sources import Source

LANGS = ("en", "vi")
SHOWN = 60
EDGES = INVISIBLE | {"'"}
"""How a cell begins or ends that is not what it says."""

VALUES_LIMIT = 300_000
"""How many members and items a long line of JSON may have."""


LINE = Text("row.line")

Fault = tuple[str | Text, str | Text, Text]


class Row(NamedTuple):
    """One row as the file has it. `number` counts as a spreadsheet does: a CSV header is row 1.

    `fault` tells why the row cannot be read at all: the column, the value, and what is wrong. A
    row without values and without a fault is blank.
    """

    number: int
    values: dict[str, Any]
    fault: Fault | None = None

    @property
    def blank(self) -> bool:
        """Tell whether the row says nothing at all."""
        return not self.values and self.fault is None


@cache
def headings() -> dict[str, str]:
    """Return the columns by their headings: their names, and what the register calls them."""
    known = {column.name: column.name for column in COLUMNS}
    for column in COLUMNS:
        for lang in LANGS:
            known.setdefault(word(column.field, lang), column.name)
    return known


def rows_of(source: Source) -> Generator[Row]:
    """Yield a file's rows; raises UsageError where it is no such file at all.

    The file may be read once more while it is being read.
    """
    with source.text() as text:
        start = text.read(1)
        while start and start.isspace():
            start = text.read(1)
        text.seek(0)
        if start == "[":
            raise UsageError("file.one-list", name=source.called)
        with closing(_lines(text) if start == "{" else _table(text, source.called)) as rows:
            yield from rows


def _table(text: IO[str], name: Text) -> Generator[Row]:
    found = table(text, name, headings())
    width = len(found.columns)
    columns = [
        (column, column is not None and BY_NAME[column].holds in LISTS) for column in found.columns
    ]
    unnamed = [place for place, column in enumerate(found.columns) if column is None]
    for number, cells in found.rows:
        if len(cells) > width:
            told = (
                str(found.columns[-1]),
                Text("row.cells", count=len(cells)),
                Text("row.header", width=width),
            )
            yield Row(number, {}, told)
        elif unnamed and any(place < len(cells) and trimmed(cells[place]) for place in unnamed):
            yield Row(number, {}, (Text("row.row"), Text("row.a-cell"), Text("row.no-heading")))
        else:
            yield Row(number, _values(columns, cells))


def _values(columns: list[tuple[str | None, bool]], cells: list[str]) -> dict[str, Any]:
    return {
        name: split(said) if listed else said
        for (name, listed), written in zip(columns, cells, strict=False)
        if written
        and name is not None
        # Most cells are as they were written; to call a function for each takes longer.
        and (said := words(written) if written[0] in EDGES or written[-1] in EDGES else written)
        and not said.isspace()
    }


def _lines(text: IO[str]) -> Generator[Row]:
    for number, line in enumerate(text, start=1):
        if not line.isspace() and line.strip() != END_OF_FILE:
            yield _line(number, line)


def _line(number: int, line: str) -> Row:
    shown = line.strip()[:SHOWN]
    if len(line) > LONG and sum(map(line.count, "[{,")) > VALUES_LIMIT:
        return Row(number, {}, (LINE, shown, Text("row.many-values", most=VALUES_LIMIT)))
    try:
        values = json.loads(line, object_pairs_hook=_members, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return Row(number, {}, (LINE, shown, quoted(error)))
    if not isinstance(values, dict):
        return Row(number, {}, (LINE, shown, Text("row.no-object")))
    for name, value in values.items():
        if (fault := _fault(name, value)) is not None:
            return Row(number, {}, fault)
    told = {name: value for name, value in values.items() if value not in (None, "")}
    if HISTORY not in told:
        told = {name: _trimmed(value) for name, value in told.items()}
    return Row(number, {name: value for name, value in told.items() if value != ""})


def _fault(name: str, value: Any) -> Fault | None:
    """Return what is wrong with a member of a JSON line, None where it is of its form."""
    if name != HISTORY and name not in BY_NAME:
        shown = str(value)[:SHOWN]
        return name[:SHOWN], shown, Text("row.unknown-column", known=", ".join(BY_NAME))
    listed = name != HISTORY and BY_NAME[name].holds in LISTS
    form = list if listed or name == HISTORY else str
    if value is not None and not isinstance(value, form):
        needed = Text("row.list-needed" if form is list else "row.text-needed")
        return name, json.dumps(value)[:SHOWN], needed
    if listed and not all(isinstance(one, str) for one in value or ()):
        return name, json.dumps(value)[:SHOWN], Text("row.texts-needed")
    return None


def _trimmed(value: Any) -> Any:
    return trimmed(value) if isinstance(value, str) else [trimmed(one) for one in value]


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(Text("row.member-twice"))
    return members


def _refuse(constant: str) -> None:
    raise ValueError(Text("row.no-value", value=constant))
