"""The day of effect of events that a later one moved, or took out; which cases were linked."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade():
    op.create_table(
        "moved_day",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date()),
        sa.PrimaryKeyConstraint("seq", name="pk_moved_day"),
        sa.ForeignKeyConstraint(
            ["seq"], ["event.seq"], name="fk_moved_day_seq", ondelete="RESTRICT",
            onupdate="RESTRICT",
        ),
        comment="Events that a later one gave another day of effect; without a day, took out",
    )  # fmt: skip
    linked = sa.text("act = 'link'")
    op.create_index("ix_event_link", "event", ["key"], sqlite_where=linked, postgresql_where=linked)


def downgrade():
    op.drop_index("ix_event_link", table_name="event")
    op.drop_table("moved_day")
