"""User text: how it is taken in, compared and shown."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import UsageError
from casework.system.text import TITLE_LIMIT, all_visible, clean, fold, fold_code, visible

CHARACTERS = [chr(point) for point in range(sys.maxunicode + 1)]
CONTROLS = [c for c in CHARACTERS if unicodedata.category(c) == "Cc"]
BIDI = [*"\u061c\u200e\u200f"] + [
    c
    for c in CHARACTERS
    if unicodedata.bidirectional(c)
    in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
]
LINE_SEPARATORS = ["\u2028", "\u2029"]
UNSAFE = frozenset([*CONTROLS, *BIDI, *LINE_SEPARATORS])
BASE = "aăâeêioôơuưyđ"
TONES = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
VIETNAMESE = "".join(
    unicodedata.normalize("NFC", letter + tone)
    for small in BASE
    for letter in (small, small.upper())
    for tone in TONES
)

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00")).filter(str.strip)
vietnamese = st.text(VIETNAMESE + " bcdghklmnpqrstvx", min_size=1).filter(str.strip)


@given(texts)
def test_cleaned_text_is_nfc_without_white_space_around_it(text):
    cleaned = clean(text, "the title")

    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    assert cleaned == unicodedata.normalize("NFC", text).strip()


@given(texts)
def test_cleaning_again_changes_nothing(text):
    cleaned = clean(text, "the title")

    assert clean(cleaned, "the title") == cleaned


@given(vietnamese)
def test_decomposed_and_composed_vietnamese_are_stored_alike(text):
    decomposed = unicodedata.normalize("NFD", text)

    assert clean(decomposed, "the title") == clean(text, "the title")


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\u2003\u00a0\t\r\n", "\u3000", "\x1f"])
def test_text_of_white_space_only_is_refused_as_empty(blank):
    with pytest.raises(UsageError, match="the title is empty"):
        clean(blank, "the title")


@given(before=st.text(), after=st.text())
def test_text_with_a_nul_is_refused(before, after):
    with pytest.raises(UsageError, match="the answer"):
        clean(before + "\x00" + after, "the answer")


@given(before=st.text(), alone=st.characters(categories=["Cs"]), after=st.text())
def test_text_with_a_lone_surrogate_is_refused(before, alone, after):
    with pytest.raises(UsageError, match="the title is not valid Unicode text"):
        clean(before + alone + after, "the title")


def test_the_limit_counts_characters_as_they_are_stored():
    exact = unicodedata.normalize("NFD", "ế" * TITLE_LIMIT) + "\u00a0"

    assert clean(exact, "the title", TITLE_LIMIT) == "ế" * 10_000
    with pytest.raises(UsageError, match="10,001 characters; at most 10,000"):
        clean("ế" * (TITLE_LIMIT + 1), "the title", TITLE_LIMIT)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Đề nghị Hà Nội", "de nghi ha noi"),
        (unicodedata.normalize("NFD", "Đề nghị Hà Nội"), "de nghi ha noi"),
        ("ỦY BAN\u00a0NHÂN  DÂN\tTP. HỒ CHÍ MINH", "uy ban nhan dan tp. ho chi minh"),
        ("  NFAC-20 ", "nfac-20"),
        ("Straße ﬁn", "strasse fin"),
    ],
)
def test_text_is_looked_up_without_case_diacritics_or_width_of_spaces(text, key):
    assert fold(text) == key


def test_every_vietnamese_letter_folds_to_an_ascii_one():
    assert set(fold(VIETNAMESE)) == set("adeiouy")
    assert fold(VIETNAMESE) == fold(VIETNAMESE.swapcase())


@given(st.text() | vietnamese)
def test_a_key_is_decomposed_text_without_marks_case_or_double_blanks(text):
    letters = (c for c in unicodedata.normalize("NFKD", text) if not "\u0300" <= c <= "\u036f")
    plain = "".join(letters).replace("đ", "d").replace("Đ", "d")

    assert fold_code(text) == " ".join(plain.casefold().split())


# U+034F only keeps marks apart that would be put into order; a key without it may be put so.
@given(st.text(st.characters(codec="utf-8", exclude_characters="\u034f")))
def test_folding_again_changes_nothing(text):
    key = fold(text)

    assert fold(key) == key


@given(texts)
def test_text_is_found_by_its_key_however_it_was_typed(text):
    assert fold(clean(text, "the title")) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.lists(st.sampled_from(sorted(UNSAFE)) | st.text()).map("".join))
def test_shown_text_has_no_control_and_no_character_that_turns_its_direction(text):
    shown = visible(text)

    assert UNSAFE.isdisjoint(shown)
    assert visible(shown) == shown


def test_every_unsafe_character_is_shown_as_something_of_its_own():
    pictures = {character: visible(character) for character in UNSAFE}

    assert all(picture.strip() and picture.isprintable() for picture in pictures.values())
    assert len(set(pictures.values())) == len(UNSAFE)
    assert visible("\x1b[31m\u202e\n\x07\x7f\x9b") == "␛[31m<U+202E>␊␇␡<U+009B>"


@pytest.mark.parametrize(
    "text",
    [
        VIETNAMESE,
        unicodedata.normalize("NFD", VIETNAMESE),
        "một\u00a0tỷ đồng",
        "👩\u200d👩\u200d👧 ❤\ufe0f 🇻🇳",
        "می\u200cخواهم",
        "外交部 – “kiến nghị”",
    ],
)
def test_shown_text_keeps_letters_marks_spaces_and_joiners(text):
    assert visible(text) == text


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cn", "Zl", "Zp"])))
def test_shown_text_is_the_text_where_nothing_in_it_is_unsafe(text):
    assert visible(text) == text


@given(st.lists(st.text(max_size=20), max_size=5))
def test_what_is_said_of_many_texts_at_once_holds_for_each(texts):
    if all_visible(texts):
        assert [visible(text) for text in texts] == texts


def test_one_unsafe_character_among_many_texts_is_found():
    assert all_visible(["Circular 3", "Nghị định 127"])
    for unsafe in UNSAFE:
        assert not all_visible(["Circular 3", f"Circular {unsafe}"])
        assert not all_visible(["Nghị định 127", f"Circular {unsafe}"])


def test_marks_that_look_alike_have_one_key_but_in_references():
    for written in ("Ðông", "Đông", "ðông", "ɖông", "D\u200bong"):
        assert fold(written) == "dong"
    assert fold("People’s ‘x’ “y” – z —\u2212 a\u00adb") == "people's 'x' \"y\" - z -- ab"
    assert fold_code("A–1") != fold_code("A-1")
