"""The question of a report: one value that every report takes."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from casework.rules.periods import Period

if TYPE_CHECKING:
    from datetime import datetime

_OF_ITSELF = frozenset({"as_of", "known_at", "brief", "calendar"})
"""The members that are not options: the days, and how the report is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The question of a report. No report uses all of its members.

    The report is as of the day `as_of`, by default today, with what had been recorded by
    `known_at`. With a `period` it also counts the cases open, new and closed in it; then its day is
    the last day of the period, or today if that is earlier. Its horizon is the conference `before`,
    or the end of the day `until`, by default the next conference. `owner` and `conference` choose
    cases by any of their names; `of` and `coming` are the conferences that a review looks back on
    and is made for. With `successors` an organisation that was taken over counts under its
    successor. With `backtest` a forecast reports how good it was before earlier conferences.
    `where` is a query: the report covers the cases that meet it on its day.

    `brief` is the language of a report that is only shown as a table, so that lists may leave out
    what it does not show. `calendar` asks for what only a calendar file needs.
    """

    as_of: date | None = None
    period: Period | None = None
    known_at: datetime | None = None
    before: str | None = None
    until: date | None = None
    owner: str | None = None
    conference: str | None = None
    of: str | None = None
    coming: str | None = None
    where: str | None = None
    successors: bool = False
    backtest: bool = False
    brief: str | None = None
    calendar: bool = False

    def options(self) -> str:
        """Return its options as JSON, without its day and what was known."""
        given = {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if one.name not in _OF_ITSELF and getattr(self, one.name) != one.default
        }
        return json.dumps(given, default=_plain, ensure_ascii=False, sort_keys=True)


def again(options: str, as_of: date, known_at: datetime) -> Question:
    """Return a question from its options, its day, and what was known then."""
    given = json.loads(options)
    day: date | None = as_of
    if (period := given.pop("period", None)) is not None:
        # The period may have gone on since.
        given["period"] = Period(date.fromisoformat(period["first"]), as_of, period["words"])
        day = None
    if "until" in given:
        given["until"] = date.fromisoformat(given["until"])
    return Question(as_of=day, known_at=known_at, **given)


def _plain(value: object) -> Any:
    if isinstance(value, Period):
        return {"first": value.first, "last": value.last, "words": value.words}
    assert isinstance(value, date)  # noqa: S101 - a question holds nothing else
    return value.isoformat()
