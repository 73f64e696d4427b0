"""A proposal is taken out of the register: its case counts nowhere, and is found by who asks."""

import csv
import io
import json
import sqlite3
from shlex import split

import pytest
from offices import settled, strict_office

from casework.ledger import judging

WHY, NOON = "entered twice", "2022-01-10T05:00:00.000000Z"


@pytest.fixture
def entered(office, case):
    """A case that is proposed, with a note, after another one; its reference."""
    _, ref = case("assigned"), case()
    office("note", ref, "the same as another one")
    return ref


def number(office, ref, act="propose"):
    return next(one["seq"] for one in office.json("history", ref) if one["act"] == act)


def strike(office, ref, act="propose", *more):
    words = ("correct", ref, "--event", number(office, ref, act), "--strike", "--reason", WHY)
    return office.json(*words, *more)


def refs(office, *words):
    return {one["ref"] for one in office.json("list", *words)}


def test_it_counts_nowhere_and_is_still_found(office, entered):
    before = refs(office)
    instant = office.json("history", entered)[-1]["recorded_at"]

    left = strike(office, entered)

    assert left["struck"]["reason"] == WHY
    assert refs(office) == before - {entered}
    assert office.json("report", "progress")["totals"]["cases"] == len(before) - 1
    overdue = office.json("report", "overdue", "--until", "2099-01-01")
    assert overdue["totals"]["cases"] == len(before) - 1
    assert entered not in json.dumps(overdue)
    assert refs(office, "--as-of", "2099-01-01") == before - {entered}
    assert refs(office, "--known-at", instant) == before
    then = office.json("report", "progress", "--known-at", instant)
    assert then["totals"]["cases"] == len(before)
    shown = office.json("show", entered)
    assert (shown["struck"]["by"], shown["struck"]["seq"]) == (
        "registrar",
        office.json("history", entered)[-1]["seq"],
    )
    assert "struck" not in office.json("show", entered, "--known-at", instant)
    assert office.json("show", entered, "--as-of", "2026-01-05")["struck"]["reason"] == WHY
    assert WHY in office("show", entered).stdout
    found = {one["ref"]: one["struck"] for one in office.json("search", shown["title"])}
    assert found[entered]["by"] == "registrar"
    assert {one for one in found if found[one] is None} == before - {entered}
    assert WHY in office("search", entered).stdout
    rows = [*csv.DictReader(io.StringIO(office("search", entered, "--format", "csv").stdout))]
    assert WHY in rows[0]["struck"]
    assert office.json("audit", "verify")["ok"] is True


def test_before_its_day_it_was_not_there_where_nobody_knew_that_it_is_struck(office, entered):
    instant = office.json("history", entered)[-1]["recorded_at"]
    strike(office, entered)
    known = ("--known-at", instant)

    assert office.json("show", entered, "--as-of", "2021-12-13", *known)["version"] == 1
    error = office.refused(3, "show", entered, "--as-of", "2021-12-12", *known)
    assert error["code"] == "not-found"
    assert office.json("show", entered, "--as-of", "2021-12-12")["struck"]["reason"] == WHY


def test_its_reference_is_never_given_again(office, entered, tmp_path):
    strike(office, entered)
    words = ("--title", "T", "--proposer", "hcmc-pc", "--conference", "NFAC-20")

    taken = office.refused(5, "propose", "--ref", entered.lower(), *words)
    new = office.json("propose", *words)["ref"]

    assert "not given again" in taken["message"]
    assert new == "NFAC-20.003"
    (tmp_path / "a.csv").write_text(f"ref,title,proposer\n{entered},T,hcmc-pc\n", "utf-8")
    assert entered in office.refused(2, "import", tmp_path / "a.csv")["message"]


