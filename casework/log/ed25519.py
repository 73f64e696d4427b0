"""Ed25519 (RFC 8032): signatures by the library `cryptography` if installed, else by Python.

The library is an extra, since some platforms have no wheel of it: Windows on ARM, Macs with Intel.
Both give the same bytes, because signatures are deterministic (RFC 8032, 5.1.6), and both accept
the same signatures: keys of small order and points in a non-canonical form are refused.

The Python code takes some milliseconds for each signature. It does the same steps for every key,
but the time of Python's integer operations may vary. If people you do not trust can measure the
machine that signs, install the extra.
"""

from __future__ import annotations

import secrets
from functools import cache
from hashlib import sha512
from typing import TYPE_CHECKING

from casework.log import verify_lines, verify_signed
from casework.log.verify_signed import L, P, add, point, times

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_BYTES = 32
SIGNATURE_BYTES = 64
BITS = 256

_BASE = point((4 * pow(5, -1, P) % P).to_bytes(KEY_BYTES, "little"))
"""The base point, whose y is 4/5 (RFC 8032, 5.1)."""


@cache
def by_library() -> bool:
    """Return whether the library makes the signatures: it does if it can be loaded."""
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: F401 - tried
    except ImportError:
        return False
    return True


def new_secret() -> bytes:
    """Return a new random private key."""
    return secrets.token_bytes(KEY_BYTES)


def public_of(secret: bytes) -> bytes:
    """Return the public key of a private one (RFC 8032, 5.1.5)."""
    if by_library():
        return _key(secret).public_key().public_bytes_raw()
    return _encoded(_multiple(_halves(secret)[0]))


def sign(secret: bytes, message: bytes) -> bytes:
    """Return the signature of a message (RFC 8032, 5.1.6)."""
    if by_library():
        return _key(secret).sign(message)
    scalar, prefix = _halves(secret)
    public = _encoded(_multiple(scalar))
    once = _number(prefix + message)
    commitment = _encoded(_multiple(once))
    challenge = _number(commitment + public + message)
    return commitment + ((once + challenge * scalar) % L).to_bytes(KEY_BYTES, "little")


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether a signature of a message was made by a public key (RFC 8032, 5.1.7)."""
    if len(public) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        if not by_library():
            verify_signed.check_signature(public, message, signature)
            return True
        # The library does not ask what the key is; one of small order fits many messages.
        if times(8, point(public))[0] == 0:
            return False
    except verify_lines.TamperedError:
        return False
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _key(secret: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(secret)


def _halves(secret: bytes) -> tuple[int, bytes]:
    """Return the scalar of a private key, and the prefix of its signatures."""
    digest = sha512(secret).digest()
    number = int.from_bytes(digest[:KEY_BYTES], "little")
    # The lowest three bits and the highest are cleared, the one below it is set.
    return number & (1 << 254) - 8 | 1 << 254, digest[KEY_BYTES:]


def _number(message: bytes) -> int:
    return int.from_bytes(sha512(message).digest(), "little") % L


def _multiple(number: int) -> tuple[int, int, int, int]:
    """Return a multiple of the base point, by the same steps for every number."""
    low, high = (0, 1, 1, 0), _BASE
    for place in reversed(range(BITS)):
        both = add(low, high)
        bit = number >> place & 1
        low, high = ((add(low, low), both), (both, add(high, high)))[bit]
    return low


def _encoded(place: tuple[int, int, int, int]) -> bytes:
    """Write a point: y, and the lowest bit of x (RFC 8032, 5.1.2)."""
    x, y, z, _ = place
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(KEY_BYTES, "little")
