"""Aliases: the user's own words for command lines."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from casework.cli.options import GLOBAL_OPTIONS
from casework.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


_VALUED = frozenset(
    name
    for option in GLOBAL_OPTIONS
    if not getattr(option, "is_flag", False)
    for name in option.opts
)
"""The global options that take a value."""


def expanded(
    words: Sequence[str], aliases: Mapping[str, str], commands: Collection[str]
) -> list[str]:
    """Return a command line with its alias expanded.

    The name of a command is never an alias. Raises UsageError if an alias leads back to itself.
    """
    line, passed = [*words], list[str]()
    while (at := _command(line)) is not None and line[at] in aliases and line[at] not in commands:
        name = line[at]
        if name in passed:
            raise UsageError("alias.loop", name=passed[0], through=" → ".join([*passed, name]))
        passed.append(name)
        line[at : at + 1] = divided(name, aliases[name])
    return line


def divided(name: str, words: str) -> list[str]:
    """Return the words of an alias; raises UsageError if it cannot be split into words."""
    try:
        return shlex.split(words)
    except ValueError:
        raise UsageError("alias.quotes", name=name, words=words) from None


def refuse_useless(
    name: str, words: str, aliases: Mapping[str, str], commands: Mapping[str, str]
) -> None:
    """Raise UsageError for an alias that would hide a command or does not lead to one."""
    if name in commands:
        raise UsageError("alias.command", name=name)
    line = expanded([name], {**aliases, name: words}, commands)
    at = _command(line)
    if at is None or line[at] not in commands:
        from difflib import get_close_matches

        from casework.words import Choice, Text

        near = get_close_matches(line[at] if at is not None else "", commands)
        hint = Text("alias.near", near=Choice(near)) if near else Text("alias.no-command.hint")
        raise UsageError("alias.no-command", hint, name=name, words=words)


def _command(words: Sequence[str]) -> int | None:
    """Return the position of the command in a line; None if there is none."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in _VALUED else 1
    return at if at < len(words) else None
