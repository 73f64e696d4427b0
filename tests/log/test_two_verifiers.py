"""One rule, two verifiers: what the register refuses the stand-alone program refuses, and back.

The same notes, keys and logs, altered in every way anybody thought of, are given to both; only the
verdict is compared. `casework.log.verify` reads what a store holds, `verify_bundle` a folder.
"""

import base64
import json
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from second import asked, by_second

from casework.errors import CaseworkError, IntegrityFailure, UsageError
from casework.kinds.records import KINDS
from casework.log import note, tree, verify_bundle, verify_lines, verify_signed
from casework.log.event import canonical, commitment
from casework.log.verify import Stored, check_log
from casework.rules import workflow

ORIGIN = "7f0c.casework"
LOG = note.SigningKey(ORIGIN, note.ED25519, bytes(range(32)))
WITNESS = note.SigningKey("inspectorate", note.COSIGNATURE, bytes(range(1, 33)))
SALT = "0f" * 16
NOTHING = object()


# --- keys ----------------------------------------------------------------------------------------

# Points whose order divides 8, in every way they can be written (RFC 8032, 5.1.3).
SMALL = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


def written(name, kind, public):
    key_id = sha256(name.encode(errors="surrogatepass") + b"\n" + kind + public).digest()[:4].hex()
    return f"{name}+{key_id}+{base64.b64encode(kind + public).decode()}"


def takes_key(text, kind):
    """Return what each reader says of a key: whether it is one."""
    try:
        register = note.VerifierKey.parse(text).kind[0] == kind
    except UsageError:
        register = False
    try:
        verify_signed.read_key(text, kind)
        alone = True
    except ValueError:
        alone = False
    return register, alone


@pytest.mark.parametrize("public", SMALL)
def test_neither_takes_a_key_of_small_order_or_one_written_in_a_second_way(public):
    for kind in (b"\1", b"\4"):
        text = written("name", kind, bytes.fromhex(public))
        assert takes_key(text, kind[0]) == (False, False)


@pytest.mark.parametrize("public", SMALL)
@pytest.mark.parametrize("other", SMALL)
def test_neither_takes_a_signature_of_small_order(public, other):
    key = note.VerifierKey("name", note.ED25519, bytes.fromhex(public))
    blob = bytes.fromhex(other) + bytes(32)
    signed = note.Signature("name", key.key_id, blob)
    for size in range(8):
        one = note.Checkpoint("name", size, bytes(32), (signed,))
        with pytest.raises(IntegrityFailure):
            one.by(key)
        with pytest.raises(verify_lines.TamperedError):
            verify_signed.check_signature(key.public, one.text.encode(), blob)


ODD = ["\ufeff", "\x1b", "\0", " ", "\u2028", "\u00a0", "\u200b", "\u202e", "\x85", "+", "\x7f"]


@pytest.mark.parametrize("name", ["name", "đề-nghị", "a/b", "", *ODD, *(f"a{one}b" for one in ODD)])
def test_both_say_the_same_of_a_name(name):
    assert len({*takes_key(written(name, b"\1", LOG.verifier.public), 1)}) == 1
    text = f"{name}\n7\n{base64.b64encode(bytes(32)).decode()}\n"
    assert len({*takes_note(f"{text}\n— x AAAAAAAA\n".encode())}) == 1
    if name in ODD or any(one in name for one in ODD):
        assert takes_note(f"{text}\n— x AAAAAAAA\n".encode()) == (False, False)


# --- notes ---------------------------------------------------------------------------------------


def takes_note(data, *keys):
    """Return what each reader says of a checkpoint: whether it is one, signed by these keys."""
    return _register(data, keys), _alone(data, keys)


def _register(data, keys):
    try:
        read = note.parse(note.read(data, "the file"))
        return all(read.by(key) is not None for key in keys)
    except CaseworkError:
        return False


class Given:
    """A file that is only bytes, for the stand-alone reader."""

    name = "checkpoint.txt"

    def __init__(self, data):
        self.data = data


