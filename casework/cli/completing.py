"""Complete values on the command line: references, codes, names of fields, outcomes.

A shell asks through an environment variable, and click finds the option or argument. The kind of
its value is derived: from the row of its field, or from the name its value has in the help. The
register is only read. If anything fails, a Tab completes nothing and prints nothing.
"""

from __future__ import annotations

import io
import os
import re
import shlex
from contextlib import redirect_stderr
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import (
    CompletionItem,
    add_completion_class,
    get_completion_class,
)

from casework.cli.fields import METAVARS
from casework.cli.helping import path_of
from casework.cli.offered import WORDS, reading
from casework.cli.parted import PARTED
from casework.cli.powershell import PowerShell
from casework.kinds.case import Case
from casework.kinds.housekeeping import Paper
from casework.kinds.records import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from casework.cli.parted import Part
    from casework.cli.settings import Settings
    from casework.store.connections import Connection

SHELLS = ("bash", "zsh", "fish", PowerShell.name)

NOUNS: Mapping[str, str] = {
    "org": "organisation",
    "person": "person",
    "conference": "conference",
    "cause": "cause",
    "request": "request",
}
"""The kinds of record, by the noun of the commands on them."""

CALLED: Mapping[str, str] = {
    "REF": Case.kind,
    "CONF": "conference",
    **{called: kind for kind, called in METAVARS.items() if called != "CODE"},
}
"""The kinds of record, by the name of their codes in the help."""

ARGUMENTS = {"ref": Case.kind, "refs": Case.kind, "person": "person"}
"""The kinds of record whose codes an argument takes, by the name of the argument."""

_PLAIN = re.compile(r"[\w.,:/@%+=-]+")


def offer() -> None:
    """Enable completion of values in every shell, including PowerShell."""
    add_completion_class(PowerShell)
    for shell in SHELLS:
        known = get_completion_class(shell)
        if known is not None and not issubclass(known, Valued):
            # fish would cut a value at its comma, as a list of columns has.
            asks = known.source_template.replace('split ","', 'split -m1 ","')
            own = {"source_template": asks} if known.name == "fish" else {}
            add_completion_class(type(known.__name__, (Valued, known), own))


class Valued:
    """A shell with completion of values."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return the completions of the word being typed; none if that fails."""
        # bash takes the sign between an option and its value for a word.
        words = [one for one in args if one != "="]
        with redirect_stderr(io.StringIO()):
            try:
                return self._completions(words, incomplete)
            except Exception:  # noqa: BLE001 - see above
                return []

    def _completions(self, words: list[str], incomplete: str) -> list[CompletionItem[str]]:
        from click.shell_completion import _resolve_context, _resolve_incomplete

        from casework.cli import COMMANDS
        from casework.cli.aliases import expanded

        shell: Any = self
        words = expanded(words, shell.ctx_args["obj"].configured.aliases, COMMANDS)
        # An option without its value would keep click from reading the arguments before it.
        whole = words[:-1] if words and words[-1].startswith("-") else words
        context = _resolve_context(shell.cli, shell.ctx_args, shell.prog_name, whole)
        asked, typed = _falling(context, words, incomplete) or _resolve_incomplete(
            context, words, incomplete
        )
        if isinstance(asked, click.Parameter):
            found = values(context, asked, typed)
            if found is not None:
                return self._fitting(found, typed)
        return asked.shell_complete(context, typed)

    def _fitting(
        self, found: Sequence[CompletionItem[str]], typed: str
    ) -> list[CompletionItem[str]]:
        """Return the completions that a shell can insert."""
        if getattr(self, "name", "") != "bash":
            return [*found]
        # bash writes what all have in common; of words that begin otherwise that may be nothing.
        alike = [one for one in found if one.value.casefold().startswith(typed.casefold())]
        fitting = alike or [*found[: len(found) == 1]]
        for one in fitting:
            one.value = _as_word(one.value)
        return fitting


def _falling(
    context: click.Context, words: Sequence[str], typed: str
) -> tuple[click.Parameter, str] | None:
    """Return the sort order being typed if it begins with a hyphen, as descending ones do.

    click would take it for an option.
    """
    for one in context.command.params if words and typed.startswith("-") else ():
        if one.name == "sort" and words[-1] in one.opts:
            return one, typed
    return None


