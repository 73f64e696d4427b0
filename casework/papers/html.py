"""A paper as one self-contained HTML file, without scripts and links, with pictures inside."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from itertools import chain
from typing import IO, TYPE_CHECKING

from casework.papers import codes, svg
from casework.papers.form import issued
from casework.papers.formatting import (
    NUMBERS,
    fact,
    log_line,
    needed,
    noted,
    sentence,
    table,
    totals,
)
from casework.papers.layout import EM
from casework.system.text import visible
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casework.papers.layout import Needs
    from casework.papers.model import Column, Paper, Section

LONGEST = 16 * EM
"""The width above which a word in a table may be broken: about thirty letters."""

LONG = 2 * LONGEST
"""The width above which a text in a table gets a wide column."""

MANY = 20
"""The number of rows above which a page begins with a table of contents."""

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 "Times New Roman", "Liberation Serif", serif; color: #1a1a1a;
  max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem; overflow-wrap: break-word; }
header { border-bottom: 2px solid #1f4e79; margin-bottom: 1.5rem; }
h1 { font-size: 1.6rem; margin: 0; color: #1f4e79; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h2.urgent { color: #a3200d; }
.subject { font-style: italic; margin: 0; }
.notice { border: 1px solid #c55a11; background: #fdf3ea; padding: .5rem .75rem; }
.note, footer { font-size: .85rem; color: #444; }
footer { border-top: 1px solid #999; margin-top: 2rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th, td { border: 1px solid #999; padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { background: #e8eef5; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
td.c { white-space: nowrap; }
.l { overflow-wrap: anywhere; }
.o { width: 18%; }
.w { width: 40%; overflow-wrap: break-word; }
tr.total td { font-weight: bold; background: #f4f4f4; }
figure { margin: 1rem 0; max-width: 42rem; }
.codes { display: flex; flex-wrap: wrap; gap: 4mm; }
figcaption { font-weight: bold; margin-bottom: .5rem; }
@media screen and (min-width: 72rem) {
  .w { min-width: 13rem; }
  .o { min-width: 6.5rem; }
  .k { min-width: 4.5rem; }
  .t { min-width: 10rem; }
}
@media (max-width: 40rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; }
  tr { border: 1px solid #999; margin-bottom: .75rem; }
  td { border: 0; }
  td.n { text-align: left; }
  td.o, td.w { width: auto; }
  td:empty { display: none; }
  td::before { content: attr(data-label) ": "; color: #555; }
  td[data-label=""]::before { content: none; }
  figure svg { overflow: visible; }
  svg text { font-size: 20px; }
}
@media print {
  @page { size: A4; margin: 20mm 15mm; }
  body { font-size: 11pt; max-width: none; padding: 0; }
  table { font-size: 9pt; }
  th, td { padding: .15rem .25rem; }
  thead { display: table-header-group; }
  tr, figure, .codes svg { break-inside: avoid; }
  h2 { break-after: avoid; }
}
"""


def write(paper: Paper, file: IO[bytes]) -> None:
    """Write the paper; everything from the register is escaped."""
    for part in _page(paper):
        file.write(part.encode())


def _page(paper: Paper) -> Iterator[str]:
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    yield f'<!DOCTYPE html>\n<html lang="{paper.lang}">\n<head>\n<meta charset="utf-8">\n'
    yield (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        f" style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(paper.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )
    yield "<header>\n"
    if over := issued(paper):
        yield f'<p class="issued">{"<br>".join(map(escape, over))}</p>\n'
    yield f'<h1>{escape(paper.title)}</h1>\n<p class="subject">'
    yield f"{escape(', '.join(fact(one, paper.lang, named=True) for one in paper.facts))}</p>\n"
    yield f"<p>{escape(paper.lead)}</p>\n</header>\n<main>\n"
    for notice in paper.notices:
        yield f'<p class="notice">{escape(visible(notice))}</p>\n'
    for remark in paper.remarks:
        yield f"<p>{escape(sentence(remark))}</p>\n"
    yield from _contents(paper)
    for section in paper.shown:
        yield from _section(section, paper)
    yield f"</main>\n<footer><p>{escape(log_line(paper))}</p>\n"
    yield from _codes(paper)
    yield "</footer>\n</body>\n</html>\n"


def _contents(paper: Paper) -> Iterator[str]:
    """Yield links to the sections of a long page."""
    sections = paper.shown
    if len(sections) == 1 or sum(len(one.rows) for one in sections) < MANY:
        return
    name = escape(word("contents", paper.lang))
    yield f'<nav aria-label="{name}">\n<h2>{name}</h2>\n<ol>\n'
    for one in sections:
        yield f'<li><a href="#{one.key}">{escape(one.title)}</a></li>\n'
    yield "</ol>\n</nav>\n"


def _codes(paper: Paper) -> Iterator[str]:
    if paper.proof is None:
        return
    yield '<p class="codes">'
    for code, wide, told in codes.drawn(paper):
        drawn = codes.picture(code)
        # A style of its own would need leave from the page's policy.
        sized = f'<svg role="img" aria-label="{escape(told)}" width="{wide:.1f}mm"'
        yield f"{drawn.replace('<svg', sized, 1)}\n"
    yield f"</p>\n<p>{escape(codes.said(paper))}</p>\n"


def _section(section: Section, paper: Paper) -> Iterator[str]:
    urgent = ' class="urgent"' if section.urgent and section.rows else ""
    yield f'<section id="{section.key}">\n'
    yield f'<h2 id="{section.key}-head"{urgent}>{escape(section.title)}</h2>\n'
    if said := section.repeats or (not section.rows and section.empty):
        yield f"<p>{escape(said)}</p>\n</section>\n"
        return
    for chart in section.charts:
        yield f"<figure><figcaption>{escape(chart.title)}</figcaption>"
        yield f"{svg.picture(chart, paper.lang)}</figure>\n"
    columns, rows = table(section, paper)
    forms = [_class(one, need) for one, need in zip(columns, needed(section, paper), strict=True)]
    shown = list(zip(forms, [escape(one.heading) for one in columns], strict=True))
    headings = "".join(f'<th scope="col"{form}>{heading}</th>' for form, heading in shown)
    yield f'<table aria-labelledby="{section.key}-head">\n'
    yield f"<thead><tr>{headings}</tr></thead>\n<tbody>\n"
    opened = [f'<td{form} data-label="{heading}">' for form, heading in shown]
    yield from chain.from_iterable(_row(opened, row) for row in rows)
    if section.total is not None:
        yield from _row(opened, totals(section, paper), ' class="total"')
    yield "</tbody>\n</table>\n"
    if section.note:
        yield f'<p class="note">{escape(noted(section))}</p>\n'
    yield "</section>\n"


def _row(opened: Sequence[str], row: Sequence[str], marked: str = "") -> Iterator[str]:
    cells = "</td>".join(start + escape(cell) for start, cell in zip(opened, row, strict=True))
    yield f"<tr{marked}>{cells}</td></tr>\n"


def _class(column: Column, need: Needs) -> str:
    """Return the class of a column's cells by their widths; long words may be broken."""
    breaks = need.word > LONGEST
    named = {"org": "o", "conference": "o"}
    kinds = named if breaks else named | {"code": "c", "date": "c", "share": "c"}
    kinds = kinds | {"word": "k"} | ({"text": "t"} if need.whole > LONG else {})
    own = "w" if column.wide else "n" if column.kind in NUMBERS else kinds.get(column.kind, "")
    names = " ".join(filter(None, [own, "l" if breaks else ""]))
    return f' class="{names}"' if names else ""
