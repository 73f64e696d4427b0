"""More time asked for by an owner, and cases it says are not its own; on both engines."""

from datetime import date, datetime

import pytest
import time_machine
from offices import strict_office

from casework.kinds.records import Case

REASON = ("--reason", "localities to be heard")
ASKED = {"asked": 0, "granted": 0, "cut": 0, "refused": 0, "withdrawn": 0, "ended": 0}
ASKED |= {"waiting": 0, "unanswered": 0}


def at(moment):
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


@pytest.fixture
def ref(case):
    """A case of mofa that is due at the end of 2098."""
    return case("assigned", due="2098-12-31")


@pytest.fixture
def asked(office, ref):
    """The same once its desk has asked for three months more; returns the code of the request."""
    with at("2026-01-05T02:00:00+00:00"):
        office("extend", ref, "--due", "2099-03-31", *REASON, "--by", "lan")
    return f"{ref}.T1"


def waits(office):
    return [(one["code"], one["verb"]) for one in office.json("request", "list")]


def totals(office):
    return office.json("report", "slippage")["asked_totals"]


def test_the_day_that_an_owner_asks_for_is_echoed_and_not_the_one_it_has(office, ref):
    typed = office("extend", ref, "--due", "31/3/2099", *REASON, "--by", "lan")

    assert "due: Tuesday, 31 March 2099" in typed.stderr
    assert "2098" not in typed.stderr


def test_an_owner_that_asks_for_more_time_is_answered_within_a_working_week(office, ref):
    with at("2026-01-08T02:00:00+00:00"):
        left = office.json("extend", ref, "--due", "2099-03-31", *REASON, "--by", "lan")
        listed = office.json("request", "list")
    event = office.json("history", ref)[-1]

    # A Thursday: five working days on.
    assert (left["due"], left["asked_due"]) == ("2098-12-31", "2099-03-31")
    assert left["reply_by"] == "2026-01-15"
    assert left["extensions"] == 0
    assert (event["act"], event["actor"], event["reason"]) == ("ask-time", "lan", REASON[1])
    assert listed == [
        {
            "code": f"{ref}.T1", "verb": "ask-time", "subject_kind": "case", "subject": ref,
            "asked_by": "lan", "asked_on": "2026-01-08", "decided": "waiting", "decided_by": None,
            "decided_on": None, "owner": "mofa", "asked_due": "2099-03-31",
            "reply_by": "2026-01-15", "reason": REASON[1],
        }
    ]  # fmt: skip
    assert office.json("request", "show", f"{ref}.T1") == listed[0]


def test_the_days_in_which_it_is_answered_are_the_registers(office, ref):
    office("policy", "reply-days", "3", "--reason", "the secretariat meets twice a week")
    with at("2026-01-08T02:00:00+00:00"):
        left = office.json("extend", ref, "--due", "2099-03-31", *REASON, "--by", "lan")

    assert office.json("policy", "show")["reply_days"] == 3
    assert left["reply_by"] == "2026-01-13"
    office.refused(4, "policy", "reply-days", "3", "--reason", "again")


def test_what_is_granted_is_an_extension_that_names_what_was_asked_for(office, ref, asked):
    left = office.json("request", "grant", asked)
    event = office.json("history", ref)[-1]

    assert (left["due"], left["extensions"]) == ("2099-03-31", 1)
    assert (left["asked_due"], left["reply_by"]) == (None, None)
    assert (event["act"], event["actor"], event["reason"]) == ("extend", "registrar", REASON[1])
    assert event["changes"]["asked_due"] == ["2099-03-31", None]
    assert f"answers the request: #{event['seq'] - 1}, lan" in office("history", ref).stdout
    assert waits(office) == []
    assert totals(office) == ASKED | {"asked": 1, "granted": 1}
    assert office("audit", "verify")


def test_an_earlier_date_is_a_cut_and_a_later_one_no_grant(office, ref, asked):
    office.refused(4, "request", "grant", asked, "--due", "2099-04-01")
    office.refused(4, "request", "grant", asked, "--due", "2098-12-31")
    left = office.json("request", "grant", ref, "--due", "2099-01-31", "--reason", "the conference")

    assert left["due"] == "2099-01-31"
    assert totals(office) == ASKED | {"asked": 1, "cut": 1}


