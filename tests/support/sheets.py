"""Printed sheets as somebody has them who has only paper: pictures, read by decoder and OCR.

`otherwise` holds the claims of a sheet against its pictures. What OCR reads in one of several ways
as it is claimed is taken for printed so; a cell or a word that it reads in none is named. Words
outside tables count where they stand beside a neighbour that is claimed beside them.
"""

import csv
import os
import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from io import BytesIO, StringIO
from itertools import pairwise, permutations

import pypdfium2
import zxingcpp
from PIL import Image, ImageChops, ImageDraw

PROGRAM = shutil.which("tesseract")
DPI = 150
DARK = 200
"""Below which grey a dot is part of a rule."""

RULED, UPRIGHT = 0.72, 0.9
"""How much of a page's width the rule of a table takes, and of a row's height that of a column."""

INSIDE, GAP, LEFT = 2, 34, 60
LOT = 90
"""Dots left out around a cell, between cells that are read at once, and beside them; how many."""


def languages():
    """Return the languages that OCR can read here."""
    if PROGRAM is None:
        return frozenset()
    told = subprocess.run([PROGRAM, "--list-langs"], capture_output=True, text=True).stdout
    return frozenset(told.split())


def printed(path):
    """Return the pages of a PDF as pictures, in grey."""
    with pypdfium2.PdfDocument(path) as document:
        return [_washed(page.render(scale=DPI / 72).to_pil()) for page in document]


def _washed(page):
    """Return a picture in grey, without what has a colour: the bars of charts beside numbers."""
    red, _, blue = page.convert("RGB").split()
    coloured = ImageChops.difference(red, blue).point(lambda value: 255 if value > 30 else 0)
    grey = page.convert("L")
    grey.paste(255, mask=coloured)
    return grey


def codes_on(pictures):
    """Return the texts of the codes on pictures, each once."""
    found = [one.text for each in pictures for one in zxingcpp.read_barcodes(each)]
    return [*dict.fromkeys(found)]


# --- where things stand -----------------------------------------------------------------------


def _runs(values, limit):
    """Yield the runs of values that reach a limit, as first and last place."""
    start = None
    for place, value in enumerate([*values, -1]):
        if value >= limit and start is None:
            start = place
        elif value < limit and start is not None:
            yield start, place - 1
            start = None


def _darkness(picture, *, across):
    """Return how much of each row, or of each column, is dark: 0 to 255."""
    size = (1, picture.height) if across else (picture.width, 1)
    dark = picture.point(lambda value: 255 if value < DARK else 0)
    return dark.resize(size, Image.Resampling.BOX).tobytes()


def rows_on(page):
    """Return the rows of tables on a page, each as the boxes of its cells."""
    rules = [*_runs(_darkness(page, across=True), RULED * 255)]
    rows = []
    for (_, above), (below, _) in pairwise(rules):
        band = page.crop((0, above + 1, page.width, below))
        if band.height < 8:
            continue
        sides = [*_runs(_darkness(band, across=False), UPRIGHT * 255)]
        pairs = pairwise(sides)
        boxes = [(one[1] + 1, above + 1, other[0], below) for one, other in pairs]
        if boxes:
            rows.append([box for box in boxes if box[2] - box[0] > 6])
    return rows


# --- reading ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """A word that OCR has read: its line, and the box it stands in."""

    text: str
    line: tuple[str, ...]
    left: int
    top: int
    width: int
    height: int

    @property
    def middle(self):
        """How high on the picture its middle is."""
        return self.top + self.height / 2


def both(lang):
    """Name a language and English, as tesseract names both.

    English words and codes are read amiss as Vietnamese, and Vietnamese names as English.
    """
    return f"{lang}+eng"


