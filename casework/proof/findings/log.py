"""What is remembered while the log is read: one case at a time, people, and the clock."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from casework.kinds.choices import State
from casework.kinds.records import Case, Person, shape
from casework.log.reading import fold
from casework.system.clock import DEFAULT_ZONE, moment_of
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casework.log.reading import Event

REPEATS = "repeats"
PROGRESS = frozenset(
    ("state", "owner", "officer", "coordinating", "due", "outcome", "answer", "document")
)
"""Fields a change of which shows that a case under study is being dealt with."""


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

    `done` is the day the act was done.
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


@dataclass(slots=True)
class Known:
    """A case as it stands, without its texts, and the events that made it so."""

    case: Case
    proposed: Mark
    moved: Mark
    ended: Mark
    progress: Mark
    due_set: Mark | None = None
    answered: Mark | None = None
    asked: Mark | None = None
    contested: Mark | None = None
    owner: str | None = None
    links: dict[str, Mark] = field(default_factory=dict)

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
            self.answered = mark
        elif step.event.act in {"return", "reopen"}:
            self.answered = None
        if step.event.act != "redact" and not PROGRESS.isdisjoint(step.event.changes):
            self.progress = max(self.progress, mark, key=lambda one: one.on)
        # A case that was returned has no owner for a while; the last one is kept, so that its
        # going to another one is seen.
        self.owner = after.owner or self.owner


@dataclass(frozen=True, slots=True)
class Step:
    """An act on a case there is: the case before and after it, and what was known till then."""

    event: Event
    mark: Mark
    before: Case
    after: Case
    known: Known


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
    the events themselves, each case whole: the records of all others are forgotten. `numbers` has
    those of the papers that were issued, by their years, and the events that gave them.
    """

    settings: Settings
    day: date
    unlawful: Mapping[int, Text]
    cases: dict[str, Known] = field(default_factory=dict)
    repeated_by: dict[str, set[str]] = field(default_factory=dict)
    logins: Logins = field(default_factory=Logins)
    back: dict[int, tuple[int, str]] = field(default_factory=dict)
    numbers: dict[int, dict[int, Mark]] = field(default_factory=dict)

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

    def forget_cases(self) -> None:
        """Begin with another case."""
        self.cases.clear()
        self.repeated_by.clear()

    def mark(self, event: Event) -> Mark:
        """Return what is remembered of an event."""
        on = date.fromisoformat(event.effective_on)
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

    def step(self, event: Event, mark: Mark) -> Step | None:
        """Return an act on a case there is with what was known till then; None for any other."""
        known = self.cases.get(event.key) if event.kind == Case.kind else None
        if known is None:
            return None
        return Step(event, mark, known.case, _folded(known.case, event), known)

    def remember_case(self, event: Event, mark: Mark, step: Step | None) -> None:
        """Take in an act on a case, or a new case, and which cases are asked again by it."""
        if step is not None:
            known, old = step.known, repeats(step.before)
            known.remember(step)
        elif event.kind == Case.kind and event.version == 1:
            case, old = _folded(None, event), set()
            due_set = mark if case.due else None
            known = self.cases[case.ref] = Known(case, mark, mark, mark, mark, due_set)
        else:
            return
        new = repeats(known.case)
        for earlier in old - new:
            del known.links[earlier]
            self.repeated_by[earlier].discard(known.case.ref)
        for earlier in new - old:
            known.links[earlier] = mark
            self.repeated_by.setdefault(earlier, set()).add(known.case.ref)


def _folded(case: Case | None, event: Event) -> Case:
    """Return a case after an event, without the texts, of which no rule asks."""
    private = shape(Case.kind).private
    changes = {name: pair for name, pair in event.changes.items() if name not in private}
    after = fold(case, replace(event, changes=changes))
    if not isinstance(after, Case):
        raise TypeError(after)
    return after


def resolution(case: Case) -> str | None:
    """Return how a case was resolved; None for one that is not."""
    return case.outcome if case.state is State.RESOLVED else None


def repeats(case: Case) -> set[str]:
    """Return the references of the earlier cases a case asks again."""
    return {ref for relation, ref in case.links if relation == REPEATS}
