"""Drafts of imported cases: their rows and events are prepared first and written together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.kinds.records import Case, names_of
from casework.ledger import gate
from casework.ledger.ledger import append, hand_over, refuse_struck
from casework.store import timelines
from casework.store.loading import SERVER, lock_head
from casework.store.record_rows import STRUCK, Rows, insert, laid_out
from casework.store.struck_rows import struck_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casework.log import event as audit
    from casework.store.connections import Connection

Draft = tuple[Rows, list[dict[str, Any]], "Mapping[int, str | None]"]
"""What is to be written for a new record.

It has the rows, the events as `Act.told` gives them, and those events that take effect on another
day. Events are numbered by their position in the draft.

It needs no store and holds only plain values, so that another process can make it.
"""


def draft(acts: Sequence[audit.Act]) -> Draft:
    """Return the draft of a new record from the chained acts that make it."""
    left = acts[-1].after()
    if acts[-1].is_out and isinstance(left, Case):
        # Nothing is done on a case that was taken out: the last act is what did it.
        made: Rows = {STRUCK: [[*struck_row(left, len(acts) - 1)]]}
    else:
        made = laid_out([left])
    return made, [act.told() for act in acts], acts[-1].moves


def record_drafts(connection: Connection, drafts: Iterable[Draft]) -> None:
    """Write new cases, each with its acts: their rows, their events, the head.

    Raises RefusedError for cases that are already decided, if decisions need two people.
    """
    written: Rows = {}
    events: list[dict[str, Any]] = []
    drafts = list(drafts)
    gate.refuse_decided(connection, drafts)
    ref = names_of(Case.kind).index("ref")
    refuse_struck(connection, [row[ref] for made, *_ in drafts for row in made.get(Case.kind, ())])
    moves: dict[int, str | None] = {}
    for made, told, moved in drafts:
        if moved or any(name in one for one in told for name in ("amends", "strikes")):
            first = lock_head(connection)[0] + len(events)
            events += [_numbered(one, first) for one in told]
            moves |= {first + place: day for place, day in moved.items()}
            for row in made.get(STRUCK, ()):
                row[-1] += first
        else:
            events += told
        for table, found in made.items():
            written.setdefault(table, []).extend(found)
    if connection.engine == SERVER:
        hand_over(connection, events)
        return
    insert(connection, written)
    append(connection, events, {})
    if moves:
        timelines.write_moves(connection, moves)


def _numbered(told: Mapping[str, Any], first: int) -> dict[str, Any]:
    """Return an act of a draft with positions in the draft replaced by event numbers of the log."""
    named = {name: first + told[name] for name in ("amends", "strikes") if name in told}
    return {**told, **named}
