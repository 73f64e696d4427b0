"""Files that appear under their names only when they are whole and on the disk."""

from __future__ import annotations

import errno
import io
import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

from casework.errors import ConflictError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

PART = "part"
NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY
PRIVATE = 0o600


@contextmanager
def new_file(path: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a place, in a folder of its own beside a path, for a file that is moved there at last.

    An error leaves what was there before. Raises UnavailableError where it cannot be written, and
    ConflictError where a file is there that may not be replaced.
    """
    if path.exists() and not path.is_file():
        raise UnavailableError(f"{path} is no file that can be replaced", "choose another name")
    if path.exists() and not replace:
        raise _there(path)
    try:
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            part = Path(folder) / PART
            yield part
            sync(part)
            _publish(part, path, replace=replace)
        sync(path.parent)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written: {error.strerror}", "choose another place"
        ) from None


@contextmanager
def whole_file(path: Path, *, replace: bool = False) -> Iterator[IO[bytes]]:
    """Give a file that only its owner can read; it and its errors are those of `new_file`."""
    with (
        new_file(path, replace=replace) as part,
        os.fdopen(os.open(part, NEW, PRIVATE), "wb") as file,
    ):
        yield file


@contextmanager
def whole_text(path: Path, *, replace: bool = False) -> Iterator[IO[str]]:
    """Give the same as text in UTF-8."""
    with whole_file(path, replace=replace) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.detach()


def sync(path: Path) -> None:
    """Wait until a file, or what stands in a folder, has reached the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as error:
        # On some network shares a folder cannot be flushed: fsync(2).
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(number)


def make_private(path: Path) -> None:
    """Make an empty file that only its owner can read; raises FileExistsError."""
    os.close(os.open(path, NEW, PRIVATE))


def _publish(made: Path, path: Path, *, replace: bool) -> None:
    """Give a file its name; one that somebody took meanwhile is replaced only where it may be."""
    try:
        if replace:
            made.replace(path)
        else:
            _take_name(made, path)
    except FileExistsError:
        raise _there(path) from None


def _take_name(made: Path, path: Path) -> None:
    try:
        os.link(made, path)
    except FileExistsError:
        raise
    except OSError:
        # FAT and some network shares know no second name of a file: the name is taken first.
        make_private(path)
        try:
            made.replace(path)
        except OSError:
            path.unlink()
            raise


def _there(path: Path) -> ConflictError:
    return ConflictError(
        f"{path} is there already", "give another name, or --force where the command takes it"
    )
