"""What an inspector would ask about: each rule, and how near one can come without a finding."""

import contextlib
import csv
import io
import json
import os
import pty
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path
from shlex import split

import pytest
import texts
import time_machine
from click.testing import CliRunner
from offices import Shell

from casework.acts import actors, cases
from casework.cli import casework
from casework.cli.findings import findings
from casework.cli.settings import Settings
from casework.errors import NotFoundError, UsageError
from casework.kinds.records import Case
from casework.ledger import ledger
from casework.ledger.ledger import Desk
from casework.office import demo
from casework.proof import findings as rules
from casework.questions import audit_log, lookup
from casework.store import loading
from casework.system import platforms
from casework.system import spooled as storing
from casework.system.clock import today

DAY = date(2030, 1, 1)
LOGIN = platforms.login()


def asked(url, *words, form="json"):
    """Ask for findings. Until the command has its place in `audit`, it is called by itself."""
    settings = Settings(db=url, format=form)
    return CliRunner().invoke(findings, [*map(str, words)], obj=settings)


def listed(url, *words):
    result = asked(url, *words)
    assert result.exit_code == 0, result.exception or result.stderr
    return json.loads(result.stdout)


def found(shell, rule, *words):
    """Return the findings of a rule; in Vietnamese they are the same, but for the words."""
    english = listed(shell.url, "--rule", rule, *words)
    vietnamese = listed(shell.url, "--rule", rule, "--lang", "vi", *words)
    for one, other in zip(english, vietnamese, strict=True):
        assert one | {"text": ""} == other | {"text": ""}
        assert one["text"] != other["text"]
        assert "{" not in one["text"] + other["text"]
    return english


def seqs(shell, ref, *acts):
    """Return the numbers of the last events of these names on a case."""
    last = {event["act"]: event["seq"] for event in shell.json("history", ref)}
    return [last[act] for act in acts]


def on(day, hour="03:00:00"):
    return time_machine.travel(f"{day}T{hour}+00:00", tick=False)


@contextlib.contextmanager
def desk(shell, person, login):
    """Give a desk at which a person acts under a login of the system."""
    with shell.store().writing() as connection:
        zone = lookup.register(connection).zone
        yield Desk(connection, actors.actor(connection, person), login, today(zone))


def imported(shell, tmp_path, *rows):
    path = tmp_path / "told.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    shell("import", path)


STUDIED = {
    "ref": "T.1",
    "title": "T",
    "proposer": "hcmc-pc",
    "owner": "mofa",
    "state": "under_study",
    "assigned_on": "2021-01-01",
}
ANSWER = "answer {} --outcome implemented --answer 'Circular 3' --document 3/TT"


# --- confirmed by the one who answered -------------------------------------------------------


def test_whoever_confirms_an_answer_of_their_own_is_found(office, case):
    ref = case("under_study")
    office(*split(f"{ANSWER.format(ref)} --effective 2022-10-01"))
    office(*split(f"advance {ref} --effective 2022-11-01"))

    (one,) = found(office, "self-confirmed")

    assert one["ref"] == ref
    assert one["actor"] == "registrar"
    assert one["seqs"] == seqs(office, ref, "answer", "resolve")
    assert "registrar answered on 2022-10-01" in one["text"]
    assert one["text"].endswith("the same person")


def test_two_people_under_one_login_are_found_and_it_says_so(office, case):
    ref = case("under_study")
    office(*split(f"{ANSWER.format(ref)} --by lan"))
    office("advance", ref)

    (one,) = found(office, "self-confirmed")

    assert one["actor"] == "registrar"
    assert one["text"].startswith("lan answered")
    assert one["text"].endswith(f"both under the same login, {LOGIN}")


def test_two_people_under_two_logins_confirm_each_other(office, case):
    ref = case("under_study")
    with desk(office, "lan", "lan-pc") as own:
        cases.answer(own, ref, outcome="implemented", answer="Circular 3")
    office("advance", ref)

    assert found(office, "self-confirmed") == []


def test_an_answer_that_was_sent_back_is_not_the_one_confirmed(office, case):
    ref = case("under_study")
    office(*split(ANSWER.format(ref)))
    office(*split(f"return {ref} --reason 'not enough'"))
    office("advance", ref)
    office(*split(f"advance {ref} --outcome explained --answer A --document 4/CV"))

    assert found(office, "self-confirmed") == []
    assert "nobody had answered before" in found(office, "unsupported")[0]["text"]


def test_whoever_imported_an_answer_did_not_give_it(office, tmp_path):
    said = {"outcome": "implemented", "answer": "Circular 3", "document": "3/TT"}
    imported(office, tmp_path, STUDIED | said)
    office("advance", "T.1")

    assert found(office, "self-confirmed") == []
    assert found(office, "unsupported") == []


# --- resolved without an answer or a document ------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (["advance {} --outcome explained --answer A"], "nobody had answered before, and no"),
        (["advance {} --outcome explained --answer A --document 9/TT"], "by document 9/TT: nobody"),
        (["answer {} --outcome explained --answer A", "advance {}"], "as explained on"),
    ],
)
def test_a_resolution_that_lacks_an_answer_or_a_document_is_found(office, case, steps, said):
    ref = case("under_study")
    for step in steps:
        office(*split(step.format(ref)))

    office(*split(f"edit {ref} --title 'Rules for all offices'"))

    (one,) = found(office, "unsupported")

    behind = ["answer", "resolve"] if len(steps) > 1 else ["resolve"]
    assert one["seqs"] == seqs(office, ref, *behind)
    assert said in one["text"]


def test_a_case_closed_without_a_document_is_found_and_needs_no_answer(office, case):
    bare, papered = case(), case()
    office(*split(f"close {bare} --outcome withdrawn --reason 'asked no more'"))
    office(*split(f"close {papered} --outcome withdrawn --reason 'asked no more' --document 1/CV"))

    (one,) = found(office, "unsupported")

    assert one["ref"] == bare
    assert "closed it as withdrawn" in one["text"]


def test_an_answer_with_a_document_supports_its_confirmation(office, case):
    ref = case("under_study")
    office(*split(ANSWER.format(ref)))
    office("advance", ref)

    assert found(office, "unsupported") == []


# --- extended after the due date had passed --------------------------------------------------


