"""The overdue report: its horizon, its sections, its balance, its files."""

import csv
import json
import re
from datetime import date

import pytest

from casework.cli.settings import Settings
from casework.questions import tallying
from casework.words import word

SECTIONS = ("overdue", "due_before_horizon", "no_owner", "no_due_date", "orphaned")


def refs(report):
    return {name: [one["ref"] for one in report[name]] for name in SECTIONS}


def test_the_horizon_is_the_next_dated_conference(office, case):
    case("assigned", ref="A.1", due="2022-12-31")
    office("conference", "add", "NFAC-22", "--number", 22, "--date", "2025")
    horizons = {
        day: office.json("report", "overdue", "--as-of", day)["horizon"]
        for day in ("2021-12-12", "2021-12-13", "2023-12-17", "2023-12-18")
    }

    assert horizons == {
        "2021-12-12": {"conference": "NFAC-20", "date": "2021-12-13"},
        "2021-12-13": {"conference": "NFAC-21", "date": "2023-12-18"},
        "2023-12-17": {"conference": "NFAC-21", "date": "2023-12-18"},
        "2023-12-18": {"conference": None, "date": None, "unclear": ["NFAC-22"]},
    }


def test_without_a_next_conference_the_report_says_so_and_takes_a_last_day(office, case):
    case("assigned", ref="A.1", due="2024-03-31")
    ask = ["report", "overdue", "--as-of", "2024-01-01"]
    silent = office.json(*ask)
    said = office(*ask).stdout
    until = {day: office.json(*ask, "--until", day) for day in ("2024-03-30", "2024-03-31")}

    assert silent["horizon"] == {"conference": None, "date": None}
    assert refs(silent)["due_before_horizon"] == []
    assert word("no_horizon") in said
    assert "--until" in said
    assert until["2024-03-31"]["horizon"] == {"conference": None, "date": "2024-03-31"}
    assert [refs(one)["due_before_horizon"] for one in until.values()] == [[], ["A.1"]]


def test_a_conference_without_a_day_is_named_with_what_to_do(office, case):
    case("assigned", ref="A.1", due="2099-12-31")
    office("conference", "add", "NFAC-98", "--number", 98, "--date", "2098")
    forecast = office("report", "forecast").stdout
    status = office("status").stdout
    move = re.search("casework (conference move NFAC-98 .*)", status)[1]

    assert "NFAC-98 (2098)\n--before CONF names the conference, --until" in forecast
    assert "the day of NFAC-98 is not known: casework" in status
    office(*move.replace("DATE", "2098-12-18").replace("TEXT", "fixed").split())
    assert "NFAC-98" in office("status").stdout
    assert "look" not in office("report", "forecast").stdout


def test_a_conference_without_a_day_cannot_be_a_horizon(office):
    office("conference", "add", "NFAC-22", "--number", 22, "--date", "2025")
    office("conference", "add", "NFAC-23", "--number", 23)
    year = office.refused(4, "report", "overdue", "--before", "NFAC-22")
    none = office.refused(4, "report", "overdue", "--before", "NFAC-23")
    unknown = office.refused(3, "report", "overdue", "--before", "NFAC-99")
    both = office.refused(2, "report", "overdue", "--before", "NFAC-21", "--until", "2023-12-31")

    assert "2025" in year["message"]
    assert "--until" in none["hint"]
    assert "NFAC-99" in unknown["message"]
    assert "--until" in both["message"]


def test_a_horizon_that_is_over_when_the_report_speaks_is_refused(office, case):
    case("assigned", ref="A.1", due="2022-12-31")
    ask = ["report", "overdue", "--as-of", "2023-12-19"]
    opened = office.refused(2, *ask, "--before", "NFAC-21")
    past = office.refused(2, *ask, "--until", "2023-12-18")
    today = office.json("report", "overdue", "--as-of", "2023-12-18", "--before", "NFAC-21")

    assert "NFAC-21, 2023-12-18, lies before 2023-12-19" in opened["message"]
    assert "2023-12-18 lies before 2023-12-19" in past["message"]
    assert "--as-of" in past["hint"]
    assert refs(today)["overdue"] == ["A.1"]


