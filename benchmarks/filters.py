"""Filters, search and Tab at 100,000 and 1,000,000 cases, beside Taskwarrior and Fossil.

The items are the same ones, each with an owner and a due date. Fossil answers by ticket reports,
which have the condition in their SQL, and an index of the owner beside its own.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from measure import (
    CASEWORK,
    Program,
    Samples,
    arguments,
    at_most,
    compile_bytecode,
    fixed,
    heading,
    interleaved,
    nothing,
    ratio,
    table,
    working_folder,
)
from overdue import tasks
from registers import CONFERENCE, OWNED, OWNERS, built_register
from reports import tickets

if TYPE_CHECKING:
    from pathlib import Path

SIZES = (100_000, 1_000_000)
TAB_GOAL = 15
TAB = f"casework show {CONFERENCE}.123"
OWNER, NOWHERE = OWNERS[0], "khongcogi"


class Question(NamedTuple):
    """What is asked of each program: words, filters, and the end of a statement."""

    name: str
    ours: tuple[str, ...]
    task: tuple[str, ...]
    fossil: str


QUESTIONS = (
    Question(
        "owner, the first 20",
        ("list", "--owner", OWNER, "--limit", "20"),
        (f"project:{OWNER}", "limit:20", "all"),
        f"owner = '{OWNER}' ORDER BY ref LIMIT 20",
    ),
    Question(
        "owner and overdue",
        ("list", "--owner", OWNER, "--overdue"),
        (f"project:{OWNER}", "+OVERDUE", "list"),
        f"owner = '{OWNER}' AND status <> 'resolved' AND due < date('now') ORDER BY due, ref",
    ),
    Question(
        "a text that no case has",
        ("list", "--text", NOWHERE),
        (f"description.contains:{NOWHERE}", "count"),
        f"title LIKE '%{NOWHERE}%'",
    ),
)


def reported(folder: Path, size: int) -> Path:
    """Return a Fossil repository of the same items, with a report for each question."""
    path = tickets(folder, size)
    with closing(sqlite3.connect(path)) as repository, repository:
        repository.execute("CREATE INDEX IF NOT EXISTS ticket_owner ON ticket (owner, ref)")
        for one in QUESTIONS:
            repository.execute("DELETE FROM reportfmt WHERE title = ?", (one.name,))
            repository.execute(
                "INSERT INTO reportfmt (title, sqlcode) VALUES (?, ?)",
                (one.name, f"SELECT ref, title, owner, status, due FROM ticket WHERE {one.fossil}"),
            )
    return path


def programs(folder: Path, size: int) -> dict[str, Program]:
    """Return what each program is asked at a size; of those that are installed."""
    store = built_register(folder, size, OWNED, "owned")
    asked = {
        f"Tab, {size}": fixed(
            CASEWORK,
            CASEWORK_DB=str(store),
            _CASEWORK_COMPLETE="bash_complete",
            COMP_WORDS=TAB,
            COMP_CWORD=str(TAB.count(" ")),
        )
    }
    for one in QUESTIONS:
        asked[f"casework, {one.name}, {size}"] = fixed(CASEWORK, "--db", store, *one.ours)
        if shutil.which("task"):
            settings = tasks(folder, size, "owned")
            words = ("task", f"rc:{settings}", "rc.verbose=nothing", *one.task)
            asked[f"task, {one.name}, {size}"] = fixed(*words)
        if shutil.which("fossil"):
            words = ("fossil", "ticket", "show", one.name, "-R", str(reported(folder, size)))
            asked[f"fossil, {one.name}, {size}"] = fixed(*words, "--user", "bench")
    return asked


def beside(samples: Samples, name: str, size: int) -> list[str]:
    """Return the cells of a question at a size: in units, and of each of the others."""
    ours = f"casework, {name}, {size}"
    found = (f"{other}, {name}, {size}" for other in ("task", "fossil"))
    of = (f"{ratio(samples, ours, other):.2f}" if other in samples else "-" for other in found)
    return [name, f"{size:,}", f"{ratio(samples, ours):.1f}", *of]


def main() -> None:
    """Measure and print."""
    given = arguments(__doc__, runs=5, sizes=SIZES)
    compile_bytecode()
    with working_folder(given.folder) as folder:
        asked = nothing()
        for size in given.sizes:
            asked |= programs(folder, size)
        samples = interleaved(asked, given.runs)
    print(heading("Filters beside others", given.runs))
    rows = [beside(samples, one.name, size) for one in QUESTIONS for size in given.sizes]
    print(table(["question", "cases", "P", "of Taskwarrior", "of Fossil"], rows))
    print(heading("A Tab behind the beginning of a reference", given.runs))
    tabs = [(size, ratio(samples, f"Tab, {size}")) for size in given.sizes]
    rows = [[f"{size:,}", f"{found:.1f}", *at_most(found, TAB_GOAL)] for size, found in tabs]
    print(table(["cases", "P", "goal", ""], rows))


if __name__ == "__main__":
    main()
