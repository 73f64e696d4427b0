"""A recommendation is asked for at a terminal, where a command line leaves it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.editing import may_write, plainly
from casework.cli.output import print_rows
from casework.cli.settings import settings
from casework.cli.several import ask, show_on_terminal
from casework.errors import CaseworkError, UsageError
from casework.kinds.records import Case, Conference, Organisation, Record
from casework.questions import lookup
from casework.questions.resembling import resembling
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.cli.settings import Settings

ASKED = ("title", "proposer", "conference", "words", "source")
"""What is asked for, in order, by the names of options; what was typed is not asked again."""

NONE = "-"
"""What is typed for no value where one is offered."""

COLUMNS = ("ref", "title", "conference", "state", "outcome", "owner")
"""What is shown of a case that resembles the one proposed."""


def complete(
    command: click.Command, ctx: click.Context, args: list[str], _: click.MissingParameter
) -> list[str] | None:
    """Return a command line with what it lacks, which is asked for; None where nobody can be asked.

    Shows the cases that resemble the one that is proposed, and asks whether it is another one.
    """
    chosen = ctx.find_root().obj
    if ctx.resilient_parsing or not may_write(chosen, args):
        return None
    typed, _rest, _order = command.make_parser(ctx).parse_args(args=list(args))
    chosen.tell(chosen.said("proposing.how", none=NONE))
    given = _asked(chosen, typed)
    with chosen.reading() as connection:
        alike = resembling(connection, given.get("title") or str(typed["title"]))
    if alike:
        show_on_terminal(lambda: _show(alike))
        ask(chosen.said("proposing.another"))
    return [*(f"--{name}={plainly(value)}" for name, value in given.items()), *args]


def _asked(chosen: Settings, typed: dict[str, Any]) -> dict[str, str]:
    """Return what is answered, by the names of options.

    The store is read anew for each answer, and is free while somebody thinks.
    """

    def code(kind: type[Record]) -> Callable[[str], str]:
        def find(words: str) -> str:
            with chosen.reading() as connection:
                return lookup.find(connection, kind, words, lookup.office_day(connection)).key

        return find

    read = {"proposer": code(Organisation), "conference": code(Conference)}
    wanted = {one.short for one in Case.describing if one.wanted}
    found: dict[str, str] = {}
    for name in ASKED:
        if typed.get(name):
            continue
        offered = _current(chosen) if name == "conference" else ""
        value = _answer(chosen, name, read.get(name, str), offered, must=name in wanted)
        if value:
            found[name] = value
    return found


def _answer(
    chosen: Settings, name: str, read: Callable[[str], str], offered: str, *, must: bool
) -> str:
    """Return what is answered for a field, asked until it can be read; empty where it may be."""
    from casework.cli.wording import told

    label = word("due_words" if name == "words" else name, chosen.lang)
    prompt = f"{label} [{offered}]" if offered else label
    while True:
        said = click.prompt(prompt, default="", show_default=False, err=True).strip() or offered
        if said in {"", NONE} and not must:
            return ""
        try:
            return read(said) if said else _refused(label)
        except CaseworkError as error:
            chosen.tell("\n".join(filter(None, told(error, chosen.lang))))


def _refused(label: str) -> str:
    raise UsageError("proposing.needed", name=label)


def _current(chosen: Settings) -> str:
    """Return the conference that was held last, else the next one; empty where there is none."""
    with chosen.reading() as connection:
        day, known = lookup.office_day(connection), lookup.directory(connection, Conference)
    dated = [(one.date, one.code) for one in known if one.date]
    held = [one for one in dated if one[0] <= day]
    current = max(held) if held else min(dated, default=None)
    return "" if current is None else current[1]


def _show(alike: list[Case]) -> None:
    rows = [vars(one) for one in alike]
    print_rows(settings(), rows, COLUMNS, fit="title")
