"""The questions: every SELECT of the register, with frozen records out.

A question takes a connection: the store's, or the one `replay.as_of` makes, on which the same
questions speak of an earlier day.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from casework import compiled
from casework.audit import event as audit
from casework.calendar import stamp, today
from casework.connections import PAGE
from casework.errors import (
    ConflictError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from casework.ledger import load
from casework.records import (
    Case,
    Conference,
    Holiday,
    Organisation,
    Person,
    Record,
    Register,
    Request,
)
from casework.rows import read, ref_parts
from casework.text import TITLE_LIMIT, clean, fold, fold_code, sort_key
from casework.workflow import Role

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence
    from datetime import datetime

    from casework.connections import Connection
    from casework.filters import Filter
    from casework.workdays import WorkingCalendar

R = TypeVar("R", bound=Record)

ENDLESS = 2**53
"""More events than any log has."""


# --- looking things up ---------------------------------------------------------------------


def register(connection: Connection) -> Register:
    """Return the register's own record; raises UnavailableError for a schema without one."""
    found = load(connection, Register, "register")
    if found is None:
        raise UnavailableError("the store has a schema but no register", "run casework init")
    return found


def find(connection: Connection, kind: type[R], words: str, on: date | None = None) -> R:
    """Return the one record that has this code, name or alias, whatever its case or diacritics.

    Of several organisations of one name it is the one that exists on a day, by default today.
    Raises ConflictError when several have it, naming them, and NotFoundError when none has,
    suggesting the nearest. An exact code wins over a name.
    """
    key = fold(clean(words, f"the name of the {kind.kind}", TITLE_LIMIT))
    codes = connection.column(compiled.CODES, kind=kind.kind, folded=key)
    exact = [code for code in codes if fold(code) == key]
    if kind is Organisation and len(exact or codes) > 1:
        codes = _existing(connection, codes, on)
    if len(exact or codes) == 1:
        found = load(connection, kind, (exact or codes)[0])
        if found is not None:
            return found
    if codes:
        raise ConflictError(
            f"'{words}' names {len(codes)} {_plural(kind.kind)}: {', '.join(codes)}",
            "give the code of the one you mean",
        )
    raise NotFoundError(f"no {kind.kind} is called '{words}'", _nearest(connection, kind, key))


def _existing(connection: Connection, codes: list[str], on: date | None) -> list[str]:
    """Return the codes of the organisations that exist on a day; all of them where none does."""
    day = on or today(register(connection).zone)
    held = [load(connection, Organisation, code) for code in codes]
    return [one.code for one in held if one is not None and one.exists(day, day)] or codes


def _plural(kind: str) -> str:
    return "people" if kind == "person" else f"{kind}s"


def _nearest(connection: Connection, kind: type[Record], key: str) -> str:
    from difflib import get_close_matches

    known = dict(connection.rows(compiled.NAMES_OF_KIND, kind=kind.kind))
    close = dict.fromkeys(known[name] for name in get_close_matches(key, known, n=3, cutoff=0.6))
    listing = {"organisation": "org"}.get(kind.kind, kind.kind)
    if close:
        return f"nearest: {', '.join(close)}; all of them: casework {listing} list"
    return f"see casework {listing} list, or add it with casework {listing} add"


def case_ref(connection: Connection, words: str) -> str | None:
    """Return the reference of the case these words refer to, as it is written; None if none."""
    written = clean(words, "the reference", TITLE_LIMIT)
    for key in dict.fromkeys((fold_code(written), fold(written))):
        ref: str | None = connection.value(compiled.CASE_REF, ref_key=key)
        if ref is not None:
            return ref
    return None


def find_case(connection: Connection, ref: str, *, lock: bool = False) -> Case:
    """Return a case by its reference, whatever its case; raises NotFoundError."""
    exact = case_ref(connection, ref)
    found = load(connection, Case, exact, lock=lock) if exact is not None else None
    if found is None:
        stem, number = ref_parts(ref)
        near = connection.column(compiled.NEAR_REFS, stem=stem, number=number)
        hint = f"nearest: {', '.join(near)}" if near else "see casework list, or casework search"
        raise NotFoundError(f"there is no case {ref}", hint)
    return found


