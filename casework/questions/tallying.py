"""The open cases of reports, and balances of cases by owner, conference or theme."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from casework.kinds.listed import Listed
from casework.questions import reading
from casework.rules.priority import starred_first
from casework.store import compiled
from casework.system.spooled import chosen, joined, kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from casework.store.connections import Connection, Statement
    from casework.system.spooled import Rows


@dataclass(frozen=True, slots=True)
class Tally:
    """The balance of the cases of an owner, a conference or a theme, named by its `key`.

    Its parts add up: cases = resolved + open, and so on. `on_hold` counts the cases open in time
    that are on hold. `claimed` counts the open cases that their source calls ended but denies,
    `claimed_no_due` and `claimed_overdue` those of them without a due date and overdue. `doubted`,
    `doubted_no_due` and `doubted_on_time` are the same for resolved cases.
    """

    key: str | None
    cases: int
    resolved: int
    resolved_on_time: int
    resolved_late: int
    resolved_no_due: int
    open: int
    open_in_time: int
    open_overdue: int
    open_no_due: int
    on_hold: int = 0
    claimed: int = 0
    claimed_no_due: int = 0
    claimed_overdue: int = 0
    doubted: int = 0
    doubted_no_due: int = 0
    doubted_on_time: int = 0

    @classmethod
    def total(cls, tallies: Iterable[Tally]) -> Tally:
        """Return the sum of balances, whose `key` is None."""
        listed = list(tallies)
        names = [f.name for f in fields(cls)][1:]
        return cls(None, *(sum(getattr(one, name) for one in listed) for name in names))


def each_open(connection: Connection, *, owner: str | None) -> Iterator[Listed]:
    """Yield the unresolved cases by due date."""
    return _each(connection, compiled.OPEN, owner=owner)


def overdue(
    connection: Connection, day: date, *, owner: str | None = None, brief: str | None = None
) -> Rows[Listed]:
    """Return the cases that are overdue on a day, by due date.

    A list that is `brief` in a language has only the title in that language, if there is one, and
    no conference, proposer or officer.
    """
    query = compiled.OVERDUE if brief is None else compiled.OVERDUE_BRIEF[brief]
    return _listed(connection, query, day=day, owner=owner)


def due_between(
    connection: Connection, first: date, last: date, *, owner: str | None
) -> Rows[Listed]:
    """Return the open cases due between two days, by due date."""
    return _listed(connection, compiled.OPEN_DUE, first=first, last=last, owner=owner)


def without_due_date(connection: Connection, *, owner: str | None) -> Rows[Listed]:
    """Return the open cases that have no due date."""
    return _listed(connection, compiled.OPEN_WITHOUT_DUE, owner=owner)


def unowned_or_held(connection: Connection, *, owner: str | None) -> Rows[Listed]:
    """Return the open cases with a due date that have no owner or are on hold."""
    return _listed(connection, compiled.OPEN_ODD, owner=owner)


def claimed(connection: Connection, *, owner: str | None = None) -> Rows[Listed]:
    """Return the cases that their source calls ended but denies, and nobody here has decided."""
    return dated_first(connection, compiled.CLAIMED, owner=owner)


def of_ended_owners(connection: Connection, day: date, *, owner: str | None) -> Rows[Listed]:
    """Return the open cases with a due date whose owner no longer exists on a day."""
    return _listed(connection, compiled.OPEN_OF_ENDED, day=day, owner=owner)


def dated_first(connection: Connection, statement: Statement, **values: Any) -> Rows[Listed]:
    """Return the open cases of a statement by due date, those without one last."""
    # The engines disagree on where a missing date sorts; a NULLS LAST would miss the index.
    found = kept(_each(connection, statement, **values))
    dated, others = (chosen(found, test) for test in (lambda one: one.due, lambda one: not one.due))
    return starred_first(joined(dated, others))


def _listed(connection: Connection, statement: Statement, **values: Any) -> Rows[Listed]:
    return starred_first(kept(_each(connection, statement, **values)))


def _each(connection: Connection, statement: Statement, **values: Any) -> Iterator[Listed]:
    """Yield the open cases of a statement, as they may be shown on the connection."""
    with closing(connection.pages(statement, **values)) as pages:
        for page in pages:
            # What Listed._make does, but not in Python: these may be all cases.
            yield from reading.listed(connection, list(map(partial(tuple.__new__, Listed), page)))


def tallies(
    connection: Connection,
    day: date,
    by: str = "owner",
    *,
    owner: str | None = None,
    conference: str | None = None,
) -> list[Tally]:
    """Return the balances of cases on a day, by owner, conference or theme; those without one last.

    A case counts under each of its themes.
    """
    asked: dict[str, Any] = {"day": day, "owner": owner, "conference": conference}
    query = by
    if by == "theme" and (unseen := reading.unseen(connection).cases):
        query, asked["unseen"] = "theme seen", json.dumps(sorted(unseen))
    found = (_tally(*row) for row in connection.rows(compiled.TALLIES[query], **asked))
    if by == "theme":
        found = (
            replace(one, key=theme)
            for one in found
            for theme in json.loads(str(one.key)) or (None,)
        )
    return [one for one in combined(found) if one.cases]


def _tally(
    key: str | None,
    still: int,
    still_undated: int,
    overdue: int,
    resolved: int,
    resolved_undated: int,
    on_time: int,
    held: int,
    claimed: int,
    claimed_undated: int,
    claimed_overdue: int,
    doubted: int,
    doubted_undated: int,
    doubted_on_time: int,
) -> Tally:
    return Tally(
        key=key,
        cases=still + resolved,
        resolved=resolved,
        resolved_on_time=on_time,
        resolved_late=resolved - resolved_undated - on_time,
        resolved_no_due=resolved_undated,
        open=still,
        open_in_time=still - still_undated - overdue,
        open_overdue=overdue,
        open_no_due=still_undated,
        on_hold=held,
        claimed=claimed,
        claimed_no_due=claimed_undated,
        claimed_overdue=claimed_overdue,
        doubted=doubted,
        doubted_no_due=doubted_undated,
        doubted_on_time=doubted_on_time,
    )


def combined(tallies: Iterable[Tally]) -> list[Tally]:
    """Return one balance for each key, in the order of the keys; those without one come last."""
    found: dict[str | None, list[Tally]] = {}
    for one in tallies:
        found.setdefault(one.key, []).append(one)
    whole = [replace(Tally.total(parts), key=key) for key, parts in found.items()]
    return sorted(whole, key=lambda one: (one.key is None, one.key))


def coordinated(connection: Connection, heirs: Mapping[str, str]) -> dict[str, int]:
    """Return how many unresolved cases each organisation coordinates without owning them.

    `heirs` maps organisations to their successors.
    """
    if not heirs:
        return dict(connection.rows(compiled.COORDINATED))
    pairs = {
        (ref, heirs.get(org, org))
        for ref, owner, org in connection.rows(compiled.COORDINATORS)
        if heirs.get(org, org) != heirs.get(owner, owner)
    }
    return dict(Counter(org for _, org in pairs))


def versions(connection: Connection) -> dict[str, int]:
    """Return how many events each unresolved case has had, by reference."""
    return dict(connection.rows(compiled.VERSIONS))
