"""Help by topic, in both languages, and the same as manual pages."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from command_tree import commands

from casework import errors
from casework.cli import COMMANDS, casework
from casework.cli.manual import page, place
from casework.cli.topics import CODES, TOPICS
from casework.rules.dates import parse
from casework.words import LANGUAGES, said

ROFF = ("groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z")


def ask(*words, code=0):
    done = CliRunner().invoke(casework, words)
    assert done.exit_code == code, done.stderr
    return done.stderr if code else done.stdout


def test_without_a_command_help_is_printed_and_nothing_is_wrong():
    assert ask() == ask("--help")
    assert "Usage: casework" in ask()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_topic_and_every_command_has_help(lang):
    listed = ask("help", "--lang", lang)
    for topic in TOPICS:
        assert said(f"topic.{topic}.about", lang) in listed
        told = ask("help", topic, "--lang", lang)
        assert "[table]" not in told
        assert len(told) > 300
        assert max(map(len, told.splitlines())) <= 100
    for name in COMMANDS:
        assert ask("help", name, "--lang", lang).rstrip() in ask(name, "--help", "--lang", lang)


def test_help_of_a_verb_is_that_of_its_command():
    assert "casework audit verify" in ask("help", "audit", "verify")
    assert "nearest: workflow" in ask("help", "workflw", code=2)
    assert "nearest: assign" in ask("help", "asign", code=2)
    assert "casework help" in ask("help", "audit", "xyzzy", code=2)


def test_help_of_an_alias_is_what_it_stands_for(tmp_path, monkeypatch):
    file = tmp_path / "config.toml"
    file.write_text('[alias]\nlate = "list --overdue"\n')
    monkeypatch.setenv("CASEWORK_CONFIG", str(file))

    assert "casework list --overdue" in ask("help", "late")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_dates_that_help_shows_are_understood(lang):
    (shown,) = (one for one in said("topic.dates", lang).split("\n\n") if one.startswith("  "))
    phrases = [one for line in shown.splitlines() for one in re.split(r" {2,}", line) if one]

    assert len(phrases) > 20
    for phrase in phrases:
        parse(phrase)


def test_the_exit_codes_of_help_are_those_of_the_errors():
    known = {one.exit for one in vars(errors).values() if hasattr(one, "exit")}

    assert set(CODES) == known | {0, 130}


NAMES = ["", *TOPICS, *(" ".join(words) for words, _ in commands()), "audit"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_manual_pages_are_without_fault(lang, tmp_path):
    if shutil.which("groff") is None:
        pytest.skip("there is no groff here: apt-get install groff")
    files = []
    for name in NAMES:
        files.append(tmp_path / place(name).name)
        files[-1].write_text(page(name, lang) + "\n", "utf-8")
    told = subprocess.run([*ROFF, *files], capture_output=True, text=True)

    assert (told.returncode, told.stderr) == (0, "")


def test_a_manual_page_reads_as_help_does():
    if shutil.which("groff") is None:
        pytest.skip("there is no groff here: apt-get install groff")
    source = page("completion", "en")
    shown = (
        subprocess.run(
            [*ROFF[:-1], "-P-cbou"], input=source, capture_output=True, text=True, check=True
        )
        .stdout.replace("\u2212", "-")
        .replace("\u2010", "-")
    )

    assert "casework-completion - Print the completion script of a shell" in shown
    assert "~/.bashrc" in shown
    assert "--install" in shown
    assert "'" not in source.partition("\n")[2] or "\\(aq" in source


def test_pages_are_written_where_man_looks_and_replaced_only_by_force(tmp_path):
    told = ask("man", "assign", "--to", str(tmp_path / "man"))
    made = {str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*.1")}

    assert made == {"man/man1/casework-assign.1", "man/vi/man1/casework-assign.1"}
    assert "2" in told
    ask("man", "assign", "--to", str(tmp_path / "man"), code=5)
    ask("man", "assign", "--to", str(tmp_path / "man"), "--force")
    ask("man", "workflow", "--to", str(tmp_path / "man"))
    assert (tmp_path / "man" / "man7" / "casework-workflow.7").is_file()
    assert Path(tmp_path, "man/vi/man1/casework-assign.1").read_text("utf-8").count("Giao") > 0
