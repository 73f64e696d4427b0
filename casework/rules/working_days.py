"""Working days: which days count, and deadlines counted in them.

Saturdays and Sundays are off, unless they are worked to make up for a bridge day; other days are
worked, unless they are holidays. Day zero is the start, whatever day that is.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.kinds.records import Holiday

SATURDAY = 5
WEEK = 7


@dataclass(frozen=True, slots=True)
class Special:
    """A day that is not what its weekday says: a holiday, or a day worked to make up for one.

    `projected` is a day nobody has decided yet.
    """

    day: date
    works: bool
    name: str
    name_vi: str | None = None
    projected: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """A day that a count of working days passed over, or a make-up day that it counted."""

    day: date
    why: Literal["weekend", "holiday", "made-up"]
    special: Special | None = None


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The days that are worked, as far as somebody has said so."""

    specials: dict[date, Special] = field(default_factory=dict)
    _off: list[date] = field(default_factory=list)
    _worked: list[date] = field(default_factory=list)

    @classmethod
    def of(cls, specials: Iterable[Special]) -> WorkingCalendar:
        """Return the calendar of these days, in whatever order they come."""
        known = {special.day: special for special in specials}
        weekend = {day for day in known if day.weekday() >= SATURDAY}
        return cls(
            known,
            sorted(day for day in known if not known[day].works and day not in weekend),
            sorted(day for day in weekend if known[day].works),
        )

    @classmethod
    def registered(cls, holidays: Iterable[Holiday]) -> WorkingCalendar:
        """Return the calendar of the days that are registered and not withdrawn."""
        return cls.of(
            Special(
                date.fromisoformat(one.day),
                one.day_kind == "working",
                one.name,
                one.name_vi,
                one.status == "projected",
            )
            for one in holidays
            if one.withdrawn_on is None
        )

    def works(self, day: date) -> bool:
        """Tell whether a day is worked."""
        special = self.specials.get(day)
        return special.works if special else day.weekday() < SATURDAY

    def add(self, start: date, count: int) -> date:
        """Return the day so many working days after the start, or before it if negative.

        Raises OverflowError where the calendar ends.
        """
        step = timedelta(1 if count > 0 else -1)
        day = start
        for _ in range(abs(count)):
            day += step
            while not self.works(day):
                day += step
        return day

    def between(self, start: date, end: date) -> int:
        """Return how many days are worked after the start, up to and including the end."""
        if end < start:
            return -self.between(end, start)
        return self._before(end) - self._before(start)

    def onwards(self, day: date) -> date:
        """Return a day, or the next working day where it is none."""
        return day if self.works(day) else self.add(day, 1)

    def passed(self, start: date, end: date) -> Iterator[Passed]:
        """Yield, day by day after the start, what a count up to the end did not take as usual."""
        for number in range(1, (end - start).days + 1):
            day = start + timedelta(number)
            special, weekend = self.specials.get(day), day.weekday() >= SATURDAY
            if special is not None and special.works and weekend:
                yield Passed(day, "made-up", special)
            elif special is not None and not special.works:
                yield Passed(day, "holiday", special)
            elif weekend:
                yield Passed(day, "weekend")

    def _before(self, day: date) -> int:
        """Return how many days are worked up to and including a day, since the calendar's first.

        Counted in weeks, because lateness is asked of every owner of every case.
        """
        weeks, days = divmod(day.toordinal(), WEEK)
        # Day 1 of the ordinals is a Monday.
        weekdays = weeks * SATURDAY + min(days, SATURDAY)
        return weekdays - bisect_right(self._off, day) + bisect_right(self._worked, day)
