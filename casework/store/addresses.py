"""Where a store is: what the path or URL that names it means, and what can name none."""

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

PATH_OR_URL = "give a path, or postgresql+psycopg://user@host/database"


def sqlite_file(target: str) -> Path | None:
    """Return the file a store's URL or path names, None for a server.

    Raises UsageError for what can be neither, and UnavailableError for a link that leads nowhere or
    a device.
    """
    if target == ":memory:":
        raise UsageError("a register in memory is gone when the command ends", "give --db a path")
    scheme, mark, rest = target.partition("://")
    if not mark:
        if _URI.match(target):
            raise UsageError(f"'{target.partition(':')[0]}:' is no part of a path", PATH_OR_URL)
        return _file(target)
    if not scheme.casefold().startswith("sqlite"):
        return None
    if not _SQLITE.fullmatch(scheme):
        raise UsageError(f"{scheme} is a driver this program has no use for", "give a path alone")
    path, query, _ = rest.partition("?")
    if query:
        raise UsageError(
            "what follows the ? in a SQLite URL is not heeded here",
            "give the path alone; a file you may not write is only read",
        )
    # Three strokes begin a relative path, four an absolute one.
    if not path.startswith("/") or path == "/":
        raise UsageError("the SQLite URL names no file", "give the path alone")
    from urllib.parse import unquote

    return sqlite_file(unquote(path[1:]))


def _file(words: str) -> Path:
    """Return a path whose ``~`` is somebody's home, where a shell has not made it so."""
    path = Path(words)
    if words.startswith("~"):
        path = Path(os.path.expanduser(words))  # noqa: PTH111 - its own error is for programmers
        if str(path).startswith("~"):
            raise UsageError(
                f"whose home {path.parts[0]} is cannot be told", "write the whole path"
            )
    if platforms.device(path):
        raise UnavailableError(
            f"{path.name} is the name of a device on this system", "give another name with --db"
        )
    # A name that no file can have is told as that.
    if not is_there(path) and path.is_symlink():
        raise UnavailableError(
            f"{path} points to {path.readlink()}, which is not there",
            "make what it points to, or give another path with --db",
        )
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
        raise UsageError("the store's URL cannot be read", "see --db in casework --help") from None
    raise UsageError(
        f"a store is a SQLite file or a PostgreSQL URL, not {url.drivername}", PATH_OR_URL
    )


def _refuse_marks(url: URL) -> None:
    """Refuse a URL whose password holds an @ as it is: a part of it would be told as the server.

    Nothing of it is repeated, for nobody can tell where the password ends.
    """
    if any("@" in part for part in (url.host, url.database) if part):
        raise UsageError(
            "the store's URL has more than one @ before its end",
            "percent-encode the password: @ is %40, / is %2F, : is %3A, # is %23, % is %25",
        )


def connecting(url: URL) -> dict[str, Any]:
    """Return what the driver is told to connect with; raises ArgumentError."""
    return dict(url.get_dialect()().create_connect_args(url)[1])
