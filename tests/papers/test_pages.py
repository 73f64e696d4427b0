"""What is on which page: no heading is at the foot, and what is under a table not alone."""

import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain

import docx
import pypdf
import pytest
from docx.oxml.ns import qn

from casework.papers import docx as word
from casework.papers import html, pdf
from casework.papers.model import Chart, Column, Fact, Paper, Proof, Section

PAPER = Paper(
    lang="en",
    title="A report",
    subject="a report",
    facts=(),
    lead="A lead.",
    notices=(),
    remarks=(),
    sections=(),
    size=1,
    root="0f" * 32,
    origin="f" * 36 + ".casework",
    written=datetime(2026, 1, 1, tzinfo=UTC),
)
COLUMNS = (Column("ref", "Ref", "code"), Column("title", "Title", wide=True))
LOG = "last recorded"
NOTE = "A note under it."
OFFICE = pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")


def section(name, count, *, more=0, total=None, note="", charts=()):
    columns = (*COLUMNS, *(Column(f"c{n}", f"More {n}") for n in range(more)))
    rows = tuple((f"{name}.{n}", "Title", *["x"] * more) for n in range(count))
    last = None if total is None else ("Total", total, *[""] * more)
    return Section(name, f"Section {name}", columns, rows, last, note=note, charts=charts)


def made(writer, *sections, **said):
    file = io.BytesIO()
    writer.write(replace(PAPER, sections=sections, **said), file)
    return file


def pages_of(file):
    return [page.extract_text() for page in pypdf.PdfReader(file).pages]


def opened(folder, documents):
    """Return the pages of documents as LibreOffice sets them."""
    names = [folder / f"{number:03}.docx" for number in range(len(documents))]
    for name, document in zip(names, documents, strict=True):
        name.write_bytes(document.getvalue())
    home = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    convert = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", folder, *names]
    subprocess.run(convert, check=True, capture_output=True, timeout=240)
    return [pages_of(name.with_suffix(".pdf")) for name in names]


# Around the lengths at which the last lines have no room on the page of the table.
LENGTHS = [(0, range(34, 46)), (6, range(20, 32))]
TABLES = [(more, count) for more, counts in LENGTHS for count in counts]


def long(more, count):
    """Return a table that is an annex, with a total or a note in some lengths."""
    total, note = ("44" if count % 2 else None), (NOTE if count % 3 == 0 else "")
    return section("A", count, more=more, total=total, note=note)


def alone(pages):
    """Return the pages that have what is under a table and none of its rows."""
    return [one for one in pages if (LOG in one or NOTE in one) and not re.search(r"[AB]\.\d", one)]


@pytest.mark.parametrize(("more", "count"), TABLES)
def test_what_is_under_a_table_of_a_pdf_is_on_the_page_of_its_last_rows(more, count):
    pages = pages_of(made(pdf, long(more, count)))
    rows = [re.findall(r"A\.\d+", one) for one in pages]

    assert alone(pages) == []
    assert [*chain(*rows)] == [f"A.{number}" for number in range(count)]
    assert all("Title" in one for one, there in zip(pages, rows, strict=True) if there)
    # An annex that is not the last one has a note.
    first = section("A", count, more=more, note=NOTE)
    assert alone(pages_of(made(pdf, first, section("B", 12)))) == []


@OFFICE
def test_what_is_under_a_table_of_word_is_on_the_page_of_its_last_rows(tmp_path):
    papers = [made(word, long(*one)) for one in TABLES]

    assert [alone(pages) for pages in opened(tmp_path, papers)] == [[]] * len(papers)


@pytest.mark.parametrize("total", [None, "44"])
def test_the_last_rows_of_word_are_kept_with_what_is_under_them(total):
    document = docx.Document(made(word, section("A", 12, total=total)))
    table = document.tables[-1]
    under = [one for one in document.element.body if one.tag == qn("w:p")][-3:]

    for row in table.rows[-2:]:
        assert all(one.paragraph_format.keep_with_next for one in row.cells[0].paragraphs)
    assert not table.rows[-3].cells[0].paragraphs[0].paragraph_format.keep_with_next
    assert [bool(one.xpath("w:pPr/w:keepNext")) for one in under] == [True, True, False]


