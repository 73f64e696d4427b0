"""What was once answered wrongly of an earlier day, with the right values.

Dates that were corrected, acts recorded out of the order of their effect, and seconds of a kind.
"""

from datetime import date, datetime

import pytest
import time_machine

PROPOSED, ASSIGNED = "2022-01-03", "2022-01-10"
DONE = ("--outcome", "implemented", "--answer", "x")
WHY = ("--reason", "x")


@pytest.fixture
def register(office):
    """A register with one more conference, whose acts are recorded in June 2026."""
    with time_machine.travel(datetime.fromisoformat("2026-06-01T03:00:00+00:00"), tick=False):
        office("conference", "add", "NFAC-22", "--number", 22, "--date", "2025-12-18",
               "--previous", "NFAC-21")  # fmt: skip
        yield office


@pytest.fixture
def begun(register):
    """A function that proposes a case and assigns it."""

    def make(ref="A-1", due="2022-06-10", proposed=PROPOSED, study=True):
        register("propose", "--ref", ref, "--title", "T", "--conference", "NFAC-20", "--proposer",
                 "hcmc-pc", "--effective", proposed)  # fmt: skip
        given = ("--owner", "mofa", "--due", due, "--effective", max(ASSIGNED, proposed))
        register("assign", ref, *given)
        if study:
            register("advance", ref, "--effective", max("2022-02-01", proposed))
        return ref

    return make


def slipped(office, *words):
    found = office.json("report", "slippage", *words)
    return {one["ref"]: one for one in found["cases"]}, {
        one["owner"]: one for one in found["by_owner"]
    }


# --- 2: one case makes no day unanswerable -----------------------------------------------------


def test_a_day_is_answered_whatever_was_dated_back(register, begun):
    begun()
    register("advance", "A-1", *DONE, "--effective", "2022-07-01")
    register("correct", "A-1", "--field", "resolved_on", "--to", "2022-05-20", *WHY,
             "--effective", "2022-05-20")  # fmt: skip
    shown = register.json("show", "A-1", "--as-of", "2022-05-25")

    assert (shown["state"], shown["resolved_on"]) == ("resolved", "2022-05-20")
    assert register.json("show", "A-1", "--as-of", "2022-05-19")["state"] == "under_study"


def test_an_extension_found_later_leaves_every_day_answerable(register):
    register("propose", "--ref", "A-1", "--title", "T", "--proposer", "hcmc-pc", "--effective",
             PROPOSED)  # fmt: skip
    register("close", "A-1", "--outcome", "withdrawn", *WHY, "--effective", "2022-01-10")
    register("reopen", "A-1", "--owner", "mofa", *WHY, "--effective", "2022-02-01")
    register("extend", "A-1", "--due", "2023-03-01", *WHY, "--effective", "2022-04-01")
    register("extend", "A-1", "--due", "2022-12-01", *WHY, "--effective", "2022-03-01")

    assert register.json("show", "A-1", "--as-of", "2022-03-15")["due"] == "2022-12-01"
    assert register.json("show", "A-1")["due"] == "2023-03-01"


# --- 3: a corrected date is right in every report ----------------------------------------------


def test_a_resolution_corrected_to_an_earlier_day_was_never_late(register, begun):
    begun()
    register("advance", "A-1", *DONE, "--effective", "2022-07-01")
    register("correct", "A-1", "--field", "resolved_on", "--to", "2022-06-01", *WHY)
    cases, owners = slipped(register)
    totals = register.json("report", "progress")["totals"]

    assert (totals["resolved_on_time"], totals["resolved_late"]) == (1, 0)
    assert cases == {}
    assert (owners["mofa"]["late"], owners["mofa"]["cases"]) == (0, 1)
    assert register.json("report", "overdue", "--as-of", "2022-06-15")["overdue"] == []


