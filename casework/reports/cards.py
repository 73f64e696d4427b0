"""A case as the command line prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.errors import UsageError
from casework.kinds.choices import State
from casework.kinds.records import Case, Request, plain
from casework.questions.wanted import nearest
from casework.rules.lateness import days_overdue, lateness
from casework.system.text import spelt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

LATE = ("overdue", "days_overdue", "days_late")
BESIDE: Mapping[str, tuple[str, ...]] = {
    "held_since": ("held_days",),
    "holds": LATE,
    "answered_on": ("version",),
}
"""What is computed of a case, by the field that it stands behind."""


def _shown() -> Iterator[str]:
    """Yield the fields of a case that are shown, and what is computed of it."""
    for one in sorted(Case.fields, key=lambda one: one.shown or 0):
        if one.shown:
            yield one.name
            yield from BESIDE.get(one.name, ())


SHOWN = tuple(_shown())
MEMBERS = (*SHOWN, "first_resolution", "links", "waiting")
"""The members of a case as it is printed, in their order."""


def members_of(text: str) -> tuple[str, ...]:
    """Return the members that a text names, with commas between, as files or JSON call them.

    Raises UsageError for what is none.
    """
    known = {spelt(one.short): one.name for one in Case.fields if one.name in MEMBERS}
    known |= {spelt(name): name for name in MEMBERS}
    found = [word.strip() for word in text.split(",")]
    for name in found:
        if spelt(name) not in known:
            raise UsageError("wanted.no-column", nearest(name, known), name=name)
    return tuple(dict.fromkeys(known[spelt(name)] for name in found))


def case_json(
    case: Case,
    day: date,
    linked_from: Sequence[tuple[str, str]] | None = None,
    waiting: Request | None = None,
) -> dict[str, Any]:
    """Return a case under the names of the command-line contract, as it stands on a day.

    `linked_from` are the links other cases have to it, where they were asked for; `waiting` is
    what a second person is asked to confirm of it.
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
    """Return by how many calendar days a case is, or was resolved, after its due date.

    0 is in time; None where nobody can tell, for want of a due date or of the day of resolution.
    """
    if case.due is None:
        return None
    if case.state is not State.RESOLVED:
        return days_overdue(case, day)
    return None if case.resolved_on is None else max((case.resolved_on - case.due).days, 0)
