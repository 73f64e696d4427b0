"""The degree of secrecy of a case, and an index of the few that have one."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

CODE = {"sqlite": "VARCHAR", "postgresql": 'VARCHAR COLLATE "C"'}
SECRECY = (
    'ALTER TABLE "case" ADD COLUMN secrecy {code} CONSTRAINT ck_case_secrecy'
    " CHECK (secrecy = 'none' OR secrecy = 'confidential' OR secrecy = 'secret'"
    " OR secrecy = 'top-secret')"
)
INDEX = """
    CREATE INDEX ix_case_secret ON "case" (ref, secrecy, owner) WHERE secrecy <> 'none'
"""


def upgrade():
    op.execute(SECRECY.format(code=CODE[op.get_bind().dialect.name]))
    op.execute(INDEX)


def downgrade():
    op.drop_index("ix_case_secret", table_name="case")
    op.drop_column("case", "secrecy")
