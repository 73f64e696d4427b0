"""What owners wait for: a decision on more time, or on whose case it is."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from casework.errors import NotFoundError, RefusedError
from casework.kinds.records import Case
from casework.questions import lookup, reading
from casework.questions.audit_log import history
from casework.store import compiled
from casework.store.record_rows import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.log.reading import Event
    from casework.store.connections import Connection

TIME, CONTEST = "ask-time", "contest"
_LETTERS = {TIME: "T", CONTEST: "C"}
_CODE = re.compile(r"(.+)\.[Tt]([0-9]{1,9})")


class Wish(NamedTuple):
    """A waiting request of an owner: which act made it, who, when and why.

    Its code is the reference of the case and the number of such acts on it. `due` is the requested
    date, `reply_by` the day the answer is due; a contest has neither.
    """

    code: str
    verb: str
    ref: str
    owner: str | None
    asked_by: str | None
    asked_on: date
    reason: str | None
    due: date | None = None
    reply_by: date | None = None


class TimeAsked(NamedTuple):
    """A case with a request for more time: the requested date, and why."""

    ref: str
    due: date
    reason: str | None


def waiting(connection: Connection) -> list[Wish]:
    """Return the waiting requests of owners, case by case: more time first, then contests."""
    hides = reading.unseen(connection)
    cases = [read(Case, row) for row in connection.rows(compiled.AWAITING)]
    found = [one for case in cases for one in _of(connection, reading.record(hides, case))]
    return sorted(found, key=lambda one: (one.verb != TIME, one.asked_on))


def wished(connection: Connection, words: str) -> Wish | None:
    """Return a waiting request of an owner by its code; None if there is none."""
    sought = words.strip().casefold()
    return next((one for one in waiting(connection) if one.code.casefold() == sought), None)


def _of(connection: Connection, case: Case) -> Iterator[Wish]:
    events = history(connection, case.ref)
    if case.asked_due is not None:
        yield _wish(case, TIME, events)
    if case.contested_on is not None:
        yield _wish(case, CONTEST, events)


def _wish(case: Case, verb: str, events: list[Event]) -> Wish:
    asked = [one for one in events if one.act == verb]
    # What a file told of a case may have no act of its own.
    last = asked[-1] if asked else events[-1]
    timed = verb == TIME
    return Wish(
        code=code(case.ref, verb, len(asked)),
        verb=verb,
        ref=case.ref,
        owner=case.owner,
        asked_by=last.actor,
        asked_on=date.fromisoformat(last.effective_on),
        reason=last.reason,
        due=case.asked_due if timed else None,
        reply_by=case.reply_by if timed else None,
    )


def code(ref: str, verb: str, number: int) -> str:
    """Return the code of an owner's request on a case, by its number among such acts."""
    return f"{ref}.{_LETTERS[verb]}{number}"


def named(connection: Connection, words: str) -> tuple[str, int | None] | None:
    """Return the case and the number in the code of a request for time.

    A case's own reference has no number; None if the text is neither.
    """
    ref = lookup.case_ref(connection, words)
    if ref is not None:
        return ref, None
    found = _CODE.fullmatch(words.strip())
    ref = lookup.case_ref(connection, found[1]) if found else None
    return (ref, int(found[2])) if ref is not None and found else None


def time_asked(connection: Connection, words: str) -> TimeAsked:
    """Return the case of a request for time, by the code of the request or the case's reference.

    Raises NotFoundError if there is none, and RefusedError if it was already answered.
    """
    ref, number = named(connection, words) or (None, None)
    if ref is None:
        raise NotFoundError("request.not-found", code=words)
    case = lookup.find_case(connection, ref)
    asked = [one for one in history(connection, ref) if one.act == TIME]
    if number is not None and not 0 < number <= len(asked):
        raise NotFoundError("request.not-found", code=words)
    if case.asked_due is None or number not in {None, len(asked)}:
        raise RefusedError("waits.not-asked", ref=ref)
    return TimeAsked(ref, case.asked_due, asked[-1].reason if asked else None)
