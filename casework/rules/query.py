"""The query language, for conditions that options cannot express.

``owner:mofa and (overdue or due<2026-12-31) and not theme:legal``. A query is parsed into a tree
from its text alone; names and dates in it are looked up later (`questions.querying`). Terms side by
side must all be true. Errors name the column, counted in characters from 1.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from casework.errors import CaseworkError, UsageError
from casework.kinds.forms import by_spelling, form_of
from casework.rules.query_names import DUE, LACKING, Flag, flags, names, near
from casework.system.clock import is_instant, parse_instant
from casework.system.text import ALIKE, TITLE_LIMIT, clean, fold, spelt
from casework.words import LANGUAGES, Text, Word, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from casework.kinds.field import Field
    from casework.rules.dates import Typed

E = TypeVar("E", bound=CaseworkError)

TERMS = 500
"""The most terms in a query."""

DEPTH = 20
"""The deepest nesting of brackets and negations."""

AND, OR, NOT = "AND", "OR", "NOT"
EQUAL, UNEQUAL = ":", "!="
COMPARING = ("<", "<=", ">", ">=")
"""The signs that compare days and numbers."""

_JOINING = {"and": AND, "va": AND, "or": OR, "hoac": OR, "not": NOT, "khong": NOT}
"""The words that join terms, in both languages, folded."""

_SIGNS = {"=": EQUAL, "≠": UNEQUAL, "≤": "<=", "≥": ">="}
_COMPARED = re.compile(r"([\w-]+)\s*(!=|<=|>=|[:=<>≠≤≥])\s*")
_BARE = re.compile(r"[^\s()]+")
_WORDS = re.compile(r"[\w-]+(?:[^\S\n]+[\w-]+)+")
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_OPPOSITE = ("not-", "khong-")


class Said(NamedTuple):
    """Words to be searched in the texts of a case."""

    words: str
    column: int


class Changed(NamedTuple):
    """When the last event of a case was recorded: a sign, and a day or instant as it was typed."""

    sign: str
    value: Any
    column: int


class Ahead(NamedTuple):
    """Open cases that are due from the day of the question until a day as it was typed."""

    value: Any
    column: int


class Compared(NamedTuple):
    """A field with a sign and a value: a text, a number, or a day as it was typed."""

    field: Field
    sign: str
    value: Any
    column: int


class Joined(NamedTuple):
    """Parts that must all be true (AND), or any of them (OR), or one that must be false (NOT)."""

    word: str
    parts: tuple[Any, ...]


Part = Joined | Flag | Said | Changed | Ahead | Compared

TEXT = "text"
"""The prefix of searched words that could be taken for something else."""

CHANGED = ("changed", "thay-doi")
"""The prefix of the day or instant of the last event of a case."""


def parse(text: str) -> Part:
    """Parse a query; raises UsageError with the column if it cannot be read."""
    clean(text, "name.query", TITLE_LIMIT)
    return _Reader(unicodedata.normalize("NFC", text)).whole()


class _Token(NamedTuple):
    """A bracket, a word that joins, or a term, and its column."""

    mark: str
    term: Part | None
    column: int


class _Reader:
    """A parser that reads from left to right; AND binds more closely than OR."""

    def __init__(self, text: str) -> None:
        self._tokens = [*_tokens(text)]
        self._place = 0
        self._end = len(text) + 1

    def whole(self) -> Part:
        found = self._any(0)
        if (left := self._next) is not None:
            raise _wrong(left.column, "query.closing")
        return found

    @property
    def _next(self) -> _Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _takes(self, mark: str) -> bool:
        found = self._next is not None and self._next.mark == mark
        self._place += found
        return found

    def _any(self, depth: int) -> Part:
        parts = [self._every(depth)]
        while self._takes(OR):
            parts.append(self._every(depth))
        return joined(OR, parts)

    def _every(self, depth: int) -> Part:
        parts = [self._one(depth)]
        while (found := self._next) is not None and found.mark not in {OR, ")"}:
            self._takes(AND)
            parts.append(self._one(depth))
        return joined(AND, parts)

    def _one(self, depth: int) -> Part:
        found = self._next
        column = self._end if found is None else found.column
        if depth > DEPTH:
            raise _wrong(column, "query.deep", most=DEPTH)
        if self._takes(NOT):
            return Joined(NOT, (self._one(depth + 1),))
        if self._takes("("):
            inner = self._any(depth + 1)
            if not self._takes(")"):
                raise _wrong(column, "query.opening")
            return inner
        if found is None or found.term is None:
            raise _wrong(column, "query.term")
        self._place += 1
        return found.term


def joined(mark: str, parts: list[Part]) -> Part:
    """Return parts joined by a word; parts already joined by the same word are merged."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Part] = []
    for part in parts:
        flat += part.parts if isinstance(part, Joined) and part.word == mark else [part]
    return Joined(mark, tuple(flat))


def _tokens(text: str) -> Iterator[_Token]:
    place, terms = 0, 0
    while place < len(text):
        column = place + 1
        if text[place].isspace():
            place += 1
        elif text[place] in "()":
            yield _Token(text[place], None, column)
            place += 1
        else:
            token, place = _token(text, place)
            terms += token.term is not None
            if terms > TERMS:
                raise _wrong(column, "query.long", most=TERMS)
            yield token


