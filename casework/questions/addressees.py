"""The recipients of letters, the cases to tell them of, and what they were told before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from casework.kinds.choices import Role
from casework.kinds.records import Case, Organisation, Person
from casework.questions.lookup import directory
from casework.questions.tallying import dated_first
from casework.rules.deputies import stands_in
from casework.store import compiled
from casework.store.record_rows import read

if TYPE_CHECKING:
    from datetime import date

    from casework.kinds.listed import Listed
    from casework.store.connections import Connection
    from casework.system.spooled import Rows


class Addressee(NamedTuple):
    """A recipient: a person, or the mailbox of an organisation."""

    code: str
    name: str
    name_vi: str | None
    email: str
    away: Person | None = None
    """The person away, if this recipient is their deputy."""


@dataclass(frozen=True, slots=True)
class Addressees:
    """The recipients at each organisation and for each person, and the secretariat.

    For a person, these are themselves and their deputy of that day.
    """

    of: dict[str, tuple[Addressee, ...]]
    secretariat: tuple[Addressee, ...]
    person: dict[str, tuple[Addressee, ...]]


def addressees(connection: Connection, day: date) -> Addressees:
    """Return everybody with a mail address who may be written to on a day.

    A deputy also counts where the person they stand in for does.
    """
    organisations = directory(connection, Organisation)
    everybody = directory(connection, Person)
    people = [one for one in everybody if one.ended_on is None]
    found: dict[str, list[Addressee]] = {}
    for org in organisations:
        if org.email:
            found.setdefault(org.code, []).append(
                Addressee(org.code, org.name, org.name_vi, org.email)
            )
    secretariat: list[Addressee] = []
    own: dict[str, tuple[Addressee, ...]] = {}
    for one in people:
        deputy = next((other for other in people if stands_in(other, one, day)), None)
        own[one.code] = (*_persons(one), *(_persons(deputy, away=one) if deputy else ()))
        if one.role is Role.DESK and one.org is not None:
            listed = found.setdefault(one.org, [])
        elif one.role is Role.SECRETARIAT:
            listed = secretariat
        else:
            continue
        listed += own[one.code]
    for listed in (secretariat, *found.values()):
        # Who is written to anyway is named once.
        listed.sort(key=lambda one: one.away is not None)
        listed[:] = {one.code: one for one in reversed(listed)}.values()
        listed.reverse()
    kept = {code: tuple(listed) for code, listed in found.items()}
    return Addressees(kept, tuple(secretariat), own)


def _persons(person: Person, away: Person | None = None) -> list[Addressee]:
    """Return a person as a recipient; none if there is no address."""
    if not person.email:
        return []
    return [Addressee(person.code, person.name, person.name_vi, person.email, away)]


def waiting(connection: Connection) -> dict[str, Case]:
    """Return the cases whose owner waits for a decision, by reference."""
    cases = (read(Case, row) for row in connection.rows(compiled.AWAITING))
    return {one.ref: one for one in cases}


def to_remind(connection: Connection, last: date) -> Rows[Listed]:
    """Return the open cases that are due by a day, and those without an owner."""
    return dated_first(connection, compiled.TO_REMIND, last=last, owner=None)


def reminded(connection: Connection) -> set[tuple[str, str, str, str]]:
    """Return the reminders of cases that are still open: reference, level, due date, recipient."""
    return {tuple(row) for row in connection.rows(compiled.REMINDED)}


def replied(connection: Connection) -> set[tuple[str, str, str, str]]:
    """Return the replies that were written: reference, kind, day resolved, recipient."""
    return {tuple(row) for row in connection.rows(compiled.REPLIED, level="reply")}
