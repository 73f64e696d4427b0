"""The overdue report: what is late before the next conference, and whose it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from casework import queries
from casework.calendar import stamp
from casework.errors import RefusedError
from casework.queries import CASE, Head, Listed, Tally
from casework.records import Conference, plain
from casework.workflow import is_overdue

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far ahead a report looks: a conference's opening day (not included), or a last day."""

    day: date | None
    conference: Conference | None = None


@dataclass(frozen=True, slots=True)
class OverdueReport:
    """Everything the paper says, as of a day.

    Nothing is silently absent: open cases without an owner, without a due date, and with an owner
    that no longer exists have sections of their own, and a case may stand in several.
    """

    as_of: date
    known_at: datetime | None
    horizon: Horizon
    overdue: list[Listed]
    due_before_horizon: list[Listed]
    no_owner: list[Listed]
    no_due_date: list[Listed]
    orphaned: list[Listed]
    totals: Tally
    by_owner: list[Tally]
    coordinates: dict[str, int]
    head: Head
    notice: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the report as the command-line contract has it."""
        return {
            "as_of": self.as_of.isoformat(),
            "known_at": stamp(self.known_at) if self.known_at else None,
            "horizon": {
                "conference": self.horizon.conference and self.horizon.conference.code,
                "date": self.horizon.day and self.horizon.day.isoformat(),
            },
            "totals": _numbers(self.totals),
            "overdue": self._entries(self.overdue),
            "due_before_horizon": self._entries(self.due_before_horizon),
            "no_owner": self._entries(self.no_owner),
            "no_due_date": self._entries(self.no_due_date),
            "orphaned": self._entries(self.orphaned),
            "by_owner": [
                {"owner": one.owner, **_numbers(one), "coordinates": self._coordinates(one.owner)}
                for one in self.by_owner
            ],
            "log": self.head.as_json(),
            "notice": self.notice,
        }

    def _coordinates(self, owner: str | None) -> int:
        return self.coordinates.get(owner, 0) if owner else 0

    def _entries(self, cases: list[Listed]) -> list[dict[str, Any]]:
        return [entry(case, self.as_of) for case in cases]


def entry(case: Listed, day: date) -> dict[str, Any]:
    """Return a listed case as JSON, with what its due date means on a day."""
    values = {name: plain(value) for name, value in case._asdict().items()}
    return values | lateness(case, day)


def lateness(case: Any, day: date) -> dict[str, Any]:
    """Return whether a case is overdue on a day, and by how many calendar days."""
    late = is_overdue(case.state, case.due, day)
    return {"overdue": late, "days_overdue": (day - case.due).days if late else 0}


def _numbers(tally: Tally) -> dict[str, int]:
    values = asdict(tally)
    del values["owner"]
    return values


def horizon(connection: Connection, day: date, before: str | None, until: date | None) -> Horizon:
    """Return what the report looks ahead to: the conference named, a last day, or the next one.

    Raises RefusedError for a conference whose date is not known to the day.
    """
    if until is not None:
        return Horizon(until)
    if before is None:
        coming = queries.next_conference(connection, day)
        return Horizon(coming.date, coming) if coming else Horizon(None)
    conference = queries.find(connection, Conference, before)
    if conference.date is None:
        known = f"only its year, {conference.year}" if conference.year else "no date"
        raise RefusedError(
            f"{conference.code} has {known}; a report needs the day",
            f"casework conference move {conference.code} --date DATE --reason TEXT,"
            " or give --until DATE",
        )
    return Horizon(conference.date, conference)


def overdue_report(
    connection: Connection,
    day: date,
    ahead: Horizon,
    *,
    known_at: datetime | None,
    head: Head,
    notice: str | None,
    owner: str | None = None,
) -> OverdueReport:
    """Ask the questions of the report; `head` is the log it was made from, `notice` its label."""
    coming: list[Listed] = []
    if ahead.day is not None:
        last = CASE.due < ahead.day if ahead.conference else CASE.due <= ahead.day
        coming = queries.open_cases(connection, CASE.due >= day, last, owner=owner)
    by_owner = queries.tallies(connection, day, owner)
    ended = queries.ended_organisations(connection, day)
    coordinates = queries.coordinated(connection)
    no_due = queries.open_cases(connection, CASE.due.is_(None), owner=owner)
    # Most cases without an owner have no due date either: they are read once.
    no_owner = queries.open_cases(
        connection, CASE.owner.is_(None), CASE.due.is_not(None), owner=owner
    ) + [one for one in no_due if one.owner is None]
    listed = {one.owner for one in by_owner}
    helpers = [Tally(org, *[0] * 9) for org in sorted(coordinates) if org not in listed]
    return OverdueReport(
        as_of=day,
        known_at=known_at,
        horizon=ahead,
        overdue=queries.open_cases(connection, queries.is_overdue(day), owner=owner),
        due_before_horizon=coming,
        no_owner=no_owner,
        no_due_date=no_due,
        orphaned=queries.open_cases(connection, CASE.owner.in_(ended), owner=owner)
        if ended
        else [],
        totals=Tally.total(by_owner),
        by_owner=by_owner if owner else _with_helpers(by_owner, helpers),
        coordinates=coordinates,
        head=head,
        notice=notice,
    )


def _with_helpers(by_owner: list[Tally], helpers: list[Tally]) -> list[Tally]:
    named = [one for one in by_owner if one.owner is not None] + helpers
    rest = [one for one in by_owner if one.owner is None]
    return sorted(named, key=lambda one: str(one.owner)) + rest
