"""Registers at random: acts out of order, corrections, strikes, holds, reopenings, repeats.

Owners act at desks of their own, or their deputies do: they answer, ask for time, and say that a
case is not theirs. Files tell of other cases, with their histories and without.
"""

import io
import json
from contextlib import suppress
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import chain

import time_machine
from offices import desk_of

from casework.acts import absences, actors, by_name, conferences, people
from casework.errors import CaseworkError, UsageError
from casework.exchange.exporting import write_lines
from casework.exchange.importing import import_cases
from casework.exchange.sources import Source
from casework.kinds.records import Person
from casework.questions import audit_log, lookup

FIRST, LAST = date(2022, 1, 3), date(2026, 6, 30)
OWNERS = ("mofa", "vufo", "hcmc-pc", "central")
DESKS = {"mofa": "lan", "vufo": "huy", "hcmc-pc": "minh", "central": "dung"}
"""The person at the desk of each owner."""

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
                furnished(desk)
            _away(desk, chance, day)
            for _ in range(cases // sittings or 1):
                refs.append(_proposed(desk, chance, f"R-{number}.{len(refs)}", day))
                done += 1
            for _ in range(acts * cases // sittings):
                done += _tried(desk, chance, refs, day)
            if number % 4 == 3:
                _moved(desk, chance, day)
        if number % 3 == 2:
            with time_machine.travel(clock + timedelta(hours=1)):
                refs += _told(shell, chance, refs, day, cases // sittings or 1)
    return done


def furnished(desk):
    """Add the conferences, and the people at the desks of owners."""
    for code, on in CONFERENCES.items():
        number = int(code[-2:])
        conferences.add_conference(desk, code, number=number, day=on, previous=f"NFAC-{number - 1}")
    for org in ("vufo", "central"):
        people.add_person(desk, DESKS[org], name=DESKS[org].title(), org=org, role="desk")


def _away(desk, chance, day):
    """Let one of the people at the desks be away from today, and another stand in."""
    person, deputy = chance.sample(sorted(DESKS.values()), 2)
    with suppress(CaseworkError):
        absences.away(desk, person, ends=day + timedelta(chance.randrange(200)), deputy=deputy)


def _told(shell, chance, refs, day, count):
    """Import a file of cases like those that are there, some without history; return them."""
    written = io.StringIO()
    with shell.store().reading() as connection:
        found = chance.sample(refs, min(2 * count, len(refs)))
        write_lines(connection, [lookup.find_any(connection, ref) for ref in found], written)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    for number, line in enumerate(lines, 1):
        line["ref"] = f"T-{day}-{number}"
        line["title"] = f"Recommendation {line['ref']}"
        line["history"][0]["changes"]["title"][1] = line["title"]
        if number % 3 == 0:
            del line["history"]
    try:
        _imported(shell, lines)
    except UsageError as error:
        # A row alone cannot tell of everything that a history can.
        unsaid = {row for row in error.rows if "history" not in lines[row - 1]}
        lines = [line for row, line in enumerate(lines, 1) if row not in unsaid]
        _imported(shell, lines)
    return [line["ref"] for line in lines]


def _imported(shell, lines):
    file = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    with shell.store().writing() as connection:
        source = Source("a file", sha256(file).hexdigest(), io.BytesIO(file))
        import_cases(desk_of(connection), source, "a list")


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
    waits = [one for name, one in WAITING.items() if getattr(case, name) is not None]
    verb = chance.choice((*AT[case.state], *EVER, *chain.from_iterable(waits)))
    try:
        given = {"reason": "r", **ACTS[verb](chance, effective, refs)}
        if verb in STRIKES:
            given |= {"event": _struck(desk, chance, case.ref, verb), "strike": True}
        elif verb != "correct" or chance.random() < 1 / 4:
            given["effective"] = effective.isoformat()
        desk = _desk(desk, case, verb)
        verb = CALLED.get(verb, verb)
        by_name.at_desk(desk, verb, case.ref, by_name.read(verb, given))
    except CaseworkError:
        return False
    return True


def _desk(desk, case, verb):
    """Return the desk of an act: the owner's where it is theirs, or that of their deputy."""
    person = DESKS.get(case.owner)
    if verb not in BY_OWNERS or person is None:
        return desk
    away = lookup.find(desk.connection, Person, person)
    if away.is_away(desk.today):
        return actors.desk(desk.connection, away.deputy, person)
    return actors.desk(desk.connection, person, None)


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
    "ask-time": lambda c, day, _: {"due": _due(c, day)},
    "grant-time": lambda c, day, _: {"due": _due(c, day)} if c.random() < 1 / 2 else {},
    **dict.fromkeys(("refuse-time", "withdraw-time", "contest", "uphold"), lambda *_: {}),
    "correct": _correction,
    **dict.fromkeys(("strike", "strike-last", "strike-proposal"), lambda *_: {}),
}
"""What each act is given."""

STRIKES = ("strike", "strike-last", "strike-proposal")
CALLED = {**dict.fromkeys(STRIKES, "correct"), "resolve": "advance", "ask-time": "extend"}
"""What acts are called by, where that is not their name here."""

BY_OWNERS = ("answer", "ask-time", "withdraw-time", "contest")
"""The acts that are done at the desk of the owner."""

WAITING = {
    "asked_due": ("grant-time", "refuse-time", "withdraw-time") * 5,
    "contested_on": (*("uphold",) * 6, "return", "reassign", "reassign"),
}
"""What is likelier where the case waits for an answer, by the field that says so."""

GOING = ("extend", "extend", "reassign", "reassign", "hold", "hold", "resume", "resume", "return")
AT = {
    "proposed": (*("assign",) * 12, "close", "strike-proposal", "strike-last", "note"),
    "assigned": ("advance", "advance", "advance", *GOING, "ask-time", "contest", "close"),
    "under_study": ("resolve", "resolve", "answer", *GOING, "ask-time", "contest"),
    "resolved": ("reopen", "reopen", "correct"),
}
"""The acts that are tried on a case in each state; what comes more often is likelier."""

EVER = ("correct", "correct", "link", "edit", "coordinate", "strike", "strike-last")
"""And those that are tried on any."""
