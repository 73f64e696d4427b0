"""Readers of the forms of dates: from a match of the pattern to a typed date."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from casework.errors import UsageError
from casework.rules.dates.counting import moved
from casework.rules.dates.meaning import Span, Typed
from casework.rules.dates.spans import (
    AWAY,
    around_day,
    fixed,
    in_months,
    monday_of,
    near_today,
    of_months,
    of_week,
    of_year,
    one_day,
    part_of,
    part_said,
    recurring,
    said,
)
from casework.rules.dates.spelling import MONTH, QUARTER, UNIT, WEEKDAY
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.rules.dates.meaning import Around, Use
    from casework.rules.dates.spans import Match

NEAR = {
    **dict.fromkeys(("today", "hom nay"), 0),
    **dict.fromkeys(("tomorrow", "mai", "ngay mai"), 1),
    **dict.fromkeys(("day after tomorrow", "the day after tomorrow"), 2),
    **dict.fromkeys(("mot", "ngay mot", "ngay kia"), 2),
    **dict.fromkeys(("yesterday", "hom qua"), -1),
    **dict.fromkeys(("day before yesterday", "the day before yesterday", "hom kia"), -2),
}
UNIT_OF = {"month": "m", "thang": "m", "quarter": "q", "quy": "q", "year": "y", "nam": "y"}
UNIT_OF |= {"week": "w", "tuan": "w", "eow": "w", "eom": "m", "eoq": "q", "eoy": "y"}
_NAMED = {"w": "week", "m": "month", "q": "quarter", "y": "year"}
_YEAR = 12


# --- days ------------------------------------------------------------------------------------


def numeric(match: Match) -> Typed:
    """Read a day and its month, with its year or without."""
    month = match.groupdict().get("month")
    number = MONTH[month] if month else int(match["m"])
    day = int(match["d"])
    return of_year(match, lambda year: one_day(date(year, number, day)))


def ordinal(match: Match) -> Typed:
    """Read a day by its number in a year."""
    year, number = int(match["y"]), int(match["n"])
    day = date(year, 1, 1) + timedelta(number - 1)
    if number < 1 or day.year != year:
        raise ValueError(Text("date.why.no-day", number=number, year=year))
    return fixed(one_day(day))


def day_of_month(match: Match) -> Typed:
    """Read a day of the next month that has it."""
    number = int(match["d"])
    date(2000, 1, number)
    return in_months(lambda year, month: one_day(date(year, month, number)))


def in_month(match: Match) -> Typed:
    """Read a day of this, the next or the last month."""
    number, ahead = int(match["d"]), AWAY[match["near"]]

    def find(around: Around, _: Use) -> Span:
        return one_day(around_day("m", around.today, ahead).first.replace(day=number))

    return Typed(find=find)


def near(match: Match) -> Typed:
    """Read today, tomorrow, yesterday and the like."""
    days = timedelta(NEAR[match[0]])
    return near_today(lambda today: today + days)


def next_weekday(match: Match) -> Typed:
    """Read the next such weekday, never today."""
    ahead = WEEKDAY[match["weekday"]] - 1
    return near_today(lambda today: today + timedelta((ahead - today.isoweekday()) % 7 + 1))


def bare_weekday(match: Match) -> Typed:
    """Read a weekday: the next one, never today; for the past the last one, which may be today."""
    number = WEEKDAY[match["weekday"]]

    def find(around: Around, use: Use) -> Span:
        day = around.today
        if use.past:
            return one_day(day - timedelta((day.isoweekday() - number) % 7))
        return one_day(day + timedelta((number - day.isoweekday() - 1) % 7 + 1))

    return Typed(find=find)


def last_weekday(match: Match) -> Typed:
    """Read the last such weekday, never today."""
    number = WEEKDAY[match["weekday"]]
    return near_today(lambda today: today - timedelta((today.isoweekday() - number - 1) % 7 + 1))


def weekday_of(match: Match) -> Typed:
    """Read a weekday of this, the next or the last week."""
    days = WEEKDAY[match["weekday"]] + 7 * AWAY[match["near"]] - 1
    return near_today(lambda today: monday_of(today) + timedelta(days))


# --- lengths ---------------------------------------------------------------------------------


def length(match: Match) -> tuple[int, str]:
    """Return the count and the unit of a length of time."""
    count, unit = int(match["n"]), UNIT[match["unit"]]
    return (3 * count, "m") if unit == "q" else (count, unit)


def counted(match: Match) -> Typed:
    """Read a length of time: from the day of effect, or from today if it says so."""
    (count, unit), now = length(match), bool(match.groupdict().get("now"))

    def find(around: Around, _: Use) -> Span:
        start = around.today if now else around.start
        return one_day(moved(start, count, unit, around.working))

    return Typed(find=find, rule=f"+{count}{unit}", now=now)


def from_due(match: Match) -> Typed:
    """Read a length of time counted from the present due date, as in due+30d."""
    found = counted(match)

    def find(around: Around, use: Use) -> Span:
        if around.due is None:
            raise UsageError("date.no-due")
        return found.find(around._replace(start=around.due), use)

    # It names a day, and is no rule by which that is counted again.
    return Typed(find=find)


def bare_length(match: Match) -> Typed:
    """Read a length of time without a sign; options about the past refuse it."""
    typed = counted(match)

    def find(around: Around, use: Use) -> Span:
        if use.past:
            raise UsageError("date.ago-or-from-now", part=match[0])
        return typed.find(around, use)

    return replace(typed, find=find)


def ago(match: Match) -> Typed:
    """Read a length of time before today."""
    count, unit = length(match)
    return Typed(find=lambda around, _: one_day(moved(around.today, -count, unit, around.working)))


# --- periods ---------------------------------------------------------------------------------


def week_number(match: Match) -> Typed:
    """Read a week by its number (ISO 8601), or a day of it."""
    number, weekday = int(match["w"]), int(match.groupdict().get("wd") or 0)

    def make(year: int) -> Span:
        monday = date.fromisocalendar(year, number, 1)
        return one_day(monday + timedelta(weekday - 1)) if weekday else of_week(monday)

    return of_year(match, make, "day" if weekday else "week")


def month(match: Match) -> Typed:
    """Read a month, or a part of it."""
    found = match.groupdict()
    number = MONTH[found["month"]] if found.get("month") else int(match["m"])
    if not 1 <= number <= _YEAR:
        raise ValueError(Text("date.why.no-month", number=number))
    return said(match, lambda year: of_months(year, number, 1), "m", "month")


def quarter(match: Match) -> Typed:
    """Read a quarter, or its beginning or end."""
    first = 3 * QUARTER[match["quarter"]] - 2
    return said(match, lambda year: of_months(year, first, 3), "q", "quarter")


def half(match: Match) -> Typed:
    """Read a half-year, or its end."""
    word = match["half"]
    first = 1 if word in {"1", "1st", "first", "dau"} else 7
    return said(match, lambda year: of_months(year, first, 6), "h", "half-year")


def some_months(match: Match) -> Typed:
    """Read the first or the last months of a year."""
    count = int(match["n"])
    if not 1 <= count <= _YEAR:
        raise ValueError(Text("date.why.no-months", count=count))
    first = 1 if match["which"] in {"dau", "first"} else _YEAR + 1 - count
    names = {1: "month", 3: "quarter", 6: "half-year"}
    period = names.get(count, "part of a year")
    return said(match, lambda year: of_months(year, first, count), "h", period)


def year(match: Match) -> Typed:
    """Read a year, or a part of it."""
    return said(match, lambda year: of_months(year, 1, _YEAR), "y", "year")


def period(match: Match) -> Typed:
    """Read a week, month, quarter or year by its distance from this one."""
    unit, ahead, part = UNIT_OF[match["unit"]], AWAY[match["near"]], part_said(match)

    def find(around: Around, _: Use) -> Span:
        span = around_day(unit, around.today, ahead)
        return part_of(span, unit, part) if part else span

    if part == "mid":
        part_of(of_months(2000, 1, 1), unit, part)
    return Typed(find=find, period="day" if part else _NAMED[unit])


def part_of_any(match: Match) -> Typed:
    """Read the beginning, middle or end of a month, week or year that is not named."""
    unit, part = UNIT_OF[match["unit"]], part_said(match) or "end"
    part_of(of_months(2000, 1, 1), unit, part)

    def spans(base: date) -> Iterator[Span]:
        for ahead in range(-2, 3):
            with suppress(ValueError):
                yield part_of(around_day(unit, base, ahead), unit, part)

    return recurring(spans)
