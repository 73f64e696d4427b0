"""Which files somebody reads who follows `assign` from the command to its commit."""

import re
import sys
from collections import defaultdict
from inspect import CO_OPTIMIZED
from pathlib import Path

import pytest

import casework
from casework.store.connections import Lite

PROGRAM = Path(casework.__file__).parent
VALUES = ("kinds/", "system/", "words/", "errors.py")
"""What holds values, words, or what the machine does: nobody opens it to follow the way."""

FEW = 10
"""A file of which fewer lines are run is passed by, and not of substance."""

MOST = 16
"""How many files of substance there may be, those that open and check the store included."""

SHARE = 0.6
"""How much of what is run must lie in the files that the page on the architecture names."""

COMMITTED = Lite.open.fget.__code__
"""What is asked of a connection right before its changes are kept."""


def run_by(office, *words):
    """Return which lines are run, by file, from the command's own function to the commit."""
    found, on = defaultdict(set), []

    def line(frame, event, _):
        if event == "line":
            found[Path(frame.f_code.co_filename).relative_to(PROGRAM).as_posix()].add(
                frame.f_lineno
            )
        return line

    def called(frame, _, __):
        code = frame.f_code
        if (code.co_name, Path(code.co_filename).name) == ("assign_", "cases.py"):
            on.append("the way")
        if code is COMMITTED:
            on.append("its end")
        if on != ["the way"] or not code.co_filename.startswith(f"{PROGRAM}/"):
            return None
        # What an import runs, of a module or of a class, is read where it is declared.
        return line if code.co_flags & CO_OPTIMIZED else None

    before = sys.gettrace()
    sys.settrace(called)
    try:
        office(*words)
    finally:
        sys.settrace(before)
    assert "its end" in on
    return {name: len(lines) for name, lines in found.items() if not name.startswith(VALUES)}


def named_on_the_page():
    page = (PROGRAM.parent / "ARCHITECTURE.md").read_text("utf-8")
    way = page.partition("## The way of one act\n")[2].partition("\n## ")[0]
    return set(re.findall(r"`(\w+/\w+[.]py)`", way))


def test_the_page_names_the_files_that_an_act_passes(office, case):
    if office.url.startswith("postgresql"):
        pytest.skip("the same way, but for the last step, which is the server's")
    ref = case()
    lines = run_by(office, "assign", ref, "--owner", "mofa", "--due", "2099-12-31", "--json")
    named = named_on_the_page()

    assert len(named) > FEW
    assert named - lines.keys() == set()
    assert sum(lines[name] for name in named) > SHARE * sum(lines.values())
    assert sum(run >= FEW for run in lines.values()) <= MOST
