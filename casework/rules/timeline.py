"""What was true when: the one timeline of a record, made of its events and of nothing else.

Corrections amend the event they correct, in its values or its day, or strike it out. What is left
is ordered by the day of effect, within a day by recording, and folded. What was true on a day, as
known at an instant, is the fold up to that day of what had been recorded by then.

An event says what its act does. A field that is set holds until the next act, in the order of
effect, that sets it. Of a list it says what is added and taken away, of a resumed clock the days it
gives back. What is counted or copied (extensions, reopenings, holds, the original due date, the
first resolution, since when a state lasts) follows from the timeline, whatever the event says.
Events of format 1 are read so too: a correction in them amends the event that last set its field,
unless it took effect on a later day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from casework.kinds.records import KINDS, Case, Conference, Digest, Organisation, Record, shape
from casework.rules import folding, lawful
from casework.rules.amending import CORRECTED, Entry, Told, entries_of, gives_of, struck_out
from casework.rules.changes import CLEARS, Gives
from casework.rules.folding import COUNTED
from casework.rules.workflow import RULES
from casework.words import Text, Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from casework.rules.folding import Calendar
    from casework.rules.lawful import Fault

    Judged = Callable[[int], tuple[Mapping[str, Any], bool]]

T = TypeVar("T", bound=Told)

DATED = (Case.kind, Digest.kind)
"""Kinds of records that were not there before the day their first event gives."""

LEAVES = ("note", "redact")
"""The acts on a case that may stand when its proposal is taken out: they say nothing of it."""

BY_EFFECT = (Case.kind, Conference.kind, Organisation.kind)
"""Kinds of records whose acts are ordered by the day of their effect.

Of others, such as a person, what was recorded last holds: a login that was given yesterday is taken
away by whoever is deactivated today as of last year.
"""


def table() -> dict[str, Any]:
    """Return what a server is told."""
    clears: dict[str, dict[str, list[str]]] = {}
    for (verb, state), names in CLEARS.items():
        clears.setdefault(verb, {})[state] = list(names)
    return {
        "corrected": list(CORRECTED),
        "counted": list(COUNTED),
        "dated": list(DATED),
        "clears": clears,
        "leaves": list(LEAVES),
        "by_effect": list(BY_EFFECT),
    }


@dataclass(frozen=True, slots=True)
class Step:
    """An event in the order of effect, with the record before it and as it leaves it."""

    entry: Entry
    before: Record | None
    after: Record

    @property
    def seq(self) -> int:
        """The number of its event."""
        return self.entry.event.seq

    @property
    def day(self) -> date:
        """The day it takes effect, after all corrections."""
        return date.fromisoformat(self.entry.day)

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Return what becomes otherwise of the record, `version` left out."""
        after = vars(self.after)
        stood = {**shape(self.after.kind).start} if self.before is None else vars(self.before)
        return {
            name: (stood.get(name), value)
            for name, value in after.items()
            if value != stood.get(name) and name != "version"
        }

    def sets(self, name: str) -> bool:
        """Tell whether it says something of a field."""
        return any(part.field == name for part in self.entry.parts)

    def may_set(self, name: str) -> bool:
        """Tell whether its act may give a field a value."""
        act = self.entry.event.act
        given = gives_of(act, name)
        return act != "correct" and given is not None and given is not Gives.NOTHING

    def needs(self, name: str) -> bool:
        """Tell whether its act must say what a field is."""
        state = self.before.state if isinstance(self.before, Case) else None
        rule = None if state is None else RULES.get((self.entry.event.act, state))
        return rule is not None and name in rule.needs

    def fault(
        self, words: Mapping[str, Any] | None = None, *, told: bool | None = None
    ) -> Fault | None:
        """Return the rule that the act of a case breaks on its day, None for one that may be.

        `words` are its reason and note where its event no longer says them, `told` whether it was
        told of, where that is known otherwise than by its own word.
        """
        if not isinstance(self.after, Case):
            return None
        event = self.entry.event
        # What a correction says is not the act's.
        own = (part.field for part in self.entry.parts if part.verb == event.act)
        names = tuple(dict.fromkeys(own))
        words = words or {"reason": event.reason, "note": event.note}
        return lawful.fault(
            lawful.Step(
                verb=event.act,
                before=self.before if isinstance(self.before, Case) else None,
                after=self.after,
                changes=names,
                day=self.day,
                actor=event.actor,
                words=words,
                told=event.reported is not None if told is None else told,
            )
        )


