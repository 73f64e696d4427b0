"""Signed notes: what is read, what is refused, and what a signature stands for."""

import base64
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import IntegrityFailure, UsageError
from casework.log import note

ORIGIN = "7f0c.casework"
LOG = note.SigningKey(ORIGIN, note.ED25519, bytes(range(32)))
WITNESS = note.SigningKey("inspectorate", note.COSIGNATURE, bytes(range(1, 33)))
AT = 1_700_000_000
ROOT = bytes(range(100, 132))
TEXT = f"{ORIGIN}\n42\n{base64.b64encode(ROOT).decode()}\n"
NOTE = f"{TEXT}\n{LOG.sign(TEXT)}{WITNESS.sign(TEXT, AT)}"


# --- keys ----------------------------------------------------------------------------------------


def test_the_specifications_own_key_is_read_and_a_changed_one_is_not():
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    key = note.VerifierKey.parse(text)
    assert (key.name, key.key_id.hex(), str(key)) == ("PeterNeumann", "c74f20a3", text)
    assert note.VerifierKey.parse(f" {text}\n") == key
    for changed in (
        text.replace("c74f", "c74e"),
        text[:-1],
        text + "=",
        text.replace("+AR", "+BR"),
    ):
        with pytest.raises(UsageError, match="form"):
            note.VerifierKey.parse(changed)


def written(name, kind, public):
    """Return a key of any name, kind and length with the id that belongs to it."""
    key_id = sha256(name.encode() + b"\n" + kind + public).digest()[:4].hex()
    return f"{name}+{key_id}+{base64.b64encode(kind + public).decode()}"


@pytest.mark.parametrize(
    ("name", "kind", "public"),
    [
        ("", b"\x01", LOG.verifier.public),
        ("two words", b"\x01", LOG.verifier.public),
        ("name", b"\x02", LOG.verifier.public),
        ("name", b"\x06", LOG.verifier.public),
        ("name", b"\x01", bytes(32)),
        ("name", b"\x01", b"\x01" + bytes(31)),
        ("name", b"\x01", b"\x02" + bytes(31)),
        ("a\x1bname", b"\x01", LOG.verifier.public),
        ("\ufeffname", b"\x01", LOG.verifier.public),
        ("name", b"\x01", bytes(31)),
        ("name", b"\x01", bytes(33)),
        ("name", b"", b""),
    ],
)
def test_a_key_of_another_form_is_none_though_its_id_fits(name, kind, public):
    assert note.VerifierKey.parse(written("name", b"\x04", LOG.verifier.public)).kind == b"\x04"
    with pytest.raises(UsageError) as refused:
        note.VerifierKey.parse(written(name, kind, public))
    assert refused.value.message == "the key does not have the form name+id+key"
    assert refused.value.hint == "copy the whole line"


@pytest.mark.parametrize("key", [LOG, WITNESS], ids=["log", "witness"])
def test_a_signing_key_is_written_and_read_and_does_not_show_itself(key):
    text = str(key)

    assert text.startswith(f"PRIVATE+KEY+{key.name}+{key.verifier.key_id.hex()}+")
    assert base64.b64decode(text.rpartition("+")[2]) == key.kind + key.secret
    assert note.SigningKey.parse(f"{text}\n") == key
    assert repr(key) == f"SigningKey('{key.name}')"
    public = Ed25519PrivateKey.from_private_bytes(key.secret).public_key().public_bytes_raw()
    assert key.verifier == note.VerifierKey(key.name, key.kind, public)


def test_a_new_key_is_like_no_other_and_signs():
    first, second = (note.SigningKey.generate("office", note.ED25519) for _ in range(2))

    assert (first.name, first.kind, len(first.secret)) == ("office", note.ED25519, 32)
    assert first.secret != second.secret
    assert note.SigningKey.parse(str(first)) == first


