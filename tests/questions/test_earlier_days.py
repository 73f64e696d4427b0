"""Questions about an earlier day: whatever the log holds, they are answered."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from offices import OFFICE, Shell

from casework.acts import actors, cases, conferences, corrections, organisations, people
from casework.acts.cases import Why
from casework.errors import CaseworkError
from casework.kinds.choices import CLOSING_OUTCOMES, State
from casework.ledger import ledger
from casework.ledger.ledger import Desk
from casework.questions import audit_log, lookup
from casework.rules.changes import CHANGES

TODAY = date(2026, 11, 26)
FIRST = date(2021, 12, 20)

REPORTS = (
    *(["overdue"], ["overdue", "--successors"], ["overdue", "--until", "2099-12-31"]),
    *(["progress"], ["workload"], ["slippage"], ["forecast", "--until", "2099-12-31"]),
)


def ask_everything(shell, *when, refs=()):
    """Ask every question there is of a time; each must be answered."""
    for words in (["list"], ["list", "--overdue"], ["list", "--count-by", "owner"]):
        shell(*words, *when)
    for words in REPORTS:
        shell("report", *words, *when)
        shell("report", *words, *when, "--lang", "vi", "--json")
    for ref in refs:
        shell("show", ref, *when)


def propose(office, ref="A-1", on="2022-01-03"):
    given = ["--title", ref, "--proposer", "hcmc-pc", "--conference", "NFAC-20"]
    office("propose", *given, "--ref", ref, "--effective", on)


def assign(office, ref="A-1", due="2022-06-10"):
    propose(office, ref)
    office("assign", ref, "--owner", "mofa", "--due", due, "--effective", "2022-01-10")


# --- a login that changes hands ---------------------------------------------------------------


def test_a_login_taken_over_from_the_registrar_leaves_earlier_days_answerable(office):
    assign(office)
    login = actors.os_login()
    given = ["--name", "Hoa", "--org", "mofa", "--role", "secretariat", "--login", login]
    office("person", "add", "hoa", *given)

    ask_everything(office, "--as-of", "2022-06-01", refs=["A-1"])
    assert office.json("show", "A-1", "--as-of", "2022-06-01")["state"] == "assigned"
    office("report", "review", "--of", "NFAC-20", "--for", "NFAC-21")


def test_a_login_given_to_another_person_leaves_earlier_days_answerable(office):
    assign(office)
    office("person", "add", "a", "--name", "A", "--org", "mofa", "--login", "l1")
    office("person", "deactivate", "a", "--reason", "left")
    office("person", "add", "b", "--name", "B", "--org", "mofa", "--login", "l1")

    ask_everything(office, "--as-of", "2022-06-01", refs=["A-1"])


# --- acts out of the order of their effect ----------------------------------------------------


def test_a_resolution_corrected_to_an_earlier_day_leaves_every_day_answerable(office):
    assign(office)
    office("advance", "A-1", "--effective", "2022-02-01")
    said = ["--outcome", "implemented", "--answer", "x"]
    office("advance", "A-1", *said, "--effective", "2022-07-01")
    wrong = ["--field", "resolved_on", "--to", "2022-05-20", "--reason", "misread"]
    office("correct", "A-1", *wrong, "--effective", "2022-05-20")

    for day in ("2022-05-19", "2022-05-20", "2022-05-25", "2022-06-30", "2022-07-01"):
        ask_everything(office, "--as-of", day, refs=["A-1"])


def test_a_due_date_corrected_before_it_was_given_leaves_every_day_answerable(office):
    assign(office)
    more = ["--due", "2022-08-10", "--reason", "x", "--effective", "2022-06-01"]
    office("extend", "A-1", *more)
    wrong = ["--field", "due", "--to", "2022-07-10", "--reason", "x"]
    office("correct", "A-1", *wrong, "--effective", "2022-01-05")

    for day in ("2022-01-04", "2022-01-05", "2022-01-09", "2022-01-10", "2022-06-01"):
        ask_everything(office, "--as-of", day, refs=["A-1"])


def test_an_older_extension_found_later_leaves_every_day_answerable(office):
    propose(office)
    gone = ["--outcome", "withdrawn", "--reason", "x"]
    office("close", "A-1", *gone, "--effective", "2022-01-10")
    office("reopen", "A-1", "--owner", "mofa", "--reason", "x", "--effective", "2022-02-01")
    more = ["extend", "A-1", "--reason", "x", "--due"]
    office(*more, "2022-12-01", "--effective", "2022-04-01")
    error = office.refused(4, *more, "2023-03-01", "--effective", "2022-03-01")
    assert "2022-04-01" in error["message"]
    office(*more, "2022-11-01", "--effective", "2022-03-01")

    for day in ("2022-02-28", "2022-03-01", "2022-03-31", "2022-04-01"):
        ask_everything(office, "--as-of", day, refs=["A-1"])
    assert office.json("show", "A-1", "--as-of", "2022-03-15")["due"] == "2022-11-01"
    assert office.json("show", "A-1")["due"] == "2022-12-01"


def test_links_removed_and_made_again_out_of_their_order_make_no_endless_question(office):
    propose(office, "A-1")
    propose(office, "A-2")
    for ref, other, *words in (
        ("A-1", "A-2", "--effective", "2022-02-01"),
        ("A-1", "A-2", "--remove", "--effective", "2022-08-01"),
        ("A-2", "A-1", "--effective", "2022-03-01"),
    ):
        office("link", ref, "--repeats", other, *words)

    found = office.json("report", "review", "--of", "NFAC-20", "--as-of", "2022-06-01")
    assert {one["times"] for one in found["carried_over"]} == {2}


def test_a_case_was_there_from_the_day_its_proposal_was_corrected_to(office):
    propose(office, on="2024-01-10")
    office("correct", "A-1", "--field", "proposed_on", "--to", "2023-11-01", "--reason", "misread")
    given = ["--owner", "mofa", "--due", "2023-12-05"]
    office("assign", "A-1", *given, "--effective", "2023-11-15")

    for day in ("2023-11-20", "2023-12-10"):
        ask_everything(office, "--as-of", day)
    slipped = office.json("report", "slippage", "--as-of", "2023-12-10")["cases"]
    assert [(one["ref"], one["days_late"]) for one in slipped] == [("A-1", 5)]
    office.refused(3, "show", "A-1", "--as-of", "2023-10-31")


@pytest.mark.parametrize("repeated", [[], ["--outcome", "explained", "--answer", "x"]])
def test_a_case_is_not_resolved_before_it_was_answered(office, repeated):
    assign(office)
    office("advance", "A-1", "--effective", "2022-02-01")
    said = ["--outcome", "explained", "--answer", "x"]
    office("answer", "A-1", *said, "--effective", "2022-05-01")
    office.refused(4, "advance", "A-1", *repeated, "--effective", "2022-04-01")

    other = ["--outcome", "implemented", "--answer", "y", "--effective", "2022-04-01"]
    error = office.refused(4, "advance", "A-1", *other)
    assert "answer on 2022-05-01" in error["message"]
    office("advance", "A-1", *repeated, "--effective", "2022-05-01")
    shown = office.json("show", "A-1", "--as-of", "2022-05-01")
    assert (shown["state"], shown["outcome"], shown["answer"]) == ("resolved", "explained", "x")


# --- what only a forged log says --------------------------------------------------------------

ODD = [
    *((name, None) for name in ("title", "proposer", "state", "state_since", "proposed_on")),
    *((name, None) for name in ("extensions", "reopened", "original_due", "assigned_on", "owner")),
    *(("state", State.RESOLVED), ("coordinating", ("vufo", "vufo")), ("officer", "nobody")),
    ("links", (("repeats", "A-1"), ("repeats", "A-1"), ("repeats", "gone"))),
    *(("due_basis", "guess"), ("due_precision", "week"), ("outcome", "x"), ("first_outcome", "x")),
    *(("due_from", date(2022, 1, 1)), ("held_since", date(2022, 1, 1)), ("conference", "none")),
    *(("due", date.max), ("due", date.min), ("resolved_on", date.min)),
]


@pytest.mark.parametrize(("name", "value"), ODD)
def test_what_no_act_here_could_say_of_an_earlier_day_is_answered_all_the_same(
    office, name, value, monkeypatch
):
    if "://" in office.url:
        pytest.skip("a server lets nobody write such a log")
    monkeypatch.setattr(ledger, "refuse_unlawful", lambda *_: None)
    assign(office)
    with office.store().writing() as connection:
        desk = Desk(connection, actors.actor(connection, None), "x", TODAY)
        case = lookup.find_case(connection, "A-1")
        odd = desk.act("edit", case, {name: value}, effective_on=date(2022, 2, 1))
        mended = {name: getattr(case, name)}
        back = desk.act("edit", odd.after(), mended, effective_on=date(2022, 3, 1))
        desk.record(odd, back)
    is_lawful = name in CHANGES["edit"] and value != "none"
    assert office.run("audit", "verify").exit_code == (0 if is_lawful else 7)

    for day in ("2022-02-15", "2022-07-01"):
        ask_everything(office, "--as-of", day, refs=["A-1"])
    office("report", "review", "--of", "NFAC-20", "--as-of", "2022-02-15")


def test_successors_that_go_round_in_a_circle_stand_for_themselves(office):
    if "://" in office.url:
        pytest.skip("a server lets nobody write such a log")
    assign(office)
    with office.store().writing() as connection:
        desk = Desk(connection, actors.actor(connection, None), "x", TODAY)
        for code, heir in (("mofa", "vufo"), ("vufo", "mofa")):
            org = lookup.find(connection, actors.Organisation, code)
            desk.record(desk.act("end", org, {"valid_to": FIRST, "successor": heir}))

    found = office.json("report", "overdue", "--successors", "--until", "2030-12-31")
    assert [one["owner"] for one in found["by_owner"]] == ["mofa"]


# --- any acts, in any order of effect ---------------------------------------------------------

VERBS = (
    *("propose", "assign", "advance", "advance", "answer", "close", "reopen", "reopen"),
    *("send_back", "extend", "extend", "reassign", "hold", "resume", "link", "coordinate"),
    *("correct", "correct", "correct", "hand_over", "end", "move"),
)
"""The acts, the more telling ones more often."""

ORGS = ("mofa", "vufo", "hcmc-pc")
FIELDS = ("due", "due", "resolved_on", "resolved_on", "assigned_on", "study_on", "proposed_on")
wish = st.fixed_dictionaries(
    {
        "verb": st.sampled_from(VERBS),
        "case": st.integers(0, 2),
        "other": st.integers(0, 2),
        "day": st.integers(0, 40),
        "to": st.integers(-5, 60),
        "org": st.sampled_from(ORGS),
        "field": st.sampled_from((*FIELDS, "owner", "outcome", "answer")),
        "remove": st.booleans(),
        "clock": st.sampled_from([1, 1, 1, 30, -10]),
    }
)


def do(desk, one):
    """Do one act on the case it names, as it would be done in a register kept carelessly."""
    ref, day = f"NFAC-20.{one['case'] + 1:03d}", FIRST + timedelta(10 * one["day"])
    to, verb = FIRST + timedelta(10 * one["to"]), one["verb"]
    if verb in DIRECTORY:
        DIRECTORY[verb](desk, one, day, to)
        return
    given = GIVEN[verb](one, to)
    if verb == "advance" and lookup.find_case(desk.connection, ref).state != State.UNDER_STUDY:
        given = {}
    if verb == "correct":
        since = {"effective_on": day} if one["remove"] else {}
        corrections.correct(desk, ref, reason="x", **given, **since)
        return
    on = () if verb == "propose" else (ref,)
    getattr(cases, verb)(desk, *on, **given, why=Why(reason="x", effective_on=day))


def said(one, _=None):
    return {"outcome": "implemented", "answer": "x"} if one["remove"] else {}


def corrected(one, to):
    values = {"owner": one["org"], "outcome": "explained", "answer": "y"}
    return {"field": one["field"], "to": values.get(one["field"], to.isoformat())}


def linked(one, _):
    other = f"NFAC-20.{one['other'] + 1:03d}"
    return {"other": other, "relation": "repeats", "remove": one["remove"]}


GIVEN = {
    "propose": lambda one, _: {"title": "T", "proposer": one["org"], "conference": "NFAC-20"},
    "assign": lambda one, to: {"owner": one["org"], "due": to},
    "advance": said,
    "answer": lambda *_: {"outcome": "explained", "answer": "z"},
    "close": lambda one, _: {"outcome": CLOSING_OUTCOMES[one["other"]]},
    "reopen": lambda one, _: {"owner": one["org"] if one["remove"] else None},
    "send_back": lambda *_: {},
    "extend": lambda _, to: {"due": to},
    "reassign": lambda one, _: {"owner": one["org"]},
    "hold": lambda *_: {},
    "resume": lambda *_: {},
    "link": linked,
    "coordinate": lambda one, _: {"remove" if one["remove"] else "add": [one["org"]]},
    "correct": corrected,
}


def hand_over(desk, one, day, _):
    holder = lookup.find_login(desk.connection, "shared")
    if holder:
        people.deactivate_person(desk, holder.code, on=day, reason="left")
    code = f"p{audit_log.head(desk.connection).size}"
    people.add_person(desk, code, name="N", org=one["org"], login="shared")


def end(desk, one, day, _):
    given = {"successor": ORGS[one["other"]], "reason": "merged"}
    organisations.end_organisation(desk, one["org"], on=day, **given)


def move(desk, _, day, to):
    given = {"day": max(to, date(2022, 1, 1)), "reason": "no hall"}
    conferences.move_conference(desk, "NFAC-21", **given, effective_on=day)


DIRECTORY = {"hand_over": hand_over, "end": end, "move": move}


def acted(shell, wishes, monkeypatch):
    """Do what is wished, as far as it is not refused; return the instants of the acts."""
    # After the office's day, however often it is set back.
    clock = datetime(2029, 1, 1, tzinfo=UTC)
    instants = []
    for number, one in enumerate([{**wishes[0], "verb": "propose", "day": 0}] * 3 + wishes):
        clock += timedelta(one["clock"])
        monkeypatch.setattr(ledger, "now", lambda clock=clock: clock)
        instants.append(clock)
        with suppress(CaseworkError), shell.store().writing() as connection:
            desk = Desk(connection, actors.actor(connection, "registrar"), "x", TODAY)
            do(desk, one | ({"org": "hcmc-pc"} if number < 3 else {}))
    return instants


def test_whatever_was_done_every_question_of_every_day_is_answered(new_store, monkeypatch, much):
    sqlite = "://" not in new_store()
    monkeypatch.setattr("casework.system.clock.today", lambda _: TODAY)

    @settings(
        max_examples=much(2, 5) if sqlite else 1,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(wishes=st.lists(wish, min_size=25, max_size=45), picks=st.randoms(use_true_random=False))
    def asked(wishes, picks):
        shell = Shell(new_store(OFFICE))
        shell("conference", "add", "NFAC-99", "--number", "99", "--date", "2099-01-01")
        with monkeypatch.context() as patch:
            instants = acted(shell, wishes, patch)
        with shell.store().reading() as connection:
            events = [one for one in audit_log.every_event(connection) if one.kind == "case"]
        days = sorted({one.effective_on for one in events})
        between = [str(date.fromisoformat(day) - timedelta(1)) for day in days]
        shell("audit", "verify")
        shell("audit", "findings")
        for one in shell.json("list"):
            shell("history", one["ref"])
            if one["due"]:
                shell("due", "explain", one["ref"])
        for day in picks.sample(days, min(2, len(days))) + picks.sample(between, 1):
            known = picks.choice(instants).isoformat()
            ask_everything(shell, "--as-of", day)
            ask_everything(shell, "--as-of", day, "--known-at", known)
            shell("report", "diff", "--as-of", day, "--known-at", known)
            for one in shell.json("list", "--as-of", day):
                shell("show", one["ref"], "--as-of", day)
        ask_everything(shell, "--known-at", picks.choice(instants).isoformat())
        met = ["--of", "NFAC-20", "--for", "NFAC-99"]
        shell("report", "review", *met, "--as-of", picks.choice(days))

    asked()
