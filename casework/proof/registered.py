"""What was registered before each event of a log: people, organisations, causes, requests."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from casework.kinds.records import COLLECTIVE, Case, Cause, Organisation, Person, Request
from casework.rules import late_causes
from casework.rules.entrusting import OWNING
from casework.store import timelines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.kinds.records import Record
    from casework.proof.placing import Logged
    from casework.store.connections import Connection

_OWNING = frozenset(OWNING)


def before(found: Any, seq: int) -> Any:
    """Return the last of numbered values that stood before an event, None where none did."""
    if not found or found[0][0] >= seq:
        return None
    if found[-1][0] < seq:
        return found[-1][1]
    return found[bisect_right(found, seq - 1, key=lambda one: one[0]) - 1][1]


class Registered:
    """The rows of these, by the numbers of the events that left them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._people: dict[str, list[tuple[int, Person]]] = defaultdict(list)
        self._bodies: dict[str, list[tuple[int, Organisation]]] = defaultdict(list)
        self._causes: dict[str, list[tuple[int, Cause]]] = defaultdict(list)
        self._asked: dict[tuple[str, str], list[tuple[int, str | None]]] = defaultdict(list)
        self._of_body: dict[str, list[Logged]] = defaultdict(list)

    def note(self, event: Logged, after: Record) -> None:
        """Note what an event made of its record."""
        match after:
            case Person():
                self._people[after.code].append((event.seq, after))
            case Cause():
                self._causes[after.code].append((event.seq, after))
            case Request():
                waits = after.code if after.decided is None else None
                self._asked[after.subject_kind, after.subject].append((event.seq, waits))
            case Organisation():
                self._bodies[after.code].append((event.seq, self._row(event, after)))

    def _row(self, event: Logged, after: Organisation) -> Organisation:
        """Return the row of an organisation, whose events take effect in an order of their own."""
        events = self._of_body[after.code]
        events.append(event)
        days = [one.said["effective_on"] for one in events]
        if days == sorted(days):
            return after
        calendar = timelines.calendar_of(self._connection)
        row = timelines.made([one.event() for one in events], calendar).row()
        return row if isinstance(row, Organisation) else after

    def person(self, code: str, seq: int) -> Person | None:
        """Return a person as they stood before an event."""
        found: Person | None = before(self._people.get(code), seq)
        return found

    def people(self, seq: int) -> list[Person]:
        """Return everybody as they stood before an event."""
        each = (before(found, seq) for found in self._people.values())
        return [one for one in each if one is not None]

    def body(self, code: str, seq: int) -> Organisation | None:
        """Return an organisation as it stood before an event."""
        found: Organisation | None = before(self._bodies.get(code), seq)
        return found

    def waiting(self, ref: str, seq: int) -> str | None:
        """Return the request on a case that waited for a second person before an event."""
        found: str | None = before(self._asked.get((Case.kind, ref)), seq)
        return found

    def parents(self, seq: int) -> Mapping[str, str | None]:
        """Return the body above each organisation before an event."""
        each = ((code, before(found, seq)) for code, found in self._bodies.items())
        return {code: one.parent for code, one in each if one is not None}

    def causes(self, seq: int) -> list[str]:
        """Return the causes in use before an event."""
        each = (before(found, seq) for found in self._causes.values())
        return [one.code for one in each if one is not None and one.retired_on is None]

    def are_clear(self, verb: str, left: Case, changes: Mapping[str, Any]) -> bool:
        """Tell whether an act on a case names no officer, owner or cause that is to be asked about.

        `left` is what it leaves. An owner that always was there and is not a collective is clear.
        """
        if changes.get("officer") is not None:
            return False
        if left.owner is not None and not _OWNING.isdisjoint(changes):
            for _, one in self._bodies.get(left.owner, ()):
                if one.org_kind == COLLECTIVE or one.valid_from or one.valid_to:
                    return False
        return not self._causes or not ("late_cause" in changes or verb in late_causes.ASKS)
