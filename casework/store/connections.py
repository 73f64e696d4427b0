"""One interface to both engines: named statements, and rows as tuples.

A `Lite` connection uses Python's own SQLite driver and precompiled text; `served` has the
connection to PostgreSQL. A `Core` connection is SQLAlchemy's, for changes of the schema.
"""

from __future__ import annotations

import json
import sqlite3
from abc import ABC, abstractmethod
from contextlib import contextmanager, nullcontext
from datetime import date
from functools import lru_cache
from itertools import chain, compress
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import IntegrityFailure
from casework.system.text import SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import sqlalchemy

PAGE = 1024
"""How many rows of a long answer are fetched at a time."""

TOGETHER = 50
"""How many rows one INSERT of SQLite takes."""

_parsed = json.JSONDecoder().decode
"""Unlike `json.loads` it does not accept bytes, which no JSON column holds."""


def _listed(text: str) -> Any:
    # Most lists are empty, and there are six in every case.
    return [] if text == "[]" else _parsed(text)


_READ: Mapping[str, Callable[[str], Any]] = {"date": date.fromisoformat, "json": _listed}

sqlite3.register_adapter(date, date.isoformat)
# Where there is none, the driver looks long for an adapter of each NULL and each BLOB, which takes
# three times as long as a text. These two give back what they are given.
sqlite3.register_adapter(type(None), {None: None}.__getitem__)
sqlite3.register_adapter(bytes, bytes.__bytes__)


@lru_cache(maxsize=256)
def _insertion(table: str, columns: tuple[str, ...], rows: int, given: tuple[bool, ...]) -> str:
    """Return the statement that inserts a number of rows, with ``?`` for each value in `given`.

    The other values are NULL.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" if one else "NULL" for one in given)
    every = ", ".join([f"({marks})"] * rows)
    return f'INSERT INTO "{table}" ({names}) VALUES {every}'  # noqa: S608 - names are the schema's


Condition = tuple[str, Any]
"""The name of a condition that narrows a statement, and its value; None if it has none.