def _alone(data, keys):
    match = verify_signed.NOTE.fullmatch
    try:
        if len(data) > verify_signed.NOTE_LIMIT:
            return False
        found = match(verify_signed.unmangled(data))
        rows = [] if found is None else [row.split() for row in found[5].splitlines()]
        signed = [(name, base64.b64decode(word)) for _, name, word in rows]
        if not signed or any(len(blob) <= 4 for _, blob in signed):
            return False
        read = verify_signed.Checkpoint(found[1], found[2], int(found[3]), b"", signed)
        for key in keys:
            as_log = (key.identity, key.kind + key.public)
            verify_signed.signers(read._replace(origin=key.name), as_log)
    except (ValueError, OverflowError, verify_lines.TamperedError):
        return False
    return True


TEXT = note.Checkpoint(ORIGIN, 7, bytes(range(100, 132))).text
LINE, COSIGNED = LOG.sign(TEXT), WITNESS.sign(TEXT, 1_700_000_000)
GOOD = f"{TEXT}\n{LINE}{COSIGNED}"


def bad(line):
    """Return a signature line with its last bit flipped."""
    _, name, word = line.split()
    blob = bytearray(base64.b64decode(word))
    blob[-1] ^= 1
    return f"— {name} {base64.b64encode(blob).decode()}\n"


def sized(root):
    return GOOD.replace(TEXT.splitlines()[2], base64.b64encode(root).decode())


NOTES = {
    "right": (GOOD, True),
    "twice the same line": (f"{TEXT}\n{LINE}{LINE}{COSIGNED}", True),
    "right, then wrong": (f"{TEXT}\n{LINE}{bad(LINE)}{COSIGNED}", False),
    "wrong, then right": (f"{TEXT}\n{bad(LINE)}{LINE}{COSIGNED}", False),
    "a wrong witness": (f"{TEXT}\n{LINE}{bad(COSIGNED)}", False),
    "no witness": (f"{TEXT}\n{LINE}", False),
    "a witness of the last second": (f"{TEXT}\n{LINE}{WITNESS.sign(TEXT, 253402300799)}", True),
    "a witness beyond it": (f"{TEXT}\n{LINE}{WITNESS.sign(TEXT, 253402300800)}", False),
    "a witness beyond all time": (f"{TEXT}\n{LINE}{WITNESS.sign(TEXT, 2**63)}", False),
    "31 bytes": (sized(bytes(31)), False),
    "33 bytes": (sized(bytes(33)), False),
    "no bytes": (sized(b""), False),
    "an extension": (GOOD.replace("\n\n", "\nmore\n\n"), False),
    "a long size": (GOOD.replace("\n7\n", "\n99999999999999999\n"), False),
    "an unknown line": (f"{TEXT}\n{LINE}{COSIGNED}— other AAAAAAAA\n", True),
    "a line of an id alone": (f"{TEXT}\n{LINE}{COSIGNED}— other AAAAAA==\n", False),
}


@pytest.mark.parametrize(("text", "right"), NOTES.values(), ids=NOTES)
def test_both_say_the_same_of_a_note(text, right):
    assert takes_note(text.encode(), LOG.verifier, WITNESS.verifier) == (right, right)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(st.integers(0, len(GOOD) - 1), st.characters(), st.sampled_from(["put", "add", "cut"]))
def test_both_say_the_same_of_a_note_with_one_character_changed(place, character, how):
    tail = {"put": GOOD[place + 1 :], "add": GOOD[place:], "cut": GOOD[place + 1 :]}[how]
    changed = GOOD[:place] + ("" if how == "cut" else character) + tail
    register, alone = takes_note(
        changed.encode(errors="surrogatepass"), LOG.verifier, WITNESS.verifier
    )

    assert register == alone


# --- logs ----------------------------------------------------------------------------------------


