"""The origin of a log: the key that signs it, and changes of its name.

Outside the register a log is known by its origin. If events were lost, or a copy is made for trial,
a new history begins. It gets a new origin, which contains the one before, so that two histories are
never signed under one name.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NamedTuple

from casework.acts.actors import allow
from casework.acts.four_eyes import record
from casework.errors import (
    ConflictError,
    IntegrityFailure,
    NotAllowedError,
    NotFoundError,
    RefusedError,
)
from casework.kinds.forms import LONE, LOSS, TRIAL
from casework.kinds.records import Person, Register
from casework.log import tree
from casework.questions import audit_log, lookup
from casework.rules.workflow import REGISTERING, parties, permit
from casework.store.loading import load
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.ledger.ledger import Desk
    from casework.log.note import Checkpoint, VerifierKey


class Earlier(NamedTuple):
    """An earlier log that the register's own continues, as in `Register.origins`.

    `covered` and `root` are the size and root of what was signed under `origin`; `size` and `held`
    are the size and root of the log when that origin ended. `left` is how many of the signed events
    the log still had then.
    """

    why: str
    origin: str
    covered: int
    root: str
    size: int
    held: str
    left: int
    consent: str


def earlier(register: Register) -> list[Earlier]:
    """Return the earlier logs that a register's own continues, the oldest first."""
    return of_list(register.origins)


def of_list(origins: Sequence[Sequence[str]]) -> list[Earlier]:
    """Return the earlier logs of a list; raises IntegrityFailure if the list is malformed."""
    try:
        return [
            Earlier(why, origin, int(covered), root, int(size), held, int(left), consent)
            for why, origin, covered, root, size, held, left, consent in origins
        ]
    except (TypeError, ValueError):
        raise IntegrityFailure("origin.unreadable", "hint.verify") from None


def all_origins(register: Register) -> list[str]:
    """Return the names of a register's log, the present one first."""
    return [register.origin, *(one.origin for one in reversed(earlier(register)))]


def set_key(desk: Desk, key: VerifierKey, reason: str | None) -> Register:
    """Record which key signs the log: the first one or, with a reason, a new one.

    Raises ConflictError if the log has a key and no reason is given, and RefusedError if there is a
    reason but no key to replace.
    """
    verb = "key" if reason is None else "renew-key"
    allow(desk, Register, verb)
    before = _locked(desk)
    if reason is None and before.signing_key is not None:
        raise ConflictError("origin.other-key", signing_key=before.signing_key)
    if before.signing_key == str(key):
        raise RefusedError("origin.same-key", "hint.nothing-changed", key=key)
    changes = {"signing_key": str(key)}
    left = desk.record(desk.act(verb, before, changes, reason=reason))
    assert isinstance(left, Register)  # noqa: S101 - for the type checker
    return left


def record_loss(
    desk: Desk,
    lost: Checkpoint,
    left: int,
    *,
    reason: str,
    document: str | None,
    consent: str | None,
) -> Register:
    """Record that signed events are lost, and give the log a new origin.

    `lost` is the checkpoint that the log contradicts; `left` is how many events of an earlier one
    it still has. If there is a second person who may decide, they must consent: named here, or
    asked through the policy of two people.
    """
    allow(desk, Register, LOSS)
    before = _locked(desk)
    second = _consenting(desk, before, consent)
    why = LONE if second is None else LOSS
    by = "" if second is None else second
    changes = _renamed(desk, before, why, (lost.size, lost.root.hex()), left, by)
    act = desk.act(LOSS, before, changes, reason=reason, document=document)
    done = record(desk, act)
    assert isinstance(done, Register)  # noqa: S101 - for the type checker
    return done


def make_trial(desk: Desk) -> Register:
    """Give a copy of a register its own origin, and a notice that it is a trial copy."""
    before = _locked(desk)
    head = audit_log.head(desk.connection)
    changes = _renamed(desk, before, TRIAL, (head.size, head.root), head.size, "")
    notice = (
        f"A copy for trial of the log {before.origin} at {head.size} events: nothing is binding."
    )
    done = desk.record(desk.act(TRIAL, before, {**changes, "notice": notice}))
    assert isinstance(done, Register)  # noqa: S101 - for the type checker
    return done


def _locked(desk: Desk) -> Register:
    register = load(desk.connection, Register, "register", lock=True)
    if register is None:
        raise NotFoundError("register.none", "hint.init")
    return register


def _renamed(
    desk: Desk, before: Register, why: str, covered: tuple[int, str], left: int, consent: str
) -> dict[str, object]:
    """Return the changes of a register whose log gets a new origin, without its key."""
    hashes = audit_log.leaves(desk.connection)
    entry = (
        *(why, before.origin, str(covered[0]), covered[1]),
        *(str(len(hashes)), tree.subtree_hash(hashes).hex(), str(left), consent),
    )
    # Only the log just before is named, so that names do not grow.
    last = before.origin.removesuffix(".casework").partition(".")[0]
    return {
        "origin": f"{uuid.uuid4()}.{why if why == TRIAL else f'after-{why}'}.{last}.casework",
        "origins": (*before.origins, entry),
        "signing_key": None,
    }


def _consenting(desk: Desk, register: Register, words: str | None) -> str | None:
    """Return the second person who consents to a loss; None if nobody could.

    If the policy asks for a second person anyway, the word `policy` stands for them.
    """
    if register.four_eyes is not None:
        return "policy"
    able = [
        one
        for one in lookup.directory(desk.connection, Person)
        if one.ended_on is None
        and parties(one).intersection(REGISTERING[Register.kind][LOSS])
        # Who runs the command under their own login, in whose name ever, has no second voice.
        and one.code not in desk.eyes
        and (one.login is None or one.login != desk.login)
    ]
    if words is None:
        if able:
            raise RefusedError("loss.needs-second", listed=", ".join(one.code for one in able))
        return None
    second = lookup.find(desk.connection, Person, words)
    permit(REGISTERING[Register.kind][LOSS], parties(second), second.code, Text("may.consent-loss"))
    if second.code not in {one.code for one in able}:
        raise NotAllowedError("loss.cannot-consent", code=second.code)
    return second.code
