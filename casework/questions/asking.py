"""The requests of owners during a case: more time or another owner, and their results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from casework.questions.owners import CONTEST, TIME, code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from casework.questions.spans import Step

GRANTED, CUT, REFUSED, WITHDRAWN = "granted", "cut", "refused", "withdrawn"
ENDED, WAITING, REPLY_LATE = "ended", "waiting", "unanswered"
ANSWERS = (GRANTED, CUT, REFUSED, WITHDRAWN, ENDED, WAITING, REPLY_LATE)
"""The results of a request for time: `ended` by another act, `unanswered` after its time limit."""

UPHELD, TAKEN = "upheld", "taken"
_BY_VERB = {"refuse-time": REFUSED, "withdraw-time": WITHDRAWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of an owner: for a later date, or with `contests` that the case is not its own.

    `answer` is one of `ANSWERS`; for a contest it is upheld, taken (the case went elsewhere) or
    waiting. `given` is the due date that an extension gave.
    """

    code: str
    contests: bool
    owner: str | None
    actor: str
    on: date
    due: date | None
    reply_by: date | None
    reason: str | None
    answer: str = WAITING
    answered_on: date | None = None
    answered_by: str | None = None
    given: date | None = None


def asked(steps: Sequence[Step], ref: str, day: date, since: date) -> tuple[Asked, ...]:
    """Return the requests of a case's owners between two days, oldest first."""
    told = [step for step in steps if step.day <= day]
    found = (*_of(told, ref, TIME), *_of(told, ref, CONTEST))
    late = (_unanswered(one, day) for one in found if one.on >= since)
    return tuple(sorted(late, key=lambda one: one.on))


def _unanswered(one: Asked, day: date) -> Asked:
    waits = one.answer == WAITING and one.reply_by is not None and one.reply_by < day
    return replace(one, answer=REPLY_LATE) if waits else one


def _of(steps: Sequence[Step], ref: str, verb: str) -> Iterator[Asked]:
    """Yield each request made by one act, with the act that answered it."""
    field = "asked_due" if verb == TIME else "contested_on"
    number, last = 0, None
    for step in steps:
        if step.event.act == verb and getattr(step.after, field) is not None:
            number += 1
            last = _begun(step, code(ref, verb, number), contests=verb == CONTEST)
        elif last is not None and getattr(step.after, field) is None:
            yield _answered(last, step)
            last = None
    if last is not None:
        yield last


def _begun(step: Step, own: str, *, contests: bool) -> Asked:
    return Asked(
        code=own,
        contests=contests,
        owner=step.after.owner,
        actor=step.event.actor,
        on=step.day,
        due=None if contests else step.after.asked_due,
        reply_by=None if contests else step.after.reply_by,
        reason=step.event.reason,
    )


def _answered(one: Asked, step: Step) -> Asked:
    act, due = step.event.act, step.after.due
    if one.contests:
        answer = UPHELD if act in {"uphold", "resolve"} else TAKEN
    elif act == "extend":
        cut = due is not None and one.due is not None and due < one.due
        answer = CUT if cut else GRANTED
    else:
        answer = _BY_VERB.get(act, ENDED)
    given = due if act == "extend" and not one.contests else None
    return replace(
        one, answer=answer, answered_on=step.day, answered_by=step.event.actor, given=given
    )
