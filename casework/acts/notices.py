"""Notices that accompany the result of a session: values, worded by whoever shows them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from casework.errors import AwayError
    from casework.store.served import Standby
    from casework.words import Text


class Notice(SimpleNamespace):
    """Something a session tells; the classes below say what."""


class FromStandby(Notice):
    """What was asked for was read from a standby, whose data is as old as it says."""

    __match_args__ = ("standby",)
    standby: Standby


class WriterWaits(Notice):
    """A writer waits for another one."""

    __match_args__ = ("message",)
    message: Text


class ServerAwaited(Notice):
    """No server takes the command, for this error; it is begun again for so many seconds."""

    __match_args__ = ("seconds", "error")
    seconds: float
    error: AwayError


class SecondNeeded(Notice):
    """An act needs a second person: a request of this code was made instead of it."""

    __match_args__ = ("request",)
    request: str


class SecondNeededOften(Notice):
    """Several acts need a second person: requests of these codes were made instead of them."""

    __match_args__ = ("requests",)
    requests: list[str]


class Rehearsed(Notice):
    """What was asked for was only rehearsed, and has changed nothing."""


class Recorded(Notice):
    """Events of the log from `first` to `last` were recorded under a key, and stay.

    `what` says the act and the record of the last one: ``assign case NFAC-20.001``.
    """

    __match_args__ = ("first", "last", "what", "key")
    first: int
    last: int
    what: str
    key: str


class DateMeant(Notice):
    """A date that was not typed as ISO 8601 means this day; `name` is the field it is given for."""

    __match_args__ = ("name", "day")
    name: str
    day: date


class ViewHidden(Notice):
    """A view is the user's own, and the register has another one of that name."""

    __match_args__ = ("name",)
    name: str


class CountedTo(Notice):
    """A counted deadline ends on a day off, so that the due date is the next working day."""

    __match_args__ = ("day",)
    day: date


class NotWorked(Notice):
    """Nobody works on a due date; `onwards` is the next working day."""

    __match_args__ = ("onwards",)
    onwards: date


def second_needed(requests: list[str]) -> Notice:
    """Return the notice of the requests that were made instead of acts, by their codes."""
    if len(requests) == 1:
        return SecondNeeded(request=requests[0])
    return SecondNeededOften(requests=requests)
