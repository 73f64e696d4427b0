"""Reminders: whom to write to, and what was said already."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
GUARD = {
    "sqlite": """
        CREATE TRIGGER digest_no_delete BEFORE DELETE ON digest
        BEGIN SELECT RAISE(ABORT, 'digest is kept: delete is refused'); END
    """,
    "postgresql": """
        CREATE TRIGGER digest_no_delete BEFORE DELETE OR TRUNCATE ON digest
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
    """,
}


def upgrade():
    for table in ("organisation", "person"):
        op.add_column(table, sa.Column("email", KEY, nullable=True))
    op.create_table(
        "digest",
        sa.Column("code", KEY, nullable=False),
        sa.Column("owner", KEY, nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("cases", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"],
            ["organisation.code"],
            name=op.f("fk_digest_owner"),
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_digest")),
        comment="Letters that reminded of cases",
    )
    op.execute(GUARD[op.get_bind().dialect.name])
    op.create_table(
        "reminder",
        sa.Column("ref", KEY, nullable=False),
        sa.Column("level", KEY, nullable=False),
        sa.Column("due", KEY, nullable=False),
        sa.Column("digest", KEY, nullable=False),
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
        sa.PrimaryKeyConstraint("ref", "level", "due", name=op.f("pk_reminder")),
        comment="What was said of each case: every level once for each due date, empty without one",
    )
    op.create_index(op.f("ix_reminder_digest"), "reminder", ["digest"], unique=False)
