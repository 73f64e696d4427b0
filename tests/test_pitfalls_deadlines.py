"""What went wrong with deadlines in systems that do this job, tried through the command line.

The ids are those of the list of pitfalls this register was designed against.
"""

import email
import email.policy
from datetime import datetime

import pytest
import time_machine

EASTER = ("2009-03-17", "2009-04-10", "2009-04-13")
CHRISTMAS = ("2008-12-25", "2008-12-26")


def at(moment):
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


@pytest.fixture
def calendar(office):
    """A function that gives the register its days off, and days worked to make up for them."""

    def give(*off, worked=()):
        rows = [f"{day},off,off" for day in off] + [f"{day},made up,working" for day in worked]
        office("holiday", "import", "-", input="\n".join(["day,name,kind", *rows, ""]))

    return give


@pytest.fixture
def due(office):
    """A function that gives a new case a deadline on a day; returns the case and what is said."""

    def give(day, words):
        with at(f"{day}T12:00:00+07:00"):
            ref = office.json("propose", "--title", "T", "--proposer", "vufo")["ref"]
            told = office.run("assign", ref, "--owner", "mofa", "--due", words)
            assert told.exit_code == 0, told.stderr
            return office.json("show", ref), told.stdout + told.stderr

    return give


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_t1_working_days_and_midnight_are_the_offices_wherever_the_machine_stands(
    office, calendar, due, machine_zone, zone
):
    calendar("2007-11-30")
    machine_zone(zone)
    twenty, _ = due("2007-10-14", "+20wd")
    forty, _ = due("2007-10-14", "+40wd")
    late = []
    for moment in ("2007-11-09T23:59:00+07:00", "2007-11-10T00:01:00+07:00"):
        with at(moment):
            late.append([one["ref"] for one in office.json("list", "--overdue")])

    assert (twenty["due"], forty["due"]) == ("2007-11-09", "2007-12-10")
    assert late == [[], [twenty["ref"]]]


def test_t4_a_weekend_start_counts_like_the_friday_before_it(calendar, due):
    calendar(*EASTER, "2008-12-25")
    counted = {
        day: due(day, "+20wd")[0]["due"]
        for day in ("2009-03-12", "2009-03-13", "2009-03-14", "2009-03-15", "2009-03-16")
    }

    assert counted == {
        "2009-03-12": "2009-04-14",
        "2009-03-13": "2009-04-15",
        "2009-03-14": "2009-04-15",
        "2009-03-15": "2009-04-15",
        "2009-03-16": "2009-04-16",
    }
    assert due("2008-02-01", "+20wd")[0]["due"] == "2008-02-29"


@pytest.mark.parametrize(
    ("start", "last", "worked"),
    [
        ("2008-10-05", "2008-10-25", "Monday, 27 October 2008"),
        ("2008-10-06", "2008-10-26", "Monday, 27 October 2008"),
        ("2008-10-07", "2008-10-27", None),
        ("2008-12-05", "2008-12-25", "Monday, 29 December 2008"),
    ],
)
def test_t5_a_deadline_in_calendar_days_names_the_working_day_it_runs_on_to(
    calendar, due, start, last, worked
):
    calendar(*CHRISTMAS)
    case, said = due(start, "+20d")

    assert case["due"] == last
    assert (f"the next one is {worked}" in said) == (worked is not None)
    assert ("not a working day" in said) == (worked is not None)


def test_t7_a_saturday_worked_to_make_up_for_a_bridge_day_is_counted(office, calendar, due):
    calendar("2026-01-02", worked=["2026-01-10"])
    with_swap, _ = due("2026-01-05", "+30wd")
    explained = office.json("due", "explain", with_swap["ref"])
    with at("2026-01-05T12:00:00+07:00"):
        office("holiday", "remove", "2026-01-10", "--reason", "no swap after all")
    without, _ = due("2026-01-05", "+30wd")

    assert (with_swap["due"], without["due"]) == ("2026-02-13", "2026-02-16")
    assert [one["day"] for one in explained["made_up"]] == ["2026-01-10"]


