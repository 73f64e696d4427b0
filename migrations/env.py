"""Alembic's environment: one tree for both engines, each upgrade in one transaction."""

from alembic import context

from casework.store import db, schema, upgrades


def ours(name, kind, _):
    # SQLAlchemy reads no name of a foreign key that came to SQLite with its column.
    lacking = {"index": schema.BY_MIGRATION, "foreign_key_constraint": (None,)}
    return name not in lacking.get(kind, ())


def named(_, name, kind, reflected, __):
    added = kind == "foreign_key_constraint" and name in schema.WITH_COLUMN
    return reflected or not added


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=schema.metadata,
        transactional_ddl=True,
        compare_type=True,
        render_as_batch=False,
        include_name=ours,
        include_object=named if connection.dialect.name == "sqlite" else None,
    )
    upgrades.alone(connection)
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
elif context.is_offline_mode():
    message = "casework's migrations need a store to run on; --sql is not supported"
    raise SystemExit(message)
else:
    with upgrades.migrating(db.default_url()) as connection:
        run(connection.core)
        upgrades.renew_door(connection)