DONE_ON_IT = (
    "note {ref} n",
    "assign {ref} --owner mofa --due 2030-06-30",
    "close {ref} --outcome withdrawn --reason r",
    "edit {ref} --title N",
    "correct {ref} --field title --to N --reason r",
    "correct {ref} --event {first} --strike --reason r",
    "correct {ref} --event {note} --strike --reason r",
    "link {other} --repeats {ref}",
    "answer {ref} --outcome explained --answer a",
)


def test_nothing_is_done_on_it(office, entered):
    other = next(iter(refs(office) - {entered}))
    named = {"first": number(office, entered), "note": number(office, entered, "note")}
    strike(office, entered)
    events = len(office.json("history", entered))

    for words in DONE_ON_IT:
        line = words.format(ref=entered, other=other, **named)
        error = office.refused(4, *split(line))

        assert "struck out of the register by registrar" in error["message"], line
        assert f"--event {named['note'] + 1} --strike" in error["hint"], line
    assert len(office.json("history", entered)) == events


def test_it_is_brought_back_and_taken_out_again(office, entered):
    before = office.json("show", entered)
    strike(office, entered)
    last = office.json("history", entered)[-1]["seq"]

    left = office.json("correct", entered, "--event", last, "--strike", "--reason", "it was right")

    assert {**left, "version": 0} == {
        name: value for name, value in {**before, "version": 0}.items() if name != "linked_from"
    }
    assert entered in refs(office)
    assert office.json("audit", "verify")["ok"] is True
    office("assign", entered, "--owner", "mofa", "--due", "2030-06-30")
    rests = strike_refused(office, entered)
    assert f"event {number(office, entered, 'assign')}, assign of" in rests["message"]
    strike(office, entered, "assign")
    strike(office, entered)
    assert entered not in refs(office)
    assert office.json("audit", "verify")["ok"] is True


def test_what_brought_it_back_is_taken_out_and_each_moment_knows_what_was_so(office, entered):
    known = [office.json("history", entered)[-1]["recorded_at"]]
    for _ in range(4):
        (last,) = [one["seq"] for one in office.json("history", entered)[-1:]]
        event = number(office, entered) if len(known) == 1 else last
        office("correct", entered, "--event", event, "--strike", "--reason", f"time {len(known)}")
        known.append(office.json("history", entered)[-1]["recorded_at"])
        assert office.json("audit", "verify")["ok"] is True

    def reason(*when):
        return (office.json("show", entered, *when).get("struck") or {}).get("reason")

    assert [reason("--known-at", at) for at in known] == [None, "time 1", None, "time 3", None]
    assert [reason("--as-of", "2022-01-01", "--known-at", at) for at in known] == [
        reason("--known-at", at) for at in known
    ]
    assert reason() is None
    office("undo", entered, "--yes", "--reason", "for good")
    assert reason() == "for good"
    assert entered not in refs(office)
    assert office.json("audit", "verify")["ok"] is True
    office("db", "check")


def strike_refused(office, ref):
    words = ("correct", ref, "--event", number(office, ref), "--strike", "--reason", WHY)
    return office.refused(4, *words)


def test_it_is_not_taken_out_while_others_are_linked_to_it(office, entered):
    other = next(iter(refs(office) - {entered}))
    office("link", other, "--repeats", entered)

    error = strike_refused(office, entered)
    assert other in error["message"]

    office(*split(error["hint"].partition("casework ")[2]))
    strike(office, entered)
    office("audit", "verify")


def test_it_is_not_taken_out_again_by_an_undo_while_others_are_linked_to_it(office, entered):
    other = next(iter(refs(office) - {entered}))
    strike(office, entered)
    office("undo", entered, "--yes")
    last = office.json("history", entered)[-1]["seq"]
    office("link", other, "--repeats", entered)
    words = ("correct", entered, "--event", last, "--strike", "--reason", WHY)

    assert other in office.refused(4, *words)["message"]

    office("link", other, "--repeats", entered, "--remove")
    office(*words)
    assert entered not in refs(office)
    assert office.json("audit", "verify")["ok"] is True


