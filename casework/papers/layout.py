"""Lay out the columns of tables on paper so that no word is wider than its cell.

Widths are those of Times New Roman and Liberation Serif, which are equal: the greater one of
regular and bold type, in thousandths of the type size. Lengths are in points.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from casework.papers.model import NAMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from casework.papers.model import Column

# From the space to the tilde.
_ASCII = (
    *(250, 333, 555, 500, 500, 1000, 833, 278, 333, 333, 500, 570, 250, 333, 250, 278),
    *(500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 333, 333, 570, 570, 570, 500),
    *(930, 722, 667, 722, 722, 667, 611, 778, 778, 389, 500, 778, 667, 944, 722, 778),
    *(611, 778, 722, 556, 667, 722, 722, 1000, 722, 722, 667, 333, 278, 333, 581, 500),
    *(333, 500, 556, 444, 556, 444, 333, 500, 556, 278, 333, 556, 278, 833, 556, 500),
    *(556, 556, 444, 389, 333, 556, 500, 722, 500, 500, 444, 480, 220, 480, 541),
)
_FIRST = ord(" ")
_HORN, _HORN_TAKES = "\u031b", 75
EM = 1000
"""The size of the type."""

GREATEST = 1300
"""The width assumed for unknown characters, such as emoji; no known one is wider."""

PADDING = 8.0
"""The padding of a cell, both sides together, plus a point of reserve."""

COMMON, WIDE = 130.0, 300.0
"""The widths up to which common and wide columns may take space from others."""

READABLE, NAMES = 120.0, 80.0
"""The least readable width of a wide column, and of a column of names or texts."""

READ = NAMED | {"text"}
"""The kinds of columns in which people read words."""

TURNS = 8
"""The number of columns from which a table is on a landscape page."""

TYPE = ((6, 12.0), (9, 11.0), (12, 10.0))
"""The type size by the most columns of a table; with more columns it is `DENSE`."""

DENSE = 8.5


class Layout(NamedTuple):
    """The width of each column, the type size, and whether the page is landscape.

    `breaks` has the columns with words too wide for any page, which may be broken anywhere.
    """

    widths: tuple[float, ...]
    size: float
    turned: bool
    breaks: frozenset[int]


class Needs(NamedTuple):
    """The widths that a column needs, in thousandths of the type size.

    `word` is its widest word, `whole` its widest cell in one line, and `heading` the wider line of
    its heading in two.
    """

    word: int
    whole: int
    heading: int = 0


def measure(text: str) -> int:
    """Return the width of a text in thousandths of the type size, never too small."""
    return sum(_letter(letter) for letter in text)


def broken(text: str, room: float, size: float) -> str:
    """Return a text in which words wider than `room` points may be broken anywhere.

    It has zero-width spaces, U+200B, between the letters of those words.
    """
    most = room * EM / size
    if len(text) * GREATEST <= most:
        return text
    wide = {part for part in text.split() if measure(part) > most}
    for part in sorted(wide, key=len, reverse=True):
        text = text.replace(part, "\u200b".join(part))
    return text


def _letter(letter: str) -> int:
    place = ord(letter) - _FIRST
    if 0 <= place < len(_ASCII):
        return _ASCII[place]
    parts = unicodedata.normalize("NFD", letter.translate(_STROKED))
    if parts == letter:
        return GREATEST
    return _letter(parts[0]) + (_HORN_TAKES if _HORN in parts else 0)


_STROKED = {ord("đ"): "d", ord("Đ"): "D", ord("Ð"): "D", ord("–"): "0", ord("’"): "("}


def needs(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> list[Needs]:
    """Return the widths that each column needs for its heading and its cells."""
    words = [max(map(measure, one.heading.split()), default=0) for one in columns]
    headings = [_in_two_lines(one.heading) for one in columns]
    wholes = list(map(max, words, headings))
    for row in rows:
        for place, cell in enumerate(row):
            # Most cells are too short to be the widest, whatever letters they are made of.
            if len(cell) * GREATEST <= words[place]:
                continue
            for part in cell.split():
                if len(part) * GREATEST > words[place]:
                    words[place] = max(words[place], measure(part))
            if len(cell) * GREATEST > wholes[place]:
                # What is longer than any line is not measured to its end.
                wholes[place] = max(wholes[place], measure(cell[:100]))
    return list(map(Needs, words, map(max, wholes, words), headings))


def _in_two_lines(heading: str) -> int:
    """Return the width of a heading split into two lines as well as possible."""
    words = heading.split()
    return min(
        (
            max(measure(" ".join(words[:place])), measure(" ".join(words[place:])))
            for place in range(1, len(words))
        ),
        default=measure(heading),
    )


def layout(
    columns: Sequence[Column], needed: Sequence[Needs], upright: float, turned: float | None = None
) -> Layout:
    """Return the layout of a table on a page with `upright` points of width.

    Where it has many columns, where its words need more, or leave its wide columns no room, it is
    set on a page turned on its side, `turned` points wide; and in smaller type; and where no word
    has room even then, the longest ones are broken. A heading takes no more than two lines where
    there is room for it.
    """
    size = next((size for most, size in TYPE if len(columns) <= most), DENSE)
    readable = [READABLE if one.wide else NAMES if one.kind in READ else 0.0 for one in columns]
    pages = [(upright, False, size)]
    if turned is not None:
        pages = [*(pages if len(columns) < TURNS else ()), (turned, True, size)]
    pages.append((pages[-1][0], pages[-1][1], DENSE))
    for room, lies, type_size in pages:
        least = [
            max(
                max(one.word, one.heading) * type_size / EM + PADDING,
                min(most, one.whole * type_size / EM),
            )
            for one, most in zip(needed, readable, strict=True)
        ]
        if sum(least) <= room:
            return Layout(_spread(columns, needed, least, room, type_size), type_size, lies, NONE)
    words = [one.word * type_size / EM + PADDING for one in needed]
    if sum(words) <= room:
        return Layout(_spread(columns, needed, words, room, type_size), type_size, lies, NONE)
    return _broken(words, room, type_size, turned=lies)


NONE: frozenset[int] = frozenset()


def _spread(
    columns: Sequence[Column],
    needed: Sequence[Needs],
    least: Sequence[float],
    room: float,
    size: float,
) -> tuple[float, ...]:
    """Divide the remaining width among the columns whose cells need more."""
    # A long text, such as an answer, needs as much room as a title.
    most = [
        WIDE if one.wide or (one.kind == "text" and need.whole * size / EM > WIDE) else COMMON
        for one, need in zip(columns, needed, strict=True)
    ]
    wanted = [
        max(min(one.whole * size / EM + PADDING, most) - least, 0.0)
        for one, most, least in zip(needed, most, least, strict=True)
    ]
    spare = room - sum(least)
    share = min(spare / sum(wanted), 1.0) if any(wanted) else 0.0
    widths = [own + share * more for own, more in zip(least, wanted, strict=True)]
    left = room - sum(widths)
    wide = [place for place, one in enumerate(columns) if one.wide] or range(len(columns))
    for place in wide:
        widths[place] += left / len(wide)
    return tuple(widths)


def _broken(asked: Sequence[float], room: float, size: float, *, turned: bool) -> Layout:
    """Give every column what it needs, up to a common limit at which they fill the page."""
    left, most = room, room
    for number, width in enumerate(sorted(asked)):
        most = left / (len(asked) - number)
        if width > most:
            break
        left -= width
    widths = tuple(min(width, most) for width in asked)
    breaks = frozenset(place for place, width in enumerate(asked) if width > most)
    return Layout(widths, size, turned, breaks)
