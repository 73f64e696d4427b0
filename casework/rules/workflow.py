"""The rules: states, acts, who may do what, and what a case must have.

The two tables below are the whole of it. Anything that is not in them is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from casework.errors import NotAllowedError, RefusedError
from casework.kinds.case import Case
from casework.kinds.choices import STEPS, Outcome, Role, State
from casework.words import Both, Choice, Given, Text, Verb, Word

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from casework.kinds.directory import Person


class Party(StrEnum):
    """Who a person is towards one case; a rule names the parties that may act."""

    SECRETARIAT = "secretariat"
    OWNER = "owner"
    COORDINATING = "coordinating"
    PROPOSER = "proposer"
    ADMIN = "admin"


CLOSING_OUTCOMES = (
    Outcome.SUPERSEDED,
    Outcome.DUPLICATE,
    Outcome.TRANSFERRED,
    Outcome.WITHDRAWN,
    Outcome.NOT_ACCEPTED,
)
"""Outcomes of a case that is closed without having been studied."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: this verb, from this state, to that one, by these parties, with these fields."""

    verb: str
    source: State
    target: State
    who: tuple[Party, ...]
    needs: tuple[str, ...]


P, A, U, R = State.PROPOSED, State.ASSIGNED, State.UNDER_STUDY, State.RESOLVED
SECRETARIAT, OWNER = (Party.SECRETARIAT,), (Party.OWNER, Party.SECRETARIAT)
KEEPERS = (Party.SECRETARIAT, Party.ADMIN)
PARTIES = (Party.SECRETARIAT, Party.OWNER, Party.COORDINATING, Party.PROPOSER)

# fmt: off
TRANSITIONS = (
    #    verb       from  to  who may      the case must have
    Rule("assign",  P,    A,  SECRETARIAT, ("owner", "due")),
    Rule("study",   A,    U,  OWNER,       ()),
    Rule("resolve", U,    R,  SECRETARIAT, ("outcome", "answer")),
    Rule("return",  A,    P,  OWNER,       ("reason",)),
    Rule("return",  U,    A,  SECRETARIAT, ("reason",)),
    Rule("close",   P,    R,  SECRETARIAT, ("outcome", "reason")),
    Rule("close",   A,    R,  SECRETARIAT, ("outcome", "reason")),
    Rule("reopen",  R,    U,  SECRETARIAT, ("reason",)),
    # One that was closed by mistake goes back to where it was closed from:
    Rule("reopen as proposed", R, P, SECRETARIAT, ("reason",)),
    Rule("reopen as assigned", R, A, SECRETARIAT, ("reason",)),
    Rule("reopen as studied",  R, U, SECRETARIAT, ("reason",)),
)

BACK: Mapping[State, str] = {
    P: "reopen as proposed",
    A: "reopen as assigned",
    U: "reopen as studied",
}
"""By which verb a case that was closed by mistake goes back to the state it was closed from."""

REOPENS = ("reopen", *BACK.values())
"""The verbs that take up a resolved case again."""

