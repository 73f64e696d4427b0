"""Check an evidence bundle of a casework log: one file, Python 3.8 or newer, nothing else needed.

    python3 verify_bundle.py FOLDER --key KEY... [--witness KEY]... [--checkpoint FILE]
                             [--strict] [--whole | --cases-whole]

KEY is the log's public key, name+id+key, as the office told it elsewhere: no bundle vouches for
itself. FILE is a checkpoint of the same log, kept from another day, or of a log it goes on from
after a loss; where another key signed that one, give both. Read on: this is the recipe. It is one
file, however long, because it is read, compared and hashed as one, and takes nothing from the
folder it lies in.

The verdict says what is proved. WHOLE LOG: every event up to the checkpoint is here. CASES WHOLE:
the office signed a list of these cases with the last event of each, and all of them are here.
A PART: what is here was recorded, and later events of these cases may exist; anybody who handed
the folder on may have left them out. --whole takes only the first, --cases-whole the first two.
Exit: 0 in order, 1 tampered with, 2 unreadable or wrongly asked, 3 in order but older than FILE.
"""
# fmt: off

import sys

if __name__ == "__main__":
    # No module may come from the folder this file lies in, nor from any but Python's own: a file
    # json.py put beside it would run in its place.
    own = getattr(sys.flags, "safe_path", False) or sys.flags.isolated
    rest = sys.path[0 if own else 1:]
    sys.path[:] = [p for p in rest if p.startswith((sys.base_prefix, sys.base_exec_prefix))] or rest
    import os
    here = os.path.realpath(__file__).rpartition(os.sep)[0]
    near = {here, *map(os.path.realpath, (".", *sys.argv[1:]))}
    sys.path[:] = [p for p in sys.path if os.path.realpath(p) not in near]

import json
import os
import re
import stat
from base64 import b64decode
from collections import namedtuple
from datetime import date, datetime, timedelta
from hashlib import sha256, sha512
from itertools import zip_longest
from pathlib import Path
from typing import Any

IN_ORDER, TAMPERED, UNREADABLE, OLDER = range(4)
VERDICTS = ("IN ORDER", "NOT IN ORDER", "CANNOT BE CHECKED", "IN ORDER, BUT OLDER")
WHOLE_LOG, CASES_WHOLE, PART = ("WHOLE LOG", "CASES WHOLE",
                                "A PART: later events of these cases may exist")
LOG, WITNESS, EPOCH, LIMIT = 1, 4, datetime(1970, 1, 1), 1 << 24  # noqa: DTZ001 - it is UTC
KEY_ID, KEY_BYTES, SALT_BYTES, PAIR = 4, 32, 16, 2
NOTE_LIMIT, LAST_SECOND, DEPTH, GREATEST = 1 << 16, 253402300799, 32, 1 << 53
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
PROOF = re.compile(rb'{"from":([0-9]+),"hash":"([0-9a-f]{64})","to":([0-9]+)}')
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(rf"{DAY.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}\.[0-9]{{6}}Z")
NO_BRACKETS = bytes({*range(256)}.difference(b"[]{}"))
DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
LONG = b"0" * 16  # what stands, once all digits are the same, in every number that is too great
HASH_DIGITS, HEX = 64, "0123456789abcdef"
FORMATS = (1, 2)
KINDS = frozenset(("case", "cause", "conference", "digest", "holiday", "intake", "office",
                   "organisation", "person", "register", "request"))
ACTS = frozenset((
    "add", "amend", "answer", "ask", "ask-time", "assign", "close", "confirm", "contest",
    "coordinate", "correct", "deactivate", "edit", "end", "extend", "found", "grant", "hold",
    "import", "key", "link", "loss", "move", "note", "policy", "propose", "reassign", "recompute",
    "redact", "refuse", "refuse-time", "refused", "remind", "remove", "renew-key", "reopen",
    "reopen as assigned", "reopen as proposed", "reopen as studied", "resolve", "resume", "retire",
    "return", "revoke", "rules", "study", "trial", "uphold", "withdraw-time", "witness"))
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)
Checkpoint = namedtuple("Checkpoint", "text origin size root signatures")  # noqa: PYI024

