"""Signatures by the library and by Python alone: the same bytes, and the same ones refused."""

import random
from hashlib import sha512

import pytest

from casework.log import ed25519, note

# RFC 8032, 7.1: private key, public key, message and signature.
PUBLISHED = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        b"",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        b"\x72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        b"\xaf\x82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        sha512(b"abc").digest(),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
            "3dca179c138ac17ad9bef1177331a704"
        ),
    ),
]
SMALL_ORDER = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
WAYS = [True, False]


@pytest.fixture(params=WAYS, ids=["library", "python"])
def _way(request, monkeypatch):
    monkeypatch.setattr(ed25519, "by_library", lambda: request.param)


@pytest.fixture
def alone(monkeypatch):
    """A function that calls another one without the library."""

    def call(what, *values):
        with monkeypatch.context() as patch:
            patch.setattr(ed25519, "by_library", lambda: False)
            return what(*values)

    return call


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize(("secret", "public", "message", "signature"), PUBLISHED)
def test_the_published_keys_give_the_published_signatures(secret, public, message, signature):
    secret, public, signature = map(bytes.fromhex, (secret, public, signature))

    assert ed25519.public_of(secret) == public
    assert ed25519.sign(secret, message) == signature
    assert ed25519.verify(public, message, signature)
    assert not ed25519.verify(public, message + b"!", signature)


def test_random_keys_sign_alike_and_damaged_signatures_are_judged_alike(alone, much):
    chance = random.Random(8032)
    keys, judged = much(20, 60), {True: 0, False: 0}
    for _ in range(keys):
        secret, message = chance.randbytes(32), chance.randbytes(chance.randrange(200))
        public, signature = ed25519.public_of(secret), ed25519.sign(secret, message)
        assert alone(ed25519.public_of, secret) == public
        assert alone(ed25519.sign, secret, message) == signature
        damaged = [bytearray(part) for part in (public, message, signature)]
        part = chance.choice([one for one in damaged if one])
        part[chance.randrange(len(part))] ^= 1 << chance.randrange(8)
        for values in [(public, message, signature), tuple(map(bytes, damaged))]:
            verdict = ed25519.verify(*values)
            judged[verdict] += 1
            assert alone(ed25519.verify, *values) is verdict, values

    assert judged == {True: keys, False: keys}


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("length", [0, 31, 33, 63, 65])
def test_a_key_or_signature_of_another_length_is_refused(length):
    secret = bytes(32)
    public, signature = ed25519.public_of(secret), ed25519.sign(secret, b"text")

    assert not ed25519.verify(bytes(length), b"text", signature)
    assert not ed25519.verify(public, b"text", bytes(length))


@pytest.mark.usefixtures("_way")
def test_a_key_of_small_order_fits_nothing():
    # With the neutral element as R and 0 as S such a key fits every eighth message or more.
    forged = b"\x01" + bytes(63)

    assert not any(ed25519.verify(SMALL_ORDER, bytes([n]), forged) for n in range(64))
    assert not any(ed25519.verify(b"\x01" + bytes(31), bytes([n]), forged) for n in range(64))


@pytest.mark.usefixtures("_way")
def test_a_signature_written_in_a_second_way_is_refused():
    order = 2**252 + 27742317777372353535851937790883648493
    public, signature = ed25519.public_of(bytes(32)), ed25519.sign(bytes(32), b"text")
    second = int.from_bytes(signature[32:], "little") + order

    assert not ed25519.verify(public, b"text", signature[:32] + second.to_bytes(32, "little"))


def test_a_log_signed_without_the_library_is_in_order_with_it(office, tmp_path, alone):
    file = tmp_path / "checkpoint"
    alone(office, "audit", "checkpoint", "--to", str(file))
    office("audit", "verify", "--checkpoint", str(file))
    key = next(tmp_path.rglob("*.key"))

    assert alone(note.SigningKey.parse, key.read_text()) == note.SigningKey.parse(key.read_text())


def test_nothing_else_needs_the_library(monkeypatch):
    ed25519.by_library.cache_clear()
    for name in ("cryptography", "cryptography.hazmat.primitives.asymmetric"):
        monkeypatch.setitem(__import__("sys").modules, name, None)

    assert ed25519.by_library() is False
    assert note.SigningKey.generate("log", note.ED25519).sign("text\n").startswith("— log ")
    ed25519.by_library.cache_clear()
