"""What an act may change: each rule broken on purpose; acts that are told are under fewer."""

from datetime import date, timedelta

import pytest

from casework.kinds.choices import Outcome, State
from casework.kinds.records import Case
from casework.rules import law, lawful
from casework.rules.changes import CHANGES
from casework.rules.invariants import INVARIANTS
from casework.rules.lawful import BEFORE, Step, fault
from casework.words import Text

DAY = date(2022, 1, 3)
PROPOSED = Case(ref="A.1", title="T", proposer="vufo", state_since=DAY, proposed_on=DAY, version=1)
DUE = {
    "due": DAY + timedelta(90),
    "original_due": DAY + timedelta(90),
    "due_basis": "set",
    "due_precision": "day",
}
ASSIGNED = PROPOSED.but(state=State.ASSIGNED, owner="mofa", assigned_on=DAY, **DUE)
STUDIED = ASSIGNED.but(state=State.UNDER_STUDY, study_on=DAY)
ANSWER = {"outcome": Outcome.EXPLAINED, "answer": "A", "document": "No. 1"}
RESOLVED = STUDIED.but(state=State.RESOLVED, resolved_on=DAY, resolved_by="nga", **ANSWER)
HELD = ASSIGNED.but(held_since=DAY)
LATER = DAY + timedelta(30)


def step(before, verb, changes, *, day=LATER, told=False, reason="r"):
    words = {"reason": reason, "note": "n" if verb == "note" else None}
    return Step(verb, before, before.changed(changes), tuple(changes), day, "nga", words, told)


def moves(state, day=LATER, **changes):
    return {"state": state, "state_since": day, **changes}


ASSIGN = moves(State.ASSIGNED, owner="mofa", assigned_on=LATER, **DUE)
FIRST = {"first_outcome": "explained", "first_answer": "A", "first_resolved_on": DAY, "reopened": 1}
GONE = dict.fromkeys(("resolved_on", "resolved_by", "outcome", "answer", "document"))
REOPEN = moves(State.UNDER_STUDY, study_on=LATER, **FIRST, **GONE)
EXTEND = {"due": DAY + timedelta(120), "extensions": 1}
ASK = {"asked_due": DAY + timedelta(120), "reply_by": DAY + timedelta(37)}
ASKED, CONTESTED = ASSIGNED.but(**ASK), ASSIGNED.but(contested_on=DAY)
RESUME = {"held_since": None, "holds": ((DAY.isoformat(), LATER.isoformat()),)}
CLOSE = moves(
    State.RESOLVED, outcome=Outcome.WITHDRAWN, answer="r", resolved_on=LATER, resolved_by="nga"
)

LAWFUL = {
    "assign": step(PROPOSED, "assign", ASSIGN),
    "study": step(ASSIGNED, "study", moves(State.UNDER_STUDY, study_on=LATER)),
    "resolve": step(
        STUDIED,
        "resolve",
        moves(State.RESOLVED, **ANSWER, resolved_on=LATER, resolved_by="nga"),
    ),
    "close": step(ASSIGNED, "close", CLOSE),
    "return": step(ASSIGNED, "return", moves(State.PROPOSED, owner=None, assigned_on=None)),
    "reopen": step(RESOLVED, "reopen", REOPEN),
    "reassign": step(ASSIGNED, "reassign", {"owner": "vufo"}),
    "extend": step(ASSIGNED, "extend", EXTEND),
    "ask-time": step(ASSIGNED, "ask-time", ASK),
    "refuse-time": step(ASKED, "refuse-time", dict.fromkeys(ASK)),
    "withdraw-time": step(ASKED, "withdraw-time", dict.fromkeys(ASK)),
    "contest": step(STUDIED, "contest", {"contested_on": LATER}),
    "uphold": step(CONTESTED, "uphold", {"contested_on": None}),
    "hold": step(ASSIGNED, "hold", {"held_since": LATER}),
    "resume": step(HELD, "resume", RESUME),
    "answer": step(STUDIED, "answer", ANSWER | {"answered_by": "nga", "answered_on": LATER}),
    "verdict": step(RESOLVED, "verdict", {"verdict": "not", "verdict_on": LATER}),
    "edit": step(RESOLVED, "edit", {"title": "U"}),
    "link": step(PROPOSED, "link", {"links": (("repeats", "A.0"),)}),
    "note": step(RESOLVED, "note", {}),
    "correct": step(RESOLVED, "correct", {"resolved_on": LATER, "state_since": LATER}),
}

