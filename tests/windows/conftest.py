"""casework under a Windows CPython, which Wine runs; without one these tests are skipped.

CASEWORK_WINDOWS names the folder that make.py made. Wine is not Windows: its consoles, its access
lists and what it does to a cut-off computer are its own.
"""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

FOLDER = os.environ.get("CASEWORK_WINDOWS")
LONG = 240
LOST = b"Inconsistency detected by ld.so: dl-fini.c"
"""What Linux says where it stumbles over Wine's libraries when a program has ended: its own exit
code is lost, and whether it failed is told by what it printed."""

HOW = "set CASEWORK_WINDOWS to a folder that tests/windows/make.py made, and install wine64"


def program(name):
    """Return one of Wine's programs, which Debian keeps off the path."""
    return shutil.which(name) or shutil.which(name, path="/usr/lib/wine")


class Windows:
    """Commands on a drive C: of their own; each runs in a process of its own."""

    def __init__(self, folder, prefix):
        self.python = folder / "python.exe"
        self._wine = program("wine64")
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": str(prefix),
            "LC_ALL": "C.UTF-8",
            "WINEPREFIX": str(prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
        }
        self.drive = prefix / "drive_c"
        self.place = self.drive

    def _command(self, words, env):
        how = {"cwd": self.place, "env": self._env | (env or {})}
        return [self._wine, *map(str, words)], how | {"stdout": subprocess.PIPE}

    def run(self, *words, env=None, given=b""):
        """Run a Windows program; return how it ended, with the very bytes it printed."""
        command, how = self._command(words, env)
        done = subprocess.run(command, input=given, stderr=subprocess.PIPE, timeout=LONG, **how)
        if LOST in done.stderr:
            done.stderr = b"".join(
                line for line in done.stderr.splitlines(keepends=True) if LOST not in line
            )
            failed = b"Traceback" in done.stderr or b"casework: " in done.stderr
            done.returncode = 1 if failed else 0
        return done

    def start(self, *words, env=None):
        """Start a Windows program whose input stays open."""
        command, how = self._command(words, env)
        pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, **pipes, **how)

    def code(self, code, *words, **how):
        """Run Python code; it must succeed, and what it printed is returned."""
        done = self.run(self.python, "-c", code, *words, **how)
        assert done.returncode == 0, done
        return done.stdout.decode()

    def words(self, *words):
        return (self.python, "-m", "casework", *words)

    def casework(self, *words, code=0, **how):
        """Run the command, which must end with a code; return how it ended."""
        done = self.run(*self.words(*words), **how)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr.decode())
        assert b"Traceback" not in done.stderr
        return done


@contextmanager
def booted(prefix):
    """Keep Wine's server running while the block does, and no longer.

    By itself it ends with each program, and the next one boots Windows anew, which takes seconds.
    What it starts goes on when the boot is over, so that nothing of it may keep a pipe open.
    """
    env = {"PATH": os.environ["PATH"], "HOME": str(prefix), "WINEPREFIX": str(prefix)}
    env |= {"WINEDEBUG": "-all", "WINEARCH": "win64"}
    nowhere = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    server = program("wineserver64") or program("wineserver")
    with subprocess.Popen([server, "-f", "-p"], env=env, **nowhere) as serving:
        try:
            boot = [program("wine64"), "wineboot"]
            subprocess.run(boot, env=env, check=True, timeout=LONG, **nowhere)
            yield
        finally:
            subprocess.run([server, "-k"], env=env, timeout=LONG, **nowhere)
            serving.wait(LONG)


@pytest.fixture(scope="session")
def installed():
    """Give the Windows Python, on a drive C: of this run."""
    if FOLDER is None or program("wine64") is None:
        pytest.skip(HOW)
    with tempfile.TemporaryDirectory(prefix="casework-wine-") as name:
        prefix = Path(name, "prefix")
        prefix.mkdir()
        with booted(prefix):
            yield Windows(Path(FOLDER).resolve(), prefix)


@pytest.fixture
def windows(installed, tmp_path):
    """Give the same in a fresh folder on the drive, with a place of its own for keys."""
    installed.place = installed.drive / tmp_path.name
    installed.place.mkdir()
    state = f"C:\\{tmp_path.name}\\state"
    installed._env |= {"WIN_PD_OVERRIDE_LOCAL_APPDATA": state, "CASEWORK_DB": "r.db"}
    return installed


MADE = """
from casework.cli import casework
for line in (
    ["init", "--no-holidays"],
    ["org", "add", "mofa", "--name", "Bộ Ngoại giao"],
    ["propose", "--title", "Rules", "--proposer", "mofa", "--ref", "A.1"],
    ["propose", "--title", "Papers", "--proposer", "mofa", "--ref", "A.2"],
):
    try:
        casework(line)
    except SystemExit as end:
        assert not end.code, line
"""


@pytest.fixture(scope="session")
def template(installed):
    """Make a register of two cases, once."""
    installed.place = installed.drive
    installed.code(MADE, env={"CASEWORK_DB": "template.db"})
    return installed.drive / "template.db"


@pytest.fixture
def register(template, windows):
    """Give it with a register of two cases."""
    shutil.copy(template, windows.place / "r.db")
    return windows
