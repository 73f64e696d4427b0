"""Organisations, people and conferences from files: all rows or none, every fault told."""

import csv
import io
import json
import zipfile

import pytest
import xlsxwriter
from openpyxl import Workbook, load_workbook

LITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""What is read, and told, before any store is asked: one engine tells for both."""

VIETNAMESE = """STT;Mã;Tên cơ quan;LOAI;Viết tắt;truc thuoc;Từ ngày;Đến ngày;Kế thừa;Nguồn
1;bkhdt;Bộ Kế hoạch và Đầu tư;bộ;BKHĐT, KHĐT;cp;1/1/2010;28/2/2025;Bộ Tài chính;NQ 176/2025/QH15
2;btc;Bộ Tài chính;bộ;;cp;1/3/2025;;;
3;cp;Chính phủ;Chính phủ;;;;;;
4;vp;Vụ Pháp chế;đơn vị;;Bộ Tài chính;;;;
"""


def org(office, code):
    return office.json("org", "show", code)


def book(*rows, **more):
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as made:
        sheet = made.add_worksheet(more.get("sheet", "Danh sách"))
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
        for change in more.get("then", ()):
            change(sheet)
    return held.getvalue()


def test_a_table_with_vietnamese_headings_is_taken_whole(office):
    done = office.json("org", "import", "-", input=VIETNAMESE)

    assert (done["rows"], done["created"], done["updated"]) == (4, 4, 0)
    assert [one["code"] for one in done["changes"]] == ["bkhdt", "btc", "cp", "vp"]
    old, unit = org(office, "bkhdt"), org(office, "vp")
    assert (old["kind"], old["aliases"]) == ("ministry", ["BKHĐT", "KHĐT"])
    # The parent comes later in the file; who takes over is named, not coded.
    assert (old["parent"], old["successor"]) == ("cp", "btc")
    assert (old["valid_from"], old["valid_to"]) == ("2010-01-01", "2025-02-28")
    assert (unit["parent"], unit["name"], unit["name_vi"]) == ("btc", "Vụ Pháp chế", None)
    ended = office.json("audit", "log", "--act", "end")
    assert [one["key"] for one in ended] == ["bkhdt"]
    office("audit", "verify")


def test_a_vietnamese_name_alone_is_the_vietnamese_name_of_what_is_there(office):
    office("org", "add", "bdn", "--name", "Foreign Ministry", "--name-vi", "Bộ Đối ngoại")
    again = "Mã cơ quan;Tên cơ quan;Hộp thư\nbdn;Bộ Đối ngoại;vp@bdn.example\n"
    done = office.json("org", "import", "-", "--update", input=again)

    assert [[*one["fields"]] for one in done["changes"]] == [["email"]]
    kept = org(office, "bdn")
    assert (kept["name"], kept["name_vi"]) == ("Foreign Ministry", "Bộ Đối ngoại")
    met = "Mã hội nghị,Lần thứ,Ngày,Tên (tiếng Việt)\nNFAC-30,30,2040,Hội nghị 30\n"
    assert office.json("conference", "import", "-", input=met)["created"] == 1


def test_what_is_there_already_is_left_alone_changed_or_refused(office):
    office("org", "import", "-", input=VIETNAMESE)
    before = office.head()
    again = office.json("org", "import", "-", input=VIETNAMESE)
    assert (again["created"], again["unchanged"]) == (0, 4)
    assert office.head() == before

    changed = VIETNAMESE.replace("Vụ Pháp chế", "Cục Pháp chế").replace("KHĐT;cp", "KHĐT, MPI;cp")
    error = office.refused(4, "org", "import", "-", input=changed)
    assert [one["row"] for one in error["rows"]] == [2, 5]
    assert "name: Vụ Pháp chế → Cục Pháp chế" in error["rows"][1]["message"]
    shown = office("org", "import", "-", "--update", "--dry-run", input=changed).stdout
    assert "~ vp  name: Vụ Pháp chế → Cục Pháp chế\n" in shown
    assert office.head() == before

    done = office.json("org", "import", "-", "--update", "--reason", "QĐ 5", input=changed)
    assert (done["updated"], done["unchanged"]) == (2, 2)
    assert org(office, "vp")["aliases"] == ["Vụ Pháp chế"]
    assert org(office, "bkhdt")["aliases"] == ["BKHĐT", "KHĐT", "MPI"]
    event = office.json("audit", "log", "--act", "edit")[-1]
    assert event["reason"] == "QĐ 5"
    # The name it had is no reason to differ from then on.
    assert office.json("org", "import", "-", input=changed)["unchanged"] == 4
    office("audit", "verify")


FAULTS = {
    "code,name\n,No code\n": "every row needs a code",
    "code,name\na b,Two words\n": "a b",
    "code,name\nx,\n": "needs a name",
    "code,name,kind\nx,X,shop\n": "'shop'",
    "code,name,parent\nx,X,nobody\n": "no organisation",
    "code,name,parent\nx,X,y\ny,Y,x\n": "leads back to this row",
    "code,name,valid_from\nx,X,31/2/2025\n": "'31/2/2025'",
    "code,name,email\nx,X,not an address\n": "not an address",
    "code,name\nx,X\nX,Y\n": "row 2 has this code already",
    "code,name\nx,Ministry of Foreign Affairs\n": "mofa",
    "code,name\nx,Same\ny,Same\n": "x",
    "code,name,successor\nx,X,mofa\n": "the last day too, which is missing",
    "code,name,valid_from,valid_to\nx,X,2025-03-01,2025-02-01\n": "2025",
    "code,name,parent\nx,X,y\ny,,\n": "is in row 3, which is refused",
    "code,valid_from\nmofa,2020-01-01\n": "valid_from",
    "code,name,kind,valid_from\nx,X,shop,soon\n": "kind: 'shop'",
    "code,name,valid_from,kind\nx,X,soon,shop\n": "valid_from: 'soon'",
}


@LITE
@pytest.mark.parametrize("table", FAULTS)
def test_a_row_that_cannot_be_taken_is_told_with_its_number_and_why(office, table):
    error = office.refused(4, "org", "import", "-", input=table)

    assert FAULTS[table] in " ".join(one["message"] for one in error["rows"])
    assert all(2 <= one["row"] <= 3 for one in error["rows"])


@LITE
def test_all_that_is_wrong_with_a_row_is_told_at_once(office):
    table = "code,name,kind,valid_from,parent\nx,X,shop,soon,nobody\n"
    (row,) = office.refused(4, "org", "import", "-", input=table)["rows"]

    assert [word in row["message"] for word in ("'shop'", "'soon'", "'nobody'")] == [True] * 3


@LITE
def test_every_refused_row_is_told_and_written_with_its_reason(office, tmp_path):
    rows = [f"c{number};{'' if number % 2 else f'Name {number}'};=1+1" for number in range(100)]
    table = tmp_path / "list.csv"
    table.write_text("\n".join(["Mã;Tên;Nguồn", *rows]) + "\n", "utf-8-sig")
    wrong = tmp_path / "wrong.csv"

    error = office.refused(4, "org", "import", table, "--errors", wrong)
    assert len(error["rows"]) == 50
    assert error["message"].count("\n") == 50
    with wrong.open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.reader(file, delimiter=";"))
    assert written[0] == ["Mã", "Tên", "Nguồn", "error"]
    assert len(written) == 51
    assert written[1][:3] == ["c1", "", "=1+1"]
    assert "needs a name" in written[1][3]
    # Nobody's file is replaced, and the corrected one is taken as it is.
    office.refused(5, "org", "import", table, "--errors", wrong)
    mended = wrong.read_text("utf-8-sig").replace(";;", ";Mended {};")
    wrong.write_text("".join(mended.replace("{}", str(n), 1) for n in [0]), "utf-8")
    lines = [line.replace("{}", str(n)) for n, line in enumerate(mended.splitlines())]
    wrong.write_text("\n".join(lines), "utf-8")
    assert office.json("org", "import", wrong)["created"] == 50


@LITE
@pytest.mark.parametrize("form", ["utf-16", "tabs", "xlsx", "json", "jsonl", "errors.xlsx"])
def test_one_list_in_each_form_spreadsheets_and_programs_write(office, tmp_path, form):
    heads, row = ["code", "name", "aliases", "valid_from"], ["x", "Bộ X", "BX; B, X", "2025-03-01"]
    path = tmp_path / f"list.{form}"
    table = "\t".join(heads) + "\r\n" + "\t".join(row) + "\r\n"
    one = dict(zip(heads, row, strict=True)) | {"aliases": ["BX", "B, X"]}
    path.write_bytes(
        {
            "utf-16": table.encode("utf-16"),
            "tabs": table.encode(),
            "json": json.dumps([one]).encode(),
            "jsonl": json.dumps(one).encode(),
        }.get(form, book(heads, row))
    )

    if form == "errors.xlsx":
        path.write_bytes(book(heads, row, ["y"]))
        office.refused(4, "org", "import", path, "--errors", tmp_path / "e.xlsx")
        found = [*load_workbook(tmp_path / "e.xlsx").active.values]
        assert found[0] == (*heads, "error")
        assert found[1][0] == "y"
        return
    told = office("org", "import", path)
    assert ("Danh sách" in told.stderr) == (form == "xlsx")
    assert org(office, "bo x")["aliases"] == ["BX", "B, X"]
    assert org(office, "x")["valid_from"] == "2025-03-01"


def merged(sheet):
    sheet.merge_range("A2:A3", "x")


def formula(sheet):
    sheet.write_formula("B2", "=1+1", None, "")


def failed(sheet):
    sheet.write_formula("B2", "=1/0", None, "#DIV/0!")


HEADS = ["code", "name"]
BOOKS = {
    "merged": (book(HEADS, then=[merged]), "merged cells, A2:A3"),
    "formula": (book(HEADS, ["x"], then=[formula]), "B2 holds a formula"),
    "error": (book(HEADS, ["x"], then=[failed]), "B2 shows the error #DIV/0!"),
    "cut off": (book(HEADS)[:-300], "cannot be read as a workbook"),
    "nothing": (book(), "is empty"),
    "twice": (book(["code", "Mã", "name"], ["x", "y", "X"]), "the same column twice: code"),
    "unknown": (book(["code", "weather"]), "'weather'"),
}


@LITE
@pytest.mark.parametrize("kind", BOOKS)
def test_a_workbook_that_cannot_be_read_as_it_shows_is_refused(office, tmp_path, kind):
    data, told = BOOKS[kind]
    path = tmp_path / "list.xlsx"
    path.write_bytes(data)

    assert told in office.refused(2, "org", "import", path)["message"]


@LITE
def test_a_sheet_says_what_its_cells_show_whatever_is_around_them(office, tmp_path):
    made = Workbook()
    hidden = made.active
    hidden.title, hidden.sheet_state = "Lists", "hidden"
    sheet = made.create_sheet("Ministries")
    sheet.append(["\u200bCODE ", "Name", None, "from"])
    sheet.append(["x", "=A2", None, "2025-03-01"])
    sheet["B2"].data_type = "s"
    sheet["F1048576"] = None
    sheet.cell(5000, 5).value = " "
    path = tmp_path / "list.xlsx"
    made.save(path)

    office("org", "import", path)
    assert org(office, "x")["name"] == "=A2"


@LITE
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml"])
def test_an_archive_that_unpacks_to_too_much_is_refused_unread(office, tmp_path, part):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "")
        packed.writestr(part, bytes(65 << 20))

    assert "unpacks to more" in office.refused(2, "org", "import", path)["message"]


@LITE
def test_a_heading_may_be_said_to_stand_for_a_column_and_another_be_passed_over(office):
    table = "Ký hiệu,Đơn vị chủ quản quốc gia,Ghi chú\nx,Bộ X,không rõ\n"
    names = ("--map", "Đơn vị chủ quản quốc gia=name")

    office.refused(2, "org", "import", "-", *names, input=table)
    office("org", "import", "-", *names, "--map", "ghi chu=", input=table)
    assert org(office, "x")["name"] == "Bộ X"
    assert "weather" in office.refused(2, "org", "import", "-", "--map", "x=weather")["message"]
    wrong = office.refused(2, "org", "import", "-", "--map", "lost=name", input="code,name\nx,X\n")
    assert "no heading lost" in wrong["message"]


@LITE
@pytest.mark.parametrize("noun", ["org", "person", "conference"])
@pytest.mark.parametrize("name", ["empty.csv", "empty.xlsx"])
def test_an_empty_file_has_the_headings_its_import_takes(office, tmp_path, noun, name):
    for lang in ("en", "vi"):
        path = tmp_path / f"{lang}-{name}"
        office("--lang", lang, noun, "import", path, "--template")
        assert office.json(noun, "import", path)["rows"] == 0
    assert ("mã" in path.read_text("utf-8")) == (name == "empty.csv") if ".csv" in name else True


PEOPLE = """Mã,Họ và tên,Đơn vị,Vai trò,Tài khoản,Email,Thôi từ
thu,Nguyễn Thị Thu,Bộ Ngoại giao,bộ phận chuyên môn,thu,thu@mofa.example,
old,Trần Văn Cũ,mofa,,cu,,2024-01-31
"""


def test_people_are_registered_changed_and_noted_as_gone(office):
    assert office.json("person", "import", "-", input=PEOPLE)["created"] == 2
    thu, old = office.json("person", "show", "thu"), office.json("person", "show", "old")
    assert (thu["role"], thu["login"], thu["org"]) == ("desk", "thu", "mofa")
    assert (old["ended_on"], old["login"], old["role"]) == ("2024-01-31", None, None)
    assert office.json("person", "import", "-", input=PEOPLE)["unchanged"] == 2

    moved = PEOPLE.replace("Bộ Ngoại giao", "vufo").replace("thu@mofa", "thu@vufo")
    assert office.json("person", "import", "-", "--update", input=moved)["updated"] == 1
    assert office.json("person", "show", "thu")["org"] == "vufo"
    listed = office.json("person", "list")
    again = office.json("person", "import", "-", input=json.dumps(listed))
    assert again["unchanged"] == len(listed)
    office("audit", "verify")


def test_who_may_decide_waits_for_a_second_person_where_the_register_asks_for_two(office):
    second = "code,name,org,role,login\nnga,Nga,vufo,secretariat,nga\n"
    office("person", "import", "-", input=second)
    office("policy", "four-eyes", "on", "--reason", "two decide")
    table = "code,name,org,role,login\nhoa,Hoa,vufo,secretariat,hoa\nmai,Mai,vufo,desk,mai\n"
    told = office("person", "import", "-", input=table)

    assert "hoa.R1" in told.stderr
    assert office.json("person", "show", "mai")["role"] == "desk"
    office.refused(3, "person", "show", "hoa")
    assert [one["code"] for one in office.json("request", "list")] == ["hoa.R1"]
    office("audit", "verify")


CONFERENCES = """code,number,date,previous,name_vi,format
NFAC-23,23,18/12/2099,NFAC-22,Hội nghị 23,trực tuyến
NFAC-22,22,2098,NFAC-20,Hội nghị 22,
"""


def test_conferences_are_registered_in_any_order_and_moved(office):
    assert office.json("conference", "import", "-", input=CONFERENCES)["created"] == 2
    last = office.json("conference", "show", "NFAC-23")
    assert (last["date"], last["previous"], last["format"]) == ("2099-12-18", "NFAC-22", "online")
    assert last["name"] == "Hội nghị 23"
    before = office.json("conference", "show", "NFAC-22")
    assert (before["year"], before["certainty"]) == (2098, "year-only")
    assert office.json("conference", "import", "-", input=CONFERENCES)["unchanged"] == 2

    moved = CONFERENCES.replace("18/12/2099", "20/12/2099")
    office.refused(4, "conference", "import", "-", input=moved)
    office("conference", "import", "-", "--update", "--reason", "moved", input=moved)
    assert office.json("conference", "show", "NFAC-23")["date"] == "2099-12-20"
    other = moved.replace("trực tuyến", "trực tiếp")
    error = office.refused(4, "conference", "import", "-", "--update", input=other)
    assert "no act can change this: format" in error["message"]
    office("audit", "verify")


def test_a_conference_of_the_same_file_is_called_by_its_number(office):
    words = CONFERENCES.replace("NFAC-22,Hội nghị 23", '"hội nghị 22",Lần sau')
    words = words.replace("NFAC-20,Hội nghị 22", "lần thứ 20,Lần này")
    assert office.json("conference", "import", "-", input=words)["created"] == 2

    previous = [office.json("conference", "show", f"NFAC-{no}")["previous"] for no in (22, 23)]
    assert previous == ["NFAC-20", "NFAC-22"]
    twice = words.replace("NFAC-22,22", "OTHER,20")
    office.refused(4, "conference", "import", "-", input=twice)


def test_whoever_may_not_register_imports_nothing(office):
    office("person", "add", "inspector", "--name", "I", "--org", "vufo", "--role", "inspector")

    for noun in ("org", "person", "conference"):
        office.refused(6, noun, "import", "-", "--by", "inspector", input="code,name\nx,X\n")


def test_ten_thousand_names_are_looked_up_at_once(office, much, recorded):
    count = much(300, 10_000)
    rows = [
        f"o{n},Office {n},CQ{n}; ĐV {n},{f'o{n - 1}' if n % 10 else 'mofa'}" for n in range(count)
    ]
    table = "\n".join(["code,name,aliases,parent", *rows])

    with recorded() as sent:
        done = office.json("org", "import", "-", input=table)
    assert done["created"] == count
    assert len(sent) < count / 5
    assert org(office, "o11")["parent"] == "o10"
