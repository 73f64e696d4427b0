"""What a server refuses is told in the reader's language: the catalogue knows its sentences."""

import re
from pathlib import Path

import pytest
from vietnamese import english

from casework.errors import CaseworkError
from casework.store import door, failures
from casework.words.catalogue import entries_of

LITERAL = r"'((?:[^']|'')*)'"
SENTENCE = re.compile(
    rf"(?:format\(\s*|casework_deny\(\s*|MESSAGE = |ARRAY\['[\w-]+',\s*){LITERAL}"
)
WORDS = re.compile(r"[a-z]{2,} (?:[a-z]{2,}|%s)|%s [a-z]{2,}")

QUOTED = {
    *("@ is private and stands in the event in clear", "@ is not what the event commits to"),
    *("@ was not what the event says it was", "more is disclosed than was committed to"),
    *("the event is no object", "the event is not canonical", "what is disclosed is no object"),
    *("the event ", "the @ @", "the @ of a @ @", "a @ has no @", "a @ needs @"),
    *("has a member @ that @", "has more than @ characters", "has not @ items", "is no @, but @"),
    *("there is no act @ on a @", "there is no kind of record @", "no act on a @ is amended"),
    *("@ does not amend an event, or take one out", "@ is no event of @", "@ sets nothing"),
    *("event @ is none of @ that stands", "event @ is not one to erase from", "@ erases nothing"),
    *("what takes an event out says why, and nothing else", "@ states its legal basis"),
    *("what it erases is not what was asked for", "@ does not change that of the register"),
    *("what others did is told with a new case, not of @", "a copy for trial is made into a file"),
    *("another origin names the one before", "@ leads to @", "@ ends @"),
    *("@ does not set @ to that", "@ does not set state_since to that"),
    *("@ is that of the first resolution", "extensions count what moved the due date on"),
    *("each reopening counts one", "the hold that is over is the last of holds"),
    "@ case @",
    "@ @ does not say of an absence what it may",
}
"""Refusals of events that no act of this program makes: they are quoted as the server says them."""


def sentences():
    """Yield what the functions of a server refuse, with a sign in the place of each value."""
    for file in sorted(Path(door.__file__).parent.glob("*.sql")):
        text = re.sub(r"--[^\n]*", "", file.read_text("utf-8"))
        for one in SENTENCE.findall(text):
            if WORDS.search(one):
                yield one.replace("''", "'").replace("%s", "@")


def known():
    """Return the sentences of the catalogue in the same way; an act on a record is one value."""
    texts = [form for (form,) in entries_of("en").beginning_with("denied.").values()]
    return {shape for text in texts for shape in shapes(text)}


def shapes(text):
    """Return the forms a server may give a sentence: an act on a record may be one value."""
    forms = (text, text.replace("{act} {kind} {key}", "{what}"), text.replace("{kind}", "case"))
    return {re.sub(r"{\w+}", "@", form) for form in forms}


def test_the_catalogue_has_each_sentence_that_an_act_may_meet():
    said, whole = {*sentences()}, known()

    assert len(said) > 70
    assert said - whole == QUOTED
    # None of the catalogue is a sentence that no server says any more.
    texts = entries_of("en").beginning_with("denied.").items()
    assert [key for key, (text,) in texts if shapes(text).isdisjoint(said)] == ["denied.said"]


class Refusal(Exception):  # noqa: N818 - what a driver raises
    def __init__(self, sqlstate, words):
        super().__init__(words)
        self.sqlstate = sqlstate


def told_in(error, lang):
    return error.told(lang)[0]


def refused(words, state="CW403"):
    with pytest.raises(CaseworkError) as caught, failures.of_server("office"):
        raise Refusal(state, words)
    return caught.value


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("lan cannot act as chi", "lan không được làm việc dưới tên chi"),
        ("there is no act x on a case", "máy chủ từ chối: there is no act x on a case"),
        ("assign case A.1 needs a second person", "giao vụ việc A.1 cần người thứ hai xác nhận"),
        ("chi may not assign case A.1", "chi không có quyền giao vụ việc A.1"),
        (
            "event 7, extend of 2026-01-01, would not be lawful: case A.1 is like that already",
            "sự kiện 7 (gia hạn ngày 01/01/2026) sẽ không còn hợp lệ: vụ việc A.1 đã như vậy",
        ),
    ],
)
def test_a_refusal_is_told_in_vietnamese_with_its_values(words, told):
    error = refused(words)

    assert told_in(error, "vi").endswith(told), told_in(error, "vi")
    assert told_in(error, "en") == f"office: {words}"


def test_what_somebody_else_changed_meanwhile_is_told_in_vietnamese():
    error = refused("case A.1 was changed by somebody else meanwhile", "CW409")

    assert english(told_in(error, "vi"), "A") == set()


def test_each_sentence_keeps_its_values_in_both_languages():
    for key, (text,) in entries_of("en").beginning_with("denied.").items():
        (vietnamese,) = entries_of("vi")[key]
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", vietnamese)), key