def _token(text: str, place: int) -> tuple[_Token, int]:
    """Read the term or joining word at a position; return it and the next position."""
    column = place + 1
    name = _spaced(text, place)
    if compared := _COMPARED.match(text, place + max(name.rfind(" "), name.rfind("\t")) + 1):
        sign = _SIGNS.get(compared[2], compared[2])
        value, after = _value(text, compared.end())
        term = _term(name or compared[1], sign, value, (column, compared.end() + 1))
        return _Token("", term, column), after
    words, after = _value(text, place)
    if ALIKE.get(text[place], text[place]) in _QUOTES:
        return _Token("", Said(words, column), column), after
    if mark := _JOINING.get(fold(words)):
        return _Token(mark, None, column), after
    return _Token("", _flag(words, column), column), after


_QUOTES = "\"'"


def _spaced(text: str, place: int) -> str:
    """Return the name with blanks in it at a position, if a sign follows; else an empty text.

    A condition with blanks in it is refused: it may be words of a text as well.
    """
    found = _WORDS.match(text, place)
    parts = [*re.finditer(r"[\w-]+", found[0])] if found else []
    for last in reversed(parts[1:]):
        name = text[place : place + last.end()]
        key = spelt(fold(name))
        if _COMPARED.match(text, place + last.start()):
            if key in names() or key in _as_options() or key in CHANGED:
                return name
        elif key in flags() and text[place + last.end() : place + last.end() + 1] in {"", " ", ")"}:
            flag = "-".join(name.split())
            hint = Text("query.hyphens", flag=flag, words=name)
            raise _wrong(place + 1, "query.either", hint, words=name, flag=flag)
    return ""


def _value(text: str, place: int) -> tuple[str, int]:
    """Read the value at a position: in quotes, or up to a blank or a bracket."""
    quote = ALIKE.get(text[place : place + 1], text[place : place + 1])
    if quote and quote in _QUOTES:
        for end in range(place + 1, len(text)):
            if ALIKE.get(text[end], text[end]) == quote:
                value, after = text[place + 1 : end], end + 1
                break
        else:
            raise _wrong(place + 1, "query.quote")
    else:
        found = _BARE.match(text, place)
        value, after = (found[0], found.end()) if found else ("", place)
    if not value.strip():
        raise _wrong(place + 1, "query.value")
    return value, after


def _flag(words: str, column: int) -> Part:
    name = spelt(fold(words))
    if found := flags().get(name):
        return found._replace(column=column)
    for start in _OPPOSITE:
        if found := flags().get(name.removeprefix(start)):
            return Joined(NOT, (found._replace(column=column),))
    if name.startswith(LACKING):
        raise _wrong(column, "query.flag", near(name, flags()), name=words)
    return Said(words, column)


def _term(name: str, sign: str, value: str, columns: tuple[int, int]) -> Part:
    """Return the condition on a field; `columns` are the positions of its name and its value."""
    known = names().get(spelt(fold(name)))
    if known is None and spelt(fold(name)) == TEXT and sign == EQUAL:
        return Said(value, columns[0])
    if known is None and spelt(fold(name)) in CHANGED and sign != UNEQUAL:
        return Changed(sign, _moment(value, columns[1]), columns[1])
    if known is None and sign == EQUAL and (asked := _as_options().get(spelt(fold(name)))):
        return asked(value, columns[1])
    if known is None:
        raise _wrong(columns[0], "query.field", near(name, names()), name=name)
    form = form_of(known.type)
    if sign in COMPARING and form["is"] not in {"date", "integer"}:
        raise _wrong(columns[0], "query.order", name=name, sign=sign)
    return Compared(known, sign, _read(known, value, columns[1]), columns[1])


def _read(one: Field, value: str, column: int) -> Any:
    """Return the value of a field in comparable form."""
    form = form_of(one.type)
    if form["is"] == "date":
        return _date(value, column)
    if form["is"] == "integer":
        if not _NUMBER.fullmatch(value):
            raise _wrong(column, "query.number", value=value)
        return int(value)
    if "among" in form:
        known = by_spelling(form["among"])
        if (found := known.get(spelt(fold(value)))) is None:
            hint = Text("query.words", known=[*map(Word, form["among"])])
            raise _wrong(column, "query.word", hint, value=value)
        return found
    return value


def _date(value: str, column: int) -> Typed:
    from casework.rules import dates

    try:
        return dates.parse(value)
    except CaseworkError as error:
        raise at(column, error) from None


def _moment(value: str, column: int) -> Any:
    """Return a day as it was typed, or a time stamp unchanged."""
    if not is_instant(value):
        return _date(value, column)
    try:
        parse_instant(value)
    except CaseworkError as error:
        raise at(column, error) from None
    return value


def _since(value: str, column: int) -> Part:
    return Changed(">=", _moment(value, column), column)


def _before(value: str, column: int) -> Part:
    return Compared(DUE, "<", _date(value, column), column)


def _within(value: str, column: int) -> Part:
    return Ahead(_date(value, column), column)


AS_OPTIONS: Mapping[str, Callable[[str, int], Part]] = {
    "changed_since": _since,
    "due_before": _before,
    "due_within": _within,
}
"""The functions that read conditions on days which options of lists have, by option."""


@cache
def _as_options() -> Mapping[str, Callable[[str, int], Part]]:
    """Return these functions by the names of the options in both languages."""
    return {
        spelt(fold(called)): read
        for name, read in AS_OPTIONS.items()
        for called in (name, *(word(name, lang) for lang in LANGUAGES))
    }


def _wrong(column: int, what: str, hint: Text | str = "", **values: Any) -> UsageError:
    return at(column, UsageError(what, hint or "query.hint", **values))


def at(column: int, error: E) -> E:
    """Return an error with the column of the query; 0 means no column."""
    if column:
        error.what = Text("query.at", column=column, what=error.what)
    return error
