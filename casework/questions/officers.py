"""Officers: who handles a case at its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.kinds.records import Organisation, Person
from casework.questions import lookup
from casework.rules.owning import refuse_officer

if TYPE_CHECKING:
    from datetime import date

    from casework.store.connections import Connection


def named(connection: Connection, words: str | None, owner: str | None, on: date) -> str | None:
    """Return the code of the person named, who is to handle a case of an owner; None for none.

    Raises RefusedError for somebody who is not of the owner, nor of a body below it.
    """
    if words is None:
        return None
    person = lookup.find(connection, Person, words, on)
    parents = {one.code: one.parent for one in lookup.directory(connection, Organisation)}
    refuse_officer(person, owner, parents)
    return person.code
