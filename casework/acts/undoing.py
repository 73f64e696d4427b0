"""Undo: what a person recorded last is taken back, by acts that the log keeps as well."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from casework.acts import four_eyes
from casework.acts.by_name import at_desk, read
from casework.acts.many import Asked, at_one_desk
from casework.errors import ConflictError, RefusedError
from casework.kinds.records import Case, Register, Request
from casework.questions import audit_log, commands, lookup
from casework.rules.undoing import TakenBack, taken_back
from casework.store import timelines
from casework.words import Kind, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casework.kinds.records import Person
    from casework.ledger.ledger import Desk
    from casework.log.reading import Event
    from casework.store.connections import Connection


class Undone(NamedTuple):
    """One act that is taken back: its event, its case, and what takes it back.

    `request` is the code of what was asked for instead of an act, and is taken back itself; then
    nothing else is done on the case.
    """

    event: Event
    ref: str
    by: TakenBack | None
    request: str | None = None


def planned(
    connection: Connection, actor: Person, ref: str | None, *, strikes: bool = False
) -> list[Undone]:
    """Return what undo takes back, the last first.

    That is the last act on a case, or without a reference all that a person recorded with their
    last command, or their last batch. With `strikes` acts of earlier days are struck out too.
    Raises RefusedError for what nothing takes back, and for what somebody else did; NotFoundError
    for a case there is none of.
    """
    if ref is not None:
        exact = lookup.find_any(connection, ref).ref
        return [_last_on(connection, actor, exact, strikes=strikes)]
    found = commands.last_command(connection, actor.code)
    if not found:
        raise RefusedError("undo.nothing", actor=actor.code)
    return list(_of_command(connection, found, strikes=strikes))


def undo(desk: Desk, plan: Sequence[Undone], *, reason: str | None = None) -> list[Case]:
    """Take back what was planned at this desk, all of it or nothing; return how its cases stand."""
    asked = []
    for one in plan:
        why = reason or f"takes back #{one.event.seq} ({Verb(one.event.act)})"
        if one.request is not None:
            four_eyes.refuse(desk, one.request, why)
        elif one.by is not None:
            asked.append(Asked(one.by.act, one.ref, {**one.by.given, "reason": why}))
    if len(plan) == len(asked) == 1:
        (only,) = asked
        return [at_desk(desk, only.act, only.ref, read(only.act, only.given))]
    left = {one.case.ref: one.case for one in at_one_desk(desk, asked)}
    refs = dict.fromkeys(one.ref for one in plan)
    return [left.get(one) or lookup.find_any(desk.connection, one) for one in refs]


def refuse_other(plan: Sequence[Undone], seen: Sequence[Undone]) -> None:
    """Refuse to take back something else than somebody has agreed to; raises ConflictError."""
    if [one.event.seq for one in seen] != [one.event.seq for one in plan]:
        raise ConflictError("undo.changed", seq=plan[0].event.seq)


# --- what it was ----------------------------------------------------------------------------


def _last_on(connection: Connection, actor: Person, ref: str, *, strikes: bool) -> Undone:
    """Return how the last act on a case is taken back, or what was asked for since."""
    events = timelines.events_of(connection, Case.kind, ref)
    last = events[-1]
    for request in lookup.requests_of(connection, Case.kind, ref):
        if request.decided is None and request.asked_by == actor.code:
            asked, *_ = audit_log.history(connection, request.code, Request)
            return Undone(asked, ref, None, request.code)
    if actor.code not in _who(connection, last):
        raise RefusedError(
            "undo.of-another", ref=ref, seq=last.seq, act=Verb(last.act), who=last.actor
        )
    return _taken_back(connection, events, last, strikes=strikes)


def _who(connection: Connection, event: Event) -> set[str]:
    """Return who did an act: whoever recorded it, and who had asked for what they confirmed."""
    before = audit_log.events_between(connection, event.seq - 1, event.seq - 1)
    asked = (lookup.find_request(connection, one.key).asked_by for one in before if _confirms(one))
    return {event.actor, *asked}


def _confirms(event: Event) -> bool:
    return (event.kind, event.act) == (Request.kind, "confirm")


def _of_command(
    connection: Connection, found: Sequence[Event], *, strikes: bool
) -> Iterator[Undone]:
    """Yield how the acts of a command are taken back, the last first."""
    events = [one for one in found if not (_confirms(one) or _of_program(one))]
    for one in events:
        if one.kind not in {Case.kind, Request.kind} or one.act == "refuse":
            raise RefusedError(
                "undo.no-case",
                f"undo.instead.{one.kind}",
                kind=Kind(one.kind),
                key=one.key,
                act=Verb(one.act),
                seq=one.seq,
            )
    for one in reversed(events):
        if one.kind == Request.kind:
            yield _asked(connection, one)
        else:
            yield _of_case(connection, one, events, strikes=strikes)


def _of_program(event: Event) -> bool:
    """Tell whether a program entered the rules that acts are judged by from then on."""
    return (event.kind, event.act) == (Register.kind, "rules")


def _asked(connection: Connection, event: Event) -> Undone:
    request = lookup.find_request(connection, event.key)
    if request.decided is not None or request.subject_kind != Case.kind:
        raise RefusedError("undo.decided", code=request.code)
    return Undone(event, request.subject, None, request.code)


def _of_case(
    connection: Connection, event: Event, group: Sequence[Event], *, strikes: bool
) -> Undone:
    """Return how one of the acts of a command is taken back, if nothing was done on its case since.

    Of several acts on one case each is struck out.
    """
    own = {one.seq for one in group if (one.kind, one.key) == (event.kind, event.key)}
    events = timelines.events_of(connection, Case.kind, event.key)
    last = events[-1]
    if last.seq not in own:
        raise RefusedError(
            "undo.since",
            ref=event.key,
            seq=event.seq,
            act=Verb(event.act),
            who=last.actor,
            later=last.seq,
        )
    return _taken_back(connection, events, event, strikes=strikes or len(own) > 1)


def _taken_back(
    connection: Connection, events: Sequence[Event], event: Event, *, strikes: bool
) -> Undone:
    register = lookup.register(connection)
    recorded = datetime.fromisoformat(event.recorded_at).astimezone(ZoneInfo(register.zone))
    of_today = strikes or recorded.date() >= lookup.office_day(connection)
    timeline = timelines.made(events, timelines.calendar_of(connection))
    return Undone(event, event.key, taken_back(timeline, event, of_today=of_today))
