"""The verbs on cases. Each reads the case, asks the workflow, and records one act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from casework import deadlines, four_eyes, officers, queries
from casework.directory import (
    allow,
    case_for,
    code,
    effective,
    lead,
    names,
    refuse_unchanged,
)
from casework.errors import ConflictError, RefusedError, UsageError
from casework.ledger import Desk, lock_head
from casework.records import Case, Conference, Organisation, Person, Record, typed
from casework.text import TITLE_LIMIT, clean, optional
from casework.workflow import (
    BACK,
    CLOSING_OUTCOMES,
    FORWARD,
    STEP_OF,
    Outcome,
    State,
    require,
    rule_for,
    target,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casework.audit.event import Event
    from casework.dates import Day, Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What any act may say of itself beside what it changes.

    `if_version` is the version the actor looked at; an act on another one is refused.
    `reported` labels an act that is told, not made here.
    """

    reason: str | None = None
    document: str | None = None
    effective_on: date | None = None
    if_version: int | None = None
    reported: Mapping[str, Any] | None = None


NO_WHY = Why()


def propose(
    desk: Desk,
    *,
    title: str,
    proposer: str,
    ref: str | None = None,
    title_vi: str | None = None,
    summary: str | None = None,
    conference: str | None = None,
    speaker: str | None = None,
    addressee: str | None = None,
    coordinating: Sequence[str] = (),
    words: str | None = None,
    theme: Sequence[str] = (),
    instruments: Sequence[str] = (),
    source: str | None = None,
    why: Why = NO_WHY,
) -> Case:
    """Register a recommendation. Without a reference it gets the next one of its conference."""
    allow(desk, Case, "propose", "register recommendations")
    day = _effective(desk, why)
    held = _known(desk, Conference, conference, day)
    if ref is None:
        # Two proposals at once would find the same number free: the second one waits here.
        lock_head(desk.connection)
        ref = queries.next_ref(desk.connection, held)
    else:
        ref = code(ref, "the reference")
        taken = queries.case_ref(desk.connection, ref)
        if taken is not None:
            raise ConflictError(
                f"there is a case {taken} already",
                f"see casework show {taken}, or give another --ref",
            )
    changes = {
        "title": clean(title, "the title", TITLE_LIMIT),
        "title_vi": optional(title_vi, "the Vietnamese title", TITLE_LIMIT),
        "summary": optional(summary, "the summary"),
        "conference": held,
        "proposer": _known(desk, Organisation, proposer, day),
        "speaker": _known(desk, Person, speaker, day),
        "addressee": _known(desk, Organisation, addressee, day),
        "coordinating": _bodies(desk, coordinating, day),
        "due_words": optional(words, "the words of the deadline"),
        "theme": names(theme, "a theme"),
        "instruments": names(instruments, "an instrument"),
        "source": optional(source, "the source"),
        "state": State.PROPOSED,
        "state_since": day,
        "proposed_on": day,
        "reported": _label(why),
    }
    return _record(desk, desk.act("propose", (Case.kind, ref), changes, **_said(why, day)))


def edit(
    desk: Desk,
    ref: str,
    *,
    title: str | None = None,
    title_vi: str | None = None,
    summary: str | None = None,
    conference: str | None = None,
    proposer: str | None = None,
    speaker: str | None = None,
    addressee: str | None = None,
    words: str | None = None,
    theme: Sequence[str] = (),
    instruments: Sequence[str] = (),
    source: str | None = None,
    why: Why = NO_WHY,
) -> Case:
    """Correct what a recommendation says or whose it is; its state and dates stay."""
    case = _case(desk, "edit", ref, why)
    day = _effective(desk, why, case)
    given: dict[str, Any] = {
        "title": optional(title, "the title", TITLE_LIMIT),
        "title_vi": optional(title_vi, "the Vietnamese title", TITLE_LIMIT),
        "summary": optional(summary, "the summary"),
        "conference": _known(desk, Conference, conference, day),
        "proposer": _known(desk, Organisation, proposer, day),
        "speaker": _known(desk, Person, speaker, day),
        "addressee": _known(desk, Organisation, addressee, day),
        "due_words": optional(words, "the words of the deadline"),
        "theme": names(theme, "a theme") or None,
        "instruments": names(instruments, "an instrument") or None,
        "source": optional(source, "the source"),
    }
    changes = {name: value for name, value in given.items() if value is not None}
    act = desk.act("edit", case, changes, **_said(why, day))
    refuse_unchanged(act.changes, f"case {case.ref}")
    return _record(desk, act)


