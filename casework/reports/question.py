"""What a report is asked, and what it is made from; one call makes any report."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from casework.errors import NotFoundError
from casework.kinds.records import Conference, Organisation
from casework.questions import lookup, replay
from casework.reports.context import Frame, frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from casework.papers.model import Paper
    from casework.store.connections import Connection

REPORTS = ("overdue", "progress", "review", "workload", "forecast", "slippage")
"""The reports there are; each is made by `report` of the module of its name."""


class Report(Protocol):
    """What every report has, and can do."""

    @property
    def frame(self) -> Frame:
        """When it speaks of, and what it was made from."""

    def as_json(self) -> dict[str, Any]:
        """Return it under the names of the command-line contract."""

    def paper(self, lang: str) -> Paper:
        """Return it as a paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a report is asked. No report heeds all of it.

    It speaks of the day `as_of`, by default today, and of what had been recorded by `known_at`. It
    looks ahead to the conference `before`, or to the end of the day `until`, by default to the next
    conference. `owner` and `conference` choose cases by any name of theirs; `of` and `coming` are
    the conferences a review looks back on and is made for. With `successors` an organisation that
    was taken over counts under the one it is now.

    `brief` is the language of a report that is only shown as a table: lists need not have what that
    does not show. `calendar` asks for what only a calendar file shows.
    """

    as_of: date | None = None
    known_at: datetime | None = None
    before: str | None = None
    until: date | None = None
    owner: str | None = None
    conference: str | None = None
    of: str | None = None
    coming: str | None = None
    successors: bool = False
    brief: str | None = None
    calendar: bool = False


class Sources(NamedTuple):
    """What a report is made from: the question, the store, the register as it stood, the frame.

    `owner` and `conference` are the codes of what the question names.
    """

    asked: Question
    store: Connection
    then: Connection
    frame: Frame
    owner: str | None
    conference: str | None


@contextmanager
def sources(connection: Connection, asked: Question) -> Iterator[Sources]:
    """Give what a report is made from, of one moment of the store.

    Raises NotFoundError and ConflictError for an owner or conference that nobody, or more than
    one, is called.
    """
    day = asked.as_of or lookup.office_day(connection)
    with replay.as_of(connection, asked.as_of, asked.known_at) as then:
        told = frame(connection, then, day, asked)
        owner, conference = (
            None if words is None else lookup.find(then, kind, words, day).key
            for kind, words in ((Organisation, asked.owner), (Conference, asked.conference))
        )
        yield Sources(asked, connection, then, told, owner, conference)


def made(name: str, connection: Connection, asked: Question) -> Report:
    """Make a report by its name; raises NotFoundError for one there is none of."""
    if name not in REPORTS:
        raise NotFoundError("report.unknown", name=name, known=[*REPORTS])
    report: Report = import_module(f"casework.reports.{name}").report(connection, asked)
    return report
