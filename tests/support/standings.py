"""Cases as verbs leave them, and what none of them is."""

from datetime import date

from casework.kinds.choices import Outcome, State
from casework.kinds.records import Case

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