def secret(name, kind, own):
    key_id = note.SigningKey(name, kind, own[:32].ljust(32)).verifier.key_id.hex()
    return f"PRIVATE+KEY+{name}+{key_id}+{base64.b64encode(kind + own).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PRIVATE+KEY+",
        str(LOG.verifier),
        str(LOG).removeprefix("PRIVATE+KEY+"),
        str(LOG)[:-1],
        str(LOG).replace(LOG.verifier.key_id.hex(), "00000000"),
        secret("office", b"\x01", bytes(31)),
        secret("office", b"\x01", bytes(33)),
        secret("an office", b"\x01", bytes(32)),
        secret("", b"\x01", bytes(32)),
        "X" + str(LOG),
    ],
)
def test_what_is_no_signing_key_is_refused_without_showing_it(text):
    with pytest.raises(UsageError) as refused:
        note.SigningKey.parse(text)
    assert refused.value.message == "the file does not hold a signing key"
    assert refused.value.hint == "give the right key"


@pytest.mark.parametrize(
    "kept", [LOG, LOG.verifier, note.parse(NOTE), note.parse(NOTE).signatures[0]]
)
def test_what_was_read_cannot_be_changed_afterwards(kept):
    for name in kept.__slots__:
        with pytest.raises(AttributeError):
            setattr(kept, name, getattr(kept, name))


# --- checkpoints ----------------------------------------------------------------------------


def test_a_checkpoint_is_written_as_the_specification_writes_it():
    read = note.parse(NOTE)

    assert (read.origin, read.size, read.root) == (ORIGIN, 42, ROOT)
    assert (read.text, read.note) == (TEXT, NOTE)
    assert [one.name for one in read.signatures] == [ORIGIN, "inspectorate"]
    assert note.Checkpoint(ORIGIN, 42, ROOT).note == f"{TEXT}\n"


LINE = LOG.sign(TEXT)
ROOT_LINE = TEXT.split("\n")[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}{LINE}",
        NOTE.replace("\n", "\r\n"),
        NOTE[:-1],
        NOTE + "\n",
        NOTE + "x",
        NOTE + "— x\n",
        "\n" + NOTE,
        NOTE.replace("42", "042"),
        NOTE.replace("42", "-1"),
        NOTE.replace("42", "4x"),
        NOTE.replace("42", ""),
        NOTE.replace("42", "٤"),
        NOTE.replace("42", "1" * 17),
        NOTE.replace(f"{ORIGIN}\n", "\n", 1),
        NOTE.replace(ROOT_LINE, base64.b64encode(ROOT[:-1]).decode()),
        NOTE.replace(ROOT_LINE, base64.b64encode(ROOT + b"x").decode()),
        NOTE.replace(ROOT_LINE, ROOT_LINE.replace("=", "")),
        NOTE.replace(ROOT_LINE, "*" * 44),
        NOTE.replace(ROOT_LINE, f"{ROOT_LINE}\nan extension"),
        NOTE.replace("— ", "- "),
        NOTE.replace("— ", "—  "),
        f"{TEXT}\n— name {base64.b64encode(b'abcd').decode()}\n",
        f"{TEXT}\n— name {base64.b64encode(b'abcde').decode()[:-2]}V=\n",
        f"{TEXT}\n— two names {base64.b64encode(b'abcdefgh').decode()}\n",
    ],
)
def test_what_is_not_written_in_that_one_way_is_no_checkpoint(text):
    with pytest.raises(UsageError) as refused:
        note.parse(text)
    assert refused.value.message == "the file is not a signed checkpoint"
    assert refused.value.hint == "give the file of a signed checkpoint"


@pytest.mark.parametrize("size", ["0", "7", "10", "9999999999999999"])
def test_sizes_up_to_sixteen_digits_are_read(size):
    assert note.parse(f"{ORIGIN}\n{size}\n{ROOT_LINE}\n\n{LINE}").size == int(size)


def test_the_shortest_signature_line_has_one_byte_behind_the_id():
    (one,) = note.parse(f"{TEXT}\n— n {base64.b64encode(b'abcde').decode()}\n").signatures

    assert (one.name, one.key_id, one.blob) == ("n", b"abcd", b"e")


