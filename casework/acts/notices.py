"""What a session tells beside its result: values, which each face words in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from casework.store.db import Standby


class FromStandby(NamedTuple):
    """What was asked for was read from a standby, whose data is as old as it says."""

    standby: Standby


class WriterWaits(NamedTuple):
    """A writer waits for another one."""

    message: str


class ServerAwaited(NamedTuple):
    """No server takes the command; it is begun again for so many seconds. `why` says the server."""

    seconds: float
    why: str


class SecondNeeded(NamedTuple):
    """An act needs a second person: a request of this code was made instead of it."""

    request: str


class Rehearsed(NamedTuple):
    """What was asked for was only rehearsed, and has changed nothing."""


class Recorded(NamedTuple):
    """Events of the log from `first` to `last` were recorded under a key, and stay.

    `what` says the act and the record of the last one: ``assign case NFAC-20.001``.
    """

    first: int
    last: int
    what: str
    key: str


class DateMeant(NamedTuple):
    """A date that was not typed as ISO 8601 means this day; `name` is the field it is given for."""

    name: str
    day: date


class CountedTo(NamedTuple):
    """A counted deadline ends on a day off, so that the due date is the next working day."""

    day: date


class NotWorked(NamedTuple):
    """Nobody works on a due date; `onwards` is the next working day."""

    onwards: date


Notice = (
    FromStandby
    | WriterWaits
    | ServerAwaited
    | SecondNeeded
    | Rehearsed
    | Recorded
    | DateMeant
    | CountedTo
    | NotWorked
)
