"""Whom a case's reminder was for: a new owner is told what the one before was told."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
SAID = "What was said of each case: every level once for each due date, empty without one"
TO_WHOM = f"{SAID}, and each owner, empty for nobody"


def upgrade():
    _made_anew(
        TO_WHOM,
        "SELECT reminder.*, coalesce(digest.owner, '') AS owner FROM reminder"
        " JOIN digest ON digest.code = reminder.digest",
        sa.Column("owner", KEY, nullable=False),
    )


def downgrade():
    _made_anew(SAID, "SELECT ref, level, due, min(digest) AS digest FROM reminder GROUP BY 1, 2, 3")


def _made_anew(comment, kept, *columns):
    """Make the table again with these columns more, and what is kept of its rows.

    They are derived from the letters, which stay as they are.
    """
    rows = [dict(row) for row in op.get_bind().execute(sa.text(kept)).mappings()]
    op.drop_table("reminder")
    made = op.create_table(
        "reminder",
        sa.Column("ref", KEY, nullable=False),
        sa.Column("level", KEY, nullable=False),
        sa.Column("due", KEY, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["ref"],
            ["case.ref"],
            name=op.f("fk_reminder_ref"),
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["digest"],
            ["digest.code"],
            name=op.f("fk_reminder_digest"),
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint(
            "ref", "level", "due", *(one.name for one in columns), name=op.f("pk_reminder")
        ),
        comment=comment,
    )
    op.create_index(op.f("ix_reminder_digest"), "reminder", ["digest"], unique=False)
    if rows:
        op.bulk_insert(made, rows)
