"""The themes of each case as rows, so that cases are found by one without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
FILL = {
    "sqlite": """
        INSERT INTO case_theme (ref, theme)
        SELECT DISTINCT ref, value FROM "case", json_each("case".theme)
    """,
    "postgresql": """
        INSERT INTO case_theme (ref, theme)
        SELECT DISTINCT ref, value
        FROM "case", json_array_elements_text("case".theme) AS one (value)
    """,
}


def upgrade():
    op.create_table(
        "case_theme",
        sa.Column("ref", KEY, nullable=False),
        sa.Column("theme", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"],
            ["case.ref"],
            name="fk_case_theme_ref",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("ref", "theme", name="pk_case_theme"),
        comment="Themes of each case",
    )
    op.create_index("ix_case_theme_theme_ref", "case_theme", ["theme", "ref"], unique=False)
    op.execute(FILL[op.get_bind().dialect.name])


def downgrade():
    op.drop_table("case_theme")
