"""A case as the command line prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.records import Case, Request, plain
from casework.reports.overdue import days_overdue, lateness
from casework.workflow import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

FIELDS = (
    "ref",
    "title",
    "title_vi",
    "summary",
    "state",
    "conference",
    "proposer",
    "speaker",
    "addressee",
    "owner",
    "officer",
    "coordinating",
    "due",
    "original_due",
    "due_words",
    "due_basis",
    "due_precision",
    "due_rule",
    "due_from",
    "extensions",
    "held_since",
    "held_days",
    "holds",
)
AFTER = (
    "outcome",
    "answer",
    "document",
    "answered_by",
    "answered_on",
    "version",
    "proposed_on",
    "assigned_on",
    "study_on",
    "resolved_on",
    "resolved_by",
    "reopened",
    "theme",
    "instruments",
    "source",
    "reported",
)


LATE = ("overdue", "days_overdue", "days_late")
MEMBERS = (*FIELDS, *LATE, *AFTER, "first_resolution", "links", "waiting")
"""The members of a case as it is printed, in their order."""


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
    values = {name: plain(getattr(case, name)) for name in FIELDS}
    values |= lateness(case, day) | {"days_late": _days_late(case, day)}
    values |= {name: plain(getattr(case, name)) for name in AFTER}
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
