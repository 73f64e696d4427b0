"""Write files that appear only when they are whole and on the disk; read regular files only.

Every path is read through `open_regular`, so that no command waits for a silent pipe or reads
endless input.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from casework.errors import (
    CaseworkError,
    ConflictError,
    NotFoundError,
    UnavailableError,
    UsageError,
)
from casework.system import platforms, protected
from casework.system.platforms import make_private
from casework.system.text import SHOWN
from casework.words import Text, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

PART = "part"
NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
SHARED = 0o666
"""The mode of a file that is not private, before the umask."""

SMALL = 1 << 20
"""The greatest size, in bytes, of a small file that is read whole: a key, a signed text, a note."""

_READING = os.O_RDONLY
for _flag in ("O_BINARY", "O_CLOEXEC", "O_NOCTTY", "O_NONBLOCK"):
    # Not every system has them all; without waiting, a pipe put there meanwhile opens at once.
    _READING |= getattr(os, _flag, 0)

_KINDS = (
    (stat.S_ISDIR, "file.is.folder"),
    (stat.S_ISFIFO, "file.is.pipe"),
    (stat.S_ISSOCK, "file.is.socket"),
    (stat.S_ISCHR, "file.is.device"),
    (stat.S_ISBLK, "file.is.device"),
)


@contextmanager
def new_file(path: Path, *, replace: bool = False, over: bytes = b"") -> Iterator[Path]:
    """Yield a temporary path; move the file to `path` when the block succeeds.

    After an error the earlier file is unchanged. If `path` is a link, its target is replaced.
    Raises UnavailableError if it cannot be written, and ConflictError if an existing file may not
    be replaced: a file that `kept` protects is replaced only if it begins with `over`.
    """
    protected.refuse(path, over=over)
    with _made_beside(path, replace=replace) as part:
        yield part


@contextmanager
def _made_beside(path: Path, *, replace: bool) -> Iterator[Path]:
    try:
        if path.exists() and not path.is_file():
            raise UnavailableError("file.not-replaceable", path=path)
        if os.path.lexists(path) and not replace:
            raise _there(path)
        target = Path(os.path.realpath(path))
        with platforms.scratch(target.parent, f".{target.name}.") as folder:
            part = folder / PART
            yield part
            platforms.flush(part)
            _publish(part, target, replace=replace)
        platforms.flush(target.parent)
    except BrokenPipeError:
        raise
    except OSError as error:
        taken = replace and os.path.lexists(path) and platforms.in_use(error)
        hint = "hint.close-it" if taken else "hint.another-place"
        why = quoted(error)
        raise UnavailableError("file.cannot-write-there", hint, path=path, why=why) from None


@contextmanager
def whole_file(path: Path, *, replace: bool = False) -> Iterator[IO[bytes]]:
    """Yield an open file, with the errors of `new_file`.

    Its readers are those that the umask allows, or those of the file it replaces.
    """
    with new_file(path, replace=replace) as part, _opened(part, path) as file:
        yield file


@contextmanager
def whole_text(path: Path, *, replace: bool = False, room: int = 0) -> Iterator[IO[str]]:
    """Yield the same for UTF-8 text; it is refused at once without `room` for this many bytes."""
    with whole_file(path, replace=replace) as file:
        file.write(bytes(room))
        file.flush()
        file.seek(0)
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.detach()
        file.truncate()


def keep(path: Path, text: str) -> None:
    """Write one of the program's own private files, and create its folder.

    Not for the output of commands, because it may replace protected files. Raises UnavailableError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UnavailableError("file.cannot-write", path=path, strerror=quoted(error)) from None
    with _made_beside(path, replace=True) as part:
        _write_private(part, text)


def write_secret(path: Path, text: str, *, replace: bool) -> None:
    """Write a private copy of keys; the errors are those of `new_file`."""
    with new_file(path, replace=replace, over=protected.PACK) as part:
        _write_private(part, text)


