"""The periods that reports count: what words mean, and the cut-off days of Decree 09/2019."""

from datetime import date
from itertools import pairwise

import pytest

from casework.errors import UsageError
from casework.rules.periods import Period, parse_period, period_of

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("năm 2026", "2026-01-01", "2026-12-31"),
        ("2026-H1", "2026-01-01", "2026-06-30"),
        ("6 tháng cuối năm 2026", "2026-07-01", "2026-12-31"),
        ("2026-Q3", "2026-07-01", "2026-09-30"),
        ("quý III năm 2026", "2026-07-01", "2026-09-30"),
        ("2026-07", "2026-07-01", "2026-07-31"),
        ("tháng sáu 2026", "2026-06-01", "2026-06-30"),
        ("2026-W31", "2026-07-27", "2026-08-02"),
        ("tuần trước", "2026-11-16", "2026-11-22"),
        # Without its year it is the last one that has ended.
        ("Q4", "2025-10-01", "2025-12-31"),
        ("this quarter", "2026-10-01", "2026-12-31"),
        # Decree 09/2019/NĐ-CP, article 12.
        ("báo cáo tháng 7/2026", "2026-06-15", "2026-07-14"),
        ("Kỳ báo cáo tháng 1 năm 2026", "2025-12-15", "2026-01-14"),
        ("báo cáo quý 3/2026", "2026-06-15", "2026-09-14"),
        ("báo cáo 6 tháng đầu năm 2026", "2025-12-15", "2026-06-14"),
        ("báo cáo 6 tháng cuối năm 2026", "2026-06-15", "2026-12-14"),
        ("báo cáo năm 2026", "2025-12-15", "2026-12-14"),
        ("bao cao hang nam 2026", "2025-12-15", "2026-12-14"),
        ("reporting 2026-Q3", "2026-06-15", "2026-09-14"),
        ("Reporting period July 2026", "2026-06-15", "2026-07-14"),
        ("annual report 2026", "2025-12-15", "2026-12-14"),
        ("half-yearly report for 2026-H2", "2026-06-15", "2026-12-14"),
        ("báo cáo tháng 11", "2026-10-15", "2026-11-14"),
        ("report this month", "2026-10-15", "2026-11-14"),
    ],
)
def test_a_period_is_what_its_words_say(words, first, last):
    found = parse_period(words).on(TODAY)

    assert (str(found.first), str(found.last)) == (first, last)
    assert found.statutory == ("cáo" in words or "cao" in words or "eport" in words)


@pytest.mark.parametrize(
    "words",
    [
        *("", "2026-07-01", "cuối năm 2026", "+30d", "xyz", "tết", "x" * 101, "báo cáo"),
        *("báo cáo 2026-W30", "report 3", "first 5 months of 2026 report", "báo cáo 3/7/2026"),
    ],
)
def test_what_is_not_a_period_is_refused(words):
    with pytest.raises(UsageError):
        parse_period(words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("xyz", "'xyz' is not a period"),
        ("báo cáo xyz", "'báo cáo xyz' is not a period"),
        ("tháng 13/2026", "there is no month 13"),
    ],
)
def test_of_what_is_no_period_the_way_out_is_a_period(words, said):
    with pytest.raises(UsageError, match=said) as caught:
        parse_period(words)

    assert "2026-Q3" in caught.value.hint


def test_statutory_periods_follow_one_another_without_a_gap():
    for names in (
        [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)],
        [f"{year}-Q{quarter}" for year in (2023, 2024) for quarter in range(1, 5)],
        ["2023-H1", "2023-H2", "2024-H1", "2024-H2"],
        ["2022", "2023", "2024"],
    ):
        found = [parse_period(f"reporting {name}").on(TODAY) for name in names]
        gaps = {(later.first - earlier.last).days for earlier, later in pairwise(found)}
        assert gaps == {1}


def test_options_that_do_not_go_together_are_refused():
    first, last, typed = date(2026, 1, 1), date(2026, 3, 31), parse_period("2026")

    assert period_of(TODAY, None, None, None, None) is None
    assert period_of(TODAY, None, first, last, None) == Period(first, last)
    assert period_of(TODAY, None, first, None, None) == Period(first, TODAY)
    assert period_of(TODAY, last, first, None, None) == Period(first, last)
    for asked in (
        (None, first, None, typed),
        (None, None, last, typed),
        (last, None, None, typed),
        (None, None, last, None),
        (last, first, last, None),
    ):
        with pytest.raises(UsageError):
            period_of(TODAY, *asked)


def test_a_period_is_counted_to_today_at_most():
    assert Period(date(2026, 1, 1), date(2026, 12, 31)).counted(TODAY) == TODAY
    assert Period(date(2026, 1, 1), date(2026, 3, 31)).counted(TODAY) == date(2026, 3, 31)
    for first, last in ((date(2026, 11, 27), date(2026, 12, 1)), (TODAY, date(2026, 1, 1))):
        with pytest.raises(UsageError):
            Period(first, last).counted(TODAY)
