"""What commands cost: help, completion, version, and the twelve that are used most.

With `--beside CHECKOUT` another checkout's are measured in the same rounds.
"""

from __future__ import annotations

import compileall
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from measure import (
    CASEWORK,
    P,
    Program,
    at_most,
    child_environment,
    compile_bytecode,
    fixed,
    heading,
    interleaved,
    nothing,
    options,
    processor_ratio,
    ratio,
    run,
    spread,
    table,
    verdict,
    working_folder,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ROOT = Path(__file__).resolve().parent.parent
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

USED = (
    "list",
    "list --owner mofa",
    "list --overdue --sort due --limit 20",
    "search van phong",
    "show 000-08",
    "history 000-08",
    "note 000-08 text",
    "report overdue",
    "report slippage",
    "audit log --act extend",
    "audit verify",
    "export -",
)
"""What an office asks and does most, on the demonstration."""


def used(checkout: Path, folder: Path) -> dict[str, Program]:
    """Return the most used commands of a checkout, each time on its own demonstration."""
    own = {"PYTHONPATH": str(checkout), "HOME": str(folder)}
    start = (sys.executable, "-P", "-m", "casework")
    run(fixed(*start, "demo", folder / "demo", **own))
    store = folder / "demo" / "register.db"
    return {line: fixed(*start, "--db", store, *line.split(), **own) for line in USED}


def _most_used(checkouts: Mapping[str, Path], folder: Path, runs: int) -> None:
    """Measure and print the most used commands, a column of each checkout."""
    programs = nothing()
    for name, checkout in checkouts.items():
        compileall.compile_dir(checkout / "casework", quiet=2)
        (folder / name).mkdir()
        made = used(checkout, folder / name)
        programs |= {f"{line}, {name}": program for line, program in made.items()}
    samples = interleaved(programs, runs)
    rows = [
        [
            f"`{line}`",
            *(
                f"{figure(samples, f'{line}, {name}'):.1f}"
                for name in checkouts
                for figure in (ratio, processor_ratio)
            ),
        ]
        for line in USED
    ]
    print(heading("The most used commands", runs))
    print(
        table(
            ["command", *(f"{one}{unit}" for one in checkouts for unit in (", P", ", processor"))],
            rows,
        )
    )


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
    parser = options(__doc__, runs=21)
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT", help="another checkout")
    given = parser.parse_args()
    checkouts = {"before": given.beside.resolve()} if given.beside else {}
    with working_folder(None) as folder:
        _most_used(checkouts | {"now": ROOT}, folder, given.runs)
    _before_anything(given.runs)


def _before_anything(runs: int) -> None:
    """Measure and print what is paid before anything is done."""
    compile_bytecode()
    programs = nothing() | PROGRAMS
    samples = interleaved(programs, runs)
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
    print(heading("Start-up", runs))
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