EARLY = DAY - timedelta(1)
BROKEN = {
    # what is wrong: the rule, whether it binds acts that are told, and the act
    "not possible": (
        "row",
        True,
        step(PROPOSED, "study", moves(State.UNDER_STUDY, study_on=LATER)),
    ),
    "no such act": ("row", True, step(PROPOSED, "steal", {})),
    "led elsewhere": ("target", True, step(ASSIGNED, "study", moves(State.RESOLVED))),
    "no move": ("target", True, step(ASSIGNED, "study", {"study_on": LATER})),
    "another field": ("field", True, step(ASSIGNED, "hold", {"held_since": LATER, "title": "U"})),
    "no case is so": ("owner", True, step(ASSIGNED, "reassign", {"owner": None})),
    "since another day": (
        "since",
        True,
        step(ASSIGNED, "study", moves(State.UNDER_STUDY, day=DAY, study_on=LATER)),
    ),
    "a move before the last": (
        "day",
        True,
        step(ASSIGNED, "study", moves(State.UNDER_STUDY, EARLY, study_on=EARLY), day=EARLY),
    ),
    "an act before the last move": (
        "day",
        False,
        step(ASSIGNED, "reassign", {"owner": "vufo"}, day=EARLY),
    ),
    "an edit before there was a case": (
        "day",
        False,
        step(PROPOSED, "edit", {"title": "U"}, day=EARLY),
    ),
    "within a hold that is over": (
        "day",
        False,
        step(ASSIGNED.but(holds=(("2022-01-03", "2022-02-20"),)), "reassign", {"owner": "vufo"}),
    ),
    "a clock that did not run": (
        "day",
        False,
        step(ASSIGNED.but(due_rule="+30d", due_from=LATER), "hold", {"held_since": DAY}, day=DAY),
    ),
    "running again before": (
        "day",
        False,
        step(
            HELD.but(held_since=LATER),
            "resume",
            RESUME | {"holds": ((LATER.isoformat(), LATER.isoformat()),)},
            day=DAY,
        ),
    ),
    "a move on hold": (
        "on-hold",
        False,
        step(HELD, "study", moves(State.UNDER_STUDY, study_on=LATER)),
    ),
    "an extension on hold": ("on-hold", False, step(HELD, "extend", EXTEND)),
    "held twice": ("on-hold", True, step(HELD, "hold", {"held_since": LATER})),
    "resumed and not held": ("not-on-hold", True, step(ASSIGNED, "resume", {})),
    "confirmed and not doubted": ("not-doubted", True, step(RESOLVED, "confirm", {})),
    "asked for twice": ("asked-already", True, step(ASKED, "ask-time", {})),
    "refused and not asked": ("not-asked", True, step(ASSIGNED, "refuse-time", {})),
    "contested twice": ("contested-already", True, step(CONTESTED, "contest", {})),
    "upheld and not contested": ("not-contested", True, step(ASSIGNED, "uphold", {})),
    "asked for an earlier day": (
        "asked-later",
        False,
        step(ASSIGNED, "ask-time", ASK | {"asked_due": DUE["due"]}),
    ),
    "asked for no day": ("asked-later", False, step(ASSIGNED, "ask-time", {})),
    "extended while it is asked for": ("ends", False, step(ASKED, "extend", EXTEND)),
    "another first due date": (
        "original-due-kept",
        True,
        step(ASSIGNED, "extend", EXTEND | {"original_due": LATER}),
    ),
    "somebody else's resolution": (
        "value-actor",
        False,
        step(
            STUDIED,
            "resolve",
            moves(State.RESOLVED, **ANSWER, resolved_on=LATER, resolved_by="van"),
        ),
    ),
    "studied on another day": (
        "value-day",
        False,
        step(ASSIGNED, "study", moves(State.UNDER_STUDY, study_on=DAY)),
    ),
    "an owner kept": (
        "value",
        False,
        step(STUDIED, "return", moves(State.ASSIGNED, owner="vufo", study_on=None)),
    ),
    "no reason": ("needs", False, step(ASSIGNED, "reassign", {"owner": "vufo"}, reason=None)),
    "no due date": (
        "needs",
        False,
        step(PROPOSED, "assign", {k: v for k, v in ASSIGN.items() if k not in DUE}),
    ),
    "due before it was given": (
        "due-past",
        False,
        step(PROPOSED, "assign", ASSIGN | {"due": DAY, "original_due": DAY}),
    ),
    "an extension to an earlier day": (
        "due-later",
        False,
        step(ASSIGNED, "extend", {"due": LATER, "extensions": 0}),
    ),
    "an extension not counted": (
        "extensions-count",
        False,
        step(ASSIGNED, "extend", {"due": EXTEND["due"]}),
    ),
    "extended without a reason": (
        "extension-reason",
        False,
        step(
            PROPOSED.but(**DUE),
            "assign",
            {**ASSIGN, **EXTEND, "original_due": DUE["original_due"]},
            reason=None,
        ),
    ),
    "reopened twice at once": (
        "reopened-count",
        False,
        step(RESOLVED, "reopen", REOPEN | {"reopened": 2}),
    ),
    "another first outcome": (
        "first-kept",
        False,
        step(RESOLVED, "reopen", REOPEN | {"first_outcome": "withdrawn"}),
    ),
    "another hold": (
        "hold-kept",
        False,
        step(HELD, "resume", RESUME | {"holds": ((DAY.isoformat(), DAY.isoformat()),)}),
    ),
    "nothing changed": ("unchanged", False, step(ASSIGNED, "edit", {})),
    "nobody else": ("unchanged", False, step(ASSIGNED, "reassign", {"coordinating": ("vufo",)})),
    "no answer left": ("answered", False, step(RESOLVED, "correct", {"answer": None})),
    "days out of order": ("steps", False, step(RESOLVED, "correct", {"study_on": LATER})),
    "due before it was assigned": (
        "due-given",
        False,
        step(ASSIGNED, "correct", {"due": EARLY, "original_due": EARLY}),
    ),
    "due before it was first due": (
        "due-original",
        False,
        step(ASSIGNED, "correct", {"due": LATER}),
    ),
}