def assign(
    desk: Desk,
    ref: str,
    *,
    owner: str,
    due: date | Typed,
    coordinating: Sequence[str] = (),
    officer: str | None = None,
    basis: str = "set",
    why: Why = NO_WHY,
) -> Case:
    """Give a proposed case its owner and its due date, counted from the day this takes effect."""
    case = _case(desk, "assign", ref, why)
    day = _moved_on(desk, case, why)
    by = deadlines.settle(desk.connection, due, desk.today, day)
    if by.day < day:
        raise RefusedError(
            f"the due date {by.day} lies before {day}, the day the assignment takes effect",
            "give a later --due, or the --effective day of the assignment",
        )
    if case.due is not None and by.day > case.due and not why.reason:
        raise RefusedError(
            f"case {case.ref} is still due {case.due}; extending that to {by.day} needs a reason",
            "say why with --reason, or keep the due date",
        )
    org = lead(desk.connection, owner, day)
    bodies = _bodies(desk, coordinating, day)
    changes = {
        "owner": org.code,
        "officer": officers.named(desk.connection, officer, org.code, day),
        "coordinating": _without(tuple(dict.fromkeys((*case.coordinating, *bodies))), org.code),
        "assigned_on": day,
        **_deadline(case, by, basis),
    }
    return _move(desk, "assign", case, changes, day, why)


def advance(
    desk: Desk,
    ref: str,
    *,
    outcome: str | None = None,
    answer: str | None = None,
    why: Why = NO_WHY,
) -> Case:
    """Take the case's next step forward: from assigned to study, from study to its resolution.

    The next step of a case whose source calls it resolved and denies it is that somebody confirms.
    """
    case = queries.find_case(desk.connection, ref)
    if case.doubted and case.state is State.RESOLVED:
        return confirm(desk, ref, outcome=outcome, answer=answer, why=why)
    verb = FORWARD.get(case.state)
    if verb is None or verb == "assign":
        hint = (
            f"assign it first: casework assign {case.ref} --owner ORG --due DATE"
            if verb
            else f"to take it up again: casework reopen {case.ref} --reason TEXT"
        )
        raise RefusedError(f"case {case.ref} is {case.state.label}; it cannot advance", hint)
    if verb == "study":
        if outcome is not None or answer is not None:
            raise RefusedError(
                f"case {case.ref} is {case.state.label}; its next step is to be studied,"
                " which has no outcome yet",
                f"casework advance {case.ref} first, without --outcome and --answer",
            )
        return study(desk, ref, why=why)
    return resolve(desk, ref, outcome=outcome, answer=answer, why=why)


def study(desk: Desk, ref: str, *, why: Why = NO_WHY) -> Case:
    """Take an assigned case under study."""
    case = _case(desk, "study", ref, why)
    day = _moved_on(desk, case, why)
    return _move(desk, "study", case, {"study_on": day}, day, why)


def answer(desk: Desk, ref: str, *, outcome: str, answer: str, why: Why = NO_WHY) -> Case:
    """Note what the owner answered; the secretariat has yet to confirm it."""
    case = _case(desk, "answer", ref, why)
    day = _moved_on(desk, case, why)
    changes = {
        "outcome": Outcome(outcome),
        "answer": clean(answer, "the answer"),
        "document": optional(why.document, "the document") or case.document,
        "answered_by": desk.actor.code,
        "answered_on": day,
    }
    return _record(desk, desk.act("answer", case, changes | _told(why), **_said(why, day)))


def resolve(
    desk: Desk,
    ref: str,
    *,
    outcome: str | None = None,
    answer: str | None = None,
    why: Why = NO_WHY,
) -> Case:
    """Confirm the outcome: the one given, or the one the owner answered."""
    case = _case(desk, "resolve", ref, why)
    day = _moved_on(desk, case, why)
    given = _decision(case, outcome, answer, why)
    require(rule_for("resolve", case.state, case.ref), given)
    _refuse_unanswered(desk, case, given, day)
    return _move(desk, "resolve", case, given | _resolution(desk, day), day, why)


