"""Calendars as they are published: what is a day off, what is worked, and what is neither."""

import pytest

from casework.exchange import calendars
from casework.exchange.days import Choice
from casework.exchange.sources import opened

WHOLE = "BEGIN:VCALENDAR\nVERSION:2.0\n{}\nEND:VCALENDAR\n"


def event(day, name, *more, form="VALUE=DATE:"):
    lines = [f"DTSTART;{form}{day}", f"SUMMARY:{name}", *more]
    return "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def calendar(*events):
    return WHOLE.format("\n".join(events))


@pytest.fixture
def read(tmp_path):
    """A function that reads a calendar's text: the days with kind and name, and those left out."""

    def reading(text, **choice):
        path = tmp_path / "x.ics"
        path.write_text(text, "utf-8", newline="")
        with opened(str(path)) as source:
            found = calendars.read_calendar(source, Choice(**choice))
        days = {one.day.isoformat(): (one.kind, one.name) for one in found.entries}
        return days, [(one.day.isoformat(), one.why) for one in found.left]

    return reading


WORKED = [
    "Ngày làm bù cho 2/5/2025",
    "Làm việc bù Tết",
    "Working day for New Year Holiday",
    "Make-up day",
    "Makeup working day",
    "【补班】国庆节",
    "Special Working Day",
]
OFF = ["Tết", "Nghỉ bù Quốc khánh", "Non-working day", "Nghỉ, làm bù ngày 10/1", "Workers' Day"]


def test_what_an_event_calls_itself_tells_whether_the_day_is_worked(read):
    names = [*WORKED, *OFF]
    text = calendar(*(event(20290100 + n, name) for n, name in enumerate(names, 1)))
    days, left = read(text)

    assert [kind for kind, _ in days.values()] == ["working"] * len(WORKED) + ["off"] * len(OFF)
    assert not left
    ((kind, _),) = read(
        calendar(event(20290101, "X", "CATEGORIES:Holiday", "CATEGORIES:Working day"))
    )[0].values()
    assert kind == "working"


def test_days_last_as_long_as_their_end_or_duration_says(read):
    for more, days in (
        ((), 1),
        (("DTEND;VALUE=DATE:20290213",), 1),
        (("DTEND;VALUE=DATE:20290212",), 1),
        (("DTEND;VALUE=DATE:20290217",), 5),
        (("DURATION:P5D",), 5),
        (("DURATION:P1W",), 7),
        (("DURATION:PT24H",), 1),
    ):
        assert len(read(calendar(event(20290212, "Tết", *more)))[0]) == days
    midnight = event("20290212T000000", "Tết", "DTEND:20290214T000000", form="X-A=b:")
    assert list(read(calendar(midnight))[0]) == ["2029-02-12", "2029-02-13"]


def test_what_may_stand_more_than_once_or_be_quoted_is_read(read):
    more = [
        'SUMMARY;ALTREP="http://x.example/a":Tết, nghỉ\u2028cả\u0085nước',
        *("ATTENDEE:mailto:a@b.example", "ATTENDEE:mailto:c@b.example", "CATEGORIES:A"),
        *("CATEGORIES:B,C", "COMMENT:x", "COMMENT:y", "X-Z:1", "X-Z:2"),
        *("BEGIN:VALARM", "SUMMARY:ring", "END:VALARM"),
    ]
    odd = event(20290212, "", *more, form='X-A="b:c";VALUE=DATE:').replace("SUMMARY:\n", "")
    days, _ = read(calendar(odd) + calendar(event(20290213, "Second")))

    assert days == {
        "2029-02-12": ("off", "Tết, nghỉ cả nước"),
        "2029-02-13": ("off", "Second"),
    }


def test_two_names_of_one_day_are_one_day_and_two_kinds_are_refused(office, read):
    twice = event(20250505, "Children's Day"), event(20250505, "Buddha's Birthday")
    assert read(calendar(*twice))[0] == {"2025-05-05": ("off", "Children's Day; Buddha's Birthday")}
    both = calendar(event(20250505, "Tết"), event(20250505, "Làm bù"))
    error = office.refused(2, "holiday", "import", "-", input=both)

    assert "2025-05-05" in error["message"]


def test_observances_and_shorter_days_are_left_out_unless_asked_for(read):
    text = calendar(
        event(20291020, "Vietnamese Women's Day", "DESCRIPTION:Observance\\nTo hide observances"),
        event(20290902, "Independence Day", "DESCRIPTION:Public holiday"),
        event(20291231, "* Сокращённый день"),
    )
    days, left = read(text)
    asked, _ = read(text, observances=True)

    assert list(days) == ["2029-09-02"]
    assert left == [("2029-10-20", "observance"), ("2029-12-31", "shorter_day")]
    assert list(asked) == ["2029-09-02", "2029-10-20"]


