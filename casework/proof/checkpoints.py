"""Signed checkpoints of the log, and what a second office needs to witness them.

Whoever has the store and its key can rewrite everything that nobody outside has seen. So the last
signed checkpoint is also kept outside the store, no checkpoint is signed that contradicts it, and a
witness countersigns only a log that continues the one it saw before.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from casework.acts import witnesses
from casework.acts.origins import Earlier, all_origins, earlier
from casework.errors import ConflictError, IntegrityFailure, UsageError
from casework.kinds.forms import LONE, TRIAL
from casework.kinds.records import Register
from casework.log import note, tree
from casework.log.keyring import (
    SIGNED,
    WITNESSED,
    Place,
    covered,
    keep_note,
    keep_peaks,
    keep_place,
    kept,
    note_path,
    remember,
    signed_at,
    signing_key,
)
from casework.log.verify import refuse_silent_erasure
from casework.questions import audit_log, lookup
from casework.store import compiled
from casework.system.files import is_there, read_text
from casework.words import Text, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from casework.store.connections import Connection
    from casework.store.db import Store


PROOF_LIMIT = 64


def place_of(store: Store, connection: Connection) -> Place:
    """Return the place of a store: the real path of its file, or its server and database."""
    if store.file is not None:
        path = os.path.realpath(store.file)
        return Place(path, path)
    ((server, database, schema),) = connection.told(
        "SELECT (SELECT system_identifier FROM pg_control_system())::text,"
        " current_database()::text, current_schema()::text"
    )
    return Place(f"postgresql:{server}/{database}/{schema}", store.name)


def checkpoint(connection: Connection, key: note.SigningKey, place: Place) -> note.Checkpoint:
    """Return a signed checkpoint of the log as it is, and keep it outside the store.

    Raises IntegrityFailure if the log does not continue the last signed checkpoint, and
    ConflictError if that was signed for a store at another place.
    """
    return signed(key, *_signable(connection, place), place)


def signed(
    key: note.SigningKey, current: note.Checkpoint, peaks: list[bytes], place: Place
) -> note.Checkpoint:
    """Return a checkpoint of a log with these peaks signed, and keep it outside the store."""
    made = note.parse(f"{current.text}\n{key.sign(current.text)}")
    keep_note(made.origin, SIGNED, made.note)
    keep_peaks(made.origin, made.size, peaks)
    keep_place(made.origin, place)
    remember(made)
    return made


def refuse_unsignable(connection: Connection, place: Place) -> None:
    """Raise the errors that `checkpoint` would raise, without signing."""
    _signable(connection, place)


def _signable(connection: Connection, place: Place) -> tuple[note.Checkpoint, list[bytes]]:
    """Return what to sign of a log, and its peaks, if signing is allowed."""
    origin = lookup.register(connection).origin
    hashes = audit_log.leaves(connection)
    peaks = tree.peaks_of(hashes)
    current = note.Checkpoint(origin, len(hashes), tree.root_hash(peaks))
    if current.root.hex() != audit_log.head(connection).root:
        raise IntegrityFailure("checkpoint.head", "hint.rebuilt")
    refuse_elsewhere(origin, place, lambda: refuse_other_pasts(origin, hashes))
    _refuse_silent_erasure(connection)
    return current, peaks


def refuse_elsewhere(origin: str, place: Place, refuse_past: Callable[[], None]) -> None:
    """Refuse to sign a contradicting log, or a store at another place than before."""
    before = signed_at(origin)
    known = before is None or signs_at(origin, place)
    elsewhere = (
        None if before is None or known else Text("checkpoint.register-at", name=before.name)
    )
    try:
        refuse_past()
    except IntegrityFailure as error:
        if elsewhere:
            error.way_out = Text("checkpoint.signed-for", elsewhere=elsewhere, hint=error.way_out)
        raise
    if elsewhere:
        raise ConflictError("checkpoint.elsewhere", elsewhere=elsewhere, name=place.name)


def moved(connection: Connection, place: Place) -> None:
    """Record that the log is signed at a store's place from now on.

    Raises IntegrityFailure if the log there does not continue what was signed.
    """
    origin = lookup.register(connection).origin
    refuse_other_pasts(origin, audit_log.leaves(connection))
    keep_place(origin, place)


def _refuse_silent_erasure(connection: Connection) -> None:
    """Refuse to sign a log whose private text is missing without a redaction."""
    with closing(connection.stream(compiled.EVIDENCE)) as rows:
        refuse_silent_erasure(
            (seq, bytes(body), None if values is None else bytes(values))
            for seq, _, body, values in rows
        )


def signs_at(origin: str, place: Place) -> bool:
    """Return whether a log was last signed for a store at this place, or never."""
    before = signed_at(origin)
    return before is None or before.identity == place.identity or _same_file(before, place)


def _same_file(one: Place, other: Place) -> bool:
    try:
        return Path(one.identity).samefile(other.identity)
    except (OSError, ValueError):
        return False


def refuse_other_pasts(origin: str, hashes: list[bytes]) -> None:
    """Raise IntegrityFailure if a log does not contain what was signed or witnessed of it."""
    for what in (SIGNED, WITNESSED):
        before = kept(origin, what)
        if before is not None:
            refuse_other_past(before, hashes)


def refuse_other_past(before: note.Checkpoint, hashes: list[bytes]) -> None:
    """Raise IntegrityFailure if a log does not contain what a checkpoint covered."""
    if before.size > len(hashes):
        raise IntegrityFailure(
            "checkpoint.fewer", "hint.rebuilt", count=len(hashes), size=before.size
        )
    if not _contains(hashes, before.size, before.root):
        raise IntegrityFailure("checkpoint.other-past", "hint.rebuilt", size=before.size)


def refuse_beyond(connection: Connection, since: int) -> None:
    """Raise UsageError for a size that the log has not reached."""
    size = audit_log.head(connection).size
    if since > size:
        raise UsageError("submit.not-seen", size=size, since=since)


def refuse_beside(connection: Connection, size: int, root: bytes) -> None:
    """Raise IntegrityFailure if a log did not have this root at this size."""
    refuse_other_past(note.Checkpoint("", size, root), audit_log.leaves(connection))


def _contains(hashes: Sequence[bytes], size: int, root: bytes) -> bool:
    return size <= len(hashes) and tree.subtree_hash(hashes[:size]) == root


@dataclass(frozen=True, slots=True)
class Lost:
    """The largest checkpoint a log contradicts, and how many events of an earlier one it has."""

    checkpoint: note.Checkpoint
    left: int


def kept_key(connection: Connection) -> note.SigningKey | None:
    """Return the key kept here that signs a register's log; None if there is none."""
    return signing_key(lookup.register(connection).origin, note.ED25519)