OTHER_ACTS = (
    #    verb          in  stays  who may      the act must have
    Rule("edit",       P,  P,     SECRETARIAT, ()),
    Rule("edit",       A,  A,     SECRETARIAT, ()),
    Rule("edit",       U,  U,     SECRETARIAT, ()),
    Rule("edit",       R,  R,     SECRETARIAT, ()),
    Rule("reassign",   A,  A,     SECRETARIAT, ("owner", "reason")),
    Rule("reassign",   U,  U,     SECRETARIAT, ("owner", "reason")),
    Rule("extend",     A,  A,     SECRETARIAT, ("due", "reason")),
    Rule("extend",     U,  U,     SECRETARIAT, ("due", "reason")),
    Rule("ask-time",   A,  A,     OWNER,       ("reason",)),
    Rule("ask-time",   U,  U,     OWNER,       ("reason",)),
    Rule("refuse-time", A, A,     SECRETARIAT, ("reason",)),
    Rule("refuse-time", U, U,     SECRETARIAT, ("reason",)),
    Rule("withdraw-time", A, A,   OWNER,       ()),
    Rule("withdraw-time", U, U,   OWNER,       ()),
    Rule("contest",    A,  A,     OWNER,       ("reason",)),
    Rule("contest",    U,  U,     OWNER,       ("reason",)),
    Rule("uphold",     A,  A,     SECRETARIAT, ("reason",)),
    Rule("uphold",     U,  U,     SECRETARIAT, ("reason",)),
    Rule("hold",       A,  A,     SECRETARIAT, ("reason",)),
    Rule("hold",       U,  U,     SECRETARIAT, ("reason",)),
    Rule("resume",     A,  A,     SECRETARIAT, ()),
    Rule("resume",     U,  U,     SECRETARIAT, ()),
    Rule("recompute",  P,  P,     KEEPERS,     ("reason",)),
    Rule("recompute",  A,  A,     KEEPERS,     ("reason",)),
    Rule("recompute",  U,  U,     KEEPERS,     ("reason",)),
    Rule("answer",     U,  U,     OWNER,       ("outcome", "answer")),
    Rule("confirm",    R,  R,     SECRETARIAT, ("outcome", "answer")),
    Rule("coordinate", P,  P,     SECRETARIAT, ()),
    Rule("coordinate", A,  A,     SECRETARIAT, ()),
    Rule("coordinate", U,  U,     SECRETARIAT, ()),
    Rule("link",       P,  P,     SECRETARIAT, ()),
    Rule("link",       A,  A,     SECRETARIAT, ()),
    Rule("link",       U,  U,     SECRETARIAT, ()),
    Rule("link",       R,  R,     SECRETARIAT, ()),
    Rule("correct",    P,  P,     SECRETARIAT, ("reason",)),
    Rule("correct",    A,  A,     SECRETARIAT, ("reason",)),
    Rule("correct",    U,  U,     SECRETARIAT, ("reason",)),
    Rule("correct",    R,  R,     SECRETARIAT, ("reason",)),
    Rule("redact",     P,  P,     SECRETARIAT, ("reason",)),
    Rule("redact",     A,  A,     SECRETARIAT, ("reason",)),
    Rule("redact",     U,  U,     SECRETARIAT, ("reason",)),
    Rule("redact",     R,  R,     SECRETARIAT, ("reason",)),
    Rule("note",       P,  P,     PARTIES,     ("note",)),
    Rule("note",       A,  A,     PARTIES,     ("note",)),
    Rule("note",       U,  U,     PARTIES,     ("note",)),
    Rule("note",       R,  R,     PARTIES,     ("note",)),
)
# fmt: on

REGISTERING: Mapping[str, Mapping[str, tuple[Party, ...]]] = {
    "case": {"propose": SECRETARIAT},
    "intake": {"import": SECRETARIAT, "redact": KEEPERS},
    "digest": {"remind": KEEPERS, "redact": KEEPERS},
    "holiday": {"add": KEEPERS, "amend": KEEPERS, "remove": KEEPERS, "redact": KEEPERS},
    "cause": {"add": KEEPERS, "edit": KEEPERS, "retire": KEEPERS, "redact": KEEPERS},
    "office": {"add": KEEPERS, "edit": KEEPERS, "redact": KEEPERS},
    "organisation": {"add": KEEPERS, "edit": KEEPERS, "end": KEEPERS, "redact": KEEPERS},
    "person": {
        "add": KEEPERS,
        "edit": KEEPERS,
        "deactivate": KEEPERS,
        "redact": KEEPERS,
        "grant": KEEPERS,
        "revoke": KEEPERS,
    },
    "conference": {"add": KEEPERS, "move": KEEPERS, "redact": KEEPERS},
    "register": {
        "policy": KEEPERS,
        "redact": KEEPERS,
        "key": KEEPERS,
        "renew-key": KEEPERS,
        "loss": KEEPERS,
        "trial": KEEPERS,
        "witness": KEEPERS,
    },
    "request": {"ask": KEEPERS, "confirm": KEEPERS, "refuse": KEEPERS, "redact": KEEPERS},
}
"""Who may register new things, and change organisations, people and conferences, by verb."""


OF_REGISTER: Mapping[str, tuple[str, ...]] = {
    "policy": ("four_eyes", "next_working_day", "reply_days"),
    "redact": (),
    "key": ("signing_key",),
    "renew-key": ("signing_key",),
    "loss": ("origin", "origins", "signing_key"),
    "trial": ("origin", "origins", "signing_key", "notice"),
    "witness": ("witnesses",),
    "rules": ("rules",),
}
"""What an act on the register itself may change."""


def acts_on(kind: str) -> frozenset[str]:
    """Return the acts there are on a kind of record: what an event of it may say was done."""
    found = {*REGISTERING.get(kind, ()), *_BY_ITSELF.get(kind, ())}
    if kind == "case":
        found |= {rule.verb for rule in TRANSITIONS + OTHER_ACTS}
    return frozenset(found)


_BY_ITSELF: Mapping[str, tuple[str, ...]] = {
    "register": ("found", "rules"),
    "person": ("refused",),
}
"""Acts nobody has a right to: a register is founded once, a program enters the rules that acts are
judged by, and a server notes what it refused."""


class Gives(StrEnum):
    """What an act may set a field of its case to."""

    ANY = "any"
    NOTHING = "nothing"
    DAY = "day"
    """The day the act takes effect."""
    ACTOR = "actor"
    TARGET = "target"
    """The state its row leads to."""