def test_its_own_links_are_acts_that_rest_on_it(office, entered):
    other = next(iter(refs(office) - {entered}))
    office("link", entered, "--repeats", other)

    assert ", link of" in strike_refused(office, entered)["message"]


@pytest.fixture
def linked(office, entered):
    """Two cases, and the act to be taken out so that the first is linked to the second again.

    The link is taken out, or `and_removed` by an act of its own.
    """

    def make(*, and_removed=False):
        other = next(iter(refs(office) - {entered}))
        office("link", other, "--repeats", entered)
        if and_removed:
            office("link", other, "--repeats", entered, "--remove")
        else:
            office(*taken_back(other, last_event(office, other)))
        return other, entered, last_event(office, other)

    return make


def taken_back(ref, event):
    return ("correct", ref, "--event", event, "--strike", "--reason", WHY)


def last_event(office, ref):
    return office.json("history", ref)[-1]["seq"]


@pytest.mark.parametrize("and_removed", [False, True])
def test_no_link_to_it_is_brought_back(office, linked, and_removed):
    other, ref, event = linked(and_removed=and_removed)
    strike(office, ref)

    error = office.refused(4, *taken_back(other, event))

    assert f"{other} would be linked to {ref}" in error["message"]
    office(*split(error["hint"].partition("casework ")[2]))
    assert office.json(*taken_back(other, event))["links"] == [{"relation": "repeats", "ref": ref}]
    assert office.json("audit", "verify")["ok"] is True


@pytest.mark.parametrize("and_removed", [False, True])
def test_no_link_that_closes_a_circle_is_brought_back(office, linked, and_removed):
    other, ref, event = linked(and_removed=and_removed)
    office("link", ref, "--repeats", other)

    error = office.refused(4, *taken_back(other, event))

    assert "would make a circle" in error["message"]
    office("link", ref, "--repeats", other, "--remove")
    office(*taken_back(other, event))
    assert office.json("audit", "verify")["ok"] is True


def test_a_server_refuses_such_links_by_itself(office, linked, monkeypatch):
    if "://" not in office.url:
        pytest.skip("a file has no rules of its own for them but that of its foreign keys")
    other, ref, event = linked()
    monkeypatch.setattr(judging, "_refuse_links", lambda *_: None)

    strike(office, ref)
    assert "taken out" in office.refused(6, *taken_back(other, event))["message"]
    office(*taken_back(ref, last_event(office, ref)))
    office("link", ref, "--repeats", other)
    assert "circle" in office.refused(6, *taken_back(other, event))["message"]


def test_it_comes_back_with_its_links_where_they_may_be(office, entered, tmp_path):
    history = [
        {"act": "propose", "actor": "x", "effective_on": "2022-01-10", "recorded_at": NOON,
         "changes": {
            "title": [None, "Told"], "proposer": [None, "hcmc-pc"], "state": [None, "proposed"],
            "proposed_on": [None, "2022-01-10"], "state_since": [None, "2022-01-10"],
            "links": [[], [["repeats", entered]]],
         }}
    ]  # fmt: skip
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"ref": "T-1", "title": "Told", "proposer": "hcmc-pc", "history": history}),
        "utf-8",
    )
    office("import", tmp_path / "a.jsonl")
    assert office.json("show", "T-1")["links"] == [{"relation": "repeats", "ref": entered}]
    strike(office, "T-1")
    strike(office, entered)

    error = office.refused(4, *taken_back("T-1", last_event(office, "T-1")))

    assert f"T-1 would be linked to {entered}" in error["message"]
    office(*taken_back(entered, last_event(office, entered)))
    office(*taken_back("T-1", last_event(office, "T-1")))
    assert office.json("show", "T-1")["links"] == [{"relation": "repeats", "ref": entered}]
    assert office.json("audit", "verify")["ok"] is True


def test_undo_proposes_to_take_it_out(office, case):
    ref = case()
    told = office("undo", ref, "--dry-run").stdout

    left = office.json("undo", ref, "--yes")

    assert "is struck out, and its case with it" in told
    assert left["struck"]["by"] == "registrar"
    assert ref not in refs(office)
    assert office.json("undo", ref, "--yes")["state"] == "proposed"
    assert ref in refs(office)


