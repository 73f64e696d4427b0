"""Issued sheets, printed to pictures at 150 dpi: the codes by a decoder, the sheet by OCR.

Half of them have one edit of a number, a date, a name or a reference, made after they were signed,
in a table or outside of one. Every one of those is found, and no other is taken for edited. By
default two small sheets are tried; with --long fifty of a register of sixty cases.
"""

import csv
import itertools
import random
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sheets
from PIL import Image

from casework.office import issuing
from casework.papers.model import NAMED
from casework.system.spooled import lots

pytestmark = pytest.mark.skipif(
    not {"vie", "eng"} <= sheets.languages(), reason="tesseract does not read Vietnamese here"
)
OFFICE = (
    *("--name", "Ban Thư ký Hội nghị Ngoại vụ", "--superior", "Bộ Ngoại giao", "--place", "Hà Nội"),
    *("--series", "BC-BTK", "--signs-for", "TL. BỘ TRƯỞNG", "--signatory-office", "Trưởng ban"),
    *("--signatory", "Nguyễn Thị Hồng Hà", "--recipient", "Như trên", "--filed", "VT"),
)
VERBS = (
    *("Hướng dẫn", "Ban hành quy chế về", "Xem xét sửa đổi quy định về", "Hỗ trợ kinh phí cho"),
    *("Đẩy nhanh tiến độ", "Tháo gỡ vướng mắc trong", "Đàm phán, ký kết", "Tổ chức tập huấn về"),
)
THINGS = (
    *("văn phòng đại diện của địa phương nước ngoài", "thị thực điện tử tại cửa khẩu"),
    *("quản lý đoàn ra, đoàn vào theo Nghị định 134/2024/NĐ-CP", "thẻ doanh nhân APEC"),
    *("thỏa thuận quốc tế cấp tỉnh", "bảo hộ công dân trên biển", "cắm mốc biên giới đất liền"),
    *("kết nghĩa với các địa phương của Lào", "xúc tiến thương mại tại thị trường Halal"),
    *("người Việt Nam ở nước ngoài", "viện trợ phi chính phủ nước ngoài"),
)
OWNERS = (
    *("Bộ Công an", "Bộ Quốc phòng", "Bộ Tài chính", "Bộ Giáo dục và Đào tạo", "Bộ Xây dựng"),
    *("Bộ Nội vụ", "Bộ Văn hóa, Thể thao và Du lịch", "Bộ Nông nghiệp và Môi trường"),
)
HEAD = (
    *("Mã kiến nghị", "Hội nghị", "Nội dung (vi)", "Đơn vị kiến nghị", "Cơ quan chủ trì"),
    *("Thời hạn", "Tình trạng", "Trả lời", "Ngày nêu"),
)
AS_OF = "2026-11-20"


@pytest.fixture
def contents():
    from offices import BARE

    return BARE


@pytest.fixture
def register(office, tmp_path, much):
    """A register of sixty cases, or by default of eight, whose owners have Vietnamese names."""
    office("office", "set", *OFFICE)
    for number, name in enumerate((*OWNERS, "UBND tỉnh Sơn La")):
        office("org", "add", f"o-{number}", "--name", name, "--name-vi", name)
    for number, day in (("22", "2025-12-15"), ("23", "2027-12-20")):
        office("conference", "add", f"NFAC-{number}", "--number", number, "--date", day)
    chance, cases = random.Random(7), tmp_path / "cases.csv"
    with cases.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([HEAD, *_rows(chance, much(8, 60))])
    office("import", cases)
    return office


def _rows(chance, count):
    for number in range(1, count + 1):
        done = chance.random() < 0.2
        due = f"{chance.randint(1, 28)}/{chance.randint(1, 12)}/{chance.choice((2026, 2027))}"
        yield (
            *(f"NFAC-22.{number:03}", "NFAC-22"),
            f"{chance.choice(VERBS)} {chance.choice(THINGS)}",
            *("UBND tỉnh Sơn La", chance.choice(OWNERS), due),
            *(("Đã hoàn thành", "Đã ban hành văn bản") if done else ("Đang thực hiện", "")),
            "15/12/2025",
        )


