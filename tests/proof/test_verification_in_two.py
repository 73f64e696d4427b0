"""Verification with processes beside its own: it finds what one process finds, and of one state."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from processes import children, gone, until

from casework.cli import verifying
from casework.errors import CaseworkError
from casework.proof import inspection
from casework.store import sqlite_file
from casework.store.connections import Lite
from casework.system import processes

COMMAND = Path(sys.executable).with_name("casework")
EVENTS = inspection.LONG
LATE = """
import sqlite3, sys
sqlite3.connect(sys.argv[1], timeout=0).execute("SELECT size FROM log_head")
"""


@pytest.fixture
def engine():
    """On SQLite only: a server has processes of its own."""
    return "sqlite"


@pytest.fixture
def begun(monkeypatch):
    """How many processes were begun for a log, however short it is."""
    started, workers = [], processes.workers

    def noted(count):
        started.append(count)
        return workers(count)

    monkeypatch.setattr(inspection, "LONG", 0)
    monkeypatch.setattr(processes, "workers", noted)
    return started


def outcome(shell, number, covered=None):
    """Return what verification with so many processors comes to, or its error."""
    try:
        with shell.store().reading() as connection:
            return inspection.verify(connection, covered, processors=number)
    except CaseworkError as error:
        return type(error), error.message, error.hint


def test_several_processes_find_what_one_finds(office, case, begun):
    case()
    alone = outcome(office, 1)
    assert begun == []

    assert outcome(office, 2) == alone
    assert begun == [1]
    assert alone.records > 10
    assert outcome(office, 2, (3, b"\xab" * 32)) == outcome(office, 1, (3, b"\xab" * 32))


@pytest.mark.parametrize(
    ("forgery", "said"),
    [
        ('UPDATE "case" SET title = 8', "column title: the log says"),
        ("DELETE FROM name_key", "name_key is not what the log says"),
        ("UPDATE person SET org = NULL", "column org"),
        ("UPDATE log_head SET size = size + 1", "head of the log"),
        ("UPDATE event SET body = leaf WHERE seq = 3", "event 3"),
        # Of the two the log is what is wrong first.
        ("UPDATE event SET actor = 'x' WHERE seq = 2; DELETE FROM organisation", "column actor"),
    ],
)
def test_a_forgery_is_told_in_the_same_words(office, case, begun, forgery, said):
    case()
    office.sql(*forgery.split("; "))
    found = outcome(office, 2)

    assert begun in ([], [1])
    assert said in found[1]
    assert outcome(office, 1) == found


def test_the_command_gives_a_part_to_others_where_there_are_processors(office, begun, monkeypatch):
    for number, processes_begun in ((1, []), (2, [1]), (8, [1, 3])):
        monkeypatch.setattr(verifying, "processors", lambda number=number: number)
        assert office.json("audit", "verify")["ok"] is True
        assert begun == processes_begun


def test_a_short_log_imports_nothing_for_it(office):
    line = [sys.executable, "-X", "importtime", "-m", "casework", "--db", office.url]
    done = subprocess.run([*line, "audit", "verify"], capture_output=True, text=True)

    assert done.stdout.startswith("in order: ")
    assert "casework.proof.inspection" in done.stderr
    assert "multiprocessing" not in done.stderr
    assert "concurrent.futures.process" not in done.stderr


def test_nobody_commits_to_a_file_that_is_held(office):
    with office.store().reading() as connection:
        file = sqlite_file.held(connection)
        assert str(file) == office.url
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE log_head SET size = size")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("COMMIT")


def test_what_others_do_not_see_holds_no_file(office, tmp_path):
    with closing(sqlite3.connect(tmp_path / "wal.db", isolation_level=None)) as driver:
        driver.execute("PRAGMA journal_mode=WAL")
        driver.execute("BEGIN")
        assert sqlite_file.held(Lite(driver)) is None
    with office.store().reading() as connection:
        connection.driver.rollback()
        # Nothing keeps it now.
        assert sqlite_file.held(connection) is None
    with office.store().writing() as connection:
        assert sqlite_file.held(connection) is not None
        connection.change("UPDATE log_head SET size = size")
        assert sqlite_file.held(connection) is None


def test_a_file_that_takes_the_place_of_what_is_read_is_not_taken_for_a_forgery(
    office, new_office, begun
):
    other = new_office()
    other("org", "add", "one-more", "--name", "One more")
    with office.store().reading() as connection:
        Path(other.url).replace(office.url)
        with pytest.raises(CaseworkError, match="was replaced just now") as raised:
            inspection.verify(connection, processors=2)

    assert raised.value.exit == 8
    assert begun == [1]


def test_a_file_whose_rows_cannot_be_read_is_told_by_its_name(office, begun):
    damaged = office.store()
    with damaged.reading() as connection:
        (root,) = connection.told("SELECT rootpage FROM sqlite_schema WHERE name = 'organisation'")
        ((size,),) = connection.told("PRAGMA page_size")
    with Path(office.url).open("r+b") as file:
        file.seek((root[0] - 1) * size)
        file.write(b"\xff" * size)
    found = outcome(office, 2)

    assert begun == [1]
    assert found == outcome(office, 1)
    assert found[1].startswith(office.url)


def test_a_writer_that_waits_to_commit_keeps_no_worker_out(office, begun):
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
    with office.store().reading() as connection:
        length = connection.value(inspection.compiled.LENGTH)
        with subprocess.Popen([sys.executable, "-c", code, office.url], **pipes) as writer:
            assert "locked" in writer.stdout.readline()
            # From now on nobody else would get a lock to read.
            late = [sys.executable, "-c", LATE, office.url]
            assert b"locked" in subprocess.run(late, capture_output=True).stderr
            assert inspection.verify(connection, processors=2).size == length
            writer.stdin.close()
    assert begun == [1]


# --- as the operating system runs it ---------------------------------------------------------


@pytest.fixture(scope="module")
def long_register(sqlite_template, tmp_path_factory):
    """A register whose log is long enough for a second process; it must not be changed."""
    folder = tmp_path_factory.mktemp("long")
    store, file = folder / "register.db", folder / "cases.csv"
    shutil.copy(sqlite_template, store)
    words = [COMMAND, "--db", store]
    for code in ("mofa", "vufo"):
        subprocess.run([*words, "org", "add", code, "--name", code], check=True)
    days = "2022-01-01,2022-02-01,2022-03-01,2022-04-01"
    row = f"T,vufo,mofa,2022-12-31,resolved,implemented,A,{days}\n"
    head = "title,proposer,owner,due,state,outcome,answer,proposed_on,assigned_on,study_on"
    rows = "".join(f"T{number}{row}" for number in range(EVENTS // 4 + 1))
    file.write_text(f"{head},resolved_on\n{rows}", "utf-8")
    subprocess.run([*words, "import", file], check=True, capture_output=True)
    return store


def starts(store, *words):
    """Return a command that verifies in the background, as a process of a group of its own."""

    def heed():
        # What a shell starts in the background is deaf to Ctrl-C, and so would the command be.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    said = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    line = [*(words or [COMMAND]), "--db", store, "audit", "verify"]
    return subprocess.Popen(line, start_new_session=True, preexec_fn=heed, **said)  # noqa: PLW1509


def workers_of(process):
    """Return the processes that work for a command; Python's own, which clears up, is none."""
    lines = {one: Path(f"/proc/{one}/cmdline") for one in children(process.pid)}
    return [one for one, line in lines.items() if b"spawn_main" in line.read_bytes()]


