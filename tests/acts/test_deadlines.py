"""Deadlines on a register: typed, counted in working days, held, explained."""

from datetime import date, datetime

import pytest
import time_machine
from offices import HOLIDAYS, OFFICE

from casework.questions import listing
from casework.rules.lateness import is_overdue
from casework.store.filters import Filter


def at(moment):
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


@pytest.fixture
def contents(contents):
    """An office has the holidays of Viet Nam here."""
    return HOLIDAYS if contents is OFFICE else contents


DAYS = ("2022-01-10", "2023-12-18", "2023-12-17")


@pytest.fixture
def proposed(office):
    """A function that makes a proposed case of some day; returns its reference."""

    def make(day):
        words = ("--title", "Rules", "--proposer", "vufo", "--effective", day)
        return office.json("propose", *words)["ref"]

    return make


def assign(office, ref, due, day, *words):
    return office.json("assign", ref, "--owner", "mofa", "--due", due, "--effective", day, *words)


def test_t1_a_case_due_in_working_days_is_overdue_from_midnight_after(office, proposed):
    with at("2007-11-09T16:59:00+00:00"):
        office("holiday", "add", "2007-11-30", "--name", "Thanksgiving, observed")
        twenty, forty = proposed("2007-10-14"), proposed("2007-10-14")
        first = assign(office, twenty, "+20wd", "2007-10-14")
        second = assign(office, forty, "trong 40 ngày làm việc", "2007-10-14")
        before = office.json("show", twenty)
    with at("2007-11-09T17:01:00+00:00"):
        after = office.json("show", twenty)

    assert (first["due"], second["due"]) == ("2007-11-09", "2007-12-10")
    assert (before["overdue"], after["overdue"], after["days_overdue"]) == (False, True, 1)


def test_thirty_working_days_from_5_january_2026_end_on_13_february(office, proposed):
    with at("2026-01-05T02:00:00+00:00"):
        ref = proposed("2026-01-05")
        case = assign(office, ref, "+30wd", "2026-01-05")

    assert case["due"] == "2026-02-13"
    assert (case["due_rule"], case["due_from"]) == ("+30wd", "2026-01-05")
    assert office("audit", "verify")


def test_t16_a_quarter_keeps_its_precision_and_words_and_what_is_no_date_has_no_deadline(
    office, proposed
):
    with at("2021-06-01T02:00:00+00:00"):
        ref = proposed("2021-06-01")
        case = assign(office, ref, "Fourth quarter of 2021", "2021-06-01")
        given = ("--title", "T", "--proposer", "vufo", "--words")
        ongoing = office.json("propose", *given, "ongoing")["ref"]
        nothing = office.json("propose", *given, "Not applicable")["ref"]
        empty = proposed("2021-06-01")
        report = office.json("report", "overdue", "--until", "2022-01-01")
        error = office.refused(2, "assign", ongoing, "--owner", "mofa", "--due", "ongoing")

    assert (case["due"], case["due_precision"]) == ("2021-12-31", "quarter")
    assert case["due_words"] == "Fourth quarter of 2021"
    assert [one["ref"] for one in report["no_due_date"]] == [ongoing, nothing, empty]
    assert office.json("show", nothing)["due_words"] == "Not applicable"
    assert office.json("show", empty)["due_words"] is None
    assert "+30wd" in error["hint"]


def test_the_words_of_the_source_are_kept_when_a_date_is_typed_in_others(office):
    words = ("--title", "T", "--proposer", "vufo", "--words", "in the coming time")
    ref = office.json("propose", *words)["ref"]
    case = office.json("assign", ref, "--owner", "mofa", "--due", "end of month")

    assert case["due_words"] == "in the coming time"
    assert (case["due_rule"], case["due_precision"]) == (None, "day")


@pytest.mark.parametrize(
    ("lang", "echo"), [("vi", "hạn: Thứ Sáu, 27/11/2026"), ("en", "due: Friday, 27 November 2026")]
)
def test_a_date_that_was_not_typed_as_one_is_echoed_with_its_weekday(office, proposed, lang, echo):
    with at("2026-11-21T02:00:00+00:00"):
        ref = proposed("hôm nay")
        words = ("assign", ref, "--owner", "mofa", "--dry-run", "--lang", lang)
        typed = office(*words, "--due", "thứ sáu tới")
        iso = office(*words, "--due", "2026-11-27")
        quiet = office(*words, "--due", "T6", "--quiet")

    assert echo in typed.stderr
    assert echo not in iso.stderr
    assert quiet.stderr == ""


