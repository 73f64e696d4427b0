"""The rules: states, acts, who may do what, and what a case must have.

These are the two tables below; what an act may change is in `changes`. Anything that is not in the
tables is refused.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import NotAllowedError, RefusedError
from casework.kinds.choices import Role, State
from casework.kinds.directory import Person
from casework.words import Both, Choice, Given, Text, Verb, Word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from casework.kinds.case import Case


class Party(StrEnum):
    """The part of a person in a case; a rule names the parties that may act."""

    SECRETARIAT = "secretariat"
    OWNER = "owner"
    COORDINATING = "coordinating"
    PROPOSER = "proposer"
    ADMIN = "admin"
    SELF = "self"
    """For a record of a person: that person."""


class Rule(NamedTuple):
    """One row: a verb, its source and target states, its parties, and the fields it needs."""

    verb: str
    source: State
    target: State
    who: tuple[Party, ...]
    needs: tuple[str, ...]


P, A, U, R = State.PROPOSED, State.ASSIGNED, State.UNDER_STUDY, State.RESOLVED
SECRETARIAT, OWNER = (Party.SECRETARIAT,), (Party.OWNER, Party.SECRETARIAT)
KEEPERS = (Party.SECRETARIAT, Party.ADMIN)
PROPOSER = (Party.PROPOSER, Party.SECRETARIAT)
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
"""The verb that puts a case closed by mistake back to the state it was closed from."""

REOPENS = ("reopen", *BACK.values())
"""The verbs that reopen a resolved case."""

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
    Rule("verdict",    R,  R,     PROPOSER,    ("verdict",)),
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
    "digest": {"remind": KEEPERS, "notify": KEEPERS, "reply": KEEPERS, "redact": KEEPERS},
    "holiday": {"add": KEEPERS, "amend": KEEPERS, "remove": KEEPERS, "redact": KEEPERS},
    "cause": {"add": KEEPERS, "edit": KEEPERS, "retire": KEEPERS, "redact": KEEPERS},
    "office": {"add": KEEPERS, "edit": KEEPERS, "redact": KEEPERS},
    "paper": {"issue": SECRETARIAT, "withdraw": SECRETARIAT, "redact": KEEPERS},
    "view": {"add": KEEPERS, "edit": KEEPERS, "retire": KEEPERS, "redact": KEEPERS},
    "template": {"add": KEEPERS, "edit": KEEPERS, "retire": KEEPERS, "redact": KEEPERS},
    "organisation": {"add": KEEPERS, "edit": KEEPERS, "end": KEEPERS, "redact": KEEPERS},
    "person": {
        "add": KEEPERS,
        "edit": KEEPERS,
        "deactivate": KEEPERS,
        "redact": KEEPERS,
        "grant": KEEPERS,
        "revoke": KEEPERS,
        "away": (*KEEPERS, Party.SELF),
        "back": (*KEEPERS, Party.SELF),
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
"""Who may do the acts on records other than cases, by kind and verb."""


def acts_on(kind: str) -> frozenset[str]:
    """Return the acts on a kind of record: the acts that its events may name."""
    found = {*REGISTERING.get(kind, ()), *_BY_ITSELF.get(kind, ())}
    if kind == "case":
        found |= {rule.verb for rule in TRANSITIONS + OTHER_ACTS}
    return frozenset(found)


_BY_ITSELF: Mapping[str, tuple[str, ...]] = {
    "register": ("found", "rules"),
    "person": ("refused",),
}
"""Acts that nobody has a right to.

They are founding a register, recording the rules by which acts are judged, and a server's record of
a refusal.
"""


RULES: Mapping[tuple[str, State], Rule] = {
    (rule.verb, rule.source): rule for rule in TRANSITIONS + OTHER_ACTS
}
ACTS = frozenset[str]().union(*map(acts_on, REGISTERING))
"""The names of all acts, including founding and a server's record of a refusal."""

FORWARD: Mapping[State, str] = {P: "assign", A: "study", U: "resolve"}


def rule_for(verb: str, state: State, ref: str) -> Rule:
    """Return the row for a verb in a state; raises RefusedError, which names what is possible."""
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
    """Return the state that a verb leads to, by the state machine."""
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


def parties(person: Person, of: Case | Person | None = None) -> frozenset[Party]:
    """Return the parties a person has towards a case, a person, or the whole register."""
    found = _TOWARDS_ALL.get(person.role, _NOBODY)
    if isinstance(of, Person):
        # Who inspects, or is only named, records nothing of themselves either.
        own = of.code == person.code and person.role in {*Role} - {Role.INSPECTOR}
        return found | {Party.SELF} if own else found
    if of is not None and person.role is Role.DESK and person.org is not None:
        return found.union(_towards(person.org, of))
    return found


def _towards(org: str, of: Case) -> Iterator[Party]:
    if org == of.owner:
        yield Party.OWNER
    if org in of.coordinating:
        yield Party.COORDINATING
    if org == of.proposer:
        yield Party.PROPOSER


_NOBODY: frozenset[Party] = frozenset()
_TOWARDS_ALL: Mapping[Role | None, frozenset[Party]] = {
    Role.SECRETARIAT: frozenset((Party.SECRETARIAT,)),
    Role.ADMIN: frozenset((Party.ADMIN,)),
}
"""The party that somebody with a role is towards every record."""


def permit(who: tuple[Party, ...], parties: Collection[Party], person: str, what: Text) -> None:
    """Raise NotAllowedError if the actor is not one of the parties that may do this."""
    if not any(party in parties for party in who):
        able = Choice([Text(f"party.{party}") for party in who])
        raise NotAllowedError("workflow.may-not", person=person, what=what, who=able)


def may_case(verb: str, ref: str) -> Text:
    """Return in words what somebody may or may not do: an act on a case."""
    return Text("may.case", act=Verb(verb), ref=ref)


def require(rule: Rule, given: Mapping[str, object]) -> None:
    """Raise RefusedError, naming every missing field, if an act lacks what its row requires."""
    missing = [name for name in rule.needs if given.get(name) in {None, ""}]
    if missing:
        fields = [*map(Given, missing)]
        raise RefusedError(
            "workflow.needs", verb=Verb(rule.verb), missing=Both(fields), asked=fields
        )


class _Standing:
    """The part of a case that the state machine sees."""

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
