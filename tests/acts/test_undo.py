"""`undo`: what was recorded last is taken back, and the log keeps both; on both engines."""

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as some
from offices import desk_of

from casework.acts import actors, four_eyes
from casework.acts.by_name import at_desk, read
from casework.acts.undoing import planned, undo
from casework.errors import CaseworkError
from casework.ledger.ledger import Desk
from casework.questions import lookup

ACTS = some.lists(
    some.tuples(
        some.sampled_from(
            [
                ("edit", {"title": "Other"}),
                ("edit", {"summary": "Dài hơn"}),
                ("assign", {"owner": "mofa", "due": "2030-06-30", "coordinating": ["central"]}),
                ("assign", {"owner": "vufo", "due": "2031-06-30", "reason": "r"}),
                ("advance", {}),
                ("advance", {"outcome": "implemented", "answer": "done"}),
                ("answer", {"outcome": "explained", "answer": "as it is"}),
                ("return", {"reason": "r"}),
                ("close", {"outcome": "superseded", "reason": "r"}),
                ("reopen", {"reason": "r"}),
                ("reopen", {"reason": "r", "owner": "vufo"}),
                ("put-back", {"reason": "r"}),
                ("reassign", {"owner": "vufo", "reason": "r"}),
                ("extend", {"due": "2033-12-31", "reason": "r"}),
                ("hold", {"reason": "r"}),
                ("resume", {}),
                ("coordinate", {"add": ["vufo", "hcmc-pc"]}),
                ("coordinate", {"remove": ["vufo"]}),
                ("link", {"other": "B.1", "relation": "repeats"}),
                ("link", {"other": "B.1", "relation": "repeats", "remove": True}),
                ("note", {"words": "n"}),
                ("correct", {"field": "due", "to": "2032-03-31", "reason": "r"}),
                ("correct", {"field": "owner", "to": "vufo", "reason": "r"}),
                ("correct", {"field": "title", "to": "Right", "reason": "r"}),
            ]
        ),
        some.booleans(),
    ),
    max_size=12,
)

COUNTED = {
    *("version", "state_since", "extensions", "original_due", "reopened", "holds"),
    *("first_outcome", "first_answer", "first_resolved_on", "resolved_by", "reported"),
}
LISTED = {"coordinating", "links"}
"""What is led back by adding it again, which puts it last."""


def new_case(desk, ref):
    given = {"title": "T", "proposer": "hcmc-pc", "ref": ref}
    return at_desk(desk, "propose", None, read("propose", given))


def done(desk, name, ref, given):
    """Do an act if it is possible; tell whether it was."""
    try:
        with desk.connection.part():
            at_desk(desk, name, ref, read(name, given))
    except CaseworkError:
        return False
    return True


def stands(desk, ref, *without):
    case = lookup.find_case(desk.connection, ref)
    return {name: value for name, value in vars(case).items() if name not in {"version", *without}}


def said_again(name, value, before):
    """Tell whether a field says what it said; of lists, in whatever order they name it."""
    return value == before[name] or (name in LISTED and set(value) == set(before[name]))


def taken_back(desk, ref=None):
    plan = planned(desk.connection, desk.actor, ref)
    undo(desk, plan)
    return plan


def test_whatever_was_done_undo_leaves_the_case_as_it_was(office, much):
    @settings(max_examples=much(12, 300))
    @given(ACTS)
    def any_acts(wishes):
        with office.store().writing() as connection:
            desk = desk_of(connection)
            new_case(desk, "B.1")
            ref = new_case(desk, "A.1").ref
            for (name, given_to), stays in wishes:
                before = stands(desk, ref)
                if not done(desk, name, ref, given_to):
                    continue
                after = stands(desk, ref)
                taken_back(desk, ref)
                assert stands(desk, ref) == before
                # An undo that is undone brings the act back, as often as anybody likes.
                if stays:
                    taken_back(desk, ref)
                    assert stands(desk, ref) == after
            connection.rollback()

    any_acts()


