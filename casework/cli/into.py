"""Write a text to a file or to the screen."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def text_into(file: Path | None, *, force: bool, room: int = 0) -> Iterator[IO[str]]:
    """Open the output of a text: the screen, or a file that replaces another only by force.

    Before writing to a file, `room` for this many bytes is reserved.
    """
    if file is None:
        yield sys.stdout
        return
    from casework.system.files import whole_text

    with whole_text(file, replace=force, room=room) as text:
        yield text
