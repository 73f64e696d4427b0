"""The rights of a shared register on PostgreSQL: what may be read, and one door for writing."""

import json
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent
RULES = HERE / "0007_rules.json"
TABLES = (
    "case",
    "case_coordinating",
    "case_link",
    "conference",
    "digest",
    "disclosure",
    "event",
    "holiday",
    "intake",
    "log_head",
    "name_key",
    "organisation",
    "person",
    "register",
    "reminder",
    "request",
)


def upgrade():
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    # Many statements at once, with signs that mean something to SQLAlchemy.
    driver = bind.connection.driver_connection
    schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
    rules = json.dumps(json.loads(RULES.read_text("utf-8")), ensure_ascii=False).replace("'", "''")
    driver.execute(
        "CREATE FUNCTION casework_rules() RETURNS jsonb LANGUAGE sql IMMUTABLE"
        f" AS $rules$ SELECT '{rules}'::jsonb $rules$"
    )
    text = HERE.joinpath("0007_rights.sql").read_text("utf-8")
    driver.execute(text.replace("@schema@", schema))
    # By default everybody may call a function.
    for name in ("casework_refuse()", *functions(bind)):
        driver.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")


def downgrade():
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    for table in TABLES:
        op.execute(f'DROP POLICY casework_reads ON "{table}"')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    for name in functions(bind):
        op.execute(f"DROP FUNCTION {name}")


def functions(bind):
    """Return the functions of this revision: all but the trigger's, which is older."""
    found = bind.execute(
        sa.text(
            "SELECT oid::regprocedure::text FROM pg_proc"
            " WHERE starts_with(proname, 'casework_') AND proname <> 'casework_refuse'"
            " AND pronamespace = current_schema()::regnamespace"
        )
    )
    return [name for (name,) in found]