def find_login(connection: Connection, login: str) -> Person | None:
    """Return the person linked to an operating-system login."""
    row = connection.first(compiled.PERSON_OF_LOGIN, login=login)
    return None if row is None else read(Person, row)


def requests_of(connection: Connection, kind: str, key: str) -> list[Request]:
    """Return what a second person was asked for on a record, the oldest first."""
    return [read(Request, row) for row in connection.rows(compiled.REQUESTS_OF, kind=kind, key=key)]


def waiting(connection: Connection) -> list[Request]:
    """Return what waits for a second person, the oldest first."""
    return [read(Request, row) for row in connection.rows(compiled.WAITING)]


def waiting_on(connection: Connection) -> dict[str, Request]:
    """Return what waits for a second person, by the case it is to be done on."""
    return {one.subject: one for one in waiting(connection) if one.subject_kind == Case.kind}


def decided_alone(connection: Connection, since: int) -> list[audit.Event]:
    """Return the events from number `since` on by which somebody confirmed what they had asked for.

    Whoever confirms what somebody else asked for gives no reason.
    """
    found = events(connection, Search(kind=Request.kind, act="confirm"))
    return [one for one in found if one.seq >= since and one.reason is not None]


def find_request(connection: Connection, code: str) -> Request:
    """Return a request by its code; raises NotFoundError."""
    found = load(connection, Request, clean(code, "the code of the request", TITLE_LIMIT))
    if found is None:
        raise NotFoundError(f"there is no request {code}", "see casework request list")
    return found


def next_ref(connection: Connection, conference: str | None) -> str:
    """Return the next free reference under a conference, or of a case outside conferences."""
    prefix = f"{conference or 'CASE'}."
    highest = connection.value(compiled.HIGHEST_NUMBER, stem=fold_code(prefix))
    return f"{prefix}{(highest or 0) + 1:03d}"


def directory(connection: Connection, kind: type[R]) -> list[R]:
    """Return every organisation, person or holiday by code, or every conference by date."""
    return [read(kind, row) for row in connection.rows(compiled.EVERY[kind.kind])]


def previous_number(connection: Connection, series: str, number: int) -> Conference | None:
    """Return the conference of a series that has this number."""
    row = connection.first(compiled.NUMBERED, series=series, number=number)
    return None if row is None else read(Conference, row)


def successors(connection: Connection, code: str) -> list[Conference]:
    """Return the conferences that name one as their predecessor."""
    return [read(Conference, row) for row in connection.rows(compiled.SUCCESSORS, code=code)]


# --- cases -----------------------------------------------------------------------------------


def cases(connection: Connection, wanted: Filter, day: date) -> Generator[Case]:
    """Yield the cases a filter names, a page of rows at a time."""
    if wanted.sort == "title":
        yield from _by_title(connection, wanted, day)
        return
    with closing(_asked(connection, wanted, day)) as rows:
        found = (read(Case, row) for row in rows)
        # Themes are a JSON list, which the two engines take apart differently.
        themed = (one for one in found if wanted.theme is None or wanted.theme in one.theme)
        yield from islice(themed, wanted.limit)


def _by_title(connection: Connection, wanted: Filter, day: date) -> Generator[Case]:
    """Yield cases in the order in which a Vietnamese dictionary has their titles.

    No engine knows that order: all the titles are put in it here, and their cases fetched a page
    at a time.
    """

    def order(row: Any) -> Any:
        ref, title, title_vi, _ = row
        shown = (title_vi if wanted.lang == "vi" else None) or title
        return sort_key(shown), ref_parts(ref), ref

    rows = _titles(connection, wanted, day)
    themed = [row for row in rows if wanted.theme is None or wanted.theme in row[-1]]
    yield from in_order(connection, [row[0] for row in sorted(themed, key=order)][: wanted.limit])


def in_order(connection: Connection, refs: Sequence[str]) -> Generator[Case]:
    """Yield the cases of these references in their order, a page of rows at a time."""
    for start in range(0, len(refs), PAGE):
        page = refs[start : start + PAGE]
        found = connection.rows(compiled.OF_REFS, refs=json.dumps(page))
        known = {case.ref: case for case in (read(Case, row) for row in found)}
        yield from (known[ref] for ref in page)


