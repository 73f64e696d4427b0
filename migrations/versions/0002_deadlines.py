"""Holidays, deadlines that can be counted again, and holds."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
CODE = {"sqlite": "VARCHAR", "postgresql": 'VARCHAR COLLATE "C"'}

# What was open before this revision was never on hold.
COLUMNS = {
    "due_precision": "{code} CONSTRAINT ck_case_due_precision"
    " CHECK (due_precision = 'day' OR due_precision = 'month'"
    " OR due_precision = 'quarter' OR due_precision = 'year')",
    "due_rule": "{code}",
    "due_from": "DATE CONSTRAINT ck_case_due_rule CHECK ((due_rule IS NULL) = (due_from IS NULL))",
    "held_since": "DATE CONSTRAINT ck_case_held"
    " CHECK (held_since IS NULL OR state IN ('assigned', 'under_study'))",
    "holds": "JSON NOT NULL DEFAULT '[]'",
    "held_days": "INTEGER NOT NULL DEFAULT 0",
}

OPEN_CASES = {
    "sqlite": """
        CREATE INDEX ix_case_open ON "case" (
            due, ref_stem, ref_number, ref, owner, officer, conference, proposer, state,
            original_due, extensions, held_since, reported, title, title_vi
        ) WHERE state <> 'resolved'
    """,
    # An index entry of PostgreSQL ends at 2,704 bytes and a title does not.
    "postgresql": """
        CREATE INDEX ix_case_open ON "case" (due, ref_stem, ref_number)
        INCLUDE (ref, owner, officer, conference, proposer, state, original_due, held_since)
        WHERE state <> 'resolved'
    """,
}
GUARD = {
    "sqlite": """
        CREATE TRIGGER holiday_no_delete BEFORE DELETE ON holiday
        BEGIN SELECT RAISE(ABORT, 'holiday is kept: delete is refused'); END
    """,
    "postgresql": """
        CREATE TRIGGER holiday_no_delete BEFORE DELETE OR TRUNCATE ON holiday
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
    """,
}


def upgrade():
    engine = op.get_bind().dialect.name
    op.create_table(
        "holiday",
        sa.Column("day", KEY, nullable=False),
        sa.Column("day_kind", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=True),
        sa.Column("status", KEY, nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("day_kind IN ('off', 'working')", name=op.f("ck_holiday_day_kind")),
        sa.CheckConstraint("status IN ('official', 'projected')", name=op.f("ck_holiday_status")),
        sa.PrimaryKeyConstraint("day", name="pk_holiday"),
        comment="Holidays, and days worked to make up for them",
    )
    op.execute(GUARD[engine])
    for name, form in COLUMNS.items():
        op.execute(f'ALTER TABLE "case" ADD COLUMN {name} {form.format(code=CODE[engine])}')
    op.drop_index("ix_case_open", table_name="case")
    op.execute(OPEN_CASES[engine])
    op.drop_index("ix_case_tally", table_name="case")
    op.create_index(
        "ix_case_tally",
        "case",
        ["owner", "state", "due", "resolved_on", "conference", "held_since"],
        unique=False,
    )