def test_a_note_has_a_greatest_length():
    assert note.NOTE_LIMIT == 65_536
    filler = "— n YWJjZGU=\n"
    longest = f"{TEXT}\n" + filler * ((note.NOTE_LIMIT - len(TEXT) - 1) // len(filler))
    more = note.NOTE_LIMIT - len(longest)
    longest = longest.replace("— n ", f"— {'n' * (more + 1)} ", 1)

    assert len(longest) == note.NOTE_LIMIT
    assert note.parse(longest)
    with pytest.raises(UsageError):
        note.parse(longest.replace("— n ", "— nn ", 1))


@given(st.text(max_size=200))
def test_no_text_takes_the_reader_by_surprise(text):
    for read in (note.parse, note.VerifierKey.parse, note.SigningKey.parse):
        with pytest.raises(UsageError):
            read(text)


@given(st.integers(0, len(NOTE) - 1), st.characters())
def test_a_changed_character_is_refused_or_another_note(place, character):
    changed = NOTE[:place] + character + NOTE[place + 1 :]
    try:
        read = note.parse(changed)
    except UsageError:
        return
    assert read.note == changed


# --- signatures -----------------------------------------------------------------------------


def test_the_log_signs_the_text_and_a_witness_the_text_with_the_time():
    log, witness = note.parse(NOTE).signatures
    keys = [Ed25519PublicKey.from_public_bytes(key.verifier.public) for key in (LOG, WITNESS)]

    keys[0].verify(log.blob, TEXT.encode())
    assert witness.blob[:8] == AT.to_bytes(8, "big")
    keys[1].verify(witness.blob[8:], f"cosignature/v1\ntime {AT}\n{TEXT}".encode())
    assert WITNESS.sign(TEXT) == WITNESS.sign(TEXT, 0)
    assert note.signed_message(TEXT, note.ED25519, b"\x00" * 8) == TEXT.encode()


def test_a_checkpoint_tells_whose_valid_signature_it_bears():
    read = note.parse(NOTE)
    stranger = note.SigningKey(ORIGIN, note.ED25519, bytes(32))

    assert read.by(LOG.verifier) == read.signatures[0]
    assert read.by(WITNESS.verifier) == read.signatures[1]
    assert read.by(stranger.verifier) is None
    same_id = note.Signature("other", read.signatures[0].key_id, b"\x00")
    assert note.Checkpoint(ORIGIN, 42, ROOT, (same_id,)).by(LOG.verifier) is None


def spoiled(signature, how):
    return note.Signature(signature.name, signature.key_id, how(signature.blob))


@pytest.mark.parametrize("key", [LOG, WITNESS], ids=["log", "witness"])
@pytest.mark.parametrize(
    "how",
    [
        lambda blob: bytes([blob[0] ^ 1]) + blob[1:],
        lambda blob: blob[:-1] + bytes([blob[-1] ^ 1]),
        lambda blob: blob[:-1],
        lambda blob: blob + b"\x00",
        lambda blob: blob[:0],
    ],
    ids=["first bit", "last bit", "short", "long", "empty"],
)
def test_a_line_that_claims_to_be_a_keys_and_is_not_is_an_alarm(key, how):
    (own,) = (one for one in note.parse(NOTE).signatures if one.name == key.name)
    read = note.Checkpoint(ORIGIN, 42, ROOT, (spoiled(own, how),))

    with pytest.raises(IntegrityFailure) as refused:
        read.by(key.verifier)
    assert refused.value.message == f"the checkpoint's signature by {key.name} does not verify"
    assert refused.value.hint == "compare with another copy of it"


def test_a_signature_is_of_one_text_only():
    other = note.Checkpoint(ORIGIN, 43, ROOT, note.parse(NOTE).signatures)

    for key in (LOG, WITNESS):
        with pytest.raises(IntegrityFailure):
            other.by(key.verifier)


def test_base64_is_read_in_the_one_way_it_is_written():
    assert note.decode(note.encode(b"\xff\x00a")) == b"\xff\x00a"
    for wrong in ("YQ", "YR==", "YQ==\n", " YQ==", "Y-==", "YQ=", "é"):
        assert note.decode(wrong) is None
