"""Text people write: any length and alphabet, kept as it is, shown so that it cannot deceive."""

import csv
import io
import unicodedata
from shlex import split

import pytest

from casework.cli.output import _even

HOSTILE = "Quy chế \x1b[31mđỏ\u202e\nngược\x07"
PICTURES = "Quy chế ␛[31mđỏ<U+202E>␊ngược␇"
RAW = ("\x1b", "\u202e", "\x07")
DECOMPOSED = unicodedata.normalize("NFD", "Đề nghị sớm ban hành quy chế; Hà Nội")

TAKES_TEXT = [
    # every place where a command takes text of its own, TEXT standing for it
    "propose --proposer vufo --title TEXT",
    "propose --proposer vufo --title T --title-vi TEXT",
    "propose --proposer vufo --title T --summary TEXT",
    "propose --proposer vufo --title T --words TEXT",
    "propose --proposer vufo --title T --source TEXT",
    "propose --proposer vufo --title T --theme TEXT",
    "propose --proposer vufo --title T --instrument TEXT",
    "propose --proposer vufo --title T --reason TEXT",
    "propose --proposer vufo --title T --document TEXT",
    "edit REF --title TEXT",
    "note REF TEXT",
    "answer REF --outcome explained --answer TEXT",
    "advance REF --outcome explained --answer TEXT",
    "return REF --reason TEXT",
    "extend REF --due 2999-01-01 --reason R --document TEXT",
    "org add new --name TEXT",
    "org add new --name N --alias TEXT",
    "org edit vufo --name N --reason TEXT",
    "org end vufo --on 2022-01-01 --reason TEXT",
    "person add new --org mofa --name TEXT",
    "person edit lan --name N --reason TEXT",
    "person away lan --to 2999-01-01 --deputy minh --reason TEXT",
    "person deactivate lan --reason TEXT",
    "conference add new --name TEXT",
    "conference add new --place TEXT",
    "conference move NFAC-21 --date 2023-12-19 --reason TEXT",
    "conference move NFAC-21 --date 2023-12-19 --reason R --document TEXT",
    "import - --reported-by TEXT",
]
TAKES_A_NAME = [
    "propose --title T --proposer TEXT",
    "propose --title T --proposer vufo --ref TEXT",
    "propose --title T --proposer vufo --conference TEXT",
    "note REF text --by TEXT",
    "org add TEXT --name N",
    "org show TEXT",
    "person show TEXT",
    "conference show TEXT",
    "show TEXT",
    "history TEXT",
    "report overdue --before TEXT",
    "audit log --case TEXT",
]
TITLES = [
    "🏛️ 👩\u200d⚖️ 🇻🇳",
    "10\u00a0%\u2003của\u3000外交部",
    "x\u0323\u0332",
    "'=1+1",
    "--title",
    "{}[]\\\"'`$(x)",
    HOSTILE,
]
TABLES = ("export -", "report overdue --format csv", "list --format csv")


def propose(office, title):
    return office.json("propose", "--title", title, "--proposer", "vufo")["ref"]


def test_a_title_of_any_characters_is_read_back_as_it_was_written(office):
    refs = {title: propose(office, title) for title in TITLES}
    listed = {case["ref"]: case["title"] for case in office.json("list")}

    for title, ref in refs.items():
        assert office.json("show", ref)["title"] == listed[ref] == title
        assert office.json("history", ref)[0]["changes"]["title"] == [None, title]
    assert office.json("audit", "verify")["ok"] is True


def test_text_is_stored_composed_without_white_space_around_it(office):
    ref = propose(office, f"\u00a0 {DECOMPOSED}\n")

    composed = unicodedata.normalize("NFC", DECOMPOSED)
    assert composed != DECOMPOSED
    assert office.json("show", ref)["title"] == composed
    for words in (DECOMPOSED, composed, "de nghi som", "HÀ NỘI"):
        assert [found["ref"] for found in office.json("search", words)] == [ref]


def test_a_title_of_ten_thousand_characters_is_kept_and_shown_whole_and_a_longer_one_refused(
    office,
):
    title = "Đề án " * 1_666 + "năm"
    title += "." * (10_000 - len(title))
    ref = propose(office, title)

    assert office.json("show", ref)["title"] == title
    assert title in office("show", ref).stdout
    assert title in office("list").stdout
    error = office.refused(2, *split("propose --proposer vufo --title"), title + "x")
    assert "10,001" in error["message"]
    assert "10,000" in error["message"]


