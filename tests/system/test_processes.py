"""Work in processes of their own: what comes back, and that none outlives what it was made for."""

import operator
import os
import pickle
import signal
import subprocess
import sys
import time
from multiprocessing import resource_tracker

import pytest
from processes import children, gone, is_there

from casework import errors
from casework.errors import CaseworkError, IntegrityFailure, UnavailableError, UsageError
from casework.rules.dates import parse
from casework.system import processes


@pytest.fixture(autouse=True)
def _leaves_no_child():
    """Nothing is left but the process in which Python notes what to clear up, one for all."""
    before = children(os.getpid())
    yield
    tracker = resource_tracker._resource_tracker._pid
    assert children(os.getpid()) <= {*before, tracker}


def test_what_is_given_to_workers_is_done_in_other_processes_and_comes_back():
    given = [None, True, -1, "chữ", b"\x00\xff", (1, "a"), {"k": [b"v"]}, b"long" * 1_000_000]
    with processes.workers(2) as others:
        process = others.submit(os.getpid)
        came = [others.submit(operator.itemgetter(0), (one,)) for one in given]

        assert process.result() != os.getpid()
        assert [one.result() for one in came] == given


def test_what_work_raises_is_raised_where_it_is_asked_for():
    with processes.workers(1) as others:
        wrong, defect = others.submit(parse, "never"), others.submit(operator.truediv, 1, 0)
        with pytest.raises(UsageError) as here:
            parse("never")
        with pytest.raises(UsageError) as there:
            wrong.result()
        with pytest.raises(ZeroDivisionError) as told:
            defect.result()

    assert there.value.told("vi") == here.value.told("vi")
    assert "Traceback" in str(told.value.__cause__)


@pytest.mark.parametrize(
    "kind",
    [
        one
        for one in vars(errors).values()
        if isinstance(one, type)
        and issubclass(one, CaseworkError)
        # It is made of others, where an act is asked for; no work of another process asks for one.
        and one is not errors.SeveralError
    ],
)
def test_an_error_of_ours_is_the_same_in_another_process(kind):
    error = kind("days", "verify.replaced", passing=True, count=3, file="f")
    came = pickle.loads(pickle.dumps(error))

    assert type(came) is kind
    assert [came.told(lang) for lang in ("en", "vi")] == [error.told(lang) for lang in ("en", "vi")]
    assert came.passing


@pytest.mark.parametrize(
    ("end", "how"), [(signal.raise_signal, signal.SIGKILL), (os._exit, 0), (os._exit, 3)]
)
def test_a_worker_that_is_ended_is_an_error_with_one_line(end, how):
    def work():
        with processes.workers(2) as others:
            others.submit(time.sleep, 600)
            others.submit(end, how).result()

    with pytest.raises(UnavailableError) as raised:
        work()

    assert raised.value.message == "a process of this command was ended before its work was done"
    assert "nothing was changed" in raised.value.hint


@pytest.mark.parametrize("error", [KeyboardInterrupt, IntegrityFailure("days")])
def test_workers_nobody_waits_for_any_more_are_ended_at_once(error):
    busy = []

    def work():
        with processes.workers(2) as others:
            busy.append(others.submit(os.getpid).result())
            for _ in range(9):
                others.submit(time.sleep, 600)
            raise error

    with pytest.raises((KeyboardInterrupt, IntegrityFailure)):
        work()

    assert gone(*busy, within=0)


def test_workers_leave_it_to_their_command_when_to_end():
    with processes.workers(1) as others:
        for number in processes.ENDING:
            others.submit(signal.raise_signal, number).result()

        assert others.submit(os.getpid).result() != os.getpid()


def test_a_signal_that_comes_while_a_worker_begins_reaches_its_command_alone():
    # The mask a worker inherits keeps it; the command's own is as it was.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with processes.workers(1) as others:
        heard = others.submit(signal.pthread_sigmask, signal.SIG_BLOCK, ())

        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
        assert heard.result() == before
        assert others.submit(signal.getsignal, signal.SIGINT).result() is signal.SIG_IGN


def test_workers_end_when_their_command_is_killed():
    code = """
import os, time
from casework.system import processes
with processes.workers(2) as others:
    print(*{others.submit(os.getpid).result() for _ in range(9)}, flush=True)
    others.submit(time.sleep, 600).result()
"""
    pipes = {"stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as command:
        found = list(map(int, command.stdout.readline().split()))
        assert all(map(is_there, found))
        command.kill()

        assert found
        assert all(map(gone, found))


@pytest.mark.skipif(sys.platform != "linux", reason="only there a process is kept to processors")
def test_the_processors_are_those_this_process_may_use():
    code = (
        "import os; from casework.system.processes import processors;"
        "os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); print(processors())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout == "1\n"
    assert processes.processors() == len(os.sched_getaffinity(0))
