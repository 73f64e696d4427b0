"""A paper as a document a secretariat can edit, number and sign.

Its layout is the one Decree 30/2020/NĐ-CP (appendix I) gives administrative papers: A4, Times New
Roman, the national motto at the head, places for number, date, recipients and signature, page
numbers at the top from the second page on. It stands in `paper.docx`, which any office program
can edit: each name in braces becomes a word of the paper's language, or what the paper says.
"""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Pt

from casework.papers.form import around
from casework.papers.formatting import NUMBERS, fact, log_line, needed, refuse_long, table, total
from casework.papers.layout import layout
from casework.system.text import visible
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from docx.document import Document as Whole
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    from casework.papers.model import Paper, Section

TEMPLATE = Path(__file__).with_name("paper.docx")
TEXT_WIDTH = 453.5
"""The width of the text on a page of the template, in points."""

CONTENTS = "{contents}"
"""The paragraph of the template whose place is taken by what the paper says."""

HEAD = "E8EEF5"
"""The colour behind the headings of a table."""

LANGUAGES = {"en": "en-GB", "vi": "vi-VN"}
LONGEST = 255
"""How many characters a property of a document may have."""

OLDEST = datetime(1980, 1, 1, tzinfo=UTC)
"""The earliest time a part of a document can have."""

TEXT = qn("w:t")

LEFT, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
CENTRE = WD_ALIGN_PARAGRAPH.CENTER


def write(paper: Paper, file: IO[bytes]) -> None:
    """Write the paper; raises UsageError for one of too many rows."""
    refuse_long(paper)
    document = Document(str(TEMPLATE))
    (place,) = (one for one in document.paragraphs if one.text == CONTENTS)
    _describe(document, paper)
    _fill(document, paper)
    _put(document, paper, place)
    place._p.getparent().remove(place._p)
    _save(document, max(paper.written, OLDEST), file)


def _describe(document: Whole, paper: Paper) -> None:
    about = document.core_properties
    about.title = visible(paper.title)[:LONGEST]
    about.language = paper.lang
    about.created = about.modified = paper.written
    (language,) = document.styles.element.iter(qn("w:lang"))
    language.set(qn("w:val"), LANGUAGES[paper.lang])


def _fill(document: Whole, paper: Paper) -> None:
    """Put words in the place of their names in braces."""
    said = {
        "subject": (visible(paper.subject),),
        "facts": (visible("; ".join(fact(one, paper.lang) for one in paper.facts)),),
        "log": (log_line(paper),),
        "contents": ("",),
        **around(paper),
    }

    def worded(name: re.Match[str]) -> str:
        return "\n".join(said[name[1]]) if name[1] in said else word(name[1], paper.lang)

    (page,) = document.sections
    for part in (document, page.header, page.footer, page.first_page_footer):
        for run in part.part.element.iter(qn("w:r")):
            text = "".join(one.text or "" for one in run.iter(TEXT))
            if "{" in text:
                run.text = re.sub(r"\{(\w+)\}", worded, text)


def _put(document: Whole, paper: Paper, place: Paragraph) -> None:
    """Put what the paper says before a paragraph."""

    def say(text: str, style: str) -> None:
        place.insert_paragraph_before(visible(text), style)

    if presented := around(paper)["presented"]:
        place.insert_paragraph_before("\n".join(presented), "Body Text")
    for text in (paper.lead, *paper.remarks):
        say(text, "Body Text")
    for notice in paper.notices:
        say(notice, "Paper Notice")
    for number, section in enumerate(paper.shown, start=1):
        say(f"{number}. {section.title}", "Heading 1")
        if said := section.repeats or (not section.rows and section.empty):
            say(said, "Body Text")
            continue
        place._p.addprevious(_table(document, section, paper)._tbl)
        if section.note:
            say(section.note, "Paper Table Note")


def _table(document: Whole, section: Section, paper: Paper) -> Table:
    columns, rows = table(section, paper)
    laid = layout(columns, needed(section, paper), TEXT_WIDTH)
    made: Table = document.add_table(0, len(columns), "Paper Table")
    made.autofit = False
    for column, width in zip(made.columns, laid.widths, strict=True):
        column.width = Pt(width)
    style = _cell_style(document, laid.size)
    head = _Rows(made, style, [CENTRE] * len(columns), bold=True)
    head.repeat_on_each_page()
    head.add([column.heading for column in columns])
    sides = [RIGHT if column.kind in NUMBERS else LEFT for column in columns]
    body = _Rows(made, style, sides)
    for row in rows:
        body.add(row)
    if section.total is not None:
        _Rows(made, style, sides, bold=True).add(total(section, paper))
    return made


def _cell_style(document: Whole, size: float) -> str:
    name = f"Paper Cell {size:g}"
    if name not in document.styles:
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Paper Cell"]
        style.font.size = Pt(size)
    return name


class _Rows:
    """Rows of a table that look alike: copies of one, which cost less than new ones."""

    def __init__(
        self, made: Table, style: str, sides: Sequence[WD_ALIGN_PARAGRAPH], *, bold: bool = False
    ) -> None:
        row = made.add_row()  # type: ignore[no-untyped-call]
        for cell, side in zip(row.cells, sides, strict=True):
            (paragraph,) = cell.paragraphs
            paragraph.style, paragraph.alignment = style, side
            paragraph.add_run("-").bold = bold or None
        self._table = made._tbl
        self._model = row._tr
        self._table.remove(self._model)
        self._parts = self._model.get_or_add_trPr()
        self._parts.append(OxmlElement("w:cantSplit"))
        for text in self._model.iter(TEXT):
            text.set(qn("xml:space"), "preserve")

    def repeat_on_each_page(self) -> None:
        """Make headings of them, on a ground of their own."""
        self._parts.append(OxmlElement("w:tblHeader"))
        ground = {qn("w:val"): "clear", qn("w:color"): "auto", qn("w:fill"): HEAD}
        for cell in self._model.tc_lst:
            cell.get_or_add_tcPr().append(OxmlElement("w:shd", ground))

    def add(self, cells: Iterable[str]) -> None:
        """Add a row."""
        row = deepcopy(self._model)
        for text, words in zip(row.iter(TEXT), cells, strict=True):
            text.text = words
        self._table.append(row)


def _save(document: Whole, moment: datetime, file: IO[bytes]) -> None:
    """Save a document whose bytes say nothing of when or where they were written."""
    made = BytesIO()
    document.save(made)
    with ZipFile(made) as parts, ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name in parts.namelist():
            part = ZipInfo(name, moment.timetuple()[:6])
            part.compress_type, part.create_system = ZIP_DEFLATED, 0
            package.writestr(part, parts.read(name))
