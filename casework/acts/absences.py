"""Absences: who is away, from when to when, and which deputy acts for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.acts.actors import allow, locked, refuse_unchanged
from casework.errors import NotAllowedError, RefusedError, UsageError
from casework.kinds.records import Person
from casework.questions import lookup
from casework.rules.deputies import ABSENCE, AWAY, BACK, may_have_one
from casework.words import Kind, Text

if TYPE_CHECKING:
    from datetime import date

    from casework.ledger.ledger import Desk


def away(
    desk: Desk,
    words: str,
    *,
    begins: date | None = None,
    ends: date | None = None,
    deputy: str | None = None,
    reason: str | None = None,
) -> Person:
    """Record that a person is away from one day to another, both included, and their deputy.

    If an absence is not over yet, only what is given changes. A new absence begins today by
    default. Raises UsageError if the last day or the deputy is missing, and RefusedError if the
    last day is before the first or the deputy cannot stand in.
    """
    old = _person(desk, AWAY, words)
    if not may_have_one(old):
        raise RefusedError("away.nothing-to-do", code=old.code)
    lasts = old.away_to is not None and old.away_to >= desk.today
    first = begins or (old.away_from if lasts else None) or desk.today
    last = ends or (old.away_to if lasts else None)
    named = deputy or (old.deputy if lasts else None)
    if last is None or named is None:
        raise UsageError("away.until-and-deputy", code=old.code)
    if last < first:
        raise RefusedError("away.days", first=first, last=last)
    if last < desk.today:
        raise RefusedError("away.over", last=last, today=desk.today)
    other = lookup.find(desk.connection, Person, named)
    _refuse_deputy(old, other, first, last)
    changes = {"away_from": first, "away_to": last, "deputy": other.code}
    return _recorded(desk, AWAY, old, changes, reason)


def back(desk: Desk, words: str, *, reason: str | None = None) -> Person:
    """Record that a person is back, or cancel an absence that has not begun; their deputy stops.

    Raises RefusedError if the person is not away and no absence lies ahead.
    """
    old = _person(desk, BACK, words)
    if old.away_to is None or old.away_to < desk.today:
        raise RefusedError("back.there", "hint.nothing-changed", code=old.code)
    return _recorded(desk, BACK, old, dict.fromkeys(ABSENCE), reason)


def _person(desk: Desk, verb: str, words: str) -> Person:
    """Return a person, locked, whose absence the actor may record."""
    old = locked(desk, Person, words)
    assert isinstance(old, Person)  # noqa: S101 - for the type checker
    if desk.deputy_of is not None:
        raise NotAllowedError("away.by-deputy", code=old.code, away=desk.deputy_of.code)
    allow(desk, Person, verb, old)
    return old


def _refuse_deputy(old: Person, other: Person, first: date, last: date) -> None:
    """Raise RefusedError if the deputy cannot stand in on every day of the absence."""
    if other.code == old.code:
        raise RefusedError("away.oneself", code=old.code)
    if not may_have_one(other):
        raise RefusedError("away.cannot-stand-in", code=other.code)
    begins, ends = other.away_from, other.away_to
    if begins is not None and ends is not None and begins <= last and first <= ends:
        raise RefusedError("away.deputy-away", code=other.code, begins=begins, ends=ends)


def _recorded(
    desk: Desk, verb: str, old: Person, changes: dict[str, Any], reason: str | None
) -> Person:
    act = desk.act(verb, old, changes, reason=reason)
    refuse_unchanged(act.changes, Text("record.named", kind=Kind(old.kind), key=old.code))
    left = desk.record(act)
    assert isinstance(left, Person)  # noqa: S101 - for the type checker
    return left
