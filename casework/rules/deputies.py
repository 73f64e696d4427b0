"""Deputies: they act for somebody who is away, in both names and within that person's rights.

A deputy may act from the first to the last day of the absence. Deputies form no chain: a deputy who
is away acts for nobody. Inspectors record no acts, so they have no deputies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.kinds.choices import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import date

    from casework.kinds.records import Person

AWAY, BACK = "away", "back"
ABSENCE = ("away_from", "away_to", "deputy")
"""The fields of a person that only these acts change."""

ROLES = (Role.SECRETARIAT, Role.DESK, Role.ADMIN)
"""The roles that may have a deputy and be one."""


def table() -> dict[str, Any]:
    """Return what a server is told."""
    return {"away": AWAY, "back": BACK, "fields": list(ABSENCE), "roles": list(ROLES)}


def stands_in(deputy: Person, away: Person, day: date) -> bool:
    """Return whether somebody is the deputy of another person on a day."""
    there = deputy.ended_on is None and not deputy.is_away(day)
    return there and away.ended_on is None and away.is_away(day) and away.deputy == deputy.code


def stood_in_for(deputy: Person, people: Iterable[Person], day: date) -> list[Person]:
    """Return those of some people for whom somebody is the deputy on a day."""
    return [one for one in people if stands_in(deputy, one, day)]


def may_have_one(person: Person) -> bool:
    """Return whether somebody may have a deputy, or be one."""
    return person.role in ROLES and person.ended_on is None


def is_said(
    verb: str, left: Person, changes: Collection[str], people: Callable[[], Iterable[Person]]
) -> bool:
    """Return whether an act on a person changes an absence only as it may.

    `left` is the person after the act, and `people` returns the people who may be named.
    """
    own = not {*changes}.isdisjoint(ABSENCE)
    if verb not in {AWAY, BACK}:
        return not own
    if not own or not {*changes} <= {*ABSENCE}:
        return False
    begins, ends, deputy = left.away_from, left.away_to, left.deputy
    if verb == BACK:
        return {begins, ends, deputy} == {None}
    if begins is None or ends is None or begins > ends:
        return False
    able = {one.code for one in people() if may_have_one(one)} - {left.code}
    return may_have_one(left) and deputy in able
