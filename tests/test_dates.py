"""Dates as people type them: every form means one day, and what could mean two is refused."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from casework import dates
from casework.errors import UsageError
from casework.workdays import WorkingCalendar
from casework.workflow import PRECISIONS

SATURDAY = date(2026, 11, 21)
OPENING = date(2026, 12, 18)


def around(today=SATURDAY, start=None):
    return dates.Around(today, start or today, WorkingCalendar().add, lambda _: OPENING)


def read(words, **given):
    return dates.parse(words).on(around(**given))


# The table of shared facts, section 3, and beyond it.
DAYS = {
    "2026-06-05": "2026-06-05",
    "05/06/2026": "2026-06-05",
    "5.6.2026": "2026-06-05",
    "5-6-2026": "2026-06-05",
    "5 June 2026": "2026-06-05",
    "June 5, 2026": "2026-06-05",
    "5th of Jun 2026": "2026-06-05",
    "ngày 5 tháng 6 năm 2026": "2026-06-05",
    "ngay 05/06/2026": "2026-06-05",
    "today": "2026-11-21",
    "hôm nay": "2026-11-21",
    "tomorrow": "2026-11-22",
    "ngày mai": "2026-11-22",
    "ngay mai": "2026-11-22",
    "ngày kia": "2026-11-23",
    "hôm qua": "2026-11-20",
    "next friday": "2026-11-27",
    "Friday": "2026-11-27",
    "thứ sáu tới": "2026-11-27",
    "thu sau toi": "2026-11-27",
    "thứ 6 tuần sau": "2026-11-27",
    "friday this week": "2026-11-20",
    "thứ tư tuần này": "2026-11-18",
    "last friday": "2026-11-20",
    "thứ hai trước": "2026-11-16",
    "T2": "2026-11-23",
    "T6": "2026-11-27",
    "T7": "2026-11-28",
    "CN": "2026-11-22",
    "chủ nhật": "2026-11-22",
    "30 ngày nữa": "2026-12-21",
    "in 30 days": "2026-12-21",
    "sau 2 tuần": "2026-12-05",
    "+30d": "2026-12-21",
    "+2w": "2026-12-05",
    "+1m": "2026-12-21",
    "+1y": "2027-11-21",
    "+5wd": "2026-11-27",
    "in 5 working days": "2026-11-27",
    "sau 5 ngày làm việc": "2026-11-27",
    "-3d": "2026-11-18",
    "3 days ago": "2026-11-18",
    "3 ngày trước": "2026-11-18",
    "cuối tháng": "2026-11-30",
    "end of month": "2026-11-30",
    "eom": "2026-11-30",
    "cuối năm sau": "2027-12-31",
    "end of the quarter": "2026-12-31",
    "cuối tháng 6/2027": "2027-06-30",
    "hết quý 1/2027": "2027-03-31",
    "next conference": "2026-12-18",
    "hội nghị tới": "2026-12-18",
    "before the conference": "2026-12-17",
    "trước hội nghị": "2026-12-17",
    "before NFAC-21": "2026-12-17",
}
PERIODS = {
    "6/2026": ("2026-06-30", "month"),
    "tháng 6/2026": ("2026-06-30", "month"),
    "June 2026": ("2026-06-30", "month"),
    "this month": ("2026-11-30", "month"),
    "tháng sau": ("2026-12-31", "month"),
    "2/2028": ("2028-02-29", "month"),
    "Q1/2027": ("2027-03-31", "quarter"),
    "q4 2021": ("2021-12-31", "quarter"),
    "2027-Q2": ("2027-06-30", "quarter"),
    "quý 1/2027": ("2027-03-31", "quarter"),
    "quý IV năm 2021": ("2021-12-31", "quarter"),
    "next quarter": ("2027-03-31", "quarter"),
    "2027": ("2027-12-31", "year"),
    "năm 2027": ("2027-12-31", "year"),
    "next year": ("2027-12-31", "year"),
}


@pytest.mark.parametrize(("words", "day"), DAYS.items())
def test_a_day_means_what_people_mean_by_it(words, day):
    found = read(words)

    assert (found.day.isoformat(), found.precision) == (day, "day")
    assert found.words == (None if words == day else words)


@pytest.mark.parametrize(("words", "expected"), PERIODS.items())
def test_a_period_is_its_last_day_and_says_how_precise_it_is(words, expected):
    found = read(words)

    assert (found.day.isoformat(), found.precision) == expected


def test_t16_a_quarter_is_its_last_day_with_its_precision_and_its_words():
    found = read("Fourth quarter of 2021")

    assert found == dates.Day(date(2021, 12, 31), "quarter", "Fourth quarter of 2021")


REFUSED = [
    *(
        "",
        "   ",
        "ongoing",
        "Not applicable",
        "12",
        "+30",
        "+ wd",
        "5/6",
        "13/25/2026",
        "31/2/2026",
    ),
    *("2026-02-30", "2026-6-5", "2026/06/05", "2026-13-01", "0/2026", "13/2026", "Q5/2027"),
    *("5/6/26", "5.6.26", "thang sau", "cuoi thang sau", "tháng sáu", "before 5/6/2027", "9999"),
    *(
        "before",
        "T8",
        "T1",
        "thứ tám",
        "5/6-2026",
        "+99999d",
        "x" * 200,
        "5/6/2026\x00",
        "٥/٦/٢٠٢٦",
    ),
]


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_date_or_could_be_two_is_refused(words):
    with pytest.raises(UsageError) as refused:
        dates.parse(words)

    assert refused.value.hint


@pytest.mark.parametrize("words", ["+9999y", "9999 years ago"])
def test_a_day_outside_the_calendar_is_refused_once_it_is_looked_for(words):
    with pytest.raises(UsageError, match="outside the calendar"):
        read(words)


def test_lengths_count_from_the_day_of_the_act_and_days_from_today():
    start = date(2026, 1, 5)

    assert read("+30wd", start=start) == dates.Day(
        date(2026, 2, 16), "day", "+30wd", "+30wd", start
    )
    assert read("+2w", start=start).day == date(2026, 1, 19)
    assert read("tomorrow", start=start).day == date(2026, 11, 22)


def test_t13_a_month_from_the_31st_never_drifts():
    january = date(2027, 1, 31)
    ends = [dates.add_months(january, count).isoformat() for count in range(4)]

    assert ends == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert dates.add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert dates.add_months(date(2027, 3, 31), -1) == date(2027, 2, 28)


DAY = st.dates(date(1900, 1, 1), date(9998, 12, 31))
WRITTEN = [
    lambda day: day.isoformat(),
    lambda day: f"{day.day}/{day.month}/{day.year}",
    lambda day: f"{day:%d.%m.%Y}",
    lambda day: f"{day:%d-%m-%Y}",
    lambda day: f"ngày {day.day} tháng {day.month} năm {day.year}",
    lambda day: f"{day.day} {dates._MONTHS[day.month - 1][0].title()} {day.year}",
    lambda day: f"{dates._MONTHS[day.month - 1][-1]} {day.day}, {day.year}",
]


@given(DAY, st.sampled_from(WRITTEN))
def test_however_a_day_is_written_it_is_read_back(day, write):
    typed = dates.parse(write(day))

    assert (typed.fixed, typed.precision) == (day, "day")


@given(st.integers(0, 9999), st.sampled_from(["d", "w", "m", "y", "wd"]))
def test_a_rule_is_read_back_as_it_is_written(count, unit):
    typed = dates.parse(f"+{count}{unit}")

    assert dates.length(typed.rule) == (count, unit)
    assert dates.parse(typed.rule).rule == typed.rule


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.sampled_from(sorted(dates._WEEKDAY)))
def test_a_weekday_is_the_next_one_within_a_week_and_never_today(today, name):
    found = read(name, today=today).day

    assert found.isoweekday() == dates._WEEKDAY[name]
    assert timedelta(1) <= found - today <= timedelta(7)


@given(
    st.text(max_size=40) | st.from_regex(r"[0-9+/ .-]{1,14}(wd|ngay|thang|quy)?", fullmatch=True)
)
@example("0000")
def test_any_text_is_a_date_or_is_refused_and_nothing_else(words):
    with suppress(UsageError):
        assert read(words).precision in PRECISIONS