def test_due_on_the_opening_day_is_not_before_it_and_due_today_is_not_overdue(office, case):
    dues = ("2023-12-07", "2023-12-08", "2023-12-17", "2023-12-18")
    for number, due in enumerate(dues, start=1):
        case("assigned", ref=f"A.{number}", due=due)
    report = office.json("report", "overdue", "--before", "NFAC-21", "--as-of", "2023-12-08")

    assert refs(report)["overdue"] == ["A.1"]
    assert refs(report)["due_before_horizon"] == ["A.2", "A.3"]
    assert report["overdue"][0]["days_overdue"] == 1
    assert [one["days_overdue"] for one in report["due_before_horizon"]] == [0, 0]
    assert report["totals"]["open_in_time"] == 3


def mixed(office, case):
    """Make one case of every sort the report tells apart."""
    case("resolved", ref="ON.TIME", due="2022-12-31")
    case("resolved", ref="LATE", due="2022-10-31")
    case(ref="NEVER.DUE")
    why = ["--reason", "not ours", "--effective", "2022-03-01"]
    office("close", "NEVER.DUE", "--outcome", "withdrawn", *why)
    case("under_study", ref="IN.TIME", due="2030-01-01", owner="vufo")
    case("assigned", ref="OVERDUE", due="2023-01-01", owner="hcmc-pc")
    case("assigned", ref="NO.OWNER", due="2023-02-01")
    office("return", "NO.OWNER", *why)
    case(ref="NEITHER")
    office("org", "end", "hcmc-pc", "--on", "2023-06-30", "--reason", "dissolved")


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_a_list_that_is_read_briefly_says_the_same_to_people(office, case, monkeypatch, lang):
    translated = ["--title-vi", "Đề án", "--reason", "it was given", "--effective", "2023-05-02"]
    mixed(office, case)
    office("edit", "OVERDUE", *translated)
    ask = ["--lang", lang, "report", "overdue", "--as-of", "2027-01-01"]
    brief, read = office(*ask).stdout, tallying.overdue
    asked = []

    def wholly(*given, brief, **named):
        asked.append(brief)
        return read(*given, **named)

    monkeypatch.setattr(tallying, "overdue", wholly)

    assert office(*ask).stdout == brief
    assert ("Đề án" in brief) == (lang == "vi")
    assert office.json(*ask)["overdue"][0]["title_vi"] == "Đề án"
    assert asked == [lang, None]


@pytest.mark.parametrize(("lang", "title"), [("en", ("Rules", None)), ("vi", (None, "Đề án"))])
def test_a_brief_list_has_what_its_language_shows(office, case, lang, title):
    case("assigned", ref="A.1", title="Rules")
    case("assigned", ref="A.2", title="Rules")
    office("edit", "A.1", "--title-vi", "Đề án", "--reason", "it was given")
    with office.store().reading() as connection:
        both, one = tallying.overdue(connection, date(2023, 12, 8), brief=lang)
        whole, _ = tallying.overdue(connection, date(2023, 12, 8))

    assert (both.title, both.title_vi) == title
    assert (one.title, one.title_vi) == ("Rules", None)
    assert (both.conference, both.proposer, both.officer) == (None, None, None)
    assert both[8:] == whole[8:]


def test_nothing_is_silently_absent_and_the_totals_balance(office, case):
    mixed(office, case)
    report = office.json("report", "overdue", "--until", "2031-01-01", "--as-of", "2027-01-01")
    whole = report["totals"]

    assert refs(report) == {
        "overdue": ["OVERDUE", "NO.OWNER"],
        "due_before_horizon": ["IN.TIME"],
        "no_owner": ["NO.OWNER", "NEITHER"],
        "no_due_date": ["NEITHER"],
        "orphaned": ["OVERDUE"],
    }
    assert whole == {
        "cases": 7,
        "resolved": 3,
        "resolved_on_time": 1,
        "resolved_late": 1,
        "resolved_no_due": 1,
        "open": 4,
        "open_in_time": 1,
        "open_overdue": 2,
        "open_no_due": 1,
    }
    assert [one["owner"] for one in report["by_owner"]] == ["hcmc-pc", "mofa", "vufo", None]
    assert {name: sum(one[name] for one in report["by_owner"]) for name in whole} == whole


def test_empty_lists_say_none_each_and_equal_ones_say_so_once(office, case):
    ask = ("report", "overdue", "--until", "2099-12-31")
    case("assigned", ref="A.0")
    empty = office(*ask).stdout
    case(ref="A.1")
    both = office(*ask).stdout

    assert "No due date (0)\nnone" in empty
    assert "No due date (1)\nthe same cases as under No owner" in both