def test_yearly_rules_are_written_out_for_the_years_named(office, read):
    rules = {
        "FREQ=YEARLY": ["2027", "2028", "2029", "2030"],
        "FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=2": ["2027", "2028", "2029", "2030"],
        "FREQ=YEARLY;UNTIL=20290101": ["2027", "2028"],
        "FREQ=YEARLY;COUNT=4": ["2027", "2028"],
        "FREQ=YEARLY;INTERVAL=2": ["2027", "2029"],
    }
    for rule, expected in rules.items():
        text = calendar(event(20250902, "Quốc khánh", f"RRULE:{rule}"))
        days, _ = read(text, years=range(2027, 2031))

        assert [day[:4] for day in days] == expected
        error = office.refused(2, "holiday", "import", "-", input=text)
        assert "--years" in error["hint"]
    leap = calendar(event(20240229, "Leap", "RRULE:FREQ=YEARLY"))
    assert list(read(leap, years=range(2024, 2033))[0]) == [
        "2024-02-29",
        "2028-02-29",
        "2032-02-29",
    ]
    turn = calendar(event(20251231, "New Year", "DURATION:P2D", "RRULE:FREQ=YEARLY"))
    assert list(read(turn, years=range(2027, 2028))[0]) == ["2027-01-01", "2027-12-31"]
    without = calendar(event(20250902, "X", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20280902"))
    assert list(read(without, years=range(2027, 2030))[0]) == ["2027-09-02", "2029-09-02"]


REFUSED = {
    "monthly": event(20290101, "X", "RRULE:FREQ=MONTHLY"),
    "by weekday": event(20290101, "X", "RRULE:FREQ=YEARLY;BYDAY=1MO"),
    "other month": event(20290101, "X", "RRULE:FREQ=YEARLY;BYMONTH=2"),
    "dates": event(20290101, "X", "RDATE;VALUE=DATE:20300101"),
    "hours": event(20290101, "X", "DURATION:PT2H"),
    "no time at all": event(20290101, "X", "DURATION:P0D"),
    "long": event(20290101, "X", "DURATION:P40D"),
    "both": event(20290101, "X", "DURATION:P1D", "DTEND;VALUE=DATE:20290102"),
    "twice": event(20290101, "X", "DTSTART;VALUE=DATE:20290102"),
    "broken end": event(20290101, "X", "DTEND;VALUE=DATE:2029"),
    "a time": event("20290101T080000", "X", form="X-A=b:"),
    "elsewhere": event("20290101T000000Z", "X", form="X-A=b:"),
    "last day": event(99991231, "X", "DURATION:P2D"),
    "many days": "\n".join(
        event(f"{y}0101", "X", "DURATION:P31D", f"RRULE:FREQ=YEARLY\nUID:{n}")
        for n in range(40) for y in (1990,)
    ),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", REFUSED)
def test_an_event_that_is_no_whole_day_once_a_year_is_refused(shell, fault):
    words = ["holiday", "import", "-", "--years", "1990-2039"]
    if fault not in {"monthly", "by weekday", "other month", "many days"}:
        words = words[:3]
    error = shell.refused(2, *words, input=calendar(REFUSED[fault]))

    assert error["hint"]


def test_an_event_that_contradicts_an_official_day_is_shown_and_left_out(office):
    office("holiday", "import")
    text = calendar(
        event(20260110, "Tết Dương lịch"),
        event(20260101, "New Year"),
        event(20290213, "Tết holiday"),
        event(20310101, "New Year 2031"),
    )
    rehearsed = office("holiday", "import", "-", "--dry-run", input=text)
    done = office.json("holiday", "import", "-", input=text)
    days = {one["day"]: one for one in office.json("holiday", "list")}

    for name in ("Tết Dương lịch", "New Year", "Tết holiday", "New Year 2031"):
        assert name in rehearsed.stdout
    assert (done["changed"], done["unchanged"], done["left_out"]) == (2, 1, 1)
    assert {one["day"]: one["became"] for one in done["days"]} == {
        "2026-01-01": "same",
        "2026-01-10": "contradicts",
        "2029-02-13": "changed",
        "2031-01-01": "new",
    }
    assert days["2026-01-10"]["kind"] == "working"
    assert days["2026-01-01"]["name_vi"] == "Tết Dương lịch"
    assert (days["2029-02-13"]["status"], days["2029-02-13"]["name_vi"] is None) == (
        "official",
        False,
    )


def test_only_some_events_and_a_kind_of_ones_own(office, read):
    text = calendar(
        event(20290101, "元旦"),
        event(20290107, "元旦 上班"),
        event(20290103, "A fair", "DURATION:P40D"),
    )
    days, _ = read(text, only=("元旦",), kind="working", match="上班")

    assert days == {"2029-01-01": ("off", "元旦"), "2029-01-07": ("working", "元旦 上班")}
    words = ["holiday", "import", "-", "--only", "元旦", "--kind", "working", "--match", "上班"]
    assert office.json(*words, input=text)["changed"] == 2
    for half in (["--kind", "off"], ["--match", "x"], ["--years", "2030-2027"], ["--years", "x"]):
        office.refused(2, "holiday", "import", "-", *half, input=text)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "text",
    [
        "Day;Name\n12/02/2029;Tết\n",
        "day,name,\n2029-02-12,Tết,\n",
        "sep=;\nDAY;Name;;\n12.2.2029;Tết;;\n",
        "\ufeffday\tname\r\n12/2/2029\tTết\r\n",
        'day,name\n"12 February 2029","Tết"\n',
    ],
)
def test_a_table_of_days_is_read_as_a_table_of_cases_is(shell, text):
    shell("holiday", "import", "-", input=text)
    (day,) = shell.json("holiday", "list")

    assert (day["day"], day["name"]) == ("2029-02-12", "Tết")


def test_a_line_break_within_a_quoted_name_stays(shell):
    shell("holiday", "import", "-", input='day,name\n2029-02-12,"Tết\nnguyên đán"\n')

    assert shell.json("holiday", "list")[0]["name"] == "Tết\nnguyên đán"
    shell.refused(2, "holiday", "import", "-", input="day,name\n12/2,Tết\n")
