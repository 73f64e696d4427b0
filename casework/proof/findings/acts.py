"""The acts on one case in the order of their effect, as its timeline tells them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, cast

from casework.kinds.choices import State
from casework.kinds.records import Case, shape, typed
from casework.system.text import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from casework.log.reading import Event
    from casework.proof.findings.log import Mark
    from casework.rules.timeline import Timeline

PROGRESS = frozenset(
    ("state", "owner", "officer", "coordinating", "due", "outcome", "answer", "document")
)
"""Fields a change of which shows that a case under study is being dealt with."""


def says(event: Event) -> bool:
    """Tell whether an event says anything of how a case stands; a note does not."""
    return bool(event.changes) or event.strikes is not None or event.version == 1


def brief(event: Event) -> Event:
    """Return an event without the texts of its case, of which no rule asks more than that."""
    private = shape(event.kind).private
    changes = {
        name: [value and WITHHELD for value in pair] if name in private else pair
        for name, pair in event.changes.items()
    }
    reason = event.reason if event.strikes is not None else None
    return replace(event, changes=changes, note=None, reason=reason)


class Act(NamedTuple):
    """An act in the order of effect: the case before and after it, as it said itself.

    `left` is the case after the act and all that corrects it; None of what corrects another one.
    """

    event: Event
    day: str
    before: Case | None
    after: Case
    left: Case | None


def acts(events: Sequence[Event], known: Timeline) -> Iterator[Act]:
    """Yield the acts on a case; what corrects one follows it, as a change of what it said."""
    correcting: dict[int, list[Event]] = {}
    for event in events:
        if event.seq in known.amending:
            correcting.setdefault(known.amending[event.seq], []).append(event)
    for step in known.steps:
        before, left = cast("Case | None", step.before), cast("Case", step.after)
        correct = correcting.get(step.seq, ())
        said = [left]
        for event in reversed(correct):
            said.append(_without(said[-1], event))
        yield Act(cast("Event", step.entry.event), step.entry.day, before, said.pop(), left)
        for event in correct:
            before, after = _without(said[-1], event), said.pop()
            yield Act(event, step.entry.day, before, after, None)


def _without(case: Case, event: Event) -> Case:
    """Return a case as it stood before a correction, its lists left alone."""
    lists = shape(Case.kind).lists
    told = {
        name: typed(Case.kind, name, old)
        for name, (old, _) in event.changes.items()
        if name not in lists
    }
    return case.but(**told)


@dataclass(slots=True)
class Known:
    """A case as it stands, without its texts, and the events that made it so."""

    case: Case
    proposed: Mark
    moved: Mark
    ended: Mark
    progress: Mark
    due_set: Mark | None = None
    answers: list[Mark] = field(default_factory=list)
    asked: Mark | None = None
    contested: Mark | None = None
    owner: str | None = None

    @property
    def answered(self) -> Mark | None:
        """The last answer that was not sent back."""
        return self.answers[-1] if self.answers else None

    def answered_before(self, mark: Mark) -> Mark | None:
        """Return the last answer that was recorded when another act was."""
        return next((one for one in reversed(self.answers) if one.seq < mark.seq), None)

    def remember(self, step: Step) -> None:
        """Take in an act on the case."""
        mark, before, after = step.mark, step.before, step.after
        self.case = after
        if before.state != after.state or (before.doubted and not after.doubted):
            self.moved = mark
        if resolution(before) != resolution(after):
            self.ended = mark
        if before.due != after.due:
            self.due_set = mark
        if step.event.act == "ask-time":
            self.asked = mark
        if step.event.act == "contest":
            self.contested = mark
        if step.event.act == "answer":
            self.answers.append(mark)
        elif step.event.act in {"return", "reopen"}:
            self.answers.clear()
        if step.event.act != "redact" and not PROGRESS.isdisjoint(step.event.changes):
            self.progress = max(self.progress, mark, key=attrgetter("on"))
        # A case that was returned has no owner for a while; the last one is kept, so that its
        # going to another one is seen.
        self.owner = after.owner or self.owner


class Due(NamedTuple):
    """What was due from an act on."""

    day: date | None
    mark: Mark


def dues(acts: Iterable[tuple[Act, Mark]]) -> list[Due]:
    """Return what was due of a case, in the order of effect."""
    return [
        Due(act.after.due, mark)
        for act, mark in acts
        if act.before is None or act.before.due != act.after.due
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """An act on a case there is: the case before and after it, and what was known till then."""

    event: Event
    mark: Mark
    before: Case
    after: Case
    left: Case | None
    known: Known
    dues: Sequence[Due]

    @property
    def due(self) -> Due | None:
        """What was due on the day the act was done, which a correction is when it is recorded."""
        if self.event.act == "correct":
            stood = (one for one in reversed(self.dues) if one.mark.on <= self.mark.done)
            return next(stood, None)
        mark = self.known.due_set
        return None if mark is None else Due(self.before.due, mark)


def begun(case: Case, mark: Mark) -> Known:
    """Return what is known of a case by the act that made it."""
    return Known(case, mark, mark, mark, mark, mark if case.due else None)


def resolution(case: Case) -> str | None:
    """Return how a case was resolved; None for one that is not."""
    return case.outcome if case.state is State.RESOLVED else None
