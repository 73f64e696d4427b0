"""The points of Decree 30/2020/NĐ-CP, appendix I, asked of a paper in PDF and in Word.

Each format is read back by another program than the one that wrote it. What is found wrong is named
by the element of the decree that it is against.
"""

import re
from bisect import bisect
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import docx
import pypdf
from docx.oxml.ns import qn
from pdfminer.high_level import extract_pages
from pdfminer.layout import LTChar, LTContainer, LTCurve, LTFigure, LTImage
from PIL import ImageFont

from casework.papers.pdf import FONTS as FILES

MM = 72 / 25.4
LEFT, RIGHT, TOP, BOTTOM = 30 * MM, 20 * MM, 20 * MM, 20 * MM
FONTS = re.compile(r"(Times ?New ?Roman|Liberation ?Serif)", re.IGNORECASE)
SLACK = 1.0
HEAD_OF_NUMBERS = {"STT", "No."}
HEAD_OF_NAMES = {"Item", "Chỉ tiêu"}
ANNEX = re.compile(r"^(Phụ lục|Annex)( [IVX]+)?$")
SEAL = 30 * MM
"""How much room a signature needs at least."""
HIGH = 0.66
"""How high a capital is, as a part of its size."""
PART, WHOLE = (0.3, 0.52), (0.9, 1.05)
"""How long a rule is beside what stands over it: between a third and a half, or as long."""


@dataclass(frozen=True)
class Wanted:
    """What the office said of itself, and the words that a paper must have."""

    superior: str
    office: str
    number: str
    place: str
    to: str
    signs: tuple[str, ...]
    signatory: str
    filed: str
    root: str
    sent_to: str
    codes: str = r"NFAC-\d|\b[A-Z]+-\d+\.\d+"


# --- PDF --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A line of a page: its text, where it stands, and how its letters look."""

    text: str
    x0: float
    x1: float
    y0: float
    sizes: frozenset
    fonts: frozenset
    colours: frozenset

    @property
    def bold(self):
        return all("Bold" in one for one in self.fonts)

    @property
    def italic(self):
        return all("Italic" in one for one in self.fonts)

    def sized(self, low, high):
        return all(low - 0.1 <= one <= high + 0.1 for one in self.sizes)


def letters(node):
    if isinstance(node, LTChar):
        yield node
    elif isinstance(node, LTContainer):
        for one in node:
            yield from letters(one)


def lines_of(page):
    """Return the lines of a page from the top; what stands far apart in one is two of them."""
    rows = {}
    for one in letters(page):
        if one.get_text().strip():
            # The line a letter stands on, whatever its size.
            rows.setdefault(round(one.matrix[5]), []).append(one)
    found = []
    for y0, row in sorted(rows.items(), reverse=True):
        row.sort(key=lambda one: one.x0)
        part = [row[0]]
        for left, right in pairwise(row):
            if right.x0 - left.x1 > 1.5 * right.size:
                found.append(_line(part, y0))
                part = []
            part.append(right)
        found.append(_line(part, y0))
    return found


def _line(part, y0):
    text = part[0].get_text()
    for left, right in pairwise(part):
        text += " " * (right.x0 - left.x1 > 0.12 * right.size) + right.get_text()
    return Line(
        " ".join(text.split()),
        part[0].x0,
        part[-1].x1,
        y0,
        frozenset(round(one.size, 1) for one in part),
        frozenset(one.fontname for one in part),
        frozenset(str(one.graphicstate.ncolor) for one in part),
    )


BLACK = {"0", "(0,)", "[0]", "0.0", "(0.0,)", "[0.0]", "(0, 0, 0)", "(0.0, 0.0, 0.0)"}


def of_pdf(path, wanted):
    """Return the points that a PDF goes against, by name."""
    found = [*extract_pages(path, laparams=None)]
    pages = [lines_of(page) for page in found]
    wrong = [*_pages(found, pages), *_head(pages[0], wanted), *_text(found, pages, wanted)]
    wrong += [*_annexes(found, pages, wanted), *_over(found), *_rules(found[0], pages[0], wanted)]
    wrong += _tables(found)
    return sorted({*wrong, *_kept(path)})