@pytest.mark.parametrize(("day", "count"), [("2022-12-31", 0), ("2023-01-01", 1)])
def test_a_due_date_may_be_extended_up_to_its_own_day(office, case, day, count):
    ref = case("under_study", due="2022-12-31")
    office(*split(f"extend {ref} --due 2023-06-30 --reason hearings --effective {day}"))

    those = found(office, "extended-late")

    assert len(those) == count
    for one in those:
        assert one["seqs"] == seqs(office, ref, "assign", "extend")
        assert "from 2022-12-31 to 2023-06-30 on 2023-01-01" in one["text"]
        assert one["text"].endswith(", 1 day after it had passed")


@pytest.mark.parametrize(("due", "count"), [("2023-06-30", 1), ("2022-12-31", 0)])
def test_assigning_a_returned_case_with_a_later_due_date_extends_it(office, case, due, count):
    ref = case("assigned", due="2022-12-31")
    with on("2022-12-01"):
        office(*split(f"return {ref} --reason 'not ours'"))
    with on("2022-12-31" if count == 0 else "2023-02-01"):
        office(*split(f"assign {ref} --owner vufo --due {due} --reason 'asked again'"))

    assert len(found(office, "extended-late")) == count


@pytest.mark.parametrize(("day", "count"), [("2022-12-31", 0), ("2023-01-01", 1)])
def test_correcting_a_due_date_once_it_has_passed_extends_it(office, case, day, count):
    ref = case("under_study", due="2022-12-31")
    with on(day):
        office(*split(f"correct {ref} --field due --to 2023-06-30 --reason 'misread'"))

    assert len(found(office, "extended-late")) == count


def test_a_first_due_date_and_an_earlier_one_extend_nothing(office, case, tmp_path):
    imported(office, tmp_path, STUDIED)
    office(*split("extend T.1 --due 2030-06-30 --reason 'a first date'"))
    ref = case("assigned", due="2022-12-31")
    office(*split(f"correct {ref} --field due --to 2022-11-30 --reason misread"))

    assert found(office, "extended-late") == []


# --- recorded late, dated back ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("effective", "words", "count"),
    [
        ("2022-03-01", [], 0),
        ("2022-02-28", [], 1),
        ("2022-02-28", ["--recorded-late-days", 31], 0),
        ("2022-03-30", ["--recorded-late-days", 0], 1),
    ],
)
def test_an_act_is_late_when_more_days_have_passed_than_allowed(
    office, case, effective, words, count
):
    ref = case("assigned")
    with on("2022-03-31"):
        office(*split(f"advance {ref} --effective {effective}"))

    those = [
        one
        for one in found(office, "recorded-late", *words)
        if one["seqs"] == seqs(office, ref, "study")
    ]

    assert len(those) == count
    for one in those:
        assert one["on"] == "2022-03-31"
        assert f"study took effect on {effective}" in one["text"]


@pytest.mark.parametrize(
    ("day", "hour", "effective", "count"),
    [
        ("2022-03-01", "16:59:59", "2022-03-01", 0),
        ("2022-03-01", "17:00:00", "2022-03-02", 0),
        ("2022-03-01", "17:00:00", "2022-03-01", 1),
    ],
)
def test_the_day_of_recording_is_the_offices(office, case, day, hour, effective, count):
    ref = case("assigned")
    with on(day, hour):
        office(*split(f"advance {ref} --effective {effective}"))

    those = [
        one for one in found(office, "back-dated") if seqs(office, ref, "study") == one["seqs"]
    ]

    assert len(those) == count
    for one in those:
        assert one["on"] == "2022-03-02"
        assert (
            one["text"] == "registrar recorded study on 2022-03-02 as of 2022-03-01, 1 day earlier"
        )


def test_what_is_dated_back_and_is_no_act_on_a_case_is_found_without_a_reference(office):
    with on("2022-03-31"):
        office(*split("org end vufo --on 2022-03-01 --reason merged"))

    (one,) = found(office, "back-dated")

    assert one["ref"] is None
    assert "end (organisation vufo)" in one["text"]


def test_what_is_recorded_long_after_its_day_is_found_once(office, case):
    ref = case("assigned")
    for day, rule in (("2022-03-20", "back-dated"), ("2022-06-20", "recorded-late")):
        with on(day):
            office(*split(f"note {ref} 'seen' --effective 2022-03-10"))
            (last,) = seqs(office, ref, "note")[-1:]
        both = [one for name in ("back-dated", "recorded-late") for one in found(office, name)]
        assert [one["rule"] for one in both if one["seqs"] == [last]] == [rule]


@pytest.mark.parametrize(
    ("day", "late", "back"), [("2022-03-31", 0, 0), ("2022-04-30", 0, 2), ("2022-05-01", 2, 0)]
)
def test_what_ended_before_it_was_entered_waited_since_it_was_entered(office, day, late, back):
    with on("2022-03-31"):
        office(*split("org add mot --name 'Ministry of Transport'"))
        office(*split("person add an --name An --org mot"))
    with on(day):
        office(*split("person deactivate an --on 2021-02-27 --reason retired"))
        office(*split("org end mot --on 2021-02-28 --reason merged"))

    those = [
        [
            one["text"]
            for one in found(office, rule)
            if "mot" in one["text"] or " an)" in one["text"]
        ]
        for rule in ("recorded-late", "back-dated")
    ]

    assert [len(one) for one in those] == [late, back]


def test_the_directory_of_a_new_register_leads_to_no_finding(new_store):
    shell = Shell(new_store(empty=True))
    shell("init", "--seed", "vn")

    assert listed(shell.url) == []


def test_the_reason_of_undo_is_told_in_the_language_of_the_reader(office, case):
    ref = case("assigned")
    office("undo", ref, "--yes")

    (one,) = listed(office.url, "--rule", "act-struck", "--lang", "vi")

    assert "thu hồi #" in one["text"]


# --- idle ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "count"), [("2022-07-31", 0), ("2022-08-01", 1)])
def test_a_case_is_idle_when_more_days_have_passed_than_allowed(office, case, day, count):
    ref = case("under_study")
    office(*split(f"note {ref} 'reminded by telephone' --effective 2022-06-01"))
    office(*split(f"edit {ref} --title 'Rules' --effective 2022-06-01"))

    those = found(office, "idle", "--as-of", day)

    assert len(those) == count
    for one in those:
        assert (one["ref"], one["on"], one["actor"]) == (ref, "2022-08-01", None)
        assert one["seqs"] == seqs(office, ref, "study")
        assert "by mofa since 2022-02-01" in one["text"]
        assert one["text"].endswith("181 days on 2022-08-01")


