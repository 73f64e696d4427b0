"""The overdue report: cases that are late before the next conference, by owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from casework.errors import NotFoundError, RefusedError, UsageError
from casework.kinds.listed import Listed
from casework.kinds.records import Conference, plain
from casework.papers.model import Column, Fact, Section
from casework.questions import conferences, lookup, tallying
from casework.questions.tallying import Tally
from casework.reports.columns import of_fields
from casework.reports.context import called, column, count_columns, counts, lateness_chart, sources
from casework.rules.lateness import days_late, lateness
from casework.system.spooled import chosen, joined, mapped, same
from casework.words import Text, Written, in_language, long_date, word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from casework.papers.model import Paper
    from casework.reports.context import Frame, Sources
    from casework.reports.making import Listing
    from casework.reports.question import Question
    from casework.store.connections import Connection
    from casework.system.spooled import Rows

SECTIONS = (
    *("overdue", "due_before_horizon", "no_owner", "no_due_date", "orphaned"),
    *("on_hold", "claimed", "between"),
)
"""The lists of the report, in their order."""

SOMETIMES = {"on_hold", "claimed", "between"}
"""The lists that a paper has only if they are not empty."""

A_DAY = timedelta(1)

NAMED = 10
"""The most cases that a sentence names."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """The horizon of a report: a conference's opening day (not included), or a last day.

    `moved_from` is the opening day the conference had before it was moved. `unclear` has
    conferences that may or may not be the next one; then it has no day.
    """

    day: date | None
    conference: Conference | None = None
    moved_from: date | None = None
    unclear: tuple[Conference, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        told = {
            "conference": self.conference and self.conference.code,
            "date": plain(self.day),
        }
        if self.moved_from:
            told["moved_from"] = plain(self.moved_from)
        if self.unclear:
            told["unclear"] = [one.code for one in self.unclear]
        return told

    def remarks(self, lang: str) -> Iterator[str]:
        """Yield the remarks of a paper without a horizon."""
        if self.unclear:
            yield word("unclear_horizon", lang).format(listed=conferences.dated(self.unclear))
        elif self.day is None:
            yield word("no_horizon", lang)

    def doubts(self, lang: str) -> Iterator[str]:
        """Yield the remarks that are made even in an empty report."""
        if self.unclear:
            yield from self.remarks(lang)

    def facts(self, lang: str) -> Iterator[Fact]:
        """Yield its facts for the heading of a paper."""
        if self.conference is not None:
            named = called(self.conference, lang)
            yield Fact(word("before", lang), self.conference.code, self.day, named)
        elif self.day is not None:
            yield Fact(word("until", lang), self.day)


@dataclass(frozen=True, slots=True)
class OverdueReport:
    """The overdue report as of a day.

    No open case is left out silently. There are separate sections for cases without an owner,
    without a due date, and with an owner that no longer exists; for cases on hold, which are not
    overdue; for cases that their source calls ended but denies, which may be; and for those due
    `between` the two dates of a moved conference. A case may be in several sections.
    """

    frame: Frame
    owner: str | None
    horizon: Horizon
    overdue: Rows[Listed]
    due_before_horizon: Rows[Listed]
    no_owner: Rows[Listed]
    no_due_date: Rows[Listed]
    orphaned: Rows[Listed]
    on_hold: Rows[Listed]
    claimed: Rows[Listed]
    between: Rows[Listed]
    totals: Tally
    by_owner: list[Tally]
    coordinates: dict[str, int]

    def as_json(self, listed: Listing = list) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            **self.frame.as_json(),
            "horizon": self.horizon.as_json(),
            "totals": counts(self.totals),
            **{name: listed(self._entries(getattr(self, name))) for name in SECTIONS},
            "by_owner": [
                {"owner": one.key, **counts(one), "coordinates": self._coordinates(one.key)}
                for one in self.by_owner
            ],
            **self.frame.closing_json(),
        }

    def _coordinates(self, owner: str | None) -> int:
        return self.coordinates.get(owner, 0) if owner else 0

    def _entries(self, cases: Rows[Listed]) -> Iterator[dict[str, Any]]:
        return (entry(case, self.frame.as_of) for case in cases)

    def paper(self, lang: str) -> Paper:
        """Return the report as a paper in a language."""
        anything = self.totals.cases or any(self.coordinates.values())
        lists = [
            self._list(name, getattr(self, name), lang)
            for name in SECTIONS
            if name not in SOMETIMES or getattr(self, name)
        ]
        return self.frame.paper(
            "overdue_report",
            lang,
            [*lists, self._balance(lang)],
            facts=self._facts(lang),
            remarks=self._remarks(lang) if anything else self.horizon.doubts(lang),
            totals=self.totals,
            nothing="" if anything else word("nothing_asked", lang),
        )

    def _facts(self, lang: str) -> Iterator[Fact]:
        yield from self.horizon.facts(lang)
        if self.owner is not None:
            yield Fact(word("owner", lang), self.frame.name(self.owner, lang))

    def _remarks(self, lang: str) -> Iterator[str]:
        yield from self.horizon.remarks(lang)
        if self.horizon.moved_from is not None:
            days = (self.horizon.moved_from, self.horizon.day)
            was, now = (long_date(one, lang) for one in days if one)
            refs = ", ".join(one.ref for one in islice(self.between, NAMED))
            more = "" if len(self.between) <= NAMED else ", …"
            listed = f": {refs}{more}" if refs else ""
            told = word("horizon_moved", lang).format(was=was, now=now, count=len(self.between))
            yield told + listed

    def _list(self, name: str, cases: Rows[Listed], lang: str) -> Section:
        repeats = ""
        if name == "no_due_date" and cases and same(cases, self.no_owner):
            repeats = f"{word('same_cases', lang)} {word('no_owner', lang)}"
        return Section(
            key=name,
            heading=word(name, lang),
            columns=_columns(lang, owned=name != "no_owner"),
            rows=mapped(cases, lambda case: _row(case, self.frame.as_of, lang)),
            count=len(cases),
            empty=word("none", lang),
            repeats=repeats,
            urgent=name == "overdue",
        )

    def _balance(self, lang: str) -> Section:
        helps = any(self.coordinates.values())
        owners = self.frame.by_name(self.by_owner, lang)
        return Section(
            key="by_owner",
            heading=word("by_owner", lang),
            columns=[
                column("owner", lang, "org", wide=True, lacking=word("no_owner", lang)),
                *count_columns(lang),
                column("coordinates", lang, "count", "filled"),
            ],
            rows=[(one.key, *counts(one).values(), self._coordinates(one.key)) for one in owners],
            total=(word("total", lang), *counts(self.totals).values(), None),
            note=word("coordinates_note", lang) if helps else "",
            charts=lateness_chart(self.frame, self.by_owner, lang),
        )


SHOWN = (
    *("ref", "title", "title_vi", "owner", "state", "conference", "proposer", "officer", "due"),
    *("original_due", "moved_from", "extensions", "held_since", "days_overdue", "reported"),
    "priority",
)
"""The members of a case in a list, in order: its fields, and those computed for a day."""

_COMPUTED = ("title", "moved_from", "days_overdue")
_PLACES = {name: place for place, name in enumerate((*Listed._fields, *_COMPUTED))}
_in_order = itemgetter(*(_PLACES[name] for name in SHOWN))


def _columns(lang: str, *, owned: bool) -> list[Column]:
    """Return the columns of a list; one of cases that are not `owned` shows people no owner."""
    computed = {
        "moved_from": Column("moved_from", word("original_due", lang), "date", "filled"),
        "days_overdue": column("days_overdue", lang, "days", "filled"),
    }
    fields = {
        one.key: one
        for one in of_fields(
            lang,
            (name for name in SHOWN if name not in computed),
            sheet=("conference", "proposer", "officer", "extensions"),
            data=("title_vi", "original_due", *(() if owned else ("owner",))),
        )
    }
    return [computed.get(name) or fields[name] for name in SHOWN]


def _row(case: Listed, day: date, lang: str) -> tuple[Any, ...]:
    title = in_language(case.title, case.title_vi, lang)
    moved_from = case.original_due if case.original_due != case.due else None
    late = days_late(case.state, case.due, day, case.held_since)
    if case.reported and lang != "en":
        case = case._replace(reported=Written(case.reported).said(lang))
    # Put in order at once: a list may have a hundred thousand of them.
    row: tuple[Any, ...] = _in_order((*case, title, moved_from, late))
    return row


def entry(case: Listed, day: date) -> dict[str, Any]:
    """Return a listed case as JSON, with its lateness on a day."""
    values = {name: plain(value) for name, value in case._asdict().items()}
    return values | lateness(case, day)


def horizon(found: Sources) -> Horizon:
    """Return the horizon of the report: the named conference, a last day, or the next conference.

    The store's log shows whether the conference was moved. Raises RefusedError for a conference
    without an exact date, and UsageError for a day before that of the report, or two horizons.
    """
    before, until = found.asked.before, found.asked.until
    if before is not None and until is not None:
        raise UsageError("report.before-or-until")
    then, day = found.then, found.frame.as_of
    if until is not None:
        return _ahead(Horizon(until), day)
    if before is None:
        coming = conferences.next_conference(then, day)
        conference = coming.conference
        if conference is None:
            return Horizon(None, unclear=tuple(coming.unclear))
    else:
        try:
            conference = lookup.find(then, Conference, before)
        except NotFoundError as error:
            raise NotFoundError(error.what, Text("report.or-until", hint=error.way_out)) from None
    if conference.date is None:
        year = conference.year
        known = Text("report.only-year", year=str(year)) if year else Text("report.no-date")
        raise RefusedError("report.horizon-day", code=conference.code, known=known)
    was = conferences.moved_from(found.store, conference, day, found.frame.known_at)
    return _ahead(Horizon(conference.date, conference, was), day)


def _ahead(horizon: Horizon, day: date) -> Horizon:
    if horizon.day is not None and horizon.day < day:
        name = f"{horizon.conference.code}, {horizon.day}," if horizon.conference else horizon.day
        raise UsageError("report.horizon-past", name=name, day=day)
    return horizon


def report(connection: Connection, asked: Question) -> OverdueReport:
    """Make the report for all cases, or those of one owner."""
    with sources(connection, asked) as found:
        return _report(found, horizon(found))


def _report(found: Sources, ahead: Horizon) -> OverdueReport:
    connection, frame, owner = found.then, found.frame, found.owner
    day = frame.as_of
    coming: Rows[Listed] = []
    if ahead.day is not None:
        last = ahead.day - A_DAY if ahead.conference else ahead.day
        coming = tallying.due_between(connection, day, last, owner=owner)
    between: Rows[Listed] = []
    if ahead.day is not None and ahead.moved_from is not None:
        first, end = sorted((ahead.day, ahead.moved_from))
        between = tallying.due_between(connection, first, end - A_DAY, owner=owner)
    tallies = tallying.tallies(connection, day, owner=owner)
    by_owner = frame.inherited(tallies)
    having = {one.key for one in tallies if one.open}
    ended = having.intersection(lookup.ended_organisations(connection, day))
    coordinates = tallying.coordinated(connection, frame.heirs)
    no_due = tallying.without_due_date(connection, owner=owner)
    odd = tallying.unowned_or_held(connection, owner=owner)
    # Few registers have any, and to find them all open cases are read.
    dated = tallying.of_ended_owners(connection, day, owner=owner) if ended else []
    orphaned = joined(dated, chosen(no_due, lambda one: one.owner in ended))
    on_hold = chosen(joined(odd, no_due), lambda one: one.held_since)
    # Most cases without an owner have no due date either: those are read already.
    no_owner = chosen(joined(odd, no_due), lambda one: one.owner is None)
    listed = {one.key for one in by_owner}
    helpers = [Tally(org, *[0] * 9) for org in sorted(coordinates) if org not in listed]
    return OverdueReport(
        frame=frame,
        owner=owner,
        horizon=ahead,
        overdue=tallying.overdue(connection, day, owner=owner, brief=frame.brief),
        due_before_horizon=coming,
        no_owner=no_owner,
        no_due_date=no_due,
        orphaned=orphaned,
        on_hold=on_hold,
        claimed=tallying.claimed(connection, owner=owner),
        between=between,
        totals=Tally.total(by_owner),
        by_owner=by_owner if owner else _with_helpers(by_owner, helpers),
        coordinates=coordinates,
    )


def _with_helpers(by_owner: list[Tally], helpers: list[Tally]) -> list[Tally]:
    named = [one for one in by_owner if one.key is not None] + helpers
    rest = [one for one in by_owner if one.key is None]
    return sorted(named, key=lambda one: str(one.key)) + rest
