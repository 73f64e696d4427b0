"""Explain a due date: what it was counted from, holds, and earlier calendars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from casework.errors import RefusedError
from casework.kinds.records import plain
from casework.questions import audit_log, working_calendar
from casework.rules.deadlines import (
    count_ends,
    counted,
    ends_worked,
    holds_of,
    in_working_days,
    worked,
)

if TYPE_CHECKING:
    from casework.kinds.records import Case
    from casework.log.reading import Event
    from casework.rules.working_days import Passed, WorkingCalendar
    from casework.store.connections import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A span on hold; `until` is the day the clock ran again.

    `days` is what it adds: working days if the due date is counted in them.
    """

    since: date
    until: date | None
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of the calendar: its last event, and whether it has projected days."""

    event: int | None
    projected: bool
    due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where a due date comes from.

    `passed` has the unusual days of the count under `then`, the calendar with which the due date
    was counted. `now` has the result under today's calendar. `counted_to` is the end of the count
    itself, if that is a day off and the due date is the next working day.
    """

    case: Case
    passed: list[Passed]
    holds: list[Hold]
    counted_to: date | None
    then: Version
    now: Version
    set_by: list[Event]

    @property
    def differs(self) -> bool:
        """Return whether today's calendar would give another date."""
        return self.now.due is not None and self.now.due != self.case.due

    def as_json(self) -> dict[str, Any]:
        """Return the explanation under stable names."""
        case = self.case
        fields = ("ref", "due", "original_due", "due_precision", "due_basis", "due_words")
        return {name: plain(getattr(case, name)) for name in fields} | {
            "rule": case.due_rule,
            "start": plain(case.due_from),
            "next_working_day": ends_worked(case),
            "counted_to": plain(self.counted_to),
            "skipped": [_passed_json(one) for one in self.passed if one.why != "made-up"],
            "made_up": [_passed_json(one) for one in self.passed if one.why == "made-up"],
            "holds": [
                {"since": plain(one.since), "until": plain(one.until), "days": one.days}
                for one in self.holds
            ],
            "calendar": _version_json(self.then),
            "today": _version_json(self.now),
            "differs": self.differs,
            "set_by": [
                {
                    "seq": event.seq,
                    "act": event.act,
                    "actor": event.actor,
                    "effective_on": event.effective_on,
                    "recorded_at": event.recorded_at,
                    "from": event.changes["due"][0],
                    "to": event.changes["due"][1],
                    "reason": event.reason,
                    "document": event.document,
                }
                for event in self.set_by
            ],
        }


def _passed_json(passed: Passed) -> dict[str, Any]:
    special = passed.special
    return {
        "day": passed.day.isoformat(),
        "why": passed.why,
        "name": special and special.name,
        "name_vi": special and special.name_vi,
        "projected": bool(special and special.projected),
    }


def _version_json(version: Version) -> dict[str, Any]:
    return {
        "event": version.event,
        "projected": version.projected,
        "due": plain(version.due),
    }


def explain(connection: Connection, case: Case) -> Explanation:
    """Return where a case's due date comes from; raises RefusedError for a case without one."""
    if case.due is None:
        raise RefusedError("due.none", ref=case.ref)
    set_by = [event for event in audit_log.history(connection, case.ref) if "due" in event.changes]
    then = working_calendar.working_calendar(connection, before=set_by[-1].seq)
    now = working_calendar.working_calendar(connection)
    ended = count_ends(case, then)
    held = [
        Hold(since=first, until=end, days=_hold_days(case, first, end, then))
        for first, end in holds_of(case, date.min)
    ]
    if case.held_since is not None:
        held.append(Hold(since=case.held_since, until=None, days=0))
    return Explanation(
        case=case,
        passed=_passed(case, then, ended),
        holds=held,
        counted_to=ended,
        then=_version(connection, case, then, set_by[-1].seq),
        now=_version(connection, case, now, None),
        set_by=set_by,
    )


def _passed(case: Case, calendar: WorkingCalendar, ended: date | None) -> list[Passed]:
    """Return the days that a count skipped, or between its end and the due date."""
    if case.due is None or case.due_from is None or ended is None:
        return []
    if in_working_days(case):
        return list(calendar.passed(case.due_from, case.due))
    if not ends_worked(case):
        return []
    eve = timedelta(1)
    return list(calendar.passed(ended - eve, case.due - eve))


def _hold_days(case: Case, start: date, end: date, calendar: WorkingCalendar) -> int:
    return worked(calendar, start, end) if in_working_days(case) else (end - start).days


def _version(
    connection: Connection, case: Case, calendar: WorkingCalendar, before: int | None
) -> Version:
    start, due = case.due_from, counted(case, calendar)
    return Version(
        event=working_calendar.calendar_version(connection, before),
        projected=any(
            special.projected and start < special.day <= due
            for special in calendar.specials.values()
        )
        if start and due
        else False,
        due=due,
    )
