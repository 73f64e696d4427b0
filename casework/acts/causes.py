"""Causes of lateness: add, edit and retire them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.acts.actors import allow, code, effective, locked, refuse_taken, refuse_unchanged
from casework.acts.describing import described, refuse_lacking
from casework.errors import RefusedError
from casework.kinds.records import Cause, Record
from casework.questions.known import Asked
from casework.words import Kind, Text

if TYPE_CHECKING:
    from datetime import date

    from casework.ledger.ledger import Desk


def add_cause(desk: Desk, key: str, **said: Any) -> Record:
    """Register a cause under a code; `said` has the fields that describe it."""
    allow(desk, Cause, "add")
    key = code(key, "name.code")
    refuse_taken(Asked(desk.connection, Cause), key)
    fields = described(desk, Cause, said, desk.today)
    refuse_lacking(Cause, "cause add", fields)
    return desk.record(desk.act("add", (Cause.kind, key), fields))


def edit_cause(desk: Desk, key: str, *, reason: str | None = None, **said: Any) -> Record:
    """Change the name of a cause or whose cause it is; its code stays."""
    allow(desk, Cause, "edit")
    old = locked(desk, Cause, key)
    act = desk.act("edit", old, described(desk, Cause, said, desk.today), reason=reason)
    refuse_unchanged(act.changes, Text("record.named", kind=Kind(old.kind), key=old.code))
    return desk.record(act)


def retire_cause(desk: Desk, key: str, *, reason: str, effective_on: date | None = None) -> Record:
    """Retire a cause: it cannot be given any more, and the cases that have it keep it."""
    allow(desk, Cause, "retire")
    old = locked(desk, Cause, key)
    if old.retired_on is not None:
        raise RefusedError(
            "cause.retired-already", "hint.nothing-changed", code=old.code, day=old.retired_on
        )
    day = effective(desk, effective_on)
    act = desk.act("retire", old, {"retired_on": day}, effective_on=day, reason=reason)
    return desk.record(act)
