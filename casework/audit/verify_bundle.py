"""Check an evidence bundle of a casework log: one file, Python 3.8 or newer, nothing else needed.

    python3 verify_bundle.py FOLDER --key KEY [--witness KEY]... [--checkpoint FILE] [--strict]

KEY is the log's public key, name+id+key, as the office told it elsewhere: no bundle vouches for
itself. FILE is a checkpoint of the same log, kept from another day. Read on: this is the recipe.
Exit: 0 in order, 1 tampered with, 2 unreadable or wrongly asked, 3 in order but older than FILE.
"""
# fmt: off

import argparse
import json
import re
import sys
from base64 import b64decode
from collections import namedtuple
from datetime import datetime, timedelta
from hashlib import sha256, sha512
from itertools import zip_longest
from pathlib import Path
from typing import Any

IN_ORDER, TAMPERED, UNREADABLE, OLDER = range(4)
VERDICTS = ("IN ORDER", "NOT IN ORDER", "CANNOT BE CHECKED", "IN ORDER, BUT OLDER")
LOG, WITNESS, EPOCH, LIMIT = 1, 4, datetime(1970, 1, 1), 1 << 24  # noqa: DTZ001 - it is UTC
BASE64 = "((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?)"
NOTE = re.compile(rf"((\S+)\n([1-9][0-9]{{0,15}})\n{BASE64}\n)\n((?:— \S+ {BASE64}\n)+)")
PROOF = re.compile(rb'{"from":([0-9]+),"hash":"([0-9a-f]{64})","to":([0-9]+)}')
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)
Checkpoint = namedtuple("Checkpoint", "text origin size root signatures")  # noqa: PYI024
parse = json.JSONDecoder(parse_float=int, parse_constant=int).decode  # int() refuses 1.5 and NaN
spell = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

class TamperedError(Exception):
    """What shows that a bundle is not what was signed; other errors mean that it is unreadable."""

def need(condition: object, message: str, error: Any = TamperedError) -> None:
    """Refuse the bundle unless a condition holds."""
    if not condition:
        raise error(message)

def lines(path: Path) -> Any:
    """Yield place, bytes and value of each line of JSON; a value can be spelled in one way only."""
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(LIMIT), b""), 1):
            where = f"{path.name}, line {number}"
            try:
                exact = spell(value := parse(line.decode())).encode()
            except (ValueError, RecursionError):
                raise ValueError(f"{where}: this is no line of JSON") from None
            need(line == exact + b"\n", f"{where}: this is not in canonical form")
            yield where, exact, value

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
    match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})", text)
    name, key = (match[1], b64decode(match[3])) if match else ("", b"\0")
    digest = sha256(f"{name}\n".encode() + key).digest()[:4]
    need(match and digest.hex() == match[2] and key[0] == kind, f"no such key: {text}", ValueError)
    return (name, digest), key

def read_checkpoint(path: Path) -> Any:
    """Read a checkpoint: origin, size, root; an empty line; signatures (C2SP tlog-checkpoint)."""
    with path.open("rb") as file:
        match: Any = NOTE.fullmatch(file.read(LIMIT).decode())
    need(match, f"{path.name} is no signed checkpoint", ValueError)
    signed = [(name, b64decode(word)) for _, name, word in map(str.split, match[5].splitlines())]
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
            text = f"cosignature/v1\ntime {at}\n{note.text}" if witness else note.text
            check_signature(keys[who][1:], text.encode(), blob[12 if witness else 4 :])
            told[who] = f"signed by {name}" + f", {EPOCH + timedelta(0, at)} UTC" * witness
    need({*keys} <= {*told} and note.origin == log[0][0], "a key that was given has not signed")
    return told.values()

def tree(lo: int, hi: int, known: Any) -> Any:
    """Return the hash of the leaves lo to hi, taking known leaves and subtrees (RFC 6962, 2.1)."""
    if (lo, hi) in known:
        return known.pop((lo, hi))
    need(hi - lo > 1, f"event {lo} is missing")
    middle = lo + (1 << (hi - lo - 1).bit_length() - 1)
    return sha256(b"\1" + tree(lo, middle, known) + tree(middle, hi, known)).digest()

