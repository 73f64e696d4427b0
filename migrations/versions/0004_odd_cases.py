"""Open cases that need a word of their own in the overdue report: nobody's, and those on hold."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ODD_CASES = {
    "sqlite": """
        CREATE INDEX ix_case_odd ON "case" (
            due, ref_stem, ref_number, ref, owner, officer, conference, proposer, state,
            original_due, extensions, held_since, reported, title, title_vi
        ) WHERE state <> 'resolved' AND due IS NOT NULL
            AND (owner IS NULL OR held_since IS NOT NULL)
    """,
    # An index entry of PostgreSQL ends at 2,704 bytes and a title does not.
    "postgresql": """
        CREATE INDEX ix_case_odd ON "case" (due, ref_stem, ref_number)
        WHERE state <> 'resolved' AND due IS NOT NULL
            AND (owner IS NULL OR held_since IS NOT NULL)
    """,
}


def upgrade():
    op.execute(ODD_CASES[op.get_bind().dialect.name])


def downgrade():
    op.drop_index("ix_case_odd", table_name="case")
