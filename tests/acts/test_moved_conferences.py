"""A conference that is moved, and the deadlines that are told by it."""

import csv
import io

import pytest

MOVE = ["conference", "move", "NFAC-21", "--date", "2023-11-29", "--reason", "the hall"]
THEN = ["--effective", "2023-10-01"]


@pytest.fixture
def due_before(office):
    """A function that assigns a case with a due date in words."""

    def assigned(words, ref="A-1"):
        given = ["--title", ref, "--proposer", "hcmc-pc", "--effective", "2022-01-03"]
        office("propose", "--ref", ref, *given)
        office("assign", ref, "--owner", "mofa", "--due", words, "--effective", "2022-01-10")

    return assigned


@pytest.mark.parametrize("words", ["trước NFAC-21", "before NFAC-21", "trước hội nghị 21"])
def test_cases_whose_deadline_is_told_by_a_moved_conference_are_listed(office, due_before, words):
    due_before(words)
    due_before("2023-12-17", "A-2")
    moved = office.json(*MOVE, *THEN, "--dry-run")
    told = office(*MOVE, *THEN)

    listed = {"ref": "A-1", "due": "2023-12-17", "new_due": "2023-11-28", "recomputed": False}
    assert moved["affected"] == [listed]
    assert moved["date"] == "2023-11-29"
    assert "A-1" in told.stdout
    assert "A-2" not in told.stdout
    assert "--recompute" in told.stderr
    assert office.json("show", "A-1")["due"] == "2023-12-17"


def test_their_deadlines_are_moved_where_that_is_asked_for(office, due_before):
    due_before("trước NFAC-21")
    found = office.json(*MOVE, *THEN, "--recompute")["affected"]
    last = office.json("history", "A-1")[-1]

    assert [one["recomputed"] for one in found] == [True]
    assert office.json("show", "A-1")["due"] == "2023-11-28"
    assert (last["act"], last["reason"]) == ("recompute", "the hall")
    back = ["--date", "2023-12-20", "--reason", "after all", "--recompute"]
    office("conference", "move", "NFAC-21", *back)
    assert office.json("show", "A-1")["due"] == "2023-12-19"
    office("audit", "verify")


def test_the_same_command_moves_what_an_earlier_move_left(office, due_before):
    due_before("trước NFAC-21")
    office(*MOVE, *THEN)
    again = office.json(*MOVE, *THEN, "--recompute")

    assert [(one["new_due"], one["recomputed"]) for one in again["affected"]] == [
        ("2023-11-28", True)
    ]
    assert office.json("show", "A-1")["due"] == "2023-11-28"
    moves = [event["act"] for event in office.json("audit", "log", "--act", "move")]
    assert moves == ["move"]
    assert "like that already" in office.refused(4, *MOVE, *THEN, "--recompute")["message"]
    office("audit", "verify")


@pytest.mark.parametrize("recompute", [[], ["--recompute"]])
def test_a_later_move_knows_what_an_earlier_one_left(office, due_before, recompute):
    due_before("trước NFAC-21")
    office(*MOVE, *THEN)
    later = ["conference", "move", "NFAC-21", "--date", "2023-11-20", "--reason", "again"]
    (found,) = office.json(*later, *THEN, *recompute)["affected"]

    assert (found["due"], found["new_due"]) == ("2023-12-17", "2023-11-19")
    assert office.json("show", "A-1")["due"] == ("2023-11-19" if recompute else "2023-12-17")
    assert office.json(*later[:4], "2023-12-18", "--reason", "back")["affected"] == (
        [{"ref": "A-1", "due": "2023-11-19", "new_due": "2023-12-17", "recomputed": False}]
        if recompute
        else []
    )


def test_a_deadline_that_was_moved_since_is_left_alone(office, due_before):
    due_before("trước NFAC-21")
    later = ["--due", "2024-02-01", "--reason", "asked", "--effective", "2023-01-10"]
    office("extend", "A-1", *later)

    assert office.json(*MOVE, *THEN)["affected"] == []


def test_the_days_of_a_hold_stay_given_back(office, due_before):
    due_before("trước NFAC-21")
    office("hold", "A-1", "--reason", "x", "--effective", "2022-02-01")
    office("resume", "A-1", "--effective", "2022-02-11")
    (found,) = office.json(*MOVE, *THEN)["affected"]

    assert (found["due"], found["new_due"]) == ("2023-12-27", "2023-12-08")


def test_every_format_tells_what_is_due_between_the_two_dates(office, due_before):
    due_before("trước NFAC-21")
    office(*MOVE, *THEN)
    ask = ["report", "overdue", "--before", "NFAC-21", "--as-of", "2023-11-01"]
    report = office.json(*ask)
    rows = list(csv.DictReader(io.StringIO(office(*ask, "--format", "csv").stdout)))

    assert [one["ref"] for one in report["between"]] == ["A-1"]
    assert [one["ref"] for one in rows if one["section"] == "between"] == ["A-1"]
    assert "Due between the two dates (1)" in office(*ask).stdout
    assert office.json("report", "overdue", "--as-of", "2023-09-01")["between"] == []