class TamperedError(Exception):
    """What shows that a bundle is not what was signed; other errors mean that it is unreadable."""

def need(condition: object, message: str, error: Any = TamperedError) -> None:
    """Refuse the bundle unless a condition holds."""
    if not condition:
        raise error(message)

def number(digits: str) -> int:
    """Read a number of JSON: a whole one that every reader holds exactly (RFC 8259, 6)."""
    need(len(digits) <= len(str(-GREATEST)) and abs(int(digits)) <= GREATEST, digits, ValueError)
    return int(digits)

# What may stand behind the value is found when it is spelled again.
parse = json.JSONDecoder(parse_float=number, parse_constant=number).raw_decode
parse_long = json.JSONDecoder(parse_int=number, parse_float=number,
                              parse_constant=number).raw_decode
spell = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

def sound(value: Any, depth: int = DEPTH) -> bool:
    """Tell whether a value is nested no deeper than is allowed, and holds no number too great."""
    if isinstance(value, (dict, list)):
        inner = value.values() if isinstance(value, dict) else value
        return depth > 0 and all(sound(one, depth - 1) for one in inner)
    return not isinstance(value, float) and (type(value) is not int or abs(value) <= GREATEST)

def is_shallow(line: bytes) -> bool:
    """Tell whether the value a line spells is nested but little, as nearly all are."""
    if line.count(b"[") + line.count(b"{") <= DEPTH:
        return True
    brackets = line.translate(None, NO_BRACKETS)
    for _ in range(DEPTH // 4):
        # Each time a level goes, of either kind; of brackets within texts some may be left.
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if not brackets:
            return True
    return False

def opened(path: Path) -> Any:
    """Open a file; what makes its reader wait, or never ends, is refused at once."""
    wrong = f"{path.name} is no regular file"
    need(stat.S_ISREG(path.stat().st_mode), wrong, ValueError)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(str(path), flags), "rb")
    need(stat.S_ISREG(os.fstat(file.fileno()).st_mode), wrong, ValueError)
    return file

def lines(path: Path) -> Any:
    """Yield place, bytes and value of each line of JSON; a value can be spelled in one way only.

    What was hashed is the line without its end, so that another one (CR LF) changes nothing.
    """
    with opened(path) as file:
        for place, line in enumerate(iter(lambda: file.readline(LIMIT), b""), 1):
            where = f"{path.name}, line {place}"
            if len(line) >= LIMIT:
                raise ValueError(f"{where}: this line is too long")
            bare = (line[3:] if place == 1 and line[:3] == b"\xef\xbb\xbf" else line).rstrip()
            if not bare:
                continue
            try:
                read = parse_long if LONG in bare.translate(DIGITS) else parse
                value, _ = read(bare.decode())
                exact = spell(value).encode()
            except (ValueError, RecursionError):
                raise ValueError(f"{where}: this is no line of JSON") from None
            if bare != exact or not (is_shallow(bare) or sound(value)):
                raise TamperedError(f"{where}: this is not in canonical form")
            yield where, exact, value

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

def tree(lo: int, hi: int, known: Any) -> Any:
    """Return the hash of the leaves lo to hi, taking known leaves and subtrees (RFC 6962, 2.1)."""
    if (lo, hi) in known:
        return known.pop((lo, hi))
    if hi - lo == 1:
        raise TamperedError(f"event {lo} is missing")
    middle = lo + (1 << (hi - lo - 1).bit_length() - 1)
    return sha256(b"\1" + tree(lo, middle, known) + tree(middle, hi, known)).digest()

def is_text(value: Any) -> bool:
    """Tell whether a value is a text that is not empty."""
    return type(value) is str and value != ""

def is_number(value: Any, least: int = 0) -> bool:
    """Tell whether a value is a whole number from the least one on; true and false are none."""
    return type(value) is int and value >= least

def is_moment(value: Any) -> bool:
    """Tell whether a value is a time stamp as a log writes it: UTC, to the microsecond."""
    try:
        return bool(isinstance(value, str) and MOMENT.fullmatch(value)
                    and datetime.fromisoformat(value[:-1]))
    except ValueError:
        return False