def ocr(picture, lang, way):
    """Return the words on a picture; `way` is how its layout is taken, as tesseract numbers it."""
    held = BytesIO()
    picture.save(held, "PNG", dpi=(DPI * 2, DPI * 2))
    words = [PROGRAM, "-", "-", "--psm", str(way), "-l", lang, "tsv"]
    alone = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(words, input=held.getvalue(), capture_output=True, env=alone, check=True)
    table = csv.DictReader(StringIO(done.stdout.decode()), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [
        Word(
            row["text"],
            tuple(row[f"{one}_num"] for one in ("block", "par", "line")),
            *(int(row[one]) for one in ("left", "top", "width", "height")),
        )
        for row in table
        if row["text"] and row["text"].strip()
    ]


def _enlarged(page, box, scale):
    left, top, right, bottom = box
    cell = page.crop((left + INSIDE, top + INSIDE, right - INSIDE, bottom - INSIDE))
    size = (max(cell.width * scale, 1), max(cell.height * scale, 1))
    return cell.resize(size, Image.Resampling.LANCZOS)


def cells_read(page, boxes, lang, scale):
    """Return what OCR reads in cells, each on lines of its own so that columns are not mixed."""
    read = []
    for start in range(0, len(boxes), LOT):
        cells = [_enlarged(page, box, scale) for box in boxes[start : start + LOT]]
        wide = max(one.width for one in cells) + 2 * LEFT
        whole = Image.new("L", (wide, sum(one.height + GAP for one in cells) + GAP), 255)
        places, top = [], GAP
        for one in cells:
            whole.paste(one, (LEFT, top))
            places.append((top - GAP / 2, top + one.height + GAP / 2))
            top += one.height + GAP
        words = ocr(whole, lang, 6)
        read += [
            " ".join(word.text for word in words if low <= word.middle < high)
            for low, high in places
        ]
    return read


def cell_again(page, box, lang):
    """Yield what OCR reads in one cell, taken in other ways."""
    for scale in (3, 2, 4):
        cell = _enlarged(page, box, scale)
        framed = Image.new("L", (cell.width + 2 * LEFT, cell.height + 2 * LEFT), 255)
        framed.paste(cell, (LEFT, LEFT))
        for way in (6, 7, 10) if cell.height < 32 * scale else (6, 4):
            for one in (lang, "eng"):
                yield " ".join(word.text for word in ocr(framed, one, way))


# --- comparing --------------------------------------------------------------------------------


def plain(text):
    """Return a text as OCR can tell it: without accents, blanks and marks between words."""
    parts = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    kept = "".join(one for one in parts if not unicodedata.combining(one))
    return re.sub(r"[\W_]+", "", kept).casefold()


SAME = str.maketrans(
    {"l": "1", "i": "1", "|": "1", "!": "1", "o": "0", "]": "1", "[": "1", "ø": "g"}
)
"""What OCR cannot tell apart; no word of either language has the last one."""


def agree(claimed, read):
    """Tell whether what is read is what is claimed, but for what OCR cannot tell."""
    one, other = plain(claimed), plain(read)
    return one == other or one.translate(SAME) == other.translate(SAME)


def letters_otherwise(claimed, read):
    """Return the letters that are read for others than are claimed, each with its place.

    Only letters without marks count, one read for one: those OCR reads in any language alike.
    """
    bare = [
        not any(map(unicodedata.combining, unicodedata.normalize("NFKD", one))) and one not in "đĐ"
        for one in claimed
        for _ in plain(one)
    ]
    one, other = (plain(text).translate(SAME) for text in (claimed, read))
    found = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return {
        (place, other[at])
        for what, start, end, first, last in found
        if what == "replace" and end - start == last - first
        for place, at in zip(range(start, end), range(first, last), strict=True)
        if bare[place]
    }


def otherwise(pages, claims, lang):
    """Return what stands on a sheet otherwise than it is claimed, as claims."""
    return [*_rows_otherwise(pages, claims, lang), *words_otherwise(pages, claims, lang)]


def _rows_otherwise(pages, claims, lang):
    read = _read_rows([(page, boxes) for page in pages for boxes in rows_on(page)], lang)
    page, boxes, cells, english = next(read, NOTHING)
    for columns, rows in _tables(claims):
        for number, wanted in enumerate((columns, *rows)):
            # The head of a table is repeated on each of its pages.
            while number and len(cells) == len(columns) and _is_head(cells, columns):
                page, boxes, cells, english = next(read, NOTHING)
            if len(cells) != len(wanted):
                yield f"row: {wanted}"
                return
            for box, claimed, found, other in zip(boxes, wanted, cells, english, strict=True):
                stands = _stands(page, box, claimed, found, lang)
                if not stands or _denied(page, box, claimed, other):
                    yield f"{claimed} in {wanted}"
            page, boxes, cells, english = next(read, NOTHING)
    if cells:
        yield f"more rows: {cells}"


NOTHING = (None, (), (), ())


def _tables(claims):
    """Return the tables that are claimed: the headings of each, and its rows."""
    found = []
    for claim in claims:
        cells = claim[1:].split("\t")
        if claim[0] == ":":
            found.append((cells, []))
        elif claim[0] == "|":
            found[-1][1].append(cells)
    return found


def _stands(page, box, claimed, found, lang):
    """Tell whether a cell says what is claimed, in one of the ways of reading it."""
    return agree(claimed, found) or any(agree(claimed, one) for one in cell_again(page, box, lang))


def _denied(page, box, claimed, read):
    """Tell whether a letter stands otherwise, though what knows the language reads it as claimed.

    It makes a word it knows of one it does not: English alone does not know the words.
    """
    others = letters_otherwise(claimed, read)
    for scale in (3, 4):
        if not others:
            return False
        (again,) = cells_read(page, [box], "eng", scale)
        others &= letters_otherwise(claimed, again)
    return bool(others)


def _is_head(cells, columns):
    return sum(map(agree, columns, cells)) * 2 > len(columns)


def _read_rows(there, lang):
    for page in dict.fromkeys(id(page) for page, _ in there):
        rows = [(held, boxes) for held, boxes in there if id(held) == page]
        boxes = [box for _, row in rows for box in row]
        read, alone = (iter(cells_read(rows[0][0], boxes, one, 2)) for one in (both(lang), "eng"))
        for held, row in rows:
            yield held, row, [next(read) for _ in row], [next(alone) for _ in row]


def words_otherwise(pages, claims, lang):
    """Yield the words outside tables that no way of reading finds beside a neighbour of theirs.

    A number that stands elsewhere on the sheet, as that of a page, is so not taken for its own.
    """
    lines = [[*_tokens(part.split())] for claim in claims for part in _parts(claim)]
    wanted = Counter(pair for line in lines for pair in pairwise(_ended(line)))
    missing = {(line, place) for line, said in enumerate(lines) for place in range(len(said))}
    texts = [_without_tables(page) for page in pages]
    long = {word for line in lines for word in line if len(word) >= DIGEST}
    for scale, way, smooth, languages_read in ways(lang):
        read = Counter()
        for text in texts:
            large = text.resize((text.width * scale, text.height * scale), smooth)
            words = ocr(large, languages_read, way)
            told = [*_whole([*_tokens(word.text for word in words)], long)]
            read.update([*pairwise(told), *((ENDS, word) for word in told), *_broken(words)])
        lacking = {pair for pair, count in wanted.items() if read[pair] < count}
        missing = {(line, at) for line, at in missing if _lacks(lines[line], at, lacking)}
        if not missing:
            return
    yield from (lines[line][place] for line, place in sorted(missing))


DIGEST = 32
"""How long a word is in which OCR may see blanks that are none."""


def _whole(words, long):
    """Yield words; one of the long ones that is read in up to four pieces is whole again."""
    place = 0
    while place < len(words):
        ends = (place + count for count in (2, 3, 4))
        end = next((end for end in ends if "".join(words[place:end]) in long), place + 1)
        yield "".join(words[place:end])
        place = end


def _broken(words):
    """Yield the pairs that stand on two lines of one column beside another: end and beginning."""
    runs = []
    for place, word in enumerate(words):
        before = words[place - 1] if place else None
        gap = None if before is None else word.left - before.left - before.width
        if before is None or word.line != before.line or gap > 1.5 * word.height:
            runs.append([])
        runs[-1].append((place, word))
    for upper, lower in permutations(runs, 2):
        (end, last), (start, first) = upper[-1], lower[0]
        down = first.middle - last.middle
        beside = first.left < last.left + last.width and upper[0][1].left < _right(lower)
        if start != end + 1 and beside and last.height / 2 < down < 3 * last.height:
            yield tuple("".join(_tokens([one.text])) for one in (last, first))


def _right(run):
    return run[-1][1].left + run[-1][1].width


def _parts(claim):
    """Return the parts of a claim outside tables that are read on end; those of a chart are not."""
    if claim[0] in ":|":
        return []
    return claim[1:].split("\t") if claim[0] == "~" else [claim[1:]]


ENDS = ""
"""What stands beside a word that is claimed alone."""


def _ended(line):
    return [ENDS, *line] if len(line) == 1 else line


def _lacks(line, place, lacking):
    """Tell whether a word lacks beside each of its neighbours."""
    pairs = [*pairwise(_ended(line))]
    return all(pair in lacking for pair in pairs[max(place - 1, 0) : place + 1])


SOFT, SHARP, EVEN = (
    *(Image.Resampling.BICUBIC, Image.Resampling.LANCZOS, Image.Resampling.BILINEAR),
)


def ways(lang):
    """Return how a page is read: how much larger, its layout, how it is made larger, languages."""
    all_of = both(lang)
    return (
        *((2, 3, SOFT, all_of), (2, 11, SHARP, all_of), (2, 3, EVEN, lang), (2, 3, SOFT, "eng")),
        *((3, 3, SOFT, all_of), (2, 6, SOFT, all_of)),
    )


ROMAN = {"h": "11", "hi": "111", "h1": "111", "1h": "111", "m": "111"}
"""What OCR makes of Roman numerals that have no serifs between them."""


def _tokens(words):
    """Yield words as they are counted; one that a line has broken is whole again."""
    begun = ""
    for word in (*words, "."):
        begun += word
        if word == "-" or not word.endswith(("-", "/")):
            for part in begun.split("+"):
                # A mark between words is none.
                if any(map(str.isalnum, part)):
                    told = plain(part).translate(SAME)
                    yield ROMAN.get(told, told)
            begun = ""


def _without_tables(page):
    """Return a page without its tables and codes."""
    text = page.copy()
    drawn = ImageDraw.Draw(text)
    for row in rows_on(page):
        drawn.rectangle((row[0][0] - 3, row[0][1] - 3, row[-1][2] + 3, row[0][3] + 3), fill=255)
    for one in zxingcpp.read_barcodes(page):
        at = one.position
        corners = (at.top_left, at.top_right, at.bottom_left, at.bottom_right)
        across, down = [at.x for at in corners], [at.y for at in corners]
        drawn.rectangle((min(across) - 4, min(down) - 4, max(across) + 4, max(down) + 4), fill=255)
    return text
