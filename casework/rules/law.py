"""Check that the rules allowed an event, given everything the log held just before it.

`wrong` judges one event of any record. Verification calls it for every event of a log; the tables
are the same that verbs and servers use.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from casework.kinds.forms import LOSS
from casework.kinds.records import Case, Paper, Person, Register, Request, plain, shape
from casework.rules import deputies, guards, lawful, numbering, rights
from casework.rules.changes import CHANGES, OF_REGISTER, Gives
from casework.rules.earlier import EARLIER
from casework.rules.invariants import INVARIANTS
from casework.rules.lawful import Fault, Step
from casework.rules.rights import who_may
from casework.rules.said import ERASED, Erased
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
    if not _begins(said, known):
        yield from _of_actor(said, known)
    if said.kind in _OF_KIND:
        yield from _OF_KIND[said.kind](said, known)
    if said.redacts or said.verb == REDACT:
        yield from _of_erasure(said, known)
    if known.two_decide and not known.told:
        yield from _of_second(said, known)


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
    if known.breaks is not None:
        yield from known.breaks
        return
    names = fields(said.changes, said.label)
    step = Step(
        said.verb, before, after, names, said.day, said.actor, said.words, known.told,
        sound=known.sound,
    )  # fmt: skip
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
    if said.verb == LOSS and (
        after.origin == before.origin
        or after.origins[:-1] != before.origins
        or after.origins[-1][1] != before.origin
    ):
        yield _fault("origin")


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
        yield from _of_confirmation(said, before, known)


def _of_confirmation(said: Said, request: Request, known: Known) -> Iterator[Fault]:
    """Yield why the person who confirms a request is not a second person."""
    people = known.people()
    if request.eyes.isdisjoint(said.eyes):
        used = said.words.get("login")
        for one in people:
            held = one.login if one.code in request.eyes else None
            if held is not None and held == used and held is not ERASED and used is not ERASED:
                yield _fault("own-login", key=said.key, actor=one.code)
        return
    others = [one for one in people if _may_decide(one, request)]
    # A server counts hours, of which a day that begins or ends summer time has others.
    waited = 0 if said.recorded is None else (said.recorded - request.asked_on).days
    if others or not said.words.get("reason") or waited < guards.WAIT_DAYS - 1:
        yield _fault("own", key=said.key, actor=said.actor)


def _may_decide(person: Person, request: Request) -> bool:
    """Return whether somebody other than the requester could decide a request."""
    able = person.role in guards.DECIDES[request.subject_kind] and person.login is not None
    return able and person.ended_on is None and person.code not in request.eyes


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


def _of_second(said: Said, known: Known) -> Iterator[Fault]:
    """Yield why an act that needs a second person has none."""
    made = said.changes if said.made is None else said.made
    if not guards.needs_second(said.kind, said.before, made, erases=bool(said.redacts)):
        return
    request, confirmation = known.confirmed or (None, None)
    if request is None or not guards.is_for(request, said.verb, said.kind, said.key):
        yield _fault("second")
        return
    assert confirmation is not None  # noqa: S101 - for the type checker
    if (confirmation.actor, confirmation.deputy_of) != (said.actor, said.deputy_of):
        yield _fault("second")
    if isinstance(request.what, str) and not isinstance(request.what, Erased):
        yield from _otherwise(said, json.loads(request.what))


def _otherwise(said: Said, asked: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the differences between an act and its request."""
    gives = CHANGES[said.verb] if said.kind == Case.kind else {}
    done = {
        name: value if isinstance(value, Erased) else plain(value)
        for name, value in said.changes.items()
    }
    for name in sorted({*done, *asked["changes"]}):
        same = done.get(name, said) == asked["changes"].get(name, said)
        if not same and gives.get(name) is not Gives.ACTOR:
            yield _fault("otherwise", name, what=name)
    told = {
        "effective_on": said.day.isoformat(),
        "reason": said.words.get("reason"),
        "document": said.words.get("document"),
        "redacts": [list(place) for place in said.redacts],
    }
    for name, value in told.items():
        if value != asked[name]:
            yield _fault("otherwise", name, what=name)


def unfinished(request: Request, follows: tuple[str, str, str] | None) -> Fault | None:
    """Return what is wrong if a confirmation is not followed by what was requested."""
    if follows is not None and guards.is_for(request, *follows):
        return None
    return _fault("unfinished", key=request.key)


def imported_decided() -> Fault:
    """Return what is wrong if an import brings in a decision that needs two people."""
    return _fault("import-decided")


def unknown(rules: str) -> Fault:
    """Return what is wrong with rules that this program does not have."""
    return _fault("unknown", rules=rules)