def test_erasing_a_text_is_no_progress(office, case):
    ref = case("under_study")
    office(*split(f"answer {ref} --outcome explained --answer A --effective 2022-03-01"))
    erased = f"redact {ref} --field answer --basis 'art. 16' --consent chi"
    with on("2022-09-30"):
        office(*split(erased))

    (one,) = found(office, "idle", "--as-of", "2022-09-30")

    assert one["seqs"] == seqs(office, ref, "study", "answer")


def test_idleness_is_counted_up_to_today_in_the_office(office, case):
    ref = case("under_study")

    with on("2022-07-31", "17:00:00"):
        assert [one["ref"] for one in found(office, "idle")] == [ref]
    with on("2022-07-31", "16:59:59"):
        assert found(office, "idle") == []
        assert len(found(office, "idle", "--idle-days", 179)) == 1


@pytest.mark.parametrize(
    "step",
    [
        "extend {} --due 2023-06-30 --reason hearings",
        "answer {} --outcome explained --answer A",
        "coordinate {} --with vufo",
        "reassign {} --owner vufo --reason 'they hold the draft'",
        "return {} --reason 'not enough'",
        "advance {} --outcome explained --answer A",
    ],
)
def test_a_case_on_which_something_happened_is_not_idle(office, case, step):
    ref = case("under_study")
    office(*split(step.format(ref)), "--effective", "2022-02-02")

    assert found(office, "idle", "--as-of", "2022-08-01") == []


# --- reopened --------------------------------------------------------------------------------


def test_a_reopened_case_is_found_with_what_had_been_confirmed(office, case):
    ref = case("resolved")
    office(*split(f"reopen {ref} --reason 'one way only' --effective 2023-02-20"))

    (one,) = found(office, "reopened")

    assert one["seqs"] == seqs(office, ref, "resolve", "reopen")
    assert "resolved as implemented on 2022-11-01" in one["text"]


def test_a_case_sent_back_before_it_was_confirmed_or_edited_after_is_not_reopened(office, case):
    ref = case("under_study")
    office(*split(ANSWER.format(ref)))
    office(*split(f"return {ref} --reason 'not enough'"))
    office("advance", ref)
    office(*split(f"advance {ref} --outcome explained --answer A"))
    office(*split(f"edit {ref} --title 'Rules for all offices'"))
    office(*split(f"note {ref} 'sent to the proposer'"))

    assert found(office, "reopened") == []


# --- reassigned late -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "words", "said"),
    [
        ("2022-11-30", [], None),
        ("2022-12-01", [], "30 days before it was due on 2022-12-31"),
        ("2022-12-01", ["--reassigned-late-days", 29], None),
        ("2022-12-31", ["--reassigned-late-days", 0], "0 days before it was due"),
        ("2023-01-01", ["--reassigned-late-days", 0], "1 day after it was due"),
    ],
)
def test_another_owner_close_to_the_due_date_is_found(office, case, day, words, said):
    ref = case("under_study", due="2022-12-31")
    office(*split(f"reassign {ref} --owner vufo --reason 'theirs' --effective {day}"))

    those = found(office, "reassigned-late", *words)

    assert len(those) == (said is not None)
    for one in those:
        assert one["seqs"] == seqs(office, ref, "assign", "reassign")
        assert "from mofa to vufo" in one["text"]
        assert said in one["text"]


@pytest.mark.parametrize(("owner", "count"), [("vufo", 1), ("mofa", 0)])
def test_returning_and_assigning_a_case_gives_it_to_another_owner(office, case, owner, count):
    ref = case("assigned", due="2022-12-31")
    office(*split(f"return {ref} --reason 'not ours' --effective 2022-12-20"))
    office(*split(f"assign {ref} --owner {owner} --due 2022-12-31 --effective 2022-12-21"))

    assert len(found(office, "reassigned-late")) == count


@pytest.mark.parametrize(("day", "count"), [("2022-11-30", 0), ("2022-12-01", 1)])
def test_correcting_the_owner_counts_on_the_day_it_was_corrected(office, case, day, count):
    ref = case("under_study", due="2022-12-31")
    with on(day):
        office(*split(f"correct {ref} --field owner --to vufo --reason 'typed the wrong one'"))

    assert len(found(office, "reassigned-late")) == count


def test_a_corrected_owner_is_late_by_what_was_due_on_the_day_of_the_correction(office, case):
    ref = case("under_study", due="2022-06-30")
    office(*split(f"extend {ref} --due 2022-12-31 --reason hearings --effective 2022-06-01"))
    with on("2022-12-15"):
        office(*split(f"correct {ref} --field owner --to vufo --reason 'the wrong one'"))

    (one,) = found(office, "reassigned-late")

    assert one["seqs"] == seqs(office, ref, "extend", "correct")
    assert "16 days before it was due on 2022-12-31" in one["text"]


def test_another_officer_of_the_same_owner_is_no_other_owner(office, case):
    ref = case("under_study", due="2022-12-31")
    given = f"reassign {ref} --owner mofa --officer lan --reason ill --effective 2022-12-30"
    office(*split(given))

    assert found(office, "reassigned-late") == []


# --- the clock -------------------------------------------------------------------------------


def test_an_event_recorded_before_the_event_before_it_is_found(office, case):
    with on("2035-01-01", "03:00:05"):
        ref = case()
    with on("2035-01-01", "03:00:03"):
        office("note", ref, "a clock set back two seconds")
    after = office.json("history", ref)[-1]["seq"]

    (one,) = found(office, "clock-back")

    assert one["seqs"] == [after - 1, after]
    assert (one["ref"], one["actor"]) == (ref, None)
    assert "03:00:03" in one["text"]
    assert "03:00:05" in one["text"]
    assert len(found(office, "clock-back", "--clock-back-seconds", 1)) == 1
    assert found(office, "clock-back", "--clock-back-seconds", 2) == []


def test_events_of_one_instant_and_later_ones_set_no_clock_back(office, case):
    with on("2035-01-01"):
        ref = case()
        office("note", ref, "at the same instant")
    with on("2035-01-01", "03:00:01"):
        office("note", ref, "later")

    assert found(office, "clock-back") == []


def test_the_clock_is_judged_on_imported_acts_too_which_were_recorded_here(office, tmp_path):
    with on("2035-01-01"):
        office(*split("org add late --name Late"))
    row = {"ref": "T.1", "title": "T", "proposer": "hcmc-pc", "state": "resolved"}
    with on("2034-01-01"):
        imported(office, tmp_path, row | {"outcome": "withdrawn"})

    (one,) = found(office, "clock-back")

    assert (one["ref"], one["actor"]) == ("T.1", None)


