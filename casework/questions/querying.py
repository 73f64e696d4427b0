"""Resolve the names, days and words of a query in a register."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import CaseworkError
from casework.kinds.choices import State
from casework.kinds.forms import form_of
from casework.kinds.records import KINDS
from casework.questions import audit_log, lookup
from casework.rules import query
from casework.rules.dates.meaning import SINCE, UNTIL, Use
from casework.rules.query_names import DUE, TEXTS, Flag
from casework.store import compiled
from casework.store.connections import listed
from casework.system.clock import first_moment, last_moment, parse_instant
from casework.system.text import fold_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from casework.kinds.field import Field
    from casework.rules.dates import Typed
    from casework.rules.query import Ahead, Changed, Compared, Part
    from casework.store.connections import Connection
    from casework.store.filters import Sought, Term

_AHEAD = {"due", "original_due"}
"""The fields with days in the future: a day without a year is the next one."""

_TO_THE_LAST = {"<=", ">"}
"""The signs that compare with the last day of a period."""

_FLAGS: dict[str, tuple[str, Any]] = {
    "open": ("open", None),
    "resolved": ("state", State.RESOLVED),
    **{name: (name, None) for name in ("on_hold", "asks_time", "contested")},
}


class Asked(NamedTuple):
    """The context of a query: the register as it stood on a day, the store and its log.

    `meant` collects the days that were not typed as ISO 8601, and their fields.
    """

    connection: Connection
    then: Connection
    day: date
    known_at: datetime | None
    meant: list[tuple[str, date]]


def conditions(tree: Part, asked: Asked) -> Term:
    """Return the conditions of a query.

    Raises NotFoundError for an unknown name, ConflictError for an ambiguous one, and RefusedError
    for a day that the register cannot determine; each gives the column.
    """
    return _asked(tree, asked, _sought(tree, asked))


def settled(name: str, typed: date | Typed, use: Use, asked: Asked) -> date:
    """Return the day that a date means, typed for the field of a name."""
    if isinstance(typed, date):
        return typed
    from casework.questions.due_dates import settle

    day = settle(asked.then, typed, asked.day, asked.day, use).day
    if not typed.iso and (name, day) not in asked.meant:
        asked.meant.append((name, day))
    return day


def _sought(tree: Part, asked: Asked) -> dict[str, Sought]:
    """Return the text searches of a query by their words; the notes are read once for all."""
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
    if isinstance(part, Flag):
        return _flag(part, asked.day)
    try:
        if isinstance(part, query.Changed):
            return _changed(part, asked)
        if isinstance(part, query.Ahead):
            return _ahead(part, asked)
        found = _compared(part, asked)
    except CaseworkError as error:
        raise query.at(part.column, error) from None
    return found if part.sign != query.UNEQUAL else query.Joined(query.NOT, (found,))


def _flag(part: Flag, day: date) -> Term:
    if part.lacks is not None:
        return f"no {part.lacks.name}", None
    return ("overdue", day) if part.name == "overdue" else _FLAGS[part.name]


def _compared(part: Compared, asked: Asked) -> Term:
    """Return the condition that compares a field with a value."""
    one, value = part.field, part.value
    if one in TEXTS:
        from casework.questions import searching

        return "noted", listed(searching.saying(asked.then, one.name, value))
    if form_of(one.type)["is"] == "date":
        return _dated(one, part.sign, value, asked)
    if form_of(one.type)["is"] == "integer":
        compared = part.sign in query.COMPARING
        return (f"{one.name} {part.sign}", value) if compared else _within(one, value, value)
    if one.refers is not None:
        value = lookup.find(asked.then, KINDS[one.refers], value, asked.day).key
    elif one.name == "ref":
        value = fold_code(value)
    return one.name, value


def _dated(one: Field, sign: str, typed: Typed, asked: Asked) -> Term:
    """Return the condition that compares a day with the first or last day of a period."""
    past = one.name not in _AHEAD
    if sign in query.COMPARING:
        use = Use("last" if sign in _TO_THE_LAST else "first", past=past)
        return f"{one.name} {sign}", settled(one.name, typed, use, asked)
    first = settled(one.name, typed, Use("first", past=past), asked)
    last = settled(one.name, typed, Use("last", past=past), asked)
    return _within(one, first, last)


def _ahead(part: Ahead, asked: Asked) -> Term:
    """Return the condition on open cases that are due from the day of the question until a day."""
    last = settled(DUE.name, part.value, Use("last", past=False), asked)
    days = [(f"due {sign}", day) for sign, day in ((">=", asked.day), ("<=", last))]
    return query.Joined(query.AND, (_FLAGS["open"], *days))


def _changed(part: Changed, asked: Asked) -> Term:
    """Return the condition on when the last event of a case was recorded."""
    found: list[Term] = []
    if part.sign in {">=", query.EQUAL, "<"}:
        found.append(_recorded_after(_last(part, SINCE, first_moment, asked), asked))
    if part.sign in {">", query.EQUAL, "<="}:
        found.append(_recorded_after(_last(part, UNTIL, last_moment, asked), asked))
    if part.sign in {"<", "<=", query.EQUAL}:
        found[-1] = query.Joined(query.NOT, (found[-1],))
    return query.Joined(query.AND, tuple(found))


def _recorded_after(event: int, asked: Asked) -> Term:
    """Return the condition that a case has an event after a given one."""
    known = audit_log.known_until(asked.connection, asked.known_at)
    found = asked.connection.column(compiled.CHANGED_BETWEEN, after=event, until=known)
    return "changed", listed(found)


def _last(part: Changed, use: Use, moment: Callable[[date, str], datetime], asked: Asked) -> int:
    """Return the number of the last event before the beginning or the end of a moment."""
    zone = lookup.register(asked.connection).zone
    if isinstance(part.value, str):
        at = parse_instant(part.value, zone)
    else:
        at = moment(settled(query.CHANGED[0], part.value, use, asked), zone)
    # A first moment belongs to what came since.
    eve = timedelta(microseconds=use is SINCE)
    return audit_log.known_until(asked.connection, at - eve)


def _within(one: Field, first: Any, last: Any) -> Term:
    return query.Joined(query.AND, ((f"{one.name} >=", first), (f"{one.name} <=", last)))
