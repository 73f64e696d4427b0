"""Sign the log: choose the key, and report a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.cli.settings import settings
from casework.errors import (
    ConflictError,
    NotAllowedError,
    NotFoundError,
    UnavailableError,
    UsageError,
)
from casework.words import Text

if TYPE_CHECKING:
    from pathlib import Path

    from casework.kinds.records import Register
    from casework.log.keyring import Place
    from casework.log.note import Checkpoint, SigningKey
    from casework.store.connections import Connection


def signer(given: Path | None = None) -> SigningKey:
    """Return the key that signs the log: named, kept, or created now as the first one.

    A new key is recorded as an act. Raises UnavailableError if the log's key is not here,
    ConflictError if another key is given, and NotAllowedError if there is no key yet and the actor
    may not set one.
    """
    from casework.log import keyring
    from casework.log.note import ED25519
    from casework.proof import checkpoints
    from casework.questions import lookup

    store = settings().session.open()
    with store.reading() as connection:
        register = lookup.register(connection)
    key = keyring.signing_key(register.origin, ED25519, given)
    known = register.signing_key
    if key is not None and known == str(key.verifier):
        return key
    if key is not None and known is not None:
        raise ConflictError("sign.other-key", known=known, verifier=key.verifier)
    if key is None and (known or keyring.kept(register.origin, keyring.SIGNED)):
        raise UnavailableError(
            "sign.no-key",
            key_path=keyring.key_path(register.origin),
            known=known or Text("sign.key-was-there"),
        )
    # An act for a signature that is then refused would be an act for nothing.
    with store.reading() as connection:
        checkpoints.refuse_unsignable(connection, checkpoints.place_of(store, connection))
    return _first(register, key, keep=given is None)


def key_at_hand() -> SigningKey | None:
    """Return the register's key, if it is kept here and signs this store.

    None otherwise, for example if the store is a copy of the one that it signs.
    """
    from casework.proof import checkpoints
    from casework.questions import lookup

    store = settings().session.open()
    with store.reading() as connection:
        key, known = checkpoints.kept_key(connection), lookup.register(connection).signing_key
        if key is None or known != str(key.verifier):
            return None
        place = checkpoints.place_of(store, connection)
    return key if checkpoints.signs_at(key.name, place) else None


def _first(register: Register, found: SigningKey | None, *, keep: bool) -> SigningKey:
    """Record the log's first key; if nobody may, an earlier version's key keeps signing."""
    chosen = settings()
    key, done = found or _made(register), [*chosen.done]
    try:
        record_key(key, None, keep=keep)
    except (NotAllowedError, NotFoundError, UnavailableError, UsageError):
        if found is None:
            raise
        return key
    # What was asked for is what is signed with it.
    chosen.done, chosen.session.kept = done, False
    if found is None:
        tell_key(key)
    return key


def _made(register: Register) -> SigningKey:
    """Return a new key, or the earlier log's key under the new name."""
    from casework.acts.origins import earlier
    from casework.kinds.forms import TRIAL
    from casework.log import keyring
    from casework.log.note import ED25519, SigningKey

    for before in earlier(register)[-1:]:
        own = keyring.signing_key(before.origin, ED25519)
        if own is not None and before.why != TRIAL:
            return SigningKey(register.origin, ED25519, own.secret)
    return SigningKey.generate(register.origin, ED25519)


def record_key(key: SigningKey, reason: str | None, *, keep: bool = True) -> None:
    """Record which key signs the log and keep the key; both or neither."""
    from casework.acts import origins
    from casework.log import keyring

    with settings().desk() as desk:
        origins.set_key(desk, key.verifier, reason)
        if keep:
            keyring.keep_key(key)


def tell_key(key: SigningKey) -> None:
    """Report a new key."""
    settings().tell(settings().said("sign.new-key", key=key.verifier))


def sign(connection: Connection, key: SigningKey, place: Place) -> Checkpoint:
    """Return a signed checkpoint of a register's log, and print the notices about it."""
    from casework.log import keyring
    from casework.proof import checkpoints
    from casework.questions import audit_log, lookup

    before = keyring.kept(key.name, keyring.SIGNED)
    signed = checkpoints.checkpoint(connection, key, place)
    for event in audit_log.decided_alone(connection, before.size if before else 0):
        told = {"actor": event.actor, "key": event.key, "reason": event.reason, "seq": event.seq}
        settings().tell(settings().said("sign.decided-alone", **told))
    if checkpoints.unwitnessed_loss(lookup.register(connection)):
        settings().tell(settings().said("sign.lost-alone"))
    return signed


def signed_now(given: Path | None) -> Checkpoint:
    """Return a signed checkpoint of the log as it is now."""
    from casework.proof import checkpoints

    key, store = signer(given), settings().session.open()
    with store.reading() as connection:
        return sign(connection, key, checkpoints.place_of(store, connection))