def event(seq=0, **more):
    body = {
        "act": "note",
        "actor": "lan",
        "changes": {"due": [None, "2026-01-01"], "title": [None, {"commitment": "0" * 64}]},
        "effective_on": "2026-01-01",
        "key": "A.1",
        "kind": "case",
        "login": {"commitment": commitment(SALT, "root")},
        "prev": seq - 1,
        "recorded_at": f"2026-01-01T00:00:0{seq}.000000Z",
        "seq": seq,
        "tool": "casework",
        "v": 1,
        "version": seq + 1,
        **more,
    }
    body["changes"] = body["changes"] or body["changes"]
    return {name: value for name, value in body.items() if value is not NOTHING}


def spelled(body):
    """Return bytes in the canonical spelling of Python's own JSON, whatever is in a body."""
    return json.dumps(
        body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=True
    ).encode(errors="surrogatepass")


def verdicts(tmp_path, bodies, disclosed):
    """Return whether each verifier takes a log of these bytes and disclosures."""
    leaves = [tree.leaf_hash(body) for body in bodies]
    stored = [
        Stored(seq, body, leaf, opened, (), ())
        for seq, (body, leaf, opened) in enumerate(zip(bodies, leaves, disclosed, strict=True))
    ]
    try:
        check_log(stored)
        register = True
    except IntegrityFailure:
        register = False
    put_bundle(tmp_path, bodies, disclosed)
    code = verify_bundle.main([str(tmp_path), "--key", str(LOG.verifier)])
    return register, code == 0


def put_bundle(folder, bodies, disclosed):
    """Write a bundle of a log of these bytes and disclosures; return what its checkpoint signs."""
    folder.mkdir(exist_ok=True)
    (folder / "events.jsonl").write_bytes(b"".join(body + b"\n" for body in bodies))
    lines = (b'{"seq":%d,"values":%s}\n' % pair for pair in enumerate(disclosed))
    (folder / "disclosed.jsonl").write_bytes(b"".join(lines))
    (folder / "proofs.jsonl").write_bytes(b"")
    root = tree.subtree_hash([tree.leaf_hash(body) for body in bodies])
    text = note.Checkpoint(ORIGIN, len(bodies), root).text
    (folder / "checkpoint.txt").write_text(f"{text}\n{LOG.sign(text)}", encoding="utf-8")
    return text


DEEP = []
for _ in range(40):
    DEEP = [DEEP]
SHALLOW = []
for _ in range(20):
    SHALLOW = [SHALLOW]


def nested(levels):
    """Return lists within one another."""
    return [] if levels == 1 else [nested(levels - 1)]


