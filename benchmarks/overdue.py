"""What `report overdue` costs, beside Taskwarrior on the same items, and how SQLite answers it."""

from __future__ import annotations

import io
import shutil
import sqlite3
import sys
import uuid
from contextlib import closing, redirect_stderr, redirect_stdout, suppress
from datetime import UTC, datetime, time
from textwrap import shorten
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from measure import (
    CASEWORK,
    Program,
    Samples,
    arguments,
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
    verdict,
    working_folder,
)
from registers import OFFICE, OWNED, built_register, rows

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

GOAL = 1 / 4
WORDS = 400
"""How many characters of a statement and its plan are shown."""

MIXES = {"owned": (OWNED, "short"), "office": (OFFICE, "long")}
"""Items like a task manager's, the fair comparison; and what a register looks like in truth."""

QUESTIONS = {
    "report overdue": ("report", "overdue"),
    "report overdue --json": ("report", "overdue", "--json"),
    "list --overdue": ("list", "--overdue"),
}


# --- Taskwarrior -----------------------------------------------------------------------------


def tasks(folder: Path, size: int, mix: str) -> Path:
    """Write the same items as Taskwarrior keeps them; returns its configuration file."""
    data = folder / f"tasks-{mix}-{size}"
    settings = data / "taskrc"
    if not settings.exists():
        data.mkdir(exist_ok=True)
        with (
            (data / "pending.data").open("w", encoding="utf-8") as pending,
            (data / "completed.data").open("w", encoding="utf-8") as completed,
        ):
            for case in rows(size, MIXES[mix][0]):
                done = case["state"] == "resolved"
                (completed if done else pending).write(_task(case, done=done))
        settings.write_text(f"data.location={data}\nconfirmation=off\nnews.version=2.6.0\n")
    return settings


def _task(case: dict[str, Any], *, done: bool) -> str:
    attributes = {
        "description": f"{case['ref']} {case['title']}",
        "entry": _instant(case["proposed_on"]),
        "modified": _instant(case["proposed_on"]),
        "status": "completed" if done else "pending",
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, case["ref"])),
    }
    if "owner" in case:
        attributes |= {"project": case["owner"], "due": _instant(case["due"])}
    if done:
        attributes["end"] = _instant(case["resolved_on"])
    listed = " ".join(f'{name}:"{_quoted(attributes[name])}"' for name in sorted(attributes))
    return f"[{listed}]\n"


def _instant(day: date) -> str:
    return str(int(datetime.combine(day, time(), UTC).timestamp()))


def _quoted(text: str) -> str:
    for mark, name in (('"', "&dquot;"), ("[", "&open;"), ("]", "&close;")):
        text = text.replace(mark, name)
    return text


COUNT = """
import json, subprocess, sys
words = [sys.argv[1], '--db', sys.argv[2], 'report', 'overdue', '--json']
print(json.loads(subprocess.check_output(words))['totals']['open_overdue'])
"""


def check_same(store: Path, settings: Path) -> int:
    """Return how many items are overdue; raises RuntimeError where the programs disagree."""
    # Counted by a child: what this process reads would be counted as its children's memory.
    ours = int(output(sys.executable, "-c", COUNT, CASEWORK, store))
    theirs = int(output("task", f"rc:{settings}", "rc.verbose=nothing", "+OVERDUE", "count"))
    if ours != theirs:
        raise RuntimeError(f"{ours} cases are overdue, but {theirs} tasks")
    return ours


# --- query plans -----------------------------------------------------------------------------


