"""The effect of corrections and strikes on the events of a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from casework.kinds.choices import STEPS
from casework.kinds.records import iso, typed
from casework.rules.changes import CHANGES, Gives

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES_OWN = 2
"""The first event format in which a correction names the event it amends."""

CORRECTED = (*STEPS, "owner", "outcome", "answer", "document", "due")
"""The field that a correction is of, if it changes several: the first of these."""


class Told(Protocol):
    """The members of an event that are used here."""

    @property
    def seq(self) -> int:
        """The number of the event in the log."""

    @property
    def v(self) -> int:
        """The version of the event format."""

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
        """The number of the event within its record, from 1."""

    @property
    def actor(self) -> str:
        """Who did it."""

    @property
    def effective_on(self) -> str:
        """The day of effect that the event itself gives."""

    @property
    def changes(self) -> Mapping[str, Any]:
        """Old and new value of each field it changes."""

    @property
    def reason(self) -> str | None:
        """The reason, or None."""

    @property
    def note(self) -> str | None:
        """The note, or None."""

    @property
    def reported(self) -> Mapping[str, Any] | None:
        """The source that reports it; None for an act done here."""

    @property
    def amends(self) -> int | None:
        """The event it amends, if it is a correction of one."""

    @property
    def strikes(self) -> int | None:
        """The event that it strikes out, if it does."""


class Part(NamedTuple):
    """One change in an event: a field that is set, or goes from `old` to `new`."""

    verb: str
    field: str
    old: Any
    new: Any


@dataclass(slots=True)
class Entry:
    """An event in the timeline: its corrected day, its changes, and how many events amended it."""

    event: Told
    day: str
    parts: list[Part]
    amended: int = 0

    @property
    def moved(self) -> bool:
        """Whether it takes effect on a day other than that of its event."""
        return self.day != self.event.effective_on


def struck_out(told: Sequence[Told]) -> dict[int, int]:
    """Return the numbers of the events that are struck out; a strike may itself be struck out."""
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
    """Return the event that a correction amends; None if it takes effect on its own day."""
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
    """Apply a correction to an event, and move the event to the corrected day."""
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
    """Return what an act may set a field of a case to; None if it may not set it."""
    return CHANGES.get(verb, {}).get(name)
