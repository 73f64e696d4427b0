"""What the events of a record make of it, and where they do not follow one another.

Most records have events that simply follow one another, each with its old values as they stood:
those are folded at once (`straight`). Any other record is looked at event by event, by its
timeline, and what is wrong with it is named (`replayed`).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.kinds.records import KINDS, Case, Record, plain
from casework.log import reading as audit
from casework.questions import reading
from casework.rules import lawful
from casework.rules.changes import BY_EFFECT
from casework.rules.invariants import broken
from casework.rules.timeline import is_plain, taken_out
from casework.store import timelines
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from casework.proof.placing import Logged
    from casework.rules.timeline import Timeline
    from casework.rules.working_days import WorkingCalendar
    from casework.store.connections import Unseen


class Replayed(NamedTuple):
    """A record as its events make it, None where none is left, and what is wrong with them.

    `moves` are the events that take effect on another day than they say. `out` is a case whose
    proposal was taken out, as it stood, with the number of the event that did it.
    """

    record: Record | None
    faults: Sequence[Text] = ()
    moves: Mapping[int, str | None] = {}
    out: tuple[Case, int] | None = None


def straight(events: Sequence[Logged]) -> list[Record] | None:
    """Return the record after each of its events, None unless they simply follow one another.

    Then each is in order by itself and has its number and its old values as they stood, none amends
    or moves another one, and the case breaks no invariant after any.
    """
    try:
        return _followed(events)
    except (AttributeError, LookupError, TypeError, ValueError):
        # What is wrong with it is told by whoever looks at each event.
        return None


def _followed(events: Sequence[Logged]) -> list[Record] | None:
    kind = events[0].said["kind"]
    is_case, by_effect, prev, last = kind == Case.kind, kind in BY_EFFECT, -1, ""
    record: Record | None = None
    found = []
    for version, event in enumerate(events, 1):
        said, gives, before = event.said, event.gives, record
        if gives is None or said["prev"] != prev or said["version"] != version:
            return None
        act, day = said["act"], said["effective_on"]
        if by_effect and (act == "correct" or day < last):
            return None
        if before is None:
            record = KINDS[kind].made(said["key"], gives)
        elif event.stood.items() <= vars(before).items():
            record = before.changed(gives)
        else:
            return None
        if is_case and not _is_case(act, before, record):
            return None
        found.append(record)
        prev, last = said["seq"], day
    return found


def _is_case(act: str, before: Any, case: Any) -> bool:
    source = None if before is None else before.state
    return lawful.path(act, source, case.state) is None and not broken(case)


def replayed(
    events: Sequence[audit.Event], calendar: Callable[[], WorkingCalendar], hides: Unseen
) -> Replayed:
    """Return what the events of a record make of it, whatever they say."""
    faults: list[Text] = []
    record = _chained(events, calendar, hides, faults)
    if is_plain(events):
        return Replayed(record, faults)
    known = timelines.made(events, calendar)
    row, out = known.row(), None
    if row is None and (found := taken_out(events, calendar)) is not None:
        stood, striking = found
        out = (stood, striking.seq) if isinstance(stood, Case) else None
    return Replayed(row, faults, known.moves(), out)


def _chained(
    events: Sequence[audit.Event], calendar: Any, hides: Unseen, faults: list[Text]
) -> Record | None:
    """Return what the events of a record make of it in the order of recording.

    Where they do not follow each other, or change what did not stand, is added to `faults`. The old
    values of format 1 are those that stood at recording, those of format 2 those of the event's own
    day.
    """
    record: Record | None = None
    prev, ordered = -1, True
    for place, step in enumerate(events):
        if step.prev != prev or step.version != place + 1:
            what = f"{step.kind} {step.key}"
            faults.append(Text("inspection.order", seq=step.seq, what=what))
        ordered = ordered and is_plain(events[max(place - 1, 0) : place + 1])
        stood = record
        if place and step.v != 1 and not ordered:
            known = timelines.made(events[:place], calendar)
            stood = _own_day(step, known)
        if stood is not None and step.version > 1:
            faults += _other_before(step, stood, hides)
        before, record, prev = record, audit.fold(record, step), step.seq
        if ordered or step.v == 1:
            told = _broken_rules(step.act, before, record)
            faults += (Text("inspection.rule", seq=step.seq, says=one) for one in told)
    return record


def _own_day(step: audit.Event, known: Timeline) -> Record | None:
    if step.amends is None:
        return known.on(date.fromisoformat(step.effective_on))
    amended = known.step_of(step.amends)
    return None if amended is None else amended.after


def _broken_rules(act: str, before: Record | None, case: Record) -> Iterator[Text]:
    """Yield what no program has ever recorded: another path through the states of a case."""
    if not isinstance(case, Case):
        return
    source = before.state if isinstance(before, Case) else None
    if (wrong := lawful.path(act, source, case.state)) is not None:
        yield wrong.says
    for one in broken(case):
        if one.check is not None:
            yield one.says


def _other_before(step: audit.Event, record: Record, hides: Unseen) -> Iterator[Text]:
    for name, (old, _) in step.changes.items():
        before = plain(getattr(record, name))
        if old != before:
            of = (record.kind, record.key)
            said, stood = (reading.value(hides, of, name, one) for one in (old, before))
            yield Text("inspection.chain", seq=step.seq, name=name, old=said, before=stood)
