"""A connection to a PostgreSQL server: its driver's own, sent text compiled ahead of time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from casework.errors import UnavailableError
from casework.store import compiled, connections, contention
from casework.store.connections import Connection

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from datetime import datetime

    import psycopg

    from casework.store.connections import Statement

READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""Begins a transaction that sees one moment and cannot write."""

WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"

DURABLE = ("fsync", "synchronous_commit")
"""Settings of PostgreSQL without which an acknowledged act may be lost."""

_HELD = ", ".join(f"current_setting('{name}')" for name in (*DURABLE, "server_encoding"))


def settings() -> str:
    """Ask whether a server may forget, and how it keeps text; let nobody wait without end."""
    return f"SELECT {_HELD}, set_config('lock_timeout', '{contention.LIMIT}s', true)"


def refuse_forgetful(settings: Sequence[Sequence[str]], name: str) -> None:
    """Refuse a server that may forget what it acknowledged, or keeps text otherwise."""
    ((*held, kept_as, _),) = settings
    if kept_as != "UTF8":
        raise UnavailableError("store.encoding", name=name, kept_as=kept_as)
    for setting, value in zip(DURABLE, held, strict=True):
        if value == "off":
            raise UnavailableError("store.unsafe-setting", name=name, setting=setting)


@dataclass(frozen=True, slots=True)
class Standby:
    """What a server knows that follows another one.

    `whole` is true of one that is connected to its primary and has replayed all it was sent; `at`
    is when the last transaction was committed that it has replayed, `seconds` how long ago.
    """

    whole: bool
    at: datetime | None
    seconds: int | None


def standby(connection: Connection) -> Standby | None:
    """Return what a standby knows; None of a primary."""
    ((follows, *known),) = connection.told(
        "SELECT pg_is_in_recovery(),"
        " EXISTS (SELECT FROM pg_stat_wal_receiver)"
        " AND pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn(),"
        " pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC',"
        " extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::integer"
    )
    return Standby(*known) if follows else None


PATIENT = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
"""How soon one server of several is taken for lost, in seconds, unless the URL says otherwise.

One whose machine has lost its power says nothing, and the system would ask it again after hours.
"""


def connect(told: Mapping[str, Any]) -> psycopg.Connection[Any]:
    """Connect to a server as the driver is told; raises UnavailableError where there is no driver.

    Transactions are begun by whoever uses the connection.
    """
    try:
        import psycopg
    except ModuleNotFoundError:
        from casework.system.extras import how_to_install

        way_out = how_to_install("postgres", "psycopg[binary]")
        raise UnavailableError("store.no-psycopg", way_out) from None
    # Whatever PGCLIENTENCODING says: text goes to the server and back as UTF-8.
    return psycopg.connect(**{**told, "autocommit": True, "client_encoding": "utf8"})


class Served(Connection):
    """PostgreSQL, by its own driver."""

    engine = "postgresql"

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self.driver = driver
        self.locked = {}
        self.recorded = []
        self._numbers = count()

    def rows(self, statement: Statement, **values: Any) -> list[Any]:
        text, fixed = compiled.on_server(statement)
        return self._ask(text, {**fixed, **values}).fetchall()

    def pages(self, statement: Statement, **values: Any) -> Generator[Sequence[Any]]:
        text, fixed = compiled.on_server(statement)
        yield from self._paged(text, {**fixed, **values})

    def told(self, text: str, values: Sequence[Any] = ()) -> list[Any]:
        found = self._ask(text.replace("?", "%s"), tuple(values))
        # A row may have no column at all.
        return [] if found.description is None else found.fetchall()

    def change(self, text: str, values: Sequence[Any] = ()) -> int:
        return self._ask(text.replace("?", "%s"), tuple(values)).rowcount

    def many(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        with self.driver.cursor() as cursor:
            cursor.executemany(text.replace("?", "%s"), rows)

    def begin(self, how: str, *questions: str) -> list[list[Any]]:
        """Begin a transaction and ask it, all at once; return the rows of each answer."""
        cursor = self._ask("; ".join((how, *questions)), None)
        answers = []
        while cursor.nextset():
            answers.append(cursor.fetchall())
        return answers

    def begin_again(self, how: str) -> None:
        """Begin a transaction in place of one that failed."""
        self.rollback()
        self.begin(how)

    def _ask(self, text: str, values: Any) -> psycopg.Cursor[Any]:
        return self.driver.execute(text, values)

    def _paged(self, text: str, values: Any) -> Generator[Sequence[Any]]:
        # Each has a name of its own, for several may be read at a time.
        with self.driver.cursor(f"page_{next(self._numbers)}") as cursor:
            cursor.execute(text, values)
            while page := cursor.fetchmany(connections.PAGE):
                yield page

    @property
    def open(self) -> bool:
        # Neither idle nor unknown, which it is when the server is gone: see its documentation.
        return self.driver.info.transaction_status.name in {"ACTIVE", "INTRANS", "INERROR"}

    def rollback(self) -> None:
        self.driver.rollback()
