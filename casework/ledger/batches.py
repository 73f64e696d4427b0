"""A batch: acts of one transaction at one moment, of which each case is judged once, at the end.

An act that leaves its case unlawful, as the case stands so far, is put off until then
(`inserting`). Where the case is unlawful then, too, the batch is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from casework.kinds.records import Case
from casework.rules.invariants import broken

if TYPE_CHECKING:
    from casework.errors import RefusedError
    from casework.log.event import Act
    from casework.rules.timeline import Timeline


class Owed(NamedTuple):
    """An act that was put off: the work it is of, and why it is unlawful by itself.

    `version` is that of its case just before it, and of the acts recorded with it.
    """

    place: int
    act: Act
    version: int
    why: RefusedError


@dataclass(slots=True)
class Batch:
    """What a connection knows of a batch: the work it is at, its moment, and what was put off.

    The moment is the time stamp of all of it: that of what is recorded first.
    """

    place: int = 0
    at: str | None = None
    owed: list[Owed] = field(default_factory=list)


def may_wait(before: Timeline, after: Timeline) -> bool:
    """Tell whether a case may be unlawful for a while: it is there, and a case may be like that."""
    row = after.row()
    return before.row() is not None and isinstance(row, Case) and not broken(row)
