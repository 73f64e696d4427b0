"""The looks of paragraphs of a Word document, each a style that is created if it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Pt

if TYPE_CHECKING:
    from docx.document import Document

LEFT, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
CENTRE = WD_ALIGN_PARAGRAPH.CENTER
RULE = 6
"""The strength of the line under a heading, in eighths of a point."""


class Look(NamedTuple):
    """The look of a paragraph.

    One that `heads` others is kept with them and is in the outline; one that is `ruled` has no text
    and draws a line.
    """

    size: float = 14.0
    side: WD_ALIGN_PARAGRAPH = CENTRE
    bold: bool = False
    italic: bool = False
    before: float = 0.0
    after: float = 0.0
    heads: bool = False
    ruled: bool = False


GAP = ("Casework Gap", Look(2.0, LEFT))
HEADED = ("Casework Heading", Look(side=LEFT, bold=True, before=12.0, after=6.0, heads=True))
CHART = ("Casework Chart", Look(13.0, bold=True, before=6.0))
NOTES = ("Casework Note", Look(10.0, LEFT, italic=True, before=3.0, after=6.0))
ANNEX = ("Casework Annex", Look(bold=True))
ANNEX_TITLE = ("Casework Annex Title", Look(bold=True, heads=True))
BELONGS = ("Casework Annex Reference", Look(italic=True))
RULED = ("Casework Annex Rule", Look(2.0, after=12.0, ruled=True))
LOG = ("Casework Log", Look(9.0, LEFT, before=3.0))
CODES = ("Casework Codes", Look(14.0, LEFT, before=8.0))
"""The styles added to a document, by name."""


def style(document: Document, name: str, look: Look) -> str:
    """Return the name of a style, which is created if the document lacks it."""
    if name in document.styles:
        return name
    made = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    made.base_style = document.styles.default(WD_STYLE_TYPE.PARAGRAPH)
    made.font.size, made.font.bold = Pt(look.size), look.bold or None
    made.font.italic = look.italic or None
    if look.ruled:
        made.element.get_or_add_pPr().append(ruled("w:pBdr", "bottom", size=RULE))
    form = made.paragraph_format
    form.alignment, form.first_line_indent, form.line_spacing = look.side, Pt(0), 1.0
    form.space_before, form.space_after = Pt(look.before), Pt(look.after)
    if look.heads:
        form.keep_with_next = True
        outline = OxmlElement("w:outlineLvl")
        outline.set(qn("w:val"), "0")
        made.element.get_or_add_pPr().append(outline)
    return name


def ruled(name: str, *sides: str, size: int) -> Any:
    """Return the borders at some sides, with lines of a `size` in eighths of a point."""
    made = OxmlElement(name)
    for side in sides:
        rule = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "auto")):
            rule.set(qn(f"w:{key}"), value)
        made.append(rule)
    return made
