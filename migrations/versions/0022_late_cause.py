"""Why a case was late when it was resolved or given more time."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CODE = {"sqlite": "VARCHAR", "postgresql": 'VARCHAR COLLATE "C"'}
LATE_CAUSE = (
    'ALTER TABLE "case" ADD COLUMN late_cause {code} CONSTRAINT fk_case_late_cause'
    " REFERENCES cause (code) ON DELETE RESTRICT ON UPDATE RESTRICT"
)


def upgrade():
    op.execute(LATE_CAUSE.format(code=CODE[op.get_bind().dialect.name]))


def downgrade():
    op.drop_column("case", "late_cause")
