"""The prompt of the shell on a terminal, with history and completion."""

from __future__ import annotations

import shlex
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import ShellComplete, split_arg_string

from casework.acts.lines import words_of
from casework.cli.completing import Valued, leaf_of
from casework.cli.lines import ENDS, NOTHING, OWN
from casework.cli.settings import Settings
from casework.cli.typed import Text
from casework.errors import CaseworkError
from casework.system import files, places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.cli.lines import Shell

KEPT = 1_000
"""How many lines of history are kept."""

BLANKS = " \t\n"


class _Line(Valued, ShellComplete):
    """The line that is being typed."""

    name = "line"


def typed(shell: Shell) -> None:
    """Run the lines that the user types until the end."""
    told: list[str] = []
    past = _begun(shell)
    going = True
    while going:
        text = asked(f"casework {shell.current}".rstrip() + "> ")
        if text is None:
            break
        if _may_be_kept(shell, text):
            told.append(text.strip())
        going = shell.line(text)
    _keep(past, told)


def asked(prompt: str) -> str | None:
    """Return a typed line; None at the end; an interrupted line is empty."""
    try:
        return _line(prompt)
    except EOFError:
        click.echo(err=True)
        return None
    except KeyboardInterrupt:
        click.echo(err=True)
        return ""


def _line(prompt: str) -> str:
    """Return a line, prompted on standard error if results go elsewhere."""
    if sys.stdout.isatty():
        return input(prompt)
    click.echo(prompt, nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


# --- what was typed before -------------------------------------------------------------------


def _begun(shell: Shell) -> list[str]:
    """Enable editing, history and completion if Python can; return the history."""
    try:
        import readline
    except ImportError:
        return []
    past = _past()
    readline.clear_history()
    for line in past:
        readline.add_history(line)
    found: list[str] = []

    def complete(_: str, number: int) -> str | None:
        if not number:
            found[:] = completions(shell, readline.get_line_buffer()[: readline.get_endidx()])
        return found[number] if number < len(found) else None

    readline.set_completer_delims(BLANKS)
    readline.set_completer(complete)
    of_macos = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if of_macos else "tab:complete")
    return past


def _past() -> list[str]:
    with suppress(CaseworkError, OSError):
        return files.read_text(places.shell_history(), 1 << 20).splitlines()
    return []


def _keep(past: Sequence[str], told: Sequence[str]) -> None:
    """Save the typed lines, together with those that others have saved meanwhile."""
    if told:
        with suppress(CaseworkError, OSError):
            lines = [*(_past() or past), *told][-KEPT:]
            files.keep(places.shell_history(), "".join(f"{line}\n" for line in lines))


def _may_be_kept(shell: Shell, text: str) -> bool:
    """Return whether a line may be saved: it must not contain texts, names or secrets.

    A line that cannot be parsed may be a text without quotation marks.
    """
    try:
        words = [*words_of(text.strip())]
    except CaseworkError:
        return False
    if words and words[0].lstrip(".") in OWN:
        return words[0] not in ENDS
    found = leaf_of(shell.root, words)
    if found is None or shell.outer.with_secret:
        return False
    command, path, given = found
    takes = {str(one.name): one for one in command.params}
    writes = "dry_run" in takes
    return (
        (not writes or isinstance(takes.get("ref"), click.Argument))
        and path[-1] not in {"note", "redact"}
        and given.keys().isdisjoint({"with_secret", "db", "text"})
        and not any(isinstance(takes[name].type, Text) for name in given.keys() & takes)
    )


# --- what a Tab gives ------------------------------------------------------------------------


def completions(shell: Shell, line: str) -> list[str]:
    """Return the completions of the last word of a line."""
    words = split_arg_string(line)
    typed = words.pop() if words and line[-1:] not in BLANKS else ""
    if words[:1] == ["help"]:
        words = words[1:]
        found = _known(shell, words, typed)
    elif words[:1] == ["use"]:
        own = ["conference", "where", "view", NOTHING] if len(words) == 1 else []
        named = {"conference": ["conference", "show"], "view": ["list", "--view"]}
        asked = named.get(words[-1], ["show"])
        found = [one for one in own if one.startswith(typed)] + _known(shell, asked, typed)
    else:
        own = [*OWN] if not words else []
        found = [one for one in own if one.startswith(typed)] + _known(shell, words, typed)
    if len(found) == 1:
        return [f"{shlex.quote(found[0])} "]
    return [shlex.quote(one) for one in found]


def _known(shell: Shell, words: list[str], typed: str) -> list[str]:
    own: Any = Settings(lang=shell.outer.lang, db=shell.outer.db)
    line = _Line(shell.root, {"obj": own}, "casework", "")
    return [one.value for one in line.get_completions(words, typed) if one.type == "plain"]
