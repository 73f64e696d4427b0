"""Read filters from words: organisations by any name, texts to look for."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.kinds.case import FILTERED
from casework.kinds.forms import form_of
from casework.kinds.records import KINDS
from casework.questions import lookup
from casework.store.filters import SORTS, Filter
from casework.system.text import spelt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casework.kinds.field import Field
    from casework.store.connections import Connection

ASKED: Mapping[str, Field] = {one.short: one for one in FILTERED}
"""The fields that cases are asked for by, as options call them."""

KNOWN = (*ASKED, "overdue", "due_before", "text", "where", "sort", "limit")
"""What can be wanted of cases."""


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
    given = {name: value for name, value in wanted.items() if value is not None}
    if unknown := given.keys() - set(KNOWN):
        raise UsageError("wanted.unknown", name=sorted(unknown), known=KNOWN)
    found: dict[str, Any] = {}
    among: dict[str, tuple[Any, ...]] = {}
    for name, value in given.items():
        read = _reader(name)(value)
        if read is None:
            raise UsageError("wanted.no-value", name=name, value=repr(value))
        one = ASKED.get(name)
        if one is None:
            found[name] = read
        elif one.refers is not None:
            among[one.name] = (lookup.find(then, KINDS[one.refers], read, day).key,)
        else:
            among[one.name] = read if isinstance(read, tuple) else (read,)
    if words := found.get("text"):
        from casework.questions import searching

        found["text"] = searching.sought(connection, then, words, day, known_at)
    if "where" in found:
        from casework.questions.querying import Asked, conditions

        found["where"] = conditions(found["where"], Asked(connection, then, day, known_at))
    return Filter(**found, among=among, lang=lang)


def _several(value: Any) -> tuple[str, ...] | None:
    # One text is no list of letters.
    listed = (value,) if isinstance(value, str) else value
    fits = isinstance(listed, tuple | list) and all(isinstance(one, str) for one in listed)
    return tuple(listed) if fits else None


def _reader(name: str) -> Callable[[Any], Any]:
    """Return what reads the value that is wanted of a name; what it cannot read is None."""
    if name in ASKED and "among" in (form := form_of(ASKED[name].type)):
        return lambda value: _words(form["among"], value)
    return _READ.get(name, _name)


def _words(among: list[str], value: Any) -> tuple[str, ...] | None:
    known = {spelt(one): one for one in among}
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
    "text": _several,
    "sort": _sort,
    "due_before": _day,
    "limit": _limit,
    "overdue": _mark,
}
"""What a filter takes that is no text."""
