"""Reminders: who is to be told of which case, each level once for each due date."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from casework import queries
from casework.directory import allow
from casework.records import Digest
from casework.workflow import is_overdue

if TYPE_CHECKING:
    from datetime import date

    from casework.connections import Connection
    from casework.ledger import Desk
    from casework.queries import Addressee, Listed


class Level(StrEnum):
    """How urgent a reminder is, the most urgent first."""

    VERY_OVERDUE = "very-overdue"
    OVERDUE = "overdue"
    DUE_SOON = "due-soon"
    NO_OWNER = "no-owner"


@dataclass(frozen=True, slots=True)
class Letter:
    """What one recipient is to be told: the open cases of an owner, or those nobody owns.

    `to` is the owner's people and mailbox, or the secretariat where the owner has none; it is
    empty when there is nobody to write to at all.
    """

    owner: str | None
    name: str
    name_vi: str | None
    to: tuple[Addressee, ...]
    cases: tuple[tuple[Level, Listed], ...]


def level(case: Listed, day: date, soon: int, very: int) -> Level | None:
    """Return what is to be said of an open case on a day; None when it needs no word.

    It is due soon from `soon` days before its due date, and very overdue when more than `very` days
    have passed since. Of the date of a case on hold nothing is said.
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
    """Return what is to be said on a day and was not said before, a letter for each owner."""
    told = queries.reminded(connection)
    found: dict[str | None, list[tuple[Level, Listed]]] = {}
    for case in queries.to_remind(connection, day + timedelta(soon)):
        urgency = level(case, day, soon, very)
        if urgency is not None and (case.ref, urgency, due_key(case)) not in told:
            found.setdefault(case.owner, []).append((urgency, case))
    offices = queries.addressees(connection)
    names = queries.names(connection)
    urgencies = list(Level)
    return [
        Letter(
            owner,
            *names.get(owner or "", (owner or "", None)),
            to=offices.of.get(owner or "") or offices.secretariat,
            cases=tuple(sorted(cases, key=lambda one: urgencies.index(one[0]))),
        )
        for owner, cases in sorted(found.items(), key=lambda one: (one[0] is None, one[0]))
    ]


def due_key(case: Listed) -> str:
    """Return the due date a reminder is for, as the register keeps it; empty when there is none."""
    return case.due.isoformat() if case.due else ""


def record(desk: Desk, letter: Letter) -> Digest:
    """Record that a letter goes out, so that nobody is told the same twice.

    Raises ConflictError when somebody else reminded of one of its cases meanwhile.
    """
    allow(desk, Digest, "remind", "send reminders")
    said = {
        "owner": letter.owner,
        "sent_on": desk.today,
        "recipients": tuple(one.code for one in letter.to),
        "cases": tuple((case.ref, str(urgency), due_key(case)) for urgency, case in letter.cases),
    }
    made = desk.record(desk.act("remind", (Digest.kind, secrets.token_hex(8)), said))
    assert isinstance(made, Digest)  # noqa: S101 - for the type checker
    return made
