"""The columns of an exchanged file, and how a case is written in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casework.records import Case, plain
from casework.text import INVISIBLE, guarded, trimmed, unguarded

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in files, the case's field, and what its cells hold.

    `names` is the kind of record a cell names, for a cell that must be looked up.
    """

    name: str
    field: str
    holds: str = "text"
    names: str | None = None


COLUMNS = (
    Column("ref", "ref", "ref"),
    Column("title", "title", "title"),
    Column("title_vi", "title_vi", "title"),
    Column("summary", "summary"),
    Column("conference", "conference", "code", "conference"),
    Column("proposer", "proposer", "code", "organisation"),
    Column("speaker", "speaker", "code", "person"),
    Column("addressee", "addressee", "code", "organisation"),
    Column("owner", "owner", "code", "organisation"),
    Column("officer", "officer", "code", "person"),
    Column("with", "coordinating", "list", "organisation"),
    Column("due", "due", "date"),
    Column("original_due", "original_due", "date"),
    Column("words", "due_words"),
    Column("basis", "due_basis", "basis"),
    Column("precision", "due_precision", "precision"),
    Column("rule", "due_rule", "rule"),
    Column("from", "due_from", "date"),
    Column("held_since", "held_since", "date"),
    Column("holds", "holds", "spans"),
    Column("state", "state", "state"),
    Column("outcome", "outcome", "outcome"),
    Column("answer", "answer"),
    Column("document", "document"),
    Column("proposed_on", "proposed_on", "date"),
    Column("assigned_on", "assigned_on", "date"),
    Column("study_on", "study_on", "date"),
    Column("resolved_on", "resolved_on", "date"),
    Column("theme", "theme", "list"),
    Column("instruments", "instruments", "list"),
    Column("source", "source"),
)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
HISTORY = "history"
"""The member of a JSON line that holds a case's events."""

OWN = {"ref", "title", "text"}
"""What a cell may hold that hardly another one says again."""

LISTS = {"list", "spans"}
"""What a cell or a member may hold that is a list of texts; a span is ``first/last``."""

LIST_MARK = ";"
_MARKED = re.compile(r"[;\\]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LISTED = re.compile(r"(?:[^;\\]|\\.)+", re.DOTALL)


def line(case: Case) -> dict[str, Any]:
    """Return a case as a JSON line, without the members that have no value."""
    values = {column.name: plain(_value(case, column)) for column in COLUMNS}
    return {name: value for name, value in values.items() if value not in (None, [])}


def cells(case: Case) -> list[str]:
    """Return a case as the cells of a CSV row."""
    return [cell(_value(case, column)) for column in COLUMNS]


def _value(case: Case, column: Column) -> Any:
    value = getattr(case, column.field)
    return tuple("/".join(span) for span in value) if column.holds == "spans" else value


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
