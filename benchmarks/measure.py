"""Whole processes, measured in turn: A B C A B C …, compared by the ratio of their medians."""

from __future__ import annotations

import compileall
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Mapping, Sequence

P = "python -c pass"
"""The unit: the same interpreter doing nothing, in the same rounds."""

CASEWORK = str(Path(sys.executable).with_name("casework"))
NO_SETTINGS = Path(__file__).with_name("no-settings.toml")
"""A file that does not exist: what is measured has no settings."""


@dataclass(frozen=True, slots=True)
class Program:
    """A command line to measure; `words` makes it for a round, before the clock starts."""

    words: Callable[[int], Sequence[str | Path]]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: seconds from start to end, those of the processor, and peak memory in KiB."""

    seconds: float
    processor: float
    peak: int


Samples = dict[str, list[Sample]]


def fixed(*words: str | Path, **environment: str) -> Program:
    """Return a program whose command line is the same in every round."""
    return Program(lambda _: words, environment)


def nothing() -> dict[str, Program]:
    """Return the unit, first of every table."""
    return {P: fixed(sys.executable, "-c", "pass")}


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this environment without settings of casework, and with modules compiled once."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
        and not name.startswith("CASEWORK_")
    }
    return kept | {"CASEWORK_CONFIG": str(NO_SETTINGS)} | dict(extra or {})


def run(program: Program, number: int = 0) -> Sample:
    """Run a program once; raises RuntimeError with its errors when it fails."""
    words = [str(word) for word in program.words(number)]
    environment = child_environment(program.environment)
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        child = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=environment,
            # Away from the terminal, which would stop a program that speaks to it from behind.
            start_new_session=True,
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace")
            raise RuntimeError(f"{' '.join(words)}: exit code {child.returncode}\n{said}")
    return Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def interleaved(programs: Mapping[str, Program], runs: int) -> Samples:
    """Run every program once unmeasured, then all of them in turn, `runs` times."""
    found: Samples = {name: [] for name in programs}
    for number in range(runs + 1):
        for name, program in programs.items():
            sample = run(program, number)
            if number:
                found[name].append(sample)
    return found


def output(*words: str | Path) -> str:
    """Return what a command prints; for setting up and checking, never measured."""
    done = subprocess.run(
        [str(word) for word in words],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=child_environment(),
        encoding="utf-8",
        start_new_session=True,
    )
    return done.stdout


def seconds(samples: Sequence[Sample]) -> float:
    """Return the median duration."""
    return median(sample.seconds for sample in samples)


def peak(samples: Sequence[Sample]) -> float:
    """Return the median of the peak memory, in KiB."""
    return median(sample.peak for sample in samples)


def ratio(samples: Samples, name: str, unit: str = P) -> float:
    """Return how many times as long as the unit a program took, by the medians."""
    return seconds(samples[name]) / seconds(samples[unit])


def processor_ratio(samples: Samples, name: str, unit: str = P) -> float:
    """Return the same of processor time, which other jobs on the machine disturb less."""
    own, base = (median(sample.processor for sample in samples[one]) for one in (name, unit))
    return own / base


def spread(samples: Samples, name: str, unit: str = P) -> str:
    """Return the middle half of a program's runs, in units."""
    if len(samples[name]) < 2:
        return "one run"
    low, _, high = quantiles((one.seconds for one in samples[name]), n=4, method="inclusive")
    base = seconds(samples[unit])
    return f"{low / base:.3g}–{high / base:.3g}"


def verdict(*, met: bool) -> str:
    """Return a goal's cell in a table."""
    return "met" if met else "NOT met"


def at_most(value: float, goal: float) -> list[str]:
    """Return the goal's cells of a row: the limit, and whether the value keeps to it."""
    return [f"at most {goal:.3g}", verdict(met=value <= goal)]


def at_least(value: float, goal: float) -> list[str]:
    """Return the same of a limit that is to be reached."""
    return [f"at least {goal:.3g}", verdict(met=value >= goal)]


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def heading(title: str, runs: int) -> str:
    """Return what must be known of a run to read its table."""
    return (
        f"\n## {title}\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.python_implementation()}"
        f" {platform.python_version()}, SQLite {sqlite3.sqlite_version};"
        f" medians of {runs} interleaved runs, load {os.getloadavg()[0]:.1f} at the end\n"
    )


def compile_bytecode() -> None:
    """Compile casework and everything installed beside it; without this start-up is twice as long.

    Raises RuntimeError where casework is not installed beside this interpreter.
    """
    if not Path(CASEWORK).exists():
        raise RuntimeError(f"casework is not installed beside {sys.executable}")
    where = "import casework, click; print(*casework.__path__, click.__path__[0], sep='\\n')"
    casework, click = output(sys.executable, "-c", where).split()
    for folder in (casework, str(Path(click).parent)):
        compileall.compile_dir(folder, quiet=2)


def options(description: str | None, *, runs: int) -> ArgumentParser:
    """Return a parser of what every benchmark is told."""
    parser = ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=runs, help="measured rounds (%(default)s)")
    return parser


def arguments(
    description: str | None,
    *,
    runs: int,
    sizes: Sequence[int] = (),
    folder: bool = True,
    server: bool = False,
) -> Namespace:
    """Read a benchmark's command line."""
    parser = options(description, runs=runs)
    if sizes:
        parser.add_argument(
            "--sizes", type=int, nargs="+", default=list(sizes), help="cases (%(default)s)"
        )
    if folder:
        parser.add_argument(
            "--folder", type=Path, help="keep made-up registers here, and use those that are there"
        )
    if server:
        parser.add_argument("--server", action="store_true", help="on PostgreSQL, beside SQLite")
    return parser.parse_args()


@contextmanager
def working_folder(kept: Path | None) -> Iterator[Path]:
    """Give the folder that is kept, or a temporary one on the local disk."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    made = Path(tempfile.mkdtemp(prefix="casework-benchmark-"))
    try:
        yield made
    finally:
        shutil.rmtree(made)
