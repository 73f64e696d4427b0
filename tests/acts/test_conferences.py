"""Conferences: the clock the register goes by, and what is known of its dates."""

import pytest


def test_a_conference_may_be_known_by_its_year_only(office):
    added = office.json("conference", "add", "NFAC-18", "--number", 18, "--date", "2016")
    codes = [one["code"] for one in office.json("conference", "list")]

    assert (added["date"], added["year"], added["certainty"]) == (None, 2016, "year-only")
    assert codes == ["NFAC-18", "NFAC-20", "NFAC-21"]
    assert "2016" in office("conference", "list").stdout


def test_a_conference_without_any_date_comes_last(office):
    added = office.json("conference", "add", "AAA-1")
    codes = [one["code"] for one in office.json("conference", "list")]

    assert (added["date"], added["year"], added["certainty"]) == (None, None, "unknown")
    assert codes == ["NFAC-20", "NFAC-21", "AAA-1"]


def test_a_number_is_taken_once_in_its_series(office):
    error = office.refused(5, "conference", "add", "NFAC-20B", "--series", "NFAC", "--number", 20)
    other = office.json("conference", "add", "NCFA-20", "--number", 20)

    assert "NFAC-20" in error["message"]
    assert (other["series"], other["number"]) == ("NCFA", 20)


@pytest.mark.parametrize("when", ["2021-12-12", "2020"])
def test_a_conference_is_not_held_before_its_predecessor(office, when):
    words = ["conference", "add", "NFAC-22", "--previous", "NFAC-20", "--date"]
    error = office.refused(4, *words, when)
    office(*words, "2021-12-13")

    assert "NFAC-20" in error["message"]


def test_no_conference_is_moved_out_of_its_order(office):
    back = office.refused(
        4, "conference", "move", "NFAC-21", "--date", "2021-12-12", "--reason", "r"
    )
    beyond = office.refused(
        4, "conference", "move", "NFAC-20", "--date", "2023-12-19", "--reason", "r"
    )

    assert "NFAC-20" in back["message"]
    assert "NFAC-21" in beyond["message"]


def test_a_move_is_an_event_and_the_report_looks_ahead_to_the_new_day(office, case):
    ref = case("assigned", due="2023-12-20")
    words = ["--reason", "the pandemic", "--document", "7/TB", "--effective", "2023-03-01"]
    office("conference", "move", "NFAC-21", "--date", "2024-01-15", *words)
    event = office.json("audit", "log", "--act", "move")[0]
    days = {}
    for day in ("2023-02-28", "2023-03-01"):
        report = office.json("report", "overdue", "--as-of", day)
        days[day] = report["horizon"], [one["ref"] for one in report["due_before_horizon"]]

    assert (event["kind"], event["key"]) == ("conference", "NFAC-21")
    assert (event["reason"], event["document"]) == ("the pandemic", "7/TB")
    assert event["changes"]["date"] == ["2023-12-18", "2024-01-15"]
    assert days == {
        "2023-02-28": ({"conference": "NFAC-21", "date": "2023-12-18"}, []),
        "2023-03-01": (
            {"conference": "NFAC-21", "date": "2024-01-15", "moved_from": "2023-12-18"},
            [ref],
        ),
    }
    said = office("report", "overdue", "--as-of", "2023-03-01").stdout
    assert "moved from Monday, 18 December 2023 to Monday, 15 January 2024" in said
    assert f"between the two: 1: {ref}" in said


def test_a_move_needs_a_reason_and_another_day(office):
    reason = office.refused(2, "conference", "move", "NFAC-21", "--date", "2024-01-15")
    same = ["--date", "2023-12-18", "--reason", "r"]
    office.refused(4, "conference", "move", "NFAC-21", *same)

    assert "--reason" in reason["message"]


def test_no_change_takes_effect_before_it_has(office):
    future = ["--effective", "2999-01-01"]
    words = ["conference", "move", "NFAC-21", "--date", "2024-01-15", "--reason", "r"]
    moved = office.refused(4, *words, *future)
    renamed = office.refused(4, "org", "edit", "mofa", "--name", "Foreign Office", *future)

    assert "2999-01-01" in moved["message"]
    assert "2999-01-01" in renamed["message"]


@pytest.mark.parametrize(
    ("lang", "ways"), [("en", "hybrid and online"), ("vi", "hybrid và online")]
)
def test_a_conference_is_held_in_one_way(office, lang, ways):
    words = ("conference", "add", "NFAC-30", "--format", "online", "--format", "hybrid")
    error = office.refused(2, *words, "--lang", lang)

    assert ways in error["message"]


@pytest.mark.parametrize("held", ["in-person", "online", "hybrid"])
def test_how_a_conference_is_held_and_how_it_is_printed_share_an_option(office, held):
    added = office("conference", "add", "NFAC-22", "--format", held, "--json")
    shown = office("conference", "show", "NFAC-22", "--format", "json")

    assert added.json["format"] == held
    assert shown.json["format"] == held


def test_of_two_formats_of_a_conference_none_is_lost_silently(office):
    added = office.run("conference", "add", "NFAC-22", "--format", "hybrid", "--format", "json")

    assert added.exit_code == 2 or added.json["format"] == "hybrid"


def test_the_global_format_of_a_conference_may_stand_before_the_command(office):
    added = office("--json", "conference", "add", "NFAC-22", "--format", "hybrid")

    assert added.json["format"] == "hybrid"


BAD = [
    ["init", "--zone", "Mars/Olympus"],
    ["conference", "add", "NFAC-22", "--date", "2018-13-12"],
    ["conference", "add", "NFAC-22", "--date", "2018-02-29"],
    ["conference", "add", "NFAC-22", "--date", "13/25/2018"],
    ["conference", "add", "NFAC-22", "--date", "next year"],
    ["conference", "add", "NFAC-22", "--number", "0"],
    ["conference", "add", "NFAC-22", "--number", "twenty"],
    ["conference", "add", "NFAC-22", "--format", "by post"],
    ["conference", "add", "NFAC 22"],
    ["conference", "move", "NFAC-21", "--date", "2024", "--reason", "r"],
]


def test_what_is_no_date_zone_number_format_or_code_is_refused(office):
    for words in BAD:
        error = office.refused(2, *words)

        assert error["code"] == "usage", words
        assert error["hint"], words


def test_a_dry_run_shows_a_change_and_leaves_none(office):
    before = office.head()
    shown = office.json("conference", "add", "NFAC-22", "--date", "2026-12-18", "--dry-run")

    assert shown["date"] == "2026-12-18"
    assert office.head() == before
    assert office.run("conference", "show", "NFAC-22").exit_code == 3
