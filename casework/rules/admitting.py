"""Whether an act on a case can begin: asked first, before anything else is looked up for it.

The rules are those of `lawful`, which the ledger asks again of the whole act; here they say what to
do instead.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NoReturn

from casework.errors import RefusedError
from casework.kinds.choices import STEP_OF
from casework.rules.asked import refuse_future
from casework.rules.lawful import too_early, unready
from casework.words import Text, Word

if TYPE_CHECKING:
    from casework.kinds.records import Case


def admit(case: Case, verb: str, day: date, today: date) -> None:
    """Refuse an act that cannot begin on a case, or take effect on a day; raises RefusedError."""
    for wrong in unready(case, verb):
        _refuse_unready(case, verb, wrong.id)
    refuse_future(day, today)
    for wrong in too_early(case, verb, day):
        since = date.fromisoformat(dict(wrong.values)["since"])
        _refuse_early(case, str(wrong.field), since, day, today)


def is_ready(case: Case, verb: str) -> bool:
    """Tell whether a case's clock stands, and what waits waits, as an act needs it."""
    return not any(unready(case, verb))


ON_HOLD = ("extend", "ask-time", "hold")
"""The acts of which it is said by themselves that they are none while a clock stands."""


def _refuse_unready(case: Case, verb: str, rule: str) -> NoReturn:
    match rule:
        case "not-on-hold":
            raise RefusedError("resume.not-on-hold", "hint.nothing-changed", ref=case.ref)
        case "not-doubted":
            raise RefusedError("answer.resolved", ref=case.ref, resolved_by=case.resolved_by)
        case "on-hold":
            what = Text(f"on-hold.{verb}" if verb in ON_HOLD else "on-hold.move")
            raise RefusedError("case.on-hold", ref=case.ref, held_since=case.held_since, what=what)
        case _:
            raise RefusedError(
                f"waits.{rule}", ref=case.ref, asked_due=case.asked_due, since=case.contested_on
            )


def _refuse_early(case: Case, name: str, since: date, day: date, today: date) -> NoReturn:
    """Refuse a day before that of a field, with the field that would have to be corrected."""
    known = {"ref": case.ref, "since": since, "day": day}
    corrects: str | None = None
    match name:
        case "proposed_on":
            what, corrects = Text("timing.proposed", **known), name
        case "state_since":
            what = Text("timing.moved", **known, state=Word(case.state))
            corrects = STEP_OF[case.state]
        case "holds":
            what = Text("timing.held", **known)
        case "due_from":
            what, corrects = Text("timing.counted", **known), "assigned_on"
        case _:
            what = Text("timing.on-hold", **known)
    raise RefusedError(what, _way_out(case, since, today, corrects))


def _way_out(case: Case, since: date, today: date, corrects: str | None) -> Text:
    """Return the way out for an act on a day too early: a later one, or a correction.

    A day still to come was recorded while the machine's clock was ahead; if it is not a field of a
    case, the act must wait for it.
    """
    if since <= today:
        return Text("timing.later", since=since)
    if corrects is None:
        return Text("timing.clock-ahead", today=today, since=since)
    return Text("timing.correct-clock", today=today, ref=case.ref, name=corrects)
