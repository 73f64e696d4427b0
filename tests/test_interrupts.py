"""Commands that are asked to end: how they end, and what they leave."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shlex import split

import ground
import pytest

COMMAND = Path(sys.executable).with_name("casework")
PIPE = subprocess.PIPE
SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.fixture
def new_store(sqlite_template, tmp_path, monkeypatch):
    """On SQLite only; processes find it in their environment, and work in its folder."""
    path = tmp_path / "register.db"
    shutil.copy(sqlite_template, path)
    monkeypatch.setenv("CASEWORK_DB", str(path))
    monkeypatch.chdir(tmp_path)
    return lambda: str(path)


@contextmanager
def running(line):
    """Run the installed command, which heeds the signals that a shell may have ignored."""

    def heed():
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    pipes = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE}
    command = [COMMAND, *split(line)]
    with subprocess.Popen(command, preexec_fn=heed, **pipes) as process:  # noqa: PLW1509
        yield process


def until_it_opens(process, name):
    """Wait until a process has had a file open for a while: it waits for the lock."""
    folder = Path(f"/proc/{process.pid}/fd")

    def is_open():
        for one in folder.iterdir():
            # A file may be closed between two looks at it.
            with suppress(FileNotFoundError):
                if one.readlink().name == name:
                    return True
        return False

    while not is_open():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    time.sleep(0.3)


def ended(process, number):
    """Ask a process to end; it must do so at once, with the documented code and one line."""
    process.send_signal(number)
    began = time.monotonic()
    _, told = process.communicate(timeout=60)

    assert time.monotonic() - began < 10
    assert process.returncode == 130
    assert told.decode().splitlines()[-1:] == ["interrupted; nothing more was done"]
    assert b"Traceback" not in told


@contextmanager
def held(path, begin):
    """Hold a SQLite file in a transaction that began so."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(begin)
        connection.execute("SELECT * FROM event LIMIT 1").fetchall()
        yield
        connection.rollback()


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("line", ["note A.1 text", "db upgrade"])
def test_who_waits_for_the_lock_need_not_wait_on(office, case, number, line):
    case(ref="A.1")
    before = office.head()
    with held("register.db", "BEGIN IMMEDIATE"), running(line) as process:
        until_it_opens(process, "register.db")
        ended(process, number)

    assert office.head() == before
    office("note", "A.1", "text")


def test_an_import_that_is_ended_has_changed_nothing(office):
    before = office.head()
    with running("import -") as process:
        # More than a pipe holds: once it is written, the command is reading its input.
        process.stdin.write(b"title,proposer\n" + b"long title,vufo\n" * 10_000)
        process.stdin.flush()
        ended(process, signal.SIGTERM)

    assert office.head() == before


@pytest.mark.parametrize("number", SIGNALS)
def test_a_commit_that_is_under_way_is_done_entirely_or_not(office, case, number):
    ref = case(ref="A.1")
    size = office.head().size
    with running(f"note {ref} text") as process:
        with held("register.db", "BEGIN"):
            until_it_opens(process, "register.db-journal")
            process.send_signal(number)
            time.sleep(0.1)
        process.communicate(timeout=60)

    assert process.returncode == 130
    assert office.json("audit", "verify")["ok"] is True
    assert office.head().size == size + 1
    assert office.json("history", ref)[-1]["note"] == "text"


@pytest.mark.parametrize("after", [0.3, 0.5, 0.7, 0.9])
def test_an_upgrade_that_is_ended_can_be_given_again(shell, tmp_path, after):
    ground.old_store("old.db")
    with running("db upgrade --db old.db") as process:
        time.sleep(after)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    left = {path.name for path in tmp_path.iterdir() if path.name.startswith(".")}
    old = type(shell)("old.db")
    old("db", "upgrade")

    assert process.returncode in {0, 130, -signal.SIGTERM}
    assert left == set()
    assert old.json("audit", "verify")["size"] == 19


@pytest.mark.usefixtures("shell")
def test_a_demonstration_that_is_ended_leaves_nothing_half_made(tmp_path):
    folder = tmp_path / "casework-demo"
    with running("demo") as process:
        while not (folder.exists() and any(folder.iterdir())):
            time.sleep(0.001)
        ended(process, signal.SIGTERM)

    assert list(folder.iterdir()) == []
