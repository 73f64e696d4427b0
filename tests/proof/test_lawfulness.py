"""`audit verify`: every event is one the rules allowed, however well the log was made anew.

The forger of these tests has the store and its key, as `test_forgeries` has it: bytes, tree, head
and rows are consistent, and only the rules tell.
"""

from copy import deepcopy

import pytest
from forging import appended, last_of, private, read_log, verdict, write_log

from casework.rules import law


@pytest.fixture
def held(office, case):
    """A register with a case under study, a resolved one, lan of a desk, and van, who left."""
    case("under_study", ref="A.1")
    case("resolved", ref="A.2")
    office("note", "A.1", "first")
    office("note", "A.2", "second")
    office("person", "add", "van", "--name", "Van", "--org", "mofa", "--role", "secretariat")
    office("person", "deactivate", "van", "--reason", "left")
    return office


def an_inspector_resolves(entries):
    _, before = last_of(entries, "A.1")
    day = before["effective_on"]
    body, values = appended(entries, "A.1", act="resolve", actor="thanh")
    body["changes"] = {
        "state": ["under_study", "resolved"],
        "resolved_on": [None, day],
        "resolved_by": [None, "thanh"],
        "outcome": [None, "implemented"],
    }
    private(body, values, "answer", None, "Done")
    return "thanh was not one who may do it: secretariat"


def an_inspector_takes_a_note(entries):
    appended(entries, "A.1", act="note", actor="thanh", note="seen")
    return "thanh was not one who may do it: "


def somebody_who_left_takes_a_note(entries):
    appended(entries, "A.1", act="note", actor="van", note="still here")
    return "van had left on "


def nobody_acts(entries):
    appended(entries, "A.1", act="note", actor="ghost", note="boo")
    return "the register had nobody called ghost then"


def an_act_there_is_not(entries):
    appended(entries, "A.1", act="absolve", note="forgiven")
    return 'its act is "absolve", which is unknown here'


def nobody_acts_in_another_century(entries):
    days = {"effective_on": "2098-01-01", "recorded_at": "2099-01-01T00:00:00.000000Z"}
    appended(entries, "A.1", act="note", actor="ghost", note="boo", **days)
    return "the register had nobody called ghost then"


def an_act_there_is_not_has_a_member_there_is_not(entries):
    appended(entries, "A.1", act="absolve", note="forgiven", mercy="granted")
    return 'its act is "absolve", which is unknown here'


def a_note_has_a_member_there_is_not(entries):
    appended(entries, "A.1", act="note", note="forgiven", mercy="granted")
    return "it has a member mercy, which no event has"


def an_act_of_another_kind(entries):
    appended(entries, "A.1", act="grant", note="a login for a case")
    return "grant is not possible when a case is under study"


def a_note_moves_the_state(entries):
    body, _ = appended(entries, "A.1", act="note", note="by the way")
    body["changes"] = {"state": ["under_study", "assigned"]}
    return "note leads to under study"


def a_note_changes_the_outcome(entries):
    body, _ = appended(entries, "A.2", act="note", note="by the way")
    body["changes"] = {"outcome": ["implemented", "not-accepted"]}
    return "note does not change outcome"


def a_correction_sets_what_none_may_set(entries):
    seq, _ = last_of(entries, "A.2")
    body, _ = appended(entries, "A.2", act="correct", reason="by the way", amends=seq)
    body["changes"] = {"links": [[], [["repeats", "A.1"]]]}
    return "correct does not change links"


def a_correction_corrects_nothing(entries):
    seq, _ = last_of(entries, "A.2")
    appended(entries, "A.2", act="correct", reason="by the way", amends=seq)
    return "case A.2 is like that already"


def a_desk_erases(entries):
    seq, _ = last_of(entries, "A.2")
    body, _ = appended(entries, "A.2", act="redact", actor="lan")
    body["redacts"] = [[seq, "note"]]
    entries[seq][1].pop("note")
    return "lan was not one who may do it: secretariat"


def nobody_says_why_it_is_erased(entries):
    seq, _ = last_of(entries, "A.2")
    body, _ = appended(entries, "A.2", act="redact")
    body["redacts"] = [[seq, "note"]]
    entries[seq][1].pop("note")
    return "redact needs reason"


def one_case_is_erased_under_another(entries):
    seq, _ = last_of(entries, "A.2")
    body, _ = appended(entries, "A.1", act="redact", reason="Law 91, article 4 (consent: hoa)")
    body["redacts"] = [[seq, "note"]]
    entries[seq][1].pop("note")
    return f"it erases note of event {seq}, which is not an event of case A.1"


