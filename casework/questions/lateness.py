"""Lateness: extensions, working days in each owner's hands, and spans shown as overdue.

Extensions are computed from the steps of the timeline, and tenures from its stretches. The spans
show what the register showed at the time. An act that gives time (an extension, a hold or its end,
a correction to a later due date) counts there from the day it was recorded; with a document, from
the date of the document. A reported act counts from the day its file says it was recorded, or else
from its day of effect. So an act that is dated back cannot hide lateness that was visible.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from casework.kinds.choices import State
from casework.questions import asking, lookup, spans, working_calendar
from casework.questions.audit_log import known_until
from casework.system.clock import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from casework.kinds.records import Case
    from casework.log.reading import Event
    from casework.questions.asking import Asked
    from casework.questions.spans import Life, Step, Stretch
    from casework.rules.working_days import WorkingCalendar
    from casework.store.connections import Connection

FIELDS = (
    *("state", "owner", "due", "original_due", "held_since", "resolved_on"),
    # What a clock that runs again counts its due date from.
    *("due_rule", "due_from", "holds", "late_cause"),
    # What its owner asked for.
    *("asked_due", "contested_on"),
)
"""The fields that lateness and its cause depend on; other acts are not read."""

EXTENDING = ("extend", "assign", "propose")
"""The acts that grant more time, or tell of it; a resume only gives back the days of a hold."""

GIVING = ("extend", "hold", "resume")
"""The acts that count in spans only from when the register knew of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An extension: who granted it, and how many days after the old due date had passed.

    `days_late` counts calendar days up to the day of effect; 0 means in time. `shown_from` is the
    day from which the spans count it. `reported` is the source, if it was not done here; if the
    source has only two due dates, `actor` and `days_late` are None.
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
    document_date: date | None
    shown_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """The time of a case with one owner, or with None; `until` is None while it lasts.

    `working_days` counts the days it had the case, `late` those on which the case was overdue;
    `inherited` says that the case was overdue when it came.
    """

    owner: str | None
    since: date
    until: date | None
    working_days: int
    late: int
    inherited: bool


@dataclass(frozen=True, slots=True)
class Span:
    """The days on which a case was overdue, from the first to the last, None while it lasts."""

    first: date
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slippage:
    """The history of a case's deadline, as of a day.

    `days_late` are calendar days against the due date of that day, `days_late_original` against
    the first one it ever had; while the case is on hold the former stands still. `overdue` are
    the spans for which the register showed it as overdue, `asked` what its owners asked for.
    `late_cause` is the
    cause it was last given, where it was given one.
    """

    ref: str
    state: str
    owner: str | None
    original_due: date
    due: date
    resolved_on: date | None
    held_since: date | None
    late_cause: str | None
    days_late: int
    days_late_original: int
    extensions: tuple[Extension, ...]
    asked: tuple[Asked, ...]
    tenures: tuple[Tenure, ...]
    overdue: tuple[Span, ...]


def ledger(
    connection: Connection,
    day: date,
    *,
    since: date = date.min,
    known_at: datetime | None = None,
    owner: str | None = None,
) -> Iterator[Slippage]:
    """Yield the slippage of every case that has a due date on a day.

    It needs the store's own connection, because it reads the log: acts with effect by that day that
    were recorded by `known_at`. Days before `since` are left out. With `owner`, only the cases that
    it then has. The number of statements does not depend on the number of cases.
    """
    calendar = working_calendar.working_calendar(connection)
    zone = lookup.register(connection).zone
    for life in spans.lives(connection, FIELDS, known_until(connection, known_at)):
        one = slippage(life, calendar, day, zone, since)
        if one is not None and owner in {None, one.owner}:
            yield one


def slippage(
    life: Life, calendar: WorkingCalendar, day: date, zone: str, since: date = date.min
) -> Slippage | None:
    """Return the slippage of a case as of a day, from the day `since` on.

    None if it has no due date then.
    """
    stood = list(life.stretches(day))
    if not stood or (now := stood[-1].case).due is None:
        return None
    ended = now.resolved_on or now.held_since or day
    # A correction that is dated back may tell of a due date before the first one was given.
    first = now.original_due or now.due
    eve = since - timedelta(1) if since > date.min else since
    shown = list(_clipped(_shown(life, day, zone), eve))
    return Slippage(
        ref=life.key,
        state=now.state or State.PROPOSED,
        owner=now.owner,
        original_due=first,
        due=now.due,
        resolved_on=now.resolved_on,
        held_since=now.held_since,
        late_cause=now.late_cause,
        days_late=max((ended - now.due).days, 0),
        days_late_original=max(((now.resolved_on or day) - first).days, 0),
        extensions=tuple(one for one in _extensions(life.steps(), zone) if since <= one.on <= day),
        asked=asking.asked(life.steps(), life.key, day, since),
        tenures=tuple(_tenures(stood, calendar, eve)),
        overdue=tuple(_spans(shown, now)),
    )


# --- what a case was on each day -------------------------------------------------------------


