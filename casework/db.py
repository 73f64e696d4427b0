"""Opening a store: where it is, that it is one of ours, and how its transactions begin.

SQLite is one file; PostgreSQL is a URL. Nothing here creates or changes a schema but `migrating`.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import URL, NullPool, create_engine, event, make_url, text
from sqlalchemy import exc as sa_exc

from casework.errors import CaseworkError, ConflictError, UnavailableError, UsageError
from casework.schema import APPLICATION_ID, REVISION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

BUSY_SECONDS = 30
"""How long a writer waits for another one on SQLite."""

SAFE_WAL = (3, 51, 3)
"""Earlier SQLite can corrupt a write-ahead log that processes share (sqlite.org/wal.html)."""

MOUNTS = Path("/proc/self/mountinfo")
"""Where Linux tells which file system a path is on (proc(5)); elsewhere it cannot be told."""

REMOTE = frozenset(
    {"afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "gfs2", "glusterfs", "lustre"}
    | {"ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs"}
)
"""File systems whose locks several machines do not share as SQLite needs it."""

DURABLE = ("fsync", "synchronous_commit")
"""Settings of PostgreSQL without which an acknowledged act may be lost."""

PRAGMAS = {
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "trusted_schema": 0,
    "synchronous": 2,
    "secure_delete": 1,
}
"""What every SQLite connection is set to, and found to be.

`recursive_triggers` makes INSERT OR REPLACE fire the triggers that keep the log append-only;
`synchronous` FULL with a truncated journal loses no acknowledged commit when power fails.
"""

ERASED = "casework_erased"
"""The mark of a connection on which values were erased for good."""


def default_url() -> str:
    """Return the store named by CASEWORK_DB, or the one in the platform's data folder."""
    named = os.environ.get("CASEWORK_DB")
    if named:
        return named
    from platformdirs import user_data_path

    return str(user_data_path("casework", appauthor=False) / "casework.db")


def parse_url(target: str) -> URL:
    """Read a store's URL or path; raises UsageError for other databases."""
    if target == ":memory:":
        raise UsageError("a register in memory is gone when the command ends", "give --db a path")
    if "://" not in target:
        return URL.create("sqlite", database=target)
    try:
        url = make_url(target)
    except (sa_exc.ArgumentError, ValueError):
        raise UsageError("the store's URL cannot be read", "see --db in casework --help") from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database:
        return parse_url(url.database)
    raise UsageError(
        f"a store is a SQLite file or a PostgreSQL URL, not {url.drivername}",
        "give a path, or postgresql+psycopg://user@host/database",
    )


