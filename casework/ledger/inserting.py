"""Insert acts between the events of their record: their effect, and whether it is allowed.

These are the acts that take effect before the last one, or amend others. One is refused if it would
make a lawful step unlawful, on its own day or later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import NotFoundError, RefusedError, Verb
from casework.kinds.records import Case, iso
from casework.ledger.batches import Owed, may_wait
from casework.ledger.judging import cannot, stale, with_causes
from casework.log.event import FORMAT
from casework.rules import late_causes
from casework.rules.lawful import Fault, Step, fault, path
from casework.rules.timeline import broken_by, taken_out
from casework.store import timelines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from casework.kinds.records import Record
    from casework.log.event import Act
    from casework.rules.timeline import Timeline
    from casework.store.connections import Connection

LAST = 2**53
"""A number greater than that of any event."""


class Pending(NamedTuple):
    """An act in the form of its future event."""

    seq: int
    act: str
    kind: str
    key: str
    version: int
    actor: str
    effective_on: str
    changes: Mapping[str, Any]
    reason: str | None
    note: str | None
    reported: Mapping[str, Any] | None
    amends: int | None
    strikes: int | None
    v: int = FORMAT


def insert(connection: Connection, kind: str, key: str, acts: Sequence[Act]) -> None:
    """Set the effect of acts on a record on its row; raises what `place` does."""
    calendar = timelines.calendar_of(connection)
    events: list[Any] = [*timelines.events_of(connection, kind, key)]
    before = known = timelines.made(events, calendar)
    version = len(events)
    for number, act in enumerate(acts):
        row, act.was_out = _row(events, known, calendar)
        if row is None or act.before is None or act.before.version != row.version:
            raise stale(act.before or act.after())
        if known.steps:
            _stand(act, known)
        elif act.strikes is None:
            raise cannot(act, Fault("struck.stays"))
        _refuse_said(connection, act)
        events.append(pending(act, LAST + number, row.version + 1))
        known = timelines.made(events, calendar)
        left, act.is_out = _row(events, known, calendar)
        if left is None or (act.is_out and kind != Case.kind):
            raise TypeError(kind)
        gone = dict.fromkeys(before.moves(), timelines.AS_SAID)
        act.place(row, left, gone | known.moves())
    _refuse_new(connection, before, known, acts[-1], version)


def unlawful_at_end(connection: Connection) -> Iterator[tuple[int, str, RefusedError]]:
    """Yield the works of a batch whose acts were put off, and why the batch may not end so.

    Each has its place, the case, and what its acts together make unlawful that was lawful before.
    """
    calendar = timelines.calendar_of(connection)
    first: dict[str, int] = {}
    for one in connection.batch.owed:
        key = one.act.key
        since = first.setdefault(key, one.version)
        events = timelines.events_of(connection, Case.kind, key)
        before, after = (timelines.made(some, calendar) for some in (events[:since], events))
        why = refusal(before, after, one.act, events[since].seq)
        if why is not None:
            yield one.place, key, why


def _row(events: Sequence[Any], known: Timeline, calendar: Any) -> tuple[Record | None, bool]:
    """Return the record that its events make, and whether its first event was struck out."""
    if (row := known.row()) is not None:
        return row, False
    out = taken_out(events, calendar)
    return (None, False) if out is None else (out[0], True)


def _stand(act: Act, known: Timeline) -> None:
    """Set the old values of an act: those of its own day, or those of the event that it amends."""
    if act.strikes is not None or act.before is None:
        return
    step = known.steps[0] if act.amends is None else known.step_of(act.amends)
    if step is None:
        raise NotFoundError("correct.no-event", ref=act.key, event=act.amends)
    # Before its first day a record is what its first act made it.
    stood = None if act.amends is not None else known.on(act.effective_on)
    act.before = (stood or step.after).but(version=act.before.version)


def _refuse_said(connection: Connection, act: Act) -> None:
    """Raise RefusedError for an act between others that is wrong by itself.

    Its effect on the case is judged together with the other acts.
    """
    before = act.before
    if not isinstance(before, Case) or act.strikes is not None or act.reported is not None:
        return
    left = before.changed(act.changes)
    if (wrong := path(act.verb, before.state, left.state)) is not None and wrong.id == "row":
        raise cannot(act, wrong)
    step = with_causes(connection, Step.of(act)._replace(before=before, after=left))
    if act.amends is not None:
        if (wrong := fault(step)) is not None:
            raise cannot(act, wrong)
        return
    for rule, values in late_causes.faults(step, before):
        raise cannot(act, Fault(rule, "late_cause", tuple(values.items())))


def pending(act: Act, seq: int, version: int) -> Pending:
    """Return an act in the form of its future event, with a number and a version."""
    return Pending(
        seq=seq,
        act=act.verb,
        kind=act.kind,
        key=act.key,
        version=version,
        actor=act.actor,
        effective_on=iso(act.effective_on),
        changes=act.pairs(),
        reason=act.reason,
        note=act.note,
        reported=act.reported,
        amends=act.amends,
        strikes=act.strikes,
    )


def _refuse_new(
    connection: Connection, before: Timeline, after: Timeline, act: Act, version: int
) -> None:
    """Raise RefusedError if acts make a step of the record unlawful that was lawful before.

    In a batch it is put off until the end, where the case may be so until then.
    """
    why = refusal(before, after, act, LAST)
    if why is None:
        return
    batch = connection.batch
    if batch is None or not may_wait(before, after):
        raise why
    batch.owed.append(Owed(batch.place, act, version, why))


def refusal(before: Timeline, after: Timeline, act: Act, since: int) -> RefusedError | None:
    """Return why an act is refused: what events from a number on make unlawful that was lawful."""
    for step, wrong in broken_by(before, after, since):
        said: dict[str, Any] = {"verb": Verb(act.verb), "ref": act.key, "says": wrong.says}
        if step is None:
            hint = "struck.rests.hint" if after.loose else "correct.check-both"
            return RefusedError("case.cannot", hint, **said)
        other = Verb(step.entry.event.act)
        if step.seq >= since:
            said["verb"] = other
            return RefusedError("case.cannot", "hint.nothing-changed", **said)
        said |= {"seq": step.seq, "other": other, "on": step.day}
        return RefusedError("timeline.unlawful", "timeline.take-out", day=act.effective_on, **said)
    return None
