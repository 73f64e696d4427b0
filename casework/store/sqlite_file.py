"""The SQLite file of a store: named, checked, opened, locked, copied and deleted."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING
from urllib.parse import quote

from casework.errors import Text, UnavailableError, UsageError, Word, quoted
from casework.store import contention
from casework.store.connections import Lite
from casework.system import platforms, tracing
from casework.system.files import is_there
from casework.system.platforms import make_private
from casework.system.platforms.names import synchronised
from casework.system.progress import under_way
from casework.system.protected import APPLICATION_ID, MARK, is_register

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.store.connections import Connection
    from casework.store.contention import Tell

JOURNAL = bytes.fromhex("d9d505f920a163d7")
"""The header of a SQLite journal that must be rolled back (sqlite.org/fileformat.html, 3)."""

WRITE = "BEGIN IMMEDIATE"
"""How a writer begins on SQLite: it takes the lock before it reads."""

SAFE_WAL = (3, 51, 3)
"""Earlier versions of SQLite can corrupt a shared write-ahead log (sqlite.org/wal.html)."""

PAGES = 4096
"""The pages copied between two reports of progress, about 16 MB."""

PRAGMAS = {
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "trusted_schema": 0,
    "synchronous": 2,
    "secure_delete": 1,
    **platforms.PRAGMAS,
}
"""The settings of every SQLite connection, which are set and then checked.

`recursive_triggers` makes INSERT OR REPLACE fire the triggers that keep the log append-only;
`synchronous` FULL with a truncated journal loses no acknowledged commit when power fails.
"""


_URI = re.compile(r"(file|sqlite|postgres|postgresql)(\+\w+)?:(?!//)", re.IGNORECASE)
_SQLITE = re.compile(r"sqlite(\+pysqlite)?", re.IGNORECASE)
"""URL schemes of SQLite files, for any driver; the program uses Python's own."""


def file_of(target: str) -> Path | None:
    """Return the file that a store's URL or path names; None for a server.

    Raises UsageError if it can be neither, and UnavailableError for a broken link or a device.
    """
    if target == ":memory:":
        raise UsageError("address.memory")
    scheme, mark, rest = target.partition("://")
    if not mark:
        if _URI.match(target):
            raise UsageError("address.drive", part=target.partition(":")[0])
        return _file(target)
    if not scheme.casefold().startswith("sqlite"):
        return None
    if not _SQLITE.fullmatch(scheme):
        raise UsageError("address.driver", scheme=scheme)
    path, query, _ = rest.partition("?")
    if query:
        raise UsageError("address.query")
    # Three strokes begin a relative path, four an absolute one.
    if not path.startswith("/") or path == "/":
        raise UsageError("address.no-file")
    from urllib.parse import unquote

    return file_of(unquote(path[1:]))


def _file(words: str) -> Path:
    """Return a path with ``~`` expanded, in case the shell has not done so."""
    path = Path(words)
    if words.startswith("~"):
        path = Path(os.path.expanduser(words))  # noqa: PTH111 - its own error is for programmers
        if str(path).startswith("~"):
            raise UsageError("address.home", part=path.parts[0])
    if platforms.device(path):
        raise UnavailableError("address.device", name=path.name)
    # A name that no file can have is told as that.
    if not is_there(path) and path.is_symlink():
        raise UnavailableError("address.dangling", path=path, readlink=path.readlink())
    return path


def connect(path: Path) -> sqlite3.Connection:
    """Open a file with the required settings; raises UnavailableError."""
    place = path.absolute()
    _refuse_remote(place)
    mode = "rw" if os.access(place, os.W_OK) else "ro"
    location = f"file:{quote(os.fsencode(place))}?mode={mode}"
    driver = sqlite3.connect(location, uri=True, isolation_level=None, timeout=contention.LIMIT)
    try:
        _prepare(driver)
    except BaseException:
        driver.close()
        raise
    return driver


def _prepare(connection: sqlite3.Connection) -> None:
    for pragma, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {pragma}={value}")
        found = connection.execute(f"PRAGMA {pragma}").fetchone()
        if found is None or found[0] != value:
            raise UnavailableError(
                "sqlite.pragma", sqlite_version=sqlite3.sqlite_version, pragma=pragma, value=value
            )
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal" or sqlite3.sqlite_version_info < SAFE_WAL:
        connection.execute("PRAGMA journal_mode=TRUNCATE")