def test_a_due_date_on_which_nobody_works_names_the_next_working_day(office, proposed):
    with at("2026-08-01T02:00:00+00:00"):
        words = ("assign", proposed("2026-08-01"), "--owner", "mofa", "--dry-run", "--due")
        holiday = office(*words, "2026-08-31")
        made_up = office(*words, "2026-08-22")

    assert "Thursday, 3 September 2026" in holiday.stderr
    assert "working day" not in made_up.stderr


def test_a_date_before_a_conference_is_the_day_before_it_opens(office, proposed):
    with at("2023-06-01T02:00:00+00:00"):
        ref = proposed("yesterday")
        words = ("assign", ref, "--owner", "mofa", "--dry-run", "--due")
        due = [
            office.json(*words, typed)["due"]
            for typed in ("before NFAC-21", "trước hội nghị", "next conference")
        ]
        unknown = office.refused(3, *words, "before NFAC-99")
        office("conference", "add", "NFAC-22", "--number", "22", "--date", "2026")
        dateless = office.refused(4, *words, "before NFAC-22")

    assert due == ["2023-12-17", "2023-12-17", "2023-12-18"]
    assert "nfac-99" in unknown["message"].casefold()
    assert "move NFAC-22" in dateless["hint"]


def test_the_next_conference_is_the_one_after_the_day_the_act_takes_effect(office, proposed):
    with at("2024-06-01T02:00:00+00:00"):
        office("conference", "add", "NFAC-22", "--number", "22", "--date", "2025-12-20")
        words = ("assign", proposed("2022-01-03"), "--owner", "mofa", "--dry-run", "--due")
        due = [
            office.json(*words, "trước hội nghị", "--effective", day)["due"]
            for day in ("2022-01-10", "2023-12-17", "2023-12-18", "today")
        ]
        head = "ref,title,proposer,owner,state,proposed_on,assigned_on,due\n"
        rows = [f"F.{day},T,vufo,mofa,assigned,2022-01-03,{day},trước hội nghị\n" for day in DAYS]
        office("import", "-", input=head + "".join(rows))
        imported = [office.json("show", f"F.{day}")["due"] for day in DAYS]

    assert due == ["2023-12-17", "2023-12-17", "2025-12-19", "2025-12-19"]
    assert imported == ["2023-12-17", "2025-12-19", "2023-12-17"]


def test_with_no_conference_ahead_there_is_nothing_to_be_done_before_it(office, proposed):
    with at("2024-06-01T02:00:00+00:00"):
        words = ("assign", proposed("today"), "--owner", "mofa", "--due", "before the conference")
        error = office.refused(4, *words)

    assert "conference add" in error["hint"]


def test_the_same_grammar_serves_every_option_that_takes_a_date(office, proposed):
    with at("2026-11-21T02:00:00+00:00"):
        ref = proposed("3 ngày trước")
        office("note", ref, "seen", "--effective", "hôm qua")
        office("conference", "add", "X-1", "--date", "18/12/2026")
        office("conference", "move", "X-1", "--date", "+1w", "--reason", "later")
        office("org", "end", "central", "--on", "cuối năm nay", "--reason", "merged")
        listed = office.json("list", "--due-before", "cuối tháng", "--as-of", "today")
        report = office.json("report", "overdue", "--until", "Q4/2026", "--as-of", "hôm nay")
        known = office.json("audit", "log", "--since", "monday", "--until", "hôm nay")
        imprecise = office.refused(2, "conference", "add", "X-2", "--date", "Q1/2027")
        period = office.refused(2, "list", "--due-before", "Q1/2027")
        two = office.refused(2, "list", "--due-before", "5/6/26")
        future = office.refused(4, "note", ref, "seen", "--effective", "tomorrow")

    dates = [event["effective_on"] for event in office.json("history", ref)]
    assert dates == ["2026-11-18", "2026-11-20"]
    assert office.json("conference", "show", "X-1")["date"] == "2026-11-28"
    assert office.json("org", "show", "central")["valid_to"] == "2026-12-31"
    assert listed == []
    assert [event["act"] for event in known][-3:] == ["add", "move", "end"]
    assert report["horizon"]["date"] == "2026-12-31"
    assert all("which day" in error["message"] for error in (imprecise, period))
    assert "two digits" in two["message"]
    assert "future" in future["message"]


