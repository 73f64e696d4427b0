"""Making a report by its name, whoever asks for it."""

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
"""The reports there are; each is made by `report` of the module of its name."""


Listing = Callable[[Iterable[Any]], Any]


class Report(Protocol):
    """What every report has, and can do."""

    @property
    def frame(self) -> Frame:
        """When it speaks of, and what it was made from."""

    def as_json(self, listed: Listing = list) -> dict[str, Any]:
        """Return it under the names of the command-line contract.

        `listed` makes what stands for each list of cases; with `iter` none is in memory as a whole.
        """

    def paper(self, lang: str) -> Paper:
        """Return it as a paper."""


def question(connection: Connection, **asked: Any) -> Question:
    """Return what a report is asked, whose period may be in words.

    Raises UsageError for words that are not a period.
    """
    if isinstance(words := asked.get("period"), str):
        asked["period"] = parse_period(words).on(office_day(connection))
    return Question(**asked)


def made(name: str, connection: Connection, asked: Question) -> Report:
    """Make a report by its name; raises NotFoundError for one there is none of."""
    if name not in REPORTS:
        raise NotFoundError("report.unknown", name=name, known=[*REPORTS])
    report: Report = import_module(f"casework.reports.{name}").report(connection, asked)
    return report
