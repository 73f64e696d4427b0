"""`correct`: one more act that mends what was recorded; and `report diff`, which shows it."""

from datetime import datetime
from shlex import split

import pytest
import time_machine

NOW = "2026-03-02T09:00:00+07:00"


def at(moment):
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


def correct(office, ref, field, to, *more, code=0):
    words = ["correct", ref, "--field", field, "--to", to, "--reason", "misread", *more]
    return office.refused(code, *words) if code else office.json(*words)


@pytest.mark.parametrize(
    ("state", "field", "to", "shown"),
    [
        ("proposed", "title", "Better", "Better"),
        ("proposed", "title_vi", "Tốt hơn", "Tốt hơn"),
        ("proposed", "summary", "In short", "In short"),
        ("proposed", "conference", "nfac-21", "NFAC-21"),
        ("proposed", "proposer", "BNG", "mofa"),
        ("proposed", "addressee", "bo ngoai giao", "mofa"),
        ("proposed", "speaker", "lan", "lan"),
        ("proposed", "source", "p. 3", "p. 3"),
        ("proposed", "proposed_on", "2021-12-14", "2021-12-14"),
        ("assigned", "owner", "vufo", "vufo"),
        ("assigned", "officer", "lan", "lan"),
        ("assigned", "due", "2022-06-30", "2022-06-30"),
        ("assigned", "words", "soon", "soon"),
        ("assigned", "basis", "stated", "stated"),
        ("assigned", "assigned_on", "2022-01-12", "2022-01-12"),
        ("under_study", "study_on", "2022-02-03", "2022-02-03"),
        ("under_study", "outcome", "explained", "explained"),
        ("under_study", "answer", "Circular 4", "Circular 4"),
        ("resolved", "outcome", "explained", "explained"),
        ("resolved", "answer", "Circular 4", "Circular 4"),
        ("resolved", "document", "4/TT", "4/TT"),
        ("resolved", "resolved_on", "2022-11-02", "2022-11-02"),
        ("resolved", "document", "", None),
    ],
)
def test_what_was_recorded_wrongly_is_mended_by_one_more_act(office, case, state, field, to, shown):
    ref = case(state)
    if (field, to) == ("document", ""):
        correct(office, ref, "document", "wrong")
    before = office.json("history", ref)

    correct(office, ref, field, to)

    *kept, last = office.json("history", ref)
    name = {"words": "due_words", "basis": "due_basis"}.get(field, field)
    assert kept == before
    assert (last["act"], last["reason"], last["changes"][name][1]) == ("correct", "misread", shown)
    assert office.json("show", ref)["state"] == state
    assert office.json("audit", "verify")["ok"]


def test_a_correction_holds_from_the_day_of_the_wrong_value_unless_told_otherwise(office, case):
    ref = case("assigned")
    correct(office, ref, "due", "2022-06-30")
    correct(office, ref, "title", "Since May", "--effective", "2022-05-01")

    assert office.json("show", ref, "--as-of", "2022-01-10")["due"] == "2022-06-30"
    assert office.json("show", ref, "--as-of", "2022-04-30")["title"] == "Rules for offices"
    assert office.json("show", ref, "--as-of", "2022-05-01")["title"] == "Since May"


def test_the_original_due_date_is_mended_until_there_is_an_extension(office, case):
    ref = case("assigned", due="2022-12-31")
    first = correct(office, ref, "due", "2022-06-30")
    office(*split(f"extend {ref} --due 2023-06-30 --reason heard --effective 2022-06-01"))
    second = correct(office, ref, "due", "2023-05-31")
    none = correct(office, ref, "due", "")
    again = correct(office, ref, "due", "2023-05-31")

    told = [[one[k] for k in ("due", "original_due", "extensions")]
            for one in (first, second, none, again)]  # fmt: skip
    assert told == [
        ["2022-06-30", "2022-06-30", 0],
        ["2023-05-31", "2022-06-30", 1],
        [None, None, 0],
        ["2023-05-31", "2023-05-31", 0],
    ]
    assert correct(office, ref, "due", "2022-01-01", code=4)
    bases = [one["changes"].get("due_basis") for one in office.json("history", ref)]
    assert bases[-2:] == [["set", None], [None, "set"]]


def test_another_owner_has_no_officer_yet_and_coordinates_no_longer(office, case):
    ref = case("assigned")
    correct(office, ref, "officer", "lan")
    office("coordinate", ref, "--with", "vufo", "--with", "central")

    mended = correct(office, ref, "owner", "vufo")

    assert [mended[k] for k in ("owner", "officer", "coordinating")] == ["vufo", None, ["central"]]


