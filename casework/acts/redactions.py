"""Redactions: erase values of the log, with a legal basis and a second person's consent.

No event is changed: values are deleted from the disclosures, while their commitments stay, so that
the log still verifies. The redaction is an event of its own, which says who erased what and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from casework.acts import actors, four_eyes
from casework.errors import (
    ConflictError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from casework.kinds.records import KINDS, REDACTED, Case, Person, Record, Request, shape, typed
from casework.ledger import gate
from casework.log.event import PRIVATE_WORDS
from casework.questions import audit_log, lookup
from casework.rules.workflow import KEEPERS, parties, permit
from casework.store.loading import load
from casework.system.text import clean
from casework.words import Kind, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.ledger.ledger import Desk
    from casework.log.reading import Event

R = TypeVar("R", bound=Record)

WORDS = PRIVATE_WORDS
"""Private words of an event that are no field of its record: redacted in one event at a time."""
COPIES = {"answer": "first_answer", "first_answer": "answer"}
"""Fields that hold the same text: reopening a case keeps the answer it had as its first one."""


def redact(
    desk: Desk,
    ref: str,
    *,
    field: str,
    basis: str,
    consent: str,
    event: int | None = None,
) -> Case:
    """Erase a private text of a case, for a legal basis and with a second person's consent.

    `field` is a private field, which is erased from every event and from the row, with the copy
    that reopening made of it; or it is reason, note or login, erased from the one event named. The
    redaction itself cannot be redacted. Copies made earlier (backups, exports, bundles) are not
    affected.
    """
    case = actors.case_for(desk, "redact", ref)
    return _redact(desk, case, field, event, basis, _consenting(desk, consent))


def redact_event(desk: Desk, seq: int, *, field: str, basis: str, consent: str) -> Record:
    """Erase a private text of whatever record an event is of, as `redact` does of a case.

    A private field is erased from every event of that record; reason, note and login only from this
    event. Raises NotFoundError if the log has no such event.
    """
    event = next(iter(audit_log.events_between(desk.connection, seq, seq)), None)
    if event is None:
        raise NotFoundError("redact.no-event", "hint.see-log", seq=seq)
    kind = KINDS[event.kind]
    if kind is Case:
        one = seq if field in WORDS else None
        return redact(desk, event.key, field=field, event=one, basis=basis, consent=consent)
    actors.allow(desk, kind, "redact")
    subject = load(desk.connection, kind, event.key, lock=True)
    if subject is None:
        raise ConflictError("record.gone", "hint.again", kind=Kind(event.kind), key=event.key)
    if isinstance(subject, Request) and subject.decided is None:
        raise RefusedError("redact.request-waits", code=subject.code)
    if isinstance(subject, Request) and gate.is_on(desk.connection):
        raise RefusedError(
            "redact.request-policy",
            code=subject.code,
            subject_kind=Kind(subject.subject_kind),
            subject=subject.subject,
        )
    one = seq if field in WORDS else None
    return _redact(desk, subject, field, one, basis, _consenting(desk, consent))


def redact_person(desk: Desk, words: str, *, basis: str, consent: str) -> Person:
    """Erase every private value of a person; the code stays, and acts keep their actor.

    `records` declares which fields are private.
    """
    actors.allow(desk, Person, "redact")
    known = lookup.find(desk.connection, Person, words)
    person = load(desk.connection, Person, known.key, lock=True)
    if person is None:
        raise ConflictError("record.gone", "hint.again", kind=Kind("person"), key=known.code)
    second = _consenting(desk, consent)
    found = audit_log.history(desk.connection, person.key, Person)
    withheld = shape(Person.kind).withheld
    places = [place for name in withheld for place in _every_event(found, name)]
    changes = {name: typed(Person.kind, name, value) for name, value in withheld.items()}
    return _erase(desk, person, changes, places, basis, second)


def _redact(desk: Desk, subject: R, field: str, event: int | None, basis: str, second: Person) -> R:
    found = audit_log.history(desk.connection, subject.key, type(subject))
    if field in WORDS:
        return _erase(desk, subject, {}, _one_event(found, field, event), basis, second)
    withheld = shape(subject.kind).withheld
    if field not in withheld:
        known = ", ".join((*sorted(withheld), *WORDS))
        raise UsageError("redact.not-private", field=field, known=known)
    if event is not None:
        raise UsageError("redact.every-event", field=field)
    names = [field]
    if isinstance(subject, Case) and field in COPIES:
        names.append(COPIES[field])
    places = [place for name in names for place in _every_event(found, name)]
    changes = {name: typed(subject.kind, name, withheld[name]) for name in names}
    return _erase(desk, subject, changes, places, basis, second)


def _erase(
    desk: Desk,
    subject: R,
    changes: Mapping[str, Any],
    places: list[tuple[int, str]],
    basis: str,
    second: Person,
) -> R:
    why = clean(basis, "name.legal-basis")
    if not places:
        raise RefusedError(
            "redact.nothing", "hint.see-log", kind=Kind(subject.kind), key=subject.key
        )
    act = desk.act(
        "redact",
        subject,
        changes,
        reason=f"{why} (consent: {second.code})",
        redacts=places,
    )
    done = four_eyes.record(desk, act)
    if not isinstance(done, type(subject)):
        raise TypeError(done)
    return done


def _consenting(desk: Desk, words: str) -> Person:
    second = lookup.find(desk.connection, Person, words)
    # Who runs the command under their own login, in whose name ever, has no second voice.
    same = second.code in desk.eyes or second.login == desk.login
    if same or second.ended_on is not None:
        raise NotAllowedError("redact.cannot-consent", code=second.code)
    permit(KEEPERS, parties(second), second.code, Text("may.consent-redaction"))
    return second


def _every_event(found: list[Event], field: str) -> list[tuple[int, str]]:
    places = []
    for event in found:
        for number, value in enumerate(event.changes.get(field, ())):
            if value not in (None, [], REDACTED):
                places.append((event.seq, f"{field}.{number}"))
    return places


def _one_event(found: list[Event], field: str, seq: int | None) -> list[tuple[int, str]]:
    if seq is None:
        raise UsageError("redact.one-event", field=field)
    event = next((event for event in found if event.seq == seq), None)
    if event is None:
        raise UsageError("redact.other-record", seq=seq)
    if event.act == "redact":
        raise RefusedError("redact.redaction", seq=seq)
    return [(seq, field)] if getattr(event, field) is not None else []