def shown(url: URL) -> str:
    """Return a store's path or URL for people: without its password, wherever that stands."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(query={}).render_as_string(hide_password=True)


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. Each use of `reading`, `writing` or `migrating` is one transaction."""

    url: URL
    engine: Engine

    @property
    def name(self) -> str:
        """The store as messages show it, without its password."""
        return shown(self.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment and cannot write."""
        with translated(self.name), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("PRAGMA query_only=ON")
                _check_revision(connection, self.name)
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept together when the block ends without error.

        On SQLite the write lock is taken first: a writer that reads before it locks decides on
        what somebody else may be changing.
        """
        with self._locking() as connection:
            _check_revision(connection, self.name)
            yield connection
            erased = connection.in_transaction() and connection.info.get(ERASED)
        if erased:
            self._scrub()

    def _scrub(self) -> None:
        """Write a SQLite store anew: what was erased may have left copies between its rows.

        `secure_delete` overwrites what is deleted, but not the copies that stay behind where rows
        were moved to other pages before.
        """
        if self.engine.dialect.name != "sqlite":
            return
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("VACUUM")
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise UnavailableError(
                f"{self.name}: the values are erased, but traces may be left in the file: {error}",
                f"free the disk and the store, then: sqlite3 {self.name} VACUUM",
            ) from None
        finally:
            connection.close()

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Give a write transaction on a store of any schema, or of none."""
        with self._locking() as connection:
            if connection.dialect.name == "sqlite":
                _mark(connection)
            yield connection

    @contextmanager
    def _locking(self) -> Iterator[Connection]:
        with translated(self.name), self.engine.connect() as connection:
            connection.execution_options(casework_writes=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    _refuse_forgetful(connection, self.name)
                yield connection


def open_store(target: str) -> Store:
    """Open an existing store; its schema is checked as each transaction begins.

    Raises UnavailableError, here or there, for what is no store of this program's schema.
    """
    url = parse_url(target)
    if url.get_backend_name() == "sqlite":
        _check_file(Path(str(url.database)))
    return Store(url, _engine(url))


@contextmanager
def migrating(target: str, *, dry_run: bool = False) -> Iterator[Connection]:
    """Give a connection in which a schema may be created or changed, all or nothing.

    A dry run leaves nothing behind, and no file that was not there.
    """
    url = parse_url(target)
    path = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
    made = path is not None and _make_file(path)
    try:
        with Store(url, _engine(url)).migrating() as connection:
            yield connection
            if dry_run:
                connection.rollback()
    except BaseException:
        if made and path is not None:
            path.unlink(missing_ok=True)
        raise
    if dry_run and made and path is not None:
        path.unlink()


def upgrade(connection: Connection) -> None:
    """Bring the schema to this program's revision; does nothing when it is there already.

    A SQLite file that has an older schema is copied beside itself before anything changes.
    """
    current = revision(connection)
    if current == REVISION:
        return
    _refuse_newer(current, "the store")
    if current is not None and connection.dialect.name == "sqlite":
        _keep_copy(connection, current)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _keep_copy(connection: Connection, current: str) -> None:
    place = Path(connection.exec_driver_sql("PRAGMA database_list").one()[2])
    copy = place.with_name(f"{place.name}.{current}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    # By a connection of its own: this one is in the transaction that will change the schema.
    source = sqlite3.connect(f"file:{quote(str(place))}?mode=ro", uri=True)
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except (OSError, sqlite3.Error) as error:
        copy.unlink(missing_ok=True)
        raise UnavailableError(
            f"{copy} cannot be written: {error}", "make room for a copy; nothing was changed"
        ) from None
    finally:
        source.close()


def revision(connection: Connection) -> str | None:
    """Return the schema's revision; None for a database without one."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return str(found) if found else None


def bundled(name: str) -> Path:
    """Return a folder that travels with the program: in the wheel, or in the checkout."""
    inside = Path(__file__).parent / "_bundled" / name
    return inside if inside.is_dir() else Path(__file__).parent.parent / name


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn a driver's error into ours: what it says in one line, without addresses or secrets."""
    try:
        yield
    except CaseworkError:
        raise
    except sa_exc.IntegrityError as error:
        raise ConflictError(
            f"the store refused the change: {_first_line(error.orig)}",
            "somebody may have made the same change; look again and repeat",
        ) from error
    except sa_exc.DBAPIError as error:
        reason = _first_line(error.orig)
        raise UnavailableError(f"{name}: {reason}", _advice(reason)) from error
    except sqlite3.Error as error:
        reason = _first_line(error)
        raise UnavailableError(f"{name}: {reason}", _advice(reason)) from error
    except sa_exc.NoSuchModuleError as error:
        raise UnavailableError(f"{name}: {error}", "check the store's URL") from error


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "no reason given"


def _advice(reason: str) -> str:
    if "locked" in reason:
        return f"another writer held the store for {BUSY_SECONDS} seconds; try again"
    if "readonly" in reason or "read-only" in reason:
        return "the file or its folder cannot be written by you; check the rights"
    if "full" in reason:
        return "free some disk space; nothing was changed"
    if "not a database" in reason:
        return "this file is no store; give another --db"
    return "check that --db names a store you can reach and use; nothing was changed"


def _refuse_remote(path: Path) -> None:
    """Refuse a file on a network file system: two writers there can destroy a SQLite file.

    See sqlite.org/howtocorrupt.html, 2.1.
    """
    found = max(_mounts(path.resolve()), default=None)
    if found is not None and found[1] in REMOTE:
        raise UnavailableError(
            f"{path} is on a network file system ({found[1]}), which does not lock files as SQLite"
            " needs it",
            "keep the file on a disk of this machine, or share a register through PostgreSQL",
        )


def _mounts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield depth and kind of each file system on the way to a path."""
    try:
        table = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        place = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), before.split()[4]))
        if path.is_relative_to(place):
            yield len(place.parts), after.split()[0]


def _refuse_forgetful(connection: Connection, name: str) -> None:
    """Refuse a server that may forget what it acknowledged."""
    settings = ", ".join(f"current_setting('{setting}')" for setting in DURABLE)
    held = connection.exec_driver_sql(f"SELECT {settings}").one()
    for setting, value in zip(DURABLE, held, strict=True):
        if value == "off":
            raise UnavailableError(
                f"{name}: {setting} is off there; an act that was acknowledged could be lost",
                f"set {setting} to on, on the server and for this user and database",
            )


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database)).absolute()
        _refuse_remote(path)
        mode = "rw" if os.access(path, os.W_OK) else "ro"
        location = f"file:{quote(str(path))}?mode={mode}"
        engine = create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(
                location, uri=True, isolation_level=None, timeout=BUSY_SECONDS
            ),
            poolclass=NullPool,
        )
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine
    try:
        return create_engine(url, poolclass=NullPool, hide_parameters=True)
    except ModuleNotFoundError:
        raise UnavailableError(
            "PostgreSQL needs the psycopg driver, which is not installed",
            "pip install 'casework[postgres]'",
        ) from None


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    for pragma, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {pragma}={value}")
        found = connection.execute(f"PRAGMA {pragma}").fetchone()
        if found is None or found[0] != value:
            raise UnavailableError(
                f"SQLite {sqlite3.sqlite_version} does not keep PRAGMA {pragma}={value}",
                "use a Python whose SQLite is 3.37 or newer",
            )
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal" or sqlite3.sqlite_version_info < SAFE_WAL:
        connection.execute("PRAGMA journal_mode=TRUNCATE")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("casework_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise UnavailableError(f"{path} is a folder", "give the path of a file with --db")
    try:
        size = path.stat().st_size
    except OSError:
        raise UnavailableError(
            f"there is no store at {path}", "casework init makes one; --db names another"
        ) from None
    if not os.access(path, os.R_OK):
        raise UnavailableError(f"{path} cannot be read by you", "check the rights of the file")
    if size == 0:
        raise UnavailableError(f"{path} is empty, not a store", "casework init makes it one")
    _check_mark(path)


def _mark(connection: Connection) -> None:
    if connection.exec_driver_sql("PRAGMA application_id").scalar() != APPLICATION_ID:
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")


def _check_mark(path: Path) -> None:
    """Refuse a file that does not bear our mark, before SQLite opens it and may change it."""
    mark = slice(68, 72)
    try:
        with path.open("rb") as file:
            header = file.read(mark.stop)
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be read: {error.strerror}", "give another file with --db"
        ) from None
    ours = int.from_bytes(header[mark], "big") == APPLICATION_ID
    if not header.startswith(b"SQLite format 3\x00") or not ours:
        raise UnavailableError(f"{path} is not a casework store", "give another file with --db")


def _check_revision(connection: Connection, name: str) -> None:
    try:
        current = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except (sa_exc.ProgrammingError, sa_exc.OperationalError) as error:
        if "alembic_version" not in str(error.orig):
            raise
        current = None
    if current == REVISION:
        return
    if current is None:
        raise UnavailableError(f"{name} is not a casework store", "casework init makes it one")
    _refuse_newer(current, name)
    raise UnavailableError(
        f"{name} is at schema {current}; this program needs {REVISION}", "run casework db upgrade"
    )


def _refuse_newer(current: str | None, name: str) -> None:
    # Revisions are zero-padded numbers, so that text order is their order.
    if current is not None and current > REVISION:
        raise UnavailableError(
            f"{name} is at schema {current}, newer than this program's {REVISION}",
            "install a newer casework",
        )


def _make_file(path: Path) -> bool:
    """Make an empty file for a store, readable by its owner only; tell whether it was made."""
    if path.is_dir():
        raise UnavailableError(f"{path} is a folder", "give the path of a file with --db")
    if path.exists():
        if path.stat().st_size:
            _check_mark(path)
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return False
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be made: {error.strerror}", "choose a folder you can write, with --db"
        ) from None
    return True