def confirm(
    desk: Desk,
    ref: str,
    *,
    outcome: str | None = None,
    answer: str | None = None,
    why: Why = NO_WHY,
) -> Case:
    """Answer for what a source calls resolved while its answer denies it, as it stands or mended.

    Raises RefusedError for a case that nobody doubts. Who does not confirm reopens the case.
    """
    case = _case(desk, "confirm", ref, why)
    given = _decision(case, outcome, answer, why)
    require(rule_for("confirm", case.state, case.ref), given)
    if not case.doubted:
        raise RefusedError(
            f"case {case.ref} was resolved by {case.resolved_by}; there is nothing to confirm",
            f"to change what was decided: casework correct {case.ref} --field outcome --to …",
        )
    changes = given | {"resolved_by": desk.actor.code, "reported": None}
    day = _moved_on(desk, case, why)
    return _record(desk, desk.act("confirm", case, changes, **_said(why, day)))


def _decision(case: Case, outcome: str | None, answer: str | None, why: Why) -> dict[str, Any]:
    """Return the outcome, answer and document that are given, else those the case has."""
    return {
        "outcome": Outcome(outcome) if outcome else case.outcome,
        "answer": clean(answer, "the answer") if answer is not None else case.answer,
        "document": optional(why.document, "the document") or case.document,
    }


def close(desk: Desk, ref: str, *, outcome: str, why: Why) -> Case:
    """End a case that was not studied: superseded, duplicate, transferred, and the like."""
    case = _case(desk, "close", ref, why)
    if outcome not in CLOSING_OUTCOMES:
        raise RefusedError(
            f"a case that was not studied cannot be closed as {outcome}",
            f"close it as {', '.join(CLOSING_OUTCOMES)}, or advance it",
        )
    require(rule_for("close", case.state, case.ref), {"outcome": outcome, "reason": why.reason})
    day = _moved_on(desk, case, why)
    changes = {
        "outcome": Outcome(outcome),
        "answer": clean(why.reason or "", "the reason"),
        "document": optional(why.document, "the document"),
        **_resolution(desk, day),
    }
    return _move(desk, "close", case, changes, day, why)


def send_back(desk: Desk, ref: str, *, why: Why) -> Case:
    """Return a case one step: to the secretariat without an owner, or to its owner."""
    case = _case(desk, "return", ref, why)
    require(rule_for("return", case.state, case.ref), {"reason": why.reason})
    day = _moved_on(desk, case, why)
    changes: dict[str, Any]
    if case.state is State.ASSIGNED:
        # The due date stays: returning a case does not undo what was promised.
        changes = {"owner": None, "officer": None, "assigned_on": None}
    else:
        changes = {"study_on": None, **_NO_ANSWER}
    return _move(desk, "return", case, changes, day, why)


def reopen(desk: Desk, ref: str, *, owner: str | None = None, why: Why) -> Case:
    """Take a resolved case under study again, with its owner and due date; keep the decision.

    A case that was closed before it had an owner needs one now.
    """
    case = _case(desk, "reopen", ref, why)
    require(rule_for("reopen", case.state, case.ref), {"reason": why.reason})
    day = _moved_on(desk, case, why)
    if case.owner is not None and owner is not None:
        raise RefusedError(
            f"case {case.ref} has its owner, {case.owner}, again",
            f"to give it another one: casework reassign {case.ref} --owner ORG --reason TEXT",
        )
    if case.owner is None and owner is None:
        raise RefusedError(
            f"case {case.ref} was closed before it had an owner; under study it must have one",
            "add --owner ORG",
        )
    changes: dict[str, Any] = {
        "study_on": day,
        "reopened": case.reopened + 1,
        "resolved_on": None,
        "resolved_by": None,
        **_NO_ANSWER,
    }
    if owner is not None:
        org = lead(desk.connection, owner, day).code
        others = _without(case.coordinating, org)
        changes |= {"owner": org, "assigned_on": day, "coordinating": others}
    return _move(desk, "reopen", case, changes | _first(case), day, why)


