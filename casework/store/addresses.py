"""What the URL of a server means, and which URLs are invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import URL


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
