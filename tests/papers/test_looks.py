"""How papers look, read back: charts of Word, printed spreadsheets, and what stands on a page."""

import re
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import browser
import docx
import openpyxl
import pytest
from docx.text.paragraph import Paragraph

from casework.papers import html, xlsx

AS_OF = ("--as-of", "2099-01-01", "--until", "2100-01-01")
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
LONG = "Guidance on sending delegations of local leaders abroad and the procedure of asking for it"


@pytest.fixture
def made(office, case, tmp_path):
    """A function that writes the overdue report of two dozen cases of two owners."""
    for n in range(html.MANY + 4):
        owner = "mofa" if n % 3 else "vufo"
        case("assigned", ref=f"NFAC-22.{n:03}", owner=owner, title=f"{LONG} {n}")
    case(ref="NFAC-22.100")

    def write(kind, *words, lang="en"):
        to = tmp_path / f"{lang}.{kind}"
        office("report", "overdue", *words, *AS_OF, "--output", to, "--lang", lang)
        return to

    return write


def charts(path):
    """Return the charts of a document: of each series its name, and its value by each label."""
    with ZipFile(path) as parts:
        found = [ET.fromstring(parts.read(one)) for one in parts.namelist() if "/charts/" in one]
    return [
        {
            "".join(one.find(f"{CHART}tx").itertext()): dict(
                zip(values(one, "cat"), map(float, values(one, "val")), strict=True)
            )
            for one in chart.iter(f"{CHART}ser")
        }
        for chart in found
    ]


def values(series, name):
    return ["".join(one.itertext()) for one in series.find(f"{CHART}{name}").iter(f"{CHART}pt")]


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_a_chart_of_word_is_drawn_from_the_numbers_of_the_report(office, made, lang):
    told = office.json("report", "overdue", *AS_OF)
    names = {one["code"]: one["name_vi" if lang == "vi" else "name"] for one in orgs(office)}
    late = {names[one["owner"]]: one["open_overdue"] for one in told["by_owner"] if one["owner"]}
    (chart,) = charts(made("docx", lang=lang))

    assert sum(late.values()) == len(told["overdue"]) > 0
    first, second = chart.values()
    assert first == {name: count for name, count in late.items() if count}
    assert set(second.values()) == {0}


def orgs(office):
    return office.json("org", "list")


def test_the_heading_of_a_chart_stands_on_its_page(made):
    document = docx.Document(made("docx"))
    (chart,) = [one for one in document.tables if one._tbl.xpath(".//w:drawing")]
    cell = chart.cell(0, 0).paragraphs
    heading, under = (
        Paragraph(one, document._body) for one in (chart._tbl.getprevious(), chart._tbl.getnext())
    )

    # LibreOffice parts paragraphs that are kept together, but no row of a table.
    assert chart._tbl.xpath("w:tr/w:trPr/w:cantSplit")
    assert not chart._tbl.xpath(".//w:tblBorders | .//w:tcBorders | .//w:tblStyle")
    assert [one.text for one in cell] == ["Lateness by owner", ""]
    assert heading.style.name == "Heading 1"
    for one in (heading, *cell, under):
        kept = one.paragraph_format.keep_with_next
        assert kept or one.style.paragraph_format.keep_with_next, one.text


def test_a_printed_sheet_has_margins_a_number_of_its_page_and_letters_that_can_be_read(made):
    for sheet in openpyxl.load_workbook(made("xlsx", lang="vi")):
        margins = sheet.page_margins
        inches = {name: getattr(margins, name) for name in xlsx.MARGINS}
        assert inches == xlsx.MARGINS
        millimetres = {name: value * 25.4 for name, value in inches.items()}
        assert 30 <= millimetres["left"] <= 35
        assert 15 <= millimetres["right"] <= 20
        assert all(20 <= millimetres[name] <= 25 for name in ("top", "bottom"))
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.oddHeader.center.text, sheet.oddHeader.right.text) == ("&P", "&A")
        columns = [one.width for one in sheet.column_dimensions.values() for _ in range(span(one))]
        assert sum(columns) <= xlsx.PRINTED + len(columns), sheet.title
        if sheet.title.startswith("Quá hạn"):
            assert sheet.print_title_rows == "$1:$1"
            # What was folded is shown whole: its row is as high as its lines.
            cell = next(
                one for row in sheet.iter_rows(min_row=2) for one in row if LONG in told(one)
            )
            lines = -(-len(cell.value) // int(sheet.column_dimensions[cell.column_letter].width))
            assert sheet.row_dimensions[cell.row].height >= lines * xlsx.LINE


def test_no_number_of_a_sheet_touches_the_text_beside_it(made):
    for sheet in openpyxl.load_workbook(made("xlsx", lang="vi")):
        for cell in (one for row in sheet.iter_rows(min_row=2) for one in row):
            if cell.data_type == "n" and cell.value is not None:
                form = cell.alignment
                assert (form.horizontal, form.indent) == ("right", 1), cell.coordinate


def span(column):
    return column.max - column.min + 1


def told(cell):
    return str(cell.value)


@pytest.mark.skipif(browser.PROGRAM is None, reason="there is no browser")
def test_a_page_is_no_wider_than_the_screen_of_a_telephone_or_a_desk(made):
    page = made("html", lang="vi")
    with browser.browser() as screen:
        for wide in (390, 1280):
            screen.open(page, wide=wide)
            assert screen.evaluate("document.documentElement.scrollWidth") == wide


def test_what_is_said_in_a_paper_is_a_sentence_and_no_column_only_says_that_there_is_nothing(made):
    document = docx.Document(made("docx", lang="vi"))
    said = [one.text for one in document.paragraphs if one.style.name == "Body Text"]
    without = next(one for one in document.tables if one.cell(-1, 1).text == "NFAC-22.100")

    assert said
    assert [one for one in said if not one.endswith(".") or one[0] != one[0].upper()] == []
    assert "Về các kiến nghị quá hạn giải quyết" in [one.text for one in document.paragraphs]
    assert "Nội dung" in [one.text for one in without.rows[0].cells]
    assert "Chủ trì" not in [one.text for one in without.rows[0].cells]


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_a_long_page_begins_with_links_to_all_of_its_sections(made, lang):
    page = made("html", lang=lang).read_text("utf-8")
    (listed,) = re.findall(r"<nav.*?</nav>", page, re.DOTALL)

    sections = re.findall(r'<section id="([^"]+)">', page)
    assert re.findall(r'<a href="#([^"]+)">', listed) == sections
    titles = re.findall(r'<h2 id="[^"]+"[^>]*>([^<]+)', page)
    assert re.findall(r"<a [^>]*>([^<]+)", listed) == titles


def test_a_short_page_has_no_list_of_what_is_on_it(office, case, tmp_path):
    case("assigned")
    to = tmp_path / "short.html"
    office("report", "overdue", *AS_OF, "--output", to)
    assert "<nav" not in to.read_text("utf-8")