@pytest.mark.parametrize("broken", ["", "\u00a0\u2003 ", "a\x00b", "a\udce9b"])
def test_text_that_is_empty_or_no_text_is_refused_wherever_it_is_taken(office, case, broken):
    ref = case("under_study")
    passed = []

    for line in TAKES_TEXT:
        words = [{"TEXT": broken, "REF": ref}.get(word, word) for word in split(line)]
        head = office.head()
        result = office.run(*words, "--dry-run", "--json", input="title,proposer\nT,vufo\n")
        assert office.head() == head
        required = "--reason" in line and result.exit_code == 4 and not broken
        if result.exit_code != 2 and not required:
            passed.append((line, result.exit_code))

    assert not passed


def test_a_name_that_is_no_text_is_not_found_or_refused_like_any_other(office, case):
    ref = case("under_study")
    failed = []

    for line in TAKES_A_NAME:
        words = [{"TEXT": "a\udce9b", "REF": ref}.get(word, word) for word in split(line)]
        result = office.run(*words)
        if result.exit_code not in {2, 3}:
            failed.append((line, result.exit_code))

    assert not failed


@pytest.mark.parametrize("column", ["ref", "title", "proposer", "conference", "officer", "theme"])
def test_a_line_of_a_file_that_is_no_text_is_refused_naming_its_row(office, column):
    for broken in ("a\\ud83db", "a\\u0000b"):
        values = {"title": '"T"', "proposer": '"vufo"', column: f'"{broken}"'}
        values = {name: f"[{text}]" if name == "theme" else text for name, text in values.items()}
        line = ",".join(f'"{name}":{text}' for name, text in values.items())

        error = office.refused(2, "import", "-", input="{" + line + "}\n")

        assert f"row 1, {column}" in error["message"]


def test_unsafe_characters_are_pictures_on_a_terminal_and_themselves_in_json(office):
    ref = propose(office, HOSTILE)
    office(*split(f"assign {ref} --owner mofa --due 2999-01-01 --reason"), HOSTILE)
    office("note", ref, HOSTILE)
    office("org", "edit", "mofa", "--name", HOSTILE)
    pages = [f"show {ref}", "list", f"history {ref}", "audit log", "search quy"]
    pages += ["report overdue --until 2999-12-31", "org list", "org show mofa"]

    for words in map(split, pages):
        page = office(*words).stdout
        assert PICTURES in page, words
        assert not any(character in page for character in RAW), words
        assert HOSTILE in _texts(office.json(*words)), words


def places(text):
    """Count the places a text takes on a terminal, by Unicode's own tables."""
    marks = sum(map(bool, map(unicodedata.combining, text)))
    return len(text) - marks + sum(unicodedata.east_asian_width(one) in "WF" for one in text)


@pytest.mark.parametrize("title", ["Quy chế “hợp tác” – 3", "会議 a\u0323\u0302", "ﬁ ½ 한국 🏛"])
def test_columns_stand_under_their_headings_whatever_the_letters_before_them(office, title):
    for text in (title, "Rules for offices of foreign localities"):
        office("propose", "--title", text, "--proposer", "vufo")
    head, *lines = office("list").stdout.splitlines()

    starts = {places(line[: line.index("proposed")]) for line in lines}
    assert starts == {head.index("state")}


def test_every_character_taken_for_one_place_wide_is():
    even = [chr(point) for point in range(0x10FFFF) if _even(chr(point))]

    assert "ệ" in even
    assert {places(one) for one in even} == {1}


def test_csv_on_standard_output_holds_text_as_it_is(office):
    propose(office, HOSTILE)
    written = {words: office(*split(words)).stdout for words in TABLES}

    for words, text in written.items():
        rows = csv.DictReader(io.StringIO(text, newline=""))
        titles = {row["title"] for row in rows if row.get("section") != "log"}
        assert titles == {HOSTILE}, words


def _texts(value):
    """Return every text in a JSON value."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for one in inner for text in _texts(one)]


def test_an_error_shows_unsafe_characters_as_pictures(office):
    for line in ("show TEXT", "org show TEXT", "note TEXT text", "list --state TEXT", "TEXT"):
        result = office.run(*(HOSTILE if word == "TEXT" else word for word in split(line)))

        assert result.exit_code in {2, 3}
        assert "␛[31m" in result.stderr or "\\x1b[31m" in result.stderr
        assert not any(character in result.stderr for character in RAW)
