"""The store: its schema on both engines, its settings, and writers that meet or die."""

import os
import re
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from pathlib import Path

import pgserver
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from offices import Shell
from sqlalchemy import NullPool, create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from casework.cli import casework
from casework.kinds.choices import BASES, PRECISIONS, Outcome, State
from casework.store import db, schema, sqlite_file, upgrades
from casework.store.connections import TOGETHER
from casework.system.platforms import posix

ROOT = Path(db.__file__).parents[2]


def migrations(connection=None):
    config = Config()
    config.set_main_option("script_location", str(upgrades.bundled("migrations")))
    config.attributes["connection"] = connection
    return config


def test_the_newest_migration_is_the_revision_the_program_needs():
    assert ScriptDirectory.from_config(migrations()).get_heads() == [db.REVISION]


def test_the_migrations_make_the_tables_the_program_speaks_of(shell):
    with shell.store().engine.connect() as connection:
        command.check(migrations(connection))
        tables = set(inspect(connection).get_table_names())

    assert tables == {*schema.metadata.tables, "alembic_version"}


def added_with_its_column(connection, table, key):
    """Return the name of a foreign key of which SQLAlchemy reads no name, nor what it restricts."""
    (column,), (other,) = key["constrained_columns"], key["referred_columns"]
    told = connection.exec_driver_sql(f'PRAGMA foreign_key_list("{table}")').fetchall()
    assert [tuple(row[2:7]) for row in told if row[3] == column] == [
        (key["referred_table"], column, other, "RESTRICT", "RESTRICT")
    ]
    ((written,),) = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)
    ).fetchall()
    name = f"fk_{table}_{column}"
    assert name in schema.WITH_COLUMN
    assert f"CONSTRAINT {name} REFERENCES" in written
    return name


def test_every_constraint_the_program_speaks_of_stands_in_the_store_under_its_name(shell):
    expected, found = {}, {}
    with shell.store().engine.connect() as connection:
        seen = inspect(connection)
        for name, table in schema.metadata.tables.items():
            expected[name] = {str(one.name) for one in table.constraints if one.name}
            found[name] = {one["name"] for one in seen.get_check_constraints(name)}
            found[name] |= {one["name"] for one in seen.get_unique_constraints(name)}
            found[name] |= {seen.get_pk_constraint(name)["name"]}
            for key in seen.get_foreign_keys(name):
                if key["name"] is None:
                    found[name].add(added_with_its_column(connection, name, key))
                    continue
                found[name].add(key["name"])

                kept = {name: key["options"][name] for name in ("ondelete", "onupdate")}
                assert kept == {"ondelete": "RESTRICT", "onupdate": "RESTRICT"}, key

    assert found == expected


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("state", State),
        ("outcome", Outcome),
        ("first_outcome", Outcome),
        ("due_basis", BASES),
        ("due_precision", PRECISIONS),
    ],
)
def test_a_case_holds_the_words_of_the_program_and_no_others(office, case, column, words):
    ref = case("assigned")
    change = f"resolved_on = CASE :word WHEN 'resolved' THEN state_since END, {column} = :word"
    change = text(f'UPDATE "case" SET {change} WHERE ref = :ref')
    with office.store().engine.connect() as connection:
        for word in words:
            connection.execute(change, {"word": str(word), "ref": ref})
        for word in ("other", "", str(next(iter(words))).upper()):
            with pytest.raises(IntegrityError), connection.begin_nested():
                connection.execute(change, {"word": word, "ref": ref})


def test_sqlite_checks_a_case_without_making_a_list_for_each_row(tmp_path):
    path = tmp_path / "r.db"
    assert CliRunner().invoke(casework, ["--db", str(path), "init"]).exit_code == 0
    with closing(sqlite3.connect(path)) as driver:
        steps = driver.execute("EXPLAIN INSERT INTO \"case\" (ref) VALUES ('A.1')").fetchall()

    named = {step[1] for step in steps}
    assert "Halt" in named
    assert not named & {"OpenEphemeral", "OpenAutoindex"}


