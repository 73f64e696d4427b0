"""The frame of every report: its day, its log, and the common parts of its paper."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import IntegrityFailure, UsageError
from casework.kinds.records import Conference, Organisation
from casework.papers.formatting import number, sentence
from casework.papers.model import Chart, Column, Fact, Paper, Section
from casework.questions import audit_log, lookup, reading, tallying
from casework.system.clock import last_moment, moment_of, stamp
from casework.system.spooled import mapped
from casework.system.text import WITHHELD, sort_key
from casework.words import Written, in_language, said, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import date, datetime

    from casework.kinds.records import Office
    from casework.papers.model import Kind, Shown
    from casework.questions.audit_log import Head
    from casework.questions.flow import Among, Flow
    from casework.questions.tallying import Tally
    from casework.reports.question import Question
    from casework.reports.wording import Narrowing
    from casework.rules.periods import Period
    from casework.store.connections import Connection

COUNTS = (
    "cases",
    "resolved",
    "resolved_on_time",
    "resolved_late",
    "resolved_no_due",
    "open",
    "open_in_time",
    "open_overdue",
    "open_no_due",
)
"""The parts of a balance, in the order they are shown."""

BARS = 12
"""The most bars of a chart: the longest ones."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The day of a report, what it was made from, and the label of its register.

    `names` has the names of organisations by code: English, and Vietnamese if there is one;
    `others` has those of people, conferences and causes, by kind. `reader` is the login to whose
    cases the report is limited, None if it covers all. `heirs` maps ended organisations to their
    successors, if asked for. `brief` is the language of a report that is only shown as a table, so
    that lists may leave out what it does not show; otherwise None. `flow` is the balance of the
    `period`. It `withholds` texts if any case is secret. `office` is the issuing office. `only`
    says which cases it covers, None for all.
    """

    as_of: date
    known_at: datetime | None
    head: Head
    notice: str | None
    reader: str | None
    names: Mapping[str, tuple[str, str | None]]
    others: Mapping[str, Mapping[str, tuple[str, str | None]]] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    heirs: Mapping[str, str] = field(default_factory=dict)
    brief: str | None = None
    period: Period | None = None
    flow: Flow | None = None
    withholds: bool = False
    office: Office | None = None
    only: Narrowing | None = None

    def as_json(self) -> dict[str, Any]:
        """Return its first members as JSON."""
        said = {
            "as_of": self.as_of.isoformat(),
            "known_at": stamp(self.known_at) if self.known_at else None,
        }
        if self.only is not None:
            said["where"] = self.only.query
        if self.period is None or self.flow is None:
            return said
        return said | {"period": self.period.as_json(self.as_of), "balance": self.flow.as_json()}

    def closing_json(self) -> dict[str, Any]:
        """Return its last members as JSON."""
        return {"log": self.head.as_json(), "notice": self.notice, "only_for": self.reader}

    def name(self, code: str | None, lang: str) -> str:
        """Return an organisation's name in a language, or the word for no organisation."""
        if code is None:
            return word("no_owner", lang)
        english, vietnamese = self.names.get(code, (code, None))
        return (vietnamese if lang == "vi" else None) or english

    def among(self, owner: str | None = None, conference: str | None = None) -> Among:
        """Return which cases of an owner and a conference are counted."""
        from casework.questions.flow import Among

        return Among(owner, conference, None if self.only is None else self.only.met.refs)

    def has(self, ref: str) -> bool:
        """Return whether the report covers a case."""
        return self.only is None or ref in self.only.met.refs

    def _called(self, kind: str, code: str, lang: str) -> str:
        if kind == Organisation.kind:
            return self.name(code, lang)
        english, vietnamese = self.others.get(kind, {}).get(code, (code, None))
        return (vietnamese if lang == "vi" else None) or english

    def _worded(self, sections: Iterable[Section], lang: str) -> Iterator[Section]:
        """Yield sections with withheld texts replaced by the words of the language."""
        said = word("withheld", lang)
        for one in sections:
            if not self.withholds:
                yield one
                continue
            yield replace(one, rows=mapped(one.rows, partial(_said, said)))

    def _written(self) -> datetime:
        """Return the time of the log's last event, so that the same log gives the same paper."""
        if self.head.recorded_at is None:
            raise IntegrityFailure("report.no-last-event", "hint.verify")
        # A stamp that names no moment makes no report fail; verification names it.
        return moment_of(self.head.recorded_at) or last_moment(self.as_of, "UTC")

    def _notices(self, lang: str) -> Iterator[str]:
        if self.notice:
            yield Written(self.notice).said(lang)
        if self.reader is not None:
            yield word("only_for", lang).format(reader=self.reader)

    def _period(self, lang: str) -> Iterator[Fact]:
        if self.period is not None:
            if self.period.words is not None:
                yield Fact(word("period", lang), self.period.words)
            yield Fact(word("period_from", lang), self.period.first)
            yield Fact(word("period_to", lang), self.period.last, follows=True)

    def _flow(self, lang: str) -> Iterator[Section]:
        """Yield the balance of the period, if there is one."""
        if self.flow is None:
            return
        yield Section(
            key="period",
            heading=word("period_balance", lang),
            columns=[Column("part", "", "word", wide=True), column("cases", lang, "count")],
            rows=[(name, count) for name, count in self.flow.parts() if name != "closing"],
            total=(word("closing", lang), self.flow.closing),
            note=word("period_note" if self.flow.one_of_many else "period_note_all", lang),
            asked=True,
        )

    def inherited(self, by_owner: list[Tally]) -> list[Tally]:
        """Return the balances of owners, under their successors."""
        if not self.heirs:
            return by_owner
        named = (replace(one, key=self.heirs.get(str(one.key), one.key)) for one in by_owner)
        return tallying.combined(named)

    def by_name(self, tallies: Iterable[Tally], lang: str) -> list[Tally]:
        """Return the balances of organisations by name, without an organisation last."""
        return sorted(
            tallies, key=lambda one: (one.key is None, sort_key(self.name(one.key, lang)))
        )

    def paper(
        self,
        key: str,
        lang: str,
        sections: Iterable[Section],
        *,
        facts: Iterable[Fact] = (),
        remarks: Iterable[str] = (),
        totals: Tally,
        nothing: str = "",
    ) -> Paper:
        """Return the paper of a report; `words` has its title and subject under its key.

        With `nothing` to report, people see only that, unless something happened in the period.
        """
        if self.flow is not None and any(count for _, count in self.flow.parts()):
            nothing = ""
        held = word("held_in_time", lang).format(count=number(totals.on_hold, lang))
        return self.told(
            key,
            lang,
            (*self._flow(lang), *sections),
            facts=(*self._period(lang), *facts),
            remarks=(*remarks, *([held] if totals.on_hold else ())),
            lead=nothing or _lead(totals, lang),
            bare=bool(nothing),
        )

    def told(
        self,
        key: str,
        lang: str,
        sections: Iterable[Section],
        *,
        facts: Iterable[Fact] = (),
        remarks: Iterable[str] = (),
        lead: str,
        bare: bool = False,
    ) -> Paper:
        """Return a paper with these sections; `words` has its title and subject under its key."""
        told = [Fact(word("as_of", lang), self.as_of), *facts]
        if self.only is not None:
            told.append(Fact(word("only", lang), self.only.said(lang, self._called)))
        if self.known_at is not None:
            told.append(Fact(word("known_at", lang), self.known_at))
        return Paper(
            lang=lang,
            title=word(key, lang),
            subject=word(f"{key}_subject", lang),
            facts=tuple(told),
            lead=lead,
            bare=bare,
            notices=tuple(self._notices(lang)),
            remarks=tuple(remarks),
            sections=tuple(self._worded(sections, lang)),
            size=self.head.size,
            root=self.head.root,
            origin=str(self.head.origin),
            written=self._written(),
            names={
                "org": {code: self.name(code, lang) for code in self.names},
                **{
                    kind: {code: names[lang == "vi"] or names[0] for code, names in found.items()}
                    for kind, found in self.others.items()
                },
            },
            versions=self.versions,
            office={} if self.office is None else vars(self.office),
        )


