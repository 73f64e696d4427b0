"""Reports: beside others with start-up taken off, over a million cases, and as a workbook.

Start-up is what the same command takes on a store without cases. Fossil's `ticket` table is filled
directly with the rows its `rebuild` would make: a ticket report reads nothing else.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from statistics import median
from typing import TYPE_CHECKING

from measure import (
    CASEWORK,
    Samples,
    arguments,
    at_most,
    compile_bytecode,
    fixed,
    heading,
    interleaved,
    nothing,
    output,
    peak,
    processor_ratio,
    ratio,
    spread,
    table,
    working_folder,
)
from overdue import tasks
from registers import OFFICE, OWNED, built_register, empty_register, rows

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

CASES, MANY = 100_000, 1_000_000
SHEET = 134_000
"""Cases of the owned mix of which 100,000 are open, and rows of a sheet."""

OF_FOSSIL, OF_TASKWARRIOR, OF_START, EMPTY_SHEETS = 2.5, 1 / 20, 1.5, 1.25

OURS, FOSSIL, TASK = "report overdue", "fossil ticket show", "task overdue"
FULL, EMPTY = f"{CASES:,} cases", "no case"
HELP, CONNECTED = "--help", "conference list"
QUESTIONS = {
    "top twenty": ("list", "--overdue", "--sort", "due", "--limit", "20"),
    "per-owner totals of what is overdue": ("list", "--overdue", "--count-by", "owner"),
    "the balance of every owner, conference and theme": ("report", "progress"),
}
GOALS = tuple(QUESTIONS)[:2]
"""The questions that are to take little more than connecting; the third one reads every case."""

TICKETS = """
    SELECT ref, title, owner, status, due, CAST(julianday('now') - julianday(due) AS INTEGER)
      FROM ticket WHERE status <> 'resolved' AND due < date('now') ORDER BY due, ref
"""


def tickets(folder: Path, size: int) -> Path:
    """Make a Fossil repository whose tickets are the same items, with their overdue report."""
    path = folder / f"tickets-{size}.fossil"
    if not path.exists():
        half = path.with_suffix(".part")
        half.unlink(missing_ok=True)
        output("fossil", "init", "--admin-user", "bench", half)
        with closing(sqlite3.connect(half)) as repository, repository:
            for column in ("ref", "owner", "due"):
                repository.execute(f"ALTER TABLE ticket ADD COLUMN {column} TEXT")
            repository.executemany(
                "INSERT INTO ticket (tkt_uuid, ref, title, status, owner, due)"
                " VALUES (lower(hex(randomblob(20))), :ref, :title, :state, :owner, :due)",
                ({**case, "due": _text(case["due"])} for case in rows(size, OWNED)),
            )
            repository.execute("CREATE INDEX ticket_due ON ticket (status, due)")
            repository.execute(
                "INSERT INTO reportfmt (title, sqlcode) VALUES ('Overdue', ?)", (TICKETS.strip(),)
            )
        half.rename(path)
    return path


def _text(day: date) -> str:
    return day.isoformat()


def beside_others(folder: Path, runs: int) -> None:
    """Compare the full overdue report with the other programs' lists, start-up taken off."""
    stores = {
        FULL: built_register(folder, CASES, OWNED, "owned"),
        EMPTY: empty_register(folder / "empty.db"),
    }
    programs = nothing()
    for size, (label, store) in zip((CASES, 0), stores.items(), strict=True):
        programs[f"{OURS}, {label}"] = fixed(CASEWORK, "--db", store, "report", "overdue")
        if shutil.which("fossil"):
            words = ("ticket", "show", "Overdue", "-R", tickets(folder, size), "--user", "bench")
            programs[f"{FOSSIL}, {label}"] = fixed("fossil", *words)
        if shutil.which("task"):
            # Taskwarrior fails where nothing is overdue.
            question = ("overdue",) if size else ("rc.verbose=nothing", "+OVERDUE", "count")
            programs[f"{TASK}, {label}"] = fixed(
                "task", f"rc:{tasks(folder, size, 'owned')}", *question
            )
    samples = interleaved(programs, runs)
    print(heading("The overdue report and those of others, start-up taken off", runs))
    listed = []
    for other, goal in ((OURS, 1.0), (FOSSIL, OF_FOSSIL), (TASK, OF_TASKWARRIOR)):
        if f"{other}, {FULL}" not in samples:
            print(f"{other.split()[0]} is not installed: its row is left out.")
            continue
        wall = work(samples, OURS) / work(samples, other)
        busy = work(samples, OURS, "processor") / work(samples, other, "processor")
        cells = [f"{1000 * work(samples, other):.0f}", f"{wall:.2f}", f"{busy:.2f}"]
        listed.append([other, *cells, *(["", ""] if other == OURS else at_most(wall, goal))])
    print(table(["program", "ms", "ours of it", "processor", "goal", ""], listed))


