"""Four eyes: acts that wait until a second person confirms them.

If the register's policy asks for it, the ledger's `gate` does not record the acts that `guards`
names, but makes a request: a record of its own, which says who asked for what. When another person
confirms the request, the act is done in the same transaction; or they refuse it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from casework.acts.actors import allow, case_for
from casework.acts.together import lock_together, together
from casework.errors import ConflictError, NotAllowedError, NotFoundError, RefusedError
from casework.kinds.records import KINDS, Case, Person, Record, Register, Request, typed
from casework.ledger import gate
from casework.log.event import parsed
from casework.questions import audit_log, lookup, owners
from casework.rules.changes import CHANGES, Gives
from casework.rules.guards import TWO, WAIT_DAYS, may_decide
from casework.store.loading import load
from casework.words import Kind, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from casework.ledger.ledger import Desk
    from casework.log.event import Act
    from casework.store.connections import Connection


def record(desk: Desk, act: Act) -> Record:
    """Record an act, or ask a second person for it; return its record as it then stands."""
    on = gate.is_on(desk.connection)
    if not on:
        _refuse_waiting(desk, act)
    # Where it is asked for, what goes with it is done when it is.
    more = [] if on else _forgotten(desk, act)
    left = desk.record(act, *more)
    return act.after() if more else left


def confirm(
    desk: Desk, code: str, *, alone: bool = False, reason: str | None = None
) -> tuple[Request, Record]:
    """Do the act that was requested; return the request and the record as the act leaves it.

    With `alone` the person who made the request confirms it, with a reason; that is allowed if
    nobody else could and the request has waited for `guards.WAIT_DAYS` days. Raises NotAllowedError
    if the requester confirms otherwise or the actor may not do the act, and ConflictError if the
    record has changed since.
    """
    request = _waiting(desk, code)
    if alone:
        _refuse_company(desk, request)
    else:
        _refuse_asker(desk, request)
    allow(desk, Request, "confirm")
    # What is asked for may be a new record, of which there is nothing to lock yet.
    lock = request.seen > 0
    subject = load(desk.connection, KINDS[request.subject_kind], request.subject, lock=lock)
    _permit(desk, request)
    _refuse_stale(desk, request, subject)
    act = _asked(desk, request, subject)
    if isinstance(subject, Person) and subject.key in desk.eyes and "role" in act.changes:
        raise NotAllowedError("person.own-role", key=subject.key)
    decided = desk.act("confirm", request, _decision(desk, "confirmed"), reason=reason)
    desk.record(decided, act, *_forgotten(desk, act))
    return request.but(**_decision(desk, "confirmed")), act.after()


def confirm_all(
    desk: Desk, codes: Sequence[str], *, alone: bool = False, reason: str | None = None
) -> list[tuple[Request, Record]]:
    """Confirm all these requests, or none: see `confirm`.

    Raises SeveralError with every reason against it.
    """
    _lock(desk, codes)
    said: dict[str, Any] = {"alone": alone, "reason": reason}
    return together(desk, [(code, partial(confirm, desk, code, **said)) for code in codes])


def refuse_all(
    desk: Desk, codes: Sequence[str], reason: str, refuse_time: Callable[[Desk, str], Case]
) -> list[Request | Case]:
    """Refuse all these requests, or none; raises SeveralError.

    Requests for time are refused by `refuse_time` instead.
    """
    found = {code: owners.named(desk.connection, code) for code in codes}
    cases = {code: named[0] for code, named in found.items() if named is not None}
    _lock(desk, codes, cases.values())

    def work(code: str) -> Callable[[], Request | Case]:
        if code in cases:
            return partial(refuse_time, desk, code)
        return partial(refuse, desk, code, reason)

    return together(desk, [(code, work(code)) for code in codes])


def waiting_for(desk: Desk) -> tuple[list[Request], list[Request]]:
    """Return the requests that wait for a second person: those of others, and the actor's own."""
    own: list[Request] = []
    others: list[Request] = []
    for one in lookup.waiting(desk.connection):
        (own if _is_own(desk, one) else others).append(one)
    return others, own