def _pages(found, pages):
    number = 0
    for page, lines in zip(found, pages, strict=True):
        if {round(page.width / MM), round(page.height / MM)} != {210, 297}:
            yield "paper: not A4"
        if any(ANNEX.match(one.text) for one in lines[:2]):
            number = 0
        number += 1
        top = [one for one in lines if one.y0 > page.height - TOP]
        if number == 1 and top:
            yield "page number: on the first page"
        if number > 1 and [one.text for one in top] != [str(number)]:
            yield "page number: missing"
        yield from _begins(page, [one for one in lines if one not in top])
        middle = (LEFT + page.width - RIGHT) / 2
        for one in top:
            if abs((one.x0 + one.x1) / 2 - middle) > 2 * SLACK or not one.sized(13, 14):
                yield "page number: not in the middle of the top, in 13 or 14"
        yield from _every_line(page, lines)


def _begins(page, lines):
    """Yield whether what stands on a page begins 20 to 25 mm below its edge, and at the left."""
    drawn = [one for one in page if isinstance(one, LTCurve | LTImage | LTFigure)]
    highest = [one.y0 + HIGH * max(one.sizes) for one in lines] + [one.y1 for one in drawn]
    if not -SLACK < page.height - TOP - max(highest) < 5 * MM:
        yield "margins: top"
    if not -SLACK < min(one.x0 for one in (*lines, *drawn)) - LEFT < 5 * MM:
        yield "margins: left or right"


def _every_line(page, lines):
    for one in lines:
        if one.x0 < LEFT - SLACK or one.x1 > page.width - RIGHT + SLACK:
            yield "margins: left or right"
        if one.y0 < BOTTOM - SLACK:
            yield "margins: something stands below"
        if not all(map(FONTS.search, one.fonts)):
            yield "font: not Times New Roman, nor one of its widths"
        if not one.colours <= BLACK:
            yield "colour: not black"


def _named(lines, start):
    return next((one for one in lines if one.text.startswith(start)), None)


def _is(one, low, high, *, bold=False, italic=False):
    return one is not None and one.sized(low, high) and one.bold == bold and one.italic == italic


def _head(lines, wanted):
    points = {
        "superior": (wanted.superior.upper(), 12, 13, {}),
        "issuing office": (wanted.office.upper(), 12, 13, {"bold": True}),
        "number": (wanted.number, 13, 13, {}),
        "place and date": (f"{wanted.place}, ", 13, 14, {"italic": True}),
        "addressee": (wanted.to, 13, 14, {}),
    }
    for name, (text, low, high, look) in points.items():
        if not _is(_named(lines, text), low, high, **look):
            yield name
    state = [one for one in lines[:8] if one.text in STATE]
    motto = [one for one in lines[:8] if one.text in MOTTO]
    if not (state and _is(state[0], 12, 13, bold=True)):
        yield "state's name"
    if not (motto and _is(motto[0], 13, 14, bold=True)):
        yield "motto"
    kind = next((place for place, one in enumerate(lines) if one.text in KINDS), None)
    if kind is None or not _is(lines[kind], 13, 14, bold=True):
        yield "kind of paper"
        return
    subject = lines[kind + 1]
    if not _is(subject, 13, 14, bold=True) or re.search(wanted.codes, subject.text):
        yield "subject: not in bold 13 or 14, or with a code"


def _rules(page, lines, wanted):
    """Yield what has no rule under it that is centred below it, and as long as it must be."""
    drawn = [one for one in page if isinstance(one, LTCurve) and one.height < 2 < one.width]
    kind = next((place for place, one in enumerate(lines) if one.text in KINDS), -2)
    under = {
        "issuing office": ({wanted.office.upper()}, PART),
        "motto": (MOTTO, WHOLE),
        "subject": ({lines[kind + 1].text}, PART),
    }
    for name, (texts, long) in under.items():
        # What takes several lines has its rule under the last one.
        above = [one for one in lines[: kind + 4] if one.text and one.bold]
        over = [one for one in above if any(one.text in text for text in texts)]
        if not over or not any(_below(one, over, long) for one in drawn):
            yield f"{name}: no rule under it"


