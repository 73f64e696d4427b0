"""Views and the cases that they find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.aliases import divided
from casework.cli.settings import settings, wrong_usage
from casework.errors import CaseworkError, NotFoundError, RefusedError, UsageError
from casework.words import Choice, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from casework.cli.options import F

LOOK = frozenset({"sort", "columns", "group_by", "count_by", "force", "output"})
"""The options of a view about how cases are shown."""


def viewed(f: F) -> F:
    """Declare ``--view``."""
    return click.option("--view", metavar="NAME")(f)


def narrows(f: F, told: str | None = None) -> F:
    """Declare ``--where`` and ``--view``; `told` is the help of the former if it differs."""
    return viewed(click.option("--where", metavar="QUERY", help=told)(f))


def own_views() -> dict[str, list[str]]:
    """Return the options of the user's own views: the configured aliases of ``list``."""
    found = {}
    for name, words in settings().configured.aliases.items():
        first, *options = divided(name, words) or [""]
        if first == "list":
            found[name] = options
    return found


def options_of(name: str) -> list[str]:
    """Return the options of a view: the user's own, or else the register's.

    Raises NotFoundError if there is no such view, RefusedError if it cannot be read.
    """
    from casework.acts.notices import NameHidden
    from casework.kinds.records import View
    from casework.questions import named

    own, chosen = own_views(), settings()
    with chosen.reading() as connection:
        shared = named.known(connection, View, name)
        if name not in own and shared is None:
            near = nearest(name, [*own, *(one.code for one in named.in_use(connection, View))])
            raise NotFoundError("view.unknown", near, name=name)
    if shared is None or name in own:
        if shared is not None:
            chosen.session.tell_reader(NameHidden(kind=View.kind, name=name))
        read(name, own[name])
        return own[name]
    return read_shared(shared.code, shared.listing)


def nearest(name: str, known: Iterable[str]) -> Text | str:
    """Return the hint with views of similar names, if any."""
    from difflib import get_close_matches

    near = get_close_matches(name, [*dict.fromkeys(known)])
    return Text("view.near", near=Choice(near)) if near else ""


def read_shared(name: str, listing: str) -> list[str]:
    """Return the options of a view of the register; raises RefusedError if it cannot be read.

    It may have been saved by a version with other options, or have been erased.
    """
    try:
        options = divided(name, listing)
        read(name, options)
    except (CaseworkError, click.UsageError) as error:
        why = error.what if isinstance(error, CaseworkError) else error.format_message()
        raise RefusedError("view.unreadable", name=name, why=why) from None
    return options


def read(name: str, options: list[str]) -> Mapping[str, Any]:
    """Return the options of a view by name.

    Only options of ``list`` are allowed, not global ones. Raises UsageError for others, and for an
    invalid query.
    """
    from casework.rules.query import parse

    root = click.get_current_context().find_root()
    command: Any = root.command
    listing: click.Command = command.get_command(root, "list")
    context = click.Context(root.command, info_name=root.info_name)
    context.obj = root.obj
    own = {str(one.name) for one in listing.params} - {"view"}
    typed, rest, _ = listing.make_parser(
        click.Context(listing, context, info_name="list")
    ).parse_args([*options])
    if "view" in typed:
        raise UsageError("view.of-a-view")
    if others := [*rest, *(one for one in typed if one not in own)]:
        called = {str(one.name): max(one.opts, key=len) for one in listing.get_params(context)}
        raise UsageError("view.not-of-list", name=name, word=called.get(others[0], others[0]))
    given = listing.make_context("list", [*options], parent=context).params
    if given.get("where") is not None:
        parse(given["where"])
    return given


def narrowed(view: str | None, where: str | None) -> str | None:
    """Return the query for the cases of a view that also meet another query.

    Raises NotFoundError if there is no such view, and UsageError if no query can express it.
    """
    if view is None or where is None:
        return where if view is None else query_of(view)
    from casework.questions.narrowing import both

    return both(query_of(view), where)


def query_of(name: str) -> str:
    """Return the query for the cases of a view; raises the errors of `narrowed`."""
    given = read(name, options_of(name))
    for option in ("limit", "as_of", "known_at"):
        if given.get(option) is not None:
            raise UsageError("view.no-query", name=name, option=f"--{option.replace('_', '-')}")
    return " and ".join(f"({term})" for term in _terms(given)) or _EVERY


# Every case is one or the other.
_EVERY = "(open)or(resolved)"


def _terms(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield the terms for the options of a list."""
    from casework.questions.wanted import ASKED
    from casework.system.text import spelt

    for name, value in given.items():
        if not value or name in LOOK:
            continue
        if name in ASKED:
            values = value if isinstance(value, tuple) else (value,)
            yield " or ".join(f"{spelt(name)}:{_quoted(one)}" for one in values)
        elif value is True:
            bare = name.removeprefix("not_")
            yield ("" if bare == name else "not ") + spelt(bare)
        else:
            yield _OTHERS[name](value)


_OTHERS: Mapping[str, Callable[[Any], str]] = {
    "where": str,
    "text": lambda words: " ".join(f"text:{_quoted(one)}" for one in words),
    "due_before": lambda day: f"due<{_quoted(day)}",
    "due_within": lambda day: f"open due>=today due<={_quoted(day)}",
    "changed_since": lambda day: f"changed>={_quoted(day)}",
}


def _quoted(value: Any) -> str:
    """Return a value quoted for a query."""
    text = str(value)
    for mark in "\"'":
        if mark not in text:
            return f"{mark}{text}{mark}"
    raise wrong_usage("view.quotes", value=text)
