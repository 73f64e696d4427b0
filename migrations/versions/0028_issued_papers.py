"""The papers that the office issued: number, report, recipients and the digest of the file."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
GUARD = {
    "sqlite": """
        CREATE TRIGGER paper_no_delete BEFORE DELETE ON paper
        BEGIN SELECT RAISE(ABORT, 'paper is kept: delete is refused'); END
    """,
    "postgresql": """
        CREATE TRIGGER paper_no_delete BEFORE DELETE OR TRUNCATE ON paper
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
    """,
}


def upgrade():
    op.create_table(
        "paper",
        sa.Column("code", KEY, nullable=False),
        sa.Column("paper_number", sa.Integer(), nullable=False),
        sa.Column("number_series", sa.Text(), nullable=False),
        sa.Column("report", KEY, nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("language", KEY, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("known_at", KEY, nullable=False),
        sa.Column("log_size", sa.Integer(), nullable=False),
        sa.Column("log_root", KEY, nullable=False),
        sa.Column("presented_to", sa.JSON(), nullable=False),
        sa.Column("copied_to", sa.JSON(), nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("recalled_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_paper")),
        comment="Papers that the office issued, each under its number",
    )
    op.execute(GUARD[op.get_bind().dialect.name])


def downgrade():
    op.drop_table("paper")
