"""Who stands in for somebody who is away: in both names, within the rights of the one away.

It begins and ends by itself, with the days of the absence. Nobody stands in through a third person:
a deputy who is away stands in for nobody. Who inspects records nothing that others could record.
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
"""What these acts change of a person, and no other act does."""

ROLES = (Role.SECRETARIAT, Role.DESK, Role.ADMIN)
"""The roles of those who may have a deputy, and be one."""


def table() -> dict[str, Any]:
    """Return what a server is told."""
    return {"away": AWAY, "back": BACK, "fields": list(ABSENCE), "roles": list(ROLES)}


def stands_in(deputy: Person, away: Person, day: date) -> bool:
    """Tell whether somebody stands in for another person on a day."""
    there = deputy.ended_on is None and not deputy.is_away(day)
    return there and away.ended_on is None and away.is_away(day) and away.deputy == deputy.code


def stood_in_for(deputy: Person, people: Iterable[Person], day: date) -> list[Person]:
    """Return for whom of some people somebody stands in on a day."""
    return [one for one in people if stands_in(deputy, one, day)]


def may_have_one(person: Person) -> bool:
    """Tell whether somebody may have a deputy, or be one."""
    return person.role in ROLES and person.ended_on is None


def is_said(
    verb: str, left: Person, changes: Collection[str], people: Callable[[], Iterable[Person]]
) -> bool:
    """Tell whether an act on a person says no more of an absence than it may.

    `left` is the person as the act leaves them, `people` gives those who may be named.
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
