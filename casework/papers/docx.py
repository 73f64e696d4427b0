"""A paper as a document a secretariat can edit, number and sign.

Its layout is the one Decree 30/2020/NĐ-CP (appendix I) gives administrative papers: A4, Times New
Roman, the national motto at the head, places for number, date, recipients and signature, page
numbers at the top from the second page on. It is written as Office Open XML (ISO/IEC 29500), part
by part, so that a long paper takes no more memory than a short one.
"""

from __future__ import annotations

from html import escape
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from casework.papers.layout import layout
from casework.papers.show import NUMBERS, fact, log_line, needed, table, total
from casework.text import visible
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casework.papers.model import Paper, Section

# Lengths are in twentieths of a point (567 are a centimetre), sizes of type in half points.
PAGE = '<w:pgSz w:w="11906" w:h="16838"/>'
MARGINS = (
    '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1701" w:header="567"'
    ' w:footer="567" w:gutter="0"/>'
)
TEXT_WIDTH = 9071
LETTERHEAD = (3471, 5600)
LARGE, BODY, SMALL, TABLE, FINE = 28, 27, 24, 22, 16
TWENTIETHS, HALVES = 20, 2
"""How many of them a point has."""

NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
PARTS = {"header": "header", "footer": "footer", "first": "footer", "styles": "styles"}
"""The parts a document refers to, and of what kind each is."""


def write(paper: Paper, file: IO[bytes]) -> None:
    """Write the paper."""
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name, parts in _package(paper):
            info = ZipInfo(name, paper.written.timetuple()[:6])
            info.compress_type = ZIP_DEFLATED
            info.create_system = 0
            with package.open(info, "w") as part:
                part.write(HEADER.encode())
                for text in parts:
                    part.write(text.encode())


def _package(paper: Paper) -> Iterator[tuple[str, Iterator[str]]]:
    yield "[Content_Types].xml", _types()
    yield "_rels/.rels", _roots()
    yield "docProps/core.xml", _properties(paper)
    yield "word/_rels/document.xml.rels", _relations()
    yield "word/styles.xml", _styles(paper.lang)
    number = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>2</w:t></w:r></w:fldSimple>'
    yield "word/header.xml", iter([f"<w:hdr {NAMES}>{_p(number, 'center')}</w:hdr>"])
    log = _p(_r(log_line(paper), size=FINE), "left")
    for name in ("footer", "first"):
        yield f"word/{name}.xml", iter([f"<w:ftr {NAMES}>{log}</w:ftr>"])
    yield "word/document.xml", _document(paper)


def _types() -> Iterator[str]:
    yield f'<Types xmlns="{PACKAGE}/content-types">'
    yield '<Default Extension="xml" ContentType="application/xml"/>'
    of_package = "application/vnd.openxmlformats-package"
    yield f'<Default Extension="rels" ContentType="{of_package}.relationships+xml"/>'
    yield (
        f'<Override PartName="/docProps/core.xml" ContentType="{of_package}.core-properties+xml"/>'
    )
    yield f'<Override PartName="/word/document.xml" ContentType="{TYPES}.document.main+xml"/>'
    for name, kind in PARTS.items():
        yield f'<Override PartName="/word/{name}.xml" ContentType="{TYPES}.{kind}+xml"/>'
    yield "</Types>"


def _roots() -> Iterator[str]:
    core = f"{PACKAGE}/relationships/metadata/core-properties"
    yield f'<Relationships xmlns="{PACKAGE}/relationships">'
    yield f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/>'
    yield f'<Relationship Id="r2" Type="{core}" Target="docProps/core.xml"/></Relationships>'


def _relations() -> Iterator[str]:
    yield f'<Relationships xmlns="{PACKAGE}/relationships">'
    for name, kind in PARTS.items():
        yield f'<Relationship Id="{name}" Type="{RELATIONS}/{kind}" Target="{name}.xml"/>'
    yield "</Relationships>"


