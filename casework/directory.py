"""Organisations, people, and the register itself: who takes part."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from casework import naming, platforms, queries
from casework.errors import ConflictError, NotAllowedError, NotFoundError, RefusedError, UsageError
from casework.forms import CODE_LIMIT, MAILBOX
from casework.ledger import Desk, load, start_log
from casework.platforms import login as os_login
from casework.platforms.names import FORBIDDEN, fits_everywhere
from casework.records import Case, Organisation, Person, Record, Register
from casework.rules.owning import refuse_owner
from casework.text import TITLE_LIMIT, clean, fold, optional
from casework.workflow import REGISTERING, Party, Role, permit, rule_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from casework.connections import Connection

REGISTRAR = "registrar"
"""The person every register starts with: whoever made it."""

NOT_IN_CODES = frozenset(" '") | FORBIDDEN


def found(
    connection: Connection,
    *,
    zone: str,
    today: date,
    notice: str | None = None,
    next_working_day: bool = False,
) -> None:
    """Start an empty register: its log, its random origin, and its first person.

    With `next_working_day` a counted deadline that ends on a day off ends on the next working day.
    """
    login = os_login()
    start_log(connection)
    registrar = Person(code=REGISTRAR, name="Registrar", role=Role.SECRETARIAT)
    desk = Desk(connection, registrar, login, today)
    origin = f"{uuid.uuid4()}.casework"
    desk.record(
        desk.act(
            "found",
            (Register.kind, "register"),
            {
                "origin": origin,
                "zone": zone,
                "notice": notice,
                "next_working_day": today if next_working_day else None,
            },
        ),
        desk.act(
            "add",
            (Person.kind, REGISTRAR),
            {
                "name": "Registrar",
                "name_vi": "Người lập sổ",
                "role": Role.SECRETARIAT,
                "login": login,
            },
        ),
    )


def login_of(connection: Connection) -> str:
    """Return the login a command runs under: the server's where it enforces rights."""
    return connection.login or os_login()


def actor(connection: Connection, by: str | None) -> Person:
    """Return who acts: the person named, or the one linked to the login.

    Raises NotAllowedError for somebody who has left, or who is not the one whose login a server
    knows; and NotFoundError when nobody is linked.
    """
    if by:
        person = queries.find(connection, Person, by)
        if connection.login is not None and person.login != connection.login:
            raise NotAllowedError(
                f"the login {connection.login} cannot act as {person.code}",
                "on this server everybody acts for themselves; leave --by out",
            )
    else:
        login = login_of(connection)
        linked = queries.find_login(connection, login)
        if linked is None:
            raise NotFoundError(
                f"no person is linked to the login {login}", _way_in(connection, login)
            )
        person = linked
    if person.ended_on is not None:
        raise NotAllowedError(
            f"{person.code} left on {person.ended_on}", "name another person with --by"
        )
    return person


def _way_in(connection: Connection, login: str) -> str:
    """Return how somebody is linked to a login.

    Where earlier versions knew no logins, the register's first person is linked to one that was
    everybody's; they take their own.
    """
    former = platforms.FORMER_LOGIN
    holder = queries.find_login(connection, former) if former else None
    if holder is None:
        return "say who acts with --by PERSON, or link one: casework person edit CODE --login …"
    return (
        f"an earlier version linked {holder.code} to {former}, which was everybody's here; whoever"
        f" is {holder.code} says so once: casework --by {holder.code} person edit {holder.code}"
        f' --login "{login}"'
    )


def parties(person: Person, case: Case | None = None) -> set[Party]:
    """Return what a person is towards a case, or towards the register as a whole."""
    found: set[Party] = set()
    match person.role:
        case Role.SECRETARIAT:
            found.add(Party.SECRETARIAT)
        case Role.ADMIN:
            found.add(Party.ADMIN)
        case Role.DESK if case is not None and person.org is not None:
            if person.org == case.owner:
                found.add(Party.OWNER)
            if person.org in case.coordinating:
                found.add(Party.COORDINATING)
            if person.org == case.proposer:
                found.add(Party.PROPOSER)
    return found


def allow(desk: Desk, kind: type[Record], verb: str, describe: str) -> None:
    """Refuse an actor who may not register this; raises NotAllowedError."""
    permit(REGISTERING[kind.kind][verb], parties(desk.actor), desk.actor.code, describe)