def a_note_erases(entries):
    seq, _ = last_of(entries, "A.2")
    body, _ = appended(entries, "A.2", act="note", note="nothing to see")
    body["redacts"] = [[seq, "note"]]
    entries[seq][1].pop("note")
    return "only redact erases; note does not"


def it_was_recorded_yesterday(entries):
    appended(entries, "A.1", act="note", note="when?", recorded_at="yesterday")
    return 'its recorded_at is "yesterday"'


def it_takes_effect_tomorrow(entries):
    appended(entries, "A.1", act="note", note="soon", effective_on="2098-01-01")
    return "it took effect on 2098-01-01, later than the day it was recorded"


def a_desk_gives_itself_a_role(entries):
    body, _ = appended(entries, "lan", act="edit", actor="lan")
    body["changes"] = {"role": ["desk", "secretariat"]}
    return "lan was not one who may do it: secretariat, admin"


def it_only_says_that_it_was_told(entries):
    body, values = appended(entries, "A.1", act="resolve", actor="thanh")
    body["reported"] = {"source": "reported by list.csv"}
    day = body["effective_on"]
    body["changes"] = {
        "state": ["under_study", "resolved"],
        "reported": [None, "reported by list.csv"],
        "resolved_on": [None, day],
        "outcome": [None, "implemented"],
    }
    private(body, values, "answer", None, "Done")
    return "thanh was not one who may do it: secretariat"


def other_rules_are_entered(entries):
    body, _ = appended(entries, "register", act="rules", actor="registrar")
    body["changes"] = {"rules": [law.digest(), "ab" * 32]}
    return "this program does not have the rules it enters"


def it_links_to_a_case_there_is_not(entries):
    body, _ = appended(entries, "A.2", act="link", actor="registrar")
    body["changes"] = {"links": [[], [["repeats", "NOPE"]]]}
    return "it names case NOPE, which was not in the register then"


def it_is_given_to_an_organisation_that_came_later(entries):
    body, _ = appended(entries, "A.1", act="reassign", actor="registrar", reason="r")
    body["changes"] = {"owner": ["mofa", "sea"]}
    body, _ = appended(entries, "vufo", act="add", key="sea", actor="registrar")
    body["changes"] = {"name": [None, "Sea"], "org_kind": [None, "ministry"]}
    return "it names organisation sea, which was not in the register then"


def it_is_coordinated_by_nobody(entries):
    body, _ = appended(entries, "A.1", act="coordinate", actor="registrar")
    body["changes"] = {"coordinating": [[], ["vufo", "sea"]]}
    return "it names organisation sea, which was not in the register then"


def somebody_comes_to_no_organisation(entries):
    body, _ = appended(entries, "lan", act="edit", actor="registrar")
    body["changes"] = {"org": ["mofa", "sea"]}
    return "it names organisation sea, which was not in the register then"


FORGERIES = (
    an_inspector_resolves,
    an_inspector_takes_a_note,
    somebody_who_left_takes_a_note,
    nobody_acts,
    an_act_there_is_not,
    nobody_acts_in_another_century,
    an_act_there_is_not_has_a_member_there_is_not,
    a_note_has_a_member_there_is_not,
    an_act_of_another_kind,
    a_note_moves_the_state,
    a_note_changes_the_outcome,
    a_correction_sets_what_none_may_set,
    a_correction_corrects_nothing,
    a_desk_erases,
    nobody_says_why_it_is_erased,
    one_case_is_erased_under_another,
    a_note_erases,
    it_was_recorded_yesterday,
    it_takes_effect_tomorrow,
    a_desk_gives_itself_a_role,
    it_only_says_that_it_was_told,
    other_rules_are_entered,
    it_links_to_a_case_there_is_not,
    it_is_given_to_an_organisation_that_came_later,
    it_is_coordinated_by_nobody,
    somebody_comes_to_no_organisation,
)


def test_a_lie_behind_a_consistent_log_is_named(held):
    honest = read_log(held)
    assert verdict(held, deepcopy(honest)) == "in order"
    for forge in FORGERIES:
        entries = deepcopy(honest)
        said = forge(entries)
        found = verdict(held, entries)
        assert said in found, forge.__name__
        assert f"event {len(honest)}" in found
    held.refused(7, "audit", "verify")


