"""Open a store: find it, check that it is ours, and begin its transactions.

SQLite is one file; PostgreSQL is a URL. Nothing here creates or changes a schema; `upgrades` does.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from casework.errors import UnavailableError, UsageError
from casework.store import addresses, compiled, contention, failures, inventory, sqlite_file
from casework.store.connections import Connection, Core, Unseen
from casework.system import places, tracing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import URL, Engine
    from sqlalchemy import Connection as CoreConnection

    from casework.errors import Text
    from casework.store.connections import Lite
    from casework.store.contention import Tell

# Generated: make docs takes the number of the newest migration.
# [[[cog
# from pathlib import Path
# newest = max(path.name for path in Path("migrations/versions").glob("*.py"))
# print(f'REVISION = "{newest[:4]}"')
# ]]]
REVISION = "0027"
# [[[end]]]
"""The schema's revision this program reads and writes; the newest one of the migrations."""

PATIENT = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
"""How soon one server of several is taken for lost, in seconds, unless the URL says otherwise.

One whose machine has lost its power says nothing, and the system would ask it again after hours.
"""

DURABLE = ("fsync", "synchronous_commit")
"""Settings of PostgreSQL without which an acknowledged act may be lost."""


def default_url() -> str:
    """Return the store named by CASEWORK_DB, or the one in the platform's data folder."""
    return os.environ.get("CASEWORK_DB") or str(places.store())


