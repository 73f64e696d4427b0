"""Papers in files: every format is read by another program, and says what the others say."""

import contextlib
import csv
import gc
import io
import json
import os
import pty
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import docx
import icalendar
import openpyxl
import pypdf
import pytest
import time_machine
from click.testing import CliRunner
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from casework.cli import casework
from casework.errors import UsageError
from casework.papers import svg
from casework.papers.model import Column, Paper, Section
from casework.system.progress import heard

AS_OF = ["--as-of", "2099-01-01", "--until", "2100-01-01"]
FORMATS = ("json", "csv", "html", "xlsx", "docx", "pdf", "ics")
LISTS = ("overdue", "due_before_horizon", "no_owner", "no_due_date", "orphaned")
COUNTS = (
    "cases",
    "resolved",
    "resolved_on_time",
    "resolved_late",
    "resolved_no_due",
    "open",
    "open_in_time",
    "open_overdue",
    "open_no_due",
)
HOSTILE = (
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "'=1",
    "\t=1",
    "<script>alert(1)</script>",
    "#panic() $x$ *b* _i_ `c` @ref // <l> \\ ]",
    "a;b,c\\n:d\nEND:VEVENT\r\nX",
    "_x0041_ \x1b[31m\u202e\ufffe",
    "https://example.org/",
    "1/2",
)


@pytest.fixture
def cases(office, case):
    """Cases in every section of the report, with Vietnamese titles."""
    for number, (state, due, owner) in enumerate(
        [
            ("assigned", "2022-06-30", "mofa"),
            ("under_study", "2022-12-31", "hcmc-pc"),
            ("assigned", "2099-06-30", "vufo"),
            ("resolved", "2022-12-31", "mofa"),
            ("resolved", "2022-02-28", "mofa"),
            ("proposed", None, None),
        ],
        start=1,
    ):
        case(state, ref=f"A.{number}", due=due, owner=owner)
        office("edit", f"A.{number}", "--title-vi", f"Đề án số {number}: Quy chế đối ngoại")
    return office


def made(office, tmp_path, kind, *words, lang="vi"):
    path = tmp_path / f"{uuid.uuid4().hex}.{kind}"
    told = office("report", *words, "--lang", lang, "--output", path)
    assert told.stdout == ""
    return path


# --- reading them back ----------------------------------------------------------------------


class Tables(HTMLParser):
    """The tables of a page by the section they stand in, as rows of text."""

    def __init__(self):
        super().__init__()
        self.tables, self.section, self.cell = {}, "", None

    def handle_starttag(self, tag, attrs):
        if tag == "section":
            self.section = dict(attrs)["id"]
        elif tag == "tr":
            self.tables.setdefault(self.section, []).append([])
        elif tag in {"td", "th"}:
            self.cell = ""

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data

    def handle_endtag(self, tag):
        if tag in {"td", "th"}:
            self.tables[self.section][-1].append(self.cell)
            self.cell = None


def html_tables(path):
    parser = Tables()
    parser.feed(path.read_text("utf-8"))
    return parser.tables


def xlsx_sheets(path):
    book = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def docx_tables(path):
    return [[[cell.text for cell in row.cells] for row in one.rows] for one in lists(path)]


def lists(path):
    """Return the tables of a document that are no head and no foot."""
    tables = docx.Document(path).tables
    return [one for one in tables if one.style is not None and one.style.name == "Paper Table"]


def pdf_text(path):
    pages = pypdf.PdfReader(path).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def balances_in_html(path):
    return [row[2:11] for row in html_tables(path)["by_owner"][1:]]


def balances_in_xlsx(path):
    rows = xlsx_sheets(path)["By owner"][1:]
    return [[str(value) for value in row[1:10]] for row in rows]


def balances_in_docx(path):
    return [row[2:11] for row in docx_tables(path)[-1][1:]]


@st.composite
def registers(draw):
    """Draw the lines of a file of cases: owned or not, due or not, in every state."""
    lines = []
    for number in range(draw(st.integers(1, 8))):
        owner = draw(st.sampled_from([None, "mofa", "vufo", "hcmc-pc"]))
        row = {"ref": f"B.{number}", "title": "T", "proposer": "mofa", "proposed_on": "2022-01-01"}
        if owner:
            row |= {"owner": owner, "assigned_on": "2022-01-02", "state": "assigned"}
            row["due"] = draw(st.dates(date(2022, 1, 3), date(2022, 1, 9))).isoformat()
            if draw(st.booleans()):
                row |= {"state": "resolved", "outcome": "implemented", "resolved_on": "2022-01-06"}
        lines.append(json.dumps(row))
    return "\n".join(lines)


