"""Alter evidence bundles in every way a single slip can: the verifier must refuse each.

    python tests/faults/sweep_bundle.py             every alteration: half an hour of one processor
    python tests/faults/sweep_bundle.py --every 97  each 97th of them, enough for a look

Two bundles of one log are made: the whole of it, more than 200 events, and two cases of it. In
every file that is evidence every bit is flipped, every byte removed and doubled, and every prefix
kept; what becomes of the ends of lines is no alteration. README.txt and verify_bundle.py are no
evidence: a bundle proves nothing by its own words, and whoever does not trust it does not run its
program.
"""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from io import BytesIO, TextIOWrapper
from multiprocessing import Pool, cpu_count
from pathlib import Path
from unittest.mock import patch

from casework.acts import actors, cases, conferences, organisations
from casework.acts.cases import Why
from casework.ledger.ledger import Desk
from casework.log import note, tree, verify_bundle, verify_lines, verify_page, verify_signed
from casework.office.demo import make_register
from casework.proof import evidence
from casework.questions import audit_log, lookup
from casework.store import db

EVIDENCE = (
    *("events.jsonl", "disclosed.jsonl", "proofs.jsonl", "checkpoint.txt"),
    *("history.html", "history.txt", "cases.txt"),
)
LINES, SIGNED, PAGES = (
    EVIDENCE[:3],
    ("checkpoint.txt", "cases.txt"),
    ("history.html", "history.txt"),
)
PLAIN = 499
NO_EVIDENCE = ("README.txt", "verify_bundle.py")
CASES = 10
OTHERS = 140
WITNESSED_AT = 1_700_000_000
READ_LINES, OPENED = verify_lines.lines, verify_lines.opened
CHECK_FORM, CHECK_EVENT = verify_lines.check_form, verify_bundle.check_event


@dataclass(frozen=True)
class Made:
    """Two bundles of a log, checkpoints of it, and the words that check them."""

    whole: Path
    part: Path
    early: Path
    keys: tuple[note.SigningKey, ...]

    def words(self, folder):
        """Return the command line that checks a bundle as strictly as can be."""
        log, witness = (str(key.verifier) for key in self.keys)
        return [str(folder), "--key", log, "--witness", witness, "--strict"]


