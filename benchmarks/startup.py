"""What a command costs before it does anything: help, completion, version."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING

from measure import (
    CASEWORK,
    P,
    Program,
    arguments,
    at_most,
    child_environment,
    compile_bytecode,
    fixed,
    heading,
    interleaved,
    nothing,
    processor_ratio,
    ratio,
    spread,
    table,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Collection

HELP_GOAL = 6
VERSION_GOAL = 2
ALLOWED = {"casework", "click"}
"""The only packages outside the standard library that help and completion may import."""


def completion(line: str) -> Program:
    """Return the program a shell runs when the last word of a line is to be completed."""
    return fixed(
        CASEWORK,
        _CASEWORK_COMPLETE="bash_complete",
        COMP_WORDS=line,
        COMP_CWORD=str(line.count(" ")),
    )


PROGRAMS = {
    "--version": fixed(CASEWORK, "--version"),
    "--help": fixed(CASEWORK, "--help"),
    "assign --help": fixed(CASEWORK, "assign", "--help"),
    "report overdue --help": fixed(CASEWORK, "report", "overdue", "--help"),
    "complete `casework `": completion("casework "),
    "complete `casework re`": completion("casework re"),
    "complete `casework assign --o`": completion("casework assign --o"),
    "complete `casework report overdue --b`": completion("casework report overdue --b"),
}


def imported(program: Program) -> Counter[str]:
    """Return the microseconds each top-level package took to import, its own modules' only."""
    environment = child_environment({**program.environment, "PYTHONPROFILEIMPORTTIME": "1"})
    words = [str(word) for word in program.words(0)]
    done = subprocess.run(words, check=True, capture_output=True, env=environment, encoding="utf-8")
    spent: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        own, _, rest = line.removeprefix("import time:").partition("|")
        if own.strip().isdigit():
            spent[rest.partition("|")[2].strip().partition(".")[0]] += int(own)
    return spent


def heavy(program: Program, bare: Collection[str], click: int) -> list[str]:
    """Return the packages a program should not import: foreign ones, or heavier than click.

    What the interpreter imports by itself, `bare`, is nobody's fault, and an attempt to import
    what does not exist (copy tries org.python) costs nothing.
    """
    spent = imported(program)
    names = spent.keys() - bare - ALLOWED
    foreign = {name for name in names - sys.stdlib_module_names if find_spec(name)}
    return sorted(foreign | {name for name in names if spent[name] > click})


def main() -> None:
    """Measure and print."""
    given = arguments(__doc__, runs=21, folder=False)
    compile_bytecode()
    programs = nothing() | PROGRAMS
    samples = interleaved(programs, given.runs)
    bare = imported(programs[P])
    click = imported(PROGRAMS["--help"])["click"]
    rows = []
    for name, program in PROGRAMS.items():
        found = ratio(samples, name)
        goal = VERSION_GOAL if name == "--version" else HELP_GOAL
        heavier = heavy(program, bare, click)
        rows.append(
            [
                name,
                f"{found:.2f}",
                spread(samples, name),
                f"{processor_ratio(samples, name):.2f}",
                *at_most(found, goal),
                f"{', '.join(heavier) or 'nothing'}: {verdict(met=not heavier)}",
            ]
        )
    print(heading("Start-up", given.runs))
    headings = [
        "command",
        "P",
        "middle half",
        "processor",
        "goal",
        "",
        "imports heavier than click",
    ]
    print(table(headings, rows))


if __name__ == "__main__":
    main()
