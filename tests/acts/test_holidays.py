"""The calendar: what is registered of days, from where, and which deadlines it touches."""

import csv
from datetime import date, datetime
from pathlib import Path

import holidays as package
import pytest
import time_machine
from hypothesis import example, given
from hypothesis import strategies as st
from offices import HOLIDAYS, OFFICE

from casework.errors import CaseworkError
from casework.exchange import calendars
from casework.exchange.sources import opened
from casework.rules.working_days import Special, WorkingCalendar
from casework.store import upgrades

SEEDS = upgrades.bundled("seeds") / "holidays.csv"
SWAP = {date(2026, 1, 2): "off", date(2026, 1, 10): "working"}
"""Document 12729/VPCP-KGVX, which the package does not know."""


def at(moment):
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


@pytest.fixture
def contents(contents):
    """An office has the holidays of Viet Nam here."""
    return HOLIDAYS if contents is OFFICE else contents


@pytest.fixture
def counted(office):
    """A case due +30wd from 5 January 2026, and another one with the same deadline, resolved."""
    with at("2026-01-05T02:00:00+00:00"):
        refs = []
        for _ in range(2):
            words = ("--title", "T", "--proposer", "vufo", "--effective", "2026-01-05")
            refs.append(office.json("propose", *words)["ref"])
            office("assign", refs[-1], "--owner", "mofa", "--due", "+30wd")
        office("advance", refs[1])
        office("advance", refs[1], "--outcome", "implemented", "--answer", "Done")
        yield refs


def seeded():
    return list(csv.DictReader(SEEDS.read_text("utf-8").splitlines()))


def test_the_seeds_are_the_packages_days_with_the_official_corrections():
    years = range(2011, 2031)
    english, vietnamese = (
        package.Vietnam(years=years, language=language) for language in ("en_US", "vi")
    )
    expected = {day: ("off", english[day], vietnamese[day]) for day in english}
    made_up = dict.fromkeys(english.weekend_workdays, "working")
    rows = {date.fromisoformat(row["day"]): row for row in seeded()}

    assert {day: row["kind"] for day, row in rows.items()} == {
        **dict.fromkeys(expected, "off"),
        **made_up,
        **SWAP,
    }
    for day, names in expected.items():
        assert (rows[day]["kind"], rows[day]["name"], rows[day]["name_vi"]) == names
    assert {rows[day]["source"] for day in SWAP} == {"12729/VPCP-KGVX"}
    assert {row["status"] for day, row in rows.items() if day.year > 2026} == {"projected"}
    assert {row["status"] for day, row in rows.items() if day.year <= 2026} == {"official"}


# Shared facts, section 4: the weekdays off of each year.
OFF = {
    2021: "1/1 10/2 11/2 12/2 15/2 16/2 21/4 30/4 3/5 2/9 3/9",
    2022: "3/1 31/1 1/2 2/2 3/2 4/2 11/4 2/5 3/5 1/9 2/9",
    2023: "2/1 20/1 23/1 24/1 25/1 26/1 1/5 2/5 3/5 1/9 4/9",
    2024: "1/1 8/2 9/2 12/2 13/2 14/2 18/4 29/4 30/4 1/5 2/9 3/9",
    2025: "1/1 27/1 28/1 29/1 30/1 31/1 7/4 30/4 1/5 2/5 1/9 2/9",
    2026: "1/1 2/1 16/2 17/2 18/2 19/2 20/2 27/4 30/4 1/5 31/8 1/9 2/9 24/11",
    2027: "1/1 4/2 5/2 8/2 9/2 10/2 16/4 30/4 3/5 2/9 3/9 24/11",
}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_new_register_knows_the_days_off_of_viet_nam(shell, tmp_path):
    shell = type(shell)(str(tmp_path / "new.db"))
    shell("init")
    known = shell.json("doctor")
    days = shell.json("holiday", "list")
    off = {date.fromisoformat(one["day"]) for one in days if one["kind"] == "off"}
    worked = {one["day"] for one in days if one["kind"] == "working"}

    for year, listed in OFF.items():
        found = sorted(day for day in off if day.year == year and day.weekday() < 5)
        assert " ".join(f"{day.day}/{day.month}" for day in found) == listed
    assert {"2014-12-27", "2019-01-05", "2024-05-04", "2025-04-26", "2026-08-22"} <= worked
    assert "2026-01-10" in worked
    assert (known["holidays_until"], known["holidays_decided_until"]) == (2030, 2026)
    assert shell.json("audit", "verify")["ok"] is True