def _any(*names: str) -> dict[str, Gives]:
    return dict.fromkeys(names, Gives.ANY)


def _nothing(*names: str) -> dict[str, Gives]:
    return dict.fromkeys(names, Gives.NOTHING)


_MOVED = {"state": Gives.TARGET, "state_since": Gives.DAY}
_SAID = tuple(one.name for one in Case.describing)
_PRIVATE = tuple(one.name for one in Case.fields if one.private)
_DEADLINE = (
    "due", "original_due", "due_words", "due_basis", "due_precision", "due_rule", "due_from",
    "extensions",
)  # fmt: skip
_ANSWER = ("outcome", "answer", "document")
_ANSWERED = ("answered_by", "answered_on")
_WHY_LATE = "late_cause"
_RESOLVED = {"resolved_on": Gives.DAY, "resolved_by": Gives.ACTOR}
_FIRST = ("first_outcome", "first_answer", "first_resolved_on")

_ASKED = ("asked_due", "reply_by")
_WAITING = (*_ASKED, "contested_on")

ENDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("extend", "refuse-time", "withdraw-time"), _ASKED),
    "uphold": ("contested_on",),
    **dict.fromkeys(("reassign", "resolve", "close"), _WAITING),
}
"""Which of what an owner waits for an act ends: an answer about more time, or whose the case is."""

CLEARS: Mapping[tuple[str, State], tuple[str, ...]] = {
    **{
        (rule.verb, rule.target): ENDS[rule.verb]
        for rule in (*TRANSITIONS, *OTHER_ACTS)
        if rule.verb in ENDS
    },
    # The due date stays: returning a case does not undo what was promised.
    ("return", P): ("owner", "officer", "assigned_on", *_WAITING),
    ("return", A): ("study_on", *_ANSWER, *_ANSWERED),
    ("reopen", U): (*_ANSWER, *_ANSWERED, "resolved_on", "resolved_by"),
}
"""Which fields an act, by the state it leaves, leaves without a value."""

CHANGES: Mapping[str, Mapping[str, Gives]] = {
    "propose": {
        **_any(*_SAID, *_DEADLINE, "coordinating", "holds", "links", "reported"),
        **_MOVED,
        "proposed_on": Gives.DAY,
    },
    "assign": {
        **_any(*_DEADLINE, "owner", "officer", "coordinating", _WHY_LATE),
        **_MOVED,
        "assigned_on": Gives.DAY,
    },
    "study": {**_MOVED, "study_on": Gives.DAY},
    **dict.fromkeys(
        ("resolve", "close"),
        _any(*_ANSWER, _WHY_LATE) | _nothing(*_WAITING) | _MOVED | _RESOLVED,
    ),
    "return": {
        **_nothing("owner", "officer", "assigned_on", "study_on", *_ANSWER, *_ANSWERED),
        **_nothing(*_WAITING),
        **_MOVED,
    },
    "confirm": {**_any(*_ANSWER, _WHY_LATE), "resolved_by": Gives.ACTOR},
    "reopen": {
        **_any("owner", "assigned_on", "coordinating", "reopened", *_FIRST),
        **_nothing("resolved_on", "resolved_by", *_ANSWER, *_ANSWERED),
        **_MOVED,
        "study_on": Gives.DAY,
    },
    **dict.fromkeys(
        BACK.values(),
        _any("reopened", *_FIRST, *_ANSWER, _WHY_LATE)
        | _nothing("resolved_on", "resolved_by")
        | _MOVED,
    ),
    "edit": _any(*_SAID),
    "reassign": _any("owner", "officer", "coordinating") | _nothing(*_WAITING),
    "extend": _any(*_DEADLINE, _WHY_LATE) | _nothing(*_ASKED),
    "ask-time": _any(*_ASKED),
    **dict.fromkeys(("refuse-time", "withdraw-time"), _nothing(*_ASKED)),
    "contest": {"contested_on": Gives.DAY},
    "uphold": _nothing("contested_on"),
    "hold": {"held_since": Gives.DAY},
    "resume": {**_any("holds", "due"), **_nothing("held_since")},
    "recompute": _any("due"),
    "answer": {**_any(*_ANSWER), "answered_by": Gives.ACTOR, "answered_on": Gives.DAY},
    "coordinate": _any("coordinating"),
    "link": _any("links"),
    "correct": {
        **_any(*_SAID, *_DEADLINE, *_ANSWER, *STEPS, "owner", "officer", "coordinating"),
        **_any("state_since", _WHY_LATE),
        **_nothing(*_ANSWERED),
        "resolved_by": Gives.ACTOR,
    },
    "redact": _any(*_PRIVATE),
    "note": {},
}
"""Which fields of a case an act may change, and to what; an act that is told, not made, to any
value. An act made here takes the label of the teller away where it moves the case."""

