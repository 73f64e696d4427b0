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
    """A day a file names that is not taken, and why: a key of `words`."""

    day: date
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which days of a file are wanted, and what they are.

    `years` are those wanted, all if there are none; yearly rules need them. `only` are texts one of
    which a name must have. Days whose name has `match` are of the kind `kind`. `observances` takes
    also what a calendar itself calls an observance, which is not a day off.
    """

    years: range | None = None
    only: tuple[str, ...] = ()
    kind: str | None = None
    match: str | None = None
    observances: bool = False

    def wants(self, name: str) -> bool:
        """Tell whether a name is one of those asked for; case and diacritics do not matter."""
        return not self.only or any(fold(one) in fold(name) for one in self.only)

    def said(self, name: str) -> str | None:
        """Return the kind that was said for a name, None where nothing was."""
        return self.kind if self.match is not None and fold(self.match) in fold(name) else None


@dataclass(frozen=True, slots=True)
class Read:
    """What a file came to: its days, those not taken, and whether it is a calendar of events.

    An event says less than a row does: not who decided it, and only in passing what kind it is.
    """

    entries: list[Entry]
    left: list[Left]
    events: bool


def days_in(choice: Choice, days: Iterable[date]) -> list[date]:
    """Return the days of the years that are wanted."""
    return [day for day in days if choice.years is None or day.year in choice.years]
