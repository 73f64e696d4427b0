"""Where records begin in the log, so that no act names one that was not there before it."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from casework.kinds.records import Case
from casework.rules.named import referring, unregistered
from casework.store import compiled

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from casework.proof.placing import Logged
    from casework.rules.lawful import Fault
    from casework.store.connections import Connection


class Beginnings:
    """The number of the first event of each record; that of a case is looked up."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._first: dict[str, dict[str, int]] = defaultdict(dict)
        self._of_case = {name: self._first[kind] for name, kind in referring(Case.kind).items()}
        self._naming = frozenset(self._of_case)

    def note(self, kind: str, key: str, seq: int) -> None:
        """Note an event of a record that is not a case; the first one counts."""
        self._first[kind].setdefault(key, seq)

    def unregistered(
        self, kind: str, changes: Mapping[str, Any], seq: int, last: int = 0
    ) -> Fault | None:
        """Return what is wrong if an act, of that number, names a record that had no event yet.

        A case that it names may begin before the event `last`, if that is a later one.
        """
        return unregistered(kind, changes, partial(self._is_there, seq, max(seq, last)))

    def unregistered_in(
        self, events: Iterable[Logged], told: Container[int], last: int
    ) -> dict[int, Fault]:
        """Return what is wrong with acts on a case that name records which were not there.

        By number. Of what an import told, a link may name any case that it made until its `last`
        event.
        """
        found = {}
        for event in events:
            seq, changes = event.said["seq"], event.changes()
            for name in self._naming.intersection(changes):
                value, first = changes[name], self._of_case[name]
                # Most name one record, which was there.
                if type(value) is not str or first.get(value, seq) >= seq:
                    until = last if seq in told else seq
                    if (wrong := self.unregistered(Case.kind, changes, seq, until)) is not None:
                        found[seq] = wrong
                    break
        return found

    def _is_there(self, seq: int, until: int, kind: str, key: str) -> bool:
        if kind == Case.kind:
            found = self._connection.value(compiled.FIRST_EVENT, kind=kind, key=key)
            return found is not None and found < until
        return self._first[kind].get(key, seq) < seq