def lost(connection: Connection, told: note.Checkpoint | None = None) -> Lost | None:
    """Return what is lost of the signed or witnessed part of a log; None if nothing is.

    `told` is another checkpoint that somebody kept. Raises IntegrityFailure if it is not of this
    log, or not signed by its key.
    """
    origin = lookup.register(connection).origin
    hashes = audit_log.leaves(connection)
    notes = [one for what in (SIGNED, WITNESSED) if (one := kept(origin, what)) is not None]
    if told is not None:
        if told.origin != origin or signer_of(connection, told, None) is None:
            raise IntegrityFailure("checkpoint.of-another", "hint.rebuilt", origin=origin)
        notes.append(told)
    gone = [one for one in notes if not _contains(hashes, one.size, one.root)]
    if not gone:
        return None
    known = {*covered(origin), *((one.size, one.root) for one in notes)}
    left = [size for size, root in known if _contains(hashes, size, root)]
    return Lost(max(gone, key=lambda one: one.size), max(left, default=0))


def submission(connection: Connection, signed: note.Checkpoint, since: int) -> str:
    """Return what a witness needs: the size it saw last, the proof from there, the checkpoint.

    The form is that of C2SP tlog-witness's add-checkpoint request.
    """
    hashes = audit_log.leaves(connection, signed.size)
    if since > len(hashes):
        raise UsageError("submit.nothing-from", count=len(hashes), since=since)
    proof = tree.consistency_proof(hashes, since) if since else []
    lines = "".join(f"{note.encode(node)}\n" for node in proof)
    return f"old {since}\n{lines}\n{signed.note}"


def covered_by(
    connection: Connection, text: str, vkey: str | None
) -> tuple[tuple[int, bytes], str | None]:
    """Return the size and root of a checkpoint, and who validly signed it.

    The signature is checked with the given key, or else with known keys; without any, no signer is
    returned. A checkpoint of an earlier log that this one continues still covers its first events.
    Raises IntegrityFailure for another log's checkpoint, a wrong signature, or lost events.
    """
    told = note.parse(text)
    register = lookup.register(connection)
    if told.origin not in all_origins(register):
        raise IntegrityFailure(
            "checkpoint.other-log", "hint.rebuilt", origin=told.origin, here=register.origin
        )
    signer = signer_of(connection, told, vkey)
    for before in earlier(register):
        if before.origin == told.origin:
            _refuse_lost(connection, told, before)
    return (told.size, told.root), signer