EVENTS = {
    "right": ({}, True),
    "64 bits": ({"tool": 2**64}, False),
    "64 bits where anything goes": ({"more": 2**64}, False),
    "63 bits where anything goes": ({"more": 2**63 - 1}, False),
    "2^53": ({"more": 2**53}, True),
    "2^53 and one": ({"more": 2**53 + 1}, False),
    "minus 2^53 and one": ({"more": -(2**53) - 1}, False),
    "10^400": ({"more": 10**400}, False),
    "10^4000": ({"more": 10**4000}, False),
    "a fraction": ({"more": 1.5}, False),
    "a whole fraction": ({"more": 1.0}, False),
    "a fraction in a change": ({"changes": {"number": [None, 1.5]}}, False),
    "a fraction in a list": ({"changes": {"links": [[], [1.5]]}}, False),
    "a fraction in what a source told": ({"reported": {"source": "x", "told": 1.5}}, False),
    "not a number": ({"more": float("nan")}, False),
    "infinity": ({"more": float("inf")}, False),
    "sixteen digits in a text": ({"more": "1234567890123456789"}, True),
    "nested 20 deep": ({"more": SHALLOW}, True),
    "nested 40 deep": ({"more": DEEP}, False),
    "nested as deep as can be": ({"more": nested(31)}, True),
    "nested one deeper": ({"more": nested(32)}, False),
    "what is no character": ({"note": "\uffff\ufdd0\U0010ffff"}, True),
    "a day that is a text": ({"document_date": "soon"}, False),
    "a day of February": ({"document_date": "2023-02-29"}, False),
    "a day of the year 0": ({"document_date": "0000-01-01"}, False),
    "an hour of 24": ({"recorded_at": "2026-01-01T24:00:00.000000Z"}, False),
    "digits of another script": ({"effective_on": "\u0662026-01-01"}, False),
    "an empty reason": ({"reason": ""}, False),
    "no reason": ({"reason": None}, True),
    "a commitment of more": ({"note": {"commitment": "0" * 64, "more": 1}}, False),
    "a commitment in capitals": ({"note": {"commitment": "A" * 64}}, False),
    "what it strikes in words": ({"strikes": "3"}, False),
    "what it amends below nothing": ({"amends": -1}, False),
    "what it amends": ({"amends": 0}, True),
    "a deputy of nobody": ({"deputy_of": ""}, False),
    "a source that is a list": ({"reported": []}, False),
    "erased by a number alone": ({"redacts": [[3]]}, False),
    "an object in a list of changes": ({"changes": {"links": [[], [{"a": 1}]]}}, True),
    "many brackets in a text": ({"more": "[" * 100}, True),
    "half a surrogate pair": ({"more": "\ud800"}, False),
    # The name of a file that was imported may stand so in logs that are older than the rule.
    "not NFC": ({"document": "e\u0301"}, True),
    "no format": ({"v": NOTHING}, False),
    "format 3": ({"v": 3}, False),
    "format true": ({"v": True}, False),
    "an unknown kind": ({"kind": "ghost"}, False),
    "an unknown act": ({"act": "absolve"}, False),
    "an act with a blank": ({"act": "reopen as studied"}, True),
    "a command that is a word": ({"command": "zz"}, False),
    "a command": ({"command": {"key": "k", "what": "note"}}, True),
    "a command with more": ({"command": {"key": "k", "what": "note", "x": "y"}}, False),
    "a command with less": ({"command": {"key": "k"}}, False),
    "a command of numbers": ({"command": {"key": 1, "what": "note"}}, False),
    "a second of sixty": ({"recorded_at": "2026-01-01T00:00:60.000000Z"}, False),
    "yesterday": ({"recorded_at": "yesterday"}, False),
    "a day there is not": ({"effective_on": "2026-02-30"}, False),
    "infinity for a day": ({"effective_on": "infinity"}, False),
    "an open commitment": ({"changes": {"title": [None, {"a": 1}]}}, False),
    "no pair": ({"changes": {"title": "x"}}, False),
    "no changes": ({"changes": NOTHING}, False),
    "no tool": ({"tool": NOTHING}, False),
    "an actor that is a number": ({"actor": 7}, False),
    "a document that is a number": ({"document": 7}, False),
    "a note that is an object": ({"note": {"a": 1}}, False),
    "a reason in clear": ({"reason": "because"}, True),
    "erased in words": ({"redacts": "all"}, False),
    "another number": ({"seq": 5}, False),
    "a number that is true": ({"seq": False}, False),
    "a member nobody knows": ({"zone": "here"}, True),
    "a negative version": ({"version": -1}, False),
}


@pytest.mark.parametrize(("more", "right"), EVENTS.values(), ids=EVENTS)
def test_both_say_the_same_of_an_event(tmp_path, more, right):
    body = event(**{"changes": {"due": [None, "2026-01-01"]}, **more})
    opened = canonical({"login": [SALT, "root"]})

    assert verdicts(tmp_path, [spelled(body)], [opened]) == (right, right)


@pytest.mark.parametrize(("told", "right"), [("12/TB", True), ("13/TB", False)])
def test_both_say_the_same_of_what_is_said_of_a_secret_case(tmp_path, told, right):
    sealed = {name: {"commitment": commitment(SALT, value)} for name, value in SECRET.items()}
    changes = {"theme": [[], sealed["theme"]]}
    body = event(changes=changes, document=sealed["document"])
    opened = {"login": "root", "theme.1": SECRET["theme"], "document": told}

    disclosed = canonical({path: [SALT, value] for path, value in opened.items()})
    assert verdicts(tmp_path, [spelled(body)], [disclosed]) == (right, right)


SECRET = {"theme": ["ports"], "document": "12/TB"}


