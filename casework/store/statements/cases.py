"""Statements on open cases, for reports and reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from casework.kinds.listed import Followed, Listed
from casework.store import schema
from casework.store.statements.pieces import (
    BY_REF,
    CASE,
    HAS_NO_OWNER,
    IS_CLAIMED,
    IS_ODD,
    LINK,
    UNRESOLVED,
    bound_day,
    bound_text,
    or_any,
    record_of,
    time_is_up,
)
from casework.store.statements.records import ENDED

if TYPE_CHECKING:
    from collections.abc import Sequence

LISTED = tuple(CASE[name] for name in Listed._fields)
"""The columns of an open case in a report; the index of open cases covers them."""


def _brief(**other: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """Return the columns that a table of open cases shows; a long report is a seventh faster."""
    given = {"conference": null(), "proposer": null(), "officer": null(), **other}
    return [given[one.name].label(one.name) if one.name in given else one for one in LISTED]


BRIEF = {
    "en": _brief(title_vi=null()),
    "vi": _brief(title=case((CASE.title_vi.is_(None), CASE.title))),
}
"""The columns by language: the title is only in that language, if it is translated."""


def _open(*where: ColumnElement[bool], told: Sequence[Any] = LISTED) -> Select[Any]:
    of_owner = or_any(CASE.owner, "owner")
    return select(*told).where(UNRESOLVED, *where, of_owner).order_by(CASE.due, *BY_REF)


OPEN = _open()
OVERDUE = _open(*time_is_up(bound_day("day")))
OVERDUE_BRIEF = {
    lang: _open(*time_is_up(bound_day("day")), told=told) for lang, told in BRIEF.items()
}
OPEN_DUE = _open(CASE.due >= bound_day("first"), CASE.due <= bound_day("last"))
OPEN_WITHOUT_DUE = _open(CASE.due.is_(None))
OPEN_ODD = _open(*IS_ODD)
CLAIMED = select(*LISTED).where(IS_CLAIMED, or_any(CASE.owner, "owner")).order_by(CASE.due, *BY_REF)
OPEN_OF_ENDED = _open(CASE.due.is_not(None), CASE.owner.in_(ENDED))
TO_REMIND = _open(or_(CASE.due <= bound_day("last"), HAS_NO_OWNER))
_followed = select(*(CASE[name] for name in Followed._fields)).order_by(*BY_REF)
_repeats = LINK.relation == literal_column("'repeats'")
FOLLOWED = {
    "recommended": _followed.where(CASE.conference == bound_text("conference")),
    "open": _followed.where(UNRESOLVED),
    "repeated": _followed.where(
        CASE.ref.in_(
            union_all(select(LINK.ref).where(_repeats), select(LINK.other).where(_repeats))
        )
    ),
}
"""The cases of a review: those of a conference, those still open, and repeats of either."""

AWAITING = (
    record_of("case")
    .where(or_(CASE.asked_due.is_not(None), CASE.contested_on.is_not(None)))
    .order_by(*BY_REF)
)
"""The cases whose owner waits for a decision; an index covers them."""

COUNTED_IN_WORKING_DAYS = (
    record_of("case")
    .where(UNRESOLVED, CASE.due_rule.endswith(bindparam("unit", type_=String)))
    .order_by(*BY_REF)
)
WITH_WORDS = (
    record_of("case")
    .where(UNRESOLVED, CASE.due.is_not(None), CASE.due_words.is_not(None))
    .order_by(*BY_REF)
)
VERSIONS = select(CASE.ref, CASE.version).where(UNRESOLVED)
COORDINATED = (
    select(schema.case_coordinating.c.org, func.count())
    .join(schema.TABLES["case"], schema.case_coordinating.c.ref == CASE.ref)
    .where(UNRESOLVED)
    .group_by(schema.case_coordinating.c.org)
)


COORDINATORS = (
    select(CASE.ref, CASE.owner, schema.case_coordinating.c.org)
    .join(schema.TABLES["case"], schema.case_coordinating.c.ref == CASE.ref)
    .where(UNRESOLVED)
)
_SAID = select(
    schema.reminder.c.ref,
    schema.reminder.c.level,
    schema.reminder.c.due,
    schema.reminder.c.owner,
)
REPLIED = _SAID.where(schema.reminder.c.level == bound_text("level"))
REMINDED = _SAID.join(schema.TABLES["case"], CASE.ref == schema.reminder.c.ref).where(UNRESOLVED)
