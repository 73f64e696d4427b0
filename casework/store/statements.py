"""The statements the register is read with, written once for both engines in SQLAlchemy Core.

PostgreSQL is sent them as they stand here. For SQLite they are compiled ahead of time into what
`compiled` reads, because importing SQLAlchemy takes longer than most commands. Only what a filter
composes is compiled as it is asked.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    CompoundSelect,
    Date,
    Index,
    Integer,
    MetaData,
    Select,
    SelectBase,
    String,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.functions import FunctionElement

from casework.kinds.choices import State
from casework.kinds.records import KINDS, Conference, names_of
from casework.rules.workflow import REOPENS
from casework.store import rows, schema
from casework.store.connections import Statement
from casework.store.filters import COUNTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from casework.store.filters import Filter, Sought


CASE = schema.case.c
EVENT = schema.event.c
EVENT_AGAIN = schema.event.alias().c
LINK = schema.case_link.c
NAME = schema.name_key.c
ORGANISATION = schema.organisation.c
CONFERENCE = schema.conference.c
TOLD = schema.disclosure.c

# Written out, not bound: a partial index serves only a query that states its condition.
UNRESOLVED = CASE.state != literal_column("'resolved'")
# Not IS NULL: SQLite would seek the owner in an index that must read each case beside it.
HAS_NO_OWNER = func.coalesce(CASE.owner, "") == ""
# With UNRESOLVED the condition of an index of its own.
_ODD = (CASE.due.is_not(None), or_(CASE.owner.is_(None), CASE.held_since.is_not(None)))
# The condition of an index, too: a source calls it ended, and nobody here answers for that.
_CLAIMED = or_(
    and_(
        CASE.state == literal_column("'under_study'"),
        CASE.outcome.is_not(None),
        CASE.answered_by.is_(None),
    ),
    and_(CASE.state == literal_column("'resolved'"), CASE.resolved_by.is_(None)),
)
BY_REF = (CASE.ref_stem, CASE.ref_number, CASE.ref)


def _day(name: str) -> Any:
    return bindparam(name, type_=Date)


def _text(name: str) -> Any:
    return bindparam(name, type_=String)


def _or_any(of: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a column has a value, met by every row when none is given."""
    return or_(_text(name).is_(None), of == _text(name))


class _Elements(FunctionElement[str]):
    """The elements of a JSON list, as rows. Unlike IN it has one text however long the list is."""

    name = "elements"
    inherit_cache = True


@compiles(_Elements, "sqlite")
def _elements_sqlite(one: _Elements, compiler: Any, **kw: Any) -> str:
    return f"json_each({compiler.process(one.clauses, **kw)})"


@compiles(_Elements, "postgresql")
def _elements_postgresql(one: _Elements, compiler: Any, **kw: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(one.clauses, **kw)} AS JSON))"


