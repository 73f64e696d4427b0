"""The user's configuration: a TOML file in the platform's folder for settings.

An option overrides a variable of the program, which overrides this file, which overrides the
system's settings and the defaults.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import CaseworkError, UnavailableError, UsageError
from casework.words import LANGUAGES, VARIABLES, Choice, Text, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "CASEWORK_CONFIG"
"""The variable that names the file."""

FORMATS = ("table", "json", "ndjson", "csv")
COLORS = ("auto", "always", "never")
ALIASES = "alias"
"""The table of the file with the user's aliases for command lines."""


class Key(NamedTuple):
    """A key of the file: its possible values, and the variables that set it too.

    The system's own variables, by priority, count less than the file.
    """

    choices: tuple[str, ...] = ()
    variable: str = ""
    system: tuple[str, ...] = ()


KEYS: Mapping[str, Key] = {
    "register": Key(variable="CASEWORK_DB"),
    "by": Key(variable="CASEWORK_BY"),
    "lang": Key(LANGUAGES, VARIABLES[0], VARIABLES[1:]),
    "format": Key(FORMATS),
    "columns": Key(),
    "color": Key(COLORS),
    "editor": Key(variable="CASEWORK_EDITOR", system=("VISUAL", "EDITOR")),
    "pager": Key(variable="CASEWORK_PAGER", system=("PAGER",)),
    "mail_from": Key(variable="CASEWORK_MAIL_FROM"),
}
"""The keys of the file, besides aliases."""


class Told(NamedTuple):
    """A value and its origin: a variable, a line of the file, or the program's default."""

    value: str | None
    variable: str = ""
    line: int = 0


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Configuration(NamedTuple):
    """The contents of a file. `wrong` is the error in it, if any; then it sets nothing."""

    file: Path | None = None
    values: Mapping[str, str] = _NOTHING
    aliases: Mapping[str, str] = _NOTHING
    lines: Mapping[str, int] = _NOTHING
    wrong: CaseworkError | None = None

    def told(self, key: str, otherwise: str | None = None) -> Told:
        """Return the value of a key without an option, and its origin."""
        known = KEYS[key]
        if known.variable and (own := os.environ.get(known.variable)):
            return Told(own, known.variable)
        if key in self.values:
            return Told(self.values[key], line=self.lines.get(key, 0))
        set_by = next((name for name in known.system if os.environ.get(name)), "")
        return Told(os.environ[set_by], set_by) if set_by else Told(otherwise)


def place() -> Path | None:
    """Return the path of the file, existing or not; None for an account without a home folder."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    from casework.system import platforms

    folder = platforms.settings_folder()
    return folder and folder / "casework" / "config.toml"


def read(file: Path | None) -> Configuration:
    """Return what a file sets; a missing file, or one of another user, sets nothing."""
    try:
        there = file is not None and file.exists()
    except (PermissionError, ValueError):
        there = False
    except OSError as error:
        return Configuration(file, wrong=_unread(file, error))
    if file is None or not there:
        return Configuration(file)
    try:
        return _read(file)
    except CaseworkError as error:
        return Configuration(file, wrong=error)
    except OSError as error:
        return Configuration(file, wrong=_unread(file, error))


def _unread(file: Path | None, error: OSError) -> UnavailableError:
    return UnavailableError("file.cannot-read", path=file, strerror=quoted(error))


def _read(file: Path) -> Configuration:
    import tomllib

    from casework.system.files import read_text

    text = read_text(file)
    try:
        held = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _broken(file, text, error) from None
    named = held.pop(ALIASES, {})
    if not isinstance(named, dict):
        raise _at(file, line_of(text, ALIASES), Text("config.no-table"), Text("config.alias.hint"))
    aliases = {f"{ALIASES}.{name}": words for name, words in named.items()}
    lines = {key: line_of(text, key) for key in held | aliases}
    for key, value in (held | aliases).items():
        try:
            check(key, value)
        except UsageError as error:
            raise _at(file, lines[key], error.what, error.way_out) from None
    return Configuration(file, held, named, lines)


def _broken(file: Path, text: str, error: Exception) -> UsageError:
    found = re.search(r"at line (\d+)", str(error))
    line = int(found[1]) if found else text.count("\n") + 1
    said: str | Text = str(error).partition(" (at ")[0]
    if (why := quoted(error)).key.startswith("data."):
        # What is too deep or too long is mostly on the longest line.
        lines = text.split("\n")
        said, line = why, lines.index(max(lines, key=len)) + 1
    return _at(file, line, Text("config.no-toml", said=said), Text("config.no-toml.hint"))


def _at(file: Path, line: int, what: Text, way_out: Text) -> UsageError:
    """Return the error for a line of a file."""
    return UsageError("config.line", way_out, file=file, line=line, what=what)


def check(key: str, value: Any) -> None:
    """Raise UsageError for an unknown key or an invalid value."""
    if key.startswith(f"{ALIASES}."):
        known = Key()
        if not re.fullmatch(r"[^\W_][\w-]*", key.partition(".")[2]):
            raise UsageError("config.alias-name", key=key)
    else:
        known = KEYS.get(key) or _refuse_key(key)
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise UsageError("config.no-text", key=key)
    if known.choices and value not in known.choices:
        raise UsageError("config.no-value", key=key, value=value, choices=Choice(known.choices))
    # What is no account's home folder stays as it is, and so is relative.
    whole = os.path.expanduser(value)  # noqa: PTH111 - its own error is for programmers
    if key == "register" and "://" not in value and not Path(whole).is_absolute():
        raise UsageError("config.relative", key=key, value=value)


def _refuse_key(key: str) -> Key:
    from difflib import get_close_matches

    near = get_close_matches(key, [*KEYS, ALIASES], n=1)
    hint = Text("config.near-key", near=near) if near else Text("config.keys", keys=[*KEYS])
    raise UsageError("config.unknown-key", hint, key=key)


def line_of(text: str, key: str) -> int:
    """Return the line of a file on which a key is set; 0 if it is not found."""
    table, _, name = key.rpartition(".")
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            inside = head[1]
            if inside.strip("\"'") == key:
                return number
        dotted = rf"{table}\s*\.\s*" if table and not inside else ""
        here = inside in ({"", table} if table else {""})
        if here and re.match(rf"""\s*{dotted}["']?{re.escape(name)}["']?\s*[.=]""", line):
            return number
    return 0
