"""The rights of a shared register: what the server is told of the rules, and who may log in.

What a login may do is decided in the database, by the functions of the migration 0007. They read
the tables of `workflow` and `records` from one JSON value, `table`, that a migration brings.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import MISSING
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from casework.errors import IntegrityFailure, NotAllowedError, RefusedError, UnavailableError
from casework.records import KINDS, blank, plain, shape
from casework.workflow import CHANGES, GUARDED, OTHER_ACTS, REGISTERING, TRANSITIONS, Gives, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from casework.connections import Connection, Core

OWNER, USERS = "casework_owner", "casework_user"
"""The role that owns the tables, as which nobody logs in, and the one all logins are members of."""


def table() -> dict[str, Any]:
    """Return the rules as the server holds them, in `casework_rules()`."""
    acts: dict[str, dict[str, Any]] = {}
    for rule in TRANSITIONS + OTHER_ACTS:
        acts.setdefault(rule.verb, {})[rule.source] = {
            "target": rule.target,
            "who": list(rule.who),
            "needs": list(rule.needs),
        }
    registering: dict[str, dict[str, Any]] = {
        kind: {verb: {"who": list(who)} for verb, who in verbs.items()}
        for kind, verbs in REGISTERING.items()
    }
    registering["case"]["propose"] |= {"target": State.PROPOSED, "needs": []}
    # An act that is told carries the teller's label; one made here can only take it away.
    changes = {verb: {"reported": Gives.NOTHING, **given} for verb, given in CHANGES.items()}
    kinds = {}
    for kind, form in KINDS.items():
        held = shape(kind)
        kinds[kind] = {
            "key": form.key_field,
            "start": dict(held.plain_start),
            "blank": {
                name: plain(value)
                for name, value in blank(kind).items()
                if value is not MISSING and name != "version"
            },
            "withheld": dict(held.withheld),
        }
    return {
        "acts": acts,
        "changes": changes,
        "guarded": {kind: list(verbs) for kind, verbs in GUARDED.items()},
        "registering": registering,
        "kinds": kinds,
    }


HINT = "see who administers the server, and make the store anew from a backup"


def admit(connection: Connection) -> None:
    """Note on a connection whose rights the server enforces; raises NotAllowedError.

    Who could do everything anyway, as superuser or as the tables' owner, keeps the register.
    """
    ((keeps, login, code, role, org),) = connection.told(
        "SELECT keeps, login, code, role, org FROM casework_standing()"
    )
    if keeps:
        return
    connection.login, connection.whole = login, role != "desk"
    if code is None or role is None:
        raise NotAllowedError(
            f"the login {login} is nobody's in this register, or has expired",
            "whoever keeps the server grants one: casework db grant PERSON",
        )
    if role == "desk" and org is None:
        raise NotAllowedError(
            f"{code} is a desk without an organisation, and so has no cases",
            f"an administrator says which: casework person edit {code} --org ORG",
        )


def on_server(connection: Connection) -> Core:
    """Return the connection to a server; raises RefusedError for a SQLite file."""
    from casework.connections import Core

    if isinstance(connection, Core) and connection.engine == "postgresql":
        return connection
    raise RefusedError(
        "a SQLite file has no logins: whoever can write it can change anything",
        "share the register on PostgreSQL: casework db backup, then casework db restore",
    )


def establish(core: Core) -> None:
    """Give the tables to a role nobody logs in as, and let logins read and use the functions.

    It does nothing the second time. Raises UnavailableError where whoever is connected may not.
    """
    from casework import schema

    ((able, schema_name),) = core.told(
        "SELECT rolsuper OR rolcreaterole, quote_ident(current_schema())"
        " FROM pg_roles WHERE rolname = session_user"
    )
    if not able:
        raise UnavailableError(
            "logins are made by a role that may create roles",
            "connect as the server's administrator, or ask for CREATEROLE",
        )
    for role in (OWNER, USERS):
        if not core.told("SELECT FROM pg_roles WHERE rolname = ?", (role,)):
            core.change(f"CREATE ROLE {role} NOLOGIN")
    core.change(f"GRANT {OWNER} TO {_quoted(core, _connected(core))}")
    core.change(f"GRANT USAGE, CREATE ON SCHEMA {schema_name} TO {OWNER}")
    core.change(f"GRANT USAGE ON SCHEMA {schema_name} TO {USERS}")
    for name in (*schema.metadata.tables, "alembic_version"):
        core.change(f'ALTER TABLE "{name}" OWNER TO {OWNER}')
        core.change(f'REVOKE ALL ON "{name}" FROM PUBLIC')
        core.change(f'GRANT SELECT ON "{name}" TO {USERS}')
    for (function,) in functions(core):
        core.change(f"ALTER FUNCTION {function} OWNER TO {OWNER}")
    for function in DOORS:
        core.change(f"GRANT EXECUTE ON FUNCTION {function} TO {USERS}")


DOORS = (
    "casework_standing()",
    "casework_reads_all()",
    "casework_is_somebody()",
    "casework_office()",
    "casework_recorded_at()",
    "casework_lock(text[], text[])",
    "casework_head()",
    "casework_record(text[], text[], jsonb)",
    "casework_refused(text)",
    "casework_rules()",
)
"""What a login may call: who it is, what the policies ask, and the door."""


def check(connection: Connection) -> None:
    """Check that a server holds this program's rules; raises IntegrityFailure."""
    from casework import schema

    ((held,),) = connection.told("SELECT casework_rules()")
    if held != json.loads(json.dumps(table())):
        raise IntegrityFailure("the rules in the database are not this program's", HINT)
    hidden = connection.told(
        "SELECT relname FROM pg_class WHERE relrowsecurity"
        " AND relnamespace = current_schema()::regnamespace"
    )
    for name in sorted({*schema.metadata.tables} - {name for (name,) in hidden}):
        raise IntegrityFailure(f"every login may read all of the table {name}", HINT)


