"""What the register keeps under names for whoever reads it: views, and templates of texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from casework.errors import UsageError
from casework.kinds.records import Template, View, shape
from casework.questions.known import Asked
from casework.questions.lookup import directory
from casework.system.text import fold
from casework.words import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.store.connections import Connection

Named: TypeAlias = View | Template

N = TypeVar("N", bound=View | Template)


OF_A_CASE = ("ref", "title", "owner", "proposer", "conference", "due", "document")
"""What of a case may stand in braces in a template."""

OF_A_LETTER = ("name", "day", "by")
"""What of a letter may: whom it is to, its day, and by when an answer is asked for."""

PLACES = (*OF_A_CASE, *OF_A_LETTER)

_PLACE = re.compile(r"\{([^{}\n]*)\}")


def fill(text: str, said: Mapping[str, str | None]) -> str:
    """Return a template with what is said in place of the names in braces; nothing is a gap.

    Raises UsageError for any other name in braces.
    """
    for place in _PLACE.finditer(text):
        if place[1] not in said:
            raise UsageError("answer-template.place", place=place[0], known=Choice([*said]))
    return _PLACE.sub(lambda place: said[place[1]] or "…", text)


def text_of(one: Named) -> str:
    """Return what is kept under a name: what is typed for a list, or the text itself."""
    return str(getattr(one, field_of(type(one))))


def field_of(kind: type[Named]) -> str:
    """Return the name of the field that holds it."""
    (name,) = shape(kind.kind).private
    return name


def in_use(connection: Connection, kind: type[N]) -> list[N]:
    """Return those of a kind that are in use, in the order of their names."""
    return [one for one in directory(connection, kind) if one.retired_on is None]


def kept(connection: Connection, kind: type[N], name: str) -> N | None:
    """Return the one of a name, whatever its case or diacritics, a dropped one too, or None."""
    asked = Asked(connection, kind)
    return next((asked.load(code) for code in asked.called(fold(name))), None)


def known(connection: Connection, kind: type[N], name: str) -> N | None:
    """Return the one of a name that is in use, None where there is none."""
    found = kept(connection, kind, name)
    return None if found is None or found.retired_on is not None else found
