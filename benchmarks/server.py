"""What single commands cost on PostgreSQL, beside connecting with psycopg and one SELECT.

Both are whole processes, on a server of this machine that is started for it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from measure import (
    CASEWORK,
    Program,
    at_most,
    child_environment,
    compile_bytecode,
    fixed,
    heading,
    interleaved,
    options,
    processor_ratio,
    ratio,
    spread,
    table,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "faults"))
import pgserver

GOAL = 1.4
BARE = "psycopg"
ASK = """
import sys, psycopg
with psycopg.connect(sys.argv[1]) as connection:
    print(connection.execute("SELECT ref, title, state FROM \\"case\\"").fetchone())
"""
LINES = ("show T.1", "history T.1", "list", "list --owner mofa", "next", "note T.1 text")
FURNISHED = (
    "init --no-holidays",
    "org add mofa --name Ministry",
    "propose --ref T.1 --title Rules --proposer mofa",
    "assign T.1 --owner mofa --due 2999-12-31",
)


def programs(url: str) -> dict[str, Program]:
    """Return the commands, and first what each is compared with."""
    bare = fixed(sys.executable, "-c", ASK, url.replace("+psycopg", ""))
    told = {line: fixed(CASEWORK, "--db", url, *line.split()) for line in LINES}
    return {BARE: bare} | told


def main() -> None:
    """Measure and print."""
    given = options(__doc__, runs=15).parse_args()
    compile_bytecode()
    with pgserver.started() as server:
        pgserver.ask(server.url, "CREATE DATABASE register")
        url = pgserver.database(server.url, "register")
        for line in FURNISHED:
            words = [CASEWORK, "--db", url, "--quiet", *line.split()]
            subprocess.run(words, check=True, env=child_environment(), stdout=subprocess.DEVNULL)
        samples = interleaved(programs(url), given.runs)
    rows = []
    for line in LINES:
        found = ratio(samples, line, BARE)
        cost = f"{processor_ratio(samples, line, BARE):.2f}"
        goal = at_most(found, GOAL)
        rows.append([f"`{line}`", f"{found:.2f}", spread(samples, line, BARE), cost, *goal])
    print(heading("Single commands on PostgreSQL, beside psycopg", given.runs))
    print(table(["command", "of psycopg", "middle half", "processor", "goal", ""], rows))


if __name__ == "__main__":
    main()