# --- edits ------------------------------------------------------------------------------------


def _otherwise(text, letters, chance):
    """Return a text with one of its letters, of those named, replaced by another of them."""
    places = [place for place, letter in enumerate(text) if letter in letters]
    place = chance.choice(places)
    others = [one for one in letters if one != text[place]]
    return text[:place] + chance.choice(others) + text[place + 1 :]


DIGITS, LETTERS = "0123456789", "abcdeghkmnpstuvxy"
EDITS = {
    "number": (
        lambda kind: kind in {"count", "days"},
        lambda value, chance: value + 1 + chance.randrange(8),
    ),
    "date": (
        lambda kind: kind == "date",
        lambda value, chance: value + timedelta(chance.randint(1, 300)),
    ),
    "name": (lambda kind: kind in NAMED, lambda value, chance: _otherwise(value, LETTERS, chance)),
    "reference": (
        lambda kind: kind == "code",
        lambda value, chance: _otherwise(value, DIGITS, chance),
    ),
}


def in_a_table(paper, what, chance):
    """Return a paper with one edit of a cell; what was edited, None where it has no such cell."""
    fits, change = EDITS[what]
    places = []
    for number, section in enumerate(paper.shown):
        rows = [] if section.repeats else [row for lot in lots(section.rows) for row in lot]
        for (place, row), column in itertools.product(enumerate(rows), section.used()):
            kind = section.columns[column].kind
            if fits(kind) and row[column] and (kind != "code" or "NFAC" in row[column]):
                places.append((number, rows, place, column, kind))
    if not places:
        return paper, None
    number, rows, place, column, kind = chance.choice(places)
    value = rows[place][column]
    before = paper.name(kind, value) if kind in NAMED else value
    after = change(before, chance)
    row = (*rows[place][:column], after, *rows[place][column + 1 :])
    section = replace(paper.sections[number], rows=[*rows[:place], row, *rows[place + 1 :]])
    sections = (*paper.sections[:number], section, *paper.sections[number + 1 :])
    return replace(paper, sections=sections), f"{before} → {after}"


def outside_tables(paper, what, chance):
    """Return a paper with one edit of its heading, opening or signature, and what was edited."""
    before, after, changed = OUTSIDE[what](paper, chance)
    return (paper, None) if changed is None else (changed, f"{before} → {after}")


def _of_the_opening(paper, chance):
    """Change a digit of one of the numbers in the sentence that a paper is in short."""
    number = chance.choice([*re.finditer(r"\b\d+\b", paper.lead)])
    after = _otherwise(number.group(), DIGITS, chance)
    lead = paper.lead[: number.start()] + after + paper.lead[number.end() :]
    return paper.lead, lead, replace(paper, lead=lead)


def _of_a_day(paper, chance):
    """Move the day of a paper, or one of the days that its facts are."""
    later = timedelta(chance.randint(1, 300))
    days = [place for place, one in enumerate(paper.facts) if isinstance(one.value, date)]
    place = chance.choice([None, *days])
    if place is None:
        after = paper.issued_on + later
        return paper.issued_on, after, replace(paper, issued_on=after)
    return _of_a_fact(paper, place, paper.facts[place].value + later)


def _of_a_fact(paper, place, after):
    one = paper.facts[place]
    facts = (*paper.facts[:place], one._replace(value=after), *paper.facts[place + 1 :])
    return one.value, after, replace(paper, facts=facts)


def _of_the_signatory(paper, chance):
    before = paper.office["signatory"]
    after = _otherwise(before, LETTERS, chance)
    return before, after, replace(paper, office={**paper.office, "signatory": after})


def _of_a_reference(paper, chance):
    """Change a digit of the conference that the heading names first, where it names one."""
    for place, one in enumerate(paper.facts):
        if str(one.value).startswith("NFAC-"):
            return _of_a_fact(paper, place, _otherwise(one.value, DIGITS, chance))
    return None, None, None


