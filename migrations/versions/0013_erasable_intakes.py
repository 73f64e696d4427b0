"""The name of an imported file may be erased; what else is known of it is never changed."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

DROP = {
    "sqlite": "DROP TRIGGER intake_no_update",
    "postgresql": "DROP TRIGGER intake_no_update ON intake",
}
ERASES = {
    "sqlite": """
        CREATE TRIGGER intake_no_update BEFORE UPDATE ON intake
        WHEN NEW.digest IS NOT OLD.digest OR NEW.rows IS NOT OLD.rows
            OR NEW.created IS NOT OLD.created OR NEW.name NOT IN (OLD.name, '[redacted]')
        BEGIN SELECT RAISE(ABORT, 'intake is kept: update is refused'); END
    """,
    "postgresql": """
        CREATE TRIGGER intake_no_update BEFORE UPDATE ON intake
        FOR EACH ROW WHEN (NEW.digest IS DISTINCT FROM OLD.digest
            OR NEW.rows IS DISTINCT FROM OLD.rows OR NEW.created IS DISTINCT FROM OLD.created
            OR NEW.name NOT IN (OLD.name, '[redacted]'))
        EXECUTE FUNCTION casework_refuse()
    """,
}
KEEPS = {
    "sqlite": """
        CREATE TRIGGER intake_no_update BEFORE UPDATE ON "intake"
        BEGIN SELECT RAISE(ABORT, 'intake is kept: update is refused'); END
    """,
    "postgresql": """
        CREATE TRIGGER intake_no_update BEFORE UPDATE ON "intake"
        FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()
    """,
}


def upgrade():
    _replace(ERASES)


def downgrade():
    _replace(KEEPS)


def _replace(made):
    engine = op.get_bind().dialect.name
    op.execute(DROP[engine])
    op.execute(made[engine])
