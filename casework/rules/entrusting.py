"""Whether an act gives a case to an owner that may own it, an officer of the owner, and a cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.kinds.records import COLLECTIVE
from casework.rules import late_causes, owning
from casework.rules.lawful import Fault, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.kinds.records import Case
    from casework.rules.said import Known, Said

OWNING = ("owner", "assigned_on", "proposed_on")
"""The fields of which each decides whether the owner existed on its day."""


def faults(said: Said, left: Case, known: Known) -> Iterator[Fault]:
    """Yield why an act may not name the owner or officer that it names; `left` is what it leaves.

    What an import told may name an owner that ended, and an officer of another body.
    """
    if left.owner is not None and not said.changes.keys().isdisjoint(OWNING):
        body = known.body(left.owner)
        if body is not None and body.org_kind == COLLECTIVE:
            yield _fault("collective", "owner", owner=body.code)
        day = said.day if said.verb != "correct" else left.assigned_on or left.proposed_on
        if body is not None and not known.told and not owning.is_there(body, day):
            yield _fault("owner-day", "owner", owner=body.code, day=day)
    officer = said.changes.get("officer")
    if officer is not None and not known.told:
        person = known.person_of(officer)
        org = None if person is None else person.org
        if owning.stranger(officer, org, left.owner, known.parents()) is not None:
            yield _fault("officer", "officer", officer=officer, owner=left.owner)


def of_cause(step: Step, said: Said, known: Known) -> Step:
    """Return a step with the causes that may be given if the case is late.

    What a source reports needs none.
    """
    if step.before is None or not late_causes.days_late(step.before, step.verb, step.day):
        return step
    if said.label is not None and "late_cause" not in said.changes:
        return step
    return step._replace(causes=known.causes())


def late(said: Said, stood: Case, left: Case, known: Known) -> Iterator[Fault]:
    """Yield why an act in its place among others may not give the cause that it gives, or none."""
    names = (*said.changes,)
    step = Step(said.verb, stood, left, names, said.day, said.actor, said.words)
    for rule, values in late_causes.faults(of_cause(step, said, known), stood):
        yield Fault(rule, "late_cause", (*values.items(),))


def _fault(rule: str, field: str, /, **values: Any) -> Fault:
    return Fault(f"law.{rule}", field, tuple(values.items()))
