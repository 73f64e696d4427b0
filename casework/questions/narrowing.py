"""A view of the register that has only some of its cases, for the same questions."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from casework.kinds.case import Case
from casework.kinds.records import KINDS
from casework.questions import reading, replay
from casework.rules.query import parse
from casework.store import compiled, record_rows, sqlite_file
from casework.store.connections import Lite, Statement
from casework.system.spooled import lots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date, datetime

    from casework.kinds.records import Record
    from casework.store.connections import Alternative, Connection


T = TypeVar("T")


def both(one: str | None, other: str) -> str:
    """Return the query of the cases that meet both; raises UsageError for one that cannot be read.

    Each is read by itself: no bracket of one closes what the other opened.
    """
    parse(other)
    if one is None:
        return other
    parse(one)
    return f"({one}) and ({other})"


class Met:
    """The cases that meet a query in a register; their references are read if asked for.

    `conditions` are those of the query, for a reader of the register `then`.
    """

    def __init__(self, then: Connection, conditions: Sequence[Sequence[Alternative]]) -> None:
        self.conditions = conditions
        self._then = then

    @cached_property
    def refs(self) -> frozenset[str]:
        """Their references; to be asked for while the register is open."""
        asked = compiled.narrowed(compiled.MET, self.conditions)
        return frozenset(self._then.column(asked))

    def among(self, refs: Iterable[str]) -> frozenset[str]:
        """Return those of some references whose cases meet it, while the register is open."""
        asked = compiled.narrowed(compiled.MET_AMONG, self.conditions)
        each = lots(dict.fromkeys(refs), replay.KEYS)
        found = (self._then.column(asked, refs=json.dumps(lot)) for lot in each)
        return frozenset(chain.from_iterable(found))

    def only(self, found: Iterable[T], of: Callable[[T], str | None]) -> Iterator[T]:
        """Yield what belongs to cases that meet it; `of` returns the reference, None without one.

        However many cases meet it, few are held.
        """
        for lot in lots(found, replay.KEYS):
            there = self.among(ref for ref in map(of, lot) if ref is not None)
            yield from (one for one in lot if of(one) in there)


def met(
    connection: Connection, then: Connection, where: str, day: date, known_at: datetime | None
) -> Met:
    """Return the cases that meet a query in the register `then`.

    `connection` is the store; dates such as ``today`` count from `day`. Raises the errors of
    `filter_of`.
    """
    from casework.questions.wanted import filter_of

    wanted = filter_of(connection, then, {"where": where}, day, known_at=known_at)
    return Met(then, reading.conditions(then, wanted, day))


@contextmanager
def narrowed(connection: Connection, then: Connection, wanted: Met) -> Iterator[Connection]:
    """Open a connection on which the register has only the cases that are wanted.

    `then` is the register as it stood, on a separate connection or on the store's `connection`,
    which is left alone: its file is read by another one. If there is no file that stays unchanged,
    everything is copied.
    """
    if then is not connection and isinstance(then, Lite):
        _leave(then, wanted.refs)
        yield then
        return
    with sqlite_file.beside(connection) as beside:
        if beside is not None:
            beside.unseen = reading.unseen(connection)
            _leave_rows(beside, wanted.conditions)
            yield beside
            return
    with closing(sqlite3.connect("", isolation_level=None)) as driver:
        copy = replay.scratch(driver, connection)
        replay.fill(copy, _records(connection, wanted.refs))
        yield copy


def _leave(then: Lite, refs: frozenset[str]) -> None:
    """Make the tables of cases appear to have no other cases."""
    then.change("CREATE TEMP TABLE wanted (ref PRIMARY KEY) WITHOUT ROWID")
    then.insert("wanted", ("ref",), [(ref,) for ref in sorted(refs)])
    shown = dict(then.told("SELECT name, sql FROM temp.sqlite_schema WHERE type = 'view'"))
    for name, owner in {Case.kind: Case.key_field, **_owners()}.items():
        source = f'SELECT * FROM main."{name}"'  # noqa: S608 - the names are the schema's
        if name in shown:
            # It stands so already, as the register stood on an earlier day.
            source = shown[name].partition(" AS ")[2]
            then.change(f'DROP VIEW temp."{name}"')
        then.change(
            f'CREATE TEMP VIEW "{name}" AS SELECT * FROM ({source})'  # noqa: S608 - as above
            f' WHERE "{owner}" IN (SELECT ref FROM temp.wanted)'
        )


def _leave_rows(file: Lite, conditions: Sequence[Sequence[Alternative]]) -> None:
    """Do the same in a file that stands as it is, where SQLite finds the rows by itself.

    Every index has the number of the row, so that what is answered from an index still is. The
    ``+`` keeps SQLite from going through the rows that are wanted instead.
    """
    file.change("CREATE TEMP TABLE wanted (row INTEGER PRIMARY KEY)")
    text = f'INSERT INTO temp.wanted SELECT "{Case.kind}".rowid FROM "{Case.kind}"'  # noqa: S608 - the name is the schema's
    file.rows(
        compiled.narrowed(Statement("wanted", text, {}, (), (len(text), "WHERE")), conditions)
    )
    few = "IN (SELECT row FROM temp.wanted)"
    for name, owner in _owners().items():
        row = f'SELECT rowid FROM main."{Case.kind}" WHERE "{Case.key_field}" = part."{owner}"'  # noqa: S608 - as above
        file.change(
            f'CREATE TEMP VIEW "{name}" AS SELECT * FROM main."{name}" AS part WHERE ({row}) {few}'  # noqa: S608 - as above
        )
    file.change(
        f'CREATE TEMP VIEW "{Case.kind}" AS SELECT * FROM main."{Case.kind}" AS one'  # noqa: S608 - as above
        f" WHERE +one.rowid {few}"
    )


def _owners() -> dict[str, str]:
    """Return the column with the reference of the case, by table of what belongs to cases."""
    return {
        name: one.owner for name, one in record_rows.DERIVED.items() if one.kinds == (Case.kind,)
    }


def _records(connection: Connection, refs: frozenset[str]) -> Iterator[Record]:
    for kind, form in KINDS.items():
        if form is Case:
            for lot in lots(sorted(refs), replay.KEYS):
                for row in connection.rows(compiled.OF_REFS, refs=json.dumps(lot)):
                    yield record_rows.read(Case, row)
        else:
            with closing(connection.stream(compiled.RECORDS[kind])) as kept:
                yield from (record_rows.read(form, row) for row in kept)
