"""Working days: counted from day zero, over holidays and make-up days, and counted back."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.rules.working_days import Special, WorkingCalendar


def calendar(*off, worked=()):
    return WorkingCalendar.of(
        [
            *(Special(date.fromisoformat(day), False, "off") for day in off),
            *(Special(date.fromisoformat(day), True, "made up") for day in worked),
        ]
    )


def add(start, count, known=None):
    return (known or WorkingCalendar()).add(date.fromisoformat(start), count).isoformat()


def test_t1_twenty_working_days_from_a_sunday_and_forty_over_a_holiday():
    assert add("2007-10-14", 20) == "2007-11-09"
    assert add("2007-10-14", 40, calendar("2007-11-30")) == "2007-12-10"


EASTER = calendar("2009-03-17", "2009-04-10", "2009-04-13")


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2009-03-12", "2009-04-14"),
        ("2009-03-13", "2009-04-15"),
        ("2009-03-14", "2009-04-15"),
        ("2009-03-15", "2009-04-15"),
        ("2009-03-16", "2009-04-16"),
    ],
)
def test_t4_a_weekend_start_counts_like_the_friday_before_it(start, due):
    assert add(start, 20, EASTER) == due


def test_t4_a_leap_day_is_a_day():
    assert add("2008-02-01", 20) == "2008-02-29"


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2008-10-05", "2008-10-27"),
        ("2008-10-06", "2008-10-27"),
        ("2008-10-07", "2008-10-27"),
        ("2008-12-05", "2008-12-29"),
    ],
)
def test_t5_twenty_calendar_days_and_onwards_to_a_working_day(start, due):
    christmas = calendar("2008-12-25", "2008-12-26")
    end = date.fromisoformat(start) + timedelta(20)

    assert christmas.onwards(end).isoformat() == due


def test_t6_a_holiday_that_is_added_counts_at_once():
    before = WorkingCalendar()
    after = calendar("2027-01-05")

    assert (add("2027-01-04", 1, before), add("2027-01-04", 1, after)) == (
        "2027-01-05",
        "2027-01-06",
    )


def test_t7_a_saturday_that_is_worked_to_make_up_for_a_bridge_day_counts():
    swap = calendar("2026-01-02", worked=["2026-01-10"])

    assert swap.works(date(2026, 1, 10))
    assert add("2026-01-05", 30, swap) == "2026-02-13"
    assert add("2026-01-05", 30) == "2026-02-16"
    assert [one.why for one in swap.passed(date(2026, 1, 9), date(2026, 1, 11))] == [
        "made-up",
        "weekend",
    ]


def test_t9_a_deadline_set_anew_is_counted_from_the_new_start():
    assert add("2014-12-31", 20) == "2015-01-28"
    assert add("2015-02-01", 20) == "2015-02-27"


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
SPECIALS = st.lists(
    st.builds(Special, DAYS, st.booleans(), st.just("named")),
    max_size=60,
    unique_by=lambda special: special.day,
)


@given(SPECIALS, DAYS, st.integers(0, 400))
def test_what_was_added_is_counted_back(specials, start, count):
    known = WorkingCalendar.of(specials)
    end = known.add(start, count)

    assert known.between(start, end) == count
    assert known.between(end, start) == -count
    assert count == 0 or known.works(end)


@given(SPECIALS, DAYS, DAYS)
def test_the_count_between_two_days_is_that_of_the_days_themselves(specials, one, other):
    known, (first, last) = WorkingCalendar.of(specials), sorted((one, other))
    days = [first + timedelta(n + 1) for n in range((last - first).days)]

    assert known.between(first, last) == sum(map(known.works, days))


@given(SPECIALS, DAYS, DAYS, st.integers(0, 100), st.integers(0, 100))
def test_later_and_longer_is_never_due_earlier(specials, one, other, short, more):
    known, (first, last) = WorkingCalendar.of(specials), sorted((one, other))

    assert known.add(first, short) <= known.add(last, short)
    assert known.add(first, short) <= known.add(first, short + more)


@given(SPECIALS, st.randoms(), DAYS, st.integers(0, 200))
def test_the_order_of_holidays_is_irrelevant(specials, random, start, count):
    mixed = random.sample(specials, len(specials))

    assert WorkingCalendar.of(mixed) == WorkingCalendar.of(specials)
    assert WorkingCalendar.of(mixed).add(start, count) == WorkingCalendar.of(specials).add(
        start, count
    )


@given(SPECIALS, DAYS, st.integers(1, 200))
def test_the_days_passed_over_and_the_days_counted_are_all_the_days(specials, start, count):
    known = WorkingCalendar.of(specials)
    end = known.add(start, count)
    skipped = [one for one in known.passed(start, end) if one.why != "made-up"]

    assert len(skipped) + count == (end - start).days
    assert not any(known.works(one.day) for one in skipped)
