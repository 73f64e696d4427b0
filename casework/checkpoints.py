"""Signed checkpoints of the log, and what a second office needs to witness them.

Whoever holds the store and its key can rewrite what nobody outside has seen. So the last
checkpoint signed is also kept outside the store, none is signed that contradicts it, and a
witness countersigns only what continues what it saw before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casework import places, platforms, queries
from casework.audit import note, tree
from casework.calendar import now
from casework.errors import IntegrityFailure, NotFoundError, UnavailableError, UsageError
from casework.files import is_there, keep, read_text

if TYPE_CHECKING:
    from pathlib import Path

    from casework.connections import Connection

REBUILT = (
    "an older copy may have been restored, or the log rewritten; compare with what others keep"
)
SIGNED = "signed"
WITNESSED = "witnessed"
SEEN = "seen"
PROOF_LIMIT = 64


# --- files outside the store -----------------------------------------------------------------


def _note_path(origin: str, what: str) -> Path:
    return places.checkpoints() / _safe(origin) / what


def _safe(origin: str) -> str:
    if not origin or origin.startswith(".") or not all(c.isalnum() or c in ".-_" for c in origin):
        raise UsageError(f"'{origin}' is no origin of a log", "check the file")
    return origin


def kept(origin: str, what: str) -> note.Checkpoint | None:
    """Return the checkpoint of a log kept here: last signed, last witnessed, or last seen."""
    path = _note_path(origin, what)
    return note.parse(note.read_file(path)) if is_there(path) else None


def _keep(origin: str, what: str, text: str) -> None:
    keep(_note_path(origin, what), text)


def signing_key(name: str, kind: bytes, given: Path | None) -> tuple[note.SigningKey, bool]:
    """Return the key of this name, a new one when there is none; tell whether it is new.

    A new one is not kept yet: `keep_key` does that, once it has been of use. Raises NotFoundError
    for a file that was named and is not there, UnavailableError for one that others can read.
    """
    path = given or _key_path(name)
    if is_there(path):
        if platforms.others_read(path):
            raise UnavailableError(
                f"others can read the signing key {path}",
                f"{platforms.close_hint(path)}, or make a new one",
            )
        key = note.SigningKey.parse(read_text(path))
        if (key.name, key.kind) != (name, kind):
            raise UsageError(
                f"{path} is the key of {key.name}, not of {name}", "give its own --key"
            )
        return key, False
    if given is not None:
        raise NotFoundError(f"there is no signing key {given}", "leave --key out to make one")
    return note.SigningKey.generate(name, kind), True


def kept_key(connection: Connection) -> note.SigningKey | None:
    """Return the key kept here that signs a register's log; None where there is none."""
    origin = queries.register(connection).origin
    return signing_key(origin, note.ED25519, None)[0] if is_there(_key_path(origin)) else None


def keep_key(key: note.SigningKey) -> None:
    """Keep a new key in a file only its owner can read, never in the store."""
    keep(_key_path(key.name), f"{key}\n")


def _key_path(name: str) -> Path:
    return places.keys() / f"{_safe(name)}.key"


# --- the office that keeps the log -----------------------------------------------------------


def checkpoint(connection: Connection, key: note.SigningKey) -> note.Checkpoint:
    """Return a signed checkpoint of the log as it is, and keep it outside the store.

    Raises IntegrityFailure when the log does not continue the last checkpoint that was signed.
    """
    origin = queries.register(connection).origin
    hashes = queries.leaves(connection)
    current = note.Checkpoint(origin, len(hashes), tree.subtree_hash(hashes))
    if current.root.hex() != queries.head(connection).root:
        raise IntegrityFailure("the head of the log is not that of its events", REBUILT)
    for what in (SIGNED, WITNESSED):
        earlier = kept(origin, what)
        if earlier is not None:
            refuse_other_past(earlier, hashes)
    signed = note.parse(f"{current.text}\n{key.sign(current.text)}")
    _keep(origin, SIGNED, signed.note)
    return signed


def latest(connection: Connection, given: Path | None = None) -> str:
    """Return the text of a checkpoint of the log as it is, signed now."""
    key, new = signing_key(queries.register(connection).origin, note.ED25519, given)
    signed = checkpoint(connection, key)
    if new:
        keep_key(key)
    return signed.note


def refuse_other_past(earlier: note.Checkpoint, hashes: list[bytes]) -> None:
    """Raise IntegrityFailure when a log does not contain what a checkpoint covered."""
    if earlier.size > len(hashes):
        raise IntegrityFailure(
            f"the log has {len(hashes)} events; a checkpoint of {earlier.size} was signed", REBUILT
        )
    if tree.subtree_hash(hashes[: earlier.size]) != earlier.root:
        raise IntegrityFailure(
            f"the first {earlier.size} events are not those a checkpoint was signed for", REBUILT
        )


def refuse_beyond(connection: Connection, since: int) -> None:
    """Refuse a size that the log has not reached; raises UsageError."""
    size = queries.head(connection).size
    if since > size:
        raise UsageError(
            f"the log has {size} events; no witness saw {since}",
            "give the size the witness saw last: casework audit status",
        )


def submission(connection: Connection, signed: note.Checkpoint, since: int) -> str:
    """Return what a witness needs: the size it saw last, the proof from there, the checkpoint.

    The form is that of C2SP tlog-witness's add-checkpoint request.
    """
    hashes = queries.leaves(connection, signed.size)
    proof = tree.consistency_proof(hashes, since) if since else []
    lines = "".join(f"{note.encode(node)}\n" for node in proof)
    return f"old {since}\n{lines}\n{signed.note}"


