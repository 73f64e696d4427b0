"""Judge acts on cases as they are recorded, whatever made them, by the tables of `rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.errors import ConflictError, Kind, RefusedError, Verb
from casework.kinds.records import Case
from casework.rules import late_causes
from casework.rules.lawful import Step, fault
from casework.store import compiled
from casework.store.loading import load
from casework.system.text import fold_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.kinds.records import Record
    from casework.log.event import Act
    from casework.rules.lawful import Fault
    from casework.store.connections import Connection


def refuse_unlawful(connection: Connection, acts: Sequence[Act]) -> None:
    """Raise RefusedError for acts on cases that the rules do not allow.

    For an act between others, every step of the timeline is judged where it is placed.
    """
    for act in acts:
        if act.kind != Case.kind:
            continue
        if not act.is_placed:
            wrong = fault(with_causes(connection, Step.of(act)))
            if wrong is not None:
                raise cannot(act, wrong)
        if act.is_placed or "links" in act.changes:
            _refuse_links(connection, act)


def _refuse_links(connection: Connection, act: Act) -> None:
    """Raise RefusedError if an act makes a link to a struck case, or one that closes a circle.

    The links of an imported case are judged with all of its file (`exchange.importing`).
    """
    left, stood = act.after(), act.stood
    if not isinstance(left, Case) or not isinstance(stood, Case):
        return
    for relation, other in () if act.is_out else left.links:
        if not act.was_out and (relation, other) in stood.links:
            continue
        if load(connection, Case, other) is None:
            _, seq = connection.first(compiled.STRUCK_CASE, ref_key=fold_code(other)) or (other, 0)
            raise RefusedError("link.struck", ref=left.ref, other=other, seq=seq)
        if connection.first(compiled.LEADS_TO, relation=relation, start=other, goal=left.ref):
            raise RefusedError("link.circle", other=other, relation=relation, ref=left.ref)


def with_causes(connection: Connection, step: Step) -> Step:
    """Return a step with the causes that may be given if the case is late."""
    if step.before is None or not late_causes.days_late(step.before, step.verb, step.day):
        return step
    return step._replace(causes=connection.column(compiled.CAUSES_IN_USE))


def cannot(act: Act, wrong: Fault) -> RefusedError:
    """Return the error for an act that breaks a rule."""
    return RefusedError(
        "case.cannot", "hint.nothing-changed", verb=Verb(act.verb), ref=act.key, says=wrong.says
    )


def stale(before: Record) -> ConflictError:
    """Return the error for an act on a record that has changed since the act was decided."""
    return ConflictError(
        "ledger.changed-meanwhile", kind=Kind(before.kind), key=before.key, version=before.version
    )
