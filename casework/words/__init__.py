"""All texts that people read, in both languages, by id.

They are in `en.po` and `vi.po`, gettext catalogues whose msgid is an id such as
``extend.not-later``, so that a translator needs no Python. Identifiers in JSON and CSV are codes
and never translated.

This package imports nothing else of the program, so that every other package can use it.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from casework.words.catalogue import entries_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T", str, str | None)

LANGUAGES = ("en", "vi")

VARIABLES = ("CASEWORK_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""The environment variables for the language, by priority: the program's own, then gettext's."""


class Text:
    """A text that is put into words when it is shown: its id and its values.

    If an entry has two forms, the first is for a `count` of one. A number followed by a word may
    give both forms in place, as in ``{rows:row|rows}``. As a `str` it is English.
    """

    __slots__ = ("key", "values")

    def __init__(self, key: str, /, **values: Any) -> None:
        self.key = key
        self.values = values

    def said(self, lang: str = "en") -> str:
        """Return the text in a language; raises KeyError for an unknown id."""
        return said(self.key, lang, **self.values)

    def __str__(self) -> str:
        return self.said()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        values = "".join(f", {name}={value!r}" for name, value in self.values.items())
        return f"Text({self.key!r}{values})"


class Word(Text):
    """A state, a kind or another code, shown as the word for it."""

    __slots__ = ()

    def __init__(self, code: str) -> None:
        super().__init__(f"word.{code}")

    def said(self, lang: str = "en") -> str:
        """Return the word in a language, or the code if there is no word."""
        return word(self.key.removeprefix("word."), lang)


class Name(Text):
    """The name of a value in messages, by the id of its text; shown as it is without a text."""

    __slots__ = ()

    def said(self, lang: str = "en") -> str:
        """Return the name in a language."""
        return said(self.key, lang) if has(self.key) else self.key


class Verb(Text):
    """An act, by its verb: assign, reopen."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__(f"act.{name}")
        self.name = name

    def said(self, lang: str = "en") -> str:
        """Return the word for the act, or its name if there is none."""
        return said(self.key, lang) if has(self.key) else self.name


class Given(Text):
    """A value given with an act: a field, by name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__(f"word.{name}")
        self.name = name


class Kind(Text):
    """A kind of record: case, conference, person."""

    __slots__ = ()

    def __init__(self, kind: str) -> None:
        super().__init__(f"kind.{kind}")


class Lines(Text):
    """Several texts on separate lines, and how many more are left out."""

    __slots__ = ("texts",)

    def __init__(self, texts: Iterable[Any], *, left_out: int = 0) -> None:
        super().__init__("list.more", left_out=left_out)
        self.texts = [*texts]

    def said(self, lang: str = "en") -> str:
        """Return the lines in a language."""
        lines = [str(shown(text, lang)) for text in self.texts]
        if self.values["left_out"]:
            lines.append(said(self.key, lang, **self.values))
        return "\n".join(lines)


class Choice(Text):
    """Several alternatives: ``a, b or c``."""

    __slots__ = ("items",)
    between = "list.or"

    def __init__(self, items: Any) -> None:
        super().__init__(self.between)
        self.items = [*items]

    def said(self, lang: str = "en") -> str:
        """Return the things in a language, with "or" or "and" before the last one."""
        *first, last = [shown(item, lang) for item in self.items] or [""]
        return said(self.key, lang, first=", ".join(first), last=last) if first else last


class Both(Choice):
    """Several things together: ``a, b and c``."""

    __slots__ = ()
    between = "list.and"


class Quoted(Text):
    """An English message of the system or a library, with its translation in the catalogue."""

    __slots__ = ("words",)

    def __init__(self, key: str, words: str, /, **values: Any) -> None:
        super().__init__(key, **values)
        self.words = words

    def said(self, lang: str = "en") -> str:
        """Return the message, translated if a translation is known."""
        return self.words if lang == "en" or not has(self.key) else super().said(lang)


class Written(Text):
    """English text that the program itself wrote into a register, such as a notice on a copy."""

    __slots__ = ("words",)

    def __init__(self, words: str) -> None:
        super().__init__("")
        self.words = words

    def said(self, lang: str = "en") -> str:
        """Return it in a language; text written by people stays as it is."""
        if lang != "en":
            for key, pattern in _written().items():
                if found := pattern.fullmatch(self.words):
                    inner = found.groupdict().items()
                    return said(key, lang, **{name: _inner(name, one) for name, one in inner})
        return self.words


def _inner(name: str, words: str) -> Text:
    """Return a value inside a text of the program's: an act, or a text of its own."""
    return Verb(words) if name == "act" else Written(words)


