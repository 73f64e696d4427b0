"""A list of cases as an office keeps it: its own headings, words, dates and spreadsheets."""

import csv
import io
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook

from casework.kinds.choices import Outcome, State
from casework.words import word

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""What a file says is read before any store is asked."""

LIST = (Path(__file__).parents[1] / "data" / "kien-nghi.csv").read_text("utf-8")


@pytest.fixture
def ministries(office):
    """A register that knows whom the list names."""
    table = """mã;tên;loại;viết tắt
bca;Bộ Công an;bộ;BCA
bnv;Bộ Nội vụ;bộ;BNV
btc;Bộ Tài chính;bộ;BTC
bvhttdl;Bộ Văn hóa, Thể thao và Du lịch;bộ;BVHTTDL
ub-son-la;UBND tỉnh Sơn La;ủy ban nhân dân;
ub-hue;UBND thành phố Huế;ủy ban nhân dân;
"""
    office("org", "import", "-", input=table)
    return office


def shown(office, *refs):
    return [office.json("show", ref) for ref in refs]


def test_sixty_recommendations_are_taken_by_one_command(ministries):
    done = ministries.json("import", "-", input=LIST)

    assert (done["rows"], done["created"]) == (60, 60)
    first, second, third, last = shown(
        ministries, *(f"NFAC-20.{number:03d}" for number in (1, 2, 3, 60))
    )
    assert (first["state"], first["owner"], first["due"]) == ("under_study", "mofa", "2026-06-30")
    assert first["coordinating"] == ["bnv", "btc"]
    assert first["title"] == first["title_vi"] == "Ban hành quy chế phối hợp số 1"
    assert (second["state"], second["outcome"]) == ("resolved", "implemented")
    assert second["coordinating"] == ["bvhttdl", "bca"]
    assert (third["due"], third["due_words"]) == (None, "trong thời gian tới")
    assert (last["proposer"], last["state"]) == ("ub-son-la", "proposed")
    precise = {one["due"] for one in ministries.json("list") if one["due"]}
    assert {"2026-06-30", "2026-03-31", "2026-12-31"} <= precise
    ministries("audit", "verify")


def test_the_same_list_again_as_a_workbook_makes_nothing(ministries, tmp_path):
    ministries("import", "-", input=LIST)
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Kiến nghị")
        for place, row in enumerate(csv.reader(io.StringIO(LIST), delimiter=";")):
            sheet.write_row(place, 0, row)
        book.add_worksheet("Ghi chú").write(0, 0, "x")

    told = ministries("import", path)
    assert "Kiến nghị" in told.stderr
    done = ministries.json("import", path)
    assert (done["created"], done["skipped"], done.get("differing")) == (0, 60, None)
    assert ministries.json("import", "-", input=LIST.encode("utf-16"))["created"] == 0


WORDS = {
    "Đang thực hiện": (State.UNDER_STUDY, None),
    "đang triển khai": (State.UNDER_STUDY, None),
    "In progress": (State.UNDER_STUDY, None),
    "Open Resolved": (State.UNDER_STUDY, None),
    "chua thuc hien": (State.ASSIGNED, None),
    "Open": (State.ASSIGNED, None),
    "Hoàn thành một phần": (State.RESOLVED, Outcome.PARTLY_IMPLEMENTED),
    "ĐÃ HOÀN THÀNH": (State.RESOLVED, Outcome.IMPLEMENTED),
    "Closed – Implemented": (State.RESOLVED, Outcome.IMPLEMENTED),
    "Closed - Overtaken by Events": (State.RESOLVED, Outcome.SUPERSEDED),
    "Đã giải trình, cung cấp thông tin": (State.RESOLVED, Outcome.EXPLAINED),
    **{word(one, "vi"): (State.RESOLVED, one) for one in Outcome},
    **{word(one, "vi"): (one, None) for one in State if one is not State.RESOLVED},
}


@pytest.mark.parametrize("words", WORDS)
def test_a_state_is_read_in_the_words_of_lists(office, words):
    table = f'title,proposer,owner,due,state\nT,vufo,mofa,31/12/2099,"{words}"\n'
    if WORDS[words][0] is State.PROPOSED:
        table = f'title,proposer,state\nT,vufo,"{words}"\n'
    office("import", "-", input=table)

    (one,) = office.json("list")
    assert (one["state"], one["outcome"]) == WORDS[words]


def test_an_outcome_beside_the_state_says_more_than_it(office):
    table = "title,proposer,owner,due,state,outcome\nT,vufo,mofa,2099-12-31,Xong,đã giải thích\n"
    office("import", "-", input=table.replace("đã giải thích", word(Outcome.EXPLAINED, "vi")))

    assert office.json("list")[0]["outcome"] == "explained"


@pytest.mark.parametrize("words", ["31/13/2026", "30/2/2026", "-", "quý 5/2026"])
def test_a_due_date_with_a_number_that_names_no_day_is_refused(office, words):
    error = office.refused(2, "import", "-", input=f"title,proposer,due\nT,vufo,{words}\n")

    assert error["rows"][0]["row"] == 2


def test_every_refused_row_is_written_with_its_reason_and_the_rest_left(ministries, tmp_path):
    table = tmp_path / "list.csv"
    table.write_text(LIST.replace("Sơn La", "Sơn Là lạ"), "utf-8-sig")
    wrong = tmp_path / "wrong.csv"

    error = ministries.refused(2, "import", table, "--errors", wrong, "--lang", "vi")
    assert len(error["rows"]) == 30
    with wrong.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == 30
    assert "Sơn Là lạ" in rows[0]["lỗi"]
    wrong.write_text(wrong.read_text("utf-8-sig").replace("Sơn Là lạ", "Sơn La"), "utf-8")
    assert ministries.json("import", wrong)["created"] == 30


def test_headings_nobody_knows_are_said_to_stand_for_columns(office):
    table = "Việc cần làm;Ai nêu;Ghi chú\nT;vufo;x\n"
    named = ("--map", "Việc cần làm=title", "--map", "ai neu=proposer", "--map", "Ghi chú=")

    office.refused(2, "import", "-", *named[:4], input=table)
    assert office.json("import", "-", *named, input=table)["created"] == 1
    assert office.json("list")[0]["title"] == "T"


@pytest.mark.parametrize("name", ["empty.csv", "empty.xlsx"])
def test_an_empty_list_has_the_headings_of_the_readers_language(office, tmp_path, name):
    heads = {}
    for lang in ("en", "vi"):
        path = tmp_path / f"{lang}-{name}"
        office("--lang", lang, "import", path, "--template")
        assert office.json("import", path)["rows"] == 0
        if name.endswith("csv"):
            heads[lang] = path.read_text("utf-8-sig").strip().split(",")
        else:
            heads[lang] = [*next(load_workbook(path).active.values)]

    assert heads["en"][:3] == ["ref", "title", "title_vi"]
    assert heads["vi"][:3] == ["mã", "nội dung", "nội dung (vi)"]
    assert len(heads["en"]) == len(heads["vi"])


def test_a_conference_is_named_by_its_number_and_a_state_by_words_of_lists(ministries):
    table = """mã,nội dung,cơ quan kiến nghị,hội nghị,trạng thái
