"""The forecast: the chance that open cases are resolved by the conference, from past durations.

For each state, the log shows how long it took from the day a case entered it until the case was
resolved; open cases and doubted resolutions count as far as they have come. An open case has the
chance of cases that had been in its state as long. This assumes that the future is like the past.
"""

from __future__ import annotations

from array import array
from dataclasses import asdict, dataclass
from math import prod
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.kinds.choices import State
from casework.kinds.records import plain
from casework.papers.model import Section
from casework.questions import spans, tallying
from casework.questions.audit_log import known_until
from casework.reports.columns import of_fields
from casework.reports.context import column, sources
from casework.reports.durations import Chance, spread
from casework.reports.overdue import horizon
from casework.reports.times import FIELDS, Stay, Times, stays
from casework.system.spooled import mapped, ordered
from casework.words import in_language, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.kinds.listed import Listed
    from casework.papers.model import Paper
    from casework.questions.tallying import Tally
    from casework.reports.backtest import BacktestReport
    from casework.reports.context import Frame, Sources
    from casework.reports.making import Listing
    from casework.reports.overdue import Horizon
    from casework.reports.question import Question
    from casework.store.connections import Connection
    from casework.system.spooled import Rows

HUNDRED = 100


class Forecast(NamedTuple):
    """An open case and its chance; None if too little is known of similar cases."""

    case: Listed
    days: int
    chance: Chance | None


@dataclass(frozen=True, slots=True)
class Basis:
    """What the log shows about a state: how often cases entered it and were then resolved."""

    state: State
    spells: int
    resolved: int
    median: int | None


@dataclass(frozen=True, slots=True)
class Whole:
    """What is expected of all open cases with a chance.

    `low` and `high` bound the number that is resolved, at 95 per cent, even if chances lie at the
    ends of their intervals; `all_resolved` is the chance that all are.
    """

    open: int
    told: int
    expected: float
    low: int
    high: int
    all_resolved: float | None


@dataclass(frozen=True, slots=True)
class ForecastReport:
    """The chances of open cases, the smallest first, and their basis."""

    frame: Frame
    horizon: Horizon
    cases: Rows[Forecast]
    basis: list[Basis]
    whole: Whole
    totals: Tally

    def as_json(self, listed: Listing = list) -> dict[str, Any]:
        """Return the report under stable names; chances are in hundredths."""
        return {
            **self.frame.as_json(),
            "horizon": self.horizon.as_json(),
            "whole": {
                **asdict(self.whole),
                "expected": round(self.whole.expected),
                "all_resolved": _hundredths(self.whole.all_resolved),
            },
            "cases": listed(_json(one) for one in self.cases),
            "basis": [{name: plain(v) for name, v in asdict(one).items()} for one in self.basis],
            **self.frame.closing_json(),
        }

    def paper(self, lang: str) -> Paper:
        """Return the report as a paper in a language."""
        return self.frame.paper(
            "forecast_report",
            lang,
            [self._cases(lang), self._basis(lang)],
            facts=self.horizon.facts(lang),
            remarks=self._remarks(lang),
            totals=self.totals,
            nothing=self._nothing(lang),
        )

    def _nothing(self, lang: str) -> str:
        """Return what to say if no chance can be given."""
        if not self.whole.open:
            return word("nothing_open", lang)
        if self.horizon.day is None:
            return " ".join(self.horizon.remarks(lang))
        if self.whole.all_resolved is None:
            return word("forecast_nothing", lang).format(open=self.whole.open)
        return ""

    def _remarks(self, lang: str) -> list[str]:
        whole = self.whole
        if whole.all_resolved is None:
            return [] if whole.open else [*self.horizon.doubts(lang)]
        said = word("forecast_whole", lang).format(
            told=whole.told,
            expected=round(whole.expected),
            low=whole.low,
            high=whole.high,
            all=_hundredths(whole.all_resolved),
        )
        unknown = whole.open - whole.told
        more = [word("forecast_unknown", lang).format(count=unknown)] if unknown else []
        return [said, *more, word("forecast_supposes", lang)]

    def _cases(self, lang: str) -> Section:
        return Section(
            key="chances",
            heading=word("chances", lang),
            columns=[
                *of_fields(lang, ("ref", "title")),
                column("owner", lang, "org", lacking=word("no_owner", lang)),
                *of_fields(lang, ("state",)),
                column("days_in_state", lang, "count"),
                *of_fields(lang, ("due",)),
                column("chance", lang, "count", lacking=word("too_little", lang)),
                column("chance_low", lang, "count"),
                column("chance_high", lang, "count"),
                column("behind", lang, "count"),
            ],
            rows=mapped(self.cases, lambda one: self._row(one, lang)),
            count=len(self.cases),
            empty=word("none", lang),
        )

    @staticmethod
    def _row(one: Forecast, lang: str) -> tuple[Any, ...]:
        case, chance = one.case, one.chance
        title = in_language(case.title, case.title_vi, lang)
        told = (None, None, None, None)
        if chance is not None:
            values = (chance.value, chance.low, chance.high)
            told = (*map(_hundredths, values), chance.behind)  # type: ignore[assignment]
        return (case.ref, title, case.owner, case.state, one.days, case.due, *told)

    def _basis(self, lang: str) -> Section:
        return Section(
            key="basis",
            heading=word("forecast_basis", lang),
            columns=[
                column("state", lang, "word"),
                column("spells", lang, "count"),
                column("resolved", lang, "count"),
                column("median_days", lang, "count", lacking="–"),
            ],
            rows=[(one.state, one.spells, one.resolved, one.median) for one in self.basis],
        )