def _titles(connection: Connection, wanted: Filter, day: date) -> list[Any]:
    if wanted.simple and wanted.overdue:
        return connection.rows(compiled.TITLES["overdue"], day=day)
    if wanted.simple:
        return connection.rows(compiled.TITLES["all"])
    from casework import statements

    return connection.rows(statements.titles(wanted, day))


def _asked(connection: Connection, wanted: Filter, day: date) -> Generator[Any]:
    if wanted.simple:
        limit = ENDLESS if wanted.limit is None else wanted.limit
        if wanted.overdue:
            overdue = compiled.LISTS[f"overdue {wanted.sort}"]
            return connection.stream(overdue, limit=limit, day=day)
        return connection.stream(compiled.LISTS[wanted.sort], limit=limit)
    from casework import statements

    return connection.stream(statements.cases(wanted, day))


def counted(
    connection: Connection, by: str, wanted: Filter, day: date
) -> list[tuple[str | None, int]]:
    """Return how many of the cases a filter names, but for its theme, each owner or other has.

    `by` is a column; the most come first.
    """
    if wanted.simple and wanted.overdue:
        found = connection.rows(compiled.COUNTS[f"overdue {by}"], day=day, owner=None)
    elif wanted.simple:
        found = connection.rows(compiled.COUNTS[by])
    else:
        from casework import statements

        found = connection.rows(statements.counted(by, wanted, day))
    return sorted(
        ((key, cases) for key, cases in found if cases),
        key=lambda one: (-one[1], one[0] is None, one[0]),
    )


def linking_here(connection: Connection, ref: str) -> list[tuple[str, str]]:
    """Return the links other cases have to this one: relation and their reference."""
    return [tuple(row) for row in connection.rows(compiled.LINKING_HERE, ref=ref)]


def leads_to(connection: Connection, relation: str, start: str, goal: str) -> bool:
    """Tell whether links of one relation lead from a case to another, however far."""
    found = connection.first(compiled.LEADS_TO, relation=relation, start=start, goal=goal)
    return found is not None


def lost_link(connection: Connection) -> tuple[str, str] | None:
    """Return a case and what it is linked to where that is no case.

    Only a transaction that is not yet committed can hold one: links are checked at its end, so
    that a file may tell of a case before the one it is linked to.
    """
    row = connection.first(compiled.LOST_LINK)
    return None if row is None else (row[0], row[1])


# --- the overdue report ----------------------------------------------------------------------


class Listed(NamedTuple):
    """An open case as a report lists it; the fields are the index of open cases."""

    ref: str
    title: str
    title_vi: str | None
    state: str
    conference: str | None
    proposer: str
    owner: str | None
    officer: str | None
    due: date | None
    original_due: date | None
    extensions: int
    held_since: date | None
    reported: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """The balance of the cases of an owner, a conference or a theme, named by its `key`.

    Its parts add up: cases = resolved + open, and so on. `on_hold` are those of the cases open in
    time whose clock stands; `claimed` are the open ones their source calls ended while it denies
    it, `claimed_no_due` and `claimed_overdue` those of them without a due date and overdue;
    `doubted`, `doubted_no_due` and `doubted_on_time` are the same of the resolved ones.
    """

    key: str | None
    cases: int
    resolved: int
    resolved_on_time: int
    resolved_late: int
    resolved_no_due: int
    open: int
    open_in_time: int
    open_overdue: int
    open_no_due: int
    on_hold: int = 0
    claimed: int = 0
    claimed_no_due: int = 0
    claimed_overdue: int = 0
    doubted: int = 0
    doubted_no_due: int = 0
    doubted_on_time: int = 0

    @classmethod
    def total(cls, tallies: Iterable[Tally]) -> Tally:
        """Return the sum of balances, whose `key` is None."""
        listed = list(tallies)
        names = [f.name for f in fields(cls)][1:]
        return cls(None, *(sum(getattr(one, name) for one in listed) for name in names))