A.1,Một,ub-hue,Hội nghị 20,đề xuất
A.2,Hai,ub-hue,20,chưa phân công
A.3,Ba,ub-hue,lần thứ 20,được kiến nghị
"""
    ministries("import", "-", input=table)

    found = shown(ministries, "A.1", "A.2", "A.3")
    assert {(one["conference"], one["state"]) for one in found} == {("NFAC-20", "proposed")}


def test_a_number_of_no_conference_or_of_two_is_refused(ministries):
    table = "nội dung,cơ quan kiến nghị,hội nghị\nMột,ub-hue,{}\n"
    for number in ("hội nghị 19", "19"):
        ministries.refused(2, "import", "-", input=table.format(number))
    ministries("conference", "add", "NFAC")
    ministries.refused(2, "import", "-", input=table.format("None"))
    ministries("conference", "add", "VN-20", "--number", "20")
    error = ministries.refused(2, "import", "-", input=table.format("hội nghị 20"))
    assert "NFAC-20, VN-20" in error["message"]


@pytest.mark.parametrize(
    ("lang", "state", "outcome", "role"),
    [
        ("en", "proposed, assigned, under study", "not accepted", "secretariat, desk, inspector"),
        ("vi", "được kiến nghị, đã giao", "chuyển cơ quan khác", "ban thư ký, bộ phận chuyên môn"),
    ],
)
def test_words_that_would_be_taken_are_named_in_the_language_of_the_reader(
    ministries, lang, state, outcome, role
):
    for column, allowed in (("state", state), ("outcome", outcome)):
        rows = f"title,proposer,{column}\nT,ub-hue,nonsense\n"
        assert allowed in ministries.run("--lang", lang, "import", "-", input=rows).stderr
    people = "code,name,org,role\nx,X,mofa,nonsense\n"
    assert role in ministries.run("--lang", lang, "person", "import", "-", input=people).stderr


def test_which_file_told_of_a_case_is_said_in_the_language_of_the_reader(ministries, tmp_path):
    (tmp_path / "told.csv").write_text("ref,title,proposer\nA.1,T,ub-hue\n", "utf-8")
    ministries("import", tmp_path / "told.csv")
    ministries("list", "--columns", "ref,reported", "--output", tmp_path / "en.html")
    vi = ("--lang", "vi")
    ministries(*vi, "list", "--columns", "ref,reported", "--output", tmp_path / "vi.html")
    ministries(*vi, "show", "A.1", "--output", tmp_path / "one.html")
    pages = {name: (tmp_path / f"{name}.html").read_text("utf-8") for name in ("en", "vi", "one")}
    shown = [
        ministries(*vi, *words).stdout
        for words in (("show", "A.1"), ("history", "A.1"), ("list", "--columns", "ref,reported"))
    ]

    ministries("edit", "A.1", "--title", "U", "--reason", "file lost, reported by nobody")
    assert "file lost, reported by nobody" in ministries(*vi, "history", "A.1").stdout
    assert all("theo tệp " in one for one in (*shown, pages["vi"], pages["one"]))
    assert "reported by file " in pages["en"]
    assert not [one for one in (*shown, pages["vi"], pages["one"]) if "reported by" in one]