def _as_word(value: str) -> str:
    """Return a value quoted as one word for bash."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    begun = any(one.startswith(("'", '"')) for one in words[-1:])
    return value if begun or _PLAIN.fullmatch(value) else shlex.quote(value)


def values(
    context: click.Context, asked: click.Parameter, typed: str
) -> list[CompletionItem[str]] | None:
    """Return the matching values of an option or argument; None if they are not known."""
    what = taken(path_of(context), asked)
    if what is None:
        return None
    chosen: Settings = context.find_root().obj
    if what in PARTED:
        return _parts(PARTED[what](typed, chosen.lang), chosen)
    if what in WORDS:
        return [*_beginning(WORDS[what](context), typed)]
    given = context.params.get(str(asked.name))
    there = {*given} if isinstance(given, tuple | list) else set()
    with reading(chosen) as connection:
        found = _known(connection, what, typed, chosen.lang)
        return [one for one in found if one.value not in there]


def _parts(part: Part, chosen: Settings) -> list[CompletionItem[str]]:
    """Return the completions of a value with several parts."""
    found = [*_beginning(part.words, part.typed)]
    if part.kind is not None:
        with reading(chosen) as connection:
            found = [*_known(connection, part.kind, part.typed, chosen.lang)]
    for one in found:
        one.value = part.before + one.value
    return found


def taken(path: Sequence[str], asked: click.Parameter) -> str | None:
    """Return the kind of a value: a kind of record or one of WORDS; None for others."""
    called = "".join(re.findall("[A-Z]+", str(asked.metavar or ""))[:1])
    name, noun = str(asked.name), path[0] if path else ""
    if isinstance(asked, click.Argument):
        return _taken_by_argument(path, noun, name)
    if called == "CODE":
        return _referred(noun, name) or ARGUMENTS.get(name)
    if name == "field":
        return noun if noun in WORDS else name
    if name in {"outcome", "act", "period", "view", *PARTED} or (name, called) == _TEMPLATE:
        return name
    return CALLED.get(called)


_TEMPLATE = ("template", "NAME")
"""The option that names a template, by the name of its value; others name files."""


def _taken_by_argument(path: Sequence[str], noun: str, name: str) -> str | None:
    """Return the kind of an argument of a command on a noun."""
    if (noun, name) in {("config", "key"), ("help", "topic"), ("man", "topic")}:
        return name
    if noun in {"view", "template"} and name == "name" and path[-1] != "save":
        return noun
    if noun == Paper.kind and name in {"number", "earlier", "later"}:
        return noun
    of_noun = None if path[-1] == "add" else NOUNS.get(noun)
    return of_noun if name == "code" else ARGUMENTS.get(name)


def _referred(noun: str, name: str) -> str | None:
    """Return the kind of record that the field of an option refers to."""
    for kind in (KINDS[NOUNS[noun]] if noun in NOUNS else Case, Case):
        for one in kind.fields:
            if name in {one.short, one.name} and one.refers:
                return one.refers
    return "organisation" if name == "successor" else None


# --- what there is ----------------------------------------------------------------------------


def _known(
    connection: Connection, kind: str, typed: str, lang: str
) -> Iterator[CompletionItem[str]]:
    """Yield the matching records of a kind with their names."""
    from casework.questions import beginning, lookup

    if kind == Case.kind:
        for case in beginning.cases(connection, typed):
            yield _item(case.ref, case.title, case.title_vi, lang)
    elif kind == Paper.kind:
        yield from _papers(connection, typed)
    elif kind == "request":
        waits = {one.code: f"{one.verb} {one.subject}" for one in lookup.waiting(connection)}
        yield from _beginning(waits, typed)
    else:
        for one in beginning.records(connection, kind, typed):
            told: Any = one
            yield _item(told.code, told.name, told.name_vi, lang)


def _papers(connection: Connection, typed: str) -> Iterator[CompletionItem[str]]:
    """Yield the papers with matching numbers, with or without leading zeros, the newest first.

    If several share a number, the newest has its printed number, the others have the year.
    """
    from casework.questions.papers import papers

    found: dict[str, Paper] = {}
    for one in reversed(papers(connection)):
        named = one.full_number
        found[f"{one.paper_number}/{one.issued_on.year}" if named in found else named] = one
    for value, one in found.items():
        if any(form.casefold().startswith(typed.casefold()) for form in (value, value.lstrip("0"))):
            yield CompletionItem(value, help=f"{one.report} {one.issued_on}")


def _item(value: str, en: str | None, vi: str | None, lang: str) -> CompletionItem[str]:
    from casework.system.text import visible

    told = (vi or en) if lang == "vi" else (en or vi)
    return CompletionItem(value, help=visible(told) if told else None)


def _beginning(
    words: Iterable[str] | Mapping[str, str], typed: str
) -> Iterator[CompletionItem[str]]:
    """Yield the matching words with their descriptions."""
    told = words if isinstance(words, dict) else {}
    for word in words:
        if _joined(word).startswith(_joined(typed)):
            yield CompletionItem(word, help=told.get(word))


def _joined(word: str) -> str:
    """Return a word with one separator between its parts."""
    return word.casefold().replace("_", "-").replace(" ", "-")


def leaf_of(
    root: click.Group, words: Sequence[str]
) -> tuple[click.Command, list[str], dict[str, Any]] | None:
    """Return the command of a line, its path, and its arguments by parameter name.

    None if the line cannot be parsed. The command is not run.
    """
    command: click.Command | None = root
    context, path, rest = click.Context(root, resilient_parsing=True), [], [*words]
    while isinstance(command, click.Group):
        if not rest:
            return None
        path.append(rest.pop(0))
        command = command.get_command(context, path[-1])
        if command is not None:
            context = click.Context(command, context, path[-1], resilient_parsing=True)
    if command is None:
        return None
    context.resilient_parsing = False
    try:
        given, _, _ = command.make_parser(context).parse_args(rest)
    except click.ClickException:
        return None
    # An argument that is not there has a sign of its own, or none at all.
    said = {str, bool, int, tuple, list}
    return command, path, {name: value for name, value in given.items() if type(value) in said}