def test_every_trigger_that_guards_the_log_is_there_and_awake(shell):
    with shell.store().engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        else:
            query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
        names = set(connection.scalars(text(query)))

    # A server has another one for what leaves no row, and one that judges a batch at its end.
    own = {"case_no_truncate", "casework_at_end"} if "://" in shell.url else set()
    assert names == own | schema.TRIGGERS.keys()
    assert {"event_no_update", "event_no_delete", "case_no_delete"} <= names


@pytest.fixture(params=["sqlite", "postgresql"])
def nowhere(request, tmp_path):
    """The URL of a store that nobody has made yet."""
    if request.param == "sqlite":
        yield str(tmp_path / "new.db")
        return
    server = request.getfixturevalue("pg_server")
    name = f"casework_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.rpartition("/")[0] + "/" + name
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def process(*words, **env):
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def test_alembic_itself_makes_the_schema_and_init_the_register(nowhere):
    process("alembic", "upgrade", "head", CASEWORK_DB=nowhere)
    bare = CliRunner().invoke(casework, ["--db", nowhere, "list"])
    process("casework", "init", "--no-holidays", CASEWORK_DB=nowhere)
    verified = process("casework", "audit", "verify", CASEWORK_DB=nowhere)
    current = process("alembic", "current", CASEWORK_DB=nowhere)

    assert bare.exit_code == 8
    assert "2 events" in verified.stdout
    assert db.REVISION in current.stdout


def test_init_and_upgrade_leave_a_register_as_it_is(shell):
    before = shell.head()
    again = shell("init").stdout, shell("db", "upgrade").stdout

    assert all("nothing was changed" in told for told in again)
    assert shell.head() == before


def test_a_dry_run_of_init_leaves_no_file_behind(tmp_path):
    result = CliRunner().invoke(casework, ["--db", str(tmp_path / "r.db"), "init", "--dry-run"])

    assert result.exit_code == 0
    assert list(tmp_path.glob("r.db*")) == []


def test_a_file_whose_first_page_a_power_cut_kept_back_is_begun_anew(tmp_path):
    path = tmp_path / "r.db"
    path.write_bytes(bytes(8192))
    # As SQLite writes it for a file that was empty: its mark, no page, of 512 and 4,096 bytes.
    numbers = (0, 0, 0, 512, 4096)
    header = sqlite_file.JOURNAL + b"".join(number.to_bytes(4, "big") for number in numbers)
    refused = CliRunner().invoke(casework, ["--db", str(path), "init"])
    Path(f"{path}-journal").write_bytes(header.ljust(512, b"\0"))
    made = CliRunner().invoke(casework, ["--db", str(path), "init"])
    verified = CliRunner().invoke(casework, ["--db", str(path), "audit", "verify"])

    assert refused.exit_code == 8
    assert (made.exit_code, verified.exit_code) == (0, 0)


def test_a_connection_is_set_as_it_must_be_and_reads_it_back(tmp_path):
    CliRunner().invoke(casework, ["--db", str(tmp_path / "r.db"), "init"])
    found = {}
    with db.open_store(str(tmp_path / "r.db")).writing() as connection:
        own = ("busy_timeout", "journal_mode", "application_id", "temp_store", "cache_size")
        for pragma in (*sqlite_file.PRAGMAS, *own):
            found[pragma] = connection.told(f"PRAGMA {pragma}")[0][0]

    wal_is_safe = sqlite3.sqlite_version_info >= (3, 51, 3)
    assert found.pop("journal_mode") in ({"wal", "truncate"} if wal_is_safe else {"truncate"})
    assert found == {
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "synchronous": 2,
        "secure_delete": 1,
        "busy_timeout": 30_000,
        "application_id": int.from_bytes(b"CASE", "big"),
        # In memory: what a statement of many rows may give back would else be written to a file.
        "temp_store": 2,
        # In KiB: enough of the indexes that an import comes back to, whatever the file's size.
        "cache_size": -8000,
    }


