"""Themes in the order of references, so that a list of one is read to its limit."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
LISTED = ("ix_case_theme_listed", ["theme", "ref_stem", "ref_number", "ref"])
BY_THEME = ("ix_case_theme_theme_ref", ["theme", "ref"])
ORDERED = {"ref_stem": KEY, "ref_number": sa.Integer}


def upgrade():
    remake(LISTED, "Themes of each case, in the order of references", ORDERED)


def downgrade():
    remake(BY_THEME, "Themes of each case", {})


def remake(index, comment, more):
    """Make the table anew from that of cases; it has nothing else."""
    op.drop_table("case_theme")
    op.create_table(
        "case_theme",
        sa.Column("ref", KEY, nullable=False),
        sa.Column("theme", KEY, nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in more.items()),
        sa.ForeignKeyConstraint(
            ["ref"],
            ["case.ref"],
            name="fk_case_theme_ref",
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("ref", "theme", name="pk_case_theme"),
        comment=comment,
    )
    op.create_index(index[0], "case_theme", index[1], unique=False)
    elements = {
        "sqlite": 'json_each("case".theme)',
        "postgresql": 'json_array_elements_text("case".theme) AS one (value)',
    }
    columns = ", ".join(more)
    op.execute(
        f"INSERT INTO case_theme (ref, theme{columns and ', '}{columns})"
        f" SELECT DISTINCT ref, value{columns and ', '}{columns}"
        f' FROM "case", {elements[op.get_bind().dialect.name]}'
    )
