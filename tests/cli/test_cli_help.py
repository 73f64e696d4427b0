"""The help: complete, true to the commands, and with examples that can be pasted."""

import ast
import re
import shlex
import subprocess
import sys

import click
import pytest
import texts
from click.testing import CliRunner
from command_tree import commands

from casework.cli import COMMANDS, SECTIONS, casework
from casework.words import said

MAKES_A_STORE = ("init", "demo", "db upgrade")
WITHOUT_A_STORE = (
    "casework completion",
    "casework config get",
    "casework config list",
    "casework config set",
    "casework help",
    "casework man",
    "casework view list",
    "casework view save",
    "casework template list",
    "casework template save",
    "casework db path",
    "casework shell",
    "casework audit findings --explain",
)


def _ask(*words):
    result = CliRunner().invoke(casework, words, terminal_width=200)
    assert result.exit_code == 0, result.output
    return result.stdout


def _command(name):
    found = casework.get_command(click.Context(casework), name)
    assert found is not None, name
    return found


LEAVES = {" ".join(words): command for words, command in commands()}


def _examples(name):
    """Return the command lines under ``Example:`` in the help of a command."""
    shown = _ask(*name.split(), "--help")
    lines = [line.strip() for line in shown.partition("Example:\n")[2].splitlines()]
    block = lines[: lines.index("")] if "" in lines else lines
    return [re.split(" >>? ", line)[0] for line in block]


EXAMPLES = [(name, line) for name in ["", *LEAVES] for line in _examples(name)]


def test_the_help_lists_every_command_under_its_section_with_its_short_text():
    lines = [line.rstrip() for line in _ask("--help").splitlines()]

    for section, told in SECTIONS.items():
        heading = said(f"help.section.{section}")
        start = lines.index(f"{heading}:")
        listed = [line.split(None, 1) for line in lines[start + 1 : start + 1 + len(told)]]
        assert listed == [[name, _first_sentence(name)] for name in told]


def _first_sentence(name):
    return " ".join(re.split(r"(?<=[.])\s", said(f"help.{name}"))[:1])


@pytest.mark.parametrize("name", list(COMMANDS))
def test_a_command_has_the_name_it_is_found_by(name):
    assert _command(name).name == name


def test_every_text_of_the_help_is_of_a_command_or_option_there_is():
    options = {"help", "version"} | {
        one.name
        for name in LEAVES
        for one in (*LEAVES[name].params, *casework.params)
        if isinstance(one, click.Option)
    }
    paths = {".".join(name.split()[:n]) for name in LEAVES for n in range(1, 4)}

    for key in texts.in_catalogue():
        kind, _, rest = key.partition(".")
        if key.startswith("help.option."):
            assert rest.removeprefix("option.") in options, key
        elif kind == "help" and rest not in paths and not rest.startswith("section."):
            path, _, name = rest.rpartition(".")
            assert rest in {"", "example", "epilog", "command-epilog", "refs-epilog", "one-of"} or (
                path in paths and name in options
            ), key


@pytest.mark.parametrize("name", ["", *COMMANDS, *(name for name in LEAVES if " " in name)])
def test_every_command_and_every_option_has_help(name):
    text = _ask(*name.split(), "--help")

    assert text == _ask(*name.split(), "-h")
    assert text.startswith(f"Usage: casework {name}".strip())
    command = LEAVES.get(name) or (_command(name) if name else casework)
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help
            assert option.hidden or max(option.opts, key=len) in text


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("lang", ["en", "vi"])
def test_no_word_of_the_help_is_broken_and_none_stands_beyond_the_edge(lang, width):
    def parts(name, width):
        words = ["--lang", lang, *name.split(), "--help"]
        shown = CliRunner().invoke(casework, words, terminal_width=width).stdout
        usage, _, rest = shown.partition("\n\n")
        return usage.split(), rest.splitlines()

    for name in ["", *LEAVES]:
        usage, lines = parts(name, width)
        assert usage == parts(name, 400)[0]
        # A line of an example is pasted as it stands.
        assert [line for line in lines if len(line) > width and "casework" not in line] == []
        assert [line for line in lines if re.search(r"\w-$", line)] == []


