"""Who can be written to, which cases to tell them of, and what was told before."""

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
    """Somebody who can be written to: a person, or an organisation's mailbox."""

    code: str
    name: str
    name_vi: str | None
    email: str
    away: Person | None = None
    """Who is away, for whom this person is written to as well."""


@dataclass(frozen=True, slots=True)
class Addressees:
    """Who can be written to at each organisation and for each person, and who is the secretariat.

    For a person that is they themselves, and who stands in for them that day.
    """

    of: dict[str, tuple[Addressee, ...]]
    secretariat: tuple[Addressee, ...]
    person: dict[str, tuple[Addressee, ...]]


def addressees(connection: Connection, day: date) -> Addressees:
    """Return everybody with a mail address who may be reminded on a day.

    Who stands in for somebody that day is one of those where the other one is.
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
    """Return a person as one who is written to; nobody where there is no address."""
    if not person.email:
        return []
    return [Addressee(person.code, person.name, person.name_vi, person.email, away)]


def waiting(connection: Connection) -> dict[str, Case]:
    """Return the cases whose owner waits for an answer, by their references."""
    cases = (read(Case, row) for row in connection.rows(compiled.AWAITING))
    return {one.ref: one for one in cases}


def to_remind(connection: Connection, last: date) -> Rows[Listed]:
    """Return the open cases that are due by a day, and those without an owner."""
    return dated_first(connection, compiled.TO_REMIND, last=last, owner=None)


def reminded(connection: Connection) -> set[tuple[str, str, str, str]]:
    """Return what was said of cases that are still open: reference, level, due date, to whom."""
    return {tuple(row) for row in connection.rows(compiled.REMINDED)}


def replied(connection: Connection) -> set[tuple[str, str, str, str]]:
    """Return the replies that were written: reference, that it is one, day resolved, to whom."""
    return {tuple(row) for row in connection.rows(compiled.REPLIED, level="reply")}