def _among(of: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    value = _Elements(_text(name)).table_valued("value").c.value
    return of.in_(select(cast(value, BigInteger if of is TOLD.seq else String)))


def _time_is_up(day: Any) -> tuple[ColumnElement[bool], ...]:
    """Return what `workflow.is_overdue` says of an unresolved case: not while it is held."""
    return (CASE.due < day, CASE.held_since.is_(None))


def _record(kind: str) -> Select[Any]:
    return select(*(schema.TABLES[kind].c[name] for name in names_of(kind)))


# --- records ---------------------------------------------------------------------------------

LOAD = {
    kind: _record(kind).where(schema.TABLES[kind].c[form.key_field] == _text("key"))
    for kind, form in KINDS.items()
}
EVERY = {
    kind: _record(kind).order_by(
        *(
            (func.coalesce(CONFERENCE.year, 9999), CONFERENCE.date, CONFERENCE.code)
            if form is Conference
            else (schema.TABLES[kind].c[form.key_field],)
        )
    )
    for kind, form in KINDS.items()
    if kind in {"organisation", "person", "conference", "holiday"}
}
COUNT = {kind: select(func.count()).select_from(schema.TABLES[kind]) for kind in KINDS}
ROWS = {
    kind: select(schema.TABLES[kind]).order_by(schema.TABLES[kind].c[form.key_field])
    for kind, form in KINDS.items()
}
"""The rows of a kind of record with their derived columns, by key."""

DERIVED_ROWS = {
    name: select(schema.metadata.tables[name]).order_by(
        schema.metadata.tables[name].c[rows.OWNER_COLUMNS[name]]
    )
    for name in rows.OWNER_COLUMNS
    if name != "name_key"
}
NAME_KEYS = select(schema.name_key).where(NAME.kind == _text("kind")).order_by(NAME.code)
NAMED_KINDS = select(NAME.kind).distinct()
REVISION = select(table("alembic_version", column("version_num", String)).c.version_num)

# --- looking things up -----------------------------------------------------------------------

CODES = (
    select(NAME.code)
    .where(NAME.kind == _text("kind"), NAME.folded == _text("folded"))
    .order_by(NAME.code)
)
NAMES_OF_KIND = select(NAME.folded, NAME.code).where(NAME.kind == _text("kind"))
ALL_NAMES = select(NAME.kind, NAME.folded, NAME.code)
CASE_REF = select(CASE.ref).where(CASE.ref_key == _text("ref_key"))
REFS = select(CASE.ref_key, CASE.ref).where(_among(CASE.ref_key, "ref_keys"))
IDENTITIES = select(
    *(CASE[name] for name in ("ref_key", "ref", "title", "proposer", "conference")),
)
REGISTERED = select(
    CASE.ref_key,
    CASE.ref,
    CASE.title,
    CASE.proposer,
    CASE.conference,
    # Not a join: SQLite, which knows no sizes, would begin it with the whole log.
    select(func.min(EVENT.seq))
    .where(EVENT.kind == "case", EVENT.key == CASE.ref)
    .scalar_subquery(),
).where(_among(CASE.ref_key, "ref_keys"))
OF_REFS = _record("case").where(_among(CASE.ref, "refs"))
NEAR_REFS = (
    select(CASE.ref)
    .where(CASE.ref_stem == _text("stem"))
    .order_by(func.abs(CASE.ref_number - bindparam("number", type_=Integer)), CASE.ref)
    .limit(3)
)
HIGHEST_NUMBER = select(func.max(CASE.ref_number)).where(CASE.ref_stem == _text("stem"))
PERSON_OF_LOGIN = _record("person").where(schema.person.c.login == _text("login"))
REQUESTS_OF = (
    _record("request")
    .where(schema.request.c.subject_kind == _text("kind"), schema.request.c.subject == _text("key"))
    .order_by(schema.request.c.asked_on, schema.request.c.code)
)
WAITING = (
    _record("request")
    .where(schema.request.c.decided.is_(None))
    .order_by(schema.request.c.asked_on, schema.request.c.code)
)
NUMBERED = _record("conference").where(
    CONFERENCE.series == _text("series"), CONFERENCE.number == bindparam("number", type_=Integer)
)
SUCCESSORS = _record("conference").where(CONFERENCE.previous == _text("code"))
NEXT_CONFERENCE = (
    _record("conference")
    .where(CONFERENCE.date > _day("day"))
    .order_by(CONFERENCE.number.is_(None), CONFERENCE.date, CONFERENCE.code)
    .limit(1)
)
ORGANISATION_NAMES = select(ORGANISATION.code, ORGANISATION.name, ORGANISATION.name_vi)
HEIRS = select(ORGANISATION.code, ORGANISATION.successor).where(ORGANISATION.successor.is_not(None))
ENDED = select(ORGANISATION.code).where(ORGANISATION.valid_to < _day("day"))

# --- cases -----------------------------------------------------------------------------------

LINKING_HERE = select(LINK.relation, LINK.ref).where(LINK.other == _text("ref")).order_by(LINK.ref)
REPEATS = select(LINK.ref, LINK.other).where(LINK.relation == "repeats")
_reached = (
    select(LINK.other)
    .where(LINK.ref == _text("start"), LINK.relation == _text("relation"))
    .cte("reached", recursive=True)
)
_reached = _reached.union(
    select(LINK.other)
    .join(_reached, LINK.ref == _reached.c.other)
    .where(LINK.relation == _text("relation"))
)
LEADS_TO = select(_reached.c.other).where(_reached.c.other == _text("goal")).limit(1)
LOST_LINK = (
    select(LINK.ref, LINK.other)
    .outerjoin(schema.case, LINK.other == CASE.ref)
    .where(CASE.ref.is_(None))
    .limit(1)
)

LISTED = tuple(
    CASE[name]
    for name in (
        "ref",
        "title",
        "title_vi",
        "state",
        "conference",
        "proposer",
        "owner",
        "officer",
        "due",
        "original_due",
        "extensions",
        "held_since",
        "reported",
    )
)
"""What a report tells of an open case; the index of open cases covers it."""


def _brief(**other: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """Return what a table of open cases shows: a long report takes a seventh less time."""
    given = {"conference": null(), "proposer": null(), "officer": null(), **other}
    return [given[one.name].label(one.name) if one.name in given else one for one in LISTED]


BRIEF = {
    "en": _brief(title_vi=null()),
    "vi": _brief(title=case((CASE.title_vi.is_(None), CASE.title))),
}
"""What is listed by language: the title stands in that one only, where it is translated."""


def _open(*where: ColumnElement[bool], told: Sequence[Any] = LISTED) -> Select[Any]:
    of_owner = _or_any(CASE.owner, "owner")
    return select(*told).where(UNRESOLVED, *where, of_owner).order_by(CASE.due, *BY_REF)


OPEN = _open()
OVERDUE = _open(*_time_is_up(_day("day")))
OVERDUE_BRIEF = {lang: _open(*_time_is_up(_day("day")), told=told) for lang, told in BRIEF.items()}
OPEN_DUE = _open(CASE.due >= _day("first"), CASE.due <= _day("last"))
OPEN_WITHOUT_DUE = _open(CASE.due.is_(None))
OPEN_ODD = _open(*_ODD)
CLAIMED = select(*LISTED).where(_CLAIMED, _or_any(CASE.owner, "owner")).order_by(CASE.due, *BY_REF)
OPEN_OF_ENDED = _open(CASE.due.is_not(None), CASE.owner.in_(ENDED))
TO_REMIND = _open(or_(CASE.due <= _day("last"), HAS_NO_OWNER))
FOLLOWED = select(
    *(
        CASE[name]
        for name in (
            "ref",
            "title",
            "title_vi",
            "conference",
            "owner",
            "state",
            "due",
            "outcome",
            "document",
            "proposed_on",
            "resolved_on",
            "reopened",
        )
    )
).order_by(*BY_REF)
COUNTED_IN_WORKING_DAYS = (
    _record("case")
    .where(UNRESOLVED, CASE.due_rule.endswith(bindparam("unit", type_=String)))
    .order_by(*BY_REF)
)
WITH_WORDS = (
    _record("case")
    .where(UNRESOLVED, CASE.due.is_not(None), CASE.due_words.is_not(None))
    .order_by(*BY_REF)
)
VERSIONS = select(CASE.ref, CASE.version).where(UNRESOLVED)
COORDINATED = (
    select(schema.case_coordinating.c.org, func.count())
    .join(schema.case, schema.case_coordinating.c.ref == CASE.ref)
    .where(UNRESOLVED)
    .group_by(schema.case_coordinating.c.org)
)


COORDINATORS = (
    select(CASE.ref, CASE.owner, schema.case_coordinating.c.org)
    .join(schema.case, schema.case_coordinating.c.ref == CASE.ref)
    .where(UNRESOLVED)
)


_OF_OWNER, _OF_CONFERENCE = _or_any(CASE.owner, "owner"), _or_any(CASE.conference, "conference")
# What is not resolved, as a list of states: only that can be sought in an index.
_IN_OPEN_STATE = CASE.state.in_(
    [literal_column(f"'{one}'") for one in State if one is not State.RESOLVED]
)


def _parts(still_open: ColumnElement[bool]) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Yield the conditions of what a balance is made of, in the order `queries` takes them."""
    resolved = CASE.state == literal_column("'resolved'")
    yield (still_open,)
    yield (still_open, CASE.due.is_(None))
    yield (still_open, *_time_is_up(_day("day")))
    yield (resolved,)
    yield (resolved, CASE.due.is_(None))
    yield (resolved, CASE.resolved_on <= CASE.due)


_NONE: ColumnElement[int] = literal_column("0")
_NO_PARTS, _NO_CLAIMS = (_NONE,) * 6, (_NONE,) * 6


def _tallies(by: ColumnElement[Any]) -> CompoundSelect[Any]:
    """Return the parts of the balance of each value of a column, in one reading of all cases."""
    held = (CASE.held_since.is_not(None), CASE.due.is_not(None))
    parts = (func.count().filter(*part) for part in (*_parts(UNRESOLVED), held))
    balances = select(by, *parts, *_NO_CLAIMS).where(_OF_OWNER, _OF_CONFERENCE).group_by(by)
    return union_all(balances, _claims(by))


def _claims(by: ColumnElement[Any]) -> Select[Any]:
    """Return what is claimed of the cases of each value of a column, beside the other parts.

    First of those that are open, then of those that are resolved.
    """
    still, done = CASE.resolved_on.is_(None), CASE.resolved_on.is_not(None)
    parts = (
        (still,),
        (still, CASE.due.is_(None)),
        (still, *_time_is_up(_day("day"))),
        (done,),
        (done, CASE.due.is_(None)),
        (done, CASE.resolved_on <= CASE.due),
    )
    by = _unsorted(by)
    found = select(by, *_NO_PARTS, _NONE, *(func.count().filter(*part) for part in parts))
    return found.where(_CLAIMED, _OF_OWNER, _OF_CONFERENCE).group_by(by)


def _unsorted(of: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a text as what no index holds: to group few cases SQLite would read all in order."""
    return of.concat(literal_column("''"))


def _of_owners(*parts: tuple[ColumnElement[bool], ...]) -> Iterator[Select[Any]]:
    """Yield how many cases meet each condition: of each organisation that owns any, and of nobody.

    Each count is a stretch of the index of owners; to group cases is to look at every one.
    """
    for owner, owns, asked in (
        (ORGANISATION.code, CASE.owner == ORGANISATION.code, _or_any(ORGANISATION.code, "owner")),
        (null(), CASE.owner.is_(None), _text("owner").is_(None)),
    ):
        counts = (select(func.count()).select_from(schema.case).where(owns, *one) for one in parts)
        found = (count.scalar_subquery() for count in counts)
        yield select(owner, *found).where(asked, exists(literal_column("1")).where(owns))


def _balances_of_owners() -> CompoundSelect[Any]:
    parts = [(*part, _OF_CONFERENCE) for part in _parts(_IN_OPEN_STATE)]
    owner = _unsorted(CASE.owner)
    held = select(owner, *_NO_PARTS, func.count(), *_NO_CLAIMS).where(
        UNRESOLVED, *_ODD, CASE.held_since.is_not(None), _OF_OWNER, _OF_CONFERENCE
    )
    balances = (query.add_columns(_NONE, *_NO_CLAIMS) for query in _of_owners(*parts))
    return union_all(*balances, held.group_by(owner), _claims(CASE.owner))


TALLIES = {
    "owner": _balances_of_owners(),
    "conference": _tallies(CASE.conference),
    # Lists of themes are few, and are taken apart by who asks: the engines do it differently.
    "theme": _tallies(cast(CASE.theme, Text)),
}
BALANCE = select(
    func.count().filter(CASE.proposed_on < _day("start")),
    func.count().filter(CASE.proposed_on >= _day("start")),
    func.count().filter(CASE.reopened == 0, CASE.resolved_on < _day("start")),
    func.count().filter(CASE.reopened == 0, CASE.resolved_on >= _day("start")),
).select_from(schema.case)
REMINDED = (
    select(
        schema.reminder.c.ref,
        schema.reminder.c.level,
        schema.reminder.c.due,
        schema.reminder.c.owner,
    )
    .join(schema.case, CASE.ref == schema.reminder.c.ref)
    .where(UNRESOLVED)
)

# --- the log ---------------------------------------------------------------------------------

_keyed = select(EVENT.key, EVENT.body, TOLD.body).join(schema.disclosure, TOLD.seq == EVENT.seq)
_disclosed = select(EVENT.body, TOLD.body).join(schema.disclosure, TOLD.seq == EVENT.seq)
_known_by = EVENT.seq <= bindparam("until", type_=schema.SEQ)
_moves_told = (EVENT.kind == "case", EVENT.effective_on <= _day("end"), _known_by)
_reopens = or_(*(EVENT.act == verb for verb in REOPENS))
_ends = or_(EVENT.act == "resolve", EVENT.act == "close")
_back_again = select(EVENT.key).where(_reopens, *_moves_told)

LOG_HEAD = select(schema.log_head.c.size, schema.log_head.c.root, schema.log_head.c.peaks)
HEAD = select(
    schema.log_head.c.size, schema.log_head.c.root, EVENT.recorded_at, schema.register.c.origin
).select_from(
    schema.log_head.outerjoin(
        schema.register, schema.register.c.name == literal_column("'register'")
    ).outerjoin(schema.event, EVENT.seq == schema.log_head.c.size - 1)
)
LENGTH = select(func.max(EVENT.seq) + 1)
"""How many events there are, as far as their numbers tell."""

LAST_EVENT = select(func.max(EVENT.seq)).where(
    EVENT.kind == _text("kind"), EVENT.key == _text("key")
)
LAST_OF_KIND = select(func.max(EVENT.seq)).where(
    EVENT.kind == _text("kind"), EVENT.seq < bindparam("before", type_=schema.SEQ)
)
LATEST_EFFECTIVE = select(func.max(EVENT.effective_on))
EVENTS_OF_RECORD = _disclosed.where(
    EVENT.kind == _text("kind"), EVENT.key == _text("key")
).order_by(EVENT.seq)
EVENTS_OF_KIND = _disclosed.where(EVENT.kind == _text("kind")).order_by(EVENT.key, EVENT.seq)
OF_COMMAND = (
    select(
        EVENT.body,
        TOLD.body,
        # Its last event comes before the first one of the next command.
        func.coalesce(
            select(EVENT_AGAIN.seq)
            .where(EVENT_AGAIN.command.is_not(None), EVENT_AGAIN.seq > EVENT.seq)
            .order_by(EVENT_AGAIN.seq)
            .limit(1)
            .scalar_subquery(),
            select(schema.log_head.c.size).scalar_subquery(),
        )
        - 1,
    )
    .join(schema.disclosure, TOLD.seq == EVENT.seq)
    .where(EVENT.command == _text("command"), EVENT.actor == _text("actor"))
)
EVENTS_BETWEEN = _disclosed.where(
    EVENT.seq >= bindparam("first", type_=schema.SEQ),
    EVENT.seq <= bindparam("last", type_=schema.SEQ),
).order_by(EVENT.seq)
RECORDED_BY = select(func.max(EVENT.seq)).where(EVENT.recorded_at <= _text("instant"))
EVENTS = _disclosed.where(_known_by).order_by(EVENT.seq)
NOTES = _keyed.where(
    # Written out, not bound, for the index of notes.
    EVENT.act == literal_column("'note'"),
    EVENT.kind == literal_column("'case'"),
    EVENT.effective_on <= _day("day"),
    _known_by,
)
MOVES = select(
    func.count().filter(_reopens, EVENT.effective_on < _day("start")),
    func.count().filter(_reopens, EVENT.effective_on >= _day("start")),
    func.count().filter(_ends, EVENT.effective_on < _day("start")),
    func.count().filter(_ends, EVENT.effective_on >= _day("start")),
).where(
    or_(_ends, _reopens),
    EVENT.key.in_(_back_again),
    *_moves_told,
)
ANY_ACT = select(EVENT.seq).where(EVENT.act == _text("act")).limit(1)
LEAVES = select(EVENT.leaf).order_by(EVENT.seq)
BODIES = (
    select(EVENT.body)
    .where(
        EVENT.seq >= bindparam("first", type_=schema.SEQ),
        EVENT.seq <= bindparam("last", type_=schema.SEQ),
    )
    .order_by(EVENT.seq)
)
STORED = (
    select(EVENT.seq, EVENT.body, EVENT.leaf, TOLD.body, *(EVENT[name] for name in rows.OF_EVENT))
    .outerjoin(schema.disclosure, TOLD.seq == EVENT.seq)
    .order_by(EVENT.seq)
)
STRAY = (
    select(TOLD.seq)
    .outerjoin(schema.event, EVENT.seq == TOLD.seq)
    .where(EVENT.seq.is_(None))
    .order_by(TOLD.seq)
    .limit(1)
)
DISCLOSURES = select(TOLD.seq, TOLD.body).where(_among(TOLD.seq, "seqs"))
EVENTS_OF_CASES = _keyed.where(EVENT.kind == "case", _among(EVENT.key, "refs")).order_by(EVENT.seq)
EVIDENCE = (
    select(EVENT.seq, EVENT.key, EVENT.body, TOLD.body)
    .outerjoin(schema.disclosure, TOLD.seq == EVENT.seq)
    .order_by(EVENT.seq)
)


EVIDENCE_OF_CASES = EVIDENCE.where(EVENT.kind == "case", _among(EVENT.key, "refs"))

# --- what a filter composes ------------------------------------------------------------------


_ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "ref": (),
    "due": (CASE.due.is_(None), CASE.due),
    "owner": (CASE.owner.is_(None), CASE.owner),
    "state": (case({str(name): i for i, name in enumerate(State)}, value=CASE.state),),
    "conference": (CASE.conference.is_(None), CASE.conference),
}
_EVERY_OVERDUE = (UNRESOLVED, *_time_is_up(_day("day")))


def _ordered(query: Select[Any], sort: str, *, dated: bool) -> Select[Any]:
    # Where all have a due date, the index of open cases has them in order already.
    order = (CASE.due,) if dated and sort == "due" else _ORDERS[sort]
    return query.order_by(*order, *BY_REF)


def _list(sort: str, *where: ColumnElement[bool]) -> Select[Any]:
    query = _ordered(_record("case").where(*where), sort, dated=bool(where))
    return query.limit(bindparam("limit", type_=BigInteger))


def _count(by: str, *where: ColumnElement[bool]) -> Select[Any]:
    return select(CASE[by], func.count()).where(*where).group_by(CASE[by])


LISTS = {sort: _list(sort) for sort in _ORDERS} | {
    f"overdue {sort}": _list(sort, *_EVERY_OVERDUE) for sort in _ORDERS
}
_titles = select(CASE.ref, CASE.title, CASE.title_vi, CASE.theme)
TITLES = {"all": _titles, "overdue": _titles.where(*_EVERY_OVERDUE)}
COUNTS = (
    {by: _count(by) for by in COUNTED}
    | {f"overdue {by}": _count(by, *_EVERY_OVERDUE) for by in COUNTED}
    | {"overdue owner": union_all(*_of_owners((_IN_OPEN_STATE, *_time_is_up(_day("day")))))}
)


def cases(wanted: Filter, day: date) -> Statement:
    """Return the cases a filter names but for its theme, which the engines keep differently."""
    dated = wanted.overdue or wanted.due_before is not None
    query = _ordered(_filtered(_record("case"), wanted, day), wanted.sort, dated=dated)
    return composed(query.limit(wanted.limit) if wanted.theme is None else query)


def titles(wanted: Filter, day: date) -> Statement:
    """Return the titles of these cases, and their themes."""
    return composed(_filtered(TITLES["all"], wanted, day))


def counted(by: str, wanted: Filter, day: date) -> Statement:
    """Return how many of these cases there are for each value of a column."""
    return composed(_filtered(_count(by), wanted, day))


def _filtered(query: Select[Any], wanted: Filter, day: date) -> Select[Any]:
    for name, values in wanted.among.items():
        query = query.where(CASE[name].in_(values))
    if wanted.overdue:
        query = query.where(UNRESOLVED, *_time_is_up(day))
    if wanted.due_before is not None:
        query = query.where(CASE.due < wanted.due_before)
    for sought in wanted.text:
        query = query.where(or_(*_says(sought)))
    return query


def _says(sought: Sought) -> Iterator[ColumnElement[bool]]:
    """Yield the ways in which a case may have what is sought."""
    yield CASE.search.contains(sought.words, autoescape=True)
    if sought.noted:
        yield _one_of(CASE.ref, sought.noted)
    if sought.bodies:
        for name in ("owner", "proposer", "addressee"):
            yield _one_of(CASE[name], sought.bodies)
        with_body = select(schema.case_coordinating.c.ref)
        yield CASE.ref.in_(with_body.where(_one_of(schema.case_coordinating.c.org, sought.bodies)))


def _one_of(of: ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    listed = bindparam(None, json.dumps(sorted(values)), type_=String)
    return of.in_(select(cast(_Elements(listed).table_valued("value").c.value, String)))


def found_by() -> Select[Any]:
    """Return every case with what only serves to find it."""
    return _record("case").add_columns(*(CASE[name] for name in rows.LOOKED_UP))


def matches(wanted: Filter, day: date) -> Statement:
    """Return what tells how well each of the cases a filter names fits it."""
    told = (CASE.ref, CASE.ref_stem, CASE.ref_number, CASE.search)
    bodies = (CASE.owner, CASE.proposer, CASE.addressee, CASE.coordinating)
    return composed(_filtered(select(*told, *bodies), wanted, day))


def events(
    equal: Mapping[str, str], field: str | None, since: str | None, until: str | None
) -> Statement:
    """Return the events whose columns have some values, that change a field, between instants."""
    query = _disclosed.where(*(EVENT[name] == value for name, value in equal.items()))
    if field is not None:
        query = query.where(EVENT.fields.contains(f",{field},", autoescape=True))
    if since is not None:
        query = query.where(EVENT.recorded_at >= since)
    if until is not None:
        query = query.where(EVENT.recorded_at <= until)
    return composed(query.order_by(EVENT.seq))


def changing(fields: Sequence[str], until: int) -> Statement:
    """Return the events up to one that change any of some fields of cases, case by case."""
    changed = or_(*(EVENT.fields.contains(f",{name},") for name in fields))
    query = _keyed.where(EVENT.kind == "case", changed, EVENT.seq <= until)
    return composed(query.order_by(EVENT.key, EVENT.seq))


# --- for SQLite ------------------------------------------------------------------------------

_SQLITE = sqlite.dialect(paramstyle="named")
_TEXT_OF = {Date: "date", JSON: "json"}
"""What SQLite keeps as text."""


def composed(query: SelectBase, name: str = "") -> Statement:
    """Return a query as both engines can be sent it."""
    # Lists can only be written out once their values are there; what has a name has none.
    lists = {} if name else {"render_postcompile": True}
    built = query.compile(dialect=_SQLITE, compile_kwargs=lists)
    asked = {key for key, bind in built.binds.items() if bind.required}
    return Statement(
        name,
        " ".join(str(built).split()),
        {key: value for key, value in built.params.items() if key not in asked},
        tuple(
            (place, form)
            for place, one in enumerate(query.selected_columns)
            if (form := _TEXT_OF.get(type(one.type))) is not None
        ),
        query,
    )


@cache
def named(name: str) -> Any:
    """Return the statement of this name, of a kind or column where there is one of each."""
    what, _, which = name.partition(" ")
    return globals()[what][which] if which else globals()[what]


def document(root: Path, stamps: Mapping[Path, list[int]]) -> str:
    """Return the text of `compiled.tsv`, to be made in a process that does nothing else.

    Its sources are the modules of the program that have been imported.
    """
    imported = (getattr(one, "__file__", None) for one in tuple(sys.modules.values()))
    files = sorted({Path(file) for file in imported if file} & stamps.keys())
    sources = {file.relative_to(root).as_posix(): stamps[file] for file in files}
    made = {"sources": sources, **dict(_made()), "SCRATCH": [*_scratches()]}
    made["TRIGGERS"] = sorted(schema.TRIGGERS)
    return "".join(f"{name}\t{json.dumps(value)}\n" for name, value in made.items())


def _made() -> Iterator[tuple[str, Any]]:
    """Yield each statement that has a name, with what is kept of it."""
    for name, value in globals().items():
        if not name.isupper() or name.startswith("_"):
            continue
        if isinstance(value, SelectBase):
            yield name, _kept(value)
        elif isinstance(value, dict) and isinstance(next(iter(value.values())), SelectBase):
            yield from ((f"{name} {which}", _kept(query)) for which, query in value.items())


def _kept(query: SelectBase) -> dict[str, Any]:
    made = composed(query, "named")
    return {"text": made.text, "fixed": dict(made.fixed), "forms": made.forms}


def _scratches() -> Iterator[str]:
    """Yield what makes the tables of an earlier day."""
    for made in schema.metadata.sorted_tables:
        if made.name in KINDS or made.name in rows.OWNER_COLUMNS:
            yield from map(_one_line, _scratch(made))


def _scratch(made: Table) -> Iterator[Any]:
    """Yield what makes a table that takes any rows: the columns and indexes, but no constraint.

    An earlier day may hold what no moment of the register did: two people of one login, a case
    resolved before its resolution. It is shown, for the log says so, and never refused.
    """
    bare = Table(made.name, MetaData(), *(Column(one.name, one.type) for one in made.columns))
    yield CreateTable(bare)
    sought = [tuple(made.primary_key.columns.keys())]
    if made is schema.case:
        # Cases are found by their references, and counted by owner.
        tally = next(one for one in made.indexes if one.name == "ix_case_tally")
        sought += [("ref_key",), tuple(tally.columns.keys())]
    for number, names in enumerate(sought):
        columns = (bare.c[name] for name in names)
        yield CreateIndex(Index(f"scratch_{made.name}_{number}", *columns))


def _one_line(made: Any) -> str:
    return " ".join(str(made.compile(dialect=_SQLITE)).split())
