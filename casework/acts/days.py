"""Work out which days and moments the dates of a command mean, and report them.

A date that was typed as ISO 8601 needs no store. Every other date is reported once, so that the
user sees which day was understood.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from casework.acts.notices import DateMeant
from casework.questions import lookup
from casework.rules.dates.meaning import SINCE
from casework.system.clock import first_moment, last_moment, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from casework.acts.session import Session
    from casework.rules.dates import Typed, Use
    from casework.store.connections import Connection


class TypedDay(NamedTuple):
    """A date as it was typed, how it is used, and the field it was given for."""

    typed: Typed
    use: Use
    name: str


def days(session: Session, asked: Mapping[str, TypedDay]) -> dict[str, date]:
    """Return the days of a command's dates; the store is opened only if the text is not enough.

    Raises RefusedError and ConflictError if the register cannot tell which day is meant.
    """
    known = {key: one.typed.fixed(one.use) for key, one in asked.items()}
    with session.reading() if None in known.values() else nullcontext() as connection:
        found = {key: known[key] or _settled(connection, one) for key, one in asked.items()}
    for key, one in asked.items():
        _tell(session, one, found[key])
    return found


def moment(
    session: Session, connection: Connection, asked: str | TypedDay | None
) -> datetime | None:
    """Return a point in time in UTC; a day means its first or its last moment at the office.

    Text is a time stamp; without an offset it is in the office's time zone.
    """
    if asked is None:
        return None
    zone = lookup.register(connection).zone
    if isinstance(asked, str):
        return parse_instant(asked, zone)
    day = asked.typed.fixed(asked.use) or _settled(connection, asked)
    _tell(session, asked, day)
    return first_moment(day, zone) if asked.use is SINCE else last_moment(day, zone)


def _settled(connection: Connection | None, asked: TypedDay) -> date:
    from casework.questions.due_dates import settle

    assert connection is not None  # noqa: S101 - for the type checker
    today = lookup.office_day(connection)
    return settle(connection, asked.typed, today, today, asked.use).day


def _tell(session: Session, asked: TypedDay, day: date) -> None:
    if not asked.typed.iso:
        session.tell_reader(DateMeant(name=asked.name, day=day))
