"""What the codes of an issued sheet say, by its digest."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

CODE = {"sqlite": "VARCHAR", "postgresql": 'VARCHAR COLLATE "C"'}


def upgrade():
    code = CODE[op.get_bind().dialect.name]
    op.execute(f"ALTER TABLE paper ADD COLUMN claims_digest {code}")


def downgrade():
    op.drop_column("paper", "claims_digest")
