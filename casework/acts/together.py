"""Several things done at one desk: each is tried, and all of them are kept or none."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from casework.errors import (
    CaseworkError,
    IntegrityFailure,
    Refusal,
    SeveralError,
    UnavailableError,
)
from casework.store.connections import PAGE
from casework.store.loading import SERVER, lock_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from casework.acts.session import Session
    from casework.ledger.ledger import Desk

T = TypeVar("T")


def together(desk: Desk, works: Sequence[tuple[str | None, Callable[[], T]]]) -> list[T]:
    """Do works in this order, each called by what it is done on; return what each of them gave.

    Every one is tried, each in a part of the transaction. Raises SeveralError with all refusals,
    and at once what is not about one of them: the store went away or is damaged, or another writer
    was met, after which the session begins the command again.
    """
    done: list[T] = []
    refusals: list[Refusal] = []
    for place, (called, work) in enumerate(works):
        left = tried(desk, work)
        if isinstance(left, CaseworkError):
            refusals.append(Refusal(place, called, left))
        else:
            done.append(left)
    if refusals:
        raise SeveralError(refusals, len(works))
    return done


@contextmanager
def at_one_moment(desk: Desk) -> Iterator[Callable[[int], None]]:
    """Let all that is done at a desk in the block be a batch: each case is judged at its end.

    Gives a function to call with the place of each of several works before it is done.
    """
    from casework.ledger.batches import Batch

    batch = desk.connection.batch = Batch()

    def begin(place: int) -> None:
        batch.place = place

    try:
        yield begin
    finally:
        desk.connection.batch = None


def refused_at_end(desk: Desk) -> list[Refusal]:
    """Return the works of a batch that leave a case unlawful: the place, the case and why."""
    if not desk.connection.put_off():
        return []
    from casework.ledger import inserting

    return [Refusal(*one) for one in inserting.unlawful_at_end(desk.connection)]


@contextmanager
def keeping(session: Session) -> Iterator[None]:
    """Let all that a session does in the block be done by one connection, where it is a server's.

    Each transaction is still one of its own; after one that failed another connection is made.
    """
    if session.file() is not None:
        yield
        return
    target = session.target
    with session.open().keeping() as store:
        session.target = store
        try:
            yield
        finally:
            session.target = target


def tried(desk: Desk, work: Callable[[], T]) -> T | CaseworkError:
    """Do one of many things in a part of a desk's transaction, undone alone if it is refused.

    Returns what it leaves, or why it was refused. An error that is not about it is raised.
    """
    try:
        with desk.connection.part():
            return work()
    except CaseworkError as error:
        return refusal(error)


def refusal(error: CaseworkError) -> CaseworkError:
    """Return an error that is about one of many things; raise any other one."""
    if error.passing or isinstance(error, (UnavailableError, IntegrityFailure)):
        raise error
    return error


def lock_together(desk: Desk, subjects: Sequence[tuple[str, str]]) -> None:
    """Lock records on a server, in this order: in one order whoever asks, nobody waits in a circle.

    The head of the log is locked with the first act, and is to be locked last.
    """
    connection = desk.connection
    if connection.engine != SERVER:
        return
    try:
        with connection.part():
            for start in range(0, len(subjects), PAGE):
                lock_records(connection, subjects[start : start + PAGE])
    except CaseworkError as error:
        # Whoever may lock nothing is told so of each act.
        if error.passing or isinstance(error, UnavailableError):
            raise
