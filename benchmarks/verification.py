"""How long verification takes: beside Fossil's test-integrity, for a bundle, and after an append.

With `--beside CHECKOUT` only `audit verify` is measured, and another checkout's in the same rounds,
each on a register that it imported from the same file; wall time is what counts there.

The same events are given to Fossil as artifacts, byte for byte. Appends are made in this process,
in turn to a short log and to a long one, each in a transaction of its own that reaches the disk.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from measure import (
    CASEWORK,
    Program,
    Samples,
    at_most,
    compile_bytecode,
    fixed,
    heading,
    interleaved,
    options,
    output,
    peak,
    processor_ratio,
    ratio,
    run,
    seconds,
    spread,
    table,
    working_folder,
)
from registers import OFFICE, OWNED, built_register, empty_register, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = 100_000
"""An office's register of so many cases has about 190,000 events."""
SHORT, LONG = 500, 1_000_000
"""Cases whose registers have 1,000 events, and more than 1,000,000."""
APPENDS = 60

FOSSIL = "fossil test-integrity"
LOG, WHOLE, BUNDLE = "audit verify --log-only", "audit verify", "verify_bundle.py"
FOSSIL_GOAL = 1 / 4
BUNDLE_GOAL = 5
"""Seconds for 100,000 events."""
BESIDE, BESIDE_GOAL = (20_000, 100_000), 1 / 2
APPEND_GOAL = 1.2
"""Times: a long log must not make an append slower; the rest is the disk's mood."""


