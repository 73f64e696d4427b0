"""Open a store: find it, check that it is a register, and begin transactions.

SQLite is a file; PostgreSQL is a URL. Schemas are created and changed by `upgrades`, not here.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.errors import CaseworkError, NotAllowedError, UnavailableError, UsageError
from casework.store import compiled, contention, failures, inventory, sqlite_file
from casework.store.connections import Connection, Core, Unseen
from casework.system import places, tracing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import psycopg
    from sqlalchemy import Connection as CoreConnection
    from sqlalchemy import Engine

    from casework.errors import Text
    from casework.store.addresses import Address
    from casework.store.connections import Lite
    from casework.store.contention import Tell
    from casework.store.served import Served, Standby

# Generated: make docs takes the number of the newest migration.
# [[[cog
# from pathlib import Path
# newest = max(path.name for path in Path("migrations/versions").glob("*.py"))
# print(f'REVISION = "{newest[:4]}"')
# ]]]
REVISION = "0037"
# [[[end]]]
"""The revision of the schema that this program reads and writes: the newest migration."""


def default_url() -> str:
    """Return the store that CASEWORK_DB names, or the one in the platform's data folder."""
    return os.environ.get("CASEWORK_DB") or str(places.store())


@dataclass(frozen=True)
class Store:
    """A store: a SQLite file, or a server's database. Each use of a method is one transaction.

    `called` is its name in messages, if it is only a copy; `tell` is called when a writer has to
    wait. With `aged`, questions go to a standby if there is one, and `aged` is called with how
    current it is.
    """

    file: Path | None
    url: Address | None
    called: str = ""
    tell: Tell | None = None
    aged: Callable[[Standby], None] | None = None
    kept: list[psycopg.Connection[Any]] | None = None

    @classmethod
    def at(cls, target: str, tell: Tell | None = None) -> Store:
        """Return the store of a URL or path; raises UsageError if it cannot be one."""
        if (file := sqlite_file.file_of(target)) is not None:
            return cls(file, None, tell=tell)
        from casework.store.addresses import server_url

        return cls(None, server_url(target), tell=tell)

    @cached_property
    def name(self) -> str:
        """The store as messages show it, without a password."""
        if self.url is None:
            return self.called or str(self.file)
        return self.url.shown + (" on " + ", ".join(self.url.servers) if self.several else "")

    @cached_property
    def several(self) -> bool:
        """Whether several servers are named, so that another may take over."""
        return self.url is not None and len(self.url.servers) > 1

    @cached_property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, needed only to change the schema."""
        from sqlalchemy import NullPool, create_engine, event

        if self.url is None:
            engine = create_engine("sqlite://", creator=self._driver, poolclass=NullPool)
            event.listen(engine, "begin", self._begin)
        else:
            engine = create_engine(
                "postgresql+psycopg://",
                creator=self._transacting,
                poolclass=NullPool,
                hide_parameters=True,
            )
        return _told(engine)

    def _connect(self, session: str) -> psycopg.Connection[Any]:
        """Connect to the first of several servers with sessions of this kind."""
        from casework.store import served
        from casework.store.addresses import connecting

        assert self.url is not None  # noqa: S101 - for the type checker
        chosen = {"target_session_attrs": session}
        told = (chosen | served.PATIENT if self.several else {}) | connecting(self.url)
        return served.connect(told | (chosen if self.aged is not None else {}))

    def _transacting(self) -> psycopg.Connection[Any]:
        """Connect for SQLAlchemy: the first statement begins a transaction."""
        driver = self._connect("read-write")
        driver.autocommit = False
        return driver

    @contextmanager
    def keeping(self) -> Iterator[Store]:
        """Return this store for many successive transactions over one connection."""
        kept: list[psycopg.Connection[Any]] = []
        try:
            yield self if self.url is None or self.kept is not None else replace(self, kept=kept)
        finally:
            for driver in kept:
                driver.close()

    @contextmanager
    def _served(self, session: str, what: str, became: str = "") -> Iterator[Served]:
        """Open a connection to a server without a transaction; one begun on it is ended here.

        A store that keeps its connection keeps it only if nothing went wrong.
        """
        with tracing.transaction(self.name, what), self._told(became):
            driver = self._take(session)
            try:
                connection = _serving(driver)
                connection.translated = partial(self._told, became)
                yield connection
                with self._told(failures.UNSURE if became else ""):
                    if connection.open:
                        driver.commit()
            except CaseworkError:
                # What was refused leaves it as it was; of one that is gone nothing is asked.
                if not driver.closed:
                    driver.rollback()
                self._put_back(driver)
                raise
            except BaseException:
                driver.close()
                raise
            self._put_back(driver)

    def _take(self, session: str) -> psycopg.Connection[Any]:
        return self.kept.pop() if self.kept else self._connect(session)

    def _put_back(self, driver: psycopg.Connection[Any]) -> None:
        if self.kept is None or driver.broken:
            driver.close()
        else:
            self.kept.append(driver)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a read-only connection with a consistent view of one moment."""
        if self.url is None:
            with self._lite("BEGIN") as lite:
                lite.told("PRAGMA query_only=ON")
                _check_file(lite, self.name)
                yield lite
            return
        session = "primary" if self.aged is None else "prefer-standby"
        from casework.store import served

        with self._served(session, "reading") as connection:
            _greet(connection, self.name, writes=False)
            if self.aged is not None and (found := served.standby(connection)) is not None:
                self.aged(found)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a connection whose changes are committed together if the block ends without error.

        On SQLite the write lock is taken first, because a writer that reads before locking may
        decide on data that somebody else is changing.
        """
        if self.url is None:
            with self._lite(sqlite_file.WRITE) as lite:
                _check_file(lite, self.name)
                lite.unseen = Unseen()
                _judge_rules(lite.rows(compiled.RULES), self.name)
                yield lite
                erased = lite.open and lite.erased
            if erased:
                sqlite_file.scrub(Path(str(self.file)))
            return
        with self._served("read-write", "writing", failures.UNCHANGED) as connection:
            _greet(connection, self.name, writes=True)
            connection.unseen = Unseen()
            with self._waiting(connection.driver):
                yield connection

    def _waiting(self, driver: Any) -> AbstractContextManager[None]:
        """Return a block in which a writer on a server reports whom it is waiting for."""
        if self.url is None or self.tell is None:
            return nullcontext()
        connect = partial(self._connect, "read-write")
        return contention.on_server(driver.info.backend_pid, connect, self.tell)

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
        """Open a write transaction on a store with any schema or none."""
        from casework.store import served

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
                served.refuse_forgetful(connection.told(served.settings()), self.name)
            connection.unseen = Unseen()
            with self._waiting(core.connection.driver_connection):
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
    """Return an engine; if tracing is on, its statements are logged."""
    logger = tracing.statements()
    if logger is not None:
        from casework.store import traced

        traced.listen(engine, logger)
    return engine


def _serving(driver: psycopg.Connection[Any]) -> Served:
    """Return our connection over a server's driver; if tracing is on, it is logged."""
    logger = tracing.statements()
    if logger is None:
        from casework.store.served import Served

        return Served(driver)
    from casework.store.traced import ToldServed

    return ToldServed(driver, logger)


