"""The two clocks of a question: what was true then, and what had been recorded by then."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from click.testing import CliRunner

from casework.cli import casework
from casework.errors import UsageError
from casework.system import clock

SECTIONS = ("overdue", "due_before_horizon", "no_owner", "no_due_date", "orphaned")


def at(moment):
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


def refs(report):
    return {name: [one["ref"] for one in report[name]] for name in SECTIONS}


def test_the_report_tells_what_was_true_then_and_what_was_known_then(office):
    ask = ["report", "overdue", "--as-of", "2040-05-02"]
    with at("2040-03-01T09:00:00+07:00"):
        office("propose", "--ref", "A.1", "--title", "T", "--proposer", "vufo")
        office("assign", "A.1", "--owner", "mofa", "--due", "2040-05-01")
        office("propose", "--ref", "A.2", "--title", "T", "--proposer", "vufo")
    with at("2040-05-02T12:00:00+07:00"):
        shown_then = office.json(*ask)
    with at("2040-06-01T09:00:00+07:00"):
        office("advance", "A.1", "--effective", "2040-04-01")
        late = ["--due", "2040-07-01", "--reason", "decided in April"]
        office("extend", "A.1", *late, "--effective", "2040-04-15")
        office("assign", "A.2", "--owner", "vufo", "--due", "2041-01-01")
        known_now = office.json(*ask)
        known_then = office.json(*ask, "--known-at", "2040-05-02T05:00:00Z")
        known_before = office.json(*ask, "--known-at", "2040-02-28")

    assert refs(shown_then)["overdue"] == refs(known_then)["overdue"] == ["A.1"]
    assert known_then["totals"] == shown_then["totals"]
    assert known_then["overdue"][0]["state"] == "assigned"
    assert known_then["overdue"][0]["days_overdue"] == 1
    assert (known_then["as_of"], known_then["known_at"][:19]) == (
        "2040-05-02",
        "2040-05-02T05:00:00",
    )
    assert refs(known_now)["overdue"] == []
    assert refs(known_now)["no_owner"] == ["A.2"]
    assert known_now["totals"] | {"open_in_time": 0, "open_overdue": 1} == known_then["totals"]
    assert known_before["totals"]["cases"] == 0


def test_an_act_on_a_case_never_makes_an_earlier_day_unreadable(office, case):
    extra = {
        "note": ["said before it was written down"],
        "edit": ["--title", "Better said"],
        "coordinate": ["--with", "vufo"],
        "link": ["--relates-to", "B.1"],
    }
    case(ref="B.1")
    for verb, words in extra.items():
        early = office.run(verb, case(ref=f"A.{verb}"), *words, "--effective", "2021-01-01")

        assert early.exit_code in {0, 4}
    report = office.json("report", "overdue", "--as-of", "2021-06-01")

    assert office.json("list", "--as-of", "2021-06-01") == []
    assert report["totals"]["cases"] == 0


def test_a_report_of_a_time_before_the_register_was_made_is_empty(office):
    report = office.json("report", "overdue", "--known-at", "2001-01-01")

    assert report["totals"]["cases"] == 0
    assert refs(report) == {name: [] for name in SECTIONS}


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "Europe/Paris", "America/Bogota"])
def test_a_day_of_knowledge_ends_at_midnight_in_the_offices_zone(tmp_path, zone):
    def ask(*words):
        done = CliRunner().invoke(casework, ["--db", str(tmp_path / "r.db"), *words, "--json"])
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)

    def local(day, hour):
        moment = datetime(2040, 5, day, hour, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        return time_machine.travel(moment, tick=False)

    with local(1, 9):
        CliRunner().invoke(casework, ["--db", str(tmp_path / "r.db"), "init", "--zone", zone])
        ask("org", "add", "mofa", "--name", "Ministry")
    for ref, day, hour in (("A.1", 1, 23), ("A.2", 2, 0)):
        with local(day, hour):
            ask("propose", "--ref", ref, "--title", "T", "--proposer", "mofa")
    with local(3, 9):
        known = ask("list", "--known-at", "2040-05-01")
        timed = ask("list", "--known-at", "2040-05-02T00:29:59")

    assert [one["ref"] for one in known] == ["A.1"]
    assert [one["ref"] for one in timed] == ["A.1"]


def test_today_is_what_is_true_as_of_today(office, case):
    case("resolved", ref="A.1"), case("under_study", ref="A.2"), case("assigned", ref="A.3")
    office("reopen", "A.1", "--reason", "half of it")
    office("extend", "A.3", "--due", "2024-12-31", "--reason", "r", "--effective", "2022-05-01")
    office("coordinate", "A.2", "--with", "vufo")
    day = office.json("report", "overdue")["as_of"]

    assert office.json("list") == office.json("list", "--as-of", day)
    assert office.json("report", "overdue") == office.json("report", "overdue", "--as-of", day)
    told = office.json("list", "--as-of", day, "--known-at", "2999-12-31")
    assert told == office.json("list")


def test_an_earlier_day_shows_a_case_as_it_was_then(office, case):
    ref = case("resolved", due="2022-12-31")
    late = ["--due", "2024-12-31", "--reason", "r", "--effective", "2023-02-15"]
    office("reopen", ref, "--reason", "half of it", "--effective", "2023-02-01")
    office("extend", ref, *late)
    days = ("2021-12-13", "2022-01-10", "2022-02-01", "2022-11-01", "2023-02-01", "2023-02-15")
    shown = [office.json("show", ref, "--as-of", day) for day in days]
    office.refused(3, "show", ref, "--as-of", "2021-12-12")

    assert [(one["state"], one["due"], one["days_overdue"]) for one in shown] == [
        ("proposed", None, 0),
        ("assigned", "2022-12-31", 0),
        ("under_study", "2022-12-31", 0),
        ("resolved", "2022-12-31", 0),
        ("under_study", "2022-12-31", 32),
        ("under_study", "2024-12-31", 0),
    ]
    assert shown[3]["outcome"] == "implemented"
    assert [one["version"] for one in shown] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("word", ["2026-11-01 01:30", "2026-11-01T01:00:00", "2026-03-08T02:30"])
def test_a_time_that_clocks_showed_twice_or_not_at_all_is_refused(word):
    with pytest.raises(UsageError, match="does not name one moment") as refused:
        clock.parse_instant(word, "America/New_York")

    assert "offset" in refused.value.hint
    assert clock.parse_instant(f"{word}-05:00", "America/New_York").tzinfo is not None


def test_the_hours_around_a_change_of_clocks_are_one_moment_each():
    for word in ("2026-11-01T00:59:59", "2026-11-01T02:00", "2026-03-08T01:59", "2026-03-08T03:00"):
        assert clock.parse_instant(word, "America/New_York")
