"""What each verb changes of a case, or why it may not: decided on the case and plain values.

`decide` is what every verb asks, and needs no store. What the register knows beside the case (does
the owner exist, when does a count end) is looked up before, and given in. Whether any act may do
that is judged once, by the ledger (`lawful`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.errors import RefusedError, UsageError
from casework.kinds.choices import BASES, CLOSING_OUTCOMES, Outcome, State
from casework.kinds.records import iso
from casework.rules.changes import CLEARS
from casework.rules.correcting import corrected
from casework.rules.late_causes import caused
from casework.rules.lawful import MUST_CHANGE
from casework.rules.owning import refuse_officer, refuse_owner
from casework.rules.workflow import BACK, require, rule_for, target
from casework.words import Text, Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from casework.kinds.records import Case, Organisation
    from casework.rules.asked import Asked, Changes
    from casework.rules.dates import Day


def decide(case: Case, asked: Asked) -> Changes:
    """Return what an act changes of a case: only what becomes otherwise.

    Raises RefusedError for what the verb does not allow, UsageError for a value of no known form.
    """
    found = _cleared(case, asked) | DECIDED[asked.verb](case, asked)
    stood = vars(case)
    changes = {name: value for name, value in found.items() if value != stood[name]}
    if not changes and asked.verb in MUST_CHANGE:
        raise RefusedError("case.already-so", "hint.nothing-changed", ref=case.ref)
    return changes


def proposal(asked: Asked) -> Changes:
    """Return the values that a proposal gives a new case."""
    return {
        **asked.given.fields,
        "state": State.PROPOSED,
        "state_since": asked.day,
        "proposed_on": asked.day,
        "reported": asked.told,
    }


def _edit(_: Case, asked: Asked) -> Changes:
    return {name: value for name, value in asked.given.fields.items() if value is not None}


def _assign(case: Case, asked: Asked) -> Changes:
    by, owner = _due(asked), _owner(asked)
    if by.day < asked.day:
        raise RefusedError("assign.due-before", day=by.day, effective=asked.day)
    if case.due is not None and by.day > case.due and not asked.reason:
        raise RefusedError("assign.still-due", ref=case.ref, due=case.due, day=by.day)
    refuse_owner(owner, asked.day)
    return {
        "owner": owner.code,
        "officer": _officer(asked, owner.code),
        "coordinating": _joined(case, asked.given.add, owner.code),
        "assigned_on": asked.day,
        **_deadline(case, by, asked.given.basis),
        **caused(case, asked),
        **_moved(case, asked),
    }


def _study(case: Case, asked: Asked) -> Changes:
    return {"study_on": asked.day, **_moved(case, asked)}


def _answer(case: Case, asked: Asked) -> Changes:
    return {
        "outcome": Outcome(str(asked.given.outcome)),
        "answer": asked.given.answer,
        "document": asked.document or case.document,
        "answered_by": asked.actor,
        "answered_on": asked.day,
        **_label(asked),
    }


def _resolve(case: Case, asked: Asked) -> Changes:
    decision = _decision(case, asked)
    require(rule_for("resolve", case.state, case.ref), decision)
    return {**decision, **caused(case, asked), **_resolution(asked), **_moved(case, asked)}


def _confirm(case: Case, asked: Asked) -> Changes:
    decision = _decision(case, asked)
    require(rule_for("confirm", case.state, case.ref), decision)
    why = caused(case, asked)
    return {**decision, **why, "resolved_by": asked.actor, "reported": None}


def _decision(case: Case, asked: Asked) -> Changes:
    """Return the outcome, answer and document that are given, or else those of the case."""
    given = asked.given
    return {
        "outcome": Outcome(given.outcome) if given.outcome else case.outcome,
        "answer": given.answer if given.answer is not None else case.answer,
        "document": asked.document or case.document,
    }


def _close(case: Case, asked: Asked) -> Changes:
    outcome = asked.given.outcome
    if outcome not in CLOSING_OUTCOMES:
        raise RefusedError(
            "close.outcome", outcome=outcome, closing_outcomes=", ".join(CLOSING_OUTCOMES)
        )
    rule = rule_for("close", case.state, case.ref)
    require(rule, {"outcome": outcome, "reason": asked.reason})
    return {
        "outcome": Outcome(outcome),
        "answer": asked.reason,
        "document": asked.document,
        **caused(case, asked),
        **_resolution(asked),
        **_moved(case, asked),
    }


def _return(case: Case, asked: Asked) -> Changes:
    _reasoned(case, asked)
    return _moved(case, asked)


def _reopen(case: Case, asked: Asked) -> Changes:
    _reasoned(case, asked)
    owner = asked.given.owner
    if case.owner is not None and owner is not None:
        raise RefusedError("reopen.has-owner", ref=case.ref, owner=case.owner)
    if case.owner is None and owner is None:
        raise RefusedError("reopen.no-owner", ref=case.ref)
    changes = {
        "study_on": asked.day,
        **_taken_up(case),
        **_moved(case, asked),
    }
    if owner is not None:
        refuse_owner(owner, asked.day)
        others = _joined(case, (), owner.code)
        changes |= {"owner": owner.code, "assigned_on": asked.day, "coordinating": others}
    return changes


def _put_back(case: Case, asked: Asked) -> Changes:
    _reasoned(case, asked)
    ended = asked.given.ended or {}
    return {**ended, **_taken_up(case), **_moved(case, asked)}


def _taken_up(case: Case) -> Changes:
    """Return the changes to the resolution of a reopened case: the first one is kept."""
    first = {
        "first_outcome": case.outcome,
        "first_answer": case.answer,
        "first_resolved_on": case.resolved_on,
    }
    counted = {"reopened": case.reopened + 1, "resolved_on": None, "resolved_by": None}
    return counted if case.reopened else counted | first


def _reassign(case: Case, asked: Asked) -> Changes:
    owner = _owner(asked)
    rule = rule_for("reassign", case.state, case.ref)
    require(rule, {"owner": owner.code, "reason": asked.reason})
    refuse_owner(owner, asked.day)
    handles = _officer(asked, owner.code)
    # An officer belongs to the owner: another owner has another one, or none yet.
    officer = handles or (case.officer if owner.code == case.owner else None)
    if (owner.code, officer) == (case.owner, case.officer):
        raise RefusedError("reassign.same", "hint.nothing-changed", code=owner.code, ref=case.ref)
    coordinating = _joined(case, asked.given.add, owner.code)
    return {
        "owner": owner.code, "officer": officer, "coordinating": coordinating, **_label(asked),
    }  # fmt: skip


def _extend(case: Case, asked: Asked) -> Changes:
    by = _due(asked)
    require(rule_for("extend", case.state, case.ref), {"due": by.day, "reason": asked.reason})
    if case.due is not None and by.day <= case.due:
        raise RefusedError("extend.not-later", ref=case.ref, due=case.due, day=by.day)
    if by.day < asked.day:
        raise RefusedError("extend.due-before", day=by.day, effective=asked.day)
    changes = {**_deadline(case, by, asked.given.basis), **caused(case, asked), **_label(asked)}
    # Words of another conference would not tell that the deadline moves with this one.
    return changes | ({"due_words": by.words} if by.by_conference else {})


def _ask_time(case: Case, asked: Asked) -> Changes:
    by = _due(asked)
    _reasoned(case, asked)
    if case.due is not None and by.day <= case.due:
        raise RefusedError("extend.not-later", ref=case.ref, due=case.due, day=by.day)
    if by.day < asked.day:
        raise RefusedError("extend.due-before", day=by.day, effective=asked.day)
    return {"asked_due": by.day, "reply_by": asked.given.reply_by, **_label(asked)}


def _contest(case: Case, asked: Asked) -> Changes:
    _reasoned(case, asked)
    return {"contested_on": asked.day, **_label(asked)}


def _decided(case: Case, asked: Asked) -> Changes:
    _reasoned(case, asked)
    return _label(asked)


def _verdict(case: Case, asked: Asked) -> Changes:
    said = asked.given.verdict
    require(rule_for("verdict", case.state, case.ref), {"verdict": said})
    if said == case.verdict:
        raise RefusedError("verdict.same", "hint.nothing-changed", ref=case.ref, verdict=said)
    return {"verdict": said, "verdict_on": asked.day, **_label(asked)}


def _hold(case: Case, asked: Asked) -> Changes:
    _reasoned(case, asked)
    return {"held_since": asked.day, **_label(asked)}


def _resume(case: Case, asked: Asked) -> Changes:
    since = "" if case.held_since is None else iso(case.held_since)
    return {
        "held_since": None,
        "holds": (*case.holds, (since, iso(asked.day))),
        "due": case.due if asked.given.due is None else asked.given.due.day,
        **_label(asked),
    }


def _recompute(case: Case, asked: Asked) -> Changes:
    _reasoned(case, asked)
    return {"due": _due(asked).day}


def _note(_: Case, __: Asked) -> Changes:
    return {}


def _coordinate(case: Case, asked: Asked) -> Changes:
    gone, bodies = set(asked.given.remove), asked.given.add
    if absent := gone.difference(case.coordinating):
        raise RefusedError(
            "coordinate.not-one",
            listed=", ".join(sorted(absent)),
            ref=case.ref,
            now=", ".join(case.coordinating) or Text("naming.nobody"),
        )
    if case.owner in bodies:
        raise RefusedError("coordinate.owner", owner=case.owner, ref=case.ref)
    together = dict.fromkeys((*case.coordinating, *bodies))
    return {"coordinating": tuple(org for org in together if org not in gone)}


def _link(case: Case, asked: Asked) -> Changes:
    _, other = pair = asked.given.link or ("", "")
    if other == case.ref:
        raise RefusedError("link.itself", ref=case.ref)
    if asked.given.unlinks:
        return {"links": tuple(kept for kept in case.links if kept != pair)}
    return {"links": tuple(dict.fromkeys((*case.links, pair)))}


DECIDED: Mapping[str, Callable[[Case, Asked], Changes]] = {
    "edit": _edit,
    "assign": _assign,
    "study": _study,
    "answer": _answer,
    "resolve": _resolve,
    "confirm": _confirm,
    "close": _close,
    "return": _return,
    "reopen": _reopen,
    **dict.fromkeys(BACK.values(), _put_back),
    "reassign": _reassign,
    "extend": _extend,
    "ask-time": _ask_time,
    **dict.fromkeys(("refuse-time", "withdraw-time", "uphold"), _decided),
    "contest": _contest,
    "verdict": _verdict,
    "hold": _hold,
    "resume": _resume,
    "recompute": _recompute,
    "note": _note,
    "coordinate": _coordinate,
    "link": _link,
    "correct": corrected,
}
"""The function that decides each act on a case; a redaction decides nothing."""


# --- what the verbs share --------------------------------------------------------------------


def _moved(case: Case, asked: Asked) -> Changes:
    state = target(asked.verb, case.state, case.ref)
    return {"state": state, "state_since": asked.day, "reported": asked.told}


def _cleared(case: Case, asked: Asked) -> Changes:
    """Return the fields that an act clears, without those that it sets."""
    state = target(asked.verb, case.state, case.ref)
    return dict.fromkeys(CLEARS.get((asked.verb, state), ()))


def _label(asked: Asked) -> Changes:
    """Return the source of a reported act; an act done here leaves it unchanged."""
    return {"reported": asked.told} if asked.told is not None else {}


def _reasoned(case: Case, asked: Asked) -> None:
    require(rule_for(asked.verb, case.state, case.ref), {"reason": asked.reason})


def _due(asked: Asked) -> Day:
    if asked.given.due is None:
        raise RefusedError("case.needs-due", verb=Verb(asked.verb))
    return asked.given.due


def _owner(asked: Asked) -> Organisation:
    if asked.given.owner is None:
        raise RefusedError("case.needs-owner", verb=Verb(asked.verb))
    return asked.given.owner


def _officer(asked: Asked, owner: str) -> str | None:
    person = asked.given.officer
    if person is None:
        return None
    refuse_officer(person, owner, asked.given.parents)
    return person.code


def _joined(case: Case, bodies: Sequence[str], owner: str) -> tuple[str, ...]:
    """Return the coordinating organisations: the present and the added ones, without the owner."""
    together = dict.fromkeys((*case.coordinating, *bodies))
    return tuple(org for org in together if org != owner)


def _deadline(case: Case, by: Day, basis: str) -> Changes:
    """Return the fields of a new due date; only a later one counts as an extension."""
    if basis not in BASES:
        raise UsageError("basis.is", basis=basis, listed=", ".join(BASES[:-1]), last=BASES[-1])
    moved_on = case.due is not None and by.day > case.due
    return {
        "due": by.day,
        "original_due": case.original_due or by.day,
        "due_words": case.due_words or by.words,
        "due_basis": basis,
        "due_precision": by.precision,
        "due_rule": by.rule,
        "due_from": by.start,
        "extensions": case.extensions + (1 if moved_on else 0),
    }


def _resolution(asked: Asked) -> Changes:
    return {"resolved_on": asked.day, "resolved_by": asked.actor}