@pytest.fixture(scope="module")
def three_offices(sqlite_template, tmp_path_factory):
    path = tmp_path_factory.mktemp("offices") / "register.db"
    shutil.copy(sqlite_template, path)
    for code in ("mofa", "vufo", "hcmc-pc"):
        words = ["--db", str(path), "org", "add", code, "--name", f"Office {code}"]
        assert CliRunner().invoke(casework, words).exit_code == 0
    return path


# Nothing is shrunk: every example writes seven files, and eight cases are few enough to read.
@settings(max_examples=5, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(lines=registers())
def test_every_format_of_a_report_carries_the_same_numbers(lines, three_offices, tmp_path_factory):
    folder = tmp_path_factory.mktemp("numbers")
    store = folder / "register.db"
    shutil.copy(three_offices, store)

    def run(*words, input=None):
        done = CliRunner().invoke(casework, ["--db", str(store), *map(str, words)], input=input)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    run("import", "-", input=lines)
    ask = ["report", "overdue", *AS_OF]
    for kind in FORMATS:
        run(*ask, "--output", folder / f"r.{kind}")
    report = json.loads((folder / "r.json").read_text())
    wanted = [[str(one[name]) for name in COUNTS] for one in report["by_owner"]]
    wanted.append([str(report["totals"][name]) for name in COUNTS])

    for read in (balances_in_html, balances_in_xlsx, balances_in_docx):
        assert read(folder / f"r.{read.__name__.rpartition('_')[2]}") == wanted
    printed = run(*ask).partition("By owner\n")[2].splitlines()[1 : 1 + len(wanted)]
    assert [re.findall(r"\d+", line.replace("No owner", "-"))[-9:] for line in printed] == wanted
    words = pdf_text(folder / "r.pdf")
    for row in wanted:
        assert " ".join(row) in words
    *rows, _ = list(csv.DictReader((folder / "r.csv").read_text("utf-8-sig").splitlines()))
    assert [(row["section"], row["ref"], row["days_overdue"]) for row in rows] == [
        (name, one["ref"], str(one["days_overdue"])) for name in LISTS for one in report[name]
    ]
    due = {one["ref"] for name in LISTS for one in report[name] if one["due"]}
    calendar = icalendar.Calendar.from_ical((folder / "r.ics").read_bytes())
    assert {str(one["summary"]).split()[0] for one in calendar.events} == due
    assert json.loads(run(*ask, "--json")) == report


# --- each format by another program than the one that wrote it -------------------------------


def test_a_spreadsheet_has_a_sheet_a_section_typed_dates_filters_and_charts(cases, tmp_path):
    book = openpyxl.load_workbook(made(cases, tmp_path, "xlsx", "overdue", *AS_OF))
    sheet = book["Quá hạn"]
    headings = [cell.value for cell in sheet[1]]
    due = sheet.cell(2, headings.index("hạn") + 1)

    assert book.sheetnames[1:] == [
        "Quá hạn",
        "Đến hạn trước hội nghị",
        "Chưa có cơ quan chủ trì",
        "Chưa có thời hạn",
        "Theo cơ quan chủ trì",
        "Biểu đồ",
    ]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(1, len(headings)).column_letter}3"
    assert (due.value, due.number_format) == (datetime(2022, 6, 30), "dd/mm/yyyy")  # noqa: DTZ001 - a cell's
    assert sheet.cell(2, headings.index("nội dung") + 1).value == "Đề án số 1: Quy chế đối ngoại"
    assert sheet.cell(2, headings.index("chủ trì") + 1).value == "Bộ Ngoại giao"
    assert type(sheet.cell(2, headings.index("ngày trễ") + 1).value) is int
    assert len(book["Biểu đồ"]._charts) == 1


