"""The spelling of dates: names of days and months, numbers in words, ambiguous dates.

`key` normalises a text to the spelling that the forms expect: folded, numbers as digits.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from casework.errors import UsageError
from casework.rules.dates.counting import UNITS
from casework.system.text import fold
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_WEEKDAYS = (
    ("thu hai", "thu 2", "t2", "monday", "mon"),
    ("thu ba", "thu 3", "t3", "tuesday", "tues", "tue"),
    ("thu tu", "thu 4", "t4", "wednesday", "weds", "wed"),
    ("thu nam", "thu 5", "t5", "thursday", "thurs", "thur", "thu"),
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
    ("september", "sept", "sep"),
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


def numbered(names: Iterable[Iterable[str]]) -> dict[str, int]:
    """Return the number of each name's group, from 1."""
    return {name: number for number, group in enumerate(names, 1) for name in group}


WEEKDAY, MONTH, QUARTER = map(numbered, (_WEEKDAYS, _MONTHS, _QUARTERS))
UNIT = {name: unit for unit, names in UNITS.items() for name in names}


def any_of(names: Iterable[str]) -> str:
    """Return a pattern of any of these names, the longest first."""
    return "|".join(sorted(names, key=len, reverse=True))


# --- numbers in words ------------------------------------------------------------------------

_VI = {
    "mot": 1,
    "hai": 2,
    "ba": 3,
    "bon": 4,
    "tu": 4,
    "nam": 5,
    "lam": 5,
    "nham": 5,
    "6": 6,
    "bay": 7,
}
_VI |= {"1": 1, "tam": 8, "chin": 9}
_EN_ONES = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen
"""
_EN_NTHS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
"""
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_EN = {"a": 1, "an": 1} | {name: n for n, name in enumerate(_EN_ONES.split(), 1)}
_NTH = {name: n for n, name in enumerate(_EN_NTHS.split(), 1)} | {"twentieth": 20, "thirtieth": 30}
_TENS = {name: 10 * n for n, name in enumerate(_EN_TENS.split(), 2)}

_VI_ONE, _EN_ONE = any_of(_VI), any_of(_EN)
# Behind ten, five is "lăm": "mười năm" is ten years, and "tháng mười năm" October of a year.
_VI_NUMBER = rf"(?:(?:{_VI_ONE}) )?muoi(?: (?:{any_of(_VI.keys() - {'nam'})}))?|{_VI_ONE}"
_EN_NUMBER = rf"(?:{any_of(_TENS)})(?:[ -](?:{_EN_ONE}))?|{_EN_ONE}"
_EN_NTH = rf"(?:(?:{any_of(_TENS)})[ -])?(?:{any_of(_NTH)})"


def number(words: str) -> int:
    """Return the number of some folded number words of either language, below a hundred."""
    total = 0
    for one in re.split(r"[ -]", words):
        if one == "muoi":
            total = 10 * (total or 1)
        else:
            total += _VI.get(one) or _EN.get(one) or _TENS.get(one) or _NTH[one]
    return total


# --- one spelling ----------------------------------------------------------------------------

_SIX = re.compile(r"\bsáu\b")
_ONE = re.compile(r"\bmột\b")
_LUNAR = re.compile(
    r"(?<![\w-])(?:tet|nguyen dan|giao thua|tat nien|ram thang|am lich|lunar"
    r"|thang (?:gieng|chap)|(?:mung|mong) (?:\d|mot|hai|ba|bon|nam|bay|tam|chin|muoi))(?![\w-])",
    re.ASCII,
)


def key(words: str) -> str:
    """Return the normalised spelling of a date; raises UsageError if it could mean two days."""
    if any(one.isnumeric() and not one.isascii() for one in words):
        raise ValueError(Text("date.why.digits"))
    marked = " ".join(words.casefold().split())
    # "sáu" is six and "sau" is next: only the mark tells them apart.
    folded = fold(_ONE.sub("1", _SIX.sub("6", marked)))
    folded = re.sub(r"[‐-―−]", "-", " ".join(folded.replace(",", " ").split())).rstrip(" .;")
    _refuse_lunar(words, folded)
    folded = re.sub(r"(?<=\d) ?([/.-]) ?(?=\d)", r"\1", folded, flags=re.ASCII)
    folded = re.sub(r"(?<=[a-z])\.(?= )", "", folded)
    folded = re.sub(r"[ t]0?0:00(?::00(?:\.0+)?)?$", "", folded)
    for pattern, spelled in _digits():
        folded = pattern.sub(spelled, folded)
    _refuse_ambiguous(words, marked, folded)
    return folded


@cache
def _digits() -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
    """Return a text with number words replaced by digits where a number may be."""
    unit, month = any_of(UNIT), any_of(MONTH)

    def spell(match: re.Match[str]) -> str:
        return str(number(match[1]))

    def say(words: str) -> Callable[[re.Match[str]], str]:
        return lambda _: words

    found = (
        (r"\b(?:half a year|a half year|nua nam)\b", say("6 months")),
        (r"\b(?:half a month|nua thang)\b", say("15 days")),
        (r"\b(?:a|one|1) fortnight\b", say("2 weeks")),
        # A year behind it leaves no other reading, marks or not.
        (r"\bthang sau(?=(?: nam |[ /.-])\d{4}$)", say("thang 6")),
        (r"\bsau thang (?=(?:dau|cuoi)\b)", say("6 thang ")),
        (rf"(?<=\bthang )({_VI_NUMBER})\b(?! (?:hom nay|nay|bay gio))", spell),
        (rf"(?<=\bquy )({_VI_NUMBER})\b", spell),
        (rf"\b({_VI_NUMBER}|{_EN_NUMBER})(?=[ -](?:{unit})\b)", spell),
        (rf"\b({_EN_NTH})(?= (?:day )?(?:of )?(?:{month})\b)", spell),
    )
    return tuple((re.compile(pattern, re.ASCII), spelled) for pattern, spelled in found)


def _refuse_lunar(words: str, folded: str) -> None:
    if _LUNAR.search(folded):
        raise UsageError("date.lunar", words=words)


def _refuse_ambiguous(words: str, marked: str, folded: str) -> None:
    if re.search(r"(?:^|[^\d/.-])\d{1,2}([/.-])\d{1,2}\1\d{2}$", folded, re.ASCII):
        raise UsageError("date.two-digit-year", words=words)
    if re.search(r"\bthang sau$", folded, re.ASCII) and "tháng sau" not in marked:
        raise UsageError("date.june-or-next", words=words)
    if re.fullmatch(r"\d{1,2} thang sau", folded, re.ASCII):
        raise UsageError("date.day-or-months", words=words)
