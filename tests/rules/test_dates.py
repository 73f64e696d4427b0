"""Dates as people type them: every form means one day, and what could mean two is refused."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phrases import PHRASES

from casework.errors import NotFoundError, UsageError
from casework.kinds.choices import PRECISIONS
from casework.rules import dates
from casework.rules.dates import spelling
from casework.rules.working_days import WorkingCalendar
from casework.words import LANGUAGES, long_date

TODAY = date(2026, 11, 26)
OPENING = date(2026, 12, 18)
USES = {name: getattr(dates, name) for name in ("AHEAD", "BY", "COMING", "ON", "SINCE", "UNTIL")}


def opening(name):
    if name not in {None, 22, "nfac-22"}:
        raise NotFoundError(f"no conference is called {name}")
    return OPENING


def around(today=TODAY, start=None):
    return dates.Around(today, start or today, WorkingCalendar().add, opening)


def read(words, use=dates.BY, **given):
    return dates.parse(words).on(around(**given), use)


# --- the table -------------------------------------------------------------------------------


def check(phrase, meaning, use):
    """Compare what an option takes a phrase for with the meaning that the table gives it."""
    first, *more = meaning.split()
    last = more[0] if more else first
    if first == "refused" or (use.edge is None and more):
        with pytest.raises(UsageError) as refused:
            read(phrase, use)
        assert refused.value.hint
        return
    assert read(phrase, use).day.isoformat() == (first if use.edge == "first" else last)


def test_the_table_has_four_hundred_phrases_of_both_languages():
    known = [phrase for phrase, _, _ in PHRASES]

    assert len(known) == len(set(known)) > 500
    assert sum(not phrase.isascii() for phrase in known) > 200
    assert sum(phrase.isascii() for phrase in known) > 200


@pytest.mark.parametrize(("phrase", "coming", "past"), PHRASES)
def test_a_phrase_means_what_people_mean_by_it(phrase, coming, past):
    for use in USES.values():
        check(phrase, past if use.past else coming, use)


@pytest.mark.parametrize(("phrase", "coming", "past"), PHRASES)
def test_what_is_said_of_a_period_says_how_precise_it_is(phrase, coming, past):
    if coming == "refused":
        return
    _, *more = coming.split()

    assert read(phrase).precision == (more[1] if more else "day")
    if past != "refused":
        assert read(phrase, dates.SINCE).precision == (more[1] if more else "day")


def test_the_words_are_kept_but_for_iso_dates_which_say_it_themselves():
    assert read("2026-06-05") == dates.Day(date(2026, 6, 5))
    assert read(" 5/6/2026 ").words == "5/6/2026"
    assert read("Fourth quarter of 2021") == dates.Day(
        date(2021, 12, 31), "quarter", "Fourth quarter of 2021"
    )


@pytest.mark.parametrize("words", ["", "   ", "5/6/2026\x00", "٥/٦/٢٠٢٦", "x" * 200])
def test_what_is_no_text_of_a_date_is_refused(words):
    with pytest.raises(UsageError) as refused:
        dates.parse(words)

    assert refused.value.hint


@pytest.mark.parametrize("words", ["+9999y", "9999 years ago", "-200y"])
def test_a_day_outside_the_calendar_is_refused_once_it_is_looked_for(words):
    with pytest.raises(UsageError, match="outside the calendar"):
        read(words)


@pytest.mark.parametrize(
    "words",
    ["31/2/2027", "2027-02-31", "31/2", "2/13/2027", "ngày 31 tháng 4 năm 2027", "tuần 60/2027"],
)
def test_a_day_that_is_not_in_the_calendar_is_said_to_be_none(words):
    with pytest.raises(UsageError, match="not a valid date: it is not in the calendar") as refused:
        read(words)

    assert refused.value.what.said("vi").endswith("hợp lệ: không có trong lịch")


@pytest.mark.parametrize("words", ["trước tết", "mùng 3 tết", "rằm tháng 7", "trước tet"])
def test_a_day_of_the_lunar_calendar_is_refused_as_what_it_is(words):
    with pytest.raises(UsageError, match="lunar calendar") as refused:
        dates.parse(words)

    assert "holidays" in refused.value.hint


def test_a_place_whose_name_sounds_like_a_lunar_word_is_a_name():
    with pytest.raises(NotFoundError):
        read("before Mong Cai")


def test_a_weekday_that_the_day_is_not_is_refused():
    with pytest.raises(UsageError, match="another day of the week"):
        dates.parse("Thursday, 27 November 2026")
    with pytest.raises(UsageError, match="another day of the week"):
        read("thứ hai, 30/6")


def test_a_period_is_refused_where_one_day_is_asked_for():
    with pytest.raises(UsageError, match="is a half-year; say which day of it"):
        read("6 tháng đầu năm 2027", dates.ON)


def test_a_length_without_a_sign_is_refused_of_the_past():
    assert read("30 days").rule == "+30d"
    with pytest.raises(UsageError, match="ago or from now"):
        read("30 days", dates.SINCE)


# --- from which day on -----------------------------------------------------------------------


def test_lengths_count_from_the_day_of_the_act_and_days_from_today():
    start = date(2026, 1, 5)

    assert read("+30wd", start=start) == dates.Day(
        date(2026, 2, 16), "day", "+30wd", "+30wd", start
    )
    assert read("+2w", start=start).day == date(2026, 1, 19)
    assert read("trong 2 tuần", start=start).day == date(2026, 1, 19)
    assert read("tomorrow", start=start).day == date(2026, 11, 27)


@pytest.mark.parametrize("words", ["3 days from now", "3 ngày nữa", "trong 3 ngày tới"])
def test_what_says_now_counts_from_now(words):
    assert read(words, start=date(2026, 1, 5)) == dates.Day(
        date(2026, 11, 29), "day", words, "+3d", TODAY
    )


@pytest.mark.parametrize(
    ("words", "start", "day"),
    [
        ("30/6", "2026-01-05", "2026-06-30"),
        ("30/6", "2026-06-30", "2026-06-30"),
        ("30/6", "2026-07-01", "2027-06-30"),
        ("Q2", "2026-01-05", "2026-06-30"),
        ("tháng 6", "2026-06-15", "2026-06-30"),
        ("tháng 6", "2026-07-01", "2027-06-30"),
        ("cuối tháng", "2026-01-05", "2026-01-31"),
        ("ngày 31", "2026-02-01", "2026-03-31"),
        ("29/2", "2026-01-05", "2028-02-29"),
    ],
)
def test_without_its_year_a_day_is_the_next_one_from_the_day_of_effect_on(words, start, day):
    assert read(words, start=date.fromisoformat(start)).day.isoformat() == day


def test_t13_a_month_from_the_31st_never_drifts():
    january = date(2027, 1, 31)
    ends = [dates.add_months(january, count).isoformat() for count in range(4)]

    assert ends == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert dates.add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert dates.add_months(date(2027, 3, 31), -1) == date(2027, 2, 28)


# --- of every day ----------------------------------------------------------------------------

DAY = st.dates(date(1900, 1, 1), date(9998, 12, 31))
NOW = st.dates(date(1950, 1, 1), date(2200, 1, 1))
ROMAN = ("I", "II", "III", "IV")
SAID_VI = (
    ("một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai")
)  # fmt: skip
WRITTEN = [
    lambda day: day.isoformat(),
    lambda day: f"{day.day}/{day.month}/{day.year}",
    lambda day: f"{day:%d} / {day:%m} / {day.year}",
    lambda day: f"{day:%d.%m.}{day.year}",
    lambda day: f"{day:%d-%m-}{day.year}",
    lambda day: f"{day.year}/{day:%m/%d}",
    lambda day: f"{day.year}{day:%m%d}",
    lambda day: f"{day.year}-{day:%j}",
    lambda day: "{}-W{:02}-{}".format(*day.isocalendar()),
    lambda day: f"{day.isoformat()} 00:00:00",
    lambda day: f"ngày {day.day} tháng {day.month} năm {day.year}",
    lambda day: f"{day.day} tháng {SAID_VI[day.month - 1]} năm {day.year}",
    lambda day: f"chậm nhất là ngày {day:%d/%m/}{day.year}",
    lambda day: f"{day.day} {name(day)[0].title()} {day.year}",
    lambda day: f"{name(day)[-1]} {day.day}, {day.year}",
    lambda day: f"{day.day}-{name(day)[-1]}-{day.year}",
    lambda day: f"by the {nth(day.day)} of {name(day)[0]} {day.year}",
    *(lambda day, lang=lang: long_date(day, lang) for lang in LANGUAGES),
    lambda day: f"{day} ({long_date(day).split(',')[0]})",
]


def name(day):
    return spelling._MONTHS[day.month - 1]


def nth(number):
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number in {11, 12, 13} else ends.get(number % 10, 'th')}"


@given(DAY, st.sampled_from(WRITTEN))
def test_however_a_day_is_written_it_is_read_back(day, write):
    typed = dates.parse(write(day))

    assert (typed.fixed(), typed.period) == (day, "day")
    assert all(typed.fixed(use) == day for use in USES.values())


PERIODS = {
    "month": (
        lambda day: f"tháng {day.month}/{day.year}",
        lambda day: f"T{day.month}/{day.year}",
        lambda day: f"{day.year}-{day:%m}",
        lambda day: f"{name(day)[0]} {day.year}",
        lambda day: f"trong tháng {SAID_VI[day.month - 1]} năm {day.year}",
    ),
    "quarter": (
        lambda day: f"Q{(day.month + 2) // 3}/{day.year}",
        lambda day: f"quý {ROMAN[(day.month - 1) // 3]} năm {day.year}",
    ),
    "half-year": (
        lambda day: f"H{(day.month + 5) // 6} {day.year}",
        lambda day: f"6 tháng {'đầu' if day.month < 7 else 'cuối'} năm {day.year}",
    ),
    "year": (lambda day: f"{day.year}", lambda day: f"trong năm {day.year}"),
    "week": (lambda day: "{}-W{:02}".format(*day.isocalendar()),),
}


@given(DAY, st.sampled_from(sorted(PERIODS)), st.data())
def test_a_period_holds_the_days_it_is_named_after(day, period, data):
    typed = dates.parse(data.draw(st.sampled_from(PERIODS[period]))(day))

    assert typed.period == period
    assert typed.fixed(dates.SINCE) <= day
    # A week ends on its Friday.
    assert typed.fixed(dates.UNTIL) >= day - timedelta(2 if period == "week" else 0)


@given(NOW, st.integers(1, 12), st.integers(1, 28), st.sampled_from(["{}/{}", "{} tháng {}"]))
def test_without_its_year_a_day_is_within_a_year_of_what_it_is_counted_from(start, m, d, form):
    words = form.format(d, m)
    coming, past = read(words, today=start).day, read(words, dates.ON, today=start).day

    assert start <= coming < dates.add_months(start, 12)
    assert dates.add_months(start, -12) < past <= start
    assert {(day.month, day.day) for day in (coming, past)} == {(m, d)}


RELATIVE = [
    phrase
    for phrase, coming, _ in PHRASES
    if coming != "refused" and dates.parse(phrase).span is None and "31" not in phrase
]


@given(NOW, st.integers(0, 400), st.sampled_from(RELATIVE), st.sampled_from(sorted(USES)))
def test_a_later_day_never_makes_a_phrase_mean_an_earlier_one(start, later, phrase, use):
    # The 31st of a shorter month is its last day, and the 30th of February is none.
    with suppress(UsageError):
        first = read(phrase, USES[use], today=start).day
        assert first <= read(phrase, USES[use], today=start + timedelta(later)).day


@given(st.integers(0, 9999), st.sampled_from(["d", "w", "m", "y", "wd"]))
def test_a_rule_is_read_back_as_it_is_written(count, unit):
    typed = dates.parse(f"+{count}{unit}")

    assert dates.length(typed.rule) == (count, unit)
    assert dates.parse(typed.rule).rule == typed.rule


@given(NOW, st.sampled_from(sorted(spelling.WEEKDAY)))
def test_a_weekday_is_the_next_one_within_a_week_and_never_today(today, weekday):
    found = read(weekday, today=today).day
    past = read(weekday, dates.SINCE, today=today).day

    assert found.isoweekday() == past.isoweekday() == spelling.WEEKDAY[weekday]
    assert timedelta(1) <= found - today <= timedelta(7)
    assert timedelta(0) <= today - past <= timedelta(6)


@given(st.integers(1, 99))
def test_numbers_in_words_are_what_they_say(count):
    tens, ones = divmod(count, 10)
    vi = [SAID_VI[tens - 1].replace("tư", "bốn")] if tens > 1 else []
    vi += ["mươi" if tens > 1 else "mười"] if tens else []
    vi += [{5: "lăm", 4: "bốn"}.get(ones, SAID_VI[ones - 1]) if tens else SAID_VI[ones - 1]] * (
        ones > 0
    )

    assert dates.parse(f"{' '.join(vi)} ngày nữa").rule == f"+{count}d"


@given(
    st.text(max_size=40)
    | st.from_regex(r"[0-9+/ .-]{1,14}(wd|ngay|thang|quy)?", fullmatch=True)
    | st.lists(st.sampled_from(" ".join(p for p, _, _ in PHRASES).split()), max_size=6).map(
        " ".join
    )
)
@example("0000")
@example("0000-01")
@example("00000101")
@example("cuối 9999")
@example("tuần 53")
def test_any_text_is_a_date_or_is_refused_and_nothing_else(words):
    for use in USES.values():
        with suppress(UsageError, NotFoundError):
            assert read(words, use).precision in PRECISIONS
