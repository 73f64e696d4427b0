"""What was said of a recommendation, apart from what was done."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CODE = {"sqlite": "VARCHAR", "postgresql": 'VARCHAR COLLATE "C"'}
RESPONSE = (
    'ALTER TABLE "case" ADD COLUMN response {code} CONSTRAINT ck_case_response'
    " CHECK (response = 'accepted' OR response = 'in-part' OR response = 'in-principle'"
    " OR response = 'not-accepted' OR response = 'noted')"
)


def upgrade():
    op.execute(RESPONSE.format(code=CODE[op.get_bind().dialect.name]))


def downgrade():
    op.drop_column("case", "response")
