"""Sign the log by its head, without reading the log.

What is signed goes on from what was signed before: the peaks of that are kept beside it, and with
the events since they must make the head. What stands in the store from before is not looked at, as
`casework.proof.checkpoints.checkpoint` does and verification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.errors import IntegrityFailure, UnavailableError
from casework.log import keyring, note, tree
from casework.proof import checkpoints
from casework.questions import audit_log, lookup
from casework.store import compiled

if TYPE_CHECKING:
    from casework.log.keyring import Place
    from casework.store.connections import Connection


def checkpoint(connection: Connection, key: note.SigningKey, place: Place) -> note.Checkpoint:
    """Return a signed checkpoint of the log by its head, and keep it outside the store.

    Raises what `casework.proof.checkpoints.checkpoint` raises.
    """
    return checkpoints.signed(key, *signable(connection, place), place)


def signable(connection: Connection, place: Place) -> tuple[note.Checkpoint, list[bytes]]:
    """Return what there is to sign of a log, and its peaks; nothing is signed."""
    head = connection.first(compiled.LOG_HEAD)
    if head is None:
        raise UnavailableError("store.no-register")
    size, root, peaks = head[0], bytes(head[1]), tree.split(bytes(head[2]))
    if len(peaks) != size.bit_count() or tree.root_hash(peaks) != root:
        raise IntegrityFailure("checkpoint.head", "hint.rebuilt")
    current = note.Checkpoint(lookup.register(connection).origin, size, root)
    checkpoints.refuse_elsewhere(
        current.origin, place, lambda: _refuse_other_past(connection, current)
    )
    return current, peaks


def _refuse_other_past(connection: Connection, current: note.Checkpoint) -> None:
    """Raise IntegrityFailure when a log does not go on from what was signed or witnessed of it."""
    origin = current.origin
    before, witnessed = (keyring.kept(origin, what) for what in (keyring.SIGNED, keyring.WITNESSED))
    if before is None and witnessed is None:
        return
    peaks = None if before is None else keyring.peaks_of(before)
    within = witnessed is None or (witnessed.size, witnessed.root) in keyring.covered(origin)
    if before is None or peaks is None or not within:
        checkpoints.refuse_other_pasts(origin, audit_log.leaves(connection))
        return
    if before.size > current.size:
        checkpoints.refuse_other_past(before, audit_log.leaves(connection))
    for place, leaf in enumerate(audit_log.leaves_from(connection, before.size), before.size):
        tree.append(peaks, place, leaf)
    if tree.root_hash(peaks) != current.root:
        raise IntegrityFailure("checkpoint.other-past", "hint.rebuilt", size=before.size)
