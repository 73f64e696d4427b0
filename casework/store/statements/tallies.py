"""Statements that count cases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from casework.store import schema
from casework.store.statements.pieces import (
    CASE,
    IN_OPEN_STATE,
    IS_CLAIMED,
    IS_ODD,
    OF_CONFERENCE,
    OF_OWNER,
    ORGANISATION,
    UNRESOLVED,
    among,
    bound_day,
    bound_text,
    or_any,
    time_is_up,
)
from casework.system.text import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Iterator


def _parts(still_open: ColumnElement[bool]) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Yield the conditions for the parts of a balance, in the order that `questions` expects."""
    resolved = CASE.state == literal_column("'resolved'")
    yield (still_open,)
    yield (still_open, CASE.due.is_(None))
    yield (still_open, *time_is_up(bound_day("day")))
    yield (resolved,)
    yield (resolved, CASE.due.is_(None))
    yield (resolved, CASE.resolved_on <= CASE.due)


_NONE: ColumnElement[int] = literal_column("0")
_NO_PARTS, _NO_CLAIMS = (_NONE,) * 6, (_NONE,) * 6


def _tallies(by: ColumnElement[Any]) -> CompoundSelect[Any]:
    """Return the parts of the balance for each value of a column, in one pass over all cases."""
    held = (CASE.held_since.is_not(None), CASE.due.is_not(None))
    parts = (func.count().filter(*part) for part in (*_parts(UNRESOLVED), held))
    balances = select(by, *parts, *_NO_CLAIMS).where(OF_OWNER, OF_CONFERENCE).group_by(by)
    return union_all(balances, _claims(by))


def _claims(by: ColumnElement[Any]) -> Select[Any]:
    """Return the counts of doubted cases for each value of a column, besides the other parts.

    The counts of open cases come first, then those of resolved cases.
    """
    still, done = CASE.resolved_on.is_(None), CASE.resolved_on.is_not(None)
    parts = (
        (still,),
        (still, CASE.due.is_(None)),
        (still, *time_is_up(bound_day("day"))),
        (done,),
        (done, CASE.due.is_(None)),
        (done, CASE.resolved_on <= CASE.due),
    )
    by = _unsorted(by)
    found = select(by, *_NO_PARTS, _NONE, *(func.count().filter(*part) for part in parts))
    return found.where(IS_CLAIMED, OF_OWNER, OF_CONFERENCE).group_by(by)


def _unsorted(of: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return an expression that no index covers: SQLite then scans no index of all cases."""
    return of.concat(literal_column("''"))


def of_owners(*parts: tuple[ColumnElement[bool], ...]) -> Iterator[Select[Any]]:
    """Yield the number of cases that meet each condition, by owner, and for cases without an owner.

    Each count is a range scan of the owner index; GROUP BY would read every case.
    """
    for owner, owns, asked in (
        (ORGANISATION.code, CASE.owner == ORGANISATION.code, or_any(ORGANISATION.code, "owner")),
        (null(), CASE.owner.is_(None), bound_text("owner").is_(None)),
    ):
        counts = (
            select(func.count()).select_from(schema.TABLES["case"]).where(owns, *one)
            for one in parts
        )
        found = (count.scalar_subquery() for count in counts)
        yield select(owner, *found).where(asked, exists(literal_column("1")).where(owns))


def _balances_of_owners() -> CompoundSelect[Any]:
    parts = [(*part, OF_CONFERENCE) for part in _parts(IN_OPEN_STATE)]
    owner = _unsorted(CASE.owner)
    held = select(owner, *_NO_PARTS, func.count(), *_NO_CLAIMS).where(
        UNRESOLVED, *IS_ODD, CASE.held_since.is_not(None), OF_OWNER, OF_CONFERENCE
    )
    balances = (query.add_columns(_NONE, *_NO_CLAIMS) for query in of_owners(*parts))
    return union_all(*balances, held.group_by(owner), _claims(CASE.owner))


_THEMES = cast(CASE.theme, Text)
_NO_THEMES: ColumnElement[str] = literal_column("'[]'")
_UNSEEN: ColumnElement[str] = literal_column(f"'{json.dumps([WITHHELD])}'")

TALLIES = {
    "owner": _balances_of_owners(),
    "conference": _tallies(CASE.conference),
    # Lists of themes are few, and are taken apart by who asks: the engines do it differently.
    "theme": _tallies(_THEMES),
    "theme seen": _tallies(
        case(
            (and_(among(CASE.ref, bound_text("unseen")), _THEMES != _NO_THEMES), _UNSEEN),
            else_=_THEMES,
        )
    ),
}
