"""What imports told of the cases they made."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from casework.rules.lawful import Fault
from casework.store import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from casework.kinds.records import Intake
    from casework.proof.placing import Logged
    from casework.store.connections import Connection


class Run(NamedTuple):
    """The events from the first to the last one of an import, and who made it.

    `made` is the number of cases that it says it made, and `key` that of its file.
    """

    first: int
    last: int
    actor: str
    made: int
    key: str


class Runs:
    """The imports of a log, in its order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._runs: list[Run] = []
        self._ends: list[int] = []

    def note(self, last: int, actor: str, before: Intake | None, after: Intake) -> None:
        """Note an import by the event that ends it: its number, its actor, and what it changes."""
        made = after.created - (0 if before is None else before.created)
        self._ends.append(last)
        self._runs.append(Run(self._first(last, actor), last, actor, made, after.digest))

    def _first(self, last: int, actor: str) -> int:
        """Return the first event that an import made: that of its command."""
        found = self._connection.first(compiled.BEFORE_RUN, before=last, actor=actor)
        if found is None:
            return 0
        seq, who, command = found
        begins = who == actor and command is not None
        return int(seq) if begins else int(seq) + 1

    def otherwise(self, begun: Mapping[int, int]) -> Iterator[tuple[Run, Fault]]:
        """Yield the imports that made another number of cases than they say.

        `begun` has the numbers of cases that each made, by its last event. Only those in a file: a
        server takes from any client what an import says.
        """
        for run in self._runs if self._connection.engine == "sqlite" else ():
            if run.made != (there := begun.get(run.last, 0)):
                yield run, Fault("law.created", None, (("created", run.made), ("there", there)))

    def told(self, events: Sequence[Logged]) -> tuple[Run | None, set[int]]:
        """Return the import that made a case, and the numbers of what it told of it."""
        if (run := self.made_by(events[0])) is None:
            return None, set()
        each = (one.said for one in events)
        return run, {said["seq"] for said in each if "reported" in said and said["seq"] < run.last}

    def made_by(self, first: Logged) -> Run | None:
        """Return the import that made a case, None for one that was made here."""
        said = first.said
        if "reported" not in said:
            return None
        place = bisect_left(self._ends, said["seq"])
        if place == len(self._ends):
            return None
        run = self._runs[place]
        made = run.first <= said["seq"] and run.actor == said["actor"]
        return run if made else None
