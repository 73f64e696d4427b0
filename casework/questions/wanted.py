"""Read filters from text: names of organisations, typed dates, words to search."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.kinds.case import FILTERED, Case
from casework.kinds.forms import by_spelling, form_of
from casework.kinds.records import KINDS, Record
from casework.questions import lookup
from casework.rules import query, query_names
from casework.store.filters import MINUS, SORTS, Filter
from casework.system.text import fold, spelt
from casework.words import Text, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casework.kinds.field import Field
    from casework.questions.querying import Asked
    from casework.rules.query import Part
    from casework.store.connections import Connection

ASKED: Mapping[str, Field] = {one.short: one for one in FILTERED}
"""The fields by which cases can be filtered, by the names of the options."""

STANDING = (
    *("open", "resolved", "on_hold", "not_on_hold", "not_overdue", "asks_time", "contested"),
    *(f"no_{one.short}" for one in (*FILTERED, query_names.DUE) if one.may_lack),
)
"""Conditions of cases by option: a word of the query language or its negation."""

TERMS = (*STANDING, "due_within", "changed_since", "where")
"""The options that become a part of a query."""

KNOWN = (*ASKED, "overdue", "due_before", "text", *TERMS, "sort", "limit")
"""All the conditions that a filter can have."""


def filter_of(
    connection: Connection,
    then: Connection,
    wanted: Mapping[str, Any],
    day: date,
    *,
    known_at: datetime | None = None,
    lang: str = "en",
) -> Filter:
    """Return the filter for conditions by field name; None means no condition.

    A record is given as itself or by a name; days are dates, or text as people type it. `then` is
    the register as it stood on the day; `connection` is the store, whose log is searched for notes
    up to `known_at`. Raises UsageError for impossible conditions, NotFoundError for an unknown
    name, and ConflictError for an ambiguous one.
    """
    from casework.questions.querying import Asked

    asked = Asked(connection, then, day, known_at, meant=[])
    given = {name: value for name, value in wanted.items() if value is not None}
    if unknown := given.keys() - set(KNOWN):
        raise UsageError("wanted.unknown", name=sorted(unknown), known=KNOWN)
    found: dict[str, Any] = {}
    among: dict[str, tuple[Any, ...]] = {}
    terms: dict[str, Any] = {}
    for name, value in given.items():
        read = _reader(name)(value)
        if read is None:
            raise UsageError("wanted.no-value", name=name, value=repr(value))
        one = ASKED.get(name)
        if name in TERMS:
            terms[name] = read
        elif one is None:
            found[name] = read
        elif one.refers is not None:
            among[one.name] = (_key(then, one.refers, read, day),)
        else:
            among[one.name] = read if isinstance(read, tuple) else (read,)
    return Filter(**_asked(found, terms, asked), among=among, lang=lang, meant=asked.meant)


def _key(then: Connection, kind: str, given: Record | str, day: date) -> str:
    return (
        given.key if isinstance(given, Record) else lookup.find(then, KINDS[kind], given, day).key
    )


def _asked(found: dict[str, Any], terms: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    """Return the conditions with their names looked up in the register."""
    from casework.questions import querying

    more: dict[str, Any] = {}
    if words := found.get("text"):
        from casework.questions import searching

        store, then = asked.connection, asked.then
        more["text"] = searching.sought(store, then, words, asked.day, asked.known_at)
    if "due_before" in found:
        from casework.rules.dates import COMING

        more["due_before"] = querying.settled("due_before", found["due_before"], COMING, asked)
    parts = [_part(name, value) for name, value in terms.items() if value is not False]
    if parts:
        more["where"] = querying.conditions(query.joined(query.AND, parts), asked)
    return found | more


def _part(name: str, value: Any) -> Part:
    """Return the part of a query for a condition."""
    if name == "where":
        return query.parse(value)
    if name == "changed_since":
        return query.Changed(">=", value, 0)
    if name == "due_within":
        return query.Ahead(value, 0)
    if name.startswith("not_"):
        return query.Joined(query.NOT, (_part(name.removeprefix("not_"), value),))
    return query_names.flags()[spelt(name)]


def order_of(text: str) -> str:
    """Return a sort order in the form of `Filter`, from any names of fields.

    Raises UsageError for a field by which lists cannot be sorted.
    """
    found = []
    for word in text.split(","):
        name = word.strip().removeprefix(MINUS)
        if (known := _SORTED.get(spelt(fold(name)))) is None:
            raise UsageError("wanted.no-order", nearest(name, _SORTED), name=name)
        found.append(MINUS * word.strip().startswith(MINUS) + known)
    return ",".join(found)


_SORTED = {
    spelt(called): one.name
    for one in Case.fields
    if one.name in SORTS
    for called in (*map(fold, one.label), one.name, one.short)
}


class _Called(Word):
    """The name of a field as it is typed: its own in English, else the word for it."""

    __slots__ = ()

    def said(self, lang: str = "en") -> str:
        """Return the name in a language."""
        return self.key.removeprefix("word.") if lang == "en" else super().said(lang)


def nearest(name: str, known: Mapping[str, str]) -> Text:
    """Return the hint with the nearest names, or else with all names.

    `known` has the names by every spelling.
    """
    from difflib import get_close_matches

    close = get_close_matches(spelt(fold(name)), known, n=3, cutoff=0.6)
    if close:
        return Text("wanted.near", near=[*map(_Called, dict.fromkeys(known[one] for one in close))])
    return Text("wanted.known", known=[*map(_Called, dict.fromkeys(known.values()))])


def _several(value: Any) -> tuple[str, ...] | None:
    # One text is no list of letters.
    listed = (value,) if isinstance(value, str) else value
    fits = isinstance(listed, tuple | list) and all(isinstance(one, str) for one in listed)
    return tuple(listed) if fits else None


def _reader(name: str) -> Callable[[Any], Any]:
    """Return the function that reads the value for a name; it returns None if it cannot."""
    if name in ASKED and "among" in (form := form_of(ASKED[name].type)):
        return lambda value: _words(form["among"], value)
    return _mark if name in STANDING else _READ.get(name, _name)


def _words(among: list[str], value: Any) -> tuple[str, ...] | None:
    known = by_spelling(among)
    found = [known.get(spelt(fold(one))) for one in _several(value) or ()]
    return None if _several(value) is None or None in found else tuple(filter(None, found))


def _name(value: Any) -> Record | str | None:
    return value if isinstance(value, Record | str) else None


def _sort(value: Any) -> str | None:
    return order_of(value) if isinstance(value, str) else None


def _day(value: Any) -> Any:
    """Return a day, or a typed date."""
    if isinstance(value, str):
        from casework.rules.dates import parse

        return parse(value)
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _moment(value: Any) -> Any:
    """Return a day or an instant, or the text that was typed."""
    from casework.system.clock import is_instant, stamp

    if isinstance(value, datetime):
        return stamp(value)
    return value if isinstance(value, str) and is_instant(value) else _day(value)


def _limit(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and value > 0 else None


def _mark(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_READ: Mapping[str, Callable[[Any], Any]] = {
    "text": _several,
    "sort": _sort,
    "due_before": _day,
    "due_within": _day,
    "changed_since": _moment,
    "limit": _limit,
    "overdue": _mark,
}
"""The conditions of a filter that are not text."""
