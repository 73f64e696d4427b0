"""Verify a log event by event: the stored data must be what was hashed.

Pure functions over stored bytes; each raises IntegrityFailure naming the first difference.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from casework.errors import IntegrityFailure, Quoted, Text, quoted
from casework.kinds.records import KINDS, plain
from casework.log import tree, verify_lines
from casework.log.event import (
    FORMATS,
    SALT_BYTES,
    WORDS,
    canonical,
    commitment,
    parsed,
    sealable,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

HINT = "hint.compare"


class Stored(NamedTuple):
    """An event in the store: its bytes, its leaf, and the columns derived from them.

    `names` are the names of the columns.
    """

    seq: int
    body: bytes
    leaf: bytes
    disclosures: bytes | None
    names: tuple[str, ...]
    columns: tuple[Any, ...]


class Checked(NamedTuple):
    """An event whose bytes are in order: its members, and which values are disclosed.

    `missing` has the paths of the commitments without values.
    """

    said: dict[str, Any]
    opened: Mapping[str, Any]
    missing: Sequence[str]


def check_log(
    stored: Iterable[Stored], covered: tuple[int, bytes] | None = None
) -> tuple[int, list[bytes]]:
    """Check every event of a log in order; return its size and the peaks of its tree.

    `covered` is the size and root of an earlier log that this one must contain.
    """
    size = 0
    peaks: list[bytes] = []
    undisclosed: dict[tuple[int, str], None] = {}
    if covered is not None and covered[0] == 0:
        _check_covered(covered, peaks)
    for event in stored:
        if event.seq != size:
            raise IntegrityFailure("verify.missing", "hint.compare", size=size, seq=event.seq)
        checked = check_event(event)
        undisclosed.update(((size, path), None) for path in checked.missing)
        for seq, path in checked.said.get("redacts", ()):
            _check_erased(event.seq, seq, path, undisclosed)
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
    """Build the tree of a log from its leaves, given span by span; return its size and peaks.

    The bodies are not examined; the root shows whether they are the right ones.
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
    """Raise IntegrityFailure if private text is missing without an act that erased it.

    The arguments are the number, body and disclosures of each event, oldest first. Disclosures are
    only counted, which takes a fraction of the time of `check_log`; an event is read only if the
    numbers differ.
    """
    undisclosed: dict[tuple[int, str], None] = {}
    for seq, body, disclosures in log:
        # Within a text both are written with backslashes.
        sealed, opened = body.count(b'{"commitment":"'), (disclosures or b"").count(b'":["')
        if sealed == opened and b'"redacts":' not in body:
            continue
        said = _parse(body, "verify.body", seq)
        try:
            missing = _missing(seq, said, _parse_disclosures(seq, disclosures))
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


def check_event(event: Stored) -> Checked:
    """Check one event; raises IntegrityFailure, which names what differs from what was hashed."""
    try:
        return _checked(event)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # Bytes that were rewritten and hashed again may say anything.
        raise IntegrityFailure(
            "verify.not-event", "hint.compare", size=event.seq, error=quoted(error)
        ) from None


def _checked(event: Stored) -> Checked:
    if tree.leaf_hash(event.body) != event.leaf:
        raise IntegrityFailure("verify.bytes", "hint.compare", where=_at(event.seq))
    body = _parse(event.body, "verify.body", event.seq)
    if body.get("v") not in FORMATS or body.get("kind") not in KINDS:
        raise IntegrityFailure("verify.format", "hint.compare", where=_at(event.seq))
    try:
        verify_lines.check_form(f"event {event.seq}", body)
    except (verify_lines.TamperedError, ValueError) as error:
        what = Quoted("verify.form", str(error), where=_at(event.seq))
        raise IntegrityFailure(what, HINT) from None
    if body["seq"] != event.seq:
        raise IntegrityFailure(
            "verify.number", "hint.compare", where=_at(event.seq), seq=body["seq"]
        )
    command = (body.get("command") or {}).get("key")
    said = {**body, "fields": f",{','.join(body['changes'])},", "command": command}
    if (derived := tuple(map(said.__getitem__, event.names))) != event.columns:
        _refuse_column(event, derived)
    opened = _parse_disclosures(event.seq, event.disclosures)
    return Checked(body, opened, _missing(event.seq, body, opened))


def _refuse_column(event: Stored, derived: tuple[Any, ...]) -> None:
    for name, written, value in zip(event.names, derived, map(plain, event.columns), strict=True):
        if value != written:
            raise IntegrityFailure(
                "verify.column",
                "hint.compare",
                where=_at(event.seq),
                name=name,
                written=written,
                value=value,
            )


def _check_erased(
    erasing: int, seq: int, path: str, undisclosed: dict[tuple[int, str], None]
) -> None:
    """Check that the values an event erased are gone, and stop counting them as missing."""
    if (seq, path) not in undisclosed:
        raise IntegrityFailure(
            "verify.erased-yet-there", "hint.compare", seq=seq, path=path, where=_at(erasing)
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
    """Return whether nesting and numbers are within bounds; most events need no full check."""
    short = verify_lines.LONG not in stored.translate(verify_lines.DIGITS)
    return (short and verify_lines.is_shallow(stored)) or verify_lines.sound(value)


def _parse_disclosures(seq: int, stored: bytes | None) -> dict[str, Any]:
    if stored is None:
        raise IntegrityFailure("verify.disclosures-missing", "hint.compare", where=_at(seq))
    return _parse(stored, "verify.disclosures", seq)


def _missing(seq: int, body: Mapping[str, Any], opened: Mapping[str, Any]) -> list[str]:
    """Check the disclosed values against their commitments; return the paths without values."""
    missing, known = [], 0
    for path, expected in commitments(body):
        known += path in opened
        pair = opened.get(path)
        if pair is None:
            missing.append(path)
        elif not _opens(pair, expected):
            raise IntegrityFailure("verify.commitment", "hint.compare", where=_at(seq), path=path)
    if known != len(opened):
        _refuse_strange(seq, opened, {path for path, _ in commitments(body)})
    return missing


def _refuse_strange(seq: int, opened: Mapping[str, Any], known: Container[str]) -> NoReturn:
    disclosed = ", ".join(path for path in opened if path not in known)
    raise IntegrityFailure(
        "verify.never-committed", "hint.compare", where=_at(seq), disclosed=disclosed
    )


def _opens(opened: Any, expected: str) -> bool:
    if type(opened) is not list:
        # An object of two members could be taken apart like a list of two.
        return False
    try:
        salt, value = opened
        # Hexadecimal can be written in two ways, and only one of them was.
        written = len(salt) == 2 * SALT_BYTES and bytes.fromhex(salt).hex() == salt
        written = written and (type(value) is str or verify_lines.sound(value))
        return written and commitment(salt, value) == expected
    except (TypeError, ValueError):
        return False


def commitments(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the path and the digest of every commitment in an event's body."""
    for word in WORDS:
        held = body.get(word)
        if type(held) is dict:
            yield word, held["commitment"]
    changes = body["changes"]
    for name, old, new in _sealable(body["kind"]):
        if name in changes:
            before, after = changes[name]
            if type(before) is dict:
                yield old, before["commitment"]
            if type(after) is dict:
                yield new, after["commitment"]


@cache
def _sealable(kind: str) -> list[tuple[str, str, str]]:
    """Return the fields that may be commitments, with the paths of their old and new values."""
    return [(name, f"{name}.0", f"{name}.1") for name in sorted(sealable(kind))]