def test_a_resolution_corrected_to_a_later_day_was_late_in_somebodys_hands(register, begun):
    begun()
    register("advance", "A-1", *DONE, "--effective", "2022-06-10")
    register("correct", "A-1", "--field", "resolved_on", "--to", "2022-07-11", *WHY)
    cases, owners = slipped(register)
    shown = register.json("show", "A-1", "--as-of", "2022-06-20")

    assert cases["A-1"]["days_late"] == 31
    assert owners["mofa"]["late"] == 21
    assert cases["A-1"]["overdue"] == [{"first": "2022-06-11", "last": "2022-07-11"}]
    assert (shown["state"], shown["resolved_on"], shown["overdue"]) == ("under_study", None, True)


@pytest.mark.parametrize(
    ("field", "to"), [("assigned_on", "2022-01-20"), ("study_on", "2022-02-20")]
)
def test_a_step_that_was_corrected_lasts_from_its_right_day(register, begun, field, to):
    begun(study=field == "study_on")
    register("correct", "A-1", "--field", field, "--to", to, *WHY)
    told = register.json("report", "forecast", "--as-of", "2022-03-02", "--until", "2023-01-01")
    cases, _ = slipped(register, "--as-of", "2022-07-01")

    days = (date(2022, 3, 2) - date.fromisoformat(to)).days
    assert [one["days_in_state"] for one in told["cases"]] == [days]
    if field == "assigned_on":
        assert cases["A-1"]["tenures"][0]["since"] == to


# --- 4: a review closes as the next one opens --------------------------------------------------


def test_the_balance_goes_on_from_conference_to_conference(register, begun):
    begun("B-1", due="2030-01-01", proposed="2024-01-10")
    for ref, ended in (("B-2", "2024-02-01"), ("B-3", "2023-11-01")):
        begun(ref, due="2030-01-01")
        register("advance", ref, *DONE, "--effective", ended)
    for ref, field, to in (
        ("B-1", "proposed_on", "2023-11-01"),
        ("B-2", "resolved_on", "2023-12-01"),
        ("B-3", "resolved_on", "2024-02-01"),
    ):
        register("correct", ref, "--field", field, "--to", to, *WHY)
    ask = ("report", "review", "--of")
    first = register.json(*ask, "NFAC-20", "--for", "NFAC-21")
    second = register.json(*ask, "NFAC-21", "--for", "NFAC-22")

    assert first["balance"] == {
        "opening": 0, "new": 3, "reopened": 0, "closed": 1, "closing": 2,
    }  # fmt: skip
    assert [one["ref"] for one in first["carried_over"]] == ["B-3", "B-1"]
    assert second["balance"]["opening"] == 2
    assert second["balance"]["closed"] == 1


def test_a_case_is_new_in_one_review_only(register):
    register("propose", "--ref", "C-1", "--title", "T", "--proposer", "hcmc-pc", "--effective",
             "2021-12-01")  # fmt: skip
    register("correct", "C-1", "--field", "proposed_on", "--to", "2021-12-13", *WHY)
    balance = register.json("report", "review", "--of", "NFAC-20", "--for", "NFAC-21")["balance"]

    assert (balance["opening"], balance["new"], balance["closing"]) == (0, 1, 1)
    before = register.json("report", "progress", "--from", "2021-11-01", "--to", "2021-12-12")
    assert before["balance"]["new"] == 0


def test_a_second_resolution_that_was_corrected_counts_on_its_right_day(register, begun):
    begun("D-1", due="2030-01-01")
    register("advance", "D-1", *DONE, "--effective", "2022-06-01")
    register("reopen", "D-1", *WHY, "--effective", "2022-09-01")
    register("advance", "D-1", *DONE, "--effective", "2023-11-01")
    register("correct", "D-1", "--field", "resolved_on", "--to", "2024-02-01", *WHY)
    ask = ("report", "review", "--of")
    first = register.json(*ask, "NFAC-20", "--for", "NFAC-21")["balance"]
    second = register.json(*ask, "NFAC-21", "--for", "NFAC-22")["balance"]

    assert (first["reopened"], first["closed"], first["closing"]) == (1, 1, 1)
    assert (second["opening"], second["closed"], second["closing"]) == (1, 1, 0)


# --- 5: acts recorded out of the order of their effect -----------------------------------------


