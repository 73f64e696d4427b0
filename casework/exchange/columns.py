"""The columns of exchanged files, and how cases are written in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import UsageError
from casework.exchange import tables
from casework.exchange.tables import PASSED, heading
from casework.kinds.records import Case, plain
from casework.system.text import INVISIBLE, guarded, trimmed, unguarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from casework.kinds.records import Record


class Column(NamedTuple):
    """A column: its name in files, its field, and the form of its cells.

    `names` is the kind of record to look up, if a cell names one. A `told` column may be left out
    if the file has the history. `headings` are other headings in spreadsheets, the Vietnamese one
    last.
    """

    name: str
    field: str
    holds: str
    meaning: str
    names: str | None = None
    told: bool = False
    headings: tuple[str, ...] = ()


DOUBT = Column(
    *("doubted", "doubted", "doubt"),
    "yes where nobody answers for the outcome; without it the answer's words decide",
    told=True,
)


def columns_of(kind: type[Record]) -> Iterator[Column]:
    """Yield the columns of fields in files; those that only export writes come last."""
    for one in sorted(kind.fields, key=lambda one: one.told):
        if one.file is not None:
            headings = (*one.headings, *one.label)
            told = (one.file, one.refers, one.told, headings)
            yield Column(one.short, one.name, one.holds, *told)


COLUMNS = (*columns_of(Case), DOUBT)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
COLUMN_OF: Mapping[str, str] = {column.field: column.name for column in COLUMNS}
"""The column of each field."""

HISTORY = "history"
"""The member of a JSON line that holds a case's events."""

VERSION = "version"
"""The member of a JSON line with the number of a record's events; imports ignore it."""

WRONG = ("error", "lỗi")
"""The heading of the errors in a file of refused rows."""

COUNTS = ("STT", "TT")
"""The headings of a column that only numbers the rows."""


OWN = {"NewKey", "Title", "str"}
"""The kinds of cells whose values rarely repeat."""

YES, NO = "yes", "no"

LISTS = {"list", "Spans"}
"""The kinds of cells and members that are lists of texts; a span is ``first/last``."""

LIST_MARK = ";"
_MARKED = re.compile(r"[;\\]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LISTED = re.compile(r"(?:[^;\\]|\\.)+", re.DOTALL)


def line(case: Case) -> dict[str, Any]:
    """Return a case as a JSON line, without empty values and values its history contains."""
    values = {column.name: plain(value_of(case, column)) for column in COLUMNS if not column.told}
    return {name: value for name, value in values.items() if value not in (None, [])}


def cells(case: Case) -> list[str]:
    """Return a case as the cells of a CSV row."""
    return [cell(value_of(case, column)) for column in COLUMNS]


def value_of(case: Case, column: Column) -> Any:
    """Return the value of a case in a column, in the form of files."""
    if column.holds == "doubt":
        return None if case.outcome is None else YES if case.doubted else NO
    value = getattr(case, column.field)
    if column.holds == "int":
        return str(value)
    return tuple("/".join(span) for span in value) if column.holds == "Spans" else value


def cell(value: Any) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, list):
        return join(value)
    return str(value) if isinstance(value, int) else guarded(str(value))


def words(written: str) -> str:
    """Return the content of a cell; the reverse of writing one.

    Invisible characters at its edges are removed, unless an apostrophe guards them.
    """
    if written[0] == "'":
        return unguarded(written)
    return trimmed(written) if written[0] in INVISIBLE or written[-1] in INVISIBLE else written


def join(values: list[str]) -> str:
    """Write a list into one cell; a backslash escapes separators and backslashes in values."""
    return guarded(f"{LIST_MARK} ".join(_MARKED.sub(r"\\\g<0>", value) for value in values))


def split(words: str) -> list[str]:
    """Read a list from one cell; the reverse of `join`."""
    if "\\" not in words:
        return [value for part in words.split(LIST_MARK) if (value := part.strip())]
    values = (_ESCAPED.sub(r"\1", part.strip()) for part in _LISTED.findall(words))
    return [value for value in values if value]


def names_in(words: str) -> list[str]:
    """Read names from one cell, separated by semicolons and line breaks, or else by commas."""
    lines = [name for line in words.splitlines() for name in split(line)]
    if len(lines) > 1 or LIST_MARK in words:
        return lines
    return [name for part in words.split(",") if (name := part.strip())]


class Layout(NamedTuple):
    """The layout of a file: its columns by name, and other members of a JSON line.

    `spare` members may be present, as `casework list` writes them, but must be empty. `mapped` maps
    headings of this file to column names, or to None to skip the column.
    """

    columns: Mapping[str, Column]
    members: frozenset[str] = frozenset()
    spare: frozenset[str] = frozenset()
    mapped: Mapping[str, str] = {}
    divide: Callable[[str], list[str]] = split
    """The function that reads a list from one cell."""

    def headings(self) -> dict[str, str]:
        """Return the columns by heading: their names, and their words for people."""
        known = {heading(words): name for words, name in self.mapped.items()}
        for column in self.columns.values():
            known.setdefault(heading(column.name), column.name)
        for column in self.columns.values():
            for words in column.headings:
                known.setdefault(heading(words), column.name)
        return dict.fromkeys(map(heading, (*WRONG, *COUNTS)), PASSED) | known

    def listed(self) -> list[tables.Column]:
        """Return the columns as messages name them."""
        named = self.columns.values()
        return [tables.Column(one.name, (one.headings or (one.name,))[-1]) for one in named]


CASES = Layout(BY_NAME, frozenset((HISTORY,)))


def cases_in(mapped: Mapping[str, str]) -> Layout:
    """Return the layout of a file of cases with these mapped headings."""
    refuse_unknown(mapped, BY_NAME)
    return CASES._replace(mapped=mapped)


def refuse_unknown(mapped: Mapping[str, str], columns: Iterable[str]) -> None:
    """Raise UsageError if a heading is mapped to a column that does not exist."""
    for words, name in mapped.items():
        if name and name not in columns:
            raise UsageError("import.map", words=words, column=name, columns=", ".join(columns))
