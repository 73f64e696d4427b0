"""The views of a register: lists of cases saved under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.kinds.records import View
from casework.questions.known import Asked
from casework.questions.lookup import directory
from casework.system.text import fold

if TYPE_CHECKING:
    from casework.store.connections import Connection


def views(connection: Connection) -> list[View]:
    """Return the views in use, in the order of their names."""
    return [one for one in directory(connection, View) if one.retired_on is None]


def kept(connection: Connection, name: str) -> View | None:
    """Return a view by name, ignoring case and diacritics, even a dropped one; or None."""
    asked = Asked(connection, View)
    return next((asked.load(code) for code in asked.called(fold(name))), None)


def known(connection: Connection, name: str) -> View | None:
    """Return a view in use by name; None if there is none."""
    found = kept(connection, name)
    return None if found is None or found.retired_on is not None else found
