"""Options that commands share: global ones, and those of acts and questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from casework.cli.dates import DAY, LAST_DAY, MOMENT
from casework.cli.settings import settings
from casework.cli.typed import TEXT
from casework.system.configuration import COLORS, FORMATS
from casework.words import LANGUAGES

F = TypeVar("F", bound=Callable[..., Any])


LETTERS = {
    "--answer": "-a",
    "--conference": "-c",
    "--due": "-d",
    "--outcome": "-O",
    "--owner": "-o",
    "--proposer": "-p",
    "--reason": "-r",
    "--title": "-t",
    "--with": "-w",
    "--yes": "-y",
}
"""The short forms of common options, the same in every command."""


def _set(_: click.Context, param: click.Parameter, value: Any) -> None:
    if value is None or value is False:
        return
    if param.name == "json":
        settings().format = "json"
    elif param.name is not None:
        setattr(settings(), param.name, value)


def _options(*, hidden: bool) -> list[click.Parameter]:
    def option(*names: str, **attrs: Any) -> click.Option:
        return click.Option(names, expose_value=False, callback=_set, hidden=hidden, **attrs)

    env: Any = (lambda _: None) if hidden else (lambda name: name)
    return [
        option("--db", metavar="URL-OR-PATH", envvar=env("CASEWORK_DB")),
        option("--read-from", type=click.Choice(("primary", "standby"))),
        option("--with-secret", is_flag=True),
        option("--by", metavar="PERSON", envvar=env("CASEWORK_BY")),
        option("--for", "deputy_of", metavar="PERSON"),
        option("--format", type=click.Choice(FORMATS)),
        option("--json", is_flag=True),
        option("--lang", type=click.Choice(LANGUAGES), envvar=env("CASEWORK_LANG")),
        option("--color", type=click.Choice(COLORS)),
        option("--no-pager", is_flag=True),
        option("-q", "--quiet", is_flag=True),
        option("--verbose", is_flag=True),
        option("--debug", is_flag=True),
    ]


GLOBAL_OPTIONS = _options(hidden=False)
_EVERYWHERE = _options(hidden=True)


def with_global(own: list[click.Parameter]) -> list[click.Parameter]:
    """Return a command's own parameters and the global ones, which may follow its name."""
    taken = {name for parameter in own for name in parameter.opts}
    return [*own, *(option for option in _EVERYWHERE if taken.isdisjoint(option.opts))]


def lettered(own: list[click.Parameter]) -> list[click.Parameter]:
    """Add the short forms of options; return the options."""
    for parameter in own:
        letter = LETTERS.get(max(parameter.opts, key=len))
        if letter is not None and letter not in parameter.opts:
            parameter.opts.append(letter)
    return own


def rehearses(f: F) -> F:
    """Declare ``--dry-run``."""
    return click.option("--dry-run", is_flag=True)(f)


def writes(f: F) -> F:
    """Declare ``--dry-run`` and ``--idempotency-key``."""
    once = click.option("--idempotency-key", metavar="KEY", expose_value=False, callback=_set)
    return rehearses(once(f))


def replaces(f: F) -> F:
    """Declare ``--force``."""
    return click.option("--force", is_flag=True)(f)


def begins(f: F) -> F:
    """Declare ``--template``, with which a text begins in the editor."""
    return click.option("--template", metavar="NAME", expose_value=False, help="editing.template")(
        f
    )


def act(*, reason: bool = False) -> Callable[[F], F]:
    """Declare the options of every act on a case; `reason` makes a reason required."""

    def declare(f: F) -> F:
        f = writes(f)
        f = click.option("--if-version", type=int, metavar="N")(f)
        f = click.option("--effective", type=DAY, metavar="DATE")(f)
        f = click.option("--document", type=TEXT, metavar="D")(f)
        f = click.option("--reason", type=TEXT, metavar="TEXT", required=reason)(f)
        return begins(f) if reason else f

    return declare


def dates_document(f: F) -> F:
    """Declare ``--document-date``."""
    return click.option("--document-date", type=DAY, metavar="DATE")(f)


def earlier(f: F) -> F:
    """Declare ``--as-of`` and ``--known-at``."""
    f = click.option("--known-at", type=MOMENT, metavar="TIMESTAMP")(f)
    return click.option("--as-of", type=LAST_DAY, metavar="DATE")(f)
