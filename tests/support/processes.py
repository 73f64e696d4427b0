"""Processes of tests: what they are waited for, and how many a piece of work is given.

Nothing is taken to have happened because some time has passed: on a machine under load it has not.
"""

import time
from contextlib import suppress
from pathlib import Path

import pytest

from casework.system import second_process

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


def counted(monkeypatch):
    """Return a function that says how many processes there are; it returns the work begun since."""
    running, started = second_process.running, []

    def noted(work):
        started.append(work)
        return running(work)

    monkeypatch.setattr(second_process, "running", noted)

    def use(number):
        started.clear()
        monkeypatch.setattr(second_process, "possible", lambda: number == 2)
        return started

    return use
