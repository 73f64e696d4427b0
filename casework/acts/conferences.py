"""Conferences: add them and move their dates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from casework.acts.actors import allow, code, effective, names, refuse_taken, refuse_unchanged
from casework.acts.recounting import Affected, move
from casework.errors import ConflictError, RefusedError, UsageError
from casework.kinds.records import Conference, Record
from casework.questions import conferences, listing, lookup
from casework.questions.due_dates import counted_to
from casework.questions.known import Asked
from casework.store.loading import load
from casework.system.progress import steps
from casework.system.text import TITLE_LIMIT, optional
from casework.words import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from casework.ledger.ledger import Desk

NUMBER_LIMIT = 9_999

_SERIES = re.compile(r"(.+?)[-.]?(\d+)")


def add_conference(
    desk: Desk,
    key: str,
    *,
    number: int | None = None,
    series: str | None = None,
    day: date | None = None,
    year: int | None = None,
    certainty: str | None = None,
    previous: str | None = None,
    name: str | None = None,
    name_vi: str | None = None,
    aliases: Sequence[str] = (),
    format: str | None = None,  # noqa: A002 - the field's name
    place: str | None = None,
    theme: str | None = None,
    source: str | None = None,
) -> Record:
    """Register a conference under its code, its series and its number in it."""
    allow(desk, Conference, "add")
    key = code(key, "name.code")
    refuse_taken(Asked(desk.connection, Conference), key)
    series = series or _series(key)
    if number is not None:
        if not 1 <= number <= NUMBER_LIMIT:
            raise UsageError("conference.number", number_limit=NUMBER_LIMIT, number=number)
        taken = conferences.previous_number(desk.connection, series, number)
        if taken is not None:
            raise ConflictError(
                "conference.number-taken", number=number, series=series, code=taken.code
            )
    before = lookup.find(desk.connection, Conference, previous) if previous else None
    year = day.year if day else year
    _in_order(before, key, day, year)
    changes = {
        "series": series,
        "number": number,
        "name": optional(name, "name.name", TITLE_LIMIT),
        "name_vi": optional(name_vi, "name.vietnamese-name", TITLE_LIMIT),
        "aliases": names(aliases, "name.alias"),
        "date": day,
        "year": year,
        "certainty": certainty or ("printed" if day else "year-only" if year else "unknown"),
        "format": format,
        "place": optional(place, "name.place", TITLE_LIMIT),
        "theme": optional(theme, "name.theme", TITLE_LIMIT),
        "previous": before and before.code,
        "source": optional(source, "name.source"),
    }
    return desk.record(desk.act("add", (Conference.kind, key), changes))


def move_conference(
    desk: Desk,
    key: str,
    *,
    day: date,
    reason: str,
    document: str | None = None,
    effective_on: date | None = None,
    recompute: bool = False,
) -> tuple[Conference, list[Affected]]:
    """Give a conference another date.

    Returns it with the open cases whose deadline depends on it, such as "before NFAC-21", and would
    now be another day. With `recompute` each of them is moved to that day by an act of its own,
    including cases that an earlier move left unchanged, even if the date stays the same.
    """
    allow(desk, Conference, "move")
    known = lookup.find(desk.connection, Conference, key)
    old = load(desk.connection, Conference, known.code, lock=True)
    if old is None:
        raise ConflictError("record.gone", "hint.again", kind=Kind("conference"), key=known.code)
    before = load(desk.connection, Conference, old.previous) if old.previous else None
    _in_order(before, old.code, day, day.year)
    for after in conferences.successors(desk.connection, old.code):
        if after.date is not None and after.date < day:
            raise RefusedError(
                "conference.after-successor", code=old.code, after=after.code, date=after.date
            )
    changes: dict[str, Any] = {"date": day, "year": day.year, "certainty": "printed"}
    act = desk.act(
        "move",
        old,
        changes,
        effective_on=effective(desk, effective_on),
        reason=reason,
        document=document,
    )
    found = _affected(desk, old, day, recompute=recompute)
    new = {"date": day} if old.date != day else {}
    refuse_unchanged(new or {one.case.ref: one.due for one in found if recompute}, old.code)
    left = desk.record(act) if new else old
    assert isinstance(left, Conference)  # noqa: S101 - for the type checker
    if recompute:
        move(desk, found, reason=reason, document=document)
    return left, found


def _affected(desk: Desk, old: Conference, day: date, *, recompute: bool) -> list[Affected]:
    """Return the open cases whose due date was computed from a date of the conference.

    That is its present date, or an earlier one whose cases were not moved. Cases whose due date was
    changed since then in another way do not belong to them.
    """
    openings = conferences.dates_of(desk.connection, old)
    found = []
    cases = listing.with_words(desk.connection) if openings else []
    for case in steps(cases, "recounting", len(cases)):
        counted = (counted_to(desk.connection, case, old, one, desk.today) for one in openings)
        if case.due not in counted:
            continue
        due = counted_to(desk.connection, case, old, day, desk.today)
        if due is not None and due != case.due:
            found.append(Affected(case, due, recompute))
    return found


def _in_order(before: Conference | None, key: str, day: date | None, year: int | None) -> None:
    if before is None:
        return
    if before.code == key:
        raise RefusedError("conference.own-predecessor", key=key)
    later = (
        day < before.date
        if day and before.date
        else year is not None and before.year is not None and year < before.year
    )
    if later:
        raise RefusedError(
            "conference.before-predecessor",
            key=key,
            code=before.code,
            date=before.date or before.year,
        )


def _series(key: str) -> str:
    match = _SERIES.fullmatch(key)
    return match[1] if match else key
