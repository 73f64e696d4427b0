"""The logins of a shared register: grant, revoke and check them. `door` decides their rights."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from casework.errors import CaseworkError, NotAllowedError, RefusedError, UnavailableError
from casework.store import compiled
from casework.store.door import edition
from casework.store.door.edition import OWNER, USERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from casework.store.connections import Connection
    from casework.store.served import Served, Shared


STANDING = (
    "SELECT keeps, login, code, role, org, number, casework_reads_all()"
    " FROM casework_standing(), casework_edition()"
)
"""Asks a server who is connected, the number of its door, and whether all may be read."""


def admit(connection: Connection) -> None:
    """Set on a connection whose rights the server enforces; raises NotAllowedError.

    Raises UnavailableError if the server has no functions and rules, or different ones.
    """
    try:
        found = connection.told(STANDING)
    except Exception as error:
        if "casework_edition() does not exist" not in str(error):
            raise
        raise edition.refuse_none() from None
    admitted(connection, found)


def admitted(connection: Connection, standing: Sequence[Sequence[Any]]) -> None:
    """Do the same with the answer to `STANDING`.

    A superuser or the tables' owner can do everything anyway, and counts as the operator.
    """
    ((keeps, login, code, role, org, number, whole),) = standing
    edition.refuse_other(number)
    if keeps:
        return
    connection.login, connection.whole = login, whole
    if code is None or role is None:
        raise NotAllowedError("login.nobodys", login=login)
    if role == "desk" and org is None:
        raise NotAllowedError("login.no-organisation", code=code)


def joined(shared: Shared) -> Served | None:
    """Return a new connection that sees what another one sees, None where there is none.

    A login may have no more sessions, or the server no room for one.
    """
    import psycopg

    from casework.store import served

    try:
        connection = served.Served(served.connect(dict(shared.told)))
        connection.begin(served.READ)
        connection.told(f"SET TRANSACTION SNAPSHOT '{shared.snapshot}'")
        connection.told(served.settings())
        admit(connection)
    except (psycopg.Error, CaseworkError):
        return None
    return connection


def on_server(connection: Connection) -> Served:
    """Return the connection to a server; raises RefusedError for a SQLite file."""
    from casework.store.served import Served

    if isinstance(connection, Served):
        return connection
    raise RefusedError("login.sqlite")


def establish(core: Connection) -> None:
    """Give the tables to a role that cannot log in, and let logins read and call the functions.

    A second call does nothing. Raises UnavailableError if the connected login lacks the rights.
    """
    ((able, schema_name),) = core.told(
        "SELECT rolsuper OR rolcreaterole, quote_ident(current_schema())"
        " FROM pg_roles WHERE rolname = session_user"
    )
    if not able:
        raise UnavailableError("login.create-role")
    for role in (OWNER, USERS):
        if not core.told("SELECT FROM pg_roles WHERE rolname = ?", (role,)):
            core.change(f"CREATE ROLE {role} NOLOGIN")
    core.change(f"GRANT {OWNER} TO {_quoted(core, _connected(core))}")
    core.change(f"GRANT USAGE, CREATE ON SCHEMA {schema_name} TO {OWNER}")
    core.change(f"GRANT USAGE ON SCHEMA {schema_name} TO {USERS}")
    for name in (*compiled.TABLES, "alembic_version"):
        core.change(f'ALTER TABLE "{name}" OWNER TO {OWNER}')
        core.change(f'REVOKE ALL ON "{name}" FROM PUBLIC')
    for function in ("casework_refuse()", *edition.functions(core)):
        core.change(f"ALTER FUNCTION {function} OWNER TO {OWNER}")
    edition.open_to_logins(core)
    _close_the_rest(core)


SESSIONS = 10
"""The most sessions of a login at a time."""

LARGE_OBJECTS = (
    "lo_creat(integer)",
    "lo_create(oid)",
    "lo_from_bytea(oid, bytea)",
    "lo_open(oid, integer)",
    "lo_put(oid, bigint, bytea)",
    "lowrite(integer, bytea)",
)
"""The functions of large objects, which store bytes that no table or report shows."""


def _close_the_rest(core: Connection) -> None:
    """Revoke from everybody what no command needs: temporary tables and large objects.

    Also let the owner see and end sessions that keep others waiting. A superuser can do all of
    this, another administrator only the first part.
    """
    ((superuser, database),) = core.told(
        "SELECT rolsuper, quote_ident(current_database()) FROM pg_roles"
        " WHERE rolname = session_user"
    )
    core.change(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
    if superuser:
        core.change(f"GRANT pg_signal_backend, pg_read_all_stats TO {OWNER}")
        for function in LARGE_OBJECTS:
            core.change(f"REVOKE ALL ON FUNCTION pg_catalog.{function} FROM PUBLIC")


def grant(core: Served, login: str, password: str | None, until: date | None) -> None:
    """Let a role log in and use the register until the end of a day; create it if necessary.

    Only a verifier of the password reaches the server (SCRAM, RFC 5802), never the password.
    """
    establish(core)
    name = _quoted(core, login)
    ((made, powerful),) = core.told(
        "SELECT count(*) > 0, coalesce(bool_or(rolsuper OR rolcreaterole OR rolbypassrls), false)"
        " FROM pg_roles WHERE rolname = ?",
        (login,),
    )
    if powerful or core.told(
        "SELECT FROM pg_roles WHERE rolname = ? AND pg_has_role(oid, ?, 'MEMBER')", (login, OWNER)
    ):
        raise NotAllowedError("login.administers", login=login)
    core.change(
        f"{'ALTER' if made else 'CREATE'} ROLE {name} LOGIN INHERIT CONNECTION LIMIT {SESSIONS}"
        f" VALID UNTIL '{until + timedelta(days=1) if until else 'infinity'}'"
    )
    if password is not None:
        verifier = core.driver.pgconn.encrypt_password(
            password.encode(), login.encode(), b"scram-sha-256"
        ).decode()
        with _unlogged(core):
            core.change(f"ALTER ROLE {name} PASSWORD '{verifier}'")
    core.change(f"GRANT {USERS} TO {name}")


UNLOGGED = {
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
}
"""The settings that keep statements out of the server's log: a verifier could be attacked offline.

