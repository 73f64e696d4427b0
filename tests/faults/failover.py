"""Kill the leader of three servers during writes: what was acknowledged is there, and once.

    python tests/faults/failover.py                  three nodes, four writers, one kill
    python tests/faults/failover.py --kills 3 --writers 8

Three PostgreSQL nodes under Patroni and etcd run in a folder in memory, on this machine only and as
an unprivileged user, with passwords (SCRAM) and synchronous replication. Writers, each with a login
of its own, add notes as fast as they can through the command line, with the URL of all three nodes.
The leader's Patroni and postmaster are killed with SIGKILL. Afterwards

- every note that was acknowledged is in the log once, in its writer's order;
- nothing else is, but at most one note of each command that did not succeed;
- the log's numbers have no gap, and the store verifies;
- the old leader, started again, follows the new one and holds the same log.

The longest time in which nobody was told of an act is printed. It needs PostgreSQL's binaries, and

    apt-get install etcd-server
    /usr/bin/python3 -m venv /opt/ha && /opt/ha/bin/pip install 'patroni[etcd3]' 'psycopg[binary]'
    PATRONI=/opt/ha/bin/patroni python tests/faults/failover.py

where the unprivileged user may read them: not in a home folder, nor by an interpreter of one. Both
are looked for on the path where ETCD and PATRONI do not name them.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import ground
import kills
import pgserver

from casework.errors import UnavailableError
from casework.questions import audit_log
from casework.store import db

NODES = 3
TTL = 20
"""Seconds until the others take a leader for lost that has stopped renewing its lease."""

PASSWORD = "kept-in-the-password-file"
NEEDS = "set ETCD and PATRONI to the programs, or see the head of this file how to get them"

CONFIGURATION = """
scope: casework
name: n{number}
restapi: {{listen: "127.0.0.1:{rest}", connect_address: "127.0.0.1:{rest}"}}
etcd3: {{hosts: [{etcd}]}}
bootstrap:
  dcs:
    ttl: {ttl}
    loop_wait: 3
    retry_timeout: 5
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      parameters: {{max_connections: 50, password_encryption: scram-sha-256}}
  initdb: [{{encoding: UTF8}}, {{locale: C.UTF-8}}, data-checksums]
postgresql:
  listen: "127.0.0.1:{port}"
  connect_address: "127.0.0.1:{port}"
  data_dir: {folder}/data{number}
  bin_dir: {binaries}
  pgpass: {folder}/pgpass{number}
  authentication:
    superuser: {{username: postgres, password: {password}}}
    replication: {{username: replicator, password: {password}}}
    rewind: {{username: rewinder, password: {password}}}
  parameters: {{unix_socket_directories: "{folder}"}}
  pg_hba:
    - host all all 127.0.0.1/32 scram-sha-256
    - host replication replicator 127.0.0.1/32 scram-sha-256
"""


def program(variable, name):
    """Return a program's path, from the environment or the path; None where there is none."""
    found = os.environ.get(variable) or shutil.which(name)
    return found and str(Path(found).absolute())


def missing():
    """Yield what the trial needs that is not here."""
    for variable, name in (("ETCD", "etcd"), ("PATRONI", "patroni")):
        if program(variable, name) is None:
            yield f"no {name}: {NEEDS}"
    if pgserver.binaries() is None:
        yield pgserver.NO_SERVER


