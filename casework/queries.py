"""The questions: every SELECT of the register, with frozen records out.

A question takes a connection: the store's, or the one `replay.as_of` makes, on which the same
questions speak of an earlier day.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import Text, and_, case, cast, func, literal_column, or_, select

from casework import schema
from casework.audit import event as audit
from casework.calendar import stamp
from casework.errors import ConflictError, NotFoundError, UnavailableError
from casework.ledger import load, read
from casework.records import Case, Conference, Holiday, Organisation, Person, Record, Register
from casework.text import TITLE_LIMIT, clean, fold
from casework.workflow import Role, State

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

    from casework.workdays import WorkingCalendar

R = TypeVar("R", bound=Record)

CASE = schema.case.c
EVENT = schema.event.c
# Written out, not bound: a partial index serves only a query that states its condition.
UNRESOLVED = CASE.state != literal_column("'resolved'")
# Not IS NULL: SQLite would seek the owner in an index that must read each case beside it.
HAS_NO_OWNER = func.coalesce(CASE.owner, "") == ""
BY_REF = (CASE.ref_stem, CASE.ref_number, CASE.ref)
PAGE = 1_000
"""How many rows are fetched at a time where an answer may be long."""


def pages(connection: Connection, query: Select[Any]) -> Any:
    """Return the rows of a long answer, fetched a page at a time; to be closed after use."""
    return connection.execute(query, execution_options={"yield_per": PAGE})


# --- looking things up ---------------------------------------------------------------------


def register(connection: Connection) -> Register:
    """Return the register's own record; raises UnavailableError for a schema without one."""
    found = load(connection, Register, "register")
    if found is None:
        raise UnavailableError("the store has a schema but no register", "run casework init")
    return found


def find(connection: Connection, kind: type[R], words: str) -> R:
    """Return the one record that has this code, name or alias, whatever its case or diacritics.

    Raises ConflictError when several have it, naming them, and NotFoundError when none has,
    suggesting the nearest. An exact code wins over a name.
    """
    key = fold(clean(words, f"the name of the {kind.kind}", TITLE_LIMIT))
    names = schema.name_key.c
    codes = list(
        connection.scalars(
            select(names.code)
            .where(names.kind == kind.kind, names.folded == key)
            .order_by(names.code)
        )
    )
    exact = [code for code in codes if fold(code) == key]
    if len(exact or codes) == 1:
        found = load(connection, kind, (exact or codes)[0])
        if found is not None:
            return found
    if codes:
        raise ConflictError(
            f"'{words}' names {len(codes)} {_plural(kind.kind)}: {', '.join(codes)}",
            "give the code of the one you mean",
        )
    raise NotFoundError(f"no {kind.kind} is called '{words}'", _nearest(connection, kind, key))


def _plural(kind: str) -> str:
    return "people" if kind == "person" else f"{kind}s"


def _nearest(connection: Connection, kind: type[Record], key: str) -> str:
    from difflib import get_close_matches

    names = schema.name_key.c
    rows = connection.execute(select(names.folded, names.code).where(names.kind == kind.kind))
    known = {folded: code for folded, code in rows}  # noqa: C416 - dict() would not see a pair in a Row
    close = dict.fromkeys(known[name] for name in get_close_matches(key, known, n=3, cutoff=0.6))
    listing = {"organisation": "org"}.get(kind.kind, kind.kind)
    if close:
        return f"nearest: {', '.join(close)}; all of them: casework {listing} list"
    return f"see casework {listing} list, or add it with casework {listing} add"


def case_ref(connection: Connection, words: str) -> str | None:
    """Return the reference of the case these words refer to, as it is written; None if none."""
    key = fold(clean(words, "the reference", TITLE_LIMIT))
    return connection.scalar(select(CASE.ref).where(CASE.ref_key == key))


