"""An act that is asked for: its input besides the case, and its day of effect."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from casework.kinds.records import Cause, Organisation, Person
    from casework.rules.dates import Day

Changes = dict[str, Any]
"""New values of the fields of a case."""


_NONE: Mapping[str, Any] = MappingProxyType({})


class Given(NamedTuple):
    """The input of an act besides actor and reason; each verb uses what it needs.

    Everything has been looked up: `owner` and `officer` are records, `parents` maps each
    organisation to the one above it, `add` and `remove` are codes. `fields` has the values of a
    proposal or an edit. `ended` has the values before the act that resolved the case, None if it
    was imported as resolved. `due` is the day that was typed, or the new due date of a held case;
    `reply_by` is the day by which a request must be answered. `link` is a relation and a case,
    which `unlinks` removes. `corrects` is a field and its right value. `verdict` is what the
    proposer says of the resolution. `late_cause` is a record, and `causes` the codes that may be
    given to a late case.
    """

    fields: Mapping[str, Any] = _NONE
    owner: Organisation | None = None
    officer: Person | None = None
    parents: Mapping[str, str | None] = _NONE
    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    due: Day | None = None
    reply_by: date | None = None
    basis: str = "set"
    outcome: str | None = None
    answer: str | None = None
    ended: Mapping[str, Any] | None = None
    link: tuple[str, str] | None = None
    unlinks: bool = False
    note: str | None = None
    corrects: tuple[str, Any] = ("", None)
    verdict: str | None = None
    late_cause: Cause | None = None
    causes: Collection[str] | None = None


NOTHING = Given()


class Asked(NamedTuple):
    """What somebody would do on a case: which act, since when, and why.

    `told` is the label of a source that reports the act; None for an act done here.
    """

    verb: str
    actor: str
    day: date
    today: date
    reason: str | None = None
    document: str | None = None
    told: str | None = None
    given: Given = NOTHING


def refuse_future(day: date, today: date) -> None:
    """Raise RefusedError if an act would take effect in the future."""
    if day > today:
        raise RefusedError("effective.future", day=day, today=today)