def free_ports(count):
    """Return ports nobody listens on."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    found = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return found


class Cluster:
    """Three nodes and what decides which of them leads."""

    def __init__(self, folder):
        self._folder = folder
        self._etcd, peers, self._rest, self.ports = (free_ports(NODES) for _ in range(4))
        self._running = {}
        members = ",".join(f"e{n}=http://127.0.0.1:{port}" for n, port in enumerate(peers))
        for number in range(NODES):
            client, peer = (f"http://127.0.0.1:{ports[number]}" for ports in (self._etcd, peers))
            self._start(
                f"etcd{number}",
                *(program("ETCD", "etcd"), "--name", f"e{number}"),
                *("--data-dir", folder / f"etcd{number}"),
                *("--listen-client-urls", client, "--advertise-client-urls", client),
                *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
                *("--initial-cluster", members, "--initial-cluster-state", "new"),
            )
        for number in range(NODES):
            self.start(number)

    def _start(self, name, *words):
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*pgserver.unprivileged(), *words],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self._folder,
                env={"PATH": os.environ["PATH"], "HOME": str(self._folder)},
            )

    def start(self, number):
        """Start a node, or start it again."""
        file = self._folder / f"n{number}.yml"
        hosts = ", ".join(f'"127.0.0.1:{port}"' for port in self._etcd)
        text = CONFIGURATION.format(
            number=number,
            rest=self._rest[number],
            etcd=hosts,
            ttl=TTL,
            port=self.ports[number],
            folder=self._folder,
            binaries=pgserver.binaries(),
            password=PASSWORD,
        )
        file.write_text(text, "utf-8")
        self._start(f"patroni{number}", program("PATRONI", "patroni"), file)

    def kill(self, number):
        """Kill a node where it stands: what keeps it, and the server itself."""
        data = self._folder / f"data{number}"
        with suppress(FileNotFoundError, ProcessLookupError):
            server = int((data / "postmaster.pid").read_text("ascii").split("\n", 1)[0])
            # The file outlives a server that was killed, and its number may be another's by now.
            if str(data) in Path(f"/proc/{server}/cmdline").read_text("utf-8"):
                os.kill(server, signal.SIGKILL)
        keeper = self._running.pop(f"patroni{number}")
        keeper.kill()
        keeper.wait()

    def states(self):
        """Return role and state of each node by its number, as Patroni tells."""
        for port in self._rest:
            with suppress(OSError, ValueError):
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/cluster", timeout=2
                ) as answer:
                    told = json.load(answer)["members"]
                return {int(one["name"][1:]): (one["role"], one["state"]) for one in told}
        return {}

    def settled(self, without=()):
        """Wait until one node leads and the others stream, one of them synchronously.

        Returns the leader's number.
        """
        deadline = time.monotonic() + ground.SECONDS
        while time.monotonic() < deadline:
            found = {n: said for n, said in self.states().items() if n not in without}
            leads = [n for n, said in found.items() if said == ("leader", "running")]
            follow = sorted(role for role, state in found.values() if state == "streaming")
            if len(leads) == 1 and follow == ["replica", "sync_standby"][-len(found) + 1 :]:
                return leads[0]
            time.sleep(0.2)
        raise SystemExit(f"the nodes do not come to rest: {self.states()}")

    def url(self, login, *, only=None):
        """Return the URL of the register for a login, on all nodes or on one."""
        ports = self.ports if only is None else [self.ports[only]]
        hosts = "&".join(f"host=127.0.0.1:{port}" for port in ports)
        return f"postgresql+psycopg://{login}@/register?{hosts}"

    def end(self):
        """End everything that was started."""
        for number in range(NODES):
            if f"patroni{number}" in self._running:
                self.kill(number)
        for one in self._running.values():
            one.kill()
            one.wait()


@contextmanager
def cluster():
    """Give a cluster that is gone afterwards."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="casework-cluster-", dir=parent))
    folder.chmod(0o777)
    try:
        one = Cluster(folder)
        try:
            yield one
        finally:
            one.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def furnish(nodes, writers):
    """Make the register, and writers with logins of their own; passwords stand in a file."""
    passwords = Path("passwords")
    passwords.write_text(f"*:*:*:*:{PASSWORD}\n", "utf-8")
    passwords.chmod(0o600)
    os.environ["PGPASSFILE"] = str(passwords.absolute())
    leader = nodes.settled()
    # In simple form: the driver itself takes no URL of several hosts.
    pgserver.ask(
        f"postgresql://postgres@127.0.0.1:{nodes.ports[leader]}/postgres",
        "CREATE DATABASE register",
    )
    os.environ["CASEWORK_DB"] = nodes.url("postgres")
    ground.furnish()
    for number in range(writers):
        ground.must(f"person add w{number} --name Writer --org mofa --role secretariat")
        done = subprocess.run(
            [sys.executable, "-m", "casework", "db", "grant", f"w{number}", "--password"],
            input=f"{PASSWORD}\n",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done


class Writer:
    """A command line with a login of its own, given again and again until it is time."""

    def __init__(self, name, url, until):
        self.name, self._url, self._until, self._number = name, url, until, 0
        self._told, self._tell = os.pipe()
        self.command = ground.Command(*self._words(), then=self._next)
        os.close(self._tell)
        self.command.go()

    def _words(self):
        return "--db", self._url, "note", kills.REF, f"{self.name}-{self._number}"

    def _next(self, code):
        os.write(self._tell, f"{self._number} {code} {time.monotonic()}\n".encode())
        self._number += 1
        return self._words() if time.monotonic() < self._until else None

    def said(self):
        """Return what became of each command: its note, its exit code and when; and its errors."""
        with os.fdopen(self._told) as told:
            lines = [line.split() for line in told]
        done = self.command.wait()
        return [(f"{self.name}-{n}", int(code), float(at)) for n, code, at in lines], done.err


def wrong(said, kept):
    """Yield what is wrong with what is kept of what each writer was told."""
    held = Counter(kept)
    yield from (f"{note} is kept {count} times" for note, count in held.items() if count > 1)
    for of_one in said:
        acknowledged = [note for note, code, _ in of_one if code == 0]
        failed = {note for note, code, _ in of_one if code}
        if lost := [note for note in acknowledged if note not in held]:
            yield f"{len(lost)} acknowledged notes are lost, as {lost[0]}"
        own = [note for note in kept if note in acknowledged]
        if own != sorted(own, key=lambda note: int(note.rpartition("-")[2])):
            yield f"the notes of {of_one[0][0]} and after are not in their order"
        held -= Counter({*acknowledged, *failed})
    if held:
        yield f"kept, and nobody asked for it: {sorted(held)[:3]}"


def gaps(url):
    """Yield what is wrong with the numbers of the log, and with the store."""
    with db.open_store(url).reading() as connection:
        ((count, first, last),) = connection.told("SELECT count(*), min(seq), max(seq) FROM event")
    if (first, last) != (0, count - 1):
        yield f"{count} events are numbered from {first} to {last}"
    ground.check(url)


def trial(nodes, asked, number):
    """Let writers write, kill the leader meanwhile; return what was wrong and a line of figures."""
    size, _ = kills.notes(os.environ["CASEWORK_DB"], 0)
    until = time.monotonic() + asked.before + asked.after
    writers = [
        Writer(f"k{number}w{one}", nodes.url(f"w{one}"), until) for one in range(asked.writers)
    ]
    time.sleep(asked.before)
    leader = nodes.settled()
    nodes.kill(leader)
    killed = time.monotonic()
    said, errors = zip(*(one.said() for one in writers), strict=True)
    new = nodes.settled(without={leader})
    _, kept = kills.notes(os.environ["CASEWORK_DB"], size)
    bad = [*wrong(said, kept), *gaps(os.environ["CASEWORK_DB"])]
    bad += [f"a writer said {one[-300:]}" for one in errors if "Traceback" in one]
    times = sorted(at for one in said for _, code, at in one if code == 0)
    longest = max(after - before for before, after in pairwise(times))
    if not times or times[0] > killed or times[-1] < killed:
        bad.append("nobody wrote before the kill, or nobody after it")
    nodes.start(leader)
    started = time.monotonic()
    bad += [f"node {leader} {what}" for what in apart(nodes, leader)]
    rejoined = time.monotonic() - started
    failed = sum(code != 0 for one in said for _, code, _ in one)
    return bad, (
        f"n{leader} killed, n{new} led: {len(times):,} acts acknowledged and kept once,"
        f" {len(kept) - len(times)} more of {failed} commands that failed,"
        f" {sum(one.count('waiting for the server') for one in errors)} waited;"
        f" longest gap {longest:.1f} s; {rejoined:.0f} s after its start the old leader streamed"
        " and held the same log"
    )


def apart(nodes, number):
    """Wait until a node streams and holds the leader's log; yield what it has instead."""
    deadline = time.monotonic() + ground.SECONDS
    streaming = f"SELECT FROM pg_stat_replication WHERE application_name = 'n{number}'"
    own = nodes.url("postgres", only=number)
    head, held, found = None, (), []
    while (held != head or not found) and time.monotonic() < deadline:
        time.sleep(0.2)
        with suppress(UnavailableError):
            with db.open_store(os.environ["CASEWORK_DB"]).reading() as connection:
                head = audit_log.head(connection)
                found = connection.told(f"{streaming} AND state = 'streaming'")
            with db.open_store(own).reading() as connection:
                held = audit_log.head(connection)
    if held != head or not found:
        yield f"streams {len(found)} times, holds {held}, the leader {head}"


def main():
    """Run the trial, print what was seen, and fail where something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=4, metavar="N")
    parser.add_argument("--kills", type=int, default=1, metavar="N")
    parser.add_argument("--before", type=float, default=10, metavar="SECONDS", help="a kill")
    parser.add_argument("--after", type=float, default=45, metavar="SECONDS", help="a kill")
    asked = parser.parse_args()
    if lacking := list(missing()):
        raise SystemExit("\n".join(lacking))
    bad = []
    with ground.scratch() as folder, cluster() as nodes:
        ground.at_home(folder)
        furnish(nodes, asked.writers)
        for number in range(asked.kills):
            found, told = trial(nodes, asked, number)
            bad += found
            sys.stdout.write(f"{told}\n")
    sys.stdout.writelines(f"{what}\n" for what in bad[:10])
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
