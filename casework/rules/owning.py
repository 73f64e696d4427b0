"""Who may own a case, and who may handle it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.errors import RefusedError
from casework.kinds.records import COLLECTIVE
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from casework.kinds.records import Organisation, Person


def refuse_owner(org: Organisation, on: date) -> None:
    """Refuse an organisation that cannot own a case on a day; raises RefusedError.

    A collective nobody could hold to an answer, and one that does not exist on that day.
    """
    if org.org_kind == COLLECTIVE:
        raise RefusedError("owner.collective", code=org.code)
    if org.valid_from is not None and on < org.valid_from:
        raise RefusedError("owner.not-yet", code=org.code, valid_from=org.valid_from)
    if org.valid_to is not None and org.valid_to < on:
        hint = "owner.successor" if org.successor else "owner.another"
        ended, successor = org.valid_to, org.successor
        raise RefusedError("owner.ended", hint, code=org.code, ended=ended, successor=successor)


def refuse_officer(person: Person, owner: str | None, parents: Mapping[str, str | None]) -> None:
    """Refuse an officer who is not of the owner, nor of a body below it; raises RefusedError."""
    if fault := stranger(person.code, person.org, owner, parents):
        raise RefusedError(fault, Text("officer.whose", code=person.code))


def stranger(
    person: str, org: str | None, owner: str | None, parents: Mapping[str, str | None]
) -> Text | None:
    """Say why a person cannot handle a case of an owner, None where they can.

    `parents` has the body above each organisation.
    """
    if owner is None:
        return Text("officer.no-owner", person=person)
    step = org
    # There is no circle of bodies above each other; a damaged store might have one.
    for _ in range(len(parents) + 1):
        if step == owner:
            return None
        step = parents.get(step) if step is not None else None
    if org is None:
        return Text("officer.no-organisation", person=person, owner=owner)
    return Text("officer.of-another", person=person, org=org, owner=owner)
