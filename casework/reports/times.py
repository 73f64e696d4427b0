"""How long cases took from entering a state until they were resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from casework.kinds.choices import State
from casework.reports.durations import Curve, Spell
from casework.rules.lateness import is_claimed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from casework.questions.spans import Step

FIELDS = ("state", "state_since", "outcome", "answered_by", "resolved_by", "owner")
"""The fields of a case that a forecast uses."""


class Stay(NamedTuple):
    """The state that a case entered, and when; whether its source denies that it has ended."""

    state: State
    since: date
    doubted: bool = False


def stays(steps: Iterable[Step], day: date) -> list[Stay]:
    """Return the states that a case entered by a day, in order."""
    found: list[Stay] = []
    for step in steps:
        if step.day > day:
            break
        if step.after.state is None:
            # A log that was changed outside may say so.
            continue
        state, doubted = State(step.after.state), is_claimed(step.after)
        stay = Stay(state, step.after.state_since or step.day, doubted)
        if step.before is None or step.before.state != state or not found:
            found.append(stay)
        else:
            # What is stated of it later may be since when it is there.
            found[-1] = stay
    return found


class Times:
    """The times from entering each state to a resolution, as known on a day."""

    def __init__(self) -> None:
        """Begin with none."""
        self.curves: dict[State, Curve] = {
            state: Curve() for state in State if state is not State.RESOLVED
        }

    def __getitem__(self, state: State) -> Curve:
        """Return the times of a state."""
        return self.curves[state]

    def learn(self, found: Sequence[Stay], day: date) -> None:
        """Learn from a case up to a day.

        An open case counts as far as it has come. A doubted resolution only shows that it took at
        least until then.
        """
        until, over = day, False
        for stay in reversed(found):
            if stay.state is State.RESOLVED:
                until, over = stay.since, not (stay is found[-1] and stay.doubted)
            else:
                lasted = max((until - stay.since).days, 0)
                self.curves[stay.state].add(Spell(lasted, over=over))