# --- states told by a source -----------------------------------------------------------------

TOLD = (
    {"ref": "T.1", "title": "T", "proposer": "hcmc-pc"},
    {"ref": "T.2", "title": "T", "proposer": "hcmc-pc", "state": "assigned", "owner": "mofa"},
    {
        "ref": "T.3",
        "title": "T",
        "proposer": "hcmc-pc",
        "state": "resolved",
        "owner": "mofa",
        "outcome": "implemented",
        "proposed_on": "2021-12-13",
        "resolved_on": "2022-11-01",
    },
)


def test_a_state_that_only_a_source_tells_of_is_found_and_nobody_is_blamed(office, tmp_path):
    with on("2023-05-01"):
        imported(office, tmp_path, *TOLD)

    those = found(office, "reported-only")

    assert [(one["ref"], one["actor"], one["on"]) for one in those] == [
        ("T.2", None, "2023-05-01"),
        ("T.3", None, "2023-05-01"),
    ]
    assert those[1]["seqs"] == seqs(office, "T.3", "resolve")
    said = "resolved since 2022-11-01 according to a source (reported by file "
    assert those[1]["text"].startswith(said)


def test_an_act_made_here_that_moves_a_case_confirms_where_it_stood(office, tmp_path):
    imported(office, tmp_path, *TOLD)
    office("advance", "T.2")
    office(*split("note T.3 'seen by nobody'"))

    assert [one["ref"] for one in found(office, "reported-only")] == ["T.3"]


def test_acts_a_source_tells_of_are_judged_by_no_other_rule(office, case, new_store, tmp_path):
    everything_at_once(office, case)
    office("export", tmp_path / "all.jsonl")
    other = type(office)(new_store())
    for command in (
        "org add mofa --name M",
        "org add vufo --name V",
        "org add hcmc-pc --name H",
        "conference add NFAC-20 --number 20 --date 2021-12-13",
        "conference add NFAC-21 --number 21 --date 2023-12-18",
    ):
        other(*split(command))
    other("import", tmp_path / "all.jsonl")

    assert {one["rule"] for one in listed(other.url)} == {"reported-only"}
    assert len(other.json("audit", "log")) > len(listed(other.url))


def test_the_demonstration_shows_only_that_its_states_are_told(tmp_path):
    url = str(demo.build(tmp_path))
    result = CliRunner().invoke(casework, ["--db", url, "list", "--json"])
    told = {one["ref"] for one in json.loads(result.stdout) if one["state"] != "proposed"}

    those = listed(url)

    assert {one["rule"] for one in those} == {"reported-only"}
    assert sorted(one["ref"] for one in those) == sorted(told)
    assert len(told) == 17
    assert all(one["actor"] is None for one in those)
    by_illustration = [one for one in those if "(illustrative)" in one["text"]]
    assert len(by_illustration) == 16


# --- repeats ---------------------------------------------------------------------------------


@pytest.fixture
def asked_again(office, case):
    """A case that stands since 2021, and one of 2023 that asks for the same."""
    early = case("under_study", ref="EARLY")
    words = "--title Again --proposer hcmc-pc --conference NFAC-21 --effective 2023-12-18"
    office(*split(f"propose --ref LATE {words}"))
    return early, "LATE"


UNLINK = "link T.9 --repeats EARLY --remove"
IMPLEMENTED = "advance {} --outcome implemented --answer A --effective {}"


def test_an_earlier_case_implemented_once_it_was_asked_again_is_found(office, asked_again):
    early, late = asked_again
    office(*split(f"link {late} --repeats {early}"))
    office(*split(IMPLEMENTED.format(early, "2022-10-01")))
    office(*split(f"edit {early} --title 'Rules for all offices'"))

    (one,) = found(office, "repeat-implemented")

    assert (one["ref"], one["actor"]) == (early, "registrar")
    assert one["seqs"] == [*seqs(office, late, "link"), *seqs(office, early, "resolve")]
    assert one["text"].endswith("asked again as LATE on 2023-12-18")


@pytest.mark.parametrize("day", ["2023-12-18", "2023-12-17"])
def test_linking_after_the_earlier_case_was_implemented_hides_nothing(office, asked_again, day):
    early, late = asked_again
    office(*split(IMPLEMENTED.format(early, day)))
    office(*split(f"link {late} --repeats {early}"))

    (one,) = found(office, "repeat-implemented")

    assert one["ref"] == early
    assert one["seqs"] == [*seqs(office, early, "resolve"), *seqs(office, late, "link")]


@pytest.mark.parametrize(("day", "count"), [("2023-12-17", 0), ("2023-12-18", 1)])
def test_a_case_implemented_before_it_was_asked_again_is_not_found(office, case, day, count):
    early = case("under_study")
    office(*split(IMPLEMENTED.format(early, day)))
    late = office.json(
        *split("propose --title A --proposer hcmc-pc --effective 2023-12-18"),
    )["ref"]
    office(*split(f"link {late} --repeats {early}"))

    assert len(found(office, "repeat-implemented")) == count


@pytest.mark.parametrize(
    ("link", "end"),
    [
        ("link {late} --relates-to {early}", IMPLEMENTED),
        ("link {late} --repeats {early}", "advance {} --outcome explained --answer A"),
        ("link {early} --repeats {late}", "advance {} --outcome explained --answer A"),
    ],
)
def test_other_links_and_other_outcomes_are_no_implemented_repeats(office, asked_again, link, end):
    early, late = asked_again
    office(*split(link.format(early=early, late=late)))
    office(*split(end.format(early, "2022-10-01")))

    assert found(office, "repeat-implemented") == []


def test_what_a_source_tells_as_implemented_is_not_held_against_who_links_it(office, tmp_path):
    imported(office, tmp_path, TOLD[0], TOLD[2] | {"ref": "T.4"}, TOLD[2])
    office(*split("link T.1 --repeats T.3"))
    office(*split("link T.4 --repeats T.1"))

    assert found(office, "repeat-implemented") == []


def test_a_link_that_was_removed_counts_no_more(office, asked_again):
    early, late = asked_again
    office(*split(f"link {late} --repeats {early}"))
    office(*split(f"link {late} --repeats {early} --remove"))
    office(*split(IMPLEMENTED.format(early, "2022-10-01")))

    assert found(office, "repeat-implemented") == []


