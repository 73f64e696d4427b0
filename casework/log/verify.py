"""Verify a log event by event: what is stored must be what was hashed.

Pure functions over stored bytes; each raises IntegrityFailure naming the first difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casework.errors import IntegrityFailure, Quoted, Text, quoted
from casework.kinds.records import KINDS
from casework.log import tree, verify_bundle
from casework.log.event import (
    FORMATS,
    PRIVATE_WORDS,
    SALT_BYTES,
    SECRET_WORDS,
    canonical,
    commitment,
    parsed,
    sealable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HINT = "hint.compare"


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
            raise IntegrityFailure("verify.missing", "hint.compare", size=size, seq=event.seq)
        try:
            _check_event(event, undisclosed)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # Bytes that were rewritten and hashed again may say anything.
            raise IntegrityFailure(
                "verify.not-event", "hint.compare", size=size, error=quoted(error)
            ) from None
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
        said = _parse(body, "verify.body", seq)
        try:
            missing = _check_disclosures(seq, said, disclosures)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise IntegrityFailure(
                "verify.not-event-at", "hint.compare", where=_at(seq), error=quoted(error)
            ) from None
        undisclosed.update(((seq, path), None) for path in missing)
        for place in said.get("redacts") or ():
            undisclosed.pop(tuple(place), None)
    _refuse_undisclosed(undisclosed)


def _refuse_undisclosed(undisclosed: Iterable[tuple[int, str]]) -> None:
    for seq, path in undisclosed:
        raise IntegrityFailure("verify.gone", "hint.compare", seq=seq, path=path)


def _refuse_shorter(covered: tuple[int, bytes] | None, size: int) -> None:
    if covered is not None and covered[0] > size:
        raise IntegrityFailure("verify.shorter", size=size, seen=covered[0])


def _check_covered(covered: tuple[int, bytes], peaks: list[bytes]) -> None:
    size, root = covered
    if tree.root_hash(peaks) != root:
        raise IntegrityFailure(
            "verify.rewritten", size=size, root=tree.root_hash(peaks).hex(), was=root.hex()
        )


def _check_event(event: Stored, undisclosed: dict[tuple[int, str], None]) -> None:
    if tree.leaf_hash(event.body) != event.leaf:
        raise IntegrityFailure("verify.bytes", "hint.compare", where=_at(event.seq))
    body = _parse(event.body, "verify.body", event.seq)
    if body.get("v") not in FORMATS or body.get("kind") not in KINDS:
        raise IntegrityFailure("verify.format", "hint.compare", where=_at(event.seq))
    try:
        verify_bundle.check_form(f"event {event.seq}", body)
    except (verify_bundle.TamperedError, ValueError) as error:
        what = Quoted("verify.form", str(error), where=_at(event.seq))
        raise IntegrityFailure(what, HINT) from None
    if body["seq"] != event.seq:
        raise IntegrityFailure(
            "verify.number", "hint.compare", where=_at(event.seq), seq=body["seq"]
        )
    for name, value in event.columns:
        written = _column(body, name)
        if value != written:
            raise IntegrityFailure(
                "verify.column",
                "hint.compare",
                where=_at(event.seq),
                name=name,
                written=written,
                value=value,
            )
    for path in _check_disclosures(event.seq, body, event.disclosures):
        undisclosed[event.seq, path] = None
    for seq, path in body.get("redacts", ()):
        if (seq, path) not in undisclosed:
            raise IntegrityFailure(
                "verify.erased-yet-there",
                "hint.compare",
                seq=seq,
                path=path,
                where=_at(event.seq),
            )
        del undisclosed[seq, path]


def _at(seq: int) -> Text:
    return Text("verify.event", seq=seq)


def _parse(stored: bytes, what: str, seq: int) -> dict[str, Any]:
    try:
        value = parsed(stored)
        if isinstance(value, dict) and canonical(value) == stored and _is_sound(stored, value):
            return value
    except (ValueError, RecursionError):
        pass
    raise IntegrityFailure("verify.not-canonical", "hint.compare", what=Text(what, where=_at(seq)))


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


def _check_disclosures(seq: int, body: dict[str, Any], stored: bytes | None) -> list[str]:
    """Check what is disclosed against its commitments; return the paths that are not."""
    if stored is None:
        raise IntegrityFailure("verify.disclosures-missing", "hint.compare", where=_at(seq))
    disclosed = _parse(stored, "verify.disclosures", seq)
    missing = []
    for path, expected in commitments(body):
        opened = disclosed.pop(path, None)
        if opened is None:
            missing.append(path)
        elif not _opens(opened, expected):
            raise IntegrityFailure("verify.commitment", "hint.compare", where=_at(seq), path=path)
    if disclosed:
        raise IntegrityFailure(
            "verify.never-committed",
            "hint.compare",
            where=_at(seq),
            disclosed=", ".join(disclosed),
        )
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
    for word in (*PRIVATE_WORDS, *SECRET_WORDS):
        if isinstance(body.get(word), dict):
            yield word, body[word]["commitment"]
    changes = body["changes"]
    for name in sorted(sealable(body["kind"]).intersection(changes)):
        for place, held in enumerate(changes[name]):
            if isinstance(held, dict):
                yield f"{name}.{place}", held["commitment"]