def test_a_document_has_the_layout_a_secretariat_signs(cases, tmp_path):
    path = made(cases, tmp_path, "docx", "overdue", *AS_OF)
    document = docx.Document(path)
    head, *_, signature = [one for one in document.tables if one.style.name != "Paper Table"]
    words = [cell.text for cell in (*head.rows[0].cells, *signature.rows[0].cells)]
    page = document.sections[0]

    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc" in words[1]
    assert "Số: " in words[0]
    assert "ngày" in words[1]
    assert words[2].startswith("Nơi nhận:")
    assert "[Họ và tên]" in words[3]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    assert document.styles["Normal"].element.getroottree().getroot().xpath(
        "//w:rFonts/@w:ascii"
    ) == ["Times New Roman"]
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert headings[0] == "1. Quá hạn (2)"
    assert "31/12/2022" in {cell for row in docx_tables(path)[0] for cell in row}


ISSUED = (
    *("--name", "Ban Thư ký \x1b[31m", "--superior", "BỘ NGOẠI GIAO", "--place", "Hà Nội"),
    *("--series", "BC-BTK", "--signs-for", "TL. BỘ TRƯỞNG", "--signatory-office", "TRƯỞNG BAN"),
    *("--signatory", "Trần {subject} A", "--recipient", "Như trên", "--recipient", "Các bộ"),
    *("--presented-to", "Thủ tướng Chính phủ", "--filed", "VT, BTK"),
)
SAID = (
    *("BỘ NGOẠI GIAO", "Ban Thư ký", "Số: ……/BC-BTK", "Hà Nội, ngày …… tháng …… năm 20……"),
    *("Kính gửi: Thủ tướng Chính phủ", "- Như trên;", "- Các bộ;", "- Lưu: VT, BTK."),
    *("TL. BỘ TRƯỞNG", "TRƯỞNG BAN", "Trần {subject} A"),
)


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_a_paper_names_the_office_that_issues_it(office, tmp_path, kind):
    pytest.importorskip("typst")
    office("office", "set", *ISSUED)
    path = made(office, tmp_path, kind, "progress")
    if kind == "docx":
        lines = "".join(_lines(docx.Document(path).element.body))
    else:
        lines = "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    said = " ".join(lines.split())

    assert [one for one in SAID if one not in said] == []
    assert "[CƠ QUAN" not in said
    assert "\x1b" not in said
    assert "……/BC-……" not in said


def _lines(body):
    from docx.text.paragraph import Paragraph

    return [f"{Paragraph(one, None).text}\n" for one in body.xpath(".//w:p")]


def test_several_to_whom_a_paper_is_presented_stand_in_a_line_each(office, tmp_path):
    office("office", "set", "--name", "Ban", "--presented-to", "A", "--presented-to", "B")
    document = docx.Document(made(office, tmp_path, "docx", "progress"))

    texts = [one.text for one in document.paragraphs]
    place = texts.index("Kính gửi:")

    assert texts[place : place + 3] == ["Kính gửi:", "- A;", "- B."]


def test_a_table_of_a_document_begins_anew_on_each_page_and_parts_no_row(cases, tmp_path):
    table, *_ = lists(made(cases, tmp_path, "docx", "overdue", *AS_OF))
    first, *rest = table.rows

    assert [len(row._tr.xpath("w:trPr/w:cantSplit")) for row in table.rows] == [1] * (1 + len(rest))
    assert [len(row._tr.xpath("w:trPr/w:tblHeader")) for row in table.rows] == [1] + [0] * len(rest)
    assert all(run.bold for cell in first.cells for run in cell.paragraphs[0].runs)
    assert not any(run.bold for cell in rest[0].cells for run in cell.paragraphs[0].runs)
    place = [cell.text for cell in first.cells].index("Ngày trễ")
    assert [row.cells[place].paragraphs[0].alignment.name for row in rest] == ["RIGHT"] * len(rest)
    assert sum(column.width.pt for column in table.columns) == pytest.approx(453.5, abs=1)


