"""What an act on a case may change, as data: the same for verbs, files, corrections and servers.

`fault` asks it of one act: which row of the workflow it is, what it changes, on which day, and
whether the case it leaves could have come about (`invariants`). What a source tells of acts made
elsewhere is under fewer of these rules: days and people may be others than here. A server holds
the same tables (`table`) and asks them of every event.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from casework.kinds.choices import STEPS, State
from casework.kinds.records import iso
from casework.rules.invariants import broken
from casework.rules.workflow import CHANGES, NOT_BEFORE, REOPENS, RULES, TRANSITIONS, Gives

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from casework.kinds.records import Case

MOVES = tuple(dict.fromkeys(rule.verb for rule in TRANSITIONS))
"""The acts that move a case to another state."""


class Before(NamedTuple):
    """What must be so of a case before an act: whether a field of it has a value."""

    verb: str
    field: str
    set: bool
    told: bool
    """Whether it must be so of acts that are told, too."""
    says: str


BEFORE = (
    *(Before(verb, "held_since", False, False, "the case is on hold") for verb in MOVES),
    Before("extend", "held_since", False, False, "the case is on hold"),
    Before("hold", "held_since", False, True, "the case is on hold"),
    Before("resume", "held_since", True, True, "the case is not on hold"),
    Before("confirm", "resolved_by", False, True, "there is nothing to confirm"),
)

ADDS_ONE: Mapping[str, str] = dict.fromkeys(REOPENS, "reopened")
"""The number an act adds one to."""

KEEPS_FIRST: Mapping[str, str] = {
    "first_outcome": "outcome",
    "first_answer": "answer",
    "first_resolved_on": "resolved_on",
}
"""What is kept of the first resolution, once a case is reopened, and of which field."""

NOT_PAST = ("assign", "extend")
"""Acts that give no due date before the day they take effect."""

ORIGINAL = "original_due"
"""The field that nothing but a correction changes once it has a value."""

ANSWERED = ("outcome", "answer")
"""What a correction takes from no resolved case."""

AFTER: tuple[tuple[str, str], ...] = tuple(
    (STEPS[i], STEPS[j]) for i in range(len(STEPS)) for j in range(i + 1, len(STEPS))
)
"""Days of a case that a correction does not bring out of their order, the earlier one first."""


class Fault(NamedTuple):
    """Why an act cannot be: the rule's id, what is said of it, and the field it is about."""

    id: str
    says: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """An act as the rules see it.

    `after` is the case as it leaves it, `changes` the fields it changes, `words` what else it says
    by name (reason, note). `told` ones were made elsewhere.
    """

    verb: str
    before: Case | None
    after: Case
    changes: tuple[str, ...]
    day: date
    actor: str
    words: Mapping[str, str | None]
    told: bool = False


def fault(step: Step) -> Fault | None:
    """Return the first rule that an act breaks, None for one that may be."""
    before, after = step.before, step.after
    source = None if before is None else before.state
    found = _of_form(step.verb, source, after.state, step.changes)
    if found is not None:
        return found
    if wrong := broken(after):
        return Fault(wrong[0].id, wrong[0].says, wrong[0].fields[0])
    if before is None:
        return None if step.told else next(_of_values(step), None)
    return next(_of_step(step, before), None)


@lru_cache(maxsize=4096)
def _of_form(
    verb: str, source: State | None, target: State, changes: tuple[str, ...]
) -> Fault | None:
    """Return why no case in a state has such an act, whatever its values are."""
    if source is None:
        if verb != "propose" or target is not State.PROPOSED:
            return Fault("first", "a case begins with its proposal")
    else:
        rule = RULES.get((verb, source))
        if rule is None:
            return Fault("row", f"{verb} is not possible when a case is {source.label}")
        if rule.target is not target:
            return Fault("target", f"{verb} leads to {rule.target.label}", "state")
    may = CHANGES[verb]
    strange = next((name for name in changes if name not in may and name != "reported"), None)
    return None if strange is None else Fault("field", f"{verb} does not change {strange}", strange)


def _of_step(step: Step, before: Case) -> Iterator[Fault]:
    """Yield what an act on a case that was there does otherwise than it may."""
    after, moves = step.after, before.state is not step.after.state
    if moves and after.state_since != step.day:
        yield Fault("since", f"state_since is {after.state_since}, but it took effect {step.day}")
    if moves or not step.told:
        yield from _too_early(step, before)
    for one in _before(step.verb):
        if bool(getattr(before, one.field)) != one.set and (one.told or not step.told):
            yield Fault(f"before-{one.field}", one.says, one.field)
    if step.verb != "correct" and before.original_due not in {None, after.original_due}:
        yield Fault("original-due-kept", "the original due date never changes", ORIGINAL)
    if not step.told:
        yield from _of_values(step)
        yield from _of_deadline(step, before)
        yield from _of_counts(step, before)
        if step.verb == "correct":
            yield from _of_correction(before, after, step.changes)


