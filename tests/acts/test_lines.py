"""Lines of a batch: what each of them says, or what is wrong with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from casework.acts.lines import Act, lines
from casework.errors import CaseworkError


def said(line):
    """Return what the only line of a text says."""
    (found,) = lines([line])
    return found.said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("assign 000-08 --owner mofa", ("assign", "000-08", "--owner", "mofa")),
        ("note A.1 'hai từ'\r\n", ("note", "A.1", "hai từ")),
        (
            'note A.1 "# không phải chú thích"  # chú thích',
            ("note", "A.1", "# không phải chú thích"),
        ),
        ("note A#1 b#2", ("note", "A#1", "b#2")),
        ('note A.1 ""', ("note", "A.1", "")),
        ("  study\tA.1\u00a0x", ("study", "A.1\u00a0x")),
        ("note A.1 Nguye\u0302\u0303n", ("note", "A.1", "Nguyễn")),
    ],
)
def test_words_are_split_as_a_shell_splits_them(line, words):
    assert said(line) == words


@pytest.mark.parametrize("line", ["", "   ", "\r\n", "# assign", "   # {", "\t#x"])
def test_what_asks_for_nothing_is_left_out_and_counted(line):
    (found,) = lines([line, "advance A.1"])

    assert (found.number, found.said) == (2, ("advance", "A.1"))


def test_an_object_is_an_act_with_its_fields():
    line = '{"act": "assign", "ref": "A.1", "owner": "mofa", "key": "k", "if_version": 3}'

    assert said(line) == Act("assign", "A.1", {"owner": "mofa", "if_version": 3}, "k")


def test_an_act_that_makes_a_case_takes_its_reference_as_a_field():
    line = '{"act": "note", "ref": "A.1", "text": "N"}'
    assert said(line) == Act("note", "A.1", {"words": "N"}, None)
    line = '{"act": "assign", "ref": "A.1", "with": ["vufo"]}'
    assert said(line) == Act("assign", "A.1", {"coordinating": ["vufo"]}, None)
    assert said('{"act": "propose", "ref": "A.1"}') == Act("propose", None, {"ref": "A.1"}, None)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("note A.1 'never closed", "lines.quotes"),
        ("note A.1 \\", "lines.quotes"),
        ("{", "lines.no-json"),
        ('{"act": "note"} x', "lines.no-json"),
        ('{"a":' * 100_000, "lines.no-json"),
        ("{}", "lines.no-act"),
        ('{"act": null}', "lines.no-act"),
        ('{"act": 3}', "lines.no-text"),
        ('{"act": "note", "ref": ["A.1"]}', "lines.no-text"),
        ('{"act": "note", "ref": "A.1", "key": 7}', "lines.no-text"),
        ('{"act": "note", "act": "close"}', "lines.twice"),
        ('{"act": "note", "ref": "A.1", "text": "N", "words": "N"}', "lines.twice"),
        ('{"act": "fly", "ref": "A.1"}', "acts.unknown"),
    ],
)
def test_a_line_that_says_nothing_clear_is_told_as_such(line, key):
    error = said(line)

    assert isinstance(error, CaseworkError)
    assert error.what.key == key
    assert error.hint


@given(some.lists(some.text(max_size=20), max_size=5))
def test_no_text_is_too_odd_to_be_read(text):
    for one in lines(text):
        assert 1 <= one.number <= len(text)
        assert one.said or isinstance(one.said, CaseworkError)