@pytest.mark.parametrize(("lang", "language"), [("vi", "vi-VN"), ("en", "en-GB")])
def test_a_document_tells_its_pages_its_log_its_time_and_its_language(
    cases, tmp_path, lang, language
):
    path = made(cases, tmp_path, "docx", "overdue", *AS_OF, lang=lang)
    document = docx.Document(path)
    page, *annexes = document.sections
    about = document.core_properties
    last = [one.text for one in document.paragraphs[-2:]]

    assert page.different_first_page_header_footer
    assert page.header._element.xpath(".//w:fldSimple/@w:instr") == [" PAGE "]
    assert page.first_page_header.is_linked_to_previous
    assert page.footer.is_linked_to_previous
    assert len(annexes) == 1
    assert annexes[0]._sectPr.xpath("w:pgNumType/@w:start") == ["1"]
    assert cases.head().root in last[0]
    assert document.styles.element.xpath("//w:lang/@w:val") == [language]
    assert (about.title, about.language) == (cases_title(lang), lang)
    recorded = cases.json("audit", "log")[-1]["recorded_at"][:19]
    assert f"{about.created:%Y-%m-%dT%H:%M:%S}" == f"{about.modified:%Y-%m-%dT%H:%M:%S}" == recorded
    with zipfile.ZipFile(path) as parts:
        assert {part.create_system for part in parts.infolist()} == {0}
        texts = "".join(parts.read(name).decode() for name in parts.namelist())
    assert not re.search(r"\{\w+\}", re.sub("<[^>]*>", "", texts))


def cases_title(lang):
    return {"vi": "Báo cáo quá hạn", "en": "Overdue report"}[lang]


def test_what_a_paper_says_is_never_taken_for_a_place_of_the_template():
    file = io.BytesIO()
    braces = "{contents}"
    paper = replace(long_paper(1), title=braces * 99, subject=braces, lead=braces, lang="en")
    import_module("casework.papers.docx").write(paper, file)
    document = docx.Document(file)
    texts = [one.text for one in document.paragraphs]

    assert [one for one in texts if one.startswith(braces)] == [braces, f"{braces}."]
    assert texts.index("1. Quá hạn") > texts.index(f"{braces}.")
    assert len(document.core_properties.title) == 255


