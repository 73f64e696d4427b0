"""The facts that a history shows for an event below its heading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casework.log.reading import Event

TOLD_BY_HEADING = frozenset({"state_since", "reported", "original_due", "document", "resolved_by"})
"""Fields that the heading of an act already shows, or that follow from it."""

PRECISE = "day"
"""The precision of a due date that is not shown."""


class Fact(NamedTuple):
    """One fact of an event: a field, and its value before and after.

    Reasons and notes, and the values of a first event, have no `before`.
    """

    name: str
    after: Any
    before: Any = None
    changed: bool = False


def beside(events: Sequence[Event]) -> dict[int, list[Fact]]:
    """Return additional facts about the events of a case, by number.

    A correction and the event that it amends or strikes name each other. An act that ends a request
    of the owner names the event of the request.
    """
    found = _asking(events)
    if all(event.act != "correct" for event in events):
        return found
    # Imported here: most histories have no correction.
    from casework.store.timelines import made

    known = made(events)
    by_number = {event.seq: event for event in events}
    for seq, target in known.amending.items():
        found.setdefault(seq, []).append(Fact("amends", f"#{target}"))
        found.setdefault(target, []).append(Fact("corrected_by", f"#{seq}"))
    for event in events:
        # What was struck out in its turn says what it was to do, too.
        if event.strikes is not None and known.struck.get(event.strikes) != event.seq:
            found.setdefault(event.seq, []).append(Fact("strikes", f"#{event.strikes}"))
    for target, seq in known.struck.items():
        event = by_number[seq]
        why = f"#{seq}, {event.actor}" + (f": {event.reason}" if event.reason else "")
        found.setdefault(seq, []).append(Fact("strikes", f"#{target}"))
        found.setdefault(target, []).append(Fact("struck_by", why))
    return found


def _asking(events: Sequence[Event]) -> dict[int, list[Fact]]:
    """Return the facts about events that end a request of an owner."""
    found: dict[int, list[Fact]] = {}
    for field in ("asked_due", "contested_on"):
        asked: Event | None = None
        for event in events:
            old, new = event.changes.get(field, (None, None))
            if new is not None:
                asked = event
            elif old is not None and asked is not None:
                told = Fact("answers", f"#{asked.seq}, {asked.actor}")
                found.setdefault(event.seq, []).append(told)
    return found


def facts(event: Event) -> Iterator[Fact]:
    """Yield the facts of an event: first the state, then other fields, then reason and note."""
    for name, (old, new) in sorted(event.changes.items(), key=lambda item: item[0] != "state"):
        if not _goes_without_saying(event, name, new):
            yield Fact(name, new, old, changed=event.version > 1)
    for name in ("note", "reason", "document", "document_date"):
        if (value := getattr(event, name)) is not None:
            yield Fact(name, value)


def _goes_without_saying(event: Event, name: str, new: Any) -> bool:
    return (
        name in TOLD_BY_HEADING
        or (name.endswith("_on") and new == event.effective_on)
        or (name == "due_precision" and new == PRECISE)
    )