def frame(
    connection: Connection,
    then: Connection,
    day: date,
    asked: Question,
) -> Frame:
    """Read the frame of a report from the store and the register `then`."""
    register = lookup.register(connection)
    return Frame(
        as_of=day,
        known_at=asked.known_at,
        head=audit_log.head(connection),
        notice=register.notice,
        reader=None if connection.whole else connection.login,
        names=lookup.names(then),
        others={} if asked.brief else lookup.other_names(then),
        versions=tallying.versions(then) if asked.calendar else {},
        heirs=lookup.heirs(connection) if asked.successors else {},
        brief=asked.brief,
        withholds=bool(reading.unseen(then).cases),
        office=lookup.office(connection),
    )


class Sources(NamedTuple):
    """The sources of a report: the question, the store, the register as it stood, the frame.

    `owner` and `conference` are the codes from the question. If it has a query, the register as it
    stood has only the matching cases; `had` was read while it had all.
    """

    asked: Question
    store: Connection
    then: Connection
    frame: Frame
    owner: str | None
    conference: str | None
    had: Any = None


@contextmanager
def sources(
    connection: Connection, asked: Question, before: Callable[[Connection], Any] | None = None
) -> Iterator[Sources]:
    """Open the sources of a report at one moment of the store.

    `before` is called on the register before a query narrows it.

    Raises NotFoundError for an unknown owner or conference, ConflictError for an ambiguous one.
    """
    as_of = asked.as_of
    if asked.period is not None:
        if as_of is not None:
            raise UsageError("period.or-as-of")
        as_of = asked.period.counted(lookup.office_day(connection))
    day = as_of or lookup.office_day(connection)
    with _on(connection, as_of, asked.known_at) as then:
        told = frame(connection, then, day, asked)
        owner, conference = (
            None if words is None else lookup.find(then, kind, words, day).key
            for kind, words in ((Organisation, asked.owner), (Conference, asked.conference))
        )
        had = None if before is None else before(then)
        with _narrowed(connection, then, asked, day) as (few, only):
            told = replace(told, only=only)
            if asked.period is not None:
                days, of = (asked.period.first, day), told.among(owner, conference)
                from casework.questions import flow

                found = flow.within(connection, few, *days, asked.known_at, of)
                told = replace(told, period=asked.period, flow=found)
            yield Sources(asked, connection, few, told, owner, conference, had)


