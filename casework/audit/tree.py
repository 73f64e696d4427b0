"""The Merkle tree of RFC 6962, section 2.1, grown one leaf at a time.

A log of n leaves is kept as its peaks: the roots of the perfect subtrees that the binary digits
of n name, largest first. Appending costs O(log n) hashes and needs no earlier leaf.
"""

from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of 0x00 and the entry (RFC 6962, 2.1)."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 of 0x01 and both children (RFC 6962, 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def append(peaks: list[bytes], size: int, leaf: bytes) -> None:
    """Add a leaf hash to the peaks of a log that has `size` leaves."""
    while size & 1:
        leaf = node_hash(peaks.pop(), leaf)
        size >>= 1
    peaks.append(leaf)


def root_hash(peaks: list[bytes]) -> bytes:
    """Return the Merkle tree hash of the log with these peaks."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root
