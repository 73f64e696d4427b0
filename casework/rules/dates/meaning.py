"""What a typed date means, given the option it was typed for and the day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from casework.errors import UsageError
from casework.words import Word, quoted

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

HINT = "date.forms"
FIRST_YEAR = 1900

ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

PERIOD = {"day": "day", "week": "day", "month": "month", "quarter": "quarter"}
"""How precise a due date is that is said of a period; of anything longer it is the year.

A week means its Friday, which is a day.
"""


class Use(NamedTuple):
    """What an option makes of a date.

    `edge` is the day it takes of a period (a week, a month, a quarter, a half-year, a year), None
    where it takes none. `past` options speak of what was: a day without its year is the last one
    there was, elsewhere the next one there will be, from the day the act takes effect on. A
    `deadline` that is counted may have to end on a working day.
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
"""The one day on which something will be, or before which: a conference, a holiday."""
SINCE = Use("first", past=True)
"""The first day of a stretch of the past."""
UNTIL = Use("last", past=True)
"""The last day of a stretch of the past, and the day a question is asked of."""


class Around(NamedTuple):
    """What a date is relative to.

    Days such as tomorrow are counted from `today`, lengths of time such as +30wd from `start`:
    the day the act takes effect. `working` moves a day by so many working days; `conference`
    gives the opening day of the one that is called so or has that number, or of the next one.
    `due` is the due date that is moved, where one is.
    """

    today: date
    start: date
    working: Callable[[date, int], date]
    conference: Callable[[str | int | None], date]
    due: date | None = None


class Span(NamedTuple):
    """The first and the last day of what was said; the same one where that is a day."""

    first: date
    last: date

    def meant(self, use: Use) -> date:
        """Return the day an option takes of it."""
        return self.first if use.edge == "first" else self.last


@dataclass(frozen=True, slots=True)
class Day:
    """A date that was typed, once it is known which day it is.

    `words` are None where the date was typed as ISO 8601; `rule` and `start` say how it was
    counted, where it was. `precision` is one of `workflow.PRECISIONS`. One `by_conference` moves
    with the conference it is told by.
    """

    day: date
    precision: str = "day"
    words: str | None = None
    rule: str | None = None
    start: date | None = None
    by_conference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A date as it was typed, read as far as its words alone go.

    `span` is what the words name where they need nothing else; `find` finds it where they do.
    `period` is what kind of stretch they name: a day, week, month, quarter, half-year, year.
    `rule` is how it is counted, from today where `now`, else from the day of effect. `weekday` is
    one that was written beside it, and must agree.
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
        """Tell whether it was typed as ISO 8601, which needs no echo."""
        return self.day is not None

    def fixed(self, use: Use = BY) -> date | None:
        """Return which day an option takes it for, None where words alone do not tell."""
        return None if self.span is None else self._checked(self.span, use)

    def on(self, around: Around, use: Use = BY) -> Day:
        """Return which day it is.

        Raises UsageError for a period where one day is asked for, for a day outside the calendar,
        and for a weekday the day is not.
        """
        try:
            day = self._checked(self.span or self.find(around, use), use)
        except OverflowError:
            raise self._outside() from None
        except ValueError as reason:
            if "year" in str(reason):
                raise self._outside() from None
            raise UsageError(
                "date.unclear", "date.forms", words=self.words, reason=quoted(reason)
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
        """Raise UsageError for a period where an option takes one day."""
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
