"""Recount deadlines after a change of working days or of a conference's date.

A due date stays as it is until somebody has it counted again and gives a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casework.acts.actors import case_of
from casework.errors import RefusedError
from casework.rules.asked import Asked, Given
from casework.rules.dates import Day
from casework.rules.verbs import decide
from casework.system.progress import under_way

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from casework.kinds.records import Case
    from casework.ledger.ledger import Desk
    from casework.log.event import Act

BATCH = 500
"""How many due dates are moved before it is told how far that has come."""


@dataclass(frozen=True, slots=True)
class Affected:
    """An open case whose due date would lie on another day if it were counted now."""

    case: Case
    due: date
    moved: bool


def move(
    desk: Desk, found: Sequence[Affected], *, reason: str | None, document: str | None
) -> None:
    """Move due dates to the days that were counted, each by an act of its own."""
    acts = [_moved(desk, one, {"reason": reason, "document": document}) for one in found]
    with under_way("moving") as tell:
        for start in range(0, len(acts), BATCH):
            desk.record(*acts[start : start + BATCH])
            tell(min(start + BATCH, len(acts)), len(acts))


def refuse_without(reason: str | None) -> None:
    """Refuse to move deadlines without a reason; raises RefusedError."""
    if not reason:
        raise RefusedError("recompute.reason")


def _moved(desk: Desk, one: Affected, why: Mapping[str, Any]) -> Act:
    asked = Asked(
        verb="recompute",
        actor=desk.actor.code,
        day=desk.today,
        today=desk.today,
        given=Given(due=Day(one.due)),
        **why,
    )
    case = case_of(desk, asked.verb, one.case)
    return desk.act(asked.verb, case, decide(case, asked), **why)