def test_t9_a_deadline_that_is_set_anew_has_two_spans_of_being_overdue(office, calendar, due):
    calendar("2014-06-02", "2015-06-01")
    ref = due("2014-12-31", "+20wd")[0]["ref"]
    with at("2015-02-01T12:00:00+07:00"):
        office("extend", ref, "--due", "+20wd", "--reason", "sent again")
    days = ("2015-01-28", "2015-01-29", "2015-01-31", "2015-02-01", "2015-02-27", "2015-02-28")
    with at("2015-03-10T12:00:00+07:00"):
        late = [office.json("show", ref, "--as-of", day)["days_overdue"] for day in days]
        spans = office.json("report", "slippage")["cases"][0]["overdue"]

    assert office.json("show", ref)["due"] == "2015-02-27"
    assert late == [0, 1, 3, 0, 0, 1]
    assert [one["first"] for one in spans] == ["2015-01-29", "2015-02-28"]


def test_t13_months_counted_from_the_31st_never_drift(due):
    counted = [due("2027-01-31", f"+{months}m")[0]["due"] for months in (1, 2, 3, 13)]

    assert counted == ["2027-02-28", "2027-03-31", "2027-04-30", "2028-02-29"]


def test_t14_deadlines_that_were_superseded_stay_readable(office, calendar, due):
    calendar("2026-01-02")
    ref = due("2026-01-05", "+10wd")[0]["ref"]
    with at("2026-01-06T12:00:00+07:00"):
        why = ("--reason", "decided late", "--document", "9/QD", "--recompute")
        office("holiday", "add", "2026-01-12", "--name", "Visit", *why)
    with at("2026-01-20T12:00:00+07:00"):
        office("extend", ref, "--due", "2026-03-31", "--reason", "hearings", "--document", "12/TB")
    with at("2026-02-20T12:00:00+07:00"):
        moved = office.json("audit", "log", "--case", ref, "--field", "due")
        explained = office.json("due", "explain", ref)
        slipped = office.json("report", "slippage")["cases"][0]
        then = office.json("show", ref, "--as-of", "2026-01-06")

    assert [one["changes"]["due"] for one in moved] == [
        [None, "2026-01-19"],
        ["2026-01-19", "2026-01-20"],
        ["2026-01-20", "2026-03-31"],
    ]
    assert [(one["act"], one["to"]) for one in explained["set_by"]] == [
        ("assign", "2026-01-19"),
        ("recompute", "2026-01-20"),
        ("extend", "2026-03-31"),
    ]
    assert (slipped["original_due"], slipped["due"]) == ("2026-01-19", "2026-03-31")
    assert [one["document"] for one in slipped["extensions"]] == ["12/TB"]
    assert then["due"] == "2026-01-20"


def test_t15_an_end_without_a_start_is_refused_in_plain_words(office):
    rows = "ref,title,proposer,state,owner,holds\nA.1,T,vufo,assigned,mofa,/2022-02-01\n"
    event = "BEGIN:VEVENT\nUID:1\nDTEND;VALUE=DATE:20270212\nSUMMARY:Tết\nEND:VEVENT"
    wrapped = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{event}\nEND:VCALENDAR\n"

    assert "holds" in office.refused(2, "import", "-", input=rows)["message"]
    assert "DTSTART" in office.refused(2, "holiday", "import", "-", input=wrapped)["message"]


def test_t18_a_run_that_comes_days_late_says_when_it_ran_and_the_report_what_was_true(
    office, due, tmp_path
):
    with at("2026-01-05T12:00:00+07:00"):
        office("org", "edit", "mofa", "--email", "desk@mofa.example")
    ref = due("2026-01-05", "2026-01-09")[0]["ref"]
    with at("2026-01-13T12:00:00+07:00"):
        office("remind", "--from", "register@office.example", "--to", tmp_path)
        event = office.json("audit", "log", "--act", "remind")[-1]
        first = office.json("report", "overdue", "--as-of", "2026-01-10")
        known = office.json(
            "report", "overdue", "--as-of", "2026-01-10", "--known-at", "2026-01-10"
        )
    (path,) = tmp_path.glob("*.eml")
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)

    assert event["recorded_at"].startswith("2026-01-13T05:00")
    assert "4 days late" in letter.get_body(("plain",)).get_content()
    assert [(one["ref"], one["days_overdue"]) for one in first["overdue"]] == [(ref, 1)]
    assert known["overdue"] == first["overdue"]
