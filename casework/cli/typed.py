"""The types of options of acts: texts, typed or from a file, and words of a list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casework.errors import CaseworkError, UsageError
from casework.words import LANGUAGES, said, word
from casework.words import Text as Worded

if TYPE_CHECKING:
    from collections.abc import Iterable

MARK = "@"
STANDARD_INPUT = "-"
_TAKEN = "casework.standard_input"

WRITTEN = "casework.written"
"""The key of a command's context for texts that were written for it, by option."""


class Text(click.ParamType[str]):
    """A text: as typed, ``@FILE`` for the content of a file, ``-`` for standard input.

    ``@@`` means ``@`` at the beginning of a text. Raises UsageError if a file does not exist, is
    not UTF-8 text or is too long, and if two options use standard input.
    """

    name = "text"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> str:
        """Return the text."""
        words = str(value)
        if ctx is None or ctx.resilient_parsing or not words.startswith((MARK, STANDARD_INPUT)):
            return words
        if words == STANDARD_INPUT:
            return _standard_input(ctx)
        if words.startswith(MARK * 2):
            return words[1:]
        return _of_file(words[1:]) if words.startswith(MARK) else words


def take_standard_input(ctx: click.Context) -> None:
    """Note that standard input is read; raises UsageError the second time."""
    if ctx.meta.setdefault(_TAKEN, False):
        raise UsageError("typed.one-stdin", mark=MARK)
    ctx.meta[_TAKEN] = True


def listed_on_standard_input(ctx: click.Context) -> list[str]:
    """Return the references listed on standard input; raises UsageError as `Text` does."""
    from casework.exchange.references import LIMIT, listed

    return listed(_standard_input(ctx, LIMIT))


def may_ask(ctx: click.Context) -> bool:
    """Return whether questions can be shown, and answered on standard input."""
    seen = all(one is not None and one.isatty() for one in (sys.stdin, sys.stderr))
    return seen and not ctx.meta.get(_TAKEN, False)


def _standard_input(ctx: click.Context, limit: int | None = None) -> str:
    from casework.system.files import SMALL, read_standard_input

    take_standard_input(ctx)
    if sys.stdin is not None and sys.stdin.isatty():
        click.echo(said("typed.ends", ctx.find_root().obj.lang), err=True)
    return _lines(read_standard_input(limit or SMALL))


def _of_file(name: str) -> str:
    from casework.system.files import read_text

    try:
        return _lines(read_text(Path(name)))
    except CaseworkError as error:
        error.way_out = Worded("typed.at-sign", hint=error.way_out)
        raise


def _lines(words: str) -> str:
    """Return a text with the register's line ends."""
    return words.replace("\r\n", "\n").replace("\r", "\n")


class Word(click.Choice[str]):
    """A word of a list in either language, with hyphens, underscores or blanks in it."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__([*map(str, words)])

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> str:
        """Return the word; it may be typed in either language."""
        from casework.kinds.forms import by_spelling
        from casework.system.text import fold, spelt

        typed = spelt(fold(str(value)))
        # Most words are typed as they stand, and then no catalogue is read.
        known = {} if typed in map(spelt, self.choices) else by_spelling(self.choices)
        return super().convert(known.get(typed, value), param, ctx)

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Return the message for any other word, with the list in the reader's language."""
        lang = getattr(ctx.find_root().obj, "lang", LANGUAGES[0]) if ctx else LANGUAGES[0]
        if lang == LANGUAGES[0]:
            return super().get_invalid_choice_message(value, ctx)
        choices = ", ".join(repr(word(one, lang)) for one in self.choices)
        return said("click.not-one-of", lang, value=value, choice=choices, choices=choices)

    def normalize_choice(self, choice: Any, ctx: click.Context | None) -> str:
        """Return the normalised form of a word."""
        from casework.system.text import spelt

        return spelt(str(choice))


TEXT = Text()
