"""A paper as data: its content in one language, independent of the file format.

Cells hold raw values (text, date, number, share or None); each format decides how they look.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from casework.system.spooled import lots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from casework.system.spooled import Rows

Named = Literal["org", "person", "conference", "cause"]
"""The kinds of records whose codes a column holds; documents show their names."""

NAMED = frozenset(get_args(Named))

Kind = Literal["text", "code", "word", "date", "count", "days", "share"] | Named
"""The content of a column. A `word` is a key of `words`; `days` are counted if there are any."""

Shown = Literal["always", "filled", "sheet", "data"]
"""Where a column appears.

Everywhere; if some row fills it; only in spreadsheets and data files; only in data files.
"""

BASIS = 10_000


class Share(NamedTuple):
    """A rate, kept as numerator and denominator."""

    part: int
    whole: int

    @property
    def hundredths(self) -> int | None:
        """The rate in hundredths of a per cent, rounded half up; None if the denominator is 0."""
        return (2 * BASIS * self.part + self.whole) // (2 * self.whole) if self.whole else None


class Fact(NamedTuple):
    """A fact in the heading of a paper: a label, and a value with its day.

    `name` is the name for a value that is a code; documents show it instead. A fact that `follows`
    is one phrase with the one before it.
    """

    label: str
    value: str | date | datetime
    day: date | None = None
    name: str | None = None
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a section; `lacking` is shown if a row has no value."""

    key: str
    heading: str
    kind: Kind = "text"
    shown: Shown = "always"
    wide: bool = False
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart: one or two numbers for every label."""

    title: str
    series: tuple[str, ...]
    bars: Sequence[tuple[str, tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with a table under it.

    `count` follows the heading; in formats for people, `empty` replaces a table without rows, and
    `repeats` one that only repeats another. `note` is under the table. An `urgent` section is
    highlighted if it has rows. A section that was `asked` for is in data files too, besides lists
    of cases.
    """

    key: str
    heading: str
    columns: Sequence[Column]
    rows: Rows[tuple[Any, ...]]
    total: tuple[Any, ...] | None = None
    count: int | None = None
    empty: str = ""
    repeats: str = ""
    note: str = ""
    urgent: bool = False
    charts: tuple[Chart, ...] = ()
    asked: bool = False
    _filled: list[frozenset[int]] = field(default_factory=list, init=False, compare=False)

    @property
    def title(self) -> str:
        """The heading with its count."""
        return self.heading if self.count is None else f"{self.heading} ({self.count})"

    def used(self, *wanted: Shown) -> list[int]:
        """Return the positions of the columns to show."""
        return [
            number
            for number, column in enumerate(self.columns)
            if column.shown in {"always", *wanted}
            or (column.shown == "filled" and number in self._some())
        ]

    def _some(self) -> frozenset[int]:
        """Return which of the columns that are shown only if filled have a value."""
        if not self._filled:
            columns = enumerate(self.columns)
            sought = {number for number, column in columns if column.shown == "filled"}
            found: set[int] = set()
            for lot in lots(self.rows):
                found |= {number for number in sought - found if any(row[number] for row in lot)}
                if found == sought:
                    break
            self._filled.append(frozenset(found))
        return self._filled[0]


class Proof(NamedTuple):
    """The texts of the codes that prove a sheet, and how many lines of its claims they hold.

    `lines` is the number of all claims.
    """

    codes: tuple[str, ...]
    held: int
    lines: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper. `written` is when the log's last event was recorded: the paper's own time.

    `lead` is the paper in one sentence; a `bare` paper shows people only that. `names` has names in
    the paper's language by kind and code; `versions` has the versions of open cases by reference,
    if a format needs them. `office` has the fields of the issuing office. An issued paper has a
    `number` and the day it was `issued_on`; a draft has neither. `proof` has the codes on it.
    """

    lang: str
    title: str
    subject: str
    facts: tuple[Fact, ...]
    lead: str
    notices: tuple[str, ...]
    remarks: tuple[str, ...]
    sections: tuple[Section, ...]
    size: int
    root: str
    origin: str
    written: datetime
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    bare: bool = False
    office: Mapping[str, Any] = field(default_factory=dict)
    number: int | None = None
    issued_on: date | None = None
    proof: Proof | None = None

    def name(self, kind: str, code: str) -> str:
        """Return the name for a code, or the code if no name is known."""
        return self.names.get(kind, {}).get(code, code)

    @property
    def shown(self) -> tuple[Section, ...]:
        """The sections shown to people; data files have all sections."""
        return () if self.bare else self.sections
