"""The register as it stood on an earlier day, for the same questions."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import IntegrityFailure
from casework.kinds.records import (
    KINDS,
    NEEDED,
    Case,
    Record,
    blank,
    names_of,
    plain,
    shape,
)
from casework.log import reading as audit
from casework.questions import audit_log, lookup, reading
from casework.rules.changes import BY_EFFECT
from casework.rules.timeline import is_plain
from casework.store import compiled, record_rows, sqlite_file, timelines
from casework.store.connections import Lite
from casework.store.record_rows import laid_out, ref_parts
from casework.system.spooled import lots
from casework.words import Text, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from casework.log.reading import Event
    from casework.rules.working_days import WorkingCalendar
    from casework.store.connections import Connection


KEYS = 500
"""For how many records events are read at a time."""

MOST = 20_000
"""The number of records above which all events of their kind are read and filtered."""


@contextmanager
def as_of(
    connection: Connection, day: date | None, known_at: datetime | None
) -> Iterator[Connection]:
    """Open a connection on which the register is as it was.

    It shows what had taken effect by the end of `day`, among what had been recorded by `known_at`.
    Most records have not changed since. The others are rebuilt from their events, into tables next
    to those of the file; if there is no file that stays unchanged, all records are. Those tables
    are in memory, or with many rows in a temporary file. If nothing has changed, the store's own
    connection is returned.
    """
    moment = _moment(connection, day, known_at)
    changed = _changed(connection, moment)
    if not changed:
        yield connection
        return
    records = _stood(connection, moment, changed)
    with sqlite_file.beside(connection) as beside:
        if beside is not None:
            # A text that is secret today is withheld from who looks back as well.
            beside.unseen = reading.unseen(connection)
            _lay_over(beside, changed, records)
            yield beside
            return
    # A copy of the tables, not a store: nothing is kept and no migration has a say. They take
    # whatever the log says of the day: no constraint holds in them but for what is a record.
    with closing(sqlite3.connect("", isolation_level=None)) as driver:
        then = scratch(driver, connection)
        fill(then, chain(_unchanged(connection, changed), records))
        yield then


def scratch(driver: sqlite3.Connection, connection: Connection) -> Lite:
    """Return a connection to empty tables of records; the same texts are withheld on it."""
    then = Lite(driver)
    then.unseen = reading.unseen(connection)
    for table in compiled.SCRATCH:
        then.change(table)
    return then


class Moment(NamedTuple):
    """A moment: what took effect by a day, among the events up to one."""

    day: date
    until: int


Changed = dict[str, set[str]]
"""The keys of records by kind."""


def _moment(connection: Connection, day: date | None, known_at: datetime | None) -> Moment:
    return Moment(day or date.max, audit_log.known_until(connection, known_at))


def _changed(connection: Connection, moment: Moment) -> Changed:
    """Return the records that have changed since."""
    found: Changed = {}
    for kind, key in connection.rows(compiled.CHANGED_AFTER, **moment._asdict()):
        found.setdefault(kind, set()).add(key)
    return found


def _stood(connection: Connection, moment: Moment, changed: Changed) -> Iterator[Record]:
    """Yield changed records as they stood, if they existed."""
    calendar = timelines.calendar_of(connection)
    for kind, keys in changed.items():
        for _, events in groupby(_events(connection, kind, keys), key=attrgetter("key")):
            known = [event for event in events if event.seq <= moment.until]
            if known and (record := _on(known, moment.day, calendar)) is not None:
                yield record


def _events(connection: Connection, kind: str, keys: set[str]) -> Iterator[Event]:
    """Yield the events of records, record by record."""
    if len(keys) > MOST:
        with closing(connection.stream(compiled.EVENTS_OF_KIND, kind=kind)) as found:
            every = (audit.read(bytes(body), bytes(opened)) for body, opened in found)
            yield from (event for event in every if event.key in keys)
        return
    ordered = sorted(keys)
    for start in range(0, len(ordered), KEYS):
        page = json.dumps(ordered[start : start + KEYS])
        for body, opened in connection.rows(compiled.EVENTS_OF_KEYS, kind=kind, keys=page):
            yield audit.read(bytes(body), bytes(opened))


def _unchanged(connection: Connection, changed: Changed) -> Iterator[Record]:
    for kind, form in KINDS.items():
        others = changed.get(kind, ())
        with closing(connection.stream(compiled.RECORDS[kind])) as found:
            for row in found:
                record = record_rows.read(form, row)
                if record.key not in others:
                    yield record


def _lay_over(beside: Lite, changed: Changed, records: Iterable[Record]) -> None:
    """Make the tables of a connection show the changed records as they stood."""
    beside.change("CREATE TEMP TABLE changed (kind, key, PRIMARY KEY (kind, key)) WITHOUT ROWID")
    keys = [(kind, key) for kind, found in changed.items() for key in found]
    beside.insert("changed", ("kind", "key"), keys)
    tables = {kind: ("'" + kind + "'", KINDS[kind].key_field) for kind in changed}
    for name, one in record_rows.DERIVED.items():
        if not changed.keys().isdisjoint(one.kinds):
            (kind,) = one.kinds if len(one.kinds) == 1 else (None,)
            tables[name] = ("kind" if kind is None else f"'{kind}'", one.owner)
    for name in tables:
        # The names are the schema's.
        beside.change(f'CREATE TEMP TABLE "was {name}" AS SELECT * FROM main."{name}" LIMIT 0')  # noqa: S608
    fill(beside, records, "was {}")
    for name, (kind, owner) in tables.items():
        beside.change(
            f'CREATE TEMP VIEW "{name}" AS SELECT * FROM main."{name}" AS kept'  # noqa: S608
            f" WHERE NOT EXISTS (SELECT 1 FROM temp.changed"
            f' WHERE changed.kind = {kind} AND changed.key = kept."{owner}")'
            f' UNION ALL SELECT * FROM temp."was {name}"'
        )


def fill(then: Lite, records: Iterable[Record], name: str = "{}") -> None:
    """Insert records, in batches, into tables named after their own."""
    try:
        for page in lots(records, KEYS):
            for table, written in laid_out(page).items():
                then.insert(name.format(table), record_rows.columns(table), written)
    except (sqlite3.Error, TypeError, ValueError) as error:
        raise _unfit(Text("replay.no-rows", error=quoted(error))) from None


def case_as_of(
    connection: Connection, ref: str, day: date | None, known_at: datetime | None
) -> tuple[Case, list[tuple[str, str]]]:
    """Return a case as it stood, and the links of other cases to it: relation and reference.

    Only their events are read. Raises NotFoundError if the case did not exist yet.
    """
    moment = _moment(connection, day, known_at)
    now = lookup.find_any(connection, ref)
    linked = {other for _, other in lookup.linking_here(connection, now.ref)}
    linked.update(connection.column(compiled.LINKED_AFTER, **moment._asdict()))
    found = {one.key: one for one in _stood(connection, moment, {Case.kind: {now.ref, *linked}})}
    case = found.get(now.ref)
    if not isinstance(case, Case):
        # A case that was taken out later than is known was not there yet either.
        raise lookup.not_there(connection, ref)
    links = [
        (relation, one.ref)
        for one in found.values()
        if isinstance(one, Case)
        for relation, other in one.links
        if other == now.ref
    ]
    shown = reading.record(reading.unseen(connection), case)
    return shown, sorted(links, key=itemgetter(1))


def _on(events: list[Event], day: date, calendar: Callable[[], WorkingCalendar]) -> Record | None:
    """Return a record as it stood on a day, even if a forged log lacks required values.

    A required value that an event removes is empty.
    """
    if events[0].version != 1:
        return None
    if events[0].kind in BY_EFFECT and is_plain(events):
        # Nothing of a later day says anything of this one.
        last = day.isoformat()
        events = [one for one in events if one.effective_on <= last] or events[:1]
    stood = timelines.made(events, calendar).on(day)
    if stood is None:
        return None
    gone = {name: value for name, value in _musts(stood.kind) if getattr(stood, name) is None}
    return stood.but(**gone) if gone else stood


def _unfit(what: Text) -> IntegrityFailure:
    from casework.log.verify import HINT

    return IntegrityFailure(what, HINT)


@cache
def _musts(kind: str) -> tuple[tuple[str, Any], ...]:
    """Return the required fields of a kind, and their replacements if they are missing."""
    dates = shape(kind).dates
    return tuple(
        (name, start if start is not NEEDED else date.min if name in dates else "")
        for name, start in blank(kind).items()
        if start is not None and name != KINDS[kind].key_field
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a case whose value for the same day changed through later knowledge."""

    ref: str
    field: str
    then: Any
    now: Any


