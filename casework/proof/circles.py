"""Links between cases in the order of the log: none to a struck case, and no circle of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.proof.placing import Placed
from casework.rules.lawful import Fault
from casework.rules.named import LINKS

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from casework.kinds.records import Record
    from casework.proof.placing import Logged
    from casework.store.connections import Connection

Pairs = tuple[tuple[str, str], ...]
"""The links of a case: each is a relation and the linked case."""


class Linked(NamedTuple):
    """The links of a case after an event, None while its proposal is struck out.

    `own` says that the event itself gives the case its links.
    """

    seq: int
    act: str
    ref: str
    links: Pairs | None
    own: bool


def linked(
    connection: Connection,
    events: Sequence[Logged],
    left: Sequence[Record] | None,
    told: Container[int],
) -> list[Linked]:
    """Return the links of a case after each of its events, where an event can have changed them.

    `left` has the case after each of them, where they simply follow one another. Of what an
    import `told` only the end counts, and of acts of one moment that amend others: a ledger judges
    them so.
    """
    if left is not None:
        each = [_pairs(one) for one in left]
    else:
        placed = Placed(connection, [*events], told)
        each = [_pairs(placed.left(place)) for place in range(len(events))]
    found: list[Linked] = []
    before: Pairs | None = ()
    for place, (event, links) in enumerate(zip(events, each, strict=True)):
        if links != before and not _goes_on(events, place, told, straight=left is not None):
            said = event.said
            own = LINKS in said["changes"] or event.seq in told
            found.append(Linked(event.seq, said["act"], said["key"], links, own))
            before = links
    return found


def may_link(events: Sequence[Logged], left: Sequence[Any] | None) -> bool:
    """Tell whether events can have changed the links of their case; `left` as `linked` has it."""
    if left is not None:
        return any([case.links for case in left])  # noqa: C419 - in half the time
    return any(LINKS in one.said["changes"] or "strikes" in one.said for one in events)


def _pairs(case: Any) -> Pairs | None:
    return None if case is None else case.links


def _goes_on(events: Sequence[Logged], place: int, told: Container[int], *, straight: bool) -> bool:
    """Tell whether an event was judged together with the next one on its case."""
    if place + 1 == len(events):
        return False
    one, after = events[place], events[place + 1]
    if one.seq in told:
        return after.seq in told
    return not straight and one.moment == after.moment


class Links:
    """The links of all cases, as the log has them so far."""

    def __init__(self, waiting: Callable[[str, int], str | None]) -> None:
        self._waiting = waiting
        self._leads: dict[str, Pairs] = {}
        self._here: dict[str, set[str]] = defaultdict(set)
        self._out: set[str] = set()

    def take(self, one: Linked) -> Fault | None:
        """Take over what an event made of the links of its case; return what is wrong with it."""
        before, links = self._leads.pop(one.ref, ()), one.links or ()
        wrong = None
        for relation, other in links:
            if wrong is None and (relation, other) not in before:
                wrong = self._wrong(one, relation, other)
        if one.links is None:
            others = sorted(self._here[one.ref])
            self._out.add(one.ref)
            if others:
                wrong = _fault("linked", of=one.ref, named=others[0])
            elif (code := self._waiting(one.ref, one.seq)) is not None:
                wrong = _fault("asked-out", of=one.ref, code=code)
        else:
            self._out.discard(one.ref)
        for _, other in before:
            self._here[other].discard(one.ref)
        for _, other in links:
            self._here[other].add(one.ref)
        self._leads[one.ref] = links
        return wrong

    def _wrong(self, one: Linked, relation: str, other: str) -> Fault | None:
        if other in self._out:
            return _fault("link-struck", of=one.ref, named=other)
        if not self._reaches(relation, other, one.ref):
            return None
        rule = "circle" if one.own else "circle-again"
        return _fault(rule, of=one.ref, named=other, relation=relation)

    def _reaches(self, relation: str, start: str, goal: str) -> bool:
        seen, left = {start}, [start]
        while left:
            here = left.pop()
            if here == goal:
                return True
            new = {to for how, to in self._leads.get(here, ()) if how == relation} - seen
            seen |= new
            left += new
        return False


def _fault(rule: str, /, **values: Any) -> Fault:
    return Fault(f"law.{rule}", LINKS, tuple(values.items()))


def wrong_links(
    each: Iterable[Linked], waiting: Callable[[str, int], str | None]
) -> Iterator[tuple[Linked, Fault]]:
    """Yield the events that link cases, or take them out, as none may be, in the order of the log.

    `waiting` returns the request that waits on a case before an event.
    """
    links = Links(waiting)
    for one in sorted(each):
        if (wrong := links.take(one)) is not None:
            yield one, wrong
