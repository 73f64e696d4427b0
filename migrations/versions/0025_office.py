"""The office that issues papers, as their head and foot name it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
GUARD = {
    "sqlite": """
        CREATE TRIGGER office_no_delete BEFORE DELETE ON office
        BEGIN SELECT RAISE(ABORT, 'office is kept: delete is refused'); END
    """,
    "postgresql": """
        CREATE TRIGGER office_no_delete BEFORE DELETE OR TRUNCATE ON office
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
    """,
}
TEXTS = ("superior", "place", "number_series", "signs_for", "signatory_office", "signatory")


def upgrade():
    op.create_table(
        "office",
        sa.Column("code", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in TEXTS),
        sa.Column("presented_to", sa.JSON(), nullable=False),
        sa.Column("copied_to", sa.JSON(), nullable=False),
        sa.Column("filing", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_office")),
        comment="The office that issues the papers of this register",
    )
    op.execute(GUARD[op.get_bind().dialect.name])


def downgrade():
    op.drop_table("office")
