"""The words people read: whatever the register keeps has a name in both languages."""

import re

import pytest

from casework.kinds.records import KINDS, names_of
from casework.words import LANGUAGES, said
from casework.words.catalogue import entries_of


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_record_has_a_word_in_both_languages(kind):
    for name in names_of(kind):
        english, vietnamese = (said(f"word.{name}", lang) for lang in LANGUAGES)
        # A heading gets its colon where it is shown.
        assert ":" not in english + vietnamese


def test_history_names_what_a_reopened_case_keeps(office, case):
    ref = case("resolved")
    office("reopen", ref, "--reason", "not done")
    told = office("history", ref, "--lang", "vi").stdout

    assert "kết quả lần đầu: – → đã thực hiện" in told
    assert "trả lời lần đầu: – → Circular 3" in told
    assert "first_" not in told


@pytest.mark.parametrize(
    ("count", "english", "vietnamese"),
    [
        (1, "1 case written to all.csv", "đã ghi 1 vụ việc vào all.csv"),
        (0, "0 cases written to all.csv", "đã ghi 0 vụ việc vào all.csv"),
        (21914, "21914 cases written to all.csv", "đã ghi 21914 vụ việc vào all.csv"),
    ],
)
def test_a_number_has_the_right_form_of_its_word(count, english, vietnamese):
    told = [said("export.done", lang, cases=count, file="all.csv") for lang in LANGUAGES]

    assert told == [english, vietnamese]


LIMITS = {"most", "limit", "days_limit", "cells_limit", "recorded_late_days", "seconds"}
LIMITS |= {
    "clock_back_seconds",
    "idle_days",
    "reassigned_late_days",
    "number",
    "length",
    "rows",
    "code",
    "login",
}
"""What is never one, by its name in a text: limits, what is said only of more, and no numbers."""


def test_no_text_says_1_of_several():
    """A number before a word in the plural gives both forms of the word: ``{rows:row|rows}``."""
    bare = re.compile(
        r"{(\w+)(?::,)?} (?:later |private |working |open )?"
        r"(?:cases|events|rows|acts|days|records|links|pages|lines|requests)\b"
    )
    texts = entries_of("en").beginning_with("").items()
    # What the program wrote into registers stays as it was written.
    found = {
        key: form
        for key, forms in texts
        if len(forms) == 1 and not key.startswith("written.")
        for form in forms
        for name in bare.findall(form)
        if name not in LIMITS and not re.search(rf"(?:the|of|first|than|its) {{{name}}}", form)
    }

    assert found == {}
