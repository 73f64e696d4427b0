"""What lists and questions answer, written to files."""

import csv
import io
import json
import re
import zipfile

import pytest
from openpyxl import load_workbook

MARK = b"\xef\xbb\xbf"
ASKS = {
    "list": ("list",),
    "show": ("show", "A.1"),
    "history": ("history", "A.1"),
    "findings": ("audit", "findings"),
    "log": ("audit", "log", "--case", "A.1"),
}


@pytest.fixture
def engine():
    return "sqlite"


@pytest.fixture
def register(office):
    office(
        *("propose", "--title", "Rules", "--title-vi", "Quy chế", "--proposer", "hcmc-pc"),
        *("--ref", "A.1", "--effective", "2021-12-13"),
    )
    then = ("--effective", "2022-01-10")
    office("assign", "A.1", "--owner", "mofa", "--due", "2022-06-30", "--with", "vufo", *then)
    office("advance", "A.1", *then)
    said = "Đoạn một.\nĐoạn hai."
    office("answer", "A.1", "--outcome", "explained", "--answer", said, *then)
    office("propose", "--title", "Đê", "--proposer", "vufo", "--ref", "A.2")
    return office


def cells(file):
    """Return the rows of each sheet after the first, which says what the paper is."""
    return {
        sheet.title: [[one.value for one in row] for row in sheet.iter_rows()]
        for sheet in load_workbook(file).worksheets[1:]
    }


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_data_files_hold_what_programs_are_told(register, tmp_path, ask):
    for ending, form in (("json", "json"), ("csv", "csv")):
        register(*ask, "--output", tmp_path / f"a.{ending}")
        told = register(*ask, "--format", form).stdout
        written = (tmp_path / f"a.{ending}").read_bytes()

        assert written.removeprefix(MARK).decode() == told
        assert written.startswith(MARK) == (ending == "csv")
    assert told.splitlines()[1:]


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
@pytest.mark.parametrize("lang", ["en", "vi"])
def test_documents_are_written_of_every_answer(register, tmp_path, ask, lang):
    for ending in ("html", "xlsx", "docx"):
        register(*ask, "--lang", lang, "--output", tmp_path / f"a.{ending}")

    page = (tmp_path / "a.html").read_text("utf-8")
    assert f'<html lang="{lang}">' in page
    assert "A.1" in page
    with zipfile.ZipFile(tmp_path / "a.docx") as held:
        words = re.sub("<[^>]*>", " ", held.read("word/document.xml").decode())
    assert "A.1" in words
    (rows,) = cells(tmp_path / "a.xlsx").values()
    assert len(rows) > 1


def test_a_list_in_a_spreadsheet_has_names_days_and_more_columns(register, tmp_path):
    file = tmp_path / "a.xlsx"
    register("list", "--output", file)
    (rows,) = cells(file).values()
    told = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]

    assert [one["ref"] for one in told] == ["A.1", "A.2"]
    assert told[0]["owner"] == "Ministry of Foreign Affairs"
    assert (told[0]["due"].isoformat()[:10], told[0]["outcome"]) == ("2022-06-30", "explained")
    assert told[0]["answer"] == "Đoạn một.\nĐoạn hai."
    register("list", "--columns", "ref,title,with", "--lang", "vi", "--output", file, "--force")
    (rows,) = cells(file).values()
    assert len(rows[0]) == 3
    assert rows[1][1] == "Quy chế"


def test_a_list_says_which_cases_it_has_and_groups_are_sections(register, tmp_path):
    file = tmp_path / "a.html"
    ask = ("list", "--no-officer", "--where", "not theme:x", "--group-by", "owner")
    register(*ask, "--output", file)
    page = file.read_text("utf-8")

    assert "chosen by no officer; query: not theme:x" in page
    assert re.findall("<h2[^>]*>([^<]*)</h2>", page) == [
        "Ministry of Foreign Affairs (1)",
        "No owner (1)",
    ]
    assert "2 cases are listed." in page


def test_paragraphs_of_a_text_are_rows_of_their_own(register, tmp_path):
    for ask in (("show", "A.1"), ("history", "A.1")):
        register(*ask, "--output", tmp_path / "a.xlsx", "--force")
        (rows,) = cells(tmp_path / "a.xlsx").values()
        said = [row for row in rows if any("Đoạn" in str(one) for one in row)]

        assert len(said) == 2
        assert "answer" in said[0]
        assert "answer" not in said[1]


