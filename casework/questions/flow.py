"""The balance of a period: cases that were open, new and closed."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

from casework.kinds.choices import State
from casework.questions import spans, tallying
from casework.questions.audit_log import known_until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from casework.kinds.records import Case
    from casework.questions.spans import Step
    from casework.store.connections import Connection


class Among(NamedTuple):
    """Which cases are counted: all, or those of an owner, a conference or a list of references."""

    owner: str | None = None
    conference: str | None = None
    refs: frozenset[str] | None = None

    def has(self, case: Case | None) -> bool:
        """Return whether a case, as it stands, is one of them."""
        return (
            case is not None
            and self.owner in {None, case.owner}
            and self.conference in {None, case.conference}
            and (self.refs is None or case.ref in self.refs)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The balance of a period: opening + new + reopened + received - closed - given = closing.

    `received` and `given` count the open cases that came to the owner or conference in question or
    left it; for all cases both are zero. Closed cases are divided by whether they met their due
    dates.
    """

    opening: int
    new: int
    reopened: int
    received: int
    closed: int
    closed_on_time: int
    closed_late: int
    closed_no_due: int
    given: int
    closing: int
    one_of_many: bool

    def parts(self) -> Iterator[tuple[str, int]]:
        """Yield its parts in order; parts that exist only for some cases are left out for all."""
        for name, count in asdict(self).items():
            if name != "one_of_many" and (self.one_of_many or name not in {"received", "given"}):
                yield name, count

    def as_json(self) -> dict[str, int]:
        """Return its parts by name."""
        return dict(self.parts())


def within(
    connection: Connection,
    then: Connection,
    first: date,
    last: date,
    known_at: datetime | None,
    among: Among,
) -> Flow:
    """Return the balance of some cases, from the beginning of one day to the end of another.

    `then` is the register at the end of the period. Only cases with acts in the period are read;
    the number open at the beginning follows from them and from the end.
    """
    found: Counter[str] = Counter()
    for life in spans.moved_within(connection, first, last, known_until(connection, known_at)):
        found.update(moves((one for one in life.steps() if first <= one.day <= last), among))
    whole = tallying.tallies(then, last, owner=among.owner, conference=among.conference)
    closing = sum(one.open for one in whole)
    came = found["new"] + found["reopened"] + found["received"]
    went = found["closed"] + found["given"]
    names = ("new", "reopened", "received", "closed", "closed_on_time", "closed_late")
    return Flow(
        opening=closing - came + went,
        **{name: found[name] for name in (*names, "closed_no_due", "given")},
        closing=closing,
        one_of_many=among != Among(),
    )


def moves(steps: Iterable[Step], among: Among) -> Iterator[str]:
    """Yield the effect of each step on the balance; most have none."""
    for _, before, after, _ in steps:
        was, now = among.has(before), among.has(after)
        was_open = was and before is not None and before.state != State.RESOLVED
        now_open = now and after.state != State.RESOLVED
        if before is None and now:
            yield "new"
            was_open = True
        if now_open and not was_open:
            yield (
                "reopened" if before is not None and before.state == State.RESOLVED else "received"
            )
        elif was_open and now and not now_open:
            yield "closed"
            yield f"closed_{_how(after)}"
        elif was_open and not now:
            yield "given"


def _how(case: Case) -> str:
    if case.due is None or case.resolved_on is None:
        return "no_due"
    return "on_time" if case.resolved_on <= case.due else "late"
