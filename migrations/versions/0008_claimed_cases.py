"""Cases whose source calls them ended and denies it: claimed, until somebody here decides."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CLAIMED = sa.text("state = 'under_study' AND outcome IS NOT NULL AND answered_by IS NULL")


def upgrade():
    op.create_index(
        "ix_case_claimed",
        "case",
        ["due", "ref_stem", "ref_number"],
        unique=False,
        sqlite_where=CLAIMED,
        postgresql_where=CLAIMED,
    )


def downgrade():
    op.drop_index("ix_case_claimed", table_name="case")
