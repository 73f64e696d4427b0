"""The acts that a row of an imported list implies: what must have been done to reach its state.

A list gives the state of its cases, not their history. The acts that led there by this workflow are
derived from the fields that are given; `doubted` says whether the source itself denies the outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from casework.kinds.choices import CLOSING_OUTCOMES, Outcome, State
from casework.kinds.records import Case
from casework.rules.denials import denies
from casework.rules.workflow import RULES
from casework.words import Text, Word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

Step = tuple[str, date, dict[str, Any]]
"""The verb, effective date and changes of an act."""

Facts = dict[str, Any]
"""The known values of a case, by field; unknown fields are left out."""

_PROPOSAL = (*(one.name for one in Case.describing), "coordinating")
"""The fields that a proposal sets."""

_DEADLINE = ("due_basis", "due_precision", "due_rule", "due_from")
"""The fields that say how a due date was found."""

_OF_DUE = ("original_due", *_DEADLINE)
"""The fields that mean nothing without a due date."""

_SHORT = {one.name: one.short for one in Case.fields}

_LAST = {"hold": 1, "resume": 1, "close": 2, "resolve": 2}
"""Among the acts of one day, those that come last."""

SAID = ("outcome", "answer", "document")

EXPORTED = "state_since"
"""A field that only an export has: its cases are as acts left them, however unusual."""

DAYS = ("proposed_on", "assigned_on", "study_on", "resolved_on")
"""The fields with the days of the steps of a case, in order."""

_REACHED = {State.PROPOSED: 1, State.ASSIGNED: 2, State.UNDER_STUDY: 3, State.RESOLVED: 4}


class Implausible(Exception):  # noqa: N818 - whoever reads a file says of which cell
    """A value that contradicts the others: its field, the value, and what is wrong."""

    def __init__(self, field: str, value: Any, fault: str, /, **values: Any) -> None:
        super().__init__(fault)
        self.field = field
        self.value = value
        self.fault = Text(fault, **values)


@dataclass(frozen=True, slots=True)
class Around:
    """The context in which facts are judged.

    `actor` is recorded for what the source does not doubt; `opening_days` has the opening days of
    conferences, `collectives` the organisations that cannot own a case.
    """

    today: date
    actor: str
    opening_days: Mapping[str, date | None]
    collectives: Collection[str]


def implied(facts: Facts, days: Mapping[str, date], around: Around) -> list[Step]:
    """Return the acts that facts imply, in order of effect; raises Implausible.

    `days` is the result of `days_of`.
    """
    steps = list(_moves(facts, days, around))
    if "holds" in facts or "held_since" in facts:
        steps += _holds(facts, days, around.today)
        # A day's hold is over before the case is resolved on it, and begins after it was assigned.
        steps.sort(key=lambda step: (step[1], _LAST.get(step[0], 0)))
    _give_cause(facts, steps)
    state = State.PROPOSED
    for verb, day, changes in steps[1:]:
        rule = RULES.get((verb, state))
        # What no row of the workflow allows is for `lawful` to say.
        if rule is not None and rule.target is not rule.source:
            state = rule.target
            changes |= {"state": state, "state_since": day}
    return steps


def _give_cause(facts: Facts, steps: list[Step]) -> None:
    """Give the cause of lateness to the act that ended or extended a late case; raises Implausible.

    If no such act can carry it, the cause is set by a correction: for example, for a case without
    an owner.
    """
    cause = facts.get("late_cause")
    if cause is None:
        return
    told = {verb: changes for verb, _, changes in steps}
    ended = told.get("resolve") or told.get("close")
    due, on = facts.get("due"), (ended or {}).get("resolved_on")
    late = due is not None and on is not None and on > due
    extended = [changes for changes in told.values() if changes.get("extensions")]
    if EXPORTED not in facts and not late and not extended:
        raise Implausible("late_cause", cause, "cell.not-late")
    by = ended if late else told.get("extend")
    if by is not None:
        by["late_cause"] = cause
    else:
        steps.append(("correct", max(day for _, day, _ in steps), {"late_cause": cause}))


def days_of(facts: Facts, around: Around) -> dict[str, date]:
    """Return the effective date of each step; an unknown one is that of the step before.

    Raises Implausible if the days are not possible for the steps.
    """
    state = facts.get("state", State.PROPOSED)
    held = around.opening_days.get(facts.get("conference", ""))
    day = facts.get("proposed_on")
    if day is None:
        told = [facts[name] for name in DAYS if name in facts]
        day = min([around.today, *told, *([held] if held else [])])
    days = {}
    for name in DAYS:
        given = facts.get(name)
        if given is not None and DAYS.index(name) >= _REACHED[state]:
            raise Implausible(name, given.isoformat(), "cell.is-only", label=Word(state))
        if given is not None and given < day and EXPORTED not in facts:
            raise Implausible(name, given.isoformat(), "cell.before-step", day=day)
        if given is not None and given > around.today:
            raise Implausible(name, given.isoformat(), "cell.in-future")
        day = days[name] = max(given or day, day)
    since = facts.get(EXPORTED)
    if since is not None and since > around.today:
        raise Implausible(EXPORTED, since.isoformat(), "cell.in-future")
    return days


def _moves(facts: Facts, days: Mapping[str, date], around: Around) -> Iterator[Step]:
    """Yield the acts that facts imply, without holds."""
    state = facts.get("state", State.PROPOSED)
    _check_deadline(facts, days)
    # Who is said to own what was closed unassigned was put in later.
    owner = None if _closed_at_once(facts) else facts.get("owner")
    if owner in around.collectives:
        raise Implausible("owner", owner, "cell.collective-coordinates")
    if owner is None and state in {State.ASSIGNED, State.UNDER_STUDY}:
        raise Implausible("owner", "", "cell.has-owner", label=Word(state))
    proposal = {name: facts[name] for name in _PROPOSAL if name in facts}
    proposed_on = days["proposed_on"]
    proposal["state"] = State.PROPOSED
    proposal["state_since"] = proposal["proposed_on"] = proposed_on
    deadline, extension = _deadline(facts)
    if owner is None:
        # It was returned, or never given: what is told of its due date is told at once.
        proposal |= deadline | {"holds": facts.get("holds", ())} | extension
        yield "propose", proposed_on, proposal
    else:
        yield "propose", proposed_on, proposal | {"holds": _earlier(facts)}
        assigned_on = days["assigned_on"]
        given = {
            "owner": owner,
            "officer": facts.get("officer"),
            "assigned_on": facts.get("assigned_on", assigned_on),
        }
        yield "assign", assigned_on, given | deadline
        if extension:
            yield "extend", assigned_on, extension
    yield from _ending(facts, state, days, around.actor)


def _deadline(facts: Facts) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of the first due date, and those after an extension."""
    due = facts.get("due")
    first = facts.get("original_due") or due
    deadline = {"due": due, "original_due": first}
    deadline |= {name: facts[name] for name in _DEADLINE if name in facts}
    count = facts.get("extensions")
    if count is None:
        # What holds gave back was not granted by anybody.
        later = due is not None and first is not None and due > first
        count = int(later and "holds" not in facts)
    if count and due != first:
        return deadline | {"due": first}, {"due": due, "extensions": count}
    if count:
        return deadline | {"extensions": count}, {}
    if "owner" in facts and len(_earlier(facts)) < len(facts.get("holds", ())):
        # The last of its holds will leave it.
        deadline["due"] = first
    return deadline, {}


