"""Print or install the completion script of a shell."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from casework.cli.completing import SHELLS, offer
from casework.cli.powershell import PowerShell
from casework.cli.running import Command
from casework.cli.settings import settings
from casework.errors import UnavailableError, UsageError, quoted
from casework.system import places

if TYPE_CHECKING:
    from collections.abc import Mapping

READS: Mapping[str, str] = {
    "bash": 'source "{script}"',
    "zsh": 'autoload -Uz compinit; (( $+functions[compdef] )) || compinit; source "{script}"',
}
"""The line that makes a shell read the script when it starts, if it needs one."""


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(SHELLS))
@click.option("--install", is_flag=True)
def completion_(shell: str, *, install: bool) -> None:
    """Print the completion script of a shell.

    \b
    Example:
      casework completion bash --install
    """
    from click.shell_completion import get_completion_class

    from casework.cli import COMPLETE, casework

    offer()
    found = get_completion_class(shell)
    text = "" if found is None else found(casework, {}, "casework", COMPLETE).source()
    if not install:
        click.echo(text)
        return
    if shell == PowerShell.name:
        # Whether it may read a profile at all is a setting of Windows, not ours.
        raise UsageError("completion.profile")
    script = place(shell)
    _install(shell, script, text)
    told = settings().said("completion.installed", shell=shell, path=script)
    settings().done.append(told)
    click.echo(told)


def place(shell: str) -> Path:
    """Return the path of the installed script of a shell."""
    if shell == "fish":
        # Where fish looks for the completions of a command by its name.
        named = os.environ.get("XDG_CONFIG_HOME") or places.home() / ".config"
        return Path(named) / "fish" / "completions" / "casework.fish"
    return places.store().parent / f"completion.{shell}"


def installed(shell: str) -> bool:
    """Return whether the script of a shell is installed and read by the shell."""
    script = place(shell)
    return script.is_file() and (shell not in READS or _line(shell, script) in _begins(shell))


def _install(shell: str, script: Path, text: str) -> None:
    from casework.system.files import keep

    keep(script, text)
    if shell in READS and not installed(shell):
        start = start_file(shell)
        held = _begins(shell)
        between = "" if not held or held.endswith("\n") else "\n"
        try:
            with start.open("a", encoding="utf-8", newline="\n") as file:
                file.write(f"{between}{_line(shell, script)}\n")
        except OSError as error:
            raise UnavailableError(
                "file.cannot-write", path=start, strerror=quoted(error)
            ) from None


def start_file(shell: str) -> Path:
    """Return the user's start-up file of a shell."""
    folder = os.environ.get("ZDOTDIR") if shell == "zsh" else None
    return Path(folder or places.home()) / f".{shell}rc"


def _begins(shell: str) -> str:
    try:
        return start_file(shell).read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _line(shell: str, script: Path) -> str:
    return READS[shell].format(script=script)