def test_the_mark_is_left_out_on_request_and_never_on_the_screen(register, tmp_path):
    report = ("report", "progress")
    for ask in (ASKS["list"], report):
        register(*ask, "--output", tmp_path / "a.csv", "--no-bom", "--force")
        assert not (tmp_path / "a.csv").read_bytes().startswith(MARK)
        register(*ask, "--output", tmp_path / "a.csv", "--force")
        assert (tmp_path / "a.csv").read_bytes().startswith(MARK)
        assert not register(*ask, "--format", "csv").stdout.startswith("\ufeff")
        assert not register(*ask, "--format", "csv", "--output", "-").stdout.startswith("\ufeff")
        for more in ((), ("--output", tmp_path / "b.json")):
            assert "CSV" in register.run(*ask, "--no-bom", *more).stderr
    assert not (tmp_path / "b.json").exists()


def test_export_marks_a_file_on_request_and_import_reads_it(register, tmp_path):
    file = tmp_path / "cases.csv"
    register("export", file)
    bare = file.read_bytes()
    register("export", file, "--bom", "--force")

    assert file.read_bytes() == MARK + bare
    assert register.json("import", file) == {"rows": 2, "created": 0, "skipped": 2}
    for to in ("-", tmp_path / "cases.jsonl"):
        assert register.run("export", to, "--bom").exit_code == 2


def test_a_list_in_csv_is_imported_again(register, tmp_path):
    file = tmp_path / "cases.csv"
    columns = ("--columns", "ref,title,proposer,proposed_on,due")
    register("list", "--where", "ref:A.2", *columns, "--output", file)
    again = file.read_text("utf-8").replace("A.2", "A.3").replace("Đê", "Đê biển")
    file.write_text(again, "utf-8")

    assert again.startswith("\ufeffref,")
    assert register.json("import", file)["created"] == 1
    assert register.json("show", "A.3")["title"] == "Đê biển"


def test_what_is_refused_writes_no_file(register, tmp_path):
    there = tmp_path / "a.csv"
    there.write_text("mine")
    assert register.refused(5, "list", "--output", there)["message"]
    assert there.read_text() == "mine"
    for ask in (
        ("list", "--output", tmp_path / "b.txt"),
        ("list", "--count-by", "owner", "--output", tmp_path / "b.csv"),
        ("audit", "findings", "--explain", "--output", tmp_path / "b.csv"),
        ("show", "A.1", "--open"),
        ("history", "A.1", "--output", tmp_path / "b.ics"),
    ):
        assert register.run(*ask).exit_code == 2, ask
    assert register.run("show", "A.9", "--output", tmp_path / "b.csv").exit_code == 3
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("b.")] == []


def test_a_calendar_of_a_list_has_the_open_cases(register, tmp_path):
    register("assign", "A.2", "--owner", "mofa", "--due", "2999-06-30")
    register("list", "--output", tmp_path / "a.ics")
    text = (tmp_path / "a.ics").read_text("utf-8")

    assert text.count("BEGIN:VEVENT") == 2
    assert "SEQUENCE:2" in text


def test_groups_of_many_rows_are_read_from_where_they_stand(monkeypatch):
    from casework.system import spooled

    monkeypatch.setattr(spooled, "KEPT", 10)
    monkeypatch.setattr(spooled, "LOT", 7)
    monkeypatch.setattr(spooled, "TOGETHER", 3)
    found = spooled.kept(range(50))

    assert not isinstance(found, list)
    for first, end in ((0, 1), (9, 11), (10, 17), (13, 50), (49, 50), (20, 20)):
        assert [*spooled.part(found, first, end)] == [*range(first, end)]
        assert len(spooled.part(found, first, end)) == end - first
    assert spooled.part([1, 2, 3], 1, 2) == [2]


def test_an_empty_list_is_a_file_too(register, tmp_path):
    ask = ("list", "--owner", "hcmc-pc")
    register(*ask, "--output", tmp_path / "a.json")
    register(*ask, "--output", tmp_path / "a.csv")
    register(*ask, "--group-by", "owner", "--output", tmp_path / "a.html")

    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == []
    (head,) = csv.reader(io.StringIO((tmp_path / "a.csv").read_text("utf-8-sig")))
    assert head[0] == "ref"
    assert "0 cases" in (tmp_path / "a.html").read_text("utf-8")
