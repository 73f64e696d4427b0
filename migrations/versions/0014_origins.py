"""The key a log is signed with, and which logs a register's own goes on from."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade():
    op.add_column("register", sa.Column("signing_key", KEY, nullable=True))
    # A list is never without a value; those there are, are empty.
    op.add_column(
        "register", sa.Column("origins", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )


def downgrade():
    op.drop_column("register", "origins")
    op.drop_column("register", "signing_key")
