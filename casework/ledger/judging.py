"""Judge acts on cases as they are recorded, whatever made them, by the tables of `rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.errors import ConflictError, Kind, RefusedError, Verb
from casework.kinds.records import Case
from casework.rules import late_causes
from casework.rules.lawful import Step, fault
from casework.store import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.kinds.records import Record
    from casework.log.event import Act
    from casework.rules.lawful import Fault
    from casework.store.connections import Connection


def refuse_unlawful(connection: Connection, acts: Sequence[Act]) -> None:
    """Raise RefusedError for acts on cases that the rules do not allow.

    For an act between others, every step of the timeline is judged.
    """
    for act in acts:
        if act.kind != Case.kind or act.is_placed:
            continue
        if (wrong := fault(with_causes(connection, Step.of(act)))) is not None:
            raise cannot(act, wrong)


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