def _on(
    connection: Connection, day: date | None, known_at: datetime | None
) -> AbstractContextManager[Connection]:
    """Give the register as it stood on a day, as known at an instant; as it stands without any."""
    if day is None and known_at is None:
        return nullcontext(connection)
    from casework.questions import replay

    return replay.as_of(connection, day, known_at)


@contextmanager
def _narrowed(
    connection: Connection, then: Connection, asked: Question, day: date
) -> Iterator[tuple[Connection, Narrowing | None]]:
    """Open the register with only the cases that meet the query, and describe them."""
    if asked.where is None:
        yield then, None
        return
    from casework.questions import narrowing
    from casework.reports.wording import Narrowing, codes

    met = narrowing.met(connection, then, asked.where, day, asked.known_at)
    only = Narrowing(asked.where, met, codes(then, asked.where, day))
    with narrowing.narrowed(connection, then, met) as few:
        yield few, only


def called(conference: Conference, lang: str) -> str | None:
    """Return the name of a conference in a language; None if it has none."""
    return in_language(conference.name, conference.name_vi, lang)


def column(
    key: str,
    lang: str,
    kind: Kind = "text",
    shown: Shown = "always",
    *,
    wide: bool = False,
    lacking: str = "",
) -> Column:
    """Return a column whose heading is in `words` under its key."""
    return Column(key, word(key, lang), kind, shown, wide, lacking)


def count_columns(lang: str) -> list[Column]:
    """Return the columns of a balance."""
    return [column(name, lang, "count") for name in COUNTS]


def counts(tally: Tally) -> dict[str, int]:
    """Return the parts of a balance by name."""
    return {name: getattr(tally, name) for name in COUNTS}


def lateness_chart(frame: Frame, by_owner: list[Tally], lang: str) -> tuple[Chart, ...]:
    """Return a chart of late cases by owner: overdue now, and resolved late; the most first."""
    late = [one for one in by_owner if one.open_overdue + one.resolved_late]
    late.sort(key=lambda one: (one.open_overdue, one.resolved_late), reverse=True)
    bars = [
        (frame.name(one.key, lang), (one.open_overdue, one.resolved_late)) for one in late[:BARS]
    ]
    series = (sentence(word("still_overdue", lang)), sentence(word("came_late", lang)))
    return (Chart(word("lateness_chart", lang), series, bars),) if bars else ()


def _said(said: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(said if cell == WITHHELD else cell for cell in row)


def _lead(totals: Tally, lang: str) -> str:
    return said("word.lead", lang, **counts(totals))