def test_the_report_of_one_owner_holds_its_cases_only(office, case):
    mixed(office, case)
    ask = ["report", "overdue", "--until", "2031-01-01", "--as-of", "2027-01-01", "--owner"]
    theirs = office.json(*ask, "uy ban nhan dan tp. ho chi minh")
    ours = office.json(*ask, "mofa")
    office.refused(3, *ask, "nobody")

    assert refs(theirs) == {name: [] for name in SECTIONS} | {
        "overdue": ["OVERDUE"],
        "orphaned": ["OVERDUE"],
    }
    assert [one["owner"] for one in theirs["by_owner"]] == ["hcmc-pc"]
    assert theirs["totals"]["cases"] == 1
    assert (ours["totals"]["cases"], ours["totals"]["resolved_late"]) == (2, 1)


def test_a_report_in_a_file_holds_what_is_shown_and_is_the_same_every_time(office, case, tmp_path):
    mixed(office, case)
    ask = ["report", "overdue", "--as-of", "2027-01-01", "--until", "2031-01-01"]
    shown = office.json(*ask)
    office(*ask, "--output", tmp_path / "r.json")
    told = office(*ask, "--output", tmp_path / "r.csv")
    rows = list(csv.DictReader((tmp_path / "r.csv").read_text("utf-8-sig").splitlines()))
    office(*ask, "--output", tmp_path / "again.json")

    assert json.loads((tmp_path / "r.json").read_text("utf-8")) == shown
    *rows, last = rows
    assert last["section"] == "log"
    assert all(str(value) in last["ref"] for value in shown["log"].values())
    assert all(str(value) in office(*ask).stdout for value in shown["log"].values())
    assert [(row["section"], row["ref"]) for row in rows] == [
        (section, ref) for section in SECTIONS for ref in refs(shown)[section]
    ]
    assert told.stdout == ""
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "r.json").read_bytes()
    assert office(*ask).stdout == office(*ask).stdout


def test_a_file_of_another_kind_or_in_no_folder_is_refused_and_nothing_is_left(office, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    suffix = office.refused(2, "report", "overdue", "--output", folder / "report.xyz")
    office.refused(2, "report", "overdue", "--output", folder / "report")
    office.refused(8, "report", "overdue", "--output", folder / "none" / "report.json")

    assert ".json" in suffix["message"]
    assert list(folder.iterdir()) == []


def test_a_report_can_fail_when_something_is_overdue(office, case):
    ask = ["report", "overdue", "--fail-on-overdue", "--as-of"]
    case("assigned", due="2022-12-31")
    error = office.refused(10, *ask, "2023-01-01")
    printed = office.run(*ask, "2023-01-01")
    fine = office.run(*ask, "2022-12-31")

    assert "2023-01-01" in error["message"]
    assert (printed.exit_code, fine.exit_code) == (10, 0)
    assert printed.stdout == office("report", "overdue", "--as-of", "2023-01-01").stdout


REPORTS = ("overdue", "progress", "review", "workload", "slippage", "forecast")


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_made_from_one_moment_of_the_register(office, case, report, monkeypatch):
    case("assigned", ref="A.1", due="2022-12-31")
    opened = []
    reading = Settings.reading

    def counted(chosen):
        opened.append(chosen)
        return reading(chosen)

    monkeypatch.setattr(Settings, "reading", counted)
    for words in ([], ["--known-at", "2030-01-01"]):
        opened.clear()
        office.json("report", report, "--as-of", "2023-12-08", *words)
        assert len(opened) == 1


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("lang", ["en", "vi"])
def test_what_is_counted_in_time_because_it_is_on_hold_is_told(office, case, report, lang):
    for ref in ("A.1", "A.2"):
        case("assigned", ref=ref, due="2022-12-31")
    said = word("held_in_time", lang).format(count=1)
    ask = ("report", report, "--as-of", "2023-12-08", "--lang", lang)
    running = office(*ask).stdout
    office("hold", "A.1", "--reason", "waits for a decree", "--effective", "2022-12-01")
    held = office(*ask).stdout
    totals = office.json("report", "progress", "--as-of", "2023-12-08")["totals"]

    assert (totals["open_in_time"], totals["open_overdue"]) == (1, 1)
    assert said not in running
    assert said in held
