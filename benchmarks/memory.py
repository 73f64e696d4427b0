"""Memory: what every report holds of a million cases beside what it holds of a hundred thousand.

A document for printing holds its rows, and says how many they are before it begins; so neither Word
nor PDF is measured here.
"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from measure import (
    CASEWORK,
    at_most,
    compile_bytecode,
    fixed,
    heading,
    output,
    run,
    table,
    working_folder,
)
from registers import CONFERENCE, OFFICE, OWNED, built_register

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

FEW, MANY = 100_000, 1_000_000
GOAL = 2.0
"""Times the memory of FEW cases that MANY may take."""

MIXES = {"owned": OWNED, "office": OFFICE}
COMING = "NFAC-20"
"""The conference that each register is given, because a review is made for one."""

REPORTS = {
    "overdue": "report overdue",
    "ahead": "report overdue --until 2091-01-01",
    "progress": "report progress",
    "period": "report progress --period 2017",
    "workload": "report workload",
    "review": f"report review --of {CONFERENCE} --for {COMING}",
    "forecast": "report forecast --until 2091-01-01",
    "backtest": "report forecast --backtest",
    "slippage": "report slippage",
    "findings": "audit findings",
    "list": "list",
}
FORMATS = ("table", "json", "csv")


def ready(store: Path) -> Path:
    """Let a register know a next conference, if it knows none."""
    if COMING not in output(CASEWORK, "--db", store, "conference", "list"):
        day = (datetime.now(UTC).date() + timedelta(days=300)).isoformat()
        words = ("--number", "20", "--date", day, "--previous", CONFERENCE)
        output(CASEWORK, "--db", store, "conference", "add", COMING, *words)
    return store


def measured(given: Namespace, stores: list[Path]) -> Iterator[list[str]]:
    """Yield a row for every report and format: both peaks, and how many times the one is."""
    for name in given.reports:
        for form in given.formats:
            words = (*REPORTS[name].split(), "--format", form)
            few, many = (run(fixed(CASEWORK, "--db", store, *words)) for store in stores)
            peaks = (f"{one.peak / 1024:.0f}" for one in (few, many))
            ratios = many.processor / few.processor, many.peak / few.peak
            yield [name, form, *peaks, *(f"{one:.2f}" for one in ratios), *at_most(ratios[1], GOAL)]


def main() -> None:
    """Measure and print."""
    given = _given()
    compile_bytecode()
    few, many = given.sizes
    headings = ["report", "format", f"MiB, {few:,}", f"MiB, {many:,}", "processor", "memory"]
    with working_folder(given.folder) as folder:
        stores = [
            ready(built_register(folder, size, MIXES[given.mix], given.mix)) for size in given.sizes
        ]
        rows = list(measured(given, stores))
    print(heading(f"Peak memory of {many:,} cases beside {few:,}, mix {given.mix}", 1))
    print(table([*headings, "goal", ""], rows))


def _given() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="keep made-up registers here")
    parser.add_argument("--sizes", type=int, nargs=2, default=[FEW, MANY], help="cases")
    parser.add_argument("--mix", choices=[*MIXES], default="owned")
    parser.add_argument("--reports", nargs="+", choices=[*REPORTS], default=[*REPORTS])
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
