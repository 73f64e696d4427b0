"""`correct --event N`: an act is amended where it stands, or taken out of what was done."""

from shlex import split

import pytest
from offices import settled, strict_office

MORE = "--reason heard --effective"


@pytest.fixture
def extended(office, case):
    """A case with two extensions, in April and in March; and the numbers of its events."""
    ref = case("assigned", due="2022-06-10")
    office(*split(f"extend {ref} --due 2022-12-01 {MORE} 2022-04-01"))
    office(*split(f"extend {ref} --due 2022-09-01 {MORE} 2022-03-01"))
    return ref, [one["seq"] for one in office.json("history", ref)]


def due(office, ref, *when):
    shown = office.json("show", ref, *when)
    return shown["due"], shown["extensions"]


def strike(office, ref, event, code=0):
    words = ["correct", ref, "--event", str(event), "--strike", "--reason", "entered twice"]
    return office.refused(code, *words) if code else office.json(*words)


def test_an_act_that_is_taken_out_was_never_done_and_stays_in_the_history(office, extended):
    ref, (*_, april, _) = extended

    strike(office, ref, april)

    assert due(office, ref) == ("2022-09-01", 1)
    assert due(office, ref, "--as-of", "2022-05-01") == ("2022-09-01", 1)
    told = office.json("history", ref)
    assert (told[-1]["strikes"], told[-1]["reason"]) == (april, "entered twice")
    assert [one["seq"] for one in told[:-1]] == extended[1]
    shown = office("history", ref).stdout
    assert f"taken out by: #{told[-1]['seq']}" in shown
    assert f"takes out: #{april}" in shown
    office("audit", "verify")


def test_what_took_an_act_out_is_taken_out_itself(office, extended):
    ref, (*_, april, _) = extended
    strike(office, ref, april)
    last = office.json("history", ref)[-1]["seq"]

    strike(office, ref, last)

    assert due(office, ref) == ("2022-12-01", 2)
    office("audit", "verify")


def test_an_act_is_not_taken_out_where_a_later_one_rests_on_it(office, extended):
    ref, (_, assigned, *_) = extended

    error = strike(office, ref, assigned, code=4)

    assert (
        f"event {extended[1][2]}" in error["message"]
        or f"event {extended[1][3]}" in error["message"]
    )
    assert due(office, ref) == ("2022-12-01", 2)
    first = strike(office, ref, extended[1][0], code=4)["message"]
    assert all(f"event {one}, " in first for one in extended[1][1:])


def test_the_act_of_a_number_is_corrected_on_its_own_day(office, extended):
    ref, (*_, march) = extended

    office(*split(f"correct {ref} --event {march} --field due --to 2022-08-15 --reason misread"))

    assert due(office, ref, "--as-of", "2022-03-15") == ("2022-08-15", 1)
    assert due(office, ref) == ("2022-12-01", 2)
    error = office.refused(
        4, *split(f"correct {ref} --event {march} --field due --to 2023-01-01 --reason misread")
    )
    assert "2022-04-01" in error["message"]
    office("audit", "verify")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--event 99999 --strike", 3),
        ("--event 99999 --field due --to 2022-08-15", 3),
        ("--strike", 2),
        ("--event {first} --strike --field due", 2),
        ("--event {first} --field due --to 2022-08-15", 4),
        ("--field due", 2),
        ("", 2),
    ],
)
def test_what_is_no_such_correction_is_refused(office, extended, words, code):
    ref, (first, *_) = extended

    office.refused(code, *split(f"correct {ref} --reason r {words.format(first=first)}"))

    assert len(office.json("history", ref)) == len(extended[1])


def test_two_people_take_out_what_was_decided(office, case):
    ref = case("resolved")
    resolved = office.json("history", ref)[-1]["seq"]
    for person, login in (("hai", "hai"), ("hoa", "hoa")):
        more = ["--org", "mofa", "--role", "secretariat", "--login", login]
        office("person", "add", person, "--name", person, *more)
    office("policy", "four-eyes", "on", "--reason", "asked for")

    strike(office, ref, resolved)

    assert office.json("show", ref)["state"] == "resolved"
    assert office.json("request", "list")[0]["subject"] == ref


def test_two_people_amend_what_was_decided_and_then_take_it_out(office, case):
    ref = settled(strict_office(office), case)
    resolved = office.json("history", ref)[-1]
    before = office.json("show", ref)
    words = ("correct", ref, "--event", resolved["seq"], "--reason", "the letter is older")
    moved = (*words, "--field", "resolved_on", "--to", "2022-06-15")

    office(*moved, "--by", "nga")

    assert {**office.json("show", ref), "waiting": None} == before
    assert "R1" in office.refused(5, *words, "--strike", "--by", "van")["message"]
    office.refused(6, "request", "confirm", f"{ref}.R1", "--by", "nga")
    office("request", "confirm", f"{ref}.R1", "--by", "van")

    assert office.json("show", ref)["resolved_on"] == "2022-06-15"
    assert office.json("show", ref, "--as-of", "2022-06-15")["state"] == "resolved"
    amended = office.json("history", ref)[-1]
    assert (amended["amends"], amended["act"]) == (resolved["seq"], "correct")

    office(*words, "--strike", "--by", "nga")

    assert office.json("show", ref)["state"] == "resolved"
    office("request", "confirm", f"{ref}.R2", "--by", "van")
    assert office.json("show", ref)["state"] == "under_study"
    assert office.json("show", ref, "--as-of", "2022-06-15")["state"] == "under_study"
    assert office.json("history", ref)[-1]["strikes"] == resolved["seq"]
    assert office.json("audit", "verify")["ok"] is True
