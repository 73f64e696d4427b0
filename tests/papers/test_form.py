"""Every report has the form of Decree 30/2020 in Word and in PDF; what had not would be named."""

import json
import shutil
import zipfile
from dataclasses import replace

import pypdf
import pytest
from click.testing import CliRunner
from decree import Wanted, of_docx, of_pdf
from verapdf import broken

from casework.cli import casework
from casework.papers import pdf

REPORTS = {
    "overdue": ("overdue", "--before", "NFAC-21"),
    "progress": ("progress",),
    "review": ("review", "--of", "NFAC-20", "--for", "NFAC-21"),
    "workload": ("workload",),
    "slippage": ("slippage",),
    "forecast": ("forecast", "--before", "NFAC-21"),
    "backtest": ("forecast", "--backtest"),
}
AS_OF = ("--as-of", "2023-12-08")
OFFICE = (
    *("--name", "Cục Ngoại vụ địa phương", "--superior", "Bộ Ngoại giao", "--place", "Hà Nội"),
    *("--series", "BC-CNV", "--signs-for", "TL. Bộ trưởng", "--signatory-office", "Cục trưởng"),
    *("--signatory", "Trần Văn An", "--recipient", "Như trên", "--recipient", "Các bộ, ngành"),
    *("--presented-to", "Thủ tướng Chính phủ", "--filed", "VT, CNV"),
)


def _cases():
    """Twenty cases, a third of them resolved, with references as an office numbers them."""
    owners = ("mofa", "vufo", "hcmc-pc")
    for number in range(1, 21):
        row = {
            "ref": f"NFAC-20.{number:03}",
            "title": f"Rules for the offices of provinces abroad, part {number}",
            "title_vi": f"Quy chế hoạt động của văn phòng đại diện địa phương, phần {number}",
            "proposer": "hcmc-pc",
            "conference": "NFAC-20",
            "proposed_on": "2021-12-13",
        }
        if number % 10:
            due = f"20{22 + number % 2}-{1 + number % 12:02}-15"
            row |= {"owner": owners[number % 3], "assigned_on": "2022-01-10", "due": due}
            row |= {"state": "assigned"}
        if number % 10 in {1, 2, 3}:
            row |= {"state": "resolved", "outcome": "implemented", "resolved_on": "2022-09-01"}
        yield row


@pytest.fixture(scope="module")
def register(sqlite_template, tmp_path_factory):
    path = tmp_path_factory.mktemp("form") / "register.db"
    shutil.copy(sqlite_template, path)

    def run(*words, input=None):
        done = CliRunner().invoke(casework, ["--db", str(path), *map(str, words)], input=input)
        assert done.exit_code == 0, done.output
        return done

    for code, name in (("mofa", "Ministry"), ("vufo", "Union"), ("hcmc-pc", "City")):
        run("org", "add", code, "--name", f"{name} of Foreign Affairs", "--name-vi", f"Bộ {name}")
    for number, day in (("20", "2021-12-13"), ("21", "2023-12-18")):
        name = f"Hội nghị Ngoại vụ toàn quốc lần thứ {number}"
        words = ("--number", number, "--date", day, "--name", f"Conference {number}")
        run("conference", "add", f"NFAC-{number}", *words, "--name-vi", name)
    run("import", "-", input="\n".join(map(json.dumps, _cases())))
    run("office", "set", *OFFICE)
    return run


def wanted(run, lang):
    root = json.loads(run("audit", "status", "--json").stdout)["root"]
    vi = lang == "vi"
    return Wanted(
        superior="Bộ Ngoại giao",
        office="Cục Ngoại vụ địa phương",
        number="Số: ……/BC-CNV" if vi else "No.: ……/BC-CNV",
        place="Hà Nội",
        to="Kính gửi: Thủ tướng Chính phủ" if vi else "To: Thủ tướng Chính phủ",
        signs=("TL. BỘ TRƯỞNG", "CỤC TRƯỞNG"),
        signatory="Trần Văn An",
        filed="VT, CNV.",
        root=root,
        sent_to="Nơi nhận:" if vi else "Recipients:",
    )


def made(run, folder, kind, report, lang="vi"):
    path = folder / f"{report}-{lang}.{kind}"
    run("report", *REPORTS[report], *AS_OF, "--lang", lang, "--output", path, "--force")
    return path


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("report", REPORTS)
def test_every_report_has_the_form_of_the_decree_in_word_and_pdf(register, tmp_path, report, lang):
    points = wanted(register, lang)

    assert of_pdf(made(register, tmp_path, "pdf", report, lang), points) == []
    assert of_docx(made(register, tmp_path, "docx", report, lang), points) == []