def is_day(value: Any) -> bool:
    """Tell whether a value is an ISO date."""
    try:
        return bool(isinstance(value, str) and DAY.fullmatch(value) and date.fromisoformat(value))
    except ValueError:
        return False

def is_sealed(value: Any) -> bool:
    """Tell whether a value is a commitment, which stands for what is disclosed apart."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    digest = value.get("commitment")
    return isinstance(digest, str) and len(digest) == HASH_DIGITS and not digest.strip(HEX)

def are_changes(value: Any) -> bool:
    """Tell whether a value has the old and the new value of fields, each in clear or sealed."""
    if not isinstance(value, dict):
        return False
    for pair in value.values():
        if type(pair) is not list or len(pair) != PAIR:
            return False
        for one in pair:
            kind = type(one)
            if kind is dict and not is_sealed(one):
                return False
            if kind in (float, list) and not sound(one):
                return False
    return True

def is_place(value: Any) -> bool:
    """Tell whether a value names a disclosure: the number of its event, and its path there."""
    return isinstance(value, list) and len(value) == PAIR and (
        is_number(value[0]) and is_text(value[1]))

def is_word(value: Any) -> bool:
    """Tell whether a value is a text that may be absent, in clear or sealed."""
    return value is None or is_text(value) or is_sealed(value)

def are_places(value: Any) -> bool:
    """Tell whether a value names disclosures."""
    return isinstance(value, list) and all(map(is_place, value))

def is_command(value: Any) -> bool:
    """Tell whether a value names a command: by its key, and by what it is called."""
    return isinstance(value, dict) and {*value} == {"key", "what"} and (
        all(map(is_text, value.values())))

MUST = {
    "v": is_number, "kind": is_text, "act": is_text, "actor": is_text, "key": is_text,
    "tool": is_text,
    "recorded_at": is_moment, "effective_on": is_day, "seq": is_number,
    "prev": lambda v: is_number(v, -1), "version": lambda v: is_number(v, 1),
    "changes": are_changes,
}
KNOWN: Any = {"v": FORMATS, "kind": KINDS, "act": ACTS}
MAY = {"login": is_word, "note": is_word, "reason": is_word, "document": is_word,
       "document_date": is_day, "command": is_command,
       "reported": lambda v: isinstance(v, dict) and sound(v),
       "redacts": are_places, "amends": is_number, "strikes": is_number}

def check_form(where: str, event: Any) -> None:
    """Check that an event has all its members, and each the form it must have.

    What only a later program may know cannot be checked; that does not mean tampering.
    """
    need(isinstance(event, dict), f"{where}: this is no event")
    for name, form in MUST.items():
        if not form(event.get(name)):
            raise TamperedError(f"{where}: its {name} is {spell(event.get(name))[:60]}")
    for name, known in KNOWN.items():
        if event[name] not in known:
            raise ValueError(f"{where}: its {name} is {spell(event[name])[:60]}, which is unknown"
                             " here; a later program may know it, and its own verifier")
    for name in event.keys() - MUST.keys():
        form = MAY.get(name, sound)
        if event[name] is not None and not form(event[name]):
            raise TamperedError(f"{where}: its {name} is {spell(event[name])[:60]}")

def check_event(where: str, event: Any, values: Any, last: Any) -> Any:
    """Check that an event continues its record's history, and the values it committed to.

    Return the paths of those values that are not disclosed.
    """
    subject, follows = (event["kind"], event["key"]), (event["prev"], event["version"] - 1)
    if follows != last.get(subject, (-1, 0)):
        raise TamperedError(f"{where}: an event before this one is missing")
    held = [(f"{name}.{i}", v) for name, pair in event["changes"].items()
            for i, v in enumerate(pair) if isinstance(v, dict)]
    held += [(name, event.get(name)) for name in ("login", "note", "reason", "document")]
    sealed = {path: v["commitment"] for path, v in held if isinstance(v, dict)}
    for path, (salt, value) in values.items():
        own = bytes.fromhex(salt)
        blob = b"casework/field/1\0" + own + spell(value).encode()
        right = sealed.get(path) == sha256(blob).hexdigest() and len(own) == SALT_BYTES
        if not right or own.hex() != salt:
            raise TamperedError(f"{where}: {path} is not what was committed to")
    return sealed.keys() - values.keys()

def check_contents(folder: Path, note: Any) -> Any:
    """Check every event, its values and its place in the log; return what was found.

    That is the hashes, the end of each record, the times, and of the values how many are disclosed,
    how many an event says were erased, and how many were left out otherwise.
    """
    last: Any = {}
    known, moments, shown, left, erased, seq, end = {}, [], 0, set(), 0, -1, 0
    for pair in zip_longest(lines(folder / "events.jsonl"), lines(folder / "disclosed.jsonl")):
        need(None not in pair, "events.jsonl and disclosed.jsonl have not equally many lines")
        (where, body, event), (_, line, disclosed) = pair
        check_form(where, event)
        if not isinstance(disclosed, dict):
            raise TamperedError(f"{where}: disclosed.jsonl holds something else there")
        before, seq, (_, values) = seq, event["seq"], disclosed.values()
        if not before < seq < note.size or not line.startswith(b'{"seq":%d,"values":' % seq):
            raise TamperedError(f"{where}: it is out of order, or values of another event are")
        shown += len(values)
        left |= {(seq, path) for path in check_event(where, event, values, last)}
        for place in event.get("redacts") or ():
            erased, left = erased + (tuple(place) in left), left - {tuple(place)}
        known[seq, seq + 1] = sha256(b"\0" + body).digest()
        last[event["kind"], event["key"]] = seq, event["version"]
        moments.append(event["recorded_at"])
    for where, line, proof in lines(folder / "proofs.jsonl"):
        before, lo, end = end, proof["from"], proof["to"]
        right = PROOF.fullmatch(line) and before <= lo and (lo, end) not in known
        need(right, f"{where}: it is out of order, or of another form")
        need(end <= note.size, f"{where}: the log has no such events")
        known[lo, end] = bytes.fromhex(proof["hash"])
    right = tree(0, note.size, rest := dict(known)) == note.root and moments and not rest
    need(right, "the events are not those the checkpoint covers")
    return known, last, moments, (shown, erased, len(left))

def list_of_cases(note: Any, ends: Any) -> str:
    """Return the text an office signs to say where cases end, at the size and root of a note.

    `ends` has the number of the last event of each case.
    """
    listed = "".join(spell({"case": case, "last": ends[case]}) + "\n" for case in sorted(ends))
    return f"{CASES}\n{note.origin}\n" + "\n".join(note.text.splitlines()[1:3]) + f"\n{listed}"

def proved(folder: Path, note: Any, log: Any, last: Any, shown: int) -> str:
    """Return what a bundle proves beyond that what is in it was recorded.

    A list of cases that the office did not sign, or that names other events than are here, shows
    that something was left out: it is refused. One that is not there proves nothing.
    """
    path = folder / "cases.txt"
    ends = {key: seq for (kind, key), (seq, _) in last.items() if kind == "case"}
    if path.exists() or path.is_symlink():
        match, signed = read_note(path, LIST, "signed list of cases", LIMIT)
        text = match[1]
        signers(Checkpoint(text, match[2], 0, b"", signed), log)
        need(text == list_of_cases(note, ends),
             "cases.txt: the office's list of cases ends with other events than this bundle")
        if shown < note.size:
            return CASES_WHOLE
    return WHOLE_LOG if shown == note.size else PART

def followed(folder: Path, kept: Any, note: Any) -> Any:
    """Follow a checkpoint kept of an earlier log to the one that goes on from it.

    The events of the register say so, which only the bundle of the whole log holds. Return how the
    first of them put it, in a list; an empty one where the log is the same.
    """
    names: Any = {}
    name, told = kept.origin, []
    for _, _, event in lines(folder / "events.jsonl") if name != note.origin else ():
        if event["kind"] == "register" and "origin" in event["changes"]:
            old, new = event["changes"]["origin"]
            names[old] = new, event["seq"], event["act"]
    while name != note.origin:
        need(name in names, f"the checkpoint given is of the log {kept.origin}, and no event here"
             f" says that {note.origin} goes on from it", ValueError)
        was, (name, seq, act) = name, names.pop(name)
        told += [f"the log {was} ended with event {seq} ({act}): {name} goes on from it"]
        need(kept.size <= seq or len(told) > 1,
             f"not all of the {kept.size} events of the checkpoint given are left: {told[0]}")
    return told

def wanted(words: Any) -> Any:
    """Read the command line; wrong words are told, and the exit code is 2."""
    import argparse

    parser = argparse.ArgumentParser(
        description=__doc__, usage=argparse.SUPPRESS, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("folder", "--checkpoint"):
        parser.add_argument(name)
    for name in ("--key", "--witness"):
        parser.add_argument(name, action="append", default=[])
    for name in ("--strict", "--whole", "--cases-whole"):
        parser.add_argument(name, action="store_true")
    return parser.parse_args(words)

def check(words: Any) -> Any:
    """Check what is asked for; return what to print, the exit code, and what is proved."""
    told = wanted(words)
    need(told.key, "there is no --key; it must come from elsewhere than the bundle", ValueError)
    keys, witnesses = ([read_key(word, kind) for word in words]
                       for words, kind in ((told.key, LOG), (told.witness, WITNESS)))
    folder = Path(told.folder)
    note = read_checkpoint(folder / "checkpoint.txt")
    log = signing(note, keys)
    need(note.size, "checkpoint.txt covers no event", ValueError)
    signed = signers(note, log, witnesses, strict=told.strict)
    known, last, moments, (open_, erased, left) = check_contents(folder, note)
    scope = proved(folder, note, log, last, len(moments))
    report = [f"case {key}: {n} events" for (kind, key), (_, n) in last.items() if kind == "case"]
    report += [(f"{open_} private values are disclosed, {erased} erased as an event says,"
               f" {left} withheld"), *signed]
    back = sum(map(str.__gt__, moments, moments[1:]))
    report += [f"the clock of the log went back {back} times"] * bool(back)
    report += [f"log {note.origin}, size {note.size}, root {note.root.hex()}"]
    report += [f"{len(moments)} of {note.size} events, recorded from {moments[0]} to {moments[-1]}"]
    need(scope == WHOLE_LOG or not told.whole, f"this is not the whole log: {report[-1]}")
    need(scope != PART or not told.cases_whole, f"this is {scope}; {report[-1]}")
    kept = note if told.checkpoint is None else read_checkpoint(Path(told.checkpoint))
    signers(kept, signing(kept, [*keys, renamed(log, kept.origin)]))
    lost = followed(folder, kept, note)
    report[-1:-1] = lost[:1]
    if kept.size > note.size:
        return [*report, f"the checkpoint given covers {kept.size} events"], OLDER, scope
    places = {0, *(hi for _, hi in known)}
    need(kept.size in places, f"no proof from {kept.size} events on", ValueError)
    before = tree(0, kept.size, known) if kept.size else sha256().digest()
    need(before == kept.root, f"its first {kept.size} events were other ones" + "".join(lost))
    return report, IN_ORDER, scope

def main(words: Any) -> Any:
    """Check, print what was found or why the bundle is refused, and return the exit code."""
    try:
        report, code, scope = check(words)
    except Exception as error:  # noqa: BLE001 - what cannot be taken apart cannot be checked
        code, scope = TAMPERED if isinstance(error, TamperedError) else UNREADABLE, ""
        report = [str(error)]
    verdict = f"{VERDICTS[code]}, {scope}" if code == IN_ORDER else VERDICTS[code]
    report[-1] = f"{verdict}: {report[-1]}" if scope != PART or code else f"{verdict}; {report[-1]}"
    text = "".join("".join(c if c.isprintable() else "?" for c in line) + "\n" for line in report)
    (sys.stdout if code in (IN_ORDER, OLDER) else sys.stderr).buffer.write(text.encode())
    return code

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
