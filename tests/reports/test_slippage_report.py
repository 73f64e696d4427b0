"""The slippage and workload reports: numbers that follow from acts, in every format alike."""

import csv
import io
import json

import pytest

DAY = ("--as-of", "2023-06-01")


@pytest.fixture
def slipped(office, case):
    """A case that was extended too late, handed over while overdue, and is overdue still."""
    case("assigned", ref="A.1", due="2022-12-30")
    words = ["--reason", "asked for time", "--document", "12/BNG"]
    office("extend", "A.1", "--due", "2023-03-31", *words, "--effective", "2023-01-16")
    handed = ["--owner", "vufo", "--reason", "moved"]
    office("reassign", "A.1", *handed, "--effective", "2023-04-10")
    case("assigned", ref="A.2", due="2024-01-31")
    return office


def test_a_late_extension_is_told_with_who_granted_it_and_how_late(slipped):
    (found,) = slipped.json("report", "slippage", *DAY)["cases"]
    (granted,) = found["extensions"]

    assert (found["ref"], found["original_due"], found["due"]) == (
        "A.1",
        "2022-12-30",
        "2023-03-31",
    )
    assert (found["days_late"], found["days_late_original"]) == (62, 153)
    assert (granted["actor"], granted["days_late"], granted["document"]) == (
        "registrar",
        17,
        "12/BNG",
    )


def test_lateness_is_shared_out_to_the_hands_the_case_was_in(slipped):
    report = slipped.json("report", "slippage", *DAY)
    hands = {one["owner"]: one for one in report["by_owner"]}
    mofa, vufo = report["cases"][0]["tenures"]

    assert (mofa["owner"], mofa["inherited"]) == ("mofa", False)
    assert (vufo["owner"], vufo["inherited"], vufo["until"]) == ("vufo", True, None)
    assert hands["vufo"]["late"] == vufo["late"] > 0
    assert hands["mofa"]["late"] == mofa["late"] > 0
    assert (hands["mofa"]["cases"], hands["vufo"]["inherited"]) == (2, 1)


def test_a_case_that_came_back_to_an_owner_is_one_of_its_cases(office, case):
    case("assigned", ref="A.1", due="2022-06-10")
    for owner, on in (("vufo", "2022-07-01"), ("mofa", "2022-08-01"), ("vufo", "2022-09-01")):
        office("reassign", "A.1", "--owner", owner, "--reason", "x", "--effective", on)
    found = office.json("report", "slippage", *DAY)["by_owner"]

    counted = [(one["owner"], one["cases"], one["inherited"]) for one in found]
    assert counted == [("mofa", 1, 1), ("vufo", 1, 1)]


@pytest.mark.parametrize("owner", [{}, {"owner": "mofa", "state": "assigned"}])
def test_a_row_with_two_due_dates_tells_of_an_extension(office, tmp_path, owner):
    told = {"ref": "R.1", "title": "T", "proposer": "hcmc-pc", "proposed_on": "2022-12-08"}
    dues = {"original_due": "2023-11-13", "due": "2024-08-14"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(told | dues | owner), "utf-8")
    office("import", tmp_path / "rows.jsonl")
    (found,) = office.json("report", "slippage")["cases"]

    (one,) = found["extensions"]
    assert (one["old"], one["new"]) == ("2023-11-13", "2024-08-14")
    assert (one["actor"], one["days_late"]) == (None, None)
    assert office.json("show", "R.1")["extensions"] == 1


def test_what_came_while_its_clock_stood_did_not_come_overdue(office, case):
    case("assigned", ref="A.1", due="2022-06-10")
    office("hold", "A.1", "--reason", "x", "--effective", "2022-06-01")
    handed = ["--owner", "vufo", "--reason", "x", "--effective", "2022-07-01"]
    office("reassign", "A.1", *handed)
    found = office.json("report", "slippage", *DAY)["by_owner"]

    assert [(one["owner"], one["inherited"]) for one in found] == [("mofa", 0), ("vufo", 0)]


