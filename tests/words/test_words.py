"""The words people read: whatever the register keeps has a name in both languages."""

import pytest

from casework.kinds.records import KINDS, names_of
from casework.words import LANGUAGES, said


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
