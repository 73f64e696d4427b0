"""Four eyes: acts that wait until a second person confirms them.

Where the register's policy asks for it, the acts that `workflow.GUARDED` names are not recorded but
asked for. What waits is a request: a record of its own, which says who asked for what. Another
person confirms it, and with that the act is done, in one transaction; or refuses it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from casework import queries
from casework.audit.event import canonical, parsed
from casework.directory import allow, case_for
from casework.errors import ConflictError, NotAllowedError, NotFoundError, RefusedError
from casework.ledger import load
from casework.records import KINDS, Case, Person, Record, Register, Request, plain, typed
from casework.workflow import CHANGES, GUARDED, Gives

if TYPE_CHECKING:
    from casework.audit.event import Act
    from casework.ledger import Desk


def record(desk: Desk, act: Act) -> Record:
    """Record an act, or ask a second person for it; return its record as it then stands."""
    before = act.before
    if before is None or not _guarded(desk, act):
        desk.record(act, *_forgotten(desk, act))
        return act.after()
    found = queries.requests_of(desk.connection, act.kind, act.key)
    if any(one.decided is None for one in found):
        waiting = next(one for one in found if one.decided is None)
        raise ConflictError(
            f"{act.kind} {act.key} has an act that waits already: {waiting.verb}, {waiting.code}",
            f"casework request show {waiting.code}",
        )
    what = {
        "changes": {name: plain(value) for name, value in act.changes.items()},
        "effective_on": act.effective_on.isoformat(),
        "reason": act.reason,
        "document": act.document,
        "redacts": [list(place) for place in act.redacts],
    }
    asked = desk.act(
        "ask",
        (Request.kind, f"{act.key}.R{len(found) + 1}"),
        {
            "verb": act.verb,
            "subject_kind": act.kind,
            "subject": act.key,
            "seen": before.version,
            "what": canonical(what).decode(),
            "asked_by": desk.actor.code,
            "asked_on": desk.today,
        },
    )
    desk.record(asked)
    desk.asked.append(asked.key)
    return before


def confirm(desk: Desk, code: str) -> tuple[Request, Record]:
    """Do what was asked for; return the request and the record as the act leaves it.

    Raises NotAllowedError for whoever asked for it, or may not do it, and ConflictError where the
    record was changed since.
    """
    request = _waiting(desk, code)
    asker = load(desk.connection, Person, request.asked_by)
    if desk.actor.code == request.asked_by or (asker and asker.login == desk.login):
        raise NotAllowedError(
            f"{request.asked_by} asked for this; somebody else must confirm it",
            "a second person runs this under their own login",
        )
    allow(desk, Request, "confirm", "confirm what others asked for")
    subject = load(desk.connection, KINDS[request.subject_kind], request.subject, lock=True)
    if subject is None:
        raise NotFoundError(f"there is no {request.subject_kind} {request.subject}", "look again")
    _permit(desk, request, subject)
    since = queries.changed_since(desk.connection, subject, request.seen)
    if since is not None:
        raise ConflictError(
            f"{subject.kind} {subject.key} was changed since {request.asked_by} asked for this:"
            f" {since.act}, by {since.actor}",
            f"casework request refuse {request.code} --reason TEXT, and ask again",
        )
    act = _asked(desk, request, subject)
    decided = desk.act("confirm", request, _decision(desk, "confirmed"))
    desk.record(decided, act, *_forgotten(desk, act))
    return replace(request, **_decision(desk, "confirmed")), act.after()


def refuse(desk: Desk, code: str, reason: str) -> Request:
    """Refuse what was asked for, or take it back; nothing else is changed."""
    request = _waiting(desk, code)
    allow(desk, Request, "refuse", "refuse what others asked for")
    done = desk.record(desk.act("refuse", request, _decision(desk, "refused"), reason=reason))
    assert isinstance(done, Request)  # noqa: S101 - for the type checker
    return done


def set_policy(desk: Desk, *, on: bool, reason: str) -> Register:
    """Ask a second person for decisions from now on, or no more; the latter needs one itself."""
    return _set(desk, "four_eyes", on=on, reason=reason)


def set_next_working_day(desk: Desk, *, on: bool, reason: str) -> Register:
    """Let deadlines counted from now on end on a working day, or as they are counted.

    Civil Code 2015, article 148, clause 5. A case keeps the rule its deadline was given under.
    """
    return _set(desk, "next_working_day", on=on, reason=reason)


def _set(desk: Desk, policy: str, *, on: bool, reason: str) -> Register:
    allow(desk, Register, "policy", "change the register's policy")
    register = load(desk.connection, Register, "register", lock=True)
    if register is None:
        raise NotFoundError("there is no register", "run casework init")
    if on == (getattr(register, policy) is not None):
        raise RefusedError(f"the policy is {'on' if on else 'off'} already", "nothing was changed")
    changes = {policy: desk.today if on else None}
    left = record(desk, desk.act("policy", register, changes, reason=reason))
    assert isinstance(left, Register)  # noqa: S101 - for the type checker
    return left


def _guarded(desk: Desk, act: Act) -> bool:
    """Tell whether the register's policy asks a second person for an act."""
    if act.verb not in GUARDED.get(act.kind, ()):
        return False
    return queries.register(desk.connection).four_eyes is not None


def _waiting(desk: Desk, code: str) -> Request:
    found = queries.find_request(desk.connection, code)
    request = load(desk.connection, Request, found.code, lock=True)
    if request is None or request.decided is not None:
        raise RefusedError(
            f"request {found.code} was {found.decided} by {found.decided_by} on {found.decided_on}",
            "nothing was changed",
        )
    return request


def _permit(desk: Desk, request: Request, subject: Record) -> None:
    """Refuse a second person who could not have done it alone; raises NotAllowedError."""
    if isinstance(subject, Case):
        case_for(desk, request.verb, subject.ref)
    else:
        allow(desk, type(subject), request.verb, f"{request.verb} {subject.kind} {subject.key}")


def _asked(desk: Desk, request: Request, subject: Record) -> Act:
    """Return the act that was asked for, of the one who confirms it."""
    what = parsed(str(request.what).encode())
    changes: dict[str, Any] = {
        name: typed(subject.kind, name, value) for name, value in what["changes"].items()
    }
    gives = CHANGES[request.verb] if isinstance(subject, Case) else {}
    changes |= {name: desk.actor.code for name in changes if gives.get(name) is Gives.ACTOR}
    return desk.act(
        request.verb,
        subject,
        changes,
        effective_on=date.fromisoformat(what["effective_on"]),
        reason=what["reason"],
        document=what["document"],
        redacts=[(seq, path) for seq, path in what["redacts"]],
    )


def _forgotten(desk: Desk, act: Act) -> list[Act]:
    """Return what a redaction erases beside: what was asked for earlier may say the same."""
    if act.verb != "redact":
        return []
    found = []
    for request in queries.requests_of(desk.connection, act.kind, act.key):
        if request.what is None or request.decided is None:
            continue
        places = [
            (event.seq, f"what.{place}")
            for event in queries.history(desk.connection, request.code, Request)
            for place, value in enumerate(event.changes.get("what", ()))
            if value is not None
        ]
        gone = {"what": None}
        found.append(desk.act("redact", request, gone, reason=act.reason, redacts=places))
    return found


def _decision(desk: Desk, decided: str) -> dict[str, Any]:
    return {"decided": decided, "decided_by": desk.actor.code, "decided_on": desk.today}
