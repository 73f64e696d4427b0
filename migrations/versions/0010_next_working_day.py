"""The day since which a counted deadline that ends on a day off ends on the next working day."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    # Off in the registers there are: what their deadlines come to is what it was.
    op.add_column("register", sa.Column("next_working_day", sa.Date(), nullable=True))


def downgrade():
    op.drop_column("register", "next_working_day")
