"""What the first sheet of a workbook says, and which sheets follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.papers.form import issued
from casework.papers.formatting import fact, log_line
from casework.system.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.papers.model import Paper, Section

TITLE = "title"


def cover(paper: Paper) -> Iterator[tuple[str, str]]:
    """Yield the lines of the first sheet, each with the form it is written in."""
    for text in issued(paper):
        yield text, "wrapped"
    yield paper.title, TITLE
    for one in paper.facts:
        yield fact(one, paper.lang, named=True), "plain"
    for text in (paper.lead, *paper.notices, *paper.remarks):
        yield visible(text), "wrapped"
    for section in paper.shown:
        if section.note:
            yield f"{section.heading}: {section.note}", "wrapped"
        elif not section.rows and section.empty:
            yield f"{section.title}: {section.empty}", "plain"
    yield log_line(paper), "wrapped"


def sheets(paper: Paper) -> Iterator[Section]:
    """Yield the sections that get a sheet."""
    return (one for one in paper.sections if one.rows or one.total is not None)
