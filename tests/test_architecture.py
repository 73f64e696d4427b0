"""The page on the architecture names every module that stands on a floor."""

import ast
import re
import subprocess
import sys
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


FACELESS = (
    "import pkgutil, sys; from importlib import import_module; from casework import acts\n"
    "for one in pkgutil.walk_packages(acts.__path__, 'casework.acts.'): import_module(one.name)\n"
    "print('casework.acts.session' in sys.modules)\n"
    "print([name for name in sys.modules if name.partition('.')[0] == 'click'\n"
    "       or name.startswith('casework.cli')])"
)


def test_what_acts_needs_no_command_line():
    said = subprocess.run(
        [sys.executable, "-c", FACELESS], capture_output=True, text=True, check=True
    )

    assert said.stdout == "True\n[]\n"


def test_what_acts_neither_prints_nor_sleeps():
    calls = {"print", "sleep", "echo", "exit", "redirect_stdout", "redirect_stderr", "input"}
    found = [
        (path.name, called)
        for path in (ROOT / "casework" / "acts").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and (called := getattr(node.func, "id", getattr(node.func, "attr", None))) in calls
    ]

    assert found == []
