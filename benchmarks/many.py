"""Many acts by one process beside as many processes, on SQLite and on PostgreSQL.

Each act is a note on a case of its own. One process does them as one act on many cases, as lines of
a batch, and as lines that are each kept by themselves; a few single commands stand for all the
others. All four ways are run in turn.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from measure import (
    CASEWORK,
    at_most,
    child_environment,
    compile_bytecode,
    heading,
    options,
    table,
    working_folder,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "faults"))
import pgserver

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GOAL = 1 / 20
SINGLE = 20
"""How many single commands are measured in a round."""


def ran(url: str, *words: str, given: str = "") -> float:
    """Run a command on a store; return its seconds, and raise where it fails."""
    started = time.perf_counter()
    subprocess.run(
        [CASEWORK, "--db", url, "--quiet", *words],
        input=given,
        check=True,
        stdout=subprocess.DEVNULL,
        env=child_environment(),
        encoding="utf-8",
    )
    return time.perf_counter() - started


def furnish(url: str, count: int) -> list[str]:
    """Make a register of cases; return their references."""
    refs = [f"T.{number:05d}" for number in range(count)]
    ran(url, "init", "--no-holidays")
    ran(url, "org", "add", "mofa", "--name", "Ministry")
    lines = [f"propose --ref {ref} --title 'Rules for {ref}' --proposer mofa" for ref in refs]
    ran(url, "batch", "-", given="\n".join(lines))
    return refs


def ways(url: str, refs: Sequence[str]) -> dict[str, Callable[[], float]]:
    """Return what does a note on every case, and gives the seconds that takes."""
    text = "The draft went to the Ministry of Justice."
    lines = "\n".join(f"note {ref} '{text}'" for ref in refs)
    words = ("note", "-", "--yes", "--text", text)
    some = refs[:: max(len(refs) // SINGLE, 1)]

    def one_by_one() -> float:
        return sum(ran(url, "note", ref, text) for ref in some) / len(some) * len(refs)

    return {
        "single commands": one_by_one,
        "one act on all": lambda: ran(url, *words, given="\n".join(refs)),
        "batch": lambda: ran(url, "batch", "-", given=lines),
        "batch --each": lambda: ran(url, "batch", "-", "--each", given=lines),
    }


def measured(url: str, count: int, runs: int) -> list[list[str]]:
    """Return a row for every way."""
    tried = ways(url, furnish(url, count))
    rounds = [{name: way() for name, way in tried.items()} for _ in range(runs)]
    rows = []
    for name in tried:
        took = median(one[name] for one in rounds)
        share = median(one[name] / one["single commands"] for one in rounds)
        goal = ["", ""] if name == "single commands" else at_most(share, GOAL)
        rows.append([name, f"{took:.1f} s", f"{share:.4f}", *goal])
    return rows


def main() -> None:
    """Measure and print."""
    parser = options(__doc__, runs=3)
    parser.add_argument("--cases", type=int, default=1000, help="%(default)s")
    given = parser.parse_args()
    compile_bytecode()
    headings = ["way", "time", "of single commands", "goal", ""]
    with working_folder(None) as folder:
        rows = measured(str(folder / "register.db"), given.cases, given.runs)
        print(heading(f"{given.cases} notes on SQLite", given.runs))
        print(table(headings, rows))
    with pgserver.started() as server:
        pgserver.ask(server.url, "CREATE DATABASE register")
        rows = measured(pgserver.database(server.url, "register"), given.cases, given.runs)
        print(heading(f"{given.cases} notes on PostgreSQL", given.runs))
        print(table(headings, rows))


if __name__ == "__main__":
    main()
