"""The witnesses that countersign checkpoints, and what they have signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.acts import witnesses
from casework.errors import ConflictError, IntegrityFailure, UsageError
from casework.log import note, tree
from casework.log.keyring import (
    SEEN,
    WITNESSED,
    keep_key,
    keep_note,
    kept,
    note_path,
)
from casework.proof.checkpoints import (
    PROOF_LIMIT,
    key_of_log,
    refuse_other_log,
    refuse_other_past,
    signer_of,
)
from casework.questions import audit_log, lookup
from casework.system.clock import now
from casework.system.files import keep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casework.store.connections import Connection


def countersigned(
    connection: Connection, text: str, given: note.VerifierKey | None = None
) -> note.Checkpoint:
    """Return a checkpoint that came back from a witness, with the signatures that could be checked.

    They are the log's own, and those of witnesses the register knows, or whose key is `given`;
    with them stand those of other witnesses that were accepted under the same checkpoint before.
    Raises IntegrityFailure for another log's, where the log has not signed it, where a signature
    is wrong, and where none of these witnesses has signed; ConflictError where a later checkpoint
    was accepted.
    """
    came = note.parse(text)
    register = lookup.register(connection)
    if came.origin != register.origin:
        raise IntegrityFailure(
            "accept.other-log", "hint.rebuilt", origin=came.origin, here=register.origin
        )
    refuse_other_past(came, audit_log.leaves(connection))
    if signer_of(connection, came, None) is None:
        raise IntegrityFailure("accept.no-key")
    keys = dict.fromkeys([*witnesses.known(connection), *([given] if given else [])])
    lines = [line for key in keys if (line := came.by(key)) is not None]
    if given is not None and came.by(given) is None:
        raise IntegrityFailure("accept.not-signed", given=given)
    if not lines:
        raise IntegrityFailure("accept.no-witness")
    own = [one for one in came.signatures if one.name == came.origin]
    rest = _accepted_before(came, keys)
    lines += [line for key, line in rest.items() if came.by(key) is None]
    return note.Checkpoint(came.origin, came.size, came.root, (*own, *lines))


def _accepted_before(
    came: note.Checkpoint, keys: Iterable[note.VerifierKey]
) -> dict[note.VerifierKey, note.Signature]:
    """Return who has already signed the same checkpoint; raises ConflictError for a later one."""
    before = kept(came.origin, WITNESSED)
    if before is None or before.size < came.size:
        return {}
    lines = {key: line for key in keys if (line := before.by(key)) is not None}
    if lines and before.size > came.size:
        raise ConflictError("accept.older", size=before.size, covered=came.size)
    return lines if before.root == came.root and before.size == came.size else {}


def witness(
    text: str, key: note.SigningKey, log_key: note.VerifierKey | None, *, is_new: bool = False
) -> note.Checkpoint:
    """Countersign a submitted checkpoint if it continues the last one seen of its log.

    `log_key` is the log's public key, needed the first time and kept from then on; so is a `key`
    that `is_new`, before anything counts as seen. Raises
    IntegrityFailure for a checkpoint that is not signed by it or does not continue what was seen.
    """
    since, proof, signed = _submitted(text)
    log_key = key_of_log(signed.origin, log_key)
    if signed.by(log_key) is None:
        raise IntegrityFailure("accept.not-by-log", log_key=log_key)
    seen = kept(signed.origin, SEEN)
    refuse_other_log(seen, signed, since, proof)
    line = key.sign(signed.text, int(now().timestamp()))
    own = "".join(str(one) for one in signed.signatures if one.key_id == log_key.key_id)
    answer = note.parse(f"{signed.text}\n{own}{line}")
    if is_new:
        keep_key(key)
    keep(note_path(signed.origin, "key"), f"{log_key}\n")
    keep_note(signed.origin, SEEN, answer.note)
    return answer


def _submitted(text: str) -> tuple[int, list[bytes], note.Checkpoint]:
    head, _, rest = text.partition("\n\n")
    lines = head.split("\n")
    word, _, size = lines[0].partition(" ")
    proof = [note.decode(line) for line in lines[1:]]
    right = all(node is not None and len(node) == tree.HASH_BYTES for node in proof)
    if word != "old" or not note.SIZE.fullmatch(size) or not right or len(proof) > PROOF_LIMIT:
        raise UsageError("submit.not-one")
    return int(size), [node for node in proof if node is not None], note.parse(rest)
