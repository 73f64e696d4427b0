"""Check that the rules allowed an event, given everything the log held just before it.

`wrong` judges one event of any record. Verification calls it for every event of a log; the tables
are the same that verbs and servers use.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from casework.kinds.forms import LOSS, TRIAL
from casework.kinds.records import Case, Paper, Person, Register, Request, plain, shape
from casework.rules import (
    deputies,
    entrusting,
    guards,
    lawful,
    numbering,
    rights,
    seconding,
)
from casework.rules.amending import NAMES_OWN
from casework.rules.changes import OF_REGISTER
from casework.rules.earlier import EARLIER
from casework.rules.invariants import INVARIANTS
from casework.rules.lawful import Fault, Step
from casework.rules.rights import who_may
from casework.rules.workflow import REGISTERING, acts_on, parties
from casework.words import Kind, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from casework.kinds.choices import State
    from casework.rules.said import Known, Said
    from casework.rules.workflow import Party

MEANING = 2
"""Increase this number when the program interprets the same tables in a new way."""

FOUND, RULES, REFUSED, REDACT = "found", "rules", "refused", "redact"
CONFIRM, ASK = "confirm", "ask"


def table() -> dict[str, Any]:
    """Return the rules by which acts are judged, as JSON values, without their wording."""
    return {
        **rights.table(),
        "deputies": deputies.table(),
        "guards": guards.table(),
        "invariants": [
            [one.id, one.form, [*one.fields], [*one.states], [*one.values], one.told]
            for one in INVARIANTS
        ],
        "lawful": lawful.table(),
        "meaning": MEANING,
        "numbering": numbering.table(),
    }


@cache
def digest() -> str:
    """Return the SHA-256 of the rules, in hexadecimal, under which a log names them."""
    said = json.dumps(table(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(said.encode()).hexdigest()


def wrong(said: Said, known: Known) -> Fault | None:
    """Return the first rule that an event breaks; None if it was allowed.

    Only the rules that were in force just before it count.
    """
    faults = _faults(said, known)
    return next((one for one in faults if not is_later_rule(one, known.register)), None)


def is_later_rule(fault: Fault, register: Register | None) -> bool:
    """Tell whether a rule was not yet in force when a register stood so."""
    rules = None if register is None else register.rules
    return rules is not None and fault.id in EARLIER.get(rules, ())


def is_clear(
    step: Step,
    changes: Mapping[str, Any],
    recorded: date | None,
    person: Person | None,
    register: Register | None,
) -> bool:
    """Tell whether an act that is the next step of its case is seen at once to be allowed.

    It erases nothing and is done in one name; `changes`, `recorded`, `person` and `register` are
    as in `Said` and `Known`. False says nothing yet: `wrong` asks rule by rule.
    """
    if recorded is None or step.day > recorded or person is None or person.ended_on is not None:
        return False
    before = step.before
    who = _who_acts(step.verb, None if before is None else before.state, told=step.told)
    if who is None or parties(person, before).isdisjoint(who):
        return False
    if register is None or (
        register.four_eyes is not None
        and (step.told or guards.needs_second(Case.kind, before, changes))
    ):
        return False
    return lawful.fault(step) is None


@cache
def _who_acts(verb: str, state: State | None, *, told: bool) -> tuple[Party, ...] | None:
    """Return who may do an act on a case in a state; None for one that is none of cases."""
    if verb not in _acts(Case.kind):
        return None
    return REGISTERING["intake"]["import"] if told else who_may(verb, Case.kind, state)


def is_known(rules: str) -> bool:
    """Return whether this program knows the rules with a digest, present or earlier."""
    return rules == digest() or rules in EARLIER


_acts = cache(acts_on)


def _fault(rule: str, field: str | None = None, /, **values: Any) -> Fault:
    return Fault(f"law.{rule}", field, tuple(values.items()))


def _faults(said: Said, known: Known) -> Iterator[Fault]:
    if said.verb not in _acts(said.kind):
        yield _fault("act", act=said.verb, kind=Kind(said.kind))
    for name in said.strange:
        yield _fault("member", member=name)
    if said.recorded is None or said.day > said.recorded:
        yield _fault("future", day=said.day)
    yield from _of_form(said, known)
    if not _begins(said, known):
        yield from _of_actor(said, known)
    if said.kind in _OF_KIND:
        yield from _OF_KIND[said.kind](said, known)
    if said.redacts or said.verb == REDACT:
        yield from _of_erasure(said, known)
    if known.two_decide and not known.told:
        yield from seconding.of_second(said, known)


def _of_form(said: Said, known: Known) -> Iterator[Fault]:
    """Yield what an event says that no program writes that has these rules."""
    ruled = known.register is not None and known.register.rules is not None
    if ruled and said.format < NAMES_OWN:
        yield _fault("format", format=said.format)
    if ruled and said.words.get("login") is None:
        yield _fault("no-login")
    about = said.amends is not None or said.strikes is not None
    if about and (said.kind, said.verb) != (Case.kind, "correct"):
        yield _fault("amends-act", act=said.verb)
    if said.document_date is not None and (
        said.words.get("document") is None
        or said.recorded is None
        or said.document_date > said.recorded.isoformat()
    ):
        yield _fault("document-date", "document_date", day=said.document_date)


def _begins(said: Said, known: Known) -> bool:
    """Return whether an event founds the register or adds its first person."""
    if said.kind == Register.kind:
        return said.verb == FOUND and said.seq == 0
    first = said.kind == Person.kind and said.before is None and not known.people()
    return first and said.key == said.actor


def _of_actor(said: Said, known: Known) -> Iterator[Fault]:
    """Yield why the actor of an event could not do it."""
    person = known.person
    if person is None:
        yield _fault("nobody", actor=said.actor)
        return
    if said.deputy_of is not None and not _stands_in(said, person, known.away):
        yield _fault("stands-in", actor=said.actor, away=said.deputy_of)
        return
    if (said.kind, said.verb) in {(Register.kind, RULES), (Person.kind, REFUSED)}:
        return
    if person.ended_on is not None:
        yield _fault("left", actor=said.actor, ended_on=person.ended_on)
    # In both names it is done within the rights of the one away.
    person = known.away or person
    now = said.before if isinstance(said.before, Case | Person) else None
    of = known.on_day or now
    if known.told:
        who = REGISTERING["intake"]["import"]
    elif (found := who_may(said.verb, said.kind, getattr(of, "state", None))) is None:
        # What a case in a state allows is asked with all other rules of cases.
        return
    else:
        who = found
    both = (of,) if of is now else (of, now)
    if all(parties(person, one).isdisjoint(who) for one in both):
        yield _fault("may-not", actor=said.actor, who=[Word(one) for one in who])


def _stands_in(said: Said, person: Person, away: Person | None) -> bool:
    """Return whether the actor was the deputy of the person away on the day of recording.

    Nobody records an absence or a return in another person's name.
    """
    if away is None or said.recorded is None or said.verb in {deputies.AWAY, deputies.BACK}:
        return False
    return deputies.stands_in(person, away, said.recorded)


# --- what is asked of each kind of record ----------------------------------------------------


def _of_case(said: Said, known: Known) -> Iterator[Fault]:
    before, after = said.before, said.after
    if not isinstance(after, Case) or not (before is None or isinstance(before, Case)):
        raise TypeError(after)
    yield from entrusting.faults(said, known.left or after, known)
    if known.breaks is not None:
        yield from known.breaks
        if known.on_day is not None and known.left is not None and not known.told:
            yield from entrusting.late(said, known.on_day, known.left, known)
        return
    names = fields(said.changes, said.label)
    step = Step(
        said.verb, before, after, names, said.day, said.actor, said.words, known.told,
        sound=known.sound,
    )  # fmt: skip
    step = entrusting.of_cause(step, said, known)
    if (found := lawful.fault(step)) is not None:
        yield found


def fields(changes: Mapping[str, Any], label: str | None) -> tuple[str, ...]:
    """Return the fields that an act changes, but for the label that whoever is told of it sets."""
    if label is not None and changes.get("reported") == label:
        return (*(name for name in changes if name != "reported"),)
    return (*changes,)


def _of_register(said: Said, known: Known) -> Iterator[Fault]:
    before, after = known.register, said.after
    if not isinstance(after, Register):
        raise TypeError(after)
    if said.verb == FOUND:
        if said.seq:
            yield _fault("founded")
        return
    if before is None:
        yield _fault("unfounded")
        return
    for name in said.changes.keys() - {*OF_REGISTER[said.verb]}:
        yield _fault("register-field", name, act=said.verb, field=name)
    if said.verb == "key" and before.signing_key is not None:
        yield _fault("key")
    if said.verb in {LOSS, TRIAL} and (
        after.origin == before.origin
        or after.origins[:-1] != before.origins
        or after.origins[-1][1] != before.origin
        or (after.origins[-1][0] == TRIAL) != (said.verb == TRIAL)
    ):
        yield _fault("origin")
    if said.verb == RULES and not said.changes:
        yield _fault("no-rules")
    turned_on = before.four_eyes is None and after.four_eyes is not None
    if turned_on and len(_deciding(known)) < guards.TWO:
        yield _fault("two")


def _deciding(known: Known) -> set[str | None]:
    """Return the logins of those who may decide on cases."""
    return {one.login for one in known.people() if guards.may_decide(one, Case.kind)}


def _of_person(said: Said, known: Known) -> Iterator[Fault]:
    if said.verb == REFUSED and (said.key != said.actor or said.changes):
        yield _fault("refused")
    if known.person is not None and said.key in said.eyes and "role" in said.changes:
        yield _fault("own-role", actor=said.actor)
    if isinstance(said.after, Person) and not deputies.is_said(
        said.verb, said.after, said.changes, known.people
    ):
        yield _fault("absence", key=said.key)


def _of_paper(said: Said, known: Known) -> Iterator[Fault]:
    before, after = said.before, said.after
    if not isinstance(after, Paper) or not (before is None or isinstance(before, Paper)):
        raise TypeError(after)
    if not numbering.is_said(said.verb, before, after, said.changes, said.day, known.numbers):
        yield _fault("number", number=after.full_number, year=after.issued_on.year)


def _of_request(said: Said, known: Known) -> Iterator[Fault]:
    """Yield what is wrong in an event on a request."""
    before, after = said.before, said.after
    if not isinstance(after, Request) or not (before is None or isinstance(before, Request)):
        raise TypeError(after)
    if said.verb == REDACT:
        subject = None if before is None else (before.subject_kind, before.subject)
        if (
            before is None
            or before.decided is None
            or (known.two_decide and known.follows != subject)
        ):
            yield _fault("forgotten", key=said.key)
        return
    if said.verb == ASK:
        asks = before is None and after.decided is None
        who = (after.asked_by, after.asked_for, after.asked_on)
        if not asks or who != (said.actor, said.deputy_of, said.day):
            yield _fault("asks", key=said.key)
        return
    if before is None or before.decided is not None:
        yield _fault("decided", key=said.key)
        return
    decided = {CONFIRM: "confirmed"}.get(said.verb, "refused")
    if (after.decided, after.decided_by, after.decided_on) != (decided, said.actor, said.day) or (
        said.changes.keys() - {"decided", "decided_by", "decided_on"}
    ):
        yield _fault("decides", key=said.key)
    if said.verb == CONFIRM:
        yield from seconding.of_confirmation(said, before, known)


_OF_KIND: Mapping[str, Callable[[Said, Known], Iterator[Fault]]] = {
    Case.kind: _of_case,
    Paper.kind: _of_paper,
    Person.kind: _of_person,
    Register.kind: _of_register,
    Request.kind: _of_request,
}


# --- erasing, and deciding together ----------------------------------------------------------


def _of_erasure(said: Said, known: Known) -> Iterator[Fault]:
    if said.redacts and said.verb != REDACT:
        yield _fault("erases", act=said.verb)
    if said.verb == REDACT and not known.told:
        withheld = shape(said.kind).withheld
        for name, value in said.changes.items():
            if name not in withheld or plain(value) != withheld[name]:
                yield _fault("sets", name, field=name)
        if said.redacts and not said.words.get("reason"):
            yield _fault("basis")
    for seq, path in said.redacts:
        if known.erasable.get(seq, REDACT) == REDACT:
            yield _fault("erases-other", seq=seq, path=path, kind=Kind(said.kind), key=said.key)


def imported_decided() -> Fault:
    """Return what is wrong if an import brings in a decision that needs two people."""
    return _fault("import-decided")


def unknown(rules: str) -> Fault:
    """Return what is wrong with rules that this program does not have."""
    return _fault("unknown", rules=rules)
