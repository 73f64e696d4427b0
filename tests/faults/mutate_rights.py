"""Take the server's checks away, one at a time: some test of the rights must go red each time.

    python tests/faults/mutate_rights.py
    python tests/faults/mutate_rights.py --only 60_rights.sql:120 --only 70_events.sql:31

Each refusal of the functions in `casework/door` is left out in turn, in a copy of the project, and
the tests named in `TESTS` are run until one fails. What no test saw is printed. Needs PostgreSQL,
as the tests do.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
DOOR = Path("casework/store/door")
TESTS = tuple(
    f"tests/{name}.py"
    for name in (
        *("store/test_door_values", "store/test_door_locks", "store/test_rights"),
        *("ledger/test_gate", "acts/test_four_eyes", "acts/test_idempotency"),
        "rules/test_doors_agree",
    )
)
PARTS = ("casework", "migrations", "seeds", "tests", "alembic.ini", "pyproject.toml", "README.md")
REFUSALS = {
    r"PERFORM casework_deny\(": "PERFORM concat(",
    r"PERFORM casework_permit(_\w+)?\(": "PERFORM concat(",
    r"stands := NULL;": "NULL;",
    r"RAISE EXCEPTION USING ERRCODE = 'CW409',\s+MESSAGE = ": "PERFORM ",
}
"""How the functions refuse, and what takes its place: the same words, and nothing comes of it."""


def mutants(file):
    """Yield the place of every refusal in a file, what stands there, and the text without it."""
    source = file.read_text("utf-8")
    found = (
        (match, other)
        for refusal, other in REFUSALS.items()
        for match in re.finditer(refusal, source)
    )
    for match, other in sorted(found, key=lambda one: one[0].start()):
        line = source.count("\n", 0, match.start()) + 1
        shown = " ".join(source[match.start() : match.start() + 90].split())
        yield f"{file.name}:{line}", shown, source[: match.start()] + other + source[match.end() :]


def survives(folder):
    """Tell whether the tests pass with what stands in a copy of the project."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", *TESTS],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode == 0


def main():
    """Leave every refusal out, and print what no test saw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", metavar="FILE:LINE", help="only this one's")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="casework-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in PARTS:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
        if not survives(folder):
            sys.exit("the tests fail as it is")
        made = [
            (file, *one)
            for file in sorted((folder / DOOR).glob("*.sql"))
            for one in mutants(file)
            if not asked.only or one[0] in asked.only
        ]
        alive = 0
        for file, place, shown, broken in made:
            whole = file.read_text("utf-8")
            file.write_text(broken, "utf-8")
            if survives(folder):
                alive += 1
                sys.stdout.write(f"{place}: {shown}\n")
                sys.stdout.flush()
            file.write_text(whole, "utf-8")
    sys.stdout.write(f"{len(made)} refusals left out, {alive} survived\n")
    return bool(alive)


if __name__ == "__main__":
    sys.exit(main())
