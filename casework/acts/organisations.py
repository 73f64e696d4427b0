"""Organisations: register, rename and end them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.acts.actors import (
    allow,
    code,
    effective,
    locked,
    mailbox,
    names,
    refuse_taken,
    refuse_unchanged,
)
from casework.errors import RefusedError
from casework.kinds.records import Organisation, Record
from casework.questions import lookup, naming
from casework.questions.known import Asked
from casework.system.text import TITLE_LIMIT, clean, fold, optional
from casework.words import Kind, Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from casework.ledger.ledger import Desk
    from casework.log.event import Act
    from casework.questions.known import Known


def add_organisation(desk: Desk, key: str, **given: Any) -> Record:
    """Register an organisation; for its fields see `adding`."""
    return desk.record(adding(desk, Asked(desk.connection, Organisation), key, **given))


def adding(
    desk: Desk,
    known: Known[Organisation],
    key: str,
    *,
    name: str,
    name_vi: str | None = None,
    kind: str | None = None,
    aliases: Sequence[str] = (),
    parent: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    source: str | None = None,
    email: str | None = None,
) -> Act:
    """Return the act that registers an organisation; `email` is its mailbox.

    Its names must not belong to another organisation between its first day and `valid_to`, the last
    day that a following act will set.
    """
    allow(desk, Organisation, "add")
    key = code(key, "name.code")
    refuse_taken(known, key)
    naming.refuse_code_of_name(known, key)
    name = clean(name, "name.name", TITLE_LIMIT)
    name_vi = optional(name_vi, "name.vietnamese-name", TITLE_LIMIT)
    others = names(aliases, "name.alias")
    said = (name, name_vi, *others) if name_vi else (name, *others)
    naming.refuse_borne(known, key, said, first=valid_from, last=valid_to)
    return desk.act(
        "add",
        (Organisation.kind, key),
        {
            "name": name,
            "name_vi": name_vi,
            "org_kind": kind,
            "aliases": others,
            "parent": parent and lookup.find_known(known, parent).code,
            "valid_from": valid_from,
            "source": optional(source, "name.source"),
            "email": mailbox(email),
        },
    )


def edit_organisation(desk: Desk, key: str, **given: Any) -> Record:
    """Change the names or the parent of an organisation; see `editing`."""
    allow(desk, Organisation, "edit")
    old = locked(desk, Organisation, key)
    return desk.record(editing(desk, Asked(desk.connection, Organisation), old, **given))


def editing(
    desk: Desk,
    known: Known[Organisation],
    old: Organisation,
    *,
    name: str | None = None,
    name_vi: str | None = None,
    kind: str | None = None,
    add_aliases: Sequence[str] = (),
    drop_aliases: Sequence[str] = (),
    parent: str | None = None,
    email: str | None = None,
    effective_on: date | None = None,
    reason: str | None = None,
) -> Act:
    """Return the act that changes the names or the parent of an organisation.

    Its code stays. A former name becomes an alias, unless it is dropped in the same act.
    """
    allow(desk, Organisation, "edit")
    changes = _renamed(known, old, name, name_vi, add_aliases, drop_aliases)
    if kind is not None:
        changes["org_kind"] = kind
    if parent is not None:
        changes["parent"] = _line_above(known, old, parent, "parent")
    if email is not None:
        changes["email"] = mailbox(email)
    day = effective(desk, effective_on)
    act = desk.act("edit", old, changes, effective_on=day, reason=reason)
    refuse_unchanged(act.changes, Text("record.named", kind=Kind(old.kind), key=old.code))
    return act


def _renamed(
    known: Known[Organisation],
    old: Organisation,
    name: str | None,
    name_vi: str | None,
    added: Sequence[str],
    dropped: Sequence[str],
) -> dict[str, Any]:
    """Return the names and aliases of an organisation after an edit."""
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = clean(name, "name.name", TITLE_LIMIT)
    if name_vi is not None:
        changes["name_vi"] = clean(name_vi, "name.vietnamese-name", TITLE_LIMIT)
    # A former name keeps finding the organisation.
    former = [
        was for field in changes if (was := getattr(old, field)) not in {None, changes[field]}
    ]
    said = names(added, "name.alias")
    aliases = tuple(dict.fromkeys((*old.aliases, *said, *former)))
    if aliases != old.aliases or dropped:
        changes["aliases"] = naming.without(old, aliases, names(dropped, "name.alias"))
    had = {fold(one) for one in (old.name, old.name_vi, *old.aliases) if one}
    new = [one for one in (changes.get("name"), changes.get("name_vi"), *said) if one]
    if new := [one for one in new if fold(one) not in had]:
        days = {"first": old.valid_from, "last": old.valid_to}
        naming.refuse_borne(known, old.code, new, **days)
    return changes


def end_organisation(
    desk: Desk, key: str, *, on: date, successor: str | None, reason: str
) -> Record:
    """End an organisation after a day. It still owns its cases until they are reassigned."""
    allow(desk, Organisation, "end")
    old = locked(desk, Organisation, key)
    known = Asked(desk.connection, Organisation)
    return desk.record(ending(desk, known, old, on=on, successor=successor, reason=reason))


def ending(
    desk: Desk,
    known: Known[Organisation],
    old: Organisation,
    *,
    on: date,
    successor: str | None,
    reason: str,
) -> Act:
    """Return the act that ends an organisation after a day."""
    allow(desk, Organisation, "end")
    if old.valid_to is not None:
        raise RefusedError("org.ended", code=old.code, valid_to=old.valid_to)
    if old.valid_from is not None and on < old.valid_from:
        raise RefusedError("org.begins-after", code=old.code, valid_from=old.valid_from, on=on)
    changes = {
        "valid_to": on,
        "successor": successor and _line_above(known, old, successor, "successor"),
    }
    return desk.act("end", old, changes, effective_on=min(on, desk.today), reason=reason)


def _line_above(known: Known[Organisation], old: Organisation, words: str, line: str) -> str:
    """Return the code of a new parent or successor; raises RefusedError for a circle."""
    above = lookup.find_known(known, words)
    every = known.every()
    step: str | None = above.code
    while step is not None:
        if step == old.code:
            raise RefusedError("org.circle", code=above.code, line=line, of=old.code)
        step = getattr(every[step], line)
    return above.code