SPELLED = {
    "a blank": lambda body: body.replace(b'"v":1', b'"v": 1'),
    "another order": lambda body: b'{"v":1,' + body[1:].replace(b',"v":1', b""),
    "an escape": lambda body: body.replace(b"lan", b"l\\u0061n"),
    "a name twice": lambda body: body.replace(b'"v":1', b'"v":1,"v":1'),
    "minus zero": lambda body: body.replace(b'"seq":0', b'"seq":-0'),
    "an exponent": lambda body: body.replace(b'"v":1', b'"v":1e0'),
    "cut": lambda body: body[:-1],
    "a list": lambda _: b"[]",
    "nothing": lambda _: b"null",
    "nested without end": lambda _: b"[" * 100_000 + b"]" * 100_000,
}


@pytest.mark.parametrize("how", SPELLED.values(), ids=SPELLED)
def test_both_say_the_same_of_how_an_event_is_spelled(tmp_path, how):
    body = how(spelled(event(changes={})))

    assert verdicts(tmp_path, [body], [canonical({"login": [SALT, "root"]})]) == (False, False)


OPENED = {
    "right": ({"login": [SALT, "root"]}, True),
    "another value": ({"login": [SALT, "toor"]}, False),
    "another salt": ({"login": ["0e" * 16, "root"]}, False),
    "salt in capitals": ({"login": [SALT.upper(), "root"]}, False),
    "salt with a blank": ({"login": [SALT[:-1] + " ", "root"]}, False),
    "a short salt": ({"login": ["0f" * 15, "root"]}, False),
    "three": ({"login": [SALT, "root", 1]}, False),
    "an object of two": ({"login": {SALT: 1, "root": 2}}, False),
    "a text of two": ({"login": "00"}, False),
    "one": ({"login": [SALT]}, False),
    "a fraction": ({"login": [SALT, 1.5], "fraction": True}, False),
    "nobody committed to it": ({"login": [SALT, "root"], "note": [SALT, "x"]}, False),
}


@pytest.mark.parametrize(("values", "right"), OPENED.values(), ids=OPENED)
def test_both_say_the_same_of_what_is_disclosed(tmp_path, values, right):
    is_fraction = values.pop("fraction", False)
    sealed = {"commitment": commitment(SALT, 1.5 if is_fraction else "root")}
    body = spelled(event(changes={}, login=sealed))

    assert verdicts(tmp_path, [body], [canonical(values)]) == (right, right)


# --- a program somebody else wrote ---------------------------------------------------------------

CHECKPOINTS = {
    "right": lambda text, line: f"{text}\n{line}",
    "with a witness": lambda text, line: f"{text}\n{line}{WITNESS.sign(text, 1_700_000_000)}",
    "another character of UTF-8": lambda text, line: f"{text}\n{line}— \ufdd0a AAAAAAA=\n",
    "twice": lambda text, line: f"{text}\n{line}{line}",
    "right, then wrong": lambda text, line: f"{text}\n{line}{bad(line)}",
    "wrong, then right": lambda text, line: f"{text}\n{bad(line)}{line}",
    "by a stranger": lambda text, _: f"{text}\n{WITNESS.sign(text, 1)}",
    "by nobody": lambda text, _: f"{text}\n",
    "no text": lambda _, line: line,
    "an extension": lambda text, line: f"{text}more\n\n{line}",
    "an id alone": lambda text, line: f"{text}\n{line}— other AAAAAA==\n",
    "five bytes of another": lambda text, line: f"{text}\n{line}— other AAAAAAA=\n",
    "bits to spare": lambda text, line: f"{text}\n{line}— other AAAAAAB=\n",
    "bits to spare of its own": lambda text, line: f"{text}\n{spare(line)}",
    "no base64": lambda text, line: f"{text}\n{line}— other AAA!AAAA\n",
    "a name with a blank": lambda text, line: f"{text}\n{line}— an other AAAAAAA=\n",
    "a name that is not seen": lambda text, line: f"{text}\n{line}— o\u200bther AAAAAAA=\n",
    "lines of Windows": lambda text, line: f"{text}\n{line}".replace("\n", "\r\n"),
    "lines of an old Mac": lambda text, line: f"{text}\n{line}".replace("\n", "\r"),
    "blanks around": lambda text, line: f" {text}\n{line}".replace("\n", "\t\n\u00a0"),
    "quoted": lambda text, line: quoted(f"{text}\n{line}"),
    "quoted twice": lambda text, line: quoted(quoted(f"{text}\n{line}")),
    "quoted in part": lambda text, line: f"{quoted(text)}\n{line}",
    "a signature in two": lambda text, line: f"{text}\n" + "\n".join(line.rsplit(" ", 1)),
    "empty lines around": lambda text, line: f"\n\n{text}\n{line}\n\n",
    "an empty line within": lambda text, line: text.replace("\n", "\n\n", 1) + f"\n{line}",
    "an empty line before another": lambda text, line: f"{text}\n{line}\n{line}",
    "another root": lambda text, line: f"{text[:-3]}A=\n\n{line}",
}


