"""Options derived from the fields of a kind: to describe a record and to filter cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.dates import DAY, DayAsTyped, MomentAsTyped
from casework.cli.typed import TEXT, Word
from casework.kinds.case import FILTERED, Case
from casework.kinds.forms import form_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.cli.options import F
    from casework.kinds.field import Field
    from casework.kinds.record import Record

METAVARS = {"cause": "CODE", "conference": "C", "organisation": "ORG", "person": "PERSON"}
"""The names of codes in the help of cases, by kind."""

_CALLED = {"str": "TEXT", "Login": "L", "Mailbox": "ADDRESS", "Term": "S"}
"""The names of texts in the help, by type; the default is T."""


def describing(
    kind: type[Record], /, *, new: bool = False, **more: dict[str, Any]
) -> Callable[[F], F]:
    """Declare the options that describe a record of a kind; for a new one, some are required.

    Fields that are set once have no option in an edit, and an edit adds or removes single names.
    `more` has further settings of options, by short name.
    """

    def declare(f: F) -> F:
        for one in reversed(kind.describing):
            told = more.get(one.short, {})
            if new or not (one.once or _is_names(kind, one)):
                needed = new and one.wanted
                own = {"required": needed, "multiple": one.many} | told
                f = _option(kind, one, "option", **own)(f)
            elif not one.once:
                for verb in ("drop", "add"):
                    f = _one_name(one, verb)(f)
        return f

    return declare


def _is_names(kind: type[Record], one: Field) -> bool:
    """Return whether a field lists the aliases of a record."""
    return kind is not Case and one.many and one.naming


def _one_name(one: Field, verb: str) -> Callable[[F], F]:
    """Return the option that adds or removes one alias of a record."""
    name = f"--{one.each}" if verb == "add" else f"--{verb}-{one.each}"
    return click.option(name, f"{verb}_{one.short}", multiple=True, metavar="A")


def asking(f: F) -> F:
    """Declare the options that filter cases; a case must match any value given for a field."""
    f = click.option("--where", metavar="QUERY")(f)
    f = click.option("--text", multiple=True, metavar="WORDS")(f)
    f = click.option("--changed-since", type=MomentAsTyped("SINCE"), metavar="TIMESTAMP")(f)
    f = click.option("--due-within", type=DayAsTyped("AHEAD"), metavar="DATE")(f)
    f = click.option("--due-before", type=DayAsTyped("COMING"), metavar="DATE")(f)
    f = _flag("no_due")(f)
    for name in ("contested", "asks_time", "not_on_hold", "on_hold", "not_overdue", "overdue"):
        f = _flag(name)(f)
    for name in ("resolved", "open"):
        f = _flag(name)(f)
    for one in reversed(FILTERED):
        if one.may_lack:
            f = _flag(f"no_{one.short}", "list.lacking")(f)
        f = _option(Case, one, "filter", multiple="among" in form_of(one.type))(f)
    return f


def _flag(name: str, told: str | None = None) -> Callable[[F], F]:
    option = name.replace("_", "-")
    return click.option(f"--{option}", name, is_flag=True, help=told)


def _option(kind: type[Record], one: Field, use: str, **more: Any) -> Callable[[F], F]:
    """Return the option of a field, named as the field is in files."""
    name = f"--{(one.each or one.short).replace('_', '-')}"
    own = {"help": f"{use}.{kind.kind}.{one.name}", **_takes(kind, one), **more}
    return click.option(name, one.short, **own)


def _takes(kind: type[Record], one: Field) -> dict[str, Any]:
    """Return the type of a field's option."""
    if one.refers is not None:
        return {"metavar": METAVARS[one.refers] if kind is Case else "CODE"}
    form = form_of(one.type)
    if "among" in form:
        return {"type": Word(form["among"])}
    if one.many:
        # Each value of a list is one word or two: nobody reads them from a file.
        return {"metavar": "A" if one.naming else "T"}
    if form["is"] != "text":
        return (
            {"type": DAY, "metavar": "DATE"}
            if form["is"] == "date"
            else {"type": int, "metavar": "N"}
        )
    # What a record of a directory is called is typed, never read from a file.
    text = {"type": TEXT} if kind is Case or one.holds == "str" else {}
    return {"metavar": _CALLED.get(one.holds, "T"), **text}
