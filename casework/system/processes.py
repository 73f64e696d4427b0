"""Run functions on several processors, in processes of their own.

It is `concurrent.futures`, whose processes start from nothing ("spawn"), alike on every system:
they share no open file, lock or thread with the command. What it does not promise is added here:
no process outlives the block it was made for, whether that ends well, is interrupted or is killed.

To start one takes a tenth of a second and more, and imports the script Python was started with. So
the command line asks for them, and a program that uses casework as a library says how many.
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
"""How a command is asked to end. It ends its workers itself, which so say nothing of it."""


def processors() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """Processes that functions are given to, each in its turn.

    What a function raises is raised by the result of its future.
    """

    def __init__(self, executors: Iterable[ProcessPoolExecutor]) -> None:
        self._in_turn = cycle(executors)

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a function of a module run; its arguments and its result are pickled."""
        with _unheard():
            return next(self._in_turn).submit(work, *args, **kwargs)


@contextmanager
def workers(count: int) -> Generator[Workers]:
    """Give so many processes while the block runs.

    They begin by importing the program's main module, as `multiprocessing` says: a script that
    calls this must keep what it does under ``if __name__ == "__main__"``. Raises UnavailableError
    where a process was ended from outside, or none can be made.
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
    """Keep signals from a process that is made meanwhile, until it ignores them itself.

    It inherits the mask. Windows has none: there a worker that is just beginning may say that it
    was interrupted.
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
    """Begin a worker: it ends when its command closes its end of a pipe, or is gone."""
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