@pytest.mark.parametrize(
    ("state", "field", "to", "code"),
    [
        ("proposed", "state", "resolved", 2),
        ("proposed", "with", "vufo", 2),
        ("proposed", "outcome", "implemented", 4),
        ("proposed", "owner", "mofa", 4),
        ("proposed", "officer", "lan", 4),
        ("proposed", "answer", "told", 4),
        ("proposed", "assigned_on", "2022-01-01", 4),
        ("proposed", "title", " ", 4),
        ("proposed", "proposer", "", 4),
        ("proposed", "proposed_on", "2999-01-01", 4),
        ("proposed", "proposer", "nobody", 3),
        ("proposed", "title", "Rules for offices", 4),
        ("assigned", "study_on", "2022-03-01", 4),
        ("assigned", "resolved_on", "2022-03-01", 4),
        ("assigned", "owner", "", 4),
        ("assigned", "owner", "central", 4),
        ("assigned", "assigned_on", "", 4),
        ("assigned", "assigned_on", "2021-12-01", 4),
        ("assigned", "proposed_on", "2022-02-01", 4),
        ("assigned", "due", "2022-01-09", 4),
        ("assigned", "due", "2022-02-30", 2),
        ("assigned", "basis", "guessed", 2),
        ("resolved", "outcome", "done", 2),
        ("resolved", "outcome", "", 4),
        ("resolved", "answer", "", 4),
        ("resolved", "study_on", "2022-12-01", 4),
        ("resolved", "resolved_on", "2022-01-31", 4),
    ],
)
def test_what_no_act_would_have_recorded_is_refused(office, case, state, field, to, code):
    correct(office, case(state), field, to, code=code)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("--effective 2999-01-01", 4),
        ("--effective 2021-12-12", 4),
        ("--if-version 1", 5),
        ("--by lan", 6),
        ("--by chi", 6),
    ],
)
def test_a_correction_obeys_dates_versions_and_rights(office, case, more, code):
    ref = case("assigned")
    correct(office, ref, "title", "Better", *split(more), code=code)
    correct(office, ref, "title", "Better", "--if-version", "2")


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_correction_needs_a_reason(office, case, reason):
    office.refused(4, *f"correct {case()} --field title --to Better --reason".split(), reason)


def test_a_case_closed_without_study_cannot_be_corrected_to_have_been_implemented(office, case):
    ref = case()
    office(*split(f"close {ref} --outcome withdrawn --reason 'asked no more'"))

    correct(office, ref, "outcome", "implemented", code=4)
    correct(office, ref, "outcome", "duplicate")


def test_what_did_not_fit_before_does_not_stand_in_the_way_of_another_field(office, case):
    ref = case("assigned", due="2022-12-31")
    for command in (
        f"return {ref} --reason theirs --effective 2022-02-01",
        f"close {ref} --outcome withdrawn --reason 'asked no more' --effective 2022-02-02",
        f"reopen {ref} --owner vufo --reason 'asked again' --effective 2023-06-01",
    ):
        office(*split(command))

    correct(office, ref, "title", "Asked again")
    correct(office, ref, "due", "2023-03-31", code=4)
    correct(office, ref, "due", "2023-12-31")


# --- report diff -------------------------------------------------------------------------------


def diff(office, *words):
    return office.json("report", "diff", "--as-of", "2022-07-01", *words)


@pytest.fixture
def corrected(office):
    """A case of which two corrections, on two days, tell otherwise of the first of July 2022."""
    with at("2026-01-05T09:00:00+07:00"):
        office(*split("propose --ref A.1 --title T --proposer vufo --effective 2021-12-13"))
        office(*split("assign A.1 --owner mofa --due 2022-12-31 --effective 2022-01-10"))
    with at("2026-02-02T09:00:00+07:00"):
        correct(office, "A.1", "due", "2022-06-30")
    with at(NOW):
        correct(office, "A.1", "owner", "vufo")
    return office


DUE = [
    {"ref": "A.1", "field": name, "then": "2022-12-31", "now": "2022-06-30"}
    for name in ("due", "original_due")
]
OWNER = [{"ref": "A.1", "field": "owner", "then": "mofa", "now": "vufo"}]


def test_a_report_is_told_what_later_corrections_changed_in_it(corrected):
    with at(NOW):
        known = ["--known-at", "2026-01-31"]

        assert diff(corrected, *known) == OWNER + DUE
        assert diff(corrected, *known, "--and", "2026-02-28") == DUE
        assert diff(corrected, "--known-at", "2026-02-28") == OWNER
        assert corrected("report", "diff", "--as-of", "2022-07-01", *known).stdout.count("A.1") == 3


def test_where_nothing_was_learnt_there_is_no_difference(corrected):
    with at(NOW):
        assert diff(corrected, "--known-at", "2026-03-02") == []
        assert diff(corrected, "--known-at", "2026-01-10", "--and", "2026-01-20") == []
        before = ["report", "diff", "--as-of", "2021-12-31", "--known-at", "2026-01-31"]
        assert corrected.json(*before) == []


def test_a_case_registered_later_is_a_difference_in_every_field_it_has(corrected):
    with at("2026-03-03T09:00:00+07:00"):
        corrected(*split("propose --ref A.2 --title New --proposer mofa --effective 2022-06-01"))
        found = {one["field"]: one for one in diff(corrected, "--known-at", "2026-03-02")}

    assert {one["ref"] for one in found.values()} == {"A.2"}
    assert (found["title"]["then"], found["title"]["now"]) == (None, "New")
    assert found["state"]["now"] == "proposed"


def test_both_papers_can_be_made_again(corrected):
    """What the diff says is the difference of the two reports."""
    with at(NOW):
        ask = ["report", "overdue", "--as-of", "2022-07-01"]
        then = corrected.json(*ask, "--known-at", "2026-01-31")
        now = corrected.json(*ask)

    assert [one["ref"] for one in then["overdue"]] == []
    assert [(one["ref"], one["owner"]) for one in now["overdue"]] == [("A.1", "vufo")]


@pytest.mark.parametrize(
    "words", ["--as-of 2022-07-01", "--known-at 2026-01-01", "--as-of x --known-at 2026-01-01"]
)
def test_a_diff_is_asked_of_a_day_and_a_time(office, words):
    office.refused(2, "report", "diff", *split(words))
