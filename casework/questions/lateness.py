"""How deadlines slipped: every extension, every day overdue, and the owner at the time.

All of it is read from the log, so that a late extension cannot make lateness disappear. Lateness
runs from the day after the due date up to and including the day that ends it: a case due on the
10th and resolved on the 12th is two days late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from casework.kinds.choices import State
from casework.kinds.records import Case, typed
from casework.questions import audit_log, lookup, working_calendar
from casework.store.rows import ref_parts
from casework.system.clock import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from casework.log.event import Event
    from casework.rules.working_days import WorkingCalendar
    from casework.store.connections import Connection

FIELDS = ("state", "owner", "due", "original_due", "held_since", "resolved_on")
"""What lateness depends on; acts that change none of them are not read."""

EXTENDING = ("extend", "assign")
"""The acts by which somebody grants more time. A resume only gives back what a hold took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One later due date: who granted it, and how many days after the old one had passed.

    `days_late` counts calendar days up to the day it took effect; 0 is in time. `reported` is who
    tells of one that was not made here; a row that only has two due dates tells neither who granted
    it nor when: then `actor` and `days_late` are None.
    """

    seq: int
    actor: str | None
    reported: str | None
    on: date
    old: date
    new: date
    days_late: int | None
    reason: str | None
    document: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """A case in the hands of one owner, None for nobody; `until` is None while it lasts.

    `working_days` are those it had the case, `late` those of them on which the case was overdue;
    `inherited` says that it was overdue already when it came.
    """

    owner: str | None
    since: date
    until: date | None
    working_days: int
    late: int
    inherited: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Days on which a case was overdue, from the first to the last; None while it lasts."""

    first: date
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slippage:
    """What became of one case's deadline, as of a day.

    `days_late` are calendar days against the due date of that day, `days_late_original` against
    the first one it ever had; while the case is on hold the former stands still. `overdue` are
    the spans for which the register showed it as overdue: a hold counts there from the day it was
    recorded, however far back it took effect.
    """

    ref: str
    state: str
    owner: str | None
    original_due: date
    due: date
    resolved_on: date | None
    held_since: date | None
    days_late: int
    days_late_original: int
    extensions: tuple[Extension, ...]
    tenures: tuple[Tenure, ...]
    overdue: tuple[Span, ...]


def ledger(
    connection: Connection,
    day: date,
    *,
    known_at: datetime | None = None,
    owner: str | None = None,
) -> list[Slippage]:
    """Return the slippage of every case that has a due date on a day, in the order of references.

    It takes the store's own connection, for it reads the log: the acts that had taken effect by
    then, of those recorded by `known_at`. `owner` leaves only cases that it has then. It asks as
    many statements for a million cases as for one.
    """
    calendar = working_calendar.working_calendar(connection)
    zone = lookup.register(connection).zone
    found = []
    for events in audit_log.case_events(connection, FIELDS, day, known_at):
        one = slippage(events, calendar, day, zone)
        if one is not None and owner in {None, one.owner}:
            found.append(one)
    return sorted(found, key=lambda one: ref_parts(one.ref))


def slippage(
    events: Sequence[Event], calendar: WorkingCalendar, day: date, zone: str
) -> Slippage | None:
    """Return the slippage of the case of these events, which had taken effect by a day.

    None if it has no due date then.
    """
    timeline = list(_timeline(events, day, _effective))
    now = timeline[-1].standing
    if now["due"] is None:
        return None
    ended = now["resolved_on"] or now["held_since"] or day
    # A correction that is dated back may tell of a due date before the first one was given.
    first = now["original_due"] or now["due"]
    return Slippage(
        ref=events[0].key,
        state=now["state"] or State.PROPOSED,
        owner=now["owner"],
        original_due=first,
        due=now["due"],
        resolved_on=now["resolved_on"],
        held_since=now["held_since"],
        days_late=max((ended - now["due"]).days, 0),
        days_late_original=max(((now["resolved_on"] or day) - first).days, 0),
        extensions=tuple(_extensions(events)),
        tenures=tuple(_tenures(timeline, calendar)),
        overdue=tuple(_spans(_timeline(events, day, _as_recorded(zone)), now)),
    )


# --- what a case was on each day -------------------------------------------------------------


class _Stretch(NamedTuple):
    """How a case stood after one day up to and including another one."""

    after: date
    to: date
    standing: dict[str, Any]

    def late(self) -> tuple[date, date] | None:
        """Return the overdue part of the stretch, its first day not included."""
        standing, due = self.standing, self.standing["due"]
        if due is None or standing["state"] == State.RESOLVED or standing["held_since"]:
            return None
        start = max(self.after, due)
        return (start, self.to) if start < self.to else None


