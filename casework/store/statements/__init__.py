"""The statements that read the register, written once for both engines in SQLAlchemy Core.

They are compiled to text ahead of time (`compiled`), because importing SQLAlchemy takes longer than
most commands. What stands in a statement by name is bound when it is asked; a list is one JSON
value, so that a statement has one text however long the list is.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import SelectBase, and_, or_, true

from casework.store.connections import NEGATED, Group
from casework.store.statements import cases, log, narrowed, records, tallies
from casework.store.statements.narrowed import condition
from casework.store.statements.pieces import BY_REF

if TYPE_CHECKING:
    from casework.store.connections import Alternative, Statement


@cache
def every() -> dict[str, SelectBase]:
    """Return every statement by name; one of a group has the names of the group and its own."""
    found: dict[str, SelectBase] = {}
    for module in (records, cases, tallies, log, narrowed):
        for name, value in vars(module).items():
            if not name.isupper():
                continue
            each = value.items() if isinstance(value, dict) else [("", value)]
            found |= {f"{name} {w}".strip(): q for w, q in each if isinstance(q, SelectBase)}
    return found


def named(statement: Statement) -> Any:
    """Return a statement in SQLAlchemy, with conditions that narrow it."""
    query: Any = every()[statement.name]
    for alternatives in statement.where:
        query = query.where(or_(*map(_made, alternatives)))
    if statement.orders:
        orders = (one for name in statement.orders for one in narrowed.ORDERS[name])
        query = query.order_by(None).order_by(*orders, *BY_REF)
    return query


def _made(part: Alternative) -> Any:
    """Return a condition or a group, with values."""
    if isinstance(part, Group):
        return (and_ if part.word == "AND" else or_)(*map(_made, part.parts))
    name, value = part
    made = condition(name.removeprefix(NEGATED), value)
    return made.is_not(true()) if name.startswith(NEGATED) else made
