"""Priority: what is starred comes first in every report, and can be asked for."""

import pytest


@pytest.fixture
def starred(office):
    """Return an office with three overdue cases, of which the last to be due has priority."""
    for number, due in enumerate(("2022-01-31", "2022-02-28", "2022-03-31"), start=1):
        ref = f"NFAC-20.{number:03d}"
        said = ("--priority", "yes") if number == 3 else ()
        office(
            *("propose", "--title", f"Case {number}", "--proposer", "hcmc-pc", "--ref", ref),
            *("--conference", "NFAC-20", "--effective", "2021-12-13", *said),
        )
        office("assign", ref, "--owner", "mofa", "--due", due, "--effective", "2021-12-20")
    return office


FIRST = ["NFAC-20.003", "NFAC-20.001", "NFAC-20.002"]


def refs(listed):
    return [one["ref"] for one in listed]


def test_what_has_priority_comes_first_in_every_report(starred):
    overdue = starred.json("report", "overdue", "--until", "2087-12-31")["overdue"]
    assert refs(overdue) == FIRST
    assert [one["priority"] for one in overdue] == ["yes", None, None]
    assert refs(starred.json("report", "slippage")["cases"]) == FIRST
    told = starred("report", "overdue", "--until", "2087-12-31").stdout
    assert told.index("NFAC-20.003") < told.index("NFAC-20.001") < told.index("NFAC-20.002")


def test_cases_are_asked_for_and_counted_by_priority(starred):
    assert refs(starred.json("list", "--priority", "yes")) == ["NFAC-20.003"]
    assert refs(starred.json("list", "--priority", "no")) == []
    assert starred.json("list", "--count-by", "priority") == [
        {"priority": None, "cases": 2},
        {"priority": "yes", "cases": 1},
    ]
    starred("edit", "NFAC-20.003", "--priority", "no")
    assert starred.json("show", "NFAC-20.003")["priority"] == "no"
    assert refs(starred.json("report", "overdue", "--until", "2087-12-31")["overdue"]) == [
        *("NFAC-20.001", "NFAC-20.002", "NFAC-20.003"),
    ]
    starred("audit", "verify")


def test_an_earlier_day_has_the_priority_of_that_day(starred):
    starred("edit", "NFAC-20.001", "--priority", "yes", "--effective", "2022-06-01")
    asked = ("report", "overdue", "--until", "2027-12-31", "--as-of")
    assert refs(starred.json(*asked, "2022-05-31")["overdue"]) == FIRST
    assert refs(starred.json(*asked, "2022-06-01")["overdue"]) == [
        *("NFAC-20.001", "NFAC-20.003", "NFAC-20.002"),
    ]


def test_a_file_tells_priority_in_either_language(starred, tmp_path):
    file = tmp_path / "cases.csv"
    file.write_text(
        "ref,title,proposer,priority\nA.1,One,hcmc-pc,có\nA.2,Two,hcmc-pc,no\n", "utf-8"
    )
    starred("import", file)
    assert [starred.json("show", ref)["priority"] for ref in ("A.1", "A.2")] == ["yes", "no"]
    file.write_text("ref,title,proposer,priority\nA.3,One,hcmc-pc,perhaps\n", "utf-8")
    assert "priority: 'perhaps'" in starred.refused(2, "import", file)["message"]
    starred.refused(2, "edit", "A.1", "--priority", "perhaps")
