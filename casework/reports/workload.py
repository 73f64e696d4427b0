"""The workload report: the cases of each owner and each officer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from casework.kinds.choices import State
from casework.kinds.records import plain
from casework.papers.model import Chart, Column, Section
from casework.questions import tallying
from casework.questions.tallying import Tally
from casework.reports.context import BARS, column, sources
from casework.rules.workflow import is_overdue
from casework.system.text import sort_key
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from casework.kinds.listed import Listed
    from casework.papers.model import Kind, Paper
    from casework.reports.context import Frame, Sources
    from casework.reports.question import Question
    from casework.store.connections import Connection

SOON = timedelta(30)
"""How far ahead a due date is counted as soon."""

PARTS = {
    "overdue": "open_overdue",
    "due_soon": "due_soon",
    "due_later": "due_later",
    "no_due_date": "open_no_due",
    "on_hold": "open_on_hold",
}
"""What open cases are divided into, and under which word it stands."""


@dataclass(frozen=True, slots=True)
class Load:
    """The open cases of an owner or an officer: overdue, soon, later, no due date, or on hold.

    Those five add up to `open`. `under_study` counts those that were begun, and `next_due` is the
    first due date still ahead.
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
    """What everybody has on the desk; cases nobody owns and nobody handles have rows too."""

    frame: Frame
    by_owner: list[Load]
    by_officer: list[Load]
    whole: Load
    totals: Tally

    def as_json(self) -> dict[str, Any]:
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
                self._part("officer", "code", self.by_officer, lang),
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
        series = (word("not_overdue", lang), word("still_overdue", lang))
        return (Chart(word("workload_chart", lang), series, bars),) if bars else ()


def _row(key: str | None, one: Load) -> tuple[Any, ...]:
    counted = [getattr(one, name) for name in PARTS]
    return (key, one.open, one.under_study, *counted, one.next_due)


def _json(one: Load, by: str | None) -> dict[str, Any]:
    values = {name: plain(value) for name, value in asdict(one).items()}
    key = values.pop("key")
    return {by: key, **values} if by else values


def report(connection: Connection, asked: Question) -> WorkloadReport:
    """Make the report: the open cases, of all owners or one, counted by owner and by officer."""
    with sources(connection, asked) as found:
        return _report(found)


def _report(found: Sources) -> WorkloadReport:
    connection, frame, owner = found.then, found.frame, found.owner
    cases = tallying.open_cases(connection, owner=owner)
    day = frame.as_of
    return WorkloadReport(
        frame=frame,
        by_owner=_loads(((one.owner, one) for one in cases), day),
        by_officer=_loads(((one.officer, one) for one in cases), day),
        whole=_load(None, cases, day),
        totals=Tally.total(tallying.tallies(connection, day, owner=owner)),
    )


def _loads(cases: Iterable[tuple[str | None, Listed]], day: date) -> list[Load]:
    found: dict[str | None, list[Listed]] = {}
    for key, case in cases:
        found.setdefault(key, []).append(case)
    keys = sorted(found, key=lambda key: (key is None, key))
    return [_load(key, found[key], day) for key in keys]


def _load(key: str | None, cases: list[Listed], day: date) -> Load:
    held = sum(one.held_since is not None for one in cases)
    late = sum(is_overdue(one.state, one.due, day, one.held_since) for one in cases)
    ahead = [one.due for one in cases if one.held_since is None and one.due and one.due >= day]
    soon = sum(due - day <= SOON for due in ahead)
    return Load(
        key=key,
        open=len(cases),
        under_study=sum(one.state == State.UNDER_STUDY for one in cases),
        overdue=late,
        due_soon=soon,
        due_later=len(ahead) - soon,
        no_due_date=len(cases) - held - late - len(ahead),
        on_hold=held,
        next_due=min(ahead, default=None),
    )
