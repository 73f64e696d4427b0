"""Open an office's own document as a template, if it is harmless."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile, ZipInfo

from docx import Document
from docx.opc.part import PartFactory, XmlPart
from docx.oxml.ns import qn

from casework.errors import CaseworkError, UsageError
from casework.papers.elsewhere import KEPT, root_of
from casework.papers.places import OFFICE, TEXT_PARTS
from casework.system.files import open_regular
from casework.system.text import shortened, visible

if TYPE_CHECKING:
    from pathlib import Path

    from docx.document import Document as Whole
ENDING = ".docx"
MEBIBYTE = 1024 * 1024
LARGEST, UNPACKED, PARTS = 20 * MEBIBYTE, 100 * MEBIBYTE, 2_000
"""The greatest size of a template, packed and unpacked, and the most parts."""

BEGINNING = 1_000
"""The first bytes of a part, in which a document type would be declared."""

NOTES = {f"{OFFICE}wordprocessingml.{name}+xml" for name in ("footnotes", "endnotes")}

# Without this the library keeps these parts as they are, and places in them cannot be filled.
PartFactory.part_type_for |= dict.fromkeys(NOTES | TEXT_PARTS | KEPT, XmlPart)

LIVE = re.compile(r"vbaProject|activeX|/embeddings/|oleObject|customUI|afchunk", re.IGNORECASE)
"""The parts of a document that are programs or embedded documents."""

FETCHES = re.compile(
    r"^\s*(DDE|DDEAUTO|INCLUDE|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|DATABASE|MACROBUTTON)\b",
    re.IGNORECASE,
)
"""Fields that fetch something, or run it, when a document is opened."""

TRACKED = frozenset(
    qn(f"w:{name}")
    for name in (
        *("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge"),
        *("rPrChange", "pPrChange", "sectPrChange", "numberingChange", "tblPrChange"),
        *("tblPrExChange", "tblGridChange", "trPrChange", "tcPrChange"),
    )
)
"""What marks a change that was neither accepted nor rejected (ISO/IEC 29500-1, 17.13.5)."""

COMMENTS = frozenset(qn(f"w:{name}") for name in ("commentReference", "comment"))
TEXTS = (qn("w:t"), qn("w:delText"))


def opened(path: Path) -> Whole:
    """Open a template.

    Raises the errors of `open_regular`, and UsageError if it is not a Word document, is too large
    for a letterhead, has macros, embedded programs or links to other files, or has tracked changes
    or comments, which would be in the paper that is sent.
    """
    if path.suffix.casefold() != ENDING:
        raise UsageError("template.ending", name=path.name)
    try:
        document = _read(path)
        _refuse_reaching_out(document, path.name)
        _refuse_unfinished(document, path.name)
    except CaseworkError:
        raise
    except Exception:  # noqa: BLE001 - a broken document fails in any of many ways
        raise UsageError("template.not-word", name=path.name) from None
    return document


def _read(path: Path) -> Whole:
    with open_regular(path) as held:
        if os.fstat(held.fileno()).st_size > LARGEST:
            raise UsageError("template.large", name=path.name, most=LARGEST // MEBIBYTE)
        with ZipFile(held) as parts:
            _refuse_harmful(parts.infolist(), path.name)
            for one in parts.namelist():
                if one.endswith((".xml", ".rels")):
                    _refuse_declared(parts, one, path.name)
        held.seek(0)
        document: Whole = Document(held)
    root = document.element
    if root.tag != qn("w:document") or root.find(qn("w:body")) is None:
        raise UsageError("template.not-word", name=path.name)
    return document


def _refuse_harmful(parts: list[ZipInfo], name: str) -> None:
    if len(parts) > PARTS or sum(one.file_size for one in parts) > UNPACKED:
        raise UsageError("template.bomb", name=name, most=UNPACKED // MEBIBYTE)
    for one in parts:
        if LIVE.search(one.filename):
            raise UsageError("template.live", name=name, part=one.filename)


def _refuse_declared(parts: ZipFile, part: str, name: str) -> None:
    """Refuse a part with a document type declaration, which could define entities."""
    with parts.open(part) as held:
        if b"<!DOCTYPE" in held.read(BEGINNING):
            raise UsageError("template.not-word", name=name)


def _refuse_reaching_out(document: Whole, name: str) -> None:
    package = document.part.package
    for one in package.iter_rels():
        if one.is_external:
            raise UsageError("template.external", name=name, target=one.target_ref)
    for part in package.iter_parts():
        if "macroEnabled" in part.content_type or LIVE.search(part.content_type):
            raise UsageError("template.live", name=name, part=str(part.partname))
        _refuse_fetching(part.blob, name)


def _refuse_fetching(blob: bytes, name: str) -> None:
    text = blob.decode("utf-8", "replace") if blob[:1] == b"<" else ""
    fields = [*re.findall(r'w:instr="([^"]*)"', text)]
    fields += [
        "".join(re.findall(r"<w:instrText[^>]*>([^<]*)</w:instrText>", stretch))
        for stretch in re.split(r'w:fldCharType="begin"', text)[1:]
    ]
    for field in fields:
        if found := FETCHES.match(field):
            raise UsageError("template.fetches", name=name, field=found[1].upper())


def _refuse_unfinished(document: Whole, name: str) -> None:
    for part in document.part.package.iter_parts():
        root = root_of(part)
        for one in () if root is None else root.iter():
            if one.tag in TRACKED:
                raise UsageError("template.tracked", name=name, part=part.partname, text=_at(one))
            if one.tag in COMMENTS:
                raise UsageError("template.comment", name=name, part=part.partname, text=_at(one))


def _at(mark: Any) -> str:
    """Return the beginning of the text that a mark is about, or of the paragraph it is in."""
    paragraph = next(mark.iterancestors(qn("w:p")), mark)
    for place in (mark, paragraph):
        text = "".join(one.text or "" for one in place.iter(*TEXTS)).strip()
        if text:
            break
    return visible(shortened(text))