@pytest.mark.parametrize(("step", "count"), [("note T.9 'as told'", 1), (UNLINK, 0)])
def test_a_link_told_with_a_proposal_counts_until_it_is_removed(
    office, case, tmp_path, step, count
):
    early = case("under_study", ref="EARLY")
    told = {"title": "T", "proposer": "hcmc-pc", "state": "proposed", "proposed_on": "2023-12-18"}
    changes = {name: [None, value] for name, value in told.items()}
    changes |= {"state_since": [None, "2023-12-18"], "links": [[], [["repeats", early]]]}
    act = {"act": "propose", "actor": "them", "effective_on": "2023-12-18", "changes": changes}
    history = [act | {"recorded_at": "2023-12-20T01:00:00.000000Z"}]
    imported(office, tmp_path, told | {"ref": "T.9", "history": history})
    office(*split(step))
    office(*split(IMPLEMENTED.format(early, "2024-02-01")))

    assert len(found(office, "repeat-implemented")) == count


def test_correcting_the_outcome_to_implemented_is_found(office, asked_again):
    early, late = asked_again
    office(*split(f"link {late} --repeats {early}"))
    office(*split(f"advance {early} --outcome superseded --answer 'see LATE'"))
    before = found(office, "repeat-implemented")
    office(*split(f"correct {early} --field outcome --to implemented --reason 'as reported'"))

    (one,) = found(office, "repeat-implemented")

    assert before == []
    assert one["seqs"][-1] == seqs(office, early, "correct")[0]


def test_a_case_linked_after_its_outcome_was_corrected_to_implemented_is_found(office, case):
    early = case("under_study")
    office(*split(f"advance {early} --outcome explained --answer A --effective 2022-10-01"))
    made = "propose --title A --proposer hcmc-pc --effective 2023-12-18"
    late = office.json(*split(made))["ref"]
    office(*split(f"correct {early} --field outcome --to implemented --reason 'as reported'"))
    office(*split(f"link {late} --repeats {early}"))

    (one,) = found(office, "repeat-implemented")

    assert one["seqs"] == [*seqs(office, early, "correct"), *seqs(office, late, "link")]


def test_a_later_case_is_not_implemented_while_the_earlier_one_is_open(office, asked_again):
    early, late = asked_again
    office(*split(f"link {late} --repeats {early}"))
    office(*split(f"assign {late} --owner mofa --due 2035-12-31"))
    office("advance", late)
    office(*split(f"advance {late} --outcome implemented --answer A"))
    open_still = found(office, "repeat-implemented")
    office(*split(f"advance {early} --outcome superseded --answer 'see LATE'"))

    assert [one["ref"] for one in open_still] == [late]
    assert open_still[0]["seqs"] == seqs(office, late, "link", "resolve")
    assert open_still[0]["text"].endswith(f"{early}, which it repeats, is still under study")
    assert found(office, "repeat-implemented") == []


# --- another's login -------------------------------------------------------------------------


def test_an_act_in_the_name_of_one_person_under_anothers_login_is_found(office, case):
    ref = case("under_study")
    office(*split(f"note {ref} 'for a colleague' --by lan"))

    (one,) = found(office, "other-login")

    assert (one["ref"], one["actor"]) == (ref, "lan")
    assert one["seqs"][-1:] == seqs(office, ref, "note")
    assert one["text"].endswith(f"under the login {LOGIN}, which is linked to registrar")


def test_an_act_under_a_login_that_is_not_ones_own_is_found(office, case):
    ref = case("under_study")
    office(*split("person edit lan --login lan-pc"))
    linked = office.json("audit", "log", "--field", "login")[-1]["seq"]
    with desk(office, "lan", "unknown-pc") as own:
        cases.note(own, ref, "from elsewhere")
    with desk(office, "lan", "lan-pc") as own:
        cases.note(own, ref, "from home")

    (one,) = found(office, "other-login")

    assert one["seqs"] == [linked, office.json("history", ref)[-2]["seq"]]
    assert "under the login unknown-pc, not lan-pc" in one["text"]


def test_the_login_counts_that_was_linked_at_the_time(office, case):
    ref = case("under_study")
    office(*split("person edit lan --login first-pc"))
    with desk(office, "lan", "first-pc") as own:
        cases.note(own, ref, "from the first")
    office(*split("person edit lan --login second-pc"))
    with desk(office, "lan", "second-pc") as own:
        cases.note(own, ref, "from the second")

    assert found(office, "other-login") == []


def test_a_login_that_is_linked_to_nobody_is_nobody_elses(office, case):
    ref = case("under_study")
    with desk(office, "lan", "shared-pc") as own:
        cases.note(own, ref, "nobody is linked to this login")

    assert found(office, "other-login") == []


def test_a_login_that_was_given_up_is_nobody_elses(office, case):
    ref = case("under_study")
    office(*split("person edit lan --login first-pc"))
    office(*split("person edit lan --login second-pc"))
    with desk(office, "minh", "first-pc") as own:
        cases.note(own, ref, "at the first, which is linked to nobody now")

    assert found(office, "other-login") == []


def test_the_registrar_is_exempt(office, case):
    ref = case("under_study")
    office("person", "edit", "chi", "--login", LOGIN)
    office(*split(f"note {ref} 'as the registrar' --by registrar"))

    assert found(office, "other-login") == []


def test_an_act_on_a_person_under_anothers_login_is_found_without_a_reference(office):
    office(*split("person edit lan --name-vi Lan --by chi"))

    (one,) = found(office, "other-login")

    assert (one["ref"], one["actor"]) == (None, "chi")
    assert "edit (person lan)" in one["text"]


def test_a_login_that_was_erased_leads_to_no_finding(office, case):
    ref = case("under_study")
    office(*split(f"note {ref} 'for a colleague' --by lan"))
    office(*split("person add hoa --name Hoa --org mofa --role admin"))
    office(*split("redact --person registrar --basis 'art. 16' --consent hoa --by chi"))

    assert found(office, "other-login") == []


# --- struck out, corrected, out of order -----------------------------------------------------


def struck(office, ref, act, *more):
    """Strike out the last act of a name; return its number and that of what struck it out."""
    (number,) = seqs(office, ref, act)
    words = ("correct", ref, "--event", number, "--strike", "--reason", "entered twice")
    office(*words, *more)
    return [number, office.json("history", ref)[-1]["seq"]]


def of_case(office, ref, *words):
    return {one["rule"]: one for one in listed(office.url, "--case", ref, *words)}


