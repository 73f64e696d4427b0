"""Cases as verbs leave them, and what none of them is."""

from datetime import date, timedelta

from casework.kinds.choices import Outcome, State
from casework.kinds.records import Case
from casework.rules.workflow import BACK, RULES

DAY, LATER = date(2022, 1, 3), date(2022, 6, 30)
PROPOSED = Case(ref="A.1", title="T", proposer="vufo", state_since=DAY, proposed_on=DAY)
ASSIGNED = PROPOSED.but(state=State.ASSIGNED, owner="mofa", assigned_on=DAY, officer="lan",
    due=LATER, original_due=LATER, due_basis="set", due_precision="day", due_rule="+30wd",
    due_from=DAY, extensions=1, late_cause="storm", held_since=DAY, coordinating=("vufo", "hcmc"),
    links=(("repeats", "A.0"), ("relates-to", "A.0")), theme=("visas", "work"),
    holds=(("2022-01-03", "2022-01-05"), ("2022-01-05", "2022-01-05")),
)  # fmt: skip
STUDIED = ASSIGNED.but(state=State.UNDER_STUDY, study_on=DAY, outcome=Outcome.EXPLAINED, answer="A",
    answered_by="lan", answered_on=DAY, reopened=1, first_resolved_on=DAY,
    first_outcome="explained",
)  # fmt: skip
RESOLVED = STUDIED.but(state=State.RESOLVED, resolved_on=LATER, resolved_by="nga", held_since=None)
CLOSED = PROPOSED.but(
    state=State.RESOLVED, resolved_on=LATER, outcome=Outcome.WITHDRAWN, answer="gone"
)
LAWFUL = (PROPOSED, ASSIGNED, STUDIED, RESOLVED, CLOSED)

BROKEN = {
    "resolved-day": (RESOLVED, {"resolved_on": None}),
    "original-due": (PROPOSED, {"due": LATER}),
    "due-rule": (ASSIGNED, {"due_from": None}),
    "held": (PROPOSED, {"held_since": DAY}),
    "asked": (PROPOSED, {"asked_due": LATER, "reply_by": LATER}),
    "reply": (ASSIGNED, {"reply_by": LATER}),
    "contested": (PROPOSED, {"contested_on": DAY}),
    "owner": (STUDIED, {"owner": None, "officer": None}),
    "assigned-day": (ASSIGNED, {"assigned_on": None}),
    "study-day": (STUDIED, {"study_on": None}),
    "outcome": (RESOLVED, {"outcome": None}),
    "owner-early": (PROPOSED, {"owner": "mofa"}),
    "assigned-early": (PROPOSED, {"assigned_on": DAY}),
    "study-early": (ASSIGNED, {"study_on": DAY}),
    "outcome-early": (ASSIGNED, {"outcome": Outcome.EXPLAINED}),
    "answer-early": (PROPOSED, {"answer": "A"}),
    "answered-by-early": (ASSIGNED, {"answered_by": "lan"}),
    "answered-early": (ASSIGNED, {"answered_on": DAY}),
    "resolver": (STUDIED, {"resolved_by": "nga"}),
    "verdict": (STUDIED, {"verdict": "satisfied", "verdict_on": LATER}),
    "verdict-day": (RESOLVED, {"verdict": "satisfied"}),
    "closed": (CLOSED, {"outcome": Outcome.IMPLEMENTED}),
    "officer": (CLOSED, {"officer": "lan"}),
    "basis": (PROPOSED, {"due_basis": "set"}),
    "precision": (PROPOSED, {"due_precision": "day"}),
    "rule": (PROPOSED, {"due_rule": "+30d", "due_from": DAY}),
    "extensions": (PROPOSED, {"extensions": 1}),
    "late-cause": (PROPOSED, {"late_cause": "storm"}),
    "reopened": (STUDIED, {"first_resolved_on": None}),
    "coordinating-twice": (ASSIGNED, {"coordinating": ("vufo", "hcmc", "vufo")}),
    "themes-twice": (PROPOSED, {"theme": ("visas", "visas")}),
    "instruments-twice": (PROPOSED, {"instruments": ("decree", "decree")}),
    "links-twice": (PROPOSED, {"links": (("repeats", "A.0"),) * 2}),
    "owner-coordinates": (ASSIGNED, {"coordinating": ("hcmc", "mofa")}),
    "itself": (PROPOSED, {"links": (("repeats", "A.0"), ("follows", "A.1"))}),
    "holds": (PROPOSED, {"holds": (("2022-01-05", "2022-01-03"),)}),
}