def plans(store: Path) -> list[tuple[str, str]]:
    """Return the report's questions about cases, and SQLite's plan for each."""
    from casework.cli import casework
    from casework.store.connections import Lite

    asked: list[tuple[str, Any]] = []
    ask = Lite._ask  # noqa: SLF001 - what every question passes through

    def note(lite: Any, statement: Any, values: dict[str, Any]) -> Any:
        asked.append((statement.text, {**statement.fixed, **values}))
        return ask(lite, statement, values)

    words = ["--db", str(store), "report", "overdue", "--until", "2091-01-01"]
    with (
        redirect_stdout(io.StringIO()),
        redirect_stderr(io.StringIO()),
        suppress(SystemExit),
        patch.object(Lite, "_ask", note),
    ):
        casework(words)
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        found = []
        for statement, parameters in asked:
            if '"case"' in statement and statement.startswith("SELECT"):
                steps = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                condition = " ".join(statement.partition("FROM")[2].split())
                found.append((condition, "; ".join(step[3] for step in steps)))
    return found


def covered(plan: str) -> bool:
    """Tell whether a plan reads cases from a covering index only, or the few that are claimed."""
    steps = [step for step in plan.split("; ") if step.startswith(("SCAN case", "SEARCH case"))]
    own = [step for step in steps if not step.split()[1].startswith("case_")]
    return all("COVERING INDEX" in step or "ix_case_claimed" in step for step in own)


# --- measuring -------------------------------------------------------------------------------


def programs_of(folder: Path, size: int, mix: str) -> dict[str, Program]:
    """Return the programs on one register and on the same tasks."""
    made_of, form = MIXES[mix]
    store = built_register(folder, size, made_of, mix, form)
    made = {
        f"{mix}, {size:,}: {name}": fixed(CASEWORK, "--db", store, *words)
        for name, words in QUESTIONS.items()
    }
    if shutil.which("task"):
        settings = tasks(folder, size, mix)
        print(f"{mix}, {size:,}: {check_same(store, settings):,} are overdue", flush=True)
        made[task_of(mix, size)] = fixed("task", f"rc:{settings}", "overdue")
    return made


def task_of(mix: str, size: int) -> str:
    """Return the name of Taskwarrior's row."""
    return f"{mix}, {size:,}: task overdue"


def row(samples: Samples, name: str, task: str) -> list[str]:
    """Return a row of the table."""
    cells = [
        name,
        f"{ratio(samples, name):.1f}",
        spread(samples, name),
        f"{processor_ratio(samples, name):.1f}",
    ]
    if task not in samples:
        return [*cells, "–", "–", f"{peak(samples[name]) / 1024:.0f}"]
    share = ratio(samples, name, task)
    judged = verdict(met=share <= GOAL) if name.endswith("report overdue") else ""
    return [*cells, f"{share:.2f}", judged, f"{peak(samples[name]) / 1024:.0f}"]


def main() -> None:
    """Measure and print."""
    given = arguments(__doc__, runs=7, sizes=(100_000,))
    compile_bytecode()
    if not shutil.which("task"):
        print("Taskwarrior is not installed (Debian: taskwarrior): its column is left out.")
    programs = nothing() | {"--help": fixed(CASEWORK, "--help")}
    pairs = [(mix, size) for mix in MIXES for size in given.sizes]
    with working_folder(given.folder) as folder:
        for mix, size in pairs:
            programs |= programs_of(folder, size, mix)
        samples = interleaved(programs, given.runs)
        asked = plans(folder / f"office-long-{max(given.sizes)}.db")
    print(heading("Overdue report", given.runs))
    listed = []
    for mix, size in pairs:
        names = [name for name in programs if name.startswith(f"{mix}, {size:,}:")]
        listed += [row(samples, name, task_of(mix, size)) for name in names]
    headings = [
        "question",
        "P",
        "middle half",
        "processor",
        "of Taskwarrior",
        f"at most {GOAL}",
        "MiB",
    ]
    print(table(headings, listed))
    print(f"\nHow SQLite answers the report, {max(given.sizes):,} cases of the office mix:\n")
    steps = [
        [shorten(condition, WORDS), shorten(plan, WORDS), "yes" if covered(plan) else "NO"]
        for condition, plan in asked
    ]
    print(table(["FROM …", "plan", "from a covering index"], steps))


if __name__ == "__main__":
    main()