def _lock(desk: Desk, codes: Sequence[str], cases: Iterable[str] = ()) -> None:
    """Lock the requests, then their records, in the same order as a single confirmation does."""
    wanted = set(codes)
    found = [one for one in lookup.waiting(desk.connection) if one.code in wanted]
    subjects = {(one.subject_kind, one.subject) for one in found if one.seen}
    subjects |= {(Case.kind, ref) for ref in cases}
    lock_together(desk, [*sorted((Request.kind, one.code) for one in found), *sorted(subjects)])


def _is_own(desk: Desk, request: Request) -> bool:
    """Return whether the actor had a part in the request, in person or through a deputy."""
    askers = (load(desk.connection, Person, one) for one in request.eyes)
    logins = {one.login for one in askers if one is not None}
    return not desk.eyes.isdisjoint(request.eyes) or desk.login in logins


def _refuse_asker(desk: Desk, request: Request) -> None:
    if _is_own(desk, request):
        raise NotAllowedError("request.own", asked_by=request.asked_by)


def _refuse_company(desk: Desk, request: Request) -> None:
    """Refuse to confirm alone if somebody else could, or the request has not waited long enough."""
    if desk.eyes.isdisjoint(request.eyes):
        raise NotAllowedError("request.not-own", asked_by=request.asked_by)
    others = [
        one.code
        for one in deciders(desk.connection, request.subject_kind)
        if one.code not in request.eyes
    ]
    if others:
        raise NotAllowedError("request.others-may", others=", ".join(others))
    # A server counts hours: on the day that is named here they are over, whenever it was asked.
    day = request.asked_on + timedelta(days=WAIT_DAYS + 1)
    if desk.today < day:
        raise RefusedError(
            "request.too-soon", code=request.code, asked_on=request.asked_on, day=day
        )


def deciders(connection: Connection, kind: str) -> list[Person]:
    """Return the people who may decide a request on a kind of record and have their own login."""
    found = {
        one.login: one for one in lookup.directory(connection, Person) if may_decide(one, kind)
    }
    return list(found.values())


def _refuse_stale(desk: Desk, request: Request, subject: Record | None) -> None:
    """Refuse a request whose record has changed since it was made."""
    if subject is None and request.seen:
        what = f"{request.subject_kind} {request.subject}"
        raise NotFoundError("request.subject-gone", what=what)
    since = (
        None if subject is None else audit_log.changed_since(desk.connection, subject, request.seen)
    )
    if since is not None:
        raise ConflictError(
            "request.changed-since",
            subject_kind=Kind(request.subject_kind),
            subject=request.subject,
            asked_by=request.asked_by,
            act=since.act,
            actor=since.actor,
            code=request.code,
        )


def refuse(desk: Desk, code: str, reason: str) -> Request:
    """Refuse a request, or withdraw one's request; nothing else is changed."""
    request = _waiting(desk, code)
    allow(desk, Request, "refuse")
    done = desk.record(desk.act("refuse", request, _decision(desk, "refused"), reason=reason))
    assert isinstance(done, Request)  # noqa: S101 - for the type checker
    return done


def set_policy(desk: Desk, *, on: bool, reason: str) -> Register:
    """Turn the policy of two people on or off; turning it off needs a second person."""
    able = deciders(desk.connection, Case.kind)
    if on and len(able) < TWO:
        if not able:
            raise RefusedError("policy.nobody", "policy.add-person")
        codes = [one.code for one in able]
        raise RefusedError("policy.too-few", "policy.add-person", codes=codes)
    return _set(desk, "four_eyes", on=on, reason=reason)


def set_next_working_day(desk: Desk, *, on: bool, reason: str) -> Register:
    """Set whether new counted deadlines that end on a day off move to the next working day.

    Civil Code 2015, article 148, clause 5. A case keeps the rule its deadline was given under.
    """
    return _set(desk, "next_working_day", on=on, reason=reason)


def set_reply_days(desk: Desk, days: int, *, reason: str) -> Register:
    """Set the number of working days within which a request for more time must be answered."""
    register = _register(desk)
    if days == register.reply_days:
        raise RefusedError("policy.already", "hint.nothing-changed", value=days)
    return _changed(desk, register, {"reply_days": days}, reason)


