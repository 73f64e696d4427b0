"""The claims of a paper: everything it says, line by line, as printed.

The first character says what a line is: ``=`` a heading, ``>`` a text, ``:`` the headings of a
table, ``|`` a row, ``~`` the series of a chart and its bars. Cells are separated by tabs. Text is
in NFC with single blanks.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from casework.papers.covers import TITLE, cover, sheets
from casework.papers.form import around, arranged, attached, source
from casework.papers.formatting import (
    fact,
    log_line,
    log_lines,
    noted,
    number,
    sentence,
    shower,
    table,
    totals,
)
from casework.system.spooled import lots
from casework.system.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from casework.papers.form import Part
    from casework.papers.model import Chart, Column, Paper, Section

HEAD = ("superior", "office", "number", "date", "kind", "subject", "to")
FOOT = ("sent_to", "recipients", "signer", "signatory")


def claims(paper: Paper, ending: str) -> list[str]:
    """Return the claims of a paper in a file with this ending, without line ends.

    A paper is signed and has annexes; a page and a workbook are not signed and have their tables in
    place.
    """
    made = {".html": _of_page, ".xlsx": _of_book}.get(ending, _of_paper)
    return [*made(paper)]


def _of_page(paper: Paper) -> Iterator[str]:
    yield _line("=", [paper.title])
    yield _line(">", [", ".join(fact(one, paper.lang, named=True) for one in paper.facts)])
    remarks = map(sentence, paper.remarks)
    yield from (_line(">", [visible(one)]) for one in (paper.lead, *paper.notices, *remarks))
    for section in paper.shown:
        yield _line("=", [section.title])
        if said := section.repeats or (not section.rows and section.empty):
            yield _line(">", [said])
            continue
        for chart in section.charts:
            yield from _chart(chart, paper.lang)
        yield from _table(section, paper)
    yield _line(">", [log_line(paper)])


def _of_book(paper: Paper) -> Iterator[str]:
    yield from (_line("=" if form == TITLE else ">", [text]) for text, form in cover(paper))
    for section in sheets(paper):
        used = section.used("sheet")
        columns = [section.columns[i] for i in used]
        put = [_in_cell(one, paper) for one in columns]
        yield _line("=", [section.heading])
        yield _line(":", [one.heading for one in columns])
        for lot in lots(section.rows):
            yield from (_line("|", _cells(row, used, put)) for row in lot)
        if section.total is not None:
            yield _line("|", [section.total[used[0]], *_cells(section.total, used[1:], put[1:])])
    for section in paper.sections:
        for chart in section.charts:
            yield from _chart(chart, paper.lang)


def _in_cell(column: Column, paper: Paper) -> Callable[[Any], str]:
    """Return how the cells of a workbook's column are shown, which has a nought as a number."""
    return shower(replace(column, kind="count") if column.kind == "days" else column, paper)


def _cells(
    row: Sequence[Any], used: Sequence[int], put: Sequence[Callable[[Any], str]]
) -> Iterator[str]:
    return (show(row[i]) for i, show in zip(used, put, strict=True))


def _of_paper(paper: Paper) -> Iterator[str]:
    form, places = arranged(paper), around(paper)
    yield from (_line(">", [line]) for name in HEAD for line in places[name])
    yield from (_line(">", [one]) for one in (*form.paragraphs, *form.notices))
    for part in form.parts:
        yield from _part(part, paper)
    yield _line(">", [form.end])
    yield from (_line(">", [line]) for name in FOOT for line in places[name])
    belongs = attached(paper)
    for part in form.annexes:
        yield from _annex(part.annex, part.title, belongs)
        yield from _table(part.section, paper)
    if not form.annexes:
        yield from _annex(*source(paper.lang), belongs)
    yield from (_line(">", [line]) for line in log_lines(paper))


def _annex(name: str, title: str, belongs: str) -> Iterator[str]:
    yield from (_line("=", [name]), _line("=", [title.upper()]), _line(">", [belongs]))


def _part(part: Part, paper: Paper) -> Iterator[str]:
    yield _line("=", [part.title])
    for chart in part.section.charts if part.charts else ():
        yield from _chart(chart, paper.lang)
    if part.said:
        yield _line(">", [part.said])
    if part.laid is not None:
        yield from _table(part.section, paper)


def _chart(chart: Chart, lang: str) -> Iterator[str]:
    yield _line("=", [visible(chart.title)])
    yield _line("~", map(visible, chart.series))
    for label, values in chart.bars:
        yield _line("~", [visible(label), " + ".join(number(value, lang) for value in values)])


def _table(section: Section, paper: Paper) -> Iterator[str]:
    columns, rows = table(section, paper)
    yield _line(":", [one.heading for one in columns])
    yield from (_line("|", row) for row in rows)
    if section.total is not None:
        yield _line("|", totals(section, paper))
    if section.note:
        yield _line(">", [noted(section)])


def _line(mark: str, cells: Iterable[str]) -> str:
    told = "\t".join(" ".join(cell.split()) for cell in cells)
    return unicodedata.normalize("NFC", f"{mark}{told}")
