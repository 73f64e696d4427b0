"""No word of a paper is printed over another or past the page, and every word is there to read."""

import csv
import io
import re
from datetime import UTC, date, datetime
from importlib import import_module
from itertools import pairwise

import docx
import openpyxl
import pytest
from decree import letters
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from pdfminer.high_level import extract_pages
from pdfminer.layout import LAParams

from casework.papers.form import TURNED, UPRIGHT
from casework.papers.layout import GREATEST, PADDING, broken, layout, measure, needs
from casework.papers.model import Chart, Column, Fact, Paper, Section, Share
from casework.words import word

CODE = "WWWWWWWW-MMMMMMMM.0000000001-WWWWWWWW-MMMMMMMM.0000000001-WWWWWW"
NAME = "Ủy ban Nhân dân Thành phố Hồ Chí Minh và các cơ quan trực thuộc"
LONG_WORD = "https://congbao.chinhphu.vn/" + "van-ban-quy-pham-phap-luat/" * 9
TITLE = f"Quy chế hoạt động của văn phòng đại diện {LONG_WORD} tại Việt Nam"
HUGE = 9_876_543
LANGS = ("en", "vi")
EDGE = 20.0
"""No letter stands nearer to an edge of a page than this, in points."""
BOTTOM = 55.0
"""No letter stands lower, in points."""


# --- what a PDF looks like --------------------------------------------------------------------


def spoilt(file):
    """Return the letters of a PDF that stand on another one, or too near to an edge."""
    found = []
    for number, page in enumerate(extract_pages(file, laparams=LAParams(all_texts=True)), start=1):
        rows = {}
        for one in letters(page):
            if not (one.x0 >= EDGE and one.x1 <= page.width - EDGE):
                found.append((number, "edge", one.get_text(), one.x1))
            if one.get_text().strip():
                rows.setdefault(round(one.y0), []).append(one)
        for row in rows.values():
            row.sort(key=lambda one: one.x0)
            # Letters are drawn nearer to each other than they are wide: "AV", by a seventh.
            found += [
                (number, "over", left.get_text(), right.get_text())
                for left, right in pairwise(row)
                if left.x1 - right.x0 > 0.25 * left.size
            ]
    return found


def pdf_words(file):
    """Return the letters of a PDF in the order of its text, without white space."""
    import pypdf

    pages = [page.extract_text() for page in pypdf.PdfReader(file).pages]
    return "".join("".join(pages).split())


def packed(text):
    return "".join(str(text).split())


# --- every kind of column, with the longest it may hold ---------------------------------------

KINDS = {
    "code": st.sampled_from([CODE, "NFAC-22.003", "A", None]),
    "text": st.sampled_from([NAME, LONG_WORD, "Wo", "", None, "\N{GRINNING FACE}" * 30]),
    "word": st.sampled_from(["partly_implemented", "under_study", "not_accepted"]),
    "org": st.sampled_from(["mofa", CODE, None]),
    "person": st.sampled_from(["lan", CODE, None]),
    "date": st.sampled_from([date(2028, 12, 28), None]),
    "count": st.sampled_from([0, HUGE, 10**15]),
    "days": st.sampled_from([0, HUGE]),
    "share": st.sampled_from([Share(HUGE, HUGE), Share(0, 0)]),
}
KINDS = {
    kind: values.filter(lambda value, kind=kind: value is not None or kind != "word")
    for kind, values in KINDS.items()
}


@st.composite
def tables(draw):
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=12))
    columns = tuple(
        Column(
            f"c{n}",
            draw(st.sampled_from(["số vụ việc", "working days late", CODE])),
            kind,
            wide=kind == "text" and draw(st.booleans()),
        )
        for n, kind in enumerate(kinds)
    )
    rows = draw(st.lists(st.tuples(*(KINDS[kind] for kind in kinds)), min_size=1, max_size=5))
    return Section("s", "Bảng", columns, tuple(rows))


def paper_of(*sections, lang="vi"):
    return Paper(
        lang=lang,
        title="Báo cáo",
        subject=f"về {CODE}",
        facts=(Fact("as of", date(2026, 1, 1)), Fact("before", CODE)),
        lead=f"Tổng số {CODE}",
        notices=(LONG_WORD,),
        remarks=(NAME,),
        sections=sections,
        size=HUGE,
        root="0f" * 32,
        origin="f" * 36 + ".casework",
        written=datetime(2026, 1, 1, tzinfo=UTC),
        names={"org": {"mofa": NAME}, "person": {"lan": NAME}},
    )


def written(paper, kind):
    file = io.BytesIO()
    import_module(f"casework.papers.{kind}").write(paper, file)
    file.seek(0)
    return file


# Nothing is shrunk: an example takes a second.
@settings(max_examples=10, phases=(Phase.explicit, Phase.generate))
@given(section=tables(), again=tables())
def test_no_letter_of_a_pdf_stands_on_another_or_past_the_page(section, again):
    assert spoilt(written(paper_of(section, again), "pdf")) == []


