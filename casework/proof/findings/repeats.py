"""Cases that repeat one or are repeated: how they stood to one another, act by act of the log."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from casework.kinds.choices import Outcome
from casework.proof.findings.acts import resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.kinds.records import Case
    from casework.proof.findings.acts import Act
    from casework.proof.findings.log import Mark

REPEATS = "repeats"


class Turn(NamedTuple):
    """An act that resolved a case, opened it again or changed what it repeats, or its first one.

    `place` orders the acts of a case by their effect.
    """

    mark: Mark
    place: int
    before: Case | None
    after: Case

    @property
    def ref(self) -> str:
        """The reference of its case."""
        return self.after.ref


def turns(acts: Iterable[tuple[Act, Mark]]) -> Iterator[Turn]:
    """Yield those acts on a case that are turns."""
    for place, (act, mark) in enumerate(acts):
        before, after = act.before, act.after
        same = before is not None and (resolution(before), before.state, before.links) == (
            resolution(after),
            after.state,
            after.links,
        )
        if not same:
            yield Turn(mark, place, before, after)


def repeats(case: Case | None) -> set[str]:
    """Return the references of the earlier cases a case asks again."""
    links = () if case is None else case.links
    return {ref for relation, ref in links if relation == REPEATS}


@dataclass(slots=True)
class Line:
    """A case by what was recorded of it so far: its turns in the order of effect."""

    turns: list[Turn] = field(default_factory=list)

    @property
    def case(self) -> Case:
        """How it stands."""
        return self.turns[-1].after

    @property
    def proposed(self) -> Mark:
        """The act that made it."""
        return self.turns[0].mark

    @property
    def ended(self) -> Mark:
        """The act that resolved it last, or opened it again."""
        found = (
            one.mark
            for one in reversed(self.turns)
            if one.before is None or resolution(one.before) != resolution(one.after)
        )
        return next(found, self.proposed)

    @property
    def implemented_here(self) -> bool:
        """Whether an act made here resolved it as implemented."""
        return self.ended.source is None and resolution(self.case) == Outcome.IMPLEMENTED

    def linked(self, ref: str) -> Mark:
        """Return the act by which it came to repeat another case."""
        found = (
            one.mark
            for one in reversed(self.turns)
            if ref in repeats(one.after) and ref not in repeats(one.before)
        )
        return next(found, self.proposed)


@dataclass(slots=True)
class Lines:
    """The cases that repeat one or are repeated, by what was recorded so far."""

    cases: dict[str, Line] = field(default_factory=dict)
    repeated_by: dict[str, set[str]] = field(default_factory=dict)

    def remember(self, turn: Turn) -> None:
        """Take in what was recorded next."""
        line = self.cases.setdefault(turn.ref, Line())
        old = repeats(line.case) if line.turns else set()
        insort(line.turns, turn, key=attrgetter("place"))
        new = repeats(line.case)
        for earlier in old - new:
            self.repeated_by[earlier].discard(turn.ref)
        for earlier in new - old:
            self.repeated_by.setdefault(earlier, set()).add(turn.ref)