def check_event(where: str, event: Any, values: Any, last: Any) -> int:
    """Check that an event continues its record's history, and the values it committed to."""
    subject, follows = (event["kind"], event["key"]), (event["prev"], event["version"] - 1)
    need(follows == last.get(subject, (-1, 0)), f"{where}: an event before this one is missing")
    held = {f"{name}.{i}": v for name, pair in event["changes"].items() for i, v in enumerate(pair)}
    held.update({name: event.get(name) for name in ("login", "note", "reason")})
    sealed = {path: v["commitment"] for path, v in held.items() if isinstance(v, dict)}
    for path, (salt, value) in values.items():
        blob = b"casework/field/1\0" + bytes.fromhex(salt) + spell(value).encode()
        right = sealed.get(path) == sha256(blob).hexdigest() and re.fullmatch("[0-9a-f]{32}", salt)
        need(right, f"{where}: {path} is not what was committed to")
    return len(sealed)

def check_contents(folder: Path, note: Any) -> Any:
    """Check every event, its values and its place in the log; return what was found."""
    last: Any = {}
    known, moments, shown, sealed, seq, end = {}, [], 0, 0, -1, 0
    for pair in zip_longest(lines(folder / "events.jsonl"), lines(folder / "disclosed.jsonl")):
        need(all(pair), "events.jsonl and disclosed.jsonl have not equally many lines")
        (where, body, event), (_, line, disclosed) = pair
        before, seq, (_, values) = seq, event["seq"], disclosed.values()
        right = before < seq and line.startswith(b'{"seq":%d,"values":' % seq)
        need(right, f"{where}: it is out of order, or disclosed.jsonl is of another event")
        sealed, shown = sealed + check_event(where, event, values, last), shown + len(values)
        known[seq, seq + 1] = sha256(b"\0" + body).digest()
        last[event["kind"], event["key"]] = seq, event["version"]
        moments.append(event["recorded_at"])
    for where, line, proof in lines(folder / "proofs.jsonl"):
        before, lo, end = end, proof["from"], proof["to"]
        right = PROOF.fullmatch(line) and before <= lo and (lo, end) not in known
        need(right, f"{where}: it is out of order, or of another form")
        known[lo, end] = bytes.fromhex(proof["hash"])
    right = tree(0, note.size, rest := dict(known)) == note.root and moments and not rest
    need(right, "the events are not those the checkpoint covers")
    return known, last, moments, shown, sealed

def check(words: Any) -> Any:
    """Check what the command line asks for; return what to print and the exit code."""
    parser = argparse.ArgumentParser(usage=argparse.SUPPRESS, description=__doc__)
    for name in ("folder", "--key", "--checkpoint"):
        parser.add_argument(name)
    parser.add_argument("--witness", action="append", default=[])
    parser.add_argument("--strict", action="store_true")
    asked = parser.parse_args(words)
    need(asked.key, "there is no --key; it must come from elsewhere than the bundle", ValueError)
    log, witnesses = read_key(asked.key, LOG), [read_key(word, WITNESS) for word in asked.witness]
    note = read_checkpoint(Path(asked.folder, "checkpoint.txt"))
    told = signers(note, log, witnesses, strict=asked.strict)
    known, last, moments, shown, sealed = check_contents(Path(asked.folder), note)
    report = [f"case {key}: {n} events" for (kind, key), (_, n) in last.items() if kind == "case"]
    report += [f"{shown} private values are disclosed, {sealed - shown} withheld", *told]
    report += [f"log {note.origin}, size {note.size}, root {note.root.hex()}"]
    report += [f"{len(moments)} of {note.size} events, recorded from {moments[0]} to {moments[-1]}"]
    kept = note if asked.checkpoint is None else read_checkpoint(Path(asked.checkpoint))
    signers(kept, log)
    if kept.size > note.size:
        return [*report, f"the checkpoint given covers {kept.size} events"], OLDER
    need(kept.size in {hi for _, hi in known}, f"no proof from {kept.size} events on", ValueError)
    need(tree(0, kept.size, known) == kept.root, f"its first {kept.size} events were other ones")
    return report, IN_ORDER

def main(words: Any) -> Any:
    """Check, print what was found or why the bundle is refused, and return the exit code."""
    try:
        report, code = check(words)
    except Exception as error:  # noqa: BLE001 - what cannot be taken apart cannot be checked
        report, code = [str(error)], TAMPERED if isinstance(error, TamperedError) else UNREADABLE
    report[-1] = f"{VERDICTS[code]}: {report[-1]}"
    text = "".join("".join(c if c.isprintable() else "?" for c in line) + "\n" for line in report)
    (sys.stdout if code in (IN_ORDER, OLDER) else sys.stderr).buffer.write(text.encode())
    return code

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
