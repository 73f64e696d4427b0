"""The events that name whom a case names: disclosed with it, so that a reader finds no codes alone.

Of each organisation, person, conference and cause these are its events up to the last one that gave
it a name, or erased one; of their values only names are disclosed. What one person asked for on the
case and another one decided is disclosed as an act of theirs, without its values.
"""

from __future__ import annotations

import json
from contextlib import closing
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.kinds.records import Case, Person, Request
from casework.log.event import canonical, parsed
from casework.log.verify_page import NAMING
from casework.store import compiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from casework.store.connections import Connection

REFERRING = {one.name: one.refers for one in Case.fields if one.refers is not None}
"""The fields of a case that name another record, and of which kind."""


class Told(NamedTuple):
    """An event as a bundle holds it: its number, its bytes, and the values that are disclosed.

    Some of its values are `left` out, because they name nobody.
    """

    seq: int
    body: bytes
    values: bytes
    left: int = 0


def naming(connection: Connection, refs: Sequence[str], size: int) -> list[Told]:
    """Return the events that name what cases name, of the first `size` ones, in their order."""
    wanted: dict[str, dict[str, None]] = {}
    with closing(connection.stream(compiled.EVIDENCE_OF_CASES, refs=json.dumps([*refs]))) as rows:
        for seq, _, body, _ in rows:
            if seq < size:
                for kind, key in _named(_read(body)):
                    wanted.setdefault(kind, {})[key] = None
    wanted[Request.kind] = dict.fromkeys(requests_on(connection, refs))
    found: list[Told] = []
    for kind in (Request.kind, *(one for one in wanted if one != Request.kind)):
        keys = wanted[kind]
        asked = connection.stream(compiled.EVENTS_OF_KEYS, kind=kind, keys=json.dumps([*keys]))
        with closing(asked) as rows:
            events = ((_read(body), bytes(body), _read(values)) for body, values in rows)
            for _, own in groupby(events, key=lambda one: one[0].get("key")):
                told = _up_to_the_last_name(own, size, whole=kind == Request.kind)
                found += told
                if kind == Request.kind:
                    # Who asked and who decided is named too; what was asked for is not told.
                    actors = (_read(one.body).get("actor") for one in told)
                    wanted.setdefault(Person.kind, {}).update(dict.fromkeys(filter(None, actors)))
    return sorted(found)


def requests_on(connection: Connection, refs: Sequence[str]) -> list[str]:
    """Return what was asked for on cases, by its codes."""
    return connection.column(compiled.REQUESTS_ON, refs=json.dumps([*refs]))


def _read(stored: Any) -> dict[str, Any]:
    """Return the object of stored bytes; of those that are none the bundle's verifier tells."""
    try:
        found = parsed(bytes(stored or b"{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _named(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the kinds and keys of records that an event of a case names."""
    held = [(Person.kind, event.get("actor"))]
    changes = event.get("changes") or {}
    held += [(kind, one) for field, kind in REFERRING.items() for one in changes.get(field, ())]
    for kind, one in held:
        for code in one if isinstance(one, list) else [one]:
            if isinstance(code, str):
                yield kind, code


def _up_to_the_last_name(
    events: Iterable[tuple[dict[str, Any], bytes, dict[str, Any]]], size: int, *, whole: bool
) -> list[Told]:
    told, last = [], 0
    for event, body, known in events:
        seq = event.get("seq", size)
        if seq >= size:
            break
        shown = {path: pair for path, pair in known.items() if path.partition(".")[0] in NAMING}
        told.append(Told(seq, body, canonical(shown), len(known) - len(shown)))
        if whole or event.get("redacts") or not {*NAMING}.isdisjoint(event.get("changes", ())):
            last = len(told)
    return told[:last]
