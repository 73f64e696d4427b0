"""A query asked of a register: what its names, days and words mean there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import CaseworkError
from casework.kinds.choices import State
from casework.kinds.forms import form_of
from casework.kinds.records import KINDS
from casework.questions import lookup
from casework.rules import query
from casework.rules.dates.meaning import Use
from casework.system.text import fold_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from casework.kinds.field import Field
    from casework.rules.dates import Typed
    from casework.rules.query import Compared, Flag, Part
    from casework.store.connections import Connection
    from casework.store.filters import Sought, Term

_AHEAD = {"due", "original_due"}
"""The days that lie ahead: one that is typed without its year is the next there will be."""

_FLAGS: dict[str, tuple[str, Any]] = {
    "open": ("open", None),
    "resolved": ("state", State.RESOLVED),
    "on_hold": ("on_hold", None),
}


class Asked(NamedTuple):
    """Where a query is asked: the register as it stood on a day, and what is searched for notes."""

    connection: Connection
    then: Connection
    day: date
    known_at: datetime | None


def conditions(text: str, asked: Asked) -> Term:
    """Return the conditions of a query.

    Raises UsageError for what cannot be read, NotFoundError and ConflictError for a name that
    nobody, or more than one, has; each names the column.
    """
    tree = query.parse(text)
    return _asked(tree, asked, _sought(tree, asked))


def _sought(tree: Part, asked: Asked) -> dict[str, Sought]:
    """Return what is sought in texts, by the words: the notes are read once for all of them."""
    words = [*dict.fromkeys(one.words for one in _terms(tree) if isinstance(one, query.Said))]
    if not words:
        return {}
    from casework.questions import searching

    found = searching.sought(asked.connection, asked.then, words, asked.day, asked.known_at)
    return dict(zip(words, found, strict=True))


def _terms(part: Part) -> Iterator[Any]:
    if isinstance(part, query.Joined):
        for one in part.parts:
            yield from _terms(one)
    else:
        yield part


def _asked(part: Part, asked: Asked, sought: dict[str, Sought]) -> Term:
    if isinstance(part, query.Joined):
        return query.Joined(part.word, tuple(_asked(one, asked, sought) for one in part.parts))
    if isinstance(part, query.Said):
        return sought[part.words]
    if isinstance(part, query.Flag):
        return _flag(part, asked.day)
    try:
        found = _compared(part, asked)
    except CaseworkError as error:
        raise query.at(part.column, error) from None
    return found if part.sign != query.UNEQUAL else query.Joined(query.NOT, (found,))


def _flag(part: Flag, day: date) -> Term:
    if part.lacks is not None:
        return f"no {part.lacks.name}", None
    return ("overdue", day) if part.name == "overdue" else _FLAGS[part.name]


def _compared(part: Compared, asked: Asked) -> Term:
    """Return the condition that a field compares with a value as its sign says."""
    one, value = part.field, part.value
    if form_of(one.type)["is"] == "date":
        return _dated(one, part.sign, value, asked)
    if form_of(one.type)["is"] == "integer":
        return _ordered(one, part.sign, value, value)
    if one.refers is not None:
        value = lookup.find(asked.then, KINDS[one.refers], value, asked.day).key
    elif one.name == "ref":
        value = fold_code(value)
    return one.name, value


def _dated(one: Field, sign: str, typed: Typed, asked: Asked) -> Term:
    """Compare a day with the first day or the last one of a period."""
    from casework.questions.due_dates import settle

    past = one.name not in _AHEAD
    first, last = (
        settle(asked.then, typed, asked.day, asked.day, Use(edge, past=past)).day
        for edge in ("first", "last")
    )
    return _ordered(one, sign, first, last)


def _ordered(one: Field, sign: str, first: Any, last: Any) -> Term:
    if sign in query.ORDERS:
        return f"{one.name} {sign}", last if sign in {"<=", ">"} else first
    return query.Joined(query.AND, ((f"{one.name} >=", first), (f"{one.name} <=", last)))
