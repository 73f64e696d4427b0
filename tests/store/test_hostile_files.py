"""SQLite files with triggers, views or tables that casework did not make are refused by name."""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from processes import LONG

from casework.store import compiled, schema

ENDLESS = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS {column} FROM n"
)
ENDLESS_REFS = ENDLESS.format(column="ref")
NOTHING = "BEGIN SELECT 1; END"
FOREIGN = {
    "a trigger that moves a date": (
        "moved",
        (
            "CREATE TRIGGER moved AFTER INSERT ON event"
            " BEGIN UPDATE \"case\" SET due = '2030-01-01'; END"
        ),
    ),
    "one that does nothing under the name of one that keeps": (
        "event_no_update",
        (
            "DROP TRIGGER event_no_update;"
            f' CREATE TRIGGER event_no_update BEFORE update ON "event" {NOTHING}'
        ),
    ),
    "one that keeps, but only sometimes": (
        "event_no_delete",
        (
            'DROP TRIGGER event_no_delete; CREATE TRIGGER event_no_delete BEFORE delete ON "event"'
            " WHEN OLD.seq > 5 BEGIN SELECT RAISE(ABORT, 'event is kept: delete is refused'); END"
        ),
    ),
    "one that keeps another table": (
        "event_no_delete",
        (
            'DROP TRIGGER event_no_delete; CREATE TRIGGER event_no_delete BEFORE delete ON "intake"'
            " BEGIN SELECT RAISE(ABORT, 'event is kept: delete is refused'); END"
        ),
    ),
    "one that only ignores": (
        "event_no_delete",
        (
            'DROP TRIGGER event_no_delete; CREATE TRIGGER event_no_delete BEFORE delete ON "event"'
            " BEGIN SELECT RAISE(IGNORE); END"
        ),
    ),
    "one more that keeps": (
        "case_no_update",
        (
            'CREATE TRIGGER case_no_update BEFORE update ON "case"'
            " BEGIN SELECT RAISE(ABORT, 'case is kept: update is refused'); END"
        ),
    ),
    "a disclosure that may grow": (
        "disclosure_no_update",
        (
            "DROP TRIGGER disclosure_no_update;"
            " CREATE TRIGGER disclosure_no_update BEFORE UPDATE ON disclosure"
            " WHEN NEW.seq <> OLD.seq"
            " BEGIN SELECT RAISE(ABORT, 'disclosure is kept: update is refused'); END"
        ),
    ),
    "a trigger without end": (
        "slow",
        (
            "CREATE TRIGGER slow AFTER INSERT ON event BEGIN INSERT INTO name_key"
            f" SELECT 'case', x, x FROM ({ENDLESS.format(column='x')}); END"
        ),
    ),
    "a view beside": ("extra", "CREATE VIEW extra AS SELECT 1"),
    "a view of all cases": (
        "case",
        'ALTER TABLE "case" RENAME TO hidden; CREATE VIEW "case" AS SELECT * FROM hidden',
    ),
    "an endless view for the cases": (
        "case",
        f'ALTER TABLE "case" RENAME TO hidden; CREATE VIEW "case" AS {ENDLESS_REFS}',
    ),
    "an endless view for the schema": (
        "alembic_version",
        (
            "DROP TABLE alembic_version;"
            f" CREATE VIEW alembic_version AS {ENDLESS.format(column='version_num')}"
        ),
    ),
    "a view for the log": (
        "event",
        "ALTER TABLE event RENAME TO hidden; CREATE VIEW event AS SELECT * FROM hidden",
    ),
    "a trigger instead of a view's": (
        "extra",
        (
            "CREATE VIEW extra AS SELECT 1 AS x;"
            f" CREATE TRIGGER instead INSTEAD OF INSERT ON extra {NOTHING}"
        ),
    ),
}
COMMANDS = (
    ["list"],
    ["show", "A.1"],
    ["note", "A.1", "more"],
    ["audit", "verify"],
    ["audit", "verify", "--log-only"],
    ["audit", "checkpoint"],
    ["db", "check"],
    ["db", "upgrade"],
    ["report", "overdue"],
)


