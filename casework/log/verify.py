"""Verification of a log, event by event: what is stored must be what was hashed.

Pure functions over stored bytes; each raises IntegrityFailure naming the first difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casework.errors import IntegrityFailure
from casework.kinds.records import KINDS, shape
from casework.log import tree, verify_bundle
from casework.log.event import FORMAT, PRIVATE_WORDS, SALT_BYTES, canonical, commitment, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HINT = "compare with a copy of the store or a checkpoint kept elsewhere"


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as the store holds it: its bytes, its leaf, and the columns derived from them."""

    seq: int
    body: bytes
    leaf: bytes
    disclosures: bytes | None
    columns: tuple[tuple[str, Any], ...]


def check_log(
    stored: Iterable[Stored], covered: tuple[int, bytes] | None = None
) -> tuple[int, list[bytes]]:
    """Check every event of a log in order; return its size and the peaks of its tree.

    `covered` is size and root of an earlier log, which this one must contain.
    """
    size = 0
    peaks: list[bytes] = []
    undisclosed: dict[tuple[int, str], None] = {}
    if covered is not None and covered[0] == 0:
        _check_covered(covered, peaks)
    for event in stored:
        if event.seq != size:
            raise IntegrityFailure(f"event {size} is missing; the next one is {event.seq}", HINT)
        try:
            _check_event(event, undisclosed)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # Bytes that were rewritten and hashed again may say anything.
            raise IntegrityFailure(f"event {size}: it is no event: {error!r}", HINT) from None
        tree.append(peaks, size, event.leaf)
        size += 1
        if covered is not None and covered[0] == size:
            _check_covered(covered, peaks)
    _refuse_shorter(covered, size)
    _refuse_undisclosed(undisclosed)
    return size, peaks


def check_leaves(
    spans: Iterable[Sequence[bytes]], covered: tuple[int, bytes] | None = None
) -> tuple[int, list[bytes]]:
    """Grow the tree of a log from its leaves, given span by span; return its size and peaks.

    What the bodies say is not looked at: whether they are the right ones their root tells.
    """
    size = 0
    peaks: list[bytes] = []
    if covered is not None and covered[0] == 0:
        _check_covered(covered, peaks)
    for leaves in spans:
        if covered is not None and size < covered[0] <= size + len(leaves):
            earlier = [*peaks]
            tree.extend(earlier, size, leaves[: covered[0] - size])
            _check_covered(covered, earlier)
        tree.extend(peaks, size, leaves)
        size += len(leaves)
    _refuse_shorter(covered, size)
    return size, peaks


def refuse_silent_erasure(log: Iterable[tuple[int, bytes, bytes | None]]) -> None:
    """Refuse a log whose private text is gone without an act that says so; IntegrityFailure.

    It is given number, body and disclosures of each event, oldest first. What is disclosed is only
    counted, which takes a small part of the time of `check_log`; where the numbers differ the
    event is read.
    """
    undisclosed: dict[tuple[int, str], None] = {}
    for seq, body, disclosures in log:
        # Within a text both are written with backslashes.
        sealed, opened = body.count(b'{"commitment":"'), (disclosures or b"").count(b'":["')
        if sealed == opened and b'"redacts":' not in body:
            continue
        where = f"event {seq}"
        said = _parse(body, f"{where}: its body is")
        try:
            missing = _check_disclosures(where, said, disclosures)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise IntegrityFailure(f"{where}: it is no event: {error!r}", HINT) from None
        undisclosed.update(((seq, path), None) for path in missing)
        for place in said.get("redacts") or ():
            undisclosed.pop(tuple(place), None)
    _refuse_undisclosed(undisclosed)


def _refuse_undisclosed(undisclosed: Iterable[tuple[int, str]]) -> None:
    for seq, path in undisclosed:
        raise IntegrityFailure(f"event {seq}: {path} is gone, and no redaction says so", HINT)


def _refuse_shorter(covered: tuple[int, bytes] | None, size: int) -> None:
    if covered is not None and covered[0] > size:
        raise IntegrityFailure(
            f"the log has {size} events, but one of {covered[0]} was seen",
            "an older copy may have been restored; compare with what others keep",
        )


