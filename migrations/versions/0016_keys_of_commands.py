"""A command's key is its actor's own: what somebody else took for one stands in nobody's way."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COMMANDED = sa.text("command IS NOT NULL")


def upgrade():
    _index(["command", "actor"], "ix_event_command")


def downgrade():
    _index(["command"], "ix_event_command")


def _index(columns, name):
    op.drop_index(op.f(name), table_name="event")
    op.create_index(
        op.f(name),
        "event",
        columns,
        unique=True,
        sqlite_where=COMMANDED,
        postgresql_where=COMMANDED,
    )
