"""Estimate durations from spells that have ended and spells that continue.

The estimate of Kaplan and Meier ("Nonparametric estimation from incomplete observations", Journal
of the American Statistical Association 53, 1958), in whole days. What goes on is censored: it is
known only to last at least so long. Intervals are of 95 per cent.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ENOUGH = 10
"""The least number of spells of that length for which a chance is given."""

Z = 1.959963984540054
"""The normal deviate of a 95 per cent interval."""

TAIL = 0.025
EXACT = 400
"""The most chances for which the spread of the sum is exact; beyond, it is nearly normal."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A duration in days, and whether it is over."""

    days: int
    over: bool


class Chance(NamedTuple):
    """A probability with its interval, and the number of spells behind it."""

    value: float
    low: float
    high: float
    behind: int


class Curve:
    """The share of spells that last longer than a number of days."""

    def __init__(self, spells: Iterable[Spell] = ()) -> None:
        """Take the spells, if any. Only counts by duration are kept."""
        self._every: Counter[int] = Counter()
        self._over: Counter[int] = Counter()
        for spell in spells:
            self.add(spell)

    def add(self, spell: Spell) -> None:
        """Add one more, before any question."""
        self._every[spell.days] += 1
        if spell.over:
            self._over[spell.days] += 1

    @property
    def spells(self) -> int:
        """How many there are."""
        return self._every.total()

    @property
    def over(self) -> int:
        """How many of them are over."""
        return self._over.total()

    @cached_property
    def _ended(self) -> list[tuple[int, int]]:
        return sorted(self._over.items())

    @cached_property
    def _lasted(self) -> tuple[list[int], list[int]]:
        """Return the lengths, and how many spells lasted at least as long; 0 after the last."""
        days = sorted(self._every)
        least = accumulate((self._every[day] for day in reversed(days)), initial=0)
        return days, [*least][::-1]

    def median(self) -> int | None:
        """Return the days after which half of them are over; None if fewer than half are."""
        share = 1.0
        for day, count in self._ended:
            share *= 1 - count / self._lasting(day)
            if share <= 1 / 2:
                return day
        return None

    def within(self, age: int, ahead: int) -> Chance | None:
        """Return the chance that a spell of `age` days is over `ahead` days later.

        None if fewer than ENOUGH spells have lasted longer than that age, or if none is known to
        have lasted until then and not all are over.
        """
        behind = self._lasting(age + 1)
        if behind < ENOUGH:
            return None
        share, variance = 1.0, 0.0
        first = bisect_right(self._ended, age, key=_day)
        for day, count in self._ended[first : bisect_right(self._ended, age + ahead, key=_day)]:
            lasting = self._lasting(day)
            share *= 1 - count / lasting
            if share:
                variance += count / (lasting * (lasting - count))
        if self._lasted[0][-1] < age + ahead and share:
            return None
        # Where all or none ended the formula says nothing; the exact bound of such a rate does.
        bound: float = 1 - TAIL ** (1 / behind)
        if share == 1:
            return Chance(0.0, 0.0, bound, behind)
        if not share:
            return Chance(1.0, 1 - bound, 1.0, behind)
        # Greenwood's variance, on the scale of log(-log), where the interval stays within 0 and 1.
        spread = exp(Z * sqrt(variance) / -log(share))
        return Chance(1 - share, 1 - share ** (1 / spread), 1 - share**spread, behind)

    def _lasting(self, days: int) -> int:
        """Return how many spells have lasted at least `days` days."""
        lengths, least = self._lasted
        return least[bisect_left(lengths, days)]


def _day(ended: tuple[int, int]) -> int:
    return ended[0]


def spread(chances: Sequence[float]) -> tuple[int, int]:
    """Return the 95 per cent interval for how many independent chances come true."""
    if len(chances) > EXACT:
        middle = sum(chances)
        around = Z * sqrt(sum(chance * (1 - chance) for chance in chances))
        return max(round(middle - around), 0), min(round(middle + around), len(chances))
    counts = [1.0]
    for chance in chances:
        counts = [
            stays * (1 - chance) + comes * chance
            for stays, comes in zip([*counts, 0.0], [0.0, *counts], strict=True)
        ]
    below, low, high = 0.0, None, len(chances)
    for number, share in enumerate(counts):
        below += share
        if low is None and below > TAIL:
            low = number
        if below >= 1 - TAIL:
            high = number
            break
    return low or 0, high
