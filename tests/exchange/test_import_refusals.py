"""A file that cannot be imported: every fault is named, and the register is as it was."""

import csv
import io
import json

import pytest
from offices import alike

from casework.words import LANGUAGES as LANGS

BASE = {"ref": "A.1", "title": "Title", "proposer": "vufo", "proposed_on": "2021-12-13"}
ASSIGNED = BASE | {"state": "assigned", "owner": "mofa", "due": "2022-12-31"}
ASSIGNED |= {"assigned_on": "2022-01-10"}
STUDIED = ASSIGNED | {"state": "under_study", "study_on": "2022-02-01"}
RESOLVED = STUDIED | {"state": "resolved", "resolved_on": "2022-11-01", "outcome": "explained"}

# A row, and what is said of it: the column, the value, and a word of what is wrong.
BAD_ROWS = [
    (BASE | {"title": " "}, "title", "''", "needs a title"),
    (BASE | {"title": "x" * 10_001}, "title", "'xxx", "10,001 characters"),
    (BASE | {"title": "a\0b"}, "title", r"'a\x00b'", "NUL"),
    (BASE | {"proposer": ""}, "proposer", "''", "needs a proposer"),
    (BASE | {"proposer": "vuffo"}, "proposer", "'vuffo'", "nearest: vufo"),
    (BASE | {"proposer": "Committee"}, "proposer", "'Committee'", "ambiguous: hcmc-pc, hn-pc"),
    (BASE | {"with": "mofa; nobody"}, "with", '["mofa", "nobody"]', "no organisation"),
    (BASE | {"conference": "NFAC-99"}, "conference", "'NFAC-99'", "no conference"),
    (BASE | {"speaker": "somebody"}, "speaker", "'somebody'", "no person"),
    (BASE | {"ref": "A 1"}, "ref", "'A 1'", "characters"),
    (BASE | {"ref": "A" * 65}, "ref", "'AAA", "65 characters"),
    (BASE | {"state": "Half Resolved"}, "state", "'Half Resolved'", "under study, resolved"),
    (BASE | {"outcome": "fixed"}, "outcome", "'fixed'", "partly implemented"),
    (BASE | {"basis": "guessed"}, "basis", "'guessed'", "stated, derived, set"),
    (BASE | {"due": "31/13/2022"}, "due", "'31/13/2022'", "not a valid date"),
    (BASE | {"due": "2022-02-30"}, "due", "'2022-02-30'", "not a valid date"),
    (BASE | {"due": "2021-12-12"}, "due", "'2021-12-12'", "proposed"),
    (BASE | {"original_due": "2022-01-01"}, "due", "''", "must have a due date"),
    (BASE | {"proposed_on": "2999-01-01"}, "proposed_on", "'2999-01-01'", "future"),
    (BASE | {"state_since": "2999-01-01"}, "state_since", "'2999-01-01'", "future"),
    (BASE | {"study_on": "2022-01-01"}, "study_on", "'2022-01-01'", "only proposed"),
    (ASSIGNED | {"assigned_on": "2021-12-12"}, "assigned_on", "'2021-12-12'", "before"),
    (ASSIGNED | {"assigned_on": "2023-01-01"}, "due", "'2022-12-31'", "assigned"),
    (ASSIGNED | {"owner": ""}, "owner", "''", "must have an owner"),
    (ASSIGNED | {"owner": "central"}, "owner", "'central'", "collective"),
    (ASSIGNED | {"outcome": "explained"}, "outcome", "'explained'", "cannot have an outcome"),
    (STUDIED | {"study_on": "2022-01-09"}, "study_on", "'2022-01-09'", "before"),
    (RESOLVED | {"resolved_on": "2022-01-31"}, "resolved_on", "'2022-01-31'", "before"),
    (RESOLVED | {"resolved_on": "2999-01-01"}, "resolved_on", "'2999-01-01'", "future"),
    (RESOLVED | {"outcome": ""}, "outcome", "''", "must have an outcome"),
    (RESOLVED | {"owner": ""}, "owner", "''", "owner"),
]