def test_every_report_is_what_it_claims_to_be_for_archives_and_for_screen_readers(
    register, tmp_path
):
    papers = [made(register, tmp_path, "pdf", report) for report in REPORTS]
    papers.append(made(register, tmp_path, "pdf", "review", "en"))

    found = broken(papers)
    assert len(found) == len(REPORTS) + 1
    assert not any(found.values()), found


def test_a_pdf_that_claims_what_it_is_not_is_found(register, tmp_path):
    paper, untold, none = (tmp_path / f"{name}.pdf" for name in ("paper", "untold", "none"))
    made(register, tmp_path, "pdf", "workload").rename(paper)
    whole = pypdf.PdfWriter(clone_from=paper)
    del whole.root_object["/Lang"], whole.root_object["/MarkInfo"]
    whole.write(untold)
    blank = pypdf.PdfWriter()
    blank.add_blank_page(595, 842)
    blank.write(none)

    found = broken([paper, untold, none])
    assert found[str(paper)] == []
    assert {one.split(":")[0] for one in found[str(untold)]} == {"2a", "ua1"}
    assert any("6.7.2" in one for one in found[str(untold)])
    assert any("6.6.2" in one for one in found[str(none)])


# --- the checker, seen red --------------------------------------------------------------------

LAYOUT = {
    "page number: on the first page": ("if number > 1 {", "if number > 0 {"),
    "page number: missing": ("if number > 1 {", "if number > 9 {"),
    "page number: not in the middle of the top, in 13 or 14": (
        "text(size: 14pt, str(number))",
        "text(size: 12pt, str(number))",
    ),
    "paper: not A4": ('paper: "a4"', 'paper: "a5"'),
    "margins: left or right": ("left: 3cm", "left: 4cm"),
    "margins: top": ("top: 2cm", "top: 3cm"),
    "margins: something stands below": ('paper: "a4",', 'paper: "a4", footer: [foot],'),
    "font: not Times New Roman, nor one of its widths": (
        'text(size: 13pt, lines("number"))',
        'text(font: "Libertinus Serif", lines("number"))',
    ),
    "colour: not black": (
        'text(weight: "bold", lines("subject"))',
        'text(fill: red, lines("subject"))',
    ),
    "superior": ('size: 12pt, lines("superior")', 'size: 11pt, lines("superior")'),
    "place and date": ('style: "italic", lines("date")', 'lines("date")'),
    "motto": ('size: 13pt, weight: "bold", lines("motto")', 'size: 12pt, lines("motto")'),
    "body: not in 13 or 14, or without an indent of 1 to 1.27 cm": ("1.27cm", "0cm"),
    "body: not justified": ("par(justify: true", "par(justify: false"),
    "issuing office: no rule under it": ("rule(paper.rules.office)", "none"),
    "motto: no rule under it": ("rule(paper.rules.motto)", "rule(paper.rules.motto * 2)"),
    "subject: no rule under it": ("rule(paper.rules.subject)", "none"),
    "end: no ./.": ("parted(paper.end)", 'parted("End")'),
    "recipients: list not in 11": (
        'size: 11pt, lines("recipients")',
        'size: 9pt, lines("recipients")',
    ),
    "signature: no room for the seal": ("v(3.2cm)", "v(1cm)"),
    "annex: no rule under its head": ("rule(paper.rules.annex)", "none"),
    "annex: title not in capitals": ("upper(annex.title)", "annex.title"),
    "annex: eight columns stand upright": ("flipped: annex.turned", "flipped: false"),
    "log: not told once, in the last annex": ("if last {", "if true {"),
    "table: rows are not numbered in order": ("section.rows + if", "section.rows.rev() + if"),
    "table: its head is not said again on each page": (
        "table.header(",
        "table.header(repeat: false,",
    ),
    "table: a row may be parted between two pages": (
        "breakable: not whole, {",
        'breakable: true, { if column.width > 120 { " x" * 300 }',
    ),
    "text: printed over other text": ("inset: 3.5pt,", "inset: -3.5pt,"),
    "table: a word is wider than its cell": ("column.width * 1pt)", "column.width * 0.7pt)"),
}

LONG = {
    point for point in LAYOUT if any(word in point for word in ("missing", "in the middle", "cell"))
}
"""What only a paper of several pages can show, or one of long words."""