def _timeline(
    events: Sequence[Event], day: date, when: Callable[[Event], date]
) -> Iterator[_Stretch]:
    """Yield how a case stood between the days on which something changed, up to a day.

    What took effect on a day is what the acts told so far say of it, in the order in which they
    were recorded; the same as a replay up to that day.
    """
    dated = [(when(event), event) for event in events]
    days = sorted({on for on, _ in dated if on <= day})
    for on, until in pairwise([*days, max(day, days[-1])] if days else []):
        standing: dict[str, Any] = dict.fromkeys(FIELDS)
        for effective, event in dated:
            if effective <= on:
                standing |= _changes(event)
        yield _Stretch(on, until, standing)


def _changes(event: Event) -> dict[str, Any]:
    return {
        name: typed(Case.kind, name, event.changes[name][1])
        for name in FIELDS
        if name in event.changes
    }


def _effective(event: Event) -> date:
    return date.fromisoformat(event.effective_on)


def _as_recorded(zone: str) -> Callable[[Event], date]:
    """Return when the register began to show an act: a hold not before it was recorded."""

    def shown(event: Event) -> date:
        on = _effective(event)
        if event.act not in {"hold", "resume"}:
            return on
        # Of what a file tells, it is when it says that it was recorded, where it does.
        at = (_told(event) or {}).get("recorded_at") if event.reported else event.recorded_at
        recorded = moment_of(str(at))
        return on if recorded is None else max(on, recorded.astimezone(ZoneInfo(zone)).date())

    return shown


def _told(event: Event) -> Mapping[str, Any] | None:
    """Return what the teller of an act says of it: who did it, and when it was recorded."""
    told: Mapping[str, Any] | None = (event.reported or {}).get("told")
    return told


# --- what follows from it --------------------------------------------------------------------


def _extensions(events: Sequence[Event]) -> Iterator[Extension]:
    for event in events:
        old, new = event.changes.get("due", (None, None))
        if event.act in EXTENDING and old is not None and new is not None and old < new:
            on, passed = _effective(event), date.fromisoformat(old)
            told, source = _told(event), (event.reported or {}).get("source")
            # A row that has two due dates tells neither who moved it nor when.
            unknown = source is not None and told is None
            yield Extension(
                seq=event.seq,
                actor=None if unknown else str(told["actor"]) if told else event.actor,
                reported=source,
                on=on,
                old=passed,
                new=date.fromisoformat(new),
                days_late=None if unknown else max((on - passed).days, 0),
                reason=event.reason,
                document=event.document,
            )


def _tenures(timeline: Sequence[_Stretch], calendar: WorkingCalendar) -> Iterator[Tenure]:
    held: list[list[_Stretch]] = []
    for stretch in timeline:
        if stretch.standing["state"] == State.RESOLVED:
            continue
        if held and held[-1][-1].standing["owner"] == stretch.standing["owner"]:
            held[-1].append(stretch)
        else:
            held.append([stretch])
    for number, stretches in enumerate(held):
        first, last = stretches[0], stretches[-1]
        owner = first.standing["owner"]
        if owner is None and number == 0:
            # Nobody's yet: the case was only proposed.
            continue
        late = [days for stretch in stretches if (days := stretch.late())]
        yield Tenure(
            owner=owner,
            since=first.after,
            until=None if last is timeline[-1] else last.to,
            working_days=sum(calendar.between(one.after, one.to) for one in stretches),
            late=sum(calendar.between(start, end) for start, end in late),
            inherited=number > 0 and _overdue(first),
        )


def _overdue(stretch: _Stretch) -> bool:
    """Tell whether a case was overdue on the first day of a stretch; on hold nothing is."""
    due = stretch.standing["due"]
    return due is not None and due < stretch.after and not stretch.standing["held_since"]


def _spans(timeline: Iterator[_Stretch], now: dict[str, Any]) -> Iterator[Span]:
    runs: list[tuple[date, date]] = []
    last = date.min
    for stretch in timeline:
        last = stretch.to
        if (late := stretch.late()) is not None:
            if runs and runs[-1][1] == late[0]:
                runs[-1] = (runs[-1][0], late[1])
            else:
                runs.append(late)
    open_still = now["state"] != State.RESOLVED and not now["held_since"]
    for start, end in runs:
        lasts = open_still and end == last and now["due"] < end
        yield Span(start + timedelta(1), None if lasts else end)
