"""Reminders: who is reminded of which case, once per level and due date."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from casework.acts.actors import allow
from casework.kinds.records import Digest
from casework.questions import addressees, lookup
from casework.rules.lateness import is_overdue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from casework.kinds.listed import Listed
    from casework.kinds.records import Case
    from casework.ledger.ledger import Desk
    from casework.questions.addressees import Addressee
    from casework.store.connections import Connection


class Level(StrEnum):
    """How urgent a reminder is, the most urgent first."""

    VERY_OVERDUE = "very-overdue"
    OVERDUE = "overdue"
    DUE_SOON = "due-soon"
    NO_OWNER = "no-owner"


@dataclass(frozen=True, slots=True)
class Letter:
    """A reminder to one recipient: the open cases of an owner, or those without an owner.

    `to` has the owner's people and mailbox, or the secretariat if the owner has none or no longer
    exists; it is empty if there is nobody to write to. `ended` says that the owner no longer
    exists, `heir` is its successor, if known: code and names. `waiting` has the cases for which the
    owner has requested more time, or which it contests.
    """

    owner: str | None
    name: str
    name_vi: str | None
    to: tuple[Addressee, ...]
    cases: tuple[tuple[Level, Listed], ...]
    ended: bool = False
    heir: tuple[str, str, str | None] | None = None
    waiting: Mapping[str, Case] = field(default_factory=dict)


def level(case: Listed, day: date, soon: int, very: int) -> Level | None:
    """Return the reminder level of an open case on a day; None if no reminder is due.

    A case is due soon from `soon` days before its due date on, and very overdue when more than
    `very` days have passed since. There is no reminder of the date of a case on hold.
    """
    if case.due is not None and is_overdue(case.state, case.due, day, case.held_since):
        late = (day - case.due).days
        return Level.VERY_OVERDUE if late > very else Level.OVERDUE
    if case.owner is None:
        return Level.NO_OWNER
    if case.held_since is None and case.due is not None and (case.due - day).days <= soon:
        return Level.DUE_SOON
    return None


def letters(connection: Connection, day: date, *, soon: int, very: int) -> list[Letter]:
    """Return the reminders due on a day that were not sent before, one letter for each owner.

    If a case has a new owner, the reminder is sent again to that owner.
    """
    told = addressees.reminded(connection)
    found: dict[str | None, list[tuple[Level, Listed]]] = {}
    for case in addressees.to_remind(connection, day + timedelta(soon)):
        urgency = level(case, day, soon, very)
        said = (case.ref, urgency, due_key(case), case.owner or "")
        if urgency is not None and said not in told:
            found.setdefault(case.owner, []).append((urgency, case))
    letter = _writer(connection, day)
    owners = sorted(found, key=lambda owner: (owner is None, owner))
    return [letter(owner, found[owner]) for owner in owners]


def _writer(
    connection: Connection, day: date
) -> Callable[[str | None, list[tuple[Level, Listed]]], Letter]:
    """Return the function that makes the letter of an owner, or of no owner, from its cases."""
    offices, names = addressees.addressees(connection, day), lookup.names(connection)
    waiting = addressees.waiting(connection)
    ended, heirs = set(lookup.ended_organisations(connection, day)), lookup.heirs(connection)
    urgencies = list(Level)

    def letter(owner: str | None, cases: list[tuple[Level, Listed]]) -> Letter:
        code, gone = owner or "", owner in ended
        heir = heirs.get(code) if gone else None
        return Letter(
            owner,
            *names.get(code, (code, None)),
            to=(() if gone else offices.of.get(code, ())) or offices.secretariat,
            cases=tuple(sorted(cases, key=lambda one: urgencies.index(one[0]))),
            ended=gone,
            heir=(heir, *names.get(heir, (heir, None))) if heir else None,
            waiting={one.ref: waiting[one.ref] for _, one in cases if one.ref in waiting},
        )

    return letter


def due_key(case: Listed) -> str:
    """Return the due date of a reminder as the register keeps it; empty if the case has none."""
    return case.due.isoformat() if case.due else ""


def record(desk: Desk, letter: Letter) -> Digest:
    """Record that a letter goes out, so that the same reminder is not sent twice.

    Raises ConflictError if somebody else has sent a reminder of one of its cases meanwhile.
    """
    allow(desk, Digest, "remind")
    said = {
        "owner": letter.owner,
        "sent_on": desk.today,
        "recipients": tuple(one.code for one in letter.to),
        "cases": tuple((case.ref, str(urgency), due_key(case)) for urgency, case in letter.cases),
    }
    made = desk.record(desk.act("remind", (Digest.kind, secrets.token_hex(8)), said))
    assert isinstance(made, Digest)  # noqa: S101 - for the type checker
    return made
