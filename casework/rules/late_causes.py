"""The cause of lateness of a case: when one is required, and when none is allowed.

If the register keeps causes, whoever resolves a late case or extends it must say why it is late.
Verbs, the ledger and servers apply the same rule; acts that a source reports are accepted without
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from casework.errors import RefusedError
from casework.kinds.choices import State
from casework.rules.lateness import days_overdue
from casework.words import Choice, Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from casework.kinds.records import Case
    from casework.rules.asked import Asked, Changes

ASKS = ("resolve", "close", "confirm", "extend", "assign")
"""The acts that end a case or extend it; a returned case gets its new date with its owner."""


class Judged(Protocol):
    """The act to be judged: `causes` may be given, None if that is not checked."""

    @property
    def verb(self) -> str:
        """The verb of the act."""

    @property
    def after(self) -> Case:
        """The case as the act leaves it."""

    @property
    def changes(self) -> Collection[str]:
        """The fields it changes."""

    @property
    def day(self) -> date:
        """The day it takes effect."""

    @property
    def causes(self) -> Collection[str] | None:
        """The codes of the causes that may be given."""


def days_late(case: Case, verb: str, day: date) -> int:
    """Return how many days late a case is when the act takes effect; 0 if the act needs no cause.

    A case that is resolved and confirmed is judged on the day it was resolved.
    """
    if verb not in ASKS:
        return 0
    return _resolved_late(case) if case.state is State.RESOLVED else days_overdue(case, day)


def _resolved_late(case: Case) -> int:
    if case.state is not State.RESOLVED or case.due is None or case.resolved_on is None:
        return 0
    return max((case.resolved_on - case.due).days, 0)


def caused(case: Case, asked: Asked) -> Changes:
    """Return the cause that an act gives; raises RefusedError if one is missing or not allowed."""
    cause, codes = asked.given.late_cause, asked.given.causes
    if cause is None and not codes:
        return {}
    late = days_late(case, asked.verb, asked.day)
    if cause is None:
        if late and asked.told is None:
            raise RefusedError(
                "rule.late-cause-needed",
                Text("late-cause.give", codes=Choice(codes)),
                ref=case.ref,
                due=case.due,
                late=late,
            )
        return {}
    if not late:
        what = "rule.late-cause-in-time" if case.due else "rule.late-cause"
        raise RefusedError(what, "late-cause.leave-out", ref=case.ref, due=case.due, day=asked.day)
    if cause.retired_on is not None:
        hint = Text("late-cause.give", codes=Choice(codes)) if codes else "late-cause.add"
        raise RefusedError("rule.late-cause-retired", hint, code=cause.code)
    return {"late_cause": cause.code}


def faults(asked: Judged, before: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rules that an act done here breaks by giving, or not giving, a cause."""
    after, causes = asked.after, asked.causes
    given = after.late_cause if "late_cause" in asked.changes else None
    if not given and not causes:
        return
    if asked.verb == "correct":
        if given and not (after.extensions or after.reopened or _resolved_late(after)):
            yield "late-cause-never", {"ref": after.ref}
    elif asked.verb in ASKS:
        late = days_late(before, asked.verb, asked.day)
        if given and not late:
            yield "late-cause-in-time", {"ref": after.ref, "day": asked.day, "due": after.due}
        elif given and causes is not None and given not in causes:
            yield "late-cause-retired", {"code": given}
        elif late and after.late_cause is None:
            yield "late-cause-needed", {"ref": after.ref, "due": before.due, "late": late}
