"""The state of the register today, and what somebody has to do now."""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.acts.actors import actor, stood_in_for
from casework.acts.offers import offered
from casework.errors import NotFoundError, RefusedError
from casework.kinds.choices import Role, State
from casework.kinds.records import Case, Person
from casework.questions import listing, lookup, owners
from casework.questions.wanted import filter_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from casework.kinds.records import Request
    from casework.proof.checkpoints import Status
    from casework.questions.conferences import Coming
    from casework.questions.owners import Wish
    from casework.questions.tallying import Tally
    from casework.store.connections import Connection

SOON = timedelta(30)
"""How far ahead a due date counts as soon."""


class Standing(NamedTuple):
    """The state of the register on a day: cases by owner, waiting requests, the log, absences.

    `reader` is the login to whose cases it is limited; None if it covers the whole register.
    """

    day: date
    coming: Coming
    owners: list[Tally]
    totals: Tally
    waiting: list[Request]
    wishes: list[Wish]
    log: Status
    away: list[Person]
    reader: str | None


def standing(connection: Connection) -> Standing:
    """Return the state of the register today."""
    from casework.proof import checkpoints
    from casework.questions import conferences, tallying

    day = lookup.office_day(connection)
    tallies = tallying.tallies(connection, day)
    return Standing(
        day=day,
        coming=conferences.next_conference(connection, day),
        owners=tallies,
        totals=tallying.Tally.total(tallies),
        waiting=lookup.waiting(connection),
        wishes=owners.waiting(connection),
        log=checkpoints.status(connection),
        away=[one for one in lookup.directory(connection, Person) if one.is_away(day)],
        reader=None if connection.whole else connection.login,
    )


class Step(NamedTuple):
    """A task: why, on which case, whose it is, and the act with its missing fields.

    `why` is, by urgency, to_confirm, to_answer (a request of an owner), overdue, due_soon, answered
    (waits to be resolved), not_begun or not_assigned. It is `mine` if the person is the officer. It
    concerns a case, or a request that waits for a second person or an answer. `act` is None if this
    person can only look at it. `deputy_of` is the person away for whom this person would do it.
    """

    why: str
    mine: bool
    case: Case | None
    request: Request | Wish | None
    act: str | None
    needs: tuple[str, ...]
    deputy_of: str | None = None


_KEEPERS = (Role.SECRETARIAT, Role.ADMIN)


class Asked(NamedTuple):
    """On which day it is asked, how much of it at most, and of the cases that meet which query."""

    day: date
    limit: int
    where: str | None


def steps(
    connection: Connection, by: str | None, limit: int, where: str | None = None
) -> list[Step]:
    """Return the tasks of the actor or their desk; the most urgent first.

    Then comes what wants doing by those they stand in for, and is not told already. With `where` it
    is told of cases alone that meet this query. Raises NotFoundError and NotAllowedError for
    somebody who may not act, and what `filter_of` raises for a query.
    """
    person, day = actor(connection, by), lookup.office_day(connection)
    asked = Asked(day, limit, where)
    found = _steps_of(connection, person, asked, {person.code})
    for away in stood_in_for(connection, person, day):
        told = {(one.case and one.case.ref, one.act) for one in found if one.act is not None}
        more = _steps_of(connection, away, asked, {person.code, away.code})
        found += [
            one._replace(deputy_of=away.code)
            for one in more
            if (one.case and one.case.ref, one.act) not in told
        ]
    return found[:limit]


def _steps_of(connection: Connection, person: Person, asked: Asked, eyes: set[str]) -> list[Step]:
    """Return the tasks of a person, who is one of `eyes`."""
    found = _waiting(connection, asked, eyes) if person.role in _KEEPERS else []
    seen: set[str] = set()
    for why, mine, wanted in _asked(person, asked.day):
        if len(found) >= asked.limit:
            break
        for case in _cases(connection, asked, wanted, len(seen)):
            if case.ref not in seen and len(found) < asked.limit:
                seen.add(case.ref)
                found.append(_step(why, person, case, mine=mine))
    return found


def _waiting(connection: Connection, asked: Asked, eyes: set[str]) -> list[Step]:
    """Return the tasks about requests that wait for a second person or an answer."""
    requests, wishes = lookup.waiting(connection), owners.waiting(connection)
    if asked.where is not None and (requests or wishes):
        from casework.questions import narrowing

        subjects = [one.subject for one in requests if one.subject_kind == Case.kind]
        met = narrowing.met(connection, connection, asked.where, asked.day, None)
        refs = met.among([*subjects, *(one.ref for one in wishes)])
        requests = [
            one for one in requests if one.subject_kind == Case.kind and one.subject in refs
        ]
        wishes = [one for one in wishes if one.ref in refs]
    others = [one for one in requests if one.eyes.isdisjoint(eyes)]
    found = [
        Step("to_confirm", True, _subject(connection, one), one, "confirm", ())
        for one in others[: asked.limit]
    ]
    found += [_to_answer(connection, one) for one in wishes]
    return found[: asked.limit]


def _subject(connection: Connection, request: Request) -> Case | None:
    """Return the case that a request is about; None if it is about something else."""
    if request.subject_kind == Case.kind:
        with suppress(NotFoundError, RefusedError):
            return lookup.find_case(connection, request.subject)
    return None


def _cases(connection: Connection, asked: Asked, wanted: dict[str, Any], seen: int) -> list[Case]:
    """Return the cases with tasks; at most `seen` more than are asked for."""
    # What stood before is asked for again, so that it can be passed over.
    given = {"sort": "due", "limit": asked.limit + seen, **wanted}
    if asked.where is not None:
        from casework.questions import narrowing

        given["where"] = narrowing.both(given.get("where"), asked.where)
    named = filter_of(connection, connection, given, asked.day)
    with closing(listing.cases(connection, named, asked.day)) as cases:
        return [*cases]


def _to_answer(connection: Connection, wish: Wish) -> Step:
    case, timed = lookup.find_case(connection, wish.ref), wish.verb == owners.TIME
    act, needs = ("grant", ()) if timed else ("uphold", ("reason",))
    return Step("to_answer", False, case, wish if timed else None, act, needs)


def _asked(person: Person, day: date) -> Iterator[tuple[str, bool, dict[str, Any]]]:
    """Yield the filters for tasks, the most urgent first, for `filter_of`."""
    soon: dict[str, Any] = {"due_within": day + SOON, "not_on_hold": True}
    whose: list[tuple[bool, dict[str, Any]]] = [(True, {"officer": person})]
    if person.org is not None:
        whose.append((False, {"owner": person.org}))
    keeps = person.role in _KEEPERS
    late: dict[str, Any] = {"overdue": True}
    for why, wanted in (("overdue", late), ("due_soon", soon)):
        for mine, owned in whose:
            yield why, mine, owned | wanted
        if keeps and why == "overdue":
            yield why, False, wanted
    if keeps:
        yield "answered", False, {"where": "state:under_study not no-answered-on not on-hold"}
    for mine, owned in whose:
        yield "not_begun", mine, owned | {"state": State.ASSIGNED, "not_on_hold": True}
    if keeps:
        yield "not_assigned", False, {"state": State.PROPOSED, "sort": "ref"}


def _step(why: str, person: Person, case: Case, *, mine: bool) -> Step:
    """Return a task with the next act on the case, if this person may do it."""
    first = next(iter(offered(person, case)), None)
    if first is None or first.name == "note":
        return Step(why, mine, case, None, None, ())
    needs = tuple(name for name in first.needs if getattr(case, name, None) is None)
    return Step(why, mine, case, None, first.name, needs)