def bodies(store: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the events of a register as they were hashed."""
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        yield from connection.execute("SELECT seq, body FROM event ORDER BY seq")


def fossil_repository(folder: Path, store: Path) -> Path:
    """Make a Fossil repository of a register's events; one that is there already is used."""
    path = folder / f"{store.stem}.fossil"
    if not path.exists():
        print(f"making {path.name} …", flush=True)
        with tempfile.TemporaryDirectory(dir=folder) as made:
            for seq, body in bodies(store):
                place = Path(made, "artifacts", f"{seq % 256:02x}")
                place.mkdir(parents=True, exist_ok=True)
                (place / f"{seq:07d}").write_bytes(body)
            half = Path(made, path.name)
            words = ("fossil", "reconstruct", half, Path(made, "artifacts"))
            run(Program(lambda _: words, {"HOME": made, "USER": "benchmark"}))
            half.rename(path)
    return path


def bundle(folder: Path, store: Path) -> tuple[Path, str]:
    """Write the evidence of a whole register; return its folder and the log's key."""
    made = folder / "bundle"
    output(CASEWORK, "--db", store, "audit", "export", "--to", made)
    return made, output(CASEWORK, "--db", store, "audit", "key").strip()


def appends(stores: dict[str, Path], rounds: int) -> dict[str, float]:
    """Return the median seconds of one more note in each register, appended in turn."""
    from casework.acts import actors, cases
    from casework.ledger.ledger import Desk
    from casework.questions import listing
    from casework.store import db
    from casework.store.filters import Filter

    opened = {name: db.open_store(str(path)) for name, path in stores.items()}
    refs = {}
    for name, store in opened.items():
        with store.reading() as connection:
            found = listing.cases(connection, Filter(limit=rounds + 1), datetime.now(UTC))
            refs[name] = [case.ref for case in found]
    taken: dict[str, list[float]] = {name: [] for name in stores}
    for number in range(rounds + 1):
        for name, store in opened.items():
            started = time.perf_counter()
            with store.writing() as connection:
                actor = actors.actor(connection, actors.REGISTRAR)
                desk = Desk(connection, actor, actors.os_login(), datetime.now(UTC).date())
                cases.note(desk, refs[name][number], "The draft went to the Ministry of Justice.")
            if number:
                taken[name].append(time.perf_counter() - started)
    return {name: median(times) for name, times in taken.items()}


def events(store: Path) -> int:
    """Return how many events a register has."""
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT size FROM log_head").fetchone()[0])


def print_verifications(samples: Samples, size: int, runs: int) -> None:
    """Print what was measured beside Fossil, and of the bundle."""
    print(heading(f"Verification of {size:,} events", runs))
    goals = {LOG: at_most(ratio(samples, LOG, FOSSIL), FOSSIL_GOAL)}
    rows = [
        [
            name,
            f"{seconds(samples[name]):.2f}",
            f"{ratio(samples, name, FOSSIL):.2f}",
            spread(samples, name, FOSSIL),
            f"{processor_ratio(samples, name, FOSSIL):.2f}",
            *goals.get(name, ["", ""]),
        ]
        for name in (FOSSIL, LOG, WHOLE, BUNDLE)
    ]
    print(table(["command", "seconds", "of Fossil", "middle half", "processor", "goal", ""], rows))
    each = seconds(samples[BUNDLE]) / size * 100_000
    print(f"\n{BUNDLE}: {each:.1f} s for 100,000 events, {' '.join(at_most(each, BUNDLE_GOAL))}.")


def beside(folder: Path, checkout: Path, runs: int) -> None:
    """Measure `audit verify` beside another checkout's, and print the ratios."""
    for size in BESIDE:
        register = {"now": built_register(folder, size, OWNED, "owned")}
        programs = {"now": fixed(CASEWORK, "--db", register["now"], "audit", "verify")}
        file = write_csv(folder / f"owned-short-{size}.csv", size, OWNED)
        theirs = checkout / ".venv" / "bin" / "casework"
        other = folder / f"beside-{size}.db"
        if not other.exists():
            half = empty_register(folder / "beside.db", str(theirs))
            shutil.copyfile(half, other.with_suffix(".part"))
            output(theirs, "--db", other.with_suffix(".part"), "import", file)
            other.with_suffix(".part").rename(other)
        programs["then"] = fixed(theirs, "--db", other, "audit", "verify")
        samples = interleaved(programs, runs)
        print(heading(f"audit verify of {size:,} cases beside {checkout.name}", runs))
        row = [f"{ratio(samples, 'now', 'then'):.2f}", spread(samples, "now", "then")]
        row += [f"{processor_ratio(samples, 'now', 'then'):.2f}"]
        row += [f"{peak(samples['now']) / peak(samples['then']):.2f}"]
        row += at_most(ratio(samples, "now", "then"), BESIDE_GOAL)
        print(table(["wall", "middle half", "processor", "peak memory", "goal", ""], [row]))


def main() -> None:
    """Measure and print."""
    parser = options(__doc__, runs=3)
    parser.add_argument("--folder", type=Path, help="keep made-up registers here, and use them")
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT", help="measure against it alone")
    given = parser.parse_args()
    if given.beside is not None:
        compile_bytecode()
        with working_folder(given.folder) as folder:
            beside(folder, given.beside.resolve(), given.runs)
        return
    if shutil.which("fossil") is None:
        sys.exit("there is no fossil on the path (Debian: apt-get install fossil)")
    compile_bytecode()
    with working_folder(given.folder) as folder, tempfile.TemporaryDirectory(dir=folder) as own:
        store = built_register(folder, CASES, OFFICE, "office")
        repository = fossil_repository(folder, store)
        made, key = bundle(Path(own), store)
        programs = {
            FOSSIL: fixed("fossil", "test-integrity", "-R", repository, HOME=own),
            LOG: fixed(CASEWORK, "--db", store, "audit", "verify", "--log-only"),
            WHOLE: fixed(CASEWORK, "--db", store, "audit", "verify"),
            BUNDLE: fixed(sys.executable, "-I", made / BUNDLE, made, "--key", key),
        }
        print_verifications(interleaved(programs, given.runs), events(store), given.runs)

        stores = {}
        for size in (SHORT, LONG):
            copy = Path(own, f"{size}.db")
            shutil.copyfile(built_register(folder, size, OFFICE, "office"), copy)
            stores[f"{events(copy):,} events"] = copy
        taken = appends(stores, APPENDS)
    print(heading("One more event", APPENDS))
    short, long = taken.values()
    rows = [[name, f"{1_000 * each:.2f}", f"{each / short:.2f}"] for name, each in taken.items()]
    rows[-1] += at_most(long / short, APPEND_GOAL)
    rows[0] += ["", ""]
    print(table(["log", "milliseconds", "of the short log", "goal", ""], rows))


if __name__ == "__main__":
    main()
