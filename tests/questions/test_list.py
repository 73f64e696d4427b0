"""Lists, searches and the forms they are printed in: the same on both engines."""

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.store.record_rows import ref_parts
from casework.system.text import fold


@pytest.fixture
def cases(office):
    """A register with five cases that differ in everything one can ask for."""
    lines = [
        {"ref": "A.10", "title": "Đào tạo cán bộ", "title_vi": "Bồi dưỡng", "theme": ["training"]},
        {"ref": "A.2", "title": "cost 100% covered", "conference": "NFAC-20", "due": "2022-06-30"},
        {"ref": "A.1", "title": "Under_score", "owner": "vufo", "due": "2022-03-31"},
        {"ref": "B.1", "title": "a\\b path", "owner": "mofa", "conference": "NFAC-21"},
        {"ref": "CASE-3", "title": "Áo dài", "owner": "hcmc-pc", "theme": ["culture", "training"]},
    ]
    states = [
        {"proposer": "vufo"},
        {"proposer": "mofa", "words": "in the coming time"},
        {"proposer": "mofa", "state": "assigned", "summary": "Văn phòng đại diện ở nước ngoài"},
        {"proposer": "vufo", "state": "under study", "due": "2999-01-01"},
        {"proposer": "vufo", "state": "resolved", "outcome": "explained", "answer": "Nghị định 6"},
    ]
    rows = [
        {"proposed_on": "2021-01-03"} | line | state
        for line, state in zip(lines, states, strict=True)
    ]
    office("import", "-", input="\n".join(map(json.dumps, rows)))
    return office


@given(st.text("A.Đ0189٣\n ", max_size=14))
def test_a_reference_is_ordered_by_its_stem_and_the_number_it_ends_in(ref):
    match = re.fullmatch(r"(.*?)([0-9]{1,9})", ref, re.DOTALL)

    assert ref_parts(ref) == ((fold(match[1]), int(match[2])) if match else (fold(ref), -1))


def refs(rows):
    return [row["ref"] for row in rows]


FILTERS = {
    "": ["A.1", "A.2", "A.10", "B.1", "CASE-3"],
    "--state proposed": ["A.2", "A.10"],
    "--state assigned --state under_study": ["A.1", "B.1"],
    "--owner vufo": ["A.1"],
    "--owner BNG": ["B.1"],
    "--proposer mofa": ["A.1", "A.2"],
    "--conference nfac-20": ["A.2"],
    "--overdue": ["A.1", "A.2"],
    "--overdue --owner vufo": ["A.1"],
    "--overdue --as-of 2022-06-30": ["A.1"],
    "--due-before 2022-06-30": ["A.1"],
    "--due-before 2022-07-01": ["A.1", "A.2"],
    "--theme training": ["A.10", "CASE-3"],
    "--theme training --limit 1": ["A.10"],
    "--text dao --text can": ["A.10"],
    "--text nghi": ["A.1", "A.10", "B.1", "CASE-3"],
    "--state resolved --overdue": [],
    "--limit 2": ["A.1", "A.2"],
}


def test_a_list_holds_exactly_the_cases_asked_for(cases):
    found = {words: refs(cases.json("list", *words.split())) for words in FILTERS}

    assert found == FILTERS


SORTS = {
    "ref": ["A.1", "A.2", "A.10", "B.1", "CASE-3"],
    "due": ["A.1", "A.2", "B.1", "A.10", "CASE-3"],
    "owner": ["CASE-3", "B.1", "A.1", "A.2", "A.10"],
    "state": ["A.2", "A.10", "A.1", "B.1", "CASE-3"],
    "conference": ["A.2", "B.1", "A.1", "A.10", "CASE-3"],
    "title": ["B.1", "CASE-3", "A.2", "A.10", "A.1"],
}


def test_every_order_is_natural_and_the_same_on_both_engines(cases):
    found = {sort: refs(cases.json("list", "--sort", sort)) for sort in SORTS}

    assert found == SORTS
    # So is the order of the past, which is another path.
    for sort, order in SORTS.items():
        assert refs(cases.json("list", "--sort", sort, "--known-at", "2999-01-01")) == order


SEARCHES = {
    "dao tao": ["A.10"],
    "ĐÀO TẠO": ["A.10"],
    "boi duong": ["A.10"],
    "van phong dai dien": ["A.1"],
    "AO DAI": ["CASE-3"],
    "nghị định": ["CASE-3"],
    "100%": ["A.2"],
    "%": ["A.2"],
    "100_": [],
    "_": ["A.1"],
    "under_": ["A.1"],
    "underXscore": [],
    "\\": ["B.1"],
    "a\\b": ["B.1"],
    "'": [],
    "đ": ["A.1", "A.2", "A.10", "CASE-3"],
}


def test_words_are_found_without_diacritics_in_both_languages_and_taken_literally(cases):
    found = {words: refs(cases.json("search", words)) for words in SEARCHES}

    assert found == SEARCHES
    assert refs(cases.json("search", "can", "bo")) == ["A.10"]
    assert refs(cases.json("search", "can", "ministry")) == []


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "\t=1", '=HYPERLINK("http://x")']


