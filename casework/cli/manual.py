"""Help by command and by topic, on the screen and as manual pages."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casework import __version__
from casework.cli.helping import Worded, short
from casework.cli.layout import folded
from casework.cli.options import replaces
from casework.cli.output import echo
from casework.cli.running import Command
from casework.cli.settings import Settings, settings
from casework.cli.topics import TOPICS, Block, about, aligned, blocks
from casework.errors import UsageError
from casework.words import LANGUAGES, Text, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDEST = 100
"""The widest line of prose."""


@click.command("help", cls=Command)
@click.argument("topic", nargs=-1, metavar="[TOPIC]...")
def help_(topic: tuple[str, ...]) -> None:
    """Tell of a command or a topic.

    \b
    Example:
      casework help assign
      casework help workflow
    """
    chosen, name = settings(), " ".join(topic)
    if name in TOPICS:
        echo(chosen, about(name, chosen.lang), bold=True)
        room = min(shutil.get_terminal_size().columns, WIDEST) if sys.stdout.isatty() else WIDEST
        for block in blocks(name, chosen.lang):
            lines = block.text.split("\n") if block.whole else folded(block.text, room)
            echo(chosen, "\n" + "\n".join(lines))
        return
    if words := chosen.configured.aliases.get(name):
        echo(chosen, chosen.said("manual.alias", name=name, words=words))
        return
    click.echo(_context(topic, chosen.lang).get_help())
    if not topic:
        rows = [(one, about(one, chosen.lang)) for one in TOPICS]
        click.echo(f"\n{chosen.said('manual.topics')}:\n{aligned(rows)}")


def _context(path: Sequence[str], lang: str) -> click.Context:
    """Return the context of the command at a path; raises UsageError if there is none."""
    from casework.cli import COMMANDS, casework

    command: Any = casework
    context = click.Context(casework, info_name="casework", obj=Settings(lang=lang))
    context.max_content_width = WIDEST
    for word in path:
        inside = COMMANDS if command is casework else getattr(command, "commands", {})
        found = command.get_command(context, word) if word in inside else None
        if found is None:
            from difflib import get_close_matches

            near = get_close_matches(word, [*inside, *TOPICS], n=1)
            hint = Text("lookup.nearest-word", near=near) if near else Text("manual.no-topic.hint")
            raise UsageError("manual.no-topic", hint, topic=" ".join(path))
        command, context = found, click.Context(found, info_name=word, parent=context)
    return context


@click.command("man", cls=Command)
@click.argument("topic", nargs=-1, metavar="[TOPIC]...")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@replaces
def man_(topic: tuple[str, ...], folder: Path | None, *, force: bool) -> None:
    """Print a manual page, or write them all.

    \b
    Example:
      casework man assign
      casework man --to man
    """
    names = [" ".join(topic)] if topic or folder is None else [*_every()]
    if folder is None:
        echo(settings(), page(names[0], settings().lang))
        return
    from casework.system.files import make_folder, whole_text

    make_folder(folder)
    for lang in LANGUAGES:
        for name in names:
            text = page(name, lang)
            file = folder / ("" if lang == LANGUAGES[0] else lang) / place(name)
            make_folder(file.parent)
            with whole_text(file, replace=force) as written:
                written.write(text + "\n")
    told = settings().said("man.written", count=len(names) * len(LANGUAGES), path=folder)
    settings().done.append(told)
    click.echo(told, color=False)


def _every() -> Iterator[str]:
    """Yield the names of all pages."""
    from casework.cli import COMMANDS, casework

    yield ""
    yield from TOPICS
    context = click.Context(casework)
    for name in COMMANDS:
        yield name
        command = casework.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {verb}" for verb in command.commands)


def place(name: str) -> Path:
    """Return the path of a command's or topic's page below a folder of manual pages."""
    number = 7 if name in TOPICS else 1
    return Path(f"man{number}", f"{'-'.join(['casework', *name.split()])}.{number}")


def page(name: str, lang: str) -> str:
    """Return the manual page of a command or topic in the format of man(7)."""
    called = place(name)
    title = " ".join(
        (".TH", called.stem.upper(), called.suffix[1:], '""', f'"casework {__version__}"')
    )
    # By the first line man finds out in which encoding a page is.
    lines = ["'\\\" t -*- coding: UTF-8 -*-", title, ".ad l", *_heading("man.name", lang)]
    if name in TOPICS:
        lines += [f"{_plain(called.stem)} \\- {_plain(about(name, lang))}"]
        lines += [*_heading("man.description", lang), *_parts(blocks(name, lang))]
        return "\n".join(lines)
    context = _context(name.split(), lang)
    lines += [f"{_plain(called.stem)} \\- {_plain(_summary(context, lang))}"]
    return "\n".join([*lines, *_of_command(context, lang)])


def _summary(context: click.Context, lang: str) -> str:
    path = context.command_path.split()[1:]
    return (short(path, lang) if path else said("help", lang).split("\n")[0]).rstrip(".")


def _of_command(context: click.Context, lang: str) -> Iterator[str]:
    command = context.command
    if isinstance(command, Worded):
        command.dress(context)
    yield from _heading("man.synopsis", lang)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f".B {_plain(context.command_path)}"
    yield _plain(usage)
    yield from _heading("man.description", lang)
    yield from _parts(_of_help(command.help or ""))
    records = [one.get_help_record(context) for one in command.get_params(context)]
    yield from _listed("man.options", [one for one in records if one], lang)
    if isinstance(command, click.Group):
        path = context.command_path.split()[1:]
        verbs = [(verb, short((*path, verb), lang)) for verb in command.list_commands(context)]
        yield from _listed("man.commands", verbs, lang)
    yield from _heading("man.see-also", lang)
    yield ".BR casework (1),"
    yield ".BR casework\\-exit\\-codes (7)"


def _of_help(text: str) -> Iterator[Block]:
    """Yield the parts of a help text; those after click's mark are kept as lines."""
    for part in text.split("\n\n"):
        whole = part.startswith("\b")
        yield Block(part.removeprefix("\b\n") if whole else part, whole=whole)


def _listed(title: str, rows: Sequence[tuple[str, str]], lang: str) -> Iterator[str]:
    if rows:
        yield from _heading(title, lang)
    for term, told in rows:
        yield ".TP"
        yield f".B {_plain(term)}"
        yield _plain(" ".join(told.split()))


def _heading(title: str, lang: str) -> list[str]:
    return [f'.SH "{_plain(said(title, lang))}"']


def _parts(parts: Iterator[Block]) -> Iterator[str]:
    for block in parts:
        if block.whole:
            yield from (".PP", ".nf", *map(_plain, block.text.split("\n")), ".fi")
        else:
            yield from (".PP", _plain(" ".join(block.text.split())))


def _plain(text: str) -> str:
    """Return a text escaped for groff."""
    quiet = text.replace("\\", "\\e").replace("-", "\\-")
    quiet = quiet.replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha")
    quiet = quiet.replace("~", "\\(ti").replace('"', "\\(dq")
    return f"\\&{quiet}" if quiet.startswith(".") else quiet
