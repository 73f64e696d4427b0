"""Work in a second process: what comes back, and how either process ends without the other."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from casework.errors import ConflictError, UnavailableError
from casework.system import second_process

# pytest-xdist has a thread of its own, which no worker here waits for.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* multi-threaded:DeprecationWarning")

ITEMS = [None, True, -1, "chữ", b"\x00\xff", (1, "a"), ["x", ("y", None)], {"k": b"v"}]


def children():
    """Return the processes that are this one's, ended ones too that nobody has waited for."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1]
            if int(parent) == os.getpid():
                found.add(stat.parent.name)
    return found


@pytest.fixture(autouse=True)
def _others():
    """A server that other tests use may be guarded by a process of this one's."""
    OTHERS.clear()
    OTHERS.update(children())


OTHERS = set()


def no_child_is_left():
    assert children() <= OTHERS


def is_there(process):
    """Tell whether a process runs; one that is gone and not reaped does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text("utf-8")
    except FileNotFoundError:
        return False


def gone(process, within=60.0):
    until = time.monotonic() + within
    while is_there(process) and time.monotonic() < until:
        time.sleep(0.01)
    return not is_there(process)


def test_what_work_yields_comes_back_in_its_order_from_another_process():
    with second_process.running(lambda: [os.getpid(), *ITEMS, b"long" * 1_000_000]) as told:
        process, *items, long = told

    assert process != os.getpid()
    assert items == ITEMS
    assert [type(item) for item in items] == [type(item) for item in ITEMS]
    assert long == b"long" * 1_000_000
    no_child_is_left()


def test_it_runs_ahead_of_who_reads(tmp_path):
    def work():
        yield from range(10_000)
        (tmp_path / "done").touch()

    with second_process.running(work) as told:
        until = time.monotonic() + 30
        while not (tmp_path / "done").exists() and time.monotonic() < until:
            time.sleep(0.01)
        assert (tmp_path / "done").exists()
        assert list(told) == list(range(10_000))


def test_an_error_of_ours_comes_back_as_it_was_after_what_came_before_it():
    def work():
        yield 1
        raise ConflictError("it is taken", "take another", passing=True)

    came = []
    with (
        pytest.raises(ConflictError) as raised,
        second_process.running(work) as told,
    ):
        came += told

    assert came == [1]
    error = raised.value
    assert (error.message, error.hint, error.passing) == ("it is taken", "take another", True)
    no_child_is_left()


def test_a_defect_comes_back_with_its_traceback():
    def broken():
        yield {}["not there"]

    with (
        pytest.raises(RuntimeError, match="KeyError: 'not there'") as raised,
        second_process.running(broken) as told,
    ):
        list(told)

    assert "in broken" in raised.value.__notes__[0]


def test_what_no_pipe_carries_is_a_defect():
    with (
        pytest.raises(RuntimeError, match="unmarshallable"),
        second_process.running(lambda: [object()]) as told,
    ):
        list(told)


@pytest.mark.parametrize(
    ("end", "how"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), " by SIGKILL"),
        (lambda: os._exit(0), ""),
    ],
)
def test_a_worker_that_is_ended_is_an_error_with_one_line(end, how):
    def work():
        yield 1
        end()

    with pytest.raises(UnavailableError) as raised, second_process.running(work) as told:
        list(told)

    said = f"a process of this command was ended{how} before its work was done"
    assert raised.value.message == said
    assert "nothing was changed" in raised.value.hint
    no_child_is_left()


def test_a_worker_nobody_listens_to_any_more_is_ended():
    def work():
        yield os.getpid()
        time.sleep(1000)

    with second_process.running(work) as told:
        process = next(told)
        assert is_there(process)
    with pytest.raises(ZeroDivisionError), second_process.running(work) as told:
        next(told) // 0

    assert gone(process, 0)
    no_child_is_left()


def test_a_worker_leaves_it_to_its_command_when_to_end():
    def work():
        for number in second_process.ENDING:
            os.kill(os.getpid(), number)
        yield "still here"

    with second_process.running(work) as told:
        assert list(told) == ["still here"]


def test_what_the_command_would_do_at_its_end_is_done_once():
    code = """
import atexit, sys
from casework import beside
atexit.register(print, "at exit")
sys.stdout.write("once, ")
try:
    with beside.running(lambda: [1]) as told:
        list(told)
finally:
    print("then the end")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout == "once, then the end\nat exit\n"
    assert done.stderr == ""


def test_workers_end_when_their_command_is_killed_each_by_itself():
    code = """
import itertools, os, time
from casework import beside
def writes():
    yield os.getpid()
    yield from itertools.repeat(bytes(1000))
def sleeps():
    yield os.getpid()
    time.sleep(60)
with beside.running(writes) as one, beside.running(sleeps) as other:
    print(next(one), next(other), flush=True)
    time.sleep(60)
"""
    pipes = {"stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as command:
        writes, sleeps = map(int, command.stdout.readline().split())
        command.kill()
        try:
            # It is blocked in writing, and its younger sibling holds no end of its pipe.
            assert gone(writes)
            assert is_there(sleeps)
        finally:
            os.kill(sleeps, signal.SIGKILL)


def test_work_is_done_beside_only_where_that_helps_and_is_safe(monkeypatch):
    # Other tests of the same process may have left threads of their own.
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert second_process.possible()

    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert not second_process.possible()
    monkeypatch.setattr(threading, "active_count", lambda: 1)

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1})
    assert not second_process.possible()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not second_process.possible()