def grow(connection):
    """Register organisations and cases, and take the cases through their lives."""
    registrar = actors.actor(connection, actors.REGISTRAR)
    desk = Desk(connection, registrar, "văn-thư", date(2024, 1, 2))
    for code, name in (("mofa", "Bộ Ngoại giao"), ("hcmc-pc", "UBND TP. Hồ Chí Minh")):
        organisations.add_organisation(desk, code, name=name)
    conferences.add_conference(desk, "NFAC-20", number=20, day=date(2021, 12, 13))
    for number in range(CASES):
        live(desk, f"NFAC-20.{number:03d}", number)
        for more in range(OTHERS // CASES):
            organisations.add_organisation(desk, f"o{number}-{more}", name=f"Union {number}/{more}")


def live(desk, ref, number):
    """Take one case from proposal to resolution: six events."""
    cases.propose(
        desk,
        ref=ref,
        title=f"Recommendation {number}",
        title_vi=f"Kiến nghị {number}" if number % 3 else None,
        proposer="hcmc-pc",
        conference="NFAC-20",
        why=Why(effective_on=date(2021, 12, 13)),
    )
    told = Why(reason="theo thông báo", effective_on=date(2022, 1, 10))
    cases.assign(desk, ref, owner="mofa", due=date(2022, 12, 31), why=told)
    cases.note(desk, ref, f"seen on day {number}")
    cases.study(desk, ref, why=Why(effective_on=date(2022, 2, 1)))
    cases.answer(desk, ref, outcome="implemented", answer=f"Thông tư {number}")
    cases.resolve(desk, ref)


def signed(connection, *keys, size=None):
    """Return a signed checkpoint of the log, or of its first events."""
    leaves = audit_log.leaves(connection, size)
    text = note.Checkpoint(keys[0].name, len(leaves), tree.subtree_hash(leaves)).text
    return f"{text}\n" + "".join(key.sign(text, WITNESSED_AT) for key in keys)


def build(folder):
    """Make a register and two bundles of its log."""
    path = folder / "register.db"
    make_register(str(path), with_holidays=False)
    store = db.open_store(str(path))
    with store.writing() as connection:
        origin = lookup.register(connection).origin
        grow(connection)
    keys = (
        note.SigningKey.generate(origin, note.ED25519),
        note.SigningKey.generate("inspectorate", note.COSIGNATURE),
    )
    made = Made(folder / "whole", folder / "part", folder / "early.txt", keys)
    with store.reading() as connection:
        early = signed(connection, *keys, size=50)
        now = signed(connection, *keys)
        for bundle in (made.whole, made.part):
            bundle.mkdir()
        evidence.export(connection, [], made.whole, checkpoint=now)
        two = ["NFAC-20.003", "NFAC-20.007"]
        evidence.export(connection, two, made.part, checkpoint=now, since=early, key=keys[0])
    made.early.write_text(early, encoding="utf-8")
    return made


KINDS = (*["bit flipped"] * 8, "byte removed", "byte doubled", "file cut")


def altered(data, number):
    """Return one of the single alterations of some bytes, eleven to each byte."""
    at, kind = divmod(number, len(KINDS))
    head, byte, tail = data[:at], data[at], data[at + 1 :]
    if kind < 8:
        return head + bytes([byte ^ 1 << kind]) + tail
    return (head + tail, head + bytes([byte, byte]) + tail, head)[kind - 8]


class OneLine(BytesIO):
    """A file of one line, for the verifier's own reader."""

    name = "altered"


def opened(path):
    """Open a file as the verifier does; such a line is one that is open."""
    return path if isinstance(path, OneLine) else OPENED(path)


verify_lines.opened = opened


class Remembered:
    """What the verifier found of the lines of a bundle, and the pages it made of them.

    In a sweep all but one line stay what they were, and a line that stays is not looked at again:
    what is said of it depends on its bytes and, of an event, on the one before it of its record.
    """

    def __init__(self, bundle):
        self.known, self.sound, self.checked = {}, set(), {}
        for name in LINES:
            with (bundle / name).open("rb") as file:
                self.known |= dict(zip(file, READ_LINES(bundle / name), strict=True))
        read = [value for _, _, value in self.known.values()]
        self.right = {id(one) for value in read for one in (value, value.get("values"))}
        made = {name: page(bundle) for name, page in verify_page.PAGES.items()}
        self.pages = {name: (lambda _, data=data: data) for name, data in made.items()}

    def lines(self, path):
        """Yield what the verifier's own reader yields, reading only lines that are new."""
        with path.open("rb") as file:
            for line in file:
                if line in self.known:
                    yield self.known[line]
                else:
                    yield from READ_LINES(OneLine(line))

    def check_form(self, where, event):
        """Check the form of an event, once."""
        if id(event) not in self.sound:
            CHECK_FORM(where, event)
            if id(event) in self.right:
                self.sound.add(id(event))

    def check_event(self, where, event, values, last):
        """Check the values of an event, once for each event it may follow."""
        before = last.get((event["kind"], event["key"]))
        own = id(event), id(values), before
        if own not in self.checked:
            left = CHECK_EVENT(where, event, values, last)
            if id(event) not in self.right or id(values) not in self.right:
                return left
            self.checked[own] = left
        return self.checked[own]

    @contextmanager
    def asked(self):
        """Let the verifier ask this memory."""
        names = ("lines", "check_form", "check_event")
        with (
            patch.multiple(verify_bundle, **{name: getattr(self, name) for name in names}),
            patch.object(verify_page, "PAGES", self.pages),
        ):
            yield


def same(name, kept, data):
    """Tell whether only ends of lines and blanks around them were altered; a page has no such."""
    if name in PAGES:
        return False
    if name in LINES:
        return [line.rstrip() for line in kept.splitlines()] == [
            line.rstrip() for line in data.splitlines() if line.rstrip()
        ]
    try:
        return verify_signed.unmangled(kept) == verify_signed.unmangled(data)
    except UnicodeDecodeError:
        return False


class Prober:
    """A copy of a bundle whose files are altered one at a time."""

    def __init__(self, made, bundle, scratch):
        self.words = made.words(scratch)
        self.folder = scratch
        shutil.copytree(bundle, scratch, dirs_exist_ok=True)
        self.memory = Remembered(bundle)
        self.note = verify_signed.read_checkpoint(scratch / "checkpoint.txt")

    def refuses(self, name, data, *, plainly=False):
        """Tell whether the verifier refuses the bundle with this in a file, in one line.

        Plainly, as whoever has the folder runs it; else it asks its memory, and checks no signature
        that was not altered.
        """
        path = self.folder / name
        kept = path.read_bytes()
        path.write_bytes(data)
        try:
            if plainly:
                refused = self._says_no()
            else:
                with self.memory.asked():
                    refused = self._says_no() if name in SIGNED else self._finds_fault(name)
        finally:
            path.write_bytes(kept)
        return refused != same(name, kept, data)

    def _says_no(self):
        out, err = TextIOWrapper(BytesIO()), TextIOWrapper(BytesIO())
        with redirect_stdout(out), redirect_stderr(err):
            code = verify_bundle.main(self.words)
        told = out.buffer.getvalue(), err.buffer.getvalue().count(b"\n")
        return code in {1, 2} and told == (b"", 1)

    def _finds_fault(self, name):
        try:
            if name in PAGES:
                verify_page.check_pages(self.folder)
            else:
                verify_bundle.check_contents(self.folder, self.note)
        except Exception:  # noqa: BLE001 - main makes an exit code of whatever it is
            return True
        return False


def sweep(task):
    """Try some alterations of one file; return counts by kind, and what passed."""
    made, bundle, name, numbers = task
    counts, passed = Counter(), []
    data = (bundle / name).read_bytes()
    with tempfile.TemporaryDirectory() as scratch:
        prober = Prober(made, bundle, Path(scratch))
        for number in numbers:
            at, kind = divmod(number, len(KINDS))
            counts[KINDS[kind]] += 1
            new = altered(data, number)
            # One in some hundreds is given to the verifier that remembers nothing, too.
            plainly = (False, True) if number % PLAIN == 0 else (False,)
            if not all(prober.refuses(name, new, plainly=how) for how in plainly):
                passed.append(f"{bundle.name}/{name}, byte {at}: {KINDS[kind]} ({kind})")
    return counts, passed


def held(bundle):
    """Return the files of a bundle that are evidence; a whole log has no list of cases."""
    return [name for name in EVIDENCE if (bundle / name).exists()]


def tasks(made, every, pieces=1):
    """Yield what is to be swept: each `every`th alteration of each file, in some pieces."""
    for bundle in (made.whole, made.part):
        for name in held(bundle):
            size = (bundle / name).stat().st_size * len(KINDS)
            for piece in range(pieces):
                yield made, bundle, name, range(piece * every, size, every * pieces)


def main():
    """Sweep, print the counts, and fail when an alteration passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--processes", type=int, default=cpu_count(), metavar="N")
    asked = parser.parse_args()
    total, passed = Counter(), []
    with tempfile.TemporaryDirectory() as folder, Pool(asked.processes) as pool:
        made = build(Path(folder))
        listed = list(tasks(made, asked.every, pieces=16))
        for task, (counts, found) in zip(listed, pool.imap(sweep, listed), strict=True):
            # Told piece by piece: a sweep that is broken off has still said something.
            where = f"{task[1].name}/{task[2]}, from {task[3].start:,}"
            sys.stdout.write(f"{where}: {counts.total():,} {dict(counts)}\n")
            sys.stdout.writelines(f"PASSED: {what}\n" for what in found)
            sys.stdout.flush()
            total += counts
            passed += found
    sys.stdout.write(f"{total.total():,} alterations {dict(total)}; passed: {len(passed)}\n")
    return bool(passed)


if __name__ == "__main__":
    sys.exit(main())