def test_a_document_of_a_clock_that_stood_at_its_beginning_can_be_written():
    file = io.BytesIO()
    then = datetime(1970, 1, 1, tzinfo=UTC)
    import_module("casework.papers.docx").write(replace(long_paper(1), written=then), file)

    assert docx.Document(file).core_properties.created.year == 1970
    assert {part.date_time for part in zipfile.ZipFile(file).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_pdf_holds_its_text_and_ends_with_the_log(cases, tmp_path):
    reader = pypdf.PdfReader(made(cases, tmp_path, "pdf", "overdue", *AS_OF))
    page = reader.pages[0]

    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [210, 297]
    assert cases.head().root in reader.pages[-1].extract_text()
    words = " ".join(page.extract_text().split())
    for told in ("Độc lập - Tự do - Hạnh phúc", "Đề án số 1: Quy chế đối ngoại", "30/06/2022"):
        assert told in words
    assert reader.metadata.title == "Báo cáo quá hạn"


def test_a_web_page_needs_nothing_else_and_runs_nothing(cases, tmp_path):
    page = made(cases, tmp_path, "html", "overdue", *AS_OF).read_text("utf-8")

    assert '<html lang="vi">' in page
    assert "default-src 'none'" in page
    assert "<svg" in page
    assert page.count("<th ") == page.count('<th scope="col"')
    for name in re.findall(r'<table aria-labelledby="([^"]*)"', page):
        assert f'<h2 id="{name}"' in page
    assert not re.findall(r"<(?:script|link|img|iframe)|\b(?:src|href)=|url\(|style=", page)
    addresses = set(re.findall(r"https?://[^\"' ]*", page))
    assert addresses == {"http://www.w3.org/2000/svg"}


def test_on_a_phone_a_page_has_no_narrow_columns_no_bare_colons_and_readable_charts(
    cases, tmp_path
):
    page = made(cases, tmp_path, "html", "progress").read_text("utf-8")
    wide, phone = re.fullmatch(
        r".*<style>(.*)@media \(max-width: 40rem\) \{(.*?)\n\}.*", page, re.DOTALL
    ).groups()
    narrow = re.findall(r"^\.(\w+) \{[^}]*\bwidth: \d+%", wide, re.MULTILINE)
    (auto,) = re.findall(r"^ *(.+) \{ width: auto; \}", phone, re.MULTILINE)
    (size,) = re.findall(r"svg text \{ font-size: (\d+)px", phone)

    assert narrow
    assert auto.split(", ") == [f"td.{name}" for name in narrow]
    assert 'data-label=""' in page
    assert 'td[data-label=""]::before { content: none; }' in phone
    # A phone is 390 px wide, of which the page's edges take 32.
    assert int(size) * (390 - 32) / svg.WIDTH > 10
    assert 'content="width=device-width, initial-scale=1"' in page


def test_an_events_place_in_the_calendar_moves_with_its_due_date(cases, tmp_path):
    def events():
        path = made(cases, tmp_path, "ics", "overdue", *AS_OF)
        lines = path.read_bytes().split(b"\r\n")
        assert max(map(len, lines)) <= 75
        assert all(line.decode() == line.decode("utf-8", "replace") for line in lines)
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        assert [one.errors for one in calendar.walk() if one.errors] == []
        return {str(one["summary"]).split()[0]: one for one in calendar.events}

    before = events()
    cases("extend", "A.1", "--due", "2099-03-31", "--reason", "consultation")
    after = events()

    assert before.keys() == after.keys() == {"A.1", "A.2", "A.3"}
    moved, earlier = after["A.1"], before["A.1"]
    assert moved["uid"] == earlier["uid"]
    assert (earlier.start, moved.start) == (date(2022, 6, 30), date(2099, 3, 31))
    assert moved.end - moved.start == timedelta(1)
    assert int(moved["sequence"]) > int(earlier["sequence"])
    assert str(moved["summary"]) == "A.1 Đề án số 1: Quy chế đối ngoại"
    assert after["A.2"]["sequence"] == before["A.2"]["sequence"]


def test_a_backslash_in_a_calendar_stays_one_whatever_follows_it(office, case, tmp_path):
    title = r"D:\Nghị quyết\next\;,\\N"
    case("assigned", ref="A.1", title=title)
    path = made(office, tmp_path, "ics", "overdue", *AS_OF)
    lines = path.read_text("utf-8").replace("\n ", "").splitlines()
    (value,) = [line.partition(" ")[2] for line in lines if line.startswith("SUMMARY:")]

    # RFC 5545, 3.3.11: a backslash makes of the character after it itself, or an end of line.
    assert re.findall(r"\\[nN]", value.replace("\\\\", "")) == []
    assert re.sub(r"\\(.)", r"\1", value) == title


@pytest.mark.parametrize("report", ["review", "slippage"])
def test_what_is_resolved_is_in_no_calendar(office, case, tmp_path, report):
    for ref, state in (("A.1", "resolved"), ("A.2", "under_study")):
        case(state, ref=ref, due="2022-06-30")
        if state != "resolved":
            words = ["--reason", "consultation", "--effective", "2022-07-01"]
            office("extend", ref, "--due", "2022-08-31", *words)
    version = office.json("show", "A.2")["version"]
    office("report", report, "--as-of", "2023-12-08", "--output", tmp_path / "r.ics")
    listed = office("report", report, "--as-of", "2023-12-08").stdout
    (event,) = icalendar.Calendar.from_ical((tmp_path / "r.ics").read_bytes()).events

    assert "A.1" in listed
    assert str(event["summary"]).startswith("A.2")
    assert event["sequence"] == version


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler is not installed")
@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_an_office_program_opens_it_and_shows_vietnamese(cases, tmp_path, kind):
    path = made(cases, tmp_path, kind, "overdue", *AS_OF)
    home = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    convert = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, path]
    subprocess.run(convert, check=True, capture_output=True, timeout=120)
    words = subprocess.run(
        ["pdftotext", path.with_suffix(".pdf"), "-"], check=True, capture_output=True
    ).stdout.decode()

    for told in ("Bộ Ngoại giao", "đối ngoại", "31/12/2022"):
        assert told in " ".join(words.split())


# --- user text is never trusted --------------------------------------------------------------


@pytest.fixture
def hostile(office, case):
    for number, words in enumerate(HOSTILE, start=1):
        # A text that begins with @ names a file, unless it begins with two of them.
        title = f"@{words}" if words.startswith("@") else words.strip()
        case("assigned", ref=f"H.{number:02}", title=title)
    office("org", "edit", "mofa", "--name", "=1+1<b>&", "--reason", "test")
    return office


