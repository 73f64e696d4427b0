"""What the register keeps under names for whoever reads it: views, and templates of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.acts.actors import allow, code, locked, refuse_unchanged
from casework.errors import NotFoundError
from casework.questions.named import field_of, kept
from casework.system.text import TEXT_LIMIT, clean
from casework.words import Kind, Text, Word

if TYPE_CHECKING:
    from casework.kinds.records import Record
    from casework.ledger.ledger import Desk
    from casework.questions.named import Named


def save(
    desk: Desk, kind: type[Named], name: str, words: str, *, reason: str | None = None
) -> Record:
    """Keep a text under a name: of a view what is typed for it behind ``casework list``.

    One that is there is changed, one that was dropped is there again. Raises RefusedError where
    nothing is changed.
    """
    field = field_of(kind)
    fields: dict[str, Any] = {
        field: clean(words, Text("name.field", field=Word(field)), TEXT_LIMIT)
    }
    found = kept(desk.connection, kind, name)
    if found is None:
        allow(desk, kind, "add")
        subject = (kind.kind, code(name, "name.code"))
        return desk.record(desk.act("add", subject, fields, reason=reason))
    allow(desk, kind, "edit")
    old = locked(desk, kind, found.code)
    act = desk.act("edit", old, {**fields, "retired_on": None}, reason=reason)
    refuse_unchanged(act.changes, Text("record.named", kind=Kind(old.kind), key=old.code))
    return desk.record(act)


def drop(desk: Desk, kind: type[Named], name: str, *, reason: str | None = None) -> Record:
    """Note that one is used no more; raises NotFoundError for one there is none of."""
    allow(desk, kind, "retire")
    found = kept(desk.connection, kind, name)
    old = found and locked(desk, kind, found.code)
    if old is None or old.retired_on is not None:
        raise NotFoundError(f"named.not-shared.{kind.kind}", name=name)
    return desk.record(desk.act("retire", old, {"retired_on": desk.today}, reason=reason))
