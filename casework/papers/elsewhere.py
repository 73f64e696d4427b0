"""The places of a template outside its paragraphs: in descriptions, properties and data.

What is plain text there is filled in, as one line. A place anywhere else, such as in a field, is
refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from docx.opc.constants import CONTENT_TYPE
from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

from casework.errors import UsageError
from casework.papers.places import CONTENTS, PLACE, TABLE, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from docx.document import Document
    from docx.opc.part import Part

    from casework.papers.places import Found

KEPT = frozenset(
    {CONTENT_TYPE.OFC_EXTENDED_PROPERTIES, CONTENT_TYPE.OFC_CUSTOM_PROPERTIES, CONTENT_TYPE.XML}
)
"""The types of parts that keep texts: properties of the document, and data of its controls."""

PROPERTIES = KEPT | {CONTENT_TYPE.OPC_CORE_PROPERTIES}

DESCRIBES = frozenset({"descr", "title", "alt", "string", qn("w:tooltip")})
"""The attributes with text for people: descriptions, and words drawn as pictures."""

NAMES = frozenset(qn(f"w:{name}") for name in ("tblCaption", "tblDescription", "alias"))
"""The elements whose value is text for people: descriptions of tables, names of controls."""

FIELDS = frozenset({qn("w:instrText"), qn("w:fldSimple")})


BRACES = "(//text() | //@*)[contains(., '{') or contains(., '}')]"
"""The texts and attributes of a part that may belong to a place."""


class Described(NamedTuple):
    """A text with places: that of an element, or of one of its attributes."""

    element: Any
    attribute: str | None
    text: str

    def is_plain(self, part: Part) -> bool:
        """Return whether it can be replaced as text."""
        if self.attribute is None:
            return part.content_type in PROPERTIES and self.element.text == self.text
        named = self.attribute == qn("w:val") and self.element.tag in NAMES
        return named or self.attribute in DESCRIBES


def described(document: Document, there: Iterable[Found], known: Sequence[str]) -> list[Described]:
    """Return the texts with places outside the paragraphs of a document.

    `there` are the paragraphs with places. Raises UsageError for an unknown place, and for one that
    cannot be filled in, naming it and its part.
    """
    pieces = {piece for one in there for piece in one.pieces}
    found = []
    for part in document.part.package.iter_parts():
        rest = []
        for one in _texts(root_of(part), pieces):
            names = PLACE.findall(one.text)
            if not one.is_plain(part) or {CONTENTS, TABLE} & {*names}:
                _refuse(part, [one])
                rest += [one] if one.attribute is None else []
            elif names:
                refuse_unknown([name for name in names if name not in known], known)
                found.append(one)
        # A place may be split over several elements.
        _refuse(part, rest)
    return found


def root_of(part: Part) -> Any | None:
    """Return the XML of a part, of which the library has not parsed all; None if it has none."""
    if isinstance(part, XmlPart):
        return part.element
    return parse_xml(part.blob) if part.content_type.endswith("xml") else None


def _texts(root: Any | None, pieces: set[Any]) -> Iterator[Described]:
    """Yield the texts with braces, except those of paragraphs."""
    for text in () if root is None else root.xpath(BRACES):
        if text.getparent() not in pieces:
            yield Described(text.getparent(), text.attrname, str(text))


def _refuse(part: Part, said: Sequence[Described]) -> None:
    found = PLACE.search("".join(one.text for one in said))
    if found is not None:
        field = any(one.element.tag in FIELDS for one in said)
        name = "template.in-field" if field else "template.elsewhere"
        raise UsageError(name, "template.elsewhere.hint", place=found[1], part=part.partname)


def fill(one: Described, said: Mapping[str, Sequence[str]]) -> None:
    """Put lines in the places of a text, as one line."""
    text = PLACE.sub(lambda place: " ".join(said[place[1]]), one.text)
    if one.attribute is None:
        one.element.text = text
    else:
        one.element.set(one.attribute, text)
