"""Help texts: looked up by id, in the reader's language, when they are shown.

The id of a command is ``help.`` and its path, such as ``help.audit.verify``. The id of an option is
that, or that of a group above it, and its name; otherwise the id declared as its help, as rows of
fields do, or ``help.option.`` and its name. The lines under ``Example:`` are the same in both
languages and are in the docstring.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import click

from casework.cli.language import of_the_system
from casework.words import has, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from click.shell_completion import CompletionItem

EXAMPLE = "\b\nExample:\n"
NARROW = 60
"""The narrowest terminal on which no word of the help is broken."""


UNBROKEN = "\N{NON-BREAKING HYPHEN}"


class Worded(click.Command):
    """A command whose help is looked up when it is shown, in the reader's language."""

    values: Mapping[str, Any] = {}
    """The values in its help."""

    def get_help(self, ctx: click.Context) -> str:
        """Return its help, as wide as the terminal."""
        formatter = _Formatter(width=ctx.terminal_width, max_width=ctx.max_content_width)
        self.format_help(ctx, formatter)
        return formatter.getvalue().rstrip("\n")

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write its help."""
        self.dress(ctx)
        super().format_help(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what a line may go on with, each option with its help."""
        self.dress(ctx)
        return super().shell_complete(ctx, incomplete)

    def dress(self, ctx: click.Context) -> None:
        """Give the command, its options and the commands under it their help in a language."""
        path, lang = path_of(ctx), language(ctx)
        self.help = "\n\n".join(_parts(self, path, lang))
        for option in self.get_params(ctx):
            if isinstance(option, click.Option) and not option.hidden:
                choices = self.values.get("choices") or _choices(option, ctx)
                option.help = said(_id(option, path), lang, choices=choices)
                if _is_long(option, ctx):
                    option.help += " " + said("help.one-of", lang, choices=choices)
        if isinstance(self, click.Group):
            for name, inner in self.commands.items():
                inner.help = _told((*path, name), lang)


class _Formatter(click.HelpFormatter):
    """A help formatter that never breaks a line inside a word with hyphens, such as a code."""

    def write_text(self, text: str) -> None:
        super().write_text(_whole(text))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        whole = [(name, _whole(text)) for name, text in rows]
        super().write_dl(whole, col_max, col_spacing)

    def getvalue(self) -> str:
        return super().getvalue().replace(UNBROKEN, "-")


def _whole(text: str) -> str:
    return text.replace("-", UNBROKEN)


def path_of(ctx: click.Context) -> tuple[str, ...]:
    """Return the path of a command, however the program was started."""
    return () if ctx.parent is None else (*path_of(ctx.parent), str(ctx.info_name))


def language(ctx: click.Context) -> str:
    """Return the language of a command's help."""
    return getattr(ctx.find_root().obj, "lang", None) or of_the_system()


def short(path: Sequence[str], lang: str) -> str:
    """Return the first sentence of a command's help."""
    first, stop, _ = _told(path, lang).partition("\n\n")[0].partition(". ")
    return first + stop.strip()


def _parts(command: Worded, path: Sequence[str], lang: str) -> Iterator[str]:
    yield _told(path, lang, **command.values)
    if example := _example(command):
        yield f"\b\n{said('help.example', lang)}\n{example}"


def _id(option: click.Option, path: Sequence[str]) -> str:
    """Return the id of an option's text: the most specific one."""
    declared = vars(option).setdefault("text_id", option.help)
    name = "help" if "--help" in option.opts else str(option.name)
    own = [".".join(("help", *path[:length], name)) for length in range(len(path), 0, -1)]
    more = [declared] if declared and has(declared) else []
    return next(filter(has, own), next(iter(more), f"help.option.{name}"))


def _choices(option: click.Option, ctx: click.Context) -> list[str]:
    kind = option.type
    if not isinstance(kind, click.Choice):
        return []
    return [kind.normalize_choice(one, ctx) for one in kind.choices]


def _is_long(option: click.Option, ctx: click.Context) -> bool:
    """Return whether the choices of an option need more than a line and are put into its help."""
    known = vars(option)
    if "is_long" not in known:
        names = ", ".join((*option.opts, *option.secondary_opts))
        line = f"  {names} {option.make_metavar(ctx)}"
        known["is_long"] = option.metavar is None and len(line) > NARROW
        if known["is_long"]:
            option.metavar = "WORD"
    return bool(known["is_long"])


def _told(path: Sequence[str], lang: str, **values: object) -> str:
    return said(".".join(("help", *path)), lang, **values)


def _example(command: click.Command) -> str:
    """Return the lines under the example of a command's docstring."""
    told = inspect.cleandoc(getattr(command.callback, "__doc__", None) or "")
    return told.partition(EXAMPLE)[2].partition("\n\n")[0]
