"""Who can be written to, which cases to tell them of, and what was told before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from casework.kinds.choices import Role
from casework.kinds.records import (
    Organisation,
    Person,
)
from casework.questions.lookup import directory
from casework.questions.tallying import dated_first
from casework.store import compiled

if TYPE_CHECKING:
    from datetime import date

    from casework.kinds.listed import Listed
    from casework.store.connections import Connection
    from casework.system.rows import Rows


class Addressee(NamedTuple):
    """Somebody who can be written to: a person, or an organisation's mailbox."""

    code: str
    name: str
    name_vi: str | None
    email: str


@dataclass(frozen=True, slots=True)
class Addressees:
    """Who can be written to at each organisation, and who is the secretariat."""

    of: dict[str, tuple[Addressee, ...]]
    secretariat: tuple[Addressee, ...]


def addressees(connection: Connection) -> Addressees:
    """Return everybody with a mail address who may be reminded."""
    organisations = directory(connection, Organisation)
    people = [one for one in directory(connection, Person) if one.email and one.ended_on is None]
    found: dict[str, list[Addressee]] = {}
    for org in organisations:
        if org.email:
            found.setdefault(org.code, []).append(
                Addressee(org.code, org.name, org.name_vi, org.email)
            )
    secretariat = []
    for one in people:
        person = Addressee(one.code, one.name, one.name_vi, str(one.email))
        if one.role is Role.DESK and one.org is not None:
            found.setdefault(one.org, []).append(person)
        elif one.role is Role.SECRETARIAT:
            secretariat.append(person)
    return Addressees({code: tuple(listed) for code, listed in found.items()}, tuple(secretariat))


def to_remind(connection: Connection, last: date) -> Rows[Listed]:
    """Return the open cases that are due by a day, and those without an owner."""
    return dated_first(connection, compiled.TO_REMIND, last=last, owner=None)


def reminded(connection: Connection) -> set[tuple[str, str, str, str]]:
    """Return what was said of cases that are still open: reference, level, due date, to whom."""
    return {tuple(row) for row in connection.rows(compiled.REMINDED)}
