"""The signed statement of an issued paper about its claims, as texts for QR codes.

The key that signs the log's checkpoints signs the statement. The statement is this text, each line
ended by LF:

    casework-sheet v1
    <origin of the log>
    <size of the log> <root of the log, base64>
    <number of the paper> <day it was issued on>
    <how many claims the sheet has> <their SHA-256, base64>
    (an empty line)
    <the claims, one a line>

The first line has a space, which no name of a log has, so a statement cannot be mistaken for a
checkpoint. The claims are all those of the sheet, or the first of them if more do not fit. The
digest covers all of them, each with its LF. The event that issued the sheet holds the SHA-256 of
this text, so the log vouches for what the codes say, and not the key alone.

A code holds ``CWS1/K/N/ID/DATA/``: the K-th of N parts, and the first 8 hexadecimal digits of the
SHA-256 of the whole, which is cut into parts of even length and written in base 45 (RFC 9285). The
whole is the key's id (4 bytes), the signature (64 bytes), and the statement, deflated (RFC 1951).
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from casework.errors import IntegrityFailure, UsageError
from casework.log import ed25519, note, verify_signed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from casework.log.note import SigningKey, VerifierKey

FIRST = "casework-sheet v1"
ROOM = 474
"""The bytes in a code: those of version 17 at error correction level M."""

MOST = 12
"""The most codes of a sheet: one page."""

LONGEST = 1 << 20
"""The greatest size of a statement that is read, in bytes."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_CODE = re.compile(rf"CWS1/([1-9][0-9]?)/([1-9][0-9]?)/([0-9A-F]{{8}})/([{re.escape(_DIGITS)}]+)/")
_TEXT = re.compile(
    rf"{re.escape(FIRST)}\n(?P<origin>{verify_signed.NAME})\n(?P<size>0|[1-9][0-9]{{0,15}})"
    r" (?P<root>[A-Za-z0-9+/]{43}=)\n(?P<number>[^\n]+) (?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\n"
    r"(?P<count>0|[1-9][0-9]{0,8}) (?P<digest>[A-Za-z0-9+/]{43}=)\n\n(?P<claims>(?:[^\n]+\n)*)"
)


def digest_of(claims: Iterable[str]) -> bytes:
    """Return the SHA-256 of claims."""
    return sha256("".join(f"{one}\n" for one in claims).encode()).digest()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its log with size and root, its number and day, and its claims.

    `count` and `digest` cover all its claims; `claims` may have only the first of them.
    """

    origin: str
    size: int
    root: bytes
    number: str
    issued_on: date
    count: int
    digest: bytes
    claims: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether all claims are there."""
        return len(self.claims) == self.count

    @property
    def text(self) -> str:
        """The text that is signed."""
        return (
            f"{FIRST}\n{self.origin}\n{self.size} {note.encode(self.root)}\n"
            f"{self.number} {self.issued_on}\n{self.count} {note.encode(self.digest)}\n\n"
            + "".join(f"{one}\n" for one in self.claims)
        )

    @property
    def mark(self) -> str:
        """The SHA-256 of the text that is signed, in hexadecimal: what the log says of it."""
        return sha256(self.text.encode()).hexdigest()


def codes_of(
    key: SigningKey, root: tuple[int, bytes], named: tuple[str, date], claims: Sequence[str]
) -> tuple[tuple[str, ...], Sheet]:
    """Return the texts of the codes of a sheet, and the sheet with the claims that they hold.

    `root` has size and root of the log, `named` the number and day. A claim is a line without LF.
    """
    digest = digest_of(claims)

    def made(held: int) -> tuple[tuple[str, ...], Sheet]:
        sheet = Sheet(key.name, *root, *named, len(claims), digest, tuple(claims[:held]))
        signature = ed25519.sign(key.secret, sheet.text.encode())
        return _parts(key.verifier.key_id + signature + _deflated(sheet.text.encode())), sheet

    whole = made(len(claims))
    if len(whole[0]) <= MOST:
        return whole
    few, many = 0, len(claims)
    while few + 1 < many:
        middle = (few + many) // 2
        few, many = (middle, many) if len(made(middle)[0]) <= MOST else (few, middle)
    return made(few)


def _deflated(text: bytes) -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    return packing.compress(text) + packing.flush()


