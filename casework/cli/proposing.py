"""Ask at a terminal for the parts of a recommendation that a command line lacks."""

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
"""The parts to ask for, in order, by option; parts that were typed are not asked for."""

NONE = "-"
"""The answer for no value if a default is offered."""

COLUMNS = ("ref", "title", "conference", "state", "outcome", "owner")
"""The columns shown of similar cases."""


def complete(
    command: click.Command, ctx: click.Context, args: list[str], _: click.MissingParameter
) -> list[str] | None:
    """Return a command line with its missing parts, which are asked for; None without a terminal.

    Shows similar cases, and asks whether the recommendation is a new one.
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
    """Return the answers, by option.

    The store is read for each answer, and is not locked in between.
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
    """Return the answer for a field, asked until it is valid; may be empty if optional."""
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
    """Return the last conference held, or else the next one; empty if there is none."""
    with chosen.reading() as connection:
        day, known = lookup.office_day(connection), lookup.directory(connection, Conference)
    dated = [(one.date, one.code) for one in known if one.date]
    held = [one for one in dated if one[0] <= day]
    current = max(held) if held else min(dated, default=None)
    return "" if current is None else current[1]


def _show(alike: list[Case]) -> None:
    rows = [vars(one) for one in alike]
    print_rows(settings(), rows, COLUMNS, fit="title")