Only a superuser can set them.
"""


@contextmanager
def _unlogged(core: Connection) -> Iterator[None]:
    """Keep a block's statements out of the server's log, if the connected login may."""
    asked = ", ".join(f"current_setting('{name}')" for name in UNLOGGED)
    ((superuser, *held),) = core.told(
        f"SELECT rolsuper, {asked} FROM pg_roles WHERE rolname = session_user"  # noqa: S608 - ours
    )
    if superuser:
        _set(core, UNLOGGED)
    yield
    if superuser:
        _set(core, dict(zip(UNLOGGED, held, strict=True)))


def _set(core: Connection, values: Mapping[str, str]) -> None:
    asked = ", ".join("set_config(?, ?, true)" for _ in values)
    core.told(f"SELECT {asked}", [part for pair in values.items() for part in pair])


def revoke(core: Connection, login: str) -> None:
    """Revoke a login's rights."""
    name = _quoted(core, login)
    if core.told("SELECT FROM pg_roles WHERE rolname = ?", (login,)):
        core.change(f"REVOKE {USERS} FROM {name}")
        core.change(f"ALTER ROLE {name} NOLOGIN")


def end_sessions(core: Connection, login: str) -> None:
    """End all sessions of a login; a rollback does not undo that."""
    core.told(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = ? AND pid <> pg_backend_pid()",
        (login,),
    )


def _connected(core: Connection) -> str:
    return str(core.told("SELECT session_user")[0][0])


def _quoted(core: Connection, name: str) -> str:
    return str(core.told("SELECT quote_ident(?)", (name,))[0][0])
