"""The columns of an exchanged file, and how a case is written in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casework.fields import SHORT
from casework.records import Case, plain
from casework.text import INVISIBLE, guarded, trimmed, unguarded

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in files, and what its cells hold.

    `names` is the kind of record a cell names, for a cell that must be looked up. What a history
    `told` need not stand beside it.
    """

    name: str
    holds: str = "text"
    names: str | None = None
    told: bool = False

    @property
    def field(self) -> str:
        """The case's field that the column holds."""
        return SHORT.get(self.name, self.name)


COLUMNS = (
    Column("ref", "ref"),
    Column("title", "title"),
    Column("title_vi", "title"),
    Column("summary"),
    Column("conference", "code", "conference"),
    Column("proposer", "code", "organisation"),
    Column("speaker", "code", "person"),
    Column("addressee", "code", "organisation"),
    Column("owner", "code", "organisation"),
    Column("officer", "code", "person"),
    Column("with", "list", "organisation"),
    Column("due", "due"),
    Column("original_due", "due"),
    Column("words"),
    Column("basis", "basis"),
    Column("precision", "precision"),
    Column("rule", "rule"),
    Column("from", "date"),
    Column("held_since", "date"),
    Column("holds", "spans"),
    Column("state", "state"),
    Column("outcome", "outcome"),
    Column("answer"),
    Column("document"),
    Column("proposed_on", "date"),
    Column("assigned_on", "date"),
    Column("study_on", "date"),
    Column("resolved_on", "date"),
    Column("theme", "list"),
    Column("instruments", "list"),
    Column("source"),
    Column("state_since", "date", told=True),
    Column("extensions", "count", told=True),
    Column("answered_on", "date", told=True),
    Column("doubted", "doubt", told=True),
)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
MEANINGS: Mapping[str, str] = {
    "ref": "the reference; without one the case gets the next of its conference",
    "title": "what is recommended; needed, unless there is a title_vi",
    "title_vi": "the same in Vietnamese; alone it stands for both",
    "summary": "more about it",
    "conference": "where it was recommended",
    "proposer": "who recommended it; needed",
    "speaker": "the person who said it",
    "addressee": "whom it was addressed to",
    "owner": "the one organisation that answers for it; needed from assigned on",
    "officer": "the person at the owner who handles it",
    "with": "coordinating organisations",
    "due": "by when; lengths of time count from assigned_on",
    "original_due": "the first due date, where it was extended",
    "words": "the deadline in the source's words",
    "basis": "where the due date comes from: stated, derived or set",
    "precision": "how exact the due date is: day, month, quarter or year",
    "rule": "how the due date was counted, such as +30wd; goes with from",
    "from": "the day the rule counts from",
    "held_since": "since when its clock stands",
    "holds": "earlier spans on hold, each as first day/day it was over",
    "state": "proposed (if empty), assigned, under study or resolved",
    "outcome": "how it ended, such as implemented or explained; needed once resolved",
    "answer": "what was answered",
    "document": "number of the paper that proves it",
    "proposed_on": "when it was proposed",
    "assigned_on": "when it was assigned",
    "study_on": "since when it is under study",
    "resolved_on": "when it was resolved",
    "theme": "what it is about",
    "instruments": "legal instruments it is about",
    "source": "where it stands",
    "state_since": "written by export: since when it is in its state",
    "extensions": "written by export: how often the due date was extended",
    "answered_on": "when the owner answered",
    "doubted": "yes where nobody answers for the outcome; without it the answer's words decide",
}
"""What each column says."""

HISTORY = "history"
"""The member of a JSON line that holds a case's events."""

OWN = {"ref", "title", "text"}
"""What a cell may hold that hardly another one says again."""

YES, NO = "yes", "no"

LISTS = {"list", "spans"}
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
    if column.holds == "count":
        return str(value)
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
