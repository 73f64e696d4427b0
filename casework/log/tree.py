"""The Merkle tree of RFC 6962, section 2.1, grown one leaf at a time.

A log of n leaves is stored as its peaks: the roots of the perfect subtrees given by the binary
digits of n, largest first. Appending takes O(log n) hashes and needs no earlier leaf.
"""

from __future__ import annotations

from functools import reduce
from hashlib import sha256
from typing import TYPE_CHECKING

from casework.errors import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
PAGE = 1024
"""The number of leaves that are best added at once: a perfect subtree."""


def leaf_hash(body: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of 0x00 and the entry (RFC 6962, 2.1)."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 of 0x01 and both children (RFC 6962, 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def split(peaks: bytes) -> list[bytes]:
    """Return the peaks of a log from their concatenation."""
    return [peaks[start : start + HASH_BYTES] for start in range(0, len(peaks), HASH_BYTES)]


def append(peaks: list[bytes], size: int, leaf: bytes) -> None:
    """Add a leaf hash to the peaks of a log that has `size` leaves."""
    while size & 1:
        leaf = node_hash(peaks.pop(), leaf)
        size >>= 1
    peaks.append(leaf)


def extend(peaks: list[bytes], size: int, leaves: Sequence[bytes]) -> None:
    """Add leaf hashes to the peaks of a log that has `size` leaves.

    A perfect subtree at its position is computed level by level, which is several times faster.
    """
    count = len(leaves)
    if count == 0 or count & (count - 1) or size % count:
        for place, leaf in enumerate(leaves, size):
            append(peaks, place, leaf)
        return
    level = leaves
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    append(peaks, size // count, level[0])


def root_hash(peaks: list[bytes]) -> bytes:
    """Return the Merkle tree hash of the log with these peaks."""
    if not peaks:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(peaks))


def peaks_of(leaves: Sequence[bytes]) -> list[bytes]:
    """Return the peaks of a log of these leaf hashes."""
    peaks: list[bytes] = []
    for start in range(0, len(leaves), PAGE):
        extend(peaks, start, leaves[start : start + PAGE])
    return peaks


def subtree_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of these leaf hashes (RFC 6962, 2.1)."""
    return root_hash(peaks_of(leaves))


def consistency_proof(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """Return the proof that the log of the first `size` leaves is the beginning of this one.

    See RFC 6962, 2.1.2. Raises IndexError if the size is zero or greater than the log.
    """
    if not 0 < size <= len(leaves):
        raise IndexError(Text("proof.no-way", first=size, second=len(leaves)))
    path: list[bytes] = []
    whole = True
    while size != len(leaves):
        split = _largest_power_below(len(leaves))
        if size <= split:
            path.append(subtree_hash(leaves[split:]))
            leaves = leaves[:split]
        else:
            path.append(subtree_hash(leaves[:split]))
            leaves, size, whole = leaves[split:], size - split, False
    if not whole:
        path.append(subtree_hash(leaves))
    return path[::-1]


def roots_from_consistency(
    first: int, second: int, first_root: bytes, path: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the roots of the earlier and the later log that a proof leads to.

    See RFC 9162, 2.1.4.2. Raises ValueError for a malformed proof, and for size 0.
    """
    if not 0 < first <= second:
        raise ValueError(Text("proof.no-way", first=first, second=second))
    if first == second:
        if path:
            raise ValueError(Text("proof.too-long"))
        return first_root, first_root
    hashes = list(path)
    if first & (first - 1) == 0:
        hashes.insert(0, first_root)
    if not hashes:
        raise ValueError(Text("proof.too-short"))
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    earlier = later = hashes[0]
    for sibling, on_left in _climb(node, last, hashes[1:]):
        if on_left:
            earlier = node_hash(sibling, earlier)
            later = node_hash(sibling, later)
        else:
            later = node_hash(later, sibling)
    return earlier, later


def _climb(node: int, last: int, path: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each hash of a proof and whether it is on the left, from the leaves to the root.

    `node` is the start of the proof and `last` the rightmost position, both on the same level.
    Raises ValueError if the proof has too many or too few hashes.
    """
    for sibling in path:
        if last == 0:
            raise ValueError(Text("proof.too-long"))
        on_left = bool(node & 1) or node == last
        yield sibling, on_left
        if on_left:
            # One that is even is the last one here, and so not 0.
            while not node & 1:
                node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ValueError(Text("proof.too-short"))


def _largest_power_below(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)
