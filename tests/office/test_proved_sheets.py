"""A sheet that is issued bears codes that a stock decoder reads, and that hold all it says."""

import re
import shutil
import unicodedata
from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import docx
import openpyxl
import pypdf
import pypdfium2
import pytest
import typst
import zxingcpp
from decree import Wanted, of_docx, of_pdf
from PIL import Image
from verapdf import broken

from casework.errors import UnavailableError
from casework.log import sheet
from casework.log.keyring import SIGNED, key_path, note_path, signing_key
from casework.log.note import ED25519, SigningKey
from casework.office import issuing
from casework.papers import codes, xlsx
from casework.questions import audit_log
from casework.words import short_date, word

OFFICE = (
    *(
        "--name",
        "Ban Thư ký",
        "--place",
        "Hà Nội",
        "--series",
        "BC-BTK",
        "--superior",
        "Bộ Ngoại giao",
    ),
    *("--recipient", "Các bộ", "--signatory", "Trần Văn An", "--signs-for", "TL. BỘ TRƯỞNG"),
)
DPI = 150
EMU = 36_000
"""How many of the units of office documents a millimetre has."""


on_sqlite = pytest.mark.parametrize("engine", ["sqlite"])
"""The other engine has no say in this."""


@pytest.fixture
def issued(office, case, tmp_path):
    """A function that issues a sheet of a small register, in a file with this ending."""
    office("office", "set", *OFFICE)
    case("assigned", ref="NFAC-20.003", due="2022-06-30", owner="mofa", title="Rules 134/2024")
    for number in range(4, 16):
        case("under_study", ref=f"NFAC-20.{number:03}", due="2022-12-31", owner="vufo")

    def issued(ending, *words):
        to = tmp_path / f"sheet{ending}"
        asked = ("overdue", "--until", "2024-01-31", "--as-of", "2023-01-31")
        office("paper", "issue", *asked, "--output", to, "--force", *words)
        return to

    return issued


@on_sqlite
def test_what_stops_a_paper_at_once_signs_nothing_and_what_stops_it_later_says_what_it_signed(
    office, tmp_path, monkeypatch
):
    def fails(*_):
        raise UnavailableError("file.cannot-write", path="x", strerror="full")

    taken = tmp_path / "taken.pdf"
    taken.touch()
    office("office", "set", *OFFICE)
    office("audit", "key")
    note = note_path(office.json("audit", "status")["origin"], SIGNED)
    office.refused(5, "paper", "issue", "progress", "--output", taken)
    assert not note.exists()

    monkeypatch.setattr(issuing, "_write", fails)
    words = ("paper", "issue", "progress", "--output", tmp_path / "p.html")
    assert "stays noted" not in office.refused(8, *words, "--no-code")["hint"]
    assert not note.exists()
    assert "stays noted" in office.refused(8, *words)["hint"]
    assert note.exists()
    # It is the same log still: nothing new is signed, and nothing is said of it.
    assert "stays noted" not in office.refused(8, *words)["hint"]


def printed(path):
    """Yield the pages of a PDF as pictures."""
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            yield page.render(scale=DPI / 72).to_pil()


def codes_on(pictures):
    return {one.text for each in pictures for one in zxingcpp.read_barcodes(each)}


def of_document(path):
    """Yield the pictures of a document of Word."""
    for part in docx.Document(path).part.package.iter_parts():
        if part.partname.endswith(".png"):
            yield Image.open(BytesIO(part.blob))


def of_page(path):
    """Yield the codes of a web page as pictures."""
    for drawn in re.findall(r"<svg[^>]*aria-label.*?</svg>", path.read_text("utf-8")):
        source = "#set page(width: auto, height: auto)\n#image(bytes(sys.inputs.svg), width: 40mm)"
        made = typst.compile(source.encode(), sys_inputs={"svg": drawn}, format="png", ppi=DPI)
        yield Image.open(BytesIO(made))


