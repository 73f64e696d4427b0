"""Run part of a command in a forked child process.

Results come back through a pipe that only the two processes hold: when one of them ends, for
whatever reason, the other notices and ends too.
"""

from __future__ import annotations

import marshal
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, NoReturn, TypeVar

from casework import errors
from casework.errors import CaseworkError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

T = TypeVar("T")

LENGTH_BYTES = 8
AHEAD = 1 << 20
"""How many bytes a worker may be ahead of who reads it; as much as Linux allows everybody."""

ENDING = (signal.SIGINT, signal.SIGTERM, *filter(None, [getattr(signal, "SIGHUP", None)]))
"""How a command is asked to end, which is its own affair: it then ends its workers."""

_ends: set[int] = set()
"""The ends this process reads. A worker closes its copies, or its siblings would write on."""


def possible() -> bool:
    """Tell whether work beside is of use here, and safe.

    That is on Linux, with more than one processor allowed, and while no other thread runs: a
    forked process would wait for ever for a lock that one of them holds. On macOS the system's own
    libraries do not bear a fork.
    """
    if sys.platform != "linux":
        return False
    return len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


@contextmanager
def running(work: Callable[[], Iterable[T]]) -> Generator[Iterator[T]]:
    """Run work in a process of its own while the block runs; give what it yields, in order.

    It yields values of built-in types, and runs ahead as far as a pipe holds. It may use nothing
    that this process has open, a store's connection above all. What it raises is raised where it is
    read: an error of ours as it was, any other as RuntimeError; UnavailableError where the process
    was ended from outside.
    """
    import fcntl

    mine, its = os.pipe()
    with suppress(OSError):
        # What an office's own limit forbids is only faster: a worker that seldom waits for us.
        fcntl.fcntl(its, fcntl.F_SETPIPE_SZ, AHEAD)
    # Between the fork and the first line of the worker nobody may raise KeyboardInterrupt: the
    # worker would unwind as if it were the command, and undo its transaction in its file.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        worker = os.fork()
        if worker == 0:
            _work(work, its, {mine, *_ends}, mask)
        _ends.add(mine)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(its)
    try:
        with os.fdopen(mine, "rb") as told:
            yield _answers(worker, told)
    finally:
        _ends.discard(mine)
        # It has either told all it had to tell, or nobody will hear the rest.
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


def _work(
    work: Callable[[], Iterable[Any]], its: int, others: set[int], mask: set[int | signal.Signals]
) -> NoReturn:
    """Do the work in the worker. It never returns: what is to be closed is the command's."""
    try:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for end in others:
            os.close(end)
        with os.fdopen(its, "wb") as out:
            try:
                for item in work():
                    _tell(out, "item", item)
                _tell(out, "done")
            except CaseworkError as error:
                name = type(error).__name__
                _tell(out, "refused", (name, error.message, error.hint, error.passing))
            except Exception as error:  # noqa: BLE001 - a defect, told where it can be reported
                from traceback import format_exception

                said = f"{type(error).__name__}: {error}"
                _tell(out, "defect", (said, "".join(format_exception(error))))
    finally:
        # Neither what the command has not printed yet nor what it would do at its end is done here.
        os._exit(0)


def _tell(out: IO[bytes], what: str, value: Any = None) -> None:
    frame = marshal.dumps((what, value))
    out.write(len(frame).to_bytes(LENGTH_BYTES, "big") + frame)
    out.flush()


def _answers(worker: int, told: IO[bytes]) -> Iterator[Any]:
    while True:
        length = int.from_bytes(told.read(LENGTH_BYTES), "big")
        frame = told.read(length)
        if not frame or len(frame) < length:
            raise _gone(worker)
        what, value = marshal.loads(frame)  # noqa: S302 - written by this very program
        if what == "done":
            return
        if what == "refused":
            name, message, hint, passing = value
            raise vars(errors)[name](message, hint, passing=passing)
        if what == "defect":
            error = RuntimeError(value[0])
            error.add_note(value[1])
            raise error
        yield value


def _gone(worker: int) -> UnavailableError:
    """Return what to say of a worker that ended before its work was done."""
    ended = os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)
    how = ""
    if ended is not None and ended.si_code != os.CLD_EXITED:
        how = f" by {signal.Signals(ended.si_status).name}"
    return UnavailableError("process.ended", how=how)