def _below(rule, over, long):
    last, least, most = over[-1], *long
    longest = max(one.x1 - one.x0 for one in over)
    apart = abs((rule.x0 + rule.x1) / 2 - (last.x0 + last.x1) / 2)
    return (
        0 < last.y0 - rule.y1 < 20
        and apart < 2 * SLACK
        and least * longest < rule.width < most * longest
    )


STATE = {"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM"}
MOTTO = {"Độc lập - Tự do - Hạnh phúc", "Independence - Freedom - Happiness"}
KINDS = {"BÁO CÁO", "REPORT"}


def _text(found, pages, wanted):
    """Yield what is wrong from the first paragraph to the signature."""
    place = next((n for n, page in enumerate(pages) if _named(page, wanted.sent_to)), None)
    if place is None:
        yield "recipients: missing"
        return
    text = [one for page in pages[: place + 1] for one in page]
    start = next((n for n, one in enumerate(text) if one.text == wanted.to), 0) + 1
    end = next((n for n, one in enumerate(text) if one.text.endswith("./.")), None)
    if end is None:
        yield "end: no ./."
        return
    yield from _body(text[start : end + 1], found[0].width - RIGHT)
    last = pages[place]
    sent = _named(last, wanted.sent_to)
    if not _is(sent, 12, 12, bold=True, italic=True):
        yield "recipients: head not in 12 bold italic"
    filed = _named(last, "- Lưu: ") or _named(last, "- Filed: ")
    if filed is None or filed.text[-1] != "." or wanted.filed not in filed.text:
        yield "recipients: not filed anywhere, or without a full stop"
    elif not _is(filed, 11, 11):
        yield "recipients: list not in 11"
    signs = [_named(last, one) for one in wanted.signs]
    name = _named(last, wanted.signatory)
    if not all(_is(one, 13, 14, bold=True) for one in (*signs, name)):
        yield "signature: not in 13 or 14 bold"
    elif signs[-1].y0 - name.y0 < SEAL:
        yield "signature: no room for the seal"
    if not any(
        one.y0 > TOP for one in last if sent and one.y0 > sent.y0 + 12 and one.x0 > LEFT + 20
    ):
        yield "signature: alone on a page"


def _body(text, margin):
    if not 28 <= text[0].x0 - LEFT <= 37 or not text[0].sized(13, 14):
        yield "body: not in 13 or 14, or without an indent of 1 to 1.27 cm"
    if any(_is_short(*two, margin) for two in pairwise(text)):
        yield "body: not justified"


def _is_short(line, following, margin):
    """Tell whether a line ends before the margin although its paragraph goes on below it."""
    # A paragraph begins with an indent, a heading is bold, and a cell is smaller.
    goes_on = abs(following.x0 - LEFT) < SLACK and _is(following, 13, 14)
    return goes_on and following.y0 < line.y0 and margin - line.x1 > 2 * SLACK


def _annexes(found, pages, wanted):
    heads = [
        (n, page) for n, page in enumerate(pages) if any(ANNEX.match(x.text) for x in page[:2])
    ]
    if not heads:
        yield "annex: none"
        return
    for place, page in heads:
        name, title, *rest = page
        if not (_is(name, 14, 14, bold=True) and _is(title, 13, 14, bold=True)):
            yield "annex: head not in bold 13 or 14"
        if title.text != title.text.upper():
            yield "annex: title not in capitals"
        if not (rest and _is(rest[0], 13, 14, italic=True) and wanted.number[4:] in rest[0].text):
            yield "annex: not said what it belongs to"
        drawn = [one for one in found[place] if isinstance(one, LTCurve) and one.height < 2]
        end = next((n for n, one in enumerate(rest) if one.text.endswith(")")), 0) + 1
        if not any(_below(one, rest[:end], (0.05, 0.52)) for one in drawn):
            yield "annex: no rule under its head"
        if found[place].width > found[place].height:
            continue
        if max(Counter(one.y0 for one in page).values()) >= 8:
            yield "annex: eight columns stand upright"
    told = [n for n, page in enumerate(pages) if any(wanted.root in one.text for one in page)]
    if told != [len(pages) - 1]:
        yield "log: not told once, in the last annex"


