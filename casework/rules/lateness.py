"""Whether a case is late, and by how many calendar days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.kinds.choices import State

if TYPE_CHECKING:
    from datetime import date


def is_overdue(state: str, due: date | None, day: date, held_since: date | None = None) -> bool:
    """Return whether a case is overdue on a day: from 00:00 of the day after its due date.

    A case on hold is not overdue.
    """
    return due is not None and state != State.RESOLVED and held_since is None and due < day


def lateness(case: Any, day: date) -> dict[str, Any]:
    """Return whether a case is overdue on a day, and by how many calendar days."""
    late = days_overdue(case, day)
    return {"overdue": late > 0, "days_overdue": late}


def days_overdue(case: Any, day: date) -> int:
    """Return the number of calendar days a case is overdue on a day; 0 if it is not."""
    return days_late(case.state, case.due, day, case.held_since)


def days_late(state: str, due: Any, day: date, held_since: date | None) -> int:
    """Return the same from the values that decide it."""
    return (day - due).days if is_overdue(state, due, day, held_since) else 0


def is_claimed(case: Any) -> bool:
    """Return whether a source calls a case ended but denies it, and nobody here has decided."""
    if case.state == State.RESOLVED:
        return case.resolved_by is None
    studied = case.state == State.UNDER_STUDY
    return studied and case.outcome is not None and case.answered_by is None