def test_a_desk_may_not_and_four_eyes_ask_as_for_a_proposal(office, case):
    ref = case()
    strict_office(office)
    words = ("correct", ref, "--event", number(office, ref), "--strike", "--reason", WHY)

    office.refused(6, *words, "--by", "minh")
    office(*words, "--by", "nga")

    assert office.json("request", "list") == []
    assert ref not in refs(office)
    assert office.json("audit", "verify")["ok"] is True


def test_what_was_decided_is_taken_out_by_two_before(office, case):
    ref = settled(strict_office(office), case)

    assert ", resolve of" in strike_refused(office, ref)["message"]


def test_a_reminder_of_it_stays(office, case, tmp_path):
    office("org", "edit", "mofa", "--email", "desk@mofa.example")
    ref = case("assigned", due="2023-11-30")
    words = ("remind", "--from", "office@example.org", "--to", tmp_path / "letters")
    (tmp_path / "letters").mkdir()
    office(*words)
    (letter,) = (tmp_path / "letters").glob("*.eml")
    assert ref in letter.read_text("utf-8")
    strike(office, ref, "assign")
    strike(office, ref)

    assert office.json("audit", "verify")["ok"] is True
    assert ref not in office(*words, "--dry-run").stdout


def test_a_secret_one_stays_secret(office, case):
    ref = case()
    office("edit", ref, "--secrecy", "secret", "--title", "Whom nobody names")
    error = strike_refused(office, ref)
    assert ", edit of" in error["message"]
    ref = office.json(
        *("propose", "--title", "Whom nobody names", "--proposer", "hcmc-pc"),
        *("--secrecy", "secret"),
    )["ref"]
    strike(office, ref)

    assert "nobody names" not in office("show", ref).stdout
    assert ref not in {one["ref"] for one in office.json("search", "nobody names")}
    assert "nobody names" not in office("history", ref).stdout


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_register_with_one_is_told_and_imported_again(
    office, entered, new_office, tmp_path, times
):
    strike(office, entered)
    for _ in range(times - 1):
        last = office.json("history", entered)[-1]["seq"]
        office("correct", entered, "--event", last, "--strike", "--reason", WHY)
    office("export", tmp_path / "all.jsonl")
    office("export", tmp_path / "all.csv")
    other = new_office()

    is_out = times % 2 == 1
    assert (entered in (tmp_path / "all.csv").read_text("utf-8")) is not is_out
    assert office.json("import", tmp_path / "all.jsonl")["created"] == 0
    assert other.json("import", tmp_path / "all.jsonl")["created"] == 2
    assert refs(other) == refs(office)
    struck = other.json("show", entered).get("struck") or {}
    assert struck.get("reason") == (WHY if is_out else None)
    other.refused(5, "propose", "--ref", entered, "--title", "T", "--proposer", "hcmc-pc")
    assert other.json("audit", "verify")["ok"] is True
    other("export", tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "all.jsonl").read_bytes()


def test_the_balance_closes_without_it(office, entered):
    days = ("report", "progress", "--from", "2020-01-01", "--to", "2026-11-01")
    before = office.json(*days)["balance"]

    strike(office, entered)

    after = office.json(*days)["balance"]
    assert (after["new"], after["closing"]) == (before["new"] - 1, before["closing"] - 1)
    assert after["closing"] == (
        after["opening"] + after["new"] + after["reopened"] - after["closed"]
    )


def test_only_a_case_that_is_taken_out_leaves_its_table(office, entered):
    if "://" in office.url:
        pytest.skip("tried on a server where nobody may write a table")
    with sqlite3.connect(office.url) as store, pytest.raises(sqlite3.IntegrityError, match="kept"):
        store.execute('DELETE FROM "case" WHERE ref = ?', (entered,))