def spare(line):
    """Return a signature line whose Base64 has bits that say nothing, and one of them set."""
    return line[:-3] + chr(ord(line[-3]) + 1) + line[-2:]


def quoted(text):
    return "".join(f"> {row}\n" for row in text.splitlines())


ENCODED = {"utf-8": False, "utf-8-sig": True, "utf-16": True, "utf-16-be": True}
"""Each encoding, and whether it is tried with the right checkpoint only."""


def odd_bundles(tmp_path):
    """Write a bundle for each event, disclosure and checkpoint that is odd in one place."""
    login = canonical({"login": [SALT, "root"]})
    bodies = {
        what: spelled(event(**{"changes": {"due": [None, "2026-01-01"]}, **more}))
        for what, (more, _) in EVENTS.items()
    }
    bodies |= {what: how(spelled(event(changes={}))) for what, how in SPELLED.items()}
    for what, body in bodies.items():
        put_bundle(tmp_path / what, [body], [login])
        yield tmp_path / what
    for what, (values, _) in OPENED.items():
        sealed = {"commitment": commitment(SALT, "root")}
        body = spelled(event(changes={}, login=sealed))
        put_bundle(tmp_path / f"told {what}", [body], [spelled(values)])
        yield tmp_path / f"told {what}"
    for what, how in CHECKPOINTS.items():
        for encoding, once in ENCODED.items():
            folder = tmp_path / f"signed {what}, {encoding}"
            if what == "right" or not once:
                text = put_bundle(folder, [spelled(event(changes={}))], [login])
                data = how(text, LOG.sign(text)).encode(encoding)
                (folder / "checkpoint.txt").write_bytes(data)
                yield folder


def test_a_program_written_from_the_specification_says_the_same_of_all_of_them(tmp_path):
    folders = [*odd_bundles(tmp_path)]
    first = [verify_bundle.main([str(one), "--key", str(LOG.verifier)]) == 0 for one in folders]
    second = [said != "NO" for said in by_second(str(LOG.verifier), folders)]
    said = zip((one.name for one in folders), first, second, strict=True)

    assert {name: (one, other) for name, one, other in said if one != other} == {}
    assert 20 < sum(first) < len(folders) - 60


def test_it_takes_no_key_of_small_order_either():
    for public in SMALL[::4]:
        done = asked(written("name", b"\1", bytes.fromhex(public)), [])
        assert done.returncode != 0, public
    assert asked(str(LOG.verifier), []).returncode == 0


def test_times_that_run_backwards_are_refused_by_neither(tmp_path):
    # A clock may be set back, which is a finding; who reads the log is told.
    opened = canonical({"login": [SALT, "root"]})
    bodies = [
        spelled(event(seq, changes={}, recorded_at=f"2026-01-01T00:00:0{9 - seq}.000000Z"))
        for seq in range(3)
    ]

    assert verdicts(tmp_path, bodies, [opened] * 3) == (True, True)


def test_the_kinds_and_acts_both_know_are_those_there_are():
    # Whoever adds one adds it to the stand-alone verifier too, which cannot ask the register.
    assert frozenset(KINDS) == verify_lines.KINDS
    assert workflow.ACTS == verify_lines.ACTS
