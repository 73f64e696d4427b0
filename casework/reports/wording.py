"""Put a query into words for the heading of a paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casework.kinds.forms import form_of
from casework.kinds.records import KINDS
from casework.questions import lookup
from casework.rules import query
from casework.rules.query_names import Flag
from casework.words import said, short_date, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from casework.questions.narrowing import Met
    from casework.rules.query import Ahead, Changed, Compared, Part
    from casework.store.connections import Connection

    Called = Callable[[str, str, str], str]

_SIGNS = {query.EQUAL: ":", query.UNEQUAL: " ≠", "<=": " ≤", ">=": " ≥"}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which cases a report covers: the query as typed, and those that met it.

    `codes` has the records that it names, by kind and words.
    """

    query: str
    met: Met
    codes: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def said(self, lang: str, called: Called) -> str:
        """Return it in words; `called` returns the name of a record by kind and code."""

        def name(kind: str, words: str) -> str:
            return called(kind, self.codes.get((kind, words), words), lang)

        return _said(query.parse(self.query), lang, name)


def codes(then: Connection, text: str, day: date) -> dict[tuple[str, str], str]:
    """Return the records that a query names, by kind and words."""
    return {
        (one.field.refers, one.value): lookup.find(
            then, KINDS[one.field.refers], one.value, day
        ).key
        for one in _compared(query.parse(text))
        if one.field.refers is not None
    }


def _compared(part: Part) -> Iterator[Compared]:
    if isinstance(part, query.Joined):
        for one in part.parts:
            yield from _compared(one)
    elif isinstance(part, query.Compared):
        yield part


def _said(part: Part, lang: str, name: Callable[[str, str], str]) -> str:
    if isinstance(part, query.Joined):
        return _joined(part, lang, name)
    if isinstance(part, query.Said):
        return f"“{part.words}”"
    if isinstance(part, Flag):
        if part.lacks is None:
            flag = word(part.name, lang)
            return flag[:1].lower() + flag[1:]
        return said("list.without", lang, field=word(part.lacks.name, lang))
    if isinstance(part, query.Compared):
        called, value = part.field.name, _value(part, lang, name)
    else:
        called = "due_within" if isinstance(part, query.Ahead) else "changed"
        value = _day(part, lang)
    sign = query.EQUAL if isinstance(part, query.Ahead) else part.sign
    return f"{word(called, lang)}{_SIGNS.get(sign, f' {sign}')} {value}"


def _joined(part: query.Joined, lang: str, name: Callable[[str, str], str]) -> str:
    """Return parts joined by a word; parts joined by another word are in brackets."""
    told = [
        f"({_said(one, lang, name)})"
        if isinstance(one, query.Joined) and one.word != query.NOT
        else _said(one, lang, name)
        for one in part.parts
    ]
    joins = said(f"query.{part.word.lower()}", lang)
    return f"{joins} {told[0]}" if part.word == query.NOT else f" {joins} ".join(told)


def _value(part: Compared, lang: str, name: Callable[[str, str], str]) -> str:
    """Return the value of a term in words."""
    if part.field.refers is not None:
        return name(part.field.refers, part.value)
    form: Mapping[str, Any] = form_of(part.field.type)
    if form["is"] == "date":
        return _day(part, lang)
    return word(part.value, lang) if "among" in form else str(part.value)


def _day(part: Compared | Changed | Ahead, lang: str) -> str:
    typed = part.value
    day = getattr(typed, "day", None)
    return short_date(day, lang) if day is not None else str(getattr(typed, "words", typed))