def refuse_taken(path: Path) -> None:
    """Refuse the path of a new folder if something is there; raises the errors of `new_folder`."""
    protected.refuse(path)
    try:
        target = path.resolve()
        taken = target.exists() and not (target.is_dir() and not any(target.iterdir()))
    except (OSError, RuntimeError) as error:
        raise UnavailableError(
            "file.cannot-write-there",
            "hint.another-place",
            path=path,
            why=quoted(error),
        ) from None
    if taken:
        raise ConflictError("folder.exists", path=path)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a folder that gets its name when all its contents have reached the disk.

    Raises ConflictError if the folder exists and is not empty, or is protected by `kept`, and
    UnavailableError if it cannot be made.
    """
    refuse_taken(path)
    try:
        target = path.resolve()
        with platforms.scratch(target.parent, f".{target.name}.") as folder:
            inside = folder / PART
            inside.mkdir()
            yield inside
            platforms.flush(inside)
            _take_folder(inside, target)
        platforms.flush(target.parent)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnavailableError(
            "file.cannot-write-there", "hint.another-place", path=path, why=quoted(error)
        ) from None


def make_folder(path: Path) -> None:
    """Make a folder for outputs if there is none; raises the errors of `new_folder`."""
    protected.refuse(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(
            "folder.cannot-make", "hint.another-place", path=path, strerror=quoted(error)
        ) from None


def _write_private(part: Path, text: str) -> None:
    make_private(part)
    part.write_bytes(text.encode())


def _opened(part: Path, path: Path) -> IO[bytes]:
    """Open a new file that will replace a path, with its final rights."""
    file = os.fdopen(os.open(part, NEW, SHARED), "wb")
    if path.is_file():
        platforms.take_rights(path, part)
    return file


def _take_folder(made: Path, target: Path) -> None:
    try:
        made.rename(target)
    except FileExistsError:
        # Windows puts nothing in the place of an empty folder.
        target.rmdir()
        made.rename(target)


def _publish(made: Path, path: Path, *, replace: bool) -> None:
    """Give a file its name; a file that appeared there meanwhile is replaced only if allowed."""
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
    return ConflictError("file.exists", path=path)


# --- reading ---------------------------------------------------------------------------------


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading bytes; anything else is refused.

    Raises NotFoundError if nothing is there, UsageError for a folder, pipe, device or invalid name,
    and UnavailableError if the file cannot be read.
    """
    try:
        _refuse_other_kinds(path, path.stat().st_mode)
        number = os.open(path, _READING)
        try:
            # Between the two calls somebody may have put another thing there.
            _refuse_other_kinds(path, os.fstat(number).st_mode)
            return os.fdopen(number, "rb")
        except BaseException:
            os.close(number)
            raise
    except (OSError, ValueError) as error:
        raise _unread(path, error) from None


def read_bytes(path: Path, limit: int = SMALL) -> bytes:
    """Return the bytes of a regular file; raises UsageError if it is longer than `limit` bytes.

    The other errors are those of `open_regular`.
    """
    with open_regular(path) as file:
        try:
            return _bounded(file, str(path), limit)
        except OSError as error:
            raise _unread(path, error) from None


def read_text(path: Path, limit: int = SMALL) -> str:
    """Return the text of a regular file, without a byte order mark.

    Raises UsageError if it is not UTF-8; its other errors are those of `read_bytes`.
    """
    return _decoded(read_bytes(path, limit), str(path))


def read_standard_input(limit: int) -> str:
    """Return the text of standard input, without a byte order mark.

    Raises UsageError if there is none, it is longer than `limit` bytes, or is not UTF-8.
    """
    name = Text("stdin.name")
    if sys.stdin is None:
        raise UsageError("stdin.none", name=name)
    try:
        return _decoded(_bounded(sys.stdin.buffer, name, limit), name)
    except OSError as error:
        raise UnavailableError("stdin.cannot-read", name=name, strerror=quoted(error)) from None


def _bounded(file: IO[bytes], name: str | Text, limit: int) -> bytes:
    held = file.read(limit + 1) or b""
    if len(held) > limit:
        raise UsageError("file.too-long", name=name, limit=limit)
    return held


def _decoded(held: bytes, name: str | Text) -> str:
    try:
        return held.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            "file.not-utf8", name=name, place=error.start + 1, byte=held[error.start]
        ) from None


def _refuse_other_kinds(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((name for matches, name in _KINDS if matches(mode)), "file.is.other")
        raise UsageError("file.not-a-file", path=path, kind=Text(kind))


def is_there(path: Path) -> bool:
    """Return whether anything exists at a path; raises UsageError for an invalid name."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise _unread(path, error) from None
    return True


def _unread(path: Path, error: OSError | ValueError) -> CaseworkError:
    """Return the error for a path that could not be opened or read."""
    number = getattr(error, "errno", None)
    if number in {errno.ENOENT, errno.ENOTDIR}:
        return NotFoundError("file.not-found", "hint.check-path", path=path)
    if number == errno.ELOOP:
        return UsageError("file.circle", "hint.check-path", path=path)
    if number == errno.ENAMETOOLONG or not isinstance(error, OSError):
        shown = str(path)[:SHOWN]
        return UsageError("file.name", "hint.check-path", shown=shown)
    return UnavailableError("file.cannot-read", path=path, strerror=quoted(error))
