"""Older stores: a schema is brought up to date without a word of the log being touched."""

import resource
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from operator import attrgetter
from pathlib import Path

import ground
import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import NullPool, create_engine

from casework.cli import casework
from casework.kinds.records import KINDS, Case
from casework.proof import inspection
from casework.questions import audit_log, listing
from casework.store import compiled, db, record_rows, upgrades
from casework.store.filters import Filter
from casework.system.clock import now


@pytest.fixture(params=["sqlite", "postgresql"])
def old_store(request, tmp_path):
    """The URL of a store with data, of schema 0001 where no other is asked for."""
    engine, _, version = request.param.partition(" ")
    if engine == "sqlite":
        url, drop = str(tmp_path / "old.db"), None
    else:
        server = request.getfixturevalue("pg_server")
        name = f"casework_{uuid.uuid4().hex[:12]}"
        drop = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with drop.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        url = server.rpartition("/")[0] + "/" + name
    ground.old_store(url, version or ground.OLD)
    yield url
    if drop is not None:
        with drop.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def test_migrations_that_cannot_be_read_change_nothing(old_store, tmp_path, monkeypatch):
    whole = upgrades.bundled("migrations")
    part = tmp_path / "part"
    (part / "versions").mkdir(parents=True)
    (part / "env.py").write_bytes((whole / "env.py").read_bytes())
    monkeypatch.setattr(upgrades, "bundled", lambda _: part)

    done = CliRunner().invoke(casework, ["--db", old_store, "db", "upgrade"])

    assert done.exit_code == 8
    assert "migrations cannot be read" in done.stderr
    monkeypatch.undo()
    assert CliRunner().invoke(casework, ["--db", old_store, "db", "upgrade"]).exit_code == 0


def test_t37_an_upgrade_leaves_events_head_and_replay_as_they_were(old_store, tmp_path):
    ground.old_store(str(tmp_path / "before.db"))
    with closing(sqlite3.connect(tmp_path / "before.db")) as before:
        head = before.execute("SELECT size, root FROM log_head").fetchone()
        bodies = [body for (body,) in before.execute("SELECT body FROM event ORDER BY seq")]
    with upgrades.migrating(old_store) as connection:
        upgrades.upgrade(connection)
    with db.open_store(old_store).reading() as connection:
        found = audit_log.head(connection)
        kept = connection.column(compiled.BODIES, first=0, last=head[0])
        differences = list(inspection.differences(connection))
        verified = inspection.verify(connection)
        cases = {one.ref: one for one in listing.cases(connection, Filter(), now().date())}

    assert (found.size, bytes.fromhex(found.root)) == head
    assert [bytes(body) for body in kept] == bodies
    assert differences == []
    assert verified.size == len(bodies) == 19
    assert {(one.held_since, one.holds, one.due_rule) for one in cases.values()} == {
        (None, (), None)
    }


DISORDERED = ("schema-0016", "schema-0024")
"""Registers with corrections, and acts out of the order of their days."""


def told_of(url):
    """Return the root of an upgraded store, what is otherwise than its log says, and its rows."""
    with db.open_store(url).reading() as connection:
        root = audit_log.head(connection).root
        records = {
            kind: sorted((record_rows.read(form, row)
                          for row in connection.rows(compiled.RECORDS[kind])),
                         key=attrgetter("key"))
            for kind, form in KINDS.items()
        }  # fmt: skip
        moved = [(seq, str(day)) for seq, day in connection.rows(compiled.MOVED_DAYS)]
        return root, list(inspection.differences(connection)), moved, records


@pytest.mark.parametrize(
    "old_store", [f"postgresql {version}" for version in DISORDERED], indirect=True
)
def test_a_server_comes_to_the_timelines_a_file_comes_to(old_store, tmp_path, request):
    version = request.node.callspec.params["old_store"].partition(" ")[2]
    path = str(tmp_path / "file.db")
    ground.old_store(path, version)
    for url in (path, old_store):
        with upgrades.migrating(url) as connection:
            upgrades.upgrade(connection)
    (_, wrong, moved, records), server = told_of(path), told_of(old_store)

    assert server[1:] == (wrong, moved, records)
    assert wrong == []
    assert moved
    assert len(records["case"]) > 5


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_old_store_is_refused_until_it_is_upgraded_and_then_works(old_store, shell):
    old = type(shell)(old_store)
    error = old.refused(8, "list")
    upgraded = old("db", "upgrade").stdout
    registrar = ("--by", "registrar")
    counted = old.refused(4, "extend", "A.2", "--due", "+500wd", "--reason", "r", *registrar)
    old("holiday", "import", *registrar)
    old("hold", "A.2", "--reason", "waits", *registrar)
    shown = old.json("show", "A.2")

    assert "db upgrade" in error["hint"]
    assert db.REVISION in upgraded
    assert "holiday import" in counted["hint"]
    assert shown["held_since"] is not None
    assert old.json("audit", "verify")["ok"] is True
    assert Case.kind in {event["kind"] for event in old.json("audit", "log")}


def held(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT version_num, (SELECT count(*) FROM event) FROM alembic_version"
        ).fetchone()


@pytest.mark.parametrize("old_store", ["sqlite"], indirect=True)
def test_a_file_is_copied_beside_itself_before_its_schema_changes(old_store):
    folder = Path(old_store).parent
    result = CliRunner().invoke(casework, ["--db", old_store, "db", "upgrade"])
    (copy,) = folder.glob("old.db.0001-*Z")

    assert result.exit_code == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    # One event more: which rules acts are judged by from now on.
    assert held(old_store) == (db.REVISION, 20)
    assert held(copy) == ("0001", 19)


@pytest.mark.parametrize("old_store", ["sqlite"], indirect=True)
def test_a_dry_run_leaves_no_copy(old_store):
    before = Path(old_store).read_bytes()
    result = CliRunner().invoke(casework, ["--db", old_store, "db", "upgrade", "--dry-run"])

    assert result.exit_code == 0, result.stderr
    assert list(Path(old_store).parent.glob("*old.db.*")) == []
    assert held(old_store) == ("0001", 19)
    assert Path(old_store).read_bytes() == before


@pytest.mark.parametrize("old_store", ["sqlite"], indirect=True)
def test_a_file_that_has_the_copys_name_stays_as_it_is(old_store):
    there = Path(f"{old_store}.0001-20261122T080000000000Z")
    there.write_text("mine")
    with time_machine.travel("2026-11-22T08:00:00Z", tick=False):
        result = CliRunner().invoke(casework, ["--db", old_store, "db", "upgrade"])

    assert result.exit_code == 5
    assert there.read_text() == "mine"
    assert held(old_store) == ("0001", 19)


@pytest.mark.parametrize("old_store", ["sqlite"], indirect=True)
def test_without_room_for_the_copy_nothing_is_changed(old_store):
    before = Path(old_store).read_bytes()
    done = subprocess.run(
        [Path(sys.executable).with_name("casework"), "--db", old_store, "db", "upgrade"],
        # A process may not write a file of more than 4 KiB: as on a disk that is full.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, 4_096)),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 8, done.stderr
    assert "cannot be copied" in done.stderr
    assert Path(old_store).read_bytes() == before
    assert list(Path(old_store).parent.glob("*old.db.*")) == []
