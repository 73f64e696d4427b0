"""The workload report: the cases of each owner and each officer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from casework.kinds.choices import State
from casework.kinds.records import plain
from casework.papers.formatting import sentence
from casework.papers.model import Chart, Column, Section
from casework.questions import tallying
from casework.questions.tallying import Tally
from casework.reports.context import BARS, column, sources
from casework.rules.lateness import is_overdue
from casework.system.text import sort_key
from casework.words import word

if TYPE_CHECKING:
    from datetime import date

    from casework.kinds.listed import Listed
    from casework.papers.model import Kind, Paper
    from casework.reports.context import Frame, Sources
    from casework.reports.making import Listing
    from casework.reports.question import Question
    from casework.store.connections import Connection

SOON = timedelta(30)
"""How far ahead a due date counts as soon."""

PARTS = {
    "overdue": "open_overdue",
    "due_soon": "due_soon",
    "due_later": "due_later",
    "no_due_date": "open_no_due",
    "on_hold": "open_on_hold",
}
"""The parts into which open cases are divided, and their words."""


@dataclass(slots=True)
class Load:
    """The open cases of an owner or an officer: overdue, soon, later, no due date, or on hold.

    These five add up to `open`. `under_study` counts the cases that were begun; `next_due` is the
    next due date.
    """

    key: str | None
    open: int
    under_study: int
    overdue: int
    due_soon: int
    due_later: int
    no_due_date: int
    on_hold: int
    next_due: date | None


@dataclass(frozen=True, slots=True)
class WorkloadReport:
    """The workload of everybody; cases without an owner or an officer have rows too."""

    frame: Frame
    by_owner: list[Load]
    by_officer: list[Load]
    whole: Load
    totals: Tally

    def as_json(self, listed: Listing = list) -> dict[str, Any]:
        """Return the report under stable names."""
        return {
            **self.frame.as_json(),
            "totals": _json(self.whole, None),
            "by_owner": [_json(one, "owner") for one in self.by_owner],
            "by_officer": [_json(one, "officer") for one in self.by_officer],
            **self.frame.closing_json(),
        }

    def paper(self, lang: str) -> Paper:
        """Return the report as a paper in a language."""
        owners = sorted(
            self.by_owner,
            key=lambda one: (one.key is None, sort_key(self.frame.name(one.key, lang))),
        )
        return self.frame.paper(
            "workload_report",
            lang,
            [
                self._part("owner", "org", owners, lang),
                self._part("officer", "person", self.by_officer, lang),
            ],
            totals=self.totals,
            nothing="" if self.whole.open else word("nothing_open", lang),
        )

    def _part(self, by: str, kind: Kind, loads: list[Load], lang: str) -> Section:
        return Section(
            key=f"by_{by}",
            heading=word(f"by_{by}", lang),
            columns=[
                column(by, lang, kind, wide=True, lacking=word(f"no_{by}", lang)),
                column("open", lang, "count"),
                column("under_study", lang, "count"),
                *(Column(name, word(heading, lang), "count") for name, heading in PARTS.items()),
                column("next_due", lang, "date", "filled"),
            ],
            rows=[_row(one.key, one) for one in loads],
            total=_row(word("total", lang), self.whole),
            empty=word("none", lang),
            charts=self._chart(lang) if by == "owner" else (),
        )

    def _chart(self, lang: str) -> tuple[Chart, ...]:
        most = sorted(self.by_owner, key=lambda one: one.open, reverse=True)[:BARS]
        bars = [
            (self.frame.name(one.key, lang), (one.open - one.overdue, one.overdue)) for one in most
        ]
        series = (sentence(word("not_overdue", lang)), sentence(word("still_overdue", lang)))
        return (Chart(word("workload_chart", lang), series, bars),) if bars else ()


def _row(key: str | None, one: Load) -> tuple[Any, ...]:
    counted = [getattr(one, name) for name in PARTS]
    return (key, one.open, one.under_study, *counted, one.next_due)


def _json(one: Load, by: str | None) -> dict[str, Any]:
    values = {name: plain(value) for name, value in asdict(one).items()}
    key = values.pop("key")
    return {by: key, **values} if by else values


def report(connection: Connection, asked: Question) -> WorkloadReport:
    """Make the report: open cases of all owners or one, counted by owner and by officer."""
    with sources(connection, asked) as found:
        return _report(found)


def _report(found: Sources) -> WorkloadReport:
    connection, frame, owner = found.then, found.frame, found.owner
    day = frame.as_of
    owners: dict[str | None, Load] = {}
    officers: dict[str | None, Load] = {}
    whole = _load(None)
    # One after the other: of a large register only the numbers are kept.
    for case in tallying.each_open(connection, owner=owner):
        for load in (_of(owners, case.owner), _of(officers, case.officer), whole):
            _add(load, case, day)
    return WorkloadReport(
        frame=frame,
        by_owner=_in_order(owners),
        by_officer=_in_order(officers),
        whole=whole,
        totals=Tally.total(tallying.tallies(connection, day, owner=owner)),
    )


def _load(key: str | None) -> Load:
    return Load(key, 0, 0, 0, 0, 0, 0, 0, None)


def _of(loads: dict[str | None, Load], key: str | None) -> Load:
    if key not in loads:
        loads[key] = _load(key)
    return loads[key]


def _in_order(loads: dict[str | None, Load]) -> list[Load]:
    return [loads[key] for key in sorted(loads, key=lambda key: (key is None, key))]


def _add(load: Load, case: Listed, day: date) -> None:
    """Count one open case."""
    load.open += 1
    load.under_study += case.state == State.UNDER_STUDY
    if case.held_since is not None:
        load.on_hold += 1
    elif is_overdue(case.state, case.due, day, case.held_since):
        load.overdue += 1
    elif case.due is None:
        load.no_due_date += 1
    else:
        soon = case.due - day <= SOON
        load.due_soon += soon
        load.due_later += not soon
        load.next_due = min(load.next_due or case.due, case.due)
