"""Place acts in the timeline of their record: as the next step, or between others.

An act that takes effect after the last one and amends nothing is the next step, and is judged by
the row alone. Any other act is inserted between the events of the record (`inserting`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.kinds.records import iso
from casework.rules.changes import BY_EFFECT
from casework.store import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from casework.log.event import Act
    from casework.store.connections import Connection


def place(connection: Connection, acts: Sequence[Act]) -> None:
    """Set the effect on the row for each act that is not the next step of its record.

    Raises RefusedError if the timeline with the act would break a rule, and ConflictError if the
    record has changed since the act was decided.
    """
    of: dict[tuple[str, str], list[Act]] = {}
    for act in acts:
        if act.kind in BY_EFFECT and act.before is not None:
            of.setdefault((act.kind, act.key), []).append(act)
    for (kind, key), own in of.items():
        if not _follow(_last_day(connection, kind, key), own):
            # Imported here: of most acts no other event is read.
            from casework.ledger.inserting import insert

            insert(connection, kind, key, own)


def _follow(last: str, acts: Sequence[Act]) -> bool:
    """Return whether acts are the next steps of a record whose last act took effect on a day."""
    for act in acts:
        day = iso(act.effective_on)
        if day < last or act.amends is not None or act.strikes is not None:
            return False
        last = day
    return True


def _last_day(connection: Connection, kind: str, key: str) -> str:
    day: date | None = connection.value(compiled.LAST_DAY, kind=kind, key=key)
    return "" if day is None else iso(day)
