"""The places to fill in a document: names in double braces, such as {{number}}.

A place is only a name: there are no expressions. Word may have split it over several runs of text;
the filled-in text has the look of the first one.
"""

from __future__ import annotations

import re
from copy import deepcopy
from difflib import get_close_matches
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

from casework.errors import UsageError
from casework.system.text import SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from docx.document import Document

TEXTS = {qn("w:p"): qn("w:t"), qn("a:p"): qn("a:t")}
"""The paragraphs of text and of drawings, each with its pieces of text."""

SECTION = f"{qn('w:pPr')}/{qn('w:sectPr')}"
SPACE, PRESERVE = qn("xml:space"), "preserve"

CONTENTS, TABLE = "contents", "table"
"""The place of the contents, and the marker in a table whose look is used."""

NEEDED = ("number", "date", "subject", CONTENTS)
"""The required places."""

PARTS = frozenset({"header", "footer", "footnotes", "endnotes"})
"""The parts of a document that have places, besides its text."""

OFFICE, MICROSOFT = "application/vnd.openxmlformats-officedocument.", "application/vnd.ms-office."
TEXT_PARTS = frozenset(
    {
        f"{OFFICE}wordprocessingml.document.glossary+xml",
        *(f"{OFFICE}drawingml.{name}+xml" for name in ("chart", "chartshapes", "diagramData")),
        *(f"{MICROSOFT}{name}+xml" for name in ("chartex", "drawingml.diagramDrawing")),
    }
)
"""The types of other parts with places: charts, diagrams, and the pieces a control shows."""

PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_LIKE_ONE = re.compile(r"\{\{[^{}]*\}*|\{*[^{}]*\}\}|\{%.*?%\}")


class Found(NamedTuple):
    """A paragraph with places: its pieces of text, and the places in the joined text."""

    paragraph: Any
    pieces: list[Any]
    places: list[re.Match[str]]


def found(document: Document, known: Sequence[str]) -> list[Found]:
    """Return the paragraphs of a document with places, in any part.

    Raises UsageError for an unknown place, which it names, and for a missing required one.
    """
    there = [_read(one) for part in _parts(document) for one in part.iter(*TEXTS)]
    unknown = [words for one in there for words in _wrong(one, known)]
    refuse_unknown(unknown, known)
    named = [place[1] for one in there for place in one.places]
    lacking = [name for name in NEEDED if name not in named]
    if lacking:
        raise UsageError("template.lacks", "template.places", places=lacking, known=[*known])
    if named.count(CONTENTS) > 1:
        raise UsageError("template.twice", place=CONTENTS)
    return [one for one in there if one.places]


def refuse_unknown(unknown: Sequence[str], known: Sequence[str]) -> None:
    """Raise UsageError for unknown places, if there are any."""
    if unknown:
        near = get_close_matches(unknown[0], known, 1)
        hint = "template.nearest" if near else "template.places"
        places = [*dict.fromkeys(unknown)]
        raise UsageError("template.unknown", hint, places=places, near=near, known=[*known])


def _parts(document: Document) -> Iterator[Any]:
    """Yield the document itself, its headers, footers and notes, and what is drawn in it."""
    yield document.element.body
    for part in document.part.package.iter_parts():
        if isinstance(part, XmlPart) and part.content_type in TEXT_PARTS:
            yield part.element
    for one in document.part.rels.values():
        if not one.is_external and one.reltype.rpartition("/")[2] in PARTS:
            yield one.target_part.element


def _read(paragraph: Any) -> Found:
    # A text box stands in a paragraph and has paragraphs of its own.
    kind = paragraph.tag
    pieces = [
        one for one in paragraph.iter(TEXTS[kind]) if next(one.iterancestors(kind)) is paragraph
    ]
    text = "".join(one.text or "" for one in pieces)
    return Found(paragraph, pieces, [*PLACE.finditer(text)])


def _text(one: Found) -> str:
    return "".join(piece.text or "" for piece in one.pieces)


def _wrong(one: Found, known: Sequence[str]) -> Iterator[str]:
    """Yield what looks like a place but is not one."""
    yield from (place[1] or place[0] for place in one.places if place[1] not in known)
    rest = PLACE.sub("", _text(one))
    yield from (words[0].strip()[:SHOWN] for words in _LIKE_ONE.finditer(rest))


def is_alone(one: Found, name: str) -> bool:
    """Return whether a place is alone in its paragraph."""
    return [place[1] for place in one.places] == [name] and _text(one).strip() == one.places[0][0]


def fill(one: Found, said: Mapping[str, Sequence[str]]) -> None:
    """Put lines in the places of a paragraph.

    A place that is alone becomes one paragraph for each line, and is removed without lines.
    """
    _unbind(one)
    names = [place[1] for place in one.places]
    alone = is_alone(one, names[0])
    lines = said[names[0]] if alone else ()
    if alone and not lines and _may_go(one.paragraph):
        one.paragraph.getparent().remove(one.paragraph)
        return
    if len(lines) > 1:
        for line in lines[:-1]:
            copy = deepcopy(one.paragraph)
            for section in copy.findall(SECTION):
                section.getparent().remove(section)
            one.paragraph.addprevious(copy)
            fill(_read(copy), {names[0]: (line,)})
        said = {names[0]: lines[-1:]}
    for place in reversed(one.places):
        _put(one.pieces, *place.span(), said[place[1]])


def _unbind(one: Found) -> None:
    """Part the content controls around places from data, by which Word would replace the text."""
    for control in {one for piece in one.pieces for one in piece.iterancestors(qn("w:sdt"))}:
        for about in control.findall(qn("w:sdtPr")):
            for bond in (*about.findall("{*}dataBinding"), *about.findall(qn("w:showingPlcHdr"))):
                about.remove(bond)


def _may_go(paragraph: Any) -> bool:
    """Return whether a paragraph can be removed; a cell needs one, and one may end a section."""
    others = len(paragraph.getparent().findall(paragraph.tag)) > 1
    return others and paragraph.find(SECTION) is None


def _put(pieces: Sequence[Any], start: int, end: int, lines: Sequence[str]) -> None:
    """Replace a stretch of text, in one or several pieces, by lines."""
    ends = [*accumulate(len(piece.text or "") for piece in pieces)]
    for piece, last in reversed([*zip(pieces, ends, strict=True)]):
        text = piece.text or ""
        first = last - len(text)
        if last <= start or first >= end:
            continue
        before, after = text[: max(start - first, 0)], text[end - first :] if end < last else ""
        if first <= start:
            say(piece, lines or ("",), before, after)
        else:
            _set(piece, after)


def say(piece: Any, lines: Sequence[str], before: str = "", after: str = "") -> None:
    """Write lines into a piece of text, followed by the rest of its run.

    In a drawing they become one line, because its pieces of text have none.
    """
    first, *rest = lines
    if piece.tag != TEXTS[qn("w:p")]:
        first, rest = " ".join(lines), []
    _set(piece, before + first)
    for line in rest:
        broken, more = OxmlElement("w:br"), OxmlElement("w:t")
        _set(more, line)
        piece.addnext(broken)
        broken.addnext(more)
        piece = more
    piece.text += after


def _set(piece: Any, text: str) -> None:
    """Set a piece of text; blanks at its ends are kept, as in drawings anyway."""
    piece.text = text
    if piece.tag == TEXTS[qn("w:p")]:
        piece.set(SPACE, PRESERVE)