# --- which one is next ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "unclear"),
    [
        (["NFAC-22", "--number", "22", "--date", "2025"], True),
        (["FORUM", "--date", "2025-06-01"], True),
        (["NFAC-22", "--number", "22", "--date", "2029"], False),
        (["NFAC-19", "--number", "19", "--date", "2024"], False),
        (["FORUM", "--date", "2028-06-01"], False),
        (["NFAC-22", "--number", "22"], True),
        (["NFAC-19", "--number", "19"], False),
        (["NFAC-24", "--number", "24"], False),
        (["NFAC-24", "--number", "24", "--date", "2028"], False),
        (["FORUM-22", "--number", "22"], False),
        (["FORUM"], False),
    ],
)
def test_the_horizon_does_not_jump_over_a_conference_that_may_come_first(office, words, unclear):
    office("conference", "add", "NFAC-23", "--number", "23", "--date", "2028-01-10")
    office("conference", "add", *words)
    ask = ["report", "overdue", "--as-of", "2025-02-01"]
    horizon = office.json(*ask)["horizon"]
    paper = office(*ask).stdout

    if not unclear:
        assert horizon == {"conference": "NFAC-23", "date": "2028-01-10"}
        return
    assert horizon == {"conference": None, "date": None, "unclear": [words[0]]}
    assert words[0] in paper
    assert "--until" in paper
    assert words[0] in office("report", "forecast", "--as-of", "2025-02-01").stdout
    named = office.json(*ask, "--before", "NFAC-23")["horizon"]
    assert named == {"conference": "NFAC-23", "date": "2028-01-10"}


def test_a_deadline_before_the_conference_asks_which_where_that_is_not_clear(office, case):
    ref = case()
    office("conference", "add", "NFAC-30", "--number", "30", "--date", "2099-01-10")
    office("conference", "add", "NFAC-29", "--number", "29", "--date", "2098")
    error = office.refused(4, "assign", ref, "--owner", "mofa", "--due", "trước hội nghị")

    assert "NFAC-29 (2098)" in error["message"]
    office("assign", ref, "--owner", "mofa", "--due", "trước NFAC-30")


def test_a_row_of_a_file_means_the_same_conference_as_the_option_does(office, case):
    office("conference", "add", "FORUM", "--date", "2099-05-01", "--name", "NFAC-30")
    office("conference", "add", "NFAC-30", "--number", "30", "--date", "2099-01-10")
    office("conference", "add", "OTHER-30", "--number", "30", "--series", "OTHER", "--date", "2098")
    head = "ref,title,proposer,owner,state,proposed_on,assigned_on,due\n"
    row = head + "{},T,vufo,mofa,assigned,2022-01-03,2022-01-10,{}\n"

    for number, words in enumerate(("before nfac-30", "trước NFAC-30")):
        ref = case()
        told = office.json("assign", ref, "--owner", "mofa", "--due", words)["due"]
        office("import", "-", input=row.format(f"A.{number}", words))
        assert office.json("show", f"A.{number}")["due"] == told == "2099-01-09"
    for words, fault in (
        ("before conference 30", "OTHER-30, NFAC-30 have the number 30"),
        ("before conference 99", "no conference has the number 99"),
        ("before nowhere", "no conference has the name 'nowhere'"),
    ):
        error = office.refused(2, "import", "-", input=row.format("A.9", words))
        assert fault in str(error).replace('"', "'")


@pytest.mark.parametrize("words", ["before SM-1", "trong thời gian tới", "2022-03-01"])
def test_a_deadline_that_was_extended_to_a_conference_moves_with_it(office, words):
    given = ["--title", "T", "--proposer", "hcmc-pc", "--effective", "2022-01-03"]
    by = "2022-03-01" if words[0] == "t" else words
    office("conference", "add", "SM-1", "--number", "1", "--date", "2022-03-01")
    office("propose", "--ref", "A-1", *given, *(["--words", words] if by != words else []))
    office("assign", "A-1", "--owner", "mofa", "--due", by, "--effective", "2022-01-10")
    office("extend", "A-1", "--due", "before NFAC-21", "--reason", "r", "--effective", "2022-02-01")
    assert office.json("show", "A-1")["due_words"] == "before NFAC-21"

    office(*MOVE, *THEN, "--recompute")

    assert office.json("show", "A-1")["due"] == "2023-11-28"
    office("extend", "A-1", "--due", "31/12/2099", "--reason", "r")
    assert office.json("show", "A-1")["due_words"] == "before NFAC-21"
