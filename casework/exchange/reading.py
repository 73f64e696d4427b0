"""Read a file of cases row by row, whatever its size."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from casework.errors import UsageError
from casework.exchange.columns import HISTORY, LISTS, VERSION, words
from casework.exchange.sources import WHOLE_LIMIT
from casework.exchange.tables import END_OF_FILE, LONG, Table, headed, heading, some, table
from casework.exchange.workbooks import first_sheet
from casework.system.text import INVISIBLE, SHOWN, as_json, trimmed
from casework.words import Text, Written, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from casework.exchange.columns import Layout
    from casework.exchange.sources import Source

EDGES = INVISIBLE | {"'"}
"""Characters at the edges of a cell that do not belong to its value."""

VALUES_LIMIT = 300_000
"""The most members and items in a long line of JSON."""

ITEMS_LIMIT = 2_000_000
"""The most lists inside one JSON list."""

LINE = Text("row.line")
MAP = "hint.map-columns"
"""The hint for an unknown heading."""

Fault = tuple[str | Text, str | Text, Text]


class Row(NamedTuple):
    """A row of the file. `number` counts as in a spreadsheet: a CSV header is row 1.

    `fault` says why the row cannot be read: the column, the value, and what is wrong. A row without
    values or fault is blank.
    """

    number: int
    values: dict[str, Any]
    fault: Fault | None = None

    @property
    def blank(self) -> bool:
        """Return whether the row is empty."""
        return not self.values and self.fault is None


def rows_of(source: Source, layout: Layout) -> Generator[Row]:
    """Yield the rows of a file; raises UsageError if its form is wrong.

    The file may be read a second time while this reads it.
    """
    with opened_table(source, layout) as found:
        if isinstance(found, Table):
            yield from _rows(found, layout)
        else:
            yield from (_line(number, line, layout) for number, line in found)


@contextmanager
def opened_table(source: Source, layout: Layout) -> Generator[Table | Iterator[tuple[int, str]]]:
    """Open a file's table, or its numbered lines of JSON."""
    listed = layout.listed()
    if source.form == "workbook":
        with first_sheet(source.file, source.called) as sheet:
            source.sheets[:] = [sheet.title]
            _, heads = next(sheet.rows, (0, []))
            found = headed(heads, sheet.rows, source.called, layout.headings(), listed, MAP)
            _refuse_unmapped(found, source.called, layout)
            yield found
        return
    with source.text() as text:
        start = text.read(1)
        while start and start.isspace():
            start = text.read(1)
        text.seek(0)
        if start == "[":
            yield _items(text, source)
        elif start == "{":
            lines = enumerate(text, start=1)
            yield ((no, line) for no, line in lines if not _blank(line))
        else:
            found = table(text, source.called, layout.headings(), listed, MAP)
            _refuse_unmapped(found, source.called, layout)
            yield found


def _refuse_unmapped(found: Table, name: Text, layout: Layout) -> None:
    """Refuse a file that lacks a mapped heading."""
    there = set(map(heading, found.heads))
    for one in layout.mapped:
        if heading(one) not in there:
            raise UsageError("table.no-heading", name=name, words=one, heads=some(found.heads))


def _blank(line: str) -> bool:
    return line.isspace() or line.strip() == END_OF_FILE


def _items(text: IO[str], source: Source) -> Iterator[tuple[int, str]]:
    """Yield the items of one JSON list as separate lines; the list is read as a whole."""
    whole = text.read(WHOLE_LIMIT + 1)
    if len(whole) > WHOLE_LIMIT or whole.count("[") > ITEMS_LIMIT:
        raise UsageError("file.one-list", name=source.called, limit=WHOLE_LIMIT >> 20)
    try:
        items = json.loads(whole, object_pairs_hook=_members, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UsageError("file.broken-list", name=source.called, why=quoted(error)) from None
    return ((number, json.dumps(one, ensure_ascii=False)) for number, one in enumerate(items, 1))


def _rows(found: Table, layout: Layout) -> Iterator[Row]:
    width = len(found.columns)
    columns = [
        (column, bool(column) and layout.columns[str(column)].holds in LISTS)
        for column in found.columns
    ]
    unnamed = [place for place, column in enumerate(found.columns) if column is None]
    for number, cells in found.rows:
        if len(cells) > width:
            told = (
                str(found.columns[-1] or found.heads[-1]),
                Text("row.cells", count=len(cells)),
                Text("row.header", width=width),
            )
            yield Row(number, {}, told)
        elif unnamed and any(place < len(cells) and trimmed(cells[place]) for place in unnamed):
            yield Row(number, {}, (Text("row.row"), Text("row.a-cell"), Text("row.no-heading")))
        else:
            yield Row(number, _values(columns, cells, layout.divide))


def _values(
    columns: list[tuple[str | None, bool]], cells: list[str], divide: Callable[[str], list[str]]
) -> dict[str, Any]:
    return {
        name: divide(said) if listed else said
        for (name, listed), written in zip(columns, cells, strict=False)
        if written
        and name
        # Most cells are as they were written; to call a function for each takes longer.
        and (said := words(written) if written[0] in EDGES or written[-1] in EDGES else written)
        and not said.isspace()
    }


def _line(number: int, line: str, layout: Layout) -> Row:
    shown = line.strip()[:SHOWN]
    if len(line) > LONG and sum(map(line.count, "[{,")) > VALUES_LIMIT:
        return Row(number, {}, (LINE, shown, Text("row.many-values", most=VALUES_LIMIT)))
    try:
        values = json.loads(line, object_pairs_hook=_members, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return Row(number, {}, (LINE, shown, quoted(error)))
    if not isinstance(values, dict):
        return Row(number, {}, (LINE, shown, Text("row.no-object")))
    told: dict[str, Any] = {}
    for name, value in values.items():
        if (fault := _fault(name, value, layout)) is not None:
            return Row(number, {}, fault)
        if value not in (None, "") and name not in layout.spare:
            told[name] = str(value) if isinstance(value, int) else value
    if HISTORY not in told:
        told = {name: _trimmed(value) for name, value in told.items()}
    return Row(number, {name: value for name, value in told.items() if value != ""})


def _fault(name: str, value: Any, layout: Layout) -> Fault | None:
    """Return what is wrong with a member of a JSON line; None if nothing is."""
    if name in layout.spare and (name == VERSION or not value):
        return None
    column = layout.columns.get(name)
    if column is None and name not in layout.members:
        shown = value if isinstance(value, str) else _written(value)
        return name[:SHOWN], shown, Text("row.unknown-column", known=", ".join(layout.columns))
    listed = column is not None and column.holds in LISTS
    form: type[Any] = list if listed or column is None else str
    if column is not None and column.holds == "int" and type(value) is int:
        return None
    if value is not None and not isinstance(value, form):
        needed = Text("row.list-needed" if form is list else "row.text-needed")
        return name, _written(value), needed
    if listed and not all(isinstance(one, str) for one in value or ()):
        return name, _written(value), Text("row.texts-needed")
    return None


def _written(value: Any) -> Text:
    return Written(as_json(value))


def _trimmed(value: Any) -> Any:
    return trimmed(value) if isinstance(value, str) else [trimmed(one) for one in value]


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(Text("row.member-twice"))
    return members


def _refuse(constant: str) -> None:
    raise ValueError(Text("row.no-value", value=constant))