def put_back(desk: Desk, ref: str, *, why: Why) -> Case:
    """Put a case that was closed by mistake back to the state it was closed from.

    Its answer is again what it was then. That it was closed, and reopened, stays in the log.
    """
    known = queries.find_case(desk.connection, ref)
    ended = _ended(desk, known)
    if known.state is State.RESOLVED and ended is None:
        raise RefusedError(
            f"case {known.ref} came in resolved; it was never closed here",
            f"to take it up again: casework reopen {known.ref} --reason TEXT",
        )
    before = State(ended.changes["state"][0]) if ended else State.PROPOSED
    verb = BACK[before]
    case = _case(desk, verb, ref, why)
    require(rule_for(verb, case.state, case.ref), {"reason": why.reason})
    day = _moved_on(desk, case, why)
    changes: dict[str, Any] = {
        "reopened": case.reopened + 1,
        "resolved_on": None,
        "resolved_by": None,
        **_first(case),
    }
    for name in ("outcome", "answer", "document"):
        if ended is not None and name in ended.changes:
            changes[name] = typed(Case.kind, name, ended.changes[name][0])
    return _move(desk, verb, case, changes, day, why)


def _ended(desk: Desk, case: Case) -> Event | None:
    """Return the act that resolved a case, None where it was never anything else."""
    found = reversed(queries.history(desk.connection, case.ref))
    last = next((one for one in found if "state" in one.changes), None)
    return last if last is not None and last.changes["state"][0] in BACK else None


def _first(case: Case) -> dict[str, Any]:
    """Return what is kept of the first resolution of a case that is reopened."""
    if case.reopened:
        return {}
    return {
        "first_outcome": case.outcome,
        "first_answer": case.answer,
        "first_resolved_on": case.resolved_on,
    }


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
    case = _case(desk, "reassign", ref, why)
    require(rule_for("reassign", case.state, case.ref), {"owner": owner, "reason": why.reason})
    day = _moved_on(desk, case, why)
    org = lead(desk.connection, owner, day)
    bodies = tuple(dict.fromkeys((*case.coordinating, *_bodies(desk, coordinating, day))))
    handles = officers.named(desk.connection, officer, org.code, day)
    changes = {
        "owner": org.code,
        # An officer belongs to the owner: another owner has another one, or none yet.
        "officer": handles or (case.officer if org.code == case.owner else None),
        "coordinating": _without(bodies, org.code),
    }
    act = desk.act("reassign", case, changes | _told(why), **_said(why, day))
    if not {"owner", "officer"}.intersection(act.changes):
        raise RefusedError(f"{org.code} owns case {case.ref} already", "nothing was changed")
    return _record(desk, act)


def extend(desk: Desk, ref: str, *, due: date | Typed, basis: str = "set", why: Why) -> Case:
    """Move the due date on; a case that has none gets its first one. The original one is kept."""
    case = _case(desk, "extend", ref, why)
    require(rule_for("extend", case.state, case.ref), {"due": due, "reason": why.reason})
    _refuse_held(case, "extended")
    day = _moved_on(desk, case, why)
    by = deadlines.settle(desk.connection, due, desk.today, day)
    if case.due is not None and by.day <= case.due:
        raise RefusedError(
            f"case {case.ref} is due {case.due}; an extension must be later, not {by.day}",
            "give a later --due",
        )
    if by.day < day:
        raise RefusedError(
            f"the due date {by.day} lies before {day}, the day the extension takes effect",
            "give a later --due, or the --effective day of the extension",
        )
    changes = _deadline(case, by, basis) | _told(why)
    return _record(desk, desk.act("extend", case, changes, **_said(why, day)))


def hold(desk: Desk, ref: str, *, why: Why) -> Case:
    """Stop the clock of a case: from that day on it is not overdue, until it is resumed."""
    case = _case(desk, "hold", ref, why)
    require(rule_for("hold", case.state, case.ref), {"reason": why.reason})
    _refuse_held(case, "held again")
    day = _moved_on(desk, case, why)
    if case.due_from is not None and day < case.due_from:
        raise RefusedError(
            f"the deadline of case {case.ref} is counted from {case.due_from}; its clock did not"
            f" run on {day}",
            _later(desk, case, case.due_from, "assigned_on"),
        )
    act = desk.act("hold", case, {"held_since": day} | _told(why), **_said(why, day))
    return _record(desk, act)


