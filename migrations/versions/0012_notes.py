"""Notes, which searches read, have an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NOTED = sa.text("act = 'note'")


def upgrade():
    op.create_index(
        "ix_event_note",
        "event",
        ["key"],
        unique=False,
        sqlite_where=NOTED,
        postgresql_where=NOTED,
    )


def downgrade():
    op.drop_index("ix_event_note", table_name="event")
