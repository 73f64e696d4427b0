"""Every command that a document shows is one that the program has, with these options.

What the documents show together with its output is run when they are made: `make docs-check` runs
it again.
"""

import re
import shlex
from pathlib import Path

import click
import pytest

from casework.cli import casework
from casework.errors import CaseworkError
from casework.log import verify_bundle

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("README.*.md"), *ROOT.glob("docs/*.md")])
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
IN_A_LINE = re.compile(r"`(casework [a-z][^`]*)`")
RUN = {"console", "python", "mermaid", "powershell"}


def commands(text):
    """Yield the command lines of a page, but those that are run."""
    for language, block in FENCED.findall(text):
        lines = block.replace("\\\n", " ").splitlines() if language not in RUN else []
        for line in lines:
            told = re.match(r"\s*(?:\S*/)?(casework (?!COMMAND)[a-z].*)", line)
            if told and "Usage:" not in block and "Cách dùng:" not in block:
                # Behind two blanks a line says what it is for.
                yield re.split(r"\s{2,}|\s#", told[1])[0]
    for told in IN_A_LINE.findall(FENCED.sub("", text)):
        yield " ".join(told.split())


def words_of(line):
    """Return the words of each command in a line of a shell that is one of casework's."""
    for part in line.split(" | "):
        words = shlex.split(part.replace("[", "").replace("]", "").split(" > ")[0])
        if words[0] == "casework":
            yield words[1:]


def parsed(words):
    """Take the words of a command apart as the program does, and do nothing."""
    command, context = casework, click.Context(casework, info_name="casework")
    while isinstance(command, click.Group):
        _, rest, _ = command.make_parser(context).parse_args(list(words))
        if not rest:
            return
        name = rest[0]
        if name.isupper() or name in {"…", "..."}:
            return
        found = [command.get_command(context, one) for one in rest[0].split("|")]
        if None in found:
            raise LookupError(rest[0])
        command, words = found[0], rest[1:]
        context = click.Context(command, parent=context, info_name=name, **command.context_settings)
    command.make_parser(context).parse_args(list(words))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_document_shows_commands_that_there_are(page):
    # A view that a page keeps is a command from then on.
    kept = set(re.findall(r"casework view save (\w+)", page.read_text("utf-8")))
    text = re.sub(r"<!-- \[\[\[cog.*?\]\]\] -->", "", page.read_text("utf-8"), flags=re.DOTALL)
    wrong = []
    for line in commands(text):
        for words in words_of(line):
            if words[0] in kept:
                continue
            try:
                parsed(words)
            except (click.UsageError, CaseworkError, LookupError) as error:
                wrong.append(f"{line}: {error}")

    assert wrong == []


def test_whoever_checks_a_bundle_as_a_page_says_gives_a_key():
    texts = [page.read_text("utf-8") for page in PAGES]
    lines = [
        line
        for text in texts
        for line in re.findall(r"`python3 \S*(verify_bundle.py [^`]*)`", text)
    ]
    for line in lines:
        assert verify_bundle.wanted(shlex.split(line)[1:]).key, line
    assert len(lines) > 1


@pytest.mark.parametrize(
    "line",
    ["casework lst", "casework list --never", "casework request grunt X.T1", "casework view sve"],
)
def test_a_command_that_there_is_not_is_found(line):
    (words,) = words_of(line)
    with pytest.raises((click.UsageError, CaseworkError, LookupError)):
        parsed(words)


def test_the_commands_of_the_pages_are_seen():
    seen = {page.name: len([*commands(page.read_text("utf-8"))]) for page in PAGES}

    assert seen["README.md"] > 3
    assert sum(seen.values()) > 150
