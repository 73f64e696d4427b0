"""What is printed on a terminal is no wider than it, in any language; piped it is as it was."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from offices import Shell
from terminals import shown

from casework.cli.layout import fitted, folded, indented, wide_as, width
from casework.office.demo import build

pytest.importorskip("pty")


def places(text):
    """Count columns as a terminal does, by Unicode's tables alone."""
    hidden = {"Mn", "Me", "Cf"}
    return sum(
        0
        if unicodedata.category(one) in hidden
        else 2
        if unicodedata.east_asian_width(one) in {"W", "F"}
        else 1
        for one in text
    )


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    return str(build(tmp_path_factory.mktemp("demo")))


ASKED = [
    ["list"],
    ["--lang", "vi", "list"],
    ["history", "000-08"],
    ["show", "000-08"],
    ["report", "overdue"],
    ["report", "workload"],
    ["status"],
    ["--lang", "vi", "status"],
    ["--lang", "vi", "report", "progress", "--where", "owner:mofa or not theme:tourism"],
    ["next"],
    ["--lang", "vi", "report", "forecast"],
    ["report", "review", "--of", "NFAC-20", "--for", "NFAC-21"],
    ["audit", "findings"],
    ["--lang", "vi", "audit", "findings", "--explain"],
    ["template", "list"],
    ["org", "list"],
    ["show", "no-such-case-" + "x" * 60],
]


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_nothing_is_wider_than_the_terminal(demonstration, words):
    for columns in (60, 80, 120):
        lines = shown(demonstration, columns, *words)

        assert len(lines) > 1
        assert [line for line in lines if places(line) > columns] == []


def test_no_word_of_a_table_is_cut(demonstration):
    for columns in (60, 80, 120):
        told = " ".join(shown(demonstration, columns, "report", "workload"))

        for word in ("owner", "open", "under", "study", "overdue", "later", "hold", "hcmc-pc"):
            assert word in told.split()


def test_a_word_that_is_too_long_is_cut_behind_a_hyphen(demonstration):
    lines = [line.split() for line in shown(demonstration, 120, "report", "progress")]

    assert any(line[:1] == ["people-to-people-"] for line in lines)
    assert ["diplomacy"] in lines
    assert folded("NFAC-22.001 x", 8) == ["NFAC-", "22.001 x"]
    assert folded("a-bcdefgh", 4) == ["a-", "bcde", "fgh"]


def test_two_blanks_part_a_reference_from_its_title_however_long_it_is(demonstration):
    lines = shown(demonstration, 80, "report", "overdue", "--as-of", "2023-12-08")
    rows = [line for line in lines if re.match(r"00\d-\d\d +[A-Z]", line)]

    assert any("003-36" in line and "Directive" not in line for line in rows)
    assert [line for line in rows if line[6:8] != "  "] == []


def test_wide_letters_count_twice(tmp_path):
    path = tmp_path / "x.db"
    shell = Shell(str(path))
    shell("init", "--no-holidays")
    shell("org", "add", "m", "--name", "M")
    shell("propose", "--proposer", "m", "--title", "外国地方政府驻越南代表处" * 6 + " 🏛🏛 Đề án")
    for words in (["list"], ["show", "CASE.001"], ["history", "CASE.001"]):
        assert [one for one in shown(str(path), 80, *words) if places(one) > 80] == []


def test_paragraphs_are_shown_as_paragraphs_and_pass_for_nothing_else(office, case):
    ref = case("under_study")
    text = "First.\n\nstate: resolved\n2021-12-13  resolve  by registrar\n\x1b[31mred"
    office("answer", ref, "--outcome", "explained", "--answer", text)
    office("note", ref, text)
    for words in (["show", ref], ["history", ref]):
        lines = office(*words).stdout.split("\n")

        assert "\x1b" not in "".join(lines)
        assert [one.strip() for one in lines if "First." in one]
        for fake in ("state: resolved", "2021-12-13  resolve  by registrar"):
            told = [one for one in lines if one.strip() == fake]
            assert told
            assert all(one.startswith(" " * 6) for one in told)
    assert office.json("show", ref)["answer"] == text


def test_piped_every_row_is_a_line(office, case):
    case(title="A very long title " * 20)

    assert len(office("list").stdout.strip().split("\n")) == 2


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=80)


@given(texts, st.integers(2, 40))
@example("00-0外", 2)
def test_a_text_is_folded_without_losing_a_letter(text, wide):
    lines = folded(text, wide)

    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line) <= wide for line in lines)


@given(texts, st.integers(20, 60))
def test_lines_begin_as_they_are_told_to(text, wide):
    first, *others = indented(text, wide, "  one: ", "    ")

    assert first.startswith("  one: ")
    assert all(line.startswith("    ") for line in others)
    assert all(width(line) <= wide for line in (first, *others))


def test_a_table_gives_way_where_it_hurts_least():
    headings = ["ref", "title", "days in state"]
    cells, words = [3, 120, 5], [3, 5, 5]

    def at(room):
        return fitted(headings, cells, words.__getitem__, room, 1)

    assert at(200) == [3, 120, 13]
    assert wide_as(at(60)) == 60
    assert at(40) == [3, 24, 9]
    assert at(36)[2] == 5
