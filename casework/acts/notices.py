"""Notices that accompany the result of a session: values, put into words where they are shown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from casework.errors import AwayError
    from casework.store.served import Standby
    from casework.words import Text


class Notice(SimpleNamespace):
    """Base of the notices below."""


class FromStandby(Notice):
    """The answer was read from a standby; its data is as old as the notice says."""

    __match_args__ = ("standby",)
    standby: Standby


class WriterWaits(Notice):
    """A writer is waiting for another one."""

    __match_args__ = ("message",)
    message: Text


class ServerAwaited(Notice):
    """No server accepts the command, for this reason; it is retried for this many seconds."""

    __match_args__ = ("seconds", "error")
    seconds: float
    error: AwayError


class SecondNeeded(Notice):
    """An act needs a second person: a request with this code was made instead."""

    __match_args__ = ("request",)
    request: str


class SecondNeededOften(Notice):
    """Several acts need a second person: requests with these codes were made instead."""

    __match_args__ = ("requests",)
    requests: list[str]


class Rehearsed(Notice):
    """The command was a dry run and has changed nothing."""


class Recorded(Notice):
    """Events `first` to `last` of the log were recorded under a key, and stay recorded.

    `what` names the act and the record of the last one: ``assign case NFAC-20.001``.
    """

    __match_args__ = ("first", "last", "what", "key")
    first: int
    last: int
    what: str
    key: str


class DateMeant(Notice):
    """The day that a date not typed as ISO 8601 means; `name` is the field it was given for."""

    __match_args__ = ("name", "day")
    name: str
    day: date


class NameHidden(Notice):
    """A view or template that was used is the user's own; the register has one of the same name."""

    __match_args__ = ("kind", "name")
    kind: str
    name: str


class CountedTo(Notice):
    """A counted deadline ends on a day off, so the due date is the next working day."""

    __match_args__ = ("day",)
    day: date


class NotWorked(Notice):
    """The due date is a day off; `onwards` is the next working day."""

    __match_args__ = ("onwards",)
    onwards: date


def second_needed(requests: list[str]) -> Notice:
    """Return the notice for requests that were made instead of acts, from their codes."""
    if len(requests) == 1:
        return SecondNeeded(request=requests[0])
    return SecondNeededOften(requests=requests)
