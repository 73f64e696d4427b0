"""How many cases `casework import` takes in per second, with their events, and its memory."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from measure import (
    CASEWORK,
    P,
    Program,
    Samples,
    arguments,
    compile_bytecode,
    heading,
    interleaved,
    nothing,
    peak,
    processor_ratio,
    ratio,
    seconds,
    spread,
    table,
    verdict,
    working_folder,
)
from registers import FORMS, OFFICE, empty_register, write_csv

if TYPE_CHECKING:
    from pathlib import Path

RATE_GOAL = 10_000
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


def main() -> None:
    """Measure and print."""
    given = arguments(__doc__, runs=5, sizes=(10_000, 100_000))
    compile_bytecode()
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
