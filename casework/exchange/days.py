"""Choose the days of a file of holidays, and report what the file contained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casework.system.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from casework.acts.holidays import Entry


@dataclass(frozen=True, slots=True)
class Left:
    """A day in a file that is left out, and why: a key of `words`."""

    day: date
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which days of a file to take, and of which kind they are.

    `years` restricts the years; yearly rules need it. `only` has texts of which a name must contain
    one. Days whose name contains `match` are of the kind `kind`. `observances` also takes what a
    calendar calls an observance, which is not a day off.
    """

    years: range | None = None
    only: tuple[str, ...] = ()
    kind: str | None = None
    match: str | None = None
    observances: bool = False

    def wants(self, name: str) -> bool:
        """Return whether a name is wanted; case and diacritics are ignored."""
        return not self.only or any(fold(one) in fold(name) for one in self.only)

    def said(self, name: str) -> str | None:
        """Return the kind given for a name; None if none was given."""
        return self.kind if self.match is not None and fold(self.match) in fold(name) else None


@dataclass(frozen=True, slots=True)
class Read:
    """The result of reading a file: its days, those left out, and whether it has events.

    An event says less than a row: not who decided the day, and its kind only indirectly.
    """

    entries: list[Entry]
    left: list[Left]
    events: bool


def days_in(choice: Choice, days: Iterable[date]) -> list[date]:
    """Return the wanted days."""
    return [day for day in days if choice.years is None or day.year in choice.years]