def _over(found):
    for page in found:
        rows = {}
        for one in letters(page):
            if one.get_text().strip():
                rows.setdefault(round(one.matrix[5]), []).append(one)
        for row in rows.values():
            row.sort(key=lambda one: one.x0)
            if any(a.x1 - b.x0 > 0.25 * a.size for a, b in pairwise(row)):
                yield "text: printed over other text"
        rules = sorted((one.x0, one.y0, one.y1) for one in page if _is_upright(one))
        for one in letters(page):
            near = rules[bisect(rules, (one.x0 + SLACK,)) : bisect(rules, (one.x1 - SLACK,))]
            if any(low <= one.y0 and one.y1 <= high for _, low, high in near):
                yield "table: a word is wider than its cell"


def _tables(found):
    """Yield what is wrong with the rows of the tables, as far as their rules and numbers tell."""
    number = 0
    for page in found:
        for head, *rows, high in _bands(page):
            if head[0] not in HEAD_OF_NUMBERS:
                if head[0] not in HEAD_OF_NAMES or any(not first for first, _ in rows):
                    yield "table: its head is not said again on each page"
                continue
            # Nothing but the rest of a table begins at the top of a page.
            number = number if high > page.height - TOP - 5 * MM else 0
            for first, bold in rows:
                if not first and not bold:
                    yield "table: a row may be parted between two pages"
                number += bool(first)
                if first and first != f"{number:,}".replace(",", "." if head[0] == "STT" else ","):
                    yield "table: rows are not numbered in order"


def _bands(page):
    """Yield the tables of a page: what its rows have in their first column, and its upper edge."""
    drawn = [one for one in page if isinstance(one, LTCurve)]
    upright = sorted((one for one in drawn if _is_upright(one)), key=lambda one: one.x0)
    level = [one for one in drawn if one.height < 1 < one.width]
    for edge in (one for one in upright if abs(one.x0 - LEFT) < 2):
        width = next(one.x0 for one in upright if one.x0 > edge.x0 and one.y1 == edge.y1)
        within = [one.y0 for one in level if abs(one.x0 - edge.x0) < 2]
        lines = sorted({y for y in within if edge.y0 - 2 < y < edge.y1 + 2}, reverse=True)
        inside = [one for one in letters(page) if edge.y0 < one.y0 < edge.y1]
        rows = [
            _first(
                [one for one in inside if low < one.y0 + one.size / 2 < high],
                width,
            )
            for high, low in pairwise(lines)
        ]
        yield *rows, edge.y1


def _first(row, width):
    """Return what stands in the first column of a row, and whether all of the row is bold."""
    first = "".join(one.get_text() for one in row if one.x1 < width).strip()
    fonts = {one.fontname for one in row if one.get_text().strip()}
    return first, bool(fonts) and all("Bold" in one for one in fonts)


def _is_upright(one):
    """Tell whether something drawn is an upright rule of a table."""
    return isinstance(one, LTCurve) and one.width < 1 < one.height


def _kept(path):
    """Yield what is against PDF/A-2a and PDF/UA-1, so far as a file says it of itself."""
    reader = pypdf.PdfReader(path)
    root = reader.trailer["/Root"]
    told = root["/Metadata"].get_object().get_data().decode()
    said = {
        "PDF/A-2a is not claimed": re.search(r"pdfaid:part\W+2\b", told)
        and re.search(r"pdfaid:conformance\W+A\b", told),
        "PDF/UA-1 is not claimed": re.search(r"pdfuaid:part\W+1\b", told),
        "no tags": root.get("/MarkInfo", {}).get("/Marked") and "/StructTreeRoot" in root,
        "no language": root.get("/Lang"),
        "no title shown": root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"),
        "no output intent": root.get("/OutputIntents"),
        "no identifier": reader.trailer.get("/ID"),
        "encrypted": not reader.is_encrypted,
        "a script or a form": not {"/OpenAction", "/AA", "/AcroForm"} & {*root},
    }
    yield from (f"archive: {name}" for name, fine in said.items() if not fine)
    kinds = [*_elements(root["/StructTreeRoot"])] if "/StructTreeRoot" in root else []
    names = [one.get("/S") for one in kinds]
    if not {"/H1", "/P"} <= {*names} or ("/Table" in names and "/TH" not in names):
        yield "archive: no headings, paragraphs or heads of tables in the tags"
    if any(one.get("/S") == "/Figure" and not one.get("/Alt") for one in kinds):
        yield "archive: a picture without words"
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            if not _embedded(font.get_object()) or "/ToUnicode" not in font.get_object():
                yield "archive: a font that is not embedded, or cannot be read"