def find_case(connection: Connection, ref: str, *, lock: bool = False) -> Case:
    """Return a case by its reference, whatever its case; raises NotFoundError."""
    exact = case_ref(connection, ref)
    found = load(connection, Case, exact, lock=lock) if exact is not None else None
    if found is None:
        stem, number = schema.ref_parts(ref)
        near = connection.scalars(
            select(CASE.ref)
            .where(CASE.ref_stem == stem)
            .order_by(func.abs(CASE.ref_number - number), CASE.ref)
            .limit(3)
        ).all()
        hint = f"nearest: {', '.join(near)}" if near else "see casework list, or casework search"
        raise NotFoundError(f"there is no case {ref}", hint)
    return found


def find_login(connection: Connection, login: str) -> Person | None:
    """Return the person linked to an operating-system login."""
    row = connection.execute(
        select(schema.person).where(schema.person.c.login == login)
    ).one_or_none()
    return None if row is None else read(Person, row)


def next_ref(connection: Connection, conference: str | None) -> str:
    """Return the next free reference under a conference, or of a case outside conferences."""
    prefix = f"{conference or 'CASE'}."
    stem = fold(prefix)
    highest = connection.scalar(select(func.max(CASE.ref_number)).where(CASE.ref_stem == stem))
    return f"{prefix}{(highest or 0) + 1:03d}"


def directory(connection: Connection, kind: type[R]) -> list[R]:
    """Return every organisation, person or conference, in the order of their codes."""
    table = schema.TABLES[kind.kind]
    order: list[ColumnElement[Any]] = [table.c.code]
    if kind is Conference:
        order = [func.coalesce(table.c.year, 9999), table.c.date, table.c.code]
    return [read(kind, row) for row in connection.execute(select(table).order_by(*order))]


def previous_number(connection: Connection, series: str, number: int) -> Conference | None:
    """Return the conference of a series that has this number."""
    table = schema.conference
    row = connection.execute(
        select(table).where(table.c.series == series, table.c.number == number)
    ).one_or_none()
    return None if row is None else read(Conference, row)


def successors(connection: Connection, code: str) -> list[Conference]:
    """Return the conferences that name one as their predecessor."""
    table = schema.conference
    rows = connection.execute(select(table).where(table.c.previous == code))
    return [read(Conference, row) for row in rows]


# --- cases -----------------------------------------------------------------------------------


def is_overdue(day: date) -> ColumnElement[bool]:
    """Return, as SQL, what `workflow.is_overdue` says of a row on a day."""
    return and_(UNRESOLVED, *time_is_up(day))


