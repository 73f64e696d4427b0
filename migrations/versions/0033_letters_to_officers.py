"""To which officer a letter was written."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

CODE = {"sqlite": "VARCHAR", "postgresql": 'VARCHAR COLLATE "C"'}


def upgrade():
    op.execute(
        f"ALTER TABLE digest ADD COLUMN officer {CODE[op.get_bind().dialect.name]}"
        " CONSTRAINT fk_digest_officer"
        " REFERENCES person (code) ON DELETE RESTRICT ON UPDATE RESTRICT"
    )


def downgrade():
    op.drop_column("digest", "officer")