BOTH = """
from click.testing import CliRunner
from casework.cli import casework
for words in (["report", "progress"], ["paper", "issue"]):
    shown = CliRunner().invoke(casework, [*words, "--help"], terminal_width=200)
print(shown.stdout, end="")
"""


def test_the_help_of_a_command_is_the_same_whatever_was_asked_before():
    done = subprocess.run([sys.executable, "-c", BOTH], capture_output=True, text=True, check=True)

    assert done.stdout == _ask("paper", "issue", "--help")


@pytest.mark.parametrize("name", list(LEAVES))
def test_every_command_has_an_example_of_itself(name):
    lines = _examples(name)

    assert lines
    for line in lines:
        assert shlex.split(line)[: 1 + len(name.split())] == ["casework", *name.split()]


@pytest.mark.parametrize(("name", "line"), EXAMPLES)
def test_an_example_is_understood_and_makes_no_file_where_there_is_no_store(
    name, line, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASEWORK_DB", "missing.db")
    words = [word for word in shlex.split(line)[1:] if not word.startswith("~")]
    if name == "init":
        words = words[:1]

    result = CliRunner().invoke(casework, words)

    made = {path.name for path in tmp_path.iterdir()} - {"missing.db-journal"}
    if name in MAKES_A_STORE:
        assert result.exit_code == 0, result.stderr
        assert made == {"casework-demo" if name == "demo" else "missing.db"}
    else:
        # Not 2, which a word that is not understood gives; 3 where a file to read is missing.
        needs_none = line.startswith(WITHOUT_A_STORE) and "--shared" not in line
        allowed = {0} if needs_none else {3, 8}
        assert result.exit_code in allowed, result.stderr
        # What is the user's own stands in the home folder, which is this one.
        own = {
            "install": {".bashrc", "data"},
            "config set": {".config"},
            "view save": {".config"},
            "template save": {".config"},
            "man --to": {"man"},
        }
        own = own if needs_none else {"man --to": {"man"}}
        assert made == next((files for words, files in own.items() if words in line), set())


def test_the_command_alone_greets_with_its_help():
    for words in ([], ["--lang", "vi"], ["--db", "missing.db"]):
        result = CliRunner().invoke(casework, words)

        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == _ask_as(*words, "--help")


def _ask_as(*words):
    return CliRunner().invoke(casework, words).stdout


def test_help_is_shown_where_a_noun_is_told_nothing():
    for words in (["org"], ["db"]):
        result = CliRunner().invoke(casework, words)

        assert result.exit_code == 2
        assert result.stdout == ""
        assert "--help" in result.stderr


def test_a_noun_alone_shows_what_it_can_do():
    result = CliRunner().invoke(casework, ["org"])

    assert result.exit_code == 2
    assert result.stderr == (
        "casework: casework org must be told what to do: add, edit, end, import, list, show\n"
        "  see casework org --help\n"
    )


@pytest.mark.parametrize("typed", ["", "re", "--l"])
def test_completion_of_the_command_itself_imports_no_other_command(typed):
    code = (
        "import sys; from casework.cli import casework, COMMANDS\n"
        "ctx = casework.make_context('casework', [], resilient_parsing=True)\n"
        f"found = [item.value for item in casework.shell_complete(ctx, {typed!r})]\n"
        "loaded = [name for name in sys.modules if name.startswith('casework.cli.')]\n"
        "print(found, sorted(loaded))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found, loaded = map(ast.literal_eval, said.stdout.replace("] [", "]\n[").splitlines())

    assert found == [
        *(name for name in COMMANDS if name.startswith(typed)),
        *(["--lang"] if typed == "--l" else []),
    ]
    assert loaded == [
        "casework.cli.dates",
        "casework.cli.helping",
        "casework.cli.language",
        "casework.cli.options",
        "casework.cli.settings",
        "casework.cli.typed",
    ]
