"""What an act changes, or why it may not be: decided on a case and plain values.

`decide` is what every verb asks, whoever calls it and for however many cases: it needs no store.
What the register knows beside the case (does the owner exist, when does a count end) is looked up
before, and given in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.errors import RefusedError
from casework.rules.lawful import MUST_CHANGE, Step, fault
from casework.rules.timing import refuse_before, refuse_day
from casework.rules.verbs import DECIDED
from casework.rules.workflow import permit, rule_for

if TYPE_CHECKING:
    from casework.kinds.records import Case
    from casework.rules.asked import Asked, Changes


def decide(case: Case, asked: Asked) -> Changes:
    """Return what an act changes of a case: only what becomes otherwise.

    Raises RefusedError for what the workflow or a rule does not allow, NotAllowedError for whom it
    does not allow it, UsageError for a value of no known form.
    """
    rule = rule_for(asked.verb, case.state, case.ref)
    permit(rule.who, asked.parties, asked.actor, f"{asked.verb} case {case.ref}")
    refuse_before(case, asked.verb)
    refuse_day(case, asked.verb, asked.day, asked.today)
    found = DECIDED[asked.verb](case, asked)
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
    )
    if (wrong := fault(step)) is not None:
        raise RefusedError(
            "case.cannot", "hint.nothing-changed", verb=asked.verb, ref=before.ref, says=wrong.says
        )
