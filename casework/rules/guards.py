"""What needs a second person if the register asks for one, decided by what changes.

The verb does not matter: the same table covers every command, correction or program that changes a
decision. A server gets it as data, with the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.kinds.choices import State
from casework.kinds.forms import TRIAL
from casework.kinds.records import KINDS, Case, Person, Register, Request, shape
from casework.rules.deputies import ABSENCE
from casework.rules.workflow import KEEPERS, SECRETARIAT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.kinds.records import Record

WAIT_DAYS = 30
"""The days after which the requester may carry out a request that nobody else could confirm."""

DECIDES: Mapping[str, tuple[str, ...]] = {
    kind: tuple(map(str, SECRETARIAT if kind == Case.kind else KEEPERS))
    for kind in KINDS
    if kind != Request.kind
}
"""The roles that may decide, and so confirm, requests on a kind of record."""

TWO = 2
"""The number of people with logins of their own whom a decision for two needs."""


def may_decide(person: Person, kind: str) -> bool:
    """Tell whether a person, with a login of their own, may decide requests on a kind of record."""
    able = person.role in DECIDES[kind] and person.login is not None
    return able and person.ended_on is None


# What the proposer says of a resolution is no decision of the office's.
_DATES = (*sorted(shape(Case.kind).dates - {"verdict_on"}), "holds")
_SAID = (
    "outcome",
    "answer",
    "document",
    "response",
    "owner",
    "resolved_by",
    "answered_by",
    "late_cause",
)

ALWAYS = ("secrecy",)
"""The fields of a case that need two people in any state, except when the case is proposed."""

SETTLED = (*ALWAYS, *_SAID, "first_outcome", "first_answer", *_DATES)
"""The fields that make up the decision on a resolved case."""

KEPT = (
    *ALWAYS,
    *("owner", "due", "original_due", "proposed_on", "assigned_on", "resolved_on"),
    *("first_outcome", "first_answer", "first_resolved_on"),
)
"""The fields that stay decided in a reopened case.

Its new outcome and answer are only a decision when they are confirmed, which again needs two
people.
"""

MAY_DECIDE = ("role", "login", "ended_on")
"""The fields of a person with such a role that make them able to decide, or no longer."""


def table() -> dict[str, Any]:
    """Return what a server is told."""
    return {
        "resolved": str(State.RESOLVED),
        "settled": list(SETTLED),
        "kept": list(KEPT),
        "always": list(ALWAYS),
        "may_decide": list(MAY_DECIDE),
        "absence": list(ABSENCE),
        "decides": {kind: list(roles) for kind, roles in DECIDES.items()},
        "wait_days": WAIT_DAYS,
    }


def needs_second(
    kind: str, before: Record | None, changes: Mapping[str, Any], *, erases: bool = False
) -> bool:
    """Return whether a change of a record, or a new record, must be decided by two people.

    Every erasure must be, because it is permanent. A request counts like the record it is about.
    """
    return (erases and kind != Request.kind) or _is_decision(kind, before, changes)


def _is_decision(kind: str, before: Record | None, changes: Mapping[str, Any]) -> bool:
    match before:
        case Register():
            # Which key signs is an act that everybody sees, a new program brings its rules, and a
            # copy for trial decides nothing.
            own = changes.keys() in ({"signing_key"}, {"rules"})
            return not own and not _is_trial(changes)
        case Case() if before.state is State.RESOLVED:
            return "state" in changes or not changes.keys().isdisjoint(SETTLED)
        case Case():
            kept = KEPT if before.reopened else ALWAYS
            return not changes.keys().isdisjoint(kept) or changes.get("state") == State.RESOLVED
        case Person() | None if kind == Person.kind:
            return _decides(before, changes)
        case None:
            return kind == Case.kind and changes.get("state") == State.RESOLVED
        case _:
            return False


def _is_trial(changes: Mapping[str, Any]) -> bool:
    """Return whether a change makes a trial copy of a register."""
    return [one[0] for one in changes.get("origins", ())[-1:]] == [TRIAL]


def _decides(before: Person | None, changes: Mapping[str, Any]) -> bool:
    """Return whether a change of a person changes who may decide."""
    role = before.role if before is not None else None
    roles: set[Any] = {role, changes.get("role", role)}
    named = roles & {*DECIDES[Person.kind]}
    # While there is a deputy, who it is and for how long changes who may decide.
    deputy = changes.get("deputy", before.deputy if before is not None else None)
    told = MAY_DECIDE if deputy is None else (*MAY_DECIDE, *ABSENCE)
    return bool(named) and not changes.keys().isdisjoint(told)


def is_for(request: Request, verb: str, kind: str, key: str) -> bool:
    """Return whether a request is about an act on a record."""
    return (request.verb, request.subject_kind, request.subject) == (verb, kind, key)
