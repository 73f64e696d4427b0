"""A time limit that ends on a day off ends on the next working day: Civil Code 2015, 148(5)."""

import json
import random
from datetime import date, datetime, timedelta

import pytest
import time_machine
from offices import HOLIDAYS, OFFICE

REASON = ("--reason", "Civil Code 2015, article 148")


def at(day):
    return time_machine.travel(datetime.fromisoformat(f"{day}T02:00:00+00:00"), tick=False)


@pytest.fixture
def contents(contents):
    """An office has the holidays of Viet Nam here."""
    return HOLIDAYS if contents is OFFICE else contents


@pytest.fixture
def office(office):
    """The office, with the rule of Viet Nam of how a time limit ends."""
    office("policy", "next-working-day", "on", *REASON)
    return office


@pytest.fixture
def assigned(office):
    """A function that assigns a new case with a due date, on a day; returns the case."""

    def make(due, day="2026-01-05", *words):
        given = ("--title", "Rules", "--proposer", "vufo", "--effective", day)
        ref = office.json("propose", *given)["ref"]
        given = ("--owner", "mofa", "--due", due, "--effective", day)
        return office.json("assign", ref, *given, *words)

    return make


@pytest.mark.parametrize(
    ("due", "day", "ends"),
    [
        # 15 January 2026 is a Thursday.
        ("+10d", "2026-01-05", "2026-01-15"),
        # Saturday 10 January is worked for 2 January.
        ("+5d", "2026-01-05", "2026-01-10"),
        ("+6d", "2026-01-05", "2026-01-12"),
        ("+12d", "2026-01-05", "2026-01-19"),
        ("+2w", "2026-01-04", "2026-01-19"),
        # Tết of 2026 is 14 to 22 February.
        ("+6w", "2026-01-05", "2026-02-23"),
        ("một tháng", "2026-01-17", "2026-02-23"),
        ("+1y", "2025-01-05", "2026-01-05"),
        ("trong thời hạn 30 ngày", "2026-01-02", "2026-02-02"),
        ("+30wd", "2026-01-05", "2026-02-13"),
    ],
)
def test_a_counted_deadline_ends_on_a_working_day(assigned, due, day, ends):
    with at("2026-03-02"):
        case = assigned(due, day)

    assert case["due"] == case["original_due"] == ends
    assert case["due_rule"].endswith("wd")


@pytest.mark.parametrize("due", ["2026-02-15", "15/2/2026", "15/2", "2026-W07-7", "chủ nhật"])
def test_a_deadline_given_as_a_date_is_that_date(assigned, due):
    with at("2026-02-14"):
        case = assigned(due, "2026-02-14")

    assert (case["due"], case["due_rule"]) == ("2026-02-15", None)


@pytest.mark.parametrize(
    ("due", "ends"),
    [
        ("tháng 2/2026", "2026-02-28"),
        ("Q1/2026", "2026-03-31"),
        ("cuối tháng 1/2026", "2026-01-31"),
    ],
)
def test_a_period_ends_on_its_last_day_whatever_day_that_is(assigned, due, ends):
    with at("2026-01-05"):
        assert assigned(due)["due"] == ends


def test_it_is_overdue_only_after_the_working_day(office, assigned):
    with at("2026-01-05"):
        ref = assigned("+12d")["ref"]
    overdue = {}
    for day in ("2026-01-18", "2026-01-19", "2026-01-20"):
        with at(day):
            overdue[day] = office.json("show", ref)["overdue"]

    assert [*overdue.values()] == [False, False, True]


def test_a_resume_gives_back_days_and_ends_on_a_working_day_too(office, assigned):
    with at("2026-01-05"):
        ref = assigned("+12d")["ref"]
    with at("2026-01-12"):
        office("hold", ref, "--reason", "waits")
    with at("2026-01-14"):
        # Counted to Saturday the 17th, and two days back: Monday; not two after that Monday.
        two = office.json("resume", ref)
        office("hold", ref, "--reason", "waits again")
    with at("2026-01-19"):
        seven = office.json("resume", ref)

    assert (two["due"], seven["due"]) == ("2026-01-19", "2026-01-26")
    assert office.json("audit", "verify")["ok"]


def test_an_extension_is_counted_so_too_and_a_correction_is_a_date(office, assigned):
    with at("2026-01-05"):
        ref = assigned("+10d")["ref"]
        extended = office.json("extend", ref, "--due", "+20d", "--reason", "more time")
        right = ("--field", "due", "--to", "24/1/2026", "--reason", "misread")
        corrected = office.json("correct", ref, *right)

    assert (extended["due"], extended["due_rule"]) == ("2026-01-26", "+20d>wd")
    assert (corrected["due"], corrected["due_rule"]) == ("2026-01-24", None)


