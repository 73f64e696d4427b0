"""Struck cases, whose proposal was struck out: they count nowhere, but can still be found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import UsageError
from casework.kinds.records import Case
from casework.questions import reading
from casework.store import compiled
from casework.system.text import TITLE_LIMIT, clean, fold, fold_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.log.reading import Event
    from casework.store.connections import Connection


class Struck(NamedTuple):
    """A case whose proposal was struck out, as it stood, and the event that did so."""

    case: Case
    by: Event

    @property
    def told(self) -> dict[str, Any]:
        """What is shown of the strike: the event, who recorded it, when, for which day and why."""
        return {
            "seq": self.by.seq,
            "by": self.by.actor,
            "recorded_at": self.by.recorded_at,
            "effective_on": self.by.effective_on,
            "reason": self.by.reason,
            "document": self.by.document,
        }


def struck(connection: Connection, words: str) -> Struck | None:
    """Return the case that words refer to if its proposal was struck out, otherwise None."""
    try:
        written = clean(words, "name.reference", TITLE_LIMIT)
    except UsageError:
        # What can be no reference refers to none.
        return None
    for key in dict.fromkeys((fold_code(written), fold(written))):
        row = connection.first(compiled.STRUCK_CASE, ref_key=key)
        if row is not None:
            return struck_case(connection, row[0])
    return None


def struck_case(connection: Connection, ref: str, until: int | None = None) -> Struck | None:
    """Return the case of an exact reference, if its proposal was taken out; None if it was not.

    With `until` only the events up to that number are known.
    """
    # Imported here: most registers have none.
    from casework.rules.timeline import taken_out
    from casework.store import timelines

    events = timelines.events_of(connection, Case.kind, ref)
    known = [one for one in events if until is None or one.seq <= until]
    found = taken_out(known, timelines.calendar_of(connection))
    if found is None or not isinstance(found[0], Case):
        return None
    hides = reading.unseen(connection)
    return Struck(reading.record(hides, found[0]), reading.event(hides, found[1]))


def struck_with(connection: Connection, texts: Iterable[str]) -> Iterator[Struck]:
    """Yield the struck cases whose texts or references contain all these words.

    The words are folded. If the texts of a case are withheld, only its reference is searched.
    """
    hides = reading.unseen(connection).cases
    for ref, search in connection.rows(compiled.STRUCK_TEXTS):
        told = search.rpartition("\n")[2] if ref in hides else search
        if all(one in told for one in texts) and (out := struck_case(connection, ref)) is not None:
            yield out


def struck_cases(connection: Connection) -> Iterator[Case]:
    """Yield the struck cases by reference."""
    for ref in connection.column(compiled.STRUCK_CASES):
        if (out := struck_case(connection, ref)) is not None:
            yield out.case
