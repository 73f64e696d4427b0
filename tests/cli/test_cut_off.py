"""Runs of the tests that are cut off in the middle: neither a server nor a folder stays behind."""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pgserver
import pytest
from processes import LONG, until

ROOT = Path(__file__).parents[2]
INNER = """
import time
from pathlib import Path
import pgserver

def test_that_waits(pg_server, tmp_path):
    assert pgserver.ask(pg_server, "SELECT 1") == [(1,)]
    Path({told!r}, pg_server.rpartition(":")[2].partition("/")[0]).touch()
    time.sleep(1000)
"""

pytestmark = pytest.mark.skipif(pgserver.binaries() is None, reason=pgserver.NO_SERVER)


@pytest.fixture
def place(monkeypatch):
    """A folder for temporary files of the runs, and one where they say that they have begun.

    It is no folder of pytest's own: the path of a server's socket is short, and where the tests
    are run by root the server is somebody else's.
    """
    with tempfile.TemporaryDirectory(prefix="casework-cut-") as name:
        top = Path(name)
        for folder in (top, top / "tmp", top / "told"):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o777)
        monkeypatch.setenv("TMPDIR", str(top / "tmp"))
        for variable in ("CASEWORK_TEST_PG_URL", "PYTEST_XDIST_WORKER", pgserver.RUN):
            monkeypatch.delenv(variable, raising=False)
        yield top


@contextmanager
def running(place, processes):
    """Run a test that has a server and waits, in so many processes, until each has begun."""
    inner = [place / f"test_inner_{number}.py" for number in range(max(1, processes))]
    for file in inner:
        file.write_text(INNER.format(told=str(place / "told")))
    (place / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    paths = f"pythonpath={ROOT / 'tests/faults'} {ROOT / 'tests/support'}"
    line = ["-c", os.devnull, "--rootdir", place, "--import-mode=importlib", "-o", paths]
    command = [sys.executable, "-m", "pytest", "-q", *line, f"-n{processes}", *inner]

    def heed():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    how = {"start_new_session": True, "preexec_fn": heed, **quiet}
    with subprocess.Popen([str(word) for word in command], **how) as process:
        try:
            until(lambda: len(list((place / "told").iterdir())) == len(inner), process)
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def folders(place):
    return list((place / "tmp").glob("casework-pg-*"))


def of(place, what):
    """Return the processes whose command line names a server of the place, and this."""
    found, folder = [], os.fsencode(place / "tmp" / "casework-pg-")
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (process / "cmdline").read_bytes()
            if folder in line and what in line:
                found.append(int(process.name))
    return found


def servers(place):
    return of(place, b"bin/postgres")


@pytest.mark.parametrize(("number", "processes"), [(signal.SIGINT, 0), (signal.SIGTERM, 2)])
def test_a_run_that_is_ended_leaves_no_server_and_no_folder(place, number, processes):
    with running(place, processes) as process:
        assert len(folders(place)) == len(servers(place)) == max(1, processes)
        process.send_signal(number)
        process.wait(LONG)

        assert (folders(place), servers(place)) == ([], [])
    assert {one.name.partition("-of-")[0] for one in (place / "tmp").iterdir()} == {"pytest"}
    assert list((place / "tmp").glob("pytest-of-*/pytest-[0-9]*")) == []


def test_the_guards_clear_up_after_a_run_that_is_killed(place):
    with running(place, 2) as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(LONG)

        until(lambda: not folders(place) and not of(place, b""))


STARTER = """
import sys, pgserver
with pgserver.started() as one:
    print(one.url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def starter():
    """Run a process that has a server; give it and the server's URL."""
    ways = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    env = os.environ | {"PYTHONPATH": str(ROOT / "tests" / "faults")}
    with subprocess.Popen([sys.executable, "-c", STARTER], env=env, **ways) as process:
        yield process, process.stdout.readline().strip()
        process.stdin.close()
        process.wait(LONG)


def test_where_the_guard_was_killed_too_the_next_run_clears_up_and_keeps_what_lives(place):
    with starter() as (_, living):
        (kept,) = folders(place)
        with starter() as (doomed, _):
            own = [one for one in of(place, b"pgserver.py") if parent(one) == doomed.pid]
            for one in [*own, doomed.pid]:
                os.kill(one, signal.SIGKILL)
            doomed.wait(LONG)
            (left,) = [one for one in folders(place) if one != kept]
            assert len(own) == 1
            assert len(servers(place)) == 2
        with starter() as (_, third):
            assert not left.exists()
            assert kept.exists()
            assert [pgserver.ask(url, "SELECT 1") for url in (living, third)] == [[(1,)]] * 2
    assert (folders(place), servers(place)) == ([], [])


def parent(process):
    lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("PPid:"))


def test_a_folder_that_nobody_has_locked_is_not_ours_to_take_away(place):
    other = place / "tmp" / "casework-pg-other"
    other.mkdir()
    with starter():
        pass

    assert other.exists()