def open_cases(connection: Connection, *, owner: str | None = None) -> list[Listed]:
    """Return the unresolved cases by due date, those without one last."""
    return _dated_first(connection.rows(compiled.OPEN, owner=owner))


def overdue(
    connection: Connection, day: date, *, owner: str | None = None, brief: str | None = None
) -> list[Listed]:
    """Return the cases that are overdue on a day, by due date.

    A list that is brief in a language has the title in that language only, where there is one, and
    neither conference nor proposer nor officer.
    """
    query = compiled.OVERDUE if brief is None else compiled.OVERDUE_BRIEF[brief]
    return _listed(connection.rows(query, day=day, owner=owner))


def due_between(
    connection: Connection, first: date, last: date, *, owner: str | None = None
) -> list[Listed]:
    """Return the open cases that are due from a day to another, by due date."""
    return _listed(connection.rows(compiled.OPEN_DUE, first=first, last=last, owner=owner))


def without_due_date(connection: Connection, *, owner: str | None = None) -> list[Listed]:
    """Return the open cases that have no due date."""
    return _listed(connection.rows(compiled.OPEN_WITHOUT_DUE, owner=owner))


def unowned_or_held(connection: Connection, *, owner: str | None = None) -> list[Listed]:
    """Return the open cases with a due date that nobody owns or whose clock stands."""
    return _listed(connection.rows(compiled.OPEN_ODD, owner=owner))


def claimed(connection: Connection, *, owner: str | None = None) -> list[Listed]:
    """Return the cases their source calls ended while it denies it; nobody decided here."""
    return _dated_first(connection.rows(compiled.CLAIMED, owner=owner))


def of_ended_owners(connection: Connection, day: date, *, owner: str | None = None) -> list[Listed]:
    """Return the open cases with a due date whose owner no longer exists on a day."""
    return _listed(connection.rows(compiled.OPEN_OF_ENDED, day=day, owner=owner))


def _dated_first(rows: Iterable[Any]) -> list[Listed]:
    # The engines disagree on where a missing date sorts; a NULLS LAST would miss the index.
    found = _listed(rows)
    return [one for one in found if one.due] + [one for one in found if not one.due]


def _listed(rows: Iterable[Any]) -> list[Listed]:
    # What Listed._make does, but not in Python: these may be all cases.
    return list(map(partial(tuple.__new__, Listed), rows))


def tallies(
    connection: Connection,
    day: date,
    by: str = "owner",
    *,
    owner: str | None = None,
    conference: str | None = None,
) -> list[Tally]:
    """Return the balance of cases on a day, by owner, conference or theme; of none comes last.

    A case counts under each of its themes.
    """
    rows = connection.rows(compiled.TALLIES[by], day=day, owner=owner, conference=conference)
    found = (_tally(*row) for row in rows)
    if by == "theme":
        found = (
            replace(one, key=theme)
            for one in found
            for theme in json.loads(str(one.key)) or (None,)
        )
    return [one for one in combined(found) if one.cases]


def _tally(
    key: str | None,
    still: int,
    still_undated: int,
    overdue: int,
    resolved: int,
    resolved_undated: int,
    on_time: int,
    held: int,
    claimed: int,
    claimed_undated: int,
    claimed_overdue: int,
    doubted: int,
    doubted_undated: int,
    doubted_on_time: int,
) -> Tally:
    return Tally(
        key=key,
        cases=still + resolved,
        resolved=resolved,
        resolved_on_time=on_time,
        resolved_late=resolved - resolved_undated - on_time,
        resolved_no_due=resolved_undated,
        open=still,
        open_in_time=still - still_undated - overdue,
        open_overdue=overdue,
        open_no_due=still_undated,
        on_hold=held,
        claimed=claimed,
        claimed_no_due=claimed_undated,
        claimed_overdue=claimed_overdue,
        doubted=doubted,
        doubted_no_due=doubted_undated,
        doubted_on_time=doubted_on_time,
    )


