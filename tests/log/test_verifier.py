"""The verifier of evidence bundles: what a bundle is, told by all that is refused as one."""

import ast
import base64
import contextlib
import os
import socket
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from casework.errors import IntegrityFailure, UsageError
from casework.log import note, tree, verifier, verify_bundle, verify_lines
from casework.log.event import canonical, commitment

SWEEP = Path(__file__).parents[1] / "faults" / "sweep_bundle.py"
ORIGIN = "7f0c.casework"
LOG = note.SigningKey(ORIGIN, note.ED25519, bytes(range(32)))
WITNESS = note.SigningKey("inspectorate", note.COSIGNATURE, bytes(range(1, 33)))
AT = 1_700_000_000
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493


# --- bundles made by hand ----------------------------------------------------------------------


def event(seq, /, **more):
    """Return an event of a log in which two cases take turns."""
    return {
        "act": "note",
        "actor": "lan",
        "changes": {},
        "effective_on": "2026-01-01",
        "key": f"X.{seq % 2}",
        "kind": "case",
        "login": None,
        "prev": seq - 2 if seq > 1 else -1,
        "recorded_at": f"2026-01-01T00:00:{seq:02d}.000000Z",
        "seq": seq,
        "tool": "casework",
        "v": 1,
        "version": seq // 2 + 1,
    } | more


def entry(seq, **values):
    return {"seq": seq, "values": values}


def signed(leaves, *keys, origin=ORIGIN, root=None, size=None):
    root = tree.subtree_hash(leaves) if root is None else root
    text = note.Checkpoint(origin, len(leaves) if size is None else size, root).text
    return f"{text}\n" + "".join(key.sign(text, AT) for key in keys)


def write(folder, events, disclosed=None, proofs=(), leaves=None, keys=(LOG, WITNESS)):
    """Write a bundle whose checkpoint is signed over whatever the events are."""
    if disclosed is None:
        disclosed = [entry(one["seq"]) for one in events]
    folder.mkdir(exist_ok=True)
    bodies = [canonical(one) for one in events]
    leaves = [tree.leaf_hash(body) for body in bodies] if leaves is None else leaves
    (folder / "events.jsonl").write_bytes(b"".join(body + b"\n" for body in bodies))
    for name, values in (("disclosed", disclosed), ("proofs", proofs)):
        lines = b"".join(canonical(one) + b"\n" for one in values)
        (folder / f"{name}.jsonl").write_bytes(lines)
    (folder / "checkpoint.txt").write_text(signed(leaves, *keys), encoding="utf-8")
    return folder


LEAVES = [tree.leaf_hash(canonical(event(seq))) for seq in range(7)]


def stretch(lo, hi, leaves=LEAVES):
    return {"from": lo, "hash": tree.subtree_hash(leaves[lo:hi]).hex(), "to": hi}


@pytest.fixture
def whole(tmp_path):
    """A bundle of a whole log of seven events."""
    return write(tmp_path / "bundle", [event(seq) for seq in range(7)])


@pytest.fixture
def part(tmp_path):
    """A bundle of the events 0, 2, 4 and 6 of that log."""
    shown = [event(seq) for seq in range(0, 7, 2)]
    hidden = [stretch(seq, seq + 1) for seq in range(1, 7, 2)]
    return write(tmp_path / "bundle", shown, proofs=hidden, leaves=LEAVES)


@pytest.fixture
def check(capsys):
    """Give a function that runs the verifier: its exit code, and what it said."""

    def run(folder, *words, key=str(LOG.verifier), witness=str(WITNESS.verifier)):
        keys = [w for pair in (("--key", key), ("--witness", witness)) if pair[1] for w in pair]
        code = verify_bundle.main([str(folder), *keys, *map(str, words)])
        out, err = capsys.readouterr()
        assert (bool(out), bool(err)) == (code in {0, 3}, code in {1, 2})
        assert code in {0, 3} or err.count("\n") == 1
        return code, out + err

    return run


def test_a_whole_log_is_found_in_order_and_told(whole, check):
    code, told = check(whole, "--strict")

    assert code == 0
    assert told.splitlines() == [
        "case X.0: 4 events",
        "case X.1: 3 events",
        "0 private values are disclosed, 0 erased as an event says, 0 withheld",
        "there is no history.html",
        f"signed by {ORIGIN}",
        "signed by inspectorate, 2023-11-14 22:13:20 UTC",
        f"log {ORIGIN}, size 7, root {tree.subtree_hash(LEAVES).hex()}",
        (
            "IN ORDER, WHOLE LOG: 7 of 7 events, recorded from 2026-01-01T00:00:00.000000Z"
            " to 2026-01-01T00:00:06.000000Z"
        ),
    ]


def test_a_part_of_a_log_is_found_in_order_and_told(part, check):
    code, told = check(part, "--strict")

    assert code == 0
    assert told.startswith("case X.0: 4 events\n0 private")
    told_of = "IN ORDER, A PART: later events of these cases may exist; 4 of 7 events, recorded"
    assert told_of in told


