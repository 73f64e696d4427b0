"""The progress report: the government's own balance of tasks, in total and in parts.

Completed (on time, late) and not completed (within the deadline, overdue), as in report
1270/BC-TCTTTg of 2017: 21,914 = 16,051 (14,068 + 1,983) + 5,863 (5,640 + 223). Cases without a due
date are neither on time nor late; they have separate rows, so that the balance holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casework.papers.formatting import number, places, sentence
from casework.papers.model import Chart, Column, Fact, Section, Share
from casework.questions import tallying
from casework.questions.tallying import Tally
from casework.reports.context import column, count_columns, counts, lateness_chart, sources
from casework.system.text import sort_key
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casework.papers.model import Kind, Paper
    from casework.reports.context import Frame, Sources
    from casework.reports.making import Listing
    from casework.reports.question import Question
    from casework.store.connections import Connection

RATES = ("completed_of_due", "on_time_of_completed", "overdue_of_open")


def rates(tally: Tally) -> dict[str, Share]:
    """Return the rates of a balance, without cases that have no due date.

    They are: completed, of those completed or due; on time, of the completed; overdue, of the not
    completed. Cases that a source calls completed but denies are in none until somebody decides.
    """
    on_time, late = _completed(tally)
    completed = on_time + late
    in_time, overdue = _not_completed(tally)
    shares = (
        Share(completed, completed + overdue),
        Share(on_time, completed),
        Share(overdue, in_time + overdue),
    )
    return dict(zip(RATES, shares, strict=True))


def _completed(tally: Tally) -> tuple[int, int]:
    """Return the numbers of cases resolved on time and late, without doubted ones."""
    late = tally.resolved_late - _doubted_late(tally)
    return tally.resolved_on_time - tally.doubted_on_time, late


def _doubted_late(tally: Tally) -> int:
    return tally.doubted - tally.doubted_no_due - tally.doubted_on_time


def _claims(tally: Tally) -> tuple[int, int, int]:
    """Return the numbers of cases only claimed to be completed, in time and late."""
    in_time = _claimed_in_time(tally) + tally.doubted_on_time
    return tally.claimed + tally.doubted, in_time, tally.claimed_overdue + _doubted_late(tally)


def _not_completed(tally: Tally) -> tuple[int, int]:
    """Return the numbers of open cases in time and overdue, without claimed ones."""
    overdue = tally.open_overdue - tally.claimed_overdue
    return tally.open_in_time - _claimed_in_time(tally), overdue


def _claimed_in_time(tally: Tally) -> int:
    return tally.claimed - tally.claimed_no_due - tally.claimed_overdue


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """The balance of all cases in question, and by owner, conference and theme."""

    frame: Frame
    owner: str | None
    conference: str | None
    totals: Tally
    by_owner: list[Tally]
    by_conference: list[Tally]
    by_theme: list[Tally]

    def as_json(self, listed: Listing = list) -> dict[str, Any]:
        """Return the report as JSON; a rate has its numerator and denominator."""
        return {
            **self.frame.as_json(),
            "owner": self.owner,
            "conference": self.conference,
            "totals": _balance(self.totals),
            "by_owner": [{"owner": one.key, **_balance(one)} for one in self.by_owner],
            "by_conference": [
                {"conference": one.key, **_balance(one)} for one in self.by_conference
            ],
            "by_theme": [{"theme": one.key, **_balance(one)} for one in self.by_theme],
            **self.frame.closing_json(),
        }

    def paper(self, lang: str) -> Paper:
        """Return the report as a paper in a language."""
        facts = []
        if self.owner is not None:
            facts.append(Fact(word("owner", lang), self.frame.name(self.owner, lang)))
        if self.conference is not None:
            name = self.frame.others.get("conference", {}).get(self.conference, (None, None))
            named = name[lang == "vi"] or name[0]
            facts.append(Fact(word("conference", lang), self.conference, name=named))
        owners = self.frame.by_name(self.by_owner, lang)
        themes = sorted(self.by_theme, key=lambda one: (one.key is None, sort_key(one.key or "")))
        return self.frame.paper(
            "progress_report",
            lang,
            [
                self._square(lang),
                self._rates(lang),
                self._part("owner", owners, lang),
                self._part("conference", self.by_conference, lang),
                self._part("theme", themes, lang),
            ],
            facts=facts,
            remarks=self._remarks(lang),
            totals=self.totals,
            nothing="" if self.totals.cases else word("nothing_asked", lang),
        )

    def _remarks(self, lang: str) -> Iterator[str]:
        claimed, *_ = _claims(self.totals)
        if claimed:
            yield word("claims_note", lang).format(count=number(claimed, lang))

    def _square(self, lang: str) -> Section:
        """Return the table of completed or not, in time or late, and of the rest.

        Cases only claimed to be completed, and those without a due date, have separate rows.
        """
        whole = self.totals
        on_time, late = _completed(whole)
        in_time, overdue = _not_completed(whole)
        claimed = _claims(whole)
        series = (sentence(word("in_time", lang)), sentence(word("late", lang)))
        bars = [
            (sentence(word("completed", lang)), (on_time, late)),
            (sentence(word("not_completed", lang)), (in_time, overdue)),
        ]
        return Section(
            key="balance",
            heading=word("balance", lang),
            columns=[
                Column("part", "", "word", wide=True),
                column("cases", lang, "count"),
                column("in_time", lang, "count"),
                column("late", lang, "count"),
            ],
            rows=[
                ("completed", on_time + late, on_time, late),
                ("not_completed", in_time + overdue, in_time, overdue),
                *([("open_claimed", *claimed)] if claimed[0] else []),
                ("completed_no_due", whole.resolved_no_due - whole.doubted_no_due, None, None),
                ("not_completed_no_due", whole.open_no_due - whole.claimed_no_due, None, None),
            ],
            total=(
                word("total", lang),
                whole.cases,
                whole.resolved_on_time + whole.open_in_time,
                whole.resolved_late + whole.open_overdue,
            ),
            charts=(Chart(word("balance_chart", lang), series, bars),),
        )

    def _rates(self, lang: str) -> Section:
        return Section(
            key="rates",
            heading=word("rates", lang),
            columns=[
                Column("part", "", "word", wide=True),
                column("rate", lang, "share"),
            ],
            rows=list(rates(self.totals).items()),
            note=word("rates_note", lang),
        )

    def _part(self, by: str, tallies: list[Tally], lang: str) -> Section:
        lacking = word(f"no_{by}", lang)
        kinds: Mapping[str, Kind] = {"owner": "org", "conference": "conference"}
        kind = kinds.get(by, "text")
        return Section(
            key=f"by_{by}",
            heading=word(f"by_{by}", lang),
            columns=[
                column(by, lang, kind, wide=True, lacking=lacking),
                *count_columns(lang),
                column("open_claimed", lang, "count", "filled"),
                column("completed_of_due", lang, "share"),
            ],
            rows=[_row(one.key, one) for one in tallies],
            total=_row(word("total", lang), self.totals),
            empty=word("none", lang),
            note=word("themes_note", lang) if by == "theme" else "",
            charts=lateness_chart(self.frame, self.by_owner, lang) if by == "owner" else (),
        )


def report(connection: Connection, asked: Question) -> ProgressReport:
    """Make the report for all cases, or those of one owner or conference."""
    with sources(connection, asked) as found:
        return _report(found)


def _report(found: Sources) -> ProgressReport:
    frame, owner, conference = found.frame, found.owner, found.conference

    def ask(by: str) -> list[Tally]:
        return tallying.tallies(found.then, frame.as_of, by, owner=owner, conference=conference)

    by_owner = frame.inherited(ask("owner"))
    return ProgressReport(
        frame=frame,
        owner=owner,
        conference=conference,
        totals=Tally.total(by_owner),
        by_owner=by_owner,
        by_conference=ask("conference"),
        by_theme=ask("theme"),
    )


def _row(key: str | None, tally: Tally) -> tuple[Any, ...]:
    return (key, *counts(tally).values(), _claims(tally)[0], rates(tally)["completed_of_due"])


def _balance(tally: Tally) -> dict[str, Any]:
    shares = {name: _rate(one) for name, one in rates(tally).items()}
    return counts(tally) | {"open_claimed": _claims(tally)[0], "rates": shares}


def _rate(share: Share) -> dict[str, Any]:
    of_hundred = None if share.hundredths is None else places(share.hundredths)
    return {"part": share.part, "whole": share.whole, "percent": of_hundred}
