"""A PostgreSQL server of one's own, started from the system's binaries and gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

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


def _unprivileged():
    """PostgreSQL refuses root: return the words that run a command as somebody else."""
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


class Server:
    """A server in a folder; `url` names its database of administration."""

    def __init__(self, folder):
        self._data, self._binaries = folder / "data", binaries()
        make = ["-U", "casework", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run("initdb", *make)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        )
        self.url = f"postgresql+psycopg://casework@127.0.0.1:{port}/postgres"
        self.start()

    def _run(self, program, *words):
        subprocess.run(
            [*_unprivileged(), self._binaries / program, "-D", self._data, *words],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
        )

    def start(self):
        """Start it and wait until it answers."""
        self._run("pg_ctl", "-l", self._data / "server.log", "-w", "-o", self._options, "start")

    def crash(self):
        """Stop it as a crash does, without a word to anybody."""
        self._run("pg_ctl", "-m", "immediate", "stop")


@contextmanager
def started():
    """Give a server that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="casework-pg-"))
    folder.chmod(0o777)
    try:
        one = Server(folder)
        try:
            yield one
        finally:
            one.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def connected(url):
    """Return a connection of the driver's own, each of whose statements is by itself."""
    import psycopg

    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def ask(url, statement):
    """Run a statement on a server by itself; return its rows."""
    with connected(url) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def database(url, name):
    """Return the URL of another database on the same server."""
    return f"{url.rpartition('/')[0]}/{name}"