def test_a_relative_date_is_relative_to_the_day_at_the_office(office, proposed):
    with at("2026-11-20T18:00:00+00:00"):
        case = office.json("show", proposed("today"))

    assert case["proposed_on"] == "2026-11-21"


def test_working_days_of_a_year_without_holidays_are_not_counted(office, proposed):
    with at("2030-12-30T02:00:00+00:00"):
        ref = proposed("2030-12-30")
        error = office.refused(4, "assign", ref, "--owner", "mofa", "--due", "+5wd")
        office("holiday", "add", "2031-01-01", "--name", "New Year")
        due = assign(office, ref, "+5wd", "2030-12-30")["due"]

    assert "2031" in error["message"]
    assert due == "2031-01-07"


# --- holds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "before", "after"),
    [("+30wd", "2026-02-13", "2026-02-27"), ("2026-02-13", "2026-02-13", "2026-02-20")],
)
def test_t8_a_hold_gives_back_its_days_in_the_deadlines_own_kind(
    office, proposed, due, before, after
):
    with at("2026-01-25T02:00:00+00:00"):
        ref = proposed("2026-01-05")
        assert assign(office, ref, due, "2026-01-05")["due"] == before
        held = office.json("hold", ref, "--reason", "waits", "--effective", "2026-01-12")
        resumed = office.json("resume", ref, "--effective", "2026-01-19")

    assert (held["held_since"], held["due"]) == ("2026-01-12", before)
    assert (resumed["held_since"], resumed["due"], resumed["held_days"]) == (None, after, 7)
    assert (resumed["original_due"], resumed["extensions"]) == (before, 0)
    assert office.json("audit", "verify")["ok"] is True


def test_t8_a_retroactive_hold_says_why_and_the_overdue_days_stay_in_the_log(office, proposed):
    ref = None
    with at("2026-01-05T02:00:00+00:00"):
        ref = proposed("2026-01-05")
        assign(office, ref, "2026-01-09", "2026-01-05")
    with at("2026-01-20T02:00:00+00:00"):
        late = office.json("show", ref)
        office.refused(2, "hold", ref, "--effective", "2026-01-08")
        office("hold", ref, "--reason", "the paper was lost", "--effective", "2026-01-08")
        held = office.json("show", ref)
        office("resume", ref)
    with at("2026-01-21T02:00:00+00:00"):
        then = office.json("show", ref, "--as-of", "2026-01-15", "--known-at", "2026-01-15")
        now = office.json("show", ref, "--as-of", "2026-01-15")
        event = office.json("history", ref)[2]

    assert (late["overdue"], late["days_overdue"]) == (True, 11)
    assert (held["overdue"], held["days_overdue"]) == (False, 0)
    assert (then["overdue"], now["overdue"]) == (True, False)
    assert (event["act"], event["effective_on"]) == ("hold", "2026-01-08")
    assert event["recorded_at"].startswith("2026-01-20")
    assert event["reason"] == "the paper was lost"


def test_while_it_is_on_hold_a_case_is_overdue_nowhere_and_afterwards_everywhere(office, case):
    ref = case("assigned", due="2022-12-31")
    words = ("--as-of", "2023-06-01")
    before = office.json("report", "overdue", *words)["totals"]["open_overdue"]
    office("hold", ref, "--reason", "waits", "--effective", "2023-01-10")
    report = office.json("report", "overdue", *words)
    shown = office("report", "overdue", *words)
    listed = office.json("list", "--overdue", *words)
    office("resume", ref, "--effective", "2023-02-10")
    after = office.json("report", "overdue", *words)

    assert before == 1
    assert report["totals"]["open_overdue"] == 0
    assert report["totals"]["open"] == report["totals"]["open_in_time"] == 1
    assert listed == report["overdue"] == []
    assert [(one["ref"], one["held_since"]) for one in report["on_hold"]] == [(ref, "2023-01-10")]
    assert "On hold (1)" in shown.stdout
    assert after["on_hold"] == []
    # It was ten days late when its clock was stopped; it is as late when it runs again.
    assert [one["days_overdue"] for one in after["overdue"]] == [121]
    assert office.json("show", ref, "--as-of", "2023-02-10")["days_overdue"] == 10


