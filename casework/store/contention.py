"""Say once, after a short while, which process a writer is waiting for."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from casework.errors import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    Tell = Callable[[Text], None]

PATIENCE = 1.0
"""The seconds after which a writer says whom it is waiting for."""

LIMIT = 30
"""The seconds after which a writer gives up."""

LOCKS = Path("/proc/locks")
"""The list of locks by process and file on Linux (proc(5)); other systems have none."""

RESERVED = str(0x40000001)
"""The byte of a SQLite file that its writer locks (sqlite.org/lockingv3.html)."""


def of_file(path: Path) -> Text:
    """Return which process is writing to a SQLite file, as far as the system says."""
    try:
        table = LOCKS.read_text("ascii")
        held = path.stat()
        found = next(_writers(table, held), None)
        if found is None:
            return Text("waiting.another")
        user = _user_of(found)
        key = "waiting.process" if user is None else "waiting.process-of"
        return Text(key, process=found, user=user)
    except (OSError, ValueError):
        return Text("waiting.another")


def _writers(table: str, held: os.stat_result) -> Iterator[int]:
    """Yield the processes that lock the writer's byte of a file."""
    place = f"{os.major(held.st_dev):02x}:{os.minor(held.st_dev):02x}:{held.st_ino}"
    for line in table.splitlines():
        # A waiting process is told with an arrow: 1: -> POSIX ADVISORY WRITE …
        match line.split():
            case [_, "POSIX", _, "WRITE", process, file, first, last] if file == place:
                if int(first) <= int(RESERVED) and (last == "EOF" or int(RESERVED) <= int(last)):
                    yield int(process)


def _user_of(process: int) -> str | None:
    import pwd

    try:
        return pwd.getpwuid(Path(f"/proc/{process}").stat().st_uid).pw_name
    except (OSError, KeyError):
        return None


BLOCKING = """
    SELECT usename, pid, date_trunc('second', clock_timestamp() - xact_start)
    FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids(%s)) ORDER BY xact_start LIMIT 1
"""


@contextmanager
def on_server(
    process: int, connect: Callable[[], psycopg.Connection[Any]], tell: Tell
) -> Iterator[None]:
    """While a block runs, report who keeps a process of the server waiting."""
    over = Event()
    Thread(target=_watch, args=(connect, process, over, tell), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _watch(
    connect: Callable[[], psycopg.Connection[Any]], process: int, over: Event, tell: Tell
) -> None:
    if over.wait(PATIENCE):
        return
    from psycopg import Error

    try:
        # Each question in a transaction of its own: within one the server answers the same.
        with closing(connect()) as beside:
            while (found := beside.execute(BLOCKING, (process,)).fetchone()) is None:
                if over.wait(PATIENCE):
                    return
    except Error:
        return
    if not over.is_set():
        name, other, since = found
        # The server tells how long only to who may know of others.
        key = "waiting.server" if since is None else "waiting.server-since"
        tell(Text(key, name=name, process=other, since=since))
