"""Claimed cases are also those their source ended and denies, until somebody here decides."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = "state = 'under_study' AND outcome IS NOT NULL AND answered_by IS NULL"
CLAIMED = f"{OPEN} OR state = 'resolved' AND resolved_by IS NULL"


def upgrade():
    _index(CLAIMED)


def downgrade():
    _index(OPEN)


def _index(condition):
    op.drop_index("ix_case_claimed", table_name="case")
    op.create_index(
        "ix_case_claimed",
        "case",
        ["due", "ref_stem", "ref_number"],
        unique=False,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )
