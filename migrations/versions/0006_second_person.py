"""Acts that wait for a second person, and since when the register's policy asks for one."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
GUARD = {
    "sqlite": """
        CREATE TRIGGER request_no_delete BEFORE DELETE ON request
        BEGIN SELECT RAISE(ABORT, 'request is kept: delete is refused'); END
    """,
    "postgresql": """
        CREATE TRIGGER request_no_delete BEFORE DELETE OR TRUNCATE ON request
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
    """,
}


def upgrade():
    op.add_column("register", sa.Column("four_eyes", sa.Date(), nullable=True))
    op.create_table(
        "request",
        sa.Column("code", KEY, nullable=False),
        sa.Column("verb", KEY, nullable=False),
        sa.Column("subject_kind", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=True),
        sa.Column("asked_by", KEY, nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("decided", KEY, nullable=True),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("decided IN ('confirmed', 'refused')", name=op.f("ck_request_decided")),
        sa.CheckConstraint(
            "(decided IS NULL) = (decided_by IS NULL)", name=op.f("ck_request_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"],
            ["person.code"],
            name=op.f("fk_request_asked_by"),
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["person.code"],
            name=op.f("fk_request_decided_by"),
            onupdate="RESTRICT",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_request")),
        comment="Acts that wait, or waited, for a second person",
    )
    op.create_index(op.f("ix_request_subject"), "request", ["subject"], unique=False)
    op.execute(GUARD[op.get_bind().dialect.name])


def downgrade():
    op.drop_table("request")
    op.drop_column("register", "four_eyes")