def _parts(whole: bytes) -> tuple[str, ...]:
    count = -(-len(whole) // ROOM)
    each = -(-len(whole) // count)
    each += each % 2
    name = sha256(whole).hexdigest()[:8].upper()
    return tuple(
        f"CWS1/{place + 1}/{count}/{name}/{_spelt(whole[place * each : (place + 1) * each])}/"
        for place in range(count)
    )


def read(codes: Iterable[str]) -> tuple[Sheet, bytes, bytes]:
    """Return the sheet in the codes, with the id of the key and the signature.

    Only the form is checked. The codes may come in any order and more than once. Raises UsageError
    for other texts, for codes of two sheets, and if a code is missing.
    """
    whole = _joined(codes)
    start = note.KEY_ID_BYTES + ed25519.SIGNATURE_BYTES
    try:
        packed = zlib.decompressobj(-zlib.MAX_WBITS)
        text = packed.decompress(whole[start:], LONGEST)
        found = _TEXT.fullmatch(text.decode()) if packed.eof and not packed.unused_data else None
        day = date.fromisoformat(found["day"]) if found else None
    except (zlib.error, ValueError):
        found = day = None
    root, digest = (note.decode(found[name]) if found else None for name in ("root", "digest"))
    if found is None or day is None or root is None or digest is None:
        raise UsageError("sheet.unreadable")
    claims = tuple(found["claims"].split("\n")[:-1])
    told = (found["origin"], int(found["size"]), root, found["number"], day)
    sheet = Sheet(*told, int(found["count"]), digest, claims)
    return sheet, whole[: note.KEY_ID_BYTES], whole[note.KEY_ID_BYTES : start]


def _joined(codes: Iterable[str]) -> bytes:
    """Return the whole that the parts in codes make up."""
    parts: dict[int, str] = {}
    told: set[tuple[int, str]] = set()
    for code in codes:
        # Some programs say what kind of code it is.
        found = _CODE.fullmatch(code.strip("\r\n\t ").removeprefix("QR-Code:"))
        if found is None:
            raise UsageError("sheet.no-code")
        parts[int(found[1])] = found[4]
        told.add((int(found[2]), found[3]))
    if len(told) > 1:
        raise UsageError("sheet.of-two")
    count, name = next(iter(told), (0, ""))
    missing = [one for one in range(1, count + 1) if one not in parts]
    if missing or len(parts) != count or not 0 < count <= MOST:
        raise UsageError("sheet.missing", count=count, missing=missing)
    whole = b"".join(_unspelt(parts[place]) for place in sorted(parts))
    if sha256(whole).hexdigest()[:8].upper() != name:
        raise UsageError("sheet.unreadable")
    return whole


def verified(codes: Iterable[str], keys: Iterable[VerifierKey]) -> Sheet:
    """Return the sheet in the codes if one of the keys has signed it.

    Raises UsageError for unreadable codes, and IntegrityFailure for a signature of another key or
    claims that do not match the digest.
    """
    sheet, key_id, signature = read(codes)
    known = [one for one in keys if (one.name, one.key_id) == (sheet.origin, key_id)]
    if not any(ed25519.verify(one.public, sheet.text.encode(), signature) for one in known):
        raise IntegrityFailure("sheet.not-signed", origin=sheet.origin)
    if len(sheet.claims) > sheet.count or (sheet.whole and digest_of(sheet.claims) != sheet.digest):
        raise IntegrityFailure("sheet.other-claims")
    return sheet


def _spelt(data: bytes) -> str:
    """Return bytes in base 45 (RFC 9285)."""
    said = []
    for place in range(0, len(data), 2):
        pair = data[place : place + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            said.append(_DIGITS[digit])
    return "".join(said)


def _unspelt(text: str) -> bytes:
    """Return the bytes of base 45; raises UsageError for invalid text."""
    data = bytearray()
    for place in range(0, len(text), 3):
        digits = [_DIGITS.index(one) for one in text[place : place + 3]]
        number = sum(digit * 45**power for power, digit in enumerate(digits))
        if len(digits) == 1 or number >= 256 ** (len(digits) - 1):
            raise UsageError("sheet.unreadable")
        data += number.to_bytes(len(digits) - 1, "big")
    return bytes(data)