def _clipped(stood: Iterable[Stretch], eve: date) -> Iterator[Stretch]:
    """Yield the parts of stretches after a day."""
    for one in stood:
        if one.to > eve or one.after >= eve:
            yield one._replace(after=max(one.after, eve))


def _late(stretch: Stretch) -> tuple[date, date] | None:
    """Return the overdue part of a stretch, without its first day."""
    case = stretch.case
    if case.due is None or case.state == State.RESOLVED or case.held_since:
        return None
    start = max(stretch.after, case.due)
    return (start, stretch.to) if start < stretch.to else None


def _shown(life: Life, day: date, zone: str) -> Iterator[Stretch]:
    """Yield a case as the register showed it: time that was given counts once it was known."""
    known = {
        one.seq: on
        for one in life.events
        if _gives_time(one) and (on := _shown_from(one, zone)) > _effective(one)
    }
    last = date.min
    for until in sorted({min(on, day) for on in known.values()} | {day}):
        without = [seq for seq, on in known.items() if on > last and on >= until]
        for one in life.stretches(until, without):
            if one.to > last:
                yield one._replace(after=max(one.after, last))
        last = until


def _gives_time(event: Event) -> bool:
    if event.act in GIVING:
        return True
    old, new = event.changes.get("due", (None, None))
    return event.act == "correct" and old is not None and new is not None and new > old


def _shown_from(event: Event, zone: str) -> date:
    """Return the day from which the register counts as having shown an act that gives time."""
    on = _effective(event)
    if event.document is not None:
        return date.fromisoformat(event.document_date) if event.document_date else on
    # Of what a file tells, it is when it says that it was recorded, where it does.
    at = (_told(event) or {}).get("recorded_at") if event.reported else event.recorded_at
    recorded = moment_of(str(at))
    return on if recorded is None else max(on, recorded.astimezone(ZoneInfo(zone)).date())


def _effective(event: Event) -> date:
    return date.fromisoformat(event.effective_on)


def _told(event: Event) -> Mapping[str, Any] | None:
    """Return what a source says of an act: who did it, and when it was recorded."""
    told: Mapping[str, Any] | None = (event.reported or {}).get("told")
    return told


# --- what follows from it --------------------------------------------------------------------


def _extensions(steps: Sequence[Step], zone: str) -> Iterator[Extension]:
    for on, before, after, event in steps:
        # A row may tell of a case without an owner that its due date was moved.
        first = after.original_due if after.extensions else None
        old, new = before.due if before else first, after.due
        if event.act in EXTENDING and old is not None and new is not None and old < new:
            told, source = _told(event), (event.reported or {}).get("source")
            # A row that has two due dates tells neither who moved it nor when.
            unknown = source is not None and told is None
            yield Extension(
                seq=event.seq,
                actor=None if unknown else str(told["actor"]) if told else event.actor,
                reported=source,
                on=on,
                old=old,
                new=new,
                days_late=None if unknown else max((on - old).days, 0),
                reason=event.reason,
                document=event.document,
                document_date=date.fromisoformat(day) if (day := event.document_date) else None,
                shown_from=max(on, _shown_from(event, zone)) if event.act in GIVING else on,
            )


def _tenures(stood: Sequence[Stretch], calendar: WorkingCalendar, eve: date) -> Iterator[Tenure]:
    """Yield the owners of a case, one after the other; days are counted after `eve`."""
    held: list[list[Stretch]] = []
    for stretch in stood:
        if stretch.case.state == State.RESOLVED:
            continue
        if held and held[-1][-1].case.owner == stretch.case.owner:
            held[-1].append(stretch)
        else:
            held.append([stretch])
    for number, stretches in enumerate(held):
        first, last = stretches[0], stretches[-1]
        owner = first.case.owner
        counted = list(_clipped(stretches, eve))
        late = [days for stretch in counted if (days := _late(stretch))]
        if not counted or (owner is None and number == 0 and not late):
            # Nobody's yet: the case was only proposed.
            continue
        yield Tenure(
            owner=owner,
            since=first.after,
            until=None if last is stood[-1] else last.to,
            working_days=sum(calendar.between(one.after, one.to) for one in counted),
            late=sum(calendar.between(start, end) for start, end in late),
            inherited=number > 0 and _overdue(first),
        )


def _overdue(stretch: Stretch) -> bool:
    """Return whether a case was overdue on the first day of a stretch; a case on hold is not."""
    due = stretch.case.due
    return due is not None and due < stretch.after and not stretch.case.held_since


def _spans(shown: Sequence[Stretch], now: Case) -> Iterator[Span]:
    runs: list[tuple[date, date]] = []
    for stretch in shown:
        if (late := _late(stretch)) is not None:
            if runs and runs[-1][1] == late[0]:
                runs[-1] = (runs[-1][0], late[1])
            else:
                runs.append(late)
    last = shown[-1].to if shown else date.min
    open_still = now.state != State.RESOLVED and not now.held_since
    for start, end in runs:
        lasts = open_still and end == last and now.due is not None and now.due < end
        yield Span(start + timedelta(1), None if lasts else end)
