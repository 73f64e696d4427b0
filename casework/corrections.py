"""Amending what was recorded: corrections, which add to the log, and redactions, which erase.

Neither changes an event. A correction is one more act; a redaction takes values out of the
disclosures, so that their commitments stay and the log still verifies.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from casework import directory, queries
from casework.calendar import parse_date
from casework.errors import ConflictError, NotAllowedError, RefusedError, UsageError
from casework.ledger import Desk, load
from casework.records import (
    REDACTED,
    Case,
    Conference,
    Organisation,
    Person,
    Record,
    shape,
    typed,
)
from casework.text import TITLE_LIMIT, clean
from casework.workflow import BASES, Outcome, Party, State, permit, rule_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casework.audit.event import Event

WORDS = ("reason", "note", "login")

STEPS = ("proposed_on", "assigned_on", "study_on", "resolved_on")
STEP_OF = dict(zip(State, STEPS, strict=True))


def _choice(values: Any) -> Callable[[Desk, str], str]:
    def choose(_: Desk, words: str) -> str:
        if words not in tuple(values):
            raise UsageError(f"'{words}' is not one of {', '.join(values)}", "give one of them")
        return words

    return choose


def _known(kind: type[Record]) -> Callable[[Desk, str], str]:
    return lambda desk, words: queries.find(desk.connection, kind, words).key


def _text(limit: int) -> Callable[[Desk, str], str]:
    return lambda _, words: clean(words, "the value", limit)


def _day(_: Desk, words: str) -> date:
    return parse_date(words)


CORRECTABLE: Mapping[str, Callable[[Desk, str], Any]] = {
    "title": _text(TITLE_LIMIT),
    "title_vi": _text(TITLE_LIMIT),
    "summary": _text(100_000),
    "conference": _known(Conference),
    "proposer": _known(Organisation),
    "speaker": _known(Person),
    "addressee": _known(Organisation),
    "owner": _known(Organisation),
    "officer": _known(Person),
    "due": _day,
    "due_words": _text(TITLE_LIMIT),
    "due_basis": _choice(BASES),
    "outcome": _choice(Outcome),
    "answer": _text(100_000),
    "document": _text(TITLE_LIMIT),
    "proposed_on": _day,
    "assigned_on": _day,
    "study_on": _day,
    "resolved_on": _day,
    "source": _text(100_000),
}
NEVER_EMPTY = {"title", "proposer", "proposed_on"}


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
    field = {"with": "coordinating", "words": "due_words", "basis": "due_basis"}.get(field, field)
    if field not in CORRECTABLE:
        raise UsageError(f"{field} cannot be corrected", f"one of {', '.join(CORRECTABLE)} can")
    case = _case(desk, "correct", ref, if_version)
    if not to.strip() and field in NEVER_EMPTY:
        raise RefusedError(f"a case is never without {field}", "give a value")
    value = CORRECTABLE[field](desk, to) if to.strip() else None
    last = _last_change(queries.history(desk.connection, case.ref), field)
    day = effective_on or (date.fromisoformat(last.effective_on) if last else desk.today)
    if day > desk.today:
        raise RefusedError(f"{day} lies in the future", f"today is {desk.today}")
    changes = _consequences(case, field, value)
    _check(desk, case.changed(changes))
    act = desk.act(
        "correct",
        case,
        changes,
        effective_on=day,
        reason=reason,
        document=document,
    )
    directory.refuse_unchanged(act.changes, f"case {case.ref}")
    return _recorded(desk.record(act))


def _consequences(case: Case, field: str, value: Any) -> dict[str, Any]:
    """Return what changes with a field: what was derived from its wrong value."""
    changes = {field: value}
    if field == "due" and (case.extensions == 0 or value is None):
        changes["original_due"] = value
    if field == STEP_OF[case.state]:
        changes["state_since"] = value
    return changes


def _check(desk: Desk, case: Case) -> None:
    """Refuse a correction that leaves a case as no act would leave it; raises RefusedError."""
    steps = [(name, day) for name in STEPS if (day := getattr(case, name)) is not None]
    for (earlier, first), (later, second) in pairwise(steps):
        if second < first and not case.reopened:
            raise RefusedError(f"{later} {second} would lie before {earlier} {first}", "check both")
    if steps and steps[-1][1] > desk.today:
        raise RefusedError(f"{steps[-1][0]} would lie in the future", f"today is {desk.today}")
    if case.due is not None and case.due < (case.assigned_on or case.proposed_on):
        raise RefusedError(f"the due date {case.due} would lie before it was given", "check both")
    if case.due is not None and case.original_due is not None and case.due < case.original_due:
        raise RefusedError(
            f"the due date {case.due} would lie before the original one, {case.original_due}",
            "check both",
        )
    if STEP_OF[case.state] not in dict(steps):
        raise RefusedError(f"a case that is {case.state.label} has a date of it", "give a date")
    if case.state is State.RESOLVED and case.outcome is None:
        raise RefusedError("a resolved case has an outcome", "give one")
    if case.state in {State.ASSIGNED, State.UNDER_STUDY} and case.owner is None:
        raise RefusedError(f"a case that is {case.state.label} has an owner", "give one")
    if case.owner is not None:
        directory.lead(desk.connection, case.owner, case.assigned_on or case.proposed_on)


def redact(
    desk: Desk,
    ref: str,
    *,
    field: str,
    basis: str,
    consent: str,
    event: int | None = None,
) -> Case:
    """Erase a private text of a case, for a legal basis and with a second person's consent.

    `field` is a private field, erased from every event that has it and from the row; or one of
    reason, note and login, erased from the one event named. What is left says who erased what and
    why. Copies made before (backups, exports, bundles) are out of reach.
    """
    case = _case(desk, "redact", ref, None)
    second = _consenting(desk, consent)
    found = queries.history(desk.connection, case.ref)
    if field in WORDS:
        places = _one_event(found, field, event)
        changes: dict[str, Any] = {}
    else:
        if field not in shape(Case.kind).private:
            private = ", ".join(sorted(shape(Case.kind).private))
            raise UsageError(f"{field} is not a private field", f"one of {private}, or {WORDS}")
        places = _every_event(found, field)
        changes = {field: shape(Case.kind).withheld[field]}
    if not places:
        raise RefusedError(f"case {case.ref} has no {field} to redact", "see casework history")
    return _recorded(desk.record(_redaction(desk, case, changes, places, basis, second)))


def redact_person(desk: Desk, words: str, *, basis: str, consent: str) -> Person:
    """Erase a person's name and offices everywhere; the code stays, and acts keep their actor."""
    permit(
        (Party.SECRETARIAT, Party.ADMIN), directory.parties(desk.actor), desk.actor.code, "redact"
    )
    known = queries.find(desk.connection, Person, words)
    person = load(desk.connection, Person, known.key, lock=True)
    if person is None:
        raise ConflictError(f"person {known.code} is gone", "look again and repeat")
    second = _consenting(desk, consent)
    found = list(queries.events(desk.connection, queries.Search(kind=Person.kind, key=person.key)))
    fields = ("name", "name_vi", "login", "offices")
    places = [place for name in fields for place in _every_event(found, name)]
    changes = {name: typed(Person.kind, name, shape(Person.kind).withheld[name]) for name in fields}
    done = desk.record(_redaction(desk, person, changes, places, basis, second))
    if not isinstance(done, Person):
        raise TypeError(done)
    return done


