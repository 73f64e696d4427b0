"""A paper as PDF, set by typst: A4, vector charts, the log it was made from on every page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from casework.errors import UnavailableError, UsageError
from casework.papers import svg
from casework.papers.show import NUMBERS, fact, log_line, table, total, weights
from casework.progress import under_way
from casework.text import visible
from casework.words import word

if TYPE_CHECKING:
    from casework.papers.model import Paper, Section

ROWS = 10_000
"""How many rows a paper may have: some 300 pages, and a gigabyte of memory to set them."""

LONG = 1_000
"""From how many rows on setting them takes more than a second."""

LAYOUT = Path(__file__).with_name("paper.typ")
FORM = (
    "parent_office",
    "office",
    "motto_state",
    "motto",
    "number_place",
    "date_place",
    "sent_to",
    "recipient",
    "filed",
    "signer",
    "signer_name",
)
"""The words around a paper that is to be numbered, dated and signed."""


def write(paper: Paper, file: IO[bytes]) -> None:
    """Write the paper.

    Raises UnavailableError where typst is not installed, UsageError for a paper of too many rows.
    What the register says reaches typst as data, so that nothing in it is taken for markup. The
    font is one typst brings; the machine's own serve only what it cannot write.
    """
    rows = sum(len(section.rows) for section in paper.sections)
    if rows > ROWS:
        raise UsageError(
            f"a PDF lists at most {ROWS:,} rows, and this paper has {rows:,}",
            "narrow it with --owner, or write .xlsx, .docx or .html",
        )
    try:
        import typst
    except ModuleNotFoundError:
        raise UnavailableError(
            "a PDF is set by typst, which is not installed", "pip install 'casework[pdf]'"
        ) from None
    data = json.dumps(_data(paper), ensure_ascii=False)
    with under_way("setting") as tell:
        if rows > LONG:
            tell(0, rows)
        made = typst.compile(
            str(LAYOUT),
            root=str(LAYOUT.parent),
            sys_inputs={"paper": data},
            timestamp=int(paper.written.timestamp()),
        )
    file.write(made)


def _data(paper: Paper) -> dict[str, Any]:
    lang = paper.lang
    return {
        "lang": lang,
        "title": paper.title,
        "kind": word("paper_kind", lang),
        "subject": paper.subject,
        "facts": f"({'; '.join(fact(one, lang) for one in paper.facts)})",
        "bodies": [paper.lead, *paper.remarks],
        "notices": [visible(notice) for notice in paper.notices],
        "sections": [
            _section(number, one, paper) for number, one in enumerate(paper.sections, start=1)
        ],
        "seal": log_line(paper),
        "words": {name: word(name, lang) for name in FORM},
    }


def _section(number: int, section: Section, paper: Paper) -> dict[str, Any]:
    columns, rows = table(section, paper)
    return {
        "title": f"{number}. {section.title}",
        "urgent": section.urgent and bool(section.rows),
        "said": section.repeats or (section.empty if not section.rows else ""),
        "columns": [
            {"heading": one.heading, "weight": weight, "right": one.kind in NUMBERS}
            for one, weight in zip(columns, weights(columns), strict=True)
        ],
        "rows": list(rows),
        "total": total(section, paper) if section.total is not None else [],
        "note": section.note,
        "charts": [
            {"title": chart.title, "svg": svg.picture(chart, paper.lang)}
            for chart in section.charts
        ],
    }
