"""The review: the outcome of each recommendation of the previous conference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import RefusedError, UsageError
from casework.kinds.choices import CHOICES, YES, State
from casework.kinds.records import Conference, plain
from casework.papers.model import Column, Fact, Section
from casework.questions import flow, listing, lookup, tallying
from casework.questions.conferences import next_conference
from casework.questions.lookup import office_day
from casework.questions.tallying import Tally
from casework.reports.columns import of_fields
from casework.reports.context import called, column, sources
from casework.store.record_rows import ref_parts
from casework.system.spooled import mapped, ordered
from casework.system.text import sort_key
from casework.words import in_language, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.kinds.listed import Followed
    from casework.papers.model import Paper
    from casework.questions.flow import Flow
    from casework.reports.context import Frame, Sources
    from casework.reports.making import Listing
    from casework.reports.question import Question
    from casework.rules.periods import Period
    from casework.store.connections import Connection
    from casework.system.spooled import Rows


Known = dict[str, "Followed"]
"""Cases by reference."""

BALANCE = ("opening", "new", "reopened", "closed", "closing")
"""The parts of the balance between two conferences."""

Repeats = dict[str, list[str]]
"""The earlier cases that each case repeats."""


class Carried(NamedTuple):
    """A case that is still open. `times` counts how often it was recommended, from `first` on.

    It may repeat several earlier cases; `first` is the one proposed first.
    """

    case: Followed
    first: Followed
    times: int


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """The outcome of each recommendation of one conference by the time of another.

    The balance covers the whole register, from the opening of one conference to the day before the
    other: opening + new + reopened - closed = closing.
    """

    frame: Frame
    of: Conference
    coming: Conference
    balance: Flow
    totals: Tally
    recommendations: Rows[Followed]
    asked_again: dict[str, str]
    carried: Rows[Carried]

    def as_json(self, listed: Listing = list) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            **self.frame.as_json(),
            "of": _conference(self.of),
            "for": _conference(self.coming),
            **({"balance": self._whole()} if self.frame.flow is None else {}),
            "recommendations": listed(
                _case(one) | {"asked_again": self.asked_again.get(one.ref)}
                for one in self.recommendations
            ),
            "verdicts": self._verdicts(),
            "carried_over": listed(
                _case(one.case)
                | {
                    "times": one.times,
                    "first_ref": one.first.ref,
                    "first_conference": one.first.conference,
                    "first_proposed_on": one.first.proposed_on.isoformat(),
                    "age_days": self._age(one),
                }
                for one in self.carried
            ),
            **self.frame.closing_json(),
        }

    def paper(self, lang: str) -> Paper:
        """Return the report as a paper in a language."""
        facts = [
            _fact("review_of", self.of, lang),
            _fact("before", self.coming, lang),
        ]
        anything = any(self._whole().values()) or self.recommendations
        unknown = word("nothing_recommended", lang).format(self.of.code)
        return self.frame.paper(
            "review_report",
            lang,
            [
                *([self._balance(lang)] if self.frame.flow is None else []),
                self._fates(lang),
                *self._said(lang),
                self._carried(lang),
            ],
            facts=facts,
            remarks=() if self.recommendations or not anything else (unknown,),
            totals=self.totals,
            nothing="" if anything else unknown,
        )

    def _whole(self) -> dict[str, int]:
        told = self.balance.as_json()
        return {name: told[name] for name in BALANCE}

    def _age(self, one: Carried) -> int:
        return (self.frame.as_of - one.first.proposed_on).days

    def _balance(self, lang: str) -> Section:
        *rows, _ = self._whole().items()
        return Section(
            key="balance",
            heading=word("flow", lang),
            columns=[Column("part", "", "word", wide=True), column("cases", lang, "count")],
            rows=rows,
            total=(word("closing", lang), self.balance.closing),
            note=word("flow_note", lang),
        )

    def _fates(self, lang: str) -> Section:
        return Section(
            key="recommendations",
            heading=word("fates", lang),
            columns=[
                *_case_columns(lang),
                *of_fields(lang, ("outcome", "answer", "resolved_on", "document", "verdict")),
                column("asked_again", lang, "code", "filled"),
            ],
            rows=mapped(
                self.recommendations,
                lambda one: (
                    *_case_row(one, lang),
                    one.outcome if one.state == State.RESOLVED else None,
                    one.answer if one.state == State.RESOLVED else None,
                    one.resolved_on,
                    one.document,
                    one.verdict,
                    self.asked_again.get(one.ref),
                ),
            ),
            count=len(self.recommendations),
            empty=word("none", lang),
        )

    def _verdicts(self) -> dict[str, int]:
        """Return the number of resolutions for each verdict, and of those without one."""
        resolved = [one.verdict for one in self.recommendations if one.state == State.RESOLVED]
        named = {one: resolved.count(one) for one in CHOICES["Verdict"]}
        return {**named, "unasked": resolved.count(None)}

    def _said(self, lang: str) -> Iterator[Section]:
        """Yield the verdicts of the proposers, if there are any."""
        found = self._verdicts()
        if sum(found.values()) > found["unasked"]:
            yield Section(
                key="verdicts",
                heading=word("verdicts", lang),
                columns=[Column("verdict", "", "word", wide=True), column("cases", lang, "count")],
                rows=[*found.items()],
                total=(word("resolved", lang), sum(found.values())),
            )

    def _carried(self, lang: str) -> Section:
        again = any(one.times > 1 for one in self.carried)
        return Section(
            key="carried_over",
            heading=word("carried_over", lang),
            columns=[
                *_case_columns(lang),
                column("first_conference", lang, "conference", "filled"),
                column("first_proposed_on", lang, "date"),
                column("times", lang, "count"),
                column("age_days", lang, "count"),
            ],
            rows=mapped(
                self.carried,
                lambda one: (
                    *_case_row(one.case, lang),
                    one.first.conference,
                    one.first.proposed_on,
                    one.times,
                    self._age(one),
                ),
            ),
            count=len(self.carried),
            empty=word("none", lang),
            note=word("times_note", lang) if again else "",
            urgent=again,
        )


SHOWN = ("ref", "title", "title_vi", "owner", "state", "due")
"""The first columns of every list."""


def _case_columns(lang: str) -> list[Column]:
    return of_fields(lang, SHOWN, data=("title_vi",))


def _case_row(one: Followed, lang: str) -> tuple[Any, ...]:
    title = in_language(one.title, one.title_vi, lang)
    return tuple(title if name == "title" else getattr(one, name) for name in SHOWN)


def _case(one: Followed) -> dict[str, Any]:
    return {name: plain(value) for name, value in one._asdict().items()}


def _conference(one: Conference) -> dict[str, Any]:
    return {"conference": one.code, "date": plain(one.date)}


def conferences(
    connection: Connection, of: str | None, coming: str | None, day: date
) -> tuple[Conference, Conference]:
    """Return the conference that is reviewed and the one the review is made for.

    By default these are the next conference after a day and the one before it, whose year is
    enough. Raises RefusedError if there is none, one has no date, or the order is wrong.
    """
    if coming is not None:
        later = lookup.find(connection, Conference, coming)
    else:
        found = next_conference(connection, day)
        found.refuse_unclear("review.name-conference")
        if found.conference is None:
            raise RefusedError("review.no-next")
        later = found.conference
    earlier = lookup.find(connection, Conference, of or _before(later))
    for one, opening in ((earlier, opened(earlier)), (later, later.date)):
        if opening is None:
            raise RefusedError("review.no-day", code=one.code)
    start = opened(earlier)
    if start is not None and later.date is not None and start >= later.date:
        raise RefusedError(
            "review.order", code=earlier.code, start=start, later=later.code, date=later.date
        )
    return earlier, later


def opened(conference: Conference) -> date | None:
    """Return the day of a conference, or the first day of its year if only that is known."""
    if conference.date is None and conference.year is not None:
        return date(conference.year, 1, 1)
    return conference.date


def _before(later: Conference) -> str:
    if later.previous is None:
        raise RefusedError("review.which-before", code=later.code)
    return later.previous


def report(connection: Connection, asked: Question) -> ReviewReport:
    """Make the review: by default as of the day before the later conference, or today.

    Raises RefusedError for a day before the first conference, and UsageError for the day of the
    later one or after it, which belongs to the next review.
    """
    now = office_day(connection)
    if asked.period is not None:
        return _of_period(connection, asked, asked.period, now)
    of, coming = conferences(connection, asked.of, asked.coming, asked.as_of or now)
    eve = _eve(coming, now)
    if asked.as_of is not None and asked.as_of > eve:
        raise UsageError("review.after-eve", day=asked.as_of, conference=coming.code, eve=eve)
    day = asked.as_of or (eve if eve < now else None)
    with sources(connection, replace(asked, as_of=day), _repeated) as found:
        return _report(found, of, coming)


def _of_period(connection: Connection, asked: Question, period: Period, now: date) -> ReviewReport:
    """Make the review of a period between the two conferences."""
    day = period.counted(now)
    of, coming = conferences(connection, asked.of, asked.coming, day)
    start, eve = opened(of), _eve(coming, now)
    if start is None or period.first < start or day > eve:
        raise UsageError("review.period", first=start, last=eve, code=of.code, later=coming.code)
    with sources(connection, asked, _repeated) as found:
        return _report(found, of, coming)


def _repeated(then: Connection) -> tuple[Known, Repeats]:
    # Of all cases only those that repeat one, or are repeated, are known at once.
    return listing.repeated(then), listing.repeats(then)


def _eve(coming: Conference, now: date) -> date:
    return coming.date - timedelta(1) if coming.date else now


def _report(found: Sources, of: Conference, coming: Conference) -> ReviewReport:
    connection, then, frame = found.store, found.then, found.frame
    start = opened(of)
    if start is None or frame.as_of < start:
        raise RefusedError("review.not-met", code=of.code, as_of=frame.as_of)
    known, again = found.had
    carried = (_followed_back(one, known, again) for one in listing.still_open(then))
    tallies = tallying.tallies(then, frame.as_of, "conference", conference=of.code)
    return ReviewReport(
        frame=frame,
        of=of,
        coming=coming,
        balance=frame.flow
        or flow.within(connection, then, start, frame.as_of, frame.known_at, frame.among()),
        totals=Tally.total(tallies),
        recommendations=listing.recommended(then, of.code),
        asked_again=asked_again(known, again),
        carried=ordered(carried, _longest_first),
    )


def _longest_first(one: Carried) -> tuple[Any, ...]:
    first, case = one.first, one.case
    return case.priority != YES, first.proposed_on, -one.times, sort_key(case.ref)


def _fact(label: str, one: Conference, lang: str) -> Fact:
    """Return the fact about a conference for a paper: its code, name and day."""
    code, name = one.code, called(one, lang)
    if one.date is None:
        year = word("year_only", lang)
        code, name = year.format(code, one.year), name and year.format(name, one.year)
    return Fact(word(label, lang), code, one.date, name)


def asked_again(known: Known, repeats: Repeats) -> dict[str, str]:
    """Return, for each case that was repeated, the last case that repeats it."""
    found: dict[str, str] = {}
    for later in sorted(repeats, key=lambda ref: _asked(known[ref])):
        found |= dict.fromkeys(repeats[later], later)
    return found


def _followed_back(case: Followed, known: Known, repeats: Repeats) -> Carried:
    """Return a case with the earliest case that it repeats, directly or not."""
    reached, ahead = {case.ref: case}, [case.ref]
    while ahead:
        for ref in repeats.get(ahead.pop(), ()):
            # Links that were removed and made again out of their order may form a circle for a day.
            if ref in known and ref not in reached:
                reached[ref] = known[ref]
                ahead.append(ref)
    return Carried(case, min(reached.values(), key=_asked), len(reached))


def _asked(case: Followed) -> tuple[date, tuple[str, int]]:
    return case.proposed_on, ref_parts(case.ref)