@settings(max_examples=200)
@given(section=tables(), turned=st.booleans())
def test_columns_fill_the_page_and_hold_their_words_unless_they_are_broken(section, turned):
    from casework.papers.formatting import needed, table

    paper = paper_of(section)
    columns, rows = table(section, paper)
    laid = layout(columns, needed(section, paper), UPRIGHT, TURNED if turned else None)
    cells = [[one.heading for one in columns], *rows]

    assert len(laid.widths) == len(columns)
    assert sum(laid.widths) == pytest.approx(TURNED if laid.turned else UPRIGHT)
    for row in cells:
        for place, (cell, width) in enumerate(zip(row, laid.widths, strict=True)):
            room = width - PADDING
            parts = broken(cell, room, laid.size).replace("\u200b", " ").split()
            assert all(measure(part) * laid.size / 1000 <= room + 0.01 for part in parts)
            assert place in laid.breaks or "\u200b" not in broken(cell, room + 0.01, laid.size)


def test_what_fits_is_neither_broken_nor_turned():
    columns = [Column("ref", "ref", "code"), Column("title", "title", wide=True)]
    laid = layout(columns, needs(columns, [("NFAC-20.001", "Rules for offices")]), UPRIGHT, TURNED)

    assert (laid.turned, laid.breaks, laid.size) == (False, frozenset(), 12.0)
    assert laid.widths[1] > 4 * laid.widths[0]


def test_a_table_that_is_too_wide_lies_on_its_side():
    columns = [Column(f"c{n}", "h", "code") for n in range(6)]
    laid = layout(columns, needs(columns, [["NFAC-22.003-bis"] * 6]), UPRIGHT, TURNED)

    assert (laid.turned, laid.breaks) == (True, frozenset())


def test_letters_are_taken_as_no_narrower_than_they_are():
    assert measure("W") == 1000
    assert measure("ữ") > measure("u")
    assert measure("Đ") == measure("D")
    assert measure("\N{GRINNING FACE}") == measure("字") == GREATEST


def test_no_letter_is_wider_than_it_is_taken_for():
    shown = "".join(chr(code) for code in range(0x21, 0x7F)) + "ĂÂĐÊÔƠƯăâđêôơưẮẦỆỖỢỮắầệỗợữ–…’Ð"
    columns = (Column("a", " ".join(shown), "code"), Column("b", "b"))
    section = Section("s", "S", columns, ((" ".join(shown), "x"),))
    seen = set()
    for page in extract_pages(written(paper_of(section), "pdf"), laparams=LAParams(all_texts=True)):
        for one in letters(page):
            if "Italic" in one.fontname:
                continue
            # A font's own numbers are finer than a thousandth.
            assert one.adv <= (measure(one.get_text()) + 1) * one.size / 1000, one
            seen.add((one.get_text(), "Bold" in one.fontname))

    assert {(letter, bold) for letter in shown for bold in (False, True)} <= seen


def test_a_cell_longer_than_a_page_goes_on_on_the_next():
    columns = (Column("ref", "ref", "code"), Column("title", "title", wide=True))
    rows = (("A.1", " ".join(f"w{n}" for n in range(2_000))), ("A.2", "after it"))
    text = pdf_words(written(paper_of(Section("s", "S", columns, rows)), "pdf"))

    assert "w1999" in text
    assert "afterit" in text


def test_a_letter_that_no_font_has_is_spelt_and_keeps_its_room():
    columns = (Column("ref", "ref", "code"), Column("title", "title"))
    rows = (("A.\u5b57\u5b57", "T\ue000"),) * 2
    file = written(paper_of(Section("s", "S", columns, rows)), "pdf")
    text = pdf_words(file)

    assert "A.\u5b57" in text or "A.<U+5B57><U+5B57>" in text
    assert "T<U+E000>" in text
    assert spoilt(file) == []


@pytest.mark.parametrize(("rows", "words"), [(0, 3), (2, 3), (6, 400)])
def test_nobody_signs_an_empty_page_after_a_short_section(rows, words):
    import pypdf

    columns = (Column("ref", "ref", "code"), Column("title", "title", wide=True))
    long = " ".join(f"w{n}" for n in range(words))
    for before in (18, 22, 26):
        first = tuple((f"A.{n}", "T") for n in range(before))
        last = tuple((f"B.{n}", long) for n in range(rows))
        sections = (Section("s", "First", columns, first), Section("t", "Last", columns, last))
        file = written(paper_of(*sections), "pdf")
        pages = [packed(page.extract_text()) for page in pypdf.PdfReader(file).pages]
        (signed,) = (page for page in pages if packed(word("signer", "vi")) in page)

        assert f"B.{rows - 1}" in signed or "2.Last" in signed or words > 3, before
        assert f"w{words - 1}" in "".join(pages) or not rows
        body = [one.y0 for page in extract_pages(file) for one in letters(page)]
        assert min(body) >= BOTTOM


