"""The gate of the ledger: an act that needs a second person is never recorded without one.

Every call of the ledger passes it. On PostgreSQL the database checks the same by the same table
(`guards`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.errors import ConflictError, Kind, NotAllowedError, RefusedError, Verb
from casework.kinds.choices import State
from casework.kinds.records import Case, Person, Register, Request, names_of, plain
from casework.log.event import canonical
from casework.rules.guards import is_for, needs_second
from casework.store import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from casework.log.event import Act
    from casework.store.connections import Connection

    Ask = Callable[[str, dict[str, Any]], Act]
    """A function that makes the act of a request, under a code."""

CONFIRM, REDACT = "confirm", "redact"


def passed(connection: Connection, acts: Sequence[Act], ask: Ask | None = None) -> list[Act]:
    """Return the acts to record; an act that needs a second person is replaced by a request.

    Raises NotAllowedError if an act needs a second person and there is no `ask` to request it,
    ConflictError if a request already waits on the same record, and RefusedError for a change of
    login that would need two people.
    """
    lone = [act for act in acts if _alone(acts, act)]
    if not lone or not is_on(connection):
        return [*acts]
    if ask is None:
        raise NotAllowedError(
            "gate.needs-second",
            "hint.nothing-changed",
            verb=Verb(lone[0].verb),
            kind=Kind(lone[0].kind),
            key=lone[0].key,
        )
    if len(acts) > 1 and any(act.kind == Person.kind for act in lone):
        raise RefusedError("gate.login-given-up", key=acts[0].key)
    return [_request(connection, act, ask) if act in lone else act for act in acts]


def refuse_decided(
    connection: Connection, drafts: Iterable[tuple[dict[str, list[Any]], Any, Any]]
) -> None:
    """Refuse imported cases that are already decided, if decisions need two people."""
    ref, state = (names_of(Case.kind).index(name) for name in ("ref", "state"))
    made = (row for tables, *_ in drafts for row in tables.get(Case.kind, ()))
    decided = [row[ref] for row in made if row[state] == State.RESOLVED]
    if decided and is_on(connection):
        raise RefusedError("gate.import-resolved", count=len(decided), first=decided[0])


def is_on(connection: Connection) -> bool:
    """Return whether decisions need a second person."""
    row = connection.first(compiled.LOAD[Register.kind], key=Register.kind)
    return row is not None and row[names_of(Register.kind).index("four_eyes")] is not None


def _alone(acts: Sequence[Act], act: Act) -> bool:
    """Return whether an act needs a second person and does not follow a confirmation."""
    if act.kind == Request.kind and act.verb == REDACT:
        return not _with_subject(acts, act)
    needs = needs_second(act.kind, act.stood, act.made(), erases=bool(act.redacts))
    return needs and not _confirmed(acts, act)


def _with_subject(acts: Sequence[Act], act: Act) -> bool:
    """Return whether a request is erased together with the record it is about."""
    return any(
        isinstance(act.before, Request)
        and one.verb == REDACT
        and (one.kind, one.key) == (act.before.subject_kind, act.before.subject)
        for one in acts
    )


def _confirmed(acts: Sequence[Act], act: Act) -> bool:
    """Return whether an act follows the confirmation of its request."""
    place = next(place for place, one in enumerate(acts) if one is act)
    first = acts[place - 1] if place else None
    return (
        first is not None
        and first.verb == CONFIRM
        and isinstance(first.before, Request)
        and is_for(first.before, act.verb, act.kind, act.key)
    )


def _request(connection: Connection, act: Act, ask: Ask) -> Act:
    """Return the act that requests another act from a second person."""
    names = names_of(Request.kind)
    rows = connection.rows(compiled.REQUESTS_OF, kind=act.kind, key=act.key)
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for one in found:
        if one["decided"] is None:
            raise ConflictError(
                "gate.waits-already",
                kind=Kind(act.kind),
                key=act.key,
                act=one["verb"],
                code=one["code"],
            )
    what: dict[str, Any] = {
        "changes": {name: plain(value) for name, value in act.changes.items()},
        "effective_on": act.effective_on.isoformat(),
        "reason": act.reason,
        "document": act.document,
        "redacts": [list(place) for place in act.redacts],
    }
    for name in ("amends", "strikes"):
        if (seq := getattr(act, name)) is not None:
            what[name] = seq
    if act.document_date is not None:
        what["document_date"] = act.document_date.isoformat()
    number = len(found) + 1
    # Records of two kinds may have one key.
    while connection.first(compiled.LOAD[Request.kind], key=f"{act.key}.R{number}") is not None:
        number += 1
    return ask(
        f"{act.key}.R{number}",
        {
            "verb": act.verb,
            "subject_kind": act.kind,
            "subject": act.key,
            "seen": act.version,
            "what": canonical(what).decode(),
        },
    )
