"""The rights of a shared register on PostgreSQL, which are no migration's any more.

What this brought stands in casework/door, and an upgrade makes it as its last step.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

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
    """Leave all to the upgrade's last step, which makes the functions and policies."""


def downgrade():
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    for table in TABLES:
        op.execute(f'DROP POLICY IF EXISTS casework_reads ON "{table}"')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    for name in functions(bind):
        op.execute(f"DROP FUNCTION {name}")


def functions(bind):
    """Return the functions that are there: all but the trigger's, which is older."""
    found = bind.execute(
        sa.text(
            "SELECT oid::regprocedure::text FROM pg_proc"
            " WHERE starts_with(proname, 'casework_') AND proname <> 'casework_refuse'"
            " AND pronamespace = current_schema()::regnamespace"
        )
    )
    return [name for (name,) in found]