def combined(tallies: Iterable[Tally]) -> list[Tally]:
    """Return one balance for each key, in the order of the keys; those without one come last."""
    found: dict[str | None, list[Tally]] = {}
    for one in tallies:
        found.setdefault(one.key, []).append(one)
    whole = [replace(Tally.total(parts), key=key) for key, parts in found.items()]
    return sorted(whole, key=lambda one: (one.key is None, one.key))


def coordinated(connection: Connection, heirs: Mapping[str, str]) -> dict[str, int]:
    """Return how many unresolved cases each organisation coordinates without owning them.

    `heirs` are the organisations that stand for others.
    """
    if not heirs:
        return dict(connection.rows(compiled.COORDINATED))
    pairs = {
        (ref, heirs.get(org, org))
        for ref, owner, org in connection.rows(compiled.COORDINATORS)
        if heirs.get(org, org) != heirs.get(owner, owner)
    }
    return dict(Counter(org for _, org in pairs))


def names(connection: Connection) -> dict[str, tuple[str, str | None]]:
    """Return the names of all organisations by code: English, and Vietnamese if it has one."""
    found = connection.rows(compiled.ORGANISATION_NAMES)
    return {code: (name, name_vi) for code, name, name_vi in found}


def versions(connection: Connection) -> dict[str, int]:
    """Return how many events each unresolved case has had, by reference."""
    return dict(connection.rows(compiled.VERSIONS))


def heirs(connection: Connection) -> dict[str, str]:
    """Return, for each organisation that was taken over, the one that stands for it now."""
    next_one: dict[str, str] = dict(connection.rows(compiled.HEIRS))
    found = {}
    for code, heir in next_one.items():
        last, passed = heir, {code}
        # Each stands for itself where they go round in a circle, which only a forged log says.
        while last in next_one and last not in passed:
            passed.add(last)
            last = next_one[last]
        found[code] = code if last in passed else last
    return found


def ended_organisations(connection: Connection, day: date) -> list[str]:
    """Return the organisations that no longer exist on a day."""
    return connection.column(compiled.ENDED, day=day)


def moved_from(
    connection: Connection, conference: Conference, day: date, known_at: datetime | None
) -> date | None:
    """Return the date a conference had before it was last moved by a day; None if it was not."""
    until = known_until(connection, known_at)
    moves = [
        one.changes["date"]
        for one in history(connection, conference.code, Conference)
        if one.effective_on <= day.isoformat() and one.seq <= until
        if one.act == "move" and "date" in one.changes
    ]
    was = moves[-1][0] if moves else None
    return date.fromisoformat(was) if was else None


def dates_of(connection: Connection, conference: Conference) -> set[date]:
    """Return every date that a conference was ever given."""
    given = (
        day
        for event in history(connection, conference.code, Conference)
        for day in event.changes.get("date", ())
    )
    return {date.fromisoformat(day) for day in given if day is not None}


@dataclass(frozen=True, slots=True)
class Coming:
    """The next conference after a day, None where none is known to the day.

    `unclear` are those that may come before it: known only by their year, or outside the numbered
    series. Where there are any, nobody can tell which is the next.
    """

    conference: Conference | None
    unclear: list[Conference]

    def refuse_unclear(self, hint: str) -> None:
        """Raise RefusedError, with this hint, where it is not clear which conference is next."""
        if self.unclear:
            told = ", ".join(f"{one.code} ({one.date or one.year})" for one in self.unclear)
            raise RefusedError(f"which conference comes next is not clear: {told}", hint)


def next_conference(connection: Connection, day: date) -> Coming:
    """Return the earliest dated conference after a day: of the series first, if one is numbered."""
    row = connection.first(compiled.NEXT_CONFERENCE, day=day)
    found = None if row is None else read(Conference, row)
    known = directory(connection, Conference)
    unclear = [one for one in known if _may_come_first(one, found, day)]
    return Coming(None if unclear else found, unclear)


def _may_come_first(one: Conference, found: Conference | None, day: date) -> bool:
    opening = found.date if found is not None else None
    if one.date is None:
        ends = opening.year if opening is not None else date.max.year
        return one.year is not None and day.year <= one.year <= ends
    return opening is not None and day < one.date < opening and one.number is None


# --- the calendar ----------------------------------------------------------------------------