@pytest.mark.parametrize("engine", ["sqlite"])
def test_what_was_done_on_an_earlier_day_is_led_back_from_today_on(office, much):
    @settings(max_examples=much(15, 300))
    @given(ACTS)
    def any_acts(wishes):
        with (
            time_machine.travel("2026-03-02T02:00:00Z", tick=False) as clock,
            office.store().writing() as connection,
        ):
            new_case(desk_of(connection), "B.1")
            ref = new_case(desk_of(connection), "A.1").ref
            for (name, given_to), stays in wishes:
                desk = desk_of(connection)
                before = stands(desk, ref, *COUNTED)
                if done(desk, name, ref, given_to):
                    clock.shift(86_400)
                    (one,) = taken_back(desk_of(connection), ref)
                    left = stands(desk, ref, *COUNTED)
                    given_back = {"due"} if one.by.act == "resume" else set()
                    assert {
                        k for k, v in left.items() if not said_again(k, v, before)
                    } <= given_back
                    if stays:
                        clock.shift(3_600)
                        taken_back(desk_of(connection), ref)
            connection.rollback()

    any_acts()


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("acts", "by"),
    [
        ([("close", {"outcome": "superseded", "reason": "r"})], "put-back"),
        ([("assign", {"owner": "mofa", "due": "2030-06-30"})], "correct"),
        ([("assign", {"owner": "mofa", "due": "2030-06-30"}), ("advance", {})], "return"),
        ([("assign", {"owner": "mofa", "due": "2030-06-30"}), ("hold", {"reason": "r"})], "resume"),
        (
            [
                ("assign", {"owner": "mofa", "due": "2030-06-30"}),
                ("reassign", {"owner": "vufo", "reason": "r"}),
            ],
            "reassign",
        ),
        (
            [
                ("assign", {"owner": "mofa", "due": "2030-06-30"}),
                ("return", {"reason": "r"}),
                ("assign", {"owner": "vufo", "due": "2030-06-30"}),
            ],
            "return",
        ),
        ([("coordinate", {"add": ["vufo", "mofa"]})], "coordinate"),
        ([("link", {"other": "B.1", "relation": "repeats"})], "link"),
        ([("edit", {"title": "Other"})], "correct"),
        ([("note", {"words": "n"})], "correct"),
        ([], "correct"),
    ],
)
def test_the_act_that_leads_back_is_chosen_by_what_was_done(office, acts, by):
    with (
        time_machine.travel("2026-03-02T02:00:00Z", tick=False) as clock,
        office.store().writing() as connection,
    ):
        new_case(desk_of(connection), "B.1")
        new_case(desk_of(connection), "A.1")
        for name, given_to in acts:
            assert done(desk_of(connection), name, "A.1", given_to)
            clock.shift(60)
        of_today = planned(connection, desk_of(connection).actor, "A.1")
        clock.shift(86_400)
        (later,) = planned(connection, desk_of(connection).actor, "A.1")
        (struck,) = planned(connection, desk_of(connection).actor, "A.1", strikes=True)
        connection.rollback()

    assert later.by.act == by
    assert of_today[0].by == struck.by
    assert struck.by.act == "correct"


# --- by the command line ---------------------------------------------------------------------


def test_undo_takes_back_the_last_act_and_the_history_keeps_both(office, case):
    ref = case("assigned")
    before = office.json("show", ref)
    office("extend", ref, "--due", "2040-01-31", "--reason", "heard")
    left = office.json("undo", ref, "--yes")

    assert left["due"] == before["due"]
    assert left["extensions"] == 0
    told = office.json("history", ref)
    assert [one["act"] for one in told[-2:]] == ["extend", "correct"]
    assert told[-1]["reason"] == f"takes back #{told[-2]['seq']} (extend)"
    office("audit", "verify")


def test_an_undo_is_undone(office, case):
    ref = case("assigned")
    office("note", ref, "n")
    office("undo", "--yes")
    shown = office("undo", "--dry-run").stdout
    office("undo", "--yes")

    assert "stands again" in shown
    told = office.json("history", ref)
    note, first = (one["seq"] for one in told[-3:-1])
    assert [one["strikes"] for one in told[-2:]] == [note, first]
    # What was struck out in its turn says what it struck, too.
    lines = office("history", ref).stdout.splitlines()
    assert [one for one in lines if "takes out" in one] == [
        *(f"    takes out: #{one}" for one in (note, first)),
    ]
    assert f"thu hồi #{note} (ghi chú)" in office.run("--lang", "vi", "history", ref).stdout


def test_what_is_shown_first_is_what_is_done(office, case):
    ref, head = case("assigned"), None
    office("reassign", ref, "--owner", "vufo", "--reason", "r")
    head = office.head()
    shown = office("undo", ref, "--dry-run").stdout

    assert "struck out, as if it had not been" in shown
    assert "owner: vufo → mofa" in shown
    assert "the history shows both" in shown
    assert office.head() == head
    assert office.json("undo", ref, "--dry-run")["owner"] == "mofa"
    assert office.json("undo", ref, "--yes", "--reason", "a slip")["owner"] == "mofa"
    assert office.json("history", ref)[-1]["reason"] == "a slip"


def test_without_a_terminal_and_without_yes_it_is_not_done(office, case):
    ref = case("assigned")

    assert "terminal" in office.refused(2, "undo", ref)["message"]
    assert "terminal" in office.refused(2, "undo")["message"]


@pytest.mark.parametrize(("said", "code"), [("y", 0), ("có", 0), ("n", 130), ("", 130)])
def test_on_a_terminal_it_is_shown_and_asked_for(office, case, monkeypatch, said, code):
    monkeypatch.setattr("casework.cli.undo.may_ask", lambda _: True)
    ref = case("assigned")
    office("extend", ref, "--due", "2040-01-31", "--reason", "heard")
    asked = office.run("undo", ref, "--json", input=f"{said}\n")

    assert asked.exit_code == code
    assert "2040-01-31 → 2022-12-31" in asked.stderr
    assert office.json("show", ref)["due"] == ("2040-01-31" if code else "2022-12-31")


