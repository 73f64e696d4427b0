"""What the proposer of a recommendation says of its resolution, and since when."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

CODE = {"sqlite": "VARCHAR", "postgresql": 'VARCHAR COLLATE "C"'}
VERDICT = (
    'ALTER TABLE "case" ADD COLUMN verdict {code} CONSTRAINT ck_case_verdict'
    " CHECK (verdict = 'satisfied' OR verdict = 'not' OR verdict = 'silent')"
)


def upgrade():
    op.execute(VERDICT.format(code=CODE[op.get_bind().dialect.name]))
    op.add_column("case", sa.Column("verdict_on", sa.Date(), nullable=True))


def downgrade():
    op.drop_column("case", "verdict_on")
    op.drop_column("case", "verdict")