BAD_TABLES = {
    "no rows at all": (b"", "is empty"),
    "blank lines": (b"\n\n", "is empty"),
    "a mark alone": (b"\xef\xbb\xbf", "is empty"),
    "unknown columns": (b"title,proposer,status,Owner!\nT,vufo,,\n", "'status', 'Owner!'"),
    "a column twice": (b"title,proposer,title\nT,vufo,T\n", "the same column twice: title"),
    "too many cells": (b"title,proposer\nT,vufo,x\n", "row 2, proposer"),
    "Latin-1": ("title,proposer\nThế,vufo\n".encode("cp1258", "replace") + b"\xe9", "UTF-8"),
    "UTF-16 cut off": ("title,proposer\nT,vufo\n".encode("utf-16")[:-1], "not"),
    "a NUL column": (b"ti\0tle,proposer\nT,vufo\n", "not known"),
    "an open quote": (b'title,proposer\n"T,vufo\n', "line"),
    "a quote inside": (b'title,proposer\n"T"x,vufo\n', "line 2"),
    "a cell of 2 MB": (b"title,proposer\n" + b"x" * (2 << 20) + b",vufo\n", "line 2"),
    "a binary file": (bytes(range(256)) * 9, "UTF-8"),
    "a JSON list cut off": (b'[{"title": "T"}', "begins as a JSON list"),
}

GOOD = '{"title":"T","proposer":"vufo"}\n'
BAD_LINES = {
    "not an object": ('["title"]', "not a JSON object"),
    "a number": ("17", "not a JSON object"),
    "cut off": ('{"title":"T","proposer":"vu', "line"),
    "two on a line": (GOOD.strip() * 2, "line"),
    "a member twice": ('{"title":"T","title":"U","proposer":"vufo"}', "twice"),
    "NaN": ('{"title":NaN,"proposer":"vufo"}', "NaN"),
    "an infinite number": ('{"title":-Infinity,"proposer":"vufo"}', "-Infinity"),
    "nested deeply": ('{"title":' + "[" * 100_000, "lists or objects are nested too deep"),
    "a huge number": ('{"title":' + "9" * 100_000 + "}", "a number has more than 4,300 digits"),
    "a number for a text": ('{"title":5,"proposer":"vufo"}', "title: 5: text"),
    "a text for a list": (
        '{"title":"T","proposer":"vufo","with":"mofa"}',
        'with: "mofa": a list is needed',
    ),
    "a number in a list": ('{"title":"T","proposer":"vufo","theme":[1]}', "list of texts"),
    "an object for a date": ('{"title":"T","proposer":"vufo","due":{}}', "text is needed"),
    "an unknown member": ('{"title":"T","proposer":"vufo","status":"x"}', "status"),
    "half a character": (r'{"title":"\ud800","proposer":"vufo"}', "Unicode"),
    "a NUL": (r'{"title":"a\u0000b","proposer":"vufo"}', "NUL"),
    "a long text": ('{"title":"T","proposer":"vufo","answer":"' + "x" * (2 << 20) + '"}', "answer"),
    "no history": ('{"title":"T","proposer":"vufo","history":[]}', "history"),
    "a history of numbers": ('{"title":"T","proposer":"vufo","history":[1]}', "history"),
    "a history of nothing": ('{"title":"T","proposer":"vufo","history":[{}]}', "history"),
}


def table(*rows):
    file = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


@pytest.fixture
def said(office, tmp_path):
    """Give a function that imports a file, which must be refused, and returns what is said."""
    file = tmp_path / "cases.txt"

    def refuse(content):
        file.write_bytes(content)
        before = office.head()
        result = office.run("import", file, "--json")
        assert "Traceback" not in result.stderr
        assert office.head() == before
        error = result.error
        return f"exit {error['exit']}: {error['message']}"

    return refuse


