"""What an owner waits for: an answer about more time, or about whose the case is."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ASKED, CONTESTED = ("asked_due", "reply_by"), "contested_on"
WAITS = sa.text("asked_due IS NOT NULL OR contested_on IS NOT NULL")
FORMER = "'extend', 'hold', 'reassign', 'return', 'reopen', 'coordinate', 'recompute', 'correct'"
MORE = "'ask-time', 'refuse-time', 'withdraw-time', 'contest', 'uphold'"


def _papers(acts):
    where = sa.text(f"act IN ({acts})")
    op.drop_index("ix_event_paper", table_name="event")
    op.create_index(
        "ix_event_paper",
        "event",
        ["effective_on"],
        unique=False,
        sqlite_where=where,
        postgresql_where=where,
    )


def upgrade():
    for name in (*ASKED, CONTESTED):
        op.add_column("case", sa.Column(name, sa.Date(), nullable=True))
    op.add_column("register", sa.Column("reply_days", sa.Integer(), nullable=True))
    op.create_index(
        "ix_case_waits",
        "case",
        ["ref_stem", "ref_number"],
        unique=False,
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    _papers(f"{FORMER}, {MORE}")


def downgrade():
    _papers(FORMER)
    op.drop_index("ix_case_waits", table_name="case")
    op.drop_column("register", "reply_days")
    for name in (*ASKED, CONTESTED):
        op.drop_column("case", name)
