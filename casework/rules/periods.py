"""The periods of reports: read from text, or given by two days.

A period is a week, month, quarter, half-year or year as dates name it, or the reporting period of
that name. By Decree 09/2019/NĐ-CP, article 12, the data of a month, quarter, half-year or year
begin on the 15th of the month before it and end on the 14th of its last month.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import Text, UsageError
from casework.rules.dates import UNTIL, Around, Span, month_end, parse
from casework.system.text import clean, fold

if TYPE_CHECKING:
    from casework.rules.dates import Typed

CUT_OFF = 14
"""The last day of a reporting period, in its last month."""

STATUTORY = ("month", "quarter", "half-year", "year")
"""The kinds of period that have a reporting period."""

WORDS_LIMIT = 100

_REPORTING = re.compile(
    r"(?:ky )?bao cao(?: dinh ky)?(?: hang)? (?P<vi>.+)"
    r"|(?:the )?(?:(?:annual|yearly|half-yearly|quarterly|monthly) )?(?:reporting|report)"
    r"(?: (?:period|month|quarter|half-year|year))?(?: (?:of|for))? (?P<en>.+)",
    re.ASCII,
)
_WEEK = timedelta(6)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from the first to the last, with the words in which the period was given, if any.

    `statutory` marks a reporting period. The last day may be in the future; then everything until
    today is counted.
    """

    first: date
    last: date
    words: str | None = None
    statutory: bool = False

    def as_json(self, today: date) -> dict[str, Any]:
        """Return it as JSON, with whether it was over when it was counted."""
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "words": self.words,
            "statutory": self.statutory,
            "over": self.last <= today,
        }

    def counted(self, today: date) -> date:
        """Return the last day that can be counted; raises UsageError before it has begun."""
        if self.last < self.first:
            raise UsageError("period.order", first=self.first, last=self.last)
        if self.first > today:
            raise UsageError("period.ahead", first=self.first, today=today)
        return min(self.last, today)


class TypedPeriod(NamedTuple):
    """A period as it was typed, read as far as possible without a context."""

    typed: Typed
    words: str
    statutory: bool

    def on(self, today: date) -> Period:
        """Return which days it means; one without its year is the last one that has ended."""
        if self.statutory:
            # Its data end in the middle of its last month.
            near = month_end(today.year, today.month) if today.day >= CUT_OFF else today
            span = _reported(self._span(near))
        else:
            span = self._span(today)
            if self.typed.period == "week":
                # An office's week ends on Friday, what is counted on Sunday.
                span = Span(span.first, span.first + _WEEK)
        return Period(span.first, span.last, self.words, self.statutory)

    def _span(self, today: date) -> Span:
        return self.typed.span or self.typed.find(_near(today), UNTIL)


def parse_period(text: str) -> TypedPeriod:
    """Read a period in either language; raises UsageError for anything else, such as a day."""
    words = clean(text, "name.period", WORDS_LIMIT)
    match = _REPORTING.fullmatch(" ".join(fold(words).split()))
    # The words themselves, not their folded form: only a mark tells June from next.
    rest = words if match is None else " ".join(words.split()[-len(_named(match).split()) :])
    typed = _parsed(rest, words)
    if typed.period == "day":
        raise UsageError("period.day", words=words)
    if match is not None and typed.period not in STATUTORY:
        raise UsageError("period.not-statutory", words=words)
    return TypedPeriod(typed, words, match is not None)


def period_of(
    today: date,
    as_of: date | None,
    first: date | None,
    last: date | None,
    typed: TypedPeriod | None,
) -> Period | None:
    """Return the period that options give; None if they give none.

    Raises UsageError for options that cannot be combined.
    """
    if typed is not None and not first is last is as_of is None:
        raise UsageError("period.one-way")
    if typed is not None:
        return typed.on(today)
    if first is None:
        if last is not None:
            raise UsageError("period.no-first")
        return None
    if last is not None and as_of is not None:
        raise UsageError("period.to-or-as-of")
    return Period(first, last or as_of or today)


def _parsed(rest: str, words: str) -> Typed:
    try:
        return parse(rest)
    except UsageError as error:
        says_why = error.what.key != "date.invalid"
        said = error.what if says_why else Text("period.unknown", words=words)
        raise UsageError(said, "period.day.hint") from None


def _named(match: re.Match[str]) -> str:
    return match["vi"] or match["en"]


def _reported(span: Span) -> Span:
    before = span.first - timedelta(1)
    return Span(before.replace(day=CUT_OFF + 1), span.last.replace(day=CUT_OFF))


def _near(today: date) -> Around:
    def unasked(*_: Any) -> date:
        raise UsageError("date.unclear", "date.forms", words="", reason="")

    return Around(today, today, unasked, unasked)