def holidays(connection: Connection) -> dict[str, Holiday]:
    """Return every day that was ever registered, withdrawn ones too, by its ISO date."""
    return {one.day: one for one in directory(connection, Holiday)}


def working_calendar(connection: Connection, *, before: int | None = None) -> WorkingCalendar:
    """Return which days are worked: as registered now, or as it was before an event."""
    from casework.workdays import Special, WorkingCalendar

    known: dict[str, Any] = {}
    if before is None:
        known.update(holidays(connection))
    else:
        rows = connection.rows(compiled.EVENTS_OF_KIND, kind=Holiday.kind)
        for event in (audit.read(body, disclosures) for body, disclosures in rows):
            if event.seq < before:
                known[event.key] = audit.fold(known.get(event.key), event)
    return WorkingCalendar.of(
        Special(
            date.fromisoformat(one.day),
            one.day_kind == "working",
            one.name,
            one.name_vi,
            one.status == "projected",
        )
        for one in known.values()
        if one.withdrawn_on is None
    )


def calendar_version(connection: Connection, before: int | None = None) -> int | None:
    """Return the number of the last event that changed the calendar, before another one."""
    end = ENDLESS if before is None else before
    version: int | None = connection.value(compiled.LAST_OF_KIND, kind=Holiday.kind, before=end)
    return version


def counted_in_working_days(connection: Connection) -> list[Case]:
    """Return the unresolved cases whose due date was counted in working days."""
    from casework.dates import WORKING

    rows = connection.rows(compiled.COUNTED_IN_WORKING_DAYS, unit=WORKING)
    return [read(Case, row) for row in rows]


def with_words(connection: Connection) -> list[Case]:
    """Return the unresolved cases whose due date is told in words."""
    return [read(Case, row) for row in connection.rows(compiled.WITH_WORDS)]


# --- from one conference to the next ---------------------------------------------------------


class Followed(NamedTuple):
    """A case as a review follows it, resolved or not."""

    ref: str
    title: str
    title_vi: str | None
    conference: str | None
    owner: str | None
    state: str
    due: date | None
    outcome: str | None
    document: str | None
    proposed_on: date
    resolved_on: date | None
    reopened: int


def followed(connection: Connection) -> list[Followed]:
    """Return every case, in the order of their references."""
    return [Followed._make(row) for row in connection.rows(compiled.FOLLOWED)]


def repeats(connection: Connection) -> dict[str, list[str]]:
    """Return, for each case that asks again what was asked before, the cases it repeats."""
    found: dict[str, list[str]] = {}
    for ref, earlier in connection.rows(compiled.REPEATS):
        found.setdefault(ref, []).append(earlier)
    return found


@dataclass(frozen=True, slots=True)
class Balance:
    """How many cases were open, became open and were closed from one day to another."""

    opening: int
    new: int
    reopened: int
    closed: int

    @property
    def closing(self) -> int:
        """How many cases are open in the end."""
        return self.opening + self.new + self.reopened - self.closed


def balance(
    connection: Connection, then: Connection, start: date, end: date, known_at: datetime | None
) -> Balance:
    """Return the balance of all cases from the beginning of a day to the end of another.

    `then` is the register as it stood at the end; of cases that were reopened the log tells how
    often, so long as it was recorded by `known_at`.
    """
    once = then.first(compiled.BALANCE, start=start)
    until = known_until(connection, known_at)
    moves = connection.first(compiled.MOVES, start=start, end=end, until=until)
    back_before, back, ended_before, ended = moves
    asked_before, asked, closed_before, closed = once
    return Balance(
        opening=asked_before - closed_before - ended_before + back_before,
        new=asked,
        reopened=back,
        closed=closed + ended,
    )


# --- reminders -------------------------------------------------------------------------------


class Addressee(NamedTuple):
    """Somebody who can be written to: a person, or an organisation's mailbox."""

    code: str
    name: str
    name_vi: str | None
    email: str


@dataclass(frozen=True, slots=True)
class Addressees:
    """Who can be written to at each organisation, and who is the secretariat."""

    of: dict[str, tuple[Addressee, ...]]
    secretariat: tuple[Addressee, ...]


