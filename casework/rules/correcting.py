"""What a correction changes in a case: the wrong value, and everything derived from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.errors import RefusedError
from casework.kinds.choices import CLOSING_OUTCOMES, STEP_OF, STEPS, State
from casework.rules.lawful import ANSWERED, disorder
from casework.rules.owning import refuse_officer, refuse_owner
from casework.rules.workflow import acts, require, rule_for
from casework.words import Word

if TYPE_CHECKING:
    from datetime import date

    from casework.kinds.records import Case
    from casework.rules.asked import Asked, Changes

DECISION = {"outcome", "answer", "resolved_on"}
"""The basis of a due date that a correction sets."""

NEVER_EMPTY = {"title", "proposer", *STEPS}
ANSWER = ("outcome", "answer", "document")
SINCE = {
    "owner": State.ASSIGNED,
    "officer": State.ASSIGNED,
    "assigned_on": State.ASSIGNED,
    "study_on": State.UNDER_STUDY,
    "outcome": State.UNDER_STUDY,
    "answer": State.UNDER_STUDY,
    "resolved_on": State.RESOLVED,
}
"""The state from which a case has a field; until then only a transition may set it."""


def corrected(case: Case, asked: Asked) -> Changes:
    """Return what a correction changes; raises RefusedError if no correction may change it."""
    require(rule_for("correct", case.state, case.ref), {"reason": asked.reason})
    name, value = asked.given.corrects
    if value is None and name in NEVER_EMPTY:
        raise RefusedError("correct.must-have", field=name)
    changes = _consequences(case, asked, name, value)
    stood = vars(case)
    if all(stood[name] == value for name, value in changes.items()):
        return {}
    _refuse_out_of_state(case, name, value)
    after = case.changed(changes)
    _refuse_disorder(case, after, asked.today)
    if asked.given.owner is not None:
        refuse_owner(asked.given.owner, after.assigned_on or after.proposed_on)
    if asked.given.officer is not None and after.officer not in {None, case.officer}:
        refuse_officer(asked.given.officer, after.owner, asked.given.parents)
    return changes


def _consequences(case: Case, asked: Asked, name: str, value: Any) -> Changes:
    """Return the changes that follow: values that were derived from the wrong one."""
    changes: Changes = {name: value}
    if name == "due":
        changes |= {"due_rule": None, "due_from": None, "due_precision": value and "day"}
        changes["due_basis"] = value and (case.due_basis or "set")
        if case.extensions == 0 or value is None:
            changes |= {"original_due": value, "extensions": 0}
        if value is None:
            changes["late_cause"] = None
    if value is None and name in ANSWERED and case.answered_by is not None:
        # What was answered here is one whole; a source's claim, which nobody answers for, is not.
        changes |= dict.fromkeys((*ANSWER, "answered_by", "answered_on"))
    if name == STEP_OF[case.state]:
        changes["state_since"] = value
    if name == "owner" and value != case.owner:
        # As when it is reassigned: an officer belongs to the owner, and no owner coordinates.
        coordinating = tuple(org for org in case.coordinating if org != value)
        changes |= {"officer": None, "coordinating": coordinating}
    if name == "assigned_on" and counts_from_assignment(case) and asked.given.due is not None:
        # The due date that was counted from the day of the assignment, from the right day.
        due = asked.given.due.day
        first = {"original_due": due} if case.extensions == 0 else {}
        changes |= {"due_from": value, "due": due, **first}
    if case.doubted and case.state is State.RESOLVED and name in DECISION:
        # Whoever corrects what a source claims and denies answers for it from then on.
        changes["resolved_by"] = asked.actor
    return changes


def counts_from_assignment(case: Case) -> bool:
    """Return whether a due date was counted from the day the case was assigned."""
    return case.due_rule is not None and case.due_from == case.assigned_on


def _refuse_out_of_state(case: Case, name: str, value: Any) -> None:
    """Raise RefusedError for a value that only a transition may set or clear."""
    states = [*State]
    if value is not None and name in SINCE and case.state in states[: states.index(SINCE[name])]:
        raise RefusedError(
            "correct.not-yet",
            ref=case.ref,
            label=Word(case.state),
            field=name,
            listed=acts(case.state),
        )
    if case.state is not State.RESOLVED:
        return
    if value is None and name in ANSWERED:
        raise RefusedError("correct.resolved-has", field=name, ref=case.ref)
    if name == "outcome" and case.study_on is None and value not in CLOSING_OUTCOMES:
        raise RefusedError(
            "correct.closed",
            ref=case.ref,
            value=value,
            closing_outcomes=", ".join(CLOSING_OUTCOMES),
        )


def _refuse_disorder(before: Case, after: Case, today: date) -> None:
    """Raise RefusedError if a correction would bring days out of order.

    Disorder that was there before does not prevent the correction of another field.
    """
    told = set(disorder(before))
    for one in disorder(after):
        if one not in told:
            raise RefusedError(one.says, "correct.check-both")
    for name in STEPS:
        day = getattr(after, name)
        if day is not None and day > today and day != getattr(before, name):
            raise RefusedError("correct.in-future", "correct.check-both", name=name, day=day)