def test_the_two_functions_that_decide_overdue_agree(office, case):
    refs = [case("assigned", ref=f"H-{n}", due="2022-12-31") for n in range(3)]
    office("hold", refs[0], "--reason", "waits", "--effective", "2022-06-01")
    office("advance", refs[1], "--effective", "2022-06-01")
    day = date(2023, 1, 1)
    with office.store().reading() as connection:
        cases = list(listing.cases(connection, Filter(), day))
        late = listing.cases(connection, Filter(overdue=True), day)
        found = {one.ref for one in late}

    assert found == {
        one.ref for one in cases if is_overdue(one.state, one.due, day, one.held_since)
    }
    assert found == {refs[1], refs[2]}


def test_a_held_case_is_not_moved_nor_extended_nor_held_again(office, case):
    ref = case("under_study", due="2027-12-31")
    office("hold", ref, "--reason", "waits", "--effective", "2022-03-01")
    reason = ("--reason", "r")
    errors = [
        office.refused(4, "hold", ref, *reason),
        office.refused(4, "extend", ref, "--due", "2028-01-01", *reason),
        office.refused(4, "return", ref, *reason),
        office.refused(4, "advance", ref, "--outcome", "implemented", "--answer", "A"),
        office.refused(4, "resume", ref, "--effective", "2022-02-28"),
    ]
    office("resume", ref, "--effective", "2022-03-31")
    early = office.refused(
        4, "extend", ref, "--due", "2029-01-01", *reason, "--effective", "1/3/2022"
    )
    again = office.refused(4, "resume", ref)

    assert all("2022-03-01" in error["message"] for error in errors)
    assert "2022-03-31" in early["message"]
    assert "not on hold" in again["message"]


def test_only_the_secretariat_stops_a_clock(office, case):
    ref = case("assigned", due="2027-12-31")
    office.refused(6, "hold", ref, "--reason", "r", "--by", "lan")
    office("hold", ref, "--reason", "r")
    office.refused(6, "resume", ref, "--by", "lan")


def test_a_deadline_counted_from_a_day_is_not_held_before_it(office, proposed):
    with at("2026-02-01T02:00:00+00:00"):
        ref = proposed("2026-01-05")
        assign(office, ref, "2026-01-20", "2026-01-05")
        words = ("--reason", "more time", "--effective", "2026-01-15")
        office("extend", ref, "--due", "+10wd", *words)
        error = office.refused(4, "hold", ref, "--reason", "r", "--effective", "2026-01-08")

    assert "2026-01-15" in error["message"]


# --- explaining ------------------------------------------------------------------------------


def test_a_due_date_explains_itself_day_by_day(office, proposed):
    with at("2026-01-25T02:00:00+00:00"):
        ref = proposed("2026-01-05")
        assign(office, ref, "+30wd", "2026-01-05")
        office("hold", ref, "--reason", "waits", "--effective", "2026-01-12")
        office("resume", ref, "--effective", "2026-01-19")
        told = office.json("due", "explain", ref)
    skipped = {one["day"]: one for one in told["skipped"]}

    assert (told["due"], told["original_due"]) == ("2026-02-27", "2026-02-13")
    assert (told["rule"], told["start"]) == ("+30wd", "2026-01-05")
    assert [one["day"] for one in told["made_up"]] == ["2026-01-10"]
    assert skipped["2026-02-17"]["name_vi"] == "Tết Nguyên Đán"
    assert skipped["2026-01-11"]["why"] == "weekend"
    assert told["holds"] == [{"since": "2026-01-12", "until": "2026-01-19", "days": 5}]
    assert told["today"]["due"] == told["due"]
    assert told["differs"] is False
    days = (date(2026, 2, 27) - date(2026, 1, 5)).days
    assert days - len(told["skipped"]) == 30 + 5
    assert [one["act"] for one in told["set_by"]] == ["assign", "resume"]


