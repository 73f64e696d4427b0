"""A paper as PDF, set by typst: A4, vector charts, the log it was made from on every page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from casework.errors import UnavailableError
from casework.papers import svg
from casework.papers.form import around
from casework.papers.formatting import NUMBERS, fact, log_line, needed, refuse_long, table, total
from casework.papers.layout import PADDING, broken, layout
from casework.system.extras import how_to_install
from casework.system.progress import under_way
from casework.system.text import visible
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.papers.layout import Layout
    from casework.papers.model import Paper, Section

LONG = 1_000
"""From how many rows on setting them takes more than a second."""

LAYOUT = Path(__file__).with_name("paper.typ")
FONTS = LAYOUT.with_name("fonts")
UPRIGHT, TURNED = 453.5, 700.0
"""The width of the text on an A4 page with the margins of the layout, in points."""

FOLIO = 40.0
"""What the number of the page takes of its foot."""

BODY, HEADING, FOOT = 12.5, 14.0, 8.0
"""Sizes of type, as the layout has them."""

TALL = 1_500
"""From how many characters on a cell may be parted between two pages."""


def write(paper: Paper, file: IO[bytes]) -> None:
    """Write the paper.

    Raises UnavailableError where typst is not installed, UsageError for a paper of too many rows.
    What the register says reaches typst as data, so that nothing in it is taken for markup. The
    font is one that comes with casework; the machine's own serve only what it cannot write.
    """
    refuse_long(paper)
    try:
        import typst
    except ModuleNotFoundError:
        hint = how_to_install("pdf", "typst")
        raise UnavailableError("pdf.no-typst", hint) from None
    data = json.dumps(_data(paper), ensure_ascii=False)
    with under_way("setting") as tell:
        rows = sum(len(section.rows) for section in paper.sections)
        if rows > LONG:
            tell(0, rows)
        made = typst.compile(
            str(LAYOUT),
            root=str(LAYOUT.parent),
            font_paths=[str(FONTS)],
            sys_inputs={"paper": data},
            timestamp=int(paper.written.timestamp()),
        )
    file.write(made)


def _data(paper: Paper) -> dict[str, Any]:
    lang = paper.lang
    facts = "; ".join(fact(one, lang) for one in paper.facts)
    return {
        "lang": lang,
        "title": paper.title,
        "kind": word("paper_kind", lang),
        "subject": broken(paper.subject, UPRIGHT, HEADING),
        "facts": broken(f"({facts})", UPRIGHT, BODY),
        "bodies": [broken(one, UPRIGHT, BODY) for one in (paper.lead, *paper.remarks)],
        "notices": [broken(visible(notice), UPRIGHT, BODY) for notice in paper.notices],
        "sections": [
            _section(number, one, paper) for number, one in enumerate(paper.shown, start=1)
        ],
        "seal": broken(log_line(paper), UPRIGHT - FOLIO, FOOT),
        "words": around(paper),
    }


def _section(number: int, section: Section, paper: Paper) -> dict[str, Any]:
    columns, rows = table(section, paper)
    laid = layout(columns, needed(section, paper), UPRIGHT, TURNED)
    last = [] if section.total is None else [total(section, paper)]
    room = [width - PADDING for width in laid.widths]
    cells = [_parted(row, room, laid) if laid.breaks else row for row in rows]
    said = section.repeats or (section.empty if not section.rows else "")
    return {
        "title": broken(f"{number}. {section.title}", UPRIGHT, HEADING),
        "said": said,
        "turned": laid.turned and not said,
        "size": laid.size,
        "columns": [
            {
                "heading": _parted([one.heading], [wide], laid)[0],
                "width": width,
                "right": one.kind in NUMBERS,
            }
            for one, width, wide in zip(columns, laid.widths, room, strict=True)
        ],
        "rows": [{"cells": row, "whole": max(map(len, row)) <= TALL} for row in cells],
        "total": [cell for row in last for cell in _parted(row, room, laid)],
        "note": broken(section.note, UPRIGHT, BODY),
        "charts": [
            {"title": chart.title, "svg": svg.picture(chart, paper.lang)}
            for chart in section.charts
        ],
    }


def _parted(cells: Sequence[str], room: Sequence[float], laid: Layout) -> list[str]:
    return [broken(cell, wide, laid.size) for cell, wide in zip(cells, room, strict=True)]