def test_a_case_that_kept_its_date_is_not_in_the_report(slipped):
    refs = [one["ref"] for one in slipped.json("report", "slippage", *DAY)["cases"]]
    one_owner = slipped.json("report", "slippage", *DAY, "--owner", "mofa")["cases"]

    assert refs == ["A.1"]
    assert one_owner == []


def test_a_case_that_was_late_is_in_the_report_though_it_was_never_shown_so(office, case):
    ref = case("assigned", due="2022-03-01")
    why = ("--reason", "r")
    office("hold", ref, *why, "--document", "1/TB", "--effective", "2022-02-01")
    # That its clock runs again is recorded when the case has been resolved for long, too late.
    office("resume", ref, *why, "--effective", "2022-02-08")
    office("close", ref, "--outcome", "withdrawn", *why, "--effective", "2022-03-27")
    later = ("--field", "due", "--to", "2022-09-01", "--effective", "2022-05-04")
    office("correct", ref, *later, *why)
    told = office.json("report", "slippage", "--as-of", "2022-06-01")

    (one,) = told["cases"]
    assert (one["ref"], one["days_late"], one["overdue"], one["extensions"]) == (ref, 0, [], [])
    assert [(held["owner"], held["late"]) for held in one["tenures"]] == [("mofa", 13)]
    assert [(owner["owner"], owner["late"]) for owner in told["by_owner"]] == [("mofa", 13)]


def test_workload_counts_each_open_case_in_exactly_one_part(office, case):
    case("assigned", ref="A.1", due="2023-05-31")
    case("under_study", ref="A.2", due="2023-06-01")
    case("assigned", ref="A.3", due="2023-07-01")
    case("assigned", ref="A.4", due="2023-07-02")
    case("assigned", ref="A.5", due="2022-12-31")
    case("proposed", ref="A.6")
    case("resolved", ref="A.7")
    office("hold", "A.5", "--reason", "the law is being changed", "--effective", "2022-06-01")
    report = office.json("report", "workload", *DAY)
    (mofa, nobody) = report["by_owner"]
    parts = ("overdue", "due_soon", "due_later", "no_due_date", "on_hold")

    assert [mofa[name] for name in ("open", "under_study", *parts)] == [5, 1, 1, 2, 1, 0, 1]
    assert mofa["next_due"] == "2023-06-01"
    assert [nobody[name] for name in ("owner", "open", *parts)] == [None, 1, 0, 0, 0, 1, 0]
    for one in (*report["by_owner"], *report["by_officer"], report["totals"]):
        assert one["open"] == sum(one[name] for name in parts)
    assert report["totals"]["open"] == sum(one["open"] for one in report["by_officer"]) == 6


def test_workload_names_the_officers(office, case):
    ref = case("assigned")
    office("reassign", ref, "--owner", "mofa", "--officer", "lan", "--reason", "named")
    found = office.json("report", "workload")["by_officer"]

    assert [(one["officer"], one["open"]) for one in found] == [("lan", 1)]


@pytest.mark.parametrize("report", ["slippage", "workload"])
@pytest.mark.parametrize("lang", ["en", "vi"])
def test_they_are_papers_in_both_languages_and_every_format(slipped, tmp_path, report, lang):
    for suffix in ("json", "csv", "html", "xlsx", "docx", "pdf"):
        file = tmp_path / f"paper.{suffix}"
        slipped("--lang", lang, "report", report, *DAY, "--output", file)
        assert file.stat().st_size > 0
    rows = list(csv.reader(io.StringIO((tmp_path / "paper.csv").read_text("utf-8-sig"))))
    page = (tmp_path / "paper.html").read_text("utf-8")

    assert len({len(row) for row in rows}) == 1
    assert ("Liên hiệp các tổ chức hữu nghị" in page) == (lang == "vi")