def test_an_answer_found_later_is_the_answer_of_its_day(register, begun):
    begun()
    for day in ("2022-05-01", "2022-04-01"):
        register("answer", "A-1", *DONE, "--effective", day)
    report = register.json("report", "overdue", "--as-of", "2022-04-15")
    shown = register.json("show", "A-1", "--as-of", "2022-04-15")

    assert report["claimed"] == []
    assert shown["answered_by"] == "registrar"


def test_a_case_is_resolved_with_an_answer_or_not_at_all(register, begun):
    begun()
    register("answer", "A-1", *DONE, "--effective", "2022-05-01")
    register.refused(4, "advance", "A-1", "--effective", "2022-04-01")


def test_an_extension_out_of_order_moves_what_stood_on_its_day(register, begun):
    begun()
    register("extend", "A-1", "--due", "2022-09-10", *WHY, "--effective", "2022-06-20")
    register("extend", "A-1", "--due", "2022-08-10", *WHY, "--effective", "2022-06-01")
    cases, _ = slipped(register, "--as-of", "2022-06-15")
    now, _ = slipped(register)

    assert [(one["old"], one["new"]) for one in cases["A-1"]["extensions"]] == [
        ("2022-06-10", "2022-08-10")
    ]
    assert len(now["A-1"]["extensions"]) == register.json("show", "A-1")["extensions"] == 2


def test_a_conference_was_moved_from_the_day_it_had_then(register):
    register("conference", "move", "NFAC-22", "--date", "2026-02-01", *WHY, "--effective",
             "2025-06-01")  # fmt: skip
    register("conference", "move", "NFAC-22", "--date", "2026-01-10", *WHY, "--effective",
             "2025-03-01")  # fmt: skip

    def horizon(day):
        asked = ("report", "overdue", "--before", "NFAC-22", "--as-of")
        found = register.json(*asked, day)["horizon"]
        return found["date"], found.get("moved_from")

    assert horizon("2025-01-01") == ("2025-12-18", None)
    assert horizon("2025-04-01") == ("2026-01-10", "2025-12-18")
    assert horizon("2025-07-01") == ("2026-02-01", "2026-01-10")


# --- 6, 7: seconds of a kind -------------------------------------------------------------------


def test_what_repeats_two_cases_keeps_its_age_from_the_first(register):
    for ref, day in (("NFAC-9.001", "1999-01-04"), ("NFAC-18.001", "2016-08-22"),
                     ("NFAC-20.001", "2021-12-13")):  # fmt: skip
        register("propose", "--ref", ref, "--title", "T", "--proposer", "hcmc-pc",
                 "--conference", "NFAC-20", "--effective", day)  # fmt: skip
    for earlier in ("NFAC-9.001", "NFAC-18.001"):
        register("link", "NFAC-20.001", "--repeats", earlier, "--effective", "2021-12-13")
    told = register.json("report", "review", "--of", "NFAC-20", "--for", "NFAC-21")
    asked = {one["ref"]: one["asked_again"] for one in told["recommendations"]}
    (again,) = (one for one in told["carried_over"] if one["ref"] == "NFAC-20.001")

    assert asked["NFAC-9.001"] == asked["NFAC-18.001"] == "NFAC-20.001"
    assert (again["first_ref"], again["times"]) == ("NFAC-9.001", 3)
    assert again["age_days"] == (date(2023, 12, 17) - date(1999, 1, 4)).days


def test_a_case_that_came_back_is_one_case_and_on_hold_nothing_comes_late(register, begun):
    begun(study=False)
    for owner, day in (("vufo", "2022-02-01"), ("mofa", "2022-03-01")):
        register("reassign", "A-1", "--owner", owner, *WHY, "--effective", day)
    begun("A-2", study=False)
    register("hold", "A-2", *WHY, "--effective", "2022-06-01")
    register("reassign", "A-2", "--owner", "vufo", *WHY, "--effective", "2022-07-01")
    _, owners = slipped(register, "--as-of", "2022-07-05")

    assert owners["mofa"]["cases"] == 2
    assert owners["vufo"]["inherited"] == 0


