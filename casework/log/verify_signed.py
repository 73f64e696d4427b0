"""What is signed: keys, checkpoints and lists of cases, and Ed25519 to check them (RFC 8032)."""
# fmt: off

import re
from base64 import b64decode
from collections import namedtuple
from datetime import datetime, timedelta
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

from casework.log.verify_lines import TamperedError, need, opened

LOG, WITNESS, EPOCH = 1, 4, datetime(1970, 1, 1)  # noqa: DTZ001 - it is UTC
KEY_ID, KEY_BYTES, NOTE_LIMIT, LAST_SECOND = 4, 32, 1 << 16, 253402300799
# A name has no white space and no plus (signed-note), and nothing that cannot be seen.
NAME = (r"[^\s+\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
        r"\ud800-\udfff\ufeff\ufff9-\uffff]+")
BASE64 = "((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?)"
ROOT32 = "([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)"
SIGNED = rf"\n((?:— {NAME} {BASE64}\n)+)"
NOTE = re.compile(rf"(({NAME})\n(0|[1-9][0-9]{{0,15}})\n{ROOT32}\n){SIGNED}")
# The first line of a list of cases holds spaces, which no name of a log does, and the second is
# no number: a list can never be taken for a checkpoint, nor a checkpoint for a list.
CASES = "casework list of cases, version 1"
LIST = re.compile(
    rf"({CASES}\n({NAME})\n[1-9][0-9]{{0,15}}\n{ROOT32}\n(?:{{.*}}\n)*){SIGNED}")
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)
Checkpoint = namedtuple("Checkpoint", "text origin size root signatures")  # noqa: PYI024

def unmangled(data: bytes) -> str:
    """Return a signed text as it was signed, whatever mail and editors made of its lines.

    Signed is UTF-8 with LF. A byte order mark, UTF-16, other ends of lines, blanks around a line,
    marks of quoting, a signature broken in two lines and empty lines around it all are undone.
    """
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    rows = [row.strip(" \t\xa0") for row in re.split("\r*\n|\r", text.lstrip("\ufeff"))]
    while any(rows) and all(row[:1] == ">" for row in rows if row):
        rows = [row[1:].strip(" \t\xa0") for row in rows]
    return re.sub(r"(?m)^(— \S+)\n(?=\S)", r"\1 ", "\n".join(rows).strip("\n") + "\n")

def add(p: Any, q: Any) -> Any:
    """Add two points (X, Y, Z, T), where x = X/Z, y = Y/Z, xy = T/Z (RFC 8032, 5.1.4)."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * D * p[3] * q[3], 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n: int, p: Any) -> Any:
    """Add a point to itself n times."""
    total = times(n >> 1, add(p, p)) if n else (0, 1, 1, 0)
    return add(total, p) if n & 1 else total

def point(code: bytes) -> Any:
    """Read a point; bytes that no point is written as are refused (RFC 8032, 5.1.3)."""
    sign, y = divmod(int.from_bytes(code, "little"), 1 << 255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    x = x if x & 1 == sign else P - x
    need(y < P and x < P and x * x % P == square, "a key or a signature is no point of the curve")
    return x, y, 1, x * y % P

def of_great_order(public: bytes) -> bool:
    """Tell whether a public key is a point that signs anything; one of small order fits all."""
    try:
        return len(public) == KEY_BYTES and times(8, point(public))[0] != 0
    except TamperedError:
        return False

def check_signature(public: bytes, message: bytes, signature: bytes) -> None:
    """Check that [S]B = R + [k]A (RFC 8032, 5.1.7); a key of small order fits many messages."""
    r, a, s = point(signature[:32]), point(public), int.from_bytes(signature[32:], "little")
    need(len(signature) == 2 * len(public) and s < L and times(8, a)[0], "a signature is malformed")
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % L
    base = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    (x, y, z, _), (u, v, w, _) = times(s, base), add(r, times(k, a))
    need((x * w - u * z) % P == (y * w - v * z) % P == 0, "a signature is not valid")

def read_key(text: str, kind: int) -> Any:
    """Read a public key: name, id (the start of a hash of all), kind and bytes (signed-note)."""
    match = re.fullmatch(rf"({NAME})\+([0-9a-f]{{8}})\+([A-Za-z0-9+/]{{44}})", text.strip())
    name, key = (match[1], b64decode(match[3])) if match else ("", b"\0")
    digest = sha256(f"{name}\n".encode() + key).digest()[:4]
    right = match and digest.hex() == match[2] and key[0] == kind and of_great_order(key[1:])
    need(right, f"no such key: {text}", ValueError)
    return (name, digest), key

def renamed(key: Any, name: str) -> Any:
    """Return a key of a log under another name of that log; its id is of both."""
    return (name, sha256(f"{name}\n".encode() + key[1]).digest()[:KEY_ID]), key[1]

def signing(note: Any, keys: Any) -> Any:
    """Return which of some keys a note names as its log's; the last one if it names none."""
    named = {(name, blob[:KEY_ID]) for name, blob in note.signatures if name == note.origin}
    return next((key for key in keys if key[0] in named), keys[-1])

def read_note(path: Path, form: Any, what: str, limit: int) -> Any:
    """Read a signed text (C2SP signed-note): its parts, and name and bytes of each signature."""
    with opened(path) as file:
        data = file.read(limit + 1)
    try:
        match: Any = form.fullmatch(unmangled(data)) if len(data) <= limit else None
    except UnicodeDecodeError:
        match = None
    need(match, f"{path.name} is no {what}", ValueError)
    rows = match[form.groups - 1].splitlines()
    signed = [(name, b64decode(word)) for _, name, word in map(str.split, rows)]
    need(all(len(blob) > KEY_ID for _, blob in signed), f"{path.name} is no {what}", ValueError)
    return match, signed

def read_checkpoint(path: Path) -> Any:
    """Read a checkpoint: origin, size, root; an empty line; signatures (C2SP tlog-checkpoint)."""
    match, signed = read_note(path, NOTE, "signed checkpoint", NOTE_LIMIT)
    return Checkpoint(match[1], match[2], int(match[3]), b64decode(match[4]), signed)

def signers(note: Any, log: Any, witnesses: Any = (), *, strict: bool = False) -> Any:
    """Check who signed (C2SP signed-note, tlog-cosignature); every key that was given must have."""
    keys, told = dict([log, *witnesses]), {}
    for name, blob in note.signatures:
        who = name, blob[:4]
        need(who in keys or not strict, f"a key that was not given has signed: {name}")
        told[who] = f"not checked: a signature of {name}"
        if who in keys:
            witness = keys[who][0] == WITNESS
            at = int.from_bytes(blob[4:12], "big") * witness
            need(at <= LAST_SECOND, "a witness signed a time there is not")
            text = f"cosignature/v1\ntime {at}\n{note.text}" if witness else note.text
            check_signature(keys[who][1:], text.encode(), blob[12 if witness else 4 :])
            told[who] = f"signed by {name}" + f", {EPOCH + timedelta(0, at)} UTC" * witness
    need({*keys} <= {*told} and note.origin == log[0][0], "a key that was given has not signed")
    return told.values()