@pytest.mark.parametrize("name", LAWFUL)
@pytest.mark.parametrize("told", [False, True])
def test_what_the_verbs_do_may_be_done(name, told):
    assert fault(LAWFUL[name]._replace(told=told)) is None


@pytest.mark.parametrize("name", BROKEN)
def test_an_act_that_breaks_a_rule_is_told_which(name):
    rule, told, broken = BROKEN[name]

    assert fault(broken).id == rule
    assert bool(fault(broken._replace(told=True))) is told


def test_a_case_begins_with_its_proposal():
    made = LAWFUL["assign"]._replace(before=None)

    assert fault(made).id == "first"
    first = Step("propose", None, PROPOSED, ("title", "proposer"), DAY, "nga", {})
    assert fault(first) is None
    assert fault(first._replace(changes=("owner",))).id == "field"
    dated = first._replace(changes=("proposed_on",), day=LATER)
    assert fault(dated).id == "value-day"
    assert fault(dated._replace(told=True)) is None


def test_what_was_otherwise_before_does_not_stand_in_the_way():
    odd = ASSIGNED.but(coordinating=("mofa",))

    assert fault(step(odd, "edit", {"title": "U"})) is None
    assert fault(step(odd, "coordinate", {"coordinating": ("mofa", "vufo")})) is None
    assert fault(step(odd, "coordinate", {"coordinating": ("mofa", "vufo", "vufo")})) is not None


def test_an_earlier_version_may_tell_of_an_owner_that_coordinates():
    both = step(ASSIGNED, "coordinate", {"coordinating": ("mofa",)})

    assert fault(both).id == "owner-coordinates"
    assert fault(both._replace(told=True)) is None


def test_each_precondition_and_each_act_is_one_of_the_workflow():
    assert {one.verb for one in BEFORE} <= CHANGES.keys()
    assert {*lawful.table()["not_before"]} <= CHANGES.keys()


def digest():
    return law.digest.__wrapped__()


def test_a_rule_that_is_worded_otherwise_is_the_same_rule(monkeypatch):
    before, said = digest(), lawful.says()
    monkeypatch.setattr(Text, "__str__", lambda text: f"otherwise: {text.key}")

    assert said.keys() == {one.id for one in INVARIANTS} | {one.rule for one in BEFORE}
    assert all(text != said[rule] for rule, text in lawful.says().items())
    assert digest() == before


@pytest.mark.parametrize("table", ["NOT_PAST", "BEFORE", "INVARIANTS"])
def test_a_rule_that_is_another_is_known_by_another_digest(monkeypatch, table):
    before = digest()
    for module in (law, lawful):
        if hasattr(module, table):
            monkeypatch.setattr(module, table, getattr(module, table)[:-1])

    assert digest() != before
