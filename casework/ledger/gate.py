"""The gate of the ledger: what needs a second person is asked for, and never recorded without one.

`asked_for` makes requests of what a desk would record; `refuse_alone` is the ledger's own check,
whoever calls it. On PostgreSQL the database checks the same from the same table (`guards`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.errors import ConflictError, Kind, NotAllowedError, RefusedError, Verb
from casework.kinds.choices import State
from casework.kinds.records import Case, Person, Register, Request, names_of, plain
from casework.log.event import canonical
from casework.rules import late_causes
from casework.rules.guards import is_for, needs_second
from casework.rules.lawful import Fault, Step, fault
from casework.store import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from casework.log.event import Act
    from casework.store.connections import Connection

CONFIRM, REDACT = "confirm", "redact"


def asked_for(
    connection: Connection, acts: Sequence[Act], ask: Callable[[str, dict[str, Any]], Act]
) -> list[Act]:
    """Return what is recorded of acts: for each that needs a second person, a request for it.

    `ask` makes the act by which a desk asks for something, under a code. Raises ConflictError where
    one waits already on the same record, RefusedError for a login two people would have to move.
    """
    lone = [act for act in acts if _alone(acts, act)]
    if not lone or not is_on(connection):
        return [*acts]
    if len(acts) > 1 and any(act.kind == Person.kind for act in lone):
        raise RefusedError("gate.login-given-up", key=acts[0].key)
    return [_request(connection, act, ask) if act in lone else act for act in acts]


def refuse_alone(connection: Connection, acts: Sequence[Act]) -> None:
    """Refuse acts that need a second person and have none; raises NotAllowedError."""
    lone = next((act for act in acts if _alone(acts, act)), None)
    if lone is not None and is_on(connection):
        raise NotAllowedError(
            "gate.needs-second",
            "hint.nothing-changed",
            verb=Verb(lone.verb),
            kind=Kind(lone.kind),
            key=lone.key,
        )


def refuse_unlawful(connection: Connection, acts: Sequence[Act]) -> None:
    """Refuse acts on cases that no rule allows, whatever made them; raises RefusedError."""
    for act in acts:
        # Of an act in its place among others, every step was judged.
        if act.kind != Case.kind or act.is_placed:
            continue
        if (wrong := fault(_with_causes(connection, Step.of(act)))) is not None:
            raise _cannot(act, wrong)


def refuse_said(connection: Connection, act: Act) -> None:
    """Refuse what an act that has its place among others cannot say by itself; RefusedError.

    What it makes of the case it is on is judged with the others.
    """
    before = act.before
    if not isinstance(before, Case) or act.strikes is not None or act.reported is not None:
        return
    left = before.changed(act.changes)
    step = _with_causes(connection, Step.of(act)._replace(before=before, after=left))
    if act.amends is not None:
        if (wrong := fault(step)) is not None:
            raise _cannot(act, wrong)
        return
    for rule, values in late_causes.faults(step, before):
        raise _cannot(act, Fault(rule, "late_cause", tuple(values.items())))


def _with_causes(connection: Connection, step: Step) -> Step:
    """Return a step with the causes that may be given, where the case is late."""
    if step.before is None or not late_causes.days_late(step.before, step.verb, step.day):
        return step
    return step._replace(causes=connection.column(compiled.CAUSES_IN_USE))


def _cannot(act: Act, wrong: Fault) -> RefusedError:
    return RefusedError(
        "case.cannot", "hint.nothing-changed", verb=Verb(act.verb), ref=act.key, says=wrong.says
    )


def refuse_decided(
    connection: Connection, drafts: Iterable[tuple[dict[str, list[Any]], Any, Any]]
) -> None:
    """Refuse cases that come in decided while the register asks two people for that."""
    place = names_of(Case.kind).index("state")
    decided = [
        row[0] for made, *_ in drafts for row in made[Case.kind] if row[place] == State.RESOLVED
    ]
    if decided and is_on(connection):
        raise RefusedError("gate.import-resolved", count=len(decided), first=decided[0])


def is_on(connection: Connection) -> bool:
    """Tell whether the register asks a second person for decisions."""
    row = connection.first(compiled.LOAD[Register.kind], key=Register.kind)
    return row is not None and row[names_of(Register.kind).index("four_eyes")] is not None


def _alone(acts: Sequence[Act], act: Act) -> bool:
    """Tell whether an act needs a second person and does not follow one's confirmation."""
    if act.kind == Request.kind and act.verb == REDACT:
        # What was asked for is erased with what it was about.
        return not any(
            isinstance(act.before, Request)
            and one.verb == REDACT
            and (one.kind, one.key) == (act.before.subject_kind, act.before.subject)
            for one in acts
        )
    if not needs_second(act.kind, act.stood, act.made(), erases=bool(act.redacts)):
        return False
    place = next(place for place, one in enumerate(acts) if one is act)
    first = acts[place - 1] if place else None
    return not (
        first is not None
        and first.verb == CONFIRM
        and isinstance(first.before, Request)
        and is_for(first.before, act.verb, act.kind, act.key)
    )


def _request(connection: Connection, act: Act, ask: Callable[[str, dict[str, Any]], Act]) -> Act:
    """Return the act that asks a second person for an act."""
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
