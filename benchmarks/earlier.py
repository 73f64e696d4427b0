"""Earlier days: a case and the overdue report as of last month beside those of today, and memory.

The register gets acts of this month on some of its cases. A day on which none of them was there yet
is measured as well: it has no goal, for every case is asked for its events then.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from measure import (
    CASEWORK,
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
    table,
    working_folder,
)
from registers import CONFERENCE, HELD, OWNED, built_register

if TYPE_CHECKING:
    from measure import Samples

CASES, ACTS = 100_000, 1_000
OF_SHOW, OF_REPORT, OF_MEMORY = 1.3, 10, 3
MONTH, LONG_AGO = "as of last month", "nine years ago"


def moved_on(store: Path) -> None:
    """Record an act of today on some cases from all over a register."""
    from casework.acts import actors, cases
    from casework.ledger.ledger import Desk
    from casework.store import db
    from casework.system import platforms

    day = datetime.now(UTC).date()
    with db.open_store(str(store)).writing() as connection:
        actor = actors.actor(connection, actors.REGISTRAR)
        desk = Desk(connection, actor, platforms.login(), day)
        for number in range(1, CASES, CASES // ACTS):
            cases.note(desk, f"{CONFERENCE}.{number:03d}", "The draft went to another ministry.")


def rows(samples: Samples) -> list[list[str]]:
    """Return what each question takes of the same one of today, in time and memory."""
    found = []
    for name in samples:
        today, _, when = name.partition(", ")
        if not when:
            continue
        memory = peak(samples[name]) / peak(samples[today])
        times = ratio(samples, name, today)
        goal = OF_SHOW if today == "show" else OF_REPORT
        goals = (at_most(times, goal), at_most(memory, OF_MEMORY))
        cells = [f"{times:.2f}", f"{processor_ratio(samples, name, today):.2f}", f"{memory:.2f}"]
        found.append([name, *cells, *(["none", ""] if when == LONG_AGO else _both(goals))])
    return found


def _both(goals: tuple[list[str], ...]) -> list[str]:
    return [", ".join(goal for goal, _ in goals), ", ".join(told for _, told in goals)]


def main() -> None:
    """Measure and print."""
    given = arguments(__doc__, runs=5)
    compile_bytecode()
    month = (datetime.now(UTC).date() - timedelta(30)).isoformat()
    ago = (HELD + timedelta(300)).isoformat()
    with working_folder(given.folder) as folder, tempfile.TemporaryDirectory(dir=folder) as own:
        store = Path(own, "moved.db")
        shutil.copyfile(built_register(folder, CASES, OWNED, "owned"), store)
        moved_on(store)
        programs = nothing()
        for name in (f"show {CONFERENCE}.4321", "report overdue"):
            asked = fixed(CASEWORK, "--db", store, *name.split())
            short = name.removesuffix(f" {CONFERENCE}.4321")
            programs[short] = asked
            for when, day in ((MONTH, month), (LONG_AGO, ago)):
                words = (*name.split(), "--as-of", day)
                programs[f"{short}, {when}"] = fixed(CASEWORK, "--db", store, *words)
        samples = interleaved(programs, given.runs)
    print(heading(f"Earlier days, {CASES:,} cases", given.runs))
    print(table(["question", "of today's", "processor", "memory", "goals", ""], rows(samples)))


if __name__ == "__main__":
    main()
