"""What an act changes, or why it may not be: decided on a case and plain values.

`decide` is what every verb asks, whoever calls it and for however many cases: it needs no store.
What the register knows beside the case (does the owner exist, when does a count end) is looked up
before, and given in.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from casework.errors import RefusedError
from casework.kinds.choices import STEP_OF
from casework.rules.asked import later, refuse_future
from casework.rules.lawful import BEFORE, MUST_CHANGE, Before, Step, fault, not_before
from casework.rules.verbs import DECIDED, cleared
from casework.rules.workflow import may_case, permit, rule_for
from casework.words import Text, Verb, Word

if TYPE_CHECKING:
    from casework.kinds.records import Case
    from casework.rules.asked import Asked, Changes


def decide(case: Case, asked: Asked) -> Changes:
    """Return what an act changes of a case: only what becomes otherwise.

    Raises RefusedError for what the workflow or a rule does not allow, NotAllowedError for whom it
    does not allow it, UsageError for a value of no known form.
    """
    rule = rule_for(asked.verb, case.state, case.ref)
    permit(rule.who, asked.parties, asked.actor, may_case(asked.verb, case.ref))
    refuse_standing(case, asked.verb)
    refuse_day(case, asked.verb, asked.day, asked.today)
    found = cleared(case, asked) | DECIDED[asked.verb](case, asked)
    stood = vars(case)
    changes = {name: value for name, value in found.items() if value != stood[name]}
    if not changes and asked.verb in MUST_CHANGE:
        raise RefusedError("case.already-so", "hint.nothing-changed", ref=case.ref)
    refuse_unlawful(case, case.changed(changes), asked, changes)
    return changes


def refuse_unlawful(before: Case, after: Case, asked: Asked, changes: Changes) -> None:
    """Refuse an act that breaks a rule of `lawful`, whatever made it; raises RefusedError."""
    words = {"reason": asked.reason, "note": asked.given.note}
    step = Step(
        verb=asked.verb,
        before=before,
        after=after,
        changes=tuple(changes),
        day=asked.day,
        actor=asked.actor,
        words=words,
        told=asked.told is not None,
        causes=asked.given.causes,
    )
    if (wrong := fault(step)) is not None:
        raise RefusedError(
            "case.cannot",
            "hint.nothing-changed",
            verb=Verb(asked.verb),
            ref=before.ref,
            says=wrong.says,
        )


# --- when an act can take effect, by which clock: asked first --------------------------------


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


def _too_early(case: Case, name: str, since: date, day: date) -> tuple[Text, str | None]:
    """Return what stands in the way of a day, and the field that would have to be corrected."""
    known = {"ref": case.ref, "since": since, "day": day}
    match name:
        case "proposed_on":
            return Text("timing.proposed", **known), name
        case "state_since":
            return Text("timing.moved", **known, state=Word(case.state)), STEP_OF[case.state]
        case "holds":
            return Text("timing.held", **known), None
        case "due_from":
            return Text("timing.counted", **known), "assigned_on"
        case _:
            return Text("timing.on-hold", **known), None


ON_HOLD = ("extend", "ask-time", "hold")
"""The acts of which it is said by themselves that they are none while a clock stands."""


def refuse_standing(case: Case, verb: str) -> None:
    """Refuse an act in whose way a clock stands, or what waits, or does not; RefusedError."""
    rule = next((one.rule for one in BEFORE if one.verb == verb and not _stands(case, one)), None)
    match rule:
        case None:
            return
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


def may_stand(case: Case, verb: str) -> bool:
    """Tell whether a case's clock stands, and what waits waits, as an act needs it."""
    return all(_stands(case, one) for one in BEFORE if one.verb == verb)


def _stands(case: Case, one: Before) -> bool:
    return bool(getattr(case, one.field)) == one.set
