"""Processes of tests: what they are waited for, and how many a piece of work is given.

Nothing is taken to have happened because some time has passed: on a machine under load it has not.
"""

import time
from contextlib import suppress
from pathlib import Path

import pytest

PENDING = 0x40000000
"""The byte of a SQLite file that a writer locks who waits for readers (sqlite.org/lockingv3)."""

LONG = 240
"""After how many seconds something is taken for never going to happen."""


def until(happened, process=None):
    """Wait until something has happened; fails when it never does, or a process ended before."""
    given_up = time.monotonic() + LONG
    while not (found := happened()):
        if process is not None and process.poll() is not None and not happened():
            pytest.fail(f"it ended with {process.returncode}: {process.communicate()}")
        if time.monotonic() > given_up:
            pytest.fail("it did not happen")
        time.sleep(0.005)
    return found


def has_open(process, name):
    """Tell whether a process has a file of this name open."""
    with suppress(FileNotFoundError):
        for one in Path(f"/proc/{process.pid}/fd").iterdir():
            # A file may be closed between two looks at it.
            with suppress(FileNotFoundError):
                if one.readlink().name == name:
                    return True
    return False


def waits_for_readers(process):
    """Tell whether a process is in the commit of a SQLite file that somebody reads."""
    for line in Path("/proc/locks").read_text("ascii").splitlines():
        match line.split():
            case [_, "POSIX", _, "WRITE", holder, _, first, last] if holder == str(process.pid):
                if int(first) <= PENDING and (last == "EOF" or int(last) >= PENDING):
                    return True
    return False


def has_taken(process, number):
    """Tell whether a signal that was sent to a process has reached it."""
    lines = Path(f"/proc/{process.pid}/status").read_text("utf-8").splitlines()
    sets = [int(line.split()[1], 16) for line in lines if line.startswith(("SigPnd", "ShdPnd"))]
    return not any(one >> number - 1 & 1 for one in sets)


def said(stream, words):
    """Return the line of a process's output that begins so; fails where none does."""
    for line in stream:
        if line.startswith(words):
            return line
    return pytest.fail(f"no line begins with {words!r}")


def children(process):
    """Return the processes that are a process's own, ended ones too that nobody has waited for."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1]
            if int(parent) == process:
                found.add(int(stat.parent.name))
    return found


def is_there(process):
    """Tell whether a process runs; one that is gone and not reaped does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(process, within=LONG):
    """Wait until a process does not run any more; tell whether it did so in time."""
    given_up = time.monotonic() + within
    while is_there(process) and time.monotonic() < given_up:
        time.sleep(0.005)
    return not is_there(process)
