"""Dates as people type them, in Vietnamese and English: one grammar for every option.

Reading is pure. What a date needs beside its own words (today, working days, a conference) is
asked of `Around` once the store is open. What could mean two days is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from casework.errors import UsageError
from casework.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

WORDS_LIMIT = 100
HINT = "write YYYY-MM-DD, 30/6/2027, +30wd, next friday, thứ sáu tới, Q2/2027, before NFAC-21"

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Around:
    """What a date is relative to.

    Days such as tomorrow are counted from `today`, lengths of time such as +30wd from `start`:
    the day the act takes effect. `working` moves a day by so many working days; `conference`
    gives the opening day of the one that is called so, or of the next one.
    """

    today: date
    start: date
    working: Callable[[date, int], date]
    conference: Callable[[str | None], date]


@dataclass(frozen=True, slots=True)
class Day:
    """A date that was typed, once it is known which day it is.

    `words` are None where the date was typed as ISO 8601; `rule` and `start` say how it was
    counted, where it was.
    """

    day: date
    precision: str = "day"
    words: str | None = None
    rule: str | None = None
    start: date | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """A date as it was typed, read as far as its words alone go.

    `fixed` is the day where the words name it; else `find` finds it.
    """

    find: Callable[[Around], date]
    precision: str = "day"
    rule: str | None = None
    fixed: date | None = None
    words: str = ""

    @property
    def iso(self) -> bool:
        """Tell whether it was typed as ISO 8601, which needs no echo."""
        return _ISO.fullmatch(self.words) is not None

    def on(self, around: Around) -> Day:
        """Return which day it is; raises UsageError for one that no calendar has."""
        try:
            day = self.fixed or self.find(around)
        except (OverflowError, ValueError):
            raise UsageError(f"'{self.words}' lies outside the calendar", HINT) from None
        words = None if self.iso else self.words
        return Day(day, self.precision, words, self.rule, around.start if self.rule else None)


def parse_date(text: str) -> date:
    """Read a calendar date, ISO 8601 ``YYYY-MM-DD``.

    Raises UsageError for anything else, and for days that do not exist.
    """
    word = text.strip()
    if _ISO.fullmatch(word):
        try:
            return date.fromisoformat(word)
        except ValueError as reason:
            raise UsageError(f"'{word}' is no date: {reason}", "write YYYY-MM-DD") from None
    raise UsageError(f"'{word}' is no date", "write YYYY-MM-DD, for example 2021-12-13")


def parse(text: str) -> Typed:
    """Read a date in any of its forms; raises UsageError for what is none, or could be two."""
    words = clean(text, "the date", WORDS_LIMIT)
    if _ISO.fullmatch(words):
        return replace(_fixed(parse_date(words)), words=words)
    key = " ".join(fold(words).replace(",", " ").split())
    _refuse_ambiguous(words, key)
    for pattern, read in _forms():
        if match := pattern.fullmatch(key):
            try:
                return replace(read(match), words=words)
            except (ValueError, OverflowError) as reason:
                raise UsageError(f"'{words}' is no date: {reason}", HINT) from None
    raise UsageError(f"'{words}' is no date", HINT)


def _refuse_ambiguous(words: str, key: str) -> None:
    if re.fullmatch(r"\d{1,2}([/.-])\d{1,2}\1\d{2}", key, re.ASCII):
        raise UsageError(f"'{words}': two digits do not say which year", "write all four of it")
    if re.fullmatch(r".*\bthang sau", key) and "tháng sau" not in words.casefold():
        raise UsageError(
            f"'{words}' could be June or the next month", "write tháng sau, or tháng 6/2027"
        )


# --- counting --------------------------------------------------------------------------------

_UNITS: Mapping[str, tuple[str, ...]] = {
    "wd": ("wd", "working day", "working days", "business day", "business days", "ngay lam viec"),
    "d": ("d", "day", "days", "ngay"),
    "w": ("w", "week", "weeks", "tuan"),
    "m": ("m", "month", "months", "thang"),
    "y": ("y", "year", "years", "nam"),
}
_UNIT = {name: unit for unit, names in _UNITS.items() for name in names}
WORKING = "wd"
_RULE = re.compile(r"\+(\d{1,4})(wd|d|w|m|y)", re.ASCII)


def length(rule: str) -> tuple[int, str]:
    """Return the count and the unit of a rule: ``+30wd`` is 30 and ``wd``."""
    match = _RULE.fullmatch(rule)
    if match is None:
        raise UsageError(f"'{rule}' is no length of time", "write +30wd, +30d, +2w, +1m or +1y")
    return int(match[1]), match[2]


def moved(start: date, count: int, unit: str, working: Callable[[date, int], date]) -> date:
    """Return a day moved by a length of time; day zero is the start.

    Months are counted from the start, so that the 31st comes back after every shorter month.
    """
    match unit:
        case "wd":
            return working(start, count)
        case "d" | "w":
            return start + timedelta(count * (7 if unit == "w" else 1))
        case _:
            return add_months(start, count * (12 if unit == "y" else 1))


def add_months(day: date, count: int) -> date:
    """Return the same day some months on, or the last one of a month that is too short."""
    last = month_end(day.year, day.month + count)
    return last.replace(day=min(day.day, last.day))


def month_end(year: int, month: int) -> date:
    """Return the last day of a month; the 13th month of a year is January of the next."""
    years, following = divmod(month, 12)
    return date(year + years, following + 1, 1) - timedelta(1)


# --- the forms -------------------------------------------------------------------------------

_WEEKDAYS = (
    ("thu hai", "thu 2", "t2", "monday", "mon"),
    ("thu ba", "thu 3", "t3", "tuesday", "tue"),
    ("thu tu", "thu 4", "t4", "wednesday", "wed"),
    ("thu nam", "thu 5", "t5", "thursday", "thu"),
    ("thu sau", "thu 6", "t6", "friday", "fri"),
    ("thu bay", "thu 7", "t7", "saturday", "sat"),
    ("chu nhat", "cn", "sunday", "sun"),
)
_MONTHS = (
    ("january", "jan"),
    ("february", "feb"),
    ("march", "mar"),
    ("april", "apr"),
    ("may",),
    ("june", "jun"),
    ("july", "jul"),
    ("august", "aug"),
    ("september", "sep"),
    ("october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
_QUARTERS = (
    ("1", "i", "first", "1st"),
    ("2", "ii", "second", "2nd"),
    ("3", "iii", "third", "3rd"),
    ("4", "iv", "fourth", "4th"),
)
_NEAR = {
    "today": 0,
    "hom nay": 0,
    "tomorrow": 1,
    "ngay mai": 1,
    "day after tomorrow": 2,
    "the day after tomorrow": 2,
    "ngay kia": 2,
    "yesterday": -1,
    "hom qua": -1,
    "day before yesterday": -2,
    "the day before yesterday": -2,
    "hom kia": -2,
}


def _numbered(names: tuple[tuple[str, ...], ...]) -> dict[str, int]:
    return {name: number for number, group in enumerate(names, 1) for name in group}


def _any(names: Iterable[str]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_WEEKDAY, _MONTH, _QUARTER = map(_numbered, (_WEEKDAYS, _MONTHS, _QUARTERS))
_WEEKS = {"this": 0, "nay": 0, "next": 1, "toi": 1, "sau": 1, "last": -1, "truoc": -1}
_CONFERENCE = r"(?:the )?(?:next )?conference|hoi nghi(?: toi| sau| ke tiep| tiep theo)?"
_PERIODS: Mapping[str, tuple[str, int]] = {
    "this month": ("month", 0),
    "thang nay": ("month", 0),
    "next month": ("month", 1),
    "thang toi": ("month", 1),
    "thang sau": ("month", 1),
    "this quarter": ("quarter", 0),
    "quy nay": ("quarter", 0),
    "next quarter": ("quarter", 1),
    "quy toi": ("quarter", 1),
    "quy sau": ("quarter", 1),
    "this year": ("year", 0),
    "nam nay": ("year", 0),
    "next year": ("year", 1),
    "nam toi": ("year", 1),
    "nam sau": ("year", 1),
    "sang nam": ("year", 1),
}
_END = r"(?P<end>(?:the )?end of (?:the )?|cuoi |het )"
_MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
_THIS = {"month": "month", "thang": "month", "eom": "month"}
_THIS |= {"quarter": "quarter", "quy": "quarter", "eoq": "quarter"}
_THIS |= {"year": "year", "nam": "year", "eoy": "year"}


def _fixed(day: date, precision: str = "day") -> Typed:
    return Typed(lambda _: day, precision, fixed=day)


def _relative(days: Callable[[date], date], precision: str = "day") -> Typed:
    return Typed(lambda around: days(around.today), precision)


def _numeric(match: re.Match[str]) -> Typed:
    return _fixed(date(int(match["y"]), int(match["m"]), int(match["d"])))


def _named(match: re.Match[str]) -> Typed:
    return _fixed(date(int(match["y"]), _MONTH[match["month"]], int(match["d"])))


def _near(match: re.Match[str]) -> Typed:
    days = timedelta(_NEAR[match[0]])
    return _relative(lambda today: today + days)


def _counted(match: re.Match[str]) -> Typed:
    count, unit = int(match["n"]), _UNIT[match["unit"]]
    return Typed(
        lambda around: moved(around.start, count, unit, around.working), rule=f"+{count}{unit}"
    )


def _ago(match: re.Match[str]) -> Typed:
    count, unit = int(match["n"]), _UNIT[match["unit"]]
    return Typed(lambda around: moved(around.today, -count, unit, around.working))


def _next_weekday(match: re.Match[str]) -> Typed:
    number = _WEEKDAY[match["weekday"]]
    return _relative(lambda today: today + timedelta((number - today.isoweekday() - 1) % 7 + 1))


def _last_weekday(match: re.Match[str]) -> Typed:
    number = _WEEKDAY[match["weekday"]]
    return _relative(lambda today: today - timedelta((today.isoweekday() - number - 1) % 7 + 1))


def _weekday_of(match: re.Match[str]) -> Typed:
    days = _WEEKDAY[match["weekday"]] + 7 * _WEEKS[match["week"]]
    return _relative(lambda today: today + timedelta(days - today.isoweekday()))


def _ends(match: re.Match[str], year: str, month: int, precision: str) -> Typed:
    """Return the last day of a period; precise to the day only where its end is named."""
    if not 1 <= month <= len(_MONTHS):
        raise ValueError(f"there is no month {month}")
    return _fixed(month_end(int(year), month), "day" if match["end"] else precision)


def _month(match: re.Match[str]) -> Typed:
    return _ends(match, match["y"], _MONTH.get(match["month"]) or int(match["month"]), "month")


def _quarter(match: re.Match[str]) -> Typed:
    return _ends(match, match["y"], 3 * _QUARTER[match["quarter"]], "quarter")


def _year(match: re.Match[str]) -> Typed:
    return _ends(match, match["y"], 12, "year")


def _period(match: re.Match[str]) -> Typed:
    """Read a month, quarter or year by its distance from this one."""
    unit, ahead = _PERIODS[match["near"]]
    return _coming(unit, ahead, "day" if match["end"] else unit)


def _this_end(match: re.Match[str]) -> Typed:
    return _coming(_THIS[match["unit"]], 0, "day")


def _coming(unit: str, ahead: int, precision: str) -> Typed:
    months = _MONTHS_IN[unit]

    def last(today: date) -> date:
        begun = (today.month - 1) // months
        return month_end(today.year, (begun + ahead + 1) * months)

    return _relative(last, precision)


def _conference(_: re.Match[str]) -> Typed:
    return Typed(lambda around: around.conference(None))


def _before(match: re.Match[str]) -> Typed:
    """Read what must be done before a conference: by the day before it opens."""
    name = None if re.fullmatch(_CONFERENCE, match["name"]) else match["name"]
    if any(form.fullmatch(match["name"]) for form, read in _forms() if read is not _conference):
        raise ValueError("say by which day, not before which")
    return Typed(lambda around: around.conference(name) - timedelta(1))


@cache
def _forms() -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Typed]], ...]:
    """Return every form but ISO 8601, each with what reads it; text is folded before."""
    day, year, nth = r"(?P<d>\d{1,2})", r"(?P<y>\d{4})", r"(?:st|nd|rd|th)?"
    month, quarter = r"(?P<month>\d{1,2})", f"(?P<quarter>{_any(_QUARTER)})"
    named, weekday = f"(?P<month>{_any(_MONTH)})", f"(?P<weekday>{_any(_WEEKDAY)})"
    length = rf"(?P<n>\d{{1,4}}) ?(?P<unit>{_any(_UNIT)})"
    end = f"{_END}?"
    forms: tuple[tuple[str, Callable[[re.Match[str]], Typed]], ...] = (
        (rf"(?:ngay )?{day}(?P<mark>[/.-])(?P<m>\d{{1,2}})(?P=mark){year}", _numeric),
        (rf"(?:ngay )?{day} thang (?P<m>\d{{1,2}})(?: nam)? {year}", _numeric),
        (rf"{day}{nth}(?: of)? {named} {year}", _named),
        (rf"{named} {day}{nth} {year}", _named),
        (_any(_NEAR), _near),
        (rf"\+ ?{length}", _counted),
        (rf"(?:in|within|sau|trong|trong vong) {length}(?: nua)?", _counted),
        (rf"{length} (?:nua|from now)", _counted),
        (rf"- ?{length}", _ago),
        (rf"{length} (?:ago|truoc)", _ago),
        (rf"cach day {length}", _ago),
        (rf"(?:next |coming )?{weekday}(?: toi)?", _next_weekday),
        (rf"last {weekday}", _last_weekday),
        (rf"{weekday} truoc", _last_weekday),
        (rf"{weekday} (?P<week>this|next|last) week", _weekday_of),
        (rf"{weekday} tuan (?P<week>nay|toi|sau|truoc)", _weekday_of),
        (rf"{end}(?:thang )?{month}/{year}", _month),
        (rf"{end}thang {month}(?: nam)? {year}", _month),
        (rf"{end}{named}(?: of)? {year}", _month),
        (rf"{end}(?:q|quy ?){quarter}(?:[/-]| nam | of | ?){year}", _quarter),
        (rf"{end}{year}[ -]?q{quarter}", _quarter),
        (rf"{end}(?:the )?{quarter} quarter(?: of)? {year}", _quarter),
        (rf"{end}(?:nam )?{year}", _year),
        (rf"{end}(?P<near>{_any(_PERIODS)})", _period),
        (rf"{_END}(?P<unit>{_any(_THIS)})", _this_end),
        (r"(?P<unit>eom|eoq|eoy)", _this_end),
        (_CONFERENCE, _conference),
        (r"(?:before|truoc) (?P<name>.+)", _before),
    )
    return tuple((re.compile(pattern, re.ASCII), read) for pattern, read in forms)
