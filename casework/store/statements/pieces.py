"""Parts of statements: columns, bound values, and conditions that indexes cover."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from casework.kinds.choices import State
from casework.kinds.records import names_of
from casework.store import schema

CASE = schema.TABLES["case"].c
EVENT = schema.event.c
EVENT_AGAIN = schema.event.alias().c
STRUCK = schema.struck_case.c
LINK = schema.case_link.c
NAME = schema.name_key.c
ORGANISATION = schema.TABLES["organisation"].c
CONFERENCE = schema.TABLES["conference"].c
TOLD = schema.disclosure.c

# Written out, not bound: a partial index serves only a query that states its condition.
UNRESOLVED = CASE.state != literal_column("'resolved'")
IS_SECRET = CASE.secrecy != literal_column("'none'")
# Not IS NULL: SQLite would seek the owner in an index that must read each case beside it.
HAS_NO_OWNER = func.coalesce(CASE.owner, "") == ""
# With UNRESOLVED the condition of an index of its own.
IS_ODD = (CASE.due.is_not(None), or_(CASE.owner.is_(None), CASE.held_since.is_not(None)))
# The condition of an index, too: a source calls it ended, and nobody here answers for that.
IS_CLAIMED = or_(
    and_(
        CASE.state == literal_column("'under_study'"),
        CASE.outcome.is_not(None),
        CASE.answered_by.is_(None),
    ),
    and_(CASE.state == literal_column("'resolved'"), CASE.resolved_by.is_(None)),
)
BY_REF = (CASE.ref_stem, CASE.ref_number, CASE.ref)


def bound_day(name: str) -> Any:
    """Return a day that is bound under a name."""
    return bindparam(name, type_=Date)


def bound_text(name: str) -> Any:
    """Return a text that is bound under a name."""
    return bindparam(name, type_=String)


def or_any(of: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a column has a value; true for every row if none is given."""
    return or_(bound_text(name).is_(None), of == bound_text(name))


class Elements(FunctionElement[str]):
    """The elements of a JSON list as rows; unlike IN, the text does not depend on the length."""

    name = "elements"
    inherit_cache = True


@compiles(Elements, "sqlite")
def _elements_sqlite(one: Elements, compiler: Any, **kw: Any) -> str:
    return f"json_each({compiler.process(one.clauses, **kw)})"


@compiles(Elements, "postgresql")
def _elements_postgresql(one: Elements, compiler: Any, **kw: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(one.clauses, **kw)} AS JSON))"


class Names(FunctionElement[bool]):
    """Whether the body of an event contains a text."""

    name = "names"
    type = Boolean()
    inherit_cache = True


@compiles(Names, "sqlite")
def _names_sqlite(one: Names, compiler: Any, **kw: Any) -> str:
    body, words = (compiler.process(part, **kw) for part in one.clauses)
    return f"instr({body}, CAST({words} AS BLOB)) > 0"


@compiles(Names, "postgresql")
def _names_postgresql(one: Names, compiler: Any, **kw: Any) -> str:
    body, words = (compiler.process(part, **kw) for part in one.clauses)
    return f"position(convert_to({words}, 'UTF8') in {body}) > 0"


def among(of: ColumnElement[Any], listed: Any) -> ColumnElement[bool]:
    """Return the condition that a column has one of the values of a JSON list."""
    value = Elements(listed).table_valued("value").c.value
    return of.in_(select(cast(value, BigInteger if of is TOLD.seq else String)))


def time_is_up(day: Any) -> tuple[ColumnElement[bool], ...]:
    """Return the condition of `lateness.is_overdue` for an unresolved case: false while on hold."""
    return (CASE.due < day, CASE.held_since.is_(None))


def record_of(kind: str) -> Select[Any]:
    """Return the statement for every record of a kind."""
    return select(*(schema.TABLES[kind].c[name] for name in names_of(kind)))


OF_OWNER, OF_CONFERENCE = or_any(CASE.owner, "owner"), or_any(CASE.conference, "conference")
# What is not resolved, as a list of states: only that can be sought in an index.
IN_OPEN_STATE = CASE.state.in_(
    [literal_column(f"'{one}'") for one in State if one is not State.RESOLVED]
)
