"""The events of a record as verification judges them, each in its place among the others."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from casework.errors import IntegrityFailure, Text
from casework.kinds.records import Case, shape, typed
from casework.log import verify_lines
from casework.log.event import WORDS, canonical, parsed, sealable
from casework.log.reading import read
from casework.log.verify import HINT
from casework.rules.amending import NAMES_OWN
from casework.rules.lawful import Fault, Step, fault
from casework.rules.rights import who_may
from casework.rules.said import ERASED
from casework.rules.timeline import broken_by, taken_out
from casework.store import compiled, timelines

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from casework.kinds.records import Record
    from casework.log.reading import Event
    from casework.rules.timeline import Timeline
    from casework.store.connections import Connection


class Logged:
    """An event as it stands in the log, with what is disclosed of it.

    Of one that was found in order by itself, with nothing of it erased, `gives` are the new values
    of what it changes, and `stood` the old ones, as a record holds them; `told` are its words.
    """

    __slots__ = ("gives", "opened", "said", "stood", "told")

    def __init__(
        self,
        said: dict[str, Any],
        opened: Mapping[str, Any],
        gives: dict[str, Any] | None = None,
        stood: Mapping[str, Any] = MappingProxyType({}),
        told: dict[str, Any] | None = None,
    ) -> None:
        self.said = said
        self.opened = opened
        self.gives = gives
        self.stood = stood
        self.told = told

    @property
    def seq(self) -> int:
        """The number of the event in the log."""
        return int(self.said["seq"])

    @property
    def is_reported(self) -> bool:
        """Whether it says that somebody else told of it."""
        return bool(self.said.get("reported"))

    @property
    def moment(self) -> tuple[Any, ...]:
        """When it was recorded, by whom and in whose name."""
        return self.said["recorded_at"], self.said["actor"], self.said.get("deputy_of")

    @property
    def strange(self) -> list[str]:
        """The members it has that no event has."""
        return sorted(self.said.keys() - verify_lines.MUST.keys() - verify_lines.MAY.keys())

    def value(self, path: str, held: Any) -> Any:
        """Return a value, opened where it was committed to and not erased since."""
        if type(held) is dict and "commitment" in held:
            return self.opened[path][1] if path in self.opened else ERASED
        return held

    def changes(self) -> dict[str, Any]:
        """Return the new values of what it changes."""
        if self.gives is not None:
            return self.gives
        kind = self.said["kind"]
        form = shape(kind)
        found = {}
        for name, (_, new) in self.said["changes"].items():
            value = self.value(f"{name}.1", new) if name in sealable(kind) else new
            if value is ERASED:
                found[name] = () if name in form.lists else ERASED
            else:
                found[name] = typed(kind, name, value)
        return found

    def read(self) -> Event:
        """Return it as it is read."""
        return read(canonical(self.said), canonical(self.opened))

    def event(self) -> Event:
        """Return it as it is read, with what was erased as there."""
        one = self.read()
        form = shape(one.kind)
        changes = {}
        for name, pair in self.said["changes"].items():
            if name not in sealable(one.kind):
                changes[name] = one.changes[name]
                continue
            values = [self.value(f"{name}.{place}", held) for place, held in enumerate(pair)]
            many = name in form.lists
            changes[name] = [[] if many and value is ERASED else value for value in values]
        return replace(one, changes=changes)

    def words(self) -> dict[str, Any]:
        """Return what it says beside what it changes."""
        said = self.said
        if self.told is not None:
            return self.told
        return {word: self.value(word, said[word]) for word in WORDS if word in said}


def differing(before: Record, after: Record) -> dict[str, Any]:
    """Return the values of a record that became otherwise."""
    stood = vars(before)
    return {
        name: value
        for name, value in vars(after).items()
        if value != stood[name] and name != "version"
    }


def by_record(rows: Iterable[tuple[Any, Any]]) -> Iterator[list[Logged]]:
    """Yield the events of each record, of rows in the order of their keys."""
    key, events = None, list[Logged]()
    for body, disclosures in rows:
        one = Logged(parsed(bytes(body)), parsed(bytes(disclosures)))
        if events and one.said["key"] != key:
            yield events
            events = []
        key = one.said["key"]
        events.append(one)
    if events:
        yield events


class Placed:
    """The events of a case of which some are not its next step, in the order of recording.

    Such an act amends or strikes out another one, or takes effect before the last. It is judged by
    the timeline: whether it makes a day unlawful on which the case was lawful. Events of format 1
    are judged in the order of recording, as the version that recorded them did.

    A ledger that is given several acts on a case at once, in one call or in a batch, asks only what
    all of them leave. No event says so. Acts that one person recorded at one moment, between which
    the log has nothing of another moment, may therefore stand where they are lawful one by one or
    together. One that is unlawful by itself cannot be hidden so: together they are what a ledger
    would have taken at that moment, by that person, and nobody saw the case between them. What is
    asked of each act by itself (who acts, the second person, what it says) is asked all the same.
    """

    def __init__(self, connection: Connection, events: list[Logged], told: Container[int]) -> None:
        self._connection = connection
        self._told = told
        self._calendar = timelines.calendar_of(connection)
        self._events = events
        self._timelines: dict[int, Timeline] = {}
        last, out_of_order = "", len(events)
        self._steps: list[bool] = []
        for place, event in enumerate(events):
            said = event.said
            amends = "amends" in said or "strikes" in said
            step = said["v"] < NAMES_OWN or not (amends or said["effective_on"] < last)
            self._steps.append(step)
            if said["act"] == "correct" and said["v"] < NAMES_OWN:
                step = False
            if not step or said["effective_on"] < last:
                out_of_order = min(out_of_order, place)
            last = max(last, said["effective_on"])
            if amends and said["v"] >= NAMES_OWN:
                last = self._last_day(place + 1)
        self._out_of_order = out_of_order

    def _last_day(self, place: int) -> str:
        """Return the last day on which an event before one takes effect, after corrections."""
        moved = self._until(place).moves()
        days = ((one.seq, one.said["effective_on"]) for one in self._events[:place])
        return max((moved.get(seq, day) or "" for seq, day in days), default="")

    def is_next(self, place: int) -> bool:
        """Tell whether an act is the next step of its case."""
        return self._steps[place]

    def row(self, place: int) -> Record | None:
        """Return the row before an act; None where it is what the act before it left."""
        plain = place <= self._out_of_order or self._events[place].said["v"] < NAMES_OWN
        return None if plain else self._until(place).row()

    def left(self, place: int) -> Record | None:
        """Return the row after an act; None of a case that is out."""
        return self._until(place + 1).row()

    def rows(self, place: int) -> tuple[Record, Record]:
        """Return the row before an act and after it."""
        before, after = self._row(place), self._row(place + 1)
        if before is None or after is None:
            raise IntegrityFailure(
                "event.no-record",
                HINT,
                seq=self._events[place].said["seq"],
                error=Text("event.nothing-left"),
            )
        return before, after

    def on_day(self, place: int) -> Record | None:
        """Return the case as it stood on the day of an act; None of one that amends another."""
        said = self._events[place].said
        if "amends" in said or "strikes" in said:
            return None
        return self._until(place).on(date.fromisoformat(said["effective_on"]))

    def breaks(self, place: int) -> list[Fault]:
        """Return what an act makes unlawful that was lawful before."""
        own = self._said_wrong(place)
        return [*([] if own is None else [own]), *self._broken(place, place + 1)]

    def _said_wrong(self, place: int) -> Fault | None:
        """Return what is wrong with an act that amends another one, as it stood after that one."""
        one = self._events[place]
        said, changes = one.said, one.changes()
        if (wrong := self._about_wrong(place)) is not None:
            return wrong
        if "amends" not in said or one.seq in self._told:
            return None
        amended = self._until(place).step_of(said["amends"])
        if amended is None or not isinstance(amended.after, Case):
            return None
        stood, day = amended.after, date.fromisoformat(said["effective_on"])
        left = stood.changed(changes)
        return fault(Step(said["act"], stood, left, (*changes,), day, said["actor"], one.words()))

    def _about_wrong(self, place: int) -> Fault | None:
        """Return what is wrong if an act is about an event that it cannot be about."""
        said = self._events[place].said
        known = self._until(place)
        amends, struck = said.get("amends"), said.get("strikes")
        if amends is not None and (struck is not None or known.step_of(amends) is None):
            return Fault("law.amends", None, (("event", amends),))
        if struck is None:
            return None
        if struck in known.struck or all(one.seq != struck for one in self._events[:place]):
            return Fault("law.strikes", None, (("event", struck),))
        if said["changes"] or "reason" not in said:
            return Fault("law.strikes-how")
        return None

    def left_alone(self, place: int) -> Case | None:
        """Return the case as an act left it by itself, as it stood on its day."""
        one = self._events[place]
        known = self._until(place)
        if "strikes" in one.said or not known.steps:
            return None
        stood: Record | None
        if "amends" in one.said:
            amended = known.step_of(one.said["amends"])
            stood = None if amended is None else amended.after
        else:
            stood = known.on(date.fromisoformat(one.said["effective_on"])) or known.steps[0].after
        left = None if stood is None else stood.changed(one.changes())
        return left if isinstance(left, Case) else None

    def are_lawful_together(self, seq: int) -> bool:
        """Tell whether an event is one of several that were given at once and are lawful so."""
        place = next(place for place, one in enumerate(self._events) if one.seq == seq)
        first, end = self._given_with(place)
        alone = end == first + 1 or all(self._steps[first:end])
        if alone or self._said_wrong(place) is not None or not self._is_possible(place):
            return False
        return not self._broken(first, end) and self._is_one_moment(first, end)

    def _is_possible(self, place: int) -> bool:
        """Tell whether a case stood so on the day of an act that there is such an act on it."""
        one = self._events[place]
        if one.seq in self._told or place == 0:
            return True
        stood = self.on_day(place) or self._row(place)
        who = who_may(one.said["act"], Case.kind, getattr(stood, "state", None))
        return stood is not None and who is not None

    def _given_with(self, place: int) -> tuple[int, int]:
        """Return where the events that may have been given with one begin, and where they end."""
        each = [one.moment for one in self._events]
        first = end = place
        while first and each[first - 1] == each[place]:
            first -= 1
        while end < len(each) and each[end] == each[place]:
            end += 1
        return first, end

    def _is_one_moment(self, first: int, end: int) -> bool:
        """Tell whether everything in the log from one event of the case to another has one time."""
        seqs = {"first": self._events[first].seq, "last": self._events[end - 1].seq}
        with closing(self._connection.stream(compiled.EVENTS_BETWEEN, **seqs)) as rows:
            times = {parsed(bytes(body))["recorded_at"] for body, _ in rows}
        return len(times) == 1

    def _broken(self, first: int, end: int) -> list[Fault]:
        """Return what events make unlawful, taken together, that was lawful before the first."""
        before, after = self._until(first), self._until(end)
        words = self._words
        own = self._events[first].seq
        broken = broken_by(before, after, own, lambda seq: (words[seq], seq in self._told))
        return [wrong for _, wrong in broken]

    @cached_property
    def _words(self) -> dict[int, dict[str, Any]]:
        return {one.seq: one.words() for one in self._events}

    def _row(self, place: int) -> Record | None:
        """Return the record of the events before one; of a case that was taken out, as it stood."""
        row = self._until(place).row()
        if row is not None:
            return row
        out = taken_out([one.event() for one in self._events[:place]], self._calendar)
        return None if out is None else out[0]

    def _until(self, place: int) -> Timeline:
        """Return the timeline of the events before one."""
        found = self._timelines.get(place)
        if found is None:
            events = [one.event() for one in self._events[:place]]
            found = self._timelines[place] = timelines.made(events, self._calendar)
        return found
