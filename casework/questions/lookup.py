"""Look up records by codes, names, references and logins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from casework.errors import (
    ConflictError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from casework.kinds.records import (
    REDACTED,
    Case,
    Conference,
    Office,
    Organisation,
    Person,
    Record,
    Register,
    Request,
)
from casework.questions import reading
from casework.questions.known import Asked
from casework.questions.struck import struck, struck_case
from casework.store import compiled
from casework.store.loading import load
from casework.store.record_rows import NUMBER_DIGITS, read, ref_parts
from casework.system.clock import today
from casework.system.text import TITLE_LIMIT, clean, fold, fold_code
from casework.words import Kind, Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from casework.questions.known import Known
    from casework.questions.struck import Struck
    from casework.store.connections import Connection


R = TypeVar("R", bound=Record)

MEANT = 3
"""How many cases are suggested for a reference of none."""


def register(connection: Connection) -> Register:
    """Return the register's own record; raises UnavailableError for a schema without one."""
    found = load(connection, Register, "register")
    if found is None:
        raise UnavailableError("store.no-register")
    return found


def office(connection: Connection) -> Office | None:
    """Return the office that issues papers; None if it is not described."""
    return next(iter(directory(connection, Office)), None)


def office_day(connection: Connection) -> date:
    """Return today's date at the office."""
    return today(register(connection).zone)


def find(connection: Connection, kind: type[R], words: str, on: date | None = None) -> R:
    """Return the record with a code, name or alias, ignoring case and diacritics.

    If several organisations have the name, it is the one that exists on a day, by default today. An
    exact code wins over a name. Raises ConflictError, which lists them, if several records match,
    and NotFoundError, which suggests the nearest, if none does.
    """
    return find_known(Asked(connection, kind), words, on)


def find_known(known: Known[R], words: str, on: date | None = None) -> R:
    """Return the record with this name among known records; see `find`."""
    kind = known.kind
    key = fold(clean(words, Text("name.of-kind", kind=Kind(kind.kind)), TITLE_LIMIT))
    codes = known.called(key) or (_numbered(known, key) if kind is Conference else [])
    exact = [code for code in codes if fold(code) == key]
    if kind is Organisation and len(exact or codes) > 1:
        codes = _existing(known, codes, on)
    if len(exact or codes) == 1:
        found = known.load((exact or codes)[0])
        if found is not None:
            return found
    if codes:
        raise ConflictError(
            "lookup.several",
            words=words,
            count=len(codes),
            plural=Text(f"kinds.{kind.kind}"),
            codes=", ".join(codes),
        )
    raise NotFoundError("lookup.none", _nearest(known, key), kind=Kind(kind.kind), words=words)


def _numbered(known: Known[Any], key: str) -> list[str]:
    from casework.rules.dates.forms import conference_number

    number = conference_number(key, bare=True)
    if number is None:
        return []
    return sorted(code for code, one in known.every().items() if one.number == number)


def _existing(known: Known[Any], codes: list[str], on: date | None) -> list[str]:
    """Return the codes of the organisations that exist on a day; all of them if none does."""
    day = on or today(register(known.connection).zone)
    held = [known.load(code) for code in codes]
    return [one.code for one in held if one is not None and one.exists(day, day)] or codes


def _nearest(known: Known[Any], key: str) -> Text:
    from difflib import get_close_matches

    names, kind = known.names(), known.kind.kind
    close = dict.fromkeys(names[name] for name in get_close_matches(key, names, n=3, cutoff=0.6))
    listing = {"organisation": "org"}.get(kind, kind)
    if close:
        return Text("lookup.nearest", close=[*close], listing=listing)
    return Text("lookup.see-list", listing=listing)


def case_ref(connection: Connection, words: str) -> str | None:
    """Return the exact reference of the case that words refer to; None if there is none."""
    written = clean(words, "name.reference", TITLE_LIMIT)
    for key in dict.fromkeys((fold_code(written), fold(written))):
        ref: str | None = connection.value(compiled.CASE_REF, ref_key=key)
        if ref is not None:
            return ref
    return None