def test_no_cell_of_a_spreadsheet_is_a_formula_or_a_link_and_text_is_read_back(hostile, tmp_path):
    path = made(hostile, tmp_path, "xlsx", "overdue", *AS_OF, lang="en")
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    # A cell spells a control character _x001B_ (ISO/IEC 29500, 22.9.2.19), as Excel does.
    titles = {row[0].value: unescape(row[1].value) for row in book["Overdue"].iter_rows(min_row=2)}
    told = {one["ref"]: one["title"] for one in hostile.json("list")}
    parts = zipfile.ZipFile(path)

    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert b"<f>" not in b"".join(parts.read(n) for n in parts.namelist() if "worksheets" in n)
    assert titles == told
    assert "=1+1<b>&" in {cell.value for cell in book["By owner"]["A"]}


def test_text_from_the_register_is_text_in_every_document(hostile, tmp_path):
    ask = ["overdue", *AS_OF]
    page = made(hostile, tmp_path, "html", *ask, lang="en")
    shown = {row[2] for row in html_tables(page)["overdue"]}
    written = {row[2] for row in docx_tables(made(hostile, tmp_path, "docx", *ask, lang="en"))[0]}
    pdf = pdf_text(made(hostile, tmp_path, "pdf", *ask, lang="en"))
    calendar = icalendar.Calendar.from_ical(
        made(hostile, tmp_path, "ics", *ask, lang="en").read_bytes()
    )

    for told in ("<script>alert(1)</script>", HOSTILE[7], "-1", "a;b,c\\n:d␊END:VEVENT␍␊X"):
        assert told in shown
        assert told in written
        assert told in {str(one["summary"])[5:] for one in calendar.events}
    assert "<script" not in page.read_text("utf-8")
    assert "#panic() $x$ *b*" in pdf
    assert "_x0041_ ␛[31m<U+202E><U+FFFE>" in shown & written


# --- the same every time, and never half ------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_register_gives_the_same_bytes_whenever_it_is_asked(cases, tmp_path, kind):
    first = made(cases, tmp_path, kind, "overdue", *AS_OF).read_bytes()
    with time_machine.travel(datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)):
        later = made(cases, tmp_path, kind, "overdue", *AS_OF).read_bytes()
    cases("note", "A.1", "one more event")
    changed = made(cases, tmp_path, kind, "overdue", *AS_OF).read_bytes()

    assert first == later
    assert kind == "csv" or changed != first


def test_a_paper_does_not_depend_on_the_machines_locale_or_zone(cases, tmp_path):
    written = set()
    for number, env in enumerate(
        ({"LC_ALL": "C", "TZ": "UTC"}, {"LC_ALL": "vi_VN.UTF-8", "TZ": "Pacific/Auckland"})
    ):
        path = tmp_path / f"{number}.html"
        words = ["report", "overdue", *AS_OF, "--lang", "vi", "--output", path]
        command = [Path(sys.executable).with_name("casework"), "--db", cases.url, *words]
        subprocess.run(command, check=True, env={**os.environ, **env}, capture_output=True)
        written.add(path.read_bytes())

    assert len(written) == 1


def test_a_file_that_is_there_is_replaced_only_when_told_to(cases, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("mine")
    error = cases.refused(5, "report", "overdue", "--output", path)
    kept = path.read_text()
    cases("report", "overdue", "--output", path, "--force")

    assert kept == "mine"
    assert "--force" in error["hint"]
    assert path.read_text().startswith("<!DOCTYPE html>")


def test_what_cannot_be_written_leaves_nothing_behind(cases, tmp_path, monkeypatch):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "folder.pdf").mkdir()
    calendar = cases.refused(2, "report", "progress", "--output", folder / "p.ics")
    monkeypatch.setitem(sys.modules, "typst", None)
    missing = cases.refused(8, "report", "overdue", "--output", folder / "p.pdf")
    cases.refused(2, "report", "overdue", "--output", folder / "p.odt")
    cases.refused(2, "report", "overdue", "--output", folder / "folder.pdf", "--force")

    assert "report overdue" in calendar["hint"]
    assert "pip install" in missing["hint"]
    assert [path.name for path in folder.iterdir()] == ["folder.pdf"]