def addressees(connection: Connection) -> Addressees:
    """Return everybody with a mail address who may be reminded."""
    organisations = directory(connection, Organisation)
    people = [one for one in directory(connection, Person) if one.email and one.ended_on is None]
    found: dict[str, list[Addressee]] = {}
    for org in organisations:
        if org.email:
            found.setdefault(org.code, []).append(
                Addressee(org.code, org.name, org.name_vi, org.email)
            )
    secretariat = []
    for one in people:
        person = Addressee(one.code, one.name, one.name_vi, str(one.email))
        if one.role is Role.DESK and one.org is not None:
            found.setdefault(one.org, []).append(person)
        elif one.role is Role.SECRETARIAT:
            secretariat.append(person)
    return Addressees({code: tuple(listed) for code, listed in found.items()}, tuple(secretariat))


def to_remind(connection: Connection, last: date) -> list[Listed]:
    """Return the open cases that are due by a day, and those without an owner."""
    return _dated_first(connection.rows(compiled.TO_REMIND, last=last, owner=None))


def reminded(connection: Connection) -> set[tuple[str, str, str, str]]:
    """Return what was said of cases that are still open: reference, level, due date, to whom."""
    return {tuple(row) for row in connection.rows(compiled.REMINDED)}


# --- the log ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """What must be known of a log to find it again: size, root in hexadecimal, time and origin.

    `recorded_at` is when its last event was recorded, as a UTC time stamp; `origin` names the log.
    Both are None only where they are gone from the store, which verification finds.
    """

    size: int
    root: str
    recorded_at: str | None
    origin: str | None

    def as_json(self) -> dict[str, Any]:
        """Return what a report says of the log it was made from."""
        return asdict(self)


def head(connection: Connection) -> Head:
    """Return the head of the log."""
    row = connection.first(compiled.HEAD)
    if row is None:
        raise UnavailableError("the store has a schema but no register", "run casework init")
    size, root, recorded_at, origin = row
    if not connection.whole:
        ((recorded_at,),) = connection.told("SELECT casework_recorded_at()")
    return Head(size, root.hex(), recorded_at, origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which events of the log; instants are UTC time stamps as the log writes them."""

    kind: str | None = None
    key: str | None = None
    actor: str | None = None
    act: str | None = None
    field: str | None = None
    since: str | None = None
    until: str | None = None


def events(connection: Connection, wanted: Search) -> Generator[audit.Event]:
    """Yield the events a search names, oldest first."""
    from casework import statements

    equal = {
        name: clean(value, "what to look for", TITLE_LIMIT)
        for name in ("kind", "key", "actor", "act")
        if (value := getattr(wanted, name)) is not None
    }
    field = None if wanted.field is None else clean(wanted.field, "the field", TITLE_LIMIT)
    sought = statements.events(equal, field, wanted.since, wanted.until)
    with closing(connection.stream(sought)) as stored:
        for body, disclosures in stored:
            yield audit.read(body, disclosures)


def any_act(connection: Connection, act: str) -> bool:
    """Tell whether the log has an act of this name."""
    return connection.value(compiled.ANY_ACT, act=act) is not None


def known_until(connection: Connection, known_at: datetime | None) -> int:
    """Return the number of the last event that was known at an instant, -1 before the first.

    The log's order says what was known, not the time stamps: a clock may have been set back, and
    what stands before an event was recorded before it.
    """
    if known_at is None:
        return ENDLESS
    last = connection.value(compiled.RECORDED_BY, instant=stamp(known_at))
    return -1 if last is None else int(last)


def every_event(connection: Connection, until: int = ENDLESS) -> Generator[audit.Event]:
    """Yield every event up to one, oldest first."""
    with closing(connection.stream(compiled.EVENTS, until=until)) as stored:
        for body, disclosures in stored:
            yield audit.read(body, disclosures)


def history(connection: Connection, key: str, kind: type[Record] = Case) -> list[audit.Event]:
    """Return every event of a record, oldest first."""
    rows = connection.rows(compiled.EVENTS_OF_RECORD, kind=kind.kind, key=key)
    return [audit.read(body, disclosures) for body, disclosures in rows]