def of_book(path):
    """Yield the pictures of a workbook."""
    with ZipFile(path) as parts:
        for name in parts.namelist():
            if name.endswith(".png"):
                yield Image.open(BytesIO(parts.read(name)))


READERS = {".pdf": printed, ".docx": of_document, ".html": of_page, ".xlsx": of_book}


def test_a_sheet_in_every_format_is_proved_by_what_a_decoder_reads(office, issued):
    for ending, pictures in READERS.items():
        path = issued(ending, "--code")
        codes = codes_on(pictures(path))
        told = office.json("paper", "check", *(f"--code={one}" for one in codes))
        by_lines = office.json("paper", "check", "--code", "-", input="\r\n".join(codes))

        assert told == by_lines
        assert told["digest"] == sha256(path.read_bytes()).hexdigest()
        assert told["whole"] is True
        place = "" if ending == ".xlsx" else "1\t"
        assert f"|{place}NFAC-20.003\tRules 134/2024\t" in "\n".join(told["claims"])
        shown = office("paper", "check", "--code", "-", input="\n".join(codes)).stdout
        assert "NFAC-20.003  Rules 134/2024" in shown
        assert "withdrawn" not in shown
    office("paper", "withdraw", "1", "--reason", "not yet signed")
    first = codes_on(printed(path.with_suffix(".pdf")))
    told = office("paper", "check", "--code", "-", input="\n".join(first)).stdout
    assert "withdrawn on" in told
    office("audit", "verify")


@on_sqlite
def test_a_sheet_with_codes_is_what_it_claims_to_be_for_archives_and_screen_readers(issued):
    coded = issued(".pdf", "--code", "--lang", "vi")

    assert codes_on(printed(coded))
    assert broken([coded]) == {str(coded): []}


@on_sqlite
def test_all_that_stands_on_a_sheet_is_claimed(office, issued):
    """Words with a digit are numbers, dates and references; all others are claimed as well."""
    for lang in ("en", "vi"):
        path = issued(".pdf", "--code", "--lang", lang)
        codes = codes_on(printed(path))
        claims = office.json("paper", "check", *(f"--code={one}" for one in codes))["claims"]
        claimed = set(re.findall(r"\S+", " ".join(claim[1:] for claim in claims)))
        text = " ".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
        stands = set(re.findall(r"\S+", unicodedata.normalize("NFC", text)))
        around = set(word("motto_state", lang).split()) | set(word("motto", lang).split())
        about = word("code_covers", lang).format(count=len(claims))
        # The numbers of pages, and what is said of the codes, are no part of what is proved.
        unclaimed = stands - claimed - around - set(about.split()) - {"2", "3", "4"}

        assert len(stands) > 100
        assert unclaimed == set()


@on_sqlite
@pytest.mark.parametrize("lang", ["en", "vi"])
def test_all_that_stands_in_a_workbook_is_claimed_and_its_codes_are_whole(
    office, issued, monkeypatch, lang
):
    monkeypatch.setattr(sheet, "ROOM", 180)
    path = issued(".xlsx", "--code", "--lang", lang)
    lines = "\n".join(codes_on(of_book(path)))
    told = office.json("paper", "check", path, "--code", lines)
    claimed = {cell for claim in told["claims"] for cell in claim[1:].split("\t")}
    about = word("code_covers", lang).format(count=len(told["claims"]))
    book = openpyxl.load_workbook(path)
    charts = word("chart", lang)
    cells = [one for sheet in book if sheet.title != charts for row in sheet for one in row]
    stand = {" ".join(in_cell(one, lang).split()) for one in cells if one.value is not None}

    assert len(stand) > 40
    assert stand - claimed == {about}
    cover = book.worksheets[0]
    pictures = cover._images
    assert len(pictures) == lines.count("\n") + 1 > xlsx.BESIDE
    for one in pictures:
        place, below = one.anchor._from, one.anchor.to
        height = cover.row_dimensions[place.row + 1].height / xlsx.POINTS
        # Each stands in a row that holds it, which no page breaks, and in the sheet's column.
        assert (below.row, below.col, place.col) == (place.row, 0, 0)
        wide = (below.colOff - place.colOff) / EMU
        assert 10 < wide <= codes.ACROSS < height
        assert abs((below.rowOff - place.rowOff) / EMU - wide) < 0.5


