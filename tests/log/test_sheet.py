"""A sheet's codes give back what was signed, and nothing else is taken for it."""

import zlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.errors import IntegrityFailure, UsageError
from casework.log import sheet
from casework.log.note import ED25519, SigningKey

KEY = SigningKey("register.example", ED25519, bytes(range(32)))
ROOT = (687, bytes(range(32, 64)))
NAMED = ("05/BC-BTK", date(2026, 11, 27))
CLAIM = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=60)


def codes(claims, key=KEY):
    return sheet.codes_of(key, ROOT, NAMED, claims)


def noise(count):
    """Return lines that cannot be packed."""
    return [sheet.digest_of([str(number)]).hex() for number in range(count)]


@pytest.fixture(scope="module")
def tries(much):
    return settings(max_examples=much(30, 2_000))


def test_any_claims_come_back_from_their_codes(tries):
    @tries
    @given(st.lists(CLAIM, max_size=40), st.randoms())
    def back(claims, random):
        made, said = codes(claims)
        told = [*made, *made[:1]]
        random.shuffle(told)
        found = sheet.verified(told, [KEY.verifier])

        assert (found, found.mark) == (said, said.mark)
        assert len(claims) == found.count
        assert found.whole
        assert [*found.claims] == claims
        assert (found.size, found.root, found.number, found.issued_on) == (*ROOT, *NAMED)
        assert found.digest == sheet.digest_of(claims)

    back()


def test_a_code_that_is_changed_by_one_character_is_refused(tries):
    (made,), _ = codes(["|1\tNFAC-22.003\t31/12/2026"])

    @tries
    @given(st.integers(0, len(made) - 1), st.sampled_from("0A:Z %/"))
    def changed(place, letter):
        other = made[:place] + letter + made[place + 1 :]
        if other == made:
            return
        with pytest.raises((UsageError, IntegrityFailure)):
            sheet.verified([other], [KEY.verifier])

    changed()


def forged(change):
    """Return the codes of a signature over a text, with another text that is made of it."""
    made, _ = codes(["|1\tNFAC-22.003\t31/12/2026", ">second"])
    whole = sheet._joined(made)
    text = change(zlib.decompress(whole[68:], -zlib.MAX_WBITS).decode())
    return sheet._parts(whole[:68] + sheet._deflated(text.encode()))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("31/12/2026", "31/12/2027"),
        lambda text: text.replace("05/BC-BTK", "06/BC-BTK"),
        lambda text: text.replace("2026-11-27", "2026-11-28"),
        lambda text: text.replace("687", "688"),
        lambda text: text + ">third\n",
        lambda text: text.removesuffix(">second\n"),
    ],
)
def test_another_text_under_the_signature_is_refused(change):
    assert sheet.verified(forged(str), [KEY.verifier]).number == "05/BC-BTK"
    with pytest.raises(IntegrityFailure):
        sheet.verified(forged(change), [KEY.verifier])


def test_a_key_that_is_not_the_logs_is_refused():
    made, _ = codes([">one"], SigningKey(KEY.name, ED25519, bytes(32)))
    with pytest.raises(IntegrityFailure):
        sheet.verified(made, [KEY.verifier])
    other = SigningKey("other.example", ED25519, KEY.secret)
    with pytest.raises(IntegrityFailure):
        sheet.verified(codes([">one"])[0], [other.verifier])
    with pytest.raises(IntegrityFailure):
        sheet.verified(codes([">one"])[0], [])


def test_claims_that_are_not_those_of_the_digest_are_refused_though_signed():
    false = sheet.Sheet(KEY.name, *ROOT, *NAMED, 1, sheet.digest_of([">one"]), (">two",))
    for one in (false, sheet.Sheet(KEY.name, *ROOT, *NAMED, 0, sheet.digest_of([]), (">two",))):
        signed = sheet.ed25519.sign(KEY.secret, one.text.encode())
        whole = KEY.verifier.key_id + signed + sheet._deflated(one.text.encode())
        with pytest.raises(IntegrityFailure):
            sheet.verified(sheet._parts(whole), [KEY.verifier])


def test_what_does_not_fit_is_held_in_part_and_said():
    claims = noise(1_000)
    made, said = codes(claims)
    found, held = sheet.verified(made, [KEY.verifier]), len(said.claims)

    assert found == said
    assert len(made) == sheet.MOST
    assert 100 < held < 1_000
    assert not found.whole
    assert (found.count, [*found.claims]) == (1_000, claims[:held])
    assert found.digest == sheet.digest_of(claims)
    assert len(codes(claims[: held + 3])[0]) == sheet.MOST


def test_no_code_is_longer_than_version_17_holds():
    for count in (0, 1, 5, 10, 11, 12, 13, 60, 1_000):
        assert max(map(len, codes(noise(count))[0])) <= 734


def test_what_is_no_code_says_so():
    first, _ = codes(noise(20))
    second, _ = codes(noise(21))
    assert len(first) > 1
    unfit = ([], [""], ["CWS1/1/1/00000000/A/"], ["https://example.org/"], first[1:])
    for told in (*unfit, [first[0], *second[1:]], [first[0].replace("CWS1", "CWS2"), *first[1:]]):
        with pytest.raises(UsageError):
            sheet.verified(told, [KEY.verifier])


def test_a_code_that_unpacks_to_more_than_any_sheet_is_refused():
    whole = bytes(68) + sheet._deflated(b"x" * (sheet.LONGEST + 1))
    with pytest.raises(UsageError):
        sheet.read(sheet._parts(whole))


def test_base_45_is_that_of_the_rfc():
    # RFC 9285, 4.3 and 4.4.
    for data, text in ((b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581")):
        assert sheet._spelt(data) == text
        assert sheet._unspelt(text) == data
    for text in (":::", "A", "::"):
        with pytest.raises(UsageError):
            sheet._unspelt(text)