def changed_since(connection: Connection, record: Record, version: int) -> audit.Event | None:
    """Return the first event after a version of a record that changed anything; a note does not."""
    events = history(connection, record.key, type(record))
    return next((one for one in events if one.version > version and one.changes), None)


@dataclass(frozen=True, slots=True)
class Done:
    """What a command has done: its first and last event, and what its first one says."""

    first: audit.Event
    last: int

    @property
    def what(self) -> str:
        """Which command it was, and on what."""
        said = (self.first.command or {}).get("what", "")
        found = audit.SEALED.fullmatch(said)
        return found[1] if found else said


def done(connection: Connection, command: str, actor: str) -> Done | None:
    """Return what the command of this key has done, None if it has done nothing."""
    row = connection.first(compiled.OF_COMMAND, command=command, actor=actor)
    return None if row is None else Done(audit.read(row[0], row[1]), row[2])


def given_the_same(connection: Connection, done: Done, given: bytes) -> bool:
    """Tell whether a command that was done was given the same as now.

    Where its log did not say yet, or a value was erased since, nobody can tell: then it was.
    """
    found = audit.SEALED.fullmatch((done.first.command or {}).get("what", ""))
    if found is None:
        return True
    from casework.audit.verify import commitments

    _, count, seal = found.groups()
    first, last = done.first.seq, done.first.seq + int(count) - 1
    rows = connection.rows(compiled.EVENTS_BETWEEN, first=first, last=last)
    told = [(audit.parsed(body), bytes(disclosures)) for body, disclosures in rows]
    whole = all(
        {path for path, _ in commitments(body)} == audit.parsed(opened).keys()
        for body, opened in told
    )
    if not whole or len(told) != int(count):
        return True
    return audit.seal(given, [opened for _, opened in told]) == seal


def events_between(connection: Connection, first: int, last: int) -> list[audit.Event]:
    """Return the events of these numbers."""
    rows = connection.rows(compiled.EVENTS_BETWEEN, first=first, last=last)
    return [audit.read(body, disclosures) for body, disclosures in rows]


def events_of(connection: Connection, refs: Sequence[str]) -> dict[str, list[audit.Event]]:
    """Return the events of some cases, oldest first, by reference."""
    found: dict[str, list[audit.Event]] = {ref: [] for ref in refs}
    rows = connection.rows(compiled.EVENTS_OF_CASES, refs=json.dumps(list(refs)))
    for ref, body, disclosures in rows:
        found[ref].append(audit.read(body, disclosures))
    return found


def case_events(
    connection: Connection, fields: Sequence[str], day: date, known_at: datetime | None = None
) -> Generator[list[audit.Event]]:
    """Yield, case by case, the acts on some fields that had taken effect by a day, oldest first.

    Cases come in the order of their references as text; `known_at` leaves what was recorded then.
    What was done before a case was proposed, by acts dated back, is of no case there was.
    """
    from casework import statements

    sought = statements.changing(fields, known_until(connection, known_at))
    with closing(connection.stream(sought)) as rows:
        for _, told in groupby(rows, key=itemgetter(0)):
            events = (audit.read(body, disclosures) for _, body, disclosures in told)
            taken = [one for one in events if one.effective_on <= day.isoformat()]
            if taken and taken[0].version == 1:
                yield taken


def latest_effective(connection: Connection) -> date | None:
    """Return the latest effective date of any act."""
    latest: date | None = connection.value(compiled.LATEST_EFFECTIVE)
    return latest


def need_whole(connection: Connection) -> None:
    """Refuse who may read only a part of the register; raises NotAllowedError."""
    if not connection.whole:
        raise NotAllowedError(
            f"this needs the whole register; {connection.login} reads the cases of one"
            " organisation",
            "ask the secretariat or an inspector",
        )


def leaves(connection: Connection, size: int | None = None) -> list[bytes]:
    """Return the leaf hashes of the log, or of its first `size` events.

    Raises NotAllowedError where not all of them may be read.
    """
    need_whole(connection)
    with closing(connection.stream(compiled.LEAVES)) as rows:
        return [bytes(leaf) for (leaf,) in islice(rows, size)]