def test_states_that_do_not_follow_one_another_are_told(tmp_path, check):
    made = {"act": "propose", "changes": {"state": [None, "proposed"]}}
    ended = {"act": "resolve", "changes": {"state": ["proposed", "resolved"]}}
    code, told = check(write(tmp_path / "b", [event(0, **made), event(1), event(2, **ended)]))

    assert code == 0
    assert told.splitlines()[2] == (
        "case X.0: its states do not follow one another:"
        " event 2, resolve on 2026-01-01, finds it proposed"
    )


def test_records_that_are_no_cases_are_checked_and_not_listed(tmp_path, check):
    folder = write(tmp_path / "b", [event(0, kind="organisation"), event(1)])

    assert check(folder)[1].startswith("case X.1: 1 events\n0 private")


def test_the_first_words_are_the_verdict(whole, check):
    assert check(whole, key=None)[1].startswith("CANNOT BE CHECKED: ")
    assert check(whole, key="x")[1] == "CANNOT BE CHECKED: no such key: x\n"
    note_file = whole / "checkpoint.txt"
    signed_text = note_file.read_bytes()
    note_file.write_bytes(b"x")
    told = "CANNOT BE CHECKED: checkpoint.txt is no signed checkpoint\n"
    assert check(whole) == (2, told)
    note_file.write_bytes(signed_text)
    (whole / "disclosed.jsonl").write_bytes(canonical(entry(0)) + b"\n")
    told = "NOT IN ORDER: events.jsonl and disclosed.jsonl have not equally many lines\n"
    assert check(whole) == (1, told)


# --- keys and checkpoints ----------------------------------------------------------------------


def test_without_a_key_nothing_is_checked(whole, check):
    code, told = check(whole, key=None)

    assert (code, "no --key" in told) == (2, True)


KEY = str(LOG.verifier)
NO_KEYS = {
    "empty": "",
    "a word": "key",
    "a witness's": str(WITNESS.verifier),
    "two lines": KEY + "\n" + KEY,
    "another id": KEY.replace("+", "+0", 1)[: len(ORIGIN) + 1 + 8] + KEY[len(ORIGIN) + 9 :],
    "id in capitals": ORIGIN + KEY[len(ORIGIN) :].upper(),
    "cut": KEY[:-1],
    "padded": KEY + "=",
    "space in the name": KEY.replace(".", " ."),
    "not ASCII": KEY[:-1] + "é",
}


@pytest.mark.parametrize("key", NO_KEYS.values(), ids=NO_KEYS)
def test_what_is_no_key_of_a_log_is_a_wrong_question(whole, check, key):
    assert check(whole, key=key)[0] == 2


def test_the_id_of_a_key_is_that_of_its_name(whole, check):
    blob = b"\1" + LOG.verifier.public
    other = sha256(b"other.casework\n" + blob).hexdigest()[:8]

    assert check(whole, key=f"{ORIGIN}+{other}+{base64.b64encode(blob).decode()}")[0] == 2


def test_a_witness_key_that_is_none_is_a_wrong_question(whole, check):
    assert check(whole, witness=KEY)[0] == 2
    assert check(whole, witness="inspectorate")[0] == 2


def test_a_checkpoint_by_another_key_of_the_same_name_is_refused(whole, check):
    other = note.SigningKey(ORIGIN, note.ED25519, bytes(32))

    assert check(whole, key=str(other.verifier))[0] == 1


def test_a_checkpoint_without_the_witness_that_was_asked_for_is_refused(tmp_path, check):
    folder = write(tmp_path / "b", [event(0)], keys=[LOG])

    assert check(folder, witness=None)[0] == 0
    assert check(folder)[0] == 1


def test_a_checkpoint_that_only_a_witness_signed_is_refused(tmp_path, check):
    assert check(write(tmp_path / "b", [event(0)], keys=[WITNESS]))[0] == 1


def test_a_checkpoint_of_another_origin_is_refused_though_the_key_signed_it(whole, check):
    text = signed(LEAVES, LOG, WITNESS, origin="other.casework")
    (whole / "checkpoint.txt").write_text(text, encoding="utf-8")

    assert check(whole)[0] == 1


def test_an_unknown_signature_is_told_as_not_checked_and_refused_when_strict(whole, check):
    code, told = check(whole, witness=None)

    assert (code, "not checked: a signature of inspectorate" in told) == (0, True)
    assert check(whole, "--strict", witness=None)[0] == 1


def test_a_witness_vouches_for_the_time_it_gives(whole, check):
    text = (whole / "checkpoint.txt").read_text(encoding="utf-8")
    line = text.splitlines()[-1]
    blob = base64.b64decode(line.split()[-1])
    later = blob[:4] + (AT + 1).to_bytes(8, "big") + blob[12:]
    altered = text.replace(line.split()[-1], base64.b64encode(later).decode())
    (whole / "checkpoint.txt").write_text(altered, encoding="utf-8")

    assert check(whole)[0] == 1


