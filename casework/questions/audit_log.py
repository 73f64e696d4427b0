"""The head of the log, its events, and what was known at an instant."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import (
    NotAllowedError,
    UnavailableError,
)
from casework.kinds.records import (
    Case,
    Record,
    Request,
)
from casework.questions import reading
from casework.store import compiled
from casework.store.connections import within
from casework.system.clock import stamp
from casework.system.text import TITLE_LIMIT, clean

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator, Sequence
    from datetime import datetime

    from casework.log.reading import Event
    from casework.store.connections import Alternative, Condition, Connection


ENDLESS = 2**53
"""A number greater than the events of any log."""


def decided_alone(connection: Connection, since: int) -> list[Event]:
    """Return the events from number `since` on in which somebody confirmed their own request.

    They are known by their reason: confirmations of other people's requests have none.
    """
    found = events(connection, Search(kind=Request.kind, act="confirm"))
    return [one for one in found if one.seq >= since and one.reason is not None]


class Head(NamedTuple):
    """What identifies a state of a log: size, root in hexadecimal, time and origin.

    `recorded_at` is the UTC time stamp of its last event; `origin` names the log. Both are None
    only if they are missing from the store, which verification finds.
    """

    size: int
    root: str
    recorded_at: str | None
    origin: str | None

    def as_json(self) -> dict[str, Any]:
        """Return what a report says about the log it was made from."""
        return self._asdict()


def head(connection: Connection) -> Head:
    """Return the head of the log."""
    row = connection.first(compiled.HEAD)
    if row is None:
        raise UnavailableError("store.no-register")
    size, root, recorded_at, origin = row
    if not connection.whole:
        ((recorded_at,),) = connection.told("SELECT casework_recorded_at()")
    return Head(size, root.hex(), recorded_at, origin)


def head_of(connection: Connection, size: int, root: str) -> Head:
    """Return the head that the log had at a size, whose root is known."""
    recorded_at = connection.value(compiled.STAMP, seq=size - 1)
    return head(connection)._replace(size=size, root=root, recorded_at=recorded_at)


class Search(NamedTuple):
    """A search in the log; instants are UTC time stamps in the log's form.

    `actor` also finds the acts that a deputy did in that person's name.
    """

    kind: str | None = None
    key: str | None = None
    actor: str | None = None
    act: str | None = None
    field: str | None = None
    since: str | None = None
    until: str | None = None

    def conditions(self) -> Iterator[list[Condition]]:
        """Yield the conditions on an event; raises UsageError for text that no event can hold."""
        for name, value in self._asdict().items():
            if value is not None:
                sought = clean(value, "name.text-to-look-for", TITLE_LIMIT)
                found = [(f"event {name}", changing(sought) if name == "field" else sought)]
                if name == "actor":
                    found.append(
                        ("event deputy_of", f'"deputy_of":{json.dumps(sought, ensure_ascii=False)}')
                    )
                yield found

    def is_met(self, event: Event) -> bool:
        """Return whether an event that meets the conditions is wanted: sources name deputies."""
        return self.actor in {None, event.actor, event.deputy_of}


def changing(field: str) -> str:
    """Return the pattern of events that change a field."""
    return within(f",{field},")


def events(
    connection: Connection, wanted: Search, on: Sequence[Sequence[Alternative]] | None = None
) -> Generator[Event]:
    """Yield the events that a search finds, oldest first.

    `on` are the conditions of cases, of whose events alone it is told.
    """
    asked = compiled.LOGGED if on is None else compiled.LOGGED_ON
    sought = compiled.narrowed(asked, [*wanted.conditions(), *(on or ())])
    with closing(connection.stream(sought)) as stored:
        for body, disclosures in stored:
            if wanted.is_met(event := reading.told(connection, body, disclosures)):
                yield event


def any_act(connection: Connection, act: str) -> bool:
    """Return whether the log has an act with this name."""
    return connection.value(compiled.ANY_ACT, act=act) is not None


def known_until(connection: Connection, known_at: datetime | None) -> int:
    """Return the number of the last event known at an instant; -1 before the first.

    The order of the log decides, not the time stamps, because a clock may have been set back.
    """
    if known_at is None:
        return ENDLESS
    last = connection.value(compiled.RECORDED_BY, instant=stamp(known_at))
    return -1 if last is None else int(last)


def every_event(connection: Connection, until: int = ENDLESS) -> Generator[Event]:
    """Yield every event up to one, oldest first, with withheld texts: to be applied, not shown."""
    from casework.log.reading import read as read_event

    with closing(connection.stream(compiled.EVENTS, until=until)) as stored:
        for body, disclosures in stored:
            yield read_event(body, disclosures)


def stamps(connection: Connection, until: int = ENDLESS) -> Generator[tuple[int, str]]:
    """Yield the number and the time stamp of every event up to one, oldest first."""
    with closing(connection.stream(compiled.STAMPS, until=until)) as stored:
        yield from stored


def case_by_case(connection: Connection, until: int = ENDLESS) -> Generator[Event]:
    """Yield the events of cases up to one, case by case, oldest first."""
    with closing(connection.stream(compiled.CHANGED, until=until)) as stored:
        for _, body, disclosures in stored:
            yield reading.told(connection, body, disclosures)


def of_other_records(connection: Connection, until: int) -> Generator[Event]:
    """Yield the events up to one that are not on a case, oldest first."""
    with closing(connection.stream(compiled.OTHERS_KNOWN, until=until)) as stored:
        for body, disclosures in stored:
            yield reading.told(connection, body, disclosures)


def linking(connection: Connection, until: int) -> Generator[Event]:
    """Yield the events up to one that added or removed links of cases."""
    sought = compiled.narrowed(compiled.CHANGED, [[("event field", changing("links"))]])
    with closing(connection.stream(sought, until=until)) as stored:
        for _, body, disclosures in stored:
            yield reading.told(connection, body, disclosures)


def of_some(connection: Connection, refs: Collection[str], until: int) -> Generator[Event]:
    """Yield the events of some cases up to one, in the order of the log."""
    asked = json.dumps(sorted(refs))
    with closing(connection.stream(compiled.EVENTS_OF_CASES, refs=asked)) as stored:
        for _, body, disclosures in stored:
            event = reading.told(connection, body, disclosures)
            if event.seq <= until:
                yield event


def history(connection: Connection, key: str, kind: type[Record] = Case) -> list[Event]:
    """Return every event of a record, oldest first."""
    rows = connection.rows(compiled.EVENTS_OF_RECORD, kind=kind.kind, key=key)
    return [reading.told(connection, body, disclosures) for body, disclosures in rows]


def changed_since(connection: Connection, record: Record, version: int) -> Event | None:
    """Return the first event after a version of a record that changed something; notes do not."""
    events = history(connection, record.key, type(record))
    return next((one for one in events if one.version > version and one.changes), None)


def events_between(connection: Connection, first: int, last: int) -> list[Event]:
    """Return the events with these numbers."""
    rows = connection.rows(compiled.EVENTS_BETWEEN, first=first, last=last)
    return [reading.told(connection, body, disclosures) for body, disclosures in rows]


def events_of(connection: Connection, refs: Sequence[str]) -> dict[str, list[Event]]:
    """Return the events of some cases, oldest first, by reference."""
    found: dict[str, list[Event]] = {ref: [] for ref in refs}
    rows = connection.rows(compiled.EVENTS_OF_CASES, refs=json.dumps(list(refs)))
    for ref, body, disclosures in rows:
        found[ref].append(reading.told(connection, body, disclosures))
    return found


def need_whole(connection: Connection) -> None:
    """Raise NotAllowedError if only a part of the register may be read."""
    if not connection.whole:
        raise NotAllowedError("question.needs-whole", login=connection.login)


def leaves(connection: Connection, size: int | None = None) -> list[bytes]:
    """Return the leaf hashes of the log, or of its first `size` events.

    Raises NotAllowedError if not all of them may be read.
    """
    need_whole(connection)
    with closing(connection.stream(compiled.LEAVES)) as rows:
        return [bytes(leaf) for (leaf,) in islice(rows, size)]


def leaves_from(connection: Connection, first: int) -> Iterator[bytes]:
    """Yield the leaf hashes of the log from one of its events on.

    Raises NotAllowedError where not all of them may be read.
    """
    need_whole(connection)
    with closing(connection.stream(compiled.LEAVES_FROM, first=first)) as rows:
        yield from (bytes(leaf) for (leaf,) in rows)
