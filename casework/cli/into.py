"""Where a text is written to: a file, or the screen."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def text_into(file: Path | None, *, force: bool, room: int = 0) -> Iterator[IO[str]]:
    """Give what a text is written to: a file that may replace one only by force, or the screen.

    A file has `room` for so many bytes before anything is written to it.
    """
    if file is None:
        yield sys.stdout
        return
    from casework.system.files import whole_text

    with whole_text(file, replace=force, room=room) as text:
        yield text