def test_due_explain_tells_the_day_counted_to_and_the_days_off_behind_it(office, assigned):
    with at("2026-01-05"):
        ref = assigned("+6w")["ref"]
        told = office.json("due", "explain", ref)
        text = office("due", "explain", ref).stdout
        vietnamese = office("due", "explain", ref, "--lang", "vi").stdout

    assert (told["due"], told["counted_to"]) == ("2026-02-23", "2026-02-16")
    assert told["next_working_day"]
    assert [one["day"] for one in told["skipped"]] == [f"2026-02-{day}" for day in range(16, 23)]
    assert {one["why"] for one in told["skipped"]} == {"holiday", "weekend"}
    assert "Civil Code 2015, article 148, clause 5" in text
    assert "Monday, 16 February 2026" in text
    assert "Điều 148 khoản 5" in vietnamese


def test_a_case_keeps_the_rule_it_was_given(office, assigned):
    with at("2026-01-05"):
        moved = assigned("+12d")["ref"]
        office("policy", "next-working-day", "off", *REASON)
        kept = assigned("+12d")["ref"]
        office("policy", "next-working-day", "on", *REASON)
        found = office.json("holiday", "recompute", "--reason", "checked")
        for ref in (moved, kept):
            office("hold", ref, "--reason", "waits")
    with at("2026-01-12"):
        ends = [office.json("resume", ref)["due"] for ref in (moved, kept)]

    assert found["affected"] == []
    # Counted to Saturday the 24th.
    assert ends == ["2026-01-26", "2026-01-24"]
    assert not office.json("due", "explain", kept)["next_working_day"]


def test_holidays_learnt_later_move_it_as_if_they_had_been_known(office, assigned):
    with at("2026-01-05"):
        ref = assigned("+14d")["ref"]
        day = ("holiday", "add", "2026-01-19", "--name", "Learnt later")
        listed = office.json(*day)["affected"]
        office("holiday", "recompute", "--reason", "learnt later")
        early = office.json("show", ref)["due"]
        known = assigned("+14d")["due"]

    assert [one["new_due"] for one in listed] == ["2026-01-20"]
    assert early == known == "2026-01-20"
    with at("2026-01-06"):
        assert office.json("show", ref, "--as-of", "2026-01-05")["due"] == "2026-01-20"
        assert office.json("audit", "verify")["ok"]


def test_a_holiday_known_before_or_learnt_after_gives_the_same_due_date(office, assigned):
    chance = random.Random(148)
    taken = {one["day"] for one in office.json("holiday", "list", "--year", "2026")}
    free = [day for n in range(120) if str(day := date(2026, 3, 2) + timedelta(n)) not in taken]

    def ends(*, known):
        with at("2026-12-01"):
            if known:
                office(*learnt)
            ref = assigned(rule, str(start))["ref"]
            office("hold", ref, "--reason", "x", "--effective", str(first))
            office("resume", ref, "--effective", str(second))
            if not known:
                office(*learnt, "--recompute")
            due = office.json("show", ref)["due"]
            office("holiday", "remove", str(day), "--reason", "chance")
        return due

    for unit, most in [("d", 60), ("w", 8), ("m", 2), ("d", 20)]:
        start = date(2026, 3, 2) + timedelta(chance.randrange(40))
        rule = f"+{chance.randrange(1, most)}{unit}"
        first, second = sorted(start + timedelta(n) for n in chance.sample(range(25), 2))
        day = chance.choice(free)
        learnt = ("holiday", "add", str(day), "--name", "Chance", "--reason", "chance")
        assert ends(known=True) == ends(known=False), (rule, start, first, second, day)


def test_its_rule_travels_with_a_case(office, assigned, new_office, tmp_path):
    with at("2026-01-05"):
        ref = assigned("+12d")["ref"]
        for name in ("a.csv", "a.jsonl"):
            office("export", str(tmp_path / name))
            other = new_office()
            other("holiday", "import")
            other("import", str(tmp_path / name))
            case = other.json("show", ref)
            assert (case["due"], case["due_rule"]) == ("2026-01-19", "+12d>wd"), name
            assert other.json("due", "explain", ref)["counted_to"] == "2026-01-17"


def test_the_policy_is_an_act_that_needs_its_right_and_a_reason(office):
    assert office.json("policy", "show")["next_working_day"]
    assert "already" in office.refused(4, "policy", "next-working-day", "on", *REASON)["message"]
    office.refused(2, "policy", "next-working-day", "off")
    office.refused(6, "policy", "next-working-day", "off", *REASON, "--by", "lan")
    office("policy", "next-working-day", "off", *REASON)
    assert office.json("policy", "show")["next_working_day"] is None
    last = office.json("audit", "log")[-1]
    assert (last["act"], [*last["changes"]]) == ("policy", ["next_working_day"])
    assert office.json("audit", "verify")["ok"]


def test_a_new_register_has_it_with_the_holidays_of_viet_nam(new_store):
    from offices import Shell

    with_days, without = Shell(new_store(empty=True)), Shell(new_store(empty=True))
    with_days("init")
    without("init", "--no-holidays")

    founded = with_days.json("audit", "log")[0]
    assert founded["changes"]["next_working_day"] == [None, founded["effective_on"]]
    assert with_days.json("policy", "show")["next_working_day"] == founded["effective_on"]
    assert without.json("policy", "show")["next_working_day"] is None
    assert json.loads(with_days("audit", "verify", "--json").stdout)["ok"]