def test_a_witness_who_signs_a_time_there_is_not_is_refused(whole, check):
    root = tree.subtree_hash(LEAVES)
    text = note.Checkpoint(ORIGIN, 7, root).text
    lines = f"{text}\n{LOG.sign(text)}{WITNESS.sign(text, 2**64 - 1)}"
    (whole / "checkpoint.txt").write_text(lines, encoding="utf-8")

    assert check(whole)[0] == 1
    with pytest.raises(IntegrityFailure):
        note.parse(lines).by(WITNESS.verifier)


@pytest.mark.parametrize("key", [LOG, WITNESS], ids=["log", "witness"])
@pytest.mark.parametrize("more", [b"\0", bytes(8), b"\1"])
def test_a_signature_has_exactly_its_bytes(whole, check, key, more):
    path = whole / "checkpoint.txt"
    text = path.read_text(encoding="utf-8")
    (line,) = [one for one in text.splitlines() if one.startswith(f"— {key.name}")]
    blob = base64.b64decode(line.split()[-1])
    for other in (blob + more, blob[:-1], blob[:4] + more + blob[4:], blob[:5], blob[:4]):
        word = base64.b64encode(other).decode()
        path.write_text(text.replace(line.split()[-1], word), encoding="utf-8")

        # With nothing behind the key's id it is no signature line at all.
        assert check(whole)[0] == (1 if len(other) > 4 else 2), other


GOOD = signed(LEAVES, LOG, WITNESS)
TEXT, _, LINES = GOOD.partition("\n\n")
ROOT_WORD = TEXT.splitlines()[2]


