"""The reader's language, and click's own sentences in it."""

from __future__ import annotations

import gettext
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from casework.words import LANGUAGES, beginning_with, of_the_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def of_the_system() -> str:
    """Return the reader's language: of the environment, else of the system's settings."""
    return of_the_environment(_of_the_settings)


def _of_the_settings() -> str:
    """Return the language of the system's settings, used only if no variable names one."""
    from casework.system import platforms

    return platforms.language()


def asked(words: Sequence[str]) -> str | None:
    """Return the language given on a command line, before it is parsed; None if none is given."""
    given = [after for word, after in pairwise(words) if word == "--lang"]
    given += [word.partition("=")[2] for word in words if word.startswith("--lang=")]
    return given[-1] if given and given[-1] in LANGUAGES else None


class Sentence(NamedTuple):
    """A sentence of click: its singular and its plural."""

    one: str
    several: str


@cache
def _sentences(lang: str) -> Mapping[str, Sentence]:
    """Return click's sentences in a language, by their English text."""
    told = beginning_with("click.", lang)
    return {
        forms[0]: Sentence(told[key][0], told[key][-1])
        for key, forms in beginning_with("click.", "en").items()
    }


@contextmanager
def spoken(lang: str) -> Iterator[None]:
    """Make click use a language in the block.

    click uses the gettext catalogue of the process for each sentence; in the block it is ours.
    """
    if lang == "en":
        yield
        return
    before = gettext.dgettext, gettext.dngettext

    def one(domain: str, message: str) -> str:
        sentence = _sentences(lang).get(message)
        return sentence.one if sentence else before[0](domain, message)

    def counted(domain: str, msgid1: str, msgid2: str, n: int) -> str:
        sentence = _sentences(lang).get(msgid1)
        if sentence is None:
            return before[1](domain, msgid1, msgid2, n)
        return sentence.one if n == 1 else sentence.several

    gettext.dgettext, gettext.dngettext = one, counted
    try:
        yield
    finally:
        gettext.dgettext, gettext.dngettext = before
