"""Kill upgrades of a store at random moments: the next one works, and nothing is lost.

    python tests/faults/upgrades.py                          200 kills, SQLite
    python tests/faults/upgrades.py --engine postgresql      the same on a server

Each time a store of schema 0001 is brought up to date and the command killed with SIGKILL. Then
the upgrade is given once more: it must work, every event must have the bytes it had, and the store
must verify. At last two upgrades are started at once: both must say how they found the store. For
PostgreSQL a server is started.
"""

import argparse
import random
import shutil
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import ground
import pgserver

from casework.store import db

BODIES = "SELECT body FROM event ORDER BY seq"
SAID = [
    f"schema {db.REVISION}; its schema was 0001\n",
    f"schema {db.REVISION}; nothing was changed\n",
]
UPGRADE = ("db", "upgrade", "--db")


class Stores:
    """Copies of a store of schema 0001, on either engine."""

    def __init__(self, server):
        self._server = server
        if server is not None:
            pgserver.ask(server.url, "CREATE DATABASE old")
        self.template = "old.db" if server is None else pgserver.database(server.url, "old")
        ground.old_store(self.template)

    @contextmanager
    def copy(self):
        """Give the URL of a copy."""
        if self._server is None:
            with ground.scratch() as folder:
                shutil.copy(self.template, folder / "register.db")
                yield str(folder / "register.db")
            return
        pgserver.ask(self._server.url, "CREATE DATABASE register TEMPLATE old")
        yield pgserver.database(self._server.url, "register")
        pgserver.ask(self._server.url, "DROP DATABASE register WITH (FORCE)")


def bodies(url):
    """Return the bytes of every event of an upgraded store."""
    with db.open_store(url).reading() as connection:
        return [bytes(body) for (body,) in connection.told(BODIES)]


def original():
    """Return the bytes of every event of the store before its upgrade."""
    with closing(sqlite3.connect(":memory:")) as file:
        file.deserialize(ground.kept(ground.OLD))
        return [body for (body,) in file.execute(BODIES)]


def wrong(url, expected):
    """Yield what is wrong with a store once it was upgraded.

    Its log has the events it had, and those that an upgrade enters, once.
    """
    told, size = expected
    if bodies(url)[: len(told)] != told:
        yield "the events are not what they were"
    if ground.check(url) != size:
        yield "the log has another size"
    if "://" not in url and (copies := list(Path(url).parent.glob("*.0001-*"))):
        for copy in copies:
            if not copy.name.startswith(".") and ground.log_size(copy) != len(told):
                yield f"{copy.name} is no whole copy"


def killed(stores, expected, longest, chance, told):
    """Kill an upgrade at a random moment; yield what is wrong after the next one."""
    with stores.copy() as url:
        doomed = ground.Command(*UPGRADE, url)
        doomed.go()
        time.sleep(chance.uniform(0, longest))
        told["ended"] += doomed.kill().code == 0
        if "://" not in url and any(Path(url).parent.glob("register.db.0001-*")):
            # The copy it made bears the second in its name, and is not replaced.
            time.sleep(1)
        done = ground.forked(*UPGRADE, url)
        if done.code:
            yield f"the next upgrade says {done}"
            return
        told["nothing left to do"] += done.out == SAID[1]
        yield from wrong(url, expected)


def together(stores, expected):
    """Start two upgrades at once; yield what is wrong with what they say and leave."""
    with stores.copy() as url:
        both = [ground.Command(*UPGRADE, url) for _ in range(2)]
        for one in both:
            one.go()
        done = [one.wait() for one in both]
        if sorted(one.out for one in done) != SAID:
            yield f"two at once say {done}"
        else:
            yield from wrong(url, expected)


def rounds(asked, stores, told):
    """Kill upgrades, then start two at once; yield what was wrong."""
    chance = random.Random(asked.seed)
    with stores.copy() as url:
        began = time.monotonic()
        ground.must([*UPGRADE, url])
        ground.forked(*UPGRADE, url)
        expected = (original(), ground.check(url))
    with stores.copy() as url:
        began = time.monotonic()
        ground.forked(*UPGRADE, url)
        longest = time.monotonic() - began
    for number in range(asked.kills):
        for what in killed(stores, expected, longest, chance, told):
            yield f"kill {number}: {what}"
        told["kills"] += 1
    for number in range(asked.pairs):
        for what in together(stores, expected):
            yield f"pair {number}: {what}"
        told["pairs"] += 1


def main():
    """Kill upgrades, print how it went, and stop at the first that lost something."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kills", type=int, default=200, metavar="N")
    parser.add_argument("--pairs", type=int, default=20, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    asked = parser.parse_args()
    shared = asked.engine == "postgresql"
    told = Counter()
    with ground.scratch() as folder, pgserver.started() if shared else nullcontext() as server:
        ground.at_home(folder)
        for what in rounds(asked, Stores(server), told):
            sys.stdout.write(f"{what}; --seed {asked.seed}\n")
            return 1
    sys.stdout.write(f"{asked.engine}: {dict(told)}, nothing lost\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