def stray(text):
    """Return a text whose first padded base64 has a bit that means nothing set."""
    at = text.index("=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text[: at - 1] + alphabet[alphabet.index(text[at - 1]) ^ 1] + text[at:]


NO_CHECKPOINTS = {
    "empty": "",
    "a mark within": GOOD.replace(ORIGIN, ORIGIN + "\ufeff", 1),
    "escape in the origin": GOOD.replace(ORIGIN, ORIGIN + "\x1b", 1),
    "NUL in the origin": GOOD.replace(ORIGIN, "\0" + ORIGIN, 1),
    "space in the origin": GOOD.replace(ORIGIN, "a log", 1),
    "another end of line in the origin": GOOD.replace(ORIGIN, ORIGIN + "\u2028x", 1),
    "plus in the origin": GOOD.replace(ORIGIN, "a+log", 1),
    "no signature": TEXT + "\n\n",
    "no empty line": TEXT + "\n" + LINES,
    "two empty lines": TEXT + "\n\n\n" + LINES,
    "a line more": TEXT + "\nextension\n\n" + LINES,
    "size with a zero before it": GOOD.replace("\n7\n", "\n07\n"),
    "size with a sign": GOOD.replace("\n7\n", "\n+7\n"),
    "size in other digits": GOOD.replace("\n7\n", "\n٧\n"),
    "size of no event": GOOD.replace("\n7\n", "\n0\n"),
    "size beyond measure": GOOD.replace("\n7\n", f"\n{10**16}\n"),
    "stray bits in the root": stray(GOOD),
    "stray bits in a signature": TEXT + "\n\n" + stray(LINES),
    "root without padding": GOOD.replace(ROOT_WORD, ROOT_WORD[:-1]),
    "short root": GOOD.replace(ROOT_WORD, base64.b64encode(bytes(29)).decode()),
    "another dash": GOOD.replace("—", "-"),
    "long root": GOOD.replace(ROOT_WORD, base64.b64encode(bytes(33)).decode()),
    "two spaces": GOOD.replace("— ", "—  "),
    "a word after a signature": GOOD.rstrip() + " more\n",
    "text after the signatures": GOOD + "more\n",
}


@pytest.mark.parametrize("text", NO_CHECKPOINTS.values(), ids=NO_CHECKPOINTS)
def test_a_checkpoint_has_one_exact_form(whole, check, text):
    (whole / "checkpoint.txt").write_bytes(text.encode())

    assert check(whole)[0] in {1, 2}


@pytest.mark.parametrize("name", sorted(NO_CHECKPOINTS.keys() - {"size of no event"}))
def test_the_register_reads_checkpoints_as_strictly(name):
    with pytest.raises(UsageError):
        note.parse(note.read(NO_CHECKPOINTS[name].encode(), "the file"))


TRAVELLED = {
    "carriage returns": GOOD.replace("\n", "\r\n").encode(),
    "carriage returns twice": GOOD.replace("\n", "\r\r\n").encode(),
    "carriage returns alone": GOOD.replace("\n", "\r").encode(),
    "no newline at the end": GOOD[:-1].encode(),
    "newlines too many": ("\n" + GOOD + "\n\n").encode(),
    "byte order mark": ("\ufeff" + GOOD).encode(),
    "both": ("\ufeff" + GOOD.replace("\n", "\r\n")).encode(),
    "UTF-16": ("\ufeff" + GOOD.replace("\n", "\r\n")).encode("utf-16-le"),
    "UTF-16, big end first": ("\ufeff" + GOOD).encode("utf-16-be"),
    "trailing blanks": GOOD.replace("\n", " \t\n").encode(),
    "no-break spaces": GOOD.replace("\n", "\xa0\n").encode(),
    "indented": "".join(f"    {line}\n" for line in GOOD.splitlines()).encode(),
    "quoted": "".join(f"> {line}\n" for line in GOOD.splitlines()).encode(),
    "quoted, but for empty lines": "".join(
        f"> {line}\n" if line else "\n" for line in GOOD.splitlines()
    ).encode(),
    "quoted twice": "".join(f">> {line}\r\n" for line in GOOD.splitlines()).encode(),
    "signatures broken at the blank": GOOD.replace("casework ", "casework\n").encode(),
}


@pytest.mark.parametrize("data", TRAVELLED.values(), ids=TRAVELLED)
def test_a_checkpoint_that_travelled_is_read_as_it_was_signed(whole, check, data):
    (whole / "checkpoint.txt").write_bytes(data)

    assert note.parse(note.read(data, "the file")).note == GOOD
    assert check(whole, "--strict", "--whole")[0] == 0
    assert check(whole, "--checkpoint", whole / "checkpoint.txt")[0] == 0


def test_a_signed_text_has_a_greatest_length(whole, check):
    (whole / "checkpoint.txt").write_bytes(GOOD.encode() + b" " * note.NOTE_LIMIT)

    assert check(whole)[0] == 2
    with pytest.raises(UsageError):
        note.read(GOOD.encode() + b" " * note.NOTE_LIMIT, "the file")


# --- lines of JSON -----------------------------------------------------------------------------

LINES_REFUSED = {
    "a blank": (b'{"a": 1}\n', 1),
    "a blank before": (b' {"a":1}\n', 2),
    "two marks": (b'\xef\xbb\xbf\xef\xbb\xbf{"a":1}\n', 2),
    "UTF-16": ('{"a":1}\n'.encode("utf-16"), 2),
    "another order": (b'{"b":1,"a":1}\n', 1),
    "a name twice": (b'{"a":1,"a":1}\n', 1),
    "an escape that is not needed": (b'{"a":"\\u00e9"}\n', 1),
    "an escaped slash": (b'{"a":"\\/"}\n', 1),
    "half a surrogate pair": (b'{"a":"\\ud800"}\n', 2),
    "half a pair as bytes": (b'{"a":"\xed\xa0\x80"}\n', 2),
    "not UTF-8": (b'{"a":"\xff"}\n', 2),
    "NaN": (b'{"a":NaN}\n', 2),
    "infinity": (b'{"a":-Infinity}\n', 2),
    "a fraction": (b'{"a":1.5}\n', 2),
    "an exponent": (b'{"a":1e400}\n', 2),
    "minus zero": (b'{"a":-0}\n', 1),
    "a number without end": (b'{"a":' + b"9" * 5_000 + b"}\n", 2),
    "a number of 64 bits": (b'{"a":18446744073709551616}\n', 2),
    "one too great": (b'{"a":9007199254740993}\n', 2),
    "nested as no event is": (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}\n", 1),
    "control character": (b'{"a":"\x01"}\n', 2),
    "two values": (b'{"a":1}{"a":1}\n', 1),
    "cut": (b'{"a":\n', 2),
    "nested too deep": (b"[" * 100_000 + b"]" * 100_000 + b"\n", 2),
    "nothing but opened": (b"[" * 1_000_000, 2),
    "binary": (bytes(range(256)), 2),
    "too long": (b'"' + b"a" * verify_lines.LIMIT + b'"\n', 2),
}


@pytest.mark.parametrize(("data", "expected"), LINES_REFUSED.values(), ids=LINES_REFUSED)
def test_a_line_is_one_value_in_its_one_spelling(whole, check, data, expected):
    path = whole / "events.jsonl"
    path.write_bytes(data + path.read_bytes())
    code, told = check(whole)

    assert (code, told.count("events.jsonl, line 1:")) == (expected, 1)


TRANSPORT = {
    "no last newline": lambda data: data[:-1],
    "newlines more": lambda data: b"\n" + data.replace(b"\n", b"\n\n"),
    "carriage returns": lambda data: data.replace(b"\n", b"\r\n"),
    "a mark and carriage returns": lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"),
    "blanks behind": lambda data: data.replace(b"\n", b" \t\n"),
}


@pytest.mark.parametrize("name", ["events.jsonl", "disclosed.jsonl", "proofs.jsonl"])
@pytest.mark.parametrize("how", TRANSPORT.values(), ids=TRANSPORT)
def test_what_ends_a_line_is_not_what_was_hashed(part, check, name, how):
    (part / name).write_bytes(how((part / name).read_bytes()))

    assert check(part)[0] == 0


@pytest.mark.parametrize("name", ["events.jsonl", "disclosed.jsonl", "proofs.jsonl"])
@pytest.mark.parametrize("line", [b"[]", b"1", b"{}", b"null", b'"text"'])
def test_a_line_that_is_something_else_is_refused(part, check, name, line):
    data = (part / name).read_bytes()
    for other in (line + b"\n" + data, data + line + b"\n"):
        (part / name).write_bytes(other)

        assert check(part)[0] in {1, 2}


def test_a_name_of_a_case_cannot_write_on_the_terminal(tmp_path, check):
    folder = write(tmp_path / "b", [event(0, key="X\n\x1b[2J\u202eIN ORDER")])
    told = check(folder)[1]

    assert told.splitlines()[0] == "case X??[2J?IN ORDER: 1 events"
    assert "\x1b" not in told


# --- events, values, proofs --------------------------------------------------------------------


def test_the_log_begins_at_its_beginning_and_lacks_nothing(tmp_path, check):
    events = [event(seq) for seq in range(7)]
    for at in range(7):
        rest = events[:at] + events[at + 1 :]
        folder = write(tmp_path / f"b{at}", rest, leaves=LEAVES)

        assert check(folder)[0] == 1, at


def test_an_event_too_many_is_refused(tmp_path, check):
    events = [event(seq) for seq in range(8)]

    assert check(write(tmp_path / "b", events, leaves=LEAVES))[0] == 1


BROKEN = {
    "a first event that has one before it": [event(0, prev=0)],
    "a first event of a later version": [event(0, version=2)],
    "a second beginning": [event(0), event(1), event(2, prev=-1, version=1)],
    "a gap in the versions": [event(0), event(1), event(2, version=3)],
    "a version twice": [event(0), event(1), event(2, version=1)],
    "another one before it": [event(0), event(1), event(2, prev=1)],
    "numbers that do not rise": [event(1), event(0)],
    "a number twice": [event(0), event(0, key="X.9")],
    "a number below zero": [event(-1), event(0, key="X.9")],
}


@pytest.mark.parametrize("events", BROKEN.values(), ids=BROKEN)
def test_a_history_that_does_not_follow_is_refused_though_it_was_signed(tmp_path, check, events):
    assert check(write(tmp_path / "b", events))[0] == 1


def test_histories_of_two_kinds_with_one_key_are_two(tmp_path, check):
    folder = write(tmp_path / "b", [event(0), event(1, key="X.0", kind="person")])

    assert check(folder)[0] == 0


def test_an_event_left_out_of_a_part_is_missed_even_behind_a_right_proof(tmp_path, check):
    every = [event(seq) for seq in range(0, 7, 2)]
    for at, code in ((0, 1), (1, 1), (2, 1), (3, 0)):
        shown = every[:at] + every[at + 1 :]
        numbers = {one["seq"] for one in shown}
        hidden = [stretch(seq, seq + 1) for seq in range(7) if seq not in numbers]
        folder = write(tmp_path / f"b{at}", shown, proofs=hidden, leaves=LEAVES)

        # The last one can be left out: a history is complete up to the last event shown.
        assert check(folder)[0] == code, at


def test_a_part_may_hide_long_stretches(tmp_path, check):
    events = [event(0), event(1)]
    folder = write(tmp_path / "b", events, proofs=[stretch(2, 4), stretch(4, 7)], leaves=LEAVES)

    assert check(folder)[0] == 0


def test_a_part_may_begin_after_the_first_event(tmp_path, check):
    shown = [event(seq) for seq in (1, 3, 5)]
    hidden = [stretch(seq, seq + 1) for seq in (0, 2, 4, 6)]
    folder = write(tmp_path / "b", shown, proofs=hidden, leaves=LEAVES)

    assert check(folder)[0] == 0


def test_events_stand_in_the_order_of_their_numbers(tmp_path, check):
    code, said = check(write(tmp_path / "b", [event(1), event(0)], leaves=LEAVES[:2]))

    assert code == 1
    assert "out of order" in said


def test_no_two_events_have_one_number(tmp_path, check):
    forged = {**event(0), "key": "forged"}

    code, said = check(write(tmp_path / "b", [forged, event(0), event(1)], leaves=LEAVES[:2]))

    assert code == 1
    assert "out of order" in said


SINGLE = [event(0)]
REST = [stretch(1, 2), stretch(2, 4), stretch(4, 7)]
BAD_PROOFS = {
    "a stretch missing": REST[:2],
    "a stretch twice": [*REST, REST[2]],
    "a stretch too many": [*REST, stretch(4, 6)],
    "out of order": [REST[1], REST[0], REST[2]],
    "over an event that is shown": [stretch(0, 1), *REST],
    "over events that are shown": [stretch(0, 2), *REST[1:]],
    "over everything": [stretch(0, 7)],
    "a stretch that is no subtree": [stretch(1, 3), stretch(3, 4), REST[2]],
    "beyond the end": [*REST, {"from": 7, "hash": "0" * 64, "to": 8}],
    "hash in capitals": [*REST[:2], REST[2] | {"hash": REST[2]["hash"].upper()}],
    "a byte of hash too many": [*REST[:2], REST[2] | {"hash": REST[2]["hash"] + "00"}],
    "a byte of hash missing": [*REST[:2], REST[2] | {"hash": REST[2]["hash"][2:]}],
    "another hash": [*REST[:2], REST[2] | {"hash": "0" * 64}],
    "a member too many": [*REST[:2], REST[2] | {"zone": 1}],
    "true for one": [REST[0] | {"from": True}, *REST[1:]],
    "a number as text": [REST[0] | {"from": "1"}, *REST[1:]],
    "an empty stretch": [*REST, {"from": 7, "hash": "0" * 64, "to": 7}],
    "no stretch": [*REST, {}],
    "a list": [*REST, []],
}


def test_what_is_altered_below_is_in_order(tmp_path, check):
    assert check(write(tmp_path / "b", SINGLE, proofs=REST, leaves=LEAVES))[0] == 0


@pytest.mark.parametrize("proofs", BAD_PROOFS.values(), ids=BAD_PROOFS)
def test_proofs_are_exactly_what_the_root_needs(tmp_path, check, proofs):
    assert check(write(tmp_path / "b", SINGLE, proofs=proofs, leaves=LEAVES))[0] in {1, 2}


def test_a_forged_event_is_not_saved_by_the_proof_of_the_true_one(tmp_path, check):
    forged = [event(0, act="resolve")]
    for proofs in ([stretch(0, 1), *REST], [*REST, stretch(0, 1)], [stretch(0, 2), *REST[1:]]):
        assert check(write(tmp_path / "b", forged, proofs=proofs, leaves=LEAVES))[0] == 1


def test_a_bundle_without_events_proves_nothing(tmp_path, check):
    assert check(write(tmp_path / "b", [], proofs=[stretch(0, 7)], leaves=LEAVES))[0] == 1


SALT = "00112233445566778899aabbccddeeff"


def sealed(value, salt=SALT):
    return {"commitment": commitment(salt, value)}


PRIVATE = event(
    0,
    changes={"rows": [0, sealed(12)], "title": [sealed("old"), sealed("mới")]},
    login=sealed("lan"),
    note=sealed("seen"),
    reason=sealed("to be heard"),
    reported={"commitment": "is a word like any other"},
)
OPENED = {
    "login": [SALT, "lan"],
    "note": [SALT, "seen"],
    "reason": [SALT, "to be heard"],
    "rows.1": [SALT, 12],
    "title.0": [SALT, "old"],
    "title.1": [SALT, "mới"],
}


def test_disclosed_values_are_those_that_were_committed_to(tmp_path, check):
    told = check(write(tmp_path / "b", [PRIVATE], [entry(0, **OPENED)]))[1]

    assert "6 private values are disclosed, 0 erased as an event says, 0 withheld" in told


def test_what_an_event_says_was_erased_is_told_apart_from_what_was_taken_out(tmp_path, check):
    gone = [[0, "note"], [0, "title.1"], [0, "rows.1"]]
    erasure = event(1, key="X.0", prev=0, version=2, act="redact", redacts=gone)
    rest = {name: pair for name, pair in OPENED.items() if name in {"login", "rows.1"}}
    code, told = check(write(tmp_path / "b", [PRIVATE, erasure], [entry(0, **rest), entry(1)]))

    assert code == 0
    # What is erased and yet disclosed is disclosed.
    assert "2 private values are disclosed, 2 erased as an event says, 2 withheld" in told
    before = event(0, act="redact", redacts=[[1, "note"]])
    later = PRIVATE | {"seq": 1, "prev": 0, "version": 2}
    told = check(write(tmp_path / "c", [before, later], [entry(0), entry(1, **rest)]))[1]
    assert "2 private values are disclosed, 0 erased as an event says, 4 withheld" in told


@pytest.mark.parametrize("path", OPENED)
def test_a_value_that_is_withheld_is_counted(tmp_path, check, path):
    rest = {name: pair for name, pair in OPENED.items() if name != path}
    code, told = check(write(tmp_path / "b", [PRIVATE], [entry(0, **rest)]))

    assert code == 0
    assert "5 private values are disclosed, 0 erased as an event says, 1 withheld" in told


@pytest.mark.parametrize("path", OPENED)
def test_a_swapped_value_is_refused(tmp_path, check, path):
    for other in ([SALT, "swapped"], [SALT[::-1], OPENED[path][1]], [SALT, [OPENED[path][1]]]):
        disclosed = [entry(0, **OPENED | {path: other})]

        assert check(write(tmp_path / "b", [PRIVATE], disclosed))[0] == 1


NEVER_SAID = {
    "a path nobody committed to": {"answer.1": [SALT, "yes"]},
    "a value that stands in clear": {"rows.0": [SALT, 0]},
    "a member that is never private": {"reported": [SALT, "x"]},
    "salt in capitals": {"login": [SALT.upper(), "lan"]},
    "salt with blanks": {"login": [SALT[:2] + " " + SALT[2:], "lan"]},
    "salt that took a byte of the value": {"rows.1": [SALT + b"1".hex(), 2]},
    "no salt": {"login": ["", "lan"]},
    "one thing only": {"login": [SALT]},
    "three things": {"login": [SALT, "lan", 1]},
    "a salt that is a number": {"login": [1, "lan"]},
    "nothing": {"login": None},
}


@pytest.mark.parametrize("values", NEVER_SAID.values(), ids=NEVER_SAID)
def test_only_what_was_committed_to_can_be_disclosed(tmp_path, check, values):
    disclosed = [entry(0, **OPENED | values)]

    assert check(write(tmp_path / "b", [PRIVATE], disclosed))[0] in {1, 2}


DISCLOSED = {
    "a line missing": [entry(0)],
    "a line too many": [entry(0), entry(1), entry(2)],
    "of another event": [entry(1), entry(0)],
    "true for one": [entry(0), entry(True)],
    "a member too many": [entry(0), entry(1) | {"zone": 1}],
    "a member missing": [entry(0), {"seq": 1}],
    "another name": [entry(0), {"seq": 1, "valuez": {}}],
    "values in a list": [entry(0), {"seq": 1, "values": []}],
    "a list": [entry(0), [1, {}]],
}


@pytest.mark.parametrize("disclosed", DISCLOSED.values(), ids=DISCLOSED)
def test_every_event_has_its_one_line_of_values(tmp_path, check, disclosed):
    assert check(write(tmp_path / "b", [event(0), event(1)], disclosed))[0] in {1, 2}


NO_EVENTS = {
    "no number": {"seq": None},
    "a number as text": {"seq": "0"},
    "no previous one": {"prev": None},
    "a version as text": {"version": "1"},
    "no changes": {"changes": None},
    "changes that are no pairs": {"changes": {"due": 1}},
    "a key that is a list": {"key": []},
    "an empty commitment": {"login": {}},
    "a commitment cut short": {"login": {"commitment": "ab"}},
    "no format": {"v": None},
    "another format": {"v": 3},
    "true for the format": {"v": True},
    "an unknown kind": {"kind": "ghost"},
    "a list for the kind": {"kind": ["case"]},
    "no act": {"act": ""},
    "an actor that is a number": {"actor": 7},
    "no tool": {"tool": None},
    "a tool that is a list": {"tool": [["casework"]]},
    "a command that is a word": {"command": "zz"},
    "a command without what": {"command": {"key": "k"}},
    "a second of sixty": {"recorded_at": "2026-01-01T00:00:60.000000Z"},
    "yesterday": {"recorded_at": "yesterday"},
    "a time without microseconds": {"recorded_at": "2026-01-01T00:00:00Z"},
    "a time elsewhere": {"recorded_at": "2026-01-01T00:00:00.000000+07:00"},
    "a day there is not": {"effective_on": "2026-02-31"},
    "a day for ever": {"effective_on": "infinity"},
    "a week": {"effective_on": "2026-W01-1"},
    "an open value": {"changes": {"answer": [None, {"a": 1}]}},
    "three values": {"changes": {"due": [None, None, None]}},
    "a document that is a number": {"document": 7},
    "what is erased in words": {"redacts": "all"},
    "what is erased nowhere": {"redacts": [[-1, "title.1"]]},
    "a teller in words": {"reported": "me"},
}


@pytest.mark.parametrize("wrong", NO_EVENTS.values(), ids=NO_EVENTS)
def test_what_is_no_event_cannot_be_checked_though_it_was_signed(tmp_path, check, wrong):
    disclosed = [entry(0)]

    assert check(write(tmp_path / "b", [event(0, **wrong)], disclosed))[0] in {1, 2}


# --- a checkpoint kept from another day --------------------------------------------------------


@pytest.fixture
def kept(tmp_path):
    """Give a function that writes a checkpoint of the first events of a log."""

    def make(size, leaves=LEAVES, keys=(LOG,), **more):
        path = tmp_path / f"kept-{size}.txt"
        path.write_text(signed(leaves[:size], *keys, **more), encoding="utf-8")
        return path

    return make


@pytest.mark.parametrize("size", range(1, 8))
def test_a_whole_log_contains_every_earlier_one(whole, check, kept, size):
    assert check(whole, "--checkpoint", kept(size))[0] == 0


@pytest.mark.parametrize("size", range(1, 8))
def test_a_log_that_was_rewritten_is_caught_by_any_earlier_checkpoint(whole, check, kept, size):
    before = [tree.leaf_hash(b"as it was"), *LEAVES[1:]]
    code, told = check(whole, "--checkpoint", kept(size, before))

    assert code == 1
    assert f"first {size} events were other ones" in told


def test_a_bundle_older_than_the_checkpoint_is_told_from_a_tampered_one(whole, check, kept):
    later = [*LEAVES, tree.leaf_hash(b"one more")]
    code, told = check(whole, "--checkpoint", kept(8, later))

    assert code == 3
    assert told.splitlines()[-1] == "IN ORDER, BUT OLDER: the checkpoint given covers 8 events"


def test_a_part_says_when_it_cannot_tell(tmp_path, check, kept):
    folder = write(tmp_path / "b", SINGLE, proofs=REST, leaves=LEAVES)
    codes = [check(folder, "--checkpoint", kept(size))[0] for size in range(1, 9)]

    assert codes[:7] == [0, 0, 2, 0, 2, 2, 0]


def test_a_part_catches_a_log_that_was_rewritten(tmp_path, check, kept):
    folder = write(tmp_path / "b", SINGLE, proofs=REST, leaves=LEAVES)
    before = [*LEAVES[:3], tree.leaf_hash(b"as it was")]

    assert check(folder, "--checkpoint", kept(4, before))[0] == 1


def test_a_checkpoint_by_another_key_shows_that_the_log_was_given_a_new_one(whole, check, kept):
    old = note.SigningKey(ORIGIN, note.ED25519, bytes(32))

    assert check(whole, "--checkpoint", kept(7, keys=[old]))[0] == 1


def test_a_checkpoint_of_another_log_is_refused(whole, check, kept):
    assert check(whole, "--checkpoint", kept(7, origin="other.casework"))[0] == 1


def test_a_checkpoint_kept_needs_no_witness_and_may_have_others(whole, check, kept):
    path = kept(7, keys=[LOG, note.SigningKey("x", note.COSIGNATURE, bytes(32))])

    assert check(whole, "--strict", "--checkpoint", path)[0] == 0


def test_an_empty_name_of_a_checkpoint_is_not_taken_for_none(whole, check):
    assert check(whole, "--checkpoint", "")[0] == 2


# --- as an inspector runs it -------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Give a function that runs the verifier as a program of its own."""
    program = tmp_path_factory.mktemp("program") / verifier.NAME
    program.write_text(verifier.program(), encoding="utf-8")

    def run(*words):
        command = [sys.executable, "-I", str(program), *map(str, words)]
        done = subprocess.run(command, capture_output=True, timeout=60)
        assert b"Traceback" not in done.stderr
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


def test_the_verifier_stands_alone_and_is_short():
    source = verifier.program()
    code = ast.parse(source, feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(code)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }

    assert len(source.splitlines()) < 1050
    assert imported <= sys.stdlib_module_names


def test_the_recipe_comes_first_and_is_read_in_one_go():
    functions = [
        node for node in ast.parse(verifier.program()).body if isinstance(node, ast.FunctionDef)
    ]
    recipe = {one.name for one in functions if (one.end_lineno or 0) <= 250}

    assert {"tree", "check_event", "check_contents", "proved", "check", "main"} <= recipe


def test_it_runs_alone_as_a_program(whole, run):
    code, out, err = run(whole, "--key", KEY)

    assert (code, err) == (0, "")
    assert "IN ORDER, WHOLE LOG: 7 of 7 events" in out


def nothing(path):
    path.unlink()


def folder_instead(path):
    path.unlink()
    path.mkdir()


def link_to_itself(path):
    path.unlink()
    path.symlink_to(path)


def link_to_a_device(path):
    path.unlink()
    path.symlink_to("/dev/zero")


def pipe(path):
    path.unlink()
    os.mkfifo(path)


def socket_file(path):
    path.unlink()
    # The name of a socket is short: 108 bytes, however deep its folder lies.
    with socket.socket(socket.AF_UNIX) as bound, contextlib.chdir(path.parent):
        bound.bind(path.name)


def huge_line(path):
    with path.open("wb") as file:
        file.write(b'{"a":"')
        file.seek(65 << 20)
        file.write(b'"}\n')


def holding(data):
    def fill(path):
        path.write_bytes(data)

    return fill


FAULTS = {
    "missing": nothing,
    "a folder": folder_instead,
    "a link to itself": link_to_itself,
    "a device": link_to_a_device,
    "a pipe": pipe,
    "a socket": socket_file,
    "huge": huge_line,
    "empty": holding(b""),
    "cut": holding(b'{"act'),
    "binary": holding(bytes(range(256)) * 100),
    "nested": holding(b"[" * 500_000),
}


@pytest.mark.parametrize(
    "name", ["events.jsonl", "disclosed.jsonl", "proofs.jsonl", "checkpoint.txt"]
)
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_bad_file_gets_one_line_and_its_exit_code(part, name, fault, run):
    fault(part / name)
    code, out, err = run(part, "--key", KEY)

    # An empty file of lines can be read; it is only not what was signed.
    expected = 1 if fault is FAULTS["empty"] and name != "checkpoint.txt" else 2
    assert (code, out, err.count("\n")) == (expected, "", 1)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_bad_checkpoint_from_another_day_gets_one_line_and_its_exit_code(whole, kept, fault, run):
    path = kept(7)
    fault(path)
    code, out, err = run(whole, "--key", KEY, "--checkpoint", path)

    assert (code, out, err.count("\n")) == (2, "", 1)


WRONG = {
    "nothing": [],
    "no folder": ["--key", KEY],
    "no key": ["folder"],
    "no such folder": ["no-such-folder", "--key", KEY],
    "a file": [__file__, "--key", KEY],
    "two folders": ["x", "y", "--key", KEY],
    "an option there is not": ["x", "--unknown"],
    "an option without its value": ["x", "--key"],
    "a name too long": ["x" * 5_000, "--key", KEY],
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_a_wrong_question_gets_one_line_and_exit_code_2(words, run):
    code, out, err = run(*words)

    assert (code, out, err.count("\n")) == (2, "", 1)
