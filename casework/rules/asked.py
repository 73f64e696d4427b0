"""An act as it is asked for: its input besides the case, and from when it can take effect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casework.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from casework.kinds.records import Cause, Organisation, Person
    from casework.rules.dates import Day

Changes = dict[str, Any]
"""New values of the fields of a case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an act is given beside who does it and why; each verb takes what it needs of it.

    What stands here is looked up already: `owner` and `officer` are records, `parents` the body
    above each organisation, `add` and `remove` codes. `fields` are the values of a proposal or an
    edit. `ended` has what the act that resolved a case found there, None where it came in resolved.
    `due` is a day that was typed, or the one a held case comes to; `reply_by` is by when somebody
    answers who asks for it. `link` is a relation and a case,
    which it `unlinks`; a `circle` is what the link would close. `corrects` is a field and its right
    value. `verdict` is what the proposer says of the resolution. `late_cause` is a record, `causes`
    the codes of those that may be given to a late case.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    owner: Organisation | None = None
    officer: Person | None = None
    parents: Mapping[str, str | None] = field(default_factory=dict)
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
    circle: bool = False
    note: str | None = None
    corrects: tuple[str, Any] = ("", None)
    verdict: str | None = None
    late_cause: Cause | None = None
    causes: Collection[str] | None = None


NOTHING = Given()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody would do on a case: which act, since when, and why.

    `told` is the label of a source that tells of it, None for what is done here.
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
    """Refuse an act that is still to take effect; raises RefusedError."""
    if day > today:
        raise RefusedError("effective.future", day=day, today=today)
