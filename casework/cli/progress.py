"""The progress of long work, in one line of the terminal that is redrawn."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from casework.papers.formatting import number
from casework.system.progress import heard
from casework.words import said as said_in
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 1.0
"""The seconds of work after which progress is shown."""

PAUSE = 0.2
"""The seconds between two drawings."""


class Line:
    """A line on standard error, drawn while work reports progress and erased when it ends.

    Work that cannot measure its progress is shown when it begins, because it reports nothing later.
    """

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._next = monotonic() + PATIENCE
        self._wide = 0
        self._begun: tuple[str, float, int] = ("", 0.0, 0)

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Redraw the line, if it is time to."""
        if what != self._begun[0]:
            self._begun = (what, monotonic(), done)
        if not what:
            self.clear()
        elif (now := monotonic()) >= self._next or not done:
            self._next = now + PAUSE
            numbers = [number(one, self._lang) for one in (done, total) if one]
            said = f"{word(what, self._lang)}: {' / '.join(numbers)}{self._left(now, done, total)}"
            self._draw(said[: shutil.get_terminal_size().columns - 1])

    def _left(self, now: float, done: int, total: int | None) -> str:
        """Return the remaining time, estimated from the speed so far."""
        _, start, before = self._begun
        if total is None or done <= before or now - start < PATIENCE:
            return ""
        seconds = round((now - start) * (total - done) / (done - before))
        minutes, rest = divmod(max(seconds, 0), 60)
        return "  " + said_in("progress.left", self._lang, time=f"{minutes}:{rest:02}")

    def clear(self) -> None:
        """Erase the line."""
        if self._wide:
            self._draw("")
            self._draw("")

    def _draw(self, said: str) -> None:
        sys.stderr.write("\r" + said.ljust(self._wide))
        sys.stderr.flush()
        self._wide = len(said)


@contextmanager
def shown(lang: str) -> Iterator[None]:
    """Show the progress of all work in the block, and erase it at the end."""
    line = Line(lang)
    try:
        with heard(line):
            yield
    finally:
        line.clear()