# --- 8: lateness that was shown does not disappear ---------------------------------------------


def test_an_extension_that_is_dated_back_leaves_what_the_register_showed(register, begun):
    begun()
    register("extend", "A-1", "--due", "2027-06-01", *WHY, "--effective", "2022-06-01")
    cases, owners = slipped(register)

    assert cases["A-1"]["overdue"] == [{"first": "2022-06-11", "last": "2026-06-01"}]
    assert (cases["A-1"]["days_late"], owners["mofa"]["late"]) == (0, 0)
    (given,) = cases["A-1"]["extensions"]
    assert (given["days_late"], given["shown_from"]) == (0, "2026-06-01")


def test_a_due_date_corrected_to_a_later_one_too(register, begun):
    begun()
    register("correct", "A-1", "--field", "due", "--to", "2027-06-01", *WHY)
    cases, owners = slipped(register)

    assert cases["A-1"]["overdue"] == [{"first": "2022-06-11", "last": "2026-06-01"}]
    assert owners["mofa"]["late"] == 0


def test_an_extension_told_by_a_document_counts_from_its_day(register, begun):
    begun()
    register("extend", "A-1", "--due", "2027-06-01", *WHY, "--document", "12/TB", "--effective",
             "2022-07-01")  # fmt: skip
    cases, _ = slipped(register)

    assert cases["A-1"]["overdue"] == [{"first": "2022-06-11", "last": "2022-07-01"}]


def test_the_date_on_a_document_says_from_when_it_counts(register, begun, tmp_path):
    begun()
    more = ("--document", "12/TB", "--effective", "2022-06-01")
    register("extend", "A-1", "--due", "2027-06-01", *WHY, *more, "--document-date", "2022-06-30")
    begun("A-2")
    register("hold", "A-2", *WHY, *more, "--document-date", "1/7/2022")
    begun("A-3")
    register("correct", "A-3", "--field", "due", "--to", "2027-06-01", *WHY, *more[:2],
             "--document-date", "2022-07-15")  # fmt: skip
    cases, _ = slipped(register)
    (given,) = cases["A-1"]["extensions"]
    printed = register("report", "slippage", "--lang", "vi").stdout
    history = register.json("history", "A-1")
    register("export", tmp_path / "cases.jsonl")

    assert [cases[ref]["overdue"] for ref in ("A-1", "A-2", "A-3")] == [
        [{"first": "2022-06-11", "last": last}]
        for last in ("2022-06-30", "2022-07-01", "2022-07-15")
    ]
    assert (given["document_date"], given["shown_from"]) == ("2022-06-30", "2022-06-30")
    assert "ngày văn bản" in printed
    assert history[-1]["document_date"] == "2022-06-30"
    assert '"document_date":"2022-06-30"' in (tmp_path / "cases.jsonl").read_text("utf-8").replace(
        ": ", ":"
    )
    register("audit", "verify")


@pytest.mark.parametrize(
    "words", [("--document-date", "2022-06-30"), ("--document", "x", "--document-date", "2030-1-1")]
)
def test_a_date_without_its_document_or_ahead_is_refused(register, begun, words):
    begun()
    register.refused(2, "extend", "A-1", "--due", "2027-06-01", *WHY, *words)
    register.refused(2, "hold", "A-1", *WHY, *words)
    register.refused(2, "correct", "A-1", "--field", "due", "--to", "2027-06-01", *WHY, *words)


def test_a_day_is_not_stated_before_it_comes(register, begun):
    begun()
    register("advance", "A-1", *DONE, "--effective", "2022-06-20")
    words = ("--field", "resolved_on", "--to", "2022-08-26", *WHY, "--effective", "2022-08-06")
    register.refused(4, "correct", "A-1", *words)
    stated = ("--field", "resolved_on", "--to", "2022-08-05", *WHY)
    register("correct", "A-1", *stated, "--effective", "2022-08-06")
    register.refused(4, "correct", "A-1", *words[:-2])
    assert register.json("show", "A-1", "--as-of", "2022-08-10")["resolved_on"] == "2022-08-05"