def resume(desk: Desk, ref: str, *, why: Why = NO_WHY) -> Case:
    """Let the clock of a held case run again, and give back the days for which it stood.

    They are working days where the due date was counted in them, else calendar days.
    """
    case = _case(desk, "resume", ref, why)
    if case.held_since is None:
        raise RefusedError(f"case {case.ref} is not on hold", "nothing was changed")
    day = _moved_on(desk, case, why)
    if day < case.held_since:
        raise RefusedError(
            f"case {case.ref} is on hold since {case.held_since}; it cannot resume on {day}",
            _later(desk, case, case.held_since),
        )
    calendar = queries.working_calendar(desk.connection)
    changes = {
        "held_since": None,
        "holds": (*case.holds, (case.held_since.isoformat(), day.isoformat())),
        "due": deadlines.resumed(case, day, calendar),
    }
    return _record(desk, desk.act("resume", case, changes | _told(why), **_said(why, day)))


def note(desk: Desk, ref: str, words: str, *, why: Why = NO_WHY) -> Case:
    """Add a note. It changes nothing: a note is not progress."""
    case = _case(desk, "note", ref, why)
    said = _said(why, _effective(desk, why, case))
    return _record(desk, desk.act("note", case, {}, note=words, **said))


def coordinate(
    desk: Desk,
    ref: str,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    why: Why = NO_WHY,
) -> Case:
    """Add or remove coordinating organisations."""
    case = _case(desk, "coordinate", ref, why)
    day = _effective(desk, why, case)
    gone = set(_bodies(desk, remove, day))
    absent = gone.difference(case.coordinating)
    if absent:
        raise RefusedError(
            f"{', '.join(sorted(absent))} does not coordinate case {case.ref}",
            f"coordinating now: {', '.join(case.coordinating) or 'nobody'}",
        )
    bodies = _bodies(desk, add, day)
    if case.owner in bodies:
        raise RefusedError(f"{case.owner} owns case {case.ref}", "an owner does not coordinate")
    kept = tuple(org for org in dict.fromkeys((*case.coordinating, *bodies)) if org not in gone)
    act = desk.act("coordinate", case, {"coordinating": kept}, **_said(why, day))
    refuse_unchanged(act.changes, f"case {case.ref}")
    return _record(desk, act)


def link(
    desk: Desk, ref: str, other: str, *, relation: str, remove: bool = False, why: Why = NO_WHY
) -> Case:
    """Link a case to another one, or undo that."""
    case = _case(desk, "link", ref, why)
    earlier = queries.find_case(desk.connection, other)
    if earlier.ref == case.ref:
        raise RefusedError(f"case {case.ref} cannot be linked to itself", "give another case")
    pair = (relation, earlier.ref)
    if remove:
        links = tuple(kept for kept in case.links if kept != pair)
    else:
        if queries.leads_to(desk.connection, relation, earlier.ref, case.ref):
            raise RefusedError(
                f"{earlier.ref} {relation} {case.ref} already; the other way round is a circle",
                "link the later case to the earlier one",
            )
        links = tuple(dict.fromkeys((*case.links, pair)))
    said = _said(why, _effective(desk, why, case))
    act = desk.act("link", case, {"links": links}, **said)
    refuse_unchanged(act.changes, f"case {case.ref}")
    return _record(desk, act)


# --- what the verbs share --------------------------------------------------------------------

_NO_ANSWER: Mapping[str, None] = {
    "outcome": None,
    "answer": None,
    "document": None,
    "answered_by": None,
    "answered_on": None,
}


def _case(desk: Desk, verb: str, ref: str, why: Why) -> Case:
    return case_for(desk, verb, ref, why.if_version)


def _effective(desk: Desk, why: Why, case: Case | None = None) -> date:
    """Return the effective day of an act: not in the future, not before there was a case."""
    day = effective(desk, why.effective_on)
    if case is not None and day < case.proposed_on:
        raise RefusedError(
            f"case {case.ref} was proposed on {case.proposed_on}; nothing was done on it {day}",
            _later(desk, case, case.proposed_on, "proposed_on"),
        )
    return day


def _later(desk: Desk, case: Case, since: date, field: str | None = None) -> str:
    """Return the way out for an act on a day too early: a later one, or a correction.

    A day still to come was recorded while the machine's clock was ahead; one that is no field of a
    case must be waited for.
    """
    if since <= desk.today:
        return f"give --effective {since} or later"
    ahead = f"today is {desk.today}: the clock was ahead when that was recorded"
    if field is None:
        return f"{ahead}; it can be done from {since} on"
    return f"{ahead}; casework correct {case.ref} --field {field} --to DATE --reason TEXT"