def test_a_long_label_of_a_chart_is_cut_within_its_picture():
    bars = (("W" * 200, (HUGE, HUGE)), (NAME, (1, 0)))
    columns = (Column("ref", "ref", "code"),)
    section = Section("s", "S", columns, (("A.1",),), charts=(Chart("T", ("a", "b"), bars),))

    assert spoilt(written(paper_of(section), "pdf")) == []


# --- every report, read back -------------------------------------------------------------------


@pytest.fixture
def long_register(office):
    """A register in which everything is as long as it may be, with cases in every section."""
    owner = CODE.lower()
    office("org", "add", owner, "--name", NAME, "--name-vi", NAME)
    office("org", "add", "gone", "--name", f"{LONG_WORD[:200]} gone")
    office("person", "add", CODE[:60], "--name", NAME, "--org", owner)
    for number, (who, day) in enumerate(
        [(owner, "2022-03-01"), (owner, "2022-06-30"), ("gone", "2022-05-01"), (None, None)]
    ):
        ref = f"{CODE[:-1]}{number}"
        office(
            "propose",
            "--title",
            f"{TITLE} {number}",
            "--title-vi",
            f"{TITLE} {number}",
            "--proposer",
            owner,
            "--conference",
            "NFAC-20",
            "--ref",
            ref,
            "--effective",
            "2021-12-13",
        )
        if who:
            office("assign", ref, "--owner", who, "--due", day, "--effective", "2022-01-10")
            office(
                "extend", ref, "--due", "2022-09-01", "--reason", TITLE, "--effective", "2022-07-01"
            )
            office("advance", ref, "--effective", "2022-07-02")
    office(
        "advance",
        f"{CODE[:-1]}0",
        "--outcome",
        "partly-implemented",
        "--answer",
        TITLE,
        "--effective",
        "2022-10-01",
    )
    office("org", "end", "gone", "--on", "2022-12-01", "--reason", "merged")
    return office


REPORTS = [
    ("overdue", "--until", "2024-01-01"),
    ("progress",),
    ("review", "--of", "NFAC-20", "--for", "NFAC-21"),
    ("workload",),
    ("slippage",),
]
# A forecast of which no chance can be told is one line.


def read_docx(path):
    document = docx.Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return packed("".join([*cells, *(one.text for one in document.paragraphs)]))


def read_html(path):
    from html import unescape as unescaped

    return packed(unescaped(re.sub(r"<[^>]+>", " ", path.read_text("utf-8").split("<main>")[1])))


def read_xlsx(path):
    book = openpyxl.load_workbook(path)
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    return packed("".join(unescape(str(cell)) for cell in cells if cell is not None))


READ = {"docx": read_docx, "html": read_html, "xlsx": read_xlsx, "pdf": pdf_words}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("report", REPORTS, ids=lambda words: words[0])
def test_every_word_of_every_report_is_in_every_format(long_register, tmp_path, report, lang):
    ask = ["report", *report, "--as-of", "2023-06-01", "--lang", lang]
    long_register(*ask, "--output", tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = {
        packed(row[name])
        for row in rows
        for name in ("ref", "title")
        if row.get(name) and row.get("section") not in {"by_owner", "log"}
    }
    wanted |= {packed(NAME)} if any(row.get("owner") for row in rows) else set()
    for kind, read in READ.items():
        path = tmp_path / f"r.{kind}"
        long_register(*ask, "--output", path)
        text = read(path)
        assert [one for one in wanted if one not in text] == [], kind
    assert spoilt(tmp_path / "r.pdf") == []
    assert wanted or report[0] in {"progress", "workload"}


@pytest.mark.parametrize("kind", sorted(READ))
def test_the_words_around_a_paper_can_be_read(long_register, tmp_path, kind):
    path = tmp_path / f"r.{kind}"
    ask = ["--until", "2024-01-01", "--as-of", "2023-06-01", "--lang", "vi"]
    long_register("report", "overdue", *ask, "--output", path)
    text = READ[kind](path)
    said = ("sent_to", "recipient", "filed", "signer", "signer_name", "motto", "motto_state")
    around = said if kind in {"pdf", "docx"} else ()

    assert [name for name in around if packed(word(name, "vi")) not in text] == []
    assert packed(NAME) in text
    assert "quáhạn" in text.lower()


def test_a_spreadsheets_columns_are_as_wide_as_their_references(long_register, tmp_path):
    path = tmp_path / "r.xlsx"
    long_register(
        "report", "overdue", "--until", "2024-01-01", "--as-of", "2023-06-01", "--output", path
    )
    sheet = openpyxl.load_workbook(path)["Overdue"]

    assert sheet.column_dimensions["A"].width >= 60
    assert sheet["A2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height >= 16 * 5
