"""Made-up registers: cases as a file to import, and stores built from one.

The texts are those of the seeds, in both languages; states, owners and dates are drawn from a
generator with a fixed seed, so that the same size gives the same file.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import CASEWORK, output

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = Path(__file__).resolve().parent.parent / "seeds" / "recommendations.jsonl"

PROPOSERS = ("hcmc", "hanoi", "da-nang", "hai-phong", "can-tho", "hue")
OWNERS = ("mofa", "moit", "mpi", "mof", "moj", "vufo", "moha", "most")
CONFERENCE = "NFAC-19"
HELD = date(2016, 8, 22)

SHORT = (
    "ref",
    "title",
    "title_vi",
    "conference",
    "proposer",
    "owner",
    "due",
    "state",
    "outcome",
    "answer",
    "document",
    "proposed_on",
    "assigned_on",
    "study_on",
    "resolved_on",
)
LONG = (*SHORT, "summary", "addressee", "with", "theme", "words", "source")
FORMS = {"short": SHORT, "long": LONG}
"""Columns of a file: what an office's list has, and all that the seeds tell of a case."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of the states, in twentieths, and the share of all cases that is overdue."""

    proposed: int
    assigned: int
    under_study: int
    resolved: int
    overdue: float = 0.0767

    def block(self) -> list[str]:
        """Return the states of twenty cases."""
        return (
            ["proposed"] * self.proposed
            + ["assigned"] * self.assigned
            + ["under_study"] * self.under_study
            + ["resolved"] * self.resolved
        )

    @property
    def late(self) -> float:
        """The share of the open cases with a due date that are overdue."""
        return self.overdue * 20 / (self.assigned + self.under_study)


OFFICE = Mix(proposed=10, assigned=5, under_study=2, resolved=3)
"""What a register looks like between conferences: half of it waits for an owner."""

OWNED = Mix(proposed=0, assigned=10, under_study=5, resolved=5)
"""Every case has an owner and a due date, as a task manager's items have."""


def rows(size: int, mix: Mix) -> Iterator[dict[str, Any]]:
    """Yield cases under the names of an exchanged file's columns."""
    draw = random.Random(20)
    texts = cycle(_texts())
    states: list[str] = []
    for number in range(1, size + 1):
        if not states:
            states = mix.block()
            draw.shuffle(states)
        state = states.pop()
        text = next(texts)
        yield {
            "ref": f"{CONFERENCE}.{number:03d}",
            "title": f"{text['title']} ({number})",
            "title_vi": f"{text['title_vi']} ({number})",
            "conference": CONFERENCE,
            "proposer": draw.choice(PROPOSERS),
            "state": state,
            "proposed_on": HELD,
            "summary": text["summary"],
            "addressee": OWNERS[0],
            "with": f"{OWNERS[1]}; {OWNERS[2]}",
            "theme": "; ".join(text["theme"]),
            "words": text.get("words", ""),
            "source": text["source"],
            **_progress(state, number, draw, mix),
        }


def _texts() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SEEDS.read_text(encoding="utf-8").splitlines()]


def _progress(state: str, number: int, draw: random.Random, mix: Mix) -> dict[str, Any]:
    assigned = HELD + timedelta(days=draw.randint(10, 300))
    due = assigned + timedelta(days=draw.randint(100, 1000))
    told: dict[str, Any] = {}
    if state == "proposed":
        return told
    told |= {"owner": draw.choice(OWNERS), "assigned_on": assigned, "due": due}
    if state == "resolved":
        resolved = assigned + timedelta(days=draw.randint(90, 1200))
        told |= {
            "outcome": draw.choice(("implemented", "partly-implemented", "explained")),
            "answer": f"Circular {number} answers it; the localities were told by letter.",
            "document": f"{number}/TT-BNG",
            "resolved_on": resolved,
        }
    elif draw.random() >= mix.late:
        # Far enough ahead not to become overdue while this file is used.
        told["due"] = date(2090, 1, 1) + timedelta(days=draw.randint(0, 3000))
    if state != "assigned":
        told["study_on"] = assigned + timedelta(days=draw.randint(0, 90))
    return told


def write_csv(path: Path, size: int, mix: Mix, form: str = "short") -> Path:
    """Write a file to import; one that is there already is used as it is."""
    if not path.exists():
        half = path.with_suffix(".part")
        with half.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, FORMS[form], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows(size, mix))
        half.rename(path)
    return path


def empty_register(path: Path, casework: str = CASEWORK) -> Path:
    """Make a register that holds the directory, and no case; one that is there already is used."""
    if not path.exists():
        half = path.with_suffix(".part")
        half.unlink(missing_ok=True)
        furnish(half, casework)
        _rename(half, path)
    return path


def furnish(store: str | Path, casework: str = CASEWORK) -> None:
    """Make a register at an address, with the directory that the cases name."""
    output(casework, "--db", store, "init")
    for code in (*PROPOSERS, *OWNERS):
        name = f"Organisation {code.upper()}"
        output(casework, "--db", store, "org", "add", code, "--name", name)
    output(
        *(casework, "--db", store, "conference", "add", CONFERENCE),
        *("--number", CONFERENCE.rpartition("-")[2], "--date", HELD.isoformat()),
    )


def _rename(half: Path, path: Path) -> None:
    """Rename a register that is whole now; its journal, which is empty, goes."""
    half.with_name(f"{half.name}-journal").unlink(missing_ok=True)
    half.rename(path)


def built_register(folder: Path, size: int, mix: Mix, name: str, form: str = "short") -> Path:
    """Make a register of so many cases by importing them; one that is there already is used."""
    path = folder / f"{name}-{form}-{size}.db"
    if not path.exists():
        empty = empty_register(folder / "empty.db")
        file = write_csv(folder / f"{name}-{form}-{size}.csv", size, mix, form)
        half = path.with_suffix(".part")
        shutil.copyfile(empty, half)
        print(f"importing {size:,} cases into {path.name} …", flush=True)
        output(CASEWORK, "--db", half, "import", file)
        _rename(half, path)
    return path
