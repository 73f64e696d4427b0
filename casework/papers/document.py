"""Write a paper as paragraphs, tables, charts and annexes of a Word document."""

from __future__ import annotations

from copy import deepcopy
from io import BytesIO
from typing import TYPE_CHECKING, Any

from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.section import Section
from docx.shared import Mm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph

from casework.papers import codes, drawing
from casework.papers.form import ANNEX_RULE
from casework.papers.formatting import NUMBERS, noted, table, totals
from casework.papers.layout import PADDING
from casework.papers.looks import (
    ANNEX,
    ANNEX_TITLE,
    BELONGS,
    CENTRE,
    CHART,
    CODES,
    GAP,
    HEADED,
    LEFT,
    LOG,
    NOTES,
    RIGHT,
    RULED,
    Look,
    ruled,
    style,
)
from casework.papers.sheets import fonts, lay, section_of, size_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from docx.document import Document as Whole
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    from casework.papers.form import Part
    from casework.papers.model import Chart, Paper

TEXT = qn("w:t")
HEADING, OUR_LOOK = "Heading 1", "Paper Table"
IN_ORDER = [
    qn(f"w:tbl{name}") for name in ("Style", "W", "Ind", "Borders", "Layout", "CellMar", "Look")
]
"""The required order of table properties (ISO/IEC 29500, 17.4.60)."""

SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
THIN = 4
"""The strength of the lines of tables, in eighths of a point."""

A4 = (Mm(210), Mm(297))
LAST = 2
"""How many rows of a table stay on the page of what is under it."""

NARROW = frozenset({"Times New Roman", "Liberation Serif"})
WIDER = 1.25
"""The fonts with known widths, and how much wider other fonts are assumed to be."""