@cache
def _written() -> dict[str, re.Pattern[str]]:
    """Return patterns for the texts that the program writes into registers, the longest first.

    A longer one says more: what "reported by file {digest}" is for, is "reported by {name}" too.
    """
    texts = {key: forms[0] for key, forms in beginning_with("written.", "en").items()}
    return {
        key: re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(text)), re.DOTALL)
        for key, text in sorted(texts.items(), key=lambda one: -len(one[1]))
    }


def quoted(error: BaseException) -> Text:
    """Return the text of an error: ours, or the message of the system or a library."""
    own = error.args[0] if error.args else None
    if isinstance(own, Text):
        return own
    if isinstance(error, RecursionError):
        return Text("data.too-deep")
    if isinstance(error, ValueError) and "integer string conversion" in str(error):
        return Text("data.long-number", limit=sys.get_int_max_str_digits())
    number, name = getattr(error, "errno", None), getattr(error, "sqlite_errorname", None)
    kind = errno.errorcode.get(number or 0) or name or type(error).__name__
    return Quoted(f"system.{kind}", getattr(error, "strerror", None) or str(error))


class _Number(int):
    """A number in a text: ``{rows:,row|rows}`` is 1 row or 3,000 rows; without comma, 3000."""

    mark = ","
    """The thousands separator, if a text asks for one."""

    def __format__(self, form: str) -> str:
        if "|" not in form:
            text = int.__format__(self, form)
            return text.replace(",", self.mark) if form == "," else text
        one, several = form.removeprefix(",").split("|")
        count = format(self, "," if form.startswith(",") else "d")
        return f"{count} {one if self == 1 else several}"


class _VietnameseNumber(_Number):
    """A number with Vietnamese thousands separators: 21.914."""

    mark = "."


def of_the_environment(otherwise: Callable[[], str] = str) -> str:
    """Return the language of the environment: Vietnamese for a Vietnamese locale, else English.

    `otherwise` is asked for a locale if no variable names one.
    """
    named = next((os.environ[name] for name in VARIABLES if os.environ.get(name)), None)
    locale = (otherwise() if named is None else named).casefold()
    return next((lang for lang in LANGUAGES if locale.startswith(lang)), LANGUAGES[0])


def has(key: str) -> bool:
    """Return whether there is a text with this id."""
    return entries_of("en")[key] is not None


def beginning_with(prefix: str, lang: str) -> dict[str, tuple[str, ...]]:
    """Return the texts in a language whose ids have a prefix, in all forms, by id."""
    return entries_of("en").beginning_with(prefix) | entries_of(lang).beginning_with(prefix)


def said(key: str, lang: str = "en", /, **values: Any) -> str:
    """Return a text in a language, with its values; raises KeyError for an unknown id.

    Texts without a translation are shown in English.
    """
    forms = entries_of(lang)[key] or entries_of("en")[key]
    if forms is None:
        raise KeyError(key)
    text = forms[0] if values.get("count") == 1 else forms[-1]
    if not values:
        return text
    return text.format_map({name: shown(value, lang) for name, value in values.items()})


def shown(value: Any, lang: str) -> Any:
    """Return a value as shown in a text: dates and lists in the reader's language."""
    match value:
        case Text():
            # What a server or a driver said has no id, and stays as it was said.
            return value.said(lang) if type(value) is not Text or has(value.key) else value.key
        case datetime():
            return f"{short_date(value, lang)}{' ' if lang == 'vi' else 'T'}{value:%H:%M:%SZ}"
        case date():
            return short_date(value, lang)
        case int() if type(value) is int:
            return _VietnameseNumber(value) if lang == "vi" else _Number(value)
        case list() | tuple():
            return ", ".join(str(shown(one, lang)) for one in value)
    return value


def short_date(day: date, lang: str) -> str:
    """Return a date in digits: 31/12/2022 in Vietnamese, 2022-12-31 in English."""
    return f"{day:%d/%m}/{day.year:04}" if lang == "vi" else f"{day.year:04}-{day:%m-%d}"


def weekday(day: date, lang: str = "en") -> str:
    """Return the weekday of a date, whatever the machine's locale."""
    return said(f"weekday.{day.weekday()}", lang)


def long_date(day: date, lang: str = "en") -> str:
    """Return a date with its weekday: Thứ Sáu, 27/11/2026; Friday, 27 November 2026."""
    if lang == "vi":
        return f"{weekday(day, lang)}, {short_date(day, lang)}"
    return f"{weekday(day)}, {day.day} {said(f'month.{day.month}')} {day.year}"


def in_language(text: T, vietnamese: str | None, lang: str) -> T:
    """Return the form of a name that is shown: in Vietnamese that one, if there is one."""
    return (vietnamese if lang == "vi" else None) or text


def word(key: str, lang: str = "en") -> str:
    """Return the word for a field, a state or another code, or the code if there is no word."""
    forms = entries_of(lang)[f"word.{key}"] or entries_of("en")[f"word.{key}"]
    return key if forms is None else forms[0]
