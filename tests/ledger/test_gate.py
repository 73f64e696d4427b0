"""Two people for every decision, by whatever command, correction or program it is changed."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pgserver
import pytest
import time_machine
from offices import settled, strict_office
from shared import TODAY

from casework.acts import four_eyes
from casework.errors import NotAllowedError, RefusedError
from casework.kinds.choices import State
from casework.kinds.records import Case, Person, Request, shape
from casework.ledger import gate, ledger
from casework.questions import lookup
from casework.rules import guards
from casework.store import loading

pytestmark = pytest.mark.usefixtures("same_day")


@pytest.fixture
def strict(office):
    return strict_office(office)


CORRECTIONS = {
    "outcome": "not-accepted",
    "answer": "Another answer",
    "document": "No. 7",
    "response": "in-part",
    "owner": "hcmc-pc",
    "resolved_on": "2022-10-01",
    "proposed_on": "2021-12-01",
    "assigned_on": "2022-01-11",
    "due": "2023-06-30",
}


@pytest.mark.parametrize("field", CORRECTIONS)
def test_a_decision_is_corrected_by_two(strict, case, field):
    ref = settled(strict, case)
    before = strict.json("show", ref)

    asked = strict(
        "correct", ref, "--field", field, "--to", CORRECTIONS[field], "--reason", "typo",
        "--by", "nga",
    )  # fmt: skip

    assert f"casework request confirm {ref}.R1" in asked.stderr
    waits = {"request": f"{ref}.R1", "act": "correct", "asked_by": "nga"}
    now = strict.json("show", ref)
    assert now["waiting"].items() >= waits.items()
    assert {**now, "waiting": None} == before
    strict("request", "confirm", f"{ref}.R1")
    assert strict.json("show", ref)[field] == CORRECTIONS[field]
    strict("audit", "verify")


def test_what_waits_is_seen_where_the_case_is_seen(strict, case):
    ref, other = settled(strict, case, "assigned"), case("assigned")
    plain = strict("list").stdout
    asked = strict.json(
        "close", ref, "--outcome", "withdrawn", "--reason", "they said", "--by", "nga"
    )

    assert asked["waiting"]["request"] == f"{ref}.R1"
    for command in ("show", "history"):
        assert f"casework request confirm {ref}.R1" in strict(command, ref).stdout
        assert "request confirm" not in strict(command, other).stdout
    listed = {one["ref"]: one["waiting"] for one in strict.json("list")}
    assert listed[other] is None
    assert listed[ref]["act"] == "close"
    assert "waiting" in strict("list").stdout
    assert "đang chờ" in strict("show", ref, "--lang", "vi").stdout
    assert strict.json("show", ref, "--as-of", "2022-01-20")["waiting"] is None
    strict("request", "refuse", f"{ref}.R1", "--reason", "no")
    assert strict("list").stdout == plain


def test_what_decides_nothing_is_corrected_by_one(strict, case):
    ref = settled(strict, case)
    strict("correct", ref, "--field", "title", "--to", "Another", "--reason", "typo")
    open_ = case("under_study")
    strict("correct", open_, "--field", "due", "--to", "2023-06-30", "--reason", "typo")

    assert strict.json("request", "list") == []


def test_what_was_decided_of_a_reopened_case_stays_decided(strict, case):
    ref = settled(strict, case)
    strict("reopen", ref, "--reason", "again", "--by", "nga")
    strict("request", "confirm", f"{ref}.R1")
    strict("answer", ref, "--outcome", "explained", "--answer", "New")
    assert strict.json("request", "list") == []
    strict("reassign", ref, "--owner", "hcmc-pc", "--reason", "r", "--by", "nga")

    assert [one["verb"] for one in strict.json("request", "list")] == ["reassign"]


ROLES = {
    "a role given": ("person", "edit", "lan", "--role", "secretariat"),
    "a role taken": ("person", "edit", "van", "--role", "desk"),
    "a login moved": ("person", "edit", "van", "--login", "other"),
    "somebody who decides added": (
        "person", "add", "new", "--name", "New", "--org", "mofa", "--role", "secretariat",
        "--login", "new-login",
    ),
    "an administrator added": (
        "person", "add", "new", "--name", "New", "--org", "mofa", "--role", "admin",
    ),
    "one who decides leaves": (
        "person", "deactivate", "van", "--on", "2026-01-01", "--reason", "r",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROLES)
def test_who_may_decide_is_decided_by_two(strict, name):
    before = strict.json("person", "list")
    asked = strict(*ROLES[name], "--by", "nga")

    assert "casework request confirm" in asked.stderr
    assert strict.json("person", "list") == before
    (waiting,) = strict.json("request", "list")
    assert strict.refused(6, "request", "confirm", waiting["code"], "--by", "nga")
    strict("request", "confirm", waiting["code"])
    assert strict.json("person", "list") != before
    strict("audit", "verify")


def test_who_decides_nothing_is_registered_by_one(strict):
    strict("person", "add", "d", "--name", "D", "--org", "mofa", "--role", "desk", "--login", "d")
    strict("person", "edit", "d", "--name", "Other", "--login", "d2")
    strict("person", "edit", "van", "--name", "Other")

    assert strict.json("request", "list") == []


def test_the_registrar_s_login_is_not_taken_by_one(strict):
    login = strict.json("person", "show", "registrar")["login"]
    error = strict.refused(
        4, "person", "add", "new", "--name", "N", "--org", "mofa", "--role", "desk",
        "--login", login,
    )  # fmt: skip

    assert "two people must decide" in error["message"]


def test_the_policy_needs_two_who_may_decide(office):
    error = office.refused(4, "policy", "four-eyes", "on", "--reason", "x")
    assert "two people who may decide" in error["message"]
    office("person", "add", "nga", "--name", "N", "--org", "mofa", "--role", "secretariat")
    office.refused(4, "policy", "four-eyes", "on", "--reason", "x")
    office("person", "edit", "nga", "--login", "nga-login")
    office("policy", "four-eyes", "on", "--reason", "x")
    assert office.json("policy", "show")["four_eyes"] is not None


def test_whatever_is_erased_is_erased_by_two(strict):
    strict("person", "add", "vufo", "--name", "Named as an office", "--org", "mofa")
    strict("person", "edit", "vufo", "--role", "admin", "--by", "nga")
    strict("org", "edit", "vufo", "--name-vi", "Liên hiệp", "--reason", "a secret")
    (event,) = [one for one in strict.json("audit", "log") if one["reason"] == "a secret"]
    erase = ("redact", "--event", event["seq"], "--field", "reason", "--basis", "Decree 13")
    strict(*erase, "--consent", "van", "--by", "nga")

    assert [one["code"] for one in strict.json("request", "list")] == ["vufo.R1", "vufo.R2"]
    assert strict.json("audit", "log")[event["seq"]]["reason"] == "a secret"
    strict("request", "confirm", "vufo.R2")
    assert strict.json("audit", "log")[event["seq"]]["reason"] is None
    strict("audit", "verify")


def test_another_policy_is_changed_by_two_too(strict):
    strict("policy", "next-working-day", "on", "--reason", "law", "--by", "nga")

    assert [one["verb"] for one in strict.json("request", "list")] == ["policy"]


def test_nothing_comes_in_resolved_while_two_decide(strict):
    row = '{"ref": "X.1", "title": "T", "proposer": "vufo", "state": "resolved",'
    row += ' "proposed_on": "2021-01-01", "assigned_on": "2021-02-01", "study_on": "2021-03-01",'
    row += ' "owner": "mofa", "due": "2022-01-01", "outcome": "explained", "answer": "Done",'
    row += ' "resolved_on": "2021-12-01"}'
    error = strict.refused(4, "import", "-", input=row)

    assert "two people to resolve a case" in error["message"]
    strict("import", "-", input=row.replace('resolved"', 'under_study"', 1)
           .replace(', "resolved_on": "2021-12-01"', "")
           .replace(' "outcome": "explained", "answer": "Done",', ""))  # fmt: skip


@contextmanager
def desk_of_nga(shell, ref):
    """Open a desk of nga, who may decide, on a case; what is recorded there is taken back."""
    with shell.store().writing() as connection:
        actor = loading.load(connection, Person, "nga")
        desk = ledger.Desk(connection, actor, "nga-login", TODAY)
        yield desk, loading.load(connection, Case, ref)
        connection.rollback()


def test_the_ledger_itself_refuses_what_has_no_second_person(strict, case):
    ref = settled(strict, case)
    with desk_of_nga(strict, ref) as (desk, subject):
        act = desk.act("correct", subject, {"answer": "Another one"}, reason="x")
        with pytest.raises(NotAllowedError, match="needs a second person"):
            ledger.record(desk.connection, [act])


def test_no_second_person_is_asked_for_what_no_rule_allows(strict, case):
    ref = settled(strict, case)
    with desk_of_nga(strict, ref) as (desk, subject):
        act = desk.act("note", subject, {"outcome": "withdrawn"}, note="x")
        with pytest.raises(RefusedError, match="note does not change outcome"):
            desk.record(act)

    assert strict.json("request", "list") == []


def test_every_date_of_a_case_is_part_of_its_decision():
    # When the proposer said what it thinks of a resolution decides nothing.
    assert shape(Case.kind).dates - {*guards.SETTLED} == {"verdict_on"}
    assert {"outcome", "answer", "document", "owner", "holds"} <= {*guards.SETTLED}


# --- alone -----------------------------------------------------------------------------------


def alone(office):
    """Ask for something by nga, and let everybody else who could confirm be gone."""
    office.sql("UPDATE person SET login = NULL WHERE code IN ('van', 'registrar')")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_who_asked_may_act_alone_once_nobody_else_could(strict, case):
    ref = settled(strict, case, "assigned")
    close = ("close", ref, "--outcome", "withdrawn", "--reason", "they said", "--by", "nga")
    strict(*close)
    confirm = ("request", "confirm", f"{ref}.R1", "--by", "nga")
    strict.refused(6, *confirm)
    strict.refused(2, *confirm, "--alone")
    strict.refused(2, *confirm, "--reason", "gone")
    alone_ = (*confirm, "--alone", "--reason", "everybody is gone")
    assert "may confirm this" in strict.refused(6, *alone_)["message"]
    alone(strict)
    from_ = TODAY + timedelta(days=guards.WAIT_DAYS + 1)
    with time_machine.travel(from_ - timedelta(days=1), tick=False):
        assert f"can be carried out alone from {from_}" in strict.refused(4, *alone_)["message"]
    with time_machine.travel(from_, tick=False):
        strict(*alone_)
        assert strict.json("show", ref)["state"] == "resolved"
        first = strict.json("audit", "findings")[0]
        signed = strict("audit", "checkpoint", "--by", "nga")
        assert f"nga carried out {ref}.R1 alone" in signed.stderr
        assert "alone" not in strict("audit", "checkpoint", "--by", "nga").stderr
    assert first["rule"] == "decided-alone"
    assert f"{ref}.R1" in first["text"]


# --- the server ------------------------------------------------------------------------------


@pytest.fixture
def server(shared):
    """A shared register whose decisions need two people, and a case that was resolved before."""
    shared.keeper("person", "add", "van", "--name", "Vân", "--org", "mofa", "--role", "secretariat")
    shared.ref = shared.case("resolved")
    shared.keeper("policy", "four-eyes", "on", "--reason", "Decision 12")
    return shared


DECISIONS = {
    "outcome": "withdrawn",
    "answer": "Another",
    "document": "No. 9",
    "owner": "hcmc-pc",
    "due": TODAY,
    "resolved_on": TODAY - timedelta(days=1),
    "proposed_on": TODAY - timedelta(days=1),
    "first_outcome": "withdrawn",
    "holds": ((TODAY.isoformat(), TODAY.isoformat()),),
    "state": State.UNDER_STUDY,
}


@pytest.mark.parametrize("verb", ["correct", "edit", "reopen", "note", "link"])
def test_no_verb_changes_a_decision_on_a_server(server, verb):
    for field, value in DECISIONS.items():
        act = server.act("nga", verb, [Case, server.ref], {field: value}, reason="r")

        assert server.refuses("nga", server.event(act)), field


def test_a_correction_of_a_decision_needs_two_on_a_server(server):
    act = server.act("nga", "correct", [Case, server.ref], {"outcome": "withdrawn"}, reason="r")

    assert "needs a second person" in server.refuses("nga", server.event(act))


@pytest.mark.parametrize(
    ("subject", "verb", "changes"),
    [
        ([Person, "lan"], "edit", {"role": "secretariat"}),
        ([Person, "van"], "edit", {"role": None}),
        ([Person, "van"], "deactivate", {"ended_on": TODAY, "login": None}),
        ([Person, "chi"], "revoke", {"login": None}),
        (("person", "new"), "add", {"name": "N", "role": "admin"}),
    ],
)
def test_who_may_decide_is_decided_by_two_on_a_server(server, subject, verb, changes):
    act = server.act("nga", verb, subject, changes, reason="r")

    assert "needs a second person" in server.refuses("nga", server.event(act))


def test_logins_are_granted_by_who_keeps_the_server_with_two_people_too(server):
    new = ("person", "add", "moi", "--name", "Moi", "--org", "mofa", "--role", "admin")
    for words in (("person", "edit", "chi", "--login", "another"), (*new, "--login", "another")):
        error = server.as_("nga").refused_(6, *words)
        assert "only the operator of the server grants logins" in error["message"]
    server.as_("nga")(*new)
    server.keeper("request", "confirm", "moi.R1")
    server.keeper("db", "grant", "moi", "--login", server.login("moi"), "--by", "van")
    # Who confirms need not keep the server: who asked for it does.
    server.as_("nga")("request", "confirm", "moi.R2")
    assert server.keeper.json("person", "show", "moi")["login"] == server.login("moi")


def test_what_is_told_comes_in_resolved_on_no_server(server):
    told = {
        "title": "T",
        "proposer": "vufo",
        "state": State.PROPOSED,
        "state_since": TODAY,
        "proposed_on": TODAY,
        "reported": "k.csv",
    }
    first = server.act("nga", "propose", ("case", "X.1"), told, reported={"source": "k.csv"})
    resolved = {"state": State.RESOLVED, "outcome": "explained", "answer": "A",
                "resolved_on": TODAY, "resolved_by": "nga"}  # fmt: skip
    second = replace(first, verb="close", before=first.after(), changes=resolved, reason="r")
    events = [server.event(first), server.event(second)]

    assert "needs a second person" in server.refuses("nga", *events)


def test_a_confirmation_is_followed_by_what_it_confirms(server):
    server.as_("nga")("reopen", server.ref, "--reason", "again")
    decision = {"decided": "confirmed", "decided_by": "registrar", "decided_on": TODAY}
    confirm = server.act("registrar", "confirm", [Request, f"{server.ref}.R1"], decision)
    lone = server.event(confirm)
    note = server.act("registrar", "note", [Case, server.ref], {}, note="x")
    before = server.head()
    for events in ([lone], [lone, server.event(note)]):
        why = server.send(None, *events)
        assert "is confirmed, but its act does not follow" in why
    assert server.head() == before
    server.keeper("request", "confirm", f"{server.ref}.R1")
    assert server.keeper.json("show", server.ref)["state"] == "under_study"


def test_nobody_acts_alone_on_a_server_before_their_time(server):
    server.as_("nga")("reopen", server.ref, "--reason", "again")
    decision = {"decided": "confirmed", "decided_by": "nga", "decided_on": TODAY}
    confirm = server.act("nga", "confirm", [Request, f"{server.ref}.R1"], decision, reason="gone")
    assert "nga may not confirm" in server.refuses("nga", server.event(confirm))
    pgserver.ask(server.url, "UPDATE person SET login = NULL WHERE code <> 'nga'")
    confirm = server.act("nga", "confirm", [Request, f"{server.ref}.R1"], decision, reason="gone")
    # Nobody else could confirm it now; it has not waited long enough.
    assert "nga may not confirm" in server.send("nga", server.event(confirm))


def test_who_asked_may_act_alone_on_a_server_once_their_time_has_come(server, monkeypatch):
    nga, code = server.as_("nga"), f"{server.ref}.R1"
    alone_ = ("request", "confirm", code, "--alone", "--reason", "everybody is gone")
    nga("reopen", server.ref, "--reason", "again")
    monkeypatch.setattr(four_eyes, "WAIT_DAYS", -1)
    server.rule("guards", wait_days=0)
    assert "may confirm this" in nga.refused_(6, *alone_)["message"]
    pgserver.ask(server.url, "UPDATE person SET login = NULL WHERE code <> 'nga'")
    decision = {"decided": "confirmed", "decided_by": "nga", "decided_on": TODAY}
    silent = server.act("nga", "confirm", [Request, code], decision)
    assert "nga may not confirm" in server.send("nga", server.event(silent))
    server.rule("guards", wait_days=1)
    assert "nga may not confirm" in nga.refused_(6, *alone_)["message"]
    server.rule("guards", wait_days=0)
    nga(*alone_)

    assert nga.json("show", server.ref)["state"] == "under_study"
    confirmed, done = nga.json("audit", "log")[-2:]
    assert (confirmed["act"], confirmed["reason"]) == ("confirm", "everybody is gone")
    assert (done["act"], done["actor"]) == ("reopen", "nga")


def test_the_policy_needs_two_who_may_decide_on_a_server(shared):
    pgserver.ask(shared.url, "UPDATE person SET login = NULL WHERE code = 'registrar'")
    act = shared.act("nga", "policy", [type(register(shared)), "register"], {"four_eyes": TODAY})

    assert "two people who may decide" in shared.refuses("nga", shared.event(act))


def register(office):
    with office.keeper.store().reading() as connection:
        return lookup.register(connection)


def test_the_gate_reads_the_policy_of_the_register(strict):
    with strict.store().reading() as connection:
        assert gate.is_on(connection)
