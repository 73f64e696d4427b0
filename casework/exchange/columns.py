"""The columns of an exchanged file, and how a case is written in them."""

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
    """One column: its name in files, the case's field it has, and what its cells hold.

    `names` is the kind of record a cell names, for a cell that must be looked up. What a history
    `told` need not stand beside it. `headings` are what a spreadsheet may call it, the Vietnamese
    one last.
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
    """Yield the columns of the fields that files have, those last that only export writes."""
    for one in sorted(kind.fields, key=lambda one: one.told):
        if one.file is not None:
            headings = (*one.headings, *one.label)
            told = (one.file, one.refers, one.told, headings)
            yield Column(one.short, one.name, one.holds, *told)


COLUMNS = (*columns_of(Case), DOUBT)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
COLUMN_OF: Mapping[str, str] = {column.field: column.name for column in COLUMNS}
"""The column that holds a field."""

HISTORY = "history"
"""The member of a JSON line that holds a case's events."""

VERSION = "version"
"""The member of a JSON line that counts a record's events; a file changes none."""

WRONG = ("error", "lỗi")
"""The heading under which what is wrong with a row stands in a file of refused ones."""

COUNTS = ("STT", "TT")
"""The headings of a column that numbers the rows of a list, and says nothing else."""


OWN = {"NewKey", "Title", "str"}
"""What a cell may hold that hardly another one says again."""

YES, NO = "yes", "no"

LISTS = {"list", "Spans"}
"""What a cell or a member may hold that is a list of texts; a span is ``first/last``."""

LIST_MARK = ";"
_MARKED = re.compile(r"[;\\]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LISTED = re.compile(r"(?:[^;\\]|\\.)+", re.DOTALL)


def line(case: Case) -> dict[str, Any]:
    """Return a case as a JSON line, without what has no value and what its history tells."""
    values = {column.name: plain(value_of(case, column)) for column in COLUMNS if not column.told}
    return {name: value for name, value in values.items() if value not in (None, [])}


def cells(case: Case) -> list[str]:
    """Return a case as the cells of a CSV row."""
    return [cell(value_of(case, column)) for column in COLUMNS]


def value_of(case: Case, column: Column) -> Any:
    """Return what a case has in a column, as files have it."""
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
    """Return what a cell says; the opposite of what writes one.

    Invisible characters at its edges are taken away, where no apostrophe guards them.
    """
    if written[0] == "'":
        return unguarded(written)
    return trimmed(written) if written[0] in INVISIBLE or written[-1] in INVISIBLE else written


def join(values: list[str]) -> str:
    """Write a list into one cell; a mark or a backslash inside a value follows a backslash."""
    return guarded(f"{LIST_MARK} ".join(_MARKED.sub(r"\\\g<0>", value) for value in values))


def split(words: str) -> list[str]:
    """Read a list from one cell; the opposite of `join`."""
    if "\\" not in words:
        return [value for part in words.split(LIST_MARK) if (value := part.strip())]
    values = (_ESCAPED.sub(r"\1", part.strip()) for part in _LISTED.findall(words))
    return [value for value in values if value]


def names_in(words: str) -> list[str]:
    """Read names from one cell: parted by semicolons and line breaks, or else by commas."""
    lines = [name for line in words.splitlines() for name in split(line)]
    if len(lines) > 1 or LIST_MARK in words:
        return lines
    return [name for part in words.split(",") if (name := part.strip())]


class Layout(NamedTuple):
    """What the rows of a file may say: its columns by name, and other members of a JSON line.

    Members that are `spare` may be there, as lists write them, but must say nothing. `mapped` are
    the headings that stand for a column in this file, each with the column's name; with none for a
    column that is passed over.
    """

    columns: Mapping[str, Column]
    members: frozenset[str] = frozenset()
    spare: frozenset[str] = frozenset()
    mapped: Mapping[str, str] = {}
    divide: Callable[[str], list[str]] = split
    """What reads a list from one cell."""

    def headings(self) -> dict[str, str]:
        """Return the columns by their headings: their names, and what people read for them."""
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
    """Return what a file of cases may say, in which headings stand for columns of other names."""
    refuse_unknown(mapped, BY_NAME)
    return CASES._replace(mapped=mapped)


def refuse_unknown(mapped: Mapping[str, str], columns: Iterable[str]) -> None:
    """Refuse headings that are to stand for a column that does not exist; raises UsageError."""
    for words, name in mapped.items():
        if name and name not in columns:
            raise UsageError("import.map", words=words, column=name, columns=", ".join(columns))
