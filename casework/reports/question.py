"""What a report is asked: one value that every report takes."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from casework.rules.periods import Period

if TYPE_CHECKING:
    from datetime import datetime

_OF_ITSELF = frozenset({"as_of", "known_at", "brief", "calendar"})
"""What is not among the options of a question: when it speaks of, and how it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a report is asked. No report heeds all of it.

    It speaks of the day `as_of`, by default today, and of what had been recorded by `known_at`. Of
    a `period` it says how many cases were open, came and were closed in it; then it speaks of the
    period's last day, or of today while that lies ahead. It
    looks ahead to the conference `before`, or to the end of the day `until`, by default to the next
    conference. `owner` and `conference` choose cases by any name of theirs; `of` and `coming` are
    the conferences a review looks back on and is made for. With `successors` an organisation that
    was taken over counts under the one it is now. With `backtest` a forecast tells how good it was
    before earlier conferences. `where` is a query: the report is of the cases that meet it on the
    day it speaks of.

    `brief` is the language of a report that is only shown as a table: lists need not have what that
    does not show. `calendar` asks for what only a calendar file shows.
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
        """Return what it asks as JSON, but for its day and what was known."""
        given = {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if one.name not in _OF_ITSELF and getattr(self, one.name) != one.default
        }
        return json.dumps(given, default=_plain, ensure_ascii=False, sort_keys=True)


def again(options: str, as_of: date, known_at: datetime) -> Question:
    """Return a question by its options, the day it spoke of, and what was known then."""
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