def _core(core: CoreConnection) -> Core:
    """Return our connection over one of SQLAlchemy's; see `_told`."""
    from casework.store.statements import named

    logger = tracing.statements()
    if logger is None:
        return Core(core, named)
    from casework.store.traced import ToldCore

    return ToldCore(core, named, logger)


def open_store(
    target: str, tell: Tell | None = None, aged: Callable[[Standby], None] | None = None
) -> Store:
    """Open an existing store; its schema is checked at the beginning of each transaction.

    Raises UnavailableError, now or at a transaction, if it is not a store with this program's
    schema, and UsageError if a standby is asked for but the store is a file.
    """
    store = replace(Store.at(target, tell), aged=aged)
    if store.file is not None:
        if aged is not None:
            raise UsageError("store.no-standby")
        sqlite_file.check(store.file)
    return store


def _greet(connection: Served, name: str, *, writes: bool) -> None:
    """Begin a transaction on a server and run all checks in the same round trip.

    The server must hold a register that the connected login may use; for writing it must also be
    set so that no acknowledged act can be lost.
    """
    from casework.store import logins, served

    how = served.WRITE if writes else served.READ
    revision, rules = (compiled.on_server(one)[0] for one in (compiled.REVISION, compiled.RULES))
    try:
        settings, current, who, held = connection.begin(
            how, served.settings(), revision, logins.STANDING, rules
        )
    except Exception:
        # Asked one by one, the first that fails says what is wrong.
        connection.begin_again(how)
        _check_revision(connection, name)
        logins.admit(connection)
        raise
    if writes:
        served.refuse_forgetful(settings, name)
    _judge_revision(current[0][0] if current else None, name)
    logins.admitted(connection, who)
    if writes:
        _judge_rules(held, name)


def _check_file(lite: Lite, name: str) -> None:
    """Refuse a SQLite file with another schema, or with foreign triggers or views."""
    foreign = inventory.refuse_views(lite)
    # A later program may have made them.
    _check_revision(lite, name)
    inventory.refuse_triggers(foreign)


def _check_catalogue(connection: Connection) -> None:
    """Do the same for any schema this program has had; a later schema is refused as newer."""
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
        if getattr(error, "sqlstate", None) in failures.DENIED:
            raise NotAllowedError("login.not-let-in", name=name) from None
        current = None
    _judge_revision(current, name)


def _judge_revision(current: str | None, name: str) -> None:
    if current == REVISION:
        return
    if current is None:
        raise UnavailableError("store.not-one", name=name)
    refuse_newer(current, name)
    raise UnavailableError("store.schema-behind", name=name, current=current, revision=REVISION)


def _judge_rules(held: Sequence[Sequence[str]], name: str) -> None:
    """Refuse to record acts if this program's rules are not those that the log names."""
    if held and held[0][0] != compiled.LAW:
        raise UnavailableError("store.other-rules", name=name)


def refuse_newer(current: str | None, name: str | Text) -> None:
    """Raise UnavailableError for a schema from a later version."""
    # Revisions are zero-padded numbers, so that text order is their order.
    if current is not None and current > REVISION:
        raise UnavailableError("store.schema-newer", name=name, current=current, revision=REVISION)
