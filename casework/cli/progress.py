"""The progress of long work, in one line of the terminal that is redrawn."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from casework.papers.formatting import number
from casework.system.progress import heard
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 1.0
"""After how many seconds of work it is said how far it has come."""

PAUSE = 0.2
"""How many seconds lie between one drawing and the next."""


class Line:
    """A line on standard error, drawn while work reports progress and erased when it ends.

    Work that cannot measure its progress is shown when it begins, because it reports nothing later.
    """

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._next = monotonic() + PATIENCE
        self._wide = 0

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Draw the line anew, if it is time to."""
        if not what:
            self.clear()
        elif (now := monotonic()) >= self._next or not done:
            self._next = now + PAUSE
            numbers = [number(one, self._lang) for one in (done, total) if one]
            said = f"{word(what, self._lang)}: {' / '.join(numbers)}"
            self._draw(said[: shutil.get_terminal_size().columns - 1])

    def clear(self) -> None:
        """Leave the line empty, as it was."""
        if self._wide:
            self._draw("")
            self._draw("")

    def _draw(self, said: str) -> None:
        sys.stderr.write("\r" + said.ljust(self._wide))
        sys.stderr.flush()
        self._wide = len(said)


@contextmanager
def shown(lang: str) -> Iterator[None]:
    """Show how far all work in the block has come, and leave nothing of that."""
    line = Line(lang)
    try:
        with heard(line):
            yield
    finally:
        line.clear()
