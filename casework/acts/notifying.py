"""Letters about assignments, to organisations and officers; replies to proposers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from casework.acts.actors import allow
from casework.errors import ConflictError, RefusedError
from casework.kinds.choices import State
from casework.kinds.records import Case, Digest, Organisation, Person
from casework.questions import addressees, audit_log, listing, lookup, replay
from casework.questions.audit_log import Search
from casework.store.filters import Filter
from casework.store.loading import lock_head
from casework.system.clock import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from casework.ledger.ledger import Desk
    from casework.log.reading import Event
    from casework.questions.addressees import Addressee, Addressees
    from casework.questions.audit_log import Head
    from casework.store.connections import Connection

NOTIFY, REPLY = "notify", "reply"
"""The acts of a letter of assignment, and of a reply."""

DECISIONS = ("owner", "officer", "due", "state", "held_since", "outcome")
"""What of a case is told when it becomes another."""


class What(StrEnum):
    """What happened to a case, for an organisation or officer, since their last letter."""

    GIVEN = "now-yours"
    COORDINATES = "to-coordinate"
    TAKEN = "taken-away"
    DECIDED = "now-otherwise"


class Told(NamedTuple):
    """A case as it is now, and as it was at the recipient's last letter."""

    what: What
    case: Case
    before: Case | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What to tell one organisation or officer, and their address; `told` may be empty."""

    whom: Organisation | Person
    to: tuple[Addressee, ...]
    told: tuple[Told, ...] = ()

    @property
    def field(self) -> str:
        """The field that names the recipient, both in a case and in a letter."""
        return "officer" if isinstance(self.whom, Person) else "owner"


def assignments(
    connection: Connection, day: date, owner: str | None, officer: str | None
) -> list[Notice]:
    """Return the cases that each organisation and officer was given or lost, and the decisions.

    Only what happened since the recipient's last letter counts. Each officer who has not left gets
    a separate letter. With an `owner` or `officer`, given by any of their names, only that one is
    returned. Raises NotFoundError.
    """
    kept = addressees.addressees(connection, day)
    last = _last_letters(connection)
    known: list[Notice] = []
    if owner is None and officer is None:
        known = [_of_organisation(kept, one) for one in lookup.directory(connection, Organisation)]
        known += [
            Notice(one, kept.person[one.code])
            for one in lookup.directory(connection, Person)
            if one.code in kept.person
        ]
    if owner is not None:
        known.append(_of_organisation(kept, lookup.find(connection, Organisation, owner, day)))
    if officer is not None:
        person = lookup.find(connection, Person, officer, day)
        known.append(Notice(person, kept.person.get(person.code, ())))
    found = (replace(one, told=tuple(_told(connection, one, last, day))) for one in known)
    return [one for one in found if one.told]


def _of_organisation(kept: Addressees, org: Organisation) -> Notice:
    return Notice(org, kept.of.get(org.code, ()))


def _last_letters(connection: Connection) -> dict[tuple[str, str], datetime]:
    """Return when each organisation and officer last got a letter about assignments."""
    found = audit_log.events(connection, Search(kind=Digest.kind, act=NOTIFY))
    return {whom: parse_instant(one.recorded_at) for one in found for whom in _whom(one)}


def _whom(event: Event) -> Iterator[tuple[str, str]]:
    """Yield the recipients of a letter, each with the field that names them."""
    for name in ("owner", "officer"):
        _, code = event.changes.get(name, (None, None))
        if code is not None:
            yield name, str(code)


def _told(
    connection: Connection, notice: Notice, last: dict[tuple[str, str], datetime], day: date
) -> Iterator[Told]:
    now, then = dict(_cases_of(connection, notice, day)), {}
    if (moment := last.get((notice.field, notice.whom.code))) is not None:
        with replay.as_of(connection, None, moment) as stood:
            then = dict(_cases_of(stood, notice, day))
    for ref in sorted({*now, *then}):
        case, before = now.get(ref) or lookup.find_case(connection, ref), then.get(ref)
        what = _became(notice, case, before)
        if what is not None:
            yield Told(what, case, before)


def _cases_of(connection: Connection, notice: Notice, day: date) -> Iterator[tuple[str, Case]]:
    """Yield the cases an organisation owns or coordinates, or an officer handles."""
    helping = () if isinstance(notice.whom, Person) else ("coordinating",)
    for name in (notice.field, *helping):
        for case in listing.cases(connection, Filter(among={name: (notice.whom.code,)}), day):
            yield case.ref, case


def _became(notice: Notice, case: Case, before: Case | None) -> What | None:
    """Return what happened to a case for a recipient; None if there is nothing to tell."""
    (has, helps), (had, helped) = _part(notice, case), _part(notice, before)
    if case.state != State.RESOLVED and (has > had):
        return What.GIVEN
    if case.state != State.RESOLVED and helps > (helped or had):
        return What.COORDINATES
    if before is not None and not has and not helps:
        return What.TAKEN
    changed = before is not None and any(
        getattr(case, name) != getattr(before, name) for name in DECISIONS
    )
    return What.DECIDED if changed else None


def _part(notice: Notice, case: Case | None) -> tuple[bool, bool]:
    """Return whether the recipient has a case, and whether it coordinates it."""
    if case is None:
        return False, False
    code = notice.whom.code
    helps = not isinstance(notice.whom, Person) and code in case.coordinating
    return getattr(case, notice.field) == code, helps


def record_assignment(desk: Desk, notice: Notice, head: Head) -> None:
    """Record that a letter goes out; it covers what the log has since the one before.

    Raises ConflictError if a case has changed since `head`, at which the letter was made, or
    somebody else wrote to the recipient: a change would be told never, or twice.
    """
    allow(desk, Digest, NOTIFY)
    # Two that write letters at once would both find nothing told: the second one waits here.
    lock_head(desk.connection)
    whom = (notice.field, notice.whom.code)
    for event in audit_log.events(desk.connection, Search(since=head.recorded_at)):
        told = event.act == NOTIFY and whom in _whom(event)
        if event.seq >= head.size and (told or event.kind == Case.kind):
            raise ConflictError("letter.meanwhile", "hint.again", passing=True, whom=whom[1])
    _record(desk, NOTIFY, notice)


def reply_to(connection: Connection, ref: str, day: date) -> tuple[Case, Notice]:
    """Return a resolved case and its proposer, to whom the reply goes.

    Raises NotFoundError, and RefusedError if the case is not resolved.
    """
    case = lookup.find_case(connection, ref)
    if case.state != State.RESOLVED:
        raise RefusedError("letter.not-resolved", ref=case.ref)
    proposer = lookup.find(connection, Organisation, case.proposer, day)
    return case, Notice(proposer, addressees.addressees(connection, day).of.get(proposer.code, ()))


def record_reply(desk: Desk, case: Case, notice: Notice) -> None:
    """Record a reply; raises ConflictError if this resolution has had its reply."""
    allow(desk, Digest, REPLY)
    told = (case.ref, REPLY, "" if case.resolved_on is None else case.resolved_on.isoformat())
    if (*told, notice.whom.code) in addressees.replied(desk.connection):
        raise ConflictError("letter.replied", ref=case.ref)
    _record(desk, REPLY, notice, (told,))


def _record(
    desk: Desk, verb: str, notice: Notice, cases: tuple[tuple[str, str, str], ...] = ()
) -> None:
    said = {
        notice.field: notice.whom.code,
        "sent_on": desk.today,
        "recipients": tuple(one.code for one in notice.to),
        "cases": cases,
    }
    desk.record(desk.act(verb, (Digest.kind, secrets.token_hex(8)), said))
