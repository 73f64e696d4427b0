"""The forms of dates: each is a pattern of the normalised spelling, and its reader."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from casework.errors import UsageError
from casework.rules.dates import readers
from casework.rules.dates.counting import moved
from casework.rules.dates.meaning import HINT, Span, Typed, why
from casework.rules.dates.spans import one_day
from casework.rules.dates.spelling import MONTH, QUARTER, UNIT, WEEKDAY, any_of, key
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from casework.rules.dates.meaning import Around, Use
    from casework.rules.dates.spans import Match

    Form = tuple[str, Callable[[Match], Typed]]

CONFERENCE = r"(?:the )?(?:next )?conference|hoi nghi(?: toi| sau| ke tiep| tiep theo)?"
CONFERENCE_NUMBER = (
    r"(?:the )?conference (?:no\.? ?|number )?(?P<n1>\d{1,3})|(?:the )?(?P<n2>\d{1,3})"
    r"(?:st|nd|rd|th) conference|hoi nghi (?:lan )?(?:thu )?(?P<n3>\d{1,3})"
)
BARE_NUMBER = r"(?:lan )?(?:thu )?(\d{1,3})"


def read(words: str) -> Typed:
    """Read a date that is not ISO 8601; raises UsageError if it is not a date or could mean two."""
    try:
        found = _read(key(words))
    except (ValueError, OverflowError) as reason:
        raise UsageError("date.unclear", HINT, words=words, reason=why(reason)) from None
    if found is None:
        raise UsageError("date.invalid", HINT, word=words)
    return found


def _read(text: str) -> Typed | None:
    for pattern, reader in _forms():
        if match := _compiled(pattern).fullmatch(text):
            return reader(match)
    return None


# --- conferences, and a date within other words ----------------------------------------------


def _called(name: str) -> str | int | None:
    """Return the number or name of a conference, or None for the next one."""
    if re.fullmatch(CONFERENCE, name, re.ASCII):
        return None
    number = conference_number(name)
    return name if number is None else number


def conference_number(name: str, *, bare: bool = False) -> int | None:
    """Return the number by which folded words name a conference, as "hoi nghi lan thu 22".

    A `bare` number will do where nothing but a conference can be meant: "lan thu 22", "22".
    """
    match = re.fullmatch(CONFERENCE_NUMBER, name, re.ASCII)
    if match is None and bare:
        match = re.fullmatch(BARE_NUMBER, name, re.ASCII)
    return None if match is None else next(int(number) for number in match.groups() if number)


def _conference(match: Match) -> Typed:
    name = _called(match[0])
    return Typed(find=lambda around, _: one_day(around.conference(name)))


def _before(match: Match) -> Typed:
    """Read a deadline before a conference: the day before it opens, or earlier."""
    name = _called(match["name"])
    if isinstance(name, str) and _read(name) is not None:
        raise ValueError(Text("date.why.before"))
    count, unit = readers.length(match) if match.groupdict().get("n") else (1, "d")

    def find(around: Around, _: Use) -> Span:
        return one_day(moved(around.conference(name), -count, unit, around.working))

    return Typed(find=find)


def _by(match: Match) -> Typed:
    """Read a date after words that only say that it is the latest day."""
    found = _read(match["rest"])
    if found is None or found.rule is not None:
        raise ValueError(Text("date.why.not-a-day", words=match["rest"]))
    return found


def _beside(match: Match) -> Typed:
    """Read a date together with its weekday, which must be the right one."""
    found = _read(match["rest"])
    if found is None or found.period != "day" or found.weekday is not None:
        raise ValueError(Text("date.why.lone-weekday"))
    return replace(found, weekday=WEEKDAY[match["weekday"]])


BY_WORDS = (
    r"by|on|in|het(?= ngay)|during|within|until|till|up to|due(?: by| on)?|(?:no|not) later than"
    r"|at the latest(?: by| on)?|vao|trong|toi|den|cho den|cham nhat(?: la)?(?: vao| den)?"
    r"|muon nhat(?: la)?(?: vao| den)?|khong (?:(?:muon|cham) (?:hon|qua)|qua)"
    r"|(?:thoi )?han(?: chot| cuoi)?(?: la| den)?"
)


@cache
def _forms() -> tuple[Form, ...]:
    """Return every form except plain ISO 8601, with its reader; the most common first."""
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
"""The year after a name: digits, or this, next or last year; or nothing."""
_END = r"(?P<end>cuoi |het |(?:the )?end (?:of )?(?:the )?)"
_PART = (
    r"(?:(?P<start>dau |(?:the )?(?:beginning|start) of (?:the )?)"
    r"|(?P<mid>giua |(?:the )?middle of (?:the )?|mid[ -])"
    rf"|{_END})"
)
_LENGTH = rf"(?P<n>\d{{1,4}})[ -]?(?P<unit>{_UNIT})"
_NOW = r"(?P<now>nua|toi|from now|from today|hence|(?:ke )?tu (?:hom nay|nay|bay gio))"


def _day_forms() -> Iterable[Form]:
    day, month, nth = r"(?P<d>\d{1,2})", r"(?P<m>\d{1,2})", r"(?:st|nd|rd|th)?"
    of = r"(?: day)?(?: of|[ ./-])?[ ]?"
    return (
        (
            rf"(?:ngay )?{day}(?P<mark>[/.-]){month}(?:(?P=mark)(?P<y>\d{{4}})| {_RELATIVE})?",
            readers.numeric,
        ),
        (rf"(?:ngay )?{day} thang {month}{_OF_YEAR}", readers.numeric),
        (rf"(?:the )?{day}{nth}{of}(?P<month>{_MONTH}){_OF_YEAR}", readers.numeric),
        (
            rf"(?P<month>{_MONTH})[ ./-]?(?:the )?{day}{nth}(?:[ ./-](?P<y>\d{{4}})| {_RELATIVE})?",
            readers.numeric,
        ),
        (rf"(?P<y>\d{{4}})(?P<mark>[/.-]){month}(?P=mark){day}", readers.numeric),
        (r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})", readers.numeric),
        (r"(?P<y>\d{4})-(?P<n>\d{3})", readers.ordinal),
        (rf"ngay {day} thang {_SAU}", readers.in_month),
        (rf"(?:the )?{day}{nth} of (?:the )?{_NEXT} month", readers.in_month),
        (rf"ngay {day}", readers.day_of_month),
        (rf"the {day}(?:st|nd|rd|th)", readers.day_of_month),
        (any_of(readers.NEAR), readers.near),
        (rf"(?:next|coming) (?P<weekday>{_WEEKDAY})", readers.next_weekday),
        (rf"(?P<weekday>{_WEEKDAY}) toi", readers.next_weekday),
        (rf"(?P<weekday>{_WEEKDAY})", readers.bare_weekday),
        (rf"last (?P<weekday>{_WEEKDAY})", readers.last_weekday),
        (rf"(?P<weekday>{_WEEKDAY}) (?:truoc|vua qua)", readers.last_weekday),
        (rf"(?P<near>this) (?P<weekday>{_WEEKDAY})", readers.weekday_of),
        (rf"(?P<weekday>{_WEEKDAY}) (?P<near>nay)", readers.weekday_of),
        (rf"(?P<weekday>{_WEEKDAY}) (?:of )?{_NEXT} week", readers.weekday_of),
        (rf"(?P<weekday>{_WEEKDAY}) tuan {_SAU}", readers.weekday_of),
        (rf"{_NEXT} week (?:on )?(?P<weekday>{_WEEKDAY})", readers.weekday_of),
        (rf"tuan {_SAU} (?P<weekday>{_WEEKDAY})", readers.weekday_of),
        (rf"(?P<rest>\d.*) \(?(?P<weekday>{_WEEKDAY})\)?", _beside),
    )


def _length_forms() -> Iterable[Form]:
    within = (
        r"in|within|within a period of|at most|not? more than|sau|(?:cham|muon) nhat sau"
        r"|(?:trong (?:vong |thoi han |thoi gian )?|thoi han )?(?:khong qua|toi da)"
        r"|trong|trong vong|trong thoi gian|trong thoi han|thoi han"
    )
    return (
        (rf"\+ ?{_LENGTH}", readers.counted),
        (rf"(?:due|han|han cu) ?\+ ?{_LENGTH}", readers.from_due),
        (rf"(?:{within}) {_LENGTH}(?: {_NOW})?", readers.counted),
        (rf"{_LENGTH} {_NOW}", readers.counted),
        (rf"in the next {_LENGTH}", readers.counted),
        (_LENGTH, readers.bare_length),
        (rf"- ?{_LENGTH}", readers.ago),
        (rf"{_LENGTH} (?:ago|truoc|qua|vua qua|gan day)", readers.ago),
        (rf"(?:the )?(?:last|past) {_LENGTH}", readers.ago),
        (rf"cach day {_LENGTH}", readers.ago),
    )


def _period_forms() -> Iterable[Form]:
    part, month, year = f"{_PART}?", r"(?P<m>\d{1,2})", r"(?P<y>\d{4})"
    quarter = rf"(?P<quarter>{any_of(QUARTER)})"
    week = r"(?:tuan|week|wk|cw|w) ?(?:so |no\.? ?)?(?P<w>\d{1,2})"
    ordinal = r"(?P<half>first|1st|second|2nd)"
    of_a_year = rf"(?:{_RELATIVE}|nam(?: {year})?)"
    of_year = rf"(?:of the year |of |in )?(?:{year}|{_RELATIVE})"
    return (
        (rf"{part}(?:thang )?{month}[/.-]{year}", readers.month),
        (rf"{part}thang {month}{_OF_YEAR}", readers.month),
        (rf"{part}t{month}(?:[/.-]| nam | ){year}", readers.month),
        (rf"{part}{year}[/-]{month}", readers.month),
        (rf"{part}(?P<month>{_MONTH}){_OF_YEAR}", readers.month),
        (rf"{part}(?:q|quy ?|quarter ?){quarter}{_OF_YEAR}", readers.quarter),
        (rf"{part}{year}[ /-]?q{quarter}", readers.quarter),
        (rf"{part}(?:the )?{quarter} quarter{_OF_YEAR}", readers.quarter),
        (rf"{_END}?h(?P<half>[12]){_OF_YEAR}", readers.half),
        (rf"{_END}?{year}[ /-]?h(?P<half>[12])", readers.half),
        (rf"{_END}?(?:the )?{ordinal} half(?: of the year)?{_OF_YEAR}", readers.half),
        (rf"{_END}?nua (?P<half>dau|cuoi)(?: cua)? {of_a_year}", readers.half),
        (
            rf"{_END}?(?P<n>\d{{1,2}}) thang (?P<which>dau|cuoi)(?: cua)? {of_a_year}",
            readers.some_months,
        ),
        (
            rf"{_END}?(?:the )?(?P<which>first|last) (?P<n>\d{{1,2}}) months {of_year}",
            readers.some_months,
        ),
        (rf"{year}-?w(?P<w>\d{{1,2}})(?:-?(?P<wd>[1-7]))?", readers.week_number),
        (rf"{week}{_OF_YEAR}", readers.week_number),
        (rf"{part}(?:nam |year )?{year}", readers.year),
        (rf"{part}(?:the )?{_NEXT} (?P<unit>week|month|quarter|year)", readers.period),
        (rf"{part}(?P<unit>tuan|thang|quy) {_SAU}", readers.period),
        (rf"{part}(?P<unit>nam) (?P<near>nay|toi|sau|truoc|ngoai)", readers.period),
        (rf"{part}(?P<near>sang) (?P<unit>nam)", readers.period),
        (rf"{_PART}(?P<unit>{any_of(readers.UNIT_OF)})", readers.part_of_any),
        (r"(?P<unit>eow|eom|eoq|eoy)", readers.part_of_any),
    )


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
