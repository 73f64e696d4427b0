"""The page on the architecture says what is so."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "casework"


def page():
    return (ROOT / "ARCHITECTURE.md").read_text("utf-8")


def table(title):
    """Return the first cells, and the whole rows, of the table below a heading."""
    lines = page().partition(f"## {title}\n")[2].partition("\n## ")[0].splitlines()
    rows = [line for line in lines if line.startswith("| ")][1:]
    return [row.split(" | ")[0].removeprefix("| ") for row in rows], rows


def test_the_page_names_the_rooms_in_the_order_in_which_they_may_import():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    rooms = settings["tool"]["importlinter"]["contracts"][0]
    floors = re.split(r" \| ", " | ".join(rooms["layers"]))
    told = [cell.strip("`").removesuffix(".py").rstrip("/") for cell in table("Rooms")[0]]

    assert ["__main__", *told] == floors
    assert rooms["exhaustive"] is True


def test_every_room_says_what_belongs_there():
    rooms = [path for path in PROGRAM.iterdir() if (path / "__init__.py").exists()]
    said = [ast.get_docstring(ast.parse((room / "__init__.py").read_text())) for room in rooms]

    assert len(rooms) == len(table("Rooms")[0]) - 1
    assert [room.name for room, text in zip(rooms, said, strict=True) if not text] == []


def test_rooms_know_few_others():
    arrows = set()
    for path in PROGRAM.rglob("*.py"):
        here = path.relative_to(PROGRAM).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("casework."):
                arrows.add((here, (node.module or "").split(".")[1]))
    between = {(start, end) for start, end in arrows if start != end}

    assert 50 < len(between) <= 100


def test_no_module_is_longer_than_one_reads():
    lines = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8").count("\n")
        for path in PROGRAM.rglob("*.py")
    }

    assert len(lines) > 250
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_where_things_go_names_places_and_names_that_are_there():
    whats, rows = table("Where things go")
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    lost = [name for name in named if "/" in name and not (ROOT / name).exists()]

    assert len(whats) > 8
    assert lost == []
    tables = {name for name in named if re.fullmatch(r"[A-Z_]+", name)}
    assert {"OTHER_ACTS", "FORMATS", "REGISTERING"} <= tables
    for name in tables:
        (row,) = (row for row in rows if f"`{name}`" in row)
        files = [ROOT / one for one in re.findall(r"`([^`]+[.]py)`", row)]
        assert any(f"\n{name}" in file.read_text("utf-8") for file in files)


def test_the_page_is_read_in_five_minutes_and_names_what_is_there():
    text = page()
    named = re.findall(r"`(\w+/[\w/.]*)`", text)
    lost = [one for one in named if not any((top / one).exists() for top in (ROOT, PROGRAM))]

    assert len(text.split()) <= 1300
    assert len(named) > 60
    assert lost == []


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
