"""How many cases `casework import` takes in per second, with their events, and its memory.

With --server, how long it takes on PostgreSQL, beside SQLite: start-up, which is that of an import
of one case, is taken off both. The processor's time is that of the client and of its session.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from measure import (
    CASEWORK,
    P,
    Program,
    Samples,
    arguments,
    at_most,
    compile_bytecode,
    fixed,
    heading,
    interleaved,
    nothing,
    peak,
    processor_ratio,
    ratio,
    run,
    seconds,
    spread,
    table,
    verdict,
    working_folder,
)
from registers import FORMS, OFFICE, empty_register, furnish, write_csv

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "faults"))
import pgserver

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

RATE_GOAL = 10_000
SERVER_GOAL = 12
MEMORY_GOAL = 1.1
"""Ten times the rows may take a tenth more memory: chance, not growth."""

LEAST = """
import csv, hashlib, json, sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute('PRAGMA journal_mode=TRUNCATE')
store.execute('PRAGMA synchronous=FULL')
store.execute('CREATE TABLE kept (ref TEXT PRIMARY KEY, title TEXT, owner TEXT, due TEXT)')
store.execute('CREATE TABLE log (seq INTEGER PRIMARY KEY, body BLOB, leaf BLOB)')
store.execute('BEGIN IMMEDIATE')
def events():
    for seq, row in enumerate(csv.DictReader(open(sys.argv[2], encoding='utf-8', newline=''))):
        body = json.dumps(row, ensure_ascii=False, sort_keys=True).encode()
        kept.append((row['ref'], row['title'], row['owner'], row['due']))
        yield seq, body, hashlib.sha256(body).digest()
        if len(kept) == 500:
            store.executemany('INSERT INTO kept VALUES (?, ?, ?, ?)', kept)
            kept.clear()
kept = []
store.executemany('INSERT INTO log VALUES (?, ?, ?)', events())
store.executemany('INSERT INTO kept VALUES (?, ?, ?, ?)', kept)
store.execute('COMMIT')
"""
"""The least a Python program could do: the same file, four columns kept, one hashed line a case."""


def program(folder: Path, file: Path, size: int) -> Program:
    """Return an import into a register that is empty in every round."""
    empty = empty_register(folder / "empty.db")

    def words(_: int) -> list[str | Path]:
        store = folder / f"into-{size}.db"
        shutil.copyfile(empty, store)
        return [CASEWORK, "--db", store, "import", file]

    return Program(words)


def least(folder: Path, file: Path) -> Program:
    """Return the least program, into a new file in every round."""

    def words(_: int) -> list[str | Path]:
        store = folder / "least.db"
        store.unlink(missing_ok=True)
        return [sys.executable, "-c", LEAST, store, file]

    return Program(words)


def row(samples: Samples, form: str, size: int, smallest: int) -> list[str]:
    """Return a row of the table; memory is compared with the smallest file's."""
    name = f"{form} rows, {size:,}"
    rate = size / seconds(samples[name])
    grown = peak(samples[name]) / peak(samples[f"{form} rows, {smallest:,}"])
    return [
        name,
        f"{rate / RATE_GOAL:.2f}",
        verdict(met=rate >= RATE_GOAL),
        spread(samples, name, name),
        f"{ratio(samples, name) * 1000 / size:.2f}",
        f"{ratio(samples, name, f'least, {name}'):.1f}",
        f"{processor_ratio(samples, name, f'least, {name}'):.1f}",
        f"{grown:.2f}",
        verdict(met=grown <= MEMORY_GOAL),
        f"{peak(samples[name]) / 1024:.0f}",
    ]


def served(server: Any, file: Path) -> tuple[float, float]:
    """Import a file into a new database; return the seconds, and those of the processor."""
    pgserver.ask(server.url, "DROP DATABASE IF EXISTS into_it")
    pgserver.copied(server.url, "into_it", "empty")
    url = pgserver.database(server.url, "into_it")
    before = _ended(server.process)
    sample = run(fixed(CASEWORK, "--db", url, "import", file))
    # The session ends a moment after its client.
    while pgserver.ask(server.url, "SELECT FROM pg_stat_activity WHERE datname = 'into_it'"):
        pass
    return sample.seconds, sample.processor + _ended(server.process) - before


def _ended(process: int) -> float:
    """Return the processor's seconds of the children of a process that have ended."""
    told = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(map(int, told[13:15])) / os.sysconf("SC_CLK_TCK")


def beside(folder: Path, sizes: Iterable[int], runs: int) -> list[list[str]]:
    """Return the rows of the table of both engines."""
    files = {
        (form, size): write_csv(folder / f"office-{form}-{size}.csv", size, OFFICE, form)
        for form in FORMS
        for size in (1, *sizes)
    }
    found: dict[tuple[str, int, str], list[tuple[float, float]]] = {}
    with pgserver.started() as server:
        pgserver.ask(server.url, "CREATE DATABASE empty")
        furnish(pgserver.database(server.url, "empty"))
        for number in range(runs):
            for (form, size), file in files.items():
                here = run(program(folder, file, size), number)
                times = {"here": (here.seconds, here.processor), "there": served(server, file)}
                for place, took in times.items():
                    found.setdefault((form, size, place), []).append(took)
    rows = []
    for form, size in [one for one in files if one[1] > 1]:
        here, there = (
            [
                median(column) - median(start)
                for column, start in zip(
                    zip(*found[form, size, place], strict=True),
                    zip(*found[form, 1, place], strict=True),
                    strict=True,
                )
            ]
            for place in ("here", "there")
        )
        time, processor = (theirs / ours for ours, theirs in zip(here, there, strict=True))
        goal = at_most(time, SERVER_GOAL)
        rows.append([f"{form} rows, {size:,}", f"{time:.1f}", f"{processor:.1f}", *goal])
    return rows


def main() -> None:
    """Measure and print."""
    given = arguments(__doc__, runs=5, sizes=(10_000, 100_000), server=True)
    compile_bytecode()
    if given.server:
        with working_folder(given.folder) as folder:
            rows = beside(folder, given.sizes, given.runs)
        print(heading("Import on PostgreSQL, beside SQLite", given.runs))
        print(table(["file", "of SQLite", "processor, of the same", "goal", ""], rows))
        return
    programs = nothing()
    names = [(form, size) for form in FORMS for size in given.sizes]
    with working_folder(given.folder) as folder:
        for form, size in names:
            file = write_csv(folder / f"office-{form}-{size}.csv", size, OFFICE, form)
            name = f"{form} rows, {size:,}"
            programs |= {name: program(folder, file, size), f"least, {name}": least(folder, file)}
        samples = interleaved(programs, given.runs)
    print(heading("Import", given.runs))
    headings = [
        "file",
        f"of {RATE_GOAL:,} cases/s",
        "",
        "middle half (of its median)",
        f"{P}, per 1,000 cases",
        "of the least program",
        "processor, of the same",
        f"peak memory, of {given.sizes[0]:,} rows",
        "",
        "MiB",
    ]
    print(table(headings, [row(samples, form, size, given.sizes[0]) for form, size in names]))


if __name__ == "__main__":
    main()
