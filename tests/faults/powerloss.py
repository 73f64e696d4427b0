"""Cut the power at each moment of some acts, and open what a disk could then hold.

    python tests/faults/powerloss.py
    python tests/faults/powerloss.py --synchronous NORMAL    must lose what was acknowledged

Acts run under strace, which tells every write to the store, its journal and their folder, and
every flush. At each moment, what was flushed is on the disk for certain; of what was written since,
any part may be: each write wholly, its first or last sectors of 512 bytes, or not at all, and a
new file with its name or without. All combinations are tried where there are few, else the likely
ones and some at random. In each the store must open, verify, and hold every acknowledged act.

Needs strace. A disk is taken to keep what it said it flushed, and the folder's first flush to be
enough for a new name.
"""

import argparse
import random
import re
import sqlite3
import sys
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import product
from pathlib import Path
from shlex import split

import ground

from casework.errors import CaseworkError, UnavailableError
from casework.store import sqlite_file

SECTOR = 512
ALL = 8
MANY = 16
"""Of how many writes all combinations are tried, and each alone and each left out; else of some."""

ACTS = """
note A.1 text
propose --title T --proposer vufo --conference NFAC-20
assign A.1 --owner mofa --due 2087-06-30
import cases.csv
redact A.4 --field answer --basis "the law" --consent chi
note A.1 last
"""
ROWS = "ref,title,proposer\n" + "".join(f"B.{number},{'Long ' * 60},vufo\n" for number in range(40))
RECORDED = {
    "acts": (ground.STORE, ACTS, ""),
    "init": ("new.db", "init --no-holidays --db new.db", "init --no-holidays"),
    "upgrade": ("old.db", "db upgrade --db old.db", "db upgrade"),
}
"""Commands by the store they change; the last is what must work where nothing was acknowledged."""

SYNCHRONOUS = ("OFF", "NORMAL", "FULL")
SHOWN = 10
STRACE = ("-y", "-xx", "-s", "1000000", "-e")
CALLS = "trace=openat,write,pwrite64,ftruncate,fsync,fdatasync"
PATH = re.compile(r"<((?:\\x[0-9a-f]{2})+)>")
CALL = re.compile(r"(\w+)\((.*)\) += (\d+.*)$")


@dataclass(frozen=True)
class Step:
    """What happened to a file of the store: made, written, cut or flushed; or what was told."""

    file: str
    what: str
    at: int = 0
    data: bytes = b""


def record(line, store):
    """Run a command that must succeed; yield its steps on a store, its journal and its folder."""
    done, trace = ground.traced([*STRACE, CALLS], split(line))
    if done.code:
        raise AssertionError(line, done)
    for row in trace:
        shown = PATH.sub(lambda path: f"<{unhexed(path[1]).decode()}>", row)
        if (found := CALL.match(shown)) is not None:
            yield from step(*found.groups(), store)


def unhexed(text):
    """Return the bytes that strace wrote in hexadecimal."""
    return bytes.fromhex(text.replace("\\x", ""))


def step(call, told, result, store):
    """Yield the step of one call, if it is one."""
    opened = call == "openat"
    path = Path((result if opened else told).partition("<")[2].partition(">")[0])
    if path.name in {store.name, f"{store.name}-journal"} and path.parent == store.parent:
        if opened and "O_CREAT" in told:
            yield Step(path.name, "made")
        elif call == "pwrite64":
            data, at = re.search(r', "(.*)", \d+, (\d+)$', told).groups()
            yield Step(path.name, "written", int(at), unhexed(data))
        elif call == "ftruncate":
            yield Step(path.name, "cut", int(told.rpartition(" ")[2]))
        elif call in {"fsync", "fdatasync"}:
            yield Step(path.name, "flushed")
    elif call == "write" and told.startswith("1<"):
        yield Step("", "acknowledged")
    elif call in {"fsync", "fdatasync"} and path == store.parent:
        yield Step("", "names flushed")


def apply(content, one):
    """Do a step to the content of its file."""
    if one.what == "cut":
        del content[one.at :]
        content.extend(bytes(one.at - len(content)))
    elif one.what == "written":
        content.extend(bytes(max(one.at - len(content), 0)))
        content[one.at : one.at + len(one.data)] = one.data


def torn(one, keep):
    """Return a write of which only some sectors arrived: the first, for a negative, the last."""
    edge = SECTOR - one.at % SECTOR
    cuts = [0, *range(edge, len(one.data), SECTOR), len(one.data)]
    place = cuts[keep % len(cuts)]
    if keep < 0:
        return Step(one.file, one.what, one.at + place, one.data[place:])
    return Step(one.file, one.what, one.at, one.data[:place])


