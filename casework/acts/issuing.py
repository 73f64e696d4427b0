"""The office that issues papers: what their head and foot say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.acts.actors import allow, locked, refuse_unchanged
from casework.acts.describing import described, refuse_lacking
from casework.errors import UsageError
from casework.kinds.records import Office, Record
from casework.questions import lookup
from casework.words import Kind, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.ledger.ledger import Desk

OFFICE = "office"
"""The code of the one there is."""


def set_office(
    desk: Desk, *, clear: Sequence[str] = (), reason: str | None = None, **said: Any
) -> Record:
    """Say what papers say of the office that issues them; the first time it needs a name.

    What is not said stays; `clear` names, as options do, what is to say nothing.
    """
    fields = described(desk, Office, said, desk.today) | _cleared(clear, said)
    if lookup.office(desk.connection) is None:
        allow(desk, Office, "add")
        refuse_lacking(Office, "office set", fields)
        return desk.record(desk.act("add", (Office.kind, OFFICE), fields, reason=reason))
    allow(desk, Office, "edit")
    act = desk.act("edit", locked(desk, Office, OFFICE), fields, reason=reason)
    refuse_unchanged(act.changes, Text("office.itself", kind=Kind(Office.kind)))
    return desk.record(act)


def _cleared(names: Sequence[str], said: dict[str, Any]) -> dict[str, Any]:
    """Return nothing for each field that is to say nothing; raises UsageError for other names."""
    known = {(one.each or one.short): one for one in Office.describing if not one.wanted}
    found = [known.get(name.replace("-", "_")) for name in names]
    given = {name for name, value in said.items() if value not in (None, ())}
    for name, one in zip(names, found, strict=True):
        if one is None or one.short in given:
            raise UsageError(
                "office.cannot-clear", name=name, known=[one.replace("_", "-") for one in known]
            )
    return {one.name: one.default for one in found if one is not None}
