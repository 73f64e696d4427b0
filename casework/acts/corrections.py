"""Corrections: amend a wrong value by one more act, so that the wrong value stays readable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from casework.acts import actors
from casework.acts.describing import choice_of
from casework.errors import NotFoundError, RefusedError, UsageError
from casework.kinds.choices import STEPS
from casework.kinds.field_names import field_of
from casework.kinds.forms import form_of
from casework.kinds.records import KINDS, Case, Organisation
from casework.questions import audit_log, due_dates, lookup, struck, working_calendar
from casework.rules import deadlines
from casework.rules.asked import Asked, Given
from casework.rules.correcting import counts_from_assignment
from casework.rules.dates import BY, ON, Day, parse
from casework.rules.verbs import decide
from casework.rules.workflow import require, rule_for
from casework.system.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.acts.cases import Why
    from casework.kinds.field import Field
    from casework.ledger.ledger import Desk
    from casework.log.event import Act
    from casework.rules.dates import Use
    from casework.rules.timeline import Step, Timeline


Reader = Callable[["Desk", str, date], Any]


def _reader(one: Field) -> Reader:
    """Return the function that reads a value of a field from text."""
    form = form_of(one.type)
    if one.refers is not None:
        kind = KINDS[one.refers]
        return lambda desk, words, day: lookup.find(desk.connection, kind, words, day).key
    if "among" in form:
        return lambda _, words, __: choice_of(one, words)
    return lambda _, words, __: clean(words, "name.value", form["most"])


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


def put_right(
    desk: Desk,
    ref: str,
    *,
    field: str | None = None,
    to: str | None = None,
    event: int | None = None,
    strike: bool = False,
    why: Why,
) -> Case:
    """Correct a field of a case, or strike out one of its events.

    Raises UsageError if neither or both are asked for.
    """
    said: dict[str, Any] = {
        "reason": str(why.reason),
        "document": why.document,
        "document_date": why.document_date,
        "if_version": why.if_version,
    }
    if strike:
        if field is not None or to is not None or why.effective_on is not None:
            raise UsageError("correct.strikes-whole")
        if event is None:
            raise UsageError("correct.strike-which")
        return strike_out(desk, ref, event=event, **said)
    if field is None or to is None:
        raise UsageError("correct.field-and-to")
    return correct(
        desk, ref, field=field, to=to, event=event, effective_on=why.effective_on, **said
    )


def correct(
    desk: Desk,
    ref: str,
    *,
    field: str,
    to: str,
    reason: str,
    document: str | None = None,
    document_date: date | None = None,
    effective_on: date | None = None,
    if_version: int | None = None,
    event: int | None = None,
) -> Case:
    """Correct a field that was recorded wrongly; an empty value removes the wrong one.

    The correction amends the act that last set the field, or the act of `event`, as if that act had
    recorded the right value on its own day; a corrected day of a step is the day of that step. With
    `effective_on`, the value is right only from that day on and the earlier one stays. The state
    itself is changed only by transitions.
    """
    field = field_of(field)
    if field in {"state", "state_since"}:
        raise UsageError("correct.state", field=field, ref=ref)
    if field not in CORRECTABLE and field not in DATES:
        known = ", ".join(sorted({*CORRECTABLE, *DATES}))
        raise UsageError("correct.field", field=field, known=known)
    now = actors.case_for(desk, "correct", ref, if_version)
    timeline = _timeline(desk, now)
    step = _amended(timeline, now, field, event)
    since = _since(desk, now, step, effective_on)
    # What its act must say is taken away by a statement of its own, on the same day.
    taken = step is not None and not to.strip() and step.needs(field)
    own = step is None or since > step.day or taken
    stood = timeline.on(since) if own else step and step.after
    case = stood.but(version=now.version) if isinstance(stood, Case) else now
    value = _value(desk, field, to, since) if to.strip() else None
    stated = own or (step is not None and step.entry.event.act == "correct")
    if stated and field in STEPS and value is not None and value > since:
        raise RefusedError("correct.ahead", field=field, day=value, since=since)
    asked = Asked(
        verb="correct",
        actor=desk.actor.code,
        day=since,
        today=desk.today,
        reason=reason.strip(),
        document=document,
        given=_given(desk, case, field, value),
    )
    act = desk.act(
        "correct",
        case,
        decide(case, asked),
        effective_on=since,
        reason=reason,
        document=document,
        document_date=document_date,
        amends=None if own or step is None else step.seq,
    )
    return _recorded(desk, act)


def strike_out(
    desk: Desk,
    ref: str,
    *,
    event: int,
    reason: str,
    document: str | None = None,
    document_date: date | None = None,
    if_version: int | None = None,
) -> Case:
    """Strike an act out of a case's timeline, as if it had not been done; it stays in the log.

    Raises RefusedError if the acts that are left would break a rule, NotFoundError if the event is
    not one of the case, and NotAllowedError if the actor could not do that act either.
    """
    case = _case_of(desk, ref, event, if_version)
    timeline = _timeline(desk, case)
    if event not in timeline.days:
        raise NotFoundError("correct.no-event", ref=case.ref, event=event)
    if event in timeline.struck:
        raise RefusedError("correct.struck", ref=case.ref, event=event)
    if timeline.steps and timeline.steps[0].seq == _struck_first(desk, case, event):
        _refuse_bound(desk, case)
    step = timeline.step_of(event)
    since = desk.today if step is None else min(step.day, desk.today)
    require(rule_for("correct", case.state, case.ref), {"reason": reason.strip()})
    act = desk.act(
        "correct",
        case,
        {},
        effective_on=since,
        reason=reason,
        document=document,
        document_date=document_date,
        strikes=event,
    )
    return _recorded(desk, act)


def _case_of(desk: Desk, ref: str, event: int, if_version: int | None) -> Case:
    """Return, locked, the case whose event is struck out, or that the strike restores."""
    out = struck.struck(desk.connection, ref)
    if out is None:
        return actors.case_for(desk, "correct", ref, if_version)
    if out.by.seq != event:
        raise lookup.no_case(desk.connection, ref)
    return actors.case_of(desk, "correct", out.case, if_version)


def _struck_first(desk: Desk, case: Case, event: int) -> int:
    """Return the act that a strike is about in the end: of one that restored a proposal, that."""
    events = audit_log.history(desk.connection, case.ref)
    strikes = {one.seq: one.strikes for one in events if one.strikes is not None}
    while event in strikes:
        event = strikes[event]
    return event


def _refuse_bound(desk: Desk, case: Case) -> None:
    """Refuse to strike out a case that other cases are linked to, or that a request waits on.

    Raises RefusedError.
    """
    if linked := lookup.linking_here(desk.connection, case.ref):
        (relation, first), *_ = linked
        others = [other for _, other in linked]
        raise RefusedError(
            "struck.linked", ref=case.ref, others=others, relation=relation, other=first
        )
    waiting = lookup.requests_of(desk.connection, Case.kind, case.ref)
    for request in waiting:
        if request.decided is None:
            raise RefusedError("struck.asked", ref=case.ref, code=request.code)


def _recorded(desk: Desk, act: Act) -> Case:
    done = desk.record(act)
    if not isinstance(done, Case):
        raise TypeError(done)
    return done


def _timeline(desk: Desk, case: Case) -> Timeline:
    from casework.store import timelines

    events = timelines.events_of(desk.connection, Case.kind, case.ref)
    return timelines.made(events, timelines.calendar_of(desk.connection))


def _amended(timeline: Timeline, case: Case, field: str, event: int | None) -> Step | None:
    """Return the act to be corrected: the one named, or the one that last set the field."""
    if event is None:
        return timeline.setting(field)
    step = timeline.step_of(event)
    if step is None:
        raise NotFoundError("correct.no-event", ref=case.ref, event=event)
    if not (step.sets(field) or step.may_set(field)):
        raise RefusedError("correct.sets-not", ref=case.ref, event=event, field=field)
    return step


def _given(desk: Desk, case: Case, field: str, value: Any) -> Given:
    """Return the values of a correction: the right value, and the records that it names."""
    known = None
    owner: str | None = value if field == "owner" else case.owner
    if owner is not None and field in {"owner", "assigned_on", "proposed_on"}:
        known = lookup.find(desk.connection, Organisation, owner)
    words: str | None = value if field == "officer" else None
    officer, parents = lookup.officer(desk.connection, words, desk.today)
    by = None
    if field == "assigned_on" and counts_from_assignment(case):
        calendar = working_calendar.working_calendar(desk.connection)
        due = deadlines.counted(case.but(due_from=value), calendar)
        by = None if due is None else Day(due)
    return Given(corrects=(field, value), owner=known, officer=officer, parents=parents, due=by)


def _value(desk: Desk, field: str, to: str, since: date) -> Any:
    """Return the right value from its text; lengths of time count from the day it takes effect."""
    if field in DATES:
        return due_dates.settle(desk.connection, parse(to), desk.today, since, DATES[field]).day
    return CORRECTABLE[field](desk, to, since)


def _since(desk: Desk, case: Case, step: Step | None, given: date | None) -> date:
    """Return the day from which a correction holds: the one given, or that of the wrong value."""
    if given is None:
        # A day still to come was recorded while the machine's clock was ahead.
        return min(step.day, desk.today) if step else desk.today
    if given > desk.today:
        raise RefusedError("correct.future", given=given, today=desk.today)
    if given < case.proposed_on:
        raise RefusedError(
            "correct.before-proposed", ref=case.ref, proposed_on=case.proposed_on, given=given
        )
    return max(given, step.day) if step and step.day <= desk.today else given
