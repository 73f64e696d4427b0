"""Odd words of a command: taken for what they mean, or refused with what is wrong with them."""

import pytest


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "log", "--act", "\udcff"),
        ("audit", "log", "--key", "\udcff"),
        ("audit", "log", "--actor", "\udcff"),
        ("list", "--owner", "\udcff"),
        ("search", "\udcff"),
        ("show", "\udcff"),
        ("org", "show", "\udcff"),
        ("note", "A.1", "\udcff"),
        ("report", "overdue", "--before", "\udcff"),
        ("correct", "A.1", "--field", "\udcff", "--to", "x", "--reason", "r"),
        ("import", "\udcff.csv"),
        ("audit", "witness", "\udcff.csv", "--name", "x"),
    ],
    ids=" ".join,
)
def test_bytes_that_are_no_text_are_refused(office, case, words):
    case(ref="A.1")
    done = office.run(*words)

    assert done.exit_code in {2, 3}, done.stderr
    assert "defect" not in done.stderr


def test_an_empty_reference_is_no_case(office, case):
    case(ref="A.1")
    for option in ("--repeats", "--relates-to"):
        assert "empty" in office.refused(2, "link", "A.1", option, "")["message"]


@pytest.mark.parametrize("ref", ["A.1 ", " A.1", "a.1\n", "\u00a0A.1", "a.1"])
def test_a_reference_with_white_space_around_it_is_that_case(office, case, ref):
    case(ref="A.1")
    office("note", ref, "text", "--idempotency-key", "k1")
    office("note", ref, "text")

    assert [one["note"] for one in office.json("history", "A.1") if one["act"] == "note"] == [
        "text"
    ] * 2
    assert office.json("audit", "verify")["ok"] is True


@pytest.mark.parametrize("key", [" k", "k\n", "k\u0301", "\u202ek", "k" * 201, ""])
def test_a_key_is_taken_or_refused_alike_on_both_engines(office, case, key):
    case(ref="A.1")
    done = office.run("note", "A.1", "text", "--idempotency-key", key)

    assert done.exit_code in {0, 2}


def test_a_word_of_a_list_is_taken_and_told_in_the_language_of_the_reader(office, case):
    ref = case("resolved")
    office("correct", ref, "--field", "outcome", "--to", "Đã giải trình", "--reason", "misread")
    assert office.json("show", ref)["outcome"] == "explained"

    for words in (
        ("correct", ref, "--field", "outcome", "--to", "trùng", "--reason", "r"),
        ("answer", ref, "--outcome", "trùng", "--answer", "a"),
        ("list", "--outcome", "trùng"),
    ):
        told = office.run("--lang", "vi", *words)
        assert told.exit_code == 2
        assert "trùng lặp" in told.stderr
        assert "duplicate" not in told.stderr
        assert "duplicate" in office.run(*words).stderr
