"""Counted due dates: the day they lead to under a calendar, holds included.

A case keeps the rule of its deadline and the day it is counted from (`due_rule`, `due_from`): with
its holds they give the date again under any calendar, and the log says what the calendar was.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from casework.errors import RefusedError
from casework.rules.dates import ONWARDS, WORKING, length, moved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.kinds.records import Case
    from casework.rules.working_days import WorkingCalendar


REPLY_DAYS = 5
"""The default number of working days within which a request for more time must be answered.

A working week: long enough for a secretariat that meets weekly, and an owner that asks a fortnight
before its date still learns in time whether it has it.
"""


def in_working_days(case: Case) -> bool:
    """Return whether a case's due date was counted in working days."""
    return case.due_rule is not None and length(case.due_rule)[1] == WORKING


def counted(case: Case, calendar: WorkingCalendar) -> date | None:
    """Return a counted due date under a calendar, holds included; None if it was not counted."""
    due = count_ends(case, calendar)
    return calendar.onwards(due) if due is not None and ends_worked(case) else due


def ends_worked(case: Case) -> bool:
    """Return whether a count that ends on a day off goes on to the next working day."""
    return case.due_rule is not None and case.due_rule.endswith(ONWARDS)


def count_ends(case: Case, calendar: WorkingCalendar) -> date | None:
    """Return the day on which a count ends, holds included, whether it is a working day or not."""
    if case.due_rule is None or case.due_from is None:
        return None
    count, unit = length(case.due_rule)
    due = moved(case.due_from, count, unit, calendar.add)
    for start, end in holds_of(case, case.due_from):
        due = _given_back(case, due, start, end, calendar)
    return due


def resumed(case: Case, day: date, calendar: WorkingCalendar) -> date | None:
    """Return the due date of a held case if it is resumed on a day."""
    if case.due is None or case.held_since is None:
        return case.due
    if ends_worked(case):
        # Counted anew: the day it went on to a working day is none that a hold gives back.
        held = (*case.holds, (case.held_since.isoformat(), day.isoformat()))
        return counted(case.but(holds=held), calendar)
    return _given_back(case, case.due, case.held_since, day, calendar)


def _given_back(case: Case, due: date, start: date, end: date, calendar: WorkingCalendar) -> date:
    try:
        if in_working_days(case):
            return calendar.add(due, worked(calendar, start, end))
        return due + (end - start)
    except OverflowError:
        raise RefusedError("resume.beyond-calendar", due=due, max=date.max, ref=case.ref) from None


def worked(calendar: WorkingCalendar, start: date, end: date) -> int:
    """Return the number of working days in a hold; its end is the day the clock runs again."""
    eve = timedelta(1)
    return calendar.between(start - eve, end - eve)


def holds_of(case: Case, since: date) -> Iterator[tuple[date, date]]:
    """Yield the holds of a case that began on a day or later, each with the day it ended."""
    for start, end in case.holds:
        if (first := date.fromisoformat(start)) >= since:
            yield first, date.fromisoformat(end)
