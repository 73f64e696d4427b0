"""Which command an event was the first of, so that a command repeated with its key is found."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade():
    op.add_column("event", sa.Column("command", KEY, nullable=True))
    op.create_index(
        op.f("ix_event_command"),
        "event",
        ["command"],
        unique=True,
        sqlite_where=sa.text("command IS NOT NULL"),
        postgresql_where=sa.text("command IS NOT NULL"),
    )


def downgrade():
    op.drop_index(op.f("ix_event_command"), table_name="event")
    op.drop_column("event", "command")
