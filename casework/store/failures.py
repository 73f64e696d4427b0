"""Translate a driver's errors: one line each, without addresses or secrets."""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from casework.errors import (
    AwayError,
    CaseworkError,
    ConflictError,
    IntegrityFailure,
    Kind,
    NotAllowedError,
    Quoted,
    Text,
    UnavailableError,
    UsageError,
    Verb,
    Word,
    beginning_with,
)
from casework.kinds.records import KINDS
from casework.store import contention

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

COLLISIONS = frozenset({"23505", "40001", "40P01"})
"""The SQLSTATEs of PostgreSQL for conflicts between concurrent commands.

Unique violation, serialisation failure, deadlock: Appendix A of its manual. A stale version is not
among them.
"""

VIOLATION = "23"
"""The beginning of the SQLSTATEs for violated constraints."""

DENIED = frozenset({"CW403", "42501"})
"""The SQLSTATEs for missing rights, from the register's functions and from the server itself."""

STALE = "CW409"
"""The SQLSTATE of the register's functions for a stale version."""

AWAY = frozenset({"25006", "53300", "57P01", "57P02", "57P03"})
"""The SQLSTATEs after which another server, or the same one later, should be tried.

Read-only, so now a standby; too many connections; shut down, crashed, not yet started.
"""

LASTING = re.compile(
    r"authentication failed|no password supplied|does not exist|not permitted to log in"
    r"|no pg_hba\.conf entry|permission denied|certificate|does not support SSL"
    r"|\[Errno (?:-2|8|11001|11004)\]|Name or service not known|No such host is known"
    r"|nodename nor servname provided"
)
"""Messages of permanent connection failures; at that stage a server sends text without a SQLSTATE.

The last ones mean that a host name is unknown: EAI_NONAME on Linux, macOS and Windows, and the
messages of libpq.

If the server's messages are in another language, the failure is treated as temporary.
"""

MALFORMED = "malformed"
"""What SQLite calls a damaged file."""

UNCHANGED = "hint.nothing-changed"
UNSURE = "hint.unsure"
"""The texts about a change whose transaction failed, before the commit and during it."""


