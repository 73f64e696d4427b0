"""Every benchmark, one after the other: ``python benchmarks --folder FOLDER``."""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

from measure import working_folder

WITH_REGISTERS = (
    "single_case.py",
    "overdue.py",
    "reports.py",
    "filters.py",
    "import_speed.py",
    "verification.py",
    "earlier.py",
    "memory.py",
)


def main() -> None:
    """Run them, each in a process of its own, with the same registers."""
    parser = ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--folder", type=Path, help="keep made-up registers here")
    here = Path(__file__).parent
    with working_folder(parser.parse_args().folder) as folder:
        subprocess.run([sys.executable, here / "startup.py"], check=True)
        for script in ("server.py", "throughput.py", "many.py"):
            subprocess.run([sys.executable, here / script], check=True)
        for script in WITH_REGISTERS:
            subprocess.run([sys.executable, here / script, "--folder", folder], check=True)


if __name__ == "__main__":
    main()
