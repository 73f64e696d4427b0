"""The ground that faults are tried on: a small register, and commands in processes of their own.

A command runs in a fork of a process that has run it before: nothing is left to import, so what it
asks of the system is what the command does, and a fault takes milliseconds to try.
"""

import json
import lzma
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from shlex import split

from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, Boolean, Date, MetaData, NullPool, create_engine, insert

from casework.cli import casework
from casework.office import maintenance
from casework.store import db, upgrades

STORE = "register.db"
SECONDS = 120
"""After which a command is taken to hang."""

REGISTERS = Path(__file__).parents[1] / "registers"
"""A register of each version that was released, and of schemas before the first one."""
OLD = "schema-0001"
"""The register of them that was made first, with a log of 19 events."""

OFFICE = """
init --no-holidays
org add mofa --name "Ministry of Foreign Affairs" --email mofa@office.example
org add vufo --name "Union of Friendship Organizations"
org add gone --name "Committee of the past"
person add lan --name "Nguyễn Thị Lan" --org mofa --role desk
person add chi --name "Phạm Chi" --org mofa --role admin
conference add NFAC-20 --number 20 --date 2021-12-13
conference add NFAC-21 --number 21 --date 2023-12-18 --previous NFAC-20
holiday add 2030-01-01 --name "New Year"
propose --ref A.1 --title One --proposer vufo --conference NFAC-20 --effective 2021-12-13
propose --ref A.2 --title Two --proposer vufo --conference NFAC-20 --effective 2021-12-13
assign A.2 --owner mofa --due 2022-12-30 --effective 2022-01-10
propose --ref A.3 --title Three --proposer vufo --conference NFAC-20 --effective 2021-12-13
assign A.3 --owner mofa --due 2022-12-30 --effective 2022-01-10
advance A.3 --effective 2022-02-01
propose --ref A.4 --title Four --proposer vufo --conference NFAC-20 --effective 2021-12-13
assign A.4 --owner mofa --due 2022-12-30 --effective 2022-01-10
advance A.4 --effective 2022-02-01
advance A.4 --outcome implemented --answer "Circular 3" --effective 2022-11-01
propose --ref A.5 --title Five --proposer vufo --conference NFAC-20 --effective 2021-12-13
assign A.5 --owner mofa --due 2099-12-30 --effective 2022-01-10
hold A.5 --reason waits --effective 2022-02-01
propose --ref A.7 --title Seven --proposer vufo --conference NFAC-20 --effective 2021-12-13
assign A.7 --owner mofa --due 2099-06-30 --effective 2022-01-10
extend A.7 --due 2099-09-30 --reason waits --by lan
return A.7 --not-ours --reason gone --by lan
person add nga --name "Vũ Nga" --org mofa --role secretariat --login nga
propose --ref A.6 --title Six --proposer vufo --conference NFAC-20 --effective 2021-12-13
person away nga --to 2099-01-01 --deputy chi
policy four-eyes on --reason "Decision 12"
close A.6 --outcome withdrawn --reason "they said" --by nga
policy four-eyes off --reason "Decision 13" --by nga
request confirm register.R1
"""


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, negative for a signal, and what it said."""

    code: int
    out: str
    err: str


def at_home(folder):
    """Make a folder the place of this process: its files, its settings, its scratch space."""
    for name in ("home", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    for name in [name for name in os.environ if name.startswith(("CASEWORK_", "XDG_"))]:
        del os.environ[name]
    os.environ |= {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")}
    os.environ["CASEWORK_DB"] = STORE
    tempfile.tempdir = None
    os.chdir(folder)


def run(*words):
    """Run a command in this process."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            casework.main(list(words))
        except SystemExit as end:
            return Done(int(end.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError


def must(line):
    """Run a command line that must succeed; return what it printed."""
    done = run(*(line if isinstance(line, list) else split(line)))
    if done.code:
        raise AssertionError(line, done)
    return done.out


def furnish():
    """Make the register of the office in the place of this process."""
    for line in OFFICE.strip().splitlines():
        must(line)


class Command:
    """A command in a fork of this process, which waits at its first step until it is let go.

    Asked with each exit code, `then` may give the words of one more.
    """

    def __init__(self, *words, then=lambda _: None):
        self._files = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115 - closed in wait
        gate, self._gate = os.pipe()
        ready, its = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(gate, its, words, then)
        os.close(gate)
        os.close(its)
        # What it does to become one is none of the command's calls: closed is the last of that.
        os.read(ready, 1)
        os.close(ready)

    def _become(self, gate, ready, words, then):
        code = 70
        try:
            for number, file in enumerate(self._files, start=1):
                os.dup2(file.fileno(), number)
            sys.stdout, sys.stderr = (os.fdopen(number, "w") for number in (1, 2))
            os.close(self._gate)
            os.close(ready)
            select.select([gate], [], [])
            while words is not None:
                try:
                    casework.main(list(words))
                except SystemExit as end:
                    code = int(end.code or 0)
                words = then(code)
            sys.stderr.flush()
        finally:
            os._exit(code)

    def go(self):
        """Let the command run."""
        # Closed is not enough: forks made since hold it open too.
        os.write(self._gate, b".")
        os.close(self._gate)

    def wait(self):
        """Wait for the command's end."""
        deadline = time.monotonic() + SECONDS
        while not (ended := os.waitpid(self.pid, os.WNOHANG))[0]:
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                raise SystemExit(f"a command did not end in {SECONDS} seconds")
            time.sleep(0.0005)
        status = ended[1]
        told = []
        for file in self._files:
            with file:
                file.seek(0)
                told.append(file.read().decode(errors="replace"))
        return Done(os.waitstatus_to_exitcode(status), *told)

    def kill(self):
        """Kill the command where it stands, and wait for its end."""
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()


def forked(*words):
    """Run a command in a fork of this process."""
    one = Command(*words)
    one.go()
    return one.wait()


def traced(options, words):
    """Run a command in a fork under strace; return how it ended and the lines of the trace."""
    with tempfile.NamedTemporaryFile("r", encoding="latin-1", dir="/dev/shm") as log:
        one = Command(*words)
        strace = subprocess.Popen(["strace", "-qq", "-o", log.name, *options, "-p", str(one.pid)])
        while _tracer(one.pid) == "0":
            if strace.poll() is not None:
                one.kill()
                raise SystemExit("strace may not attach here; it needs the right to ptrace")
            time.sleep(0.0005)
        one.go()
        done = one.wait()
        strace.wait()
        return done, log.read().splitlines()


def _tracer(pid):
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return status.partition("TracerPid:\t")[2].partition("\n")[0]


def check(url):
    """Check a store's file, log and rows; return the size of its log."""
    with db.open_store(str(url)).reading() as connection:
        return maintenance.check(connection).size


def log_size(path):
    """Return the size of a SQLite store's log, None where there is no register; ours or not."""
    if not path.exists() or not path.stat().st_size:
        return None
    with closing(sqlite3.connect(path)) as connection:
        try:
            found = connection.execute("SELECT size FROM log_head").fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return None
    return found and found[0]


def kept(version):
    """Return the bytes of the file of a version's register."""
    return lzma.decompress((REGISTERS / version / "register.db.xz").read_bytes())


def old_store(url, version=OLD):
    """Lay the register of a version where there is none: the file as it was, or its rows."""
    if "://" not in url:
        Path(url).write_bytes(kept(version))
        return
    with closing(sqlite3.connect(":memory:")) as file:
        file.deserialize(kept(version))
        file.row_factory = sqlite3.Row
        _copy(file, create_engine(url, poolclass=NullPool))


def _copy(file, engine):
    """Copy every row of a file into a server's database of the same schema."""
    ((revision,),) = file.execute("SELECT version_num FROM alembic_version")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(upgrades.bundled("migrations")))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        # Rows may come in any order, and as they are.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        tables = MetaData()
        tables.reflect(connection)
        for name, table in tables.tables.items():
            rows = file.execute(f'SELECT * FROM "{name}"').fetchall()
            if rows and name != "alembic_version":
                given = [
                    {key: _stored(table.c[key], value) for key, value in dict(row).items()}
                    for row in rows
                ]
                connection.execute(insert(table), given)


def _stored(column, value):
    if value is not None and isinstance(column.type, Date):
        return column.type.python_type.fromisoformat(value)
    if value is not None and isinstance(column.type, JSON):
        return json.loads(value)
    if value is not None and isinstance(column.type, Boolean):
        return bool(value)
    return value


@contextmanager
def scratch(base=None):
    """Give a folder in memory that is gone afterwards: empty, or a copy of another."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="casework-faults-", dir=parent) as name:
        folder = Path(name).resolve()
        if base is not None:
            shutil.copytree(base, folder, dirs_exist_ok=True, symlinks=True)
        yield folder
