"""Look after a store: check it, back it up while others write, restore a backup.

A backup of either engine is a register in one SQLite file: every row and every byte of the log,
so that it can be verified, read and restored wherever the program runs.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from casework.acts import actors
from casework.acts.origins import make_trial
from casework.errors import ConflictError, IntegrityFailure
from casework.kinds.records import Register
from casework.ledger.ledger import Desk
from casework.ledger.transplanting import transplant
from casework.log import keyring, tree
from casework.proof import checkpoints, inspection
from casework.questions import audit_log, lookup
from casework.store import db, sqlite_file, upgrades
from casework.store.connections import Lite
from casework.store.door import edition
from casework.store.loading import load
from casework.system.files import PART, new_file
from casework.system.protected import MARK, SQLITE, is_register
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casework.proof.inspection import Verified
    from casework.store.connections import Connection
    from casework.store.db import Store

LARGE = 32 << 20
"""The size of a SQLite file, in bytes, above which reading all of it takes several seconds."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a backup held, and how many events that were signed or witnessed since are missing.

    `other_past` says whether signed events differ in it, and `kept` names the keys that were kept.
    """

    found: Verified
    missing: int
    other_past: bool
    kept: list[str]


@contextmanager
def aside(store: Store) -> Iterator[Connection]:
    """Open a connection for long reading while others write.

    Nobody can commit to a SQLite file while it is being read, and a writer gives up after
    `contention.LIMIT` seconds. So a large file is first copied, which is much faster, to a private
    file in the temporary folder (TMPDIR), which is deleted afterwards.
    """
    with TemporaryDirectory(prefix="casework-") as folder:
        with store.reading() as connection:
            if store.file is None or store.file.stat().st_size < LARGE:
                yield connection
                return
            part = Path(folder) / PART
            _copy(connection, part)
        # What is wrong with the copy is told of the store.
        with db.Store(part, None, called=store.name).reading() as connection:
            yield connection


def check(connection: Connection, *, processors: int = 1) -> Verified:
    """Check a store: its file or the rights on its server, its log and every row.

    `processors` is the number that `inspection.verify` may use. Raises IntegrityFailure.
    """
    if connection.engine == "sqlite":
        ((said,),) = connection.told("PRAGMA integrity_check(1)")
        if said != "ok":
            raise IntegrityFailure("upkeep.damaged", "hint.restore", said=said)
        for table, _, parent, _ in connection.told("PRAGMA foreign_key_check"):
            raise IntegrityFailure("upkeep.dangling", "hint.restore", table=table, parent=parent)
    else:
        edition.check(connection)
    return inspection.verify(connection, processors=processors)


def backup(store: Store, path: Path, *, force: bool = False, processors: int = 1) -> Verified:
    """Copy a register, as it stands at one moment, into a new file, and verify the copy.

    Others may write meanwhile. The file gets its name only after verification. Raises ConflictError
    if a file exists and `force` is not set, or if it is a register with events that this one lacks;
    raises UnavailableError if the copy cannot be made.
    """
    with new_file(path, replace=force, over=SQLITE) as part:
        with store.reading() as connection:
            if force and path.exists():
                _refuse_newer(connection, path)
            _copy(connection, part)
        with db.open_store(str(part)).reading() as copy:
            return check(copy, processors=processors)


def _refuse_newer(connection: Connection, path: Path) -> None:
    """Raise ConflictError for a register that is not an earlier copy of this one."""
    with path.open("rb") as file:
        if not is_register(file.read(MARK.stop)):
            return
    size, root = sqlite_file.head_of(path)
    leaves = audit_log.leaves(connection)
    if size > len(leaves) or tree.subtree_hash(leaves[:size]) != root:
        raise ConflictError("upkeep.not-a-copy", path=path)


def _copy(connection: Connection, part: Path) -> None:
    audit_log.need_whole(connection)
    if isinstance(connection, Lite):
        sqlite_file.copy(connection.driver, part)
        return
    with upgrades.migrating(str(part)) as target:
        upgrades.upgrade(target)
        transplant(connection, target)


def trial(store: Store, path: Path, by: str | None) -> tuple[Verified, Register]:
    """Copy a register into a new file for trial, with its own origin, and verify it.

    The copy is recorded in the name of the actor in the register. Raises the errors of `backup`.
    """
    with new_file(path) as part:
        with store.reading() as connection:
            actor, login = actors.actor(connection, by), actors.login_of(connection)
            day = lookup.office_day(connection)
            _copy(connection, part)
        made = db.open_store(str(part))
        with made.writing() as connection:
            register = make_trial(Desk(connection, actor, login, day))
        with made.reading() as copy:
            return check(copy), register


def restore(
    path: Path,
    target: str,
    pack: Mapping[str, str],
    *,
    other_past: bool = False,
    processors: int = 1,
) -> Restored:
    """Restore a backup into a store without a register, all of it or nothing.

    The keys in a `pack`, if given, are kept too; see `keyring.pack_of`. Raises IntegrityFailure if
    the backup does not verify, or contradicts the checkpoints kept here and `other_past` is not
    set; raises ConflictError if there already is a register.
    """
    with db.open_store(str(path)).reading() as source:
        found = check(source, processors=processors)
        missing, others = _missing(source, other_past=other_past)
        with upgrades.migrating(target) as into:
            if upgrades.revision(into) is not None and load(into, Register, "register") is not None:
                raise ConflictError("upkeep.register-there")
            upgrades.upgrade(into)
            transplant(source, into)
            if inspection.verify(into) != found:
                raise IntegrityFailure("upkeep.not-restored")
            taken = keyring.take(pack)
    return Restored(found, missing, others, taken)


def _missing(connection: Connection, *, other_past: bool) -> tuple[int, bool]:
    """Return how many events beyond the log's end the newest known checkpoint covers.

    Also return whether a checkpoint contradicts the log, if that is allowed.
    """
    origin, size = lookup.register(connection).origin, audit_log.head(connection).size
    kept = [keyring.kept(origin, what) for what in (keyring.SIGNED, keyring.WITNESSED)]
    known = [one for one in kept if one is not None]
    covered = [one for one in known if one.size <= size]
    hashes = audit_log.leaves(connection) if covered else []
    others = False
    for one in covered:
        try:
            checkpoints.refuse_other_past(one, hashes)
        except IntegrityFailure as error:
            if not other_past:
                error.way_out = Text("restore.another-past", hint=error.way_out)
                raise
            others = True
    return max([one.size - size for one in known if one.size > size], default=0), others
