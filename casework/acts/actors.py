"""Who acts, what they may do, and how the codes and names they type are cleaned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from casework.errors import ConflictError, NotAllowedError, NotFoundError, RefusedError, UsageError
from casework.kinds.forms import CODE_LIMIT, MAILBOX
from casework.kinds.records import Case, Organisation, Person, Record
from casework.questions import lookup
from casework.rules import deputies
from casework.rules.admitting import is_ready
from casework.rules.asked import refuse_future
from casework.rules.workflow import REGISTERING, RULES, may_case, parties, permit, rule_for
from casework.store import compiled
from casework.store.loading import load
from casework.system import platforms
from casework.system.platforms import login as os_login
from casework.system.platforms.names import FORBIDDEN, fits_everywhere
from casework.system.text import TITLE_LIMIT, clean, fold, optional
from casework.words import Kind, Name, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from casework.ledger.ledger import Desk
    from casework.questions.known import Known
    from casework.rules.workflow import Party
    from casework.store.connections import Connection


REGISTRAR = "registrar"
"""The person every register starts with: whoever made it."""

NOT_IN_CODES = frozenset(" '") | FORBIDDEN


def login_of(connection: Connection) -> str:
    """Return the login a command runs under: that of the server if it enforces rights."""
    return connection.login or os_login()


def actor(connection: Connection, by: str | None) -> Person:
    """Return who acts: the person named, or the one linked to the login.

    Raises NotAllowedError if the person has left, or if a server knows the login as somebody
    else's; raises NotFoundError if nobody is linked to the login.
    """
    if by:
        person = lookup.find(connection, Person, by)
        if connection.login is not None and person.login != connection.login:
            raise NotAllowedError(
                "actor.login-of-another", login=connection.login, code=person.code
            )
    else:
        login = login_of(connection)
        linked = lookup.find_login(connection, login)
        if linked is None:
            raise NotFoundError("actor.nobody-linked", _way_in(connection, login), login=login)
        person = linked
    if person.ended_on is not None:
        raise NotAllowedError("actor.left", code=person.code, ended_on=person.ended_on)
    return person


def _way_in(connection: Connection, login: str) -> Text:
    """Return what a person who is linked to no login can do about it.

    On systems where earlier versions recorded one login for everybody, the first person of the
    register is linked to that one; they then take over their own.
    """
    former = platforms.FORMER_LOGIN
    holder = lookup.find_login(connection, former) if former else None
    if holder is None:
        return Text("actor.link-a-login")
    return Text("actor.former-login", code=holder.code, former=former, login=login)


def deputy_of(
    connection: Connection, person: Person, words: str | None, day: date
) -> Person | None:
    """Return the person away for whom a deputy stands in on a day; None if nobody is named.

    Raises NotAllowedError if the deputy does not stand in for that person on that day.
    """
    if not words:
        return None
    away = lookup.find(connection, Person, words)
    if deputies.stands_in(person, away, day):
        return away
    known: dict[str, Any] = {"code": away.code, "person": person.code, "day": day}
    if away.ended_on is not None or not away.is_away(day):
        raise NotAllowedError("deputy.there", **known)
    if away.deputy != person.code:
        raise NotAllowedError("deputy.another", **known, deputy=away.deputy)
    raise NotAllowedError("deputy.away", **known, until=person.away_to)


def stood_in_for(connection: Connection, person: Person, day: date) -> list[Person]:
    """Return the people for whom somebody is the deputy on a day."""
    return deputies.stood_in_for(person, lookup.directory(connection, Person), day)


def desk(connection: Connection, by: str | None, away: str | None) -> Desk:
    """Return the desk of an act: who acts, for whom as a deputy, by which login, on which day."""
    from casework.ledger.ledger import Desk

    person, day = actor(connection, by), lookup.office_day(connection)
    stood_for = deputy_of(connection, person, away, day)
    return Desk(connection, person, login_of(connection), day, stood_for)


def allow(desk: Desk, kind: type[Record], verb: str, of: Person | None = None) -> None:
    """Raise NotAllowedError if the actor may not do this to the register, or to a person."""
    _permit(desk, REGISTERING[kind.kind][verb], may(kind, verb), of)


def _permit(desk: Desk, who: tuple[Party, ...], what: Text, of: Case | Person | None) -> None:
    """Raise NotAllowedError if the actor may not do something.

    The message says if the actor may do it as a deputy.
    """
    try:
        permit(who, parties(desk.entitled, of), desk.entitled.code, what)
    except NotAllowedError as error:
        if desk.connection.login is not None:
            # On a server nobody acts in another's name by saying so.
            error.way_out = Text("login.own-only")
        for away in stood_in_for(desk.connection, desk.actor, desk.today):
            if desk.deputy_of is None and not parties(away, of).isdisjoint(who):
                error.way_out = Text("deputy.may", code=away.code, until=away.away_to)
        raise


def may(kind: type[Record], verb: str) -> Text:
    """Return in words what somebody may or may not do: an act on a kind of record."""
    return Text(f"may.{kind.kind}.{verb}")


def case_for(
    desk: Desk, verb: str, ref: str, if_version: int | None = None, day: date | None = None
) -> Case:
    """Return a case, locked, if its version, the workflow and the actor's rights allow an act.

    For a day before its last act, return the case as it stood at the end of that day, with its
    present version. Raises ConflictError if the case has changed since the version that the actor
    looked at.
    """
    return case_of(desk, verb, lookup.find_case(desk.connection, ref, lock=True), if_version, day)


def case_of(
    desk: Desk, verb: str, now: Case, if_version: int | None = None, day: date | None = None
) -> Case:
    """Do the checks of `case_for` on a case that has been read, and return it."""
    if if_version is not None and if_version != now.version:
        raise ConflictError("case.version", ref=now.ref, version=now.version, if_version=if_version)
    case = now if day is None or day >= desk.today else _on(desk, verb, now, day)
    who = rule_for(verb, case.state, case.ref).who
    for one in (now,) if case is now else (now, case):
        _permit(desk, who, may_case(verb, one.ref), one)
    return case


def _on(desk: Desk, verb: str, case: Case, day: date) -> Case:
    """Return a case as it stood on a day; as it stands now if the act was not possible then."""
    last = desk.connection.value(compiled.LAST_DAY, kind=Case.kind, key=case.ref)
    if last is None or day >= last:
        return case
    # Imported here: most acts take effect after the last one.
    from casework.store import timelines

    events = timelines.events_of(desk.connection, Case.kind, case.ref)
    stood = timelines.made(events, timelines.calendar_of(desk.connection)).on(day)
    if not isinstance(stood, Case) or (verb, stood.state) not in RULES:
        # Who may not act at all is told that; then, that the day is too early.
        return case
    if is_ready(case, verb) and not is_ready(stood, verb):
        return case
    return stood.but(version=case.version)


def code(value: str, what: str) -> str:
    """Return a code as it is stored; raises UsageError for characters no code may have."""
    value = clean(value, what, CODE_LIMIT)
    # Of white space only the blank is printable.
    if not value.isprintable() or not NOT_IN_CODES.isdisjoint(value):
        raise UsageError("code.characters", what=Name(what), value=value)
    if not fits_everywhere(value):
        raise UsageError("code.windows", what=Name(what), value=value)
    return value


def effective(desk: Desk, day: date | None) -> date:
    """Return the effective day of an act; raises RefusedError for one in the future."""
    day = day or desk.today
    refuse_future(day, desk.today)
    return day


def names(values: Sequence[str], what: str | Text) -> tuple[str, ...]:
    """Return cleaned names without repeats, in the order given."""
    return tuple(dict.fromkeys(clean(value, what, TITLE_LIMIT) for value in values))


def mailbox(value: str | None) -> str | None:
    """Return a mail address as it is stored; raises UsageError if it is not a valid address.

    Only the plain form of RFC 5322, 3.4.1, in ASCII: every server takes it, and nothing in it can
    be mistaken for a second address or a header.
    """
    value = optional(value, "name.mail-address", CODE_LIMIT)
    if value is not None and not re.fullmatch(MAILBOX, value):
        raise UsageError("mail.invalid", value=value)
    return value


def refuse_taken(known: Known[Any], key: str) -> None:
    """Raise ConflictError if a code is taken; case and diacritics make no difference."""
    folded, kind = fold(key), known.kind
    if any(fold(code) == folded for code in known.called(folded)):
        raise ConflictError("record.exists", kind=Kind(kind.kind), key=key, noun=_noun(kind))


def _noun(kind: type[Record]) -> str:
    return "org" if kind is Organisation else kind.kind


def refuse_unchanged(changes: Mapping[str, Any], what: str | date | Text) -> None:
    """Raise RefusedError if an act would change nothing."""
    if not changes:
        raise RefusedError("record.already-so", "hint.nothing-changed", what=what)


def locked(desk: Desk, kind: Any, words: str) -> Any:
    """Return a record as it stands now, locked until the transaction ends."""
    known = lookup.find(desk.connection, kind, words)
    return load(desk.connection, kind, known.key, lock=True)
