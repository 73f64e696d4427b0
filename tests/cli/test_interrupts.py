"""Commands that are asked to end: how they end, and what they leave."""

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from shlex import split

import ground
import pytest
from processes import LONG, has_open, has_taken, said, until, waits_for_readers

COMMAND = Path(sys.executable).with_name("casework")
PIPE = subprocess.PIPE
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def _asked_to_end():
    """What is started here does not inherit that a signal is ignored, as it is under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def engine():
    """On SQLite only: a process is started in the same way on either engine."""
    return "sqlite"


@pytest.fixture
def shell(shell, tmp_path, monkeypatch):
    """A register; processes find it in their environment, and work in its folder."""
    monkeypatch.chdir(tmp_path)
    path = Path(shell.url).rename(tmp_path / "register.db")
    monkeypatch.setenv("CASEWORK_DB", str(path))
    return type(shell)(str(path))


@contextmanager
def running(line, *words):
    """Run the installed command, which heeds the signals that a shell may have ignored."""

    def heed():
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    pipes = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE}
    command = words or [COMMAND, *split(line)]
    with subprocess.Popen(command, preexec_fn=heed, **pipes) as process:  # noqa: PLW1509
        yield process


def ended(process, number):
    """Ask a process to end; it must do so with the documented code and one line."""
    process.send_signal(number)
    _, told = process.communicate(timeout=LONG)

    # Who goes on to wait for a lock instead gives up in the end, with another code.
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
        if line.startswith("note"):
            said(process.stderr, b"waiting for")
        else:
            until(lambda: has_open(process, "register.db"), process)
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
            until(lambda: waits_for_readers(process), process)
            process.send_signal(number)
            until(lambda: has_taken(process, number), process)
        process.communicate(timeout=LONG)

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
        process.communicate(timeout=LONG)
    left = {path.name for path in tmp_path.iterdir() if path.name.startswith(".")}
    old = type(shell)("old.db")
    old("db", "upgrade")

    assert process.returncode in {0, 130, -signal.SIGTERM}
    assert left == set()
    # The upgrade enters the rules of this version.
    assert old.json("audit", "verify")["size"] == 20


HALF = """
import signal, sys
from casework.office import demo
from casework.__main__ import main
def play(desk):
    print("half made", flush=True)
    while True:
        signal.pause()
demo._play = play
sys.argv = ["casework", "demo"]
main()
"""
"""The demonstration, which waits in the middle until it is ended."""


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_demonstration_that_is_ended_leaves_nothing_half_made(tmp_path, number):
    folder = tmp_path / "casework-demo"
    with running(None, sys.executable, "-c", HALF) as process:
        said(process.stdout, b"half made")
        assert any(folder.iterdir())
        ended(process, number)

    assert list(folder.iterdir()) == []


STARTING = """
import signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "casework.cli":
            signal.raise_signal(int(sys.argv[1]))
sys.meta_path.insert(0, Finder())
from casework.__main__ import main
main()
"""
"""The command, which is asked to end while its modules are imported."""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_command_that_is_ended_before_it_has_begun_says_the_same(number):
    with running(None, sys.executable, "-c", STARTING, str(int(number))) as process:
        _, told = process.communicate(timeout=LONG)

    assert process.returncode == 130
    assert told == b"interrupted; nothing more was done\n"
