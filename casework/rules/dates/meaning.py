"""Which day a typed date means, by the option it was typed for and the context."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from casework.errors import UsageError
from casework.words import Text, Word

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

HINT = "date.forms"
FIRST_YEAR = 1900

ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

PERIOD = {"day": "day", "week": "day", "month": "month", "quarter": "quarter"}
"""The precision of a due date given as a period; for anything longer it is the year.

A week means its Friday, so its precision is the day.
"""


class Use(NamedTuple):
    """How an option uses a date.

    `edge` is the day it takes of a period (a week, a month, a quarter, a half-year, a year); None
    if it accepts no period. For `past` options a day without a year is the last such day; otherwise
    it is the next one, counted from the day of effect. A counted `deadline` may have to end on a
    working day.
    """

    edge: Literal["first", "last"] | None
    past: bool
    deadline: bool = False


BY = Use("last", past=False, deadline=True)
"""By when: due dates."""
AHEAD = Use("last", past=False)
"""How far to look ahead."""
ON = Use(None, past=True)
"""The one day on which something took effect."""
COMING = Use(None, past=False)
"""The day of a coming event, such as a conference or a holiday."""
SINCE = Use("first", past=True)
"""The first day of a stretch of the past."""
UNTIL = Use("last", past=True)
"""The last day of a stretch of the past, and the day of a question."""


class Around(NamedTuple):
    """The context in which a date is read.

    Days such as tomorrow are counted from `today`, lengths of time such as +30wd from `start`: the
    day the act takes effect. `working` moves a day by a number of working days; `conference`
    returns the opening day of a conference by name or number, or of the next one. `due` is the due
    date that is extended, if any.
    """

    today: date
    start: date
    working: Callable[[date, int], date]
    conference: Callable[[str | int | None], date]
    due: date | None = None


class Span(NamedTuple):
    """The first and the last day of a typed date; equal if it is a single day."""

    first: date
    last: date

    def meant(self, use: Use) -> date:
        """Return the day that an option takes."""
        return self.first if use.edge == "first" else self.last


def why(error: Exception) -> Text:
    """Return what is wrong with words for a date: what was said, or that no such day exists."""
    own = error.args[0] if error.args else None
    return own if isinstance(own, Text) else Text("date.why.not-there")


@dataclass(frozen=True, slots=True)
class Day:
    """A typed date whose day is known.

    `words` is None if the date was typed as ISO 8601; `rule` and `start` say how it was counted, if
    it was. `precision` is one of `workflow.PRECISIONS`. A date `by_conference` moves with that
    conference.
    """

    day: date
    precision: str = "day"
    words: str | None = None
    rule: str | None = None
    start: date | None = None
    by_conference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A typed date, read as far as possible without its context.

    `span` has the days if the text alone gives them; otherwise `find` computes them. `period` is
    the kind of span: a day, week, month, quarter, half-year or year. `rule` is how it is counted:
    from today if `now`, otherwise from the day of effect. `weekday` is the weekday written with it,
    which must be the right one.
    """

    find: Callable[[Around, Use], Span]
    period: str = "day"
    rule: str | None = None
    now: bool = False
    span: Span | None = None
    words: str = ""
    weekday: int | None = None

    @property
    def day(self) -> date | None:
        """The day that was typed as ISO 8601, None where other words were."""
        return self.span.first if self.span and ISO.fullmatch(self.words) else None

    @property
    def iso(self) -> bool:
        """Return whether it was typed as ISO 8601 and need not be reported."""
        return self.day is not None

    def fixed(self, use: Use = BY) -> date | None:
        """Return the day that an option takes; None if it depends on the context."""
        return None if self.span is None else self._checked(self.span, use)

    def on(self, around: Around, use: Use = BY) -> Day:
        """Return which day it is.

        Raises UsageError for a period if the option needs one day, for a day outside the calendar,
        and for a wrong weekday.
        """
        try:
            day = self._checked(self.span or self.find(around, use), use)
        except OverflowError:
            raise self._outside() from None
        except ValueError as reason:
            if "year" in str(reason):
                raise self._outside() from None
            raise UsageError(
                "date.unclear", "date.forms", words=self.words, reason=why(reason)
            ) from None
        start = around.today if self.now else around.start
        return Day(
            day,
            PERIOD.get(self.period, "year"),
            None if self.iso else self.words,
            self.rule,
            start if self.rule else None,
        )

    def refuse_period(self, use: Use) -> None:
        """Raise UsageError for a period if the option needs one day."""
        if use.edge is None and self.period != "day":
            raise UsageError(
                "date.period", "date.forms", words=self.words, period=Word(self.period)
            )

    def _checked(self, span: Span, use: Use) -> date:
        self.refuse_period(use)
        day = span.meant(use)
        if day.year < FIRST_YEAR:
            raise self._outside()
        if self.weekday is not None and day.isoweekday() != self.weekday:
            raise UsageError("date.weekday", words=self.words, day=day)
        return day

    def _outside(self) -> UsageError:
        return UsageError("date.outside", "date.forms", words=self.words, first_year=FIRST_YEAR)