def case_for(desk: Desk, verb: str, ref: str, if_version: int | None = None) -> Case:
    """Return a case, locked, once its version, the workflow and the actor's rights allow a verb.

    Raises ConflictError for another version than the one the actor looked at.
    """
    case = queries.find_case(desk.connection, ref, lock=True)
    if if_version is not None and if_version != case.version:
        raise ConflictError(
            f"case {case.ref} is at version {case.version}, not {if_version}",
            f"somebody changed it since; casework history {case.ref} shows what",
        )
    who = rule_for(verb, case.state, case.ref).who
    permit(who, parties(desk.actor, case), desk.actor.code, f"{verb} case {case.ref}")
    return case


def code(value: str, what: str) -> str:
    """Return a code as it is stored; raises UsageError for white space and unprintable ones."""
    value = clean(value, what, CODE_LIMIT)
    # Of white space only the blank is printable.
    if not value.isprintable() or not NOT_IN_CODES.isdisjoint(value):
        raise UsageError(
            f"{what} '{value}' has characters a code may not have",
            "use letters, digits, dots and hyphens",
        )
    if not fits_everywhere(value):
        raise UsageError(
            f"{what} '{value}' cannot be the name of a file on Windows, where files are called by"
            " codes",
            "do not end it with a dot, and add something to the name of a device, as in CON-1",
        )
    return value


def effective(desk: Desk, day: date | None) -> date:
    """Return the effective day of an act; raises RefusedError for one in the future."""
    if day is not None and day > desk.today:
        raise RefusedError(
            f"{day} lies in the future; an act is recorded once it has taken effect",
            f"today is {desk.today}",
        )
    return day or desk.today


def names(values: Sequence[str], what: str) -> tuple[str, ...]:
    """Return cleaned names without repeats, in the order given."""
    return tuple(dict.fromkeys(clean(value, what, TITLE_LIMIT) for value in values))


def mailbox(value: str | None) -> str | None:
    """Return a mail address as it is stored; raises UsageError for what no mail could reach.

    Only the plain form of RFC 5322, 3.4.1, in ASCII: every server takes it, and nothing in it can
    be mistaken for a second address or a header.
    """
    value = optional(value, "the mail address", CODE_LIMIT)
    if value is not None and not re.fullmatch(MAILBOX, value):
        raise UsageError(f"'{value}' is no mail address", "write name@host.example")
    return value


def refuse_taken(connection: Connection, kind: type[Record], key: str) -> None:
    """Raise ConflictError when a code is taken, whatever its case or diacritics."""
    folded = fold(key)
    if any(fold(taken.key) == folded for taken in _candidates(connection, kind, key)):
        raise ConflictError(
            f"{kind.kind} {key} exists already", f"see casework {_noun(kind)} show {key}"
        )


def _candidates(connection: Connection, kind: type[Record], key: str) -> list[Record]:
    try:
        return [queries.find(connection, kind, key)]
    except (NotFoundError, ConflictError):
        return []


def _noun(kind: type[Record]) -> str:
    return "org" if kind is Organisation else kind.kind


def refuse_unchanged(changes: Mapping[str, Any], what: str) -> None:
    """Raise RefusedError for an act that would change nothing."""
    if not changes:
        raise RefusedError(f"{what} is like that already", "nothing was changed")


# --- organisations ---------------------------------------------------------------------------


def add_organisation(
    desk: Desk,
    key: str,
    *,
    name: str,
    name_vi: str | None = None,
    kind: str | None = None,
    aliases: Sequence[str] = (),
    parent: str | None = None,
    valid_from: date | None = None,
    source: str | None = None,
    email: str | None = None,
) -> Record:
    """Register an organisation; `email` is a mailbox of its own, for reminders."""
    allow(desk, Organisation, "add", "add organisations")
    key = code(key, "the code")
    refuse_taken(desk.connection, Organisation, key)
    naming.refuse_code_of_name(desk.connection, key)
    name = clean(name, "the name", TITLE_LIMIT)
    name_vi = optional(name_vi, "the Vietnamese name", TITLE_LIMIT)
    others = names(aliases, "an alias")
    said = (name, name_vi, *others) if name_vi else (name, *others)
    naming.refuse_borne(desk.connection, key, said, first=valid_from)
    return desk.record(
        desk.act(
            "add",
            (Organisation.kind, key),
            {
                "name": name,
                "name_vi": name_vi,
                "org_kind": kind,
                "aliases": others,
                "parent": parent and queries.find(desk.connection, Organisation, parent).code,
                "valid_from": valid_from,
                "source": optional(source, "the source"),
                "email": mailbox(email),
            },
        )
    )