def work(samples: Samples, program: str, of: str = "seconds") -> float:
    """Return what a program takes beyond its start-up, in seconds, or in those of the processor.

    Round by round: what else the machine does then weighs on both runs alike.
    """
    pairs = zip(samples[f"{program}, {FULL}"], samples[f"{program}, {EMPTY}"], strict=True)
    return median(getattr(full, of) - getattr(empty, of) for full, empty in pairs)


def over_a_million(folder: Path, runs: int) -> None:
    """Compare two questions on a large register with starting and connecting alone."""
    store = built_register(folder, MANY, OFFICE, "office")
    programs = nothing() | {
        HELP: fixed(CASEWORK, HELP),
        CONNECTED: fixed(CASEWORK, "--db", store, *CONNECTED.split()),
    }
    for name, words in QUESTIONS.items():
        programs[name] = fixed(CASEWORK, "--db", store, *words)
    samples = interleaved(programs, runs)
    print(heading(f"{MANY:,} cases", runs))
    listed = [
        [
            name,
            f"{ratio(samples, name):.1f}",
            spread(samples, name),
            f"{ratio(samples, name, CONNECTED):.2f}",
            f"{processor_ratio(samples, name, CONNECTED):.2f}",
            *(at_most(ratio(samples, name, CONNECTED), OF_START) if name in GOALS else ["", ""]),
        ]
        for name in (HELP, CONNECTED, *QUESTIONS)
    ]
    headings = ["command", "P", "middle half", f"of {CONNECTED}", "processor", "goal", ""]
    print(table(headings, listed))


def as_a_sheet(folder: Path, runs: int) -> None:
    """Compare the memory of a workbook of 100,000 rows with that of the same report as CSV."""
    store = built_register(folder, SHEET, OWNED, "owned")
    ask = ("report", "overdue", "--until", "2100-01-01", "--force", "--output")
    programs = nothing() | {
        kind: fixed(CASEWORK, "--db", store, *ask, folder / f"sheet.{kind}")
        for kind in ("csv", "xlsx")
    }
    samples = interleaved(programs, runs)
    print(heading("100,000 rows in a workbook", runs))
    listed = [
        [
            kind,
            f"{ratio(samples, kind):.1f}",
            f"{peak(samples[kind]) / 1024:.0f}",
            *(
                at_most(peak(samples[kind]) / peak(samples["csv"]), EMPTY_SHEETS)
                if kind == "xlsx"
                else ["", ""]
            ),
        ]
        for kind in ("csv", "xlsx")
    ]
    print(table(["format", "P", "MiB", "goal, of csv", ""], listed))


def main() -> None:
    """Measure and print."""
    given = arguments(__doc__, runs=7)
    compile_bytecode()
    with working_folder(given.folder) as folder:
        beside_others(folder, given.runs)
        over_a_million(folder, given.runs)
        as_a_sheet(folder, max(given.runs // 3, 1))


if __name__ == "__main__":
    main()
