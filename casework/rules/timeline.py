"""The timeline of a record: what was true when, computed from its events alone.

A correction changes the values or the day of the event it corrects, or strikes the event out. The
remaining events are sorted by day of effect, and within a day by recording, and applied in that
order. What was true on a day, as known at an instant, is the result of applying, up to that day,
the events recorded by that instant.

A field keeps its value until the next act, in order of effect, that sets it. For lists, an event
adds and removes items; when a clock is resumed, the event gives back days. Counted and copied
values (extensions, reopenings, holds, the original due date, the first resolution, the beginning of
a state) are computed from the timeline, whatever the event says. The same holds for events of
format 1: a correction in them amends the event that last set its field, unless it took effect on a
later day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from casework.kinds.records import KINDS, Case, Digest, Record, shape
from casework.rules import folding, lawful
from casework.rules.amending import CORRECTED, Entry, Told, entries_of, gives_of, struck_out
from casework.rules.changes import BY_EFFECT, CLEARS, Gives
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
"""Kinds of records that do not exist before the day of their first event."""

LEAVES = ("note", "redact")
"""The acts that may remain when the proposal of their case is struck out."""


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
    """An event in order of effect, with the record before and after it."""

    entry: Entry
    before: Record | None
    after: Record

    @property
    def seq(self) -> int:
        """The number of its event."""
        return self.entry.event.seq

    @property
    def day(self) -> date:
        """Its day of effect, after all corrections."""
        return date.fromisoformat(self.entry.day)

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Return the changes of the record, without `version`."""
        after = vars(self.after)
        stood = {**shape(self.after.kind).start} if self.before is None else vars(self.before)
        return {
            name: (stood.get(name), value)
            for name, value in after.items()
            if value != stood.get(name) and name != "version"
        }

    def sets(self, name: str) -> bool:
        """Return whether the event changes a field."""
        return any(part.field == name for part in self.entry.parts)

    def may_set(self, name: str) -> bool:
        """Return whether its act may set a field."""
        act = self.entry.event.act
        given = gives_of(act, name)
        return act != "correct" and given is not None and given is not Gives.NOTHING

    def needs(self, name: str) -> bool:
        """Return whether its act must set a field."""
        state = self.before.state if isinstance(self.before, Case) else None
        rule = None if state is None else RULES.get((self.entry.event.act, state))
        return rule is not None and name in rule.needs

    def fault(
        self, words: Mapping[str, Any] | None = None, *, told: bool | None = None
    ) -> Fault | None:
        """Return the rule that an act on a case breaks on its day; None if it is allowed.

        `words` has its reason and note, if the event no longer holds them; `told` says whether it
        was reported by a source, if that is known from elsewhere.
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
    """The steps of a record in order of effect; `days` has the day of every event.

    An event that was struck out, or that amends or strikes another, has the day of the event it
    belongs to. `struck` maps the numbers of struck events to those of the strikes. If the first
    event was struck out, there are no steps, and `loose` has the events that were not.
    """

    steps: list[Step]
    days: dict[int, str]
    struck: dict[int, int] = field(default_factory=dict)
    amending: dict[int, int] = field(default_factory=dict)
    loose: list[Entry] = field(default_factory=list)

    def row(self) -> Record | None:
        """Return the record after all steps; None if it was struck out."""
        return self.steps[-1].after.but(version=len(self.days)) if self.steps else None

    def on(self, day: date) -> Record | None:
        """Return the record as it stood at the end of a day; None if it did not exist yet."""
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
        """Yield the versions of the record between its days of change, up to a day.

        Each is the first day, the day from which it differs, and the record.
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
        """Return the events whose day of effect is not the one they give; None if none."""
        moved = {step.seq: step.entry.day for step in self.steps if step.entry.moved}
        return moved | dict.fromkeys(self.struck)

    def step_of(self, seq: int) -> Step | None:
        """Return the step of an event, or of the event that it amends."""
        owner = self.amending.get(seq, seq)
        return next((step for step in self.steps if step.seq == owner), None)

    def setting(self, name: str) -> Step | None:
        """Return the step that gives a field its final value.

        If none sets it, return the last step whose act could; None if there is none.
        """
        found = next((one for one in reversed(self.steps) if one.sets(name)), None)
        if found is not None:
            return found
        may = (one for one in reversed(self.steps) if one.may_set(name))
        return next(may, None)

    def faults(self, judged: Judged | None = None) -> dict[tuple[int, str], tuple[Step, Fault]]:
        """Return the rules that the steps break, by event number.

        `judged` has, for each event, its words and whether it was reported by a source, if that is
        known from elsewhere.
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
    """Return the timeline of one record from its events in the order of recording.

    `calendar` has the working days, in case a resumed clock differs from its event. Raises
    ValueError, TypeError and KeyError if the events do not form a record.
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


def taken_out(events: Sequence[T], calendar: Calendar | None) -> tuple[Record, T] | None:
    """Return a record whose first act was taken out, as it stood, and the event that did that.

    That is the last one by which it came to be out: what brought it back may be taken out itself.
    None where it is not out, or where events make no record.
    """
    if not events or events[0].seq not in struck_out(events):
        return None
    about = {events[0].seq}
    striking = events[0]
    for one in events:
        if one.strikes in about:
            about.add(one.seq)
            striking = one
    stood = timeline([one for one in events if one is not striking], calendar).row()
    return None if stood is None else (stood.but(version=len(events)), striking)


def broken_by(
    before: Timeline, after: Timeline, since: int, judged: Judged | None = None
) -> Iterator[tuple[Step | None, Fault]]:
    """Yield the rules that a record came to break through its events from number `since` on.

    Each has the rule and the step that breaks it, or None if the final days of the record are out
    of order.
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
    """Yield why the first act of a case cannot be struck out, or wrong acts after it was."""
    if after.steps:
        return
    if not before.steps:
        yield None, lawful.Fault("struck.stays")
    for wrong in refused_out(after):
        yield None, wrong


def refused_out(known: Timeline) -> Iterator[Fault]:
    """Yield why the struck first act of a case could not be struck out: others depend on it."""
    later = [one for one in known.loose if one.event.act not in LEAVES]
    if later:
        acts = [
            Text("struck.act", seq=one.event.seq, act=Verb(one.event.act), on=one.day)
            for one in sorted(later, key=lambda one: (one.day, one.event.seq))
        ]
        yield lawful.Fault("struck.rests", None, (("acts", acts),))


def is_plain(events: Sequence[Told]) -> bool:
    """Return whether events apply in the order of recording, without corrections."""
    if events and events[0].kind not in BY_EFFECT:
        return True
    last = ""
    for event in events:
        if event.strikes is not None or event.act == "correct" or event.effective_on < last:
            return False
        last = event.effective_on
    return True


def _in_order(entries: list[Entry]) -> list[Entry]:
    """Return entries in order of effect; the first event always comes first."""
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
