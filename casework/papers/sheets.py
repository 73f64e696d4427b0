"""The pages of a Word document: which a paragraph is on, and how those of an annex lie."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

if TYPE_CHECKING:
    from docx.document import Document


def section_of(paragraph: Any, last: Any) -> Any:
    """Return the properties of the section of a paragraph of the body; `last` are the last ones."""
    after = paragraph.xpath("(self::w:p | following-sibling::w:p)/w:pPr/w:sectPr")
    return after[0] if after else last


def size_as(page: Any, other: Any) -> None:
    """Give a section the size and the margins of another one."""
    page.replace(page.get_or_add_pgSz(), deepcopy(other.get_or_add_pgSz()))
    page.replace(page.get_or_add_pgMar(), deepcopy(other.get_or_add_pgMar()))


def lay(page: Any, document: Document, *, turned: bool) -> None:
    """Set the orientation of pages, and numbers from one, none on the first page.

    A letterhead that stands on the first page of a paper stands on none of an annex.
    """
    size = page.find(qn("w:pgSz"))
    sides = sorted(int(size.get(qn(name))) for name in ("w:w", "w:h"))
    wide, high = sides[::-1] if turned else sides
    size.set(qn("w:w"), str(wide))
    size.set(qn("w:h"), str(high))
    if turned:
        size.set(qn("w:orient"), "landscape")
    else:
        size.attrib.pop(qn("w:orient"), None)
    for name in ("w:pgNumType", "w:type"):
        for old in page.findall(qn(name)):
            page.remove(old)
    if document.element.body.xpath(".//w:headerReference[@w:type='first']"):
        for old in page.findall(qn("w:titlePg")):
            page.remove(old)
    numbers = OxmlElement("w:pgNumType")
    numbers.set(qn("w:start"), "1")
    before = page.xpath("w:pgSz | w:pgMar | w:paperSrc | w:pgBorders | w:lnNumType")
    before[-1].addnext(numbers)


def fonts(document: Document) -> frozenset[str]:
    """Return the fonts of a document's text; a theme font has no known name."""
    normal = document.styles.default(WD_STYLE_TYPE.PARAGRAPH)
    found = normal.font.name if normal is not None else None
    told = document.styles.element.xpath("w:docDefaults//w:rFonts/@w:ascii")
    return frozenset([found] if found else told or [""])
