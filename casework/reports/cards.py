"""A case as the command line prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.kinds.choices import State
from casework.kinds.forms import by_spelling
from casework.kinds.records import Case, Request, plain
from casework.questions.wanted import nearest
from casework.rules.lateness import days_overdue, lateness
from casework.system.text import fold, spelt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

LATE = ("overdue", "days_overdue", "days_late")
BESIDE: Mapping[str, tuple[str, ...]] = {
    "held_since": ("held_days",),
    "holds": LATE,
    "answered_on": ("version",),
}
"""The computed members of a case, by the field that they follow."""


def _shown() -> Iterator[str]:
    """Yield the shown fields and the computed members of a case."""
    for one in sorted(Case.fields, key=lambda one: one.shown or 0):
        if one.shown:
            yield one.name
            yield from BESIDE.get(one.name, ())


SHOWN = tuple(_shown())
MEMBERS = (*SHOWN, "first_resolution", "links", "waiting")
"""The members of a printed case, in order."""


def members_of(text: str) -> tuple[str, ...]:
    """Return the members named in a text, separated by commas, by file or JSON name, or in words.

    Raises UsageError for an unknown member.
    """
    short = {spelt(one.short): one.name for one in Case.fields if one.name in MEMBERS}
    known = by_spelling(MEMBERS) | short
    found = [word.strip() for word in text.split(",")]
    for name in found:
        if spelt(fold(name)) not in known:
            raise UsageError("wanted.no-column", nearest(name, known), name=name)
    return tuple(dict.fromkeys(known[spelt(fold(name))] for name in found))


def case_json(
    case: Case,
    day: date,
    linked_from: Sequence[tuple[str, str]] | None = None,
    waiting: Request | None = None,
) -> dict[str, Any]:
    """Return a case as JSON, as it stands on a day.

    `linked_from` has the links of other cases to it, if asked for; `waiting` has the requests on
    it.
    """
    late = lateness(case, day) | {"days_late": _days_late(case, day)}
    values = {name: late[name] if name in late else plain(getattr(case, name)) for name in SHOWN}
    values["first_resolution"] = (
        {
            "outcome": case.first_outcome,
            "answer": case.first_answer,
            "resolved_on": plain(case.first_resolved_on),
        }
        if case.reopened
        else None
    )
    values["links"] = [{"relation": relation, "ref": ref} for relation, ref in case.links]
    values["waiting"] = waiting and {
        "request": waiting.code,
        "act": waiting.verb,
        "asked_by": waiting.asked_by,
        "asked_on": waiting.asked_on.isoformat(),
    }
    if linked_from is not None:
        values["linked_from"] = [{"relation": link, "ref": ref} for link, ref in linked_from]
    return values


def _days_late(case: Case, day: date) -> int | None:
    """Return how many calendar days after its due date a case is, or was resolved.

    0 means in time; None if the due date or the day of resolution is unknown.
    """
    if case.due is None:
        return None
    if case.state is not State.RESOLVED:
        return days_overdue(case, day)
    return None if case.resolved_on is None else max((case.resolved_on - case.due).days, 0)
