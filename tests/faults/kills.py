"""Kill a writer at a random moment, many times: what was acknowledged is there, and once.

    python tests/faults/kills.py                                       1,000 kills, SQLite
    python tests/faults/kills.py --engine postgresql                   the same on a server
    python tests/faults/kills.py --engine postgresql --what backend --kills 100
    python tests/faults/kills.py --engine postgresql --what server --kills 25

A writer adds notes as fast as it can and says of each that it was acknowledged, until it is killed
with SIGKILL; or its backend on the server is, or the server stops without a word. After each the
next command must work, every note that was acknowledged is there once and in order, at most one
more that was on its way, and the store verifies. For PostgreSQL a server is started.
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import nullcontext, suppress

import ground
import pgserver
import psycopg

from casework.store import db

REF = "A.2"
LONGEST = {"sqlite": 0.15, "postgresql": 0.6}
"""Seconds a writer has at most before it is struck."""


class Writer:
    """A command line that is given again and again, and says each time what became of it."""

    def __init__(self, name):
        self.name, self.number = name, 0
        self._told, self._tell = os.pipe()
        self._command = ground.Command(*self._words(), then=self._next)
        os.close(self._tell)
        self._command.go()

    def _words(self):
        return "note", REF, f"{self.name}-{self.number}"

    def _next(self, code):
        os.write(self._tell, f"{self.number} {code}\n".encode())
        self.number += 1
        return self._words() if code == 0 else None

    def end(self):
        """Kill it where it has not ended; return the notes acknowledged and what it said last."""
        done = self._command.kill()
        with os.fdopen(self._told) as told:
            said = [line.split() for line in told.read().splitlines()]
        return [f"{self.name}-{number}" for number, code in said if code == "0"], done


def notes(url, since):
    """Return the size of the log, and the notes in it from an event on, in order."""
    with db.open_store(url).reading() as connection:
        query = f"SELECT body FROM disclosure WHERE seq >= {since} ORDER BY seq"
        found = [json.loads(bytes(body)) for (body,) in connection.told(query)]
        ((size,),) = connection.told("SELECT size FROM log_head")
    return size, [one["note"][1] for one in found if "note" in one]


def kill_backend(url):
    """Kill the server's process that works for somebody, as soon as there is one.

    The server then ends all of them, and begins anew.
    """
    name = url.rpartition("/")[2]
    query = f"SELECT pid FROM pg_stat_activity WHERE datname = '{name}'"
    watching = pgserver.connected(pgserver.database(url, "postgres"))
    while not (found := watching.execute(query).fetchone()):
        pass
    # It may have done its work meanwhile; else everybody is thrown out, who watches too.
    with suppress(ProcessLookupError, psycopg.OperationalError):
        os.kill(found[0], signal.SIGKILL)
        watching.execute("SELECT pg_sleep(5)")
    watching.close()


def strike(what, url, server):
    """Do the harm, or leave it to who ends the writer."""
    if what == "backend":
        kill_backend(url)
    elif what == "server":
        server.crash()
        server.start()


def recovered(url):
    """Wait until a server that recovers answers again."""
    deadline = time.monotonic() + ground.SECONDS
    while True:
        try:
            return pgserver.ask(url, "SELECT 1")
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def wrong(acknowledged, kept, name, done):
    """Yield what is wrong with the notes that were kept of one writer."""
    if kept[: len(acknowledged)] != acknowledged:
        yield f"acknowledged {acknowledged[-3:]}, kept {kept[-3:]}"
    if kept[len(acknowledged) :] not in ([], [f"{name}-{len(acknowledged)}"]):
        yield f"kept {kept[len(acknowledged) :]}, which nobody was told of"
    if "Traceback" in done.err or done.code not in {-9, 8}:
        yield f"it ended with {done}"


def rounds(asked, url, server, told):
    """Kill a writer again and again; yield what was wrong."""
    chance = random.Random(asked.seed)
    size, _ = notes(url, 0)
    for number in range(asked.kills):
        name = f"w{number}"
        writer = Writer(name)
        time.sleep(chance.uniform(0, LONGEST[asked.engine]))
        strike(asked.what, url, server)
        if asked.what != "client":
            recovered(url)
        acknowledged, done = writer.end()
        alive = ground.forked("note", REF, f"alive {number}")
        if alive.code:
            yield f"kill {number}: the next command says {alive}"
            return
        before, (size, kept) = size, notes(url, size)
        if kept.pop() != f"alive {number}" or size != before + len(kept) + 1:
            yield f"kill {number}: the next note is not the last, or events have no note"
        yield from (f"kill {number}: {what}" for what in wrong(acknowledged, kept, name, done))
        if number % asked.verify == 0 or number == asked.kills - 1:
            ground.check(url)
            told["verified"] += 1
        told["kills"] += 1
        told["acknowledged"] += len(acknowledged)
        told["more"] += len(kept) - len(acknowledged)


def main():
    """Kill, print how many acts were acknowledged, and stop at the first that was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--what", choices=("client", "backend", "server"), default="client")
    parser.add_argument("--kills", type=int, default=1_000, metavar="N")
    parser.add_argument("--verify", type=int, default=10, metavar="N", help="verify after each Nth")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    asked = parser.parse_args()
    shared = asked.engine == "postgresql"
    told = Counter()
    own = pgserver.started() if shared else nullcontext()
    with ground.scratch() as folder, own as server:
        ground.at_home(folder)
        url = ground.STORE
        if server is not None:
            pgserver.ask(server.url, "CREATE DATABASE register")
            url = os.environ["CASEWORK_DB"] = pgserver.database(server.url, "register")
        ground.furnish()
        for what in rounds(asked, url, server, told):
            sys.stdout.write(f"{what}; --seed {asked.seed}\n")
            return 1
    sys.stdout.write(
        f"{told['kills']:,} kills of the {asked.what}, {asked.engine}: {told['acknowledged']:,}"
        f" acts acknowledged and kept, {told['more']} more, verified {told['verified']} times\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
