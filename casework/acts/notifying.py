"""Letters beside reminders: what an organisation was given, and the reply to who proposed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from casework.acts.actors import allow
from casework.errors import ConflictError, RefusedError
from casework.kinds.choices import State
from casework.kinds.records import Digest, Organisation
from casework.questions import addressees, audit_log, listing, lookup, replay
from casework.questions.audit_log import Search
from casework.store.filters import Filter
from casework.system.clock import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from casework.kinds.records import Case
    from casework.ledger.ledger import Desk
    from casework.questions.addressees import Addressee
    from casework.store.connections import Connection

NOTIFY, REPLY = "notify", "reply"
"""The acts of a letter of assignment, and of a reply."""

DECISIONS = ("officer", "due", "state", "held_since", "outcome")
"""What of a case its owner is told of when it becomes another."""


class What(StrEnum):
    """What became of a case for an organisation since it was last written to."""

    GIVEN = "now-yours"
    COORDINATES = "to-coordinate"
    TAKEN = "taken-away"
    DECIDED = "now-otherwise"


class Told(NamedTuple):
    """A case as it is now, and as it was when its organisation was last written to."""

    what: What
    case: Case
    before: Case | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What one organisation is to be told, and its people and mailbox; `told` may be empty."""

    org: Organisation
    to: tuple[Addressee, ...]
    told: tuple[Told, ...] = ()


def assignments(connection: Connection, day: date, owner: str | None = None) -> list[Notice]:
    """Return what each organisation was given, lost, and what was decided, since its last letter.

    With an `owner`, by any of its names, only what that one is told. Raises NotFoundError.
    """
    kept = addressees.addressees(connection, day)
    last = _last_letters(connection)
    known = (
        lookup.directory(connection, Organisation)
        if owner is None
        else [lookup.find(connection, Organisation, owner, day)]
    )
    found = (
        Notice(one, kept.of.get(one.code, ()), tuple(_told(connection, one.code, last, day)))
        for one in known
    )
    return [one for one in found if one.told]


def _last_letters(connection: Connection) -> dict[str, datetime]:
    """Return when each organisation was last told what it was given."""
    found = audit_log.events(connection, Search(kind=Digest.kind, act=NOTIFY))
    return {str(one.changes["owner"][1]): parse_instant(one.recorded_at) for one in found}


def _told(
    connection: Connection, code: str, last: dict[str, datetime], day: date
) -> Iterator[Told]:
    now, then = dict(_cases_of(connection, code, day)), {}
    if (moment := last.get(code)) is not None:
        with replay.as_of(connection, None, moment) as stood:
            then = dict(_cases_of(stood, code, day))
    for ref in sorted({*now, *then}):
        case, before = now.get(ref) or lookup.find_case(connection, ref), then.get(ref)
        what = _became(code, case, before)
        if what is not None:
            yield Told(what, case, before)


def _cases_of(connection: Connection, code: str, day: date) -> Iterator[tuple[str, Case]]:
    """Yield the cases an organisation owns or coordinates."""
    for name in ("owner", "coordinating"):
        for case in listing.cases(connection, Filter(among={name: (code,)}), day):
            yield case.ref, case


def _became(code: str, case: Case, before: Case | None) -> What | None:
    """Return what became of a case for an organisation; None for nothing it is told."""
    owns, owned = case.owner == code, before is not None and before.owner == code
    helps = code in case.coordinating
    helped = before is not None and code in before.coordinating
    if case.state != State.RESOLVED and (owns > owned):
        return What.GIVEN
    if case.state != State.RESOLVED and helps > (helped or owned):
        return What.COORDINATES
    if before is not None and not owns and not helps:
        return What.TAKEN
    changed = before is not None and any(
        getattr(case, name) != getattr(before, name) for name in DECISIONS
    )
    return What.DECIDED if changed and (owns or helps) else None


def record_assignment(desk: Desk, notice: Notice) -> None:
    """Record that an organisation is told; what it is told is what the log has since before."""
    allow(desk, Digest, NOTIFY)
    _record(desk, NOTIFY, notice.org.code, notice.to)


def reply_to(connection: Connection, ref: str, day: date) -> tuple[Case, Notice]:
    """Return a resolved case, and its proposer, who is told of it.

    Raises NotFoundError, RefusedError for one that is not resolved.
    """
    case = lookup.find_case(connection, ref)
    if case.state != State.RESOLVED:
        raise RefusedError("letter.not-resolved", ref=case.ref)
    proposer = lookup.find(connection, Organisation, case.proposer, day)
    return case, Notice(proposer, addressees.addressees(connection, day).of.get(proposer.code, ()))


def record_reply(desk: Desk, case: Case, notice: Notice) -> None:
    """Record a reply; raises ConflictError for a resolution that was replied to already."""
    allow(desk, Digest, REPLY)
    told = (case.ref, REPLY, "" if case.resolved_on is None else case.resolved_on.isoformat())
    if (*told, notice.org.code) in addressees.replied(desk.connection):
        raise ConflictError("letter.replied", ref=case.ref)
    _record(desk, REPLY, notice.org.code, notice.to, (told,))


def _record(
    desk: Desk,
    verb: str,
    owner: str,
    to: tuple[Addressee, ...],
    cases: tuple[tuple[str, str, str], ...] = (),
) -> None:
    said = {
        "owner": owner,
        "sent_on": desk.today,
        "recipients": tuple(one.code for one in to),
        "cases": cases,
    }
    desk.record(desk.act(verb, (Digest.kind, secrets.token_hex(8)), said))
