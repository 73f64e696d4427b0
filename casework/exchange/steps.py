"""The acts that a row implies: what must have been done for its case to be as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from casework.exchange.cells import BadCell, Cells
from casework.exchange.columns import BY_NAME, YES
from casework.exchange.denials import denies
from casework.kinds.case import DESCRIBING
from casework.kinds.choices import Outcome, State
from casework.rules.dates import Typed
from casework.rules.workflow import CLOSING_OUTCOMES
from casework.words import Text, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Step = tuple[str, date, dict[str, Any]]
"""Verb, effective date and changes of an act."""

Values = dict[str, Any]
"""What the cells of a row say, by the names of their columns."""

_PROPOSAL = [(one.short, one.name) for one in DESCRIBING] + [("with", "coordinating")]
"""The columns of what a case is proposed with, and its fields."""

_DEADLINE = [(name, BY_NAME[name].field) for name in ("basis", "precision", "rule", "from")]
"""The columns and fields that say how a due date was come by."""

_OF_DUE = ("original_due", *(name for name, _ in _DEADLINE))
"""The columns that say nothing without a due date."""

DUES = ("original_due", "due")
"""The columns that say by when."""

_LAST = {"hold": 1, "resume": 1, "close": 2, "resolve": 2}
"""Of the acts of one day: what comes after the others."""

SAID = ("outcome", "answer", "document")

EXPORTED = "state_since"
"""A column that only a register writes: its rows stand as acts left them, odd as that may be."""

DAYS = ("proposed_on", "assigned_on", "study_on", "resolved_on")
"""The columns that tell when a case was moved, in the order of its steps."""

_REACHED = {State.PROPOSED: 1, State.ASSIGNED: 2, State.UNDER_STUDY: 3, State.RESOLVED: 4}


@dataclass(frozen=True, slots=True)
class Around:
    """What rows are read against, beside themselves."""

    today: date
    actor: str
    opening_days: Mapping[str, date | None]
    collectives: set[str]
    cells: Cells


def steps_of(values: Values, around: Around) -> list[Step]:
    """Return the acts a row implies, in the order of their effect; raises BadCell."""
    days = _days(values, values.get("state", State.PROPOSED), around)
    _settle_due(values, days, around.cells)
    steps = list(_moves(values, days, around))
    if "holds" in values or "held_since" in values:
        steps += _holds(values, around.today)
        # A day's hold is over before the case is resolved on it, and begins after it was assigned.
        steps.sort(key=lambda step: (step[1], _LAST.get(step[0], 0)))
    return steps


def _settle_due(values: Values, days: dict[str, date], cells: Cells) -> None:
    """Make a day of a due date in words, counted from the day the case was given its owner."""
    start = days["assigned_on" if "owner" in values else "proposed_on"]
    for name in DUES:
        typed = values.get(name)
        if not isinstance(typed, Typed):
            continue
        by = cells.due(name, typed, start)
        values[name] = by.day
        if name == "due":
            values.setdefault("precision", by.precision)
            if by.words is not None:
                values.setdefault("words", by.words)
            if by.rule is not None and "rule" not in values and "from" not in values:
                values |= {"rule": by.rule, "from": by.start}


def _moves(values: Values, days: dict[str, date], around: Around) -> Iterator[Step]:
    """Yield the acts a row implies but for its holds."""
    state = values.get("state", State.PROPOSED)
    _check_deadline(values, days)
    owner = values.get("owner")
    if owner in around.collectives:
        raise BadCell("owner", owner, "cell.collective-coordinates")
    if owner is None and state in {State.ASSIGNED, State.UNDER_STUDY}:
        raise BadCell("owner", "", "cell.has-owner", label=Word(state))
    proposal = {field_name: values[name] for name, field_name in _PROPOSAL if name in values}
    proposed_on = days["proposed_on"]
    proposal["state"] = State.PROPOSED
    proposal["state_since"] = proposal["proposed_on"] = proposed_on
    deadline, extension = _deadline(values)
    if owner is None:
        # It was returned, or never given: what is told of its due date is told at once.
        proposal |= deadline | {"holds": values.get("holds", ())} | extension
        yield "propose", proposed_on, proposal
    else:
        yield "propose", proposed_on, proposal | {"holds": _earlier(values)}
        assigned_on = days["assigned_on"]
        given = {
            "owner": owner,
            "officer": values.get("officer"),
            "assigned_on": values.get("assigned_on", assigned_on),
        }
        yield "assign", assigned_on, given | deadline
        if extension:
            yield "extend", assigned_on, extension
    yield from _ending(values, state, days, around.actor)


def _deadline(values: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of the first due date, and those that an extension made of it."""
    due = values.get("due")
    first = values.get("original_due") or due
    deadline = {"due": due, "original_due": first}
    deadline |= {field_name: values[name] for name, field_name in _DEADLINE if name in values}
    count = values.get("extensions")
    if count is None:
        # What holds gave back was not granted by anybody.
        later = due is not None and first is not None and due > first
        count = int(later and "holds" not in values)
    if count and due != first:
        return deadline | {"due": first}, {"due": due, "extensions": count}
    if count:
        return deadline | {"extensions": count}, {}
    if "owner" in values and len(_earlier(values)) < len(values.get("holds", ())):
        # The last of its holds will leave it.
        deadline["due"] = first
    return deadline, {}


def _earlier(values: Values) -> tuple[tuple[str, str], ...]:
    """Return the holds that were over when the case was given its owner: an earlier one's."""
    assigned_on = values.get("assigned_on")
    spans: tuple[tuple[str, str], ...] = values.get("holds", ())
    if assigned_on is None or EXPORTED not in values:
        return ()
    return tuple(span for span in spans if span[1] <= assigned_on.isoformat())


