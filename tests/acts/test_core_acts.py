"""What each act on a case changes, and what it leaves alone."""

from shlex import split

import pytest
import time_machine


def changed(before, after):
    """Return what differs between two states of a case beside its version, which must be next."""
    assert after.pop("version") == before.pop("version") + 1
    assert after.keys() == before.keys()
    return {name: after[name] for name in after if after[name] != before[name]}


def test_an_assigned_case_that_is_returned_keeps_its_due_date_and_loses_its_owner(office, case):
    ref = case("assigned")
    before = office.json("show", ref)

    office(*split(f"return {ref} --reason 'not ours' --effective 2022-02-01 --by lan"))

    after = changed(before, office.json("show", ref))
    assert after == {"state": "proposed", "owner": None, "assigned_on": None}


def test_a_case_returned_from_study_keeps_its_owner_and_loses_its_answer(office, case):
    ref = case("under_study")
    before = office.json("show", ref)
    office(*split(f"answer {ref} --outcome explained --answer A --document D --by lan"))

    office(*split(f"return {ref} --reason 'not enough'"))

    before["version"] += 1
    after = changed(before, office.json("show", ref))
    assert after == {"state": "assigned", "study_on": None}


@pytest.mark.parametrize("state", ["assigned", "under_study"])
def test_reassigning_changes_the_owner_and_neither_state_nor_due_date(office, case, state):
    ref = case(state)
    office(*split(f"coordinate {ref} --with vufo --with hcmc-pc"))
    before = office.json("show", ref)

    office(*split(f"reassign {ref} --owner vufo --with mofa --reason 'they hold the draft'"))

    after = changed(before, office.json("show", ref))
    assert after == {"owner": "vufo", "coordinating": ["hcmc-pc", "mofa"]}


def test_extending_moves_the_due_date_and_keeps_the_original_one(office, case):
    ref = case("under_study", due="2022-12-31")
    before = office.json("show", ref)

    office(*split(f"extend {ref} --due 2023-06-30 --reason hearings --effective 2022-12-01"))
    office(*split(f"extend {ref} --due 2999-12-31 --reason elections --basis stated"))

    before["version"] += 1
    after = changed(before, office.json("show", ref))
    assert after == {
        "due": "2999-12-31",
        "due_basis": "stated",
        "extensions": 2,
        "overdue": False,
        "days_overdue": 0,
        "days_late": 0,
    }


def test_reopening_restores_owner_and_overdue_and_keeps_the_first_resolution(office, case):
    ref = case("resolved", due="2022-12-31")

    with time_machine.travel("2023-01-10T05:00:00+00:00", tick=False):
        office(*split(f"reopen {ref} --reason 'one way only'"))
        reopened = office.json("show", ref)
        office(*split(f"advance {ref} --outcome explained --answer B"))
        office(*split(f"reopen {ref} --reason 'again'"))

    assert (reopened["state"], reopened["owner"]) == ("under_study", "mofa")
    assert (reopened["due"], reopened["days_overdue"]) == ("2022-12-31", 10)
    assert (reopened["outcome"], reopened["answer"], reopened["resolved_on"]) == (None, None, None)
    first = {"outcome": "implemented", "answer": "Circular 3", "resolved_on": "2022-11-01"}
    assert reopened["first_resolution"] == first
    again = office.json("show", ref)
    assert (again["first_resolution"], again["reopened"]) == (first, 2)


@pytest.mark.parametrize("state", ["proposed", "assigned", "under_study", "resolved"])
def test_editing_changes_what_is_said_and_nothing_else(office, case, state):
    ref = case(state)
    before = office.json("show", ref)

    office(*split(f"edit {ref} --title 'Rules, both ways' --words 'next year' --theme law"))

    after = changed(before, office.json("show", ref))
    assert after == {"title": "Rules, both ways", "due_words": "next year", "theme": ["law"]}


def test_a_note_changes_nothing_and_stands_in_the_history(office, case):
    ref = case("assigned")
    before = office.json("show", ref)

    office("note", ref, "The draft went to the Ministry of Justice.", "--by", "minh")

    assert changed(before, office.json("show", ref)) == {}
    event = office.json("history", ref)[-1]
    assert (event["act"], event["actor"], event["changes"]) == ("note", "minh", {})
    assert event["note"] == "The draft went to the Ministry of Justice."


def test_coordinating_organisations_and_links_come_and_go(office, case):
    late, early = case(), case()

    office(*split(f"coordinate {late} --with vufo --with BNG"))
    office(*split(f"coordinate {late} --with central --without mofa"))
    office(*split(f"link {late} --repeats {early}"))
    office(*split(f"link {late} --relates-to {early}"))
    linked = office.json("show", late)
    office(*split(f"link {late} --relates-to {early} --remove"))

    assert linked["coordinating"] == ["vufo", "central"]
    assert [link["relation"] for link in linked["links"]] == ["repeats", "relates-to"]
    assert office.json("show", late)["links"] == [{"relation": "repeats", "ref": early}]
    assert office.json("show", early)["linked_from"] == [{"relation": "repeats", "ref": late}]
    assert f"repeats {early}\n" in office("show", late).stdout
    assert f"{late}, which repeats it\n" in office("show", early).stdout
    told = office.run("--lang", "vi", "history", late).stdout
    assert f"liên kết: – → kiến nghị lại {early}" in told


def test_a_case_is_locked_once_for_an_act(office, case, recorded):
    if "://" not in office.url:
        pytest.skip("on SQLite a writer has the whole file")
    ref = case("assigned")
    with recorded() as sent:
        office("note", ref, "text")

    assert sum("casework_lock" in statement for statement, _ in sent) == 1