def time_is_up(day: date) -> tuple[ColumnElement[bool], ...]:
    """Return, as SQL, that an unresolved case's time is over on a day: while held, it is not."""
    return (CASE.due < day, CASE.held_since.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cases, in which order. Text is looked for without case or diacritics."""

    states: Sequence[str] = ()
    owner: str | None = None
    proposer: str | None = None
    conference: str | None = None
    overdue: bool = False
    due_before: date | None = None
    theme: str | None = None
    text: Sequence[str] = ()
    sort: str = "ref"
    limit: int | None = None


SORTS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "ref": (),
    "due": (CASE.due.is_(None), CASE.due),
    "owner": (CASE.owner.is_(None), CASE.owner),
    "state": (case({name: i for i, name in enumerate(State)}, value=CASE.state),),
    "conference": (CASE.conference.is_(None), CASE.conference),
    "title": (CASE.search,),
}


def _where(query: Select[Any], wanted: Filter, day: date) -> Select[Any]:
    if wanted.states:
        query = query.where(CASE.state.in_(wanted.states))
    for column, value in (
        (CASE.owner, wanted.owner),
        (CASE.proposer, wanted.proposer),
        (CASE.conference, wanted.conference),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.overdue:
        query = query.where(is_overdue(day))
    if wanted.due_before is not None:
        query = query.where(CASE.due < wanted.due_before)
    for words in wanted.text:
        sought = fold(clean(words, "the text to look for"))
        query = query.where(CASE.search.contains(sought, autoescape=True))
    return query


def cases(connection: Connection, wanted: Filter, day: date) -> Generator[Case]:
    """Yield the cases a filter names, a page of rows at a time."""
    order = SORTS[wanted.sort]
    if wanted.sort == "due" and (wanted.overdue or wanted.due_before is not None):
        # All of these have a due date; so the index of open cases has them in order already.
        order = (CASE.due,)
    query = _where(select(schema.case), wanted, day).order_by(*order, *BY_REF)
    if wanted.theme is None:
        query = query.limit(wanted.limit)
    with pages(connection, query) as rows:
        found = (read(Case, row) for row in rows)
        # Themes are a JSON list, which the two engines take apart differently.
        themed = (one for one in found if wanted.theme is None or wanted.theme in one.theme)
        yield from islice(themed, wanted.limit)


def counted(
    connection: Connection, by: str, wanted: Filter, day: date
) -> list[tuple[str | None, int]]:
    """Return how many of the cases a filter names, but for its theme, each owner or other has.

    `by` is a column; the most come first.
    """
    query = _where(select(CASE[by], func.count()), wanted, day).group_by(CASE[by])
    found = [(key, cases) for key, cases in connection.execute(query)]
    return sorted(found, key=lambda one: (-one[1], one[0] is None, one[0]))


def linking_here(connection: Connection, ref: str) -> list[tuple[str, str]]:
    """Return the links other cases have to this one: relation and their reference."""
    links = schema.case_link.c
    query = select(links.relation, links.ref).where(links.other == ref)
    return [(relation, other) for relation, other in connection.execute(query.order_by(links.ref))]


def leads_to(connection: Connection, relation: str, start: str, goal: str) -> bool:
    """Tell whether links of one relation lead from a case to another, however far."""
    links = schema.case_link.c
    reached = (
        select(links.other)
        .where(links.ref == start, links.relation == relation)
        .cte("reached", recursive=True)
    )
    reached = reached.union(
        select(links.other)
        .join(reached, links.ref == reached.c.other)
        .where(links.relation == relation)
    )
    found = connection.scalar(select(reached.c.other).where(reached.c.other == goal).limit(1))
    return found is not None


def lost_link(connection: Connection) -> tuple[str, str] | None:
    """Return a case and what it is linked to where that is no case.

    Only a transaction that is not yet committed can hold one: links are checked at its end, so
    that a file may tell of a case before the one it is linked to.
    """
    links = schema.case_link.c
    row = connection.execute(
        select(links.ref, links.other)
        .outerjoin(schema.case, links.other == CASE.ref)
        .where(CASE.ref.is_(None))
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.ref, row.other)


# --- the overdue report ----------------------------------------------------------------------

LISTED: tuple[ColumnElement[Any], ...] = (
    CASE.ref,
    CASE.title,
    CASE.title_vi,
    CASE.state,
    CASE.conference,
    CASE.proposer,
    CASE.owner,
    CASE.officer,
    CASE.due,
    CASE.original_due,
    CASE.extensions,
    CASE.held_since,
    CASE.reported,
)


class Listed(NamedTuple):
    """An open case as a report lists it; the fields are the index of open cases."""

    ref: str
    title: str
    title_vi: str | None
    state: str
    conference: str | None
    proposer: str
    owner: str | None
    officer: str | None
    due: date | None
    original_due: date | None
    extensions: int
    held_since: date | None
    reported: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """The balance of the cases of an owner, a conference or a theme, named by its `key`.

    Its parts add up: cases = resolved + open, and so on.
    """

    key: str | None
    cases: int
    resolved: int
    resolved_on_time: int
    resolved_late: int
    resolved_no_due: int
    open: int
    open_in_time: int
    open_overdue: int
    open_no_due: int

    @classmethod
    def total(cls, tallies: Iterable[Tally]) -> Tally:
        """Return the sum of balances, whose `key` is None."""
        listed = list(tallies)
        names = [f.name for f in fields(cls)][1:]
        return cls(None, *(sum(getattr(one, name) for one in listed) for name in names))


def open_cases(
    connection: Connection, *where: ColumnElement[bool], owner: str | None = None
) -> list[Listed]:
    """Return the unresolved cases that meet conditions, by due date, those without one last."""
    query = select(*LISTED).where(UNRESOLVED, *where)
    if owner is not None:
        query = query.where(CASE.owner == owner)
    found = connection.execute(query.order_by(CASE.due, *BY_REF)).all()
    rows = [Listed._make(row) for row in found]
    # The engines disagree on where a missing date sorts; a NULLS LAST would miss the index.
    return [one for one in rows if one.due] + [one for one in rows if not one.due]


def out_of_the_ordinary(
    connection: Connection, ended: Sequence[str], *, owner: str | None = None
) -> list[Listed]:
    """Return the open cases with a due date that nobody owns, an ended owner has, or are on hold.

    In one pass over the open cases; those without a due date are a question of their own.
    """
    odd = or_(HAS_NO_OWNER, CASE.held_since.is_not(None), CASE.owner.in_(ended))
    return open_cases(connection, CASE.due.is_not(None), odd, owner=owner)


def tallies(
    connection: Connection,
    day: date,
    by: ColumnElement[Any] = CASE.owner,
    *,
    owner: str | None = None,
    conference: str | None = None,
) -> list[Tally]:
    """Return the balance of cases on a day, by owner or another column; those without come last."""
    query = select(
        by,
        CASE.state == State.RESOLVED,
        func.count(),
        func.count(CASE.due),
        func.count().filter(*time_is_up(day)),
        func.count().filter(CASE.resolved_on <= CASE.due),
    ).group_by(by, CASE.state)
    if owner is not None:
        query = query.where(CASE.owner == owner)
    if conference is not None:
        query = query.where(CASE.conference == conference)
    return combined(
        Tally(
            key=key,
            cases=cases,
            resolved=cases if resolved else 0,
            resolved_on_time=on_time if resolved else 0,
            resolved_late=dated - on_time if resolved else 0,
            resolved_no_due=cases - dated if resolved else 0,
            open=0 if resolved else cases,
            open_in_time=0 if resolved else dated - passed,
            open_overdue=0 if resolved else passed,
            open_no_due=0 if resolved else cases - dated,
        )
        for key, resolved, cases, dated, passed, on_time in connection.execute(query)
    )


def combined(tallies: Iterable[Tally]) -> list[Tally]:
    """Return one balance for each key, in the order of the keys; those without one come last."""
    found: dict[str | None, list[Tally]] = {}
    for one in tallies:
        found.setdefault(one.key, []).append(one)
    whole = [replace(Tally.total(parts), key=key) for key, parts in found.items()]
    return sorted(whole, key=lambda one: (one.key is None, one.key))


def theme_tallies(
    connection: Connection, day: date, *, owner: str | None = None, conference: str | None = None
) -> list[Tally]:
    """Return the balance of each theme's cases on a day; a case counts under each of its themes."""
    # Lists of themes are few, and are taken apart here: the engines do it differently.
    lists = tallies(connection, day, cast(CASE.theme, Text), owner=owner, conference=conference)
    return combined(
        replace(one, key=theme) for one in lists for theme in json.loads(str(one.key)) or (None,)
    )


def coordinated(connection: Connection) -> dict[str, int]:
    """Return how many unresolved cases each organisation coordinates without owning them."""
    link = schema.case_coordinating.c
    query = (
        select(link.org, func.count())
        .join(schema.case, link.ref == CASE.ref)
        .where(UNRESOLVED)
        .group_by(link.org)
    )
    return {org: count for org, count in connection.execute(query)}  # noqa: C416 - as above


def names(connection: Connection) -> dict[str, tuple[str, str | None]]:
    """Return the names of all organisations by code: English, and Vietnamese if it has one."""
    table = schema.organisation.c
    found = connection.execute(select(table.code, table.name, table.name_vi))
    return {code: (name, name_vi) for code, name, name_vi in found}


def versions(connection: Connection) -> dict[str, int]:
    """Return how many events each unresolved case has had, by reference."""
    found = connection.execute(select(CASE.ref, CASE.version).where(UNRESOLVED))
    return {ref: version for ref, version in found}  # noqa: C416 - as above


def heirs(connection: Connection) -> dict[str, str]:
    """Return, for each organisation that was taken over, the one that stands for it now."""
    table = schema.organisation.c
    query = select(table.code, table.successor).where(table.successor.is_not(None))
    next_one: dict[str, str] = {code: heir for code, heir in connection.execute(query)}  # noqa: C416 - as above
    found = {}
    for code, heir in next_one.items():
        last = heir
        while last in next_one:
            last = next_one[last]
        found[code] = last
    return found


def ended_organisations(connection: Connection, day: date) -> list[str]:
    """Return the organisations that no longer exist on a day."""
    table = schema.organisation.c
    return list(connection.scalars(select(table.code).where(table.valid_to < day)))


def moved_from(
    connection: Connection, conference: Conference, day: date, known_at: datetime | None
) -> date | None:
    """Return the date a conference had before it was last moved by a day; None if it was not."""
    until = stamp(known_at) if known_at else None
    search = Search(kind=Conference.kind, key=conference.code, act="move", until=until)
    moves = [one for one in events(connection, search) if one.effective_on <= day.isoformat()]
    was = moves[-1].changes["date"][0] if moves else None
    return date.fromisoformat(was) if was else None


def next_conference(connection: Connection, day: date) -> Conference | None:
    """Return the earliest dated conference after a day: of the series first, if one is numbered."""
    table = schema.conference
    row = connection.execute(
        select(table)
        .where(table.c.date > day)
        .order_by(table.c.number.is_(None), table.c.date, table.c.code)
        .limit(1)
    ).one_or_none()
    return None if row is None else read(Conference, row)


# --- the calendar ----------------------------------------------------------------------------


def holidays(connection: Connection) -> dict[str, Holiday]:
    """Return every day that was ever registered, withdrawn ones too, by its ISO date."""
    rows = connection.execute(select(schema.holiday).order_by(schema.holiday.c.day))
    return {row.day: read(Holiday, row) for row in rows}


def working_calendar(connection: Connection, *, before: int | None = None) -> WorkingCalendar:
    """Return which days are worked: as registered now, or as it was before an event."""
    from casework.workdays import Special, WorkingCalendar

    known: dict[str, Any] = {}
    if before is None:
        known.update(holidays(connection))
    else:
        for event in events(connection, Search(kind=Holiday.kind)):
            if event.seq < before:
                known[event.key] = audit.fold(known.get(event.key), event)
    return WorkingCalendar.of(
        Special(
            date.fromisoformat(one.day),
            one.day_kind == "working",
            one.name,
            one.name_vi,
            one.status == "projected",
        )
        for one in known.values()
        if one.withdrawn_on is None
    )


def calendar_version(connection: Connection, before: int | None = None) -> int | None:
    """Return the number of the last event that changed the calendar, before another one."""
    query = select(func.max(EVENT.seq)).where(EVENT.kind == Holiday.kind)
    if before is not None:
        query = query.where(EVENT.seq < before)
    version: int | None = connection.scalar(query)
    return version


def counted_in_working_days(connection: Connection) -> list[Case]:
    """Return the unresolved cases whose due date was counted in working days."""
    from casework.dates import WORKING

    counted = CASE.due_rule.endswith(WORKING)
    rows = connection.execute(select(schema.case).where(UNRESOLVED, counted).order_by(*BY_REF))
    return [read(Case, row) for row in rows]


# --- from one conference to the next ---------------------------------------------------------


class Followed(NamedTuple):
    """A case as a review follows it, resolved or not."""

    ref: str
    title: str
    title_vi: str | None
    conference: str | None
    owner: str | None
    state: str
    due: date | None
    outcome: str | None
    document: str | None
    proposed_on: date
    resolved_on: date | None
    reopened: int


def followed(connection: Connection) -> list[Followed]:
    """Return every case, in the order of their references."""
    columns = [CASE[name] for name in Followed._fields]
    return [Followed._make(row) for row in connection.execute(select(*columns).order_by(*BY_REF))]


def repeats(connection: Connection) -> dict[str, str]:
    """Return, for each case that asks again what was asked before, the case it repeats."""
    links = schema.case_link.c
    query = select(links.ref, links.other).where(links.relation == "repeats")
    query = query.order_by(links.ref, links.other.desc())
    return {later: earlier for later, earlier in connection.execute(query)}  # noqa: C416 - rows


@dataclass(frozen=True, slots=True)
class Balance:
    """How many cases were open, became open and were closed from one day to another."""

    opening: int
    new: int
    reopened: int
    closed: int

    @property
    def closing(self) -> int:
        """How many cases are open in the end."""
        return self.opening + self.new + self.reopened - self.closed


def balance(
    connection: Connection, then: Connection, start: date, end: date, known_at: datetime | None
) -> Balance:
    """Return the balance of all cases from the beginning of a day to the end of another.

    `then` is the register as it stood at the end; of cases that were reopened the log tells how
    often, so long as it was recorded by `known_at`.
    """
    once = then.execute(
        select(
            func.count().filter(CASE.proposed_on < start),
            func.count().filter(CASE.proposed_on >= start),
            func.count().filter(CASE.reopened == 0, CASE.resolved_on < start),
            func.count().filter(CASE.reopened == 0, CASE.resolved_on >= start),
        ).select_from(schema.case)
    ).one()
    told = [EVENT.kind == Case.kind, EVENT.effective_on <= end]
    if known_at is not None:
        told.append(EVENT.recorded_at <= stamp(known_at))
    back_again = select(EVENT.key).where(EVENT.act == "reopen", *told)
    moves = select(
        func.count().filter(EVENT.act == "reopen", EVENT.effective_on < start),
        func.count().filter(EVENT.act == "reopen", EVENT.effective_on >= start),
        func.count().filter(EVENT.act != "reopen", EVENT.effective_on < start),
        func.count().filter(EVENT.act != "reopen", EVENT.effective_on >= start),
    ).where(EVENT.act.in_(("resolve", "close", "reopen")), EVENT.key.in_(back_again), *told)
    back_before, back, ended_before, ended = connection.execute(moves).one()
    asked_before, asked, closed_before, closed = once
    return Balance(
        opening=asked_before - closed_before - ended_before + back_before,
        new=asked,
        reopened=back,
        closed=closed + ended,
    )


# --- reminders -------------------------------------------------------------------------------


class Addressee(NamedTuple):
    """Somebody who can be written to: a person, or an organisation's mailbox."""

    code: str
    name: str
    name_vi: str | None
    email: str


@dataclass(frozen=True, slots=True)
class Addressees:
    """Who can be written to at each organisation, who is the secretariat, and what they are called.

    `names` gives each organisation's names by its code: English, and Vietnamese or None.
    """

    of: dict[str, tuple[Addressee, ...]]
    secretariat: tuple[Addressee, ...]
    names: dict[str, tuple[str, str | None]]


def addressees(connection: Connection) -> Addressees:
    """Return everybody with a mail address who may be reminded."""
    organisations = directory(connection, Organisation)
    people = [one for one in directory(connection, Person) if one.email and one.ended_on is None]
    found: dict[str, list[Addressee]] = {}
    for org in organisations:
        if org.email:
            found.setdefault(org.code, []).append(
                Addressee(org.code, org.name, org.name_vi, org.email)
            )
    secretariat = []
    for one in people:
        person = Addressee(one.code, one.name, one.name_vi, str(one.email))
        if one.role is Role.DESK and one.org is not None:
            found.setdefault(one.org, []).append(person)
        elif one.role is Role.SECRETARIAT:
            secretariat.append(person)
    return Addressees(
        {code: tuple(listed) for code, listed in found.items()},
        tuple(secretariat),
        {org.code: (org.name, org.name_vi) for org in organisations},
    )


def to_remind(connection: Connection, last: date) -> list[Listed]:
    """Return the open cases that are due by a day, and those without an owner."""
    return open_cases(connection, or_(CASE.due <= last, HAS_NO_OWNER))


def reminded(connection: Connection) -> set[tuple[str, str, str]]:
    """Return what was said of cases that are still open: reference, level, due date."""
    said = schema.reminder.c
    query = select(said.ref, said.level, said.due).join(schema.case, CASE.ref == said.ref)
    return {tuple(row) for row in connection.execute(query.where(UNRESOLVED))}


# --- the log ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """What must be known of a log to find it again: size, root in hexadecimal, time and origin.

    `recorded_at` is when its last event was recorded, as a UTC time stamp; `origin` names the log.
    Both are None only where they are gone from the store, which verification finds.
    """

    size: int
    root: str
    recorded_at: str | None
    origin: str | None

    def as_json(self) -> dict[str, Any]:
        """Return what a report says of the log it was made from."""
        return asdict(self)


def head(connection: Connection) -> Head:
    """Return the head of the log."""
    log, register = schema.log_head, schema.register
    query = select(log.c.size, log.c.root, EVENT.recorded_at, register.c.origin).select_from(
        log.outerjoin(register, register.c.name == "register").outerjoin(
            schema.event, EVENT.seq == log.c.size - 1
        )
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnavailableError("the store has a schema but no register", "run casework init")
    return Head(row.size, row.root.hex(), row.recorded_at, row.origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which events of the log; instants are UTC time stamps as the log writes them."""

    kind: str | None = None
    key: str | None = None
    actor: str | None = None
    act: str | None = None
    field: str | None = None
    since: str | None = None
    until: str | None = None


def events(connection: Connection, wanted: Search) -> Generator[audit.Event]:
    """Yield the events a search names, oldest first."""
    query = select(EVENT.body, schema.disclosure.c.body).join(
        schema.disclosure, schema.disclosure.c.seq == EVENT.seq
    )
    for column, value in (
        (EVENT.kind, wanted.kind),
        (EVENT.key, wanted.key),
        (EVENT.actor, wanted.actor),
        (EVENT.act, wanted.act),
    ):
        if value is not None:
            query = query.where(column == clean(value, "what to look for", TITLE_LIMIT))
    if wanted.field is not None:
        field = clean(wanted.field, "the field", TITLE_LIMIT)
        query = query.where(EVENT.fields.contains(f",{field},", autoescape=True))
    if wanted.since is not None:
        query = query.where(EVENT.recorded_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(EVENT.recorded_at <= wanted.until)
    with pages(connection, query.order_by(EVENT.seq)) as stored:
        for body, disclosures in stored:
            yield audit.read(body, disclosures)


def history(connection: Connection, ref: str) -> list[audit.Event]:
    """Return every event of a case, oldest first."""
    return list(events(connection, Search(kind="case", key=ref)))


def events_of(connection: Connection, refs: Sequence[str]) -> dict[str, list[audit.Event]]:
    """Return the events of some cases, oldest first, by reference."""
    query = (
        select(EVENT.key, EVENT.body, schema.disclosure.c.body)
        .join(schema.disclosure, schema.disclosure.c.seq == EVENT.seq)
        .where(EVENT.kind == Case.kind, EVENT.key.in_(refs))
        .order_by(EVENT.seq)
    )
    found: dict[str, list[audit.Event]] = {ref: [] for ref in refs}
    for ref, body, disclosures in connection.execute(query):
        found[ref].append(audit.read(body, disclosures))
    return found


def case_events(
    connection: Connection, fields: Sequence[str], known_at: datetime | None = None
) -> Generator[list[audit.Event]]:
    """Yield, case by case, the acts that changed any of some fields, oldest first.

    Cases come in the order of their references as text; `known_at` leaves what was recorded then.
    """
    changed = [EVENT.fields.contains(f",{name},") for name in fields]
    query = (
        select(EVENT.key, EVENT.body, schema.disclosure.c.body)
        .join(schema.disclosure, schema.disclosure.c.seq == EVENT.seq)
        .where(EVENT.kind == Case.kind, or_(*changed))
        .order_by(EVENT.key, EVENT.seq)
    )
    if known_at is not None:
        query = query.where(EVENT.recorded_at <= stamp(known_at))
    with pages(connection, query) as rows:
        for _, told in groupby(rows, key=itemgetter(0)):
            yield [audit.read(body, disclosures) for _, body, disclosures in told]


def latest_effective(connection: Connection) -> date | None:
    """Return the latest effective date of any act."""
    latest: date | None = connection.scalar(select(func.max(EVENT.effective_on)))
    return latest