def test_what_is_refused_or_withdrawn_leaves_the_due_date(office, ref, asked):
    refused = office.json("request", "refuse", asked, "--reason", "the conference is in May")
    office("extend", ref, "--due", "2099-02-28", *REASON, "--by", "lan")
    office.refused(4, "request", "refuse", asked, "--reason", "the first one was answered")
    left = office.json("request", "withdraw", f"{ref}.T2", "--by", "lan")

    assert (refused["due"], refused["asked_due"]) == ("2098-12-31", None)
    assert (left["due"], left["asked_due"]) == ("2098-12-31", None)
    assert totals(office) == ASKED | {"asked": 2, "refused": 1, "withdrawn": 1}
    (mofa,) = office.json("report", "slippage")["by_owner"]
    assert (mofa["asked"], mofa["refused"]) == (2, 1)


def test_a_case_has_one_open_request_for_time(office, ref, asked):
    error = office.refused(4, "extend", ref, "--due", "2099-06-30", *REASON, "--by", "lan")

    assert f"{asked.rpartition('.')[0]}" in error["message"]
    assert "2099-03-31" in error["message"]


@pytest.mark.parametrize(
    "words",
    [
        ("advance", "{}", "--outcome", "explained", "--answer", "A"),
        ("reassign", "{}", "--owner", "vufo", "--reason", "the Union holds the draft"),
        ("close", "{}", "--outcome", "withdrawn", "--reason", "asked again"),
        ("return", "{}", "--reason", "another owner"),
    ],
    ids=["resolve", "reassign", "close", "return"],
)
def test_another_act_ends_what_the_owner_asked_for(office, ref, asked, words):
    office("return", ref, "--not-ours", "--reason", "the Union's", "--by", "lan")
    if words[0] == "advance":
        office("advance", ref)
    left = office.json(*(word.format(ref) for word in words))

    assert [left[name] for name in ("asked_due", "reply_by", "contested_on")] == [None] * 3
    assert waits(office) == []
    assert totals(office) == ASKED | {"asked": 1, "ended": 1}
    assert office.refused(4, "request", "grant", asked)["message"]
    assert office("audit", "verify")


def test_who_may_ask_and_who_may_grant(office, ref, asked):
    extend = ("extend", ref, "--due", "2099-06-30", *REASON)
    assert office.refused(6, *extend, "--by", "minh")
    assert office.refused(6, *extend, "--by", "thanh")
    assert office.refused(6, "request", "grant", asked, "--by", "lan")
    assert office.refused(6, "request", "refuse", asked, "--reason", "r", "--by", "lan")
    assert office.refused(6, "request", "withdraw", asked, "--by", "minh")
    assert office.refused(3, "request", "grant", f"{ref}.T7")
    assert office.refused(3, "request", "grant", "missing")
    # The secretariat's own extension is one at once, as it always was, and answers the request.
    assert office.json(*extend)["due"] == "2099-06-30"
    assert totals(office) == ASKED | {"asked": 1, "granted": 1}


def test_the_secretariat_notes_what_an_owner_asks_for_on_paper(office, ref):
    paper = ("--document", "12/CV", "--ask")
    left = office.json("extend", ref, "--due", "2099-06-30", *REASON, *paper)

    assert (left["due"], left["asked_due"]) == ("2098-12-31", "2099-06-30")
    assert office.json("history", ref)[-1]["document"] == "12/CV"


def test_what_an_extension_needs_is_asked_when_it_is_granted(office, ref, asked):
    office("hold", ref, "--reason", "waits for the decree")

    assert office.refused(4, "request", "grant", asked)
    office("resume", ref)
    office("cause", "add", "storm", "--name", "Storm", "--objective", "yes")
    with at("2099-02-01T02:00:00+00:00"):
        assert "storm" in office.refused(4, "request", "grant", asked)["hint"]
        left = office.json("request", "grant", asked, "--late-cause", "storm")
    assert (left["due"], left["late_cause"]) == ("2099-03-31", "storm")


def test_two_people_decide_of_a_case_that_was_reopened(office, case):
    ref = case("resolved", due="2098-12-31")
    office("reopen", ref, "--reason", "not done")
    strict_office(office)
    office("extend", ref, "--due", "2099-03-31", *REASON, "--by", "lan")
    office("request", "grant", f"{ref}.T1", "--by", "nga")

    assert waits(office) == [(f"{ref}.R1", "extend"), (f"{ref}.T1", "ask-time")]
    office("request", "confirm", f"{ref}.R1")
    assert waits(office) == []
    assert office.json("show", ref)["due"] == "2099-03-31"
    assert totals(office)["granted"] == 1
    assert office("audit", "verify")


