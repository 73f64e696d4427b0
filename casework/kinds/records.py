"""The kinds by name. A record is one row, and equals the result of applying its events.

A field marked `private` is free text or identifies a person: the log holds only a salted commitment
to it. Fields without that mark are in the log in clear.
"""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from casework.kinds.case import Case
from casework.kinds.choices import Role, State
from casework.kinds.directory import COLLECTIVE, Conference, Organisation, Person
from casework.kinds.field import NEEDED
from casework.kinds.forms import WORDED, form_of, is_free
from casework.kinds.housekeeping import (
    Cause,
    Digest,
    Holiday,
    Intake,
    Office,
    Paper,
    Register,
    Request,
    Template,
    View,
)
from casework.kinds.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum


__all__ = [
    "COLLECTIVE",
    "KINDS",
    "NEEDED",
    "REDACTED",
    "Case",
    "Cause",
    "Conference",
    "Digest",
    "Holiday",
    "Intake",
    "Office",
    "Organisation",
    "Paper",
    "Person",
    "Record",
    "Register",
    "Request",
    "Shape",
    "Template",
    "View",
    "blank",
    "iso",
    "names_of",
    "plain",
    "shape",
    "typed",
]

REDACTED = "[redacted]"
"""Replaces an erased text that a record must have."""

KINDS: Mapping[str, type[Record]] = {
    kind.kind: kind
    for kind in (
        *(Register, Organisation, Person, Conference, Holiday, Cause, Office, Paper, View),
        *(Template, Case, Digest, Intake, Request),
    )
}


SHOWN_IN_WORDS = frozenset(
    one.name for kind in KINDS.values() for one in kind.fields if one.holds in WORDED
)
"""The fields whose values are shown as words of the reader's language."""

WRITTEN = frozenset({"reported", "reason"})
"""The fields with texts that the program itself may have written, in English."""

DATED = frozenset(
    one.name
    for kind in KINDS.values()
    for one in kind.fields
    if one.holds in {"date", "Due", "Day"}
)
"""The fields that hold a day."""


def blank(kind: str) -> Mapping[str, Any]:
    """Return the defaults of the fields of a kind; NEEDED for those that must have a value."""
    return KINDS[kind].blank


@cache
def names_of(kind: str) -> tuple[str, ...]:
    """Return the names of a kind's fields, `version` among them."""
    return tuple(f.name for f in KINDS[kind].fields)


class Shape:
    """How a kind of record is serialised: the initial values of its fields, and which are private.

    It covers all fields except `version` and the key. `withheld` is the value of a private field
    that is no longer disclosed; `texts` are the free-text fields. `forms` has the type of each
    field and of the key.
    """

    def __init__(self, record: type[Record]) -> None:
        own = [f for f in record.fields if f.name not in {"version", record.key_field}]
        self.start = {f.name: _start(f.default) for f in own}
        self.plain_start = {name: plain(value) for name, value in self.start.items()}
        self.private = frozenset(f.name for f in own if f.private)
        self.texts = frozenset(f.name for f in own if is_free(f.type))
        self.forms = {f.name: form_of(f.type) for f in record.fields if f.name != "version"}
        self.dates = frozenset(f.name for f in own if self.forms[f.name]["is"] == "date")
        self.lists = frozenset(f.name for f in own if f.many)
        self.enums = {f.name: found for f in own if (found := _ENUMS.get(f.type.split(" ")[0]))}
        self.withheld = {f.name: _withheld(f.default) for f in own if f.private}


_ENUMS: Mapping[str, type[StrEnum]] = {"State": State, "Role": Role}


@cache
def shape(kind: str) -> Shape:
    """Return the shape of a kind of record."""
    return Shape(KINDS[kind])


def _start(default: Any) -> Any:
    # A field that must be given, or that starts with a value, still changes from nothing when
    # the record is made: only absence (None, the empty list) and zero go without saying.
    return default if default in ((), 0) else None


def _withheld(default: Any) -> Any:
    return REDACTED if default == "" else plain(default)


iso = lru_cache(maxsize=4096)(date.isoformat)
"""Return a date in ISO form; cached, because an event and its row need the same dates."""


def plain(value: Any) -> Any:
    """Return a field's value for JSON: ISO dates, lists, strings.

    Raises TypeError for a float, which can be written in more than one way.
    """
    if value is None or type(value) is str:
        return value
    if isinstance(value, date):
        return iso(value)
    if isinstance(value, tuple):
        return [item if type(item) is str else plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; no record holds one")
    return value


def typed(kind: str, name: str, value: Any) -> Any:
    """Return a field's value from its JSON form; the reverse of `plain`."""
    form = shape(kind)
    if name in form.lists:
        return tuple(tuple(v) if isinstance(v, list) else v for v in value)
    if value is None:
        return None
    if name in form.dates:
        return date.fromisoformat(value)
    if name in form.enums:
        return form.enums[name](value)
    return value
