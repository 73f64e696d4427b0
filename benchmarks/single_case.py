"""What a command on one case costs, whatever the size of the register."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from measure import (
    CASEWORK,
    Program,
    arguments,
    at_most,
    compile_bytecode,
    fixed,
    heading,
    interleaved,
    nothing,
    processor_ratio,
    ratio,
    spread,
    table,
    working_folder,
)
from registers import OFFICE, OWNERS, built_register

if TYPE_CHECKING:
    from pathlib import Path

GOAL = 30
SMALL = 10_000
"""A register up to this size is made anew for each measurement: it has too few cases to use up."""

VERBS = ("show", "history", "note", "assign", "advance")


def proposed(store: Path, count: int) -> list[str]:
    """Return references of proposed cases from anywhere in the register."""
    query = "SELECT ref FROM \"case\" WHERE state = 'proposed' ORDER BY random() LIMIT ?"
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        found = [ref for (ref,) in connection.execute(query, (count,))]
    if len(found) < count:
        raise RuntimeError(f"{store.name} has only {len(found)} proposed cases, {count} are needed")
    return found


def program(store: Path, refs: list[str], verb: str) -> Program:
    """Return a program that does one thing to the next case in each round."""
    after = {
        "note": ("The draft went to the Ministry of Justice.",),
        "assign": ("--owner", OWNERS[0], "--due", "2090-06-30"),
    }
    return Program(
        lambda number: (CASEWORK, "--db", store, verb, refs[number], *after.get(verb, ()))
    )


def main() -> None:
    """Measure and print."""
    given = arguments(__doc__, runs=11, sizes=(100, 100_000, 1_000_000))
    compile_bytecode()
    programs = nothing() | {"--help": fixed(CASEWORK, "--help")}
    with working_folder(given.folder) as folder:
        for size in given.sizes:
            if size <= SMALL:
                (folder / f"office-short-{size}.db").unlink(missing_ok=True)
            store = built_register(folder, size, OFFICE, "office")
            refs = proposed(store, given.runs + 1)
            programs |= {f"{verb}, {size:,} cases": program(store, refs, verb) for verb in VERBS}
        samples = interleaved(programs, given.runs)
    print(heading("Commands on one case", given.runs))
    rows = []
    for verb in VERBS:
        smallest = f"{verb}, {given.sizes[0]:,} cases"
        for size in given.sizes:
            name = f"{verb}, {size:,} cases"
            found = ratio(samples, name)
            same = f"{ratio(samples, name, smallest):.2f}"
            rows.append(
                [
                    name,
                    f"{found:.1f}",
                    spread(samples, name),
                    f"{processor_ratio(samples, name):.1f}",
                    *at_most(found, GOAL),
                    same,
                ]
            )
    headings = [
        "command",
        "P",
        "middle half",
        "processor",
        "goal",
        "",
        f"of {given.sizes[0]:,} cases",
    ]
    print(table(headings, rows))
    print(f"\nFor comparison: --help {ratio(samples, '--help'):.1f} P.")


if __name__ == "__main__":
    main()
