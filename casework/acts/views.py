"""Views of the register: lists of cases under a name, for whoever reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.acts.actors import allow, code, locked, refuse_unchanged
from casework.errors import NotFoundError
from casework.kinds.records import View
from casework.questions.views import kept
from casework.system.text import TEXT_LIMIT, clean
from casework.words import Kind, Text, Word

if TYPE_CHECKING:
    from casework.kinds.records import Record
    from casework.ledger.ledger import Desk

_LISTING = Text("name.field", field=Word("listing"))


def save_view(desk: Desk, name: str, listing: str, *, reason: str | None = None) -> Record:
    """Keep a list under a name; `listing` is what is typed for it behind ``casework list``.

    One that is there is changed, one that was dropped is there again. Raises RefusedError where
    nothing is changed.
    """
    fields: dict[str, Any] = {"listing": clean(listing, _LISTING, TEXT_LIMIT)}
    found = kept(desk.connection, name)
    if found is None:
        allow(desk, View, "add")
        subject = (View.kind, code(name, "name.code"))
        return desk.record(desk.act("add", subject, fields, reason=reason))
    allow(desk, View, "edit")
    old = locked(desk, View, found.code)
    act = desk.act("edit", old, {**fields, "retired_on": None}, reason=reason)
    refuse_unchanged(act.changes, Text("record.named", kind=Kind(old.kind), key=old.code))
    return desk.record(act)


def drop_view(desk: Desk, name: str, *, reason: str | None = None) -> Record:
    """Note that a view is used no more; raises NotFoundError for one there is none of."""
    allow(desk, View, "retire")
    found = kept(desk.connection, name)
    old = found and locked(desk, View, found.code)
    if old is None or old.retired_on is not None:
        raise NotFoundError("view.not-shared", name=name)
    return desk.record(desk.act("retire", old, {"retired_on": desk.today}, reason=reason))
