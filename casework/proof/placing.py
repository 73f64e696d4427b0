"""The events of a record as verification judges them, each in its place among the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from casework.errors import IntegrityFailure, Text
from casework.kinds.records import shape, typed
from casework.log.event import WORDS, canonical, sealable
from casework.log.reading import read
from casework.log.verify import HINT
from casework.rules.amending import NAMES_OWN
from casework.rules.said import ERASED
from casework.rules.timeline import broken_by, taken_out
from casework.store import timelines

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from casework.kinds.records import Record
    from casework.log.reading import Event
    from casework.rules.lawful import Fault
    from casework.rules.timeline import Timeline
    from casework.store.connections import Connection


class Logged:
    """An event as it stands in the log, with what is disclosed of it.

    Of one that was found in order by itself, with nothing of it erased, `gives` are the new values
    of what it changes, as a record holds them, `stood` the old ones as the event has them, and
    `told` its words.
    """

    __slots__ = ("gives", "opened", "said", "stood", "told")

    def __init__(self, said: dict[str, Any], opened: Mapping[str, Any]) -> None:
        self.said = said
        self.opened = opened
        self.gives: dict[str, Any] | None = None
        self.stood: Mapping[str, Any] = {}
        self.told: dict[str, Any] | None = None

    @property
    def seq(self) -> int:
        """The number of the event in the log."""
        return int(self.said["seq"])

    @property
    def is_reported(self) -> bool:
        """Whether it says that somebody else told of it."""
        return bool(self.said.get("reported"))

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


class Placed:
    """The events of a case of which some are not its next step, in the order of recording.

    Such an act amends or strikes out another one, or takes effect before the last. It is judged by
    the timeline: whether it makes a day unlawful on which the case was lawful. Events of format 1
    are judged in the order of recording, as the version that recorded them did.
    """

    def __init__(self, connection: Connection, events: list[Logged], told: Container[int]) -> None:
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
        self._out_of_order = out_of_order

    def is_next(self, place: int) -> bool:
        """Tell whether an act is the next step of its case."""
        return self._steps[place]

    def row(self, place: int) -> Record | None:
        """Return the row before an act; None where it is what the act before it left."""
        plain = place <= self._out_of_order or self._events[place].said["v"] < NAMES_OWN
        return None if plain else self._until(place).row()

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
        before, after = self._until(place), self._until(place + 1)
        words = {one.seq: one.words() for one in self._events}
        own = self._events[place].seq
        broken = broken_by(before, after, own, lambda seq: (words[seq], seq in self._told))
        return [wrong for _, wrong in broken]

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