def _moved_on(desk: Desk, case: Case, why: Why) -> date:
    """Return the effective day of an act that moves a case, never before its last move."""
    day = _effective(desk, why)
    if day < case.state_since:
        raise RefusedError(
            f"case {case.ref} has been {case.state.label} since {case.state_since};"
            f" nothing can move it on {day}",
            _later(desk, case, case.state_since, STEP_OF[case.state]),
        )
    if case.holds and day.isoformat() < case.holds[-1][1]:
        raise RefusedError(
            f"case {case.ref} was on hold until {case.holds[-1][1]}; nothing can move it on {day}",
            _later(desk, case, date.fromisoformat(case.holds[-1][1])),
        )
    return day


def _refuse_unanswered(desk: Desk, case: Case, given: Mapping[str, Any], day: date) -> None:
    """Refuse to resolve a case before it had an outcome and an answer; raises RefusedError.

    What the case has already is said by the act that gave it, from the day that took effect.
    """
    found = queries.history(desk.connection, case.ref)
    for name in ("outcome", "answer"):
        if given[name] != getattr(case, name):
            continue
        said = [(one.effective_on, one.changes[name][1]) for one in found if name in one.changes]
        if [value for on, value in said if on <= day.isoformat()][-1:] in ([], [None]):
            since = said[-1][0]
            raise RefusedError(
                f"the {name} of case {case.ref} was given on {since}; it had none on {day}",
                _later(desk, case, date.fromisoformat(since)),
            )


def _refuse_held(case: Case, what: str) -> None:
    """Refuse an act on a case whose clock stands; raises RefusedError."""
    if case.held_since is not None:
        raise RefusedError(
            f"case {case.ref} is on hold since {case.held_since}; it cannot be {what}",
            f"casework resume {case.ref} first",
        )


def _move(
    desk: Desk, verb: str, case: Case, changes: Mapping[str, Any], day: date, why: Why
) -> Case:
    _refuse_held(case, "moved")
    moved = {
        **changes,
        "state": target(verb, case.state, case.ref),
        "state_since": day,
        "reported": _label(why),
    }
    return _record(desk, desk.act(verb, case, moved, **_said(why, day)))


def _record(desk: Desk, act: Any) -> Case:
    done = four_eyes.record(desk, act)
    if not isinstance(done, Case):
        raise TypeError(done)
    return done


def _said(why: Why, day: date) -> dict[str, Any]:
    return {
        "effective_on": day,
        "reason": why.reason,
        "document": why.document,
        "reported": why.reported,
    }


def _told(why: Why) -> dict[str, Any]:
    """Return the label of an act that is told; one made here leaves the label as it is."""
    return {"reported": _label(why)} if why.reported else {}


def _label(why: Why) -> str | None:
    return str(why.reported["source"]) if why.reported else None


def _deadline(case: Case, by: Day, basis: str) -> dict[str, Any]:
    """Return the fields of a new due date; only a later one counts as an extension."""
    if basis not in {"stated", "derived", "set"}:
        raise UsageError(f"the basis is {basis}", "give stated, derived or set")
    later = case.due is not None and by.day > case.due
    return {
        "due": by.day,
        "original_due": case.original_due or by.day,
        "due_words": case.due_words or by.words,
        "due_basis": basis,
        "due_precision": by.precision,
        "due_rule": by.rule,
        "due_from": by.start,
        "extensions": case.extensions + (1 if later else 0),
    }


def _resolution(desk: Desk, day: date) -> dict[str, Any]:
    return {"resolved_on": day, "resolved_by": desk.actor.code}


def _known(desk: Desk, kind: type[Record], words: str | None, day: date) -> str | None:
    """Return the key of what words name on a day, None for none."""
    return None if words is None else queries.find(desk.connection, kind, words, day).key


def _bodies(desk: Desk, words: Sequence[str], day: date) -> tuple[str, ...]:
    found = (queries.find(desk.connection, Organisation, name, day).code for name in words)
    return tuple(dict.fromkeys(found))


def _without(codes: tuple[str, ...], code: str) -> tuple[str, ...]:
    return tuple(one for one in codes if one != code)
