"""Texts that answers, notes, reasons and letters begin with, for whoever reads the register."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
GUARD = {
    "sqlite": """
        CREATE TRIGGER template_no_delete BEFORE DELETE ON "template"
        BEGIN SELECT RAISE(ABORT, 'template is kept: delete is refused'); END
    """,
    "postgresql": """
        CREATE TRIGGER template_no_delete BEFORE DELETE OR TRUNCATE ON "template"
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
    """,
}


def upgrade():
    op.create_table(
        "template",
        sa.Column("code", KEY, nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_template")),
        comment="Texts that answers, notes, reasons and letters begin with",
    )
    op.execute(GUARD[op.get_bind().dialect.name])


def downgrade():
    op.drop_table("template")
