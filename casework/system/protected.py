"""Files that no output may overwrite: registers, signing keys, records of signing.

Files are identified by their content and identity, not by path: a link, a second name, or the same
name in other letter case may lead to the same file.
"""

from __future__ import annotations

import os
import unicodedata
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from casework.errors import ConflictError, UnavailableError, UsageError
from casework.system import places
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

APPLICATION_ID = 0x43415345
"""SQLite's mark in the header of a register's file: "CASE"."""

SQLITE = b"SQLite format 3\x00"
MARK = slice(68, 72)
"""The offset of that mark (sqlite.org/fileformat.html, 1.3)."""

SECRET = b"PRIVATE+KEY+"
"""The first bytes of a signing key file."""

PACK = SECRET + b"casework keys 1"
"""The first bytes of a copy of keys next to a backup."""

BESIDE = ("-journal", "-wal", "-shm")
"""The suffixes of the files that SQLite keeps next to a database."""

_store: ContextVar[Callable[[], Path | None]] = ContextVar("store", default=lambda: None)


@contextmanager
def sparing(store: Callable[[], Path | None]) -> Iterator[None]:
    """Let no output in this block replace the store's file; it is looked up for an output."""
    token = _store.set(store)
    try:
        yield
    finally:
        _store.reset(token)


def refuse(path: Path, *, over: bytes = b"") -> None:
    """Raise ConflictError if an output to this path would replace a protected file.

    A file that begins with `over` may be replaced nevertheless: a register that is not the store of
    this command, or a copy of keys.
    """
    try:
        found = _what(Path(os.path.realpath(path)), over)
    except ValueError:
        raise UsageError("file.impossible-name", "hint.another-name", name=str(path)) from None
    if found is not None:
        raise ConflictError("file.protected", path=path, found=found)


def _what(path: Path, over: bytes) -> Text | None:
    store = _store.get()()
    if store is not None and _is_of(path, Path(os.path.realpath(store))):
        return Text("protected.register")
    if _is_own(path):
        return Text("protected.own")
    begins = _begins(path)
    allowed = bool(over) and begins.startswith(over)
    if begins.startswith(SECRET) and not allowed:
        return Text("protected.key")
    if is_register(begins) and not allowed:
        return Text("protected.a-register")
    for ending in BESIDE:
        name = path.name.removesuffix(ending)
        if name not in {"", path.name} and is_register(_begins(of := path.with_name(name))):
            return Text("protected.beside", register=of)
    return None


def _is_of(path: Path, store: Path) -> bool:
    """Return whether a path is a store's file or one that SQLite keeps next to it."""
    if _same(path, store) or any(_same(path, Path(f"{store}{ending}")) for ending in BESIDE):
        return True
    names = {_plain(f"{store.name}{ending}") for ending in BESIDE} | {_plain(store.name)}
    # One that is not there yet has no identity but its name.
    return (
        not os.path.lexists(path)
        and _plain(path.name) in names
        and _same(path.parent, store.parent)
    )


def _plain(name: str) -> str:
    """Return a file name as compared on disks that ignore case and Unicode composition."""
    return unicodedata.normalize("NFC", name).casefold()


def _same(one: Path, other: Path) -> bool:
    try:
        return one == other or one.samefile(other)
    except (OSError, ValueError):
        return False


def _is_own(path: Path) -> bool:
    """Return whether a path is, or is another name of, a file in the folders of keys and state."""
    for place in (places.keys, places.checkpoints):
        with suppress(UnavailableError, OSError):
            folder = place()
            if any(_same(parent, folder) for parent in (path, *path.parents)):
                return True
            # Another name is looked for only where the file has one.
            named_twice = path.is_file() and path.stat().st_nlink > 1
            if named_twice and any(_same(path, one) for one in folder.rglob("*") if one.is_file()):
                return True
    return False


def _begins(path: Path) -> bytes:
    """Return the first bytes of a file, or none if it cannot be read or is not a file."""
    try:
        if path.is_file():
            with path.open("rb") as file:
                return file.read(MARK.stop)
    except (OSError, ValueError):
        pass
    return b""


def is_register(begins: bytes) -> bool:
    """Return whether a file is a register, by its first bytes."""
    return begins.startswith(SQLITE) and int.from_bytes(begins[MARK], "big") == APPLICATION_ID
