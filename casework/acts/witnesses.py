"""The witnesses of a log: who may countersign it, by which key.

A line under a checkpoint says whose it is, and anybody can write one. So a witness counts only by
a key that somebody here took for theirs, which is an act in the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.acts.actors import allow
from casework.errors import ConflictError, IntegrityFailure, NotFoundError, UsageError
from casework.kinds.records import Register
from casework.log.note import COSIGNATURE, VerifierKey
from casework.questions import lookup
from casework.store.loading import load

if TYPE_CHECKING:
    from casework.ledger.ledger import Desk
    from casework.store.connections import Connection

WITNESS = "witness"
"""The act by which a witness becomes known."""


def known(connection: Connection) -> list[VerifierKey]:
    """Return the keys of the witnesses a register knows, in the order they became known."""
    return _keys(lookup.register(connection))


def parse(text: str) -> VerifierKey:
    """Read the key of a witness; raises UsageError for any other one."""
    key = VerifierKey.parse(text)
    if key.kind != COSIGNATURE:
        raise UsageError("witness.no-key", key=key)
    return key


def make_known(desk: Desk, key: VerifierKey) -> Register:
    """Record that a key is that of a witness; a key that is known already changes nothing.

    Raises ConflictError where a witness of this name has another key.
    """
    allow(desk, Register, WITNESS)
    before = load(desk.connection, Register, "register", lock=True)
    if before is None:
        raise NotFoundError("register.none", "hint.init")
    keys = _keys(before)
    if key in keys:
        return before
    same = [one for one in keys if one.name == key.name]
    if same or key.name == before.origin:
        held = same[0] if same else before.signing_key
        raise ConflictError("witness.other-key", name=key.name, held=held)
    changes = {"witnesses": (*before.witnesses, str(key))}
    left = desk.record(desk.act(WITNESS, before, changes))
    assert isinstance(left, Register)  # noqa: S101 - for the type checker
    return left


def _keys(register: Register) -> list[VerifierKey]:
    try:
        return [VerifierKey.parse(text) for text in register.witnesses]
    except UsageError:
        raise IntegrityFailure("witness.bad-key", "hint.verify") from None
