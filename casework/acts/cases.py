"""The verbs on cases. Each reads the case, asks the workflow, and records one act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casework.acts.actors import allow, case_for, code, effective
from casework.acts.describing import described, refuse_lacking
from casework.errors import ConflictError, RefusedError, UsageError
from casework.kinds.choices import State
from casework.kinds.records import Case, Cause, Organisation
from casework.questions import due_dates, lookup, struck, working_calendar
from casework.rules import deadlines, verbs
from casework.rules.admitting import admit
from casework.rules.asked import NOTHING, Asked, Given
from casework.rules.dates import Day
from casework.rules.late_causes import days_late
from casework.rules.workflow import BACK, FORWARD
from casework.store.loading import lock_head
from casework.system.text import clean, optional
from casework.words import Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from casework.ledger.ledger import Desk
    from casework.rules.dates import Typed
    from casework.rules.timeline import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What any act may record about itself: reason, document, day of effect and source.

    `if_version` is the version the actor looked at; if the case has changed since, the act is
    refused. `reported` marks an act that a source reports and that was not done here.
    """

    reason: str | None = None
    document: str | None = None
    document_date: date | None = None
    effective_on: date | None = None
    if_version: int | None = None
    reported: Mapping[str, Any] | None = None


NO_WHY = Why()


def propose(
    desk: Desk,
    *,
    ref: str | None = None,
    coordinating: Sequence[str] = (),
    why: Why = NO_WHY,
    **said: Any,
) -> Case:
    """Register a recommendation; `said` has the fields that describe it.

    Without a reference it gets the next free one of its conference.
    """
    allow(desk, Case, "propose")
    if why.if_version is not None:
        raise UsageError("propose.if-version")
    day = effective(desk, why.effective_on)
    fields = described(desk, Case, said, day)
    refuse_lacking(Case, "propose", fields)
    if ref is None:
        # Two proposals at once would find the same number free: the second one waits here.
        lock_head(desk.connection)
        ref = lookup.next_ref(desk.connection, fields.get("conference"))
    else:
        ref = code(ref, "name.reference")
        taken = lookup.case_ref(desk.connection, ref)
        if taken is not None:
            raise ConflictError("propose.taken", taken=taken)
        if (out := struck.struck(desk.connection, ref)) is not None:
            raise ConflictError("propose.struck", ref=out.case.ref)
        alike = lookup.alike_ref(desk.connection, ref)
        if alike is not None:
            raise ConflictError("propose.alike", ref=ref, alike=alike)
    fields["coordinating"] = _bodies(desk, coordinating, day)
    changes = verbs.proposal(_asked(desk, "propose", why, day, Given(fields=fields)))
    return _record(desk, desk.act("propose", (Case.kind, ref), changes, **_said(why, day)))


def edit(desk: Desk, ref: str, *, why: Why = NO_WHY, **said: Any) -> Case:
    """Change the text, proposer or other description of a case; its state and dates stay."""
    case, day = begun(desk, "edit", ref, why)
    return done(desk, case, "edit", why, day, Given(fields=described(desk, Case, said, day)))


def assign(
    desk: Desk,
    ref: str,
    *,
    owner: str,
    due: date | Typed,
    coordinating: Sequence[str] = (),
    officer: str | None = None,
    basis: str = "set",
    late_cause: str | None = None,
    why: Why = NO_WHY,
) -> Case:
    """Give a proposed case its owner and its due date, counted from the day this takes effect."""
    case, day = begun(desk, "assign", ref, why)
    person, parents = lookup.officer(desk.connection, officer, day)
    given = Given(
        due=due_dates.settle(desk.connection, due, desk.today, day),
        basis=basis,
        owner=lookup.find(desk.connection, Organisation, owner, day),
        add=_bodies(desk, coordinating, day),
        officer=person,
        parents=parents,
        **_causes(desk, "assign", case, day, late_cause),
    )
    return done(desk, case, "assign", why, day, given)


def advance(
    desk: Desk,
    ref: str,
    *,
    outcome: str | None = None,
    answer: str | None = None,
    late_cause: str | None = None,
    why: Why = NO_WHY,
) -> Case:
    """Take the next step of a case: from assigned to under study, from under study to resolved.

    If a source calls a case resolved but its answer denies it, the next step is to confirm it.
    """
    case = lookup.find_case(desk.connection, ref)
    said: dict[str, Any] = {"outcome": outcome, "answer": answer, "late_cause": late_cause}
    if case.doubted and case.state is State.RESOLVED:
        return confirm(desk, ref, why=why, **said)
    verb = FORWARD.get(case.state)
    if verb is None or verb == "assign":
        hint = "advance.assign-first" if verb else "advance.reopen"
        raise RefusedError("advance.cannot", hint, ref=case.ref, label=Word(case.state))
    if verb == "study":
        if late_cause is not None and outcome is None and answer is None:
            what = "late-cause.too-early"
            raise RefusedError(what, "late-cause.leave-out", ref=case.ref, label=Word(case.state))
        if any(value is not None for value in said.values()):
            raise RefusedError("advance.too-early", ref=case.ref, label=Word(case.state))
        return study(desk, ref, why=why)
    return resolve(desk, ref, why=why, **said)


