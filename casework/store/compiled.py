"""The SQL text of every statement for each engine, compiled ahead of time.

They are kept in `compiled.tsv`, one line each: the name, a tab, and the rest as JSON. The file also
has the names in the schema and the digest of the rules (`LAW`), so that neither need be imported.
Names that begin with `SERVER` are for PostgreSQL; a statement is for SQLite until `on_server`
converts it. A wheel contains the file. In a checkout the first command that needs it makes it, and
it is made again when one of its sources has changed; it is not in git.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import casework
from casework.errors import UnavailableError
from casework.store.connections import NEGATED, Group, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casework.store.connections import Alternative

HELD = Path(__file__).with_name("compiled.tsv")
"""The file that holds the statements."""

_ROOT = Path(casework.__file__).parent.parent
_HOOK = _ROOT / "hatch_build.py"
"""The build hook of the wheel; it exists in every checkout and in no installation."""

SERVER = "SERVER "
"""The prefix of the names of lines for PostgreSQL."""

MARK = {"": ":{}", SERVER: "%({})s"}
"""The placeholder of a bound value."""

_SOURCES = "sources"
"""The first name in the file: the paths of the sources, with their sizes and times."""

_MAKE = f"""
import sys
from pathlib import Path
root = Path(sys.argv[1])
sys.path.insert(0, str(root))
from {__package__} import compiled
# Taken before the sources are read: one that is changed meanwhile is found to be old.
stamps = {{file: compiled.stamp(file) for file in root.glob("casework/**/*.py")}}
from {__package__}.statements import compiling
sys.stdout.write(compiling.document(root, stamps))
"""


def __getattr__(name: str) -> Any:
    """Return a statement, or a dictionary of the statements of a kind, by name."""
    line = _lines().get(name) if name.isupper() else None
    value = _of_kind(name) if line is None else _read(name, line)
    if not value:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def _of_kind(name: str) -> dict[str, Any]:
    start = f"{name} "
    found = _lines().items() if name.isupper() else ()
    return {
        key.removeprefix(start): _read(key, line) for key, line in found if key.startswith(start)
    }


def _read(name: str, line: str) -> Any:
    value = json.loads(line)
    if isinstance(value, dict):
        return Statement(name, **value)
    return tuple(value) if isinstance(value, list) else value


def narrowed(statement: Statement, conditions: Iterable[Sequence[Alternative]]) -> Statement:
    """Return a statement with more conditions; each row must meet one alternative of each.

    Their values are bound under separate names.
    """
    where = tuple(map(tuple, conditions))
    if not where:
        return statement
    if statement.place is None:
        raise TypeError(f"{statement.name} takes no conditions")
    fixed = dict(statement.fixed)
    told = _told(Group("AND", tuple(Group("OR", one) for one in where)), fixed, _side(statement))
    place, word = statement.place
    text = f"{statement.text[:place]} {word} {told}{statement.text[place:]}"
    return statement._replace(text=text, fixed=fixed, place=None, where=where)


def ordered(statement: Statement, orders: Sequence[str]) -> Statement:
    """Return a statement with more sort orders, by name, before its own order by reference."""
    texts: dict[str, str] = __getattr__(f"{_side(statement)}ORDERS")
    before, by, after = statement.text.rpartition(" ORDER BY ")
    told = ", ".join([*(texts[name] for name in orders), after])
    return statement._replace(text=before + by + told, place=None, orders=tuple(orders))


@cache
def _served(name: str) -> Statement:
    """Return a statement for PostgreSQL; `narrowed` and `ordered` keep it so."""
    name = SERVER + name
    found = _read(name, _lines()[name])
    assert isinstance(found, Statement)  # noqa: S101 - for the type checker
    return found


def on_server(statement: Statement) -> tuple[str, Mapping[str, Any]]:
    """Return the text of a statement for PostgreSQL, and its fixed values."""
    made = _served(statement.name)
    if statement.where:
        made = narrowed(made, statement.where)
    if statement.orders:
        made = ordered(made, statement.orders)
    return made.text, made.fixed


def _side(statement: Statement) -> str:
    """Return the prefix of the names of a statement's conditions."""
    return SERVER if statement.name.startswith(SERVER) else ""


def _told(part: Alternative, fixed: dict[str, Any], side: str) -> str:
    """Return the text of a condition or a group; their values are added to `fixed`."""
    if isinstance(part, Group):
        told = f" {part.word} ".join(_told(one, fixed, side) for one in part.parts)
        return told if len(part.parts) == 1 else f"({told})"
    name, value = part
    bound = f"value_{len(fixed)}"
    if value is not None:
        fixed[bound] = value
    form = MARK[side]
    made = __getattr__(f"{side}CONDITIONS")[name.removeprefix(NEGATED)]
    text = made.replace(form.format("value"), form.format(bound))
    return f"(({text}) IS NOT TRUE)" if name.startswith(NEGATED) else f"({text})"


@cache
def _lines() -> dict[str, str]:
    """Return the lines of the file by name; the file is made again if a source is newer.

    Raises UnavailableError if the program was installed without the file.
    """
    lines = _divided(_held())
    if _is_current(lines):
        return lines
    if not _HOOK.is_file():
        raise UnavailableError("statements.unreadable", held=HELD)
    text = make()
    keep(text)
    return _divided(text)


def _held() -> str:
    try:
        return HELD.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _divided(text: str) -> dict[str, str]:
    return {name: line for name, _, line in (one.partition("\t") for one in text.splitlines())}


def _is_current(lines: dict[str, str]) -> bool:
    """Return whether no source has changed since the file was made; a wheel names no sources."""
    try:
        sources: dict[str, list[int]] = json.loads(lines[_SOURCES])
        return all(stamp(_ROOT / name) == was for name, was in sources.items())
    except (KeyError, OSError, ValueError):
        return False


def stamp(file: Path) -> list[int]:
    """Return the size and time of a source, by which changes are noticed."""
    found = file.stat()
    return [found.st_size, found.st_mtime_ns]


def make(*, frozen: bool = False) -> str:
    """Return the text of the file from the present sources; `frozen`, it never counts as old.

    A separate process makes it, so that this one need not import SQLAlchemy, and so that the
    sources are exactly the modules that were imported for it.
    """
    import subprocess

    words = [sys.executable, "-P", "-c", _MAKE, str(_ROOT)]
    # The words are the program's own.
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, encoding="utf-8")  # noqa: S603
    text = done.stdout
    if frozen:
        _, _, rest = text.partition("\n")
        text = f"{_SOURCES}\t{{}}\n{rest}"
    return text


def keep(text: str) -> None:
    """Write the file atomically, as other processes may too; do nothing if that is impossible."""
    part = HELD.with_name(f"{HELD.name}.{os.getpid()}-{time.time_ns()}")
    with suppress(OSError):
        try:
            part.write_text(text, "utf-8", newline="\n")
            part.replace(HELD)
        finally:
            part.unlink(missing_ok=True)
