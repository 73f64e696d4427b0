"""Lay out text on a terminal: the width of characters, and where lines are broken."""

from __future__ import annotations

import sys
import unicodedata
from itertools import zip_longest
from typing import TYPE_CHECKING

from casework.system.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

GAP = "  "
NARROWEST = 24
"""The least width of a column, as long as other columns can shrink."""

NO_LESS = 12
"""The least width of any text column; a table that needs less is printed row by row."""

_WIDENS = "\ufe0f"
"""The character that turns the one before it into an emoji, which is two columns wide."""


def width(text: str) -> int:
    """Return the width of a text in a terminal, in columns."""
    if text.isascii():
        return len(text)
    return sum(map(_places, text)) + text.count(_WIDENS)


def _places(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def folded(text: str, wide: int, *, first: int | None = None) -> list[str]:
    """Return a text as lines of at most `wide` columns, broken between words.

    The first line may have another width. A word longer than a line is split.
    """
    lines: list[str] = []
    line, room = "", wide if first is None else first
    if width(text) <= room:
        return [text]
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if width(joined) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
            room = wide
        *whole, line = _cut(word, max(room, 2))
        lines += whole
        room = wide if whole else room
    return [*lines, line]


def _cut(word: str, wide: int) -> list[str]:
    """Return a word in pieces of at most `wide` columns, split after hyphens if possible."""
    pieces, piece, taken = [], "", 0
    for character in word:
        places = width(character)
        while piece and taken + places > wide:
            end = piece.rfind("-") + 1 or len(piece)
            pieces.append(piece[:end])
            piece = piece[end:]
            taken = width(piece)
        piece += character
        taken += places
    return [*pieces, piece]


def indented(text: str, wide: int, begin: str = "", then: str = "") -> list[str]:
    """Return a text as lines of a terminal, with prefixes for the first and the other lines."""
    lines = folded(text, max(wide - width(then), NO_LESS), first=max(wide - width(begin), NO_LESS))
    return [begin + lines[0], *(then + line for line in lines[1:])]


def breadth() -> int:
    """Return the width of the terminal, or the value of COLUMNS."""
    # What else is in that module takes a while to import.
    from shutil import get_terminal_size

    return get_terminal_size().columns


def sentences(told: Sequence[str]) -> list[str]:
    """Return the parts of an error as lines for standard error."""
    parts = [("  " if number else "casework: ", visible(one)) for number, one in enumerate(told)]
    if sys.stderr is None or not sys.stderr.isatty():
        return [begin + one for begin, one in parts]
    return [line for begin, one in parts for line in indented(one, breadth(), begin, "  ")]


# --- tables ----------------------------------------------------------------------------------


def wide_as(widths: Sequence[int]) -> int:
    """Return the width of a table."""
    return sum(widths) + len(GAP) * (len(widths) - 1)


def fitted(
    headings: Sequence[str],
    cells: Sequence[int],
    longest_word: Callable[[int], int],
    room: int,
    fit: int | None,
) -> list[int]:
    """Return widths of columns with which a table fits a terminal, if possible.

    `cells` has the widths of their widest cells; `longest_word` returns that of a column's longest
    word. First the column `fit` shrinks, then headings are wrapped, then other columns. Numbers and
    words stay whole, except words in `fit` longer than NARROWEST.
    """
    widths = [max(width(heading), cell) for heading, cell in zip(headings, cells, strict=True)]
    least = [longest(heading) for heading in headings]
    over = wide_as(widths) - room
    if over <= 0:
        return widths
    for index, floor in _ways(cells, longest_word, least, fit):
        given = min(over, widths[index] - floor)
        if given > 0:
            widths[index] -= given
            over -= given
        if over <= 0:
            break
    return widths


def _ways(
    cells: Sequence[int],
    longest_word: Callable[[int], int],
    least: Sequence[int],
    fit: int | None,
) -> Iterator[tuple[int, int]]:
    """Yield the next column that may shrink, and its least width."""
    if fit is not None:
        yield fit, min(NARROWEST, max(cells[fit], least[fit]))
    for index in range(len(cells)):
        yield index, max(cells[index], least[index])
    for index in sorted(range(len(cells)), key=lambda one: -cells[one]):
        if index == fit:
            continue
        yield index, max(longest_word(index), least[index])
    if fit is not None:
        yield fit, max(NO_LESS, min(longest_word(fit), NARROWEST))


def longest(text: str) -> int:
    """Return the width of the longest word of a text."""
    return max(map(width, text.split()), default=0)


def broken(row: Sequence[str], widths: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of a row with its cells wrapped to their columns."""
    if all(width(cell) <= wide for cell, wide in zip(row, widths, strict=True)):
        yield tuple(row)
        return
    parts = [folded(cell, wide) for cell, wide in zip(row, widths, strict=True)]
    yield from zip_longest(*parts, fillvalue="")


def padded(value: str, wide: int, pad: Callable[[str, int], str]) -> str:
    """Return a cell as wide as its column."""
    return pad(value, len(value) + wide - width(value))
