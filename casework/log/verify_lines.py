"""What lies in a bundle: lines of canonical JSON, and the form each event must have."""
# fmt: off

import json
import os
import re
import stat
from datetime import date, datetime
from pathlib import Path
from typing import Any

LIMIT, DEPTH, GREATEST, PAIR = 1 << 24, 32, 1 << 53, 2
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(rf"{DAY.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}\.[0-9]{{6}}Z")
NO_BRACKETS = bytes({*range(256)}.difference(b"[]{}"))
DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
LONG = b"0" * 16  # what stands, once all digits are the same, in every number that is too great
HASH_DIGITS, HEX = 64, "0123456789abcdef"
FORMATS = (1, 2)
KINDS = frozenset(("case", "cause", "conference", "digest", "holiday", "intake", "office",
                   "organisation", "paper", "person", "register", "request", "template", "view"))
ACTS = frozenset((
    "add", "amend", "answer", "ask", "ask-time", "assign", "away", "back", "close", "confirm",
    "contest", "coordinate", "correct", "deactivate", "edit", "end", "extend", "found", "grant",
    "hold", "import", "issue", "key", "link", "loss", "move", "note", "notify", "policy",
    "propose", "reassign", "recompute", "redact", "refuse", "refuse-time", "refused", "remind",
    "remove", "renew-key", "reopen", "reopen as assigned", "reopen as proposed",
    "reopen as studied", "reply", "resolve", "resume", "retire", "return", "revoke", "rules",
    "study", "trial", "uphold", "verdict", "withdraw", "withdraw-time", "witness"))

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
       "document_date": is_day, "command": is_command, "deputy_of": is_text,
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