@pytest.mark.parametrize("kind", ["html", "xlsx", "docx", "pdf"])
def test_a_disk_that_is_full_leaves_the_file_that_was_there(cases, tmp_path, kind):
    path = tmp_path / "out" / f"report.{kind}"
    path.parent.mkdir()
    path.write_text("mine")
    words = ["report", "overdue", *AS_OF, "--force", "--json", "--output", path]
    done = subprocess.run(
        [Path(sys.executable).with_name("casework"), "--db", cases.url, *words],
        # A process may not write a file of more than 4 KiB: as on a disk that is full.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, 4_096)),
        capture_output=True,
    )

    assert done.returncode == 8, done.stderr
    assert "cannot be written" in json.loads(done.stderr)["error"]["message"]
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert path.read_text() == "mine"


def test_a_dash_is_the_screen_in_the_format_asked_for(cases):
    ask = ["report", "overdue", *AS_OF]

    for form in ("table", "json", "ndjson", "csv"):
        plain = cases(*ask, "--format", form).stdout
        assert cases(*ask, "--format", form, "--output", "-").stdout == plain


def on_a_terminal(office, columns, *words):
    """Return what a terminal of so many columns is sent."""
    ours, theirs = pty.openpty()
    command = [Path(sys.executable).with_name("casework"), "--db", office.url, *words]
    env = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=env):
        os.close(theirs)
        sent = b""
        # Linux says EIO, not the end of the file, when the other side of a terminal is closed.
        with contextlib.suppress(OSError):
            while part := os.read(ours, 65_536):
                sent += part
    os.close(ours)
    return sent.decode().replace("\r\n", "\n")


def test_charts_are_drawn_on_a_terminal_that_is_wide_enough_and_only_there(cases):
    ask = ["report", "overdue", *AS_OF]
    wide = on_a_terminal(cases, 100, *ask)
    narrow = on_a_terminal(cases, 50, *ask)
    bars = dict(re.findall(r"^(.+?) +([█░]+) \d+ \+ \d+$", wide, re.MULTILINE))

    assert set(bars) == {"Ministry of Foreign Affairs", "Ho Chi Minh City People's…"}
    ministry = bars["Ministry of Foreign Affairs"]
    assert ministry.count("█") == ministry.count("░") == len(bars["Ho Chi Minh City People's…"])
    assert max(map(len, wide.splitlines())) <= 100
    assert not re.search("[█░]", narrow + cases(*ask).stdout)


def test_who_reported_a_case_is_said_once_on_a_narrow_terminal(cases):
    row = {"ref": "Z.1", "title": "Far " * 20, "proposer": "hcmc-pc", "proposed_on": "2021-12-13"}
    row |= {"owner": "hcmc-pc", "state": "under study", "due": "2022-06-30"}
    row |= {"assigned_on": "2021-12-20", "study_on": "2021-12-21"}
    cases("import", "-", input=json.dumps(row))
    named = row | {"ref": "Z.2", "title": "Other " * 20}
    cases("import", "-", "--reported-by", "the office", input=json.dumps(named))
    shown = {
        lang: " ".join(
            on_a_terminal(cases, 60, "--lang", lang, "report", "overdue", *AS_OF).split()
        )
        for lang in ("en", "vi")
    }

    assert "days late 27,944; reported by standard input" in shown["en"]
    assert "; reported the office" in shown["en"]
    assert "ngày trễ 27.944; theo " in shown["vi"]
    assert "theo nguồn theo" not in shown["vi"]
    assert "; theo nguồn the office" in shown["vi"]


def test_bars_of_names_that_begin_alike_can_be_told_apart(cases):
    for code, name in {"moit": "Industry and Trade", "mod": "National Defence"}.items():
        cases("org", "add", code, "--name", f"Ministry of {name}")
        ref = f"Z.{code}"
        day = ("--effective", "2021-12-13")
        cases("propose", "--title", ref, "--ref", ref, "--proposer", "hcmc-pc", *day)
        cases("assign", ref, "--owner", code, "--due", "2022-01-31", *day)
    shown = on_a_terminal(cases, 60, "report", "overdue", *AS_OF)
    labels = re.findall(r"^(Ministry.+?) +[█░]+ \d+ \+ \d+$", shown, re.MULTILINE)

    assert len(labels) == len({*labels}) == 3
    assert max(map(len, shown.splitlines())) <= 60


# --- long papers -----------------------------------------------------------------------------