def held(connection: Connection) -> Path | None:
    """Return the file that a reading transaction keeps unchanged; None if it does not.

    With a rollback journal a reader's lock prevents commits; with a write-ahead log it does not.
    Uncommitted changes of this connection would not be visible to another one.
    """
    if not isinstance(connection, Lite) or connection.driver.total_changes:
        return None
    if not connection.open or connection.told("PRAGMA journal_mode") != [("truncate",)]:
        return None
    return Path(connection.told("PRAGMA database_list")[0][2])


@contextmanager
def reopened(path: Path) -> Iterator[Lite]:
    """Open, from any process, a second reader of the file that a transaction keeps unchanged.

    It is opened without locks (`immutable`), protected by the lock of the command: a writer that
    waits for the command would not let a new reader in.
    """
    location = f"file:{quote(os.fsencode(path))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(location, uri=True)) as driver:
        yield lite(driver)


@contextmanager
def beside(connection: Connection) -> Iterator[Lite | None]:
    """Open a second connection to the file of a reading transaction; it may have temporary tables.

    Yields None if the transaction does not keep the file unchanged, or there is no file.
    """
    path = held(connection)
    if path is None:
        yield None
        return
    with reopened(path) as other:
        # What stands beside is of this connection only. What is more than 8 MB of it stands in a
        # file without a name, or one that goes with the connection.
        other.driver.isolation_level = None
        other.change("PRAGMA temp_store=FILE")
        other.change("PRAGMA temp.cache_size=-8000")
        yield other


def lite(driver: sqlite3.Connection) -> Lite:
    """Return a connection to a file; if tracing is on, one that logs its statements."""
    logger = tracing.statements()
    if logger is None:
        return Lite(driver)
    from casework.store.traced import ToldLite

    return ToldLite(driver, logger)


def take_lock(driver: sqlite3.Connection, path: Path, tell: Tell | None) -> None:
    """Take the write lock of a file, waiting for at most `contention.LIMIT` seconds.

    `tell` is called with the process it waits for. SQLite's back-off grows to 100 ms, cannot be
    interrupted and starves the longest waiter; so this retries after random delays of a few
    milliseconds.
    """
    began = monotonic()
    # What a statement of many rows may have to give back, some hundred pages: else it is a file.
    driver.execute("PRAGMA temp_store=MEMORY")
    # And 8 MB of the pages it comes back to, those of indexes above all, instead of 2.
    driver.execute("PRAGMA cache_size=-8000")
    driver.execute("PRAGMA busy_timeout=0")
    while True:
        try:
            driver.execute(WRITE)
            break
        except sqlite3.OperationalError as error:
            waited = monotonic() - began
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or waited > contention.LIMIT:
                raise
        if tell is not None and waited > contention.PATIENCE:
            tell(contention.of_file(path))
            tell = None
        sleep(0.001 + os.urandom(1)[0] / 25_000)
    driver.execute(f"PRAGMA busy_timeout={contention.LIMIT * 1000}")


def scrub(path: Path) -> None:
    """Rewrite a file, because erased values may have left copies between its rows.

    `secure_delete` overwrites deleted data, but not the copies left when rows moved to other pages.
    Raises UnavailableError if it fails.
    """
    try:
        with closing(connect(path)) as driver:
            driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise UnavailableError("sqlite.traces", path=path, error=quoted(error)) from None


def check(path: Path) -> None:
    """Raise UnavailableError unless this is a readable register."""
    if path.is_dir():
        raise UnavailableError("sqlite.folder", path=path)
    try:
        size = path.stat().st_size
    except OSError:
        raise UnavailableError("sqlite.no-store", path=path) from None
    if not os.access(path, os.R_OK):
        raise UnavailableError("sqlite.no-right", path=path)
    if not path.is_file():
        raise UnavailableError("sqlite.not-a-file", path=path)
    if size == 0:
        raise UnavailableError("sqlite.empty", path=path)
    _checkmark(path)


