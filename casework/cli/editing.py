"""Ask for a missing text in the user's editor.

The editor is the configured one, or that of VISUAL or EDITOR, or the system's default. The line
SCISSORS and everything after it, which shows the case, are not part of the text.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casework.cli.typed import MARK, STANDARD_INPUT, WRITTEN, Text
from casework.errors import CaseworkError, UsageError
from casework.words import said, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from casework.cli.settings import Settings

SCISSORS = "# ------------------------ >8 ------------------------"
"""The line that ends a text."""

TOLD = ("state", "owner", "due", "title", "title_vi", "summary", "due_words", "outcome", "answer")
"""The fields of a case in the comment."""


def complete(
    command: click.Command,
    ctx: click.Context,
    args: list[str],
    error: click.MissingParameter,
    present: Callable[[Settings, dict[str, Any]], str] | None = None,
) -> list[str] | None:
    """Return a command line with its missing text, which the user writes now.

    The text begins with what `present` returns for the typed words, otherwise with the named
    template. None if that is impossible: something other than a text is missing, there is no
    terminal, or standard input is used for another text. Raises UsageError if nothing is written,
    and NotFoundError for a case that does not exist, before anything is written.
    """
    param, chosen = error.param, ctx.find_root().obj
    if param is None or not isinstance(param.type, Text) or ctx.resilient_parsing:
        return None
    if not may_write(chosen, args):
        return None
    typed, _, _ = command.make_parser(ctx).parse_args(args=list(args))
    name = param.opts[0] if isinstance(param, click.Option) else param.make_metavar(ctx)
    cases = _cases(chosen, _refs(command, typed))
    if present is None:
        begin = _begun(typed.get("template"), cases, chosen)
    else:
        begin = present(chosen, typed)
    text = _edited(name, [*_about(chosen, cases)], chosen, begin)
    ctx.meta.setdefault(WRITTEN, {})[name] = text
    plain = plainly(text)
    return [f"{name}={plain}", *args] if isinstance(param, click.Option) else [*args, plain]


def may_write(chosen: Settings, args: list[str]) -> bool:
    """Return whether there is a terminal and standard input is not used for another text."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    seen = all(one is not None and one.isatty() for one in streams)
    return seen and chosen.format == "table" and STANDARD_INPUT not in args


def plainly(text: str) -> str:
    """Return the command-line form of a text, whatever it begins with.

    It is not taken for a file, standard input or an option.
    """
    plain = MARK + text if text.startswith(MARK) else text
    return f" {plain}" if plain.startswith(STANDARD_INPUT) else plain


def keep(ctx: click.Context, chosen: Settings) -> None:
    """Keep the text of a refused command in a file, and say where."""
    from casework.system import files, places

    for name, text in ctx.meta.get(WRITTEN, {}).items():
        try:
            file = places.unsent(re.sub(r"\W+", "", name).lower())
            files.keep(file, f"{text}\n")
        except CaseworkError:
            # It is not lost: the reader can take it from the screen.
            chosen.tell(text, whole=True)
        else:
            chosen.tell(chosen.said("editing.kept", file=str(file), option=name))


def _refs(command: click.Command, typed: dict[str, Any]) -> Sequence[str]:
    """Return the typed references of cases, if the command acts on them."""
    words = typed.get("ref") or ()
    named = any(isinstance(one, click.Argument) and one.name == "ref" for one in command.params)
    if not named or STANDARD_INPUT in words:
        return ()
    return (words,) if isinstance(words, str) else tuple(words)


def _begun(name: Any, cases: Sequence[dict[str, Any]], chosen: Settings) -> str:
    """Return the beginning of a text: the named template, filled in for a single case."""
    if not isinstance(name, str):
        return ""
    from casework.cli.templates import filled, found

    text, _ = found(chosen, name)
    return filled(text, cases[0], chosen.lang) if len(cases) == 1 else text


def _cases(chosen: Settings, refs: Sequence[str]) -> Sequence[dict[str, Any]]:
    """Return the cases of references and ranges; raises NotFoundError for an unknown one."""
    from casework.questions import choosing, lookup
    from casework.reports.cards import case_json

    if not refs:
        return ()
    with chosen.reading() as connection:
        found = choosing.named(connection, refs)
        for _, wrong in found.faults:
            raise wrong
        day = lookup.office_day(connection)
        return [case_json(lookup.find_case(connection, ref), day) for ref in found.refs]


def _about(chosen: Settings, cases: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the comment lines about the cases of the text."""
    from casework.cli.output import cell, paragraphs

    for case in cases:
        yield f"{case['ref']}"
        for name in TOLD:
            if not case[name]:
                continue
            shown = cell(case[name], chosen.lang, name)
            long = isinstance(case[name], str) and "\n" in case[name]
            for line in paragraphs(case[name], chosen.lang) if long else [shown]:
                yield f"  {word(name, chosen.lang)}: {line}"


def _edited(name: str, about: Sequence[str], chosen: Settings, begin: str) -> str:
    """Return the written text; raises UsageError if it is empty."""
    comment = [SCISSORS, *said("editing.how", chosen.lang, option=name).split("\n"), *about]
    page = (
        begin
        + "\n\n"
        + "\n".join(f"# {line}".rstrip() if i else line for i, line in enumerate(comment))
    )
    editor = _program(chosen.configured.told("editor").value)
    try:
        text = click.edit(page + "\n", editor, extension=".txt")
    except click.ClickException as error:
        failed = error.__cause__
        why = f"{editor}: {failed.strerror}" if isinstance(failed, OSError) else editor
        raise UsageError("editing.failed", why=why, option=name) from error
    except ValueError as error:
        # Its quotation marks do not match, or it wrote something that is not UTF-8.
        raise UsageError("editing.failed", why=f"{editor}: {error}", option=name) from error
    written = (text or "").replace("\r\n", "\n").partition(SCISSORS)[0].strip()
    if not written:
        raise UsageError("editing.empty", option=name)
    return written


def _program(editor: str | None) -> str | None:
    """Return an editor as a command line; the path of a program may have blanks."""
    if editor and Path(editor).is_file():
        return shlex.quote(editor)
    return editor
