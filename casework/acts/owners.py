"""Requests of owners to the secretariat: more time, or that a case is not theirs.

Both wait on the case until the secretariat decides, or another act ends them (`changes.ENDS`). More
time is always given by an extension.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from casework.acts import cases
from casework.acts.cases import NO_WHY, begun, done
from casework.acts.together import lock_together, together
from casework.errors import RefusedError
from casework.kinds.records import Case
from casework.questions import due_dates, lookup, working_calendar
from casework.rules.asked import Given
from casework.rules.deadlines import REPLY_DAYS
from casework.rules.workflow import Party, parties
from casework.system.text import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from casework.acts.cases import Why
    from casework.ledger.ledger import Desk
    from casework.rules.dates import Typed


def extend(
    desk: Desk,
    ref: str,
    *,
    due: date | Typed,
    basis: str = "set",
    late_cause: str | None = None,
    ask: bool = False,
    why: Why,
) -> Case:
    """Extend the due date, or request it: the owner's desk requests, the secretariat extends.

    With `ask` the secretariat records a request that the owner made on paper. Raises RefusedError
    if a request names a cause of lateness.
    """
    asks = ask or Party.OWNER in parties(desk.entitled, lookup.find_case(desk.connection, ref))
    if not asks:
        return cases.extend(desk, ref, due=due, basis=basis, late_cause=late_cause, why=why)
    if late_cause is not None:
        raise RefusedError("ask-time.late-cause")
    return ask_time(desk, ref, due=due, why=why)


def ask_time(desk: Desk, ref: str, *, due: date | Typed, why: Why) -> Case:
    """Request a later due date; the register sets how many working days the answer may take."""
    case, day = begun(desk, "ask-time", ref, why)
    by = due_dates.settle(desk.connection, due, desk.today, day, due=case.due)
    days = lookup.register(desk.connection).reply_days or REPLY_DAYS
    reply = working_calendar.working_calendar(desk.connection).add(desk.today, days)
    return done(desk, case, "ask-time", why, day, Given(due=by, reply_by=reply))


def grant(
    desk: Desk,
    ref: str,
    *,
    due: date | Typed | None = None,
    late_cause: str | None = None,
    why: Why = NO_WHY,
) -> Case:
    """Grant the time that was requested, or less.

    Without a reason, that of the request is used. Raises RefusedError if there is no request, and
    for a later date than was requested.
    """
    # Imported here, as below: most acts answer no request.
    from casework.questions.owners import time_asked

    asked = time_asked(desk.connection, ref)
    given = asked.due
    if due is not None:
        day = why.effective_on or desk.today
        held = lookup.find_case(desk.connection, asked.ref).due
        given = due_dates.settle(desk.connection, due, desk.today, day, due=held).day
        if given > asked.due:
            raise RefusedError("grant-time.more", ref=asked.ref, asked_due=asked.due, day=given)
    if why.reason is None and asked.reason not in {None, WITHHELD}:
        why = replace(why, reason=asked.reason)
    return cases.extend(desk, asked.ref, due=given, late_cause=late_cause, why=why)


def refuse(desk: Desk, ref: str, *, why: Why) -> Case:
    """Refuse the time that was requested; the due date stays."""
    return _answered(desk, "refuse-time", ref, why)


def withdraw(desk: Desk, ref: str, *, why: Why = NO_WHY) -> Case:
    """Withdraw a request for more time."""
    return _answered(desk, "withdraw-time", ref, why)


def _answered(desk: Desk, verb: str, ref: str, why: Why) -> Case:
    from casework.questions.owners import time_asked

    case, day = begun(desk, verb, time_asked(desk.connection, ref).ref, why)
    return done(desk, case, verb, why, day)


def answer_all(desk: Desk, codes: Sequence[str], answer: Callable[[Desk, str], Case]) -> list[Case]:
    """Answer all requests for time under these codes in one way, or none.

    Raises SeveralError with everything that stands in the way.
    """
    from casework.questions.owners import named

    found = [named(desk.connection, code) for code in codes]
    lock_together(desk, sorted((Case.kind, one[0]) for one in found if one is not None))
    return together(desk, [(code, partial(answer, desk, code)) for code in codes])


def contest(desk: Desk, ref: str, *, why: Why) -> Case:
    """Contest a case as not the owner's; it stays with the owner until the secretariat decides."""
    case, day = begun(desk, "contest", ref, why)
    return done(desk, case, "contest", why, day)


def uphold(desk: Desk, ref: str, *, why: Why) -> Case:
    """Decide that a contested case belongs to its owner."""
    case, day = begun(desk, "uphold", ref, why)
    return done(desk, case, "uphold", why, day)
