"""Corrections: what was recorded wrongly is amended by one more act, and stays readable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from casework.acts import actors, organisations
from casework.errors import RefusedError, UsageError
from casework.kinds.choices import STEP_OF, STEPS, State
from casework.kinds.field_names import field_of
from casework.kinds.forms import form_of
from casework.kinds.records import KINDS, Case
from casework.questions import audit_log, due_dates, lookup, officers, working_calendar
from casework.rules import deadlines
from casework.rules.dates import BY, ON, parse
from casework.rules.workflow import CLOSING_OUTCOMES, commands, require, rule_for
from casework.system.text import clean, spelt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casework.kinds.field import Field
    from casework.ledger.ledger import Desk
    from casework.log.event import Event
    from casework.rules.dates import Use


Reader = Callable[["Desk", str, date], Any]


def _reader(one: Field) -> Reader:
    """Return what makes a value of a field of its words."""
    form = form_of(one.type)
    if one.refers is not None:
        kind = KINDS[one.refers]
        return lambda desk, words, day: lookup.find(desk.connection, kind, words, day).key
    if "among" in form:
        return lambda _, words, __: _choice(form["among"], words)
    return lambda _, words, __: clean(words, "the value", form["most"])


def _choice(values: list[str], words: str) -> str:
    said = spelt(words)
    if said not in values:
        raise UsageError(f"'{words}' is not one of {', '.join(values)}", "give one of them")
    return said


DATES: Mapping[str, Use] = {
    one.name: BY if one.holds == "Due" else ON
    for one in Case.fields
    if one.correct and form_of(one.type)["is"] == "date"
}
"""Fields that are dates, and what is made of one that is typed."""

CORRECTABLE: Mapping[str, Reader] = {
    one.name: _reader(one) for one in Case.fields if one.correct and one.name not in DATES
}
"""What makes a value of the words for it, of the other fields that can be corrected."""

DECIDED = {"outcome", "answer", "resolved_on"}
"""What somebody who corrects it has decided."""

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
"""The state in which a case first has a field; before it, only a transition may give it one."""


def correct(
    desk: Desk,
    ref: str,
    *,
    field: str,
    to: str,
    reason: str,
    document: str | None = None,
    effective_on: date | None = None,
    if_version: int | None = None,
) -> Case:
    """Correct a field that was recorded wrongly; an empty value says that it has none.

    The correction takes effect, unless told otherwise, on the day the wrong value did, so that
    what is known today about that day is right. The state itself is changed only by transitions.
    """
    field = field_of(field)
    if field in {"state", "state_since"}:
        raise UsageError(
            f"{field} cannot be corrected: only transitions move a case",
            f"one that was closed by mistake: casework reopen {ref} --as-it-was --reason TEXT",
        )
    if field not in CORRECTABLE and field not in DATES:
        known = ", ".join(sorted({*CORRECTABLE, *DATES}))
        raise UsageError(f"{field} cannot be corrected", f"one of {known} can")
    case = actors.case_for(desk, "correct", ref, if_version)
    require(rule_for("correct", case.state, case.ref), {"reason": reason.strip()})
    if not to.strip() and field in NEVER_EMPTY:
        raise RefusedError(f"a correction leaves no case without {field}", "give a value")
    found = audit_log.history(desk.connection, case.ref)
    since = _since(desk, case, _last_change(found, field), effective_on)
    value = _value(desk, field, to, since) if to.strip() else None
    changes = _consequences(case, field, value) | _counted_from(desk, case, field, value)
    if case.doubted and case.state is State.RESOLVED and field in DECIDED:
        # Whoever corrects what a source claims and denies answers for it from then on.
        changes["resolved_by"] = desk.actor.code
    act = desk.act(
        "correct",
        case,
        changes,
        effective_on=since,
        reason=reason,
        document=document,
    )
    actors.refuse_unchanged(act.changes, f"case {case.ref}")
    _refuse_out_of_state(case, field, value, found)
    _refuse_new_faults(desk, case, case.changed(changes))
    done = desk.record(act)
    if not isinstance(done, Case):
        raise TypeError(done)
    return done


def _value(desk: Desk, field: str, to: str, since: date) -> Any:
    """Return the right value from its words; lengths of time count from the day it is right."""
    if field in DATES:
        return due_dates.settle(desk.connection, parse(to), desk.today, since, DATES[field]).day
    return CORRECTABLE[field](desk, to, since)


def _since(desk: Desk, case: Case, last: Event | None, given: date | None) -> date:
    """Return the day from which a correction is right: the one given, or the wrong value's."""
    if given is None:
        # A day still to come was recorded while the machine's clock was ahead.
        return min(date.fromisoformat(last.effective_on), desk.today) if last else desk.today
    if given > desk.today:
        raise RefusedError(f"{given} lies in the future", f"today is {desk.today}")
    if given < case.proposed_on:
        raise RefusedError(
            f"case {case.ref} was proposed on {case.proposed_on}; nothing was recorded of {given}",
            f"give --effective {case.proposed_on} or later",
        )
    return given


