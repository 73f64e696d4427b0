"""Who may read the texts of a case that has a degree of secrecy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.kinds.choices import Role
from casework.rules.workflow import Party, parties

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.kinds.records import Case, Person

READERS: Mapping[str, tuple[str, ...]] = {
    "confidential": (Party.SECRETARIAT, Role.INSPECTOR, Party.OWNER, Party.COORDINATING),
    "secret": (Party.SECRETARIAT, Role.INSPECTOR, Party.OWNER),
    "top-secret": (Party.SECRETARIAT, Party.OWNER),
}
"""By degree, which parties and roles may read the texts of a case, if they ask for it.

Degrees: Law on Protection of State Secrets 2018, article 8. Who has need of a text may read it: who
keeps the register, who answers for the case, who helps with it or inspects where the degree allows.
"""


def may_read(person: Person, case: Case) -> bool:
    """Tell whether a person may read the texts of a case, whatever its degree."""
    who = {person.role, *parties(person, case)}
    return not who.isdisjoint(READERS.get(case.secrecy or "", who))


def may_read_any(person: Person, degree: str) -> bool:
    """Tell whether a person may read the texts of every case of a degree."""
    who = {person.role, *parties(person, None)}
    return not who.isdisjoint(READERS.get(degree, who))


def may_ask(person: Person) -> bool:
    """Tell whether a person has a role that may read such a text of any case."""
    return person.role is Role.DESK or any(person.role in who for who in READERS.values())
