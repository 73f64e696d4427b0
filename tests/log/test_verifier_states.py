"""States that do not follow one another: the bundle's verifier says so, as the timeline has it."""

import random
from types import SimpleNamespace

import pytest
from bundles import exported, verdict

from casework.log import verify_states
from casework.log.verify_states import misplaced, story
from casework.rules.changes import CHANGES, Gives
from casework.rules.timeline import timeline
from casework.rules.workflow import RULES, TRANSITIONS

NOTHING = dict.fromkeys(("amends", "strikes", "reported", "reason", "note"))


FIRST = {"title": "T", "proposer": "vufo", "state_since": 1}


def told_by(*acts):
    """Return the events of a case: each act with its day, what it changes, and what it amends."""
    made = [("propose", 1, {**FIRST, "state": "proposed", "proposed_on": 1}), *acts]
    return [
        {"seq": 2 * number, "version": number + 1, "act": act, "key": "A-1", "kind": "case",
         "actor": "nga", "v": 2, "effective_on": day_of(day), **dict(*more),
         "changes": {name: [None, day_of(new)] for name, new in changes.items()}}
        for number, (act, day, changes, *more) in enumerate(made)
    ]  # fmt: skip


def day_of(value):
    return f"2022-01-{value:02}" if type(value) is int else value


def said_of(events):
    return misplaced([one for event in events if (one := story(event)) is not None])


def moved(act, day, state, **steps):
    return act, day, {"state": state, **steps}


ASSIGN = moved("assign", 3, "assigned", assigned_on=3)
STUDY = moved("study", 5, "under_study", study_on=5)
RESOLVE = moved("resolve", 7, "resolved", resolved_on=7)
STRIKE_STUDY = ("correct", 5, {}, {"strikes": 4})
TOLD = {
    # what the acts after the proposal are, and what is said of them
    "in order": ([ASSIGN, STUDY, RESOLVE], None),
    "recorded in another order": ([RESOLVE, STUDY, ASSIGN], None),
    "a step left out": ([ASSIGN, RESOLVE], "event 4, resolve on 2022-01-07, finds it assigned"),
    "a state moved by a note": (
        [ASSIGN, ("note", 4, {"state": "resolved"})],
        "event 4, note on 2022-01-04, finds it assigned",
    ),
    "a state moved by a correction": (
        [ASSIGN, ("correct", 3, {"state": "resolved"}, {"amends": 2})],
        "event 2, assign on 2022-01-03, finds it proposed",
    ),
    "a move that is none": ([moved("assign", 3, "under_study")],
                            "event 2, assign on 2022-01-03, finds it proposed"),
    "a move that moves nothing": ([("assign", 3, {})],
                                  "event 2, assign on 2022-01-03, finds it proposed"),
    "a step struck out": ([ASSIGN, STUDY, RESOLVE, STRIKE_STUDY],
                          "event 6, resolve on 2022-01-07, finds it assigned"),
    "a strike struck out": (
        [ASSIGN, STUDY, RESOLVE, STRIKE_STUDY, ("correct", 5, {}, {"strikes": 8})], None),
    "a step moved behind the next": (
        [ASSIGN, STUDY, RESOLVE, ("correct", 5, {"study_on": 9}, {"amends": 4})],
        "event 6, resolve on 2022-01-07, finds it assigned"),
    "a step of format 1 moved behind the next": (
        [ASSIGN, STUDY, RESOLVE, ("correct", 5, {"study_on": 9}, {"v": 1})],
        "event 6, resolve on 2022-01-07, finds it assigned"),
    "a step of format 1 said otherwise from later on": (
        [ASSIGN, STUDY, RESOLVE, ("correct", 6, {"study_on": 9}, {"v": 1})], None),
    "the proposal struck out": (
        [ASSIGN, ("correct", 1, {}, {"strikes": 0})],
        "event 2, assign on 2022-01-03, finds it not there"),
    "all of it struck out": ([("correct", 1, {}, {"strikes": 0})], None),
}  # fmt: skip


