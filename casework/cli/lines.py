"""The lines of a shell: commands, and `use`, which sets the case for other lines."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from casework.acts.lines import COMMENT, words_of
from casework.cli.completing import leaf_of
from casework.cli.settings import Settings
from casework.cli.views import query_of
from casework.errors import CaseworkError, UsageError
from casework.kinds.directory import Conference
from casework.words import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casework.cli import Root

ENDS = frozenset({"exit", "quit"})
OWN = ("use", "help", *sorted(ENDS))
"""The words of the shell besides commands."""

NOTHING = "nothing"
"""The word that ends a `use`."""


_NUMBERS = re.compile(r"\d{1,6}(-\d{1,6})?", re.ASCII)
"""Cases of a conference by number, such as 7 or 1-20."""


@dataclass(slots=True)
class Current:
    """The case, conference or filter of lines that do not name one."""

    ref: str | None = None
    conference: str | None = None
    where: str | None = None

    def __str__(self) -> str:
        return self.ref or self.conference or (f"[{self.where}]" if self.where else "")

    def meant(self, root: Root, words: list[str]) -> list[str]:
        """Return the words of a line, with the current case, conference or filter added."""
        found = leaf_of(root, words)
        if found is None:
            return words
        command, path, given = found
        takes = {str(one.name): one for one in command.params}
        if not given.keys().isdisjoint({"where", "view", "help"}):
            return words
        if self.ref is not None and _lacks_case(path, takes, given):
            return [*path, self.ref, *words[len(path) :]]
        if given.get("ref"):
            return words if self.conference is None else self._numbered(words, path, given)
        if self.conference is not None and "conference" in takes:
            more = [] if "conference" in given else ["--conference", self.conference]
        elif self.conference is not None and "where" in takes:
            more = ["--where", f"conference:{self.conference}"]
        else:
            more = ["--where", self.where] if self.where and "where" in takes else []
        return [*path, *more, *words[len(path) :]]

    def _numbered(
        self, words: Sequence[str], path: Sequence[str], given: dict[str, Any]
    ) -> list[str]:
        """Return a line with numbers of cases replaced by references."""
        named = [given["ref"]] if isinstance(given["ref"], str) else [*given["ref"]]
        if path[-1] == "note" and "text" not in given:
            # What follows the case is the text.
            del named[1:]
        found = [*words]
        for one in filter(_NUMBERS.fullmatch, named):
            if found.count(one) == 1:
                first, hyphen, last = one.partition("-")
                end = hyphen and f"-{int(last):03}"
                found[found.index(one)] = f"{self.conference}.{int(first):03}{end}"
        return found


def _lacks_case(path: Sequence[str], takes: dict[str, Any], given: dict[str, Any]) -> bool:
    """Return whether a command lacks its case; the only word of a note is its text."""
    if not isinstance(takes.get("ref"), click.Argument):
        return False
    named = given.get("ref") or ()
    if path[-1] == "note" and "text" not in given:
        return len(named) <= 1
    return not named


@dataclass(slots=True)
class Shell:
    """The lines of one prompt, or of one pipe."""

    outer: Settings
    root: Root
    current: Current = field(default_factory=Current)
    refused: int = 0
    """The exit code of the first line that was refused."""

    def line(self, text: str) -> bool:
        """Do a line and print its output; return whether another line may follow."""
        if text.lstrip().startswith(COMMENT):
            return True
        try:
            words = [*words_of(text.strip())]
            if words[:1] == ["casework"]:
                del words[0]
            first = words[0].lstrip(".") if words else ""
            if first in ENDS:
                return False
            if first == "use":
                self._use(words[1:])
            elif first == "help":
                self._help(words[1:])
            elif words:
                self._run(self.current.meant(self.root, words))
        except CaseworkError as error:
            self._refuse(error)
        return True

    def _run(self, words: Sequence[str]) -> None:
        """Run a command line as if given alone."""
        if words[0] == "shell":
            raise UsageError("shell.in-itself")
        own = Settings()
        own.keep_open(self.outer)
        try:
            self.root.main([*_global(self.outer), *words], obj=own, prog_name="casework")
        except SystemExit as ended:
            self.refused = self.refused or int(ended.code or 0)
        sys.stdout.flush()

    def _help(self, words: Sequence[str]) -> None:
        from casework.cli import COMMANDS

        if words:
            self._run(["help", *words] if "help" in COMMANDS else [*words, "--help"])
            return
        self._run(["--help"])
        click.echo(f"\n{said('shell.help', self.outer.lang)}")

    def _use(self, words: Sequence[str]) -> None:
        """Set or show the current case, conference or filter."""
        from casework.questions import lookup

        if words:
            # What cannot be used is not done on what was used before.
            self.current = Current()
        match [*words]:
            case []:
                pass
            case [one] if one == NOTHING:
                pass
            case ["conference", name]:
                with self.outer.reading() as connection:
                    found = lookup.find(connection, Conference, name)
                self.current = Current(conference=found.code)
            case ["where", *rest] if rest:
                from casework.rules.query import parse

                query = " ".join(rest)
                parse(query)
                self.current = Current(where=query)
            case ["view", name]:
                self.current = Current(where=query_of(name))
            case [ref]:
                with self.outer.reading() as connection:
                    self.current = Current(ref=lookup.find_case(connection, ref).ref)
            case _:
                raise UsageError("shell.use-what")
        if not (sys.stdin and sys.stdin.isatty()) or not words:
            shown = str(self.current) or said("shell.uses-nothing", self.outer.lang)
            self.outer.tell(shown)

    def _refuse(self, error: CaseworkError) -> None:
        click.echo(refusal(error, self.outer.lang), err=True)
        self.refused = self.refused or error.exit


def refusal(error: CaseworkError, lang: str) -> str:
    """Return the message for a refused line."""
    from casework.cli.layout import sentences
    from casework.cli.wording import told

    lines = [part for text in told(error, lang) if text for part in text.split("\n")]
    return "\n".join(sentences(lines))


def _global(outer: Settings) -> Iterator[str]:
    """Yield the global options that were given to the shell."""
    for name, value in (("db", outer.db), ("by", outer.by), ("for", outer.deputy_of)):
        if value is not None:
            yield from (f"--{name}", value)
    chosen = {"lang": outer.lang, "format": outer.format, "color": outer.color}
    for name, value in (chosen | {"read-from": outer.read_from}).items():
        yield from (f"--{name}", value)
    for name in ("with_secret", "quiet", "verbose", "debug"):
        if getattr(outer, name):
            yield f"--{name.replace('_', '-')}"