def alike_ref(connection: Connection, ref: str) -> str | None:
    """Return the reference of a case that differs only in leading zeros."""
    stem, number = ref_parts(ref)
    near = connection.column(compiled.NEAR_REFS, stem=stem, number=number)
    return next((one for one in near if ref_parts(one) == (stem, number)), None)


def find_case(connection: Connection, ref: str, *, lock: bool = False) -> Case:
    """Return a case by its reference, ignoring case.

    Raises NotFoundError, and RefusedError if its proposal was struck out.
    """
    exact = case_ref(connection, ref)
    found = load(connection, Case, exact, lock=lock) if exact is not None else None
    if found is None:
        raise no_case(connection, ref)
    return reading.record(reading.unseen(connection), found)


def find_any(connection: Connection, ref: str) -> Case:
    """Return a case by its reference, even if its proposal was struck out, as it stood."""
    out = None if case_ref(connection, ref) is not None else struck(connection, ref)
    return find_case(connection, ref) if out is None else out.case


def struck_known(connection: Connection, words: str, known_at: datetime | None) -> Struck | None:
    """Return the case that words refer to if at an instant it was known to be struck out."""
    if known_at is None:
        return struck(connection, words)
    # Imported here: most questions are of today.
    from casework.questions.audit_log import known_until

    ref = find_any(connection, words).ref
    return struck_case(connection, ref, known_until(connection, known_at))


def no_case(connection: Connection, ref: str) -> NotFoundError | RefusedError:
    """Return the error for an unknown reference, with similar ones, or for a struck case."""
    out = struck(connection, ref)
    if out is not None:
        by = out.by
        return RefusedError(
            "lookup.struck", ref=out.case.ref, seq=by.seq, by=by.actor, why=by.reason
        )
    return not_there(connection, ref)


def not_there(connection: Connection, ref: str) -> NotFoundError:
    """Return the error for a reference of no case, with those like it."""
    stem, number = ref_parts(ref)
    near = connection.column(compiled.NEAR_REFS, stem=stem, number=number)
    near = near or _meant(connection, ref)
    hint = Text("lookup.near-refs", near=near) if near else Text("lookup.search")
    return NotFoundError("lookup.no-case", hint, ref=ref)


def _meant(connection: Connection, ref: str) -> list[str]:
    """Return the cases that a number or another spelling may mean: 001, 22.001, NFAC-22-001."""
    *before, number = _parts(ref) or [""]
    if not number.isdecimal() or len(number) > NUMBER_DIGITS:
        return []
    held = sorted(directory(connection, Conference), key=lambda one: one.number or 0, reverse=True)
    found: list[str] = []
    for one in held:
        if before in ([], _parts(one.code), [str(one.number)]):
            near = connection.column(
                compiled.NEAR_REFS, stem=fold_code(f"{one.code}."), number=int(number)
            )
            found += [ref for ref in near if ref_parts(ref)[1] == int(number)]
    return found[:MEANT]


def _parts(words: str) -> list[str]:
    """Return the words and the numbers in a text, without the signs between them."""
    return re.findall(r"[^\W\d_]+|\d+", fold_code(words))


def find_login(connection: Connection, login: str) -> Person | None:
    """Return the person linked to an operating-system login."""
    row = connection.first(compiled.PERSON_OF_LOGIN, login=login)
    return None if row is None else read(Person, row)


def requests_of(connection: Connection, kind: str, key: str) -> list[Request]:
    """Return the requests on a record, the oldest first."""
    return _requests(connection, connection.rows(compiled.REQUESTS_OF, kind=kind, key=key))


def waiting(connection: Connection) -> list[Request]:
    """Return the requests that wait for a second person, the oldest first."""
    return _requests(connection, connection.rows(compiled.WAITING))