def make(path: Path) -> bool:
    """Create an empty file for a store, readable by its owner only; return whether it is new."""
    _refuse_remote(path.absolute())
    if path.is_dir():
        raise UnavailableError("sqlite.folder", path=path)
    if path.exists():
        if path.stat().st_size:
            _checkmark(path)
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        make_private(path)
    except FileExistsError:
        return False
    except OSError as error:
        raise UnavailableError("sqlite.cannot-make", path=path, strerror=quoted(error)) from None
    return True


def remarks(path: Path) -> Iterator[Text]:
    """Yield warnings about the place of a file: who can read it, and what copies it."""
    if platforms.others_read(path):
        yield Text("remark.readable", path=path, command=platforms.close_hint(path))
    service = synchronised(path)
    if service is not None:
        yield Text("remark.copied", path=path, service=Word(service))


def mark(connection: Connection) -> None:
    """Mark the file of a connection as a register."""
    if connection.told("PRAGMA application_id")[0][0] != APPLICATION_ID:
        connection.told(f"PRAGMA application_id={APPLICATION_ID}")


def copy(source: sqlite3.Connection, copy: Path) -> None:
    """Copy a SQLite store into a new file while a transaction keeps it unchanged.

    Without a transaction the copy would restart at each write. Raises UnavailableError if it fails,
    and leaves the unfinished file to the caller.
    """
    make_private(copy)
    try:
        with closing(sqlite3.connect(copy)) as target, under_way("copying_pages") as tell:
            source.backup(
                target, pages=PAGES, progress=lambda _, left, all_: tell(all_ - left, all_)
            )
    except sqlite3.Error as error:
        raise UnavailableError("sqlite.cannot-copy", error=quoted(error)) from None


def head_of(path: Path) -> tuple[int, bytes]:
    """Return size and root of the log in a register's file of any schema; raises UnavailableError.

    Nobody else may have the file open, because it is read without locks.
    """
    try:
        with reopened(path) as lite:
            ((size, root),) = lite.told("SELECT size, root FROM log_head")
            return int(size), bytes(root)
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise UnavailableError(
            "sqlite.log-unreadable", "hint.another-name", path=path, error=quoted(error)
        ) from None


def discard(path: Path) -> None:
    """Delete an unfinished SQLite store and its journal.

    The journal is deleted last: SQLite ignores one without a file, or next to an empty file, but a
    half-written file without its journal is not a store any more.
    """
    path.unlink(missing_ok=True)
    Path(f"{path}-journal").unlink(missing_ok=True)


def _checkmark(path: Path) -> None:
    """Refuse a file without our mark, before SQLite opens it and may change it."""
    if _marked(path):
        return
    try:
        with path.open("rb") as file:
            header = file.read(MARK.stop)
    except OSError as error:
        raise UnavailableError(
            "sqlite.cannot-read", "hint.another-file", path=path, strerror=quoted(error)
        ) from None
    if not is_register(header) and not _begun(path, header):
        raise UnavailableError("sqlite.not-casework", "hint.another-file", path=path)


def _marked(path: Path) -> bool:
    """Return whether a file has our mark; SQLite reads it without locking or changing it.

    On POSIX, when a process closes any descriptor of a file, it loses all its locks on that file,
    even those of a transaction in another thread. SQLite takes care of this; opening the file
    directly would not (sqlite.org/howtocorrupt.html, 2.2).
    """
    location = f"file:{quote(os.fsencode(path.absolute()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(location, uri=True)) as driver:
            return bool(driver.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)
    except sqlite3.Error:
        return False


def _begun(path: Path, header: bytes) -> bool:
    """Return whether power failed while a file was first filled.

    Its first page may then be missing, but SQLite can empty it by its journal.
    """
    journal = Path(f"{path}-journal")
    if header.strip(b"\0") or not journal.exists():
        return False
    with journal.open("rb") as file:
        return file.read(len(JOURNAL)) == JOURNAL


def _refuse_remote(path: Path) -> None:
    """Refuse a file on a network file system, where two writers can destroy a SQLite file.

    See sqlite.org/howtocorrupt.html, 2.1.
    """
    found = platforms.network(path)
    if found is not None:
        raise UnavailableError("sqlite.network", path=path, found=found)
