"""The progress report: the government's own balance, reproduced; its rates; its parts."""

import csv
import io

import docx
import pytest

from casework.papers.formatting import share
from casework.papers.model import Share
from casework.system.text import fold, sort_key

# Report 1270/BC-TCTTTg (2017): tasks assigned by the Government and the Prime Minister.
TASKS = (
    # how many, due, resolved on
    (14_068, "2017-06-30", "2017-06-30"),
    (1_983, "2017-06-30", "2017-07-01"),
    (5_640, "2999-12-31", None),
    (223, "2017-07-31", None),
)
STEPS = ["proposed_on", "assigned_on", "resolved_on"]
COLUMNS = ["ref", "title", "proposer", "owner", "conference", "theme", "due", "state", "outcome"]


@pytest.fixture
def tasks():
    """The Government's tasks as a file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [*COLUMNS, *STEPS], restval="")
    writer.writeheader()
    number = 0
    for count, due, resolved_on in TASKS:
        for _ in range(count):
            number += 1
            done = {"state": "resolved", "outcome": "implemented", "resolved_on": resolved_on}
            row = {
                "ref": f"T.{number}",
                "title": f"Nhiệm vụ {number}",
                "proposer": "gov",
                "owner": f"org{number % 3}",
                "conference": f"C-{number % 2}",
                "theme": ("a", "b", "a; b", "")[number % 4],
                "due": due,
                "proposed_on": "2017-01-03",
                "assigned_on": "2017-01-03",
            }
            writer.writerow(row | (done if resolved_on else {"state": "assigned"}))
    return out.getvalue()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_t19_the_governments_balance_is_reproduced_from_its_21914_tasks(shell, tasks):
    for code in ("gov", "org0", "org1", "org2"):
        shell("org", "add", code, "--name", code)
    for code in ("C-0", "C-1"):
        shell("conference", "add", code)
    shell("import", "-", input=tasks)
    report = shell.json("report", "progress")
    said = shell("report", "progress").stdout
    vietnamese = shell("report", "progress", "--lang", "vi").stdout

    whole = {name: value for name, value in report["totals"].items() if name != "rates"}
    assert whole == {
        "cases": 21_914,
        "resolved": 16_051,
        "resolved_on_time": 14_068,
        "resolved_late": 1_983,
        "resolved_no_due": 0,
        "open": 5_863,
        "open_in_time": 5_640,
        "open_overdue": 223,
        "open_no_due": 0,
        "open_claimed": 0,
    }
    assert report["totals"]["rates"]["completed_of_due"] == {
        "part": 16_051,
        "whole": 16_274,
        "percent": "98.63",
    }
    assert "16,051/16,274 = 98.63 %" in said
    assert "16.051/16.274 = 98,63 %" in vietnamese
    for part, groups in (("by_owner", 3), ("by_conference", 2)):
        assert len(report[part]) == groups
        assert {name: sum(one[name] for one in report[part]) for name in whole} == whole
    themes = {one["theme"]: one["cases"] for one in report["by_theme"]}
    assert themes == {"a": 10_957, "b": 10_958, None: 5_478}
    one = shell.json("report", "progress", "--owner", "org1", "--conference", "C-1")
    assert one["totals"]["cases"] == sum(n % 3 == 1 and n % 2 == 1 for n in range(1, 21_915))


def test_cases_without_a_due_date_stand_in_rows_of_their_own_so_that_the_balance_holds(
    office, case, tmp_path
):
    case("resolved", ref="A.1", due="2022-12-31")
    case("assigned", ref="A.2", due="2022-12-31")
    case(ref="A.3")
    case(ref="A.4")
    why = ["--reason", "not ours", "--effective", "2022-03-01"]
    office("close", "A.4", "--outcome", "withdrawn", *why)
    office("report", "progress", "--as-of", "2999-01-01", "--output", tmp_path / "p.csv")
    rows = list(csv.DictReader((tmp_path / "p.csv").read_text("utf-8-sig").splitlines()))
    square = {row["part"]: row for row in rows if row["section"] == "balance"}
    total = next(row for row in rows if row["section"] == "balance.total")

    assert {name: (row["cases"], row["in_time"], row["late"]) for name, row in square.items()} == {
        "completed": ("1", "1", "0"),
        "not_completed": ("1", "0", "1"),
        "completed_no_due": ("1", "", ""),
        "not_completed_no_due": ("1", "", ""),
    }
    assert total["cases"] == "4"


def test_a_rate_of_nothing_is_not_available(office, case):
    case("proposed")
    report = office.json("report", "progress")

    assert report["totals"]["rates"]["on_time_of_completed"] == {
        "part": 0,
        "whole": 0,
        "percent": None,
    }
    assert "0/0 = n/a" in office("report", "progress").stdout
    assert "0/0 = không có" in office("report", "progress", "--lang", "vi").stdout


def test_an_owner_without_cases_of_the_conference_asked_for_is_not_told_of(office, case):
    case("assigned", ref="A.1")
    case(ref="A.2")
    office("conference", "add", "NFAC-30")
    of_one, of_other = (
        office.json("report", "progress", "--conference", code)["by_owner"]
        for code in ("NFAC-20", "NFAC-30")
    )

    assert [(one["owner"], one["cases"]) for one in of_one] == [("mofa", 1), (None, 1)]
    assert of_other == []


def test_what_is_asked_for_must_be_in_the_register(office):
    office.refused(3, "report", "progress", "--owner", "nobody")
    office.refused(3, "report", "progress", "--conference", "NFAC-99")


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (16_051, 16_274, "98.63 %"),
        (1, 3, "33.33 %"),
        (2, 3, "66.67 %"),
        (1, 20_000, "0.01 %"),
        (1, 20_001, "0.00 %"),
        (1, 1, "100.00 %"),
        (0, 7, "0.00 %"),
    ],
)
def test_a_rate_is_rounded_half_up(part, whole, shown):
    assert share(Share(part, whole), "en") == f"{part:,}/{whole:,} = {shown}"


def test_the_progress_of_an_earlier_day_is_what_it_was(office, case):
    case("resolved", ref="A.1", due="2022-12-31")
    before, after = (
        office.json("report", "progress", "--as-of", day)["totals"]
        for day in ("2022-10-31", "2022-11-01")
    )

    assert (before["open_in_time"], before["resolved"]) == (1, 0)
    assert (after["open"], after["resolved_on_time"]) == (0, 1)


NAMES = [
    "An Giang",
    "Ăng-gô-la",
    "Âu Lạc",
    "Bộ Ngoại giao",
    "Bộ Quốc phòng",
    "Cần Thơ",
    "Da",
    "Dà",
    "Dả",
    "Dã",
    "Dá",
    "Dạ",
    "Đà Nẵng",
    "Ê-đê",
    "Huế",
    "Ông Đốc",
    "Ơ-rê-gân",
    "Ủy ban nhân dân",
    "Ưng Hòa",
    "Vĩnh Long",
]


def test_names_stand_in_the_order_of_a_vietnamese_dictionary(office, case, tmp_path):
    assert sorted(NAMES, key=sort_key) == NAMES
    # Of names that only tones tell apart no two organisations can be called so on one day.
    names = list({fold(name): name for name in NAMES if name != "Bộ Ngoại giao"}.values())
    for number, name in enumerate(names):
        code = f"o{(7 * number) % len(NAMES)}"
        office("org", "add", code, "--name", code, "--name-vi", name)
        case("assigned", owner=code)
    path = tmp_path / "p.docx"
    office("report", "progress", "--lang", "vi", "--output", path)
    table = next(
        one
        for one in docx.Document(path).tables
        if "Chủ trì" in [cell.text for cell in one.rows[0].cells]
    )

    assert [row.cells[1].text for row in table.rows[1:-1]] == names
