"""The working days as registered now, or before an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.kinds.records import (
    Holiday,
)
from casework.questions.lookup import directory
from casework.store import compiled

if TYPE_CHECKING:
    from casework.rules.working_days import WorkingCalendar
    from casework.store.connections import Connection


def holidays(connection: Connection) -> dict[str, Holiday]:
    """Return every day that was ever registered, withdrawn ones too, by its ISO date."""
    return {one.day: one for one in directory(connection, Holiday)}


def working_calendar(connection: Connection, *, before: int | None = None) -> WorkingCalendar:
    """Return the working calendar as registered now, or before an event."""
    from casework.rules.working_days import WorkingCalendar

    known: dict[str, Any] = {}
    if before is None:
        known.update(holidays(connection))
    else:
        # Imported here: what is registered now needs no event.
        from casework.log import reading as audit

        rows = connection.rows(compiled.EVENTS_OF_KIND, kind=Holiday.kind)
        for event in (audit.read(body, disclosures) for body, disclosures in rows):
            if event.seq < before:
                known[event.key] = audit.fold(known.get(event.key), event)
    return WorkingCalendar.registered(known.values())


def calendar_version(connection: Connection, before: int | None) -> int | None:
    """Return the number of the last event that changed the calendar, before another one."""
    from casework.questions.audit_log import ENDLESS

    end = ENDLESS if before is None else before
    version: int | None = connection.value(compiled.LAST_OF_KIND, kind=Holiday.kind, before=end)
    return version
