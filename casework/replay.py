"""The register as it was: the log replayed up to a day, for the same questions to be asked."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, insert

from casework import queries, schema
from casework.audit import event as audit
from casework.calendar import stamp
from casework.records import KINDS, Case, Digest, Record, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection


@contextmanager
def as_of(
    connection: Connection, day: date | None, known_at: datetime | None
) -> Iterator[Connection]:
    """Give a connection on which the register stands as it was.

    What had taken effect by the end of `day`, of what had been recorded by `known_at`: the log is
    replayed up to there into tables in memory. The store's own connection is given where that
    is the same.
    """
    latest = queries.latest_effective(connection)
    if known_at is None and (day is None or latest is None or latest <= day):
        yield connection
        return
    replayed = _replay(connection, day, known_at)
    scratch = create_engine("sqlite://")
    # A copy of the tables, not a store: nothing is kept and no migration has a say.
    wanted = [schema.TABLES[kind] for kind in KINDS]
    wanted += {t.name: t for tables in schema.DERIVED_TABLES.values() for t in tables}.values()
    with scratch.begin() as then:
        schema.metadata.create_all(then, tables=wanted)
        _fill(then, replayed)
        yield then


def _replay(
    connection: Connection, day: date | None, known_at: datetime | None
) -> Iterable[Record]:
    last_day = (day or date.max).isoformat()
    until = stamp(known_at) if known_at else None
    records: dict[tuple[str, str], Record] = {}
    for event in queries.events(connection, queries.Search(until=until)):
        subject = (event.kind, event.key)
        # Organisations, people and conferences were there before somebody entered them.
        entered = event.version == 1 and event.kind not in {Case.kind, Digest.kind}
        known = event.version == 1 or subject in records
        if entered or (known and event.effective_on <= last_day):
            records[subject] = audit.fold(records.get(subject), event)
    return records.values()


def _fill(then: Connection, records: Iterable[Record]) -> None:
    rows: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        names = [KINDS[record.kind].key_field, "version", *(f.name for f in fields(record))]
        values = {name: getattr(record, name) for name in names}
        rows.setdefault(record.kind, []).append(values | schema.derived_columns(record))
        for table, found in schema.derived_rows(record).items():
            rows.setdefault(table, []).extend(found)
    for name, found in rows.items():
        if found:
            then.execute(insert(schema.metadata.tables[name]), found)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a case that reads otherwise, the day being the same, once more is known."""

    ref: str
    field: str
    then: Any
    now: Any


def differences(
    connection: Connection, day: date, known_at: datetime | None, later: datetime | None
) -> Iterator[Difference]:
    """Yield what was learnt later about a day: each field of each case that reads otherwise."""
    then = _cases(_replay(connection, day, known_at))
    now = _cases(_replay(connection, day, later))
    nothing = {f.name: None for f in fields(Case)}
    for ref in sorted(now, key=schema.ref_parts):
        before = then.get(ref, nothing)
        for name, value in now[ref].items():
            if name not in {"ref", "version"} and value != before[name]:
                yield Difference(ref, name, plain(before[name]), plain(value))


def _cases(records: Iterable[Record]) -> dict[str, dict[str, Any]]:
    cases = (record for record in records if isinstance(record, Case))
    return {case.ref: {f.name: getattr(case, f.name) for f in fields(Case)} for case in cases}
