"""The log's own check with a second process: it finds what one process finds, and of one state."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from processes import counted

from casework.errors import CaseworkError
from casework.log import tree
from casework.proof import inspection
from casework.store import sqlite_file
from casework.store.connections import Lite

# As in test_beside.py.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* multi-threaded:DeprecationWarning")

LATE = """
import sqlite3, sys
sqlite3.connect(sys.argv[1], timeout=0).execute("SELECT size FROM log_head")
"""
REST = "seq, body, leaf, kind, key, act, actor, effective_on, recorded_at, fields, NULL FROM event"


@pytest.fixture
def engine():
    """On SQLite only: a server has processes of its own."""
    return "sqlite"


@pytest.fixture
def processes(monkeypatch):
    """A function that says how many processes look at the log, however short it is."""
    monkeypatch.setattr(inspection, "SPAN", 2)
    monkeypatch.setattr(inspection, "LONG", 4)
    return counted(monkeypatch)


def outcome(shell, covered=None):
    """Return what the check of the log comes to: size and root, or the error."""
    try:
        with shell.store().reading() as connection:
            return inspection.verify_log(connection, covered)
    except CaseworkError as error:
        return type(error), error.message, error.hint


def test_two_processes_find_what_one_finds(office, processes):
    with office.store().reading() as connection:
        bodies = connection.column(inspection.compiled.BODIES, first=0, last=1000)
    leaves = [tree.leaf_hash(body) for body in bodies]
    for size in range(1, len(leaves) + 2):
        for root in (tree.subtree_hash(leaves[:size]), b"\xab" * 32):
            started = processes(2)
            found = outcome(office, (size, root))
            assert len(started) == 1
            processes(1)
            assert outcome(office, (size, root)) == found
            assert (type(found) is tuple) == (size > len(leaves) or root == b"\xab" * 32)
    assert started == []
    assert len(leaves) > 10


@pytest.mark.parametrize("seq", range(6))
@pytest.mark.parametrize(
    ("forgery", "said"),
    [
        ("UPDATE event SET body = leaf WHERE seq = {}", "head of the log"),
        ("UPDATE event SET body = 'text' WHERE seq = {}", "not bytes"),
        ("DELETE FROM event WHERE seq = {}", "the log has"),
        (f"INSERT INTO event SELECT -1 - {REST} WHERE seq = {{}}", "3 events from 0 to 1"),
        ("UPDATE event SET seq = 1 << 60 WHERE seq = {}", "the log has"),
    ],
)
def test_a_forgery_is_found_in_either_half(office, processes, forgery, said, seq):
    office.sql(forgery.format(seq))
    started = processes(2)
    found = outcome(office)
    assert len(started) == 1
    processes(1)

    assert said in found[1]
    assert outcome(office) == found


def test_nobody_commits_to_a_file_that_is_held(office):
    with office.store().reading() as connection:
        file = sqlite_file.held(connection)
        assert str(file) == office.url
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE log_head SET size = size")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("COMMIT")


def test_a_write_ahead_log_holds_no_file(tmp_path):
    with closing(sqlite3.connect(tmp_path / "wal.db")) as driver:
        driver.execute("PRAGMA journal_mode=WAL")
        assert sqlite_file.held(Lite(driver)) is None


def test_a_file_that_takes_the_place_of_what_is_read_is_not_taken_for_a_forgery(
    office, new_office, processes
):
    other = new_office()
    other("org", "add", "one-more", "--name", "One more")
    processes(2)
    with office.store().reading() as connection:
        Path(other.url).replace(office.url)
        with pytest.raises(CaseworkError, match="was replaced just now") as raised:
            inspection.verify_log(connection)

    assert raised.value.exit == 8


def test_a_writer_that_waits_to_commit_keeps_no_worker_out(office, processes):
    code = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE log_head SET size = size + 1")
try:
    connection.execute("COMMIT")
except sqlite3.OperationalError as error:
    print(error, flush=True)
sys.stdin.read()
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes(2)
    with office.store().reading() as connection:
        length = connection.value(inspection.compiled.LENGTH)
        with subprocess.Popen([sys.executable, "-c", code, office.url], **pipes) as writer:
            assert "locked" in writer.stdout.readline()
            # From now on nobody else would get a lock to read.
            late = [sys.executable, "-c", LATE, office.url]
            assert b"locked" in subprocess.run(late, capture_output=True).stderr
            assert inspection.verify_log(connection).size == length
            writer.stdin.close()


def test_a_worker_that_is_killed_is_told_with_one_line(office, processes, monkeypatch):
    processes(2)
    monkeypatch.setattr(sqlite_file, "reopened", lambda _: os.kill(os.getpid(), signal.SIGKILL))

    assert "SIGKILL" in office.refused(8, "audit", "verify", "--log-only")["message"]


def test_what_cannot_be_read_in_the_worker_is_told_of_the_file(office, processes, monkeypatch):
    def unreadable(_):
        raise sqlite3.DatabaseError("database disk image is malformed")

    processes(2)
    monkeypatch.setattr(sqlite_file, "reopened", unreadable)

    told = office.refused(8, "audit", "verify", "--log-only")
    assert told["message"] == f"{office.url}: database disk image is malformed"