def _elements(node):
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        one = kid.get_object()
        if isinstance(one, dict) and "/S" in one:
            yield one
            yield from _elements(one)


def _embedded(font):
    inner = font.get("/DescendantFonts", [font])[0].get_object()
    told = inner.get("/FontDescriptor", {})
    return bool({"/FontFile", "/FontFile2", "/FontFile3"} & {*told.get_object()})


# --- Word -------------------------------------------------------------------------------------


def of_docx(path, wanted):
    """Return the points that a document goes against, by name."""
    document = docx.Document(path)
    return sorted(
        {
            *_sheets(document),
            *_word_head(document, wanted),
            *_word_text(document, wanted),
            *_word_annexes(document, wanted),
        }
    )


def _sheets(document):
    fonts = document.styles.element.xpath("w:docDefaults//w:rFonts/@w:ascii")
    if not all(map(FONTS.search, fonts)) or not fonts:
        yield "font: not Times New Roman"
    if document.element.body.xpath(".//w:rFonts[not(@w:ascii='Times New Roman')]"):
        yield "font: another one in the text"
    if document.element.body.xpath(".//w:color[not(@w:val='000000' or @w:val='auto')]"):
        yield "colour: not black"
    for number, sheet in enumerate(document.sections):
        yield from _sheet(number, sheet)


def _sheet(number, sheet):
    if {round(sheet.page_width.mm), round(sheet.page_height.mm)} != {210, 297}:
        yield "paper: not A4"
    sides = (sheet.left_margin, sheet.right_margin, sheet.top_margin, sheet.bottom_margin)
    for side, (low, high) in zip(sides, ((30, 35), (15, 20), (20, 25), (20, 25)), strict=True):
        if not low <= round(side.mm, 1) <= high:
            yield "margins"
    if not sheet.different_first_page_header_footer or _words(sheet.first_page_header):
        yield "page number: on the first page"
    numbers = sheet.header.paragraphs[0]
    if numbers._p.xpath(".//w:fldSimple/@w:instr") != [" PAGE "]:
        yield "page number: missing"
    elif numbers.alignment is None or numbers.alignment.name != "CENTER":
        yield "page number: not in the middle of the top, in 13 or 14"
    if _words(sheet.footer) or _words(sheet.first_page_footer):
        yield "foot: the form has none"
    if number and sheet._sectPr.xpath("w:pgNumType/@w:start") != ["1"]:
        yield "page number: an annex does not begin with 1"


def _words(part):
    return "".join(one.text for one in part.paragraphs).strip()


def _size(paragraph):
    """Return the sizes of the letters of a paragraph: its own, its style's, or the document's."""
    found = {run.font.size for run in paragraph.runs if run.text}
    style = paragraph.style
    while None in found and style is not None:
        found = {one or style.font.size for one in found}
        style = style.base_style
    default = paragraph.part.document.styles.element.xpath("w:docDefaults//w:sz/@w:val")
    return {one.pt if one else int(default[0]) / 2 for one in found}


def _styled(paragraph, name):
    style = paragraph.style
    told = [getattr(run.font, name) for run in paragraph.runs if run.text]
    while None in told and style is not None:
        told = [getattr(style.font, name) if one is None else one for one in told]
        style = style.base_style
    return bool(told) and all(told)


def _looks(paragraph, low, high, *, bold=False, italic=False):
    return (
        all(low <= one <= high for one in _size(paragraph))
        and _styled(paragraph, "bold") == bold
        and _styled(paragraph, "italic") == italic
    )


def _paragraphs(document):
    from docx.text.paragraph import Paragraph

    body = document.element.body
    return [
        Paragraph(one, document._body) for one in body.xpath(".//w:p[not(ancestor::w:tbl//w:tbl)]")
    ]