def test_what_is_not_answered_in_time_is_found(office, ref, asked):
    with at("2026-01-12T02:00:00+00:00"):
        assert rules(office) == []
        assert totals(office) == ASKED | {"asked": 1, "waiting": 1}
    with at("2026-01-13T02:00:00+00:00"):
        (found,) = office.json("audit", "findings", "--rule", "time-unanswered")
        counted = totals(office)

    seq = next(one["seq"] for one in office.json("history", ref) if one["act"] == "ask-time")
    assert (found["ref"], found["on"], found["seqs"]) == (ref, "2026-01-13", [seq])
    assert counted == ASKED | {"asked": 1, "unanswered": 1}
    office("request", "refuse", asked, "--reason", "too late")
    assert rules(office) == []


def rules(office):
    found = office.json(
        "audit", "findings", "--rule", "time-unanswered", "--rule", "owner-contests"
    )
    return [one["rule"] for one in found]


def test_a_case_that_is_not_its_owners_stays_with_it_until_the_secretariat_decides(office, ref):
    with at("2026-01-12T18:00:00+00:00"):  # past midnight in Hà Nội
        left = office.json("return", ref, "--not-ours", "--reason", "the Union's", "--by", "lan")

    assert (left["state"], left["owner"]) == ("assigned", "mofa")
    assert left["contested_on"] == "2026-01-13"
    assert waits(office) == [(f"{ref}.C1", "contest")]
    assert rules(office) == ["owner-contests"]
    assert office.refused(4, "return", ref, "--not-ours", "--reason", "r", "--by", "lan")
    assert office.refused(6, "uphold", ref, "--reason", "r", "--by", "lan")
    assert office.refused(6, "return", ref, "--not-ours", "--reason", "r", "--by", "minh")


def test_how_often_an_owner_contests_and_what_is_decided_is_counted(office, ref):
    for decided in (("uphold", ref), ("reassign", ref, "--owner", "vufo")):
        office("return", ref, "--not-ours", "--reason", "the Union's", "--by", "lan")
        office(*decided, "--reason", "Decree 28")
    report = office.json("report", "slippage")

    assert [(one["code"], one["answer"]) for one in report["contests"]] == [
        (f"{ref}.C1", "upheld"),
        (f"{ref}.C2", "taken"),
    ]
    counts = {one["owner"]: one["contests"] for one in report["by_owner"]}
    assert counts == {"mofa": 2, "vufo": 0}
    assert office.refused(4, "uphold", ref, "--reason", "r")
    assert "Vụ việc chủ trì cho là không thuộc thẩm quyền" in office(
        "report", "slippage", "--lang", "vi"
    ).stdout  # fmt: skip


def test_an_owner_that_returns_a_case_without_more_gives_it_up_as_ever(office, ref):
    left = office.json("return", ref, "--reason", "taken over by the Union", "--by", "lan")

    assert (left["state"], left["owner"]) == ("proposed", None)


def test_what_was_asked_for_is_told_as_of_a_day(office, ref):
    words = ("--due", "2099-03-31", *REASON, "--ask")
    office("extend", ref, *words, "--effective", "2022-03-01")
    office("request", "refuse", f"{ref}.T1", "--reason", "too early")
    then = office.json("report", "slippage", "--as-of", "2022-03-02")

    assert then["asked"][0]["answer"] == "waiting"
    assert office.json("report", "slippage")["asked"][0]["answer"] == "refused"


def test_what_an_owner_asked_for_comes_back_with_the_history(office, ref, asked, new_office):
    office("return", ref, "--not-ours", "--reason", "the Union's", "--by", "lan")
    lines = office("export", "-", "--format", "ndjson").stdout
    other = new_office()
    other("import", "-", input=lines)

    kept = {name: office.json("show", ref)[name] for name in ("asked_due", "reply_by")}
    assert {name: other.json("show", ref)[name] for name in kept} == kept
    assert other.json("request", "grant", asked)["due"] == "2099-03-31"
    assert other("audit", "verify")


def test_a_desk_asks_on_a_server_and_sees_what_it_asked_for(shared):
    ref = shared.case("assigned")
    lan, nga = shared.as_("lan"), shared.as_("nga")
    lan("extend", ref, "--due", "2100-06-30", *REASON)
    lan("return", ref, "--not-ours", "--reason", "the Union's")

    assert waits(lan) == [(f"{ref}.T1", "ask-time"), (f"{ref}.C1", "contest")]
    assert waits(shared.as_("hoa")) == []
    nga("request", "grant", f"{ref}.T1", "--due", "2100-03-31")
    nga("uphold", ref, "--reason", "Decree 28")
    assert nga.json("show", ref)["due"] == "2100-03-31"
    assert shared.keeper("audit", "verify")


