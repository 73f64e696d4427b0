"""Many acts at one desk: all of them are done in one transaction, or none.

What stands in the way of any of them is found out before any is refused, so that somebody who asks
for twenty acts is told of all that cannot be done, not only of the first.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from casework.acts.by_name import at_desk, read
from casework.errors import (
    CaseworkError,
    IntegrityFailure,
    Refusal,
    SeveralError,
    UnavailableError,
)
from casework.kinds.records import Case
from casework.questions import audit_log, lookup
from casework.store.connections import PAGE
from casework.store.loading import SERVER, lock_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from casework.ledger.ledger import Desk
    from casework.log.event import Event


T = TypeVar("T")


class Asked(NamedTuple):
    """One act of many: its name in `by_name.ACTS`, the case it is done on, what it is given.

    `ref` is None for an act that makes a case. `given` are the fields of the act, as values or as
    people type them.
    """

    act: str
    ref: str | None
    given: Mapping[str, Any]


class Made(NamedTuple):
    """What one act of many left: its case, and the events it was recorded with.

    `request` is the code of the request that was made instead, where a second person is needed; the
    case then is as it stands.
    """

    case: Case
    events: tuple[Event, ...]
    request: str | None = None


def at_one_desk(desk: Desk, acts: Sequence[Asked]) -> list[Made]:
    """Do acts in this order, each on what those before it left; return what each of them left.

    Every act is tried, also after one was refused: a refused one is undone alone, so that the
    others are judged as if it had not been asked for. If any was refused, SeveralError is raised
    with all refusals, each with the place of its act in `acts`. Whoever opened the desk lets that
    error through, and with it the whole transaction is undone.

    An error that is not about one act is raised as it is, at once: the store went away, is damaged,
    or another writer was met, after which the session begins the command again.
    """
    lock(desk, (one.ref for one in acts))
    made: list[tuple[Case, str | None, list[tuple[int, int]]]] = []
    refusals: list[Refusal] = []
    for place, one in enumerate(acts):
        recorded, waiting = len(desk.connection.recorded), len(desk.asked)
        case = tried(desk, partial(_done, desk, one))
        if isinstance(case, CaseworkError):
            refusals.append(Refusal(place, one.ref, case))
        else:
            request = desk.asked[-1] if len(desk.asked) > waiting else None
            numbers = [(first, last) for first, last, _ in desk.connection.recorded[recorded:]]
            made.append((case, request, numbers))
    if refusals:
        raise SeveralError(refusals, len(acts))
    events = _events(desk)
    return [
        Made(case, tuple(events[seq] for seq in _numbers(spans)), request)
        for case, request, spans in made
    ]


def _done(desk: Desk, one: Asked) -> Case:
    return at_desk(desk, one.act, one.ref, read(one.act, one.given))


def tried(desk: Desk, work: Callable[[], T]) -> T | CaseworkError:
    """Do one of many things in a part of a desk's transaction, undone alone if it is refused.

    Returns what it leaves, or why it was refused. An error that is not about it is raised.
    """
    waiting = len(desk.asked)
    try:
        with desk.connection.part():
            return work()
    except CaseworkError as error:
        del desk.asked[waiting:]
        return refusal(error)


def refusal(error: CaseworkError) -> CaseworkError:
    """Return an error that is about one of many things; raise any other one."""
    if error.passing or isinstance(error, (UnavailableError, IntegrityFailure)):
        raise error
    return error


def lock(desk: Desk, refs: Iterable[Any]) -> None:
    """Lock the cases of many acts on a server, in one order whoever asks: nobody waits in a circle.

    The head of the log is locked with the first act, and is to be locked last.
    """
    connection = desk.connection
    if connection.engine != SERVER:
        return
    named = {ref for ref in refs if isinstance(ref, str)}
    found = sorted(filter(None, (_known(desk, words) for words in named)))
    try:
        with connection.part():
            for start in range(0, len(found), PAGE):
                page = found[start : start + PAGE]
                lock_records(connection, [(Case.kind, ref) for ref in page])
    except CaseworkError as error:
        # Whoever may lock nothing is told so of each act.
        if error.passing or isinstance(error, UnavailableError):
            raise


def _known(desk: Desk, words: str) -> str | None:
    try:
        return lookup.case_ref(desk.connection, words)
    except CaseworkError:
        # What is no reference at all is told of its act.
        return None


def _events(desk: Desk) -> dict[int, Event]:
    """Return the events that the desk's transaction has recorded, by their numbers."""
    recorded = desk.connection.recorded
    if not recorded:
        return {}
    first, last = recorded[0][0], recorded[-1][1]
    return {one.seq: one for one in audit_log.events_between(desk.connection, first, last)}


def _numbers(spans: Sequence[tuple[int, int]]) -> Iterator[int]:
    for first, last in spans:
        yield from range(first, last + 1)