def _properties(paper: Paper) -> Iterator[str]:
    made = f"{paper.written:%Y-%m-%dT%H:%M:%SZ}"
    yield (
        f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(paper.title)}</dc:title>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{made}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{made}</dcterms:modified>'
        f"<dc:language>{paper.lang}</dc:language></cp:coreProperties>"
    )


def _styles(lang: str) -> Iterator[str]:
    font = " ".join(f'w:{one}="Times New Roman"' for one in ("ascii", "hAnsi", "cs", "eastAsia"))
    named = {"en": "en-GB", "vi": "vi-VN"}[lang]
    yield (
        f"<w:styles {NAMES}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts {font}/>"
        f'<w:sz w:val="{BODY}"/><w:szCs w:val="{BODY}"/><w:lang w:val="{named}"/></w:rPr>'
        "</w:rPrDefault><w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        "</w:style>"
        '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>'
        '<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:pPr><w:keepNext/>'
        '<w:spacing w:before="240" w:after="120"/><w:outlineLvl w:val="0"/></w:pPr>'
        f'<w:rPr><w:b/><w:sz w:val="{LARGE}"/></w:rPr></w:style></w:styles>'
    )


def _document(paper: Paper) -> Iterator[str]:
    yield f"<w:document {NAMES}><w:body>"
    yield from _letterhead(paper.lang)
    yield from _title(paper)
    for text in (paper.lead, *paper.remarks):
        yield _body(text)
    for notice in paper.notices:
        yield _body(visible(notice), italic=True)
    for number, section in enumerate(paper.sections, start=1):
        yield from _section(number, section, paper)
    yield from _signature(paper.lang)
    yield (
        '<w:sectPr><w:headerReference w:type="default" r:id="header"/>'
        '<w:footerReference w:type="default" r:id="footer"/>'
        f'<w:footerReference w:type="first" r:id="first"/>{PAGE}{MARGINS}<w:titlePg/></w:sectPr>'
        "</w:body></w:document>"
    )


def _letterhead(lang: str) -> Iterator[str]:
    left = [
        _p(_r(word("parent_office", lang), size=SMALL), "center"),
        _p(_r(word("office", lang), size=SMALL, bold=True), "center"),
        _rule(1300, LETTERHEAD[0]),
        _p(_r(word("number_place", lang), size=26), "center", before=60),
    ]
    right = [
        _p(_r(word("motto_state", lang), size=SMALL, bold=True), "center"),
        _p(_r(word("motto", lang), size=26, bold=True), "center"),
        _rule(3100, LETTERHEAD[1]),
        _p(_r(word("date_place", lang), size=26, italic=True), "center", before=60),
    ]
    yield from _pair(left, right, LETTERHEAD)


def _title(paper: Paper) -> Iterator[str]:
    told = "; ".join(fact(one, paper.lang) for one in paper.facts)
    yield _p(_r(word("paper_kind", paper.lang), size=LARGE, bold=True), "center", before=360)
    yield _p(_r(paper.subject, size=LARGE, bold=True), "center")
    yield _p(_r(f"({told})", italic=True), "center")
    yield _rule(2200, TEXT_WIDTH)


def _section(number: int, section: Section, paper: Paper) -> Iterator[str]:
    yield _p(_r(f"{number}. {section.title}"), style="Heading1")
    if said := section.repeats or (not section.rows and section.empty):
        yield _body(said)
        return
    yield from _table(section, paper)
    if section.note:
        yield _p(_r(section.note, size=20, italic=True), before=60)


