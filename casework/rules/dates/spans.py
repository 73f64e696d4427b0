"""Spans of days: the first and last day of a period, and which occurrence is meant."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING

from casework.rules.dates.counting import MONTHS_IN, month_end, month_start
from casework.rules.dates.meaning import Span, Typed
from casework.words import Text

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from casework.rules.dates.meaning import Around, Use

    Match = re.Match[str]

AWAY = {
    **dict.fromkeys(("this", "nay"), 0),
    **dict.fromkeys(("next", "coming", "toi", "sau", "sang"), 1),
    **dict.fromkeys(("last", "truoc", "ngoai", "qua"), -1),
}
"""How many weeks, months, quarters or years ahead."""

_FRIDAY = 5
_JUNE = 6
_LEAP = 8
"""The 29th of February comes back after eight years at the latest."""


def one_day(day: date) -> Span:
    """Return the span of one day."""
    return Span(day, day)


def fixed(span: Span, period: str = "day") -> Typed:
    """Return a date that needs no context."""
    return Typed(find=lambda *_: span, period=period, span=span)


def near_today(days: Callable[[date], date]) -> Typed:
    """Return a date that is counted from today."""
    return Typed(find=lambda around, _: one_day(days(around.today)))


def of_months(year: int, month: int, count: int) -> Span:
    """Return the span of some months; the 13th month of a year is January of the next."""
    return Span(month_start(year, month), month_end(year, month + count - 1))


def of_week(monday: date) -> Span:
    """Return a working week: Monday to Friday."""
    return Span(monday, monday + timedelta(_FRIDAY - 1))


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(day.isoweekday() - 1)


def around_day(unit: str, day: date, ahead: int) -> Span:
    """Return the week, month, quarter or year of a day, or one a number of periods away."""
    if unit == "w":
        return of_week(monday_of(day) + timedelta(7 * ahead))
    months = MONTHS_IN[unit]
    begun = (day.month - 1) // months
    return of_months(day.year, (begun + ahead) * months + 1, months)


def part_of(span: Span, unit: str, part: str | None) -> Span:
    """Return the beginning, middle or end of a period: Civil Code 2015, article 146.

    They are the 1st, the 15th and the last day of a month; 1 January, 30 June, 31 December.
    """
    if part == "start":
        return one_day(span.first)
    if part == "end":
        return one_day(span.last)
    if unit == "m":
        return one_day(span.first.replace(day=15))
    if unit == "y":
        return one_day(month_end(span.first.year, _JUNE))
    raise ValueError(Text("date.why.no-middle"))


def recurring(spans: Callable[[date], Iterator[Span]], period: str = "day") -> Typed:
    """Return the next occurrence of a recurring span, or for the past the last one."""

    def find(around: Around, use: Use) -> Span:
        if use.past:
            return max(
                (one for one in spans(around.today) if one.meant(use) <= around.today),
                key=lambda one: one.meant(use),
            )
        return min(
            (one for one in spans(around.start) if one.meant(use) >= around.start),
            key=lambda one: one.meant(use),
        )

    return Typed(find=find, period=period)


def in_years(make: Callable[[int], Span], period: str) -> Typed:
    """Return a span that recurs every year; years without it are skipped."""

    def spans(base: date) -> Iterator[Span]:
        for year in range(base.year - _LEAP, base.year + _LEAP + 1):
            with suppress(ValueError):
                yield make(year)

    if not list(spans(date(2000, 1, 1))):
        make(2000)
    return recurring(spans, period)


def in_months(make: Callable[[int, int], Span]) -> Typed:
    """Return a span that recurs every month; months without it are skipped."""

    def spans(base: date) -> Iterator[Span]:
        for ahead in range(-2, 3):
            with suppress(ValueError):
                start = month_start(base.year, base.month + ahead)
                yield make(start.year, start.month)

    return recurring(spans)


def of_year(match: Match, make: Callable[[int], Span], period: str = "day") -> Typed:
    """Return the year that a match names: in digits, this or the next one, or none."""
    found = match.groupdict()
    if found.get("y"):
        return fixed(make(int(found["y"])), period)
    if found.get("ry"):
        ahead = next(AWAY[word] for word in found["ry"].split() if word in AWAY)
        return Typed(find=lambda around, _: make(around.today.year + ahead), period=period)
    return in_years(make, period)


def said(match: Match, make: Callable[[int], Span], unit: str, period: str) -> Typed:
    """Return a period of a year, or its beginning, middle or end."""
    part = part_said(match)
    if part is None:
        return of_year(match, make, period)
    return of_year(match, lambda year: part_of(make(year), unit, part))


def part_said(match: Match) -> str | None:
    """Return which part of a period was named: start, mid or end; None for all of it."""
    found = match.groupdict()
    return next((name for name in ("start", "mid", "end") if found.get(name)), None)
