"""The slippage report: deadlines that moved or passed, who granted time, who had the case."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.kinds.records import Cause, plain
from casework.papers.model import Fact, Section
from casework.questions import lateness, listing, lookup, tallying
from casework.questions.asking import ANSWERS
from casework.questions.tallying import Tally
from casework.reports.causes import LateCases
from casework.reports.columns import of_fields
from casework.reports.context import column, sources
from casework.rules.priority import starred_first
from casework.store.record_rows import ref_parts
from casework.system.spooled import kept, lots, mapped, ordered
from casework.system.text import sort_key
from casework.words import Written, in_language, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.papers.model import Paper
    from casework.questions.asking import Asked
    from casework.questions.lateness import Slippage
    from casework.reports.causes import Causes
    from casework.reports.context import Frame, Sources
    from casework.reports.making import Listing
    from casework.reports.question import Question
    from casework.store.connections import Connection
    from casework.system.spooled import Rows

SHOWN = ("ref", "title", "owner", "state", "original_due", "due", "extensions")
"""The first columns of a case; every one has a due date."""

_ASKED = ("asked", "granted", "cut", "refused", "contests")


class Slipped(NamedTuple):
    """The history of a case's deadline, and its title."""

    one: Slippage
    title: str
    title_vi: str | None
    priority: str | None


@dataclass(frozen=True, slots=True)
class Hands:
    """The cases that an owner has or had; days are working days.

    `late` counts the days on which one of them was overdue; `inherited` counts the cases that were
    overdue when they came. `asked` counts requests for more time, `granted`, `cut` and `refused`
    the answers, and `contests` how often it contested a case.
    """

    owner: str | None
    cases: int
    working_days: int
    late: int
    inherited: int
    asked: int = 0
    granted: int = 0
    cut: int = 0
    refused: int = 0
    contests: int = 0


