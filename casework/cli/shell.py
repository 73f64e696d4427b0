"""The command shell: command lines one after the other, on a register that stays open."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from casework.cli import prompt
from casework.cli.helping import Worded
from casework.cli.lines import Shell
from casework.cli.options import with_global
from casework.cli.settings import settings
from casework.errors import UsageError
from casework.words import said

if TYPE_CHECKING:
    from collections.abc import Iterator


class Plain(Worded):
    """A command that runs several others and takes the global options."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its help option and the global ones."""
        return with_global(super().get_params(ctx))


@click.command("shell", cls=Plain)
def shell_() -> None:
    """Type command lines one after the other, on a register that stays open.

    \b
    Example:
      casework shell
      casework shell --by desk-law
    """
    chosen = settings()
    root: Any = click.get_current_context().find_root().command
    shell = Shell(chosen, root)
    if sys.stdin is None:
        return
    if sys.stdin.isatty():
        prompt.typed(shell)
        return
    _piped(shell)
    if shell.refused:
        raise click.exceptions.Exit(shell.refused)


def _piped(shell: Shell) -> None:
    """Run the lines of a pipe; no line can read the ones after it."""
    lines, sys.stdin = sys.stdin, None
    try:
        for text in decoded(lines):
            if not shell.line(text):
                break
    finally:
        sys.stdin = lines


def decoded(lines: Any) -> Iterator[str]:
    """Yield lines as they come; raises UsageError if they are not UTF-8."""
    stream = getattr(lines, "buffer", lines)
    first = True
    for line in stream:
        try:
            text = line.decode() if isinstance(line, bytes) else line
        except UnicodeDecodeError as error:
            place, byte = error.start + 1, line[error.start]
            name = said("stdin.name", settings().lang)
            raise UsageError("file.not-utf8", name=name, place=place, byte=byte) from None
        yield text.removeprefix("\ufeff") if first else text
        first = False
