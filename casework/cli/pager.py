"""Show a long result on a terminal with the user's pager."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from casework.errors import UnavailableError, quoted
from casework.system import platforms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casework.cli.settings import Settings

READS = frozenset(
    {"list", "show", "history", "search", "next", "status", "log", "findings", "explain", "help"}
)
"""The last words of commands with long output, besides reports."""

IN_MEMORY = 1 << 20
"""The bytes of a result held in memory; the rest of a longer one is in a file."""

LESS = {"LESS": "FRX", "LV": "-c"}
"""The default options of less and lv: output that fits the screen stays there."""


def wanted(path: Sequence[str], chosen: Settings) -> bool:
    """Return whether the output of a command may be paged."""
    reads = bool(path) and (path[-1] in READS or path[0] == "report")
    return reads and not chosen.no_pager and os.environ.get("TERM") != "dumb"


@contextmanager
def paged(chosen: Settings) -> Iterator[Any]:
    """Open a stream that goes to the pager if it holds more than a screen.

    Raises UnavailableError if the configured pager does not exist.
    """
    words = _program(chosen)
    if not words:
        yield sys.stdout
        return
    stream = _Held(sys.stdout, words)
    try:
        yield stream
    finally:
        stream.end()


def _program(chosen: Settings) -> list[str]:
    """Return the command of the pager; empty if none is to be used. Raises UnavailableError."""
    told = chosen.configured.told("pager")
    try:
        words = shlex.split(told.value or platforms.PAGER, posix=os.name != "nt")
    except ValueError:
        raise UnavailableError("pager.quotes", "pager.not-there.hint", words=told.value) from None
    if words[:1] == ["cat"] or not words:
        return []
    if shutil.which(words[0]) is None:
        if told.value is None:
            return []
        raise UnavailableError("pager.not-there", name=words[0])
    return words


class _Held:
    """Standard output, held back until the command is done, then shown or paged.

    Nothing is shown earlier, because a command that waits for its reader would block writers of a
    SQLite store.
    """

    def __init__(self, stream: Any, words: Sequence[str]) -> None:
        self._stream, self._words = stream, words
        self._room = shutil.get_terminal_size().lines - 1
        self._held: IO[str] = SpooledTemporaryFile(  # noqa: SIM115 - `end` closes it
            IN_MEMORY, "w+", encoding="utf-8", errors="replace", newline=""
        )
        self._lines = 0

    def write(self, text: str) -> int:
        """Write text; raises TypeError for anything else: so click recognises a text stream."""
        if not isinstance(text, str):
            raise TypeError(text)
        self._lines += text.count("\n")
        return self._held.write(text)

    def flush(self) -> None:
        """Do nothing: whether the output fits the screen is only known at the end."""

    def end(self) -> None:
        """Release the output, and wait until the reader is done."""
        with self._held as held:
            held.seek(0)
            if self._lines > self._room:
                self._page(held)
                return
            shutil.copyfileobj(held, self._stream)
            self._stream.flush()

    def _page(self, held: IO[str]) -> None:
        """Pass text to the pager, and wait for its end."""
        pager = self._started()
        # Ctrl-C is the pager's while it shows something: it may search, or be asked to wait.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            # Who has read enough closes it, and that is no error.
            with suppress(OSError), pager:
                if pager.stdin is not None:
                    shutil.copyfileobj(held, pager.stdin)
        finally:
            signal.signal(signal.SIGINT, before)

    def _started(self) -> subprocess.Popen[str]:
        own = {name: os.environ.get(name, value) for name, value in LESS.items()}
        try:
            return subprocess.Popen(  # noqa: S603 - the program the user has set
                self._words,
                stdin=subprocess.PIPE,
                env=os.environ | own,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            name, why = self._words[0], quoted(error)
            raise UnavailableError(
                "pager.fails", "pager.not-there.hint", name=name, why=why
            ) from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