def edit_organisation(
    desk: Desk,
    key: str,
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
) -> Record:
    """Change what an organisation is called or where it belongs; its code stays.

    A former name is an alias from then on, unless it is dropped at the same time.
    """
    allow(desk, Organisation, "edit", "edit organisations")
    old = _locked(desk, Organisation, key)
    changes = _renamed(desk, old, name, name_vi, add_aliases, drop_aliases)
    if kind is not None:
        changes["org_kind"] = kind
    if parent is not None:
        changes["parent"] = _line_above(desk.connection, old, parent, "parent")
    if email is not None:
        changes["email"] = mailbox(email)
    day = effective(desk, effective_on)
    act = desk.act("edit", old, changes, effective_on=day, reason=reason)
    refuse_unchanged(act.changes, f"organisation {old.code}")
    return desk.record(act)


def _renamed(
    desk: Desk,
    old: Organisation,
    name: str | None,
    name_vi: str | None,
    added: Sequence[str],
    dropped: Sequence[str],
) -> dict[str, Any]:
    """Return what an organisation is called from now on."""
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = clean(name, "the name", TITLE_LIMIT)
    if name_vi is not None:
        changes["name_vi"] = clean(name_vi, "the Vietnamese name", TITLE_LIMIT)
    # A former name keeps finding the organisation.
    former = [
        was for field in changes if (was := getattr(old, field)) not in {None, changes[field]}
    ]
    said = names(added, "an alias")
    aliases = tuple(dict.fromkeys((*old.aliases, *said, *former)))
    if aliases != old.aliases or dropped:
        changes["aliases"] = naming.without(old, aliases, names(dropped, "an alias"))
    had = {fold(one) for one in (old.name, old.name_vi, *old.aliases) if one}
    new = [one for one in (changes.get("name"), changes.get("name_vi"), *said) if one]
    if new := [one for one in new if fold(one) not in had]:
        days = {"first": old.valid_from, "last": old.valid_to}
        naming.refuse_borne(desk.connection, old.code, new, **days)
    return changes


def end_organisation(
    desk: Desk, key: str, *, on: date, successor: str | None, reason: str
) -> Record:
    """Note that an organisation ends after a day. Its cases stay its own until reassigned."""
    allow(desk, Organisation, "end", "end organisations")
    old = _locked(desk, Organisation, key)
    if old.valid_to is not None:
        raise RefusedError(f"organisation {old.code} ended on {old.valid_to}", "see org show")
    if old.valid_from is not None and on < old.valid_from:
        raise RefusedError(
            f"organisation {old.code} begins on {old.valid_from}, after {on}", "give a later day"
        )
    changes = {
        "valid_to": on,
        "successor": successor and _line_above(desk.connection, old, successor, "successor"),
    }
    return desk.record(
        desk.act(
            "end",
            old,
            changes,
            effective_on=min(on, desk.today),
            reason=reason,
        )
    )


def _line_above(connection: Connection, old: Organisation, words: str, line: str) -> str:
    """Return the code of a new parent or successor; raises RefusedError for a circle."""
    above = queries.find(connection, Organisation, words)
    known = {one.code: one for one in queries.directory(connection, Organisation)}
    step: str | None = above.code
    while step is not None:
        if step == old.code:
            raise RefusedError(
                f"{above.code} cannot be the {line} of {old.code}: that would be a circle",
                f"give another {line}",
            )
        step = getattr(known[step], line)
    return above.code


def lead(connection: Connection, words: str, on: date) -> Organisation:
    """Return the organisation that is to own a case on a day.

    Raises RefusedError for a collective, which nobody could hold to an answer, and for an
    organisation that does not exist on that day.
    """
    org = queries.find(connection, Organisation, words, on)
    refuse_owner(org, on)
    return org


