"""The page on the architecture names every module that stands on a floor."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_module_of_a_floor_is_explained():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    floors = re.split(r" \| ", " | ".join(contract["layers"]))
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    lines = page.partition("```\n")[2].partition("```")[0].splitlines()
    told = {word.rstrip("/") for line in lines for word in line[:26].split()}

    assert sorted(set(floors) - told - {"__main__"}) == []