@pytest.mark.parametrize("what", TOLD)
def test_states_that_do_not_follow_one_another_are_named(what):
    acts, wrong = TOLD[what]

    assert said_of(told_by(*acts)) == wrong


VERBS = (*dict.fromkeys(rule.verb for rule in TRANSITIONS), *("correct",) * 12, "note", "extend")
STATES = ("proposed", "assigned", "under_study", "resolved")


def drawn(chance):
    """Return the acts of a case after its proposal; most of them do what they may."""
    acts, state = [], "proposed"
    for number in range(chance.randrange(3, 9)):
        day, step = chance.randrange(1, 10), chance.choice(verify_states.STEPS)
        verb = chance.choice(VERBS)
        if verb == "correct":
            of = 2 * chance.randrange(number + 1)
            how = chance.choice([{"amends": of}, {"strikes": of}, {"v": 1}, {"v": 1}])
            steps = {} if "strikes" in how else {step: chance.choice([day, day, None])}
            acts.append((verb, day, steps, how))
        elif verb in {"note", "extend"}:
            acts.append((verb, day, {}))
        else:
            fit = [rule for rule in TRANSITIONS if rule.source == state]
            rule = chance.choice(fit if chance.random() < 0.9 else TRANSITIONS)
            taken = verify_states.TAKEN.get(rule.verb)
            state = str(rule.target) if chance.random() < 0.95 else chance.choice(STATES)
            acts.append((rule.verb, day, {"state": state, **({taken: day} if taken else {})}))
    return acts


def expected(events):
    """Return the event that leads on from no state of its case, by the timeline."""
    known = timeline([SimpleNamespace(**{**NOTHING, **one}) for one in events])
    for step in known.steps[1:]:
        act, before, after = step.entry.event.act, step.before.state, step.after.state
        moves = act in verify_states.MOVING
        rule = RULES.get((act, before)) if moves else None
        if after is not (rule.target if rule else before) or (moves and rule is None):
            return f"event {step.seq}, {act} on {step.day}, finds it {before}"
    return None


def test_any_states_are_judged_as_the_timeline_has_them(much):
    seen = {True: 0, False: 0}
    for seed in range(much(400, 20_000)):
        events = told_by(*drawn(random.Random(seed)))
        if any(one.get("strikes") == 0 for one in events):
            continue
        found = said_of(events)
        assert found == expected(events), (seed, events)
        seen[found is None] += 1
    assert min(seen.values()) > 50, seen


def test_the_moves_both_know_are_those_there_are():
    moves = {(rule.verb, str(rule.source)): str(rule.target) for rule in TRANSITIONS}
    taken = {
        verb: name
        for verb, fields in CHANGES.items()
        for name in verify_states.STEPS
        if fields.get(name) is Gives.DAY
    }

    assert {**moves, ("propose", None): "proposed"} == verify_states.MOVES
    assert taken == verify_states.TAKEN


def test_a_bundle_of_acts_out_of_their_order_is_in_order(office, tmp_path, capsys):
    office("propose", "--ref", "A-1", "--title", "T", "--proposer", "hcmc-pc",
           "--effective", "2022-01-03")  # fmt: skip
    office("assign", "A-1", "--owner", "mofa", "--due", "2022-06-10", "--effective", "2022-01-10")
    office("advance", "A-1", "--effective", "2022-03-01")
    ended = ("--outcome", "explained", "--answer", "x", "--effective", "2022-05-01")
    office("advance", "A-1", *ended)
    wrong = ("--field", "study_on", "--to", "2022-02-01", "--reason", "misread")
    office("correct", "A-1", *wrong)
    exported(office, tmp_path / "bundle", "A-1")

    assert verdict(office, tmp_path / "bundle") == 0
    assert "follow" not in capsys.readouterr().out