@dataclass(frozen=True, slots=True)
class SlippageReport:
    """Every case whose deadline moved or passed, and the lateness of all its owners."""

    frame: Frame
    owner: str | None
    slipped: Rows[Slipped]
    hands: list[Hands]
    asked: list[Asked]
    causes: Causes
    totals: Tally

    def as_json(self, listed: Listing = list) -> dict[str, Any]:
        """Return the report under stable names."""
        return {
            **self.frame.as_json(),
            "owner": self.owner,
            "cases": listed(_plain(asdict(one)) for one, *_ in self.slipped),
            "by_owner": [asdict(one) for one in self.hands],
            "asked": [_plain(asdict(one)) for one in self.asked if not one.contests],
            "contests": [_plain(asdict(one)) for one in self.asked if one.contests],
            "asked_totals": self._counts(),
            **self.causes.as_json(),
            **self.frame.closing_json(),
        }

    def paper(self, lang: str) -> Paper:
        """Return the report as a paper in a language."""
        owner = self.owner and Fact(word("owner", lang), self.frame.name(self.owner, lang))
        return self.frame.paper(
            "slippage_report",
            lang,
            [
                self._cases(lang),
                self._extensions(lang),
                *self._asked(lang),
                self._tenures(lang),
                self._hands(lang),
                *self.causes.sections(lang),
            ],
            facts=[owner] if owner else [],
            totals=self.totals,
            nothing="" if self.slipped or self.hands else word("nothing_slipped", lang),
        )

    def _counts(self) -> dict[str, int]:
        """Return the counts of requests for time and of their answers."""
        answers = Counter(one.answer for one in self.asked if not one.contests)
        return {"asked": answers.total(), **{one: answers[one] for one in ANSWERS}}

    def _asked(self, lang: str) -> Iterator[Section]:
        """Yield the requests of owners, if there are any."""
        for key, contests in (("asked_time", False), ("contests", True)):
            rows = [
                (
                    one.code,
                    one.owner,
                    one.actor,
                    one.on,
                    one.due,
                    one.reply_by,
                    one.reason,
                    word(f"asked_{one.answer}", lang),
                    one.answered_on,
                    one.answered_by,
                    one.given,
                )
                for one in self.asked
                if one.contests is contests
            ]
            if rows:
                yield Section(
                    key=key,
                    heading=word(key, lang),
                    columns=[
                        column("request", lang, "code"),
                        column("owner", lang, "org"),
                        column("asked_by", lang, "person"),
                        column("asked_on", lang, "date"),
                        column("asked_due", lang, "date", "filled"),
                        column("reply_by", lang, "date", "filled"),
                        column("reason", lang, wide=True),
                        column("decided", lang),
                        column("decided_on", lang, "date", "filled"),
                        column("decided_by", lang, "person", "filled"),
                        column("given_until", lang, "date", "filled"),
                    ],
                    rows=rows,
                    count=len(rows),
                    empty=word("none", lang),
                )

    def _cases(self, lang: str) -> Section:
        return Section(
            key="slipped",
            heading=word("slipped", lang),
            columns=[
                *of_fields(lang, SHOWN, always=("original_due", "due")),
                column("days_overdue", lang, "days"),
                column("late_of_original", lang, "days"),
                *of_fields(lang, ("late_cause",)),
            ],
            rows=mapped(self.slipped, lambda one: _row(one, lang)),
            count=len(self.slipped),
            empty=word("none", lang),
        )

    def _extensions(self, lang: str) -> Section:
        rows = kept(
            (
                one.ref,
                more.on if more.days_late is not None else None,
                more.actor or (more.reported and Written(more.reported).said(lang)),
                more.old,
                more.new,
                more.days_late,
                more.reason,
                more.document,
                more.document_date,
                more.shown_from if more.shown_from > more.on else None,
            )
            for one, *_ in self.slipped
            for more in one.extensions
        )
        return Section(
            key="granted",
            heading=word("granted", lang),
            columns=[
                column("ref", lang, "code"),
                column("granted_on", lang, "date"),
                column("granted_by", lang, "person"),
                column("then_due", lang, "date"),
                column("now_due", lang, "date"),
                column("granted_late", lang, "days"),
                column("reason", lang, wide=True),
                column("document", lang, shown="filled"),
                column("document_date", lang, "date", "filled"),
                column("shown_from", lang, "date", "filled"),
            ],
            rows=rows,
            count=len(rows),
            empty=word("none", lang),
            note=word("granted_note", lang) if any(row[5] for row in rows) else "",
        )

    def _tenures(self, lang: str) -> Section:
        rows = kept(
            (
                one.ref,
                held.owner,
                held.since,
                held.until,
                held.working_days,
                held.late,
                word("yes", lang) if held.inherited else None,
            )
            for one, *_ in self.slipped
            for held in one.tenures
            if held.late
        )
        return Section(
            key="tenures",
            heading=word("tenures", lang),
            columns=[
                column("ref", lang, "code"),
                column("owner", lang, "org", lacking=word("no_owner", lang)),
                column("since", lang, "date"),
                column("till", lang, "date"),
                column("held_for", lang, "count"),
                column("late_for", lang, "count"),
                column("inherited", lang, shown="filled"),
            ],
            rows=rows,
            count=len(rows),
            empty=word("none", lang),
            note=word("inherited_note", lang) if any(row[6] for row in rows) else "",
        )

    def _hands(self, lang: str) -> Section:
        hands = sorted(
            self.hands,
            key=lambda one: (one.owner is None, sort_key(self.frame.name(one.owner, lang))),
        )
        return Section(
            key="by_owner",
            heading=word("by_owner", lang),
            columns=[
                column("owner", lang, "org", wide=True, lacking=word("no_owner", lang)),
                column("cases_held", lang, "count"),
                column("held_for", lang, "count"),
                column("late_for", lang, "count"),
                column("came_overdue", lang, "count"),
                *(column(f"{name}_count", lang, "count", "filled") for name in _ASKED),
            ],
            rows=[
                (
                    *(one.owner, one.cases, one.working_days, one.late, one.inherited),
                    *(getattr(one, name) or None for name in _ASKED),
                )
                for one in hands
            ],
            empty=word("none", lang),
            note=word("working_days_note", lang),
        )


