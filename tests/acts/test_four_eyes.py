"""Acts that wait for a second person, where the register's policy asks for one."""

import pytest
from offices import settled, strict_office

ANSWER = ("--outcome", "implemented", "--answer", "Circular 3 of Nguyễn Thị Lan")


@pytest.fixture
def strict(office):
    return strict_office(office)


ASKS = {
    "advance": ("under_study", ("advance", *ANSWER), "resolve", "resolved"),
    "close": ("assigned", ("close", "--outcome", "withdrawn", "--reason", "they said"), "close",
              "resolved"),
    "redact": ("resolved", ("redact", "--field", "answer", "--basis", "Decree 13",
                            "--consent", "chi"), "redact", "resolved"),
    "reopen": ("resolved", ("reopen", "--reason", "asked again"), "reopen", "under_study"),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKS)
def test_a_guarded_act_waits_and_is_done_when_another_confirms_it(strict, case, name):
    state, (verb, *words), act, target = ASKS[name]
    ref = settled(strict, case, state)
    before = strict.json("show", ref)

    asked = strict(verb, ref, *words, "--by", "nga")

    assert f"casework request confirm {ref}.R1" in asked.stderr
    assert {**strict.json("show", ref), "waiting": None} == before
    (waiting,) = strict.json("request", "list")
    assert (waiting["code"], waiting["verb"], waiting["asked_by"]) == (f"{ref}.R1", act, "nga")

    strict("request", "confirm", f"{ref}.R1")

    assert strict.json("show", ref)["state"] == target
    assert strict.json("request", "list") == []
    done = strict.json("history", ref)[-1]
    assert (done["act"], done["actor"]) == (act, "registrar")
    if act in {"resolve", "close"}:
        assert strict.json("show", ref)["resolved_by"] == "registrar"
    *_, asks, confirms, acts = strict.json("audit", "log")
    assert [one["act"] for one in (asks, confirms, acts)] == ["ask", "confirm", act]
    strict("audit", "verify")
    strict("audit", "replay")


def test_what_is_no_decision_does_not_wait(strict, case):
    ref = case("under_study")
    strict("answer", ref, *ANSWER)
    strict("extend", ref, "--due", "2099-12-31", "--reason", "more time")

    assert strict.json("request", "list") == []
    assert strict.json("show", ref)["due"] == "2099-12-31"


def test_a_person_s_name_is_redacted_by_two(strict):
    strict("redact", "--person", "lan", "--basis", "Decree 13", "--consent", "chi", "--by", "nga")
    assert strict.json("person", "show", "lan")["name"] == "Nguyễn Thị Lan"

    strict("request", "confirm", "lan.R1")

    assert strict.json("person", "show", "lan")["name"] == "[redacted]"


def test_nobody_confirms_what_they_asked_for(strict, case):
    ref = case("assigned")
    strict("close", ref, "--outcome", "withdrawn", "--reason", "they said", "--by", "nga")
    mine = case("proposed")
    strict("close", mine, "--outcome", "withdrawn", "--reason", "they said")

    assert (
        "somebody else"
        in strict.refused(6, "request", "confirm", f"{ref}.R1", "--by", "nga")["message"]
    )
    # The registrar asked; whoever is named with --by still sits at the registrar's login.
    assert (
        "somebody else"
        in strict.refused(6, "request", "confirm", f"{mine}.R1", "--by", "nga")["message"]
    )


@pytest.mark.parametrize("who", ["lan", "thanh", "chi"])
def test_only_who_may_decide_alone_confirms(strict, case, who):
    ref = case("assigned")
    strict("close", ref, "--outcome", "withdrawn", "--reason", "they said", "--by", "nga")

    error = strict.refused(6, "request", "confirm", f"{ref}.R1", "--by", who)

    assert f"{who} may not" in error["message"]


def test_a_request_is_refused_or_taken_back_and_stays_readable(strict, case):
    ref = case("assigned")
    close = ("close", ref, "--outcome", "withdrawn", "--reason", "they said", "--by", "nga")
    strict(*close)
    strict("request", "refuse", f"{ref}.R1", "--reason", "not yet")
    strict(*close)
    strict("request", "refuse", f"{ref}.R2", "--reason", "a mistake", "--by", "nga")

    assert strict.json("show", ref)["state"] == "assigned"
    shown = strict.json("request", "show", f"{ref}.R1")
    assert (shown["decided"], shown["decided_by"]) == ("refused", "registrar")
    assert shown["what"]["changes"]["outcome"] == "withdrawn"
    error = strict.refused(4, "request", "confirm", f"{ref}.R2")
    assert "was refused by nga" in error["message"]
    strict.refused(3, "request", "confirm", "NONE.R1")


def test_one_act_waits_on_a_case_at_a_time(strict, case):
    ref = case("assigned")
    close = ("close", ref, "--outcome", "withdrawn", "--reason", "they said", "--by", "nga")
    strict(*close)

    assert f"{ref}.R1" in strict.refused(5, *close)["message"]


def test_what_was_changed_meanwhile_must_be_asked_for_again(strict, case):
    ref = case("under_study")
    strict("advance", ref, *ANSWER, "--by", "nga")
    strict("note", ref, "A note changes nothing.")
    strict("edit", ref, "--title", "Another title")

    error = strict.refused(5, "request", "confirm", f"{ref}.R1")

    assert "edit, by registrar" in error["message"]
    strict("request", "refuse", f"{ref}.R1", "--reason", "asked anew")
    strict("advance", ref, *ANSWER, "--by", "nga")
    strict("note", ref, "Another one.")
    strict("request", "confirm", f"{ref}.R2")
    assert strict.json("show", ref)["state"] == "resolved"


def test_the_policy_is_turned_off_by_two(strict):
    strict.refused(4, "policy", "four-eyes", "on", "--reason", "again")
    strict("policy", "four-eyes", "off", "--reason", "Decision 13", "--by", "nga")
    assert strict.json("policy", "show")["four_eyes"] is not None

    strict("request", "confirm", "register.R1")

    assert strict.json("policy", "show")["four_eyes"] is None
    strict.refused(6, "policy", "four-eyes", "on", "--reason", "mine", "--by", "lan")


def test_a_rehearsed_request_leaves_nothing(strict, case):
    ref = case("assigned")
    before = strict.head()

    strict("close", ref, "--outcome", "withdrawn", "--reason", "they said", "--dry-run")

    assert strict.json("request", "list") == []
    assert strict.head() == before


def test_a_redaction_erases_what_was_asked_for_too(strict, case):
    ref = case("under_study")
    strict("advance", ref, *ANSWER, "--by", "nga")
    strict("request", "confirm", f"{ref}.R1")
    assert disclosed(strict, "Circular 3")

    strict("redact", ref, "--field", "answer", "--basis", "Decree 13", "--consent", "chi",
           "--by", "nga")  # fmt: skip
    strict("request", "confirm", f"{ref}.R2")

    assert not disclosed(strict, "Circular 3")
    assert strict.json("request", "show", f"{ref}.R1")["what"] is None
    strict("audit", "verify")
    strict("audit", "replay")


def disclosed(office, words):
    with office.store().reading() as connection:
        found = connection.told("SELECT body FROM disclosure")
        rows = connection.told("SELECT what FROM request") + connection.told(
            'SELECT answer FROM "case"'
        )
    held = [bytes(body).decode() for (body,) in found] + [row[0] or "" for row in rows]
    return any(words in one for one in held)