def _table(section: Section, paper: Paper) -> Iterator[str]:
    columns, rows = table(section, paper)
    laid = layout(columns, needed(section, paper), TEXT_WIDTH / TWENTIETHS)
    widths = [int(width * TWENTIETHS) for width in laid.widths]
    size = int(laid.size * HALVES)
    sides = ["right" if column.kind in NUMBERS else "left" for column in columns]
    yield _table_start(widths, borders="single")
    headings = [column.heading for column in columns]
    yield _row(headings, widths, ["center"] * len(columns), size, bold=True, head=True)
    for row in rows:
        yield _row(row, widths, sides, size)
    if section.total is not None:
        yield _row(total(section, paper), widths, sides, size, bold=True)
    yield "</w:tbl>"


def _row(
    cells: Sequence[str],
    widths: Sequence[int],
    sides: Sequence[str],
    size: int,
    *,
    bold: bool = False,
    head: bool = False,
) -> str:
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="E8EEF5"/>' if head else ""
    repeated = "<w:tblHeader/>" if head else ""
    written = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/>{shade}</w:tcPr>'
        f"{_p(_r(cell, size=size, bold=bold), side, size=size)}</w:tc>"
        for cell, wide, side in zip(cells, widths, sides, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{written}</w:tr>"


def _signature(lang: str) -> Iterator[str]:
    yield _p("")
    left = [
        _p(_r(word("sent_to", lang), size=SMALL, bold=True, italic=True)),
        _p(_r(word("recipient", lang), size=TABLE)),
        _p(_r(word("filed", lang), size=TABLE)),
    ]
    right = [
        _p(_r(word("signer", lang), bold=True), "center"),
        *[_p("")] * 4,
        _p(_r(word("signer_name", lang), bold=True), "center"),
    ]
    half = TEXT_WIDTH // 2
    yield from _pair(left, right, (half, half))
    yield _p("")


def _pair(left: Sequence[str], right: Sequence[str], widths: tuple[int, int]) -> Iterator[str]:
    yield _table_start(widths, borders="none")
    yield "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
    for side, wide in zip((left, right), widths, strict=True):
        yield f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/></w:tcPr>{"".join(side)}</w:tc>'
    yield "</w:tr></w:tbl>"


def _table_start(widths: Sequence[int], *, borders: str) -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    drawn = "".join(f'<w:{side} w:val="{borders}" w:sz="4" w:color="808080"/>' for side in sides)
    grid = "".join(f'<w:gridCol w:w="{wide}"/>' for wide in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblBorders>{drawn}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:top w:w="20" w:type="dxa"/><w:left w:w="40" w:type="dxa"/>'
        '<w:bottom w:w="20" w:type="dxa"/><w:right w:w="40" w:type="dxa"/>'
        f"</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>"
    )


def _body(text: str, *, italic: bool = False) -> str:
    spacing = (
        '<w:spacing w:before="120" w:after="60"/><w:ind w:firstLine="720"/><w:jc w:val="both"/>'
    )
    return f"<w:p><w:pPr>{spacing}</w:pPr>{_r(text, italic=italic)}</w:p>"


def _rule(length: int, room: int) -> str:
    """Return a centred line: a paragraph that is all lower border."""
    side = (room - length) // 2
    return (
        '<w:p><w:pPr><w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="000000"/>'
        f'</w:pBdr><w:spacing w:line="60" w:lineRule="exact"/>'
        f'<w:ind w:left="{side}" w:right="{side}"/></w:pPr></w:p>'
    )


def _p(runs: str, side: str = "left", *, before: int = 0, size: int = 0, style: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    space = f'<w:spacing w:before="{before}"/>' if before else ""
    # The size of the paragraph's own mark is what gives an empty cell its height.
    mark = f'<w:rPr><w:sz w:val="{size}"/></w:rPr>' if size else ""
    return f'<w:p><w:pPr>{named}{space}<w:jc w:val="{side}"/>{mark}</w:pPr>{runs}</w:p>'


def _r(text: str, *, size: int = 0, bold: bool = False, italic: bool = False) -> str:
    form = "<w:b/>" * bold + "<w:i/>" * italic
    if size:
        form += f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
    return f'<w:r><w:rPr>{form}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
