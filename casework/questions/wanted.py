"""Which cases somebody wants, from words: organisations by any name, texts to look for."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.kinds.choices import State
from casework.kinds.records import KINDS, Case
from casework.questions import lookup
from casework.store.filters import SORTS, Filter
from casework.system.text import spelt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casework.store.connections import Connection

BY_NAME = {one.name: one.refers for one in Case.fields if one.refers}
"""What of a filter is looked up by the names people use, and the kind of record it names."""


def filter_of(
    connection: Connection,
    then: Connection,
    wanted: Mapping[str, Any],
    day: date,
    *,
    known_at: datetime | None = None,
    lang: str = "en",
) -> Filter:
    """Return the filter of what is wanted, by the names of its fields; None is not wanted.

    `then` is the register as it stood on the day, `connection` the store, whose log up to
    `known_at` is searched for notes. Raises UsageError for what cannot be asked for, NotFoundError
    and ConflictError for a name that nobody, or more than one, has.
    """
    found = {name: value for name, value in wanted.items() if value is not None}
    known = [one.name for one in fields(Filter)]
    if unknown := found.keys() - set(known):
        raise UsageError("wanted.unknown", name=sorted(unknown), known=known)
    for name, value in found.items():
        reader: Callable[[Any], Any] = _READ.get(name, _name)
        found[name] = reader(value)
        if found[name] is None:
            raise UsageError("wanted.no-value", name=name, value=repr(value))
    for name in found.keys() & BY_NAME.keys():
        kind = KINDS[str(BY_NAME[name])]
        found[name] = lookup.find(then, kind, found[name], day).key
    if words := found.get("text"):
        from casework.questions import searching

        found["text"] = searching.sought(connection, then, words, day, known_at)
    return Filter(**found, lang=lang)


def _several(value: Any) -> tuple[str, ...] | None:
    # One text is no list of letters.
    listed = (value,) if isinstance(value, str) else value
    fits = isinstance(listed, tuple | list) and all(isinstance(one, str) for one in listed)
    return tuple(listed) if fits else None


def _states(value: Any) -> tuple[State, ...] | None:
    known = {spelt(state): state for state in State}
    found = [known.get(spelt(one)) for one in _several(value) or ()]
    return None if _several(value) is None or None in found else tuple(filter(None, found))


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _sort(value: Any) -> str | None:
    return value if value in SORTS else None


def _day(value: Any) -> date | None:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _limit(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and value > 0 else None


def _mark(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_READ: Mapping[str, Callable[[Any], Any]] = {
    "states": _states,
    "text": _several,
    "sort": _sort,
    "due_before": _day,
    "limit": _limit,
    "overdue": _mark,
}
"""What a filter takes that is no text."""
