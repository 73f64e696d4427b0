"""Whether the states of a case follow one another, by the days on which its acts take effect.

What a correction amends has its values and its day, what one strikes out is left out; the rest is
in the order of effect, within a day in that of recording. A part of `verify_bundle`.
"""
# fmt: off

from typing import Any

MOVES = {
    ("propose", None): "proposed", ("assign", "proposed"): "assigned",
    ("study", "assigned"): "under_study", ("resolve", "under_study"): "resolved",
    ("return", "assigned"): "proposed", ("return", "under_study"): "assigned",
    ("close", "proposed"): "resolved", ("close", "assigned"): "resolved",
    ("reopen", "resolved"): "under_study", ("reopen as proposed", "resolved"): "proposed",
    ("reopen as assigned", "resolved"): "assigned",
    ("reopen as studied", "resolved"): "under_study"}
MOVING = {act for act, _ in MOVES}
STEPS = ("proposed_on", "assigned_on", "study_on", "resolved_on")
TAKEN = {"propose": "proposed_on", "assign": "assigned_on", "study": "study_on",
         "reopen": "study_on", "resolve": "resolved_on", "close": "resolved_on"}
NAMES_OWN = 2

def story(event: Any) -> Any:
    """Return what an event says of its case's states, None where that is nothing.

    That is its number, act, format and day, what it amends and strikes out, and the new values of
    its state and of the days of its steps.
    """
    said = {name: event["changes"][name][1] for name in ("state", *STEPS)
            if name in event["changes"]}
    links = event.get("amends"), event.get("strikes")
    if not said and links == (None, None) and event["act"] not in MOVING:
        return None
    return event["seq"], event["act"], event["v"], event["effective_on"], links, said

def in_order(told: Any) -> Any:
    """Return day, number, act and new state of what stands, in the order of effect.

    A correction of format 1 names no event: it amends the one that last set its field, unless it
    takes effect on a later day. What corrects the day of a step moves that step.
    """
    struck: Any = set()
    for seq, _, _, _, (_, strikes), _ in reversed(told):
        if strikes is not None and seq not in struck:
            struck.add(strikes)
    entries: Any = {}
    amending: Any = {}
    set_by: Any = {}
    for seq, act, form, day, (amends, strikes), said in told:
        if strikes is not None or seq in struck:
            continue
        name = next((step for step in STEPS if step in said), None)
        owner = amending.get(amends, amends)
        if amends is None and act == "correct" and form < NAMES_OWN:
            owner = set_by.get(name)
            owner = owner if owner in entries and day <= entries[owner][0] else None
        if owner is None:
            entries[seq] = [day, seq, act, said, day]
        elif owner in entries:
            amending[seq], entry = owner, entries[owner]
            own, was = {entry[0], entry[4]}, entry[3].get(name)
            moves = name == TAKEN.get(entry[2], "") and said[name]
            if moves and (was is None or was in own):
                entry[0] = said[name]
                entry[3].update((other, new) for other, new in said.items() if other != name)
            else:
                entry[3].update(said)
        set_by.update(dict.fromkeys(said, seq if owner is None else owner))
    # The first event makes the case, whatever its day.
    return sorted((entry[:4] for entry in entries.values()),
                  key=lambda one: (one[1] != told[0][0], *one[:2]))

def misplaced(told: Any) -> Any:
    """Return the first act that does not lead on from the state of its case, in words, or None."""
    state = None
    for day, seq, act, said in in_order(told):
        right = MOVES.get((act, state)) if act in MOVING else state
        if said.get("state", state) != right or right is None:
            return f"event {seq}, {act} on {day}, finds it {state or 'not there'}"
        state = right
    return None
