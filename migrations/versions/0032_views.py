"""Lists of cases that are kept under a name, for whoever reads the register."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
GUARD = {
    "sqlite": """
        CREATE TRIGGER view_no_delete BEFORE DELETE ON "view"
        BEGIN SELECT RAISE(ABORT, 'view is kept: delete is refused'); END
    """,
    "postgresql": """
        CREATE TRIGGER view_no_delete BEFORE DELETE OR TRUNCATE ON "view"
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
    """,
}


def upgrade():
    op.create_table(
        "view",
        sa.Column("code", KEY, nullable=False),
        sa.Column("listing", sa.Text(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_view")),
        comment="Lists of cases that are kept under a name",
    )
    op.execute(GUARD[op.get_bind().dialect.name])


def downgrade():
    op.drop_table("view")
