"""Complete parts of values: of sort orders, lists of columns, and queries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from casework.kinds.forms import form_of
from casework.system.text import fold, spelt
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from casework.kinds.field import Field

_LAST = re.compile(r"[^\s()]*$")
_ASKED = re.compile(r"([\w-]+)(!=|<=|>=|[:=<>])(.*)")


class Part(NamedTuple):
    """The part being typed, the text before it, and its possible values.

    The values are `words`, or the codes of a `kind` of record.
    """

    before: str
    typed: str
    words: Mapping[str, str]
    kind: str | None = None


def of_order(typed: str, lang: str) -> Part:
    """Return the part of a sort order: a field, after a hyphen for descending order."""
    from casework.store.filters import SORTS

    before, comma, last = typed.rpartition(",")
    hyphen = "-" * last.startswith("-")
    return Part(before + comma + hyphen, last.removeprefix("-"), _said(SORTS, lang))


def of_columns(typed: str, lang: str) -> Part:
    """Return the part of a list of columns."""
    from casework.reports.cards import MEMBERS

    before, comma, last = typed.rpartition(",")
    return Part(before + comma, last, _said(MEMBERS, lang))


def of_query(typed: str, lang: str) -> Part:
    """Return the part of a query: a field, a single word, or the value of a field."""
    from casework.rules.query import AS_OPTIONS
    from casework.rules.query_names import FIELDS, FLAGS, TEXTS, names

    found = _LAST.search(typed)
    last = found[0] if found else ""
    before = typed[: len(typed) - len(last)]
    if asked := _ASKED.fullmatch(last):
        one = names().get(spelt(fold(asked[1])))
        begun = f"{before}{asked[1]}{asked[2]}"
        return _value(one, begun, asked[3], lang)
    fields = {f"{spelt(one.short)}:": word(one.name, lang) for one in (*FIELDS, *TEXTS)}
    begin = [name for name in fields if name.startswith(spelt(last))] if last else []
    if len(begin) == 1:
        # A shell puts a blank behind the only word there is: it is one with its value.
        named = names()[begin[0][:-1]]
        whole = _value(named, before + begin[0], "", lang)
        if whole.words or whole.kind:
            return whole
    flags = {spelt(name): word(name, lang) for name in FLAGS}
    lacking = {f"no-{spelt(one.short)}": word(one.name, lang) for one in FIELDS if one.may_lack}
    days = {f"{spelt(name)}:": word(name, lang) for name in AS_OPTIONS}
    return Part(before, last, {**fields, **days, **flags, **lacking})


def _value(one: Field | None, before: str, typed: str, lang: str) -> Part:
    """Return the value of a field as it is being typed."""
    if one is None:
        return Part(before, typed, {})
    if one.refers is not None:
        return Part(before, typed, {}, one.refers)
    among: Iterable[str] = form_of(one.type).get("among", ())
    return Part(before, typed, {spelt(name): word(name, lang) for name in among})


def _said(names: Iterable[str], lang: str) -> Mapping[str, str]:
    return {name: word(name, lang) for name in names}


PARTED: Mapping[str, Callable[[str, str], Part]] = {
    "sort": of_order,
    "columns": of_columns,
    "where": of_query,
}
"""The function that returns the part of a value, by option."""
