"""The words people read, in both languages, by id; nothing else in the program holds any.

`en.po` and `vi.po` are gettext catalogues whose msgid is an id such as ``extend.not-later``: a
translator needs no Python. Identifiers in JSON and CSV are codes, and never translated.

This room imports nothing of the program, so that every other one can name a text.
"""

from __future__ import annotations

import errno
import os
import re
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from casework.words.catalogue import entries_of

if TYPE_CHECKING:
    from collections.abc import Iterable

LANGUAGES = ("en", "vi")

VARIABLES = ("CASEWORK_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Where a language is named, the weightiest first: the program's own, then as gettext has it."""


class Text:
    """A text that is worded when it is shown: its id, and the values that stand in it.

    Of an entry with two forms the first is for a `count` of one; of a number that has a word of its
    own both forms stand in its place, as ``{rows:row|rows}``. As a `str` it is English.
    """

    __slots__ = ("key", "values")

    def __init__(self, key: str, /, **values: Any) -> None:
        self.key = key
        self.values = values

    def said(self, lang: str = "en") -> str:
        """Return the text in a language; raises KeyError for an id that no catalogue has."""
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
        """Return the word in a language, or the code where there is none."""
        return word(self.key.removeprefix("word."), lang)


class Name(Text):
    """What a value is called in messages, by the id of its text; one without a text is its own."""

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
        """Return what the act is called, or its name where nothing is said of it."""
        return said(self.key, lang) if has(self.key) else self.name


class Given(Text):
    """What somebody gives with an act: a field, by its name."""

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
    """Several texts, each on a line of its own, and how many more are left out."""

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
    """Several things of which one is meant: ``a, b or c``."""

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
    """Several things that are all meant: ``a, b and c``."""

    __slots__ = ()
    between = "list.and"


class Quoted(Text):
    """What a system or a library said in English, and what the catalogue has for it."""

    __slots__ = ("words",)

    def __init__(self, key: str, words: str, /, **values: Any) -> None:
        super().__init__(key, **values)
        self.words = words

    def said(self, lang: str = "en") -> str:
        """Return what was said, or what it is in another language where that is known."""
        return self.words if lang == "en" or not has(self.key) else super().said(lang)


class Written(Text):
    """What the program itself wrote into a register, in English, such as a notice on a copy."""

    __slots__ = ("words",)

    def __init__(self, words: str) -> None:
        super().__init__("")
        self.words = words

    def said(self, lang: str = "en") -> str:
        """Return it in a language; what somebody else wrote stays as it is."""
        if lang != "en":
            for key, pattern in _written().items():
                if found := pattern.fullmatch(self.words):
                    return said(key, lang, **found.groupdict())
        return self.words


@cache
def _written() -> dict[str, re.Pattern[str]]:
    """Return what the program writes into registers, as expressions that find its values."""
    return {
        key: re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(forms[0])), re.DOTALL)
        for key, forms in beginning_with("written.", "en").items()
    }


def quoted(error: BaseException) -> Text:
    """Return what an error says: its own text, or what the system or the library said."""
    own = error.args[0] if error.args else None
    if isinstance(own, Text):
        return own
    number, name = getattr(error, "errno", None), getattr(error, "sqlite_errorname", None)
    kind = errno.errorcode.get(number or 0) or name or type(error).__name__
    return Quoted(f"system.{kind}", getattr(error, "strerror", None) or str(error))


class _Number(int):
    """A number in a text: ``{rows:,row|rows}`` is 1 row or 3,000 rows; without comma, 3000."""

    mark = ","
    """What stands between its thousands where a text asks for a comma."""

    def __format__(self, form: str) -> str:
        if "|" not in form:
            text = int.__format__(self, form)
            return text.replace(",", self.mark) if form == "," else text
        one, several = form.removeprefix(",").split("|")
        count = format(self, "," if form.startswith(",") else "d")
        return f"{count} {one if self == 1 else several}"


class _VietnameseNumber(_Number):
    """A number whose thousands stand apart as Vietnamese sets them: 21.914."""

    mark = "."


def of_the_environment() -> str:
    """Return the language of the environment: Vietnamese of a Vietnamese locale, else English."""
    first = next((os.environ[name] for name in VARIABLES if os.environ.get(name)), "").casefold()
    return next((lang for lang in LANGUAGES if first.startswith(lang)), LANGUAGES[0])


def has(key: str) -> bool:
    """Tell whether there is a text with this id."""
    return entries_of("en")[key] is not None


def beginning_with(prefix: str, lang: str) -> dict[str, tuple[str, ...]]:
    """Return the texts in a language whose id begins so, each in its forms, by id."""
    return entries_of("en").beginning_with(prefix) | entries_of(lang).beginning_with(prefix)


def said(key: str, lang: str = "en", /, **values: Any) -> str:
    """Return a text in a language, with its values; raises KeyError for an unknown id.

    What a translator has not filled in yet is shown in English.
    """
    forms = entries_of(lang)[key] or entries_of("en")[key]
    if forms is None:
        raise KeyError(key)
    text = forms[0] if values.get("count") == 1 else forms[-1]
    if not values:
        return text
    return text.format_map({name: shown(value, lang) for name, value in values.items()})


def shown(value: Any, lang: str) -> Any:
    """Return a value as it stands in a text: dates and lists in the language of the reader."""
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
    return f"{day:%d/%m}/{day.year:04}" if lang == "vi" else f"{day:%Y-%m-%d}"


def weekday(day: date, lang: str = "en") -> str:
    """Return the weekday of a date, whatever the machine's locale."""
    return said(f"weekday.{day.weekday()}", lang)


def long_date(day: date, lang: str = "en") -> str:
    """Return a date with its weekday: Thứ Sáu, 27/11/2026; Friday, 27 November 2026."""
    if lang == "vi":
        return f"{weekday(day, lang)}, {short_date(day, lang)}"
    return f"{weekday(day)}, {day.day} {said(f'month.{day.month}')} {day.year}"


def word(key: str, lang: str = "en") -> str:
    """Return the word for a field, a state or another code; one without a word is its own."""
    forms = entries_of(lang)[f"word.{key}"] or entries_of("en")[f"word.{key}"]
    return key if forms is None else forms[0]