def test_a_server_lets_nobody_ask_for_anothers_case_or_answer_their_own(shared):
    ref = shared.case("assigned", owner="mofa")
    waiting = {"asked_due": date(2100, 6, 30), "reply_by": date(2100, 1, 8)}
    hoa = shared.act("hoa", "ask-time", [Case, ref], waiting, reason="r")
    lan = shared.act("lan", "ask-time", [Case, ref], waiting, reason="r")

    assert shared.send("hoa", shared.event(hoa)) is not None
    assert shared.send("lan", shared.event(lan)) is None
    nothing = dict.fromkeys(waiting)
    refuse = shared.act("lan", "refuse-time", [Case, ref], nothing, reason="r")
    assert "may not" in shared.send("lan", shared.event(refuse))
    extended = {"due": date(2100, 6, 30), "extensions": 1, **nothing}
    extend = shared.act("lan", "extend", [Case, ref], extended, reason="r")
    assert "may not" in shared.send("lan", shared.event(extend))


def test_several_requests_are_answered_as_one_and_found_by_lists(office, case, tmp_path):
    with at("2026-01-05T02:00:00+00:00"):
        _answers_several(office, case, tmp_path)


def _answers_several(office, case, tmp_path):
    refs = [case("assigned", due="2026-12-31") for _ in range(3)]
    for ref in refs:
        office("extend", ref, "--due", "2027-03-31", *REASON, "--by", "lan")
    office("return", refs[0], "--not-ours", "--reason", "theirs", "--by", "lan")
    codes = [f"{ref}.T1" for ref in refs]

    def listed(*words):
        return {one["ref"] for one in office.json("list", *words)}

    assert listed("--asks-time") == {*refs}
    assert listed("--contested") == listed("--where", "contested and asks-time") == {refs[0]}
    office("person", "edit", "lan", "--email", "lan@office.example")
    office("remind", "--from", "o@office.example", "--soon", "3650", "--to", tmp_path / "letters")
    (letter,) = (tmp_path / "letters").iterdir()
    text = letter.read_text("utf-8").replace("=\n", "").replace("\n", " ")
    assert "asked for until 2027-03-31" in text
    assert "contested by its owner since" in text

    error = office.refused(4, "request", "grant", *codes, "--due", "2027-06-30")
    assert [one["ref"] for one in error["cases"]] == codes
    office.refused(6, "request", "grant", *codes, "--by", "lan")
    office.refused(3, "request", "withdraw", codes[0], "NFAC-99.T1", "--by", "lan")
    granted = office.json("request", "grant", *codes[:2])
    assert [one["due"] for one in granted] == ["2027-03-31"] * 2
    office("extend", refs[0], "--due", "2027-04-30", *REASON, "--by", "lan")
    last = (f"{refs[0]}.T2", codes[2])
    assert office("request", "withdraw", *last, "--by", "lan", "--dry-run")
    refused = office.json("request", "refuse", *last, "--reason", "no")

    assert [one["asked_due"] for one in refused] == [None, None]
    assert listed("--asks-time") == set()
    assert office("audit", "verify")


def test_requests_of_both_kinds_are_refused_together_or_not_at_all(office, asked, ref):
    strict = strict_office(office)
    strict("close", ref, "--reason", "R", "-O", "withdrawn", "--by", "nga")
    (second,) = (code for code, verb in waits(strict) if verb != "ask-time")
    words = ("request", "refuse", second, "--reason", "not yet")

    error = strict.refused(3, *words, asked, f"{ref}.T9")
    left = strict.json(*words, asked)

    assert [one["ref"] for one in error["cases"]] == [f"{ref}.T9"]
    assert [(one["code"], one["verb"], one["decided"]) for one in left] == [
        (second, "close", "refused"),
        (asked, "ask-time", "refused"),
    ]
    assert left[1]["decided_by"] == "registrar"
    assert waits(strict) == []
    assert [one["act"] for one in strict.json("history", ref)][-1] == "refuse-time"
    strict("audit", "verify")


def test_the_reference_of_a_case_stands_for_what_it_waits_for(office, asked, ref):
    strict = strict_office(office)
    strict("close", ref, "--reason", "R", "-O", "withdrawn", "--by", "nga")
    (second,) = (code for code, verb in waits(strict) if verb != "ask-time")

    told = strict("request", "refuse", ref, second, "--reason", "not yet", "--lang", "vi").stdout

    assert [line.split("  ")[0] for line in told.splitlines()] == [asked, second]
    assert waits(strict) == []