def test_a_bad_row_is_named_with_file_row_column_and_value(office, said):
    office("org", "edit", "hcmc-pc", "--alias", "Committee")
    alike(office, "hn-pc", "Committee")

    wrong = []
    for row, column, value, fault in BAD_ROWS:
        message = said(table(BASE | {"ref": "A.0"}, row))
        expected = f"exit 2: 1 of 2 rows cannot be imported:\ncases.txt, row 3, {column}: {value}"
        if not message.startswith(expected) or fault not in message:
            wrong.append((column, value, fault, message))

    assert wrong == []
    assert office.json("list") == []


def test_a_file_that_is_no_table_of_cases_is_refused_saying_why(office, said):
    found = {name: (said(content), fault) for name, (content, fault) in BAD_TABLES.items()}

    assert {
        name: message
        for name, (message, fault) in found.items()
        if not message.startswith("exit 2: ") or fault not in message or "cases.txt" not in message
    } == {}
    assert office.json("list") == []


def test_a_bad_line_of_json_is_named_with_its_number(office, said):
    found = {
        name: (said(f"{GOOD}{line}\n".encode()), fault) for name, (line, fault) in BAD_LINES.items()
    }

    start = "exit 2: 1 of 2 rows cannot be imported:\ncases.txt, row 2, "
    assert {
        name: message[:500]
        for name, (message, fault) in found.items()
        if not message.startswith(start) or fault not in message or len(message) > 1_000
    } == {}
    assert office.json("list") == []


def test_twenty_bad_rows_are_shown_and_the_rest_are_counted(said):
    rows = [BASE | {"ref": f"A.{number}", "due": "31/13/2027"} for number in range(25)]

    lines = said(table(*rows)).splitlines()

    assert lines[0] == "exit 2: 25 of 25 rows cannot be imported:"
    assert [line.partition(":")[0] for line in lines[1:21]] == [
        f"cases.txt, row {number}, due" for number in range(2, 22)
    ]
    assert lines[21:] == ["… and 5 more"]


def test_one_bad_row_after_a_thousand_good_ones_undoes_them_all(office, said):
    rows = [BASE | {"ref": f"A.{number}"} for number in range(1_001)]

    message = said(table(*rows, BASE | {"ref": "B.1", "state": "lost"}))

    assert "row 1003, state: 'lost'" in message
    assert office.json("list") == []


@pytest.mark.parametrize("between", [0, 600])
@pytest.mark.parametrize("again", ["A.1", "a.1"])
def test_a_reference_twice_in_one_file_is_refused(said, between, again):
    rows = [BASE | {"ref": f"B.{number}"} for number in range(between)]

    message = said(table(BASE, *rows, BASE | {"ref": again}))

    assert message.startswith("exit 2: 1 of ")
    assert f"cases.txt, row {between + 3}, ref: '{again}': another row" in message


@pytest.mark.parametrize(
    ("name", "value"), [("title", "Another title"), ("proposer", "mofa"), ("conference", "NFAC-21")]
)
def test_a_reference_that_is_another_case_is_refused(office, said, name, value):
    office("import", "-", input=table(BASE | {"conference": "NFAC-20"}))

    message = said(table(BASE | {"conference": "NFAC-20"} | {name: value}))

    assert f"cases.txt, row 2, {name}: '{value}': case A.1 has " in message


def test_a_file_that_is_not_there_is_not_found(office, tmp_path):
    assert "missing.csv" in office.refused(3, "import", tmp_path / "missing.csv")["message"]
    assert office.refused(2, "import", tmp_path)


def test_the_same_faults_are_found_on_standard_input(office):
    row = json.dumps(BASE | {"due": "31/13/2027"})

    error = office.refused(2, "import", "-", input=row.encode())

    assert "standard input, row 1, due: '31/13/2027'" in error["message"]


def test_an_unknown_heading_is_answered_with_those_there_are_in_the_readers_language(office):
    file = "mã,nội dung,màu\nA.1,T,đỏ\n".encode()

    told = {lang: office.run("import", "-", "--lang", lang, input=file).stderr for lang in LANGS}

    assert "known: ref, title, title_vi," in told["en"]
    assert "các cột đã biết: ref (mã), title (nội dung), title_vi (nội dung (vi))" in told["vi"]