@pytest.mark.parametrize("point", LAYOUT)
def test_what_is_wrong_in_a_pdf_is_named(register, tmp_path, monkeypatch, point):
    right, wrong = LAYOUT[point]
    text = pdf.LAYOUT.read_text("utf-8")
    assert right in text
    layout = tmp_path / "paper.typ"
    layout.write_text(text.replace(right, wrong), "utf-8")
    monkeypatch.setattr(pdf, "LAYOUT", layout)

    goes_on = "again" in point or "parted" in point
    report = "review" if goes_on else "overdue" if point in LONG else "workload"
    assert point in of_pdf(made(register, tmp_path, "pdf", report), wanted(register, "vi"))


@pytest.mark.parametrize(("kind", "points"), [("pdf", of_pdf), ("docx", of_docx)])
def test_a_paper_of_another_log_is_named(register, tmp_path, kind, points):
    path = made(register, tmp_path, kind, "workload")

    told = points(path, replace(wanted(register, "vi"), root="0" * 64))
    assert told == ["log: not told once, in the last annex"]


def test_a_pdf_that_is_not_made_to_be_kept_is_named(register, tmp_path, monkeypatch):
    layout = tmp_path / "paper.typ"
    layout.write_text(pdf.LAYOUT.read_text("utf-8").replace(", alt: chart.told", ""), "utf-8")
    monkeypatch.setattr(pdf, "LAYOUT", layout)
    monkeypatch.setattr(pdf, "STANDARDS", [])
    found = of_pdf(made(register, tmp_path, "pdf", "workload"), wanted(register, "vi"))

    assert {
        "archive: PDF/A-2a is not claimed",
        "archive: PDF/UA-1 is not claimed",
        "archive: a picture without words",
    } <= {*found}


DOCUMENT = {
    "font: not Times New Roman": ("styles", 'w:ascii="Times New Roman"', 'w:ascii="Arial"'),
    "margins": ("document", 'w:left="1701"', 'w:left="1134"'),
    "page number: on the first page": ("document", "<w:titlePg/>", ""),
    "page number: missing": ("header", " PAGE ", " DATE "),
    "page number: an annex does not begin with 1": ("document", 'w:start="1"', 'w:start="2"'),
    "colour: not black": ("document", "<w:rPr>", '<w:rPr><w:color w:val="FF0000"/>'),
    "issuing office": ("document", "CỤC NGOẠI VỤ ĐỊA PHƯƠNG", "Cục Ngoại vụ địa phương"),
    "issuing office: no rule under it": ("document", 'w:val="RuleOffice"', 'w:val="Normal"'),
    "motto: no rule under it": ("styles", 'w:styleId="RuleMotto"', 'w:styleId="Other"'),
    "subject: no rule under it": ("document", 'w:val="RuleSubject"', 'w:val="Normal"'),
    "annex: no rule under its head": ("styles", 'w:val="single" w:sz="6" w:space="0"', ""),
    "end: no ./.": ("document", "./.", "."),
    "signature: alone on a page": ("document", "<w:keepNext/>", ""),
    "signature: no room for the seal": ("document", 'w:line="1814"', 'w:line="240"'),
    "recipients: list not in 11, or not filed anywhere": ("document", "VT, CNV.", "VT, CNV"),
    "annex: none, or not on pages of its own": ("document", "Phụ lục I<", "Bảng I<"),
    "annex: eight columns stand upright": ("document", ' w:orient="landscape"', ""),
    "table: a row may be parted between two pages": ("document", "<w:cantSplit/>", ""),
    "table: its head is not said again on each page": ("document", "<w:tblHeader/>", ""),
    "table: rows are not numbered in order": ("document", ">9<", ">10<"),
}


@pytest.mark.parametrize("point", DOCUMENT)
def test_what_is_wrong_in_a_document_is_named(register, tmp_path, point):
    part, right, wrong = DOCUMENT[point]
    path, spoilt = made(register, tmp_path, "docx", "overdue"), tmp_path / "spoilt.docx"
    with zipfile.ZipFile(path) as parts, zipfile.ZipFile(spoilt, "w") as package:
        for name in parts.namelist():
            text = parts.read(name).decode()
            if name == f"word/{part}.xml":
                assert right in text
                text = text.replace(right, wrong)
            package.writestr(name, text)

    assert point in of_docx(spoilt, wanted(register, "vi"))
