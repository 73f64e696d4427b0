"""Options made from the fields of a kind: to describe a record, and to filter cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.typed import TEXT, Word
from casework.kinds.case import FILTERED, Case
from casework.kinds.forms import form_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.cli.options import F
    from casework.kinds.field import Field
    from casework.kinds.record import Record

METAVARS = {"cause": "CODE", "conference": "C", "organisation": "ORG", "person": "PERSON"}
"""What help calls the code of a record, by its kind."""


def describing(kind: type[Record], *, new: bool = False) -> Callable[[F], F]:
    """Declare the options that describe a record of a kind; a new one must have those wanted."""

    def declare(f: F) -> F:
        for one in reversed(kind.describing):
            f = _option(kind, one, "option", required=new and one.wanted, multiple=one.many)(f)
        return f

    return declare


def asking(f: F) -> F:
    """Declare the options that ask for cases by a field; any of the words given will do."""
    for one in reversed(FILTERED):
        f = _option(Case, one, "filter", multiple="among" in form_of(one.type))(f)
    return f


def _option(kind: type[Record], one: Field, use: str, **more: Any) -> Callable[[F], F]:
    """Return the option of a field, which is called as the field is in files."""
    name = f"--{(one.each or one.short).replace('_', '-')}"
    return click.option(
        name, one.short, help=f"{use}.{kind.kind}.{one.name}", **_takes(one), **more
    )


def _takes(one: Field) -> dict[str, Any]:
    """Return what the option of a field takes."""
    if one.refers is not None:
        return {"metavar": METAVARS[one.refers]}
    form = form_of(one.type)
    if "among" in form:
        return {"type": Word(form["among"])}
    # Each value of a list is one word or two: nobody reads them from a file.
    return {"metavar": "T"} if one.many else {"metavar": _called(one), "type": TEXT}


def _called(one: Field) -> str:
    return "TEXT" if one.holds == "str" else "T"
