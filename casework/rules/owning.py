"""Which organisations may own a case, and which people may be its officer."""

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
    """Raise RefusedError if an organisation cannot own a case on a day.

    Collectives cannot, because nobody answers for them; nor can organisations that do not exist
    then.
    """
    if org.org_kind == COLLECTIVE:
        raise RefusedError("owner.collective", code=org.code)
    if is_there(org, on):
        return
    if org.valid_from is not None and on < org.valid_from:
        raise RefusedError("owner.not-yet", code=org.code, valid_from=org.valid_from)
    hint = "owner.successor" if org.successor else "owner.another"
    ended, successor = org.valid_to, org.successor
    raise RefusedError("owner.ended", hint, code=org.code, ended=ended, successor=successor)


def is_there(org: Organisation, on: date) -> bool:
    """Tell whether an organisation exists on a day."""
    begun = org.valid_from is None or org.valid_from <= on
    return begun and (org.valid_to is None or on <= org.valid_to)


def refuse_officer(person: Person, owner: str | None, parents: Mapping[str, str | None]) -> None:
    """Raise RefusedError if an officer belongs neither to the owner nor to a body below it."""
    if fault := stranger(person.code, person.org, owner, parents):
        raise RefusedError(fault, Text("officer.whose", code=person.code))


def stranger(
    person: str, org: str | None, owner: str | None, parents: Mapping[str, str | None]
) -> Text | None:
    """Return why a person cannot be the officer of an owner's case; None if they can.

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
