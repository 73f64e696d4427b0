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
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING
from urllib.parse import quote

from casework import compiled, waiting
from casework.connections import Connection, Core, Lite
from casework.errors import CaseworkError, ConflictError, UnavailableError, UsageError
from casework.files import make_private, new_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Engine
    from sqlalchemy import Connection as CoreConnection

    from casework.waiting import Tell

REVISION = "0005"
"""The schema's revision this program reads and writes; the newest one of the migrations."""

APPLICATION_ID = 0x43415345
"""SQLite's mark in the file's header: "CASE"."""

JOURNAL = bytes.fromhex("d9d505f920a163d7")
"""What a SQLite journal begins with that must be rolled back (sqlite.org/fileformat.html, 3)."""

BUSY_SECONDS = 30
"""How long a writer waits for another one on SQLite."""

WRITE = "BEGIN IMMEDIATE"
"""How a writer begins on SQLite: with the lock, before it reads what it decides on."""

SAFE_WAL = (3, 51, 3)
"""Earlier SQLite can corrupt a write-ahead log that processes share (sqlite.org/wal.html)."""

MOUNTS = Path("/proc/self/mountinfo")
"""Where Linux tells which file system a path is on (proc(5)); elsewhere it cannot be told."""

REMOTE = frozenset(
    {"afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "gfs2", "glusterfs", "lustre"}
    | {"ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs"}
)
"""File systems whose locks several machines do not share as SQLite needs it."""

COLLISIONS = frozenset({"23505", "40001", "40P01"})
"""What PostgreSQL says when two commands met that would not have, one after the other.

Unique violation, serialisation failure, deadlock: Appendix A of its manual. A version that is no
longer current is none of them.
"""

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


UNCHANGED = "nothing was changed"
UNSURE = "the change may have been recorded or not: look before you repeat it"
"""What became of a change whose transaction failed: before its commit, and in it."""


def default_url() -> str:
    """Return the store named by CASEWORK_DB, or the one in the platform's data folder."""
    named = os.environ.get("CASEWORK_DB")
    if named:
        return named
    from platformdirs import user_data_path

    return str(user_data_path("casework", appauthor=False) / "casework.db")


def sqlite_file(target: str) -> Path | None:
    """Return the file a store's URL or path names, None for a server; raises UsageError."""
    if target == ":memory:":
        raise UsageError("a register in memory is gone when the command ends", "give --db a path")
    if "://" not in target:
        return Path(target)
    if target.startswith("sqlite:") and (named := server_url(target).database):
        return sqlite_file(named)
    return None


def server_url(target: str) -> URL:
    """Read a URL; raises UsageError for other databases than SQLite and PostgreSQL."""
    from sqlalchemy import exc, make_url

    try:
        url = make_url(target)
    except (exc.ArgumentError, ValueError):
        raise UsageError("the store's URL cannot be read", "see --db in casework --help") from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database:
        return url
    raise UsageError(
        f"a store is a SQLite file or a PostgreSQL URL, not {url.drivername}",
        "give a path, or postgresql+psycopg://user@host/database",
    )


@dataclass(frozen=True)
class Store:
    """A store: a SQLite file, or a server's database. Each use of a method is one transaction.

    `called` is what messages name it by, where it is only a copy; `tell` is how a writer says whom
    it waits for.
    """

    file: Path | None
    url: URL | None
    called: str = ""
    tell: Tell | None = None

    @classmethod
    def at(cls, target: str, tell: Tell | None = None) -> Store:
        """Return the store of a URL or path; raises UsageError for what can be none."""
        file = sqlite_file(target)
        return cls(file, None if file is not None else server_url(target), tell=tell)

    @property
    def name(self) -> str:
        """The store as messages show it: without its password, wherever that stands."""
        if self.url is None:
            return self.called or str(self.file)
        return self.url.set(query={}).render_as_string(hide_password=True)

    @cached_property
    def engine(self) -> Engine:
        """SQLAlchemy's engine; a SQLite store needs it only for changes of its schema."""
        from sqlalchemy import NullPool, create_engine, event

        if self.url is None:
            engine = create_engine("sqlite://", creator=self._driver, poolclass=NullPool)
            event.listen(engine, "begin", _begin)
            return engine
        try:
            return create_engine(self.url, poolclass=NullPool, hide_parameters=True)
        except ModuleNotFoundError:
            raise UnavailableError(
                "PostgreSQL needs the psycopg driver, which is not installed",
                "pip install 'casework[postgres]'",
            ) from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment and cannot write."""
        if self.url is None:
            with self._lite("BEGIN") as lite:
                lite.told("PRAGMA query_only=ON")
                _check_revision(lite, self.name)
                yield lite
            return
        from casework.statements import named

        with _translated_core(self.name), self.engine.connect() as core:
            core.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with core.begin():
                connection = Core(core, named)
                _check_revision(connection, self.name)
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept together when the block ends without error.

        On SQLite the write lock is taken first: a writer that reads before it locks decides on
        what somebody else may be changing.
        """
        if self.url is None:
            with self._lite(WRITE) as lite:
                _check_revision(lite, self.name)
                yield lite
                erased = lite.open and lite.erased
            if erased:
                self._scrub()
            return
        with self.migrating() as core:
            _check_revision(core, self.name)
            yield core

    @contextmanager
    def _lite(self, begin: str) -> Iterator[Lite]:
        became = UNCHANGED if begin == WRITE else ""
        with _translated_lite(self.name, became), closing(self._driver()) as driver:
            if begin == WRITE:
                _take_lock(driver, self)
            else:
                driver.execute(begin)
            try:
                yield Lite(driver)
            except BaseException:
                driver.rollback()
                raise
            with _translated_lite(self.name, UNSURE):
                driver.commit()

    def _driver(self) -> sqlite3.Connection:
        path = Path(str(self.file)).absolute()
        _refuse_remote(path)
        mode = "rw" if os.access(path, os.W_OK) else "ro"
        location = f"file:{quote(str(path))}?mode={mode}"
        driver = sqlite3.connect(location, uri=True, isolation_level=None, timeout=BUSY_SECONDS)
        try:
            _prepare(driver)
        except BaseException:
            driver.close()
            raise
        return driver

    def _scrub(self) -> None:
        """Write a SQLite store anew: what was erased may have left copies between its rows.

        `secure_delete` overwrites what is deleted, but not the copies that stay behind where rows
        were moved to other pages before.
        """
        try:
            with closing(self._driver()) as driver:
                driver.execute("VACUUM")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise UnavailableError(
                f"{self.name}: the values are erased, but traces may be left in the file: {error}",
                f"free the disk and the store, then: sqlite3 {self.name} VACUUM",
            ) from None

    @contextmanager
    def migrating(self) -> Iterator[Core]:
        """Give a write transaction on a store of any schema, or of none."""
        from casework.statements import named

        with _translated_core(self.name, UNCHANGED), self.engine.connect() as core, core.begin():
            connection = Core(core, named)
            if self.url is None:
                _mark(connection)
            else:
                _refuse_forgetful(connection, self.name)
            with waiting.on_server(core, None if self.url is None else self.tell):
                yield connection
            if core.in_transaction():
                with _translated_core(self.name, UNSURE):
                    core.commit()


def open_store(target: str, tell: Tell | None = None) -> Store:
    """Open an existing store; its schema is checked as each transaction begins.

    Raises UnavailableError, here or there, for what is no store of this program's schema.
    """
    store = Store.at(target, tell)
    if store.file is not None:
        _check_file(store.file)
    return store


@contextmanager
def migrating(target: str, *, dry_run: bool = False) -> Iterator[Core]:
    """Give a connection in which a schema may be created or changed, all or nothing.

    A dry run leaves nothing behind, and no file that was not there.
    """
    store = Store.at(target)
    path = store.file
    made = path is not None and _make_file(path)
    try:
        with store.migrating() as connection:
            yield connection
            if dry_run:
                connection.rollback()
    except BaseException:
        if made and path is not None:
            discard(path)
        raise
    if dry_run and made and path is not None:
        discard(path)


def discard(path: Path) -> None:
    """Take away a SQLite store that is not to be, with its journal.

    The journal goes last: SQLite ignores one beside no file, or an empty one, but without its
    journal a file that was being written is no store any more.
    """
    path.unlink(missing_ok=True)
    Path(f"{path}-journal").unlink(missing_ok=True)


def upgrade(connection: Core, *, copy: bool = True) -> str | None:
    """Bring the schema to this program's revision; returns what it was, None without one.

    It does nothing when it is there already. A SQLite file that has an older schema is copied
    beside itself before anything changes, unless no `copy` is wanted of what will be rolled back.
    """
    alone(connection.core)
    current = revision(connection)
    if current == REVISION:
        return current
    _refuse_newer(current, "the store")
    if copy and current is not None and connection.engine == "sqlite":
        _keep_copy(connection, current)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection.core
    command.upgrade(config, "head")
    return current


def alone(core: CoreConnection) -> None:
    """Let nobody else change the schema in this transaction: two would both find it old."""
    if core.dialect.name == "postgresql":
        core.exec_driver_sql("SELECT pg_advisory_xact_lock(1128354629)")


def _keep_copy(connection: Connection, current: str) -> None:
    place = Path(connection.told("PRAGMA database_list")[0][2])
    copy = place.with_name(f"{place.name}.{current}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    # By a connection of its own: this one is in the transaction that will change the schema.
    source = sqlite3.connect(f"file:{quote(str(place))}?mode=ro", uri=True)
    with closing(source), new_file(copy) as part:
        copy_file(source, part)


def copy_file(source: sqlite3.Connection, copy: Path) -> None:
    """Copy a SQLite store into a new file, in one go: in steps it would begin anew at each write.

    Raises UnavailableError where that fails, and leaves to the caller what was made of it.
    """
    make_private(copy)
    try:
        with closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise UnavailableError(
            f"the store cannot be copied: {error}", "make room for a copy; nothing was changed"
        ) from None


def revision(connection: Core) -> str | None:
    """Return the schema's revision; None for a database without one."""
    if not connection.core.dialect.has_table(connection.core, "alembic_version"):
        return None
    found = connection.value(compiled.REVISION)
    return str(found) if found else None


def bundled(name: str) -> Path:
    """Return a folder that travels with the program: in the wheel, or in the checkout."""
    inside = Path(__file__).parent / "_bundled" / name
    return inside if inside.is_dir() else Path(__file__).parent.parent / name


@contextmanager
def _translated_lite(name: str, became: str = "") -> Iterator[None]:
    """Turn a driver's error into ours: what it says in one line, and what became of a change."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise _refused(error) from error
    except sqlite3.Error as error:
        raise _unavailable(name, error, became) from error


@contextmanager
def _translated_core(name: str, became: str = "") -> Iterator[None]:
    """Turn an error of SQLAlchemy's into ours: without addresses or secrets."""
    from sqlalchemy import exc

    try:
        with _translated_lite(name, became):
            yield
    except CaseworkError:
        raise
    except exc.IntegrityError as error:
        raise _refused(error.orig) from error
    except exc.DBAPIError as error:
        raise _unavailable(name, error.orig, became) from error
    except exc.NoSuchModuleError as error:
        raise UnavailableError(f"{name}: {error}", "check the store's URL") from error


def _refused(error: BaseException | None) -> ConflictError:
    return ConflictError(
        f"the store refused the change: {_first_line(error)}",
        "somebody may have made the same change; look again and repeat",
        passing=getattr(error, "sqlstate", None) in COLLISIONS,
    )


def _unavailable(name: str, error: BaseException | None, became: str) -> UnavailableError:
    reason = _first_line(error)
    return UnavailableError(
        f"{name}: {reason}",
        "; ".join(filter(None, (_advice(reason), became))),
        passing=getattr(error, "sqlstate", None) in COLLISIONS,
    )


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "no reason given"


def _advice(reason: str) -> str:
    if "locked" in reason or "lock timeout" in reason:
        return f"another writer held the store for {BUSY_SECONDS} seconds, try again"
    if "readonly" in reason or "read-only" in reason:
        return "the file or its folder cannot be written by you; check the rights"
    if "full" in reason:
        return "free some disk space"
    if "not a database" in reason:
        return "this file is no store; give another --db"
    return "check that --db names a store you can reach and use"


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
    """Refuse a server that may forget what it acknowledged, and to wait there without end."""
    settings = ", ".join(f"current_setting('{setting}')" for setting in DURABLE)
    wait = f"set_config('lock_timeout', '{BUSY_SECONDS}s', true)"
    ((*held, _),) = connection.told(f"SELECT {settings}, {wait}")
    for setting, value in zip(DURABLE, held, strict=True):
        if value == "off":
            raise UnavailableError(
                f"{name}: {setting} is off there; an act that was acknowledged could be lost",
                f"set {setting} to on, on the server and for this user and database",
            )


def _prepare(connection: sqlite3.Connection) -> None:
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


def _begin(connection: CoreConnection) -> None:
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        _take_lock(driver)


def _take_lock(driver: sqlite3.Connection, store: Store | None = None) -> None:
    """Take the write lock of a SQLite file, however long others hold it within BUSY_SECONDS.

    SQLite's own pauses grow to a tenth of a second, so that who has waited longest comes last, and
    nothing interrupts them. These are of chance and short, a few milliseconds each.
    """
    began, tell = monotonic(), None if store is None else store.tell
    driver.execute("PRAGMA busy_timeout=0")
    while True:
        try:
            driver.execute(WRITE)
            break
        except sqlite3.OperationalError as error:
            waited = monotonic() - began
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or waited > BUSY_SECONDS:
                raise
        if store is not None and tell is not None and waited > waiting.PATIENCE:
            tell(f"waiting for {waiting.of_file(Path(str(store.file)))}")
            tell = None
        sleep(0.001 + os.urandom(1)[0] / 25_000)
    driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


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
    if connection.told("PRAGMA application_id")[0][0] != APPLICATION_ID:
        connection.told(f"PRAGMA application_id={APPLICATION_ID}")


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
    if not (header.startswith(b"SQLite format 3\x00") and ours) and not _begun(path, header):
        raise UnavailableError(f"{path} is not a casework store", "give another file with --db")


def _begun(path: Path, header: bytes) -> bool:
    """Tell whether power failed while a file was filled for the first time.

    Its first page may be missing then, but its journal is there, by which SQLite empties it.
    """
    journal = Path(f"{path}-journal")
    if header.strip(b"\0") or not journal.exists():
        return False
    with journal.open("rb") as file:
        return file.read(len(JOURNAL)) == JOURNAL


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
        make_private(path)
    except FileExistsError:
        return False
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be made: {error.strerror}", "choose a folder you can write, with --db"
        ) from None
    return True
