"""What was done by mistake: put back, taken back, and told as what it was."""

import csv
import io

import pytest

WAS = ("state", "owner", "officer", "due", "outcome", "answer", "document", "answered_by")


def standing(office, ref):
    shown = office.json("show", ref)
    return {name: shown[name] for name in (*WAS, "answered_on", "assigned_on", "study_on")}


def close(office, ref):
    office("close", ref, "--outcome", "withdrawn", "--reason", "a slip")


def confirm(office, ref):
    office("advance", ref, "--outcome", "implemented", "--answer", "Wrong", "--document", "9/QD")


@pytest.mark.parametrize(
    ("state", "end"), [("proposed", close), ("assigned", close), ("under_study", confirm)]
)
def test_a_case_closed_by_mistake_goes_back_to_what_it_was(office, case, state, end):
    ref = case(state)
    if state == "under_study":
        office("answer", ref, "--outcome", "explained", "--answer", "Theirs", "--document", "1/CV")
    before = standing(office, ref)
    end(office, ref)
    office("reopen", ref, "--as-it-was", "--reason", "another case was meant")
    found = office.json("audit", "findings", "--rule", "reopened")

    assert before["state"] == state
    assert standing(office, ref) == before
    assert [one["ref"] for one in found] == [ref]
    assert office("audit", "verify")
    assert office.json("show", ref)["reopened"] == 1


def test_what_was_put_back_may_be_closed_again_and_put_back_again(office, case):
    ref = case("assigned")
    for times in (1, 2):
        close(office, ref)
        back = office.json("reopen", ref, "--as-it-was", "--reason", "a slip")

        assert back["state"] == "assigned"
        assert back["reopened"] == times
    office("advance", ref)
    confirm(office, ref)
    assert office.json("show", ref)["state"] == "resolved"


def test_the_review_balances_with_a_case_that_was_put_back(office, case):
    ref, other = case(), case("resolved")
    close_on = ["--outcome", "withdrawn", "--reason", "slip", "--effective"]
    office("close", ref, *close_on, "2022-03-01")
    office("reopen", ref, "--as-it-was", "--reason", "r", "--effective", "2022-03-02")
    flow = office.json("report", "review", "--of", "NFAC-20", "--for", "NFAC-21")["balance"]

    assert flow["opening"] + flow["new"] + flow["reopened"] - flow["closed"] == flow["closing"]
    assert (flow["closing"], flow["closed"], flow["reopened"]) == (1, 2, 1)
    assert other


def test_only_what_was_closed_here_is_put_back(office, case):
    open_one, told = case("assigned"), io.StringIO()
    row = {
        "ref": "A.1", "title": "T", "proposer": "hcmc-pc", "state": "resolved", "answer": "Done",
        "outcome": "implemented", "resolved_on": "2022-05-01", "proposed_on": "2022-01-01",
        "owner": "mofa",
    }  # fmt: skip
    writer = csv.DictWriter(told, row)
    writer.writeheader()
    writer.writerow(row)
    office("import", "-", input=told.getvalue())
    back = ["--as-it-was", "--reason", "r"]
    error = office.refused(4, "reopen", open_one, *back)
    office.refused(2, "reopen", "A.1", *back, "--owner", "vufo")
    office.refused(6, "reopen", "A.1", *back, "--by", "thanh")
    left = office.json("reopen", "A.1", *back)["state"]

    assert open_one in error["message"]
    assert left == "under_study"


def test_an_answer_taken_back_takes_along_who_gave_it_and_when(office, case):
    for field in ("answer", "outcome"):
        ref = case("under_study")
        office("answer", ref, "--outcome", "explained", "--answer", "Wrong", "--document", "1/CV")
        office("correct", ref, "--field", field, "--to", "", "--reason", "another case was meant")
        shown = office.json("show", ref)

        assert [shown[name] for name in WAS[4:]] == [None] * 4
        assert shown["answered_on"] is None
        refused = office.refused(4, "advance", ref, "--outcome", "explained")
        assert "answer" in refused["message"]
    assert office("audit", "verify")


def test_the_state_is_corrected_by_no_correction_and_told_by_which_command(office, case):
    ref = case()
    error = office.refused(
        2, "correct", ref, "--field", "state", "--to", "assigned", "--reason", "r"
    )

    assert f"reopen {ref} --as-it-was" in error["hint"]


def test_what_is_possible_now_is_told_in_commands_there_are(office, case):
    expected = {
        "proposed": "assign, close",
        "assigned": "advance, return, close",
        "under_study": "advance --outcome … --answer …, return",
        "resolved": "reopen, reopen --as-it-was",
    }
    for state, commands in expected.items():
        verb = ["reopen", "--reason", "r"] if state != "resolved" else ["advance"]
        error = office.refused(4, verb[0], case(state), *verb[1:])
        if state != "resolved":
            assert error["hint"] == f"possible now: {commands}"
    error = office.refused(4, "assign", case("resolved"), "--owner", "mofa", "--due", "2999-01-01")
    assert error["hint"] == f"possible now: {expected['resolved']}"


def test_words_of_a_list_may_be_written_with_hyphens_underscores_and_blanks(office, case):
    ref = case("under_study")
    for written in ("under_study", "under-study", "Under study"):
        listed = office.json("list", "--state", written)

        assert [one["ref"] for one in listed] == [ref]
    office("answer", ref, "--outcome", "not_accepted", "--answer", "No")
    assert office.json("show", ref)["outcome"] == "not-accepted"
    office("correct", ref, "--field", "outcome", "--to", "Partly implemented", "--reason", "r")
    assert office.json("show", ref)["outcome"] == "partly-implemented"
    office.refused(2, "list", "--state", "studied")


@pytest.mark.parametrize("ref", ["NFAC-20.001", "nfac-20.1", "NFAC-20.0001", "NFAC-20.01"])
def test_a_reference_that_only_zeros_tell_apart_is_taken(office, ref):
    given = ("--title", "T", "--proposer", "hcmc-pc")
    office("propose", "--ref", "NFAC-20.1", *given)
    error = office.refused(5, "propose", "--ref", ref, *given)

    assert "NFAC-20.1" in error["message"]
    assert "casework show NFAC-20.1" in error["hint"]
    for other in ("NFAC-20.10", "NFAC-20.11", "NFAC-2.01", "NFAC-20.1A", "NFAC-20"):
        office("propose", "--ref", other, *given)
