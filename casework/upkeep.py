"""Looking after a store: checking it, copying it while others write, taking a copy back.

A backup of either engine is a register in one SQLite file: every row and every byte of the log,
so that it can be verified, read and restored wherever the program runs.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from casework import checkpoints, db, inspection, queries
from casework.connections import Lite
from casework.errors import ConflictError, IntegrityFailure, UnavailableError
from casework.ledger import load, transplant
from casework.records import Register

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.connections import Connection
    from casework.inspection import Verified

PART = "backup.db"
HINT = "take another backup: casework db restore OTHER"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a backup held, and how many events it lacks that were signed or witnessed since."""

    found: Verified
    missing: int


def check(connection: Connection) -> Verified:
    """Check a store: its file or server, its log and every row; raises IntegrityFailure."""
    if connection.engine == "sqlite":
        ((said,),) = connection.told("PRAGMA integrity_check(1)")
        if said != "ok":
            raise IntegrityFailure(f"the file is damaged: {said}", "restore a backup")
        for table, _, parent, _ in connection.told("PRAGMA foreign_key_check"):
            raise IntegrityFailure(
                f"table {table} refers to a row of {parent} that is gone", "restore a backup"
            )
    return inspection.verify(connection)


def backup(connection: Connection, path: Path) -> Verified:
    """Copy a register into a new file as it stands at one moment, and verify the copy.

    Others may write meanwhile. The file appears under its name only when it was verified. Raises
    ConflictError where a file is there, UnavailableError where none can be made.
    """
    with _new_file(path) as part:
        if isinstance(connection, Lite):
            _copy_file(connection, part)
        else:
            with db.migrating(str(part)) as target:
                db.upgrade(target)
                transplant(connection, target)
        with db.open_store(str(part)).reading() as copy:
            return check(copy)


def restore(path: Path, target: str) -> Restored:
    """Take a backup back into a store that has no register yet, all of it or nothing.

    Raises IntegrityFailure for a backup that does not verify, or that another past than the
    checkpoints kept here stands in, and ConflictError where a register is in the way.
    """
    with db.open_store(str(path)).reading() as source:
        found = check(source)
        missing = _missing(source)
        with db.migrating(target) as into:
            if db.revision(into) is not None and load(into, Register, "register") is not None:
                raise ConflictError(
                    "there is a register already", "name a new store with --db; nothing was changed"
                )
            db.upgrade(into)
            transplant(source, into)
            if inspection.verify(into) != found:
                raise IntegrityFailure("what was restored is not what the backup holds", HINT)
    return Restored(found, missing)


def _missing(connection: Connection) -> int:
    """Return how many events the newest checkpoint known here covers beyond the log's end."""
    origin, size = queries.register(connection).origin, queries.head(connection).size
    known = [checkpoints.kept(origin, what) for what in (checkpoints.SIGNED, checkpoints.WITNESSED)]
    hashes = queries.leaves(connection)
    for one in known:
        if one is not None and one.size <= size:
            checkpoints.refuse_other_past(one, hashes)
    return max([one.size - size for one in known if one is not None and one.size > size], default=0)


def _copy_file(connection: Lite, part: Path) -> None:
    """Copy a SQLite file in one go: a copy in steps would begin anew after each write."""
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    target = sqlite3.connect(part)
    try:
        connection.driver.backup(target)
    finally:
        target.close()


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Give a place beside a path for a file that is moved there, whole and on the disk."""
    if path.exists():
        raise ConflictError(f"{path} is there already", "give another name")
    try:
        folder = Path(mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written: {error.strerror}", "choose another place"
        ) from None
    part = folder / PART
    try:
        yield part
        _sync(part)
        # Not replaced, should somebody have made a file of that name meanwhile.
        os.link(part, path)
        _sync(path.parent)
    except FileExistsError:
        raise ConflictError(f"{path} is there already", "give another name") from None
    finally:
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
