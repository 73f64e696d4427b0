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

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from casework.kinds.choices import STEPS
from casework.kinds.records import (
    KINDS,
    Case,
    Conference,
    Digest,
    Organisation,
    Record,
    iso,
    shape,
    typed,
)
from casework.rules import deadlines, lawful
from casework.rules.workflow import CHANGES, CLEARS, REOPENS, RULES, Gives

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from casework.rules.lawful import Fault
    from casework.rules.working_days import WorkingCalendar

    Calendar = Callable[[], WorkingCalendar]

NAMES_OWN = 2
"""The first format of events that name the event they amend."""

CORRECTED = (*STEPS, "owner", "outcome", "answer", "document", "due")
"""What a correction is of, where it changes several fields: the first of these."""

COUNTED = (
    *("state_since", "extensions", "original_due", "reopened", "holds"),
    *lawful.KEEPS_FIRST,
)
"""What follows from the timeline of a case, whatever a correction says of it."""

DATED = (Case.kind, Digest.kind)
"""Kinds of records that were not there before the day their first event gives."""


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
        "by_effect": list(BY_EFFECT),
    }


class Told(Protocol):
    """What is read of an event."""

    @property
    def seq(self) -> int:
        """The number of the event in the log."""

    @property
    def v(self) -> int:
        """The format of the event."""

    @property
    def act(self) -> str:
        """What was done."""

    @property
    def kind(self) -> str:
        """The kind of its record."""

    @property
    def key(self) -> str:
        """The key of its record."""

    @property
    def version(self) -> int:
        """Which event of its record it is, from 1."""

    @property
    def actor(self) -> str:
        """Who did it."""

    @property
    def effective_on(self) -> str:
        """The day it took effect by its own word."""

    @property
    def changes(self) -> Mapping[str, Any]:
        """Old and new value of each field it changes."""

    @property
    def reason(self) -> str | None:
        """Why, None where nothing is said."""

    @property
    def note(self) -> str | None:
        """What is noted, None where nothing is."""

    @property
    def reported(self) -> Mapping[str, Any] | None:
        """Who told of it, None for what was done here."""

    @property
    def amends(self) -> int | None:
        """The event it amends, if it is a correction of one."""

    @property
    def strikes(self) -> int | None:
        """The event it takes out, if it does."""


class Part(NamedTuple):
    """One thing an event says: a field that is set, or was `old` and becomes `new`."""

    verb: str
    field: str
    old: Any
    new: Any