@dataclass(slots=True)
class Timeline:
    """The steps of a record in the order of effect; `days` has the day of every event.

    Of an event that was struck out, or that amends or strikes another one, that is the day of the
    event it belongs to. `struck` are the numbers of those that were struck out, each with the
    number of the event that did it. Where the first one was, there are no steps, and `loose` is
    what was not.
    """

    steps: list[Step]
    days: dict[int, str]
    struck: dict[int, int] = field(default_factory=dict)
    amending: dict[int, int] = field(default_factory=dict)
    loose: list[Entry] = field(default_factory=list)

    def row(self) -> Record | None:
        """Return the record after all of it; None where nothing is left of it."""
        return self.steps[-1].after.but(version=len(self.days)) if self.steps else None

    def on(self, day: date) -> Record | None:
        """Return the record as it stood at the end of a day, None where it was not there yet."""
        last = day.isoformat()
        if not self._there(last):
            return None
        until = [one for one in self.steps if one.entry.day <= last or one is self.steps[0]]
        at = until[-1].after
        if at.kind not in BY_EFFECT:
            taken = [one.entry for one in until]
            *_, step = _steps(taken, [entry.event for entry in taken], None)
            at = step.after
        version = sum(one <= last for one in self.days.values())
        return at.but(version=max(version, 1))

    def stands(self, until: date) -> Iterator[tuple[date, date, Record]]:
        """Yield how the record stood from a day of change up to the next one, the last to a day.

        Each is first day, the day from which it is otherwise, and the record.
        """
        found: list[tuple[date, Record]] = []
        for step in self.steps:
            if found and found[-1][0] >= step.day:
                found[-1] = found[-1][0], step.after
            else:
                found.append((step.day, step.after))
        shown = [one for one in found if one[0] <= until]
        if not self._there(until.isoformat()):
            return
        for place, (since, record) in enumerate(shown):
            end = shown[place + 1][0] if place + 1 < len(shown) else max(until, since)
            yield since, end, record

    def moves(self) -> dict[int, str | None]:
        """Return the events that take effect on another day than they say; of none, None."""
        moved = {step.seq: step.entry.day for step in self.steps if step.entry.moved}
        return moved | dict.fromkeys(self.struck)

    def step_of(self, seq: int) -> Step | None:
        """Return the step an event stands in: its own, or that of the event it amends."""
        owner = self.amending.get(seq, seq)
        return next((step for step in self.steps if step.seq == owner), None)

    def setting(self, name: str) -> Step | None:
        """Return the step that gives a field what it is in the end.

        Where none says anything of it, that is the last one whose act may; None where none may.
        """
        found = next((one for one in reversed(self.steps) if one.sets(name)), None)
        if found is not None:
            return found
        may = (one for one in reversed(self.steps) if one.may_set(name))
        return next(may, None)

    def faults(self, judged: Judged | None = None) -> dict[tuple[int, str], tuple[Step, Fault]]:
        """Return what the steps break, by the number of the event and the rule.

        `judged` has for each event its words and whether it was told, where that is known otherwise
        than by its own word.
        """
        found = {}
        for step in self.steps:
            words, told = (None, None) if judged is None else judged(step.seq)
            if (wrong := step.fault(words, told=told)) is not None:
                found[step.seq, wrong.id] = step, wrong
        return found

    def _there(self, last: str) -> bool:
        if not self.steps:
            return False
        first = self.steps[0].entry
        return first.day <= last or first.event.kind not in DATED