@pytest.fixture
def changed(office, case, tmp_path):
    """Give a function that runs SQL on a copy of a register, and the command line on that."""
    case("assigned", ref="A.1")

    def change(*statements):
        path = tmp_path / "hostile.db"
        shutil.copy(office.url, path)
        with closing(sqlite3.connect(path)) as driver:
            driver.execute("PRAGMA legacy_alter_table=ON")
            for statement in statements:
                driver.executescript(statement)
        return type(office)(str(path))

    return change


pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.mark.parametrize(("name", "sql"), FOREIGN.values(), ids=FOREIGN)
def test_what_runs_in_a_file_and_is_none_of_ours_is_refused_by_name_at_every_opening(
    changed, name, sql
):
    hostile = changed(sql)
    began = time.monotonic()
    for words in COMMANDS:
        result = hostile.run(*words)
        assert result.exit_code == 7, (words, result.stderr)
        assert f"'{name}'" in result.stderr, words
    assert time.monotonic() - began < LONG


PASSIVE = {
    "a table more": ("loot", "CREATE TABLE loot (x)"),
    "an index more": ("quick", 'CREATE INDEX quick ON "case" (title)'),
    "an index of another table": (
        "ix_case_tally",
        "DROP INDEX ix_case_tally; CREATE INDEX ix_case_tally ON event (seq)",
    ),
    "an index less": ("ix_case_tally", "DROP INDEX ix_case_tally"),
    "a table less": ("reminder", "DROP TABLE reminder"),
    "a column more": ("register", "ALTER TABLE register ADD COLUMN more TEXT"),
    "a computed column": (
        "register",
        "ALTER TABLE register ADD COLUMN more TEXT GENERATED ALWAYS AS (name || name) VIRTUAL",
    ),
    "a virtual table": ("found", "CREATE VIRTUAL TABLE found USING fts5(x)"),
}


@pytest.mark.parametrize(("name", "sql"), PASSIVE.values(), ids=PASSIVE)
def test_tables_and_indexes_that_are_not_the_schemas_are_named_by_verification(changed, name, sql):
    hostile = changed(sql)
    for words in (["audit", "verify"], ["db", "check"]):
        assert name in hostile.refused(7, *words)["message"]


def test_statistics_are_sqlites_own_and_nothing_is_wrong_with_them(changed):
    plain = changed("ANALYZE")

    assert plain("audit", "verify").exit_code == 0
    assert plain("db", "check").exit_code == 0


def test_a_store_as_the_migrations_make_it_has_what_is_expected(office):
    office("audit", "verify")
    with closing(sqlite3.connect(office.url)) as driver:
        rows = driver.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        found = {name for (name,) in rows}

    assert found == compiled.TRIGGERS.keys() == schema.TRIGGERS.keys()


def test_a_file_of_a_later_program_is_refused_for_that(changed):
    later = changed(
        "UPDATE alembic_version SET version_num = '9999'",
        f"CREATE TRIGGER newer AFTER INSERT ON event {NOTHING}",
    )
    for words in (["list"], ["db", "upgrade"]):
        assert "newer" in later.refused(8, *words)["message"]


def test_opening_costs_hardly_more_for_it(office):
    began = time.process_time()
    for _ in range(50):
        with office.store().reading():
            pass
    with_it = time.process_time() - began

    # A hundredth of a second each would be as long as a Python that does nothing.
    assert with_it / 50 < 0.01


def test_a_schema_with_bytes_that_are_no_text_is_a_damaged_file(shell, tmp_path):
    file = Path(shell.url)
    file.write_bytes(file.read_bytes().replace(b"CREATE TABLE", b"CREATE \xa7ABLE"))
    for words in (["list"], ["db", "check"], ["db", "restore", file, "--db", tmp_path / "new.db"]):
        done = shell.run(*words, "--json")

        assert done.exit_code == 8
        assert "malformed" in done.error["message"]
