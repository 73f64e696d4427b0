"""Make a report by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from casework.errors import NotFoundError
from casework.questions.lookup import office_day
from casework.reports.question import Question
from casework.rules.periods import parse_period

if TYPE_CHECKING:
    from casework.papers.model import Paper
    from casework.reports.context import Frame
    from casework.store.connections import Connection

REPORTS = ("overdue", "progress", "review", "workload", "forecast", "slippage")
"""The names of the reports; each is made by `report` in the module of that name."""


Listing = Callable[[Iterable[Any]], Any]


class Report(Protocol):
    """The interface of every report."""

    @property
    def frame(self) -> Frame:
        """Its day, and what it was made from."""

    def as_json(self, listed: Listing = list) -> dict[str, Any]:
        """Return it as JSON.

        `listed` converts each list of cases; with `iter` no list is in memory as a whole.
        """

    def paper(self, lang: str) -> Paper:
        """Return it as a paper."""


def question(connection: Connection, **asked: Any) -> Question:
    """Return the question of a report; its period may be in words.

    Raises UsageError for words that are not a period.
    """
    if isinstance(words := asked.get("period"), str):
        asked["period"] = parse_period(words).on(office_day(connection))
    return Question(**asked)


def made(name: str, connection: Connection, asked: Question) -> Report:
    """Make a report by name; raises NotFoundError for an unknown one."""
    if name not in REPORTS:
        raise NotFoundError("report.unknown", name=name, known=[*REPORTS])
    report: Report = import_module(f"casework.reports.{name}").report(connection, asked)
    return report