def _holds(values: Values, today: date) -> Iterator[Step]:
    """Yield the holds of a case that has an owner; the last one leaves its due date."""
    spans, since = values.get("holds", ()), values.get("held_since")
    days = [date.fromisoformat(day) for span in spans for day in span]
    days += [since] if since else []
    first = values.get("assigned_on") or values.get("proposed_on") or date.min
    if EXPORTED in values:
        first = values.get("proposed_on", first)
    last = values.get("resolved_on") or today
    name = "held_since" if since else "holds"
    if days and (days != sorted(days) or days[0] < first or days[-1] > last):
        raise BadCell(name, values[name], "cell.holds-order", first=first, last=last)
    if since and values.get("state") not in {State.ASSIGNED, State.UNDER_STUDY}:
        raise BadCell(name, since.isoformat(), "cell.not-held")
    if "owner" not in values:
        return
    for number, (start, end) in enumerate(
        spans[len(_earlier(values)) :], len(_earlier(values)) + 1
    ):
        held = date.fromisoformat(start)
        yield "hold", held, {"held_since": held}
        over = {"held_since": None, "holds": spans[:number]}
        given = {"due": values["due"]} if number == len(spans) and "due" in values else {}
        yield "resume", date.fromisoformat(end), over | given
    if since:
        yield "hold", since, {"held_since": since}


def _ending(values: Values, state: State, days: dict[str, date], actor: str) -> Iterator[Step]:
    """Yield how a case was studied, answered and resolved, as far as it was."""
    outcome = values.get("outcome")
    if state is State.PROPOSED or state is State.ASSIGNED:
        if outcome is not None:
            raise BadCell("outcome", outcome, "cell.no-outcome-yet", label=Word(state))
        return
    said = {name: values.get(name) for name in SAID}
    studied, study_on = days["study_on"], values.get("study_on", days["study_on"])
    if state is State.UNDER_STUDY:
        yield "study", studied, {"study_on": study_on}
        if any(values.get(name) for name in _answered(values)):
            yield _answer(values, said, studied, "" if values.get("doubted") == YES else actor)
        return
    if outcome is None:
        raise BadCell("outcome", "", "cell.has-outcome")
    ended = days["resolved_on"]
    resolved = {"resolved_on": values.get("resolved_on", ended)}
    if not _is_doubted(values):
        # Else the source takes back what it says: nobody here answers for it.
        resolved["resolved_by"] = actor
    if outcome in CLOSING_OUTCOMES and "study_on" not in values:
        yield "close", ended, said | resolved
        return
    if "owner" not in values:
        raise BadCell("owner", "", "cell.had-owner", outcome=Word(outcome))
    yield "study", studied, {"study_on": study_on}
    if "answered_on" in values:
        yield _answer(values, said, studied, actor)
    yield "resolve", ended, said | resolved


def _answered(values: Values) -> tuple[str, ...]:
    """Return the columns of which any says that an answer was given."""
    # A register knows documents that were recorded without one.
    return ("outcome", "answer", "answered_on") if EXPORTED in values else SAID


def _answer(values: Values, said: dict[str, Any], studied: date, by: str) -> Step:
    """Return the act of an answer; nobody gave what its source claims and denies."""
    on = values.get("answered_on", studied)
    given = said | ({"answered_by": by} if by else {})
    if EXPORTED not in values or "answered_on" in values:
        given["answered_on"] = on
    return "answer", max(on, studied), given


def _is_doubted(values: Values) -> bool:
    """Tell whether a row says so itself, or calls implemented what its answer denies."""
    if "doubted" in values:
        return bool(values["doubted"] == YES)
    return values["outcome"] == Outcome.IMPLEMENTED and denies(values.get("answer", ""))


def _days(values: Values, state: State, around: Around) -> dict[str, date]:
    """Return the effective date of each step; a step whose date is not told has the one before."""
    held = around.opening_days.get(values.get("conference", ""))
    day = values.get("proposed_on")
    if day is None:
        told = [values[name] for name in DAYS if name in values]
        day = min([around.today, *told, *([held] if held else [])])
    days = {}
    for name in DAYS:
        given = values.get(name)
        if given is not None and DAYS.index(name) >= _REACHED[state]:
            raise BadCell(name, given.isoformat(), "cell.is-only", label=Word(state))
        if given is not None and given < day and EXPORTED not in values:
            raise BadCell(name, given.isoformat(), "cell.before-step", day=day)
        if given is not None and given > around.today:
            raise BadCell(name, given.isoformat(), "cell.in-future")
        day = days[name] = max(given or day, day)
    return days


def _check_deadline(values: Values, days: dict[str, date]) -> None:
    due = values.get("due")
    if due is None:
        for name in _OF_DUE:
            if values.get(name):
                raise BadCell("due", "", "cell.has-due", name=name)
        return
    if ("rule" in values) != ("from" in values):
        raise BadCell("rule", values.get("rule", ""), "cell.rule-and-day")
    if EXPORTED in values:
        # It was due already when it was reopened and given an owner, or its day was corrected.
        return
    for earlier, why in (
        (days["proposed_on"], Text("cell.day-proposed")),
        (values.get("assigned_on"), Text("cell.day-assigned")),
    ):
        if earlier is not None and due < earlier:
            raise BadCell("due", due.isoformat(), "cell.before", why=why, earlier=earlier)