def test_what_an_import_told_names_only_who_was_there_before(office, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("ref,title,proposer,state,owner\nB.1,T,vufo,assigned,mofa\n", "utf-8")
    office("import", file)
    entries = read_log(office)
    assert verdict(office, deepcopy(entries)) == "in order"

    # Within the run of the import, but behind the act that names it.
    body, _ = appended(entries, "vufo", act="add", key="sea", actor="registrar")
    body["changes"] = {"name": [None, "Sea"], "org_kind": [None, "ministry"]}
    entries.insert(-1, entries.pop())
    assigned = next(one for one, _ in entries if one["key"] == "B.1" and "owner" in one["changes"])
    assigned["changes"]["owner"][1] = "sea"
    assert "it names organisation sea, which was not in the register then" in verdict(
        office, entries
    )


# --- two people ------------------------------------------------------------------------------


def test_a_decision_for_two_that_one_made_is_named(office, case):
    case("under_study", ref="A.1")
    office("person", "add", "van", "--name", "V", "--org", "mofa", "--role", "secretariat")
    office("person", "edit", "van", "--login", "van-login")
    office("policy", "four-eyes", "on", "--reason", "Decision 12")
    words = ("--outcome", "implemented", "--answer", "Done", "--document", "No. 1")
    office("advance", "A.1", *words, "--by", "van")
    office("request", "confirm", "A.1.R1")
    honest = read_log(office)
    (asked, _), (confirmed, _), (done, _) = honest[-3:]
    assert (asked["act"], confirmed["act"], done["act"]) == ("ask", "confirm", "resolve")
    assert verdict(office, deepcopy(honest)) == "in order"

    def said(change):
        entries = deepcopy(honest)
        change(entries)
        return verdict(office, entries)

    def alone(entries):
        del entries[-2]

    def by_who_asked(entries):
        entries[-2][0]["actor"] = asked["actor"]
        entries[-2][0]["changes"]["decided_by"][1] = asked["actor"]

    def another_outcome(entries):
        entries[-1][0]["changes"]["outcome"][1] = "explained"

    def never_done(entries):
        del entries[-1]

    assert "it needs a second person, and nobody confirmed it" in said(alone)
    assert "confirmed request A.1.R1, which they had made themselves" in said(by_who_asked)
    assert "outcome is not what was asked for and confirmed" in said(another_outcome)
    assert "what it asked for does not follow" in said(never_done)


def test_rules_of_an_earlier_version_judge_what_was_recorded_under_them(held, monkeypatch):
    entries = read_log(held)
    earlier = "ab" * 32
    entries[0][0]["changes"]["rules"] = [None, earlier]
    a_note_changes_the_outcome(entries)
    assert "this program does not have the rules" in verdict(held, deepcopy(entries))

    monkeypatch.setitem(law.EARLIER, earlier, frozenset({"field"}))
    assert verdict(held, deepcopy(entries)) == "in order"
    held("db", "upgrade")
    assert held.json("audit", "log", "--act", "rules")[-1]["changes"] == {
        "rules": [earlier, law.digest()]
    }
    later = read_log(held)
    said = a_desk_gives_itself_a_role(later)
    assert said in verdict(held, later)


def test_what_an_earlier_version_recorded_is_a_finding(held):
    entries = read_log(held)
    del entries[0][0]["changes"]["rules"]
    said = an_inspector_resolves(entries)
    write_log(held, entries)
    assert held.refused(8, "note", "A.1", "n")["hint"].endswith("casework db upgrade")

    held("db", "upgrade")
    assert held.json("audit", "verify")["ok"]
    (one,) = held.json("audit", "findings", "--rule", "unlawful")
    assert one["seqs"] == [len(entries) - 1]
    assert said in one["text"]


@pytest.mark.parametrize(
    ("closed", "corrected", "acted", "is_open"),
    [
        ("2022-10-16", "2024-12-18", "2024-11-17", True),
        ("2024-12-18", "2022-10-16", "2023-11-17", False),
    ],
)
def test_an_act_is_judged_beside_the_days_that_corrections_have_moved(
    office, case, closed, corrected, acted, is_open
):
    ref = case()
    office("close", ref, "--outcome", "withdrawn", "--reason", "r", "--effective", closed)
    to = ("--field", "resolved_on", "--to", corrected, "--reason", "misread")
    office("correct", ref, *to)
    join = ("coordinate", ref, "--with", "vufo", "--effective", acted)
    if is_open:
        office(*join)
    else:
        office.refused(4, *join)
        owned = ("--owner", "mofa")
        office("reopen", ref, *owned, "--reason", "r", "--effective", acted)

    office("audit", "verify")
