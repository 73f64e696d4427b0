"""Texts of acts: as they are typed, from a file, from standard input."""

import os

import click
import pytest
from command_tree import commands

from casework.cli.typed import Text

TEXT = "Dòng một\n\nDòng hai, “có dấu”"


def notes(office, ref):
    return [one["note"] for one in office.json("history", ref) if one["act"] == "note"]


def test_a_text_is_typed_or_comes_from_standard_input_or_a_file(office, case, tmp_path):
    ref, file = case(), tmp_path / "ghi chú.txt"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode() + b"\r\n")
    office("note", ref, "plain")
    office("note", ref, "-", input=f"{TEXT}\n")
    office("note", ref, f"@{file}")
    office("note", ref, "@@lan asked")
    office("note", ref, "mail lan@mofa.example - today")

    expected = ["plain", TEXT, TEXT, "@lan asked", "mail lan@mofa.example - today"]
    assert notes(office, ref) == expected


def test_every_text_of_an_act_may_be_a_file(office, case, tmp_path):
    file = tmp_path / "text"
    file.write_text("from a file\n")
    told = f"@{file}"
    new = ["--proposer", "hcmc-pc", "--title", told, "--summary", told, "--source", told]
    made = office.json("propose", *new, "--reason", told, "--words", told, "--title-vi", told)
    ref = case("under_study")
    office("answer", ref, "--outcome", "explained", "--answer", "-", input="from a pipe")
    office("correct", ref, "--field", "answer", "--to", told, "--reason", "-", input="why")
    office("org", "edit", "vufo", "--kind", "union", "--reason", told, "--email", "a@b.example")

    fields = ("title", "title_vi", "summary", "source", "due_words")
    assert [made[name] for name in fields if name in made] == ["from a file"] * 5
    last = office.json("history", ref)[-1]
    assert (last["reason"], office.json("show", ref)["answer"]) == ("why", "from a file")


def test_no_option_of_a_text_takes_it_only_as_it_is_typed():
    named = {"--reason", "--document", "--source", "--basis", "--words", "--answer"}
    typed = [
        (" ".join(path), *option.opts)
        for path, command in commands()
        for option in command.params
        if named & {*option.opts} and not isinstance(option.type, (Text, click.Choice))
    ]

    assert typed == []


def test_a_text_that_cannot_be_read_is_refused_with_the_way_to_write_an_at(office, case, tmp_path):
    ref = case()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "latin").write_bytes("Bộ".encode("utf-16"))
    (tmp_path / "long").write_bytes(b"x" * (2 << 20))
    (tmp_path / "empty").write_bytes(b"\n \n")
    for code, name in ((3, "nowhere"), (2, "pipe"), (2, ""), (2, "latin"), (2, "long")):
        error = office.refused(code, "note", ref, f"@{tmp_path / name}")

        assert "@@" in error["hint"]
    office.refused(2, "note", ref, f"@{tmp_path / 'empty'}")
    office.refused(2, "note", ref, "-", input="")
    office.refused(3, "note", ref, "@lan please look")


def test_standard_input_is_one_text_only(office, case):
    ref = case("under_study")
    words = ["answer", ref, "--outcome", "explained", "--answer", "-", "--reason", "-"]
    error = office.refused(2, *words, input="text")

    assert "standard input" in error["message"]


@pytest.mark.parametrize("words", [("note", "A.1", "-"), ("note", "A.1", "@nowhere")])
def test_completion_reads_nothing(words):
    from click.testing import CliRunner

    from casework.cli import casework

    line = f"casework {' '.join(words)} --"
    env = {"COMP_WORDS": line, "COMP_CWORD": "4", "_CASEWORK_COMPLETE": "bash_complete"}
    result = CliRunner().invoke(casework, env=env, prog_name="casework", input=None)

    assert "--effective" in result.stdout