def in_cell(cell, lang):
    value = cell.value
    if isinstance(value, date):
        return short_date(value.date(), lang)
    return str(value)


@on_sqlite
def test_codes_leave_the_form_of_the_decree_as_it_is(office, issued):
    office("office", "set", "--presented-to", "Thủ tướng Chính phủ", "--filed", "VT")
    paper = issued(".pdf", "--code", "--lang", "vi")
    assert codes_on(printed(paper))
    wanted = Wanted(
        superior="Bộ Ngoại giao",
        office="Ban Thư ký",
        number="Số: 01/BC-BTK",
        place="Hà Nội",
        to="Kính gửi: Thủ tướng Chính phủ",
        signs=("TL. BỘ TRƯỞNG",),
        signatory="Trần Văn An",
        filed="VT.",
        root=office.json("paper", "show", "1")["log_root"],
        sent_to="Nơi nhận:",
    )
    assert of_pdf(paper, wanted) == []
    document = issued(".docx", "--code", "--lang", "vi")
    root = office.json("paper", "show", "2")["log_root"]
    assert of_docx(document, replace(wanted, number="Số: 02/BC-BTK", root=root)) == []


def test_where_no_key_is_kept_a_sheet_has_no_code_and_that_is_said(office, issued, tmp_path):
    plain = issued(".pdf")
    asked = ("paper", "issue", "progress", "--output", tmp_path / "x.pdf")
    assert "no code on it" in office(*asked).stderr
    assert codes_on(printed(plain)) == set()
    assert office.json("audit", "status")["signed"] == 0

    issued(".html", "--code", "--dry-run")
    assert office.json("audit", "status")["signing_key"] is None
    assert codes_on(of_page(issued(".html", "--code")))
    status = office.json("audit", "status")
    assert status["signing_key"] is not None
    assert status["signed"] == status["size"] - 1
    # Once there is a key, it need not be asked for.
    assert codes_on(of_page(issued(".html")))
    assert codes_on(of_page(issued(".html", "--no-code"))) == set()
    key = key_path(status["origin"])
    key.rename(key.with_suffix(".elsewhere"))
    assert codes_on(of_page(issued(".html"))) == set()
    office.refused(8, *asked[:-1], tmp_path / "y.pdf", "--code")
    assert [*tmp_path.glob("y.*")] == []


@on_sqlite
def test_a_log_that_was_rewritten_is_not_signed_on_a_sheet(office, issued, tmp_path):
    issued(".html", "--code")
    before = tmp_path / "before.db"
    shutil.copy(office.url, before)
    for _ in range(2):
        issued(".html", "--code")
    shutil.copy(before, office.url)

    # The log goes on another way than the one that was signed.
    office("note", "NFAC-20.003", "something else")
    office("note", "NFAC-20.003", "and more")
    office.refused(7, "paper", "issue", "progress", "--output", tmp_path / "x.html")
    assert office.json("paper", "issue", "progress", "--output", tmp_path / "x.html", "--no-code")


@on_sqlite
def test_a_forged_code_is_refused(office, issued):
    path = issued(".html", "--code")
    codes = codes_on(of_page(path))
    told, key_id, _ = sheet.read(codes)
    own = signing_key(told.origin, ED25519)
    assert own.verifier.key_id == key_id

    def signed(key=own, **otherwise):
        other = replace(told, **otherwise)
        named = (other.number, other.issued_on)
        made, _ = sheet.codes_of(key, (other.size, other.root), named, other.claims)
        return [f"--code={one}" for one in made]

    assert office.json("paper", "check", *signed())["code"]
    other_key = SigningKey(told.origin, ED25519, bytes(32))
    for forged in (
        signed(other_key),
        signed(number="09/BC-BTK"),
        signed(issued_on=date(2020, 1, 1)),
        signed(size=told.size - 1),
        signed(size=told.size + 100),
        signed(root=bytes(32)),
    ):
        office.refused(7, "paper", "check", *forged)
    office.refused(2, "paper", "check", "--code", "x")
    office.refused(2, "paper", "check", *signed()[:-1], "--code", "")
    office.refused(2, "paper", "check")


