"""A PostgreSQL server of one's own, started from the system's binaries and gone afterwards.

It is gone too when who started it was ended in the middle. A guard, a process of its own, waits for
the end of its starter and takes server and folder away; where the guard was killed as well, the
next one who starts a server does. Whose starter lives is known by a lock on a file in the folder,
which no process can leave behind.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

PREFIX = "casework-pg-"
OWNER = "owner.lock"
RUN = "CASEWORK_TEST_RUN"
"""The variable that tells the processes of one run of the tests which run it is."""

PORTS = 3
"""How many ports are tried for a server."""

STRATEGIES = 150_000
"""The version from which PostgreSQL can be told how to copy a database."""

DEBIAN_BINARIES = "usr/lib/postgresql/*/bin"
NO_SERVER = (
    "no PostgreSQL: set CASEWORK_TEST_PG_URL, or install the server's binaries"
    " (Debian: apt-get install postgresql), which the tests start by themselves"
)


def binaries():
    """Return the folder of the server's programs, None where there are none."""
    found = sorted(Path("/").glob(DEBIAN_BINARIES), key=lambda path: path.parent.name)
    if found:
        return found[-1]
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def unprivileged():
    """PostgreSQL refuses root: return the words that run a command as somebody else."""
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


class Server:
    """A server in a folder; `url` names its database of administration.

    Connections of `hosts`, which are all but those over the folder's socket, are let in as said.
    With `follows` it is a standby of another one.
    """

    def __init__(self, folder, hosts="trust", follows=None):
        self._data, self._binaries = folder / "data", binaries()
        if follows is None:
            make = ["-U", "casework", "--auth-local=trust", f"--auth-host={hosts}", "-E", "UTF8"]
            self._run("initdb", *make, "--locale=C.UTF-8", "--no-sync")
        else:
            primary = follows.url.replace("+psycopg", "")
            self._run("pg_basebackup", "-R", "-c", "fast", "--no-sync", "-d", primary)
        self.log = self._data / "server.log"
        for left in reversed(range(PORTS)):
            self._take_port(folder)
            try:
                self.start()
            except subprocess.CalledProcessError:
                if not left:
                    raise
            else:
                break

    def _take_port(self, folder):
        """Choose a port that is free; another program may take it before the server does."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        )
        self.url = f"postgresql+psycopg://casework@127.0.0.1:{port}/postgres"
        self._place = f"host={folder}&port={port}"

    def _run(self, program, *words):
        subprocess.run(
            [*unprivileged(), self._binaries / program, "-D", self._data, *words],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
        )

    def own(self, name):
        """Return the URL of a database for its administrator, over the folder's socket."""
        return f"postgresql+psycopg://casework@/{name}?{self._place}"

    def start(self):
        """Start it and wait until it answers."""
        self._run("pg_ctl", "-l", self.log, "-w", "-o", self._options, "start")

    @property
    def process(self):
        """The number of the server's first process."""
        return int((self._data / "postmaster.pid").read_text("utf-8").split("\n")[0])

    def crash(self):
        """Stop it as a crash does, without a word to anybody."""
        self._run("pg_ctl", "-m", "immediate", "stop")


@contextmanager
def started(hosts="trust", follows=None):
    """Give a server that is gone afterwards, however this process ends."""
    clear()
    with _owned() as folder:
        yield Server(folder, hosts, follows)


@contextmanager
def _owned():
    """Give a folder for a server; both are taken away when the block or this process ends."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.environ.get(RUN, '')}-"))
    folder.chmod(0o777)
    # The lock is there before the name by which others look for it.
    with (folder / f"{OWNER}.new").open("w") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        Path(owner.name).rename(folder / OWNER)
        # In a session of its own, so that what ends this one by the keyboard does not end it.
        guard = subprocess.Popen(
            [sys.executable, __file__, folder], stdin=subprocess.PIPE, start_new_session=True
        )
        try:
            yield folder
        finally:
            remove(folder)
            guard.stdin.close()
            guard.wait()


def remove(folder):
    """Stop the server in a folder, if one runs there, and take the folder away."""
    data = folder / "data"
    with suppress(OSError, ValueError, subprocess.CalledProcessError):
        process = int((data / "postmaster.pid").read_text("utf-8").split("\n")[0])
        # What is left of a server that crashed names a process that may be another's by now.
        if os.fsencode(data) in Path(f"/proc/{process}/cmdline").read_bytes():
            subprocess.run(
                [*unprivileged(), binaries() / "pg_ctl", "-D", data, "-m", "immediate", "stop"],
                check=True,
                capture_output=True,
                cwd="/",
            )
    shutil.rmtree(folder, ignore_errors=True)


def of_run(run):
    """Return the folders of the servers of one run of the tests."""
    return list(Path(tempfile.gettempdir()).glob(f"{PREFIX}{run}*"))


def left(run=""):
    """Yield the folders of servers, of one run or of any, whose starter is gone."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}{run}*/{OWNER}"):
        with suppress(OSError), lock.open() as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield lock.parent


def clear(run=""):
    """Take away what runs that were cut off have left; a server whose starter lives is kept."""
    for folder in left(run):
        remove(folder)


def connected(url):
    """Return a connection of the driver's own, each of whose statements is by itself."""
    import psycopg

    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def ask(url, statement):
    """Run a statement on a server by itself; return its rows."""
    with connected(url) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def copied(url, name, template):
    """Make a database as a copy of another one.

    Files in memory are copied as they are, which takes half the time; on a disk PostgreSQL would
    wait for both, and the copy goes through its log.
    """
    in_memory = Path(tempfile.gettempdir()).resolve().is_relative_to("/dev/shm")
    how = " STRATEGY FILE_COPY" if in_memory and _version(url) >= STRATEGIES else ""
    ask(url, f"CREATE DATABASE {name} TEMPLATE {template}{how}")


@cache
def _version(url):
    ((version,),) = ask(url, "SHOW server_version_num")
    return int(version)


def database(url, name):
    """Return the URL of another database on the same server."""
    return f"{url.rpartition('/')[0]}/{name}"


if __name__ == "__main__":
    # The guard: it reads what nobody writes, until who started it is gone.
    sys.stdin.read()
    remove(Path(sys.argv[1]))