PROOF = Proof(tuple(f"{number}" * 400 for number in range(3)), 40, 40)
ABOUT = "The code signs"
CODE = 50_000
"""A page with a code has more than so many bytes of lines to draw."""


@pytest.mark.parametrize("note", ["", NOTE])
def test_the_text_about_codes_of_a_pdf_is_on_the_page_of_a_code(note):
    for count in range(26, 46):
        file = made(pdf, section("A", count, note=note), proof=PROOF)
        (last,) = [one for one in pypdf.PdfReader(file).pages if ABOUT in one.extract_text()]

        assert len(last.get_contents().get_data()) > CODE, count


def test_the_codes_of_word_are_kept_with_the_text_about_them():
    document = docx.Document(made(word, section("A", 12), proof=PROOF))
    drawn, about = document.paragraphs[-2:]

    assert len(drawn._p.xpath(".//w:drawing")) == len(PROOF.codes)
    assert drawn.paragraph_format.keep_with_next
    assert ABOUT in about.text


def drawn(bars, before):
    """Return a paper with a chart after some lines and two tables."""
    chart = Chart("How many", ("late", "not"), [(f"Office {n}", (n, 1)) for n in range(bars)])
    tables = section("A", 1), section("B", 5, total="5")
    after = section("C", 8, total="8", charts=(chart,)), section("D", 2)
    return made(word, *tables, *after, remarks=("Words. " * before,))


@OFFICE
def test_libreoffice_parts_no_heading_from_its_chart(tmp_path):
    papers = [drawn(bars, 11 * lines) for bars in (3, 7) for lines in range(5, 27, 2)]
    last = [
        page.split("\n")[-1]
        for pages in opened(tmp_path, papers)
        for page in (one.strip() for one in pages)
    ]

    assert [one for one in last if re.match(r"\d\. Section|How many", one)] == []


@OFFICE
def test_libreoffice_parts_no_heading_from_the_words_under_it(tmp_path):
    before = section("A", 12, note=NOTE), section("B", 8, note=NOTE)
    said = ("None.", "None of them at all, because nobody has asked for any. " * 6)
    papers = [
        made(word, *before, replace(section("C", 0), empty=text), remarks=("Words. " * 11 * lines,))
        for text in said
        for lines in range(9, 19)
    ]
    ends = [page.strip().split("\n")[-1] for pages in opened(tmp_path, papers) for page in pages]

    assert [one for one in ends if re.match(r"\d\. Section", one)] == []


WORDS = Section(
    "rates",
    "Tỷ lệ",
    (Column("part", "", "word"), Column("cases", "số vụ việc", "count")),
    (("completed", 2), ("not_completed", 1)),
    note="làm tròn đến hai chữ số",
)
SAID = ["Chỉ tiêu", "Số vụ việc", "Đã hoàn thành", "2", "Chưa hoàn thành", "1"]


@pytest.mark.parametrize("writer", [word, pdf, html])
def test_words_of_a_document_begin_with_a_capital_and_a_period_is_one_phrase(writer):
    period = (Fact("từ", date(2026, 1, 1)), Fact("đến", date(2026, 9, 30), follows=True))
    file = made(writer, WORDS, lang="vi", facts=period)
    if writer is html:
        told = re.sub(r"<[^>]+>", "\n", file.getvalue().decode())
    elif writer is pdf:
        told = "\n".join(pages_of(file))
    else:
        told = "".join(f"{one.text}\n" for one in docx.Document(file).element.body.iter(qn("w:p")))
    lines = [line.strip() for line in re.sub(r" +", " ", told).split("\n") if line.strip()]

    assert " ".join(SAID) in " ".join(lines)
    assert "Làm tròn đến hai chữ số." in lines
    if writer is not html:
        assert any(line.startswith("Từ 01/01/2026 đến 30/09/2026. A lead") for line in lines)


OFFICE_OF = {
    **dict.fromkeys(("superior", "place", "number_series", "signs_for", "signatory", "filing"), ""),
    "signatory_office": "",
    "presented_to": (),
    "copied_to": (),
    "number_series": "BC-CNV",
}


def test_the_reference_of_an_annex_does_not_end_in_one_word():
    name = "Cục Ngoại vụ"
    file = made(pdf, lang="vi", office={**OFFICE_OF, "name": name})
    (_, annex) = pages_of(file)

    assert not re.search(r"^\s*\S+\)$", annex, re.MULTILINE)
