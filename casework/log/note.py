"""Signed notes and checkpoints: C2SP signed-note, tlog-checkpoint and tlog-cosignature.

A checkpoint holds the name, size and root of a log, signed with Ed25519. Parsing is strict:
anything that differs from the specifications is refused. Before that, `read` undoes what mail
programs and editors do to lines. Names, keys and files follow the rules of the verifier in bundles,
so that both give the same verdict.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from casework.errors import IntegrityFailure, UsageError
from casework.log import ed25519, verify_signed
from casework.system.files import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
KEY_BYTES = 32
STAMP_BYTES = 8
KEY_ID_BYTES = 4
NOTE_LIMIT = verify_signed.NOTE_LIMIT
"""The greatest size of a signed text, in bytes."""

_NAME = re.compile(verify_signed.NAME)
_SIGNATURE = re.compile(rf"— ({_NAME.pattern}) ([A-Za-z0-9+/]+={{0,2}})\n")
SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name, as ``name+id+key``; `kind` is the kind of its signatures."""

    name: str
    kind: bytes
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first bytes of the digest of name, kind and key (signed-note)."""
        return sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:KEY_ID_BYTES]

    @property
    def identity(self) -> tuple[str, bytes]:
        """The name and id that a signature line has for a key."""
        return self.name, self.key_id

    def __str__(self) -> str:
        key = encode(self.kind + self.public)
        return f"{self.name}+{self.key_id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a key; raises UsageError for anything but the exact form."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        decoded = decode(encoded)
        if decoded is not None and len(decoded) == 1 + KEY_BYTES and _NAME.fullmatch(name):
            key = cls(name, decoded[:1], decoded[1:])
            known = key.kind in {ED25519, COSIGNATURE} and key.key_id.hex() == key_id
            if known and verify_signed.of_great_order(key.public):
                return key
        raise UsageError("note.key-form")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its name and the kind of signature it makes."""

    name: str
    kind: bytes
    secret: bytes

    @classmethod
    def generate(cls, name: str, kind: bytes) -> SigningKey:
        """Return a new random key."""
        return cls(name, kind, ed25519.new_secret())

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.kind, ed25519.public_of(self.secret))

    def __str__(self) -> str:
        key = encode(self.kind + self.secret)
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{key}"

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r})"

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read a private key; raises UsageError for anything but the exact form."""
        prefix = "PRIVATE+KEY+"
        if text.startswith(prefix):
            name, _, rest = text.strip().removeprefix(prefix).partition("+")
            key_id, _, encoded = rest.partition("+")
            decoded = decode(encoded)
            if decoded is not None and len(decoded) == 1 + KEY_BYTES and _NAME.fullmatch(name):
                key = cls(name, decoded[:1], decoded[1:])
                if key.verifier.key_id.hex() == key_id:
                    return key
        raise UsageError("note.no-signing-key")

    def sign(self, text: str, at: int = 0) -> str:
        """Return the signature line of a note; a cosignature includes the second it was made."""
        stamp = at.to_bytes(STAMP_BYTES, "big") if self.kind == COSIGNATURE else b""
        message = signed_message(text, self.kind, stamp)
        signature = ed25519.sign(self.secret, message)
        blob = self.verifier.key_id + stamp + signature
        return f"— {self.name} {encode(blob)}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the claimed signer, and the bytes after the key's id."""

    name: str
    key_id: bytes
    blob: bytes

    def __str__(self) -> str:
        return f"— {self.name} {encode(self.key_id + self.blob)}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's origin, size and root, the exact text that is signed, and the signatures under it."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed (tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"

    @property
    def note(self) -> str:
        """The whole signed note, as in a file (signed-note)."""
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def by(self, key: VerifierKey) -> Signature | None:
        """Return the first valid signature of a key; None if there is none.

        Raises IntegrityFailure if any line claims to be of the key but is not valid: a note with a
        wrong signature of a known key is rejected (signed-note).
        """
        claimed = [one for one in self.signatures if (one.name, one.key_id) == key.identity]
        if not all(_valid(key, self.text, one.blob) for one in claimed):
            raise IntegrityFailure("note.bad-signature", name=key.name)
        return claimed[0] if claimed else None


def read(data: bytes, what: str) -> str:
    """Return the text of a file as it was signed, undoing changes of its lines.

    Other line ends, a byte order mark, UTF-16, blanks, quoting and surrounding empty lines are
    undone. Signed text is always UTF-8 with LF, so this does not weaken a signature. `what` names
    the file; raises UsageError if it is too long or not text.
    """
    try:
        if len(data) <= NOTE_LIMIT:
            return verify_signed.unmangled(data)
    except UnicodeDecodeError:
        pass
    raise UsageError("note.not-signed", what=what)


def read_file(path: Path) -> str:
    """Return the text of a regular file as it was signed; see `read`.

    The errors of reading it are those of `files.open_regular`.
    """
    return read(read_bytes(path, NOTE_LIMIT), str(path))


def parse(note: str) -> Checkpoint:
    """Read a signed checkpoint; raises UsageError for anything but its exact form."""
    text, _, lines = note.partition("\n\n")
    parts = text.split("\n")
    if len(note) <= NOTE_LIMIT and len(parts) == 3:  # noqa: PLR2004 - origin, size, root
        origin, size, encoded = parts
        root = decode(encoded)
        signatures = _signatures(lines)
        whole = _NAME.fullmatch(origin) and SIZE.fullmatch(size) and signatures
        if whole and root and len(root) == KEY_BYTES:
            return Checkpoint(origin, int(size), root, signatures)
    raise UsageError("note.no-checkpoint")


def signed_message(text: str, kind: bytes, stamp: bytes) -> bytes:
    """Return the bytes that a signature of this kind signs (tlog-cosignature for cosignatures)."""
    if kind != COSIGNATURE:
        return text.encode()
    return f"cosignature/v1\ntime {int.from_bytes(stamp, 'big')}\n{text}".encode()


def encode(decoded: bytes) -> str:
    """Return bytes in standard base64."""
    return base64.b64encode(decoded).decode()


def decode(encoded: str) -> bytes | None:
    """Return the bytes of standard base64; None if it is not in canonical form."""
    try:
        decoded = base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        return None
    return decoded if encode(decoded) == encoded else None


def _signatures(lines: str) -> tuple[Signature, ...]:
    """Return the signatures in the last part of a note; none if a line has another form."""
    found = []
    rest = lines
    while rest:
        match = _SIGNATURE.match(rest)
        blob = decode(match[2]) if match else None
        if match is None or blob is None or len(blob) <= KEY_ID_BYTES:
            return ()
        found.append(Signature(match[1], blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:]))
        rest = rest[match.end() :]
    return tuple(found)


def _valid(key: VerifierKey, text: str, blob: bytes) -> bool:
    stamp = STAMP_BYTES if key.kind == COSIGNATURE else 0
    if int.from_bytes(blob[:stamp], "big") > verify_signed.LAST_SECOND:
        return False
    message = signed_message(text, key.kind, blob[:stamp])
    return ed25519.verify(key.public, message, blob[stamp:])
