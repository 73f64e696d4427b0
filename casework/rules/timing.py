"""The days on which an act on a case can take effect, by which clock; checked first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from casework.errors import RefusedError
from casework.kinds.choices import STEP_OF
from casework.rules.lawful import BEFORE, not_before
from casework.words import Text

if TYPE_CHECKING:
    from casework.kinds.records import Case


def refuse_future(day: date, today: date) -> None:
    """Refuse an act that is still to take effect; raises RefusedError."""
    if day > today:
        raise RefusedError("effective.future", day=day, today=today)


def refuse_day(case: Case, verb: str, day: date, today: date) -> None:
    """Refuse a day on which an act on a case cannot take effect; raises RefusedError."""
    refuse_future(day, today)
    for name in not_before(verb):
        since: Any = getattr(case, name)
        if name == "holds":
            since = date.fromisoformat(since[-1][1]) if since else None
        if since is not None and day < since:
            what, field_name = _too_early(case, name, since, day)
            raise RefusedError(what, later(case, since, today, field_name))


def _too_early(case: Case, name: str, since: date, day: date) -> tuple[str, str | None]:
    """Return what stands in the way of a day, and the field that would have to be corrected."""
    match name:
        case "proposed_on":
            return f"case {case.ref} was proposed on {since}; nothing was done on it {day}", name
        case "state_since":
            stands = f"case {case.ref} has been {case.state.label} since {since}"
            return f"{stands}; nothing can move it on {day}", STEP_OF[case.state]
        case "holds":
            what = f"case {case.ref} was on hold until {since}; nothing can move it on {day}"
            return what, None
        case "due_from":
            counted = f"the deadline of case {case.ref} is counted from {since}"
            return f"{counted}; its clock did not run on {day}", "assigned_on"
        case _:
            return f"case {case.ref} is on hold since {since}; it cannot resume on {day}", None


def later(case: Case, since: date, today: date, name: str | None = None) -> Text:
    """Return the way out for an act on a day too early: a later one, or a correction.

    A day still to come was recorded while the machine's clock was ahead; if it is not a field of a
    case, the act must wait for it.
    """
    if since <= today:
        return Text("timing.later", since=since.isoformat())
    if name is None:
        return Text("timing.clock-ahead", today=today, since=since)
    return Text("timing.correct-clock", today=today, ref=case.ref, name=name)


def refuse_before(case: Case, verb: str) -> None:
    """Refuse an act on a case whose clock stands, or runs, in the way; raises RefusedError."""
    for one in BEFORE:
        if one.verb != verb or bool(getattr(case, one.field)) == one.set:
            continue
        match verb:
            case "resume":
                raise RefusedError("resume.not-on-hold", "hint.nothing-changed", ref=case.ref)
            case "confirm":
                raise RefusedError("answer.resolved", ref=case.ref, resolved_by=case.resolved_by)
        what = Text(f"on-hold.{verb}" if verb in {"extend", "hold"} else "on-hold.move")
        raise RefusedError("case.on-hold", ref=case.ref, held_since=case.held_since, what=what)