def test_a_log_that_sqlite_could_corrupt_is_not_written_ahead(tmp_path):
    path = tmp_path / "r.db"
    CliRunner().invoke(casework, ["--db", str(path), "init"])
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    shown = CliRunner().invoke(casework, ["--db", str(path), "doctor"]).stdout
    safe = sqlite3.sqlite_version_info >= (3, 51, 3)

    assert re.search(r"journal_mode +(\w+)", shown)[1] == ("wal" if safe else "truncate")


def test_a_question_cannot_write(shell):
    with (
        pytest.raises(Exception, match=r"read-?only"),
        shell.store().reading() as connection,
    ):
        connection.change("UPDATE register SET zone = 'UTC'")

    assert shell.json("audit", "verify")["ok"] is True


@pytest.mark.parametrize("count", [0, 1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 2 * TOGETHER + 3])
def test_any_number_of_rows_is_inserted_each_once_and_in_order(shell, count):
    keys = [("person", f"{number:04d}", "lan") for number in range(count)]
    with shell.store().writing() as connection:
        connection.insert("name_key", ("kind", "folded", "code"), keys)
        found = connection.told(
            "SELECT kind, folded, code FROM name_key WHERE code = 'lan' ORDER BY folded"
        )

    assert [tuple(row) for row in found] == keys


@pytest.mark.parametrize(("kind", "code"), [("nfs4", 8), ("fuse.sshfs", 8), ("ext4", 0)])
def test_a_file_on_a_network_file_system_is_refused_with_the_reason(
    tmp_path, monkeypatch, kind, code
):
    shared = tmp_path / "a share"
    shared.mkdir()
    place = str(shared).replace(" ", r"\040")
    table = tmp_path / "mountinfo"
    table.write_text(
        "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        f"40 22 0:35 / {place} rw,relatime shared:9 - {kind} server:/office rw,vers=4.2\n"
    )
    monkeypatch.setattr(posix, "MOUNTS", table)
    result = CliRunner().invoke(casework, ["--db", str(shared / "r.db"), "init"])
    beside = CliRunner().invoke(casework, ["--db", str(tmp_path / "r.db"), "init"])

    assert result.exit_code == code, result.stderr
    assert (kind in result.stderr) == (code == 8)
    assert beside.exit_code == 0


def set_fsync(server, setting):
    """Set a server's fsync, and wait until a new connection finds it set."""
    with server.connect() as connection:
        connection.exec_driver_sql(f"ALTER SYSTEM SET fsync = {setting}")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
        while connection.exec_driver_sql("SHOW fsync").scalar() != setting:
            connection.exec_driver_sql("SELECT pg_sleep(0.01)")


@pytest.fixture
def own_server():
    """A server whose settings no other test sees."""
    if pgserver.binaries() is None:
        pytest.skip(pgserver.NO_SERVER)
    with pgserver.started() as one:
        yield one


def test_a_server_that_may_forget_what_it_acknowledged_is_refused(own_server):
    shell = Shell(own_server.url)
    shell("init", "--no-holidays")
    shell("org", "add", "o", "--name", "O")
    hasty = Shell(f"{shell.url}?options=-csynchronous_commit%3Doff")
    told = [hasty.refused(8, "org", "add", "p", "--name", "P")]
    server = create_engine(own_server.url, isolation_level="AUTOCOMMIT")
    set_fsync(server, "off")
    told.append(shell.refused(8, "org", "add", "p", "--name", "P"))
    set_fsync(server, "on")
    server.dispose()
    shell("org", "add", "p", "--name", "P")

    assert "synchronous_commit is off" in told[0]["message"]
    assert "fsync is off" in told[1]["message"]
    assert hasty.json("org", "list")