def signer_of(connection: Connection, told: note.Checkpoint, vkey: str | None) -> str | None:
    """Return who validly signed a checkpoint; None if no key of its log is known."""
    given = None if vkey is None else {note.VerifierKey.parse(vkey)}
    known = given or keys_of(connection, told.origin)
    for key in known:
        if told.by(key) is not None:
            return key.name
    if known:
        names = ", ".join(map(str, known))
        raise IntegrityFailure("checkpoint.not-signed-by", names=names)
    return None


def keys_of(connection: Connection, origin: str) -> set[note.VerifierKey]:
    """Return the known public keys of a log: those it names, and the one kept here."""
    events = audit_log.history(connection, "register", Register)
    said = {str(new) for one in events for new in one.changes.get("signing_key", ()) if new}
    own = signing_key(origin, note.ED25519)
    known = {note.VerifierKey.parse(text) for text in said} | ({own.verifier} if own else set())
    return {key for key in known if key.name == origin}


def _day(text: str) -> date | str:
    """Return a day as a date; as the text it is if a damaged event names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _refuse_lost(connection: Connection, told: note.Checkpoint, before: Earlier) -> None:
    """Raise IntegrityFailure if an earlier log's checkpoint covers events missing here."""
    hashes = audit_log.leaves(connection)
    if told.size <= before.size and _contains(hashes, told.size, told.root):
        return
    if before.why == TRIAL:
        raise IntegrityFailure(
            "checkpoint.trial", size=before.size, origin=before.origin, covered=told.size
        )
    event = next(
        one
        for one in audit_log.history(connection, "register", Register)
        if before.origin in one.changes.get("origin", ())[:1]
    )
    raise IntegrityFailure(
        "checkpoint.lost",
        size=told.size,
        origin=before.origin,
        seq=event.seq,
        actor=event.actor,
        effective_on=_day(event.effective_on),
        reason=event.reason,
        left=before.left,
    )


@dataclass(frozen=True, slots=True)
class Status:
    """How far the log is covered: the sizes of the last signed and witnessed checkpoints.

    `signing_key` is the public key of the log, `signed_at` the place of the store then.
    `unwitnessed_loss` is true after a loss recorded by one person alone, until a witness signs the
    log.
    """

    origin: str
    size: int
    root: str
    signed: int
    witnessed: int
    witnesses: tuple[str, ...]
    signing_key: str | None
    signed_at: str | None
    unwitnessed_loss: bool

    @property
    def unwitnessed(self) -> int:
        """How many events nobody outside has countersigned."""
        return self.size - self.witnessed


def status(connection: Connection) -> Status:
    """Return how far the log is covered by what is kept outside the store."""
    register, head = lookup.register(connection), audit_log.head(connection)
    origin = register.origin
    signed, witnessed, place = kept(origin, SIGNED), kept(origin, WITNESSED), signed_at(origin)
    keys = witnesses.known(connection) if witnessed else []
    names = [key.name for key in keys if witnessed and witnessed.by(key) is not None]
    return Status(
        origin=origin,
        size=head.size,
        root=head.root,
        signed=signed.size if signed else 0,
        witnessed=witnessed.size if witnessed and names else 0,
        witnesses=tuple(sorted(names)),
        signing_key=register.signing_key,
        signed_at=place.name if place else None,
        unwitnessed_loss=unwitnessed_loss(register),
    )


def unwitnessed_loss(register: Register) -> bool:
    """Return whether a loss recorded by one person alone is still without a witness."""
    before = earlier(register)[-1:]
    lone = any(one.why == LONE for one in before)
    return lone and kept(register.origin, WITNESSED) is None


def key_of_log(origin: str, given: note.VerifierKey | None) -> note.VerifierKey:
    """Return the key of a log: the one kept here, or the one given the first time."""
    path = note_path(origin, "key")
    if not is_there(path):
        if given is None:
            raise UsageError("witness.key-unknown", origin=origin)
        return given
    known = note.VerifierKey.parse(read_text(path))
    if given is not None and given != known:
        raise IntegrityFailure("witness.other-key-before", "hint.rebuilt", origin=origin)
    return known


def refuse_other_log(
    seen: note.Checkpoint | None, signed: note.Checkpoint, since: int, proof: list[bytes]
) -> None:
    """Refuse a checkpoint that does not continue what was seen of its log before."""
    if seen is None:
        if since or proof:
            raise UsageError("witness.nothing-seen")
        return
    if since != seen.size:
        raise UsageError("witness.seen-other", size=seen.size, since=since)
    if seen.size == 0:
        return
    try:
        roots = tree.roots_from_consistency(seen.size, signed.size, seen.root, proof)
    except ValueError as error:
        raise IntegrityFailure("witness.proof", "hint.rebuilt", error=quoted(error)) from None
    if roots != (seen.root, signed.root):
        raise IntegrityFailure("witness.not-continued", "hint.rebuilt", size=seen.size)