def _set(desk: Desk, policy: str, *, on: bool, reason: str) -> Register:
    register = _register(desk)
    if on == (getattr(register, policy) is not None):
        raise RefusedError("policy.already", "hint.nothing-changed", value="on" if on else "off")
    return _changed(desk, register, {policy: desk.today if on else None}, reason)


def _register(desk: Desk) -> Register:
    """Return the register, locked, if the actor may set its policy."""
    allow(desk, Register, "policy")
    register = load(desk.connection, Register, "register", lock=True)
    if register is None:
        raise NotFoundError("register.none", "hint.init")
    return register


def _changed(desk: Desk, register: Register, changes: Mapping[str, Any], reason: str) -> Register:
    left = record(desk, desk.act("policy", register, changes, reason=reason))
    assert isinstance(left, Register)  # noqa: S101 - for the type checker
    return left


def _waiting(desk: Desk, code: str) -> Request:
    found = lookup.find_request(desk.connection, code)
    request = load(desk.connection, Request, found.code, lock=True)
    if request is None or request.decided is not None:
        raise RefusedError(
            "request.decided",
            "hint.nothing-changed",
            code=found.code,
            decided=Word(str(found.decided)),
            decided_by=found.decided_by,
            decided_on=found.decided_on,
        )
    return request


def _permit(desk: Desk, request: Request) -> None:
    """Raise NotAllowedError if the second person could not have done the act alone."""
    if request.subject_kind == Case.kind and request.seen:
        case_for(desk, request.verb, request.subject)
    else:
        allow(desk, KINDS[request.subject_kind], request.verb)


def _asked(desk: Desk, request: Request, subject: Record | None) -> Act:
    """Return the requested act, with the person who confirms it as its actor."""
    what = parsed(str(request.what).encode())
    kind = request.subject_kind
    changes: dict[str, Any] = {
        name: typed(kind, name, value) for name, value in what["changes"].items()
    }
    gives = CHANGES[request.verb] if kind == Case.kind else {}
    changes |= {name: desk.actor.code for name in changes if gives.get(name) is Gives.ACTOR}
    act = desk.act(
        request.verb,
        subject or (kind, request.subject),
        changes,
        effective_on=date.fromisoformat(what["effective_on"]),
        reason=what["reason"],
        document=what["document"],
        document_date=date.fromisoformat(dated) if (dated := what.get("document_date")) else None,
        redacts=[(seq, path) for seq, path in what["redacts"]],
        amends=what.get("amends"),
        strikes=what.get("strikes"),
    )
    if subject is None:
        return act
    # What is the same as in the row now was otherwise on the day the act takes effect.
    own = {name for name in changes if gives.get(name) is not Gives.ACTOR}
    return replace(act, changes={k: v for k, v in changes.items() if k in own | {*act.changes}})


def _refuse_waiting(desk: Desk, act: Act) -> None:
    """Raise RefusedError if a request that still waits may hold the text to be erased."""
    if act.verb != "redact":
        return
    for request in lookup.requests_of(desk.connection, act.kind, act.key):
        if request.decided is None:
            raise RefusedError("request.waits", kind=Kind(act.kind), key=act.key, code=request.code)


def _forgotten(desk: Desk, act: Act) -> list[Act]:
    """Return what else a redaction must erase: earlier requests may hold the same text."""
    if act.verb != "redact":
        return []
    found = []
    for request in lookup.requests_of(desk.connection, act.kind, act.key):
        if request.what is None or request.decided is None:
            continue
        places = [
            (event.seq, f"what.{place}")
            for event in audit_log.history(desk.connection, request.code, Request)
            for place, value in enumerate(event.changes.get("what", ()))
            if value is not None
        ]
        gone = {"what": None}
        found.append(desk.act("redact", request, gone, reason=act.reason, redacts=places))
    return found


def _decision(desk: Desk, decided: str) -> dict[str, Any]:
    return {"decided": decided, "decided_by": desk.actor.code, "decided_on": desk.today}
