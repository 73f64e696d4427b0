"""What the path or URL that names a store means, and which names are invalid."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.errors import UnavailableError, UsageError
from casework.system import platforms
from casework.system.files import is_there

if TYPE_CHECKING:
    from sqlalchemy import URL

_URI = re.compile(r"(file|sqlite|postgres|postgresql)(\+\w+)?:(?!//)", re.IGNORECASE)
_SQLITE = re.compile(r"sqlite(\+pysqlite)?", re.IGNORECASE)
"""Schemes of a SQLite file, by whatever driver; the program uses Python's own."""


def sqlite_file(target: str) -> Path | None:
    """Return the file a store's URL or path names, None for a server.

    Raises UsageError for what can be neither, and UnavailableError for a link that leads nowhere or
    a device.
    """
    if target == ":memory:":
        raise UsageError("address.memory")
    scheme, mark, rest = target.partition("://")
    if not mark:
        if _URI.match(target):
            raise UsageError("address.drive", part=target.partition(":")[0])
        return _file(target)
    if not scheme.casefold().startswith("sqlite"):
        return None
    if not _SQLITE.fullmatch(scheme):
        raise UsageError("address.driver", scheme=scheme)
    path, query, _ = rest.partition("?")
    if query:
        raise UsageError("address.query")
    # Three strokes begin a relative path, four an absolute one.
    if not path.startswith("/") or path == "/":
        raise UsageError("address.no-file")
    from urllib.parse import unquote

    return sqlite_file(unquote(path[1:]))


def _file(words: str) -> Path:
    """Return a path whose ``~`` is somebody's home, where a shell has not made it so."""
    path = Path(words)
    if words.startswith("~"):
        path = Path(os.path.expanduser(words))  # noqa: PTH111 - its own error is for programmers
        if str(path).startswith("~"):
            raise UsageError("address.home", part=path.parts[0])
    if platforms.device(path):
        raise UnavailableError("address.device", name=path.name)
    # A name that no file can have is told as that.
    if not is_there(path) and path.is_symlink():
        raise UnavailableError("address.dangling", path=path, readlink=path.readlink())
    return path


def server_url(target: str) -> URL:
    """Read a URL; raises UsageError for other databases than PostgreSQL."""
    from sqlalchemy import exc, make_url

    try:
        url = make_url(target)
        if url.get_backend_name() == "postgresql":
            _refuse_marks(url)
            url = url.set(drivername="postgresql+psycopg")
            connecting(url)
            return url
    except (exc.ArgumentError, ValueError):
        raise UsageError("address.unreadable") from None
    raise UsageError("address.kind", drivername=url.drivername)


def _refuse_marks(url: URL) -> None:
    """Refuse a URL whose password holds an @ as it is: a part of it would be told as the server.

    Nothing of it is repeated, for nobody can tell where the password ends.
    """
    if any("@" in part for part in (url.host, url.database) if part):
        raise UsageError("address.at-signs")


def connecting(url: URL) -> dict[str, Any]:
    """Return what the driver is told to connect with; raises ArgumentError."""
    return dict(url.get_dialect()().create_connect_args(url)[1])
