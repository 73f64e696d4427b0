"""Cases whose proposal was taken out: they leave the table of cases, and are still found."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")
SAID = (
    "What was said of each case: every level once for each due date, empty without one,"
    " and each owner, empty for nobody"
)
LEAVES = {
    "sqlite": (
        "DROP TRIGGER case_no_delete",
        """
        CREATE TRIGGER case_no_delete BEFORE DELETE ON "case"
        WHEN NOT EXISTS (SELECT 1 FROM struck_case WHERE ref = OLD.ref)
        BEGIN SELECT RAISE(ABORT, 'case is kept: delete is refused'); END
        """,
    ),
    "postgresql": (
        'DROP TRIGGER case_no_delete ON "case"',
        """
        CREATE FUNCTION struck_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM struck_case WHERE ref = OLD.ref) THEN
                RAISE EXCEPTION '% is kept: % is refused', TG_TABLE_NAME, TG_OP;
            END IF;
            RETURN OLD;
        END $$
        """,
        "REVOKE ALL ON FUNCTION struck_only() FROM PUBLIC",
        """
        CREATE TRIGGER case_no_delete BEFORE DELETE ON "case"
        FOR EACH ROW EXECUTE FUNCTION struck_only()
        """,
        """
        CREATE TRIGGER case_no_truncate BEFORE TRUNCATE ON "case"
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
        """,
    ),
}
STAYS = {
    "sqlite": (
        "DROP TRIGGER case_no_delete",
        """
        CREATE TRIGGER case_no_delete BEFORE DELETE ON "case"
        BEGIN SELECT RAISE(ABORT, 'case is kept: delete is refused'); END
        """,
    ),
    "postgresql": (
        'DROP TRIGGER case_no_truncate ON "case"',
        'DROP TRIGGER case_no_delete ON "case"',
        "DROP FUNCTION struck_only()",
        """
        CREATE TRIGGER case_no_delete BEFORE DELETE OR TRUNCATE ON "case"
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
        """,
    ),
}


def upgrade():
    op.create_table(
        "struck_case",
        sa.Column("ref", KEY, nullable=False),
        sa.Column("ref_key", KEY, nullable=False),
        sa.Column("ref_stem", KEY, nullable=False),
        sa.Column("ref_number", sa.Integer, nullable=False),
        sa.Column("search", KEY_TEXT, nullable=False),
        sa.Column("secrecy", KEY, nullable=True),
        sa.Column("proposer", KEY, nullable=False),
        sa.Column("seq", SEQ, nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_struck_case"),
        sa.UniqueConstraint("ref_key", name="uq_struck_case_ref_key"),
        comment="Cases whose proposal was taken out, by the event of that number",
    )
    op.create_index("ix_struck_case_ref_stem_ref_number", "struck_case", ["ref_stem", "ref_number"])
    reminders_of(standing=False)
    for text in LEAVES[op.get_bind().dialect.name]:
        op.execute(text)


def downgrade():
    for text in STAYS[op.get_bind().dialect.name]:
        op.execute(text)
    reminders_of(standing=True)
    # The server's policies ask this table too; they are made anew with its rules.
    cascade = " CASCADE" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TABLE struck_case{cascade}")


def reminders_of(*, standing):
    """Make the table of reminders again: those of a case that was taken out stay, too."""
    found = op.get_bind().execute(sa.text("SELECT * FROM reminder")).mappings()
    rows = [dict(row) for row in found]
    op.drop_table("reminder")
    named = [("ref", "case.ref")] if standing else []
    made = op.create_table(
        "reminder",
        sa.Column("ref", KEY, nullable=False),
        sa.Column("level", KEY, nullable=False),
        sa.Column("due", KEY, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("owner", KEY, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name],
                [target],
                name=op.f(f"fk_reminder_{name}"),
                onupdate="RESTRICT",
                ondelete="RESTRICT",
            )
            for name, target in (*named, ("digest", "digest.code"))
        ),
        sa.PrimaryKeyConstraint("ref", "level", "due", "owner", name=op.f("pk_reminder")),
        comment=SAID,
    )
    op.create_index(op.f("ix_reminder_digest"), "reminder", ["digest"], unique=False)
    if rows:
        op.bulk_insert(made, rows)