def _word_head(document, wanted):
    there = _paragraphs(document)
    points = {
        "superior": (wanted.superior.upper(), 12, 13, {}),
        "issuing office": (wanted.office.upper(), 12, 13, {"bold": True}),
        "number": (wanted.number, 13, 13, {}),
        "place and date": (f"{wanted.place}, ", 13, 14, {"italic": True}),
        "addressee": (wanted.to, 13, 14, {}),
    }
    for name, (text, low, high, look) in points.items():
        found = [one for one in there if one.text.startswith(text)]
        if not found or not _looks(found[0], low, high, **look):
            yield name
    for name, texts, low, high in (("state's name", STATE, 12, 13), ("motto", MOTTO, 13, 14)):
        found = [one for one in there if one.text in texts]
        if not found or not _looks(found[0], low, high, bold=True):
            yield name
    kind = next((n for n, one in enumerate(there) if one.text in KINDS), None)
    if kind is None or not _looks(there[kind], 13, 14, bold=True):
        yield "kind of paper"
        return
    subject = there[kind + 1]
    if not _looks(subject, 13, 14, bold=True) or re.search(wanted.codes, subject.text):
        yield "subject: not in bold 13 or 14, or with a code"
    yield from _word_rules(there, wanted, document)


def _word_rules(there, wanted, document):
    kind = next(n for n, one in enumerate(there) if one.text in KINDS)
    texts = [one.text for one in there]
    motto = next((one for one in texts if one in MOTTO), None)
    over = {
        "issuing office": (wanted.office.upper(), 12, PART),
        "motto": (motto, 13, WHOLE),
        "subject": (texts[kind + 1], 14, PART),
    }
    for name, (text, size, (least, most)) in over.items():
        place = texts.index(text) if text in texts else None
        room = _room(there[place], document) if place is not None else 0
        if place is None or not _is_rule(there[place + 1], room, text, size, least, most):
            yield f"{name}: no rule under it"


def _room(paragraph, document):
    """Return how wide the text of a paragraph may be, in points: its cell's, or its page's."""
    cell = next(paragraph._p.iterancestors(qn("w:tc")), None)
    if cell is not None:
        return int(cell.xpath("w:tcPr/w:tcW/@w:w")[0]) / 20
    # What parts of a document are like is told where they end.
    page = paragraph._p.xpath("(self::* | following::w:p)/w:pPr/w:sectPr") or [
        document.element.body.sectPr
    ]
    wide, left, right = (
        int(page[0].xpath(f"w:{name}")[0])
        for name in ("pgSz/@w:w", "pgMar/@w:left", "pgMar/@w:right")
    )
    return (wide - left - right) / 20


def _is_rule(paragraph, room, text, size, least, most, bold=True):
    """Tell whether a paragraph is a line, in the middle, of a length that fits the text over it."""
    style = paragraph.style
    drawn = paragraph._p.xpath("w:pPr/w:pBdr/w:bottom[@w:val='single']") or style.element.xpath(
        "w:pPr/w:pBdr/w:bottom[@w:val='single']"
    )
    form = paragraph.paragraph_format
    left, right = ((one or 0) / 12_700 for one in (form.left_indent, form.right_indent))
    over = min(_wide(text, size, bold=bold), room)
    middle = abs(left - right) < SLACK
    return bool(drawn) and middle and least * over < room - left - right < most * over


def _wide(text, size, *, bold):
    """Return the width of a text in points, as its font tells it."""
    name = "LiberationSerif-Bold" if bold else "LiberationSerif-Italic"
    font = ImageFont.truetype(str(FILES / f"{name}.ttf"), 1000)
    return font.getlength(text) * size / 1000