def test_an_explanation_is_that_of_the_calendar_the_date_was_counted_with(office, proposed):
    with at("2026-01-05T02:00:00+00:00"):
        ref = proposed("2026-01-05")
        assign(office, ref, "+30wd", "2026-01-05")
        before = office.json("due", "explain", ref)
        office("holiday", "add", "2026-01-29", "--name", "Visit", "--name-vi", "Chuyến thăm")
        after = office.json("due", "explain", ref)
        shown = office("due", "explain", ref, "--lang", "vi")

    assert after["skipped"] == before["skipped"]
    assert after["calendar"] == before["calendar"]
    assert after["today"]["event"] > after["calendar"]["event"]
    assert (after["due"], after["today"]["due"], after["differs"]) == (
        "2026-02-13",
        "2026-02-23",
        True,
    )
    assert "Thứ Sáu, 13/02/2026" in shown.stdout
    assert "Thứ Hai, 23/02/2026" in shown.stdout
    assert "holiday recompute" in shown.stderr


def test_a_due_date_that_was_not_counted_says_who_set_it(office, case):
    ref = case("assigned", due="2022-12-31")
    office("extend", ref, "--due", "31/12/2087", "--reason", "to be heard", "--document", "12/TB")
    told = office.json("due", "explain", ref)

    assert (told["rule"], told["skipped"], told["today"]["due"]) == (None, [], None)
    assert [(one["act"], one["to"]) for one in told["set_by"]] == [
        ("assign", "2022-12-31"),
        ("extend", "2087-12-31"),
    ]
    assert told["set_by"][1]["document"] == "12/TB"
    assert "12/TB" in office("due", "explain", ref).stdout


def test_projected_days_are_said_to_be_expected_only(office, proposed):
    with at("2027-01-25T02:00:00+00:00"):
        ref = proposed("2027-01-25")
        assign(office, ref, "+20wd", "2027-01-25")
        shown = office("due", "explain", ref)

    assert office.json("due", "explain", ref)["calendar"]["projected"] is True
    assert "not yet decided" in shown.stderr


def test_a_case_without_a_due_date_has_nothing_to_explain(office, proposed):
    error = office.refused(4, "due", "explain", proposed("2022-01-01"))

    assert "no due date" in error["message"]


def test_a_corrected_due_date_is_no_longer_one_that_was_counted(office, proposed):
    with at("2026-01-05T02:00:00+00:00"):
        ref = proposed("2026-01-05")
        assign(office, ref, "+30wd", "2026-01-05")
        words = ("--field", "due", "--to", "2026-03-02", "--reason", "misread")
        case = office.json("correct", ref, *words)

    assert (case["due"], case["due_rule"], case["due_from"]) == ("2026-03-02", None, None)


# --- in and out of files ---------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_deadlines_and_holds_survive_export_and_import(
    office, proposed, new_store, tmp_path, suffix
):
    with at("2026-03-01T02:00:00+00:00"):
        held, past, quarter = (proposed("2026-01-05") for _ in range(3))
        assign(office, held, "+30wd", "2026-01-05")
        assign(office, past, "+2m", "2026-01-05")
        assign(office, quarter, "Q2/2026", "2026-01-05")
        office("hold", past, "--reason", "waits", "--effective", "2026-01-12")
        office("resume", past, "--effective", "2026-01-19")
        office("advance", past, "--effective", "2026-01-20")
        office("hold", held, "--reason", "waits", "--effective", "2026-02-02")
        first, second = tmp_path / f"one.{suffix}", tmp_path / f"two.{suffix}"
        office("export", first)
        other = type(office)(new_store())
        for org in ("mofa", "vufo"):
            other("org", "add", org, "--name", org)
        other("import", first)
        other("export", second)
        kept = ("due", "due_rule", "due_from", "due_precision", "held_since", "held_days", "holds")
        for ref in (held, past, quarter):
            was, now = office.json("show", ref), other.json("show", ref)
            assert {name: was[name] for name in kept} == {name: now[name] for name in kept}
        verified = other.json("audit", "verify")

    assert verified["ok"] is True
    if suffix == "csv":
        assert second.read_bytes() == first.read_bytes()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("precision", "decade"),
        ("rule", "soon"),
        ("rule", "+30wd"),
        ("holds", "2026-01-12"),
        ("holds", "2026-01-19/2026-01-12"),
        ("holds", "2020-01-01/2020-02-01"),
        ("held_since", "2020-01-01"),
    ],
)
def test_a_file_that_tells_an_impossible_deadline_is_refused(office, column, value):
    header = f"title,proposer,owner,state,assigned_on,proposed_on,due,{column}\n"
    row = f"T,vufo,mofa,assigned,2026-01-05,2026-01-05,2026-12-31,{value}\n"
    error = office.refused(2, "import", "-", input=header + row)

    assert value in error["message"]