def _requests(connection: Connection, rows: list[Any]) -> list[Request]:
    hides = reading.unseen(connection)
    return [reading.record(hides, read(Request, row)) for row in rows]


def waiting_on(connection: Connection) -> dict[str, Request]:
    """Return the requests that wait for a second person, by case."""
    return {one.subject: one for one in waiting(connection) if one.subject_kind == Case.kind}


def find_request(connection: Connection, code: str) -> Request:
    """Return a request by its code; raises NotFoundError."""
    found = load(connection, Request, clean(code, "name.request-code", TITLE_LIMIT))
    if found is None:
        raise NotFoundError("request.not-found", code=code)
    return reading.record(reading.unseen(connection), found)


def next_ref(connection: Connection, conference: str | None) -> str:
    """Return the next free reference under a conference, or of a case outside conferences."""
    prefix = f"{conference or 'CASE'}."
    highest = connection.value(compiled.HIGHEST_NUMBER, stem=fold_code(prefix))
    return f"{prefix}{(highest or 0) + 1:03d}"


def directory(connection: Connection, kind: type[R]) -> list[R]:
    """Return every organisation, person or holiday by code, or every conference by date."""
    return [read(kind, row) for row in connection.rows(compiled.EVERY[kind.kind])]


def officer(
    connection: Connection, words: str | None, on: date
) -> tuple[Person | None, Mapping[str, str | None]]:
    """Return the person that words name, and the parent of each organisation; None without words.

    `rules.owning` decides whether they may be the officer of a case.
    """
    if words is None:
        return None, {}
    person = find(connection, Person, words, on)
    bodies = directory(connection, Organisation)
    return person, {one.code: one.parent for one in bodies}


def linking_here(connection: Connection, ref: str) -> list[tuple[str, str]]:
    """Return the links other cases have to this one: relation and their reference."""
    return [tuple(row) for row in connection.rows(compiled.LINKING_HERE, ref=ref)]


def lost_link(connection: Connection) -> tuple[str, str] | None:
    """Return a case and its link to a reference that is not a case.

    Only an open transaction can have one: links are checked at its end, so that a file may contain
    a case before the one it is linked to.
    """
    row = connection.first(compiled.LOST_LINK)
    return None if row is None else (row[0], row[1])


def names(connection: Connection) -> dict[str, tuple[str, str | None]]:
    """Return the names of all organisations by code: English, and Vietnamese if it has one."""
    found = connection.rows(compiled.ORGANISATION_NAMES)
    return {code: (name, name_vi) for code, name, name_vi in found}


def other_names(connection: Connection) -> dict[str, dict[str, tuple[str, str | None]]]:
    """Return the names of people, conferences and causes by kind and code, without erased ones."""
    found: dict[str, dict[str, tuple[str, str | None]]] = {}
    for kind, code, name, name_vi in connection.rows(compiled.OTHER_NAMES):
        known = [one for one in (name, name_vi) if one and one != REDACTED]
        if known:
            found.setdefault(kind, {})[code] = (known[0], known[-1])
    return found


def heirs(connection: Connection) -> dict[str, str]:
    """Return the present successor of each organisation that was taken over."""
    next_one: dict[str, str] = dict(connection.rows(compiled.HEIRS))
    found = {}
    for code, heir in next_one.items():
        last, passed = heir, {code}
        # Each stands for itself where they go round in a circle, which only a forged log says.
        while last in next_one and last not in passed:
            passed.add(last)
            last = next_one[last]
        found[code] = code if last in passed else last
    return found


def causes_in_use(connection: Connection) -> list[str]:
    """Return the codes of the causes of lateness that may be given: those not retired."""
    return connection.column(compiled.CAUSES_IN_USE)


def ended_organisations(connection: Connection, day: date) -> list[str]:
    """Return the organisations that no longer exist on a day."""
    return connection.column(compiled.ENDED, day=day)