def study(desk: Desk, ref: str, *, why: Why = NO_WHY) -> Case:
    """Take an assigned case under study."""
    case, day = begun(desk, "study", ref, why)
    return done(desk, case, "study", why, day)


def answer(desk: Desk, ref: str, *, outcome: str, answer: str, why: Why = NO_WHY) -> Case:
    """Record what the owner answered; the secretariat has yet to confirm it."""
    case, day = begun(desk, "answer", ref, why)
    given = Given(outcome=outcome, answer=clean(answer, "name.answer"))
    return done(desk, case, "answer", why, day, given)


def resolve(
    desk: Desk,
    ref: str,
    *,
    outcome: str | None = None,
    answer: str | None = None,
    late_cause: str | None = None,
    why: Why = NO_WHY,
) -> Case:
    """Confirm the outcome: the one given, or the one the owner answered."""
    case, day = begun(desk, "resolve", ref, why)
    causes = _causes(desk, "resolve", case, day, late_cause)
    given = Given(outcome=outcome, answer=optional(answer, "name.answer"), **causes)
    return done(desk, case, "resolve", why, day, given)


def confirm(
    desk: Desk,
    ref: str,
    *,
    outcome: str | None = None,
    answer: str | None = None,
    late_cause: str | None = None,
    why: Why = NO_WHY,
) -> Case:
    """Confirm a case that its source calls resolved and its answer denies, as it is or corrected.

    Raises RefusedError if the case is not in doubt. To reject it, reopen the case.
    """
    case, day = begun(desk, "confirm", ref, why)
    causes = _causes(desk, "confirm", case, day, late_cause)
    given = Given(outcome=outcome, answer=optional(answer, "name.answer"), **causes)
    return done(desk, case, "confirm", why, day, given)


def close(desk: Desk, ref: str, *, outcome: str, late_cause: str | None = None, why: Why) -> Case:
    """End a case that was not studied: superseded, duplicate, transferred, and the like."""
    case, day = begun(desk, "close", ref, why)
    given = Given(outcome=outcome, **_causes(desk, "close", case, day, late_cause))
    return done(desk, case, "close", why, day, given)


def send_back(desk: Desk, ref: str, *, why: Why) -> Case:
    """Return a case one step: to proposed, without an owner, or from under study to assigned."""
    case, day = begun(desk, "return", ref, why)
    return done(desk, case, "return", why, day)


def reopen(desk: Desk, ref: str, *, owner: str | None = None, why: Why) -> Case:
    """Take a resolved case under study again; owner, due date and first decision are kept.

    A case that was closed before it had an owner must be given one.
    """
    case, day = begun(desk, "reopen", ref, why)
    org = None if owner is None else lookup.find(desk.connection, Organisation, owner, day)
    return done(desk, case, "reopen", why, day, Given(owner=org))


def put_back(desk: Desk, ref: str, *, why: Why) -> Case:
    """Put a case that was closed by mistake back to the state it was closed from.

    Its answer is again the one it had then. The log keeps that it was closed and put back.
    """
    known = lookup.find_case(desk.connection, ref)
    ended = _ended(desk, known)
    if known.state is State.RESOLVED and ended is None:
        raise RefusedError("reopen.came-resolved", ref=known.ref)
    found = ended.changes() if ended else {}
    verb = BACK[State(found["state"][0]) if ended else State.PROPOSED]
    case, day = begun(desk, verb, ref, why)
    stood = {name: found[name][0] for name in DECISION if name in found}
    return done(desk, case, verb, why, day, Given(ended=stood))


def _ended(desk: Desk, case: Case) -> Step | None:
    """Return the act that closed a case; None if its last change of state was another one."""
    from casework.store import timelines

    known = timelines.made(timelines.events_of(desk.connection, Case.kind, case.ref))
    moves = (one for one in reversed(known.steps) if "state" in one.changes())
    last = next(moves, None)
    return last if last is not None and last.changes()["state"][0] in BACK else None


def reassign(
    desk: Desk,
    ref: str,
    *,
    owner: str,
    coordinating: Sequence[str] = (),
    officer: str | None = None,
    why: Why,
) -> Case:
    """Give a case another owner; its state and its due date stay."""
    case, day = begun(desk, "reassign", ref, why)
    person, parents = lookup.officer(desk.connection, officer, day)
    given = Given(
        owner=lookup.find(desk.connection, Organisation, owner, day),
        add=_bodies(desk, coordinating, day),
        officer=person,
        parents=parents,
    )
    return done(desk, case, "reassign", why, day, given)


