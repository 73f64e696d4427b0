"""Answers where there is a second of a kind: owners that coordinate, heirs, titles, told acts."""

import json

import pytest
import time_machine

from casework.system.text import sort_key


def test_a_body_that_takes_a_closed_case_up_does_not_coordinate_it(office):
    given = ["--title", "T", "--proposer", "hcmc-pc", "--with", "mofa", "--with", "vufo"]
    office("propose", "--ref", "A-1", *given, "--effective", "2022-01-03")
    gone = ["--outcome", "withdrawn", "--reason", "x", "--effective", "2022-02-01"]
    office("close", "A-1", *gone)
    office("reopen", "A-1", "--owner", "mofa", "--reason", "x", "--effective", "2022-03-01")
    shown = office.json("show", "A-1")

    assert (shown["owner"], shown["coordinating"]) == ("mofa", ["vufo"])
    office("audit", "verify")


def test_what_an_ended_body_coordinates_is_its_successors(office, case):
    for ref in ("A-1", "A-2", "A-3"):
        case("assigned", ref=ref, owner="vufo" if ref == "A-3" else "hcmc-pc")
    office("coordinate", "A-1", "--with", "mofa")
    office("coordinate", "A-2", "--with", "mofa", "--with", "vufo")
    office("coordinate", "A-3", "--with", "mofa")
    ends = ["--on", "2022-06-01", "--successor", "vufo", "--reason", "merged"]
    office("org", "end", "mofa", *ends)
    ask = ["report", "overdue", "--until", "2099-12-31"]

    apart = {one["owner"]: one["coordinates"] for one in office.json(*ask)["by_owner"]}
    told = office.json(*ask, "--successors")["by_owner"]
    together = {one["owner"]: one["coordinates"] for one in told}
    assert apart == {"hcmc-pc": 0, "mofa": 3, "vufo": 1}
    assert together == {"hcmc-pc": 0, "vufo": 2}


# --- titles -----------------------------------------------------------------------------------

TITLES = (
    ("A.1", "Zebra", "Ăn uống"),
    ("A.2", "Yard", "An toàn"),
    ("A.3", "Work", "Đào tạo"),
    ("A.4", "Views", "Dân số"),
    ("A.5", "Uplands", None),
    ("A.6", "Towns", "Ân xá"),
)