def _earlier(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Return the holds that were over when the case was assigned to its present owner."""
    assigned_on = facts.get("assigned_on")
    spans: tuple[tuple[str, str], ...] = facts.get("holds", ())
    if assigned_on is None or EXPORTED not in facts:
        return ()
    return tuple(span for span in spans if span[1] <= assigned_on.isoformat())


def _holds(facts: Facts, days_of_steps: Mapping[str, date], today: date) -> Iterator[Step]:
    """Yield the holds of an assigned case; the last one leads to its due date.

    Days of an exported case may have been corrected: its holds take effect while it has its owner.
    """
    spans, since = facts.get("holds", ()), facts.get("held_since")
    days = [date.fromisoformat(day) for span in spans for day in span]
    days += [since] if since else []
    first = facts.get("assigned_on") or facts.get("proposed_on") or date.min
    last = facts.get("resolved_on") or today
    name = "held_since" if since else "holds"
    within = EXPORTED in facts or not days or first <= days[0] <= days[-1] <= last
    if not within or days != sorted(days):
        raise Implausible(name, facts[name], "cell.holds-order", first=first, last=last)
    if since and facts.get("state") not in {State.ASSIGNED, State.UNDER_STUDY}:
        raise Implausible(name, since.isoformat(), "cell.not-held")
    if "owner" not in facts or _closed_at_once(facts):
        return
    owned = days_of_steps["assigned_on"] if EXPORTED in facts else date.min

    def on(day: date) -> date:
        return min(max(day, owned), max(last, owned))

    for number, (start, end) in enumerate(spans[len(_earlier(facts)) :], len(_earlier(facts)) + 1):
        held = date.fromisoformat(start)
        yield "hold", on(held), {"held_since": held}
        over = {"held_since": None, "holds": spans[:number]}
        given = {"due": facts["due"]} if number == len(spans) and "due" in facts else {}
        yield "resume", on(date.fromisoformat(end)), over | given
    if since:
        yield "hold", on(since), {"held_since": since}


def _ending(facts: Facts, state: State, days: Mapping[str, date], actor: str) -> Iterator[Step]:
    """Yield the acts by which a case was studied, answered and resolved, as far as it was."""
    outcome = facts.get("outcome")
    if state is State.PROPOSED or state is State.ASSIGNED:
        if outcome is not None:
            raise Implausible("outcome", outcome, "cell.no-outcome-yet", label=Word(state))
        return
    said = {name: facts.get(name) for name in SAID}
    studied, study_on = days["study_on"], facts.get("study_on", days["study_on"])
    if state is State.UNDER_STUDY:
        yield "study", studied, {"study_on": study_on}
        if any(facts.get(name) for name in _answered(facts)):
            yield _answer(facts, said, studied, "" if facts.get("doubted") else actor)
        return
    if outcome is None:
        raise Implausible("outcome", "", "cell.has-outcome")
    ended = days["resolved_on"]
    resolved = {"resolved_on": facts.get("resolved_on", ended)}
    if not _is_doubted(facts):
        # Else the source takes back what it says: nobody here answers for it.
        resolved["resolved_by"] = actor
    if _closed_at_once(facts) or (outcome in CLOSING_OUTCOMES and "study_on" not in facts):
        yield "close", ended, said | resolved
        return
    if "owner" not in facts:
        raise Implausible("owner", "", "cell.had-owner", outcome=Word(outcome))
    yield "study", studied, {"study_on": study_on}
    if "answered_on" in facts:
        yield _answer(facts, said, studied, actor)
    yield "resolve", ended, said | resolved


def _closed_at_once(facts: Facts) -> bool:
    """Return whether an exported case was closed without ever being assigned."""
    never = EXPORTED in facts and "assigned_on" not in facts
    return never and facts.get("outcome") in CLOSING_OUTCOMES


def _answered(facts: Facts) -> tuple[str, ...]:
    """Return the fields that show that an answer was given."""
    # A register knows documents that were recorded without one.
    return ("outcome", "answer", "answered_on") if EXPORTED in facts else SAID


def _answer(facts: Facts, said: dict[str, Any], studied: date, by: str) -> Step:
    """Return the act of an answer; without a person if the source both claims and denies it."""
    on = facts.get("answered_on", studied)
    given = said | ({"answered_by": by} if by else {})
    if EXPORTED not in facts or "answered_on" in facts:
        given["answered_on"] = on
    return "answer", max(on, studied), given


def _is_doubted(facts: Facts) -> bool:
    """Return whether the source doubts the outcome, or its answer denies that it is implemented."""
    if "doubted" in facts:
        return bool(facts["doubted"])
    return facts["outcome"] is Outcome.IMPLEMENTED and denies(facts.get("answer", ""))


def _check_deadline(facts: Facts, days: Mapping[str, date]) -> None:
    due = facts.get("due")
    if due is None:
        for name in _OF_DUE:
            if facts.get(name):
                raise Implausible("due", "", "cell.has-due", name=_SHORT[name])
        return
    if ("due_rule" in facts) != ("due_from" in facts):
        raise Implausible("due_rule", facts.get("due_rule", ""), "cell.rule-and-day")
    if EXPORTED in facts:
        # It was due already when it was reopened and given an owner, or its day was corrected.
        return
    for earlier, why in (
        (days["proposed_on"], Text("cell.day-proposed")),
        (facts.get("assigned_on"), Text("cell.day-assigned")),
    ):
        if earlier is not None and due < earlier:
            raise Implausible("due", due.isoformat(), "cell.before", why=why, earlier=earlier)
