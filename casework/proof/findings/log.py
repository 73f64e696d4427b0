"""What is remembered while the log is read: people, the clock, and the events of one case."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from casework.kinds.records import Organisation, Person
from casework.system.clock import DEFAULT_ZONE, moment_of
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casework.log.reading import Event
    from casework.rules.timeline import Timeline

DIRECTORY = frozenset((Organisation.kind, Person.kind))
"""Kinds of records that are in the world before somebody enters them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is too long, in calendar days (`clock_back_seconds`: in seconds), and what is asked.

    `zone` is the office's time zone, in which the day an act was recorded is told. `as_of` leaves
    out acts that took effect after that day. `lang` is the language of the findings' texts.
    """

    recorded_late_days: int = 30
    idle_days: int = 180
    reassigned_late_days: int = 30
    clock_back_seconds: int = 0
    zone: str = DEFAULT_ZONE
    as_of: date | None = None
    lang: str = "en"


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class Mark:
    """What is remembered of an event; not the event itself, whose texts may be long.

    `on` is the day it took effect, after all corrections; `done` the day the act was done.
    """

    seq: int
    actor: str
    login: str | None
    on: date
    recorded: date
    done: date
    source: str | None
    deputy_of: str | None = None

    @property
    def eyes(self) -> set[str]:
        """The codes of who acted: the actor, and the one they stood in for."""
        return {self.actor, self.deputy_of or self.actor}

    @property
    def who(self) -> str | Text:
        """Who acted, and for whom."""
        if self.deputy_of is None:
            return self.actor
        return Text("history.for", who=self.actor, away=self.deputy_of)


class Struck(NamedTuple):
    """An event that was struck out, and whether it was the `first` one of its case."""

    mark: Mark
    act: str
    first: bool


class Logins:
    """Which login each person had before each event."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._own: dict[str, list[tuple[int, str | None]]] = {}
        self._holders: dict[str, list[tuple[int, str | None]]] = {}

    def remember(self, event: Event) -> None:
        """Take in an event; those of people come in the order of the log."""
        if event.kind != Person.kind or "login" not in event.changes:
            return
        old, _ = self.of(event.key, event.seq)
        if old is not None:
            self._holders.setdefault(old, []).append((event.seq, None))
        login = event.changes["login"][1]
        self._own.setdefault(event.key, []).append((event.seq, login))
        if login is not None:
            self._holders.setdefault(login, []).append((event.seq, event.key))

    def of(self, person: str, seq: int) -> tuple[str | None, int | None]:
        """Return the login a person had before an event, and the number of the one that gave it."""
        since, login = _before(self._own.get(person), seq)
        return (None, None) if login is None else (login, since)

    def holder(self, login: str, seq: int) -> str | None:
        """Return who had a login before an event."""
        return _before(self._holders.get(login), seq)[1]


def _before(known: list[tuple[int, str | None]] | None, seq: int) -> tuple[int, str | None]:
    """Return the last of what was so before an event, with since when."""
    place = bisect_left(known or (), seq, key=itemgetter(0))
    return known[place - 1] if known and place else (-1, None)


@dataclass(slots=True)
class Log:
    """The log as far as it has been read; `unlawful` says of events why no rule allowed them.

    `back` holds the events that are stamped earlier than one before them by more than is asked: the
    number and the stamp of that one. Its time stamps and the logins of people are read first, then
    the events themselves, each case whole. `numbers` has those of the papers that were issued, by
    their years, and the events that gave them; `entered`, the days on which those of the directory
    were entered; `struck`, what was struck out of the case that is read, by the numbers of the
    events that did it.
    """

    settings: Settings
    day: date
    unlawful: Mapping[int, Text]
    logins: Logins = field(default_factory=Logins)
    back: dict[int, tuple[int, str]] = field(default_factory=dict)
    numbers: dict[int, dict[int, Mark]] = field(default_factory=dict)
    entered: dict[tuple[str, str], date] = field(default_factory=dict)
    struck: dict[int, Struck] = field(default_factory=dict)

    def remember(self, event: Event) -> None:
        """Take in an event on another record than a case; they come in the order of the log."""
        self.logins.remember(event)
        if event.prev < 0 and event.kind in DIRECTORY:
            self.entered[event.kind, event.key] = self.mark(event).recorded

    def remember_stamps(self, stamps: Iterable[tuple[int, str]]) -> None:
        """Take in the numbers and time stamps of all events, in the order of the log."""
        most = self.settings.clock_back_seconds
        last = None
        for seq, stamped in stamps:
            if last is not None and stamped == last[1]:
                last = seq, stamped, last[2]
            elif (at := moment_of(stamped)) is not None:
                if last is not None and (last[2] - at).total_seconds() > most:
                    self.back[seq] = last[:2]
                last = seq, stamped, at

    def mark(self, event: Event, day: str | None = None) -> Mark:
        """Return what is remembered of an event, which takes effect on a day, else on its own."""
        on = date.fromisoformat(day or event.effective_on)
        at = moment_of(event.recorded_at)
        # A stamp that names no moment is a finding of its own; the day the act names stands in.
        recorded = at.astimezone(ZoneInfo(self.settings.zone)).date() if at else on
        return Mark(
            seq=event.seq,
            actor=event.actor,
            login=event.login,
            on=on,
            recorded=recorded,
            # A correction takes effect on the day of what it corrects, which says nothing of
            # when somebody thought of it.
            done=recorded if event.act == "correct" else on,
            source=str(event.reported["source"]) if event.reported else None,
            deputy_of=event.deputy_of,
        )

    def waited(self, event: Event, mark: Mark) -> int:
        """Return for how many days an act that took effect could have been recorded, and was not.

        An organisation that ended before it was entered could not be ended in the register sooner.
        """
        entered = self.entered.get((event.kind, event.key), mark.on)
        # What a clock that was set back says of the entry hides nothing.
        since = max(mark.on, entered) if entered <= mark.recorded else mark.on
        return (mark.recorded - since).days

    def remember_struck(self, events: Iterable[Event], known: Timeline) -> None:
        """Take in which events of a case were struck out, and by which."""
        self.struck.clear()
        if known.struck:
            told = {event.seq: event for event in events}
            for seq, by in known.struck.items():
                if (event := told.get(seq)) is not None:
                    mark = self.mark(event, known.days[seq])
                    self.struck[by] = Struck(mark, event.act, first=event.version == 1)

    def counts(self, seq: int) -> bool:
        """Tell whether an event of the case that is read was not struck out."""
        return all(one.mark.seq != seq for one in self.struck.values())