class Rows(Sequence):
    """Rows that are made when they are read, so that only a writer's own memory counts."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, place):
        if place >= self.count:
            raise IndexError(place)
        return (f"A.{place}", f"Đề án số {place}", date(2022, 12, 31), place)


def long_paper(count):
    columns = (
        Column("ref", "ref", "code"),
        Column("title", "title", wide=True),
        Column("due", "due", "date"),
        Column("days_overdue", "days late", "days"),
    )
    return Paper(
        lang="vi",
        title="Báo cáo",
        subject="",
        facts=(),
        lead="",
        notices=(),
        remarks=(),
        sections=(Section("overdue", "Quá hạn", columns, Rows(count)),),
        size=1,
        root="00",
        origin="test",
        written=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_a_spreadsheet_that_cannot_be_written_leaves_nothing_behind(cases, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr("xlsxwriter.packager.Packager._write_workbook_file", full)
    cases.refused(8, "report", "overdue", *AS_OF, "--output", tmp_path / "r.xlsx")

    assert list(scratch.iterdir()) == []
    assert list(tmp_path.glob("*.xlsx*")) == []


@pytest.mark.parametrize("step", ["_write_workbook_file", "_write_theme_file"])
def test_what_a_spreadsheet_that_failed_leaves_open_says_nothing_when_it_goes(monkeypatch, step):
    def full(_):
        raise OSError(28, "No space left on device")

    said = []
    monkeypatch.setattr(f"xlsxwriter.packager.Packager.{step}", full)
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    write = import_module("casework.papers.xlsx").write
    for _ in range(5):
        with pytest.raises(OSError, match="No space left") as raised:
            write(long_paper(1), io.BytesIO())
        # All of it goes at once, and in no order.
        raised.value.itself = raised.value
        del raised
        gc.collect()

    assert said == []


@pytest.mark.parametrize(("kind", "rows"), [("pdf", 10_001), ("docx", 10_001), ("xlsx", 1_048_575)])
def test_more_rows_than_a_format_can_hold_are_refused(kind, rows):
    writer = import_module(f"casework.papers.{kind}")
    file = io.BytesIO()

    with pytest.raises(UsageError, match=f"{rows:,}"):
        writer.write(long_paper(rows), file)
    assert file.getvalue() == b""


@pytest.mark.parametrize(("kind", "work"), [("docx", ["writing"]), ("pdf", ["writing", "setting"])])
def test_how_many_rows_a_paper_has_is_said_before_it_is_made(kind, work, monkeypatch):
    writer, told, file = import_module(f"casework.papers.{kind}"), [], io.BytesIO()
    monkeypatch.setattr("casework.papers.pdf.LONG", 2)
    with heard(lambda what, _, rows: told.append((what, rows, file.tell()))):
        writer.write(long_paper(3), file)

    first = {what: (rows, written) for what, rows, written in reversed(told) if what}
    assert first == dict.fromkeys(work, (3, 0))
    assert file.tell()


@pytest.mark.parametrize("kind", ["csv", "html", "xlsx"])
def test_a_writers_memory_does_not_grow_with_the_rows(kind, tmp_path):
    writer = import_module(f"casework.papers.{kind}")
    peaks = []
    for count in (200, 1_000, 8_000):
        with (tmp_path / "paper").open("wb") as file:
            tracemalloc.start()
            writer.write(long_paper(count), file)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    assert peaks[2] < peaks[1] + 250_000


def test_a_calendar_is_written_as_its_rows_are_read():
    file, written = io.BytesIO(), []

    class Watched(Rows):
        def __getitem__(self, place):
            written.append(file.tell())
            ref, title, due, _ = super().__getitem__(place)
            return ref, title, "assigned", "mofa", due

    columns = tuple(Column(name, name) for name in ("ref", "title", "state", "owner", "due"))
    section = Section("overdue", "Quá hạn", columns, Watched(3))
    twice = replace(section, rows=Watched(4))
    versions = {f"A.{place}": 1 for place in range(4)}
    paper = replace(long_paper(0), sections=(section, twice), versions=versions)
    import_module("casework.papers.ics").write(paper, file)

    first, *_, last = written
    assert 0 < first < written[1] < written[2] < last
    found = icalendar.Calendar.from_ical(file.getvalue()).events
    assert [str(one["summary"]).split()[0] for one in found] == ["A.0", "A.1", "A.2", "A.3"]