def _check_covered(covered: tuple[int, bytes], peaks: list[bytes]) -> None:
    size, root = covered
    if tree.root_hash(peaks) != root:
        raise IntegrityFailure(
            f"the first {size} events are not those that were seen: their root is"
            f" {tree.root_hash(peaks).hex()}, it was {root.hex()}",
            "the log was rewritten; compare with what others keep",
        )


def _check_event(event: Stored, undisclosed: dict[tuple[int, str], None]) -> None:
    where = f"event {event.seq}"
    if tree.leaf_hash(event.body) != event.leaf:
        raise IntegrityFailure(f"{where}: its bytes are not those that were hashed", HINT)
    body = _parse(event.body, f"{where}: its body is")
    if body.get("v") != FORMAT or body.get("kind") not in KINDS:
        raise IntegrityFailure(f"{where}: its format is not known", HINT)
    try:
        verify_bundle.check_form(where, body)
    except (verify_bundle.TamperedError, ValueError) as error:
        raise IntegrityFailure(str(error), HINT) from None
    if body["seq"] != event.seq:
        raise IntegrityFailure(f"{where}: it was written as event {body['seq']}", HINT)
    for name, value in event.columns:
        written = _column(body, name)
        if value != written:
            raise IntegrityFailure(
                f"{where}, column {name}: the log says {written}, the column says {value}", HINT
            )
    for path in _check_disclosures(where, body, event.disclosures):
        undisclosed[event.seq, path] = None
    for seq, path in body.get("redacts", ()):
        if (seq, path) not in undisclosed:
            raise IntegrityFailure(
                f"event {seq}: {path} was erased by {where}, yet it is disclosed", HINT
            )
        del undisclosed[seq, path]


def _parse(stored: bytes, what: str) -> dict[str, Any]:
    try:
        value = parsed(stored)
        if isinstance(value, dict) and canonical(value) == stored and _is_sound(stored, value):
            return value
    except (ValueError, RecursionError):
        pass
    raise IntegrityFailure(f"{what} not canonical", HINT)


def _is_sound(stored: bytes, value: Any) -> bool:
    """Tell whether nesting and numbers are within bounds; most need no look at each value."""
    short = verify_bundle.LONG not in stored.translate(verify_bundle.DIGITS)
    return (short and verify_bundle.is_shallow(stored)) or verify_bundle.sound(value)


def _column(body: dict[str, Any], name: str) -> Any:
    if name == "fields":
        return f",{','.join(sorted(body['changes']))},"
    if name == "command":
        return (body.get(name) or {}).get("key")
    return body[name]


def _check_disclosures(where: str, body: dict[str, Any], stored: bytes | None) -> list[str]:
    """Check what is disclosed against its commitments; return the paths that are not."""
    if stored is None:
        raise IntegrityFailure(f"{where}: its disclosures are missing", HINT)
    disclosed = _parse(stored, f"{where}: its disclosures are")
    missing = []
    for path, expected in commitments(body):
        opened = disclosed.pop(path, None)
        if opened is None:
            missing.append(path)
        elif not _opens(opened, expected):
            raise IntegrityFailure(f"{where}: {path} is not what was committed to", HINT)
    if disclosed:
        raise IntegrityFailure(f"{where}: {', '.join(disclosed)} was never committed to", HINT)
    return missing


def _opens(opened: Any, expected: str) -> bool:
    try:
        salt, value = opened
        # Hexadecimal can be written in two ways, and only one of them was.
        written = len(salt) == 2 * SALT_BYTES and bytes.fromhex(salt).hex() == salt
        written = written and (type(value) is str or verify_bundle.sound(value))
        return written and commitment(salt, value) == expected
    except (TypeError, ValueError):
        return False


def commitments(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the path and the digest of every commitment in an event's body."""
    for word in PRIVATE_WORDS:
        if isinstance(body.get(word), dict):
            yield word, body[word]["commitment"]
    changes = body["changes"]
    for name in sorted(shape(body["kind"]).private.intersection(changes)):
        for place, held in enumerate(changes[name]):
            if isinstance(held, dict):
                yield f"{name}.{place}", held["commitment"]
