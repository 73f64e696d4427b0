"""What a server refuses is told in the reader's language: the catalogue knows its sentences."""

import re
from pathlib import Path

import pytest
from vietnamese import english

from casework.errors import CaseworkError
from casework.kinds.choices import Outcome
from casework.kinds.records import Case
from casework.rules import lawful
from casework.store import door, failures
from casework.words.catalogue import entries_of

LITERAL = re.compile(r"'((?:[^'\n]|'')*)'(?=(\s*\|\|)?)")
WORDS = re.compile(r"[a-z]{2,} (?:[a-z]{1,}|%s)|%s [a-z]{2,}|%s: %s")

OF_THE_LOG = {
    "casework refused %: %",
    "casework server",
    "casework cannot end who keeps % locked: grant pg_signal_backend and pg_read_all_stats to %",
}
"""What no reader of this program is told: words of the server's own log, and a name."""
PARTS = {"@ case @"}
"""What stands in a sentence as its value."""


def sentences():
    """Yield what the functions of a server refuse, with a sign in the place of each value."""
    for file in sorted(Path(door.__file__).parent.glob("*.sql")):
        text = re.sub(r"--[^\n]*", "", file.read_text("utf-8"))
        for one, followed in LITERAL.findall(text):
            if WORDS.search(one) and one not in OF_THE_LOG:
                sentence = one + "%s" if followed else one
                yield sentence.replace("''", "'").replace("%s", "@")


def known():
    """Return the sentences of the catalogue in the same way; an act on a record is one value."""
    texts = [form for (form,) in entries_of("en").beginning_with("denied.").values()]
    return {shape for text in texts for shape in shapes(text)}


def shapes(text):
    """Return the forms a server may give a sentence: an act on a record may be one value."""
    forms = (text, text.replace("{act} {kind} {key}", "{what}"), text.replace("{kind}", "case"))
    return {re.sub(r"{\w+}", "@", form) for form in forms}


def test_the_catalogue_has_each_sentence_of_a_server():
    said, whole = {*sentences()}, known()

    assert len(said) > 100
    assert said - whole == PARTS
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
        ("there is no act called x on a case", "không có việc nào tên là x đối với vụ việc"),
        ("permission denied", "máy chủ từ chối: permission denied"),
        (
            "assign case A.1 is not possible: the case is on hold",
            "không thể giao vụ việc A.1: vụ việc đang tạm dừng",
        ),
        (
            "the due of a case has an item that is not a valid date",
            "hạn của vụ việc có một mục không phải là ngày hợp lệ",
        ),
        ("assign case A.1 needs a second person", "giao vụ việc A.1 cần người thứ hai xác nhận"),
        ("chi may not assign case A.1", "chi không có quyền giao vụ việc A.1"),
        (
            "event 7, extend of 2026-01-01, would not be lawful: case A.1 is already like that",
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


WORTH = {"kind": "case", "act": "assign", "why": "is missing", "state": "assigned", "field": "due"}
"""What stands in a sentence, by its name; a day for what is one, and A.1 for anything else."""


def filled(text):
    """Return a sentence of the catalogue as a server says it."""
    values = {
        name: WORTH.get(name, "2026-01-01" if failures._FORMS.get(name) else "A.1")
        for name in re.findall(r"{(\w+)}", text)
    }
    return text.format_map(values)


def test_each_sentence_is_told_in_vietnamese_with_nothing_english_left():
    for key, (text,) in entries_of("en").beginning_with("denied.").items():
        told = failures.refusal(filled(text)).said("vi")
        if key != "denied.said":
            assert english(told, "A") == set(), key
            assert not told.startswith("máy chủ từ chối"), key


OUTCOMES = {part for outcome in Outcome for part in outcome.split("-")}


def test_each_rule_a_server_was_told_is_told_in_vietnamese():
    rules = [*lawful.says().values()]

    assert len(rules) > 40
    for says in rules:
        told = failures.refusal(f"assign case A.1: {says}").said("vi")
        # Outcomes stand by their codes, as they are typed.
        assert english(told, "A", *OUTCOMES) == set(), says
        assert "máy chủ từ chối" not in told, says


TYPES = ("object", "string", "reason")
"""Words of JSON, and a member of an event, which stand as they are."""


def forged(shared):
    """Yield events as a program that was changed sends them, of which the server refuses each."""
    ref = shared.case("assigned")
    note = shared.act("lan", "note", [Case, ref], {}, note="So it was")
    yield shared.event(note, act="dance")
    yield shared.event(note, changes={"sentence": [None, "guilty"]})
    yield shared.event(note, changes={"due": ["2099-12-31", "tomorrow"]})
    yield shared.event(note, m=1)
    yield shared.event(note, reason="In clear")
    yield shared.event(
        shared.act("lan", "note", [Case, ref], {}, note="x", reported={"source": "m"})
    )
    yield shared.event(
        shared.act("lan", "note", [Case, ref], {}, note="x", redacts=[(3, "title.1")])
    )


def test_what_is_typed_against_the_door_is_refused_in_words_of_both_languages(shared):
    for event in forged(shared):
        why = shared.refuses("lan", event)
        told = failures.refusal(why).said("vi")

        assert english(told, "JSON", "dance", "sentence", *TYPES) == set(), (why, told)
        assert "máy chủ từ chối" not in told, why


def test_the_command_line_tells_in_vietnamese_what_the_server_alone_refuses(shared):
    ref = shared.case("assigned")
    shared.rule("changes", study={})

    result = shared.as_("lan").run("--lang", "vi", "advance", ref)

    assert result.exit_code == 6
    assert f"máy chủ từ chối: nghiên cứu vụ việc {ref} không thay đổi trạng thái" in result.stderr
    assert english(result.stderr) == set()