def timeline(events: Iterable[Told], calendar: Calendar | None = None) -> Timeline:
    """Return the timeline of one record, whose events are given in the order of recording.

    `calendar` gives the working days, for a clock that is resumed otherwise than its event says.
    Raises ValueError, TypeError and KeyError for events that make no record.
    """
    told = list(events)
    struck = struck_out(told)
    entries, amending = entries_of(told, struck)
    days = {seq: entry.day for seq, entry in entries.items()}
    for event in told:
        if event.seq not in days:
            owner = amending.get(event.seq, event.strikes)
            days[event.seq] = days.get(owner if owner is not None else -1, event.effective_on)
    begins = any(entry.event.version == 1 for entry in entries.values())
    loose = [] if begins else list(entries.values())
    ordered = _in_order(list(entries.values())) if begins else []
    return Timeline(list(_steps(ordered, told, calendar)), days, struck, amending, loose)


def taken_out(events: Sequence[T], calendar: Calendar | None = None) -> tuple[Record, T] | None:
    """Return a record whose first act was taken out, as it stood, and the event that did that.

    None where it was not, or where events make no record.
    """
    by = struck_out(events).get(events[0].seq) if events else None
    striking = next((one for one in events if one.seq == by), None)
    if striking is None:
        return None
    stood = timeline([one for one in events if one is not striking], calendar).row()
    return None if stood is None else (stood.but(version=len(events)), striking)


def broken_by(
    before: Timeline, after: Timeline, since: int, judged: Judged | None = None
) -> Iterator[tuple[Step | None, Fault]]:
    """Yield what became unlawful of a record by its events from number `since` on.

    Each is the rule, and the step that breaks it; None where the days of the record are out of
    order in the end.
    """
    yield from _of_first(before, after)
    stood = before.faults(judged)
    for place, (step, wrong) in after.faults(judged).items():
        # That another act now changes nothing, no rule forbids.
        if place not in stood and (wrong.id != "unchanged" or step.seq >= since):
            yield step, wrong
    was, left = before.row(), after.row()
    if isinstance(was, Case) and isinstance(left, Case):
        known = {*lawful.disorder(was)}
        yield from ((None, wrong) for wrong in lawful.disorder(left) if wrong not in known)


def _of_first(before: Timeline, after: Timeline) -> Iterator[tuple[None, Fault]]:
    """Yield why the first act of a case is not taken out, or what else is done on such a case."""
    if after.steps:
        return
    if not before.steps:
        yield None, lawful.Fault("struck.stays")
    for wrong in refused_out(after):
        yield None, wrong


def refused_out(known: Timeline) -> Iterator[Fault]:
    """Yield why the first act of a case, which was taken out, could not be: others rest on it."""
    later = [one for one in known.loose if one.event.act not in LEAVES]
    if later:
        acts = [
            Text("struck.act", seq=one.event.seq, act=Verb(one.event.act), on=one.day)
            for one in sorted(later, key=lambda one: (one.day, one.event.seq))
        ]
        yield lawful.Fault("struck.rests", None, (("acts", acts),))


def is_plain(events: Sequence[Told]) -> bool:
    """Tell whether events fold in the order of their recording, each saying what it says."""
    if events and events[0].kind not in BY_EFFECT:
        return True
    last = ""
    for event in events:
        if event.strikes is not None or event.act == "correct" or event.effective_on < last:
            return False
        last = event.effective_on
    return True


def _in_order(entries: list[Entry]) -> list[Entry]:
    """Return entries in the order of effect; the first event makes the record, whatever its day."""
    if entries[0].event.kind not in BY_EFFECT:
        return entries
    return sorted(entries, key=lambda one: (one.event.version > 1, one.day, one.event.seq))


def _steps(
    ordered: Sequence[Entry], told: Sequence[Told], calendar: Calendar | None
) -> Iterator[Step]:
    record: Record | None = None
    # While nothing stands otherwise than when it was recorded, an event says it all.
    as_recorded = True
    for place, entry in enumerate(ordered):
        event = entry.event
        as_recorded &= told[place] is event and not entry.amended
        before = record
        if as_recorded:
            values = {part.field: part.new for part in entry.parts}
        else:
            values = folding.said(record, entry, calendar)
        record = (
            KINDS[event.kind].made(event.key, values) if record is None else record.changed(values)
        )
        yield Step(entry, before, record)