@on_sqlite
def test_a_code_that_the_key_signed_and_nobody_issued_is_named(office, issued, monkeypatch):
    path, plain = issued(".html", "--code"), issued(".html", "--no-code").read_bytes()
    path.with_suffix(".plain").write_bytes(plain)
    path = issued(".html", "--code")
    told, _, _ = sheet.read(codes := codes_on(of_page(path)))
    own = signing_key(told.origin, ED25519)
    lines = "\n".join(codes)

    def signed(claims, **otherwise):
        other = replace(told, **otherwise)
        root, named = (other.size, other.root), (other.number, other.issued_on)
        return "\n".join(sheet.codes_of(own, root, named, claims)[0])

    assert office.json("paper", "show", "3")["claims_digest"] == told.mark
    assert office.json("audit", "verify", "--code", lines)["sheet"] == "03/BC-BTK"
    assert "vouches for the codes" in office("audit", "verify", "--code", lines).stdout
    assert office.json("paper", "check", path, "--code", lines)["number"] == 3
    other = tuple(one.replace("134/2024", "135/2024") for one in told.claims)
    assert other != told.claims
    # Where not all of the claims are in the codes, those that are there are vouched for as well.
    with monkeypatch.context() as few:
        few.setattr(sheet, "MOST", 1)
        in_part = signed(told.claims)
    assert not sheet.read(in_part.split("\n"))[0].whole
    plainly = office.json("paper", "show", "2")
    without = signed(
        told.claims,
        number="02/BC-BTK",
        size=plainly["log_size"],
        root=bytes.fromhex(plainly["log_root"]),
    )
    for forged, wrong in (
        (signed(other), "was issued with others"),
        (in_part, "was issued with others"),
        (without, "was issued without any"),
    ):
        for words in (("paper", "check"), ("paper", "check", path), ("audit", "verify")):
            refused = office.refused(7, *words, "--code", forged)
            assert wrong in refused["message"], words
            assert "never issued" in refused["hint"]
    office.refused(7, "paper", "check", path.with_suffix(".plain"), "--code", lines)


@on_sqlite
def test_a_sheet_is_signed_without_reading_the_log_again(office, issued, tmp_path, monkeypatch):
    """Only what was recorded since the last signature is read, and must make the head."""
    issued(".html", "--code")
    office("note", "NFAC-20.003", "something")
    read = []

    def leaves_from(connection, first):
        read.append(first)
        return audit_log_leaves_from(connection, first)

    audit_log_leaves_from = audit_log.leaves_from
    signed = office.json("audit", "status")["signed"]
    with monkeypatch.context() as watched:
        watched.setattr(audit_log, "leaves_from", leaves_from)
        watched.setattr(audit_log, "leaves", None)
        issued(".html", "--code")
    assert read == [signed]
    office("audit", "checkpoint", "--to", tmp_path / "whole.txt")
    office("audit", "verify", "--checkpoint", tmp_path / "whole.txt")
    # What is kept of the peaks may be lost, or be those of another size: then all is read.
    kept = note_path(office.json("audit", "status")["origin"], "peaks")
    for text in (None, "", "1 ", "x" * 70, kept.read_text("utf-8").partition(" ")[0] + " 00"):
        kept.unlink() if text is None else kept.write_text(text, "utf-8")
        assert office.json("paper", "check", issued(".html", "--code"))["claims_digest"]