@pytest.fixture
def titled(office, tmp_path):
    rows = [
        {"ref": ref, "title": title, "proposer": "mofa", "theme": [ref]}
        | ({"title_vi": title_vi} if title_vi else {})
        for ref, title, title_vi in TITLES
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    office("import", tmp_path / "t.jsonl")
    return office


@pytest.mark.parametrize("more", [[], ["--state", "proposed"], ["--text", "a"]])
def test_titles_are_in_the_order_of_the_language_that_is_shown(titled, more):
    def listed(lang):
        found = titled.json("list", "--sort", "title", "--lang", lang, *more)
        return [one["ref"] for one in found]

    kept = {one["ref"] for one in titled.json("list", *more)}
    english = sorted(TITLES, key=lambda one: sort_key(one[1]))
    dictionary = ["A.2", "A.1", "A.6", "A.4", "A.3", "A.5"]
    assert listed("en") == [ref for ref, *_ in english if ref in kept]
    assert listed("vi") == [ref for ref in dictionary if ref in kept]


def test_titles_in_order_are_limited_and_of_a_theme_like_others(titled):
    def listed(*words):
        return [one["ref"] for one in titled.json("list", "--sort", "title", *words)]

    assert listed("--limit", 2) == ["A.6", "A.5"]
    assert listed("--theme", "A.3") == ["A.3"]
    assert listed("--as-of", "2020-01-01") == []
    assert listed("--overdue") == []


# --- days late --------------------------------------------------------------------------------


def test_the_lateness_of_what_was_resolved_is_listed_and_none_where_there_is_none(office, case):
    case("resolved", ref="L.1", due="2022-10-01")
    case("resolved", ref="L.2", due="2022-12-31")
    case("assigned", ref="L.3", due="2999-01-01")
    case("assigned", ref="L.4", due="2022-12-31")
    case(ref="L.5")
    late = {one["ref"]: one["days_late"] for one in office.json("list")}
    lines = office("list").stdout.splitlines()

    assert late.pop("L.4") > 1000
    assert late == {"L.1": 31, "L.2": 0, "L.3": 0, "L.5": None}
    assert [line.split()[-1] for line in lines[1:4]] == ["31", "2022-12-31", "2999-01-01"]
    assert {one["ref"]: one["days_overdue"] for one in office.json("list")}["L.1"] == 0
    assert "days late" in office("show", "L.1").stdout
    assert "days late" not in office("show", "L.2").stdout


@pytest.mark.parametrize(("lang", "named"), [("en", "No owner"), ("vi", "Chưa có cơ quan chủ trì")])
def test_those_of_nobody_are_counted_under_a_name(office, case, lang, named):
    case(ref="A.1")
    case("assigned", ref="A.2")
    said = office("list", "--count-by", "owner", "--lang", lang).stdout

    assert named in said
    counted = office.json("list", "--count-by", "owner")
    assert counted == [{"owner": "mofa", "cases": 1}, {"owner": None, "cases": 1}]


# --- a counted deadline -----------------------------------------------------------------------


def test_a_deadline_counted_from_the_assignment_moves_with_its_corrected_day(office):
    office("holiday", "add", "2022-05-02", "--name", "x")
    office("propose", *("--title", "T", "--proposer", "vufo", "--ref", "A-1"))
    office("correct", "A-1", *("--field", "proposed_on", "--to", "2022-01-03", "--reason", "x"))
    given = ["--owner", "mofa", "--due", "+10d", "--effective", "2022-01-17"]
    office("assign", "A-1", *given)
    office("correct", "A-1", *("--field", "assigned_on", "--to", "2022-01-10", "--reason", "x"))
    shown = office.json("show", "A-1")
    told = office.json("due", "explain", "A-1")

    assert (shown["assigned_on"], shown["due_from"]) == ("2022-01-10", "2022-01-10")
    assert shown["due"] == shown["original_due"] == told["today"]["due"]
    assert shown["due"].startswith("2022-01-2")
    assert told["differs"] is False


def test_a_hold_that_would_bring_a_due_date_beyond_the_calendar_is_refused(office, case):
    case("assigned", ref="A.1", due="9999-12-31")
    office("hold", "A.1", "--reason", "x", "--effective", "2022-02-01")
    error = office.refused(4, "resume", "A.1", "--effective", "2022-03-01")

    assert "9999-12-31" in error["message"]
    office("correct", "A.1", "--field", "due", "--to", "2022-12-31", "--reason", "a slip")
    assert office.json("resume", "A.1", "--effective", "2022-03-01")["due"] == "2023-01-28"


@pytest.mark.parametrize("day", ["1900-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_there_are_can_be_asked_of(office, case, day):
    case("assigned", ref="A.1", due="9999-12-31")
    for report in ("overdue", "progress", "workload", "slippage", "forecast"):
        office("report", report, "--as-of", day)
    office("list", "--as-of", day)


# --- what a file tells ------------------------------------------------------------------------


def test_an_imported_hold_counts_from_when_it_was_recorded_first(
    office, new_office, case, tmp_path
):
    with time_machine.travel("2022-07-20T02:00:00+00:00", tick=True):
        case("assigned", ref="A.1", due="2022-06-10")
        office("hold", "A.1", "--reason", "x", "--effective", "2022-06-01")
    file = tmp_path / "a.jsonl"
    office("export", file)
    other = new_office()
    other("import", file)
    ask = ["report", "slippage", "--as-of", "2022-08-01"]
    first, again = (one.json(*ask)["cases"] for one in (office, other))

    spans = [{"first": "2022-06-11", "last": "2022-07-20"}]
    assert [one["overdue"] for one in first] == [one["overdue"] for one in again] == [spans]


def test_an_extension_of_which_a_row_tells_no_more_is_granted_by_nobody_known(office, tmp_path):
    row = {"ref": "A.1", "title": "T", "proposer": "vufo", "owner": "mofa", "state": "assigned"}
    days = {"proposed_on": "2022-01-03", "assigned_on": "2022-01-10"}
    days |= {"original_due": "2022-06-10", "due": "2022-09-10"}
    file = tmp_path / "list.jsonl"
    file.write_text(json.dumps(row | days), "utf-8")
    office("import", file)
    (case,) = office.json("report", "slippage", "--as-of", "2022-08-01")["cases"]
    (more,) = case["extensions"]

    assert (more["old"], more["new"]) == ("2022-06-10", "2022-09-10")
    assert (more["actor"], more["days_late"]) == (None, None)
    assert more["reported"].startswith("reported by file ")
    assert "registrar" not in office("report", "slippage", "--as-of", "2022-08-01").stdout


# --- the clock --------------------------------------------------------------------------------


def test_a_case_touched_while_the_clock_was_ahead_can_be_mended_as_is_said(office):
    office("propose", *("--title", "T", "--proposer", "vufo", "--ref", "A-1"))
    with time_machine.travel("2999-05-01T02:00:00+00:00", tick=True):
        office("assign", "A-1", "--owner", "mofa", "--due", "2999-12-01")
    error = office.refused(4, "advance", "A-1")

    assert "casework correct A-1 --field assigned_on" in error["hint"]
    assert "--effective" not in error["hint"]
    today = office.json("show", "A-1")["proposed_on"]
    office("correct", "A-1", *("--field", "assigned_on", "--to", today, "--reason", "the clock"))
    assert office.json("advance", "A-1")["state"] == "under_study"


def test_a_clock_stopped_while_the_machines_was_ahead_is_said_to_be_waited_for(office, case):
    case("assigned", ref="A-1", due="2022-12-31")
    with time_machine.travel("2030-05-01T02:00:00+00:00", tick=True):
        office("hold", "A-1", "--reason", "x")
    error = office.refused(4, "resume", "A-1")

    assert "from 2030-05-01 on" in error["hint"]
    with time_machine.travel("2030-05-02T02:00:00+00:00", tick=True):
        office("resume", "A-1")
    assert "from 2030-05-02 on" in office.refused(4, "advance", "A-1")["hint"]


def test_the_logs_order_says_what_was_known_where_the_clock_was_set_back(office):
    with time_machine.travel("2022-08-01T02:00:00+00:00", tick=True):
        given = ["--title", "T", "--proposer", "vufo", "--ref", "A-1"]
        office("propose", *given, "--effective", "2022-01-03")
        due = ["--owner", "mofa", "--due", "2022-12-01"]
        office("assign", "A-1", *due, "--effective", "2022-01-10")
    with time_machine.travel("2022-07-01T02:00:00+00:00", tick=True):
        office("advance", "A-1", "--effective", "2022-02-01")
    known = office.json("show", "A-1", "--known-at", "2022-07-15")
    slipped = office.json("report", "slippage", "--known-at", "2022-07-15")["by_owner"]

    assert (known["state"], known["owner"], known["due"]) == ("under_study", "mofa", "2022-12-01")
    assert [one["owner"] for one in slipped] == ["mofa"]
    assert office.json("list", "--known-at", "2022-06-15") == []
