"""The causes for which cases come late, as the office lists them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
GUARD = {
    "sqlite": """
        CREATE TRIGGER cause_no_delete BEFORE DELETE ON cause
        BEGIN SELECT RAISE(ABORT, 'cause is kept: delete is refused'); END
    """,
    "postgresql": """
        CREATE TRIGGER cause_no_delete BEFORE DELETE OR TRUNCATE ON cause
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
    """,
}


def upgrade():
    op.create_table(
        "cause",
        sa.Column("code", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=True),
        sa.Column("objective", KEY, nullable=False),
        sa.Column("whose", KEY, nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "objective = 'no' OR objective = 'yes'", name=op.f("ck_cause_objective")
        ),
        sa.CheckConstraint(
            "whose = 'owner' OR whose = 'coordinating' OR whose = 'proposer' OR whose = 'outside'",
            name=op.f("ck_cause_whose"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_cause")),
        comment="Causes for which cases come late",
    )
    op.execute(GUARD[op.get_bind().dialect.name])


def downgrade():
    op.drop_table("cause")
