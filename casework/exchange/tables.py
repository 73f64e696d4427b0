"""Read tables as spreadsheets and other programs write them: CSV with its quirks, within limits."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from casework.errors import UsageError
from casework.system.text import SHOWN, fold, trimmed
from casework.words import Text, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CELL_LIMIT = 1 << 20
"""The most characters in a cell."""

ROW_LIMIT = 8 << 20
"""The most characters in a row, over all its lines."""

COLUMN_LIMIT = 1000
CELLS_LIMIT = 200_000
"""The most separators in a long line: a text may have thousands, a row has few cells."""

LONG = 1 << 16
NAMED = 10
"""How many names a message lists."""

MARKS = ",;\t|"
_TOLD_MARK = re.compile(r"sep=(.)\s*", re.IGNORECASE | re.DOTALL)
_BETWEEN_WORDS = re.compile(r"[\s_-]+")
END_OF_FILE = "\x1a"
"""The end-of-file character of DOS."""


Numbered = tuple[int, list[str]]
"""The cells of a row, with its number."""

PASSED = ""
"""Marks the column of a heading that is skipped."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its headings, the column under each, and its rows.

    The column of an empty heading is None; that of a skipped heading is empty. Each row has its
    number, counted as in a spreadsheet: the header is row 1. Missing cells at the end of a row are
    left out, and so are empty ones beyond the header. `mark` is the separator.
    """

    heads: list[str]
    columns: list[str | None]
    rows: Iterator[Numbered]
    mark: str


class Column(Text):
    """A column in a message: its name, and in Vietnamese also its heading."""

    __slots__ = ("called",)

    def __init__(self, name: str, called: str) -> None:
        super().__init__(name)
        self.called = called

    def said(self, lang: str = "en") -> str:
        """Return the column's name, and its heading in languages other than English."""
        return (
            self.key if lang == "en" or self.called == self.key else f"{self.key} ({self.called})"
        )


def table(
    text: IO[str],
    name: str | Text,
    names: Mapping[str, str],
    listed: Sequence[Column],
    way_out: str = "",
) -> Table:
    """Return the table of a text; `names` maps all possible headings to columns.

    Headings are compared without case, diacritics and blanks (`heading`); for an unknown one the
    error lists the columns in `listed` and the hint `way_out`. The separator is given by a first
    line ``sep=``, or is the one that yields most known headings. Raises UsageError if the text is
    not such a table.
    """
    csv.field_size_limit(CELL_LIMIT)
    lines = _Lines(text, name)
    first = next((line for line in lines if not line.isspace()), "")
    told = _TOLD_MARK.fullmatch(first.lstrip("\ufeff").strip('"\r\n'))
    if told:
        first = next(lines, "")
    lines.again(first)
    mark = told[1] if told else max(MARKS, key=lambda one: _headings(first, one, names))
    lines.mark = mark
    try:
        reader = csv.reader(lines, delimiter=mark, strict=True)
        rows = _rows(reader, lines, name)
        return headed(next(reader, []), rows, name, names, listed, way_out, mark)
    except csv.Error as error:
        raise _broken(name, 1, error) from None


def headed(
    heads: list[str],
    rows: Iterator[Numbered],
    name: str | Text,
    names: Mapping[str, str],
    listed: Sequence[Column],
    way_out: str = "",
    mark: str = ",",
) -> Table:
    """Return the table of a header row and the rows below it; see `table`."""
    columns = _header(heads, name, names, listed, way_out)
    return Table(heads, columns, _within(rows, len(columns)), mark)


def heading(words: str) -> str:
    """Return the normalised form of a heading."""
    return _BETWEEN_WORDS.sub("_", fold(trimmed(words)))


class _Lines:
    """The lines of a text, with a limit on the length of one row."""

    def __init__(self, text: IO[str], name: str | Text) -> None:
        self._text = text
        self._name = name
        self._first = ""
        self.mark = ""
        self.held = 0

    def again(self, line: str) -> None:
        """Yield a line again."""
        self._first = line

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._first or next(self._text)
        self._first = ""
        self.held += len(line)
        if self.held > LONG and (
            self.held > ROW_LIMIT or (self.mark and line.count(self.mark) > CELLS_LIMIT)
        ):
            raise UsageError(
                "table.long-row", name=self._name, limit=ROW_LIMIT >> 20, cells_limit=CELLS_LIMIT
            )
        return line


def _headings(first: str, mark: str, names: Mapping[str, str]) -> int:
    """Return the number of known headings in a first line for a separator."""
    if len(first) > LONG:
        return 0
    return sum(heading(cell.strip('"')) in names for cell in first.split(mark))


def _header(
    cells: list[str],
    name: str | Text,
    names: Mapping[str, str],
    listed: Sequence[Column],
    way_out: str,
) -> list[str | None]:
    while cells and not trimmed(cells[-1]):
        cells.pop()
    if not cells:
        raise UsageError("table.empty", name=name, listed=listed)
    if len(cells) > COLUMN_LIMIT:
        raise UsageError("table.columns", name=name, count=len(cells), column_limit=COLUMN_LIMIT)
    headings = [heading(cell) for cell in cells]
    unknown = [cell for cell, one in zip(cells, headings, strict=True) if one and one not in names]
    if unknown:
        shown = some([repr(one[:SHOWN]) for one in unknown])
        raise UsageError("table.unknown-columns", way_out, name=name, shown=shown, listed=listed)
    columns = [names.get(one) for one in headings]
    twice = sorted({one for one in columns if one and columns.count(one) > 1})
    if twice:
        raise UsageError("table.columns-twice", name=name, some=some(twice))
    return columns


def some(names: list[str]) -> str | Text:
    """Return a list of names for a message: the first ones, and how many more there are."""
    more, listed = len(names) - NAMED, ", ".join(names[:NAMED])
    return Text("list.and-more", listed=listed, more=more) if more > 0 else listed


def _rows(reader: Iterator[list[str]], lines: _Lines, name: str | Text) -> Iterator[Numbered]:
    number = 1
    try:
        for cells in reader:
            lines.held = 0
            number += 1
            if cells != [END_OF_FILE]:
                yield number, cells
    except csv.Error as error:
        raise _broken(name, getattr(reader, "line_num", number), error) from None


def _within(rows: Iterator[Numbered], width: int) -> Iterator[Numbered]:
    """Yield the rows that are not empty, without empty cells beyond the header."""
    for number, cells in rows:
        # Spreadsheets end in empty ones.
        if not any(cells):
            continue
        if len(cells) > width and not any(map(trimmed, cells[width:])):
            del cells[width:]
        yield number, cells


def _broken(name: str | Text, line: int, error: csv.Error) -> UsageError:
    return UsageError("table.line", name=name, line=line, error=quoted(error))