def report(connection: Connection, asked: Question) -> ForecastReport | BacktestReport:
    """Make the report from the durations in the log up to its day, and the cases open then.

    It learns from the cases of every owner; `owner` only chooses the cases that get a chance. With
    `backtest` it also reports how good it was.
    """
    if asked.backtest:
        from casework.reports import backtest

        return backtest.report(connection, asked)
    with sources(connection, asked) as found:
        return _report(found, horizon(found))


def _report(found: Sources, horizon: Horizon) -> ForecastReport:
    then, frame, owner = found.then, found.frame, found.owner
    times, since = _times(found.store, frame)
    ahead = None
    if horizon.day is not None:
        # What is resolved on a conference's first day was not resolved before it.
        ahead = (horizon.day - frame.as_of).days - (horizon.conference is not None)

    def told() -> Iterator[Forecast]:
        for case, known in _where(tallying.each_open(then, owner=owner), since):
            stay = known or Stay(State(case.state), frame.as_of)
            days = (frame.as_of - stay.since).days
            chance = None if ahead is None else times[stay.state].within(days, ahead)
            yield Forecast(case, days, chance)

    def unlikely(one: Forecast) -> tuple[Any, ...]:
        return one.chance is None, one.chance and one.chance.value, one.case.ref

    cases = ordered(told(), unlikely)
    return ForecastReport(
        frame=frame,
        horizon=horizon,
        cases=cases,
        basis=[
            Basis(state, curve.spells, curve.over, curve.median())
            for state, curve in times.curves.items()
        ],
        whole=_whole(cases),
        totals=tallying.Tally.total(tallying.tallies(then, frame.as_of, owner=owner)),
    )


def _times(connection: Connection, frame: Frame) -> tuple[Times, Rows[tuple[str, Stay]]]:
    """Return the times from entering each state to a resolution, and the present states.

    Open cases are sorted by reference as text.
    """
    times = Times()
    until = known_until(connection, frame.known_at)

    def still_open() -> Iterator[tuple[str, Stay]]:
        for life in spans.lives(connection, FIELDS, until):
            found = stays(life.steps(), frame.as_of)
            times.learn(found, frame.as_of)
            if found and found[-1].state is not State.RESOLVED:
                yield life.key, found[-1]

    return times, ordered(still_open(), itemgetter(0))


def _where(
    cases: Iterable[Listed], since: Iterable[tuple[str, Stay]]
) -> Iterator[tuple[Listed, Stay | None]]:
    """Yield cases with the state of each; `since` is sorted by reference as text."""
    known = iter(since)
    ref, stay = "", None
    for case in ordered(cases, attrgetter("ref")):
        while ref < case.ref and (found := next(known, None)) is not None:
            ref, stay = found
        yield case, stay if ref == case.ref else None


def _whole(cases: Rows[Forecast]) -> Whole:
    # Of however many cases, these numbers are all that is kept.
    values, lows, highs = array("d"), array("d"), array("d")
    for _, _, chance in cases:
        if chance is not None:
            values.append(chance.value)
            lows.append(chance.low)
            highs.append(chance.high)
    return Whole(
        open=len(cases),
        told=len(values),
        expected=sum(values),
        low=spread(lows)[0],
        high=spread(highs)[1],
        all_resolved=prod(values) if values else None,
    )


def _hundredths(chance: float | None) -> int | None:
    return None if chance is None else round(HUNDRED * chance)


def _json(one: Forecast) -> dict[str, Any]:
    case, chance = one.case, one.chance
    return {
        "ref": case.ref,
        "title": case.title,
        "title_vi": case.title_vi,
        "owner": case.owner,
        "state": case.state,
        "days_in_state": one.days,
        "due": plain(case.due),
        "chance": chance and _hundredths(chance.value),
        "low": chance and _hundredths(chance.low),
        "high": chance and _hundredths(chance.high),
        "behind": chance and chance.behind,
    }