def test_all_lines_of_a_batch_are_taken_back_together(office, case, tmp_path):
    refs = [case(), case()]
    file = tmp_path / "acts.txt"
    lines = [f"assign {ref} --owner mofa --due 2040-06-30" for ref in refs]
    file.write_text("\n".join([*lines, f"advance {refs[0]}", f"note {refs[1]} n"]), "utf-8")
    office("batch", file)
    left = office.json("undo", "--yes")

    assert [(one["ref"], one["state"]) for one in left] == [
        (ref, "proposed") for ref in reversed(refs)
    ]
    assert [one["due"] for one in left] == [None, None]
    assert len({one["reason"] for one in office.json("history", refs[0])[-2:]}) == 2
    again = office.json("undo", "--yes")
    assert {one["ref"]: one["state"] for one in again} == {
        refs[0]: "under_study",
        refs[1]: "assigned",
    }
    office("audit", "verify")


@pytest.fixture
def two(office):
    """A second person of the secretariat, who acts with ``--by``."""
    words = ["--org", "mofa", "--role", "secretariat", "--login", "nga"]
    office("person", "add", "nga", "--name", "Nga", *words)
    return office


def test_what_somebody_else_did_is_not_taken_back(two, case):
    ref = case("assigned")
    mine = two.json("note", ref, "mine")["version"]
    two("note", ref, "hers", "--by", "nga")

    assert "nga" in two.refused(4, "undo", ref, "--yes")["message"]
    assert "nga" in two.refused(4, "undo", "--yes")["message"]
    assert two.json("undo", ref, "--yes", "--by", "nga")["version"] == mine + 2


def test_a_request_that_waits_is_taken_back_itself(two, case):
    ref = case("under_study")
    two("policy", "four-eyes", "on", "--reason", "r")
    two("advance", ref, "--outcome", "implemented", "--answer", "done")
    shown = two("undo", ref, "--dry-run").stdout
    assert f"{ref}.R1" in shown
    assert two.json("undo", "--yes")[0]["state"] == "under_study"
    assert two.json("request", "list") == []
    two.refused(4, "undo", "--yes")


def test_what_two_people_decided_two_people_take_back(two, case):
    ref = case("under_study")
    two("policy", "four-eyes", "on", "--reason", "r")
    two("advance", ref, "--outcome", "implemented", "--answer", "done")
    two.refused(4, "undo", "--yes", "--by", "nga")
    with two.store().writing() as connection:
        nga = actors.actor(connection, "nga")
        four_eyes.confirm(Desk(connection, nga, "nga", desk_of(connection).today), f"{ref}.R1")
    # Whoever had asked for it takes it back as well as whoever confirmed it.
    asked = two("undo", ref, "--yes")

    assert f"{ref}.R2" in asked.stderr
    assert two.json("show", ref)["state"] == "resolved"
    (waits,) = two.json("request", "list")
    assert (waits["code"], waits["verb"]) == (f"{ref}.R2", "correct")


INSTEAD = {
    "org add new --name New": "org edit new",
    "person add new --name New --org mofa": "person edit new",
    "conference add NFAC-30 --number 30": "conference move NFAC-30",
    "holiday add 2040-01-01 --name N": "holiday remove 2040-01-01",
    "cause add rain --name Rain --objective yes": "cause edit rain",
    "policy next-working-day on --reason r": "casework policy",
}


def test_what_is_done_on_no_case_is_not_taken_back(office):
    for line, instead in INSTEAD.items():
        office(*line.split())
        error = office.refused(4, "undo", "--yes")

        assert error["message"]
        assert instead in error["hint"]


def test_an_import_is_not_taken_back_as_a_whole(office, tmp_path):
    (tmp_path / "cases.csv").write_text("ref,title,proposer\nB.1,T,mofa\n", "utf-8")
    office("import", tmp_path / "cases.csv")

    assert "undo REF" in office.refused(4, "undo", "--yes")["hint"]
    assert office.json("undo", "B.1", "--yes")["struck"]["by"] == "registrar"


def test_what_was_erased_stays_erased(two, case):
    ref = case("under_study")
    two("answer", ref, "--outcome", "explained", "--answer", "a name")
    two("redact", ref, "--field", "answer", "--basis", "law", "--consent", "nga")

    assert "gone for good" in two.refused(4, "undo", ref, "--yes")["message"]


def test_a_desk_may_not_take_an_act_out(office, case):
    ref = case("assigned")
    office("advance", ref, "--by", "lan")

    assert office.refused(6, "undo", ref, "--yes", "--by", "lan")["message"]


def test_undo_with_a_key_is_done_once(office, case):
    ref = case("assigned")
    office("note", ref, "n")
    first = office.json("undo", "--yes", "--idempotency-key", "u1")
    again = office.json("undo", "--yes", "--idempotency-key", "u1")

    assert first[0]["ref"] == ref
    assert again["done_already"] is True
    assert office.json("history", ref)[-1]["act"] == "correct"


def test_who_recorded_nothing_has_nothing_to_take_back(office):

    assert "lan" in office.refused(4, "undo", "--yes", "--by", "lan")["message"]
    office.refused(3, "undo", "NONE.1", "--yes")
