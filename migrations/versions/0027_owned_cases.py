"""The cases of an owner in the order of their references, so that a list is read to its limit."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NAME = "ix_case_owner"
COLUMNS = ["owner", "ref_stem", "ref_number", "ref"]


def upgrade():
    op.create_index(op.f(NAME), "case", COLUMNS)


def downgrade():
    op.drop_index(op.f(NAME), table_name="case")