class Writer:
    """Writes a paper into a document: first the text in its place, then the annexes.

    `place` is the paragraph of the contents: annexes have pages like its own. `width` is their text
    width, in points. `upright` and `turned` are the widths of tables on them and on landscape ones.
    """

    def __init__(self, document: Whole, paper: Paper, place: Any) -> None:
        self._document, self._paper = document, paper
        last = document.element.body.get_or_add_sectPr()
        page = Section(section_of(place, last), document.part)
        wide, high = page.page_width or A4[0], page.page_height or A4[1]
        page.page_width, page.page_height = wide, high
        self._lies, self._sheet = wide > high, deepcopy(page._sectPr)
        sides = (page.left_margin or 0) + (page.right_margin or 0)
        # Widths are reckoned for Times New Roman, and columns made wider for other fonts.
        self._wider = 1.0 if fonts(document) <= NARROW else WIDER
        self.width, longer = ((one - sides) / Pt(1) for one in (wide, max(wide, high)))
        self.upright, self.turned = self.width / self._wider, longer / self._wider
        self._page = last
        self._place: Any = None
        self._model: Any = None
        self._letters: Any = None
        self._look: Any = None

    # --- the text -----------------------------------------------------------------------------

    def take_look(self, mark: Any) -> None:
        """Take the look of tables from the table with a marker, and remove that table."""
        own = next(mark.iterancestors(qn("w:tbl")), None)
        if own is None:
            mark.getparent().remove(mark)
            return
        self._look = deepcopy(own.tblPr)
        own.getparent().remove(own)

    def begin(self, place: Any) -> None:
        """Begin to write at a paragraph, whose look the text takes."""
        self._place = place
        self._model = deepcopy(place)
        for one in self._model.xpath("*[not(self::w:pPr)] | w:pPr/w:sectPr"):
            one.getparent().remove(one)
        run = next(place.iter(qn("w:r")), None)
        self._letters = None if run is None else deepcopy(run.rPr)

    def end(self) -> None:
        """End the text, and remove the paragraph at which it was written, not its section."""
        for section in self._place.xpath("w:pPr/w:sectPr"):
            self._place.getprevious().get_or_add_pPr().append(section)
        self._place.getparent().remove(self._place)
        self._place = None

    def _add(self, made: Any) -> Any:
        if self._place is None:
            self._page.addprevious(made)
        else:
            self._place.addprevious(made)
        return made

    def say(self, text: str, *, italic: bool = False, together: bool = False) -> Any:
        """Write a paragraph and return it; with `together` it stays on the page of what follows."""
        paragraph = Paragraph(self._add(deepcopy(self._model)), self._document._body)
        run = paragraph.add_run(text)
        if self._letters is not None:
            run._r.insert(0, deepcopy(self._letters))
        if italic:
            run.italic = True
        if together:
            paragraph.paragraph_format.keep_with_next = True
        return paragraph._p

    def part(self, part: Part, *, together: bool) -> None:
        """Write a section: heading, charts, and its table or the text instead."""
        self._head(part.title)
        if part.charts:
            for chart in part.section.charts:
                self._chart(chart)
        if part.said:
            said = self.say(part.said, together=together)
            if together:
                self._bind(said)
        if part.laid is not None:
            self.table(part, together=together)

    def _row(self) -> Table:
        """Return a table of one row, without lines, that stays on the page of its heading.

        LibreOffice may part paragraphs that stay together, and leaves a heading on the page before
        them.
        """
        made = self._free(self._document.add_table(1, 1))
        for old in made._tbl.tblPr.findall(qn("w:tblStyle")):
            made._tbl.tblPr.remove(old)
        made._tbl.tblPr.insert_element_before(_margins(0), "w:tblLook")
        made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        made.columns[0].width = Pt(self.width)
        return made

    def _bind(self, paragraph: Any) -> None:
        """Put a paragraph into such a row."""
        made = self._row()
        paragraph.addprevious(made._tbl)
        (empty,) = made.cell(0, 0).paragraphs
        empty._p.getparent().replace(empty._p, paragraph)

    def _chart(self, chart: Chart) -> None:
        """Draw a chart under its title, in one row."""
        made = self._row()
        cell = made.cell(0, 0)
        title, drawn = cell.paragraphs[0], cell.add_paragraph()
        title.style = style(self._document, *CHART)
        title.add_run(chart.title)
        for one in (title, drawn):
            one.alignment, one.paragraph_format.keep_with_next = CENTRE, True
        drawing.draw(chart, drawn, self._document, self.width, self._paper.lang)
        self._add(made._tbl)
        self._styled("", *GAP, together=True)

    def _head(self, text: str) -> None:
        if HEADING in self._document.styles:
            paragraph = self._plain(together=True)
            paragraph.style = HEADING
            paragraph.add_run(text)
            return
        self._styled(text, *HEADED)

    # --- tables -------------------------------------------------------------------------------

    def table(self, part: Part, *, together: bool = False, over: bool = False) -> None:
        """Write the table of a section and its note; no row is split between pages.

        The last two rows stay on the page of the note; those of a table that is `over` other lines
        stay with the first of them.
        """
        section, laid = part.section, part.laid
        if laid is None:
            return
        columns, rows = table(section, self._paper)
        made = Table(self._add(self._empty(len(columns))), self._document._body)
        for column, width in zip(made.columns, laid.widths, strict=True):
            column.width = Pt(width * self._wider)
        style = self._cell_style(laid.size)
        head = _Rows(made, style, [CENTRE] * len(columns), bold=True, together=True)
        head.repeat_on_each_page()
        head.add([column.heading for column in columns])
        sides = [RIGHT if column.kind in NUMBERS else LEFT for column in columns]
        body = _Rows(made, style, sides, together=together)
        total = section.total is not None
        free = len(section.rows) + total - LAST
        for number, row in enumerate(rows):
            body.add(row, together=number >= free)
        if total:
            last = _Rows(made, style, sides, bold=True, together=True)
            last.add(totals(section, self._paper))
        if section.note:
            self._styled(noted(section), *NOTES, together=together or over)
        else:
            # Two tables without a paragraph between them are one to Word.
            self._styled("", *GAP, together=together or over)

    def _empty(self, columns: int) -> Any:
        """Return a table without rows that looks like the template's tables."""
        made = self._free(self._document.add_table(0, columns))
        element = made._tbl
        element.tblPr.append(_margins())
        if self._look is not None:
            self._wear(element, self._look)
        elif OUR_LOOK in self._document.styles:
            made.style = OUR_LOOK
        else:
            element.tblPr.append(ruled("w:tblBorders", *SIDES, size=THIN))
        element.tblPr[:] = sorted(element.tblPr, key=lambda one: IN_ORDER.index(one.tag))
        return element

    @staticmethod
    def _free(made: Table) -> Table:
        """Take a new table out of its document, to be put in its place."""
        made.autofit = False
        made._tbl.getparent().remove(made._tbl)
        return made

    @staticmethod
    def _wear(element: Any, look: Any) -> None:
        for name in ("w:tblStyle", "w:tblBorders", "w:tblLook"):
            for old in element.tblPr.findall(qn(name)):
                element.tblPr.remove(old)
        kept = {qn(name) for name in ("w:tblBorders", "w:tblLook")}
        style = look.find(qn("w:tblStyle"))
        if style is not None:
            element.tblPr.insert(0, deepcopy(style))
        for one in look:
            if one.tag in kept:
                element.tblPr.append(deepcopy(one))

    def _cell_style(self, size: float) -> str:
        return style(self._document, f"Casework Cell {size:g}", Look(size=size, side=LEFT))

    # --- annexes ------------------------------------------------------------------------------

    def annex(self, name: str, title: str, belongs: str, *, turned: bool) -> None:
        """Begin an annex on a new page with separate page numbers."""
        self._break(turned=turned)
        self._styled(name, *ANNEX)
        self._styled(title.upper(), *ANNEX_TITLE)
        self._styled(belongs, *BELONGS)
        beside = (self._room() - ANNEX_RULE) / 2
        form = self._styled("", *RULED).paragraph_format
        form.left_indent = form.right_indent = Pt(max(beside, 0))

    def _room(self) -> float:
        """Return the text width of the pages of an annex, in points."""
        page = Section(self._page, self._document.part)
        beside = (page.left_margin or 0) + (page.right_margin or 0)
        return ((page.page_width or A4[0]) - beside) / Pt(1)

    def seal(self, lines: Sequence[str]) -> None:
        """Write the line that ties the paper to the log."""
        for line in lines[:-1]:
            self._styled(line, *LOG, together=True)
        self._styled(lines[-1], *LOG)

    def codes(self) -> None:
        """Draw the codes that prove the paper, with the text on what they cover."""
        paragraph = self._plain(together=True)
        paragraph.style = style(self._document, *CODES)
        for code, wide, told in codes.drawn(self._paper):
            # Two blanks between them are the rest of the quiet zone.
            run = paragraph.add_run("  " if paragraph.runs else "")
            picture = run.add_picture(BytesIO(codes.dots(code)), width=Mm(wide))
            picture._inline.docPr.set("descr", told)
        self._styled(codes.said(self._paper), *LOG)

    def _break(self, *, turned: bool) -> None:
        """Begin new pages, portrait or landscape."""
        last = self._page.getprevious()
        if (
            last is None
            or last.tag != qn("w:p")
            or last.xpath(".//w:t | .//w:drawing | .//w:sectPr")
        ):
            self._styled("", *GAP)
            last = self._page.getprevious()
        last.get_or_add_pPr().append(deepcopy(self._page))
        size_as(self._page, self._sheet)
        lay(self._page, self._document, turned=turned or self._lies)

    # --- pieces -------------------------------------------------------------------------------

    def _plain(self, *, together: bool = False) -> Paragraph:
        made = Paragraph(self._add(OxmlElement("w:p")), self._document._body)
        if together:
            made.paragraph_format.keep_with_next = True
        return made

    def _styled(self, text: str, name: str, look: Look, *, together: bool = False) -> Paragraph:
        paragraph = self._plain(together=together)
        paragraph.style = style(self._document, name, look)
        if text:
            paragraph.add_run(text)
        return paragraph