@dataclass(slots=True)
class Entry:
    """An event in its place: its day after all corrections, what it says, how many amended it."""

    event: Told
    day: str
    parts: list[Part]
    amended: int = 0

    @property
    def moved(self) -> bool:
        """Whether it takes effect on another day than its event says."""
        return self.day != self.event.effective_on


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
        given = _gives(act, name)
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
    number of the event that did it.
    """

    steps: list[Step]
    days: dict[int, str]
    struck: dict[int, int] = field(default_factory=dict)
    amending: dict[int, int] = field(default_factory=dict)

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

    def last_day(self) -> str:
        """Return the last day on which one of them takes effect, as text."""
        return self.steps[-1].entry.day if self.steps else ""

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

    def faults(self) -> dict[tuple[int, str], tuple[Step, Fault]]:
        """Return what the steps break, by the number of the event and the rule."""
        return {
            (step.seq, wrong.id): (step, wrong)
            for step in self.steps
            if (wrong := step.fault()) is not None
        }

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
    struck = _struck(told)
    entries, amending = _entries(told, struck)
    days = {seq: entry.day for seq, entry in entries.items()}
    for event in told:
        if event.seq not in days:
            owner = amending.get(event.seq, event.strikes)
            days[event.seq] = days.get(owner if owner is not None else -1, event.effective_on)
    begins = any(entry.event.version == 1 for entry in entries.values())
    ordered = _in_order(list(entries.values())) if begins else []
    return Timeline(list(_steps(ordered, told, calendar)), days, struck, amending)


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


# --- corrections -----------------------------------------------------------------------------


def _struck(told: Sequence[Told]) -> dict[int, int]:
    """Return the events that were taken out, by number; what strikes may be struck out itself."""
    struck: dict[int, int] = {}
    for event in reversed(told):
        if event.strikes is not None and event.seq not in struck:
            struck[event.strikes] = event.seq
    return struck


def _entries(
    told: Sequence[Told], struck: Mapping[int, int]
) -> tuple[dict[int, Entry], dict[int, int]]:
    """Return the entries by number, and which event each amending correction belongs to."""
    entries: dict[int, Entry] = {}
    amending: dict[int, int] = {}
    set_by: dict[str, int] = {}
    for event in told:
        if event.strikes is not None or event.seq in struck:
            continue
        target = _amended(event, entries, amending, set_by)
        if target is None:
            entries[event.seq] = Entry(event, event.effective_on, _parts(event))
            target = event.seq
        elif target in entries:
            amending[event.seq] = target
            _amend(entries[target], event)
        set_by.update(dict.fromkeys(event.changes, target))
    return entries, amending


def _amended(
    event: Told,
    entries: Mapping[int, Entry],
    amending: Mapping[int, int],
    set_by: Mapping[str, int],
) -> int | None:
    """Return which event a correction amends; None for what is an act of its own day."""
    if event.amends is not None:
        return amending.get(event.amends, event.amends)
    if event.act != "correct" or event.v >= NAMES_OWN:
        return None
    target = set_by.get(_corrects(event))
    if target is None or target not in entries or event.effective_on > entries[target].day:
        return None
    return target


def _corrects(event: Told) -> str:
    changed = event.changes
    return next((name for name in CORRECTED if name in changed), min(changed, default=""))


def _amend(entry: Entry, event: Told) -> None:
    """Let an event say what a correction says it should have said; move it to the right day."""
    entry.amended += 1
    name = _corrects(event)
    parts = _parts(event)
    if name in STEPS and _gives(entry.event.act, name) is Gives.DAY:
        was = next((p.new for p in reversed(entry.parts) if p.field == name), None)
        new = next(part.new for part in parts if part.field == name)
        own = {entry.day, entry.event.effective_on}
        if new is not None and (was is None or iso(was) in own):
            entry.day = iso(new)
            parts = [part for part in parts if part.field not in {name, "state_since"}]
    entry.parts += parts


def _parts(event: Told) -> list[Part]:
    return [
        Part(event.act, name, typed(event.kind, name, old), typed(event.kind, name, new))
        for name, (old, new) in event.changes.items()
    ]


def _gives(verb: str, name: str) -> Gives | None:
    return CHANGES.get(verb, {}).get(name)


# --- the fold --------------------------------------------------------------------------------


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
            values = _said(record, entry, calendar)
        record = (
            KINDS[event.kind].made(event.key, values) if record is None else record.changed(values)
        )
        yield Step(entry, before, record)


def _said(record: Record | None, entry: Entry, calendar: Calendar | None) -> dict[str, Any]:
    """Return what an event makes of a record that stands otherwise than it said, or says less."""
    kind = entry.event.kind
    stood = {**shape(kind).start} if record is None else {**vars(record)}
    values: dict[str, Any] = {}
    given = _given(entry) if kind == Case.kind else {}
    values |= given
    for part in entry.parts:
        own = part.verb == entry.event.act
        # What is counted, a correction of another act does not say.
        if part.field in (given if own else COUNTED):
            continue
        current = values.get(part.field, stood[part.field])
        if part.field == "due" and part.verb == "resume":
            values["due"] = _given_back(record, part, entry, current, calendar)
        else:
            values[part.field] = _becomes(kind, part, current)
    if kind == Case.kind:
        values |= _counted(stood, values, entry)
        owner = values.get("owner", stood["owner"])
        # No owner coordinates its own case, whoever was added when.
        joined = values.get("coordinating", stood["coordinating"])
        values["coordinating"] = tuple(org for org in joined if org != owner)
    return values


def _becomes(kind: str, part: Part, current: Any) -> Any:
    """Return what a part makes of a value: of a list what it adds and takes away."""
    if current == part.old or part.field not in shape(kind).lists:
        return part.new
    kept = Counter(part.old)
    kept.subtract(part.new)
    gone = {item for item, count in kept.items() if count > 0}
    added = [item for item in part.new if item not in part.old and item not in current]
    return (*(item for item in current if item not in gone), *added)


def _given(entry: Entry) -> dict[str, Any]:
    """Return what an act made here gives by itself: its day, its actor, and what it clears."""
    event = entry.event
    if event.act == "correct":
        return {}
    may = CHANGES.get(event.act, {})
    on = date.fromisoformat(entry.day)
    if event.reported is not None:
        # Told of on a day; which other days it says is its own affair.
        days = {
            part.field
            for part in entry.parts
            if may.get(part.field) is Gives.DAY and part.new is not None
            if iso(part.new) == event.effective_on
        }
        return dict.fromkeys(days, on)
    values: dict[str, Any] = {}
    for name, gives in may.items():
        if gives is Gives.DAY:
            values[name] = on
        elif gives is Gives.ACTOR:
            values[name] = event.actor
    return values


def _counted(stood: Mapping[str, Any], values: dict[str, Any], entry: Entry) -> dict[str, Any]:
    """Return what is counted of a case, or kept, of how it stood before and what is said now."""
    verb, own = entry.event.act, {p.field: p for p in entry.parts if p.verb == entry.event.act}
    now = {**stood, **values}
    found: dict[str, Any] = {}
    if "state" in values:
        found["state_since"] = date.fromisoformat(entry.day)
    if verb == "correct":
        return found if "state" in values else {}
    if verb in lawful.NOT_PAST or "original_due" in own:
        found |= _granted(stood, now, verb, own)
    if (cleared := CLEARS.get((verb, now["state"]))) is not None:
        said = {name for name, part in own.items() if part.new is not None}
        found |= {name: None for name in cleared if name not in said}
    if verb in REOPENS:
        found["reopened"] = stood["reopened"] + 1
        kept = lawful.KEEPS_FIRST.items()
        found |= {first: stood[first if stood["reopened"] else last] for first, last in kept}
    if verb == "resume" and (since := stood["held_since"]) is not None:
        found |= {"holds": (*stood["holds"], (iso(since), entry.day)), "held_since": None}
    return found


def _granted(
    stood: Mapping[str, Any], now: Mapping[str, Any], verb: str, own: Mapping[str, Part]
) -> dict[str, Any]:
    """Return how often a due date was moved on, and which was the first.

    A source may tell of other ones than its acts come to: what it tells then moves by its step.
    """
    due, step = own.get("due"), own.get("extensions")
    told = 0 if step is None else step.new - step.old
    if told == (verb in lawful.NOT_PAST and due is not None and _is_later(due.old, due.new)):
        told = verb in lawful.NOT_PAST and _is_later(stood["due"], now["due"])
    first = now["due"]
    original = own.get("original_due")
    if original is not None and (due is None or original.new != due.new):
        first = original.new
    return {
        "extensions": stood["extensions"] + told,
        "original_due": stood["original_due"] or first,
    }


def _is_later(before: date | None, after: date | None) -> bool:
    return before is not None and after is not None and after > before


def _given_back(
    record: Record | None, part: Part, entry: Entry, current: Any, calendar: Calendar | None
) -> Any:
    """Return the due date of a case whose clock runs again, which stood otherwise than was said."""
    if current == part.old and not entry.moved:
        return part.new
    if current is None or part.old is None or not isinstance(record, Case):
        return current
    if calendar is not None and record.held_since is not None:
        return deadlines.resumed(record, date.fromisoformat(entry.day), calendar())
    return current + (part.new - part.old if part.new else timedelta())
