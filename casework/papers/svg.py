"""Charts as SVG, for the formats that show them."""

from __future__ import annotations

from html import escape
from itertools import accumulate
from typing import TYPE_CHECKING

from casework.papers.formatting import number
from casework.papers.layout import EM, GREATEST, measure
from casework.system.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.papers.model import Chart

COLOURS = ("#1f4e79", "#c55a11")
"""The colours of the first and second series; they also differ in grey."""

# Lengths are in the units of the picture, which is scaled to the width of the text.
WIDTH, BAR, ROOM_FOR_NUMBERS = 680, 16, 140
ROW, TOP = 42, 26
TYPE = 14
ROOM = WIDTH * EM // TYPE
"""The width of a label, in thousandths of the type size."""


def picture(chart: Chart, lang: str) -> str:
    """Return a chart as SVG: a legend, and for each bar its label, the bar and its numbers."""
    height = TOP + ROW * len(chart.bars)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' font-family="Times New Roman, Liberation Serif, serif" font-size="{TYPE}">'
        f"<title>{_text(chart.title)}</title><desc>{escape(described(chart, lang))}</desc>"
        f"{''.join(_legend(chart))}{''.join(_bars(chart, lang))}"
        "</svg>"
    )


def described(chart: Chart, lang: str) -> str:
    """Return the alternative text of a chart: its title and the value of each bar."""
    series = " + ".join(chart.series)
    told = "; ".join(
        f"{label} {' + '.join(number(value, lang) for value in values)}"
        for label, values in chart.bars
    )
    return visible(f"{chart.title} ({series}): {told}")


def _legend(chart: Chart) -> Iterator[str]:
    for place, (name, colour) in enumerate(zip(chart.series, COLOURS, strict=False)):
        x = place * WIDTH // 2
        yield f'<rect x="{x}" y="2" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{x + 18}" y="13">{_text(name)}</text>'


def _bars(chart: Chart, lang: str) -> Iterator[str]:
    longest = max((sum(values) for _, values in chart.bars), default=0) or 1
    for place, (label, values) in enumerate(chart.bars):
        x, y = 0, TOP + place * ROW
        yield f'<text x="0" y="{y + 14}">{_text(label)}</text>'
        for value, colour in zip(values, COLOURS, strict=False):
            wide = value * (WIDTH - ROOM_FOR_NUMBERS) // longest
            yield f'<rect x="{x}" y="{y + 19}" width="{wide}" height="{BAR}" fill="{colour}"/>'
            x += wide
        told = " + ".join(number(value, lang) for value in values)
        yield f'<text x="{x + 6}" y="{y + 32}">{told}</text>'


def _text(words: str) -> str:
    words = visible(words)
    if measure(words) > ROOM:
        ends = accumulate(map(measure, words))
        words = words[: sum(end <= ROOM - GREATEST for end in ends)] + "…"
    return escape(words)
