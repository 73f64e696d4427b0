"""Lengths of time: how they are written, and which day they lead to."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from casework.errors import UsageError
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WORKING = "wd"
ONWARDS = ">wd"
"""The end of a rule whose last day moves to the next working day if it is a day off."""

UNITS: Mapping[str, tuple[str, ...]] = {
    "wd": (
        *("wd", "bd", "working day", "working days", "business day", "business days"),
        *("workday", "workdays", "ngay lam viec"),
    ),
    "d": ("d", "day", "days", "ngay"),
    "w": ("w", "wk", "week", "weeks", "tuan"),
    "m": ("m", "mo", "month", "months", "thang"),
    "q": ("quarter", "quarters", "quy"),
    "y": ("y", "yr", "year", "years", "nam"),
}
"""The folded names of each unit; a quarter is counted and stored as three months."""

MONTHS_IN = {"m": 1, "q": 3, "y": 12}
_RULE = re.compile(r"\+(\d{1,4})(wd|d|w|m|y)(>wd)?", re.ASCII)


def length(rule: str) -> tuple[int, str]:
    """Return the count and the unit of a rule: ``+30wd`` is 30 and ``wd``.

    Raises UsageError for what is none.
    """
    match = _RULE.fullmatch(rule)
    if match is None:
        raise UsageError("date.rule-invalid", rule=rule)
    return int(match[1]), match[2]


def rule_words(rule: str | None, lang: str) -> str | None:
    """Return in words how a due date is counted."""
    if rule is None or not rule.endswith(ONWARDS):
        return rule
    return f"{rule.removesuffix(ONWARDS)}, {word('onwards', lang)}"


def moved(start: date, count: int, unit: str, working: Callable[[date, int], date]) -> date:
    """Return a day moved by a length of time; day zero is the start.

    Months are counted from the start, so that the 31st comes back after every shorter month
    (Civil Code 2015, article 148, clause 3).
    """
    match unit:
        case "wd":
            return working(start, count)
        case "d" | "w":
            return start + timedelta(count * (7 if unit == "w" else 1))
        case _:
            return add_months(start, count * MONTHS_IN[unit])


def add_months(day: date, count: int) -> date:
    """Return the same day some months on, or the last one of a month that is too short."""
    last = month_end(day.year, day.month + count)
    return last.replace(day=min(day.day, last.day))


def month_end(year: int, month: int) -> date:
    """Return the last day of a month; the 13th month of a year is January of the next."""
    return month_start(year, month + 1) - timedelta(1)


def month_start(year: int, month: int) -> date:
    """Return the first day of a month; the 13th month of a year is January of the next."""
    years, following = divmod(month - 1, 12)
    return date(year + years, following + 1, 1)
