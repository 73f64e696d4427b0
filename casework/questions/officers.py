"""Officers: who handles a case at its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.kinds.records import Organisation, Person
from casework.questions import lookup

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from casework.store.connections import Connection


def named(
    connection: Connection, words: str | None, on: date
) -> tuple[Person | None, Mapping[str, str | None]]:
    """Return the person words name, and the body above each organisation; None for no words.

    Whether they may handle a case of an owner `rules.owning` decides.
    """
    if words is None:
        return None, {}
    person = lookup.find(connection, Person, words, on)
    bodies = lookup.directory(connection, Organisation)
    return person, {one.code: one.parent for one in bodies}
