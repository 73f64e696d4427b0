"""Registers at random: acts out of order, corrections, strikes, holds, reopenings, repeats."""

from contextlib import suppress
from datetime import date, datetime, timedelta

import time_machine
from offices import desk_of

from casework.acts import by_name, conferences
from casework.errors import CaseworkError
from casework.questions import audit_log, lookup

FIRST, LAST = date(2022, 1, 3), date(2026, 6, 30)
OWNERS = ("mofa", "vufo", "hcmc-pc", "central")
OUTCOMES = ("implemented", "partly-implemented", "explained")
CORRECTED = (
    *("proposed_on", "assigned_on", "study_on", "resolved_on", "due", "due"),
    *("owner", "outcome", "held_since"),
)
CONFERENCES = {"NFAC-22": date(2025, 6, 16), "NFAC-23": date(2027, 6, 16)}


def grown(shell, chance, cases, acts=14, sittings=10):
    """Let a register grow by so many cases, with so many acts each; returns how many were done.

    What the rules refuse is not done. The clock of each sitting is a later one.
    """
    span = (LAST - FIRST).days
    days = sorted(FIRST + timedelta(chance.randrange(30, span)) for _ in range(sittings - 1))
    refs, done = [], 0
    for number, day in enumerate([*days, LAST]):
        clock = datetime.fromisoformat(f"{day}T03:00:00+00:00")
        with time_machine.travel(clock), shell.store().writing() as connection:
            desk = desk_of(connection)
            if number == 0:
                for code, on in CONFERENCES.items():
                    conferences.add_conference(
                        desk, code, number=int(code[-2:]), day=on,
                        previous=f"NFAC-{int(code[-2:]) - 1}",
                    )  # fmt: skip
            for _ in range(cases // sittings or 1):
                refs.append(_proposed(desk, chance, f"R-{len(refs) + 1}", day))
                done += 1
            for _ in range(acts * cases // sittings):
                done += _tried(desk, chance, refs, day)
            if number % 4 == 3:
                _moved(desk, chance, day)
    return done


def _back(chance, day, since=FIRST):
    """Return a day of effect: mostly since the case's last move, now and then long before."""
    if chance.random() < 1 / 5:
        return max(day - timedelta(chance.randrange(400)), FIRST)
    return day - timedelta(chance.randrange(min((day - since).days, 60) + 1))


def _proposed(desk, chance, ref, day):
    given = {
        "ref": ref,
        "title": f"Recommendation {ref}",
        "proposer": chance.choice(OWNERS),
        "conference": chance.choice(("NFAC-20", "NFAC-21", *CONFERENCES)),
        "effective": _back(chance, day).isoformat(),
    }
    return by_name.at_desk(desk, "propose", None, by_name.read("propose", given)).ref


def _tried(desk, chance, refs, day):
    """Try one act at random; tell whether it was done."""
    case = lookup.find_any(desk.connection, chance.choice(refs))
    effective = _back(chance, day, case.state_since or case.proposed_on)
    verb = chance.choice((*AT[case.state], *EVER))
    try:
        given = {"reason": "r", **ACTS[verb](chance, effective, refs)}
        if verb in STRIKES:
            given |= {"event": _struck(desk, chance, case.ref, verb), "strike": True}
        elif verb != "correct" or chance.random() < 1 / 4:
            given["effective"] = effective.isoformat()
        verb = CALLED.get(verb, verb)
        by_name.at_desk(desk, verb, case.ref, by_name.read(verb, given))
    except CaseworkError:
        return False
    return True


def _struck(desk, chance, ref, verb):
    """Return the number of an event to strike out: the proposal, the last one, or any."""
    events = [one.seq for one in audit_log.history(desk.connection, ref)]
    if verb == "strike-proposal":
        return events[0]
    return events[-1] if verb == "strike-last" else chance.choice(events)


def _moved(desk, chance, day):
    """Move a conference."""
    code, opens = chance.choice(tuple(CONFERENCES.items()))
    to = opens + timedelta(chance.randrange(40))
    with suppress(CaseworkError):
        conferences.move_conference(desk, code, day=to, effective_on=_back(chance, day), reason="r")


def _due(chance, day):
    if chance.random() < 1 / 4:
        return f"+{chance.randrange(1, 60)}wd"
    return (day + timedelta(chance.randrange(-20, 300))).isoformat()


def _correction(chance, day, _):
    field = chance.choice(CORRECTED)
    to = (day + timedelta(chance.randrange(-60, 60))).isoformat()
    if field == "owner":
        to = chance.choice(OWNERS)
    if field == "outcome":
        to = chance.choice(OUTCOMES)
    return {"field": field, "to": to}


ACTS = {
    "assign": lambda c, day, _: {"owner": c.choice(OWNERS), "due": _due(c, day)},
    "advance": lambda *_: {},
    "resolve": lambda c, *_: {"outcome": c.choice(OUTCOMES), "answer": "A"},
    "answer": lambda c, *_: {"outcome": c.choice(OUTCOMES), "answer": "A"},
    "return": lambda *_: {},
    "close": lambda *_: {"outcome": "withdrawn"},
    "reopen": lambda c, *_: {"owner": c.choice(OWNERS)},
    "reassign": lambda c, *_: {"owner": c.choice(OWNERS)},
    "extend": lambda c, day, _: {"due": _due(c, day)},
    "hold": lambda *_: {},
    "resume": lambda *_: {},
    "link": lambda c, _, refs: {"other": c.choice(refs), "relation": "repeats"},
    "note": lambda *_: {"words": "n"},
    "edit": lambda c, *_: {"theme": [c.choice("ab")]},
    "coordinate": lambda c, *_: {"add": [c.choice(OWNERS)]},
    "correct": _correction,
    **dict.fromkeys(("strike", "strike-last", "strike-proposal"), lambda *_: {}),
}
"""What each act is given."""

STRIKES = ("strike", "strike-last", "strike-proposal")
CALLED = {**dict.fromkeys(STRIKES, "correct"), "resolve": "advance"}
"""What acts are called by, where that is not their name here."""

GOING = ("extend", "extend", "reassign", "reassign", "hold", "hold", "resume", "resume", "return")
AT = {
    "proposed": (*("assign",) * 8, "close", "strike-proposal", "strike-last", "note"),
    "assigned": ("advance", "advance", "advance", *GOING, "close"),
    "under_study": ("resolve", "resolve", "answer", *GOING),
    "resolved": ("reopen", "reopen", "correct"),
}
"""The acts that are tried on a case in each state; what comes more often is likelier."""

EVER = ("correct", "correct", "link", "edit", "coordinate", "strike", "strike-last")
"""And those that are tried on any."""