def extend(
    desk: Desk,
    ref: str,
    *,
    due: date | Typed,
    basis: str = "set",
    late_cause: str | None = None,
    why: Why,
) -> Case:
    """Move the due date on; a case that has none gets its first one. The original one is kept."""
    case, day = begun(desk, "extend", ref, why)
    by = due_dates.settle(desk.connection, due, desk.today, day, due=case.due)
    given = Given(due=by, basis=basis, **_causes(desk, "extend", case, day, late_cause))
    return done(desk, case, "extend", why, day, given)


def hold(desk: Desk, ref: str, *, why: Why) -> Case:
    """Stop the clock of a case: from that day until it is resumed it is not overdue."""
    case, day = begun(desk, "hold", ref, why)
    return done(desk, case, "hold", why, day)


def resume(desk: Desk, ref: str, *, why: Why = NO_WHY) -> Case:
    """Start the clock of a held case again, and add the days on hold to its due date.

    Working days are added if the due date was counted in working days, otherwise calendar days.
    """
    case, day = begun(desk, "resume", ref, why)
    due = deadlines.resumed(case, day, working_calendar.working_calendar(desk.connection))
    by = None if due is None else Day(due)
    return done(desk, case, "resume", why, day, Given(due=by))


def note(desk: Desk, ref: str, words: str, *, why: Why = NO_WHY) -> Case:
    """Add a note. It changes nothing: a note is not progress."""
    case, day = begun(desk, "note", ref, why)
    given = Given(note=clean(words, "name.note"))
    return done(desk, case, "note", why, day, given)


def coordinate(
    desk: Desk,
    ref: str,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    why: Why = NO_WHY,
) -> Case:
    """Add or remove coordinating organisations."""
    case, day = begun(desk, "coordinate", ref, why)
    given = Given(add=_bodies(desk, add, day), remove=_bodies(desk, remove, day))
    return done(desk, case, "coordinate", why, day, given)


def link(
    desk: Desk, ref: str, other: str, *, relation: str, remove: bool = False, why: Why = NO_WHY
) -> Case:
    """Link a case to another one, or remove the link."""
    case, day = begun(desk, "link", ref, why)
    earlier = lookup.find_case(desk.connection, other)
    given = Given(link=(relation, earlier.ref), unlinks=remove)
    return done(desk, case, "link", why, day, given)


# --- what the verbs share --------------------------------------------------------------------

DECISION = ("outcome", "answer", "document", "late_cause")
"""What the act that ends a case says of it, and undoing it takes back."""


def _causes(desk: Desk, verb: str, case: Case, day: date, words: str | None) -> dict[str, Any]:
    """Return the cause that is given, and the causes to choose from if the case is late."""
    late = days_late(case, verb, day)
    return {
        "late_cause": None if words is None else lookup.find(desk.connection, Cause, words),
        "causes": lookup.causes_in_use(desk.connection) if late else (),
    }


def begun(desk: Desk, verb: str, ref: str, why: Why) -> tuple[Case, date]:
    """Return a case, locked, and the day on which an act on it takes effect."""
    day = why.effective_on or desk.today
    case = case_for(desk, verb, ref, why.if_version, day)
    admit(case, verb, day, desk.today)
    return case, day


def _asked(desk: Desk, verb: str, why: Why, day: date, given: Given) -> Asked:
    """Return the act that is asked for, together with the records that were looked up for it."""
    return Asked(
        verb=verb,
        actor=desk.actor.code,
        day=day,
        today=desk.today,
        reason=why.reason and clean(why.reason, "name.reason"),
        document=optional(why.document, "name.document"),
        told=str(why.reported["source"]) if why.reported else None,
        given=given,
    )


def done(desk: Desk, case: Case, verb: str, why: Why, day: date, given: Given = NOTHING) -> Case:
    """Record what the rules made of an act, or request a second person's confirmation."""
    changes = verbs.decide(case, _asked(desk, verb, why, day, given))
    return _record(desk, desk.act(verb, case, changes, note=given.note, **_said(why, day)))


def _record(desk: Desk, act: Any) -> Case:
    left = desk.record(act)
    if not isinstance(left, Case):
        raise TypeError(left)
    return left


def _said(why: Why, day: date) -> dict[str, Any]:
    return {
        "effective_on": day,
        "reason": why.reason,
        "document": why.document,
        "document_date": why.document_date,
        "reported": why.reported,
    }


def _bodies(desk: Desk, words: Sequence[str], day: date) -> tuple[str, ...]:
    found = (lookup.find(desk.connection, Organisation, name, day).code for name in words)
    return tuple(dict.fromkeys(found))
