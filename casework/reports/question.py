"""What a report is asked: one value that every report takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from casework.rules.periods import Period


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
    before earlier conferences.

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
    successors: bool = False
    backtest: bool = False
    brief: str | None = None
    calendar: bool = False