With ``not`` before the name, rows must not meet it.
"""

NEGATED = "not "


def within(words: str) -> str:
    """Return the LIKE pattern for texts that contain some words literally."""
    for mark in "/%_":
        words = words.replace(mark, f"/{mark}")
    return f"%{words}%"


def listed(values: Iterable[str]) -> str:
    """Return the value of a condition on a list."""
    return json.dumps(sorted(values))


class Group(NamedTuple):
    """Conditions or groups joined by AND or OR."""

    word: str
    parts: tuple[Any, ...]


Alternative = Condition | Group

DESCENDING = " desc"
"""The suffix of a descending order."""


class Statement(NamedTuple):
    """A query: its name in `statements`, and its text for one engine, by default SQLite.

    `fixed` has the values in it; `forms` says which columns SQLite stores as text, and their types,
    by position. `place` is where in the text more conditions go, and the word before them; `where`
    has the conditions added so far, each with its alternatives. `orders` has the names of the
    orders before its own.
    """

    name: str
    text: str
    fixed: Mapping[str, Any]
    forms: Sequence[tuple[int, str]]
    place: tuple[int, str] | None = None
    where: tuple[tuple[Alternative, ...], ...] = ()
    orders: tuple[str, ...] = ()


class Unseen(NamedTuple):
    """The cases whose texts are withheld from a reader, and the requests that would reveal them."""

    cases: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()


class Connection(ABC):
    """A connection within a transaction. The parameter style depends on the engine."""

    engine: str
    erased = False
    """Whether values were permanently erased in the transaction."""

    command: Any = None
    """The command of the transaction, until its first event is recorded."""

    batch: Any = None
    """The batch that the transaction is, with what is put off until its end; None for no batch."""

    login: str | None = None
    """The login whose rights the server enforces; None if the connection may do anything."""

    recorded: list[tuple[int, int, str]]
    """What the transaction has recorded: numbers of the first and last event, a description."""

    locked: dict[tuple[str, str], int]
    """The version of each record the transaction has locked on a server.

    Nobody else can change them before it ends.
    """

    unseen: Unseen | None = None
    """What is withheld from the reader; None until it is looked up. A writer sees everything."""

    whole: bool = True
    """Whether the whole register can be read, or only the cases of one organisation."""

    translated: Callable[[], AbstractContextManager[None]] = nullcontext
    """Returns a block in which errors of the driver become errors of `casework.errors`."""

    @abstractmethod
    def rows(self, statement: Statement, **values: Any) -> list[Any]:
        """Return the rows of an answer; raises IntegrityFailure if a row cannot be read."""

    @abstractmethod
    def pages(self, statement: Statement, **values: Any) -> Generator[Sequence[Any]]:
        """Yield the rows of a long answer in pages; close it after use."""

    def stream(self, statement: Statement, **values: Any) -> Generator[Any]:
        """Yield the rows of a long answer; close it after use."""
        pages = self.pages(statement, **values)
        try:
            for page in pages:
                yield from page
        finally:
            pages.close()

    def first(self, statement: Statement, **values: Any) -> Any:
        """Return the first row of an answer; None if there is none."""
        found = self.rows(statement, **values)
        return found[0] if found else None

    def value(self, statement: Statement, **values: Any) -> Any:
        """Return the first column of the first row of an answer; None if there is none."""
        found = self.rows(statement, **values)
        return found[0][0] if found else None

    def column(self, statement: Statement, **values: Any) -> list[Any]:
        """Return the first column of an answer."""
        return [row[0] for row in self.rows(statement, **values)]

    @abstractmethod
    def told(self, text: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return the answer to SQL text of the engine, such as a pragma."""

    @abstractmethod
    def change(self, text: str, values: Sequence[Any] = ()) -> int:
        """Change rows or the schema, with ``?`` for each value; return the number of rows."""

    @abstractmethod
    def many(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        """Do the same for each row of values."""

    def insert(self, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows with a value, in the driver's form, for each of these columns."""
        if rows:
            self.many(_insertion(table, columns, 1, (True,) * len(columns)), rows)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Open a part of the transaction that is undone alone if it ends with an error."""
        command, recorded, erased = self.command, len(self.recorded), self.erased
        owed = len(self.put_off())
        try:
            with self.translated(), self._savepoint():
                yield
        except BaseException:
            self.command, self.erased = command, erased
            del self.recorded[recorded:]
            if self.batch is not None:
                del self.batch.owed[owed:]
            # What was locked in it no longer is, and what was noted of the others may be undone.
            self.locked.clear()
            raise

    def put_off(self) -> Sequence[Any]:
        """Return the acts that are judged at the end of a batch."""
        return () if self.batch is None else (*self.batch.owed,)

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Open a block whose changes the engine undoes after an error."""
        self.told("SAVEPOINT part")
        try:
            yield
        except BaseException:
            # What the engine gave up it has undone already.
            if self.open:
                self.told("ROLLBACK TO part")
                self.told("RELEASE part")
            raise
        self.told("RELEASE part")

    @property
    @abstractmethod
    def open(self) -> bool:
        """Whether the transaction is still open."""

    @abstractmethod
    def rollback(self) -> None:
        """Undo the transaction."""


class Lite(Connection):
    """SQLite, by Python's own driver."""

    engine = "sqlite"

    def __init__(self, driver: sqlite3.Connection) -> None:
        self.driver = driver
        self.locked = {}
        self.recorded = []

    def rows(self, statement: Statement, **values: Any) -> list[Any]:
        if not statement.forms:
            return self._ask(statement, values).fetchall()
        found: list[Any] = []
        # What SQLite keeps as text is let go of a page at a time: a long answer is held once.
        for page in self.pages(statement, **values):
            found += page
        return found

    def pages(self, statement: Statement, **values: Any) -> Generator[Sequence[Any]]:
        cursor = self._ask(statement, values)
        while page := cursor.fetchmany(PAGE):
            yield decoded(page, statement.forms) if statement.forms else page

    def _ask(self, statement: Statement, values: dict[str, Any]) -> sqlite3.Cursor:
        return self.driver.execute(statement.text, {**statement.fixed, **values})

    def told(self, text: str, values: Sequence[Any] = ()) -> list[Any]:
        return self.driver.execute(text, values).fetchall()

    def change(self, text: str, values: Sequence[Any] = ()) -> int:
        return self.driver.execute(text, values).rowcount

    def many(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        self.driver.executemany(text, rows)

    def insert(self, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
        # A statement opens the table and each of its indexes anew: of fifty cases at once each
        # takes a quarter less. Half of their columns have no value in any, and to bind nothing
        # takes longer than to bind a text.
        whole = len(rows) - len(rows) % TOGETHER
        for start in range(0, whole, TOGETHER):
            held = list(zip(*rows[start : start + TOGETHER], strict=True))
            given = tuple(values.count(None) < TOGETHER for values in held)
            values = zip(*compress(held, given), strict=True)
            text = _insertion(table, columns, TOGETHER, given)
            self.change(text, tuple(chain.from_iterable(values)))
        super().insert(table, columns, rows[whole:])

    @property
    def open(self) -> bool:
        return self.driver.in_transaction

    def rollback(self) -> None:
        self.driver.rollback()


def decoded(rows: Iterable[Sequence[Any]], forms: Sequence[tuple[int, str]]) -> list[Any]:
    """Return rows with dates and lists decoded from SQLite's text; raises IntegrityFailure."""
    reads = [(place, form, _READ[form]) for place, form in forms]
    decoded = []
    for row in rows:
        values = list(row)
        for place, form, read in reads:
            if (value := values[place]) is not None:
                try:
                    values[place] = read(value)
                except (RecursionError, TypeError, ValueError):
                    shown = repr(value)[:SHOWN]
                    raise IntegrityFailure(
                        "store.unreadable-value", value=shown, form=form
                    ) from None
        decoded.append(tuple(values))
    return decoded


class Core(Connection):
    """Either engine, by SQLAlchemy."""

    def __init__(self, core: sqlalchemy.Connection, named: Callable[[Statement], Any]) -> None:
        self.core = core
        self.locked = {}
        self.recorded = []
        self._named = named
        self.engine = core.dialect.name

    def rows(self, statement: Statement, **values: Any) -> list[Any]:
        return list(self.core.execute(self._named(statement), values))

    def pages(self, statement: Statement, **values: Any) -> Generator[Sequence[Any]]:
        options = {"yield_per": PAGE}
        with self.core.execute(self._named(statement), values, execution_options=options) as found:
            yield from found.partitions()

    def told(self, text: str, values: Sequence[Any] = ()) -> list[Any]:
        found = self.core.exec_driver_sql(self._marked(text), tuple(values))
        # A pragma that sets something may have nothing to say.
        return list(found) if found.returns_rows else []

    def change(self, text: str, values: Sequence[Any] = ()) -> int:
        return self.core.exec_driver_sql(self._marked(text), tuple(values)).rowcount

    def many(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        self.core.exec_driver_sql(self._marked(text), [tuple(row) for row in rows])

    def _marked(self, text: str) -> str:
        return text if self.engine == "sqlite" else text.replace("?", "%s")

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        with self.core.begin_nested():
            yield

    @property
    def open(self) -> bool:
        return self.core.in_transaction()

    def rollback(self) -> None:
        self.core.rollback()
