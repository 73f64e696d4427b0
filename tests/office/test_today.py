"""What a day begins with: `status` and `next`."""

import json
from datetime import timedelta

import pytest

from casework.system.clock import DEFAULT_ZONE, today

pytestmark = pytest.mark.usefixtures("same_day")

DAY = today(DEFAULT_ZONE)


def on(days):
    return (DAY + timedelta(days)).isoformat()


def row(ref, **values):
    return {
        "ref": ref,
        "title": f"Case {ref}",
        "proposer": "vufo",
        "proposed_on": "2021-01-03",
        **values,
    }


ROWS = [
    row("A.1"),
    row("A.2", owner="vufo", state="under study", due="2022-06-30", assigned_on="2021-02-01"),
    row("A.3", owner="mofa", state="assigned", due="2022-05-31", assigned_on="2021-02-01"),
    row("A.4", owner="mofa", state="under study", due=on(20), assigned_on="2021-02-01"),
    row("A.5", owner="mofa", state="assigned", due=on(400), assigned_on="2021-02-01"),
    row("A.6", owner="mofa", state="assigned", due=on(10), assigned_on="2021-02-01", officer="lan"),
]


SECOND = ("--role", "secretariat", "--login", "two")


@pytest.fixture
def register(office):
    office("import", "-", input="\n".join(map(json.dumps, ROWS)))
    return office


def told(office, *words):
    return [(one["why"], one["ref"], one["mine"]) for one in office.json("next", *words)]


def test_the_secretariat_is_told_what_wants_doing_the_most_urgent_first(register):
    register("answer", "A.4", "--outcome", "explained", "--answer", "Because", "--by", "lan")

    found = register.json("next")
    assert [(one["why"], one["ref"]) for one in found] == [
        ("overdue", "A.3"),
        ("overdue", "A.2"),
        ("answered", "A.4"),
        ("not_assigned", "A.1"),
    ]
    assert [one["command"] for one in found] == [
        "casework advance A.3",
        "casework advance A.2 --outcome … --answer …",
        "casework advance A.4",
        "casework assign A.1 --owner … --due …",
    ]
    assert told(register, "--limit", 1) == [("overdue", "A.3", False)]
    shown = register("next").stdout
    assert "casework assign A.1" in shown
    assert register("--color", "always", "next").stdout.count("\x1b[31m") == 2


def test_a_desk_is_told_of_its_own_cases_and_the_officer_of_theirs_first(register):
    found = told(register, "--by", "lan")

    assert found == [
        ("overdue", "A.3", False),
        ("due_soon", "A.6", True),
        ("due_soon", "A.4", False),
        ("not_begun", "A.5", False),
    ]
    (answers,) = (one for one in register.json("next", "--by", "lan") if one["ref"] == "A.4")
    assert answers["command"] == "casework answer A.4 --outcome … --answer …"
    assert "due soon *" in register("next", "--by", "lan").stdout
    register("hold", "A.4", "--reason", "a law is awaited")
    assert ("due_soon", "A.4", False) not in told(register, "--by", "lan")
    assert register.refused(3, "next", "--by", "nobody")["message"]


def test_what_waits_for_a_second_person_comes_first_and_not_to_who_asked(register):
    register("person", "add", "two", "--name", "Two", "--org", "mofa", *SECOND)
    register("policy", "four-eyes", "on", "--reason", "the rules of the office")
    register("close", "A.1", "--outcome", "withdrawn", "--reason", "taken back")

    assert ("to_confirm", "A.1", True) not in told(register)
    first, *_ = register.json("next", "--by", "two")
    assert (first["why"], first["ref"]) == ("to_confirm", "A.1")
    assert first["command"] == f"casework request confirm {first['request']}"
    case = register.json("show", "A.1")
    assert [first[name] for name in ("title", "state", "due")] == [
        case[name] for name in ("title", "state", "due")
    ]
    assert register.json("status")["waiting"][0]["request"] == first["request"]
    assert "A.1" in register("status").stdout


def test_what_an_owner_asks_for_is_told_to_who_answers(register):
    register("extend", "A.3", "--due", on(30), "--reason", "hearings", "--by", "lan")
    register("return", "A.6", "--not-ours", "--reason", "theirs", "--by", "lan")
    first, second, *_ = register.json("next")

    assert [first["why"], second["why"]] == ["to_answer"] * 2
    assert first["command"] == "casework request grant A.3.T1"
    assert second["command"] == "casework uphold A.6 --reason …"
    assert "to_answer" not in [one[0] for one in told(register, "--by", "lan")]
    waiting = register.json("status")["waiting"]
    assert [one["request"] for one in waiting] == ["A.3.T1", "A.6.C1"]
    assert "A.3" in register("status").stdout.partition("waiting")[2]


def test_the_register_is_shown_on_one_screen_and_adds_up(register):
    register("conference", "add", "NFAC-30", "--number", "30", "--date", on(30))

    found = register.json("status")
    assert found["conference"] == {"conference": "NFAC-30", "date": on(30), "days": 30}
    totals = found["totals"]
    assert (totals["cases"], totals["open"], totals["open_overdue"]) == (6, 6, 2)
    parts = ("open_in_time", "open_overdue", "open_no_due")
    assert totals["open"] == sum(totals[name] for name in parts)
    assert found["late"] == [{"owner": "mofa", "cases": 1}, {"owner": "vufo", "cases": 1}]
    size = register.head().size
    assert (found["log"]["size"], found["log"]["unwitnessed"]) == (size, size)
    shown = register("status").stdout.splitlines()
    assert len(shown) < 12
    assert any("NFAC-30" in line and "30 days" in line for line in shown)
    assert "NFAC-30" in register("--lang", "vi", "status").stdout
    assert register("status", "--format", "csv").stdout.startswith("today,conference")


def test_an_empty_register_has_nothing_to_do(office):
    assert office.json("next") == []
    assert office.json("status")["totals"]["cases"] == 0
    assert office("status").stdout


def test_a_desk_on_a_server_is_told_that_only_its_cases_are_counted(shared):
    shared.case("assigned", owner="quang-ninh")
    shared.case("assigned", owner="mofa")
    desk = shared.as_("hoa")

    whole, own = shared.keeper.json("status"), desk.json("status")
    assert (whole["totals"]["cases"], whole["only_for"]) == (2, None)
    assert (own["totals"]["cases"], own["only_for"]) == (1, shared.login("hoa"))
    assert f"only those that {shared.login('hoa')} may read" in desk("status").stdout
    assert "may read" not in shared.keeper("status").stdout
