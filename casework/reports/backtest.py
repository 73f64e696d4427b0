"""Test the forecast on the past: what it would have said before earlier conferences.

For each past conference, the forecast is made as of a year, half a year and three months before it:
with what is known today and, if the log is old enough, with what had been recorded then. Chances
are good if three in ten of the cases given 30 % are resolved. The score is that of Brier
("Verification of forecasts expressed in terms of probability", Monthly Weather Review 78, 1950):
the mean squared difference between chance and outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.kinds.choices import State
from casework.kinds.records import Conference, plain
from casework.papers.model import Column, Section
from casework.questions import lookup, spans, tallying
from casework.questions.audit_log import known_until
from casework.reports.context import column, sources
from casework.reports.times import FIELDS, Times, stays
from casework.rules.dates import add_months
from casework.system.clock import last_moment
from casework.words import said, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from casework.papers.model import Paper
    from casework.questions.spans import Life
    from casework.questions.tallying import Tally
    from casework.reports.context import Frame, Sources
    from casework.reports.making import Listing
    from casework.reports.question import Question
    from casework.store.connections import Connection

MONTHS = (12, 6, 3)
"""The months before a conference at which the forecast is made."""

BUCKETS = 10
KNOWN = ("known_today", "known_then")


@dataclass(slots=True)
class Bucket:
    """The cases with chances of about the same size: their number, and those expected."""

    cases: int = 0
    expected: float = 0.0
    came: int = 0
    squares: float = 0.0

    def take(self, chance: float, came: int) -> None:
        """Count one case."""
        self.cases += 1
        self.expected += chance
        self.came += came
        self.squares += (chance - came) ** 2

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "cases": self.cases,
            "expected": _decimal(self.expected, 1),
            "came_true": self.came,
        }


@dataclass(slots=True)
class Scores:
    """Chances that were given, and their results."""

    buckets: list[Bucket] = field(default_factory=lambda: [Bucket() for _ in range(BUCKETS)])

    def take(self, chance: float, came: int) -> None:
        """Count one case."""
        self.buckets[min(int(chance * BUCKETS), BUCKETS - 1)].take(chance, came)

    @classmethod
    def of(cls, several: Iterable[Scores]) -> Scores:
        """Return several scores as one."""
        whole = cls()
        for one in several:
            for into, more in zip(whole.buckets, one.buckets, strict=True):
                into.cases += more.cases
                into.expected += more.expected
                into.came += more.came
                into.squares += more.squares
        return whole

    @property
    def whole(self) -> Bucket:
        """All of them as one bucket."""
        return Bucket(
            sum(one.cases for one in self.buckets),
            sum(one.expected for one in self.buckets),
            sum(one.came for one in self.buckets),
            sum(one.squares for one in self.buckets),
        )

    @property
    def brier(self) -> float | None:
        """The Brier score: 0 is perfect; None without cases."""
        whole = self.whole
        return whole.squares / whole.cases if whole.cases else None

    @property
    def reference(self) -> float | None:
        """The score of giving every case the average result, which was not known before."""
        whole = self.whole
        share = whole.came / whole.cases if whole.cases else 0.0
        return share * (1 - share) if whole.cases else None

    def as_json(self) -> dict[str, Any]:
        """Return the totals as JSON."""
        scores = {"brier": _decimal(self.brier, 3), "reference": _decimal(self.reference, 3)}
        return self.whole.as_json() | scores


@dataclass(slots=True)
class Trial:
    """A repeated forecast: for a conference, on a day, with what was known.

    `until` is the number of the last known event.
    """

    conference: Conference
    months: int
    day: date
    last: date
    known: str
    until: int
    open: int = 0
    times: Times = field(default_factory=Times)
    scores: Scores = field(default_factory=Scores)

    def learn(self, life: Life) -> None:
        """Learn from the durations of a case known by then."""
        self.times.learn(stays(life.steps(self.until), self.day), self.day)

    def judge(self, life: Life, owner: str | None) -> None:
        """Give a case its chance, and compare it with the result."""
        steps = [one for one in life.steps(self.until) if one.day <= self.day]
        found = stays(steps, self.day)
        if not found or found[-1].state is State.RESOLVED:
            return
        if owner not in {None, steps[-1].after.owner}:
            return
        self.open += 1
        now = found[-1]
        ahead = (self.last - self.day).days
        chance = self.times[now.state].within((self.day - now.since).days, ahead)
        if chance is not None:
            self.scores.take(chance.value, int(_resolved(life, self.last)))

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "conference": self.conference.code,
            "date": plain(self.conference.date),
            "months_before": self.months,
            "as_of": plain(self.day),
            "known": self.known.removeprefix("known_"),
            "open": self.open,
            **self.scores.as_json(),
        }


def _resolved(life: Life, day: date) -> bool:
    """Return whether a case was resolved on a day, by everything that is known."""
    found = stays(life.steps(), day)
    return bool(found) and found[-1].state is State.RESOLVED and not found[-1].doubted


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """All repeated forecasts, and how well their chances came true."""

    frame: Frame
    owner: str | None
    trials: list[Trial]
    totals: Tally

    def as_json(self, listed: Listing = list) -> dict[str, Any]:
        """Return the report under stable names; a chance is in hundredths, a score from 0 to 1."""
        return {
            **self.frame.as_json(),
            "owner": self.owner,
            **{known: self._whole(known) for known in KNOWN},
            "trials": [one.as_json() for one in self.trials],
            **self.frame.closing_json(),
        }

    def _whole(self, known: str) -> dict[str, Any] | None:
        scores = self._scores(known)
        if scores is None:
            return None
        calibration = [
            {"from": low, "to": high, **one.as_json()} for low, high, one in _buckets(scores)
        ]
        return scores.as_json() | {"calibration": calibration}

    def _scores(self, known: str) -> Scores | None:
        found = [one.scores for one in self.trials if one.known == known]
        return Scores.of(found) if found else None

    def paper(self, lang: str) -> Paper:
        """Return the report as a paper in a language."""
        told = any(one.scores.whole.cases for one in self.trials)
        return self.frame.paper(
            "backtest_report",
            lang,
            [*self._calibrations(lang), self._trials(lang)],
            remarks=self._remarks(lang) if told else (),
            totals=self.totals,
            nothing="" if told else word("backtest_nothing", lang),
        )

    def _remarks(self, lang: str) -> Iterator[str]:
        for known in KNOWN:
            scores = self._scores(known)
            if scores is not None and scores.whole.cases:
                yield said(
                    "word.backtest_whole",
                    lang,
                    known=word(known, lang),
                    cases=scores.whole.cases,
                    expected=_shown(scores.whole.expected, 1, lang),
                    came=scores.whole.came,
                    brier=_shown(scores.brier, 3, lang),
                    reference=_shown(scores.reference, 3, lang),
                )
        yield word("backtest_meaning", lang)

    def _calibrations(self, lang: str) -> Iterator[Section]:
        for known in KNOWN:
            scores = self._scores(known)
            if scores is None:
                continue
            whole = scores.whole
            yield Section(
                key=f"calibration_{known}",
                heading=f"{word('calibration', lang)}, {word(known, lang)}",
                columns=[
                    Column("chance", word("chance", lang), wide=True),
                    column("cases", lang, "count"),
                    column("expected", lang),
                    column("came_true", lang, "count"),
                ],
                rows=[
                    (f"{low}–{high}", one.cases, _shown(one.expected, 1, lang), one.came)
                    for low, high, one in _buckets(scores)
                ],
                total=(
                    word("total", lang),
                    whole.cases,
                    _shown(whole.expected, 1, lang),
                    whole.came,
                ),
            )

    def _trials(self, lang: str) -> Section:
        return Section(
            key="trials",
            heading=word("trials", lang),
            columns=[
                column("conference", lang, "conference"),
                column("date", lang, "date"),
                column("months_before", lang, "count"),
                Column("as_of", word("as_of", lang), "date"),
                column("known", lang, "word"),
                column("open", lang, "count"),
                column("told", lang, "count"),
                column("expected", lang),
                column("came_true", lang, "count"),
                column("brier", lang, lacking="–"),
                column("reference", lang, lacking="–"),
            ],
            rows=[_row(one, lang) for one in self.trials],
            count=len(self.trials),
        )


def _row(one: Trial, lang: str) -> tuple[Any, ...]:
    whole = one.scores.whole
    return (
        one.conference.code,
        one.conference.date,
        one.months,
        one.day,
        one.known,
        one.open,
        whole.cases,
        _shown(whole.expected, 1, lang),
        whole.came,
        _shown(one.scores.brier, 3, lang),
        _shown(one.scores.reference, 3, lang),
    )


def _buckets(scores: Scores) -> Iterator[tuple[int, int, Bucket]]:
    wide = 100 // BUCKETS
    for number, one in enumerate(scores.buckets):
        yield number * wide, (number + 1) * wide, one


def _decimal(value: float | None, digits: int) -> str | None:
    return None if value is None else f"{value:.{digits}f}"


def _shown(value: float | None, digits: int, lang: str) -> str | None:
    text = _decimal(value, digits)
    return text and (text.replace(".", ",") if lang == "vi" else text)


def report(connection: Connection, asked: Question) -> BacktestReport:
    """Make the report for every conference held by its day.

    Raises UsageError if the question also has a horizon.
    """
    if asked.before is not None or asked.until is not None:
        raise UsageError("backtest.no-horizon")
    with sources(connection, asked) as found:
        return _report(found)


def _report(found: Sources) -> BacktestReport:
    store, frame, owner = found.store, found.frame, found.owner
    until = known_until(store, frame.known_at)
    trials = list(_trials(found, until))
    # Twice through the log, case by case: what a day's forecast rests on, then what it says.
    for life in spans.lives(store, FIELDS, until):
        for one in trials:
            one.learn(life)
    for life in spans.lives(store, FIELDS, until):
        for one in trials if frame.has(life.key) else ():
            one.judge(life, owner)
    return BacktestReport(
        frame=frame,
        owner=owner,
        trials=[one for one in trials if one.open],
        totals=tallying.Tally.total(tallying.tallies(found.then, frame.as_of, owner=owner)),
    )


def _trials(found: Sources, until: int) -> Iterator[Trial]:
    zone = lookup.register(found.store).zone
    met = [
        (one.date, one)
        for one in lookup.directory(found.then, Conference)
        if one.date is not None and one.date <= found.frame.as_of
    ]
    for known in KNOWN:
        for opens, one in sorted(met, key=lambda pair: pair[0]):
            for months in MONTHS:
                day = add_months(opens, -months)
                last = opens - timedelta(1)
                seen = until
                if known == "known_then":
                    seen = min(until, known_until(found.store, last_moment(day, zone)))
                if seen >= 0:
                    yield Trial(one, months, day, last, known, seen)
