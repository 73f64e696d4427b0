"""Work out which day a typed date means in a register."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from casework.errors import CaseworkError, ConflictError, NotFoundError, RefusedError
from casework.kinds.records import Conference
from casework.questions import lookup, working_calendar
from casework.rules.dates import BY, ONWARDS, WORKING, Around, Day, Typed, Use, length, parse
from casework.system.text import fold
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.kinds.records import Case
    from casework.questions.conferences import Coming
    from casework.rules.working_days import WorkingCalendar
    from casework.store.connections import Connection


def settle(
    connection: Connection,
    typed: date | Typed,
    today: date,
    start: date,
    use: Use = BY,
    due: date | None = None,
) -> Day:
    """Return the day that a typed date means for a use.

    Lengths of time count from `start`, and the next conference is the first one after it; lengths
    such as due+30d count from `due`.

    Raises RefusedError for a conference without a date, and for working days in a year without
    registered holidays; raises ConflictError if two conferences have the number.
    """
    if isinstance(typed, date):
        return Day(typed)

    asked = False

    def opening(name: str | int | None) -> date:
        nonlocal asked
        asked = True
        if name is None:
            return _coming(_next(connection, start), start)
        return _opening(_called(connection, name))

    day = typed.on(Around(today, start, _worked_from(connection), opening, due), use)
    day = replace(day, by_conference=asked)
    if not _may_end_later(day, use) or lookup.register(connection).next_working_day is None:
        return day
    return _ended(working_calendar.working_calendar(connection), day)


def _may_end_later(day: Day, use: Use) -> bool:
    """Return whether the register's policy may move the end of a deadline beyond a day."""
    return day.rule is not None and use.deadline and length(day.rule)[1] != WORKING


def _ended(calendar: WorkingCalendar, day: Day) -> Day:
    """Return the end of a counted due date under the register's policy.

    By the Civil Code 2015, article 148, clause 5, a time limit whose last day is a day off ends
    with the next working day. A count in working days ends on a working day anyway.
    """
    return replace(day, day=calendar.onwards(day.day), rule=f"{day.rule}{ONWARDS}")


def prepared(connection: Connection, today: date) -> Callable[[Typed, date, Use], Day]:
    """Return a function like `settle` that has read everything it needs from the store."""
    calendar = working_calendar.working_calendar(connection)
    follows = lookup.register(connection).next_working_day is not None
    coming: dict[date, Coming] = {}
    conferences = lookup.directory(connection, Conference)
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
                coming[start] = _next(connection, start)
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
            raise RefusedError("due.no-holidays", year=year)


def _next(connection: Connection, day: date) -> Coming:
    # Imported here: few dates name a conference.
    from casework.questions.conferences import next_conference

    return next_conference(connection, day)


def _coming(found: Coming, start: date) -> date:
    """Return the opening day of the next conference; raises RefusedError if it is not known."""
    found.refuse_unclear("due.name-conference")
    coming = found.conference
    if coming is None or coming.date is None:
        raise RefusedError("due.no-conference", start=start)
    return coming.date


def _opening(conference: Conference) -> date:
    if conference.date is None:
        raise RefusedError("due.conference-day", code=conference.code)
    return conference.date


def counted_to(
    connection: Connection, case: Case, conference: Conference, opening: date, today: date
) -> date | None:
    """Return the due date that words give for a conference that opens on a day.

    None if they do not refer to it; words that name no conference may.
    """
    asked = False

    def known(name: str | int | None) -> date:
        nonlocal asked
        asked = True
        if name is None or _called(connection, name).code == conference.code:
            return opening
        raise RefusedError("due.another-conference", name=name)

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
        return _counted_on(working_calendar.working_calendar(connection), day, count)

    return working


def _counted_on(calendar: WorkingCalendar, day: date, count: int) -> date:
    end = calendar.add(day, count)
    _refuse_unknown(calendar, *sorted((day, end)))
    return end


def _called(connection: Connection, name: str | int) -> Conference:
    """Return the conference with a name or number."""
    if isinstance(name, str):
        return lookup.find(connection, Conference, name)
    known = lookup.directory(connection, Conference)
    return _only([one for one in known if one.number == name], name)


def _only(found: list[Conference], name: str | int) -> Conference:
    """Return the only conference with a name or number; raises NotFoundError or ConflictError."""
    said = Text("due.by-number" if isinstance(name, int) else "due.by-name", name=name)
    if not found:
        raise NotFoundError("due.no-such-conference", said=said)
    if len(found) > 1:
        codes = ", ".join(one.code for one in found)
        raise ConflictError("due.several-conferences", codes=codes, said=said)
    return found[0]