def test_t6_a_new_holiday_lists_the_cases_it_touches_and_moves_none(office, counted):
    version = office.json("show", counted[0])["version"]
    done = office.json("holiday", "add", "2026-01-29", "--name", "Visit")
    told = office("holiday", "add", "2026-01-30", "--name", "Visit")

    assert done["affected"] == [
        {"ref": counted[0], "due": "2026-02-13", "new_due": "2026-02-23", "recomputed": False}
    ]
    assert f"{counted[0]}  2026-02-13" in told.stdout
    assert "recompute" in told.stderr
    assert office.json("show", counted[0])["version"] == version


def test_t6_told_to_recompute_it_moves_each_open_case_once_and_resolved_ones_never(office, counted):
    resolved = office.json("show", counted[1])
    words = ("holiday", "add", "2026-01-29", "--name", "Visit", "--recompute")
    reasonless = office.refused(4, *words)
    office(*words, "--reason", "decided today", "--document", "9/QD")
    event = office.json("history", counted[0])[-1]
    again = office.json("holiday", "recompute", "--reason", "to be sure")

    assert "--reason" in reasonless["hint"]
    assert (event["act"], event["changes"]) == ("recompute", {"due": ["2026-02-13", "2026-02-23"]})
    assert (event["reason"], event["document"]) == ("decided today", "9/QD")
    assert office.json("show", counted[0])["extensions"] == 0
    assert office.json("show", counted[1]) == resolved
    assert again["affected"] == []
    assert office.json("audit", "verify")["ok"] is True


@pytest.mark.usefixtures("counted")
def test_a_holiday_and_the_deadlines_it_moves_are_one_transaction(office):
    size = office.head().size
    words = ("holiday", "add", "2026-01-29", "--name", "Visit", "--recompute", "--reason", "r")
    dry = office.json(*words, "--dry-run")
    untouched = office.head().size
    office(*words)

    assert len(dry["affected"]) == 1
    assert untouched == size
    assert office.head().size == size + 2


@pytest.mark.usefixtures("counted")
def test_a_holiday_that_is_removed_is_withdrawn_and_may_come_back(office):
    known = office.json("holiday", "list", "--year", "2026")
    done = office.json("holiday", "remove", "2/1/2026", "--reason", "misread")
    kept = office.json("holiday", "list", "--year", "2026", "--all")
    gone = office.refused(3, "holiday", "remove", "2026-01-02", "--reason", "again")
    office("holiday", "add", "2026-01-02", "--name", "Bridge day", "--source", "12729/VPCP-KGVX")
    acts = [event["act"] for event in office.json("audit", "log") if event["key"] == "2026-01-02"]

    assert done["affected"] == []
    assert len(kept) == len(known)
    assert next(one for one in kept if one["day"] == "2026-01-02")["withdrawn_on"] == "2026-01-05"
    assert "2026-01-02" in gone["message"]
    assert acts == ["add", "remove", "amend"]
    assert len(office.json("holiday", "list", "--year", "2026")) == len(known)


def test_a_working_saturday_that_is_withdrawn_moves_deadlines_later(office, counted):
    words = ("holiday", "remove", "2026-01-10", "--reason", "nobody worked")
    done = office.json(*words, "--recompute")

    assert [one["new_due"] for one in done["affected"]] == ["2026-02-23"]
    assert office.json("show", counted[0])["due"] == "2026-02-23"


def test_what_is_registered_already_is_not_registered_again(office):
    words = ("holiday", "add", "2026-01-01", "--name", "New Year's Day", "--name-vi")
    error = office.refused(4, *words, "Tết Dương lịch", "--source", "holidays 0.109, Viet Nam")

    assert "already" in error["message"]


@pytest.mark.parametrize(("by", "code"), [("lan", 6), ("thanh", 6), ("chi", 0)])
def test_only_those_who_keep_the_register_change_its_calendar(office, by, code):
    words = ("holiday", "add", "2027-03-01", "--name", "N", "--by", by)

    assert office.run(*words).exit_code == code


# --- files -----------------------------------------------------------------------------------

ICS = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20310101
SUMMARY:Tết Dương
  lịch\\, nghỉ
