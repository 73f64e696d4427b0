"""Run functions on several processors, in separate processes.

This is `concurrent.futures` with the start method "spawn" on every system, so that workers share no
open file, lock or thread with the command. In addition, no process outlives its block, whether the
block succeeds, is interrupted or is killed.

Starting a worker takes at least a tenth of a second, and imports the main script. So only the
command line starts workers by itself; a program that uses casework as a library says how many.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from itertools import cycle
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from casework.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.connection import Connection

P = ParamSpec("P")
T = TypeVar("T")

ENDING = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
)
"""The signals that ask a command to end.

It ends its workers itself, so they ignore these signals.
"""


def processors() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """A pool of processes to which functions are given in turn.

    Errors of a function are raised when the result of its future is read.
    """

    def __init__(self, executors: Iterable[ProcessPoolExecutor]) -> None:
        self._in_turn = cycle(executors)

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function of a module; its arguments and its result are pickled."""
        with _unheard():
            return next(self._in_turn).submit(work, *args, **kwargs)


@contextmanager
def workers(count: int) -> Generator[Workers]:
    """Provide this many processes while the block runs.

    They first import the program's main module, as `multiprocessing` documents: a script that calls
    this must put its work under ``if __name__ == "__main__"``. Raises UnavailableError if a process
    was ended from outside, or none can be started.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    context = get_context("spawn")
    ours, theirs = context.Pipe()
    # Each has one process, which is there before its thread waits for it: of one that starts later
    # Python 3.11 may not see that it was killed, and waits for ever.
    executors = [
        ProcessPoolExecutor(1, context, initializer=_begin, initargs=(theirs,))
        for _ in range(count)
    ]
    try:
        yield Workers(executors)
    except BrokenProcessPool:
        raise UnavailableError("process.ended") from None
    finally:
        # Whatever a worker still does, nobody will ask for it: it ends with the pipe.
        ours.close()
        for executor in executors:
            executor.shutdown(cancel_futures=True)
        theirs.close()


@contextmanager
def _unheard() -> Iterator[None]:
    """Block signals for processes that are started in the block, until they ignore them.

    Processes inherit the signal mask. Windows has no mask: there a worker that is just starting may
    report that it was interrupted.
    """
    if sys.platform == "win32":
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _begin(command: Connection) -> None:
    """Start a worker, which ends when the command closes its end of a pipe, or is gone."""
    from threading import Thread

    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    Thread(target=_end_with, args=(command,), daemon=True).start()


def _end_with(command: Connection) -> None:
    with suppress(EOFError, OSError):
        command.recv()
    os._exit(0)
