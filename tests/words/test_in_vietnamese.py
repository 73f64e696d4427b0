"""With --lang vi nothing English is left, but names, codes, options, and what people typed."""

import re

import click
import pytest
from click.testing import CliRunner
from command_tree import commands

from casework.cli import casework

ENGLISH = re.compile(
    r"\b(the|is|are|was|were|of|and|or|with|its|it|by|from|this|that|has|have|not|only|case|owner"
    r"|due|give|for|who|when|which|there|Monday|Tuesday|Wednesday|Thursday|Friday|recorded|event)\b"
)
"""Words without which no English sentence is made, and none of them one of Vietnamese."""

LEAVES = {" ".join(words): command for words, command in commands()}

TYPED = re.compile(
    r"casework [a-z][^\n]*|--[a-z-]+|\[env: \w+\]|[\"'“][^\"'”\n]*[\"'”]|[\w.-]+[-_/.@][\w./@-]+"
    r"|[A-Z][A-Z-]*(?![a-z])|four-eyes|\[[a-z|-]+\]"
)
"""What is typed: commands, options, variables, values in quotes, names with signs in them."""


def left_over(text, *codes):
    """Return the English words of a text that are none of these codes."""
    told = TYPED.sub(" ", text)
    return {word for word in ENGLISH.findall(told) if word not in codes}


@pytest.mark.parametrize("name", ["", *LEAVES])
def test_no_english_word_is_left_in_the_help(name):
    words = [*name.split(), "--lang", "vi", "--help"]
    result = CliRunner().invoke(casework, words, terminal_width=10_000)

    assert result.exit_code == 0
    told = re.sub(r"Ví dụ:\n(.|\n)*?\n\n", "", result.stdout)
    # Choices and columns are codes: they are lists with commas between them.
    told = re.sub(r"(?:[\w-]+, )+[\w-]+", "", told)
    # `--field` takes the names of fields, and rows are called by what files call them.
    assert left_over(told, "owner", "due", "case") == set(), told


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_english_word_is_left_in_what_acts_and_questions_say(office, case):
    ref = case("under_study")
    # Each with what its result is asserted to say in Vietnamese, so that it was said at all.
    for words, said in (
        (
            ("extend", ref, "--due", "2030-06-28", "--reason", "x"),
            "h\u1ea1n 28/06/2030 (Th\u1ee9 S\u00e1u)",
        ),
        (("hold", ref, "--reason", "x"), "t\u1ea1m d\u1eebng t\u1eeb "),
        (("resume", ref), "\u0111ang nghi\u00ean c\u1ee9u"),
        (
            ("advance", ref, "--outcome", "explained", "--answer", "x"),
            "\u0111\u00e3 gi\u1ea3i quy\u1ebft",
        ),
        (("show", ref), "ch\u1ee7 tr\u00ec"),
        (("list",), "tr\u1ea1ng th\u00e1i"),
        (("history", ref), "gia h\u1ea1n"),
        (("audit", "log", "--case", ref), "v\u1ee5 vi\u1ec7c"),
        (("audit", "verify"), "\u0111\u00fang: "),
        (("report", "overdue", "--until", "2031-01-01"), "B\u00e1o c\u00e1o qu\u00e1 h\u1ea1n"),
        (("report", "progress"), "B\u00e1o c\u00e1o ti\u1ebfn \u0111\u1ed9"),
        (("report", "workload"), "B\u00e1o c\u00e1o kh\u1ed1i l\u01b0\u1ee3ng"),
        (("db", "check"), ""),
    ):
        done = office(*words, "--lang", "vi")
        told = done.stdout + done.stderr
        assert said in told, told
        assert left_over(told, "for") == set(), told
        assert not re.search(r"\b\d{4}-\d\d-\d\d\b", told), told


REFUSED = {
    "a reference nobody gave": ("show", "nobody"),
    "a date that is none": ("extend", "{ref}", "--due", "soon", "--reason", "x"),
    "a due date that is no later": ("extend", "{ref}", "--due", "2020-01-01", "--reason", "x"),
    "a step out of order": ("resume", "{ref}"),
    "an owner nobody knows": ("reassign", "{ref}", "--owner", "nobody", "--reason", "x"),
    "a command that is none": ("asign",),
    "an option that is none": ("assign", "{ref}", "--ownr", "x"),
    "an option that is missing": ("assign", "{ref}"),
    "a choice that is none": ("assign", "{ref}", "--basis", "x"),
    "a number that is none": ("list", "--limit", "x"),
    "a noun alone": ("org",),
    "a file that is none": ("import", "missing.csv"),
    "a report of no kind": ("report", "overdue", "--output", "x.txt"),
    "a field that is none": ("correct", "{ref}", "--field", "x", "--to", "y", "--reason", "z"),
    "an act that is none": ("audit", "log", "--act", "x"),
    "a person nobody knows": ("list", "--by", "nobody", "--as-of", "x"),
}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", REFUSED)
def test_no_english_word_is_left_in_what_is_refused(office, case, what):
    ref = case("assigned")
    words = [word.format(ref=ref) for word in REFUSED[what]]
    done = office.run(*words, "--lang", "vi")

    assert done.exit_code > 1, done.stdout
    # Fields are listed by their names.
    told = re.sub(r"(?:\w+, )+\w+", "", done.stderr)
    assert left_over(told) == set(), told


def test_the_words_of_english_are_found():
    assert left_over("it is late") == {"it", "is"}
    assert left_over("owner vufo  due 2022-12-30 (Friday)") == {"owner", "due", "Friday"}
    assert left_over("casework assign the case") == set()
    assert isinstance(casework, click.Group)
