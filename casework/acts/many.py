"""Do an act on many cases in one transaction: on all of them or on none.

Every act is tried before anything is refused, so that somebody who asks for twenty acts learns of
every one that cannot be done, not only of the first.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from casework.acts.by_name import Left, at_desk, named, read, tell_dates
from casework.acts.sealing import sealable
from casework.acts.session import DoneAlready
from casework.acts.together import lock_together, together
from casework.errors import (
    CaseworkError,
    ConflictError,
    Refusal,
    SeveralError,
    UsageError,
)
from casework.kinds.records import Case, Request, plain
from casework.log.event import parsed
from casework.questions import audit_log, choosing, lookup, reading
from casework.store.loading import SERVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from casework.acts.session import Session
    from casework.ledger.ledger import Desk
    from casework.log.reading import Event
    from casework.questions.choosing import Chosen
    from casework.store.connections import Unseen


class Asked(NamedTuple):
    """One act of many: its name in `by_name.ACTS`, its case and its fields.

    `ref` is None for an act that makes a case. `given` has the fields, as values or as typed.
    """

    act: str
    ref: str | None
    given: Mapping[str, Any]


class Made(NamedTuple):
    """The result of one act of many: its case, and the events that recorded it.

    `request` is the code of the request that was made instead, if a second person is needed; the
    case is then unchanged.
    """

    case: Case
    events: tuple[Event, ...]
    request: str | None = None

    def told(self, hides: Unseen) -> list[Event]:
        """Return the events of what was done, or of what a second person is to confirm.

        Texts that are withheld from the reader are left out.
        """
        found = [_asked_for(one, self.case) if self.request else one for one in self.events]
        return [reading.event(hides, one) for one in found]


class Cases(NamedTuple):
    """The cases of an act: given by references and ranges, or by a query.

    `where` is a query in the language of `rules.query`.
    """

    words: tuple[str, ...] | None = None
    where: str | None = None

    def given(self) -> dict[str, Any]:
        """Return what a command was given to choose the cases, to be sealed with its key."""
        return sealable({"refs": self.words, "where": self.where})


class Many(NamedTuple):
    """The result of an act on many cases, as the actor may see it.

    `told` has, for each case, the events of what was done or of what a second person is to confirm.
    `holes` has the references in ranges that no case has.
    """

    left: list[Left]
    told: list[list[Event]]
    holes: tuple[str, ...] = ()
    seal: tuple[Any, ...] = ()
    """What tells whether the same would be done another time."""


def do_many(
    session: Session,
    name: str,
    refs: Iterable[str] | None = None,
    given: Mapping[str, Any] | None = None,
    *,
    where: str | None = None,
    dry_run: bool = False,
) -> list[Left]:
    """Do an act on many cases as the one command of a session: on all of them or on none.

    `refs` has references and ranges, such as ``NFAC-22.001-020``; instead of them, `where` chooses
    the cases by a query. If the session's key was used before, nothing is done again.

    Raises SeveralError with every refusal, NotFoundError if no case is found, and UsageError for
    fields that the act does not take.
    """
    cases, said = Cases(None if refs is None else tuple(refs), where), dict(given or {})
    session.what = session.what or name
    session.given = session.given or sealable(said) | cases.given()
    try:
        return session.attempt(
            lambda: perform_many(session, name, cases, said, dry_run=dry_run).left
        )
    except DoneAlready as already:
        keys = dict.fromkeys(filter(None, map(_case_of, already.events)))
        with session.reading() as connection:
            day, waiting = lookup.office_day(connection), lookup.waiting_on(connection)
            found = [lookup.find_case(connection, key) for key in keys]
            return [Left(one, day, waiting.get(one.ref), already.done) for one in found]


def perform_many(
    session: Session,
    name: str,
    cases: Cases,
    given: Mapping[str, Any],
    *,
    dry_run: bool = False,
    agreed: Many | None = None,
    allow: Callable[[Chosen], None] = lambda _: None,
) -> Many:
    """Do an act on many cases once.

    `agreed` is what `rehearsed` returned: for each case on which something else would now be done,
    SeveralError has a ConflictError. `allow` is called with the cases that were found, and may
    raise an error to refuse them.
    """
    with session.desk(dry_run=dry_run) as desk:
        return _at_desk(session, desk, name, cases, given, agreed, allow)


def rehearsed(
    session: Session,
    name: str,
    cases: Cases,
    given: Mapping[str, Any],
) -> Many:
    """Return what an act on many cases would do, without changing or reporting anything."""
    with session.rehearsal() as desk:
        return _at_desk(session, desk, name, cases, given)


def _at_desk(
    session: Session,
    desk: Desk,
    name: str,
    cases: Cases,
    given: Mapping[str, Any],
    agreed: Many | None = None,
    allow: Callable[[Chosen], None] = lambda _: None,
) -> Many:
    values = read(name, given)
    if values.get("if_version") is not None:
        raise UsageError("many.if-version")
    hides = session.unseen(desk.connection)
    chosen = _chosen(desk, cases, hides)
    allow(chosen)
    with _as_agreed(agreed, chosen):
        made = _done(desk, name, chosen, values)
        found = Many([], [], chosen.holes, tuple(map(_seal, made)))
        if agreed is not None:
            _refuse_else(agreed, found, chosen)
    if session.for_reader:
        for case in {one.case.due: one.case for one in made}.values():
            tell_dates(session, desk, case, name, values)
    waiting = lookup.waiting_on(desk.connection) if desk.asked else {}
    # An act may have made secret what was not.
    hides = session.unseen(desk.connection)
    for one in made:
        shown = reading.record(hides, one.case)
        found.left.append(Left(shown, desk.today, waiting.get(one.case.ref)))
        found.told.append(one.told(hides))
    return found


def at_one_desk(desk: Desk, acts: Sequence[Asked]) -> list[Made]:
    """Do acts in this order, each on the result of those before it; return the result of each.

    Every act is tried, even after one was refused: a refused act is undone alone, and the others
    are judged as if it had not been asked for. If any was refused, SeveralError is raised with all
    refusals, each with the position of its act in `acts`. The caller that opened the desk must let
    that error through, so that the whole transaction is undone.

    An error that does not concern one act is raised at once: the store is gone or damaged, or
    another writer interfered, after which the session starts the command again.
    """
    lock(desk, (one.ref for one in acts))
    before = len(desk.connection.recorded)
    left = together(desk, [(one.ref, partial(_one, desk, one)) for one in acts])
    events = _events(desk, before)
    return [
        Made(case, tuple(events[seq] for seq in _numbers(spans)), request)
        for case, request, spans in left
    ]


def _one(desk: Desk, one: Asked) -> tuple[Case, str | None, list[tuple[int, int, str]]]:
    """Do one act; return its case, the request made instead if any, and what was recorded."""
    recorded, waiting = len(desk.connection.recorded), len(desk.asked)
    case = at_desk(desk, one.act, one.ref, read(one.act, one.given))
    request = desk.asked[-1] if len(desk.asked) > waiting else None
    return case, request, desk.connection.recorded[recorded:]


def lock(desk: Desk, refs: Iterable[Any]) -> None:
    """Lock the cases of many acts on a server, always in the same order."""
    if desk.connection.engine == SERVER:
        named = {ref for ref in refs if isinstance(ref, str)}
        known = sorted(filter(None, (_known(desk, words) for words in named)))
        lock_together(desk, [(Case.kind, ref) for ref in known])


def _known(desk: Desk, words: str) -> str | None:
    try:
        return lookup.case_ref(desk.connection, words)
    except CaseworkError:
        # What is no reference at all is told of its act.
        return None


def _events(desk: Desk, before: int) -> dict[int, Event]:
    """Return the events that a desk has recorded, by number, without those from `before`."""
    recorded = desk.connection.recorded[before:]
    if not recorded:
        return {}
    first, last = recorded[0][0], recorded[-1][1]
    return {one.seq: one for one in audit_log.events_between(desk.connection, first, last)}


def _chosen(desk: Desk, cases: Cases, hides: Unseen) -> Chosen:
    """Return the chosen cases; texts that are withheld from the actor find none."""
    if (cases.where is None) is (cases.words is None):
        raise UsageError("many.which")
    if cases.words is not None:
        return choosing.named(desk.connection, cases.words)
    seen, desk.connection.unseen = desk.connection.unseen, hides
    try:
        return choosing.wanted(desk.connection, {"where": cases.where})
    finally:
        desk.connection.unseen = seen


def _done(desk: Desk, name: str, chosen: Chosen, values: Mapping[str, Any]) -> list[Made]:
    """Do an act on the cases that were found; SeveralError also names those that were not."""
    if not named(name).on_case:
        raise UsageError("acts.on-no-case", act=name, field="ref")
    acts = [Asked(name, ref, values) for ref in chosen.refs]
    refusals = [Refusal(-1, words, error) for words, error in chosen.faults]
    whole = len(acts) + len(refusals)
    try:
        made = at_one_desk(desk, acts)
    except SeveralError as error:
        raise SeveralError([*refusals, *error.refusals], whole) from None
    if refusals:
        raise SeveralError(refusals, whole)
    return made


@contextmanager
def _as_agreed(agreed: Many | None, chosen: Chosen) -> Iterator[None]:
    """Turn a refusal in the block into a conflict if the act was agreed on before."""
    try:
        yield
    except SeveralError as error:
        if agreed is None:
            raise
        refusals = [one._replace(error=_changed(one)) for one in error.refusals]
        raise SeveralError(refusals, len(chosen.refs)) from error


def _changed(one: Refusal) -> CaseworkError:
    known = isinstance(one.error, ConflictError)
    return one.error if known else ConflictError("many.changed", ref=one.ref)


def _refuse_else(agreed: Many, found: Many, chosen: Chosen) -> None:
    """Raise SeveralError with each case on which something else would be done than was agreed."""
    before, now = dict(agreed.seal), dict(found.seal)
    refs = [ref for ref in {**before, **now} if before.get(ref) != now.get(ref)]
    if refs:
        errors = [ConflictError("many.changed", ref=ref) for ref in refs]
        refusals = [Refusal(-1, ref, one) for ref, one in zip(refs, errors, strict=True)]
        raise SeveralError(refusals, len(chosen.refs))


def _seal(one: Made) -> tuple[str, Any]:
    """Return a case and what is done to it, to be compared with a later result."""
    return one.case.ref, [(event.act, event.effective_on, event.changes) for event in one.events]


def _case_of(event: Event) -> str | None:
    """Return the case of an event, or the case that its request concerns."""
    if event.kind == Request.kind:
        _, kind = event.changes["subject_kind"]
        _, key = event.changes["subject"]
    else:
        kind, key = event.kind, event.key
    return key if kind == Case.kind else None


def _asked_for(event: Event, case: Case) -> Event:
    """Return the event of a request as the event that it asks for."""
    what = parsed(event.changes["what"][1].encode())
    stood = {name: plain(getattr(case, name)) for name in what["changes"]}
    return replace(
        event,
        act=event.changes["verb"][1],
        kind=Case.kind,
        key=case.ref,
        version=case.version + 1,
        effective_on=what["effective_on"],
        changes={name: [stood[name], value] for name, value in what["changes"].items()},
    )


def _numbers(spans: Sequence[tuple[int, int, str]]) -> Iterator[int]:
    for first, last, _ in spans:
        yield from range(first, last + 1)
