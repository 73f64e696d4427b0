"""The inputs of an act, and how a value or a typed text is read as one of them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import UsageError
from casework.kinds.choices import BASES, Outcome
from casework.kinds.forms import RELATIONS
from casework.rules.dates import BY, ON, Typed, Use, parse
from casework.system.text import spelt
from casework.words import Choice, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Form(StrEnum):
    """What a field of an act takes."""

    TEXT = "text"
    CODE = "code"
    """The code, or a name, of something the register knows."""
    CODES = "codes"
    DAY = "day"
    DUE = "due"
    OUTCOME = "outcome"
    BASIS = "basis"
    RELATION = "relation"
    NUMBER = "number"
    MARK = "mark"
    """Yes or no."""


class Field(NamedTuple):
    """A field of an act: its name, what it takes, and whether the act must have it."""

    name: str
    form: Form = Form.TEXT
    must: bool = False


CHOICES: Mapping[Form, tuple[str, ...]] = {
    Form.OUTCOME: tuple(Outcome),
    Form.BASIS: BASES,
    Form.RELATION: RELATIONS,
}
"""The words a field takes that has a choice of them."""


SHOWN = 60
"""How many characters are shown of a value that is refused."""


def value_of(field: Field, value: Any) -> Any:
    """Return a value as an act takes it; raises UsageError for what is none of the field's."""
    reader = _READERS.get(field.form) or _choice_of(field.form)
    found = reader(value)
    if found is None:
        choices = CHOICES.get(field.form)
        takes = Choice(choices) if choices else Text(f"acts.takes.{field.form}")
        raise UsageError("acts.no-value", field=field.name, value=repr(value)[:SHOWN], takes=takes)
    return found


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _codes(value: Any) -> tuple[str, ...] | None:
    # One name is no list of letters.
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, tuple | list) or not all(isinstance(one, str) for one in listed):
        return None
    return tuple(listed)


def _date(use: Use) -> Callable[[Any], date | Typed | None]:
    def read(value: Any) -> date | Typed | None:
        if isinstance(value, str):
            typed = parse(value)
            typed.refuse_period(use)
            return typed
        known = isinstance(value, date | Typed) and not isinstance(value, datetime)
        return value if known else None

    return read


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _mark(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _choice_of(form: Form) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        said = spelt(value) if isinstance(value, str) else ""
        return said if said in CHOICES[form] else None

    return read


_READERS: Mapping[Form, Callable[[Any], Any]] = {
    Form.TEXT: _text,
    Form.CODE: _text,
    Form.CODES: _codes,
    Form.DAY: _date(ON),
    Form.DUE: _date(BY),
    Form.NUMBER: _number,
    Form.MARK: _mark,
}
