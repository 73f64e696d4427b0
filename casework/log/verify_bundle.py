"""Check an evidence bundle of a casework log: one file, Python 3.8 or newer, nothing else needed.

    python3 verify_bundle.py FOLDER --key KEY... [--witness KEY]... [--checkpoint FILE]
                             [--strict] [--whole | --cases-whole]

KEY is the log's public key, name+id+key, as the office told it elsewhere: no bundle vouches for
itself. FILE is a checkpoint of the same log, kept from another day, or of a log it goes on from
after a loss; where another key signed that one, give both. Read on: this is the recipe; what it
calls stands below it. It is one file, however long, because it is read, compared and hashed as
one, and takes nothing from the folder it lies in.

The verdict says what is proved. WHOLE LOG: every event up to the checkpoint is here. CASES WHOLE:
the office signed a list of these cases with the last event of each, and all of them are here.
A PART: what is here was recorded, and later events of these cases may exist; anybody who handed
the folder on may have left them out. --whole takes only the first, --cases-whole the first two.
Where the states of a case do not follow one another by the days of its acts, that is told: what is
here was signed all the same.
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

import re
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any

from casework.log.verify_lines import LIMIT, TamperedError, check_form, lines, need, spell
from casework.log.verify_page import check_pages
from casework.log.verify_signed import (
    CASES,
    LIST,
    LOG,
    WITNESS,
    Checkpoint,
    read_checkpoint,
    read_key,
    read_note,
    renamed,
    signers,
    signing,
)
from casework.log.verify_states import misplaced, story

IN_ORDER, TAMPERED, UNREADABLE, OLDER = range(4)
VERDICTS = ("IN ORDER", "NOT IN ORDER", "CANNOT BE CHECKED", "IN ORDER, BUT OLDER")
WHOLE_LOG, CASES_WHOLE, PART = ("WHOLE LOG", "CASES WHOLE",
                                "A PART: later events of these cases may exist")
SALT_BYTES = 16
PROOF = re.compile(rb'{"from":([0-9]+),"hash":"([0-9a-f]{64})","to":([0-9]+)}')

def tree(lo: int, hi: int, known: Any) -> Any:
    """Return the hash of the leaves lo to hi, taking known leaves and subtrees (RFC 6962, 2.1)."""
    if (lo, hi) in known:
        return known.pop((lo, hi))
    if hi - lo == 1:
        raise TamperedError(f"event {lo} is missing")
    middle = lo + (1 << (hi - lo - 1).bit_length() - 1)
    return sha256(b"\1" + tree(lo, middle, known) + tree(middle, hi, known)).digest()

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
    for path, pair in values.items():
        salt, value = pair if type(pair) is list else ("", pair)
        own = bytes.fromhex(salt)
        blob = b"casework/field/1\0" + own + spell(value).encode()
        right = sealed.get(path) == sha256(blob).hexdigest() and len(own) == SALT_BYTES
        if not right or own.hex() != salt:
            raise TamperedError(f"{where}: {path} is not what was committed to")
    return sealed.keys() - values.keys()

def check_contents(folder: Path, note: Any) -> Any:
    """Check every event, its values and its place in the log; return what was found.

    That is the hashes, the end of each record, the times, what is told of the states of each case,
    and of the values how many are disclosed, how many an event says were erased, and how many were
    left out otherwise.
    """
    last: Any = {}
    stories: Any = {}
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
        if event["kind"] == "case" and (told := story(event)):
            stories.setdefault(event["key"], []).append(told)
        moments.append(event["recorded_at"])
    for where, line, proof in lines(folder / "proofs.jsonl"):
        before, lo, end = end, proof["from"], proof["to"]
        right = PROOF.fullmatch(line) and before <= lo and (lo, end) not in known
        need(right, f"{where}: it is out of order, or of another form")
        need(end <= note.size, f"{where}: the log has no such events")
        known[lo, end] = bytes.fromhex(proof["hash"])
    right = tree(0, note.size, rest := dict(known)) == note.root and moments and not rest
    need(right, "the events are not those the checkpoint covers")
    return known, last, moments, stories, (shown, erased, len(left))

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
    known, last, moments, stories, (open_, erased, left) = check_contents(folder, note)
    scope = proved(folder, note, log, last, len(moments))
    pages = check_pages(folder)
    report = [f"case {key}: {n} events" for (kind, key), (_, n) in last.items() if kind == "case"]
    report += [f"case {key}: its states do not follow one another: {wrong}"
               for key, told_of in stories.items() if (wrong := misplaced(told_of))]
    report += [(f"{open_} private values are disclosed, {erased} erased as an event says,"
               f" {left} withheld"), pages, *signed]
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
