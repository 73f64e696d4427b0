"""A text that is left out on a terminal is written in an editor."""

from pathlib import Path

import pytest
from offices import Shell
from terminals import shown

from casework.cli.editing import SCISSORS

pytest.importorskip("pty")
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def desk(office):
    """A register with one case."""
    office(
        "propose",
        "--title",
        "Rules",
        "--summary",
        "One\n# two",
        "--proposer",
        "hcmc-pc",
        "--ref",
        "A.1",
    )
    return office


@pytest.fixture
def writing(tmp_path):
    """A function that makes an editor, which writes a text above what it is given."""

    def makes(text, code=0):
        (tmp_path / "text").write_text(text, "utf-8")
        script = tmp_path / "editor.sh"
        script.write_text(
            f'#!/bin/sh\ncp "$1" {tmp_path}/given\ncat {tmp_path}/text "$1" > {tmp_path}/new\n'
            f'cp {tmp_path}/new "$1"\ntouch -d "+5 seconds" "$1"\nexit {code}\n'
        )
        script.chmod(0o755)
        return {"EDITOR": str(script), "VISUAL": str(script)}

    makes.given = tmp_path / "given"
    return makes


def test_a_note_without_its_text_is_written_above_the_case(desk, writing):
    ended = []
    told = shown(desk.url, 80, "note", "A.1", ended=ended, **writing("Đoạn 1\n\n@ # Đoạn 2\n"))

    assert ended == [0], told
    event = desk.json("history", "A.1")[-1]
    assert event["note"] == "Đoạn 1\n\n@ # Đoạn 2"
    below = writing.given.read_text("utf-8").strip().split("\n")
    assert below[0] == SCISSORS
    assert all(line.startswith("#") for line in below)
    assert any("title: Rules" in line for line in below)
    assert "#   summary: # two" in below


@pytest.mark.parametrize("text", ["-", "@x", "--title x"])
def test_what_is_written_is_a_text_whatever_it_begins_with(desk, writing, text):
    shown(desk.url, 80, "note", "A.1", **writing(text))
    assert desk.json("history", "A.1")[-1]["note"] == text

    shown(desk.url, 80, "close", "A.1", "--outcome", "withdrawn", **writing(text))
    assert desk.json("history", "A.1")[-1]["reason"] == text


def test_each_text_that_is_lacking_is_asked_for(desk, writing):
    desk("assign", "A.1", "--owner", "mofa", "--due", "2099-12-31")
    desk("advance", "A.1")
    shown(desk.url, 80, "answer", "A.1", "--outcome", "explained", **writing("It is so."))

    assert desk.json("show", "A.1")["answer"] == "It is so."


@pytest.mark.parametrize(("text", "code"), [("", 0), (" \n\n", 0), ("Something", 1)])
def test_nothing_is_done_where_nothing_is_written(desk, writing, text, code):
    ended, before = [], desk.head()
    shown(desk.url, 80, "note", "A.1", ended=ended, **writing(text, code))

    assert ended == [2]
    assert desk.head() == before


def test_a_text_that_was_not_taken_is_kept(desk, writing):
    ended, before = [], desk.head()
    words = ("close", "A.1", "--outcome", "implemented")
    told = shown(desk.url, 200, *words, ended=ended, **writing("Much work"))

    assert ended == [4]
    assert desk.head() == before
    kept = next(one for line in told for one in line.split() if one.endswith("unsent-reason.txt"))
    assert Path(kept.lstrip("@")).read_text("utf-8") == "Much work\n"
    desk("note", "A.1", kept)


@pytest.mark.parametrize("words", [("note", "A.2"), ("extend", "A.1-2", "--due", "2999-01-31")])
def test_nothing_is_written_on_a_case_that_there_is_not(desk, writing, words):
    ended, told = [], shown(desk.url, 80, *words, **writing("Much work"))
    shown(desk.url, 80, *words, ended=ended, **writing("Much work"))

    assert ended == [3]
    assert "A.2" in "".join(told)
    assert not writing.given.exists()


def test_a_text_on_a_range_of_cases_is_written_above_them_all(desk, writing):
    desk("propose", "--title", "Học bổng", "--proposer", "hcmc-pc", "--ref", "A.3")
    shown(desk.url, 80, "note", "A.1-3", "--yes", **writing("Như nhau"))

    below = writing.given.read_text("utf-8").split("\n")
    assert [line for line in below if line.startswith("# A.")] == ["# A.1", "# A.3"]
    assert "#   title: Học bổng" in below
    assert desk.json("history", "A.3")[-1]["note"] == "Như nhau"


def test_the_path_of_an_editor_may_have_blanks(desk, writing, tmp_path):
    folder = tmp_path / "thư mục của tôi"
    folder.mkdir()
    spaced = Path(writing("Một")["EDITOR"]).rename(folder / "my editor.sh")
    shown(desk.url, 80, "note", "A.1", EDITOR=str(spaced), VISUAL="")

    assert desk.json("history", "A.1")[-1]["note"] == "Một"