def functions(connection: Connection) -> list[Any]:
    """Return the functions of the register, each as one row with its name and arguments."""
    return connection.told(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE starts_with(proname, 'casework_') AND pronamespace = current_schema()::regnamespace"
        " ORDER BY 1"
    )


def grant(core: Core, login: str, password: str | None, until: date | None) -> None:
    """Let a role log in and use the register, up to the end of a day; make it if there is none.

    Only a verifier of the password reaches the server (SCRAM, RFC 5802), so that its log has none.
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
        raise NotAllowedError(
            f"the role {login} administers the server: no right could bind it",
            "grant another login",
        )
    core.change(
        f"{'ALTER' if made else 'CREATE'} ROLE {name} LOGIN INHERIT"
        f" VALID UNTIL '{until + timedelta(days=1) if until else 'infinity'}'"
    )
    if password is not None:
        driver: Any = core.core.connection.driver_connection
        verifier = driver.pgconn.encrypt_password(
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
"""With what the server writes no statement into its log: from a verifier one can guess at leisure.

Only a superuser may ask for it.
"""


@contextmanager
def _unlogged(core: Core) -> Iterator[None]:
    """Keep a block's statements out of the server's log, where whoever is connected may."""
    asked = ", ".join(f"current_setting('{name}')" for name in UNLOGGED)
    ((superuser, *held),) = core.told(
        f"SELECT rolsuper, {asked} FROM pg_roles WHERE rolname = session_user"  # noqa: S608 - ours
    )
    if superuser:
        _set(core, UNLOGGED)
    yield
    if superuser:
        _set(core, dict(zip(UNLOGGED, held, strict=True)))


def _set(core: Core, values: Mapping[str, str]) -> None:
    asked = ", ".join("set_config(?, ?, true)" for _ in values)
    core.told(f"SELECT {asked}", [part for pair in values.items() for part in pair])


def revoke(core: Core, login: str) -> None:
    """Take a login's rights away."""
    name = _quoted(core, login)
    if core.told("SELECT FROM pg_roles WHERE rolname = ?", (login,)):
        core.change(f"REVOKE {USERS} FROM {name}")
        core.change(f"ALTER ROLE {name} NOLOGIN")


def end_sessions(core: Core, login: str) -> None:
    """End what sessions a login has; nothing takes that back."""
    core.told(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = ? AND pid <> pg_backend_pid()",
        (login,),
    )


def _connected(core: Core) -> str:
    return str(core.told("SELECT session_user")[0][0])


def _quoted(core: Core, name: str) -> str:
    return str(core.told("SELECT quote_ident(?)", (name,))[0][0])