def _row(slipped: Slipped, lang: str) -> tuple[Any, ...]:
    one = slipped.one
    return (
        one.ref,
        in_language(slipped.title, slipped.title_vi, lang),
        one.owner,
        one.state,
        one.original_due,
        one.due,
        len(one.extensions),
        one.days_late,
        one.days_late_original,
        one.late_cause,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return plain(value)


def report(connection: Connection, asked: Question) -> SlippageReport:
    """Make the report for all cases, or those that one owner now has."""
    with sources(connection, asked) as found:
        return _report(found)


def _report(found: Sources) -> SlippageReport:
    then, frame, owner = found.then, found.frame, found.owner
    period = found.asked.period
    every = lateness.ledger(
        found.store,
        frame.as_of,
        since=period.first if period else date.min,
        known_at=frame.known_at,
        owner=owner,
    )
    known = (one for one in every if frame.has(one.ref))
    late = LateCases()
    asked: list[Asked] = []
    held: dict[str | None, Hands] = {}

    def taken() -> Iterator[Slippage]:
        for one in known:
            _take(held, one)
            late.take(one)
            asked.extend(one.asked)
            if _slipped(one, in_part=period is not None):
                yield one

    slipped = ordered(taken(), lambda one: ref_parts(one.ref))
    return SlippageReport(
        frame=frame,
        owner=owner,
        slipped=starred_first(kept(_called(then, slipped))),
        asked=sorted(asked, key=lambda one: (one.on, one.code)),
        hands=[held[key] for key in sorted(held, key=lambda key: (key is None, key))],
        causes=late.by_cause({one.code: one for one in lookup.directory(then, Cause)}),
        totals=Tally.total(tallying.tallies(then, frame.as_of, owner=owner)),
    )


def _slipped(one: Slippage, *, in_part: bool) -> bool:
    """Return whether a deadline moved or passed, as shown at the time or in fact."""
    late = any(tenure.late for tenure in one.tenures)
    return bool(one.extensions or one.overdue or late or (one.days_late and not in_part))


def _called(then: Connection, slipped: Iterable[Slippage]) -> Iterator[Slipped]:
    """Yield the histories of deadlines with the titles of the cases, as they may be shown."""
    for lot in lots(slipped):
        cases = listing.in_order(then, [one.ref for one in lot])
        for one, case in zip(lot, cases, strict=True):
            yield Slipped(one, case.title, case.title_vi, case.priority)


def _take(held: dict[str | None, Hands], one: Slippage) -> None:
    """Add a case to the counts of its owners; a case that came back counts once."""
    for owner in {tenure.owner for tenure in one.tenures}:
        own = [tenure for tenure in one.tenures if tenure.owner == owner]
        was = held.get(owner) or Hands(owner, 0, 0, 0, 0)
        held[owner] = Hands(
            owner,
            was.cases + 1,
            was.working_days + sum(tenure.working_days for tenure in own),
            was.late + sum(tenure.late for tenure in own),
            was.inherited + any(tenure.inherited for tenure in own),
            *(getattr(was, name) for name in _ASKED),
        )
    for wish in one.asked:
        # Whoever had the case for less than a day asked too.
        held[wish.owner] = _counting(held.get(wish.owner) or Hands(wish.owner, 0, 0, 0, 0), wish)


def _counting(was: Hands, wish: Asked) -> Hands:
    """Return the counts of an owner with one more request."""
    if wish.contests:
        return replace(was, contests=was.contests + 1)
    asked = replace(was, asked=was.asked + 1)
    counted = {wish.answer: getattr(was, wish.answer) + 1} if wish.answer in _ASKED else {}
    return replace(asked, **counted)