_ON_MOVES = ("state_since", "holds")

NOT_BEFORE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            *(rule.verb for rule in TRANSITIONS),
            *("answer", "confirm", "reassign", "extend", "ask-time", "contest"),
        ),
        _ON_MOVES,
    ),
    "hold": (*_ON_MOVES, "due_from"),
    "resume": (*_ON_MOVES, "held_since"),
    "uphold": (*_ON_MOVES, "contested_on"),
    **dict.fromkeys(("refuse-time", "withdraw-time"), _ON_MOVES),
    **dict.fromkeys(("edit", "coordinate", "link", "note"), ("proposed_on",)),
}
"""The days of a case before which an act on it cannot take effect: its last move, or its first.

Of its holds that is the day on which the last of them was over.
"""

RULES: Mapping[tuple[str, State], Rule] = {
    (rule.verb, rule.source): rule for rule in TRANSITIONS + OTHER_ACTS
}
ACTS = frozenset[str]().union(*map(acts_on, REGISTERING))
"""The names of all acts: the register is founded once, and a server notes what it refused."""

FORWARD: Mapping[State, str] = {P: "assign", A: "study", U: "resolve"}


def rule_for(verb: str, state: State, ref: str) -> Rule:
    """Return the row for a verb in a state; raises RefusedError naming what is possible."""
    found = RULES.get((verb, state))
    if found is None:
        raise RefusedError(
            "workflow.not-from-there",
            ref=ref,
            label=Word(state),
            verb=Verb(verb),
            listed=acts(state),
        )
    return found


def possible(state: State) -> list[str]:
    """Return the transitions a state allows, forward first."""
    return [rule.verb for rule in TRANSITIONS if rule.source == state]


def acts(state: State) -> list[Verb]:
    """Return the transitions a state allows as messages name them, forward first."""
    return [*map(Verb, possible(state))]


def target(verb: str, state: State, ref: str) -> State:
    """Return the state a verb leads to, as the state machine decides it."""
    rule = rule_for(verb, state, ref)
    if rule.source == rule.target:
        return state
    return _led(verb, state)


@cache
def _led(verb: str, state: State) -> State:
    # The machine sees nothing of a case but its state, so that one answer serves all cases.
    standing = _Standing(state)
    _machine().events[verb].trigger(standing)
    return standing.state


def parties(person: Person, case: Case | None = None) -> set[Party]:
    """Return what a person is towards a case, or towards the register as a whole."""
    found: set[Party] = set()
    match person.role:
        case Role.SECRETARIAT:
            found.add(Party.SECRETARIAT)
        case Role.ADMIN:
            found.add(Party.ADMIN)
        case Role.DESK if case is not None and person.org is not None:
            if person.org == case.owner:
                found.add(Party.OWNER)
            if person.org in case.coordinating:
                found.add(Party.COORDINATING)
            if person.org == case.proposer:
                found.add(Party.PROPOSER)
    return found


def permit(who: tuple[Party, ...], parties: Collection[Party], person: str, what: Text) -> None:
    """Refuse an actor who is none of the parties that may do this; raises NotAllowedError."""
    if not any(party in parties for party in who):
        able = Choice([Text(f"party.{party}") for party in who])
        raise NotAllowedError("workflow.may-not", person=person, what=what, who=able)


def may_case(verb: str, ref: str) -> Text:
    """Return what somebody may or may not do: an act on a case."""
    return Text("may.case", act=Verb(verb), ref=ref)


def require(rule: Rule, given: Mapping[str, object]) -> None:
    """Refuse an act that lacks what its row demands; raises RefusedError naming all of it."""
    missing = [name for name in rule.needs if given.get(name) in {None, ""}]
    if missing:
        fields = [*map(Given, missing)]
        raise RefusedError(
            "workflow.needs", verb=Verb(rule.verb), missing=Both(fields), asked=fields
        )


def is_overdue(state: str, due: date | None, day: date, held_since: date | None = None) -> bool:
    """Tell whether a case is overdue on a day: from 00:00 of the day after its due date.

    While it is on hold its clock stands, and it is not.
    """
    return due is not None and state != State.RESOLVED and held_since is None and due < day


class _Standing:
    """The part of a case the state machine sees."""

    def __init__(self, state: State) -> None:
        self.state = state


@cache
def _machine() -> Any:
    # No model, so that nothing is attached to a case; no automatic transitions, because
    # their to_<state>() methods would be a way round the table.
    from transitions import Machine

    machine = Machine(
        model=None, states=State, initial=State.PROPOSED, auto_transitions=False, send_event=True
    )
    for rule in TRANSITIONS:
        machine.add_transition(rule.verb, rule.source, rule.target)
    return machine