def test_no_cell_of_a_csv_file_is_a_formula(office, tmp_path):
    for number, formula in enumerate(FORMULAS, start=1):
        words = f"@{formula}" if formula.startswith("@") else formula
        proposed = ["--title", words, "--ref", f"A.{number}", "--summary", words, "--theme", words]
        office("propose", "--proposer", "mofa", *proposed)
        office("note", f"A.{number}", "--", words)
    office("report", "overdue", "--output", tmp_path / "report.csv")
    printed = [
        office("list", "--format", "csv").stdout,
        office("history", "A.1", "--format", "csv").stdout,
        office("report", "overdue", "--format", "csv").stdout,
        (tmp_path / "report.csv").read_text("utf-8"),
        office("export", "-").stdout,
    ]

    for text in printed:
        # `prev` is a number of our own, -1 before the first event; it is no text.
        rows = csv.DictReader(io.StringIO(text))
        cells = [cell for row in rows for name, cell in row.items() if name != "prev"]
        assert any("=1" in cell for cell in cells)
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert next(row["prev"] for row in csv.DictReader(io.StringIO(printed[1]))) == "-1"


def test_headings_and_states_are_vietnamese_on_demand_and_identifiers_never_are(cases):
    listed = cases("list", "--lang", "vi").stdout.splitlines()
    report = cases("--lang", "vi", "report", "overdue", "--until", "2030-01-01").stdout
    plain = cases("list", "--lang", "vi", "--format", "csv").stdout.splitlines()

    assert " ".join(listed[0].split()) == "mã nội dung trạng thái chủ trì hạn ngày trễ"
    assert any("đang nghiên cứu" in line for line in listed)
    assert any(line.startswith("A.10 ") and "Bồi dưỡng" in line for line in listed)
    for heading in ("Báo cáo quá hạn: tính đến ngày", "Quá hạn (2)", "Chưa có cơ quan chủ trì (2)"):
        assert heading in report
    assert plain[0].startswith("ref,title,title_vi,summary,state,")
    assert cases.json("list", "--lang", "vi") == cases.json("list")


PRINTED = [
    "list --owner vufo",
    "search dao",
    "show A.1",
    "org show mofa",
    "person show lan",
    "conference show NFAC-20",
    "note A.1 words",
    "coordinate A.1 --with hcmc-pc",
    "report overdue",
    "audit verify",
]


def test_ndjson_is_one_json_value_a_line(cases):
    for words in PRINTED:
        lines = cases(*words.split(), "--format", "ndjson").stdout.splitlines()

        assert len(lines) == 1, words
        assert isinstance(json.loads(lines[0]), dict), words


def test_csv_is_a_heading_and_a_line_for_each(cases):
    for words in PRINTED[:6]:
        text = cases(*words.split(), "--format", "csv").stdout
        heading, *rows = csv.reader(io.StringIO(text))

        assert heading[0] in {"ref", "code"} or "code" in heading, words
        assert [len(row) for row in rows] == [len(heading)], words


def test_cases_are_counted_instead_of_listed_the_most_first(office, case):
    for number, (state, owner, due) in enumerate(
        [
            ("assigned", "mofa", "2022-12-31"),
            ("assigned", "vufo", "2022-12-31"),
            ("assigned", "vufo", "2022-06-30"),
            ("assigned", "vufo", "2999-12-31"),
            ("resolved", "mofa", "2022-12-31"),
            ("proposed", None, None),
        ],
        start=1,
    ):
        case(state, ref=f"A.{number}", owner=owner, due=due)
    whole = office.json("list", "--count-by", "owner")
    late = office.json("list", "--overdue", "--count-by", "owner")
    then = office.json("list", "--overdue", "--count-by", "owner", "--as-of", "2022-07-01")
    shown = office("list", "--count-by", "state", "--lang", "vi").stdout

    assert whole == [
        {"owner": "vufo", "cases": 3},
        {"owner": "mofa", "cases": 2},
        {"owner": None, "cases": 1},
    ]
    assert late == [{"owner": "vufo", "cases": 2}, {"owner": "mofa", "cases": 1}]
    assert then == [{"owner": "vufo", "cases": 1}]
    assert "trạng thái" in shown
    office.refused(2, "list", "--count-by", "owner", "--limit", 3)
    office.refused(2, "list", "--count-by", "owner", "--columns", "ref")
    assert office.json("list", "--count-by", "owner", "--theme", "trade") == []


def test_the_first_of_a_sorted_list_are_those_of_the_whole_one(office, case):
    for number, due in enumerate(("2022-12-31", "2022-06-30", "2022-09-30", "2022-06-30"), 1):
        case("assigned", ref=f"A.{number}", due=due)
    case(ref="A.5")
    ask = ("list", "--sort", "due")
    whole = [[one["ref"] for one in office.json(*ask, *more)] for more in ((), ("--overdue",))]

    assert whole == [["A.2", "A.4", "A.3", "A.1", "A.5"], ["A.2", "A.4", "A.3", "A.1"]]
    for more, expected in zip(((), ("--overdue",)), whole, strict=True):
        first = office.json(*ask, *more, "--limit", 3)
        assert [one["ref"] for one in first] == expected[:3]
