"""Due dates: what a typed one means, what counted ones come to, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from casework import queries
from casework.dates import BY, ONWARDS, WORKING, Around, Day, Typed, Use, length, moved, parse
from casework.errors import CaseworkError, ConflictError, NotFoundError, RefusedError
from casework.records import Conference, plain
from casework.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from casework.audit.event import Event
    from casework.connections import Connection
    from casework.queries import Coming
    from casework.records import Case
    from casework.workdays import Passed, WorkingCalendar


# --- what was typed --------------------------------------------------------------------------


def settle(
    connection: Connection, typed: date | Typed, today: date, start: date, use: Use = BY
) -> Day:
    """Return which day a date is, for what is made of it.

    From `start` lengths of time are counted, and the next conference is the first one after it.

    Raises RefusedError for a conference without a date, and for working days of a year whose
    holidays nobody has registered; ConflictError where two conferences have the number named.
    """
    if isinstance(typed, date):
        return Day(typed)

    def opening(name: str | int | None) -> date:
        if name is None:
            return _coming(queries.next_conference(connection, start), start)
        return _opening(_called(connection, name))

    day = typed.on(Around(today, start, _worked_from(connection), opening), use)
    if not _may_end_later(day, use) or queries.register(connection).next_working_day is None:
        return day
    return _ended(queries.working_calendar(connection), day)


def _may_end_later(day: Day, use: Use) -> bool:
    """Tell whether a day is one that the register's policy may let a deadline end after."""
    return day.rule is not None and use.deadline and length(day.rule)[1] != WORKING


def _ended(calendar: WorkingCalendar, day: Day) -> Day:
    """Return a counted due date as the register's policy lets it end.

    Civil Code 2015, article 148, clause 5: a time limit whose last day is a day off ends with the
    next working day. One that is counted in working days ends on one anyway.
    """
    return replace(day, day=calendar.onwards(day.day), rule=f"{day.rule}{ONWARDS}")


def prepared(connection: Connection, today: date) -> Callable[[Typed, date, Use], Day]:
    """Return what settles dates as `settle` does, of a store that is asked now and not then."""
    calendar = queries.working_calendar(connection)
    follows = queries.register(connection).next_working_day is not None
    coming: dict[date, Coming] = {}
    conferences = queries.directory(connection, Conference)
    named: dict[str | int | None, list[Conference]] = {}
    for one in conferences:
        words = {fold(name) for name in (one.code, one.name, one.name_vi, *one.aliases) if name}
        for key in (*words, one.number):
            named.setdefault(key, []).append(one)
    # An exact code wins over a name.
    named |= {fold(one.code): [one] for one in conferences}

    def working(day: date, count: int) -> date:
        return _counted_on(calendar, day, count)

    def opening(start: date, name: str | int | None) -> date:
        if name is None:
            if start not in coming:
                coming[start] = queries.next_conference(connection, start)
            return _coming(coming[start], start)
        key = fold(name) if isinstance(name, str) else name
        return _opening(_only(named.get(key, []), name))

    def settled(typed: Typed, start: date, use: Use) -> Day:
        day = typed.on(Around(today, start, working, partial(opening, start)), use)
        return _ended(calendar, day) if follows and _may_end_later(day, use) else day

    return settled


def _refuse_unknown(calendar: WorkingCalendar, first: date, last: date) -> None:
    known = {day.year for day in calendar.specials}
    for year in range(first.year, last.year + 1):
        if year not in known:
            raise RefusedError(
                f"no holidays of {year} are registered, so its working days cannot be counted",
                "casework holiday import FILE, or without FILE for those of Viet Nam",
            )


def _coming(found: Coming, start: date) -> date:
    """Return the opening day of the next conference; raises RefusedError where it is not known."""
    found.refuse_unclear("name the one you mean, as in before NFAC-21, or give the date itself")
    coming = found.conference
    if coming is None or coming.date is None:
        raise RefusedError(
            f"no conference after {start} has a date",
            "casework conference add CODE --date DATE, or give the date itself",
        )
    return coming.date


def _opening(conference: Conference) -> date:
    if conference.date is None:
        raise RefusedError(
            f"the date of {conference.code} is not known to the day",
            f"casework conference move {conference.code} --date DATE --reason TEXT,"
            " or give the date itself",
        )
    return conference.date


def counted_to(
    connection: Connection, case: Case, conference: Conference, opening: date, today: date
) -> date | None:
    """Return what the words of a due date make of a conference that opens on a day.

    None where they do not speak of it; where they name none they may mean it.
    """
    asked = False

    def known(name: str | int | None) -> date:
        nonlocal asked
        asked = True
        if name is None or _called(connection, name).code == conference.code:
            return opening
        raise RefusedError(f"{name} is another conference", "")

    try:
        typed = parse(case.due_words or "")
        around = Around(
            today, case.assigned_on or case.proposed_on, _worked_from(connection), known
        )
        day = typed.on(around).day + timedelta(case.held_days)
    except (CaseworkError, OverflowError):
        return None
    return day if asked else None