@dataclass
class Disk:
    """What is on the disk for certain, and the steps that may be there or not."""

    files: dict[str, bytes]
    pending: list[Step] = field(default_factory=list)

    def take(self, one):
        """Take one more step: a flush makes certain what was pending of its file, or of names."""
        if one.what == "names flushed":
            self.pending = [two for two in self.pending if two.what != "made"]
        elif one.what == "flushed":
            sure = [two for two in self.pending if two.file == one.file and two.what != "made"]
            self.files = built(self.files, sure)
            self.pending = [two for two in self.pending if two not in sure]
        else:
            self.pending.append(one)

    def states(self, chance):
        """Yield what could be on the disk now."""
        pending = self.pending
        yield self._with([])
        yield self._with(pending)
        for one in pending if len(pending) <= MANY else chance.sample(pending, MANY):
            yield self._with([two for two in pending if two is not one])
            yield self._with([one])
        if pending and pending[-1].data:
            for keep in (1, 2, 3, -1, -2, -3):
                yield self._with([*pending[:-1], torn(pending[-1], keep)])
        if len(pending) <= ALL:
            for chosen in product((False, True), repeat=len(pending)):
                yield self._with([one for one, kept in zip(pending, chosen, strict=True) if kept])
        for _ in range(2 * min(len(pending), ALL)):
            some = [one for one in pending if chance.random() < 0.5]
            yield self._with(
                [
                    torn(one, chance.randint(-8, 8)) if one.data and chance.random() < 0.2 else one
                    for one in some
                ]
            )

    def _with(self, steps):
        files = built(self.files, steps)
        nameless = {one.file for one in self.pending if one.what == "made" and one not in steps}
        return {name: data for name, data in files.items() if name not in nameless}


def built(files, steps):
    """Return the content of files after some steps."""
    made = {name: bytearray(data) for name, data in files.items()}
    for one in steps:
        apply(made.setdefault(one.file, bytearray()), one)
    return {name: bytes(data) for name, data in made.items()}


class Recorded:
    """Commands recorded on a store, and the sizes of its log before and after each."""

    def __init__(self, folder, name, lines):
        self.store = folder / name
        files = [path for path in folder.glob(f"{name}*") if path.is_file()]
        self.start = {path.name: path.read_bytes() for path in files}
        self.sizes, self.steps = [ground.log_size(self.store)], []
        for line in lines:
            self.steps += record(line, self.store)
            self.sizes.append(ground.log_size(self.store))

    def moments(self):
        """Yield, after each step, the disk and how many commands were acknowledged."""
        disk, acknowledged = Disk(self.start), 0
        for one in self.steps:
            if one.what == "acknowledged":
                acknowledged += 1
            else:
                disk.take(one)
            yield one, disk, acknowledged


def opened(files, store, again):
    """Put a state of the disk into a folder; return the size of the log that is found there."""
    for path in store.parent.iterdir():
        path.unlink()
    for name, data in files.items():
        (store.parent / name).write_bytes(data)
    if again and (done := ground.run(*split(again), "--db", str(store))).code:
        raise UnavailableError(f"{again}: {done.err}")
    return ground.check(store)


def sweep(made, again, chance, told):
    """Open every state; yield what is wrong with it.

    A state in which nothing was acknowledged is one where the command `again` must work.
    """
    known = set()
    with ground.scratch() as folder:
        for number, (one, disk, acknowledged) in enumerate(made.moments()):
            repeat = "" if acknowledged else again
            allowed = made.sizes[-1:] if again else made.sizes[acknowledged : acknowledged + 2]
            for files in disk.states(chance):
                content = (sha256(data).digest() for _, data in sorted(files.items()))
                key = (*sorted(files), *content, acknowledged)
                if key in known:
                    continue
                known.add(key)
                told["states"] += 1
                try:
                    size = opened(files, folder / made.store.name, repeat)
                except (CaseworkError, sqlite3.Error) as error:
                    yield f"step {number}, {one.what} {one.file}: {error}"
                    continue
                if size not in allowed:
                    yield f"step {number}, {one.what} {one.file}: {size} events, not {allowed}"


def prepare():
    """Make the stores that commands are recorded on."""
    ground.furnish()
    Path("cases.csv").write_text(ROWS, encoding="utf-8")
    # As after it was copied: the first act makes the journal.
    Path(f"{ground.STORE}-journal").unlink()
    ground.old_store("old.db")


def main():
    """Cut the power, print how many states were opened, and fail where one was not right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--synchronous", choices=SYNCHRONOUS, default="FULL")
    parser.add_argument("--only", choices=RECORDED, default=None)
    parser.add_argument("--acts", type=int, default=None, metavar="N", help="only the first acts")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--until", metavar="WORDS", help="end at the first wrong that says so")
    asked = parser.parse_args()
    sqlite_file.PRAGMAS["synchronous"] = SYNCHRONOUS.index(asked.synchronous)
    total = 0
    with ground.scratch() as folder:
        ground.at_home(folder)
        prepare()
        for name in [asked.only] if asked.only else RECORDED:
            store, lines, again = RECORDED[name]
            made = Recorded(folder, store, lines.strip().splitlines()[: asked.acts])
            told = Counter()
            for wrong in sweep(made, again, random.Random(asked.seed), told):
                told["wrong"] += 1
                if told["wrong"] <= SHOWN:
                    sys.stdout.write(f"{wrong}\n")
                if asked.until and asked.until in wrong:
                    sys.stdout.write(f"{wrong}\n")
                    return True
            sys.stdout.write(
                f"{name}: {len(made.sizes) - 1} commands, {len(made.steps)} steps,"
                f" {told['states']:,} states of the disk, {told['wrong']:,} wrong\n"
            )
            sys.stdout.flush()
            total += told["wrong"]
    return bool(total)


if __name__ == "__main__":
    sys.exit(main())