def _consequences(case: Case, field: str, value: Any) -> dict[str, Any]:
    """Return what changes with a field: what was derived from its wrong value."""
    changes = {field: value}
    if field == "due":
        changes |= {"due_rule": None, "due_from": None, "due_precision": value and "day"}
        changes["due_basis"] = value and (case.due_basis or "set")
        if case.extensions == 0 or value is None:
            changes |= {"original_due": value, "extensions": 0}
    if value is None and field in {"outcome", "answer"} and case.answered_by is not None:
        # What was answered here is one whole; a source's claim, which nobody answers for, is not.
        changes |= dict.fromkeys((*ANSWER, "answered_by", "answered_on"))
    if field == STEP_OF[case.state]:
        changes["state_since"] = value
    if field == "owner" and value != case.owner:
        # As when it is reassigned: an officer belongs to the owner, and no owner coordinates.
        coordinating = tuple(org for org in case.coordinating if org != value)
        changes |= {"officer": None, "coordinating": coordinating}
    return changes


def _counted_from(desk: Desk, case: Case, field: str, value: Any) -> dict[str, Any]:
    """Return the due date that was counted from the day of the assignment, from the right day."""
    if field != "assigned_on" or case.due_rule is None or case.due_from != case.assigned_on:
        return {}
    calendar = working_calendar.working_calendar(desk.connection)
    due = deadlines.counted(case.but(due_from=value), calendar)
    first = {"original_due": due} if case.extensions == 0 else {}
    return {"due_from": value, "due": due, **first}


def _refuse_out_of_state(case: Case, field: str, value: Any, found: list[Event]) -> None:
    """Refuse what only a transition may give a case, or take from it; raises RefusedError."""
    states = [*State]
    if value is not None and field in SINCE and case.state in states[: states.index(SINCE[field])]:
        raise RefusedError(
            f"case {case.ref} is {case.state.label}; it has no {field} yet",
            f"possible now: {', '.join(commands(case.state))}",
        )
    if case.state is not State.RESOLVED:
        return
    if value is None and field in {"outcome", "answer"}:
        raise RefusedError(
            f"a resolved case has an {field}",
            f"give one; or, if it was a mistake: casework reopen {case.ref} --as-it-was",
        )
    last = _last_change(found, "state")
    closed = last is not None and last.act == "close"
    if field == "outcome" and closed and value not in CLOSING_OUTCOMES:
        raise RefusedError(
            f"case {case.ref} was closed without study; it cannot have been {value}",
            f"one of {', '.join(CLOSING_OUTCOMES)}, or reopen the case",
        )


def _refuse_new_faults(desk: Desk, before: Case, after: Case) -> None:
    """Refuse a correction that leaves a case as no act would leave it; raises RefusedError.

    What was so before does not stand in the way of another field.
    """
    told = set(_faults(desk, before))
    for fault in _faults(desk, after):
        if fault not in told:
            raise RefusedError(fault, "check both")
    owned = ("owner", "assigned_on", "proposed_on")
    if after.owner is not None and any(getattr(before, n) != getattr(after, n) for n in owned):
        organisations.lead(desk.connection, after.owner, after.assigned_on or after.proposed_on)
    if after.officer not in {None, before.officer}:
        officers.named(desk.connection, after.officer, after.owner, desk.today)


def _faults(desk: Desk, case: Case) -> Iterator[str]:
    """Yield what does not fit together in a case."""
    steps = [(name, day) for name in STEPS if (day := getattr(case, name)) is not None]
    for (earlier, first), (later, second) in pairwise(steps):
        if second < first and not case.reopened:
            yield f"{later} {second} would lie before {earlier} {first}"
    for name, day in steps:
        if day > desk.today:
            yield f"{name} {day} would lie in the future"
    given = case.assigned_on or case.proposed_on
    if case.due is not None and case.due < given:
        yield f"the due date {case.due} would lie before {given}, when it was given"
    # A due date that is counted may come to lie earlier when its calendar changes.
    counted = case.due_rule is not None
    if case.due and case.original_due and case.due < case.original_due and not counted:
        yield f"the due date {case.due} would lie before the original one, {case.original_due}"
    if case.state in {State.ASSIGNED, State.UNDER_STUDY} and case.owner is None:
        yield f"a case that is {case.state.label} would have no owner"


def _last_change(found: list[Event], field: str) -> Event | None:
    return next((event for event in reversed(found) if field in event.changes), None)