def accept(connection: Connection, text: str) -> note.Checkpoint:
    """Keep a checkpoint that came back from a witness; returns it.

    Raises IntegrityFailure when it is not of this log, and UsageError when nobody countersigned.
    """
    came = note.parse(text)
    register = queries.register(connection)
    if came.origin != register.origin:
        raise IntegrityFailure(
            f"the checkpoint is of the log {came.origin}, not of {register.origin}", REBUILT
        )
    refuse_other_past(came, queries.leaves(connection))
    if all(signature.name == came.origin for signature in came.signatures):
        raise UsageError("nobody has countersigned this checkpoint", "give what the witness wrote")
    _keep(came.origin, WITNESSED, came.note)
    return came


def covered_by(
    connection: Connection, text: str, vkey: str | None
) -> tuple[tuple[int, bytes], str | None]:
    """Return size and root that a checkpoint covers, and whose valid signature it bears.

    The signature is checked with the key given, else with the one kept here; without either
    nobody is named. Raises IntegrityFailure for another log's checkpoint or a wrong signature.
    """
    told = note.parse(text)
    origin = queries.register(connection).origin
    if told.origin != origin:
        raise IntegrityFailure(
            f"the checkpoint is of the log {told.origin}, this is {origin}", REBUILT
        )
    own = _key_path(origin)
    key = None
    if vkey is not None:
        key = note.VerifierKey.parse(vkey)
    elif is_there(own):
        key = note.SigningKey.parse(read_text(own)).verifier
    if key is None:
        return (told.size, told.root), None
    if told.by(key) is None:
        raise IntegrityFailure(f"the checkpoint is not signed by {key}", "give the right --vkey")
    return (told.size, told.root), key.name


@dataclass(frozen=True, slots=True)
class Status:
    """How far the log is covered: sizes of the last checkpoint signed and the last witnessed."""

    origin: str
    size: int
    root: str
    signed: int
    witnessed: int
    witnesses: tuple[str, ...]

    @property
    def unwitnessed(self) -> int:
        """How many events nobody outside has countersigned."""
        return self.size - self.witnessed


def status(connection: Connection) -> Status:
    """Return how far the log is covered by what is kept outside the store."""
    origin, head = queries.register(connection).origin, queries.head(connection)
    signed, witnessed = kept(origin, SIGNED), kept(origin, WITNESSED)
    names = {s.name for s in witnessed.signatures} - {origin} if witnessed else set()
    return Status(
        origin,
        head.size,
        head.root,
        signed.size if signed else 0,
        witnessed.size if witnessed else 0,
        tuple(sorted(names)),
    )


# --- the office that witnesses ---------------------------------------------------------------


def witness(text: str, key: note.SigningKey, log_key: note.VerifierKey | None) -> note.Checkpoint:
    """Countersign a submitted checkpoint when it continues the last one seen of its log.

    `log_key` is the log's public key, needed the first time and kept from then on. Raises
    IntegrityFailure for a checkpoint that is not signed by it or does not continue what was seen.
    """
    since, proof, signed = _submitted(text)
    log_key = _log_key(signed.origin, log_key)
    if signed.by(log_key) is None:
        raise IntegrityFailure(f"the checkpoint is not signed by {log_key}", "ask for another copy")
    seen = kept(signed.origin, SEEN)
    _refuse_other_log(seen, signed, since, proof)
    line = key.sign(signed.text, int(now().timestamp()))
    own = "".join(str(one) for one in signed.signatures if one.key_id == log_key.key_id)
    answer = note.parse(f"{signed.text}\n{own}{line}")
    keep(_note_path(signed.origin, "key"), f"{log_key}\n")
    _keep(signed.origin, SEEN, answer.note)
    return answer


def _submitted(text: str) -> tuple[int, list[bytes], note.Checkpoint]:
    head, _, rest = text.partition("\n\n")
    lines = head.split("\n")
    word, _, size = lines[0].partition(" ")
    proof = [note.decode(line) for line in lines[1:]]
    right = all(node is not None and len(node) == tree.HASH_BYTES for node in proof)
    if word != "old" or not note.SIZE.fullmatch(size) or not right or len(proof) > PROOF_LIMIT:
        raise UsageError("the file is not a submission", "give what audit submit wrote")
    return int(size), [node for node in proof if node is not None], note.parse(rest)


def _log_key(origin: str, given: note.VerifierKey | None) -> note.VerifierKey:
    path = _note_path(origin, "key")
    if not is_there(path):
        if given is None:
            raise UsageError(
                f"the key of the log {origin} is not known here",
                "give --vkey once, as the office told it to you by another way than this file",
            )
        return given
    known = note.VerifierKey.parse(read_text(path))
    if given is not None and given != known:
        raise IntegrityFailure(f"the log {origin} had another key before", REBUILT)
    return known


def _refuse_other_log(
    seen: note.Checkpoint | None, signed: note.Checkpoint, since: int, proof: list[bytes]
) -> None:
    if seen is None:
        if since or proof:
            raise UsageError(
                "nothing of this log was seen here before",
                "the office must submit from the start: audit submit --since 0",
            )
        return
    if since != seen.size:
        raise UsageError(
            f"the last checkpoint seen here has {seen.size} events, the proof is from {since}",
            f"the office must submit from there: audit submit --since {seen.size}",
        )
    if seen.size == 0:
        return
    try:
        roots = tree.roots_from_consistency(seen.size, signed.size, seen.root, proof)
    except ValueError as error:
        raise IntegrityFailure(f"the proof does not hold: {error}", REBUILT) from None
    if roots != (seen.root, signed.root):
        raise IntegrityFailure(
            f"the log does not continue the {seen.size} events seen here before", REBUILT
        )