@dataclass(frozen=True)
class Store:
    """A store: a SQLite file, or a server's database. Each use of a method is one transaction.

    `called` is what messages name it by, where it is only a copy; `tell` is how a writer says whom
    it waits for. With `aged` questions go to a standby where there is one, and that is told what
    it knows.
    """

    file: Path | None
    url: URL | None
    called: str = ""
    tell: Tell | None = None
    aged: Callable[[Standby], None] | None = None

    @classmethod
    def at(cls, target: str, tell: Tell | None = None) -> Store:
        """Return the store of a URL or path; raises UsageError for what can be none."""
        file = sqlite_file.file_of(target)
        return cls(file, None if file is not None else addresses.server_url(target), tell=tell)

    @cached_property
    def name(self) -> str:
        """The store as messages show it: without its password, wherever that stands."""
        if self.url is None:
            return self.called or str(self.file)
        shown = self.url.set(query={}).render_as_string(hide_password=True)
        if self.several:
            told = addresses.connecting(self.url)
            hosts, ports = (str(told.get(name, "")).split(",") for name in ("host", "port"))
            each = zip_longest(hosts, ports, fillvalue="")
            shown += " on " + ", ".join(f"{host}:{port}".rstrip(":") for host, port in each)
        return shown

    @cached_property
    def several(self) -> bool:
        """Whether several servers are named, of which another may take over."""
        return self.url is not None and "," in str(addresses.connecting(self.url).get("host", ""))

    @cached_property
    def engine(self) -> Engine:
        """SQLAlchemy's engine; a SQLite store needs it only for changes of its schema."""
        from sqlalchemy import NullPool, create_engine, event

        if self.url is None:
            engine = create_engine("sqlite://", creator=self._driver, poolclass=NullPool)
            event.listen(engine, "begin", self._begin)
            return _told(engine)
        return self._server("read-write")

    @cached_property
    def _asked(self) -> Engine:
        """The engine of questions to a server."""
        return self._server("primary" if self.aged is None else "prefer-standby")

    def _server(self, session: str) -> Engine:
        """Return an engine that takes the one of several servers whose sessions are such."""
        from sqlalchemy import NullPool, create_engine

        # Whatever PGCLIENTENCODING says: text goes to the server and back as UTF-8.
        url, told = self.url, {"client_encoding": "utf8"}
        assert url is not None  # noqa: S101 - for the type checker
        if self.several:
            wanted = {"target_session_attrs": session} | PATIENT
            told |= {name: value for name, value in wanted.items() if name not in url.query}
        if self.aged is not None:
            told["target_session_attrs"] = session
        try:
            engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=told)
        except ModuleNotFoundError:
            from casework.system.extras import how_to_install

            raise UnavailableError(
                "store.no-psycopg",
                how_to_install("postgres", "psycopg[binary]"),
            ) from None
        return _told(engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment and cannot write."""
        if self.url is None:
            with self._lite("BEGIN") as lite:
                lite.told("PRAGMA query_only=ON")
                _check_file(lite, self.name)
                yield lite
            return
        from casework.store import logins

        with (
            tracing.transaction(self.name, "reading"),
            self._told(),
            self._asked.connect() as core,
        ):
            core.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with core.begin():
                connection = _core(core)
                _check_revision(connection, self.name)
                logins.admit(connection)
                if self.aged is not None and (found := standby(connection)) is not None:
                    self.aged(found)
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept together when the block ends without error.

        On SQLite the write lock is taken first: a writer that reads before it locks decides on
        what somebody else may be changing.
        """
        if self.url is None:
            with self._lite(sqlite_file.WRITE) as lite:
                _check_file(lite, self.name)
                lite.unseen = Unseen()
                _check_rules(lite, self.name)
                yield lite
                erased = lite.open and lite.erased
            if erased:
                sqlite_file.scrub(Path(str(self.file)))
            return
        from casework.store import logins

        with self.migrating() as core:
            _check_revision(core, self.name)
            logins.admit(core)
            _check_rules(core, self.name)
            yield core

    @contextmanager
    def _lite(self, begin: str) -> Iterator[Lite]:
        writes = begin == sqlite_file.WRITE
        with (
            tracing.transaction(self.name, "writing" if writes else "reading"),
            failures.of_sqlite(self.name, failures.UNCHANGED if writes else ""),
            closing(self._driver()) as driver,
        ):
            if writes:
                sqlite_file.take_lock(driver, Path(str(self.file)), self.tell)
                tracing.say("write lock taken")
            else:
                driver.execute(begin)
            try:
                yield sqlite_file.lite(driver)
            except BaseException:
                driver.rollback()
                raise
            with failures.of_sqlite(self.name, failures.UNSURE):
                driver.commit()

    def _driver(self) -> sqlite3.Connection:
        return sqlite_file.connect(Path(str(self.file)))

    @contextmanager
    def migrating(self) -> Iterator[Core]:
        """Give a write transaction on a store of any schema, or of none."""
        with (
            tracing.transaction(self.name, "writing"),
            self._told(failures.UNCHANGED),
            self.engine.connect() as core,
            core.begin(),
        ):
            connection = _core(core)
            connection.translated = partial(self._told, failures.UNCHANGED)
            if self.url is None:
                _check_catalogue(connection)
                sqlite_file.mark(connection)
            else:
                _refuse_forgetful(connection, self.name)
            connection.unseen = Unseen()
            with contention.on_server(core, None if self.url is None else self.tell):
                yield connection
            if core.in_transaction():
                with self._told(failures.UNSURE):
                    core.commit()

    def _told(self, became: str = "") -> AbstractContextManager[None]:
        return failures.of_server(self.name, became, several=self.several)

    def _begin(self, core: CoreConnection) -> None:
        driver = core.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            sqlite_file.take_lock(driver, Path(str(self.file)), self.tell)


def _told(engine: Engine) -> Engine:
    """Return an engine; if somebody listens, its statements are told."""
    logger = tracing.statements()
    if logger is not None:
        from casework.store import traced

        traced.listen(engine, logger)
    return engine


def _core(core: CoreConnection) -> Core:
    """Return a connection of ours over one of SQLAlchemy's; see `_told`."""
    from casework.store.statements import named

    logger = tracing.statements()
    if logger is None:
        return Core(core, named)
    from casework.store.traced import ToldCore

    return ToldCore(core, named, logger)


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


def open_store(
    target: str, tell: Tell | None = None, aged: Callable[[Standby], None] | None = None
) -> Store:
    """Open an existing store; its schema is checked as each transaction begins.

    Raises UnavailableError, now or then, for anything that is not a store with this program's
    schema, and UsageError for the standby of a file.
    """
    store = replace(Store.at(target, tell), aged=aged)
    if store.file is not None:
        if aged is not None:
            raise UsageError("store.no-standby")
        sqlite_file.check(store.file)
    return store


def _refuse_forgetful(connection: Connection, name: str) -> None:
    """Refuse a server that may forget what it acknowledged, and to wait there without end."""
    settings = ", ".join(f"current_setting('{setting}')" for setting in DURABLE)
    wait = f"set_config('lock_timeout', '{contention.LIMIT}s', true)"
    encoding = "current_setting('server_encoding')"
    ((*held, kept_as, _),) = connection.told(f"SELECT {settings}, {encoding}, {wait}")
    if kept_as != "UTF8":
        raise UnavailableError("store.encoding", name=name, kept_as=kept_as)
    for setting, value in zip(DURABLE, held, strict=True):
        if value == "off":
            raise UnavailableError("store.unsafe-setting", name=name, setting=setting)


def _check_file(lite: Lite, name: str) -> None:
    """Refuse a SQLite file of another schema, or with triggers or views that are none of ours."""
    foreign = inventory.refuse_views(lite)
    # A later program may have made them.
    _check_revision(lite, name)
    inventory.refuse_triggers(foreign)


def _check_catalogue(connection: Connection) -> None:
    """Refuse the same, but of any schema this program has had; a later one is refused for that."""
    if foreign := inventory.refuse_views(connection):
        current = connection.told("SELECT version_num FROM alembic_version")
        if not current or str(current[0][0]) <= REVISION:
            inventory.refuse_triggers(foreign)


def _check_revision(connection: Connection, name: str) -> None:
    try:
        current = connection.value(compiled.REVISION)
    except Exception as error:
        if "alembic_version" not in str(error):
            raise
        current = None
    if current == REVISION:
        return
    if current is None:
        raise UnavailableError("store.not-one", name=name)
    refuse_newer(current, name)
    raise UnavailableError("store.schema-behind", name=name, current=current, revision=REVISION)


def _check_rules(connection: Connection, name: str) -> None:
    """Refuse to record acts that this program judges by other rules than the log says."""
    from casework.rules import law

    held = connection.first(compiled.RULES)
    if held is not None and held[0] != law.digest():
        raise UnavailableError("store.other-rules", name=name)


def refuse_newer(current: str | None, name: str | Text) -> None:
    """Raise UnavailableError for a schema that only a later program knows."""
    # Revisions are zero-padded numbers, so that text order is their order.
    if current is not None and current > REVISION:
        raise UnavailableError("store.schema-newer", name=name, current=current, revision=REVISION)
