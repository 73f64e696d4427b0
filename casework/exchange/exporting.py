"""Cases written to a file, such that importing it and exporting again gives the same bytes."""

from __future__ import annotations

import io
import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from casework.errors import ConflictError, UnavailableError
from casework.exchange.columns import COLUMNS, HISTORY, cells, line
from casework.exchange.history import tell
from casework.papers.csv import rows_into
from casework.queries import events_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.connections import Connection
    from casework.records import Case


def write_csv(cases: Iterable[Case], file: IO[str]) -> int:
    """Write cases as CSV (RFC 4180, but lines end with a line feed); returns how many."""
    writer = rows_into(file)
    writer.writerow([column.name for column in COLUMNS])
    count = 0
    for case in cases:
        writer.writerow(cells(case))
        count += 1
    return count


def write_lines(connection: Connection, cases: Iterable[Case], file: IO[str]) -> int:
    """Write cases as JSON Lines, each with its history; returns how many."""
    count = 0
    for page in _pages(cases):
        told = events_of(connection, [case.ref for case in page])
        for case in page:
            history = [tell(event) for event in told[case.ref]]
            file.write(dump(line(case) | {HISTORY: history}) + "\n")
            count += 1
    return count


def dump(value: Any) -> str:
    """Return JSON in one line, in the order of its members."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _pages(cases: Iterable[Case]) -> Iterator[list[Case]]:
    from itertools import islice

    rest = iter(cases)
    while page := list(islice(rest, 500)):
        yield page


@contextmanager
def whole_file(path: Path, *, replace: bool = True) -> Iterator[IO[bytes]]:
    """Give a file that appears under its name only when it is complete.

    It is written beside its place, flushed to the disk, and renamed; an error leaves what was
    there before. Raises UnavailableError where it cannot be written, and ConflictError where a
    file is there that may not be replaced.
    """
    if path.exists() and not path.is_file():
        raise UnavailableError(f"{path} is no file that can be replaced", "choose another name")
    if not replace and path.exists():
        raise _there(path)
    try:
        number, name = tempfile.mkstemp(dir=path.parent or Path(), prefix=f".{path.name}.")
        try:
            with os.fdopen(number, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _publish(Path(name), path, replace=replace)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written: {error.strerror}", "choose another place"
        ) from None


def _publish(made: Path, path: Path, *, replace: bool) -> None:
    if not replace and path.exists():
        raise _there(path)
    made.replace(path)


def _there(path: Path) -> ConflictError:
    return ConflictError(f"{path} is there already", "give --force to replace it, or another name")


@contextmanager
def whole_text(path: Path) -> Iterator[IO[str]]:
    """Give a text file in UTF-8 that appears under its name only when it is complete."""
    with whole_file(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.detach()
