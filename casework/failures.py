"""What a driver says when it fails, in our words: one line, without addresses or secrets."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from casework import waiting
from casework.errors import CaseworkError, ConflictError, NotAllowedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

COLLISIONS = frozenset({"23505", "40001", "40P01"})
"""What PostgreSQL says when two commands met that would not have, one after the other.

Unique violation, serialisation failure, deadlock: Appendix A of its manual. A version that is no
longer current is none of them.
"""

DENIED = frozenset({"CW403", "42501"})
"""What PostgreSQL says to who may not do this: the register's functions, and the server itself."""

STALE = "CW409"
"""What the register's functions say of a version that is no longer current."""

UNCHANGED = "nothing was changed"
UNSURE = "the change may have been recorded or not: look before you repeat it"
"""What became of a change whose transaction failed: before its commit, and in it."""


@contextmanager
def of_sqlite(name: str, became: str = "") -> Iterator[None]:
    """Turn a driver's error into ours: what it says in one line, and what became of a change."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise _refused(error) from error
    except sqlite3.Error as error:
        raise _unavailable(name, error, became) from error


@contextmanager
def of_server(name: str, became: str = "") -> Iterator[None]:
    """Turn an error of SQLAlchemy's into ours: without addresses or secrets."""
    from sqlalchemy import exc

    try:
        with of_sqlite(name, became):
            yield
    except CaseworkError:
        raise
    except exc.IntegrityError as error:
        raise _refused(error.orig) from error
    except exc.DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in DENIED:
            raise NotAllowedError(
                f"{name}: {_first_line(error.orig)}", "ask whoever keeps the server"
            ) from error
        if state == STALE:
            raise ConflictError(_first_line(error.orig), "look again and repeat") from error
        raise _unavailable(name, error.orig, became) from error
    except exc.NoSuchModuleError as error:
        raise UnavailableError(f"{name}: {error}", "check the store's URL") from error


def _refused(error: BaseException | None) -> ConflictError:
    return ConflictError(
        f"the store refused the change: {_first_line(error)}",
        "somebody may have made the same change; look again and repeat",
        passing=getattr(error, "sqlstate", None) in COLLISIONS,
    )


def _unavailable(name: str, error: BaseException | None, became: str) -> UnavailableError:
    reason = _first_line(error)
    return UnavailableError(
        f"{name}: {reason}",
        "; ".join(filter(None, (_advice(reason), became))),
        passing=getattr(error, "sqlstate", None) in COLLISIONS,
    )


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "no reason given"


def _advice(reason: str) -> str:
    if "locked" in reason or "lock timeout" in reason:
        return f"another writer held the store for {waiting.LIMIT} seconds, try again"
    if "readonly" in reason or "read-only" in reason:
        return "the file or its folder cannot be written by you; check the rights"
    if "full" in reason:
        return "free some disk space"
    if "not a database" in reason:
        return "this file is no store; give another --db"
    return "check that --db names a store you can reach and use"