def _redaction(
    desk: Desk,
    subject: Record,
    changes: Mapping[str, Any],
    places: list[tuple[int, str]],
    basis: str,
    second: Person,
) -> Any:
    return desk.act(
        "redact",
        subject,
        changes,
        reason=f"{clean(basis, 'the legal basis')} (consent: {second.code})",
        redacts=places,
    )


def _consenting(desk: Desk, words: str) -> Person:
    second = queries.find(desk.connection, Person, words)
    if second.code == desk.actor.code or second.ended_on is not None:
        raise NotAllowedError(
            f"{second.code} cannot consent: a redaction needs a second person, still acting",
            "name another one with --consent",
        )
    permit(
        (Party.SECRETARIAT, Party.ADMIN),
        directory.parties(second),
        second.code,
        "consent to a redaction",
    )
    return second


def _every_event(found: list[Event], field: str) -> list[tuple[int, str]]:
    places = []
    for event in found:
        for number, value in enumerate(event.changes.get(field, ())):
            if value not in (None, [], REDACTED):
                places.append((event.seq, f"{field}.{number}"))
    return places


def _one_event(found: list[Event], field: str, seq: int | None) -> list[tuple[int, str]]:
    if seq is None:
        raise UsageError(f"a {field} is redacted in one event", "name it with --event N")
    event = next((event for event in found if event.seq == seq), None)
    if event is None:
        raise UsageError(f"event {seq} is not one of this case", "see casework history")
    return [(seq, field)] if getattr(event, field) is not None else []


def _last_change(found: list[Event], field: str) -> Event | None:
    return next((event for event in reversed(found) if field in event.changes), None)


def _case(desk: Desk, verb: str, ref: str, if_version: int | None) -> Case:
    case = queries.find_case(desk.connection, ref, lock=True)
    if if_version is not None and if_version != case.version:
        raise ConflictError(
            f"case {case.ref} is at version {case.version}, not {if_version}",
            f"somebody changed it since; casework history {case.ref} shows what",
        )
    who = directory.parties(desk.actor, case)
    permit(rule_for(verb, case.state, case.ref).who, who, desk.actor.code, f"{verb} a case")
    return case


def _recorded(done: Record) -> Case:
    if not isinstance(done, Case):
        raise TypeError(done)
    return done