def test_an_act_that_was_struck_out_is_found_as_that_and_as_nothing_else(office, case):
    ref = case("under_study")
    office(*split(f"answer {ref} --outcome explained --answer A --effective 2022-10-01"))
    office("advance", ref, "--effective", "2022-11-01")
    asked_of = {"self-confirmed", "unsupported", "recorded-late"}
    before = of_case(office, ref)
    number, by = struck(office, ref, "resolve")

    (one,) = found(office, "act-struck")

    assert asked_of <= before.keys()
    assert before["recorded-late"]["seqs"] == [number]
    assert not {"self-confirmed", "unsupported"} & of_case(office, ref).keys()
    assert [number] not in [it["seqs"] for it in found(office, "recorded-late")]
    assert (one["ref"], one["actor"], one["seqs"]) == (ref, "registrar", [number, by])
    assert f"struck out event {number}, resolve of 2022-11-01, which registrar had" in one["text"]
    assert one["text"].endswith(": entered twice")
    assert found(office, "act-struck", "--as-of", "2022-10-31") == []


def test_what_struck_an_act_out_may_be_struck_out_and_the_act_is_asked_about_again(office, case):
    ref = case("resolved")
    before = of_case(office, ref)
    _, by = struck(office, ref, "resolve")
    last = struck(office, ref, "correct")

    (one,) = found(office, "act-struck")

    assert one["seqs"] == last == [by, by + 1]
    assert before.keys() <= of_case(office, ref).keys()


def test_a_proposal_that_was_struck_out_is_found_and_how_its_case_stood_is_not(office, tmp_path):
    imported(office, tmp_path, TOLD[1])
    ref = office.json(*split("propose --title Twice --proposer hcmc-pc"))["ref"]
    assert [one["ref"] for one in found(office, "reported-only")] == ["T.2"]
    struck(office, "T.2", "assign")
    behind = struck(office, "T.2", "propose")
    own = struck(office, ref, "propose")

    first, second = found(office, "proposal-struck")

    assert found(office, "reported-only") == []
    assert (first["ref"], first["seqs"]) == ("T.2", behind)
    assert (second["ref"], second["seqs"], second["actor"]) == (ref, own, "registrar")
    assert second["text"].startswith("registrar struck out its proposal of ")
    assert second["text"].endswith(": entered twice")
    before = second["on"]
    assert [one["ref"] for one in found(office, "proposal-struck", "--since", before)] == [
        "T.2",
        ref,
    ]
    struck(office, ref, "correct")
    assert [one["ref"] for one in found(office, "proposal-struck")] == ["T.2"]
    assert [one["ref"] for one in found(office, "act-struck")] == ["T.2", ref]


def test_a_note_that_was_struck_out_is_not_found(office, case):
    ref = case()
    office("note", ref, "on the wrong case")
    struck(office, ref, "note")

    assert found(office, "act-struck") == []


def test_the_reason_of_a_strike_on_a_secret_case_is_withheld(office):
    ref = office.json(*split("propose --title T --proposer hcmc-pc --secrecy secret"))["ref"]
    struck(office, ref, "propose")

    (one,) = found(office, "proposal-struck")

    assert "entered twice" not in one["text"]


def test_what_an_owner_asked_is_open_no_more_once_it_is_struck_out(office, case):
    ref = case("assigned", due="2030-06-30")
    with on("2022-02-01"):
        office(*split(f"extend {ref} --due 2030-12-31 --ask --reason more"))
        office(*split(f"return {ref} --not-ours --reason theirs"))
    open_still = of_case(office, ref, "--as-of", "2023-01-01").keys()
    struck(office, ref, "ask-time")
    struck(office, ref, "contest")

    assert {"time-unanswered", "owner-contests"} <= open_still
    assert not {"time-unanswered", "owner-contests"} & of_case(office, ref).keys()


def test_a_case_is_idle_by_the_days_as_they_were_corrected(office, case):
    ref = case("under_study")
    office(*split(f"correct {ref} --field study_on --to 2022-03-10 --reason misread"))
    behind = seqs(office, ref, "study")

    (one,) = found(office, "idle", "--as-of", "2022-12-31")

    assert one["seqs"] == behind
    assert "by mofa since 2022-03-10; nothing has happened since 2022-03-10" in one["text"]
    assert one["on"] == "2022-09-07"
    assert found(office, "idle", "--as-of", "2022-09-06") == []


def test_a_resolution_moved_to_an_earlier_day_was_one_on_that_day(office, case):
    ref = case("resolved")
    office(*split(f"correct {ref} --field resolved_on --to 2022-06-15 --reason misread"))
    office(*split(f"reopen {ref} --reason 'one way only' --effective 2022-09-01"))

    (one,) = found(office, "reopened", "--as-of", "2022-09-01")
    (bare,) = found(office, "unsupported", "--as-of", "2022-06-15")

    assert "resolved as implemented on 2022-06-15" in one["text"]
    assert "on 2022-06-15" in bare["text"]
    assert found(office, "unsupported", "--as-of", "2022-06-14") == []


def test_acts_are_asked_about_in_the_order_of_their_effect(office, case):
    ref = case("under_study", due="2022-03-31")
    office(*split(f"extend {ref} --due 2023-06-30 --reason hearings --effective 2022-05-01"))
    late = found(office, "extended-late")
    office(*split(f"extend {ref} --due 2022-04-30 --reason found --effective 2022-03-15"))

    (one,) = found(office, "extended-late")

    assert "from 2022-03-31 to 2023-06-30" in late[0]["text"]
    assert "from 2022-04-30 to 2023-06-30 on 2022-05-01" in one["text"]
    assert one["text"].endswith(", 1 day after it had passed")
    assert one["seqs"] == [late[0]["seqs"][-1], office.json("history", ref)[-1]["seq"]]


def test_an_answer_recorded_after_the_confirmation_does_not_support_it(office, case):
    ref = case("under_study")
    office(*split(f"advance {ref} --outcome explained --answer A --effective 2022-10-01"))
    office(*split(f"answer {ref} --outcome explained --answer A --effective 2022-09-01"))

    (one,) = found(office, "unsupported")

    assert "nobody had answered before" in one["text"]
    assert found(office, "self-confirmed") == []


def test_what_was_struck_out_repeats_nothing_and_implements_nothing(office, asked_again):
    early, late = asked_again
    office(*split(f"link {late} --repeats {early}"))
    office(*split(IMPLEMENTED.format(early, "2022-10-01")))
    assert len(found(office, "repeat-implemented")) == 1
    struck(office, late, "link")
    unlinked = found(office, "repeat-implemented")
    struck(office, late, "correct")
    again = found(office, "repeat-implemented")
    struck(office, early, "resolve")

    assert (unlinked, len(again)) == ([], 1)
    assert found(office, "repeat-implemented") == []


