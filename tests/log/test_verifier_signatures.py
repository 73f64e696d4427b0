"""The verifier's own Ed25519, which must judge as others do."""

import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from casework.log import verify_lines, verify_signed

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493

# RFC 8032, 7.1: key, message and signature of tests 1 to 3.
PUBLISHED = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]
# The points whose order divides 8, as they are written.
SMALL = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]


def accepts(public, message, signature):
    try:
        verify_signed.check_signature(public, message, signature)
    except verify_lines.TamperedError:
        return False
    return True


def library_accepts(public, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize(("public", "message", "signature"), PUBLISHED)
def test_the_published_signatures_are_valid(public, message, signature):
    assert accepts(*map(bytes.fromhex, (public, message, signature)))


def test_signatures_of_random_messages_are_judged_as_the_library_judges_them(much):
    chance = random.Random(8032)
    for number in range(much(300, 1_000)):
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        public = key.public_key().public_bytes_raw()
        message = chance.randbytes(chance.randrange(200))
        signature = key.sign(message)
        if number % 3 == 0:
            altered = bytearray(signature)
            altered[chance.randrange(64)] ^= 1 << chance.randrange(8)
            signature = bytes(altered)

        judged = accepts(public, message, signature)

        assert judged == library_accepts(public, message, signature) == (number % 3 != 0)


def test_a_signature_is_of_one_key_and_one_message():
    public, message, signature = (bytes.fromhex(word) for word in PUBLISHED[2])

    assert not accepts(public, message + b"\0", signature)
    assert not accepts(bytes.fromhex(PUBLISHED[1][0]), message, signature)


@pytest.mark.parametrize("times", [1, 2, 15])
def test_the_number_in_a_signature_is_below_the_order_of_the_group(times):
    public, message, signature = (bytes.fromhex(word) for word in PUBLISHED[2])
    number = int.from_bytes(signature[32:], "little") + times * L
    other = signature[:32] + number.to_bytes(32, "little")

    assert not accepts(public, message, other)


def test_the_order_of_the_group_itself_is_no_such_number():
    public, message, signature = (bytes.fromhex(word) for word in PUBLISHED[2])
    of_order = signature[:32] + L.to_bytes(32, "little")

    with pytest.raises(verify_lines.TamperedError, match="malformed"):
        verify_signed.check_signature(public, message, of_order)


def test_a_signature_has_64_bytes():
    public, message, signature = (bytes.fromhex(word) for word in PUBLISHED[2])

    for other in (signature[:-1], signature + b"\0", signature[:32], b""):
        assert not accepts(public, message, other), other


@pytest.mark.parametrize("key", SMALL)
def test_a_key_of_small_order_signs_nothing(key):
    # With S = 0 and R = -kA some of eight messages fits any such key.
    public = bytes.fromhex(key)
    for message in range(32):
        for point in SMALL:
            assert not accepts(public, bytes([message]), bytes.fromhex(point) + bytes(32))


@pytest.mark.parametrize("y", [0, 1, P - 1])
@pytest.mark.parametrize("sign", [0, 1])
def test_a_point_is_written_in_one_way_only(y, sign):
    written = (y | sign << 255).to_bytes(32, "little")
    again = (y + P | sign << 255) if y + P < 1 << 255 else None

    if written.hex() in SMALL:
        assert verify_signed.point(written)[1] == y
    else:
        with pytest.raises(verify_lines.TamperedError):
            verify_signed.point(written)
    if again is not None:
        with pytest.raises(verify_lines.TamperedError):
            verify_signed.point(again.to_bytes(32, "little"))


def test_bytes_that_are_no_point_are_refused():
    with pytest.raises(verify_lines.TamperedError, match="no point"):
        verify_signed.point((2).to_bytes(32, "little"))
