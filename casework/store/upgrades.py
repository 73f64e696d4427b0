"""Create or change the schema of a store, all or nothing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from casework.errors import Text, UnavailableError, quoted
from casework.store import compiled, lookup_keys, sqlite_file, timelines
from casework.store.db import REVISION, Store, refuse_newer
from casework.store.door import edition
from casework.system.files import new_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection as CoreConnection

    from casework.store.connections import Connection, Core


@contextmanager
def migrating(target: str, *, dry_run: bool = False) -> Iterator[Core]:
    """Open a connection in which the schema can be created or changed, all or nothing.

    A dry run leaves nothing behind, not even a new file.
    """
    store = Store.at(target)
    path = store.file
    made = path is not None and sqlite_file.make(path)
    try:
        with store.migrating() as connection:
            yield connection
            if dry_run:
                connection.rollback()
    except BaseException:
        if made and path is not None:
            sqlite_file.discard(path)
        raise
    if dry_run and made and path is not None:
        sqlite_file.discard(path)


class Found(NamedTuple):
    """What an upgrade found: the schema, if any, and whether door and rules were different.

    The rules are those that the log names.
    """

    schema: str | None
    other_door: bool
    other_rules: bool = False


def upgrade(connection: Core, *, copy: bool = True) -> Found:
    """Upgrade the schema, and a server's functions and rules; return what was found.

    It does nothing if they are up to date. A SQLite file with an older schema is first copied next
    to itself, unless `copy` is off because the upgrade will be rolled back. Raises UnavailableError
    if the migrations cannot be read, or the store is from a newer version.
    """
    alone(connection.core)
    current = revision(connection)
    refuse_newer(current, Text("store.the-store"))
    served = connection.engine == "postgresql"
    renewed = served and not edition.is_held(connection)
    if current == REVISION and not renewed:
        return Found(current, other_door=False)
    with _as_owner(connection):
        if served:
            _hold_head(connection, current)
            edition.remove(connection)
        if current != REVISION:
            _migrate(connection, current, copy=copy)
            if current is not None:
                lookup_keys.renew(connection)
                timelines.renew(connection)
        if served:
            _open_door(connection)
    return Found(current, renewed)


def _hold_head(connection: Core, current: str | None) -> None:
    """Prevent recording while the functions that record are changed."""
    if current is not None:
        connection.told("SELECT FROM log_head FOR UPDATE")


def renew_door(connection: Core) -> None:
    """Create a server's functions and rules again after Alembic itself has run the migrations.

    `migrations/env.py` calls it. It does nothing if the store does not have this program's schema.
    """
    if connection.engine == "postgresql" and revision(connection) == REVISION:
        with _as_owner(connection):
            _hold_head(connection, REVISION)
            edition.remove(connection)
            _open_door(connection)


def _open_door(connection: Core) -> None:
    """Create a server's functions and rules if there are none, for the logins of its tables."""
    edition.make(connection)
    if connection.told(
        "SELECT FROM pg_tables WHERE tablename = 'event' AND schemaname = current_schema()"
        " AND tableowner = ?",
        (edition.OWNER,),
    ):
        edition.open_to_logins(connection)


def _migrate(connection: Core, current: str | None, *, copy: bool) -> None:
    if copy and current is not None and connection.engine == "sqlite":
        _keep_copy(connection, current)
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection.core
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        # A folder that cannot be read is an empty one to Alembic.
        raise UnavailableError("upgrade.unreadable", error=quoted(error)) from None


@contextmanager
def _as_owner(connection: Core) -> Iterator[None]:
    """Give new objects to the owner of the server's tables, if there are tables."""
    owners = []
    if connection.engine == "postgresql":
        owners = connection.told(
            "SELECT quote_ident(tableowner) FROM pg_tables"
            " WHERE tablename = 'event' AND schemaname = current_schema()"
        )
    for (owner,) in owners:
        connection.change(f"SET LOCAL ROLE {owner}")
    yield
    if owners:
        connection.change("SET LOCAL ROLE NONE")


def alone(core: CoreConnection) -> None:
    """Lock the schema: otherwise two processes could both find it outdated and upgrade it."""
    if core.dialect.name == "postgresql":
        core.exec_driver_sql("SELECT pg_advisory_xact_lock(1128354629)")


def _keep_copy(connection: Connection, current: str) -> None:
    place = Path(connection.told("PRAGMA database_list")[0][2])
    copy = place.with_name(f"{place.name}.{current}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    # By a connection of its own: this one is in the transaction that will change the schema.
    source = sqlite3.connect(f"file:{quote(os.fsencode(place))}?mode=ro", uri=True)
    with closing(source), new_file(copy) as part:
        sqlite_file.copy(source, part)


def revision(connection: Core) -> str | None:
    """Return the revision of the schema; None if there is none."""
    if not connection.core.dialect.has_table(connection.core, "alembic_version"):
        return None
    found = connection.value(compiled.REVISION)
    return str(found) if found else None


def bundled(name: str) -> Path:
    """Return a folder that comes with the program, in the wheel or in the checkout."""
    inside = Path(__file__).parents[1] / "_bundled" / name
    return inside if inside.is_dir() else Path(__file__).parents[2] / name
