"""The forms a date may have: each a pattern of the one spelling, and what reads it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from casework.dates.counting import MONTHS_IN, month_end, month_start, moved
from casework.dates.meaning import HINT, Span, Typed
from casework.dates.spelling import MONTH, QUARTER, UNIT, WEEKDAY, any_of, key
from casework.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from casework.dates.meaning import Around, Use

    Match = re.Match[str]
    Form = tuple[str, Callable[[Match], Typed]]

NEAR = {
    **dict.fromkeys(("today", "hom nay"), 0),
    **dict.fromkeys(("tomorrow", "mai", "ngay mai"), 1),
    **dict.fromkeys(("day after tomorrow", "the day after tomorrow"), 2),
    **dict.fromkeys(("mot", "ngay mot", "ngay kia"), 2),
    **dict.fromkeys(("yesterday", "hom qua"), -1),
    **dict.fromkeys(("day before yesterday", "the day before yesterday", "hom kia"), -2),
}
AHEAD = {
    **dict.fromkeys(("this", "nay"), 0),
    **dict.fromkeys(("next", "coming", "toi", "sau", "sang"), 1),
    **dict.fromkeys(("last", "truoc", "ngoai", "qua"), -1),
}
"""How many weeks, months, quarters or years on."""

CONFERENCE = r"(?:the )?(?:next )?conference|hoi nghi(?: toi| sau| ke tiep| tiep theo)?"
CONFERENCE_NUMBER = (
    r"(?:the )?conference (?:no\.? ?|number )?(?P<n1>\d{1,3})|(?:the )?(?P<n2>\d{1,3})"
    r"(?:st|nd|rd|th) conference|hoi nghi (?:lan )?(?:thu )?(?P<n3>\d{1,3})"
)
_UNIT_OF = {"month": "m", "thang": "m", "quarter": "q", "quy": "q", "year": "y", "nam": "y"}
_UNIT_OF |= {"week": "w", "tuan": "w", "eow": "w", "eom": "m", "eoq": "q", "eoy": "y"}
_NAMED = {"w": "week", "m": "month", "q": "quarter", "y": "year"}
_FRIDAY = 5
_JUNE = 6
_YEAR = 12
_LEAP = 8
"""The 29th of February comes back after eight years at the latest."""


def read(words: str) -> Typed:
    """Read a date that is not ISO 8601; raises UsageError for what is none, or could be two."""
    try:
        found = _read(key(words))
    except (ValueError, OverflowError) as reason:
        raise UsageError(f"'{words}' is no date: {reason}", HINT) from None
    if found is None:
        raise UsageError(f"'{words}' is no date", HINT)
    return found


def _read(text: str) -> Typed | None:
    for pattern, reader in _forms():
        if match := _compiled(pattern).fullmatch(text):
            return reader(match)
    return None


# --- spans -----------------------------------------------------------------------------------


def _day(day: date) -> Span:
    return Span(day, day)


def _fixed(span: Span, period: str = "day") -> Typed:
    return Typed(find=lambda *_: span, period=period, span=span)


def _near_today(days: Callable[[date], date]) -> Typed:
    return Typed(find=lambda around, _: _day(days(around.today)))


def _months(year: int, month: int, count: int) -> Span:
    """Return the span of some months; the 13th month of a year is January of the next."""
    return Span(month_start(year, month), month_end(year, month + count - 1))


def _week(monday: date) -> Span:
    """Return a week as an office has it: Monday to Friday."""
    return Span(monday, monday + timedelta(_FRIDAY - 1))


def _monday(day: date) -> date:
    return day - timedelta(day.isoweekday() - 1)


def _around(unit: str, day: date, ahead: int) -> Span:
    """Return the week, month, quarter or year of a day, or one so many further on."""
    if unit == "w":
        return _week(_monday(day) + timedelta(7 * ahead))
    months = MONTHS_IN[unit]
    begun = (day.month - 1) // months
    return _months(day.year, (begun + ahead) * months + 1, months)


def _part(span: Span, unit: str, part: str | None) -> Span:
    """Return the beginning, middle or end of a period: Civil Code 2015, article 146.

    They are the 1st, the 15th and the last day of a month; 1 January, 30 June, 31 December.
    """
    if part == "start":
        return _day(span.first)
    if part == "end":
        return _day(span.last)
    if unit == "m":
        return _day(span.first.replace(day=15))
    if unit == "y":
        return _day(month_end(span.first.year, _JUNE))
    raise ValueError("only a month and a year have a middle")


def _recurring(spans: Callable[[date], Iterator[Span]], period: str = "day") -> Typed:
    """Return what comes again and again: the next one, or of the past the last one."""

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


def _in_years(make: Callable[[int], Span], period: str = "day") -> Typed:
    def spans(base: date) -> Iterator[Span]:
        for year in range(base.year - _LEAP, base.year + _LEAP + 1):
            with suppress(ValueError):
                yield make(year)

    if not list(spans(date(2000, 1, 1))):
        make(2000)
    return _recurring(spans, period)


def _in_months(make: Callable[[int, int], Span]) -> Typed:
    def spans(base: date) -> Iterator[Span]:
        for ahead in range(-2, 3):
            with suppress(ValueError):
                start = month_start(base.year, base.month + ahead)
                yield make(start.year, start.month)

    return _recurring(spans)


def _of_year(match: Match, make: Callable[[int], Span], period: str = "day") -> Typed:
    """Return what is said of a year: one that is written, this or the next one, or none."""
    found = match.groupdict()
    if found.get("y"):
        return _fixed(make(int(found["y"])), period)
    if found.get("ry"):
        ahead = next(AHEAD[word] for word in found["ry"].split() if word in AHEAD)
        return Typed(find=lambda around, _: make(around.today.year + ahead), period=period)
    return _in_years(make, period)


def _said(match: Match, make: Callable[[int], Span], unit: str, period: str) -> Typed:
    """Return a period of a year, or what is said of it: its beginning, middle or end."""
    part = _part_of(match)
    if part is None:
        return _of_year(match, make, period)
    return _of_year(match, lambda year: _part(make(year), unit, part))


def _part_of(match: Match) -> str | None:
    found = match.groupdict()
    return next((name for name in ("start", "mid", "end") if found.get(name)), None)


# --- days ------------------------------------------------------------------------------------


def _numeric(match: Match) -> Typed:
    month = match.groupdict().get("month")
    number = MONTH[month] if month else int(match["m"])
    day = int(match["d"])
    return _of_year(match, lambda year: _day(date(year, number, day)))


def _ordinal(match: Match) -> Typed:
    year, number = int(match["y"]), int(match["n"])
    day = date(year, 1, 1) + timedelta(number - 1)
    if number < 1 or day.year != year:
        raise ValueError(f"there is no day {number} of {year}")
    return _fixed(_day(day))


def _day_of_month(match: Match) -> Typed:
    """Read a day of whatever month comes next; a month without it is passed over."""
    number = int(match["d"] or match["other"])
    date(2000, 1, number)
    return _in_months(lambda year, month: _day(date(year, month, number)))


def _in_month(match: Match) -> Typed:
    """Read a day of this, the next or the last month."""
    number, ahead = int(match["d"]), AHEAD[match["near"]]

    def find(around: Around, _: Use) -> Span:
        return _day(_around("m", around.today, ahead).first.replace(day=number))

    return Typed(find=find)


def _near(match: Match) -> Typed:
    days = timedelta(NEAR[match[0]])
    return _near_today(lambda today: today + days)


def _next_weekday(match: Match) -> Typed:
    """Read the next such weekday, never today."""
    ahead = WEEKDAY[match["weekday"] or match["other"]] - 1
    return _near_today(lambda today: today + timedelta((ahead - today.isoweekday()) % 7 + 1))


def _bare_weekday(match: Match) -> Typed:
    """Read a weekday: the next one, never today; of the past the last one, which may be today."""
    number = WEEKDAY[match["weekday"]]

    def find(around: Around, use: Use) -> Span:
        day = around.today
        if use.past:
            return _day(day - timedelta((day.isoweekday() - number) % 7))
        return _day(day + timedelta((number - day.isoweekday() - 1) % 7 + 1))

    return Typed(find=find)


def _last_weekday(match: Match) -> Typed:
    number = WEEKDAY[match["weekday"]]
    return _near_today(lambda today: today - timedelta((today.isoweekday() - number - 1) % 7 + 1))


def _weekday_of(match: Match) -> Typed:
    days = WEEKDAY[match["weekday"]] + 7 * AHEAD[match["near"]] - 1
    return _near_today(lambda today: _monday(today) + timedelta(days))


def _beside(match: Match) -> Typed:
    """Read a date with its weekday written beside it, which must agree."""
    found = _read(match["rest"])
    if found is None or found.period != "day" or found.weekday is not None:
        raise ValueError("a weekday stands beside no day")
    return replace(found, weekday=WEEKDAY[match["weekday"]])


# --- lengths ---------------------------------------------------------------------------------


def _length(match: Match) -> tuple[int, str]:
    count, unit = int(match["n"]), UNIT[match["unit"]]
    return (3 * count, "m") if unit == "q" else (count, unit)


def _counted(match: Match) -> Typed:
    """Read a length of time: from the day of effect, or from today where it says now."""
    (count, unit), now = _length(match), bool(match.groupdict().get("now"))

    def find(around: Around, _: Use) -> Span:
        start = around.today if now else around.start
        return _day(moved(start, count, unit, around.working))

    return Typed(find=find, rule=f"+{count}{unit}", now=now)


def _bare_length(match: Match) -> Typed:
    typed = _counted(match)

    def find(around: Around, use: Use) -> Span:
        if use.past:
            raise UsageError(
                f"'{match[0]}' could be that long ago or from now", "write 30 days ago, or +30d"
            )
        return typed.find(around, use)

    return replace(typed, find=find)


def _ago(match: Match) -> Typed:
    count, unit = _length(match)
    return Typed(find=lambda around, _: _day(moved(around.today, -count, unit, around.working)))


# --- periods ---------------------------------------------------------------------------------


def _week_number(match: Match) -> Typed:
    number, weekday = int(match["w"]), int(match.groupdict().get("wd") or 0)

    def make(year: int) -> Span:
        monday = date.fromisocalendar(year, number, 1)
        return _day(monday + timedelta(weekday - 1)) if weekday else _week(monday)

    return _of_year(match, make, "day" if weekday else "week")


def _month(match: Match) -> Typed:
    found = match.groupdict()
    number = MONTH[found["month"]] if found.get("month") else int(match["m"])
    if not 1 <= number <= _YEAR:
        raise ValueError(f"there is no month {number}")
    return _said(match, lambda year: _months(year, number, 1), "m", "month")


def _quarter(match: Match) -> Typed:
    first = 3 * QUARTER[match["quarter"]] - 2
    return _said(match, lambda year: _months(year, first, 3), "q", "quarter")


def _half(match: Match) -> Typed:
    word = match["half"]
    first = 1 if word in {"1", "1st", "first", "dau"} else 7
    return _said(match, lambda year: _months(year, first, 6), "h", "half-year")


def _some_months(match: Match) -> Typed:
    """Read the first or the last months of a year."""
    count = int(match["n"])
    if not 1 <= count <= _YEAR:
        raise ValueError(f"a year has no {count} months")
    first = 1 if match["which"] in {"dau", "first"} else _YEAR + 1 - count
    names = {1: "month", 3: "quarter", 6: "half-year"}
    period = names.get(count, "part of a year")
    return _said(match, lambda year: _months(year, first, count), "h", period)


def _year(match: Match) -> Typed:
    return _said(match, lambda year: _months(year, 1, _YEAR), "y", "year")


def _period(match: Match) -> Typed:
    """Read a week, month, quarter or year by its distance from this one."""
    unit, ahead, part = _UNIT_OF[match["unit"]], AHEAD[match["near"]], _part_of(match)

    def find(around: Around, _: Use) -> Span:
        span = _around(unit, around.today, ahead)
        return _part(span, unit, part) if part else span

    if part == "mid":
        _part(_months(2000, 1, 1), unit, part)
    return Typed(find=find, period="day" if part else _NAMED[unit])


def _part_of_any(match: Match) -> Typed:
    """Read the beginning, middle or end of a month, week or year that is not named."""
    unit, part = _UNIT_OF[match["unit"]], _part_of(match) or "end"
    _part(_months(2000, 1, 1), unit, part)

    def spans(base: date) -> Iterator[Span]:
        for ahead in range(-2, 3):
            with suppress(ValueError):
                yield _part(_around(unit, base, ahead), unit, part)

    return _recurring(spans)


# --- conferences, and words before a date ----------------------------------------------------


def _called(name: str) -> str | int | None:
    """Return the number a conference is named by, its name, or None for the next one."""
    if re.fullmatch(CONFERENCE, name, re.ASCII):
        return None
    if match := re.fullmatch(CONFERENCE_NUMBER, name, re.ASCII):
        return next(int(number) for number in match.groups() if number)
    return name


def _conference(match: Match) -> Typed:
    name = _called(match[0])
    return Typed(find=lambda around, _: _day(around.conference(name)))


def _before(match: Match) -> Typed:
    """Read what must be done before a conference: by the day before it opens, or earlier."""
    name = _called(match["name"])
    if isinstance(name, str) and _read(name) is not None:
        raise ValueError("say by which day, not before which")
    count, unit = _length(match) if match.groupdict().get("n") else (1, "d")

    def find(around: Around, _: Use) -> Span:
        return _day(moved(around.conference(name), -count, unit, around.working))

    return Typed(find=find)


def _by(match: Match) -> Typed:
    """Read a date with words before it that say no more than that it is the latest day."""
    found = _read(match["rest"])
    if found is None or found.rule is not None:
        raise ValueError(f"'{match['rest']}' is no day")
    return found


BY_WORDS = (
    r"by|on|in|het(?= ngay)|during|within|until|till|up to|due(?: by| on)?|(?:no|not) later than"
    r"|at the latest(?: by| on)?|vao|trong|toi|den|cho den|cham nhat(?: la)?(?: vao| den)?"
    r"|muon nhat(?: la)?(?: vao| den)?|khong (?:muon|cham) (?:hon|qua)"
    r"|(?:thoi )?han(?: chot| cuoi)?(?: la| den)?"
)


@cache
def _forms() -> tuple[Form, ...]:
    """Return every form but plain ISO 8601, each with what reads it; the commonest first."""
    return (*_day_forms(), *_length_forms(), *_period_forms(), *_other_forms())


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # One after the other, as they are asked for: all of them take longer than most commands do.
    return re.compile(pattern, re.ASCII)


_WEEKDAY, _MONTH, _UNIT = any_of(WEEKDAY), any_of(MONTH), any_of(UNIT)
_NEXT = r"(?P<near>this|next|coming|last)"
_SAU = r"(?P<near>nay|toi|sau|truoc|qua)"
_RELATIVE = r"(?P<ry>(?:this|next|last) year|nam (?:nay|toi|sau|truoc|ngoai)|sang nam)"
_OF_YEAR = rf"(?:(?:[/.-]| nam | of | in | |(?<=[a-z]))(?P<y>\d{{4}})|(?: of| in)? {_RELATIVE})?"
"""A year behind a name: its digits, or this, the next or the last one; or none."""
_PART = (
    r"(?:(?P<start>dau |(?:the )?(?:beginning|start) of (?:the )?)"
    r"|(?P<mid>giua |(?:the )?middle of (?:the )?|mid[ -])"
    r"|(?P<end>cuoi |het |(?:the )?end (?:of )?(?:the )?))"
)
_LENGTH = rf"(?P<n>\d{{1,4}})[ -]?(?P<unit>{_UNIT})"
_NOW = r"(?P<now>nua|toi|from now|from today|hence|(?:ke )?tu (?:hom nay|nay|bay gio))"


def _day_forms() -> Iterable[Form]:
    day, month, nth = r"(?P<d>\d{1,2})", r"(?P<m>\d{1,2})", r"(?:st|nd|rd|th)?"
    of = r"(?: day)?(?: of|[ ./-])?[ ]?"
    return (
        (
            rf"(?:ngay )?{day}(?P<mark>[/.-]){month}(?:(?P=mark)(?P<y>\d{{4}})| {_RELATIVE})?",
            _numeric,
        ),
        (rf"(?:ngay )?{day} thang {month}{_OF_YEAR}", _numeric),
        (rf"(?:the )?{day}{nth}{of}(?P<month>{_MONTH}){_OF_YEAR}", _numeric),
        (
            rf"(?P<month>{_MONTH})[ ./-]?(?:the )?{day}{nth}(?:[ ./-](?P<y>\d{{4}})| {_RELATIVE})?",
            _numeric,
        ),
        (rf"(?P<y>\d{{4}})(?P<mark>[/.-]){month}(?P=mark){day}", _numeric),
        (r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})", _numeric),
        (r"(?P<y>\d{4})-(?P<n>\d{3})", _ordinal),
        (rf"ngay {day} thang {_SAU}", _in_month),
        (rf"(?:the )?{day}{nth} of (?:the )?{_NEXT} month", _in_month),
        (rf"ngay {day}|the (?P<other>\d{{1,2}})(?:st|nd|rd|th)", _day_of_month),
        (any_of(NEAR), _near),
        (rf"(?:next|coming) (?P<weekday>{_WEEKDAY})|(?P<other>{_WEEKDAY}) toi", _next_weekday),
        (rf"(?P<weekday>{_WEEKDAY})", _bare_weekday),
        (rf"last (?P<weekday>{_WEEKDAY})", _last_weekday),
        (rf"(?P<weekday>{_WEEKDAY}) (?:truoc|vua qua)", _last_weekday),
        (rf"(?P<near>this) (?P<weekday>{_WEEKDAY})", _weekday_of),
        (rf"(?P<weekday>{_WEEKDAY}) (?P<near>nay)", _weekday_of),
        (rf"(?P<weekday>{_WEEKDAY}) (?:of )?{_NEXT} week", _weekday_of),
        (rf"(?P<weekday>{_WEEKDAY}) tuan {_SAU}", _weekday_of),
        (rf"{_NEXT} week (?:on )?(?P<weekday>{_WEEKDAY})", _weekday_of),
        (rf"tuan {_SAU} (?P<weekday>{_WEEKDAY})", _weekday_of),
        (rf"(?P<rest>\d.*) \(?(?P<weekday>{_WEEKDAY})\)?", _beside),
    )


def _length_forms() -> Iterable[Form]:
    within = r"in|within|within a period of|sau|trong|trong vong|trong thoi han|thoi han"
    return (
        (rf"\+ ?{_LENGTH}", _counted),
        (rf"(?:{within}) {_LENGTH}(?: {_NOW})?", _counted),
        (rf"{_LENGTH} {_NOW}", _counted),
        (rf"in the next {_LENGTH}", _counted),
        (_LENGTH, _bare_length),
        (rf"- ?{_LENGTH}", _ago),
        (rf"{_LENGTH} (?:ago|truoc|qua|vua qua|gan day)", _ago),
        (rf"(?:the )?(?:last|past) {_LENGTH}", _ago),
        (rf"cach day {_LENGTH}", _ago),
    )


def _period_forms() -> Iterable[Form]:
    part, month, year = f"{_PART}?", r"(?P<m>\d{1,2})", r"(?P<y>\d{4})"
    quarter = rf"(?P<quarter>{any_of(QUARTER)})"
    week = r"(?:tuan|week|wk|cw|w) ?(?:so |no\.? ?)?(?P<w>\d{1,2})"
    ordinal = r"(?P<half>first|1st|second|2nd)"
    of_a_year = rf"(?:{_RELATIVE}|nam(?: {year})?)"
    of_year = rf"(?:of the year |of |in )?(?:{year}|{_RELATIVE})"
    return (
        (rf"{part}(?:thang )?{month}[/.-]{year}", _month),
        (rf"{part}thang {month}{_OF_YEAR}", _month),
        (rf"{part}t{month}(?:[/.-]| nam | ){year}", _month),
        (rf"{part}{year}[/-]{month}", _month),
        (rf"{part}(?P<month>{_MONTH}){_OF_YEAR}", _month),
        (rf"{part}(?:q|quy ?|quarter ?){quarter}{_OF_YEAR}", _quarter),
        (rf"{part}{year}[ /-]?q{quarter}", _quarter),
        (rf"{part}(?:the )?{quarter} quarter{_OF_YEAR}", _quarter),
        (rf"{_end()}?h(?P<half>[12]){_OF_YEAR}", _half),
        (rf"{_end()}?{year}[ /-]?h(?P<half>[12])", _half),
        (rf"{_end()}?(?:the )?{ordinal} half(?: of the year)?{_OF_YEAR}", _half),
        (rf"{_end()}?nua (?P<half>dau|cuoi)(?: cua)? {of_a_year}", _half),
        (
            rf"{_end()}?(?P<n>\d{{1,2}}) thang (?P<which>dau|cuoi)(?: cua)? {of_a_year}",
            _some_months,
        ),
        (
            rf"{_end()}?(?:the )?(?P<which>first|last) (?P<n>\d{{1,2}}) months {of_year}",
            _some_months,
        ),
        (rf"{year}-?w(?P<w>\d{{1,2}})(?:-?(?P<wd>[1-7]))?", _week_number),
        (rf"{week}{_OF_YEAR}", _week_number),
        (rf"{part}(?:nam |year )?{year}", _year),
        (rf"{part}(?:the )?{_NEXT} (?P<unit>week|month|quarter|year)", _period),
        (rf"{part}(?P<unit>tuan|thang|quy) {_SAU}", _period),
        (rf"{part}(?P<unit>nam) (?P<near>nay|toi|sau|truoc|ngoai)", _period),
        (rf"{part}(?P<near>sang) (?P<unit>nam)", _period),
        (rf"{_PART}(?P<unit>{any_of(_UNIT_OF)})", _part_of_any),
        (r"(?P<unit>eow|eom|eoq|eoy)", _part_of_any),
    )


def _end() -> str:
    return r"(?P<end>cuoi |het |(?:the )?end (?:of )?(?:the )?)"


def _other_forms() -> Iterable[Form]:
    return (
        (CONFERENCE, _conference),
        (CONFERENCE_NUMBER, _conference),
        (rf"{_LENGTH} (?:before|truoc) (?P<name>.+)", _before),
        (rf"truoc (?P<name>.+) {_LENGTH}", _before),
        (r"(?:before|truoc) (?P<name>.+)", _before),
        (rf"(?:{BY_WORDS}) (?P<rest>.+)", _by),
        (rf"(?P<weekday>{_WEEKDAY}) (?P<rest>.+)", _beside),
    )
