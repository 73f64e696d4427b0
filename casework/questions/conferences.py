"""Conferences: which one is next, and when they were to meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from casework.errors import RefusedError
from casework.kinds.records import Conference
from casework.questions.lookup import directory
from casework.store import compiled
from casework.store.record_rows import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from casework.store.connections import Connection
    from casework.words import Text


@dataclass(frozen=True, slots=True)
class Coming:
    """The next conference after a day; None if no exact date is known.

    `unclear` has the conferences that may come before it: known only by year, outside the numbered
    series, or without a date and with a number between the last one held and it. If there are any,
    the next conference is not known.
    """

    conference: Conference | None
    unclear: list[Conference]

    def refuse_unclear(self, hint: str | Text) -> None:
        """Raise RefusedError, with this hint, if it is not clear which conference is next."""
        if self.unclear:
            raise RefusedError("lookup.unclear-conference", hint, told=dated(self.unclear))


def next_conference(connection: Connection, day: date) -> Coming:
    """Return the earliest dated conference after a day: of the series first, if one is numbered."""
    row = connection.first(compiled.NEXT_CONFERENCE, day=day)
    found = None if row is None else read(Conference, row)
    known = directory(connection, Conference)
    met: dict[str | None, int] = {}
    for one in known:
        if one.number is not None and one.date is not None and one.date <= day:
            met[one.series] = max(one.number, met.get(one.series, 0))
    unclear = [one for one in known if _may_come_first(one, found, day, met)]
    return Coming(None if unclear else found, unclear)


def _may_come_first(
    one: Conference, found: Conference | None, day: date, met: Mapping[str | None, int]
) -> bool:
    opening = found.date if found is not None else None
    if one.date is not None:
        return opening is not None and day < one.date < opening and one.number is None
    ends = opening.year if opening is not None else date.max.year
    in_time = one.year is not None and day.year <= one.year <= ends
    if found is None or found.number is None or one.number is None or one.series != found.series:
        return in_time
    # Where days do not tell the order, numbers do: it is between the last that met and this one.
    after = met.get(one.series)
    between = one.number < found.number and (after is None or one.number > after)
    return between and (in_time or (one.year is None and after is not None))


def dated(conferences: Iterable[Conference]) -> str:
    """Return the codes of conferences with their dates or years, if known."""
    days = ((one.code, one.date or one.year) for one in conferences)
    return ", ".join(f"{code} ({day})" if day else code for code, day in days)


def previous_number(connection: Connection, series: str, number: int) -> Conference | None:
    """Return the conference of a series that has this number."""
    row = connection.first(compiled.NUMBERED, series=series, number=number)
    return None if row is None else read(Conference, row)


def successors(connection: Connection, code: str) -> list[Conference]:
    """Return the conferences that name one as their predecessor."""
    return [read(Conference, row) for row in connection.rows(compiled.SUCCESSORS, code=code)]


def moved_from(
    connection: Connection, conference: Conference, day: date, known_at: datetime | None
) -> date | None:
    """Return the date a conference had before it was last moved by a day; None if it was not."""
    from casework.questions.audit_log import history, known_until
    from casework.store.timelines import made

    until = known_until(connection, known_at)
    told = [one for one in history(connection, conference.code, Conference) if one.seq <= until]
    was = [
        step.before.date
        for step in made(told).steps
        if step.day <= day and step.entry.event.act == "move" and step.sets("date")
        if isinstance(step.before, Conference)
    ]
    return was[-1] if was else None


def dates_of(connection: Connection, conference: Conference) -> set[date]:
    """Return every date that a conference was ever given."""
    from casework.questions.audit_log import history

    given = (
        day
        for event in history(connection, conference.code, Conference)
        for day in event.changes.get("date", ())
    )
    return {date.fromisoformat(day) for day in given if day is not None}
