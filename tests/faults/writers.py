"""Let many writers meet on twenty cases: no act is lost, doubled, forked or out of order.

    python tests/faults/writers.py                               8 writers x 1,000 acts, SQLite
    python tests/faults/writers.py --engine postgresql --writers 16
    python tests/faults/writers.py --acts 50 --without-locks     must find what goes wrong then

Each writer gives a case a title nobody else gives, again and again, through the command line, and
notes when it asked and when it was told. Afterwards

- every act was acknowledged, is in the log once, and nothing else is;
- each event of a case begins with the title the one before it left;
- an act that was acknowledged before another was asked for comes before it in the log;
- the log's numbers have no gap, and the store verifies.

It also tells how long writers waited, and how many acts the slowest had done when the first had
done all. For PostgreSQL a server is started.
"""

import argparse
import json
import os
import random
import re
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from statistics import median, quantiles

import ground
import pgserver

from casework.errors import CaseworkError
from casework.store import db, served, sqlite_file

CASES = 20


@dataclass(frozen=True)
class Asked:
    """An act somebody asked for: the case, its title, the exit code, and when, in nanoseconds."""

    writer: int
    ref: str
    title: str
    code: int
    asked: int
    told: int


@dataclass(frozen=True)
class Kept:
    """An act that is in the log: its number, the title it found and the one it left."""

    seq: int
    ref: str
    old: str
    new: str


class Writer:
    """One writer: a process that asks for its acts one after the other."""

    def __init__(self, number, acts):
        self.number, self._chance = number, random.Random(number)
        self._left, self._asked = acts, 0
        self._told, self._tell = os.pipe()
        self.command = ground.Command(*self._words(), then=self._next)
        os.close(self._tell)

    def _words(self):
        self._left -= 1
        self._ref = f"C.{self._chance.randrange(CASES)}"
        self._title = f"w{self.number}-{self._left}"
        self._asked = time.monotonic_ns()
        return "edit", self._ref, "--title", self._title

    def _next(self, code):
        told = time.monotonic_ns()
        what = self.number, self._ref, self._title, code, self._asked, told
        os.write(self._tell, f"{json.dumps(what)}\n".encode())
        return self._words() if self._left else None

    def acts(self):
        """Return what the writer asked for, and when; to be read while it runs."""
        with os.fdopen(self._told) as told:
            return [Asked(*json.loads(line)) for line in told]


def kept():
    """Return the acts of the log on titles, case by case, in the log's order."""
    for number in range(CASES):
        ref = f"C.{number}"
        for event in json.loads(ground.must(f"history {ref} --json"))[1:]:
            yield Kept(event["seq"], ref, *event["changes"]["title"])


def wrong(asked, found):
    """Yield what is wrong with what is kept of the acts that were asked for."""
    done = {one.title: one for one in asked if one.code == 0}
    refused = [one for one in asked if one.code]
    if refused:
        yield f"{len(refused):,} acts were refused, as {refused[0]}"
    titles = [one.new for one in found]
    if len(titles) != len(set(titles)):
        yield f"{len(titles) - len(set(titles)):,} acts are kept twice"
    if lost := done.keys() - set(titles):
        yield f"{len(lost):,} acknowledged acts are lost, as {min(lost)}"
    if ghosts := set(titles) - done.keys():
        yield f"{len(ghosts):,} acts are kept that nobody was told of, as {min(ghosts)}"
    last = {}
    for one in found:
        if (before := last.get(one.ref, "begun")) != one.old:
            yield f"event {one.seq} of {one.ref} began with {one.old}, not {before}"
        last[one.ref] = one.new
    latest = 0
    for one in sorted(found, key=lambda one: one.seq):
        act = done.get(one.new)
        if act is not None:
            if act.told < latest:
                yield f"event {one.seq} was acknowledged before one that precedes it was asked for"
            latest = max(latest, act.asked)


def gaps(url):
    """Yield what is wrong with the numbers of the log, and with the store."""
    with db.open_store(url).reading() as connection:
        ((size, first, last),) = connection.told("SELECT count(*), min(seq), max(seq) FROM event")
    if (first, last) != (0, size - 1):
        yield f"{size} events are numbered from {first} to {last}"
    try:
        ground.check(url)
    except CaseworkError as error:
        yield f"the store does not verify: {error}"


def without_locks():
    """Take the locks out of the program, in this process and its forks."""
    ask, sqlite_file.WRITE = served.Served._ask, "SELECT 1"

    def bare(connection, text, values):
        return ask(connection, re.sub(" FOR( NO KEY)? UPDATE", "", text), values)

    served.Served._ask = bare


def waits(asked):
    """Return in one line how long acts took, and how fairly writers took turns."""
    end = min(
        max(one.told for one in asked if one.writer == who) for who in {a.writer for a in asked}
    )
    counts = {}
    for one in asked:
        counts[one.writer] = counts.get(one.writer, 0) + (one.told <= end)
    took = sorted((one.told - one.asked) / 1e6 for one in asked)
    seconds = (max(one.told for one in asked) - min(one.asked for one in asked)) / 1e9
    hundredths = quantiles(took, n=100)
    return (
        f"{len(asked) / seconds:,.0f} acts a second; an act took {median(took):.0f} ms, one in a"
        f" hundred {hundredths[-1]:.0f}, the longest {took[-1]:.0f}; when the first writer had done"
        f" all, the slowest had done {min(counts.values()) / max(counts.values()):.2f} of it"
    )


def compete(number, acts):
    """Let writers run against each other; return what they asked for."""
    from concurrent.futures import ThreadPoolExecutor

    writers = [Writer(one, acts) for one in range(number)]
    with ThreadPoolExecutor(number) as pool:
        told = [pool.submit(one.acts) for one in writers]
        for one in writers:
            one.command.go()
        asked = [act for one in told for act in one.result()]
    for one in writers:
        one.command.wait()
    return asked


def main():
    """Let writers meet, print how it went, and fail where something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--writers", type=int, default=8, metavar="N")
    parser.add_argument("--acts", type=int, default=1_000, metavar="N", help="of each writer")
    parser.add_argument("--without-locks", action="store_true", help="to see the check go red")
    given = parser.parse_args()
    shared = given.engine == "postgresql"
    with ground.scratch() as folder, pgserver.started() if shared else nullcontext() as server:
        ground.at_home(folder)
        if server is not None:
            pgserver.ask(server.url, "CREATE DATABASE register")
            os.environ["CASEWORK_DB"] = pgserver.database(server.url, "register")
        ground.furnish()
        for number in range(CASES):
            ground.must(f"propose --ref C.{number} --title begun --proposer vufo")
        if given.without_locks:
            without_locks()
        asked = compete(given.writers, given.acts)
        found = list(kept())
        bad = [*wrong(asked, found), *gaps(os.environ["CASEWORK_DB"])]
    sys.stdout.writelines(f"{what}\n" for what in bad[:10])
    sys.stdout.write(
        f"{given.writers} writers, {given.engine}: {len(asked):,} acts, {len(found):,} kept,"
        f" {len(bad)} wrong\n{waits(asked)}\n"
    )
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