def differences(
    connection: Connection, day: date, known_at: datetime | None, later: datetime | None
) -> Iterator[Difference]:
    """Yield what was learnt later about a day: each changed field of each case."""
    earlier = _moment(connection, day, known_at)
    # What was recorded until then reads as it did.
    learnt = _changed(connection, Moment(date.max, earlier.until)).get(Case.kind, set())
    then = _cases(_stood(connection, earlier, {Case.kind: learnt}))
    now = _cases(_stood(connection, _moment(connection, day, later), {Case.kind: learnt}))
    nothing, hides = dict.fromkeys(names_of(Case.kind)), reading.unseen(connection)
    for ref in sorted(then.keys() - now.keys(), key=ref_parts):
        # Its proposal was taken out since.
        told = reading.value(hides, (Case.kind, ref), "title", plain(then[ref]["title"]))
        yield Difference(ref, "title", told, None)
    for ref in sorted(now, key=ref_parts):
        before = then.get(ref, nothing)
        for name, value in now[ref].items():
            if name not in {"ref", "version"} and value != before[name]:
                held = (plain(before[name]), plain(value))
                told = (reading.value(hides, (Case.kind, ref), name, one) for one in held)
                yield Difference(ref, name, *told)


def _cases(records: Iterable[Record]) -> dict[str, dict[str, Any]]:
    return {record.ref: vars(record) for record in records if isinstance(record, Case)}