# --- people ----------------------------------------------------------------------------------


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

    The registrar, whom every register starts with, gives up the login to whoever is linked to it.
    """
    allow(desk, Person, "add", "add people")
    key = code(key, "the code")
    refuse_taken(desk.connection, Person, key)
    login = optional(login, "the login", CODE_LIMIT)
    acts = _free_login(desk, login)
    acts.append(
        desk.act(
            "add",
            (Person.kind, key),
            {
                "name": clean(name, "the name", TITLE_LIMIT),
                "name_vi": optional(name_vi, "the Vietnamese name", TITLE_LIMIT),
                "org": org and queries.find(desk.connection, Organisation, org).code,
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
    allow(desk, Person, "edit", "edit people")
    old = _locked(desk, Person, key)
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = clean(name, "the name", TITLE_LIMIT)
    if name_vi is not None:
        changes["name_vi"] = clean(name_vi, "the Vietnamese name", TITLE_LIMIT)
    if org is not None:
        changes["org"] = queries.find(desk.connection, Organisation, org).code
    if role is not None:
        changes["role"] = Role(role)
        if old.code == desk.actor.code and changes["role"] != old.role:
            raise NotAllowedError(
                f"{old.code} may not change their own role", "somebody else must do it"
            )
    if email is not None:
        changes["email"] = mailbox(email)
    acts = []
    if login is not None:
        changes["login"] = clean(login, "the login", CODE_LIMIT)
        if changes["login"] != old.login:
            acts = _free_login(desk, changes["login"])
    act = desk.act("edit", old, changes, reason=reason)
    refuse_unchanged(act.changes, f"person {old.code}")
    return desk.record(*acts, act)


def deactivate_person(desk: Desk, key: str, *, on: date, reason: str) -> Record:
    """Note that a person acts no more; the name stays in the register and its log."""
    allow(desk, Person, "deactivate", "deactivate people")
    old = _locked(desk, Person, key)
    if old.ended_on is not None:
        raise RefusedError(f"person {old.code} left on {old.ended_on}", "nothing was changed")
    if on > desk.today:
        raise RefusedError(
            f"{on} is still to come; today is {desk.today}", "deactivate the person on that day"
        )
    changes = {"ended_on": on, "login": None}
    return desk.record(desk.act("deactivate", old, changes, effective_on=on, reason=reason))


def grant_login(
    desk: Desk, words: str, login: str | None, until: date | None
) -> tuple[Person, str]:
    """Link a person to the login they are to have on the server up to a day; return both.

    Without a login it is the one they have, else their code. Raises RefusedError for a day that is
    over.
    """
    allow(desk, Person, "grant", "grant logins")
    if until is not None and until < desk.today:
        raise RefusedError(f"{until} is over; today is {desk.today}", "give a later --until")
    old = _locked(desk, Person, words)
    if old.role is None or old.ended_on is not None:
        raise RefusedError(
            f"{old.code} does not use the register",
            f"give them a role first: casework person edit {old.code} --role ROLE",
        )
    name = clean(login or old.login or old.code, "the login", CODE_LIMIT)
    acts = [] if name == old.login else _free_login(desk, name)
    desk.record(*acts, desk.act("grant", old, {"login": name}))
    return old, name


def revoke_login(desk: Desk, words: str, reason: str) -> str:
    """Unlink a person from their login; return which it was."""
    allow(desk, Person, "revoke", "revoke logins")
    old = _locked(desk, Person, words)
    if old.login is None:
        raise RefusedError(f"{old.code} has no login", "nothing was changed")
    desk.record(desk.act("revoke", old, {"login": None}, reason=reason))
    return str(old.login)


def _free_login(desk: Desk, login: str | None) -> list[Any]:
    holder = queries.find_login(desk.connection, login) if login else None
    if holder is None:
        return []
    if holder.code != REGISTRAR:
        raise ConflictError(
            f"the login {login} is linked to {holder.code}", "one login is one person"
        )
    return [desk.act("edit", holder, {"login": None}, reason="the login has its own person now")]


def _locked(desk: Desk, kind: Any, words: str) -> Any:
    known = queries.find(desk.connection, kind, words)
    return load(desk.connection, kind, known.key, lock=True)
