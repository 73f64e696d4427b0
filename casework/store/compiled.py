"""The statements in the text that each engine is sent, compiled ahead of time.

They stand in `compiled.tsv`, a line each: the name, a tab, and the rest as JSON; with them what the
schema is called, for whoever need not import it. What begins with `SERVER` is PostgreSQL's; a
statement is SQLite's until `on_server` is asked for the other. A wheel holds that file as it was
built. In a checkout it is made by the first command that needs it, and made again
once a source it came from has changed; git does not keep it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import replace
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
"""The file of the statements."""

_ROOT = Path(casework.__file__).parent.parent
_HOOK = _ROOT / "hatch_build.py"
"""What builds a wheel; it stands in every checkout and in nothing that was installed."""

SERVER = "SERVER "
"""What the names of the lines begin with that are PostgreSQL's."""

MARK = {"": ":{}", SERVER: "%({})s"}
"""What stands for a value that is bound."""

_SOURCES = "sources"
"""The first name in the file: the sources by their paths, each with its size and its time."""

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
    """Return a statement, or the dictionary of those of a kind, by its name."""
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
    """Return a statement with more conditions, one of whose alternatives must be met by each row.

    Their values are bound, each under a name of its own.
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
    return replace(statement, text=text, fixed=fixed, place=None, where=where)


def ordered(statement: Statement, orders: Sequence[str]) -> Statement:
    """Return a statement with orders, by their names, before that of references, which it has."""
    texts: dict[str, str] = __getattr__(f"{_side(statement)}ORDERS")
    before, by, after = statement.text.rpartition(" ORDER BY ")
    told = ", ".join([*(texts[name] for name in orders), after])
    return replace(statement, text=before + by + told, place=None, orders=tuple(orders))


@cache
def _served(name: str) -> Statement:
    """Return a statement as PostgreSQL is sent it; `narrowed` and `ordered` keep it that way."""
    name = SERVER + name
    found = _read(name, _lines()[name])
    assert isinstance(found, Statement)  # noqa: S101 - for the type checker
    return found


def on_server(statement: Statement) -> tuple[str, Mapping[str, Any]]:
    """Return the text of a statement for PostgreSQL, and the values that stand in it."""
    made = _served(statement.name)
    if statement.where:
        made = narrowed(made, statement.where)
    if statement.orders:
        made = ordered(made, statement.orders)
    return made.text, made.fixed


def _side(statement: Statement) -> str:
    """Return what the names of a statement's conditions begin with."""
    return SERVER if statement.name.startswith(SERVER) else ""


def _told(part: Alternative, fixed: dict[str, Any], side: str) -> str:
    """Return the text of a condition, or of a group of them, whose values become `fixed`."""
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
    """Return the lines of the file by their names, made anew where they are older than a source.

    Raises UnavailableError where the program is installed without them.
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
    """Tell whether every source is the one the lines came from; a wheel names none."""
    try:
        sources: dict[str, list[int]] = json.loads(lines[_SOURCES])
        return all(stamp(_ROOT / name) == was for name, was in sources.items())
    except (KeyError, OSError, ValueError):
        return False


def stamp(file: Path) -> list[int]:
    """Return what tells a changed source from what it was."""
    found = file.stat()
    return [found.st_size, found.st_mtime_ns]


def make(*, frozen: bool = False) -> str:
    """Return the text of the file as the sources are now; frozen, it is never found to be old.

    A process of its own makes it, so that this one needs not import SQLAlchemy, and the sources are
    the modules that are needed for it.
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
    """Write the file whole, whoever else does so; where it cannot be written, nothing is done."""
    part = HELD.with_name(f"{HELD.name}.{os.getpid()}-{time.time_ns()}")
    with suppress(OSError):
        try:
            part.write_text(text, "utf-8", newline="\n")
            part.replace(HELD)
        finally:
            part.unlink(missing_ok=True)