# --- the whole -------------------------------------------------------------------------------


def everything_at_once(office, case):
    """Do what each rule asks about, on a few cases; return their references."""
    early = case("under_study", ref="EARLY", due="2022-12-31")
    late = case("under_study", ref="LATE", due="2022-12-31")
    idle = case("under_study", ref="IDLE")
    for command in (
        f"link {late} --repeats {early}",
        f"reassign {early} --owner vufo --reason theirs --effective 2022-12-30",
        f"extend {early} --due 2023-06-30 --reason hearings --effective 2023-02-01",
        f"answer {early} --outcome implemented --answer A",
        f"advance {early}",
        f"advance {late} --outcome explained --answer A",
        f"reopen {late} --reason 'one way only'",
        f"note {idle} 'for a colleague' --by lan",
    ):
        office(*split(command))
    struck(office, idle, "study")
    office("advance", idle, "--effective", "2022-02-01")
    struck(office, case(ref="TWICE"), "propose")
    office("audit", "key")
    office("audit", "key", "new", "--reason", "once a year")
    with on("2023-01-01"):
        office("note", idle, "by a clock set back")
    return early, late, idle


def test_findings_stand_in_the_order_of_the_log_and_are_the_same_every_time(office, case, tmp_path):
    imported(office, tmp_path, *TOLD)
    _, _, idle = everything_at_once(office, case)
    with on("2023-01-02"):
        office("note", idle, "seen the day before", "--effective", "2023-01-01")
        office("extend", idle, "--due", "2098-12-31", "--reason", "hearings", "--by", "lan")
        office("return", idle, "--not-ours", "--reason", "theirs", "--by", "lan")

    those = listed(office.url)

    assert those == listed(office.url)
    standing = {"idle", "reported-only", "time-unanswered", "owner-contests"}
    acts = [one["seqs"][-1] for one in those if one["rule"] not in standing]
    ends = [one["seqs"][-1] for one in those if one["rule"] in standing]
    assert [one["rule"] in standing for one in those] == [False] * len(acts) + [True] * len(ends)
    assert acts == sorted(acts)
    assert ends == sorted(ends)
    assert all(one["seqs"] == sorted(set(one["seqs"])) for one in those)
    # No act leaves a case as `unlike` finds it; `unlawful` and `paper-number` are those of earlier
    # versions.
    never = {"unlike", "unlawful", "paper-number"}
    assert {one["rule"] for one in those} == {*rules.RULES} - rules.FIRST - never


def test_a_case_a_day_and_rules_narrow_what_is_listed(office, case):
    early, _, idle = everything_at_once(office, case)
    those = listed(office.url)

    of_case = listed(office.url, "--case", early.lower())
    of_rules = listed(office.url, "--rule", "idle", "--rule", "reopened")
    since = listed(office.url, "--since", "2023-01-02")
    since_then = listed(office.url, "--since", "2023-01-01")

    assert of_case == [one for one in those if one["ref"] == early] != []
    assert {one["rule"] for one in of_rules} == {"idle", "reopened"}
    assert since == [one for one in those if one["on"] >= "2023-01-02"]
    assert since_then == [one for one in those if one["on"] >= "2023-01-01"]
    assert 0 < len(since) < len(since_then) < len(those)
    assert listed(office.url, "--case", idle, "--rule", "reopened") == []


def test_an_earlier_day_and_an_earlier_knowledge_leave_out_what_came_later(office, case):
    with on("2022-03-01"):
        ref = case("assigned", due="2022-12-31")
    with on("2023-03-01"):
        office(*split(f"extend {ref} --due 2023-12-31 --reason late --effective 2023-01-15"))

    def count(*words):
        return len(found(office, "extended-late", *words))

    assert count() == 1
    assert count("--as-of", "2023-01-15") == 1
    assert count("--as-of", "2023-01-14") == 0
    assert count("--known-at", "2023-03-01") == 1
    assert count("--known-at", "2023-02-28") == 0


def test_what_an_unset_clock_dates_after_today_is_found_all_the_same(office, case):
    with on("2040-01-01"):
        ref = case("under_study")
        office(*split(ANSWER.format(ref)))
        office("advance", ref)

    with on("2030-01-01"):
        assert len(found(office, "self-confirmed")) == 1
        assert found(office, "self-confirmed", "--as-of", "2030-01-01") == []


def test_a_case_that_does_not_exist_is_an_error(office):
    error = asked(office.url, "--case", "NONE").exception

    assert isinstance(error, NotFoundError)
    assert error.message == "there is no case NONE"


def test_a_rule_that_does_not_exist_is_an_error_that_names_those_that_do(office):
    for option in ("--rule", "--explain"):
        result = asked(office.url, option, "guilty")

        assert result.exit_code == 2
        assert all(rule in result.stderr for rule in rules.RULES)


@pytest.mark.parametrize("words", ["--idle-days -1", "--since soon", "--idle-days 1.5"])
def test_limits_and_days_are_checked(office, words):
    result = asked(office.url, *split(words))

    assert isinstance(result.exception, UsageError) or result.exit_code == 2


def test_a_limit_may_be_larger_than_all_time(office, case):
    case("under_study")
    huge = 10**30
    limits = [f"--{name.replace('_', '-')}={huge}" for name in LIMITS]

    assert found(office, "idle", *limits) == []
    assert found(office, "clock-back", *limits) == []


LIMITS = ("recorded_late_days", "idle_days", "reassigned_late_days", "clock_back_seconds")


# --- how it is printed -----------------------------------------------------------------------


def test_every_format_tells_the_same(office, case):
    everything_at_once(office, case)
    as_json = listed(office.url)
    as_lines = asked(office.url, form="ndjson").stdout.splitlines()
    as_csv = [*csv.DictReader(io.StringIO(asked(office.url, form="csv").stdout))]

    assert [*as_json[0]] == ["rule", "ref", "seqs", "on", "actor", "text"]
    assert [json.loads(line) for line in as_lines] == as_json
    flat = [
        {k: json.loads(v) if k == "seqs" else v or None for k, v in row.items()} for row in as_csv
    ]
    assert flat == as_json


def test_no_cell_of_a_csv_file_can_be_a_formula(office, case):
    ref = case("under_study", ref="=1+1")
    office(*split("person add =lan --name L --org mofa --role desk"))
    office("note", ref, "a note", "--by", "=lan")

    written = asked(office.url, "--rule", "other-login", form="csv").stdout
    (row,) = csv.DictReader(io.StringIO(written))

    assert (row["ref"], row["actor"]) == ("'=1+1", "'=lan")
    assert row["text"].startswith("'=lan: note")


