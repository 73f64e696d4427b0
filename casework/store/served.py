"""Connections to a PostgreSQL server, by its driver and precompiled text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import UnavailableError
from casework.store import compiled, connections, contention
from casework.store.connections import Connection

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from datetime import datetime

    import psycopg

    from casework.store.connections import Statement

READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""Begins a read-only transaction with a view of one moment."""

WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"

DURABLE = ("fsync", "synchronous_commit")
"""Settings of PostgreSQL without which an acknowledged act may be lost."""

_HELD = ", ".join(f"current_setting('{name}')" for name in (*DURABLE, "server_encoding"))


def settings() -> str:
    """Query the server's durability and encoding, and limit the time of waiting for locks."""
    return f"SELECT {_HELD}, set_config('lock_timeout', '{contention.LIMIT}s', true)"


def refuse_forgetful(settings: Sequence[Sequence[str]], name: str) -> None:
    """Refuse a server that could lose acknowledged acts, or stores text in another encoding."""
    ((*held, kept_as, _),) = settings
    if kept_as != "UTF8":
        raise UnavailableError("store.encoding", name=name, kept_as=kept_as)
    for setting, value in zip(DURABLE, held, strict=True):
        if value == "off":
            raise UnavailableError("store.unsafe-setting", name=name, setting=setting)


@dataclass(frozen=True, slots=True)
class Standby:
    """How current a standby is.

    `whole` is true if it is connected to its primary and has replayed everything it received; `at`
    is the commit time of the last replayed transaction, `seconds` how long ago that was.
    """

    whole: bool
    at: datetime | None
    seconds: int | None


def standby(connection: Connection) -> Standby | None:
    """Return how current a standby is; None for a primary."""
    ((follows, *known),) = connection.told(
        "SELECT pg_is_in_recovery(),"
        " EXISTS (SELECT FROM pg_stat_wal_receiver)"
        " AND pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn(),"
        " pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC',"
        " extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::integer"
    )
    return Standby(*known) if follows else None


class Shared(NamedTuple):
    """How another process sees what a transaction does: what its driver is told, and a snapshot."""

    told: tuple[tuple[str, Any], ...]
    snapshot: str


def shared(connection: Connection) -> Shared | None:
    """Let others see what a reading transaction on a server sees, until it ends.

    None where it may write, whose changes nobody else would see, or the server lets it not.
    """
    if not isinstance(connection, Served) or not connection.open:
        return None
    ((snapshot,),) = connection.told(
        "SELECT CASE WHEN current_setting('transaction_read_only') = 'on'"
        " AND current_setting('transaction_isolation') = 'repeatable read'"
        " AND has_function_privilege('pg_export_snapshot()', 'EXECUTE')"
        " THEN pg_export_snapshot() END"
    )
    if snapshot is None:
        return None
    held = connection.driver.info
    # Of several servers the one that answered.
    told = {name: value for name, value in held.get_parameters().items() if name != "hostaddr"}
    one = {"host": held.host, "port": held.port, "password": held.password or None}
    return Shared(tuple({**told, **one}.items()), snapshot)


PATIENT = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
"""The seconds after which one of several servers counts as lost, unless the URL says otherwise.

A machine without power sends nothing, and the system's own limit is hours.
"""


def connect(told: Mapping[str, Any]) -> psycopg.Connection[Any]:
    """Connect to a server with the driver's parameters; raises UnavailableError without a driver.

    The user of the connection begins the transactions.
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
        if values.get("limit", connections.PAGE + 1) <= connections.PAGE:
            # Of one page the server is asked once; a cursor takes it four round trips.
            yield self._ask(text, {**fixed, **values}).fetchall()
            return
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
        """Begin a transaction and run queries in one round trip; return the rows of each."""
        cursor = self._ask("; ".join((how, *questions)), None)
        answers = []
        while cursor.nextset():
            answers.append(cursor.fetchall())
        return answers

    def begin_again(self, how: str) -> None:
        """Begin a new transaction after one that failed."""
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
