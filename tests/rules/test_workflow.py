"""The rules on their own: no store, no command line."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transitions import MachineError

from casework.cli.wording import told
from casework.errors import NotAllowedError, RefusedError
from casework.kinds.choices import CLOSING_OUTCOMES, Outcome, State
from casework.rules import workflow
from casework.rules.lateness import is_overdue
from casework.rules.workflow import (
    FORWARD,
    OTHER_ACTS,
    TRANSITIONS,
    Party,
    permit,
    possible,
    require,
    rule_for,
    target,
)
from casework.words import Verb, said

ROWS = [
    # transition, from, to, who may, the case must have
    ("assign", "proposed", "assigned", "secretariat", "owner, due"),
    ("study", "assigned", "under_study", "owner, secretariat", ""),
    ("resolve", "under_study", "resolved", "secretariat", "outcome, answer"),
    ("return", "assigned", "proposed", "owner, secretariat", "reason"),
    ("return", "under_study", "assigned", "secretariat", "reason"),
    ("close", "proposed", "resolved", "secretariat", "outcome, reason"),
    ("close", "assigned", "resolved", "secretariat", "outcome, reason"),
    ("reopen", "resolved", "under_study", "secretariat", "reason"),
    ("reopen as proposed", "resolved", "proposed", "secretariat", "reason"),
    ("reopen as assigned", "resolved", "assigned", "secretariat", "reason"),
    ("reopen as studied", "resolved", "under_study", "secretariat", "reason"),
]
COMMANDS = {
    # transition: the command that does it, where that has another name
    "study": "advance",
    "resolve": "advance --outcome … --answer …",
    "reopen as proposed": "reopen --as-it-was",
    "reopen as assigned": "reopen --as-it-was",
    "reopen as studied": "reopen --as-it-was",
}
STAYS = {
    # act that is no transition: the states it is possible in, who may
    "edit": ("proposed assigned under_study resolved", "secretariat"),
    "reassign": ("assigned under_study", "secretariat"),
    "extend": ("assigned under_study", "secretariat"),
    "ask-time": ("assigned under_study", "owner, secretariat"),
    "refuse-time": ("assigned under_study", "secretariat"),
    "withdraw-time": ("assigned under_study", "owner, secretariat"),
    "contest": ("assigned under_study", "owner, secretariat"),
    "uphold": ("assigned under_study", "secretariat"),
    "hold": ("assigned under_study", "secretariat"),
    "resume": ("assigned under_study", "secretariat"),
    "recompute": ("proposed assigned under_study", "admin, secretariat"),
    "answer": ("under_study", "owner, secretariat"),
    "confirm": ("resolved", "secretariat"),
    "verdict": ("resolved", "proposer, secretariat"),
    "coordinate": ("proposed assigned under_study", "secretariat"),
    "link": ("proposed assigned under_study resolved", "secretariat"),
    "correct": ("proposed assigned under_study resolved", "secretariat"),
    "redact": ("proposed assigned under_study resolved", "secretariat"),
    "note": (
        "proposed assigned under_study resolved",
        "coordinating, owner, proposer, secretariat",
    ),
}
LABELS = {
    "proposed": "proposed",
    "assigned": "assigned",
    "under_study": "under study",
    "resolved": "resolved",
}
GOES = {(verb, source): goal for verb, source, goal, _, _ in ROWS}
STANDS = {
    (verb, source): source for verb, (states, _) in STAYS.items() for source in states.split()
}
VERBS = sorted({verb for verb, _ in GOES | STANDS})
TRANSITION_VERBS = {verb for verb, _ in GOES}
OUTSIDE = sorted(set(product(VERBS, LABELS)) - set(GOES | STANDS))

states = st.sampled_from(list(State))
open_states = st.sampled_from([state for state in State if state is not State.RESOLVED])


def words(values):
    return ", ".join(sorted(values))


def possible_from(source):
    return [verb for verb, start in GOES if start == source]


def hint_of(source):
    commands = dict.fromkeys(COMMANDS.get(verb, verb) for verb in possible_from(source))
    return f"possible now: {', '.join(commands)}"


def test_the_table_of_transitions_is_the_one_of_the_design():
    table = [(r.verb, r.source, r.target, words(r.who), ", ".join(r.needs)) for r in TRANSITIONS]

    assert table == ROWS


def test_an_act_that_is_no_transition_leaves_the_state_and_is_possible_where_the_design_says():
    found = {}
    for rule in OTHER_ACTS:
        assert rule.source == rule.target
        found.setdefault(rule.verb, []).append(rule)

    assert {
        verb: (" ".join(rule.source for rule in rules), words(rules[0].who))
        for verb, rules in found.items()
    } == STAYS
    assert all(rule.who == rules[0].who for rules in found.values() for rule in rules)


def test_states_and_outcomes_are_those_of_the_design():
    assert {state.value: state.label for state in State} == LABELS
    assert words(Outcome) == (
        "duplicate, explained, implemented, not-accepted, partly-implemented, superseded,"
        " transferred, withdrawn"
    )
    assert words(CLOSING_OUTCOMES) == "duplicate, not-accepted, superseded, transferred, withdrawn"


def test_forward_goes_through_every_state_once_in_order():
    path = [State.PROPOSED]
    while path[-1] in FORWARD:
        path.append(target(FORWARD[path[-1]], path[-1], "A.1"))

    assert path == ["proposed", "assigned", "under_study", "resolved"]


@pytest.mark.parametrize(("verb", "source"), sorted(GOES | STANDS))
def test_a_pair_inside_the_tables_leads_where_they_say(verb, source):
    assert target(verb, State(source), "A.1") == (GOES | STANDS)[verb, source]


@pytest.mark.parametrize(("verb", "source"), OUTSIDE)
def test_a_pair_outside_the_tables_is_refused_naming_the_state_and_what_is_possible(verb, source):
    for ask in (rule_for, target):
        with pytest.raises(RefusedError) as refusal:
            ask(verb, State(source), "NFAC-20.007")

        assert "NFAC-20.007" in refusal.value.message
        assert LABELS[source] in refusal.value.message
        assert Verb(verb).said("en") in refusal.value.message
        assert told(refusal.value, "en")[1] == hint_of(source)


@given(verb=st.text().filter(lambda verb: verb not in VERBS), state=states)
def test_a_verb_the_tables_do_not_have_is_refused_in_every_state(verb, state):
    with pytest.raises(RefusedError) as refusal:
        target(verb, state, "A.1")

    assert told(refusal.value, "en")[1] == hint_of(state)


@given(path=st.lists(st.sampled_from([*VERBS, "to_resolved"])))
def test_no_path_of_acts_leaves_the_table(path):
    state, allowed = State.PROPOSED, GOES | STANDS

    for verb in path:
        if (verb, state) in allowed:
            goal = target(verb, state, "A.1")
            assert goal == allowed[verb, state]
            state = goal
        else:
            with pytest.raises(RefusedError):
                target(verb, state, "A.1")


def test_what_is_possible_is_named_with_the_step_forward_first():
    for state in State:
        named = possible(state)

        assert named == possible_from(state)
        assert named[0] == FORWARD.get(state, "reopen")


def test_the_state_machine_has_the_rows_of_the_table_and_no_way_round_them():
    machine = workflow._machine()

    rows = [
        (event.name, State[transition.source].value, State[transition.dest].value)
        for event in machine.events.values()
        for source in event.transitions.values()
        for transition in source
    ]
    assert sorted(rows) == sorted((verb, start, goal) for verb, start, goal, _, _ in ROWS)
    assert [State[name].value for name in machine.states] == list(LABELS)
    assert [name for name in machine.events if name.startswith("to_")] == []
    assert machine.models == []
    assert [name for name in dir(workflow._Standing(State.PROPOSED)) if name[0] != "_"] == ["state"]


@pytest.mark.parametrize(("verb", "source"), [p for p in OUTSIDE if p[0] in TRANSITION_VERBS])
def test_the_state_machine_by_itself_refuses_what_the_table_does_not_have(verb, source):
    standing = workflow._Standing(State(source))

    with pytest.raises(MachineError):
        workflow._machine().events[verb].trigger(standing)

    assert standing.state == source


@given(
    who=st.sets(st.sampled_from(Party), min_size=1), parties=st.frozensets(st.sampled_from(Party))
)
def test_an_actor_may_act_just_when_one_of_their_parties_may(who, parties):
    if who & parties:
        permit(tuple(who), parties, "lan", "note case A.1")
        return

    with pytest.raises(NotAllowedError) as refusal:
        permit(tuple(who), parties, "lan", "note case A.1")

    assert "lan may not note case A.1" in refusal.value.message
    assert all(said(f"party.{party}") in refusal.value.message for party in who)


@given(data=st.data(), rule=st.sampled_from([*TRANSITIONS, *OTHER_ACTS]))
def test_an_act_that_lacks_something_is_refused_naming_all_of_it_and_nothing_else(data, rule):
    missing = data.draw(st.sets(st.sampled_from(rule.needs)) if rule.needs else st.just(set()))
    nothing = data.draw(st.sampled_from([None, ""]))
    held = {name: nothing if name in missing else "something" for name in rule.needs}
    if not missing:
        require(rule, held)
        return

    with pytest.raises(RefusedError) as refusal:
        require(rule, held)

    named = refusal.value.message.partition("must have")[2].split(" and ")
    assert {name.strip() for name in named} == missing
    assert all(f"--{name} " in told(refusal.value, "en")[1] for name in missing)


@given(state=states, due=st.dates())
def test_a_case_due_today_is_never_overdue(state, due):
    assert is_overdue(state, due, due) is False


@given(state=open_states, due=st.dates(max_value=date.max - timedelta(days=1)))
def test_an_open_case_is_overdue_the_day_after_its_due_date(state, due):
    assert is_overdue(state, due, due + timedelta(days=1)) is True


@given(state=open_states, due=st.dates(), day=st.dates())
def test_an_open_case_is_overdue_just_when_the_due_date_has_passed(state, due, day):
    assert is_overdue(state, due, day) is (day > due)


@given(due=st.none() | st.dates(), day=st.dates(), state=states)
def test_a_case_that_is_resolved_or_never_due_is_never_overdue(due, day, state):
    assert is_overdue(State.RESOLVED, due, day) is False
    assert is_overdue(state, None, day) is False
