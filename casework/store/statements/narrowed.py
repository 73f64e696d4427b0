"""Statements that can be narrowed, and the conditions for them.

Each condition has one bound value, or none.
"""

from __future__ import annotations

from functools import partial
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    not_,
    select,
    union_all,
)

from casework.kinds.case import Case
from casework.kinds.choices import State
from casework.kinds.forms import form_of
from casework.rules.query import COMPARING
from casework.rules.query_names import FIELDS
from casework.store import schema
from casework.store.connections import DESCENDING
from casework.store.filters import BODIES, COUNTED, SORTS
from casework.store.statements.log import disclosed, keyed, known_by
from casework.store.statements.pieces import (
    BY_REF,
    CASE,
    EVENT,
    IN_OPEN_STATE,
    UNRESOLVED,
    Elements,
    Names,
    among,
    bound_day,
    bound_text,
    record_of,
    time_is_up,
)
from casework.store.statements.tallies import of_owners

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.kinds.field import Field

    Made = Callable[[Any], ColumnElement[bool]]

_COORDINATING = schema.case_coordinating.c
_THEME = schema.case_theme.c
_LISTED = {"coordinating": _COORDINATING.org, "theme": _THEME.theme}
"""The lists of a case whose values have separate rows, and the columns of these."""


def _has(field: Field) -> Made:
    """Return the condition that a field has a value, or that a list contains it."""
    of = CASE[field.name]
    if not field.many:
        return lambda value: of == value
    if (listed := _LISTED.get(field.name)) is not None:
        ref = listed.table.c.ref
        return lambda value: CASE.ref.in_(select(ref).where(listed == value))
    element = Elements(of).table_valued("value").c.value
    return lambda value: exists(literal_column("1")).where(element == value)


def _is_among(name: str) -> Made:
    """Return the condition that a field has one of several values, given as a JSON list."""
    if name == "coordinating":
        with_one = select(_COORDINATING.ref)
        return lambda listed: CASE.ref.in_(with_one.where(among(_COORDINATING.org, listed)))
    return lambda listed: among(CASE[name], listed)


def _lacks(field: Field) -> ColumnElement[bool]:
    """Return the condition that a field has no value, or that a list is empty."""
    of = CASE[field.name]
    if not field.many:
        return of.is_(None)
    return not_(exists(literal_column("1")).select_from(Elements(of).table_valued("value")))


def _compared(form: str) -> dict[str, Made]:
    """Return the conditions that compare the columns of a type with a value."""
    return {
        f"{one.name} {sign}": partial(compare, CASE[one.name])
        for one in FIELDS
        if form_of(one.type)["is"] == form
        for sign, compare in zip(COMPARING, (lt, le, gt, ge), strict=True)
    }


def _last(name: str) -> tuple[ColumnElement[Any], ...]:
    """Return the order that puts rows without a value of a column last."""
    return (CASE[name].is_(None),) if name in SORTS and CASE[name].nullable else ()


def _of_event(name: str) -> Made:
    return lambda value: EVENT[name] == value