@pytest.mark.parametrize("editor", ["'vi", "/no/such/editor", "false"])
def test_an_editor_that_cannot_be_started_is_named(desk, editor):
    ended, before = [], desk.head()
    told = shown(desk.url, 200, "note", "A.1", ended=ended, EDITOR=editor, VISUAL="")

    assert ended == [2]
    assert f"the editor failed: {editor}" in told[0]
    assert desk.head() == before


def test_what_an_editor_writes_that_is_no_text_is_refused(desk, tmp_path):
    script = tmp_path / "editor.sh"
    script.write_text('#!/bin/sh\nprintf "\\377" > "$1"\ntouch -d "+5 seconds" "$1"\n')
    script.chmod(0o755)
    ended = []
    told = shown(desk.url, 200, "note", "A.1", ended=ended, EDITOR=str(script), VISUAL="")

    assert ended == [2]
    assert "the editor failed" in told[0]


def test_each_text_that_was_not_taken_is_kept_by_itself(desk, writing):
    told = shown(desk.url, 200, "close", "A.1", "--outcome", "implemented", **writing("Why so"))
    (file,) = {one.lstrip("@") for line in told for one in line.split() if one.endswith(".txt")}
    shown(desk.url, 200, "answer", "A.1", "--outcome", "explained", **writing("Much work"))

    assert Path(file).name == "unsent-reason.txt"
    assert Path(file).read_text("utf-8") == "Why so\n"


@pytest.mark.parametrize("words", [("note", "A.1", "--json"), ("note", "A.1")])
def test_nobody_is_asked_who_is_not_there_to_write(desk, writing, monkeypatch, words):
    for name, value in writing("Never").items():
        monkeypatch.setenv(name, value)
    assert Shell(desk.url).run(*words).exit_code == 2
    if "--json" in words:
        ended = []
        shown(desk.url, 80, *words, ended=ended, **writing("Never"))
        assert ended == [2]
    assert not writing.given.exists()


@pytest.fixture
def answering(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("CASEWORK_CONFIG", str(tmp_path / "set" / "config.toml"))
    desk("assign", "A.1", "--owner", "mofa", "--due", "2099-12-31")
    desk("advance", "A.1")
    return desk


ANSWER = ("answer", "A.1", "--outcome", "explained")


def test_an_answer_begins_with_a_template_by_its_name(answering, writing, tmp_path):
    (tmp_path / "set" / "templates").mkdir(parents=True)
    file = tmp_path / "set" / "templates" / "decree.txt"
    file.write_text("{ref} ({title}), due {due}: {document}", "utf-8")
    more = {**writing("Above\n"), "CASEWORK_CONFIG": str(tmp_path / "set" / "config.toml")}
    shown(answering.url, 80, *ANSWER, "--template", "decree", **more)

    said = "Above\nA.1 (Rules), due 2099-12-31: …"
    assert answering.json("show", "A.1")["answer"] == said
    error = answering.refused(2, *ANSWER, "--template", "decree", "--answer", "x")
    assert "--template" in error["message"]
    shown(answering.url, 80, "note", "A.1", "--template", "decree", **more)
    shown(answering.url, 80, "extend", "A.1", "--due", "2100-01-31", "--template", "decree", **more)
    outcome = ("advance", "A.1", "--outcome", "explained", "--answer", "x")
    assert answering.refused(2, *outcome, "--template", "decree")["hint"]
    assert answering.refused(2, *outcome[:-2], "--template", "decree")["message"]
    assert answering.refused(2, "note", "A.1", "x", "--template", "decree")["message"]
    shown(answering.url, 80, *outcome[:-2], "--template", "decree", **more)
    *_, noted, extended, ended = answering.json("history", "A.1")
    assert noted["note"] == said
    assert extended["reason"] == said
    assert ended["changes"]["answer"][1] == said.replace("2099-12-31", "2100-01-31")
    file.write_text("{secret}", "utf-8")
    told = shown(answering.url, 80, *ANSWER, "--template", "decree", **more)
    assert any("{secret}" in line for line in told)
    assert answering.json("show", "A.1")["answer"] == ended["changes"]["answer"][1]


def test_a_template_there_is_none_of_is_refused_with_the_place_for_one(
    answering, writing, tmp_path
):
    more = {**writing("Above\n"), "CASEWORK_CONFIG": str(tmp_path / "set" / "config.toml")}
    for name in ("decree", "../config"):
        ended = []
        told = shown(answering.url, 200, *ANSWER, "--template", name, ended=ended, **more)
        assert ended == [3]
        assert any("casework template save" in line for line in told)
    assert answering.json("show", "A.1")["answer"] is None
