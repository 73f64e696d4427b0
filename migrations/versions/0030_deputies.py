"""Who is away, who stands in for them, and in whose name a second person was asked."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

CODE = {"sqlite": "VARCHAR", "postgresql": 'VARCHAR COLLATE "C"'}
NAMED = (
    "ALTER TABLE {table} ADD COLUMN {name} {code} CONSTRAINT fk_{table}_{name}"
    " REFERENCES person (code) ON DELETE RESTRICT ON UPDATE RESTRICT"
)
DAYS, DEPUTY, ASKED_FOR = ("away_from", "away_to"), ("person", "deputy"), ("request", "asked_for")


def upgrade():
    for name in DAYS:
        op.add_column("person", sa.Column(name, sa.Date(), nullable=True))
    code = CODE[op.get_bind().dialect.name]
    for table, name in (DEPUTY, ASKED_FOR):
        op.execute(NAMED.format(table=table, name=name, code=code))


def downgrade():
    for table, name in (ASKED_FOR, DEPUTY):
        op.drop_column(table, name)
    for name in DAYS:
        op.drop_column("person", name)