@lru_cache(maxsize=64)
def _before(verb: str) -> tuple[Before, ...]:
    return tuple(one for one in BEFORE if one.verb == verb)


def _too_early(step: Step, before: Case) -> Iterator[Fault]:
    for name in not_before(step.verb):
        since = _day(before, name)
        if since is not None and iso(step.day) < since and (name == "state_since" or not step.told):
            yield Fault("day", f"{step.verb} cannot take effect before {since}", name)


def not_before(verb: str) -> tuple[str, ...]:
    """Return the fields of a case before whose days an act on it cannot take effect."""
    return NOT_BEFORE.get(verb, ())


def _day(case: Case, name: str) -> str | None:
    """Return a day of a case; of its holds the one the last of them was over."""
    value = getattr(case, name)
    if name == "holds":
        return value[-1][1] if value else None
    return None if value is None else iso(value)


def _of_values(step: Step) -> Iterator[Fault]:
    """Yield fields that are set to what the act does not set them to, and what it lacks."""
    may = CHANGES[step.verb]
    for name in step.changes:
        value = getattr(step.after, name)
        match may.get(name, Gives.NOTHING):
            case Gives.NOTHING if value not in {None, ()}:
                yield Fault("value", f"{step.verb} sets no {name}", name)
            case Gives.DAY if value != step.day:
                yield Fault("value", f"{name} is the day it takes effect, {step.day}", name)
            case Gives.ACTOR if value != step.actor:
                yield Fault("value", f"{name} is who acts, {step.actor}", name)
    if step.before is not None:
        for name in RULES[step.verb, step.before.state].needs:
            if not (step.words.get(name) or getattr(step.after, name, None)):
                yield Fault("needs", f"{step.verb} needs {name}", name)


def _of_deadline(step: Step, before: Case) -> Iterator[Fault]:
    due, was = step.after.due, before.due
    if step.verb in NOT_PAST and due is not None and due < step.day:
        yield Fault("due-past", f"the due date {due} lies before {step.day}", "due")
    if step.verb == "extend" and was is not None and (due is None or due <= was):
        yield Fault("due-later", f"an extension moves the due date on from {was}", "due")
    later = due is not None and was is not None and due > was
    if step.verb in NOT_PAST and step.after.extensions != before.extensions + later:
        yield Fault("extensions-count", "extensions count what moved the due date on", "extensions")
    if step.verb == "assign" and later and not step.words.get("reason"):
        yield Fault("extension-reason", "a due date is moved on for a reason", "reason")


def _of_counts(step: Step, before: Case) -> Iterator[Fault]:
    after = step.after
    if step.verb in ADDS_ONE:
        if after.reopened != before.reopened + 1:
            yield Fault("reopened-count", "each reopening counts one", "reopened")
        for first, last in KEEPS_FIRST.items():
            if getattr(after, first) != getattr(before, first if before.reopened else last):
                yield Fault("first-kept", f"{first} is that of the first resolution", first)
    if step.verb == "resume" and after.holds != (
        *before.holds,
        (None if before.held_since is None else iso(before.held_since), iso(step.day)),
    ):
        yield Fault("hold-kept", "the hold that is over is the last of holds", "holds")


def _of_correction(before: Case, after: Case, changes: tuple[str, ...]) -> Iterator[Fault]:
    """Yield what a correction breaks that was in order before."""
    if before.state is State.RESOLVED:
        for name in ANSWERED:
            if name in changes and not getattr(after, name):
                yield Fault("answered", f"a resolved case has an {name}", name)
    told = set(disorder(before))
    for one in disorder(after):
        if one not in told:
            yield one


def disorder(case: Case) -> Iterator[Fault]:
    """Yield the days of a case that do not follow each other as its steps do.

    That may be so of a case whose calendar changed, say; no correction makes it so.
    """
    if not case.reopened:
        for earlier, later in AFTER:
            first, second = getattr(case, earlier), getattr(case, later)
            if first is not None and second is not None and second < first:
                says = f"{later} {second} would lie before {earlier} {first}"
                yield Fault("steps", says, later)
    given = case.assigned_on or case.proposed_on
    if case.due is not None and case.due < given:
        says = f"the due date {case.due} would lie before {given}, when it was given"
        yield Fault("due-given", says, "due")
    # A due date that is counted may come to lie earlier when its calendar changes.
    counted = case.due_rule is not None
    if case.due and case.original_due and case.due < case.original_due and not counted:
        says = f"the due date {case.due} would lie before the original one, {case.original_due}"
        yield Fault("due-original", says, "due")
