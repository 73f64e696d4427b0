"""`audit log`: which acts are listed, and what is refused because no act could be meant."""

import pytest
import time_machine

from casework.exchange.columns import COLUMNS
from casework.kinds.field_names import SHORT, known
from casework.kinds.records import KINDS, Case, names_of


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("--act", "asign"), "assign"),
        (("--act", "Extends"), "extend"),
        (("--field", "ownr"), "owner"),
        (("--field", "due-bases"), "due_basis"),
    ],
)
def test_an_act_or_field_that_there_is_not_is_refused_with_the_nearest(office, case, words, near):
    case("assigned")
    error = office.refused(3, "audit", "log", *words)

    assert words[1] in error["message"]
    assert near in error["hint"]


def test_where_nothing_is_near_all_of_them_are_named(office):
    error = office.refused(3, "audit", "log", "--act", "zzz")

    assert "resolve" in error["hint"]


@pytest.mark.parametrize("name", ["basis", "due_basis", "Due basis", "due-basis"])
def test_a_field_is_found_by_its_short_name_too(office, case, name):
    ref = case("assigned")
    office(
        "extend",
        ref,
        "--due",
        "2023-06-30",
        "--basis",
        "stated",
        *("--reason", "x", "--effective", "2022-06-01"),
    )
    found = office.json("audit", "log", "--field", name)

    assert [one["act"] for one in found] == ["assign", "extend"]


@pytest.mark.parametrize("name", [one for one in SHORT if SHORT[one] in names_of(Case.kind)])
def test_files_corrections_and_the_log_call_a_field_the_same(office, case, name):
    assert SHORT[name] in {column.field for column in COLUMNS}
    office("audit", "log", "--field", name)
    ref = case("assigned")
    refused = office.run("correct", ref, "--field", name, "--to", "x", "--reason", "y").stderr
    assert f"casework: {name} cannot be corrected" not in refused


def test_every_act_and_field_there_is_can_be_asked_for(office, case):
    case("resolved")
    log = office.json("audit", "log")
    for act in {event["act"] for event in log}:
        found = office.json("audit", "log", "--act", act)
        assert found == [event for event in log if event["act"] == act]
    assert {name for event in log for name in event["changes"]} <= known()
    assert {"name", "login", "state", "number"} <= known() < set().union(*map(names_of, KINDS))


def test_a_register_without_a_policy_says_so(office):
    assert office("policy", "show").stdout.splitlines()[0] == "four eyes: off"
    assert office("policy", "show", "--lang", "vi").stdout.startswith("cần hai người: không\n")
    assert office.json("policy", "show")["four_eyes"] is None


@pytest.mark.parametrize("today", ["today", "hôm nay", "2022-06-01"])
def test_a_day_is_meant_from_its_first_moment_to_its_last(office, today):
    with time_machine.travel("2022-05-31T17:00:01+00:00", tick=True):
        office("org", "add", "early", "--name", "Early")
    with time_machine.travel("2022-06-01T16:59:58+00:00", tick=True):
        office("org", "add", "late", "--name", "Late")
        found = {
            words: {one["key"] for one in office.json("audit", "log", *words, "--act", "add")}
            for words in (("--since", today), ("--until", today), ("--since", "2022-06-02"))
        }

    assert {"early", "late"} <= found["--since", today]
    assert {"early", "late"} <= found["--until", today]
    assert found["--since", "2022-06-02"].isdisjoint({"early", "late"})
    assert {"early", "late"}.isdisjoint(
        one["key"] for one in office.json("audit", "log", "--until", "2022-05-31")
    )