def _word_text(document, wanted):
    there = _paragraphs(document)
    texts = [one.text for one in there]
    end = next((n for n, text in enumerate(texts) if text.endswith("./.")), None)
    if end is None:
        yield "end: no ./."
        return
    if not there[end].paragraph_format.keep_with_next:
        yield "signature: alone on a page"
    start = texts.index(wanted.to) + 1 if wanted.to in texts else 0
    form, style = there[start].paragraph_format, there[start].style.paragraph_format
    indent = (form.first_line_indent or style.first_line_indent or 0) / 12_700
    before = (form.space_before or style.space_before or 0) / 12_700
    side = form.alignment or style.alignment
    if (
        not 28 <= indent <= 37
        or before < 6
        or side.name != "JUSTIFY"
        or _size(there[start]) != {14}
    ):
        yield "body: not justified in 14, with an indent of 1 to 1.27 cm and 6 pt before"
    sent = [one for one in there if one.text == wanted.sent_to]
    if not sent or not _looks(sent[0], 12, 12, bold=True, italic=True):
        yield "recipients: head not in 12 bold italic"
    filed = [one for one in there if wanted.filed in one.text and one.text.startswith("- ")]
    if not filed or not filed[0].text.endswith(".") or not _looks(filed[0], 11, 11):
        yield "recipients: list not in 11, or not filed anywhere"
    signed = [one for one in there if one.text in {*wanted.signs, wanted.signatory}]
    if len(signed) != 1 + len(wanted.signs) or not all(
        _looks(x, 13, 14, bold=True) for x in signed
    ):
        yield "signature: not in 13 or 14 bold"
        return
    cell = signed[-1]._p.getparent()
    room = sum(int(one) / 20 for one in cell.xpath("w:p/w:pPr/w:spacing/@w:line"))
    if room < SEAL:
        yield "signature: no room for the seal"
    if not cell.xpath("ancestor::w:tr/w:trPr/w:cantSplit"):
        yield "signature: parted between two pages"


def _word_annexes(document, wanted):
    every = document.paragraphs
    there = [one for one in every if one.text]
    names = [n for n, one in enumerate(there) if ANNEX.match(one.text)]
    if not names or len(names) + 1 != len(document.sections):
        yield "annex: none, or not on pages of its own"
    for place in names:
        name, title, belongs = there[place : place + 3]
        if not (_looks(name, 14, 14, bold=True) and _looks(title, 13, 14, bold=True)):
            yield "annex: head not in bold 13 or 14"
        if title.text != title.text.upper():
            yield "annex: title not in capitals"
        if not (_looks(belongs, 13, 14, italic=True) and wanted.number[4:] in belongs.text):
            yield "annex: not said what it belongs to"
        rule = every[next(n for n, one in enumerate(every) if one._p is belongs._p) + 1]
        room = _room(belongs, document)
        if not _is_rule(rule, room, belongs.text, 14, 0.05, 0.52, bold=False):
            yield "annex: no rule under its head"
    if [wanted.root in one.text for one in there].count(True) != 1 or not names:
        yield "log: not told once, in the last annex"
    yield from _word_tables(document)


def _word_tables(document):
    turned = _turned(document)
    for one in document.tables:
        if one.style is None or one.style.name != "Paper Table":
            continue
        first, *rest = one.rows
        cells = [cell.text for cell in first.cells]
        if cells[0] in HEAD_OF_NUMBERS:
            numbers = [row.cells[0].text for row in rest if row.cells[0].text]
            if numbers != [f"{n + 1:,}".replace(",", ".") for n in range(len(numbers))]:
                yield "table: rows are not numbered in order"
        elif cells[0] not in HEAD_OF_NAMES:
            # The parts of a balance have names.
            yield "table: rows are not numbered"
        if len(cells) >= 8 and not turned[one._tbl]:
            yield "annex: eight columns stand upright"
        if not all(row._tr.xpath("w:trPr/w:cantSplit") for row in one.rows):
            yield "table: a row may be parted between two pages"
        if not first._tr.xpath("w:trPr/w:tblHeader"):
            yield "table: its head is not said again on each page"


def _turned(document):
    """Return whether each table stands on a page that lies on its side."""
    told, waiting = {}, []
    for one in document.element.body:
        if one.tag == qn("w:tbl"):
            waiting.append(one)
        for sheet in one.xpath("self::w:sectPr | w:pPr/w:sectPr"):
            lies = sheet.xpath("w:pgSz/@w:orient") == ["landscape"]
            told |= dict.fromkeys(waiting, lies)
            waiting = []
    return told