FIRST = date(2022, 1, 3)
PROPOSE = ("propose", "--title", "T", "--proposer", "vufo", "--effective", FIRST)
MADE = {
    # how cases come to stand as they do: each command on the day its number says
    "proposed": [],
    "assigned": [
        (10, "assign", "--owner", "mofa", "--officer", "lan", "--due", FIRST + timedelta(90))
    ],
    "counted": [(10, "assign", "--owner", "vufo", "--due", "+30d")],
}
MADE["held"] = [*MADE["assigned"], (20, "hold", "--reason", "r")]
MADE["held before"] = [*MADE["held"], (30, "resume")]
MADE["extended"] = [
    *MADE["assigned"], (10, "extend", "--due", FIRST + timedelta(120), "--reason", "r"),
]  # fmt: skip
MADE["asked"] = [
    *MADE["assigned"],
    (20, "extend", "--due", FIRST + timedelta(120), "--reason", "r", "--ask"),
]
MADE["contested"] = [*MADE["assigned"], (20, "return", "--not-ours", "--reason", "r")]
MADE["studied"] = [*MADE["assigned"], (20, "advance")]
MADE["answered"] = [*MADE["studied"], (20, "answer", "--outcome", "explained", "--answer", "A")]
MADE["resolved"] = [*MADE["answered"], (30, "advance")]
MADE["closed"] = [(10, "close", "--outcome", "withdrawn", "--reason", "gone")]
MADE["reopened"] = [*MADE["resolved"], (30, "reopen", "--reason", "again")]
MADE["resolved again"] = [
    *MADE["reopened"],
    (60, "advance", "--outcome", "explained", "--answer", "B"),
]
MADE["returned"] = [*MADE["assigned"], (20, "return", "--reason", "not ours")]


def bare(case, verb, day):
    """Return what a verb would change, whether it may or not."""
    target = RULES.get((verb, case.state))
    moved = {}
    if target is not None and target.target is not target.source:
        moved = {"state": target.target, "state_since": day}
    gone = dict.fromkeys(("outcome", "answer", "document", "answered_by", "answered_on"))
    first = {f"first_{name}": getattr(case, name) for name in ("outcome", "answer", "resolved_on")}
    taken_up = {"reopened": case.reopened + 1, "resolved_on": None, "resolved_by": None}
    taken_up |= {} if case.reopened else first
    ended = {"resolved_on": day, "resolved_by": "nga"}
    due = (case.due or day) + timedelta(30)
    later = case.due is not None
    deadline = {"due": due, "original_due": case.original_due or due, "due_basis": "set",
                "due_precision": "day", "due_rule": None, "due_from": None,
                "extensions": case.extensions + later}  # fmt: skip
    back = {"owner": None, "officer": None, "assigned_on": None}
    answered = dict.fromkeys(("asked_due", "reply_by"))
    settled = answered | {"contested_on": None}
    since = (case.held_since or day).isoformat()
    found = {
        "assign": {**moved, "owner": "mofa", "assigned_on": day, **deadline},
        "study": {**moved, "study_on": day},
        "resolve": {**moved, **ended, **settled, "outcome": "explained", "answer": "A"},
        "close": {**moved, **ended, **settled, "outcome": "withdrawn", "answer": "r"},
        "return": moved
        | (back | settled if case.state == "assigned" else {"study_on": None, **gone}),
        "reopen": {**moved, **taken_up, **gone, "study_on": day},
        "reassign": {"owner": "hcmc-pc", "officer": None, **settled},
        "extend": deadline | answered,
        "ask-time": {"asked_due": due, "reply_by": day + timedelta(7)},
        **dict.fromkeys(("refuse-time", "withdraw-time"), answered),
        "contest": {"contested_on": day},
        "uphold": {"contested_on": None},
        "hold": {"held_since": day},
        "resume": {"held_since": None, "holds": (*case.holds, (since, day.isoformat()))},
        "answer": {
            "outcome": "explained", "answer": "C", "answered_by": "nga", "answered_on": day,
        },
        "confirm": {"resolved_by": "nga"},
        "verdict": {"verdict": "not", "verdict_on": day},
        "edit": {"title": "U"},
        "coordinate": {"coordinating": ("vufo",)},
        "correct": {"document": "No. 9"},
        "link": {"links": (("repeats", "D.0"),)},
        **dict.fromkeys(BACK.values(), moved | taken_up),
    }  # fmt: skip
    return found.get(verb, {})
