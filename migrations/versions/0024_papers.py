"""Notes, and acts that name a paper their case does not keep, are found by day."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NOTED = sa.text("act = 'note'")
PAPERED = sa.text(
    "act IN"
    " ('extend', 'hold', 'reassign', 'return', 'reopen', 'coordinate', 'recompute', 'correct')"
)


def _index(name, column, where):
    op.create_index(
        name, "event", [column], unique=False, sqlite_where=where, postgresql_where=where
    )


def upgrade():
    op.drop_index("ix_event_note", table_name="event")
    _index("ix_event_note", "effective_on", NOTED)
    _index("ix_event_paper", "effective_on", PAPERED)


def downgrade():
    op.drop_index("ix_event_paper", table_name="event")
    op.drop_index("ix_event_note", table_name="event")
    _index("ix_event_note", "key", NOTED)
