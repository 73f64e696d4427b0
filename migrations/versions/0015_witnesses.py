"""The keys of the witnesses that a register knows."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    # A list is never without a value; those there are, are empty.
    none = sa.text("'[]'")
    op.add_column(
        "register", sa.Column("witnesses", sa.JSON(), nullable=False, server_default=none)
    )


def downgrade():
    op.drop_column("register", "witnesses")
