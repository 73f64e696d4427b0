"""What the proposer of a recommendation says of its resolution."""

import pytest

RESOLVED = "2022-11-01"


@pytest.fixture
def ref(case):
    return case("resolved")


def test_a_verdict_stands_beside_the_answer_and_its_confirmation(office, ref):
    day = office.json("show", ref)["resolved_on"]
    office("verdict", ref, "not", "--reason", "two points are open", "--effective", day)
    shown = office.json("show", ref)

    assert (shown["verdict"], shown["verdict_on"]) == ("not", day)
    assert "chưa hài lòng" in office("show", ref, "--lang", "vi").stdout
    assert "not satisfied" in office("show", ref).stdout
    assert [one["ref"] for one in office.json("list", "--verdict", "not")] == [ref]
    assert office.json("list", "--verdict", "satisfied") == []
    assert office.json("history", ref)[-1]["changes"]["verdict"] == [None, "not"]
    office("verdict", ref, "satisfied", "--document", "45/UBND-NV")
    assert office.json("show", ref)["verdict"] == "satisfied"
    office("audit", "verify")


def test_a_verdict_goes_when_the_case_is_taken_up_again(office, ref):
    office("verdict", ref, "not")
    office("reopen", ref, "--reason", "the proposer is right")
    shown = office.json("show", ref)

    assert (shown["verdict"], shown["verdict_on"]) == (None, None)
    assert office.refused(4, "verdict", ref, "not")
    office("audit", "verify")


def test_only_of_a_resolution_and_by_its_proposer_a_verdict_is_taken(office, case, ref):
    for state in ("proposed", "assigned", "under_study"):
        office.refused(4, "verdict", case(state), "satisfied")
    office.refused(2, "verdict", ref, "pleased")
    office.refused(6, "verdict", ref, "satisfied", "--by", "lan")
    office.refused(4, "verdict", ref, "satisfied", "--effective", "2000-01-01")
    # The committee of the city proposed it, and minh is of the committee.
    office("verdict", ref, "silent", "--by", "minh")
    office.refused(4, "verdict", ref, "silent")

    assert office.json("show", ref)["verdict"] == "silent"


def test_a_case_closed_by_mistake_has_no_verdict_once_it_is_put_back(office, case):
    ref = case("proposed")
    office("close", ref, "--outcome", "withdrawn", "--reason", "they said so")
    office("verdict", ref, "not")
    office("reopen", ref, "--as-it-was", "--reason", "another case was meant")

    assert office.json("show", ref)["verdict"] is None
    office("audit", "verify")


def test_two_people_are_not_needed_for_what_the_proposer_says(office, ref):
    office("person", "add", "van", "--name", "Vân", "--org", "mofa", "--role", "secretariat",
           "--login", "van-login")  # fmt: skip
    office("policy", "four-eyes", "on", "--reason", "Decision 12")
    office("verdict", ref, "satisfied")

    assert office.json("show", ref)["verdict"] == "satisfied"


def test_a_review_says_what_was_answered_and_what_the_proposers_said(office):
    columns = "ref,title,proposer,conference,owner,state,outcome,answer,proposed_on,resolved_on\n"
    rows = [
        f"R.{number},T,vufo,NFAC-20,mofa,resolved,explained,Answer {number},2021-12-13,2022-06-01"
        for number in range(4)
    ]
    office("import", "-", input=columns + "\n".join(rows) + "\n")
    for number, said in ((0, "not"), (1, "satisfied"), (2, "not")):
        office("verdict", f"R.{number}", said, "--effective", "2022-07-01")
    words = ("report", "review", "--of", "NFAC-20", "--for", "NFAC-21", "--as-of", "2023-01-31")
    told = office.json(*words)

    assert told["verdicts"] == {"satisfied": 1, "not": 2, "silent": 0, "unasked": 1}
    assert {one["ref"]: (one["answer"], one["verdict"]) for one in told["recommendations"]} == {
        "R.0": ("Answer 0", "not"),
        "R.1": ("Answer 1", "satisfied"),
        "R.2": ("Answer 2", "not"),
        "R.3": ("Answer 3", None),
    }
    paper = office(*words, "--lang", "vi").stdout
    assert "Ý kiến của bên kiến nghị" in paper
    assert "Answer 3" in paper