BEGIN:VALARM
SUMMARY:ring
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20310121
DTEND;VALUE=DATE:20310124
SUMMARY:Tết
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20310501
STATUS:CANCELLED
SUMMARY:Not this year
END:VEVENT
END:VCALENDAR
"""
EVENT = "BEGIN:VCALENDAR\nBEGIN:VEVENT\n{}\nEND:VEVENT\nEND:VCALENDAR\n"


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_t40_a_calendar_file_is_imported_whole(office, tmp_path, ends):
    path = tmp_path / "tet.ics"
    path.write_text(ICS.replace("\n", ends), "utf-8", newline="")
    done = office.json("holiday", "import", path)
    again = office.json("holiday", "import", path)
    days = office.json("holiday", "list", "--year", "2031")

    assert (done["changed"], done["unchanged"]) == (4, 0)
    assert (again["changed"], again["unchanged"]) == (0, 4)
    assert [(one["day"], one["name"]) for one in days] == [
        ("2031-01-01", "Tết Dương lịch, nghỉ"),
        ("2031-01-21", "Tết"),
        ("2031-01-22", "Tết"),
        ("2031-01-23", "Tết"),
    ]


def test_a_table_of_days_is_imported_and_states_what_was_only_projected(office):
    rows = "day,kind,name,name_vi,status,source\n2027-02-11,off,Tết,,official,1/TB\n"
    rows += "2027-02-13,working,Worked,Làm bù,,\n2027-02-10,off,Tết,,official,1/TB\n"
    done = office.json("holiday", "import", "-", input=rows)
    days = {one["day"]: one for one in office.json("holiday", "list", "--year", "2027")}

    assert done["changed"] == 3
    assert (days["2027-02-13"]["kind"], days["2027-02-13"]["name_vi"]) == ("working", "Làm bù")
    assert (days["2027-02-10"]["status"], days["2027-02-09"]["status"]) == ("official", "projected")


def test_the_days_that_come_with_the_program_are_taken_once(shell):
    done, again = (shell.json("holiday", "import") for _ in range(2))

    assert (done["changed"], done["unchanged"]) == (len(seeded()), 0)
    assert (again["changed"], again["unchanged"]) == (0, len(seeded()))


MALFORMED = {
    "nothing": "",
    "no header": "2027-02-11,Tết\n",
    "unknown column": "day,name,colour\n2027-02-11,Tết,red\n",
    "no name": "day,name\n2027-02-11,\n",
    "no such day": "day,name\n2027-02-11,Tết\n2027-02-30,Tết\n",
    "unknown kind": "day,name,kind\n2027-02-11,Tết,holy\n",
    "unknown status": "day,name,status\n2027-02-11,Tết,rumoured\n",
    "a day twice": "day,name\n2027-02-11,Tết\n2027-02-11,Tết\n",
    "too many cells": "day,name\n2027-02-11,Tết,more\n",
    "open quote": 'day,name\n2027-02-11,"Tết\n',
    "t15 an end without a start": EVENT.format("DTEND;VALUE=DATE:20270212\nSUMMARY:Tết"),
    "no summary": EVENT.format("DTSTART;VALUE=DATE:20270212"),
    "a time": EVENT.format("DTSTART:20270212T080000Z\nSUMMARY:Tết"),
    "end before start": EVENT.format("DTSTART:20270212\nDTEND:20270211\nSUMMARY:Tết"),
    "half a year": EVENT.format("DTSTART:20270212\nDTEND:20270811\nSUMMARY:Tết"),
    "a rule": EVENT.format("DTSTART:20270212\nRRULE:FREQ=YEARLY\nSUMMARY:Tết"),
    "cut off": ICS[: len(ICS) // 2],
    "no end": ICS.replace("END:VCALENDAR\n", ""),
    "a title with NUL": "day,name\n2027-02-11,T\x00t\n",
    "too large": "day,name\n2027-02-11,Tết\n" + "\n" * calendars.SIZE_LIMIT,
}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", MALFORMED)
def test_t15_t40_a_malformed_calendar_is_refused_and_changes_nothing(shell, fault):
    error = shell.refused(2, "holiday", "import", "-", input=MALFORMED[fault])

    assert error["hint"]


def test_a_calendar_that_is_no_text_or_no_file_is_refused(shell, tmp_path):
    path = tmp_path / "days.csv"
    path.write_bytes("day,name\n2027-02-11,Tết\n".encode("utf-16"))

    assert "UTF-8" in shell.refused(2, "holiday", "import", path)["hint"]
    shell.refused(3, "holiday", "import", tmp_path / "missing.ics")


@given(st.text(max_size=200) | st.text(max_size=200).map(EVENT.format))
@example("\x00")
def test_whatever_a_file_holds_it_is_days_or_it_is_refused(tmp_path_factory, text):
    path = Path(tmp_path_factory.getbasetemp()) / "fuzzed"
    path.write_bytes(text.encode(errors="replace"))
    try:
        # What is in another encoding is refused when it is opened.
        with opened(str(path)) as source:
            found = calendars.read_calendar(source).entries
    except CaseworkError:
        return

    assert found


def test_the_calendar_of_the_seeds_counts_thirty_days_to_13_february():
    known = WorkingCalendar.of(
        Special(date.fromisoformat(row["day"]), row["kind"] == "working", row["name"])
        for row in seeded()
    )

    assert known.add(date(2026, 1, 5), 30) == date(2026, 2, 13)
