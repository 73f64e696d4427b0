"""Withhold the texts of secret cases from readers who may not see them.

Everything that is shown about cases goes through here. A secret case is listed and counted like any
other. What people wrote about it is withheld: its texts (`Shape.texts`), the reasons and notes of
its acts, and the contents of requests. Each is replaced by WITHHELD, and no search finds it. People
who may read such texts (`rules.secrecy`) see them if they ask.

Today's degree counts, whichever day is asked about, and so does one that waits for a second person.
Nothing is withheld from a writer's decisions, but what a writer is shown goes through here too.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from casework.errors import NotAllowedError
from casework.kinds.records import Case, Record, Request, shape
from casework.rules.secrecy import READERS, may_ask, may_read, may_read_any
from casework.store import compiled
from casework.store.connections import Unseen
from casework.store.record_rows import read
from casework.system.text import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from casework.kinds.records import Person
    from casework.log.reading import Event
    from casework.store.connections import Condition, Connection
    from casework.store.filters import Filter

R = TypeVar("R", bound=Record)
T = TypeVar("T", bound=tuple[Any, ...])


def unseen(connection: Connection) -> Unseen:
    """Return what is withheld on a connection; all secret texts, unless somebody asked for them."""
    if connection.unseen is None:
        connection.unseen = withheld(connection)
    return connection.unseen


def withheld(connection: Connection, person: Person | None = None) -> Unseen:
    """Return what is withheld from a person, who may have asked for secret texts.

    Raises NotAllowedError if the person may not read the secret texts of any case.
    """
    if person is not None and not may_ask(person):
        raise NotAllowedError("secrecy.may-not", person=person.code)
    asked = _asked_for(connection)
    if person is None:
        refs = [*connection.column(compiled.SECRET_REFS), *asked]
    else:
        rows = connection.rows(compiled.SECRET)
        rows += connection.rows(compiled.OF_REFS, refs=json.dumps([*asked])) if asked else []
        found = (read(Case, row) for row in rows)
        refs = [one.ref for one in found if not _may_read(person, one, asked.get(one.ref))]
        out = connection.rows(compiled.STRUCK_SECRET)
        refs += [ref for ref, degree in out if not may_read_any(person, degree)]
    if not refs:
        return Unseen()
    requests = connection.column(compiled.REQUESTS_ON, refs=json.dumps(refs, default=str))
    return Unseen(frozenset(refs), frozenset(requests))


def shown(connection: Connection, one: R) -> R:
    """Return a record as it is shown to who has not asked for secret texts, whoever read it."""
    if isinstance(one, Case) and not one.secret and one.ref not in _asked_for(connection):
        return one
    return record(withheld(connection), one)


def _may_read(person: Person, case: Case, asked: str | None) -> bool:
    """Return whether a person may read a case under its degree and under a requested one."""
    return may_read(person, case) and (asked is None or may_read(person, case.but(secrecy=asked)))


def _asked_for(connection: Connection) -> dict[str, str]:
    """Return the degrees that wait for a second person; they count already."""
    degrees: dict[str, str] = {}
    for row in connection.rows(compiled.WAITING):
        one = read(Request, row)
        if one.subject_kind == Case.kind and one.what is not None:
            from casework.log.event import parsed

            degree = parsed(one.what.encode())["changes"].get("secrecy")
            if degree in READERS:
                degrees[one.subject] = degree
    return degrees


def hidden(hides: Unseen, kind: str) -> frozenset[str]:
    """Return the keys of the records of a kind whose texts are withheld."""
    return {Case.kind: hides.cases, Request.kind: hides.requests}.get(kind, frozenset())


def text(value: Any) -> Any:
    """Return the replacement of a text or a list; no value stays no value."""
    if not value:
        return value
    return type(value)((WITHHELD,)) if isinstance(value, list | tuple) else WITHHELD


def texts(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts among the values of a kind of record, replaced as withheld."""
    return {name: text(values[name]) for name in shape(kind).texts & values.keys()}


def record(hides: Unseen, one: R) -> R:
    """Return a record as shown to a reader from whom this is withheld."""
    return one.but(**texts(one.kind, vars(one))) if one.key in hidden(hides, one.kind) else one


def cases(connection: Connection, rows: Iterable[Any]) -> Iterator[Case]:
    """Yield the cases of rows as they may be shown on a connection."""
    hides = unseen(connection)
    found = (read(Case, row) for row in rows)
    return (record(hides, one) for one in found) if hides.cases else found


def listed(connection: Connection, rows: list[T]) -> list[T]:
    """Return named tuples of fields of cases, including `ref`, as they may be shown."""
    hides = unseen(connection).cases
    return [_row(one) if one.ref in hides else one for one in rows] if hides else rows  # type: ignore[attr-defined]


def _row(one: Any) -> Any:
    return one._replace(**texts(Case.kind, one._asdict()))


def event(hides: Unseen, one: Event) -> Event:
    """Return an event as shown to a reader from whom this is withheld."""
    if one.key not in hidden(hides, one.kind):
        return one
    from casework.log.event import SAID

    private = shape(one.kind).texts
    changes = {
        name: [text(value) for value in pair] if name in private else pair
        for name, pair in one.changes.items()
    }
    said = {name: text(getattr(one, name)) for name in SAID if name != "reported"}
    return replace(one, changes=changes, reported=_told(one.reported), **said)


def told(connection: Connection, body: bytes, disclosures: bytes) -> Event:
    """Return an event of the log as it may be shown on a connection."""
    # Imported here: what asks for records only reads no event.
    from casework.log.reading import read as read_event

    return event(unseen(connection), read_event(body, disclosures))


def _told(reported: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the source of an act, without texts."""
    if not reported:
        return reported
    told = {name: _told(value) for name, value in reported.items() if isinstance(value, dict)}
    return {**reported, **told} | ({"source": WITHHELD} if "source" in reported else {})


def value(hides: Unseen, of: tuple[str, str], name: str, held: Any) -> Any:
    """Return the value in a column of a record as it may be shown."""
    kind, key = of
    told = name in shape(kind).texts or name == "search"
    return text(held) if told and key in hidden(hides, kind) else held


def conditions(connection: Connection, wanted: Filter, day: date) -> list[list[Condition]]:
    """Return the conditions of a filter on a day for a reader who sees only this much."""
    return wanted.conditions(day, unseen(connection).cases)
