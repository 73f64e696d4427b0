"""Working days, and deadlines counted in them.

Saturdays and Sundays are days off, unless they make up for a bridge day; other days are working
days, unless they are holidays. Counting starts at day zero, whether that is a working day or not.
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
    """A weekday that is off, or a day of the weekend that is worked to make up for one.

    `projected` days have not been decided officially.
    """

    day: date
    works: bool
    name: str
    name_vi: str | None = None
    projected: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """A day that a count of working days skipped, or a make-up day that it counted."""

    day: date
    why: Literal["weekend", "holiday", "made-up"]
    special: Special | None = None


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working days, as far as they have been decided."""

    specials: dict[date, Special] = field(default_factory=dict)
    _off: list[date] = field(default_factory=list)
    _worked: list[date] = field(default_factory=list)

    @classmethod
    def of(cls, specials: Iterable[Special]) -> WorkingCalendar:
        """Return the calendar of these days, in any order."""
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
        """Return whether a day is a working day."""
        special = self.specials.get(day)
        return special.works if special else day.weekday() < SATURDAY

    def add(self, start: date, count: int) -> date:
        """Return the day a number of working days after the start, or before it if negative.

        Raises OverflowError beyond the end of the calendar.
        """
        step = timedelta(1 if count > 0 else -1)
        day = start
        for _ in range(abs(count)):
            day += step
            while not self.works(day):
                day += step
        return day

    def between(self, start: date, end: date) -> int:
        """Return the number of working days after the start, up to and including the end."""
        if end < start:
            return -self.between(end, start)
        return self._before(end) - self._before(start)

    def onwards(self, day: date) -> date:
        """Return a day, or the next working day if it is a day off."""
        return day if self.works(day) else self.add(day, 1)

    def passed(self, start: date, end: date) -> Iterator[Passed]:
        """Yield, day by day after the start, the unusual days in a count up to the end."""
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
        """Return the number of working days from the calendar's first day to a day, inclusive.

        It counts whole weeks, because reports ask for the lateness of every case.
        """
        weeks, days = divmod(day.toordinal(), WEEK)
        # Day 1 of the ordinals is a Monday.
        weekdays = weeks * SATURDAY + min(days, SATURDAY)
        return weekdays - bisect_right(self._off, day) + bisect_right(self._worked, day)
