"""Install, check and update the functions, policies and rules on a server."""

from __future__ import annotations

import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.errors import IntegrityFailure, Text, UnavailableError
from casework.kinds.records import KINDS
from casework.rules.invariants import server_function
from casework.store import compiled
from casework.store.door import number
from casework.store.door.rules import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.store.connections import Connection, Core

OWNER, USERS = "casework_owner", "casework_user"
"""The role that owns the tables and cannot log in, and the role of which all logins are members."""

DOORS = (
    "casework_standing()",
    "casework_edition()",
    "casework_reads_all()",
    "casework_is_somebody()",
    "casework_offices()",
    "casework_recorded_at()",
    "casework_lock(text[], text[])",
    "casework_head()",
    "casework_record(text[], text[], boolean)",
    "casework_refused(text)",
    "casework_rules()",
)
"""The functions that a login may call: who it is, what the policies need, and the door."""

_BODY = re.compile(r"^CREATE FUNCTION (\w+)\(.*?AS \$\$(.*?)\$\$;", re.DOTALL | re.MULTILINE)


@cache
def texts() -> tuple[str, ...]:
    """Return the files of functions and policies in order, and the code generated from the rules.

    In a file, `@common@` is replaced by the kinds of records that every login may read.
    """
    common = ", ".join(f"'{kind}'" for kind, record in KINDS.items() if record.common)
    files = sorted(Path(__file__).parent.glob("*.sql"))
    told = (file.read_text("utf-8").replace("@common@", common) for file in files)
    return (*told, server_function())


@cache
def rules() -> str:
    """Return the rules as JSON."""
    return json.dumps(table(), ensure_ascii=False, sort_keys=True)


@cache
def digest() -> str:
    """Return the SHA-256 of the functions, policies and rules of this program."""
    return sha256("\x00".join((*texts(), rules())).encode()).hexdigest()


def source() -> str:
    """Return the lines of `number.py`: the next number where the digest has changed."""
    changed = digest() != number.DIGEST
    return f'NUMBER = {number.NUMBER + changed}\nDIGEST = "{digest()}"'


def refuse_other(held: int) -> None:
    """Raise UnavailableError if the number of the server's door is not this program's."""
    ours = number.NUMBER
    if held > ours:
        raise UnavailableError("door.newer", held=held, ours=ours)
    if held < ours:
        raise UnavailableError("door.behind", held=held, ours=ours)


def refuse_none() -> UnavailableError:
    """Return the error for a server without an edition, which an earlier version made."""
    return UnavailableError("door.earlier")


def is_held(core: Core) -> bool:
    """Return whether a server has this program's edition; raises UnavailableError if newer."""
    if core.told("SELECT to_regprocedure('casework_edition()')")[0][0] is None:
        return False
    ((held,),) = core.told("SELECT number FROM casework_edition()")
    if held > number.NUMBER:
        refuse_other(held)
    return held == number.NUMBER and not any(_faults(core))


def remove(core: Core) -> None:
    """Remove all functions and policies of any edition."""
    for table_name, policy in core.told(
        "SELECT quote_ident(tablename), quote_ident(policyname) FROM pg_policies"
        " WHERE schemaname = current_schema() AND policyname = 'casework_reads' ORDER BY 1"
    ):
        core.change(f"DROP POLICY {policy} ON {table_name}")
    core.change("DROP TRIGGER IF EXISTS casework_at_end ON moved_day")
    if named := ", ".join(functions(core)):
        core.change(f"DROP FUNCTION {named}")


def make(core: Core) -> None:
    """Create this program's functions and policies on a server without any."""
    ((schema,),) = core.told("SELECT quote_ident(current_schema())")
    quoted = rules().replace("'", "''")
    _run(
        core,
        # A function of SQL would be read anew for every statement that asks for the rules.
        "CREATE FUNCTION casework_rules() RETURNS jsonb LANGUAGE plpgsql IMMUTABLE"
        f" AS $rules$ BEGIN RETURN '{quoted}'::jsonb; END $rules$;"
        "CREATE FUNCTION casework_edition(OUT number integer, OUT digest text) LANGUAGE sql"
        f" IMMUTABLE AS $$ SELECT {number.NUMBER}, '{digest()}' $$",
    )
    for text in texts():
        _run(core, text.replace("@schema@", schema))
    # By default everybody may call a function.
    for name in ("casework_refuse()", *functions(core)):
        core.change(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")


def open_to_logins(core: Connection) -> None:
    """Let the members of `USERS` read the tables under the policies, and call the door."""
    for name in (*compiled.TABLES, "alembic_version"):
        core.change(f'GRANT SELECT ON "{name}" TO {USERS}')
    for function in DOORS:
        core.change(f"GRANT EXECUTE ON FUNCTION {function} TO {USERS}")


def functions(connection: Connection) -> list[str]:
    """Return the functions of the door with their arguments, without trigger functions."""
    found = connection.told(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE starts_with(proname, 'casework_') AND proname <> 'casework_refuse'"
        " AND pronamespace = current_schema()::regnamespace ORDER BY 1"
    )
    return [str(name) for (name,) in found]


def check(connection: Connection) -> None:
    """Check that a server holds this program's functions and rules; raises IntegrityFailure."""
    for what in _faults(connection):
        raise IntegrityFailure(what, "door.differs")


def _faults(connection: Connection) -> Iterator[Text]:
    """Yield the differences from this program on a server with the same number."""
    ((given, held),) = connection.told("SELECT casework_rules(), digest FROM casework_edition()")
    if given != json.loads(rules()) or held != digest():
        yield Text("door.other-rules")
    bodies = dict(
        connection.told(
            "SELECT proname, prosrc FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace"
        )
    )
    for name, body in sorted(_bodies().items()):
        if bodies.get(name) != body:
            yield Text("door.other-function", name=name)
    hidden = connection.told(
        "SELECT relname FROM pg_class WHERE relrowsecurity"
        " AND relnamespace = current_schema()::regnamespace"
    )
    for name in sorted({*compiled.TABLES} - {name for (name,) in hidden}):
        yield Text("door.open-table", name=name)


def _bodies() -> dict[str, str]:
    """Return the text of each function by name."""
    return {match[1]: match[2] for text in texts() for match in _BODY.finditer(text)}


def _run(core: Core, text: str) -> None:
    """Run many statements at once, escaping characters that SQLAlchemy interprets."""
    driver: Any = core.core.connection.driver_connection
    driver.execute(text)
