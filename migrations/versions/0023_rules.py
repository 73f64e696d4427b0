"""Which rules the acts of a register are judged by."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade():
    op.add_column("register", sa.Column("rules", KEY, nullable=True))


def downgrade():
    op.drop_column("register", "rules")
