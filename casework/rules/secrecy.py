"""Who may read the texts of a secret case."""

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
"""The parties and roles that may ask for the texts of a case, by degree.

Degrees: Law on Protection of State Secrets 2018, article 8. Those who need a text may read it: the
secretariat and the owner; coordinating desks and inspectors if the degree allows it.
"""


def may_read(person: Person, case: Case) -> bool:
    """Return whether a person may read the texts of a case."""
    who = {person.role, *parties(person, case)}
    return not who.isdisjoint(READERS.get(case.secrecy or "", who))


def may_read_any(person: Person, degree: str) -> bool:
    """Return whether a person may read the texts of every case of a degree."""
    who = {person.role, *parties(person, None)}
    return not who.isdisjoint(READERS.get(degree, who))


def may_ask(person: Person) -> bool:
    """Return whether a person's role may read such texts of at least some cases."""
    return person.role is Role.DESK or any(person.role in who for who in READERS.values())
