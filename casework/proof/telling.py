"""What imports told of the cases they made."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from casework.store import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.proof.placing import Logged
    from casework.store.connections import Connection


class Run(NamedTuple):
    """The events from the first to the last one of an import, and who made it."""

    first: int
    last: int
    actor: str


class Runs:
    """The imports of a log, in its order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._runs: list[Run] = []

    def note(self, last: int, actor: str) -> None:
        """Note an import by the number and the actor of the event that ends it."""
        self._runs.append(self._run(last, actor))

    def _run(self, last: int, actor: str) -> Run:
        """Return the events that an import made: from the first of its command to its last."""
        found = self._connection.first(compiled.BEFORE_RUN, before=last, actor=actor)
        if found is None:
            return Run(0, last, actor)
        seq, who, command = found
        begins = who == actor and command is not None
        return Run(seq if begins else seq + 1, last, actor)

    def told(self, events: Sequence[Logged]) -> tuple[Run | None, set[int]]:
        """Return the import that made a case, and the numbers of what it told of it."""
        if (run := self._made_by(events[0])) is None:
            return None, set()
        reports = (one.seq for one in events if one.is_reported)
        return run, {seq for seq in reports if seq < run.last}

    def _made_by(self, first: Logged) -> Run | None:
        """Return the import that made a case, None for one that was made here."""
        place = bisect_left(self._runs, first.said["seq"], key=lambda run: run.last)
        if place == len(self._runs) or not first.said.get("reported"):
            return None
        run = self._runs[place]
        made = run.first <= first.said["seq"] and run.actor == first.said["actor"]
        return run if made else None