@contextmanager
def of_sqlite(name: str, became: str = "") -> Iterator[None]:
    """Turn a driver's error into ours: a message in one line, and whether anything changed."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise _refused(error) from error
    except sqlite3.Error as error:
        if "malformed JSON" in str(error):
            raise IntegrityFailure("store.unreadable-list", name=name) from error
        raise _unavailable(name, error, became) from error
    except UnicodeEncodeError as error:
        # Bytes of a command line that are no UTF-8: nothing that is stored holds them.
        raise UsageError("typed.not-unicode") from error
    except UnicodeDecodeError as error:
        # What SQLite says of a damaged schema repeats its bytes.
        raise _unavailable(name, sqlite3.DatabaseError(MALFORMED), became) from error


@contextmanager
def of_server(name: str, became: str = "", *, several: bool = False) -> Iterator[None]:
    """Turn an error of a server's driver, or of SQLAlchemy, into ours.

    The message has no addresses or secrets. With `several` servers it is an AwayError if another
    one may take over.
    """
    try:
        with of_sqlite(name, became):
            yield
    except CaseworkError:
        raise
    except Exception as error:
        found = _of_driver(error)
        if found is None:
            raise
        raise _translated(found, name, became, several=several) from error


def _of_driver(error: Exception) -> Exception | None:
    """Return the driver's error, unwrapped from SQLAlchemy's; None for any other error."""
    found = getattr(error, "orig", error)
    return found if isinstance(found, sqlite3.Error) or hasattr(found, "sqlstate") else None


def _translated(found: Exception, name: str, became: str, *, several: bool) -> CaseworkError:
    state = getattr(found, "sqlstate", None) or ""
    if state.startswith(VIOLATION) or isinstance(found, sqlite3.IntegrityError):
        return _refused(found)
    if state in DENIED:
        return NotAllowedError(
            "store.server-refused", name=name, first_line=refusal(_first_line(found))
        )
    if state == STALE:
        return ConflictError("store.said", "hint.look-repeat", what=refusal(_first_line(found)))
    if several and _is_away(found, state):
        return AwayError(*_unreachable(name, found, became), unsure=became == UNSURE)
    return _unavailable(name, found, became)


def _is_away(found: Exception, state: str) -> bool:
    """Return whether a server is gone, or does not accept writes."""
    if state:
        return state in AWAY or state.startswith("08")
    # What breaks or refuses a connection has no SQLSTATE.
    gone = "OperationalError" in (one.__name__ for one in type(found).__mro__)
    return gone and not LASTING.search(str(found))


def _refused(error: BaseException | None) -> ConflictError:
    return ConflictError(
        "store.refused-change",
        first_line=_said(error),
        passing=getattr(error, "sqlstate", None) in COLLISIONS,
    )


def _unavailable(name: str, error: BaseException | None, became: str) -> UnavailableError:
    passing = getattr(error, "sqlstate", None) in COLLISIONS
    away = UnavailableError(*_unreachable(name, error, became), passing=passing)
    away.unsure = became == UNSURE and not passing
    return away


def _unreachable(name: str, error: BaseException | None, became: str) -> tuple[Text, Text]:
    """Return what is wrong with a store and what to do; `became` is the text about its change."""
    reason = _first_line(error)
    advice = Text(_advice(reason), seconds=contention.LIMIT)
    way_out = Text("list.then", first=advice, then=Text(became)) if became else advice
    return Text("list.colon", first=name, then=_said(error)), way_out


def _said(error: BaseException | None) -> str | Text:
    """Return a driver's message in one line; SQLite's own messages are known in both languages."""
    name = getattr(error, "sqlite_errorname", None)
    line = _first_line(error)
    return Quoted(f"system.{name}", line) if name else line


def refusal(line: str) -> Text:
    """Return a refusal by the register's functions on a server, for a reader of either language.

    They answer in English, with values. The catalogue has each of these sentences under
    ``denied.``, and those of the rules on cases under ``rule.``; PostgreSQL's own messages are
    quoted.
    """
    if line in _of_rules():
        return _of_rules()[line]
    for key, form in _sentences():
        if match := form.fullmatch(line):
            values = match.groupdict()
            return Quoted(
                key, line, **{name: _MADE.get(name, str)(values[name]) for name in values}
            )
    return Quoted("denied.said", line, words=line)


_DAY = r"\d{4}-\d\d-\d\d"
_FORMS = {"kind": "|".join(KINDS), **dict.fromkeys(("day", "due", "original", "before"), _DAY)}
"""The pattern of a value in a sentence, by its name; other names match anything."""
_MADE: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("day", "due", "original", "before"), date.fromisoformat),
    **dict.fromkeys(("field", "other", "state"), Word),
    "act": Verb,
    "kind": Kind,
    "why": refusal,
}
"""The function that converts a value, by its name."""


@cache
def _of_rules() -> dict[str, Text]:
    """Return the texts of the rules on a server, by their English sentences."""
    from casework.rules.invariants import INVARIANTS
    from casework.rules.lawful import BEFORE

    texts = [*(one.says for one in INVARIANTS), *(Text(f"rule.{one.rule}") for one in BEFORE)]
    return {str(text): text for text in texts}


@cache
def _sentences() -> list[tuple[str, re.Pattern[str]]]:
    """Return the sentences of `store/door` with placeholders, the most specific first."""
    found = beginning_with("denied.", "en").items()
    exact = sorted(found, key=lambda one: len(re.sub(r"{\w+}", "", one[1][0])), reverse=True)
    return [(key, re.compile(_PLACE.sub(_place, re.escape(form)))) for key, (form,) in exact]


_PLACE = re.compile(r"\\{(\w+)\\}")


def _place(match: re.Match[str]) -> str:
    return f"(?P<{match[1]}>{_FORMS.get(match[1], '.+?')})"


def _first_line(error: BaseException | None) -> str:
    """Return the most useful line of a driver's message, which may cover several servers."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    lasting = next(filter(LASTING.search, lines), None)
    line = lasting or next((one for one in lines if "session is read-only" in one), lines[0])
    return _NUMBER.sub("", _ATTEMPT.sub("", line))


_ATTEMPT = re.compile(r"^- host: .*?, hostaddr: \S+: ")
"""The part that says which of several servers was tried; the rest of the line names it too."""

_NUMBER = re.compile(r"\[Errno -?\d+\] ")
"""The number that Python gives a failed look-up of a name; the words after it say the same."""


def _advice(reason: str) -> str:
    """Return the id of the hint for a driver's message."""
    if "locked" in reason or "lock timeout" in reason:
        return "hint.busy"
    if "read-only transaction" in reason or "session is read-only" in reason:
        return "hint.standby"
    if "readonly" in reason or "read-only" in reason:
        return "hint.not-writable"
    if "full" in reason:
        return "hint.disk-full"
    if "not a database" in reason:
        return "hint.not-a-store"
    return "hint.reachable"