def _worked_from(connection: Connection) -> Callable[[date, int], date]:
    def working(day: date, count: int) -> date:
        return _counted_on(queries.working_calendar(connection), day, count)

    return working


def _counted_on(calendar: WorkingCalendar, day: date, count: int) -> date:
    end = calendar.add(day, count)
    _refuse_unknown(calendar, *sorted((day, end)))
    return end


def _called(connection: Connection, name: str | int) -> Conference:
    """Return the conference that is called so, or the one of this number."""
    if isinstance(name, str):
        return queries.find(connection, Conference, name)
    known = queries.directory(connection, Conference)
    return _only([one for one in known if one.number == name], name)


def _only(found: list[Conference], name: str | int) -> Conference:
    """Return the one conference that has a name or number; raises NotFoundError, ConflictError."""
    said = f"the number {name}" if isinstance(name, int) else f"the name '{name}'"
    if not found:
        raise NotFoundError(f"no conference has {said}", "see casework conference list")
    if len(found) > 1:
        codes = ", ".join(one.code for one in found)
        raise ConflictError(f"{codes} have {said}", "name one of them by its code")
    return found[0]


# --- what is counted -------------------------------------------------------------------------


def in_working_days(case: Case) -> bool:
    """Tell whether a case's due date was counted in working days."""
    return case.due_rule is not None and length(case.due_rule)[1] == WORKING


def counted(case: Case, calendar: WorkingCalendar) -> date | None:
    """Return what a calendar makes of a counted due date, its holds given back; else None."""
    due = count_ends(case, calendar)
    return calendar.onwards(due) if due is not None and ends_worked(case) else due


def ends_worked(case: Case) -> bool:
    """Tell whether a case's count, where it ends on a day off, goes on to a working day."""
    return case.due_rule is not None and case.due_rule.endswith(ONWARDS)


def count_ends(case: Case, calendar: WorkingCalendar) -> date | None:
    """Return the day on which a count ends, its holds given back, be it worked or not."""
    if case.due_rule is None or case.due_from is None:
        return None
    count, unit = length(case.due_rule)
    due = moved(case.due_from, count, unit, calendar.add)
    for start, end in _holds(case, case.due_from):
        due = _given_back(case, due, start, end, calendar)
    return due


def resumed(case: Case, day: date, calendar: WorkingCalendar) -> date | None:
    """Return the due date of a held case whose clock runs again from a day."""
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
            return calendar.add(due, _worked(calendar, start, end))
        return due + (end - start)
    except OverflowError:
        raise RefusedError(
            f"the days of the hold would bring the due date {due} after {date.max}",
            f"casework correct {case.ref} --field due --to DATE --reason TEXT first",
        ) from None


def _worked(calendar: WorkingCalendar, start: date, end: date) -> int:
    """Return how many days of a hold are worked; its end is the day the clock runs again."""
    eve = timedelta(1)
    return calendar.between(start - eve, end - eve)


def _holds(case: Case, since: date) -> Iterator[tuple[date, date]]:
    for start, end in case.holds:
        if (first := date.fromisoformat(start)) >= since:
            yield first, date.fromisoformat(end)


# --- why -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A span for which the clock stood; `until` is the day it ran again.

    `days` are what it gives back: working days where the due date is counted in them.
    """

    since: date
    until: date | None
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a calendar says: the event that last changed it, and whether it only expects some."""

    event: int | None
    projected: bool
    due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where a due date comes from.

    `passed` are the days the count took or left out otherwise than usual, under the calendar the
    due date was counted with: `then`. `now` says what today's calendar would give. `counted_to` is
    the day the count itself ends, where the due date is the next working day after a day off.
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
        """Tell whether today's calendar would give another date."""
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
    """Say where a case's due date comes from; raises RefusedError for a case without one."""
    if case.due is None:
        raise RefusedError(
            f"case {case.ref} has no due date", "casework assign gives one; so does extend"
        )
    set_by = [event for event in queries.history(connection, case.ref) if "due" in event.changes]
    then = queries.working_calendar(connection, before=set_by[-1].seq)
    now = queries.working_calendar(connection)
    ended = count_ends(case, then)
    held = [
        Hold(since=first, until=end, days=_hold_days(case, first, end, then))
        for first, end in _holds(case, date.min)
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
    """Return the days a count left out, or that stood between its end and the due date."""
    if case.due is None or case.due_from is None or ended is None:
        return []
    if in_working_days(case):
        return list(calendar.passed(case.due_from, case.due))
    if not ends_worked(case):
        return []
    eve = timedelta(1)
    return list(calendar.passed(ended - eve, case.due - eve))


def _hold_days(case: Case, start: date, end: date, calendar: WorkingCalendar) -> int:
    return _worked(calendar, start, end) if in_working_days(case) else (end - start).days


def _version(
    connection: Connection, case: Case, calendar: WorkingCalendar, before: int | None
) -> Version:
    start, due = case.due_from, counted(case, calendar)
    return Version(
        event=queries.calendar_version(connection, before),
        projected=any(
            special.projected and start < special.day <= due
            for special in calendar.specials.values()
        )
        if start and due
        else False,
        due=due,
    )
