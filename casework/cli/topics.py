"""Help topics: texts of the catalogue with tables made from the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from casework.cli.layout import GAP, width
from casework.words import said, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Rows = Iterator[Sequence[str]]

TABLE = "[table]"
"""The paragraph that is replaced by the topic's table."""


class Block(NamedTuple):
    """A part of a page: prose to be wrapped, or fixed lines."""

    text: str
    whole: bool = False


def blocks(topic: str, lang: str) -> Iterator[Block]:
    """Yield the parts of a topic; an indented paragraph consists of fixed lines."""
    for part in said(f"topic.{topic}", lang).split("\n\n"):
        if part == TABLE:
            yield Block(aligned([*TOPICS[topic](lang)]), whole=True)
        else:
            yield Block(part, whole=part.startswith("  "))


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as indented lines with aligned columns."""
    wide = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        GAP
        + GAP.join(
            cell + " " * (room - width(cell)) for cell, room in zip(row, wide, strict=True)
        ).rstrip()
        for row in rows
    )


def about(topic: str, lang: str) -> str:
    """Return a short description of a topic."""
    return said(f"topic.{topic}.about", lang)


def _workflow(lang: str) -> Rows:
    from casework.rules.workflow import TRANSITIONS
    from casework.words import Verb

    for rule in TRANSITIONS:
        needs = ", ".join(word(name, lang) for name in rule.needs)
        yield (
            Verb(rule.verb).said(lang),
            f"{word(rule.source, lang)} → {word(rule.target, lang)}",
            needs,
        )


def _exit_codes(lang: str) -> Rows:
    for code in CODES:
        yield str(code), said(f"exit.{code}", lang)


CODES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 130)
"""The exit codes; a test compares them with those of the errors."""


def _configuration(_: str) -> Rows:
    from casework.system.configuration import ALIASES, KEYS

    for key, known in KEYS.items():
        yield key, " ".join(filter(None, (known.variable, *known.system)))
    yield f"{ALIASES}.NAME", ""


def _files(lang: str) -> Rows:
    from casework.exchange.columns import COLUMNS

    for column in COLUMNS:
        yield column.name, word(column.field, lang)


def _query(lang: str) -> Rows:
    from casework.rules.query import AS_OPTIONS
    from casework.rules.query_names import FIELDS, FLAGS, TEXTS
    from casework.system.text import spelt

    named = {field.short: field.name for field in (*FIELDS, *TEXTS)}
    named |= {one: one for one in (*AS_OPTIONS, *FLAGS)}
    for short, name in named.items():
        called = word(name, lang)
        typed = spelt(called)
        # Where a name of its language can be typed, it is shown as it is typed.
        yield spelt(short), called if lang == "en" or "(" in typed else typed


def _secrecy(lang: str) -> Rows:
    from casework.rules.secrecy import READERS

    for degree, who in READERS.items():
        yield word(degree, lang), ", ".join(word(str(one), lang) for one in who)


def _none(_: str) -> Rows:
    return iter(())


TOPICS: Mapping[str, Callable[[str], Rows]] = {
    "workflow": _workflow,
    "dates": _none,
    "query": _query,
    "exit-codes": _exit_codes,
    "configuration": _configuration,
    "files": _files,
    "four-eyes": _none,
    "secrecy": _secrecy,
}
"""The topics, and the functions for the rows of their tables."""
