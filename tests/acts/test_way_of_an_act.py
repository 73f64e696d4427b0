"""How many files somebody reads who follows `assign` from the command to its commit."""

import sys
from pathlib import Path

import pytest

import casework
from casework.store.connections import Lite

PROGRAM = Path(casework.__file__).parent
VALUES = ("kinds/", "system/", "words/", "errors.py")
"""What holds values, words, or what the machine does: nobody opens it to follow the way."""

FORKS = 3
"""A file that calls on so many others decides how the way goes on."""

MOST = 10


def calls(office, *words):
    """Return who called whom, by file, from the command's own function to the commit."""
    found, stage = set(), []

    def note(frame, event, _):
        if event != "call" or stage[-1:] == ["over"]:
            return
        code = frame.f_code
        if not stage and (code.co_name, Path(code.co_filename).name) != ("assign_", "cases.py"):
            return
        stage.append("on its way")
        if code is COMMITTED:
            stage.append("over")
        caller = frame.f_back
        while caller and not caller.f_code.co_filename.startswith(str(PROGRAM)):
            caller = caller.f_back
        here, there = (place(one.f_code) for one in (frame, caller or frame))
        if here and there and here != there:
            found.add((there, here))

    sys.setprofile(note)
    try:
        office(*words)
    finally:
        sys.setprofile(None)
    assert stage[-1] == "over"
    return found


def place(code):
    """Return the file of a function below the program's folder; None of a module's own body."""
    path = Path(code.co_filename)
    if not path.is_relative_to(PROGRAM) or code.co_name.startswith("<"):
        return None
    return path.relative_to(PROGRAM).as_posix()


COMMITTED = Lite.open.fget.__code__
"""What is asked of a connection right before its changes are kept."""


def test_the_way_of_an_act_forks_in_few_files(office, case):
    if office.url.startswith("postgresql"):
        pytest.skip("the same way, but for the last step, which is the server's")
    ref = case()
    found = calls(office, "assign", ref, "--owner", "mofa", "--due", "2099-12-31", "--json")
    steps = {(start, end) for start, end in found if not end.startswith(VALUES)}
    forks = sorted(
        {start for start, _ in steps if len({e for s, e in steps if s == start}) >= FORKS}
    )

    assert "acts/cases.py" in forks
    assert "ledger/ledger.py" in forks
    assert len(forks) <= MOST, forks
