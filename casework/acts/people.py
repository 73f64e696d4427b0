"""People and the logins under which they act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.acts.actors import (
    REGISTRAR,
    allow,
    code,
    locked,
    mailbox,
    refuse_taken,
    refuse_unchanged,
)
from casework.errors import ConflictError, NotAllowedError, RefusedError
from casework.kinds.choices import Role
from casework.kinds.forms import CODE_LIMIT
from casework.kinds.records import Organisation, Person, Record
from casework.questions import lookup
from casework.questions.known import Asked
from casework.system.text import TITLE_LIMIT, clean, optional
from casework.words import Kind, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from casework.ledger.ledger import Desk


def add_person(
    desk: Desk,
    key: str,
    *,
    name: str,
    name_vi: str | None = None,
    org: str | None,
    role: str | None = None,
    login: str | None = None,
    email: str | None = None,
    offices: Sequence[Mapping[str, Any]] = (),
) -> Record:
    """Register a person; a role makes them a user of the register.

    The registrar, with whom every register starts, loses the login when somebody else gets it.
    """
    allow(desk, Person, "add")
    key = code(key, "name.code")
    refuse_taken(Asked(desk.connection, Person), key)
    login = optional(login, "name.login", CODE_LIMIT)
    acts = _free_login(desk, login)
    acts.append(
        desk.act(
            "add",
            (Person.kind, key),
            {
                "name": clean(name, "name.name", TITLE_LIMIT),
                "name_vi": optional(name_vi, "name.vietnamese-name", TITLE_LIMIT),
                "org": org and lookup.find(desk.connection, Organisation, org).code,
                "role": Role(role) if role else None,
                "login": login,
                "email": mailbox(email),
                "offices": tuple(offices),
            },
        )
    )
    return desk.record(*acts)


def edit_person(
    desk: Desk,
    key: str,
    *,
    name: str | None = None,
    name_vi: str | None = None,
    org: str | None = None,
    role: str | None = None,
    login: str | None = None,
    email: str | None = None,
    reason: str | None = None,
) -> Record:
    """Change a person's name, organisation, role, login or mail address."""
    allow(desk, Person, "edit")
    old = locked(desk, Person, key)
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = clean(name, "name.name", TITLE_LIMIT)
    if name_vi is not None:
        changes["name_vi"] = clean(name_vi, "name.vietnamese-name", TITLE_LIMIT)
    if org is not None:
        changes["org"] = lookup.find(desk.connection, Organisation, org).code
    if role is not None:
        changes["role"] = Role(role)
        if old.code in desk.eyes and changes["role"] != old.role:
            raise NotAllowedError("person.own-role", key=old.code)
    if email is not None:
        changes["email"] = mailbox(email)
    acts = []
    if login is not None:
        changes["login"] = clean(login, "name.login", CODE_LIMIT)
        if changes["login"] != old.login:
            acts = _free_login(desk, changes["login"])
    act = desk.act("edit", old, changes, reason=reason)
    refuse_unchanged(act.changes, Text("record.named", kind=Kind(old.kind), key=old.code))
    return desk.record(*acts, act)


def deactivate_person(desk: Desk, key: str, *, on: date, reason: str) -> Record:
    """Record that a person has left; the name stays in the register and its log."""
    allow(desk, Person, "deactivate")
    old = locked(desk, Person, key)
    if old.ended_on is not None:
        raise RefusedError(
            "person.left", "hint.nothing-changed", code=old.code, ended_on=old.ended_on
        )
    if on > desk.today:
        raise RefusedError("person.not-yet", on=on, today=desk.today)
    changes = {"ended_on": on, "login": None}
    return desk.record(desk.act("deactivate", old, changes, effective_on=on, reason=reason))


def grant_login(
    desk: Desk, words: str, login: str | None, until: date | None
) -> tuple[Person, str]:
    """Link a person to a login on the server until a day; return both.

    By default the login is the one they have, or else their code. Raises RefusedError for a day
    that is past.
    """
    allow(desk, Person, "grant")
    if until is not None and until < desk.today:
        raise RefusedError("grant.over", until=until, today=desk.today)
    old = locked(desk, Person, words)
    if old.role is None or old.ended_on is not None:
        raise RefusedError("grant.no-role", code=old.code)
    name = clean(login or old.login or old.code, "name.login", CODE_LIMIT)
    acts = [] if name == old.login else _free_login(desk, name)
    desk.record(*acts, desk.act("grant", old, {"login": name}))
    return old, name


def revoke_login(desk: Desk, words: str, reason: str) -> str:
    """Unlink a person from their login; return that login."""
    allow(desk, Person, "revoke")
    old = locked(desk, Person, words)
    if old.login is None:
        raise RefusedError("revoke.no-login", "hint.nothing-changed", code=old.code)
    desk.record(desk.act("revoke", old, {"login": None}, reason=reason))
    return str(old.login)


def _free_login(desk: Desk, login: str | None) -> list[Any]:
    holder = lookup.find_login(desk.connection, login) if login else None
    if holder is None:
        return []
    if holder.code != REGISTRAR:
        raise ConflictError("login.taken", login=login, code=holder.code)
    return [desk.act("edit", holder, {"login": None}, reason="the login has its own person now")]