def test_a_table_says_that_findings_are_questions_and_keeps_quiet_when_there_are_none(office, case):
    ref = case("resolved")
    office(*split(f"reopen {ref} --reason 'one way only'"))
    some = asked(office.url, "--rule", "reopened", form="table")
    vietnamese = asked(office.url, "--rule", "reopened", "--lang", "vi", form="table")
    none = asked(office.url, "--rule", "idle", "--as-of", "2021-01-01", form="table")

    assert some.stdout.splitlines()[0].split() == ["rule", "ref", "what", *WAS]
    assert "a question, not an accusation" in some.stderr
    assert vietnamese.stdout.startswith("quy tắc")
    assert "không phải lời buộc tội" in vietnamese.stderr
    assert (none.stdout, none.stderr) == ("", "none\n")


WAS = ("was", "found")


def test_a_table_fits_a_terminal_of_eighty_columns(office, case):
    everything_at_once(office, case)
    code = (
        "from casework.cli.settings import Settings\n"
        "from casework.cli.findings import findings\n"
        f"findings(['--all'], obj=Settings(db={office.url!r}))"
    )
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "80", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=theirs, env=environment)
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        printed = b""
        with contextlib.suppress(OSError):  # a terminal nobody writes to any more
            while chunk := terminal.read1():
                printed += chunk

    assert process.wait() == 0
    lines = printed.decode().splitlines()
    assert len(lines) > len(listed(office.url))
    assert max(map(len, lines)) <= 80


ROOT = Path(rules.__file__).parents[3]


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize("rule", rules.RULES)
def test_every_rule_explains_itself_without_a_store(rule, lang, tmp_path):
    nowhere = str(tmp_path / "none.db")
    (told,) = listed(nowhere, "--explain", rule, "--lang", lang)
    shown = asked(nowhere, "--explain", rule, "--lang", lang, form="table").stdout

    assert told["rule"] == rule
    assert told["title"]
    assert len(told["explanation"]) > 200
    assert "{" not in told["explanation"]
    assert shown.startswith(f"{rule}: {told['title']}\n")
    assert " ".join(shown.split()).endswith(told["explanation"])
    assert not Path(nowhere).exists()


def test_all_rules_are_explained_when_none_is_named_with_the_limits_that_are_asked(tmp_path):
    nowhere = str(tmp_path / "none.db")
    told = listed(nowhere, "--explain", "--lang", "en")
    limited = listed(nowhere, "--explain", "idle", "--idle-days", 90)
    by_default = {one["rule"]: one["explanation"] for one in told}

    assert [*by_default] == [*rules.RULES]
    assert "more than 180 days" in by_default["idle"]
    assert "more than 90 days" in limited[0]["explanation"]


def test_the_catalogue_has_the_same_rules_as_the_program():
    keys = [key.split(".") for key in texts.in_catalogue() if key.startswith("finding.")]

    assert {key[1] for key in keys if len(key) > 2} == {*rules.RULES}


def held(office, monkeypatch, events):
    """Return the most bytes that were held at once while the rules read events of cases."""
    monkeypatch.setattr(audit_log, "case_by_case", lambda *_: iter(events))
    with office.store().reading() as connection:
        tracemalloc.start()
        for _ in rules.find(connection, rules.Settings(), DAY):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return most


def events_of(shell):
    with shell.store().reading() as connection:
        return [*audit_log.case_by_case(connection)]


def test_what_is_remembered_does_not_grow_with_the_events_of_a_case(office, case, monkeypatch):
    ref = case("under_study")
    office("note", ref, "reminded")
    events = events_of(office)

    def notes(count):
        last = events[-1]
        return (replace(last, seq=last.seq + n, note="x" * 1_000 + str(n)) for n in range(count))

    held(office, monkeypatch, events)
    few, many = (held(office, monkeypatch, chain(events, notes(count))) for count in (50, 5_000))

    assert many < few + 1_000_000


def test_what_is_remembered_does_not_grow_with_the_cases(office, case, monkeypatch):
    case()
    proposal = events_of(office)[-1]

    def proposals(count):
        # Each was recorded late, and is a finding.
        for n in range(count):
            yield replace(proposal, seq=proposal.seq + n, key=f"K.{n:05}")

    held(office, monkeypatch, proposals(10))
    in_memory = held(office, monkeypatch, proposals(2_000))
    monkeypatch.setattr(storing, "KEPT", 100)
    monkeypatch.setattr(storing, "LOT", 20)
    monkeypatch.setattr(storing, "TOGETHER", 5)

    in_a_file = held(office, monkeypatch, proposals(2_000))

    assert in_a_file < in_memory / 2


def test_findings_come_in_the_order_of_the_log_whatever_case_is_read_first(office, case):
    for ref in ("Z.1", "A.1", "M.1"):
        case("under_study", ref=ref)
    told = listed(office.url, "--as-of", "2025-12-31")
    acts = [one for one in told if one["rule"] != "idle"]

    assert [one["seqs"][-1] for one in acts] == sorted(one["seqs"][-1] for one in acts)
    assert [one["ref"] for one in told if one["rule"] == "idle"] == ["Z.1", "A.1", "M.1"]
    assert told[len(acts) :] == [one for one in told if one["rule"] == "idle"]


# --- cases that could not have come about -----------------------------------------------------


def test_a_case_that_no_act_would_leave_so_is_found(office, case, monkeypatch):
    if "://" in office.url:
        pytest.skip("a server refuses it itself")
    ref = case("assigned")
    assert found(office, "unlike") == []
    monkeypatch.setattr(ledger, "refuse_unlawful", lambda *_: None)
    with office.store().writing() as connection:
        desk = Desk(connection, actors.actor(connection, None), LOGIN, DAY)
        subject = loading.load(connection, Case, ref)
        desk.record(desk.act("coordinate", subject, {"coordinating": ("mofa",)}))
        made = {"title": "T", "proposer": "vufo", "state": "proposed", "state_since": DAY}
        made |= {"proposed_on": DAY, "due_basis": "set"}
        desk.record(desk.act("propose", ("case", "X.1"), made))
    office("note", ref, "what was so before is not found again")

    first, second = found(office, "unlike")
    assert (first["ref"], second["ref"]) == (ref, "X.1")
    assert first["text"].endswith("no case can have: an owner does not coordinate its own case")
    assert "due_basis" in second["text"]
