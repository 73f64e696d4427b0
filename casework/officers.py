"""Officers: who handles a case at its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework import queries
from casework.errors import RefusedError
from casework.records import Organisation, Person

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from casework.connections import Connection


def named(connection: Connection, words: str | None, owner: str | None, on: date) -> str | None:
    """Return the code of the person named, who is to handle a case of an owner; None for none.

    Raises RefusedError for somebody who is not of the owner, nor of a body below it.
    """
    if words is None:
        return None
    person = queries.find(connection, Person, words, on)
    parents = {one.code: one.parent for one in queries.directory(connection, Organisation)}
    if fault := stranger(person.code, person.org, owner, parents):
        raise RefusedError(
            fault,
            "name somebody of the owner, or say whose they are:"
            f" casework person edit {person.code} --org ORG, casework org edit ORG --parent ORG",
        )
    return person.code


def stranger(
    person: str, org: str | None, owner: str | None, parents: Mapping[str, str | None]
) -> str | None:
    """Say why a person cannot handle a case of an owner, None where they can.

    `parents` has the body above each organisation.
    """
    if owner is None:
        return f"{person} cannot handle a case without an owner"
    step = org
    # There is no circle of bodies above each other; a damaged store might have one.
    for _ in range(len(parents) + 1):
        if step == owner:
            return None
        step = parents.get(step) if step is not None else None
    if org is None:
        return f"{person} is of no organisation; an officer is of the owner, {owner}"
    return f"{person} is of {org}, which is neither the owner, {owner}, nor a body below it"
