"""What an event says, once corrections have amended it or taken it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from casework.kinds.choices import STEPS
from casework.kinds.records import iso, typed
from casework.rules.changes import CHANGES, Gives

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES_OWN = 2
"""The first format of events that name the event they amend."""

CORRECTED = (*STEPS, "owner", "outcome", "answer", "document", "due")
"""What a correction is of, where it changes several fields: the first of these."""


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


def struck_out(told: Sequence[Told]) -> dict[int, int]:
    """Return the events that were taken out, by number; what strikes may be struck out itself."""
    struck: dict[int, int] = {}
    for event in reversed(told):
        if event.strikes is not None and event.seq not in struck:
            struck[event.strikes] = event.seq
    return struck


def entries_of(
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
    if name in STEPS and gives_of(entry.event.act, name) is Gives.DAY:
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


def gives_of(verb: str, name: str) -> Gives | None:
    """Return what an act may set a field of a case to, None where it may not."""
    return CHANGES.get(verb, {}).get(name)
