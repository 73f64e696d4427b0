"""Whether a case has priority, which the indexes of open cases cover, for reports begin with it."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

CODE = {"sqlite": "VARCHAR", "postgresql": 'VARCHAR COLLATE "C"'}
PRIORITY = (
    'ALTER TABLE "case" ADD COLUMN priority {code}'
    " CONSTRAINT ck_case_priority CHECK (priority = 'no' OR priority = 'yes')"
)
OPEN = "state <> 'resolved'"
ODD = f"{OPEN} AND due IS NOT NULL AND (owner IS NULL OR held_since IS NOT NULL)"
SQLITE = """
    CREATE INDEX {name} ON "case" (
        due, ref_stem, ref_number, ref, owner, officer, conference, proposer, state,
        original_due, extensions, held_since, reported, {priority} title, title_vi
    ) WHERE {where}
"""
POSTGRESQL = """
    CREATE INDEX ix_case_open ON "case" (due, ref_stem, ref_number)
    INCLUDE (ref, owner, officer, conference, proposer, state, original_due, held_since {priority})
    WHERE {where}
"""


def upgrade():
    op.execute(PRIORITY.format(code=CODE[op.get_bind().dialect.name]))
    indexes("priority,", ", priority")


def downgrade():
    indexes("", "")
    op.drop_column("case", "priority")


def indexes(of_sqlite, of_postgresql):
    op.drop_index("ix_case_open", table_name="case")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL.format(where=OPEN, priority=of_postgresql))
        return
    op.drop_index("ix_case_odd", table_name="case")
    for name, where in (("ix_case_open", OPEN), ("ix_case_odd", ODD)):
        op.execute(SQLITE.format(name=name, where=where, priority=of_sqlite))