_OF_A_DAY: dict[str, Made] = {
    "overdue": lambda day: and_(UNRESOLVED, *time_is_up(day)),
    **_compared("date"),
}
_OF_A_NUMBER: dict[str, Made] = _compared("integer")
_OF_NOTHING: dict[str, ColumnElement[bool]] = {
    "open": UNRESOLVED,
    "on_hold": CASE.held_since.is_not(None),
    "asks_time": CASE.asked_due.is_not(None),
    "contested": CASE.contested_on.is_not(None),
    **{f"no {one.name}": _lacks(one) for one in FIELDS if one.may_lack},
}
_OF_A_TEXT: dict[str, Made] = {
    **{field.name: _has(field) for field in Case.fields if field.filter},
    # A pattern, which `filters.within` gives.
    "says": lambda pattern: CASE.search.like(pattern, escape="/"),
    "noted": lambda listed: among(CASE.ref, listed),
    "changed": lambda listed: among(CASE.ref, listed),
    "seen": lambda listed: not_(among(CASE.ref, listed)),
    "ref": lambda key: CASE.ref_key == key,
    "called": lambda pattern: CASE.ref_key.like(pattern, escape="/"),
    **{f"{name} among": _is_among(name) for name in BODIES},
    **{f"event {name}": _of_event(name) for name in ("kind", "key", "actor", "act")},
    "event deputy_of": lambda words: Names(EVENT.body, words),
    "event field": lambda pattern: EVENT.fields.like(pattern, escape="/"),
    "event since": lambda instant: EVENT.recorded_at >= instant,
    "event until": lambda instant: EVENT.recorded_at <= instant,
}
_BOUND: tuple[tuple[Any, dict[str, Made]], ...] = (
    (Date, _OF_A_DAY),
    (BigInteger, _OF_A_NUMBER),
    (String, _OF_A_TEXT),
)
CONDITIONS = (*_OF_NOTHING, *(name for _, made in _BOUND for name in made))
"""The names of the conditions."""


def condition(name: str, value: Any = None) -> ColumnElement[bool]:
    """Return a condition with its value, or with a parameter named ``value``."""
    if name in _OF_NOTHING:
        return _OF_NOTHING[name]
    kind, made = next((kind, made[name]) for kind, made in _BOUND if name in made)
    if value is None:
        return made(bindparam("value", type_=kind))
    return made(bindparam("value", value, type_=kind, unique=True))


_STATES = case({str(name): i for i, name in enumerate(State)}, value=CASE.state)
_ORDERED: dict[str, tuple[ColumnElement[Any], ...]] = {
    **{name: (CASE[name],) for name in SORTS if name != "title"},
    "ref": BY_REF,
    "state": (_STATES,),
    # Where all have a due date, the index of open cases has them in order already.
    "dated": (CASE.due,),
}
ORDERS = {
    name + way: (*_last(name), *(one.desc() if way else one for one in columns))
    for name, columns in _ORDERED.items()
    for way in ("", DESCENDING)
}
"""The sort orders of lists, before the order by reference; rows without a value come last."""

LIST = record_of("case").order_by(*BY_REF).limit(bindparam("limit", type_=BigInteger))
LIST_OF_THEME = (
    record_of("case")
    .join(_THEME.ref.table, _THEME.ref == CASE.ref)
    .where(_THEME.theme == bound_text("theme"))
    # An index has them in this order.
    .order_by(_THEME.ref_stem, _THEME.ref_number, _THEME.ref)
    .limit(bindparam("limit", type_=BigInteger))
)
TITLES = select(CASE.ref, CASE.title, CASE.title_vi, *(CASE[name] for name in SORTS))
MET = select(CASE.ref)
MET_AMONG = MET.where(among(CASE.ref, bound_text("refs")))
"""The references of cases: of all, or of those in a JSON list of references."""
COUNTS = {by: select(CASE[by], func.count()).group_by(CASE[by]) for by in COUNTED}
OVERDUE_BY_OWNER = union_all(*of_owners((IN_OPEN_STATE, *time_is_up(bound_day("day")))))
MATCHES = select(
    *(CASE.ref, CASE.ref_stem, CASE.ref_number, CASE.search),
    *(CASE.owner, CASE.proposer, CASE.addressee, CASE.coordinating),
)
"""What the rank of a case in a search is computed from."""

LOGGED = disclosed.order_by(EVENT.seq)
LOGGED_ON = disclosed.join(
    schema.TABLES["case"], and_(EVENT.kind == literal_column("'case'"), EVENT.key == CASE.ref)
).order_by(EVENT.seq)
"""The events of cases that can be narrowed by what is asked of the cases, too."""
CHANGED = keyed.where(EVENT.kind == literal_column("'case'"), known_by).order_by(
    EVENT.key, EVENT.seq
)
"""The events of cases up to a given one, case by case."""
