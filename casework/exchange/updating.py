"""Compare a list with the register, and plan the acts that update the register."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.acts import cases
from casework.acts.cases import Why
from casework.errors import RefusedError
from casework.exchange.columns import BY_NAME, value_of
from casework.kinds.choices import CLOSING_OUTCOMES, State
from casework.kinds.records import Case, plain
from casework.questions import reading
from casework.rules.dates import parse
from casework.rules.implied import DAYS, SAID
from casework.rules.late_causes import days_late
from casework.words import Lines, Text, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casework.ledger.ledger import Desk
    from casework.store.connections import Unseen

EDITED = tuple(one.short for one in Case.describing)
"""The columns that an edit changes."""

FOLLOWS = {
    *("basis", "precision", "rule", "from", "original_due"),
    *("extensions", "state_since", "answered_on", "doubted"),
}
"""The columns that no act sets, because they follow from other acts; they may stay different."""


LATER = {DAYS[place]: DAYS[place + 1 :] for place in range(len(DAYS))}
"""The columns with the days of steps, each with those of later steps."""


class Difference(NamedTuple):
    """A difference: the number of the row, the case, the column, and both values."""

    row: int
    ref: str
    column: str
    registered: Any
    said: Any


def differences(row: int, case: Case, said: Mapping[str, Any]) -> list[Difference]:
    """Return the differences between a row and a case; empty cells are ignored.

    The order in lists is ignored.
    """
    found = []
    for name, value in said.items():
        held = plain(value_of(case, BY_NAME[name]))
        same = sorted(held) == sorted(value) if isinstance(held, list) else held == value
        if not same:
            found.append(Difference(row, case.ref, name, held, value))
    return found


def shown(hides: Unseen, one: Difference) -> Difference:
    """Return a difference as shown to the reader: texts of a secret case are withheld."""
    field = BY_NAME[one.column].field
    held = reading.value(hides, (Case.kind, one.ref), field, one.registered)
    return one._replace(registered=held)


class Update:
    """The acts of one row, done by the usual verbs, whose refusals are reported."""

    def __init__(
        self, desk: Desk, case: Case, said: Mapping[str, Any], label: str, due: str
    ) -> None:
        self._desk = desk
        self._case = case
        self._said = said
        self._label = label
        self._due = due
        self.acts: list[str] = []

    def run(self, differ: list[Difference]) -> None:
        """Do the acts that update the case; raises CaseworkError if one is refused."""
        names = {one.column for one in differ}
        self._edit(names)
        self._coordinate(names)
        state = State(self._said.get("state", self._case.state))
        order = list(State)
        if order.index(state) < order.index(self._case.state):
            raise RefusedError("update.backwards", label=Word(self._case.state), listed=Word(state))
        self._give(names, state)
        self._hold(names)
        self._move(names, state)

    def _why(self, column: str = "", **more: Any) -> Why:
        """Return the reason and day of an act: the day in a column, or today."""
        return Why(reason=self._label, effective_on=self._day(column), **more)

    def _day(self, column: str) -> date | None:
        """Return the day of a step in a column; None for today.

        An unknown day is that of the step before, if the row has a later step; the same holds for a
        case created from such a row.
        """
        day = self._said.get(column)
        if day is None and any(name in self._said for name in LATER.get(column, ())):
            return self._case.state_since
        return date.fromisoformat(day) if day else None

    def _done(self, verb: str, left: Case) -> None:
        self.acts.append(verb)
        self._case = left

    def _edit(self, names: set[str]) -> None:
        given = {name: self._said[name] for name in EDITED if name in names}
        if given:
            self._done("edit", cases.edit(self._desk, self._case.ref, why=self._why(), **given))

    def _coordinate(self, names: set[str]) -> None:
        if "with" in names:
            asked, held = self._said["with"], self._case.coordinating
            left = cases.coordinate(
                self._desk,
                self._case.ref,
                add=[one for one in asked if one not in held],
                remove=[one for one in held if one not in asked],
                why=self._why(),
            )
            self._done("coordinate", left)

    def _give(self, names: set[str], state: State) -> None:
        """Set the owner, officer and due date of the case."""
        case, said = self._case, self._said
        owner = said.get("owner", case.owner)
        if case.state is State.PROPOSED:
            if state is State.PROPOSED or (owner is None and state is State.RESOLVED):
                return
            due = said.get("due") or plain(case.due)
            if owner is None or due is None:
                raise RefusedError("update.assign-needs", "hint.add-both")
            left = cases.assign(
                self._desk,
                case.ref,
                owner=owner,
                # As it was typed, so that a counted one keeps its rule.
                due=parse(self._due or due),
                officer=said.get("officer"),
                basis=said.get("basis", "set"),
                late_cause=self._cause(names, "assign", "assigned_on"),
                why=self._why("assigned_on"),
            )
            self._done("assign", left)
            return
        if names & {"owner", "officer"}:
            left = cases.reassign(
                self._desk, case.ref, owner=owner, officer=said.get("officer"), why=self._why()
            )
            self._done("reassign", left)
        if "due" in names:
            due = date.fromisoformat(said["due"])
            left = cases.extend(
                self._desk,
                case.ref,
                due=due,
                basis=said.get("basis", "set"),
                late_cause=self._cause(names, "extend"),
                why=self._why(),
            )
            self._done("extend", left)

    def _cause(self, names: set[str], verb: str, column: str = "") -> str | None:
        """Return the cause of lateness in a row for an act, if one is possible."""
        late = days_late(self._case, verb, self._day(column) or self._desk.today)
        return self._said.get("late_cause") if late or "late_cause" in names else None

    def _hold(self, names: set[str]) -> None:
        if "held_since" in names and self._case.held_since is None:
            left = cases.hold(self._desk, self._case.ref, why=self._why("held_since"))
            self._done("hold", left)

    def _move(self, names: set[str], state: State) -> None:
        """Move the case forward to its state in the list."""
        case, said = self._case, self._said
        outcome = said.get("outcome")
        paper = {"document": said.get("document")}
        closes = outcome in CLOSING_OUTCOMES and "study_on" not in said
        if (
            outcome
            and state is State.RESOLVED
            and closes
            and case.state in {State.PROPOSED, State.ASSIGNED}
        ):
            on = self._why("resolved_on").effective_on
            why = Why(reason=said.get("answer", self._label), effective_on=on, **paper)
            cause = self._cause(names, "close", "resolved_on")
            left = cases.close(self._desk, case.ref, outcome=outcome, late_cause=cause, why=why)
            self._done("close", left)
            return
        if state in {State.UNDER_STUDY, State.RESOLVED} and self._case.state is State.ASSIGNED:
            left = cases.study(self._desk, case.ref, why=self._why("study_on"))
            self._done("study", left)
        words = {"outcome": outcome, "answer": said.get("answer")}
        if state is State.RESOLVED and self._case.state is State.UNDER_STUDY:
            why = self._why("resolved_on", **paper)
            words["late_cause"] = self._cause(names, "resolve", "resolved_on")
            self._done("resolve", cases.resolve(self._desk, case.ref, why=why, **words))
        elif state is State.UNDER_STUDY and names.intersection(SAID):
            answer = {name: said.get(name) or getattr(self._case, name) for name in words}
            if None in answer.values():
                raise RefusedError("update.answer-needs", "hint.add-both")
            why = self._why("answered_on", **paper)
            self._done("answer", cases.answer(self._desk, case.ref, why=why, **answer))

    def refuse_rest(self, hides: Unseen) -> None:
        """Raise RefusedError if the register still differs from the row."""
        if self._desk.asked:
            # What waits for a second person is not done yet.
            return
        for one in differences(0, self._case, self._said):
            if one.column not in FOLLOWS:
                told = shown(hides, one)
                raise RefusedError(
                    "update.no-act",
                    column=told.column,
                    registered=told.registered,
                    said=told.said,
                    ref=told.ref,
                )


def refused(faults: list[Text], count: int, name: str | Text) -> RefusedError:
    """Return the error for rows whose acts were refused."""
    shown = Lines(faults, left_out=count - len(faults))
    return RefusedError("import.cannot-take-over", name=name, total=count, shown=shown)


def lines(found: list[Difference]) -> Iterator[str]:
    """Yield the differences, one line for each field."""
    for one in found:
        yield f"{one.ref}  {one.column}: {_words(one.registered)} → {_words(one.said)}"


def _words(value: Any) -> str:
    if value in (None, []):
        return "–"
    return "; ".join(value) if isinstance(value, list) else str(value)