def _margins(wide: int = int(PADDING / 2 * 20) - 10) -> Any:
    """Return the margins of cells, in twentieths of a point."""
    made = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(wide))
        margin.set(qn("w:type"), "dxa")
        made.append(margin)
    return made


class _Rows:
    """Rows of a table that look alike: copies of one row, which are faster than new ones."""

    def __init__(
        self,
        made: Table,
        style: str,
        sides: Sequence[WD_ALIGN_PARAGRAPH],
        *,
        bold: bool = False,
        together: bool = False,
    ) -> None:
        row = made.add_row()  # type: ignore[no-untyped-call]
        for cell, side in zip(row.cells, sides, strict=True):
            (paragraph,) = cell.paragraphs
            paragraph.style, paragraph.alignment = style, side
            if together:
                paragraph.paragraph_format.keep_with_next = True
            paragraph.add_run("-").bold = bold or None
        self._table = made._tbl
        self._model = row._tr
        self._table.remove(self._model)
        self._parts = self._model.get_or_add_trPr()
        self._parts.append(OxmlElement("w:cantSplit"))
        for text in self._model.iter(TEXT):
            text.set(qn("xml:space"), "preserve")

    def repeat_on_each_page(self) -> None:
        """Mark them as headings."""
        self._parts.append(OxmlElement("w:tblHeader"))

    def add(self, cells: Iterable[str], *, together: bool = False) -> None:
        """Add a row; with `together` it stays on the page of what follows."""
        row = deepcopy(self._model)
        if together:
            for paragraph in row.iter(qn("w:p")):
                paragraph.get_or_add_pPr().get_or_add_keepNext()
        for text, words in zip(row.iter(TEXT), cells, strict=True):
            text.text = words
        self._table.append(row)