OUTSIDE = {
    "number": _of_the_opening,
    "date": _of_a_day,
    "name": _of_the_signatory,
    "reference": _of_a_reference,
}


ASKED = (
    ("workload",),
    ("overdue", "--before", "NFAC-23", "--owner", "o-0"),
    ("progress",),
    ("overdue", "--before", "NFAC-23", "--owner", "o-1"),
    ("slippage", "--owner", "o-2"),
    ("review", "--of", "NFAC-22", "--for", "NFAC-23"),
    ("overdue", "--before", "NFAC-23", "--owner", "o-3"),
    ("overdue", "--before", "NFAC-23"),
)


SHEETS = 50
SHARE = 10
"""How many one test prints: several processes may print them together."""


def pytest_generate_tests(metafunc):
    if "numbers" in metafunc.fixturenames:
        long = metafunc.config.getoption("--long")
        shares = [range(first, first + SHARE) for first in range(0, SHEETS, SHARE)]
        metafunc.parametrize("numbers", shares if long else [range(2)], ids=str)


@pytest.mark.timeout(7_200)
def test_every_edit_of_a_printed_sheet_is_found_and_no_other_is(
    register, numbers, tmp_path, monkeypatch
):
    chance, proved, made = random.Random(numbers.start), issuing._proved, {}

    def after_signing(paper, *given, **said):
        signed, sheet = proved(paper, *given, **said)
        if made["what"] is None:
            return signed, sheet
        places = (made["where"], in_a_table, outside_tables)
        for edited, what in itertools.product(places, (made["what"], *EDITS)):
            changed, told = edited(signed, what, chance)
            if told is not None:
                made["told"] = f"{edited.__name__}: {what}: {told}"
                return changed, sheet
        raise AssertionError(made)

    monkeypatch.setattr(issuing, "_proved", after_signing)
    wrong = []
    for number in numbers:
        pair = number // 2
        turn = pair + pair // len(ASKED)
        what = [*EDITS][turn % len(EDITS)] if number % 2 else None
        made = {"what": what, "told": None, "where": in_a_table if pair % 3 < 2 else outside_tables}
        lang = ("vi", "en")[(number + turn) % 2]
        path = tmp_path / f"{number}.pdf"
        asked = (*ASKED[pair % len(ASKED)], "--as-of", AS_OF, "--lang", lang)
        register("paper", "issue", *asked, "--output", path, "--code")
        pages = sheets.printed(path)
        codes = sheets.codes_on(pages)
        told = register.json("paper", "check", *(f"--code={one}" for one in codes))
        found = [*sheets.otherwise(pages, told["claims"], "vie")]
        outcome = (number, " ".join(asked), made["told"], found)
        with (tmp_path / "outcomes.txt").open("a") as file:
            file.write(f"{outcome}\n")
        if bool(found) != (what is not None):
            wrong.append(outcome)

    assert wrong == []


@pytest.mark.parametrize(
    ("printed", "named"),
    [
        ("60 cases: 3 open on 27 November 2026", []),
        ("60 cases: 5 open on 27 November 2026", ["3"]),
        ("60 cases: 3 open on 21 November 2026", ["27"]),
    ],
)
def test_what_stands_elsewhere_on_a_sheet_hides_no_edit(monkeypatch, printed, named):
    """The numbers 3 and 27 are those of pages, too."""
    said = [*printed.split(), "3", "page", "27"]
    words = [sheets.Word(text, ("1", "1", "1"), 9 * at, 0, 8, 10) for at, text in enumerate(said)]
    monkeypatch.setattr(sheets, "ocr", lambda *_: words)
    claims = [">60 cases: 3 open on 27 November 2026", ":No.", "|1"]

    assert [*sheets.words_otherwise([Image.new("L", (40, 40), 255)], claims, "vie")] == named
