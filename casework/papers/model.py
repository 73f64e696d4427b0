"""A paper as data: what it says in one language, whatever the format it is written in.

Cells hold raw values (text, a date, a number, a share, None); each format decides how they look.
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
"""What a column holds the codes of, which documents show by their names."""

NAMED = frozenset(get_args(Named))

Kind = Literal["text", "code", "word", "date", "count", "days", "share"] | Named
"""What a column holds. A `word` is a key of `words`; `days` are counted where there are any."""

Shown = Literal["always", "filled", "sheet", "data"]
"""Where a column stands: everywhere; where some row fills it; in spreadsheets and data files
only; in data files only."""

BASIS = 10_000


class Share(NamedTuple):
    """A rate, kept as what it is a rate of."""

    part: int
    whole: int

    @property
    def hundredths(self) -> int | None:
        """The rate in hundredths of a per cent, rounded half up; None of nothing."""
        return (2 * BASIS * self.part + self.whole) // (2 * self.whole) if self.whole else None


class Fact(NamedTuple):
    """What the heading says of a paper: a label, and a value with the day that belongs to it.

    `name` is that of what the value is the code of; documents say it instead.
    """

    label: str
    value: str | date | datetime
    day: date | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a section; `lacking` is shown where a row has no value."""

    key: str
    heading: str
    kind: Kind = "text"
    shown: Shown = "always"
    wide: bool = False
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, each the sum of its series: one or two numbers for every label."""

    title: str
    series: tuple[str, ...]
    bars: Sequence[tuple[str, tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with a table under it.

    `count` stands behind the heading; `empty` is said instead of a table without rows, and
    `repeats` instead of one that only repeats another, in formats people read. `note` stands
    under the table. An `urgent` section stands out where it has rows. One that was `asked` for
    stands in data files beside lists of cases, too.
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
        """Return the positions of the columns that are always shown, filled, or wanted."""
        return [
            number
            for number, column in enumerate(self.columns)
            if column.shown in {"always", *wanted}
            or (column.shown == "filled" and number in self._some())
        ]

    def _some(self) -> frozenset[int]:
        """Return which of the columns that are shown where they are filled have a value."""
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
    """The texts of the codes that prove a sheet, and how many of the lines of its claims they hold.

    `lines` is how many those are.
    """

    codes: tuple[str, ...]
    held: int
    lines: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper. `written` is when the log's last event was recorded: the paper's own time.

    `lead` is the paper in one sentence; a `bare` one says no more to people. `names` gives the
    names in the paper's language of what is kept under codes, by kind and code; `versions` the open
    cases' versions by reference, where a format needs them. `office` is what is known of the one
    that issues it, by the names of the fields the register keeps of it. A paper that is issued has
    a `number` and the day it was `issued_on`; a draft has neither. `proof` are the codes on it.
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
        """Return the name of what is kept under a code, or the code where no name is known."""
        return self.names.get(kind, {}).get(code, code)

    @property
    def shown(self) -> tuple[Section, ...]:
        """What people are shown; data files have all sections."""
        return () if self.bare else self.sections
