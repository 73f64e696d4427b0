"""What an act may change in a case: the same data for verbs, files, corrections and servers.

`fault` checks one act: its row in the workflow, its changes, its day, and whether the resulting
case is possible (`invariants`). Fewer rules apply to acts that a source reports, whose days and
people may differ from those here. A server has the same tables (`table`) and checks every event by
them.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from casework.kinds.choices import STEPS, State
from casework.kinds.records import COLLECTIVE, iso
from casework.rules import late_causes
from casework.rules.changes import CHANGES, ENDS, NOT_BEFORE, Gives
from casework.rules.invariants import INVARIANTS, broken, moved_lists
from casework.rules.workflow import REOPENS, RULES, TRANSITIONS
from casework.words import Choice, Text, Verb, Word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from casework.kinds.records import Case

MOVES = tuple(dict.fromkeys(rule.verb for rule in TRANSITIONS))
"""The acts that move a case to another state."""


class Before(NamedTuple):
    """A condition on a case before an act: whether a field has a value."""

    verb: str
    field: str
    set: bool
    told: bool
    """Whether it also applies to reported acts."""
    rule: str


BEFORE = (
    *(Before(verb, "held_since", False, False, "on-hold") for verb in MOVES),
    Before("extend", "held_since", False, False, "on-hold"),
    Before("hold", "held_since", False, True, "on-hold"),
    Before("resume", "held_since", True, True, "not-on-hold"),
    Before("confirm", "resolved_by", False, True, "not-doubted"),
    Before("ask-time", "held_since", False, False, "on-hold"),
    Before("ask-time", "asked_due", False, True, "asked-already"),
    Before("refuse-time", "asked_due", True, True, "not-asked"),
    Before("withdraw-time", "asked_due", True, True, "not-asked"),
    Before("contest", "contested_on", False, True, "contested-already"),
    Before("uphold", "contested_on", True, True, "not-contested"),
)

_TOLD_OF = {one.verb for one in BEFORE if one.told}

ADDS_ONE: Mapping[str, str] = dict.fromkeys(REOPENS, "reopened")
"""The field that an act increases by one."""

KEEPS_FIRST: Mapping[str, str] = {
    "first_outcome": "outcome",
    "first_answer": "answer",
    "first_resolved_on": "resolved_on",
}
"""The fields that keep the first resolution of a reopened case, and the fields they copy."""

NOT_PAST = ("assign", "extend")
"""Acts that may not set a due date before their day of effect."""

MUST_CHANGE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("edit", "coordinate", "link", "correct"), ()),
    "reassign": ("owner", "officer"),
}
"""Acts that must change something, and the fields of which one must change, if not any field."""

ORIGINAL = "original_due"
"""The field that only a correction may change once it has a value."""

ANSWERED = ("outcome", "answer")
"""The fields that a correction cannot remove from a resolved case."""


def table() -> dict[str, Any]:
    """Return the rules as JSON values, by their ids and without a word of how they are told."""
    before: dict[str, list[dict[str, Any]]] = {}
    for one in BEFORE:
        before.setdefault(one.verb, []).append(one._asdict())
    return {
        "before": before,
        "not_before": {verb: list(names) for verb, names in NOT_BEFORE.items()},
        "adds_one": dict(ADDS_ONE),
        "keeps_first": dict(KEEPS_FIRST),
        "not_past": list(NOT_PAST),
        "must_change": {verb: list(names) for verb, names in MUST_CHANGE.items()},
        "ends": {verb: list(names) for verb, names in ENDS.items()},
        "original": ORIGINAL,
        "answered": list(ANSWERED),
        "steps": list(STEPS),
        "collective": COLLECTIVE,
        "asks_cause": list(late_causes.ASKS),
    }


def says() -> dict[str, str]:
    """Return what a server says, in English, of the rules that it names by their ids."""
    known = {one.rule: str(Text(f"rule.{one.rule}")) for one in BEFORE}
    return known | {one.id: str(one.says) for one in INVARIANTS}


class Fault(NamedTuple):
    """Why an act is refused: the id of the rule, the field, and the values for its text."""

    id: str
    field: str | None = None
    values: tuple[tuple[str, Any], ...] = ()

    @property
    def says(self) -> Text:
        """The text of the rule, from ``rule.ID``."""
        return Text(f"rule.{self.id}", **dict(self.values))


def _fault(rule: str, field: str | None = None, /, **values: Any) -> Fault:
    return Fault(rule, field, tuple(values.items()))


class Act(Protocol):
    """An act that is about to be recorded."""

    verb: str
    before: Any
    changes: Mapping[str, Any]
    actor: str
    effective_on: date
    reason: str | None
    note: str | None
    reported: Mapping[str, Any] | None

    def after(self) -> Any:
        """Return the case after the act."""


class Step(NamedTuple):
    """An act as the rules see it.

    `after` is the case after the act, `changes` has the fields it changes, and `words` its reason
    and note by name. A `told` act is reported by a source. `causes` has the codes of causes that
    may be given to a late case, None if that is not checked. `sound` says that the resulting case
    is known to break no invariant.
    """

    verb: str
    before: Case | None
    after: Case
    changes: tuple[str, ...]
    day: date
    actor: str
    words: Mapping[str, str | None]
    told: bool = False
    causes: Collection[str] | None = None
    sound: bool = False

    @classmethod
    def of(cls, act: Act) -> Self:
        """Return an act as the rules see it."""
        words = {"reason": act.reason, "note": act.note}
        told = act.reported is not None
        day, changes = act.effective_on, tuple(act.changes)
        return cls(act.verb, act.before, act.after(), changes, day, act.actor, words, told)


def fault(step: Step) -> Fault | None:
    """Return the first rule that an act breaks; None if it is allowed."""
    before, after = step.before, step.after
    source = None if before is None else before.state
    found = _of_form(step.verb, source, after.state, step.changes)
    if found is not None:
        return found
    if not step.sound and (found := _of_invariants(step, before)) is not None:
        return found
    if before is None:
        return None if step.told else next(_of_values(step), None)
    if step.told and source is after.state and step.verb not in _TOLD_OF:
        return None if _keeps_original(step, before) else _fault("original-due-kept", ORIGINAL)
    return next(_of_step(step, before), None)


def _of_invariants(step: Step, before: Case | None) -> Fault | None:
    """Return the first invariant that the case after an act breaks, and the one before it kept."""
    # A correction may have moved what the act itself does not say.
    lists = before is None or moved_lists(before, step.after)
    if not (wrong := broken(step.after, lists=lists)):
        return None
    # What was otherwise before does not stand in the way.
    stood = () if before is None else broken(before)
    for one in wrong:
        if one not in stood and (one.told or not step.told):
            return Fault(one.id, one.fields[0], (("values", Choice(one.values)),))
    return None


def _keeps_original(step: Step, before: Case) -> bool:
    first = before.original_due
    return first is None or first == step.after.original_due or step.verb == "correct"


@lru_cache(maxsize=4096)
def _of_form(
    verb: str, source: State | None, target: State, changes: tuple[str, ...]
) -> Fault | None:
    """Return why an act is impossible in a state, whatever its values are."""
    if (wrong := path(verb, source, target)) is not None:
        return wrong
    may = CHANGES[verb]
    strange = next((name for name in changes if name not in may and name != "reported"), None)
    return None if strange is None else _fault("field", strange, verb=Verb(verb), field=strange)


@lru_cache(maxsize=256)
def path(verb: str, source: State | None, target: State) -> Fault | None:
    """Return why an act does not lead from one state to another; None if the table allows it."""
    if source is None:
        begins = verb == "propose" and target is State.PROPOSED
        return None if begins else _fault("first")
    rule = RULES.get((verb, source))
    if rule is None:
        return _fault("row", verb=Verb(verb), state=Word(source))
    if rule.target is not target:
        return _fault("target", "state", verb=Verb(verb), state=Word(rule.target))
    return None


def _of_step(step: Step, before: Case) -> Iterator[Fault]:
    """Yield the rules that an act on an existing case breaks."""
    after, moves = step.after, before.state is not step.after.state
    if moves and after.state_since != step.day:
        yield _fault("since", "state_since", since=after.state_since, day=step.day)
    if moves or not step.told:
        yield from too_early(before, step.verb, step.day, told=step.told)
    if _before(step.verb):
        yield from unready(before, step.verb, told=step.told)
    if not _keeps_original(step, before):
        yield _fault("original-due-kept", ORIGINAL)
    if not step.told:
        if step.verb in MUST_CHANGE and not _is_change(step):
            yield _fault("unchanged", ref=after.ref)
        yield from _of_values(step)
        yield from _of_deadline(step, before)
        for rule, values in late_causes.faults(step, before):
            yield _fault(rule, "late_cause", **values)
        yield from _of_waiting(step, before)
        yield from _of_counts(step, before)
        if step.verb == "correct":
            yield from _of_correction(before, after, step.changes)


def _is_change(step: Step) -> bool:
    named = MUST_CHANGE[step.verb] or step.changes
    return not {*named}.isdisjoint(step.changes)


@lru_cache(maxsize=64)
def _before(verb: str) -> tuple[Before, ...]:
    return tuple(one for one in BEFORE if one.verb == verb)


def unready(case: Case, verb: str, *, told: bool = False) -> Iterator[Fault]:
    """Yield what must be so of a case before an act on it and is not: a clock, or what waits."""
    for one in _before(verb):
        if bool(getattr(case, one.field)) != one.set and (one.told or not told):
            yield _fault(one.rule, one.field)


def too_early(case: Case, verb: str, day: date, *, told: bool = False) -> Iterator[Fault]:
    """Yield the days of a case before which an act on it does not take effect."""
    for name in not_before(verb):
        since = _day(case, name)
        if since is not None and iso(day) < since and (name == "state_since" or not told):
            yield _fault("day", name, verb=Verb(verb), since=since)


def not_before(verb: str) -> tuple[str, ...]:
    """Return the fields of a case whose days an act must not precede."""
    return NOT_BEFORE.get(verb, ())


def _day(case: Case, name: str) -> str | None:
    """Return a day of a case; for holds, the day on which the last one ended."""
    value = getattr(case, name)
    if name == "holds":
        return value[-1][1] if value else None
    return None if value is None else iso(value)


def _of_values(step: Step) -> Iterator[Fault]:
    """Yield fields that are set to values the act may not give, and missing fields."""
    may = CHANGES[step.verb]
    for name in step.changes:
        value = getattr(step.after, name)
        match may.get(name, Gives.NOTHING):
            case Gives.NOTHING if value not in {None, ()}:
                yield _fault("value", name, verb=step.verb, field=name)
            case Gives.DAY if value != step.day:
                yield _fault("value-day", name, field=name, day=step.day)
            case Gives.ACTOR if value != step.actor:
                yield _fault("value-actor", name, field=name, actor=step.actor)
    if step.before is not None:
        for name in RULES[step.verb, step.before.state].needs:
            if not (step.words.get(name) or getattr(step.after, name, None)):
                yield _fault("needs", name, verb=step.verb, field=name)


def _of_deadline(step: Step, before: Case) -> Iterator[Fault]:
    due, was = step.after.due, before.due
    if step.verb in NOT_PAST and due is not None and due < step.day:
        yield _fault("due-past", "due", due=due, day=step.day)
    if step.verb == "extend" and was is not None and (due is None or due <= was):
        yield _fault("due-later", "due", due=was)
    later = due is not None and was is not None and due > was
    if step.verb in NOT_PAST and step.after.extensions != before.extensions + later:
        yield _fault("extensions-count", "extensions")
    if step.verb == "assign" and later and not step.words.get("reason"):
        yield _fault("extension-reason", "reason")


def _of_waiting(step: Step, before: Case) -> Iterator[Fault]:
    """Yield wrong requests of an owner, and requests that the act should have ended."""
    asked = step.after.asked_due
    if step.verb == "ask-time":
        least = max(step.day, before.due + timedelta(1)) if before.due else step.day
        if asked is None or asked < least:
            yield _fault("asked-later", "asked_due", due=least)
    for name in ENDS.get(step.verb, ()):
        if getattr(step.after, name) is not None:
            yield _fault("ends", name, verb=Verb(step.verb), field=name)


def _of_counts(step: Step, before: Case) -> Iterator[Fault]:
    after = step.after
    if step.verb in ADDS_ONE:
        if after.reopened != before.reopened + 1:
            yield _fault("reopened-count", "reopened")
        for first, last in KEEPS_FIRST.items():
            if getattr(after, first) != getattr(before, first if before.reopened else last):
                yield _fault("first-kept", first, field=first)
    if step.verb == "resume" and after.holds != (
        *before.holds,
        (None if before.held_since is None else iso(before.held_since), iso(step.day)),
    ):
        yield _fault("hold-kept", "holds")


def _of_correction(before: Case, after: Case, changes: tuple[str, ...]) -> Iterator[Fault]:
    """Yield what a correction breaks that was in order before."""
    if before.state is State.RESOLVED:
        for name in ANSWERED:
            if name in changes and not getattr(after, name):
                yield _fault("answered", name, field=name)
    told = set(disorder(before))
    for one in disorder(after):
        if one not in told:
            yield one


def disorder(case: Case) -> Iterator[Fault]:
    """Yield the days of a case that are not in the order of its steps.

    A changed calendar, for example, can cause this; a correction must not.
    """
    taken = [(name, day) for name in STEPS if (day := getattr(case, name)) is not None]
    for (earlier, first), (later, second) in pairwise(taken):
        if second < first and not case.reopened:
            yield _fault("steps", later, later=later, second=second, earlier=earlier, first=first)
    given = case.assigned_on or case.proposed_on
    if case.due is not None and case.due < given:
        yield _fault("due-given", "due", due=case.due, day=given)
    # A due date that is counted may come to lie earlier when its calendar changes.
    counted = case.due_rule is not None
    if case.due and case.original_due and case.due < case.original_due and not counted:
        yield _fault("due-original", "due", due=case.due, first=case.original_due)