several = pytest.mark.skipif(processes.processors() == 1, reason="one processor")


@several
@pytest.mark.parametrize("words", [(), (sys.executable, "-m", "casework")], ids=["script", "-m"])
def test_a_long_log_is_verified_by_several_processes_however_the_command_is_called(
    long_register, words
):
    with starts(long_register, *words) as process:
        worker = until(lambda: workers_of(process), process)
        out, told = process.communicate(timeout=240)

    assert (process.returncode, told) == (0, "")
    assert out.startswith("in order: ")
    assert all(map(gone, worker))


@several
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_verification_that_is_interrupted_ends_quietly_with_its_worker(long_register, number):
    with starts(long_register) as process:
        worker = until(lambda: workers_of(process), process)
        os.killpg(process.pid, number)
        out, told = process.communicate(timeout=60)

    assert process.returncode == 130
    assert (out, told.strip()) == ("", "interrupted; nothing more was done")
    assert all(map(gone, worker))


@several
def test_a_verification_that_is_killed_leaves_no_worker(long_register):
    with starts(long_register) as process:
        worker = until(lambda: workers_of(process), process)
        process.kill()

    assert all(map(gone, worker))


@several
def test_a_verification_whose_worker_is_killed_says_so(long_register):
    with starts(long_register) as process:
        worker, *_ = until(lambda: workers_of(process), process)
        os.kill(worker, signal.SIGKILL)
        out, told = process.communicate(timeout=240)

    assert (process.returncode, out) == (8, "")
    assert told.splitlines()[0] == (
        "casework: a process of this command was ended before its work was done"
    )
