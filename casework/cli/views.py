"""The views there are, and which cases each of them finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.aliases import divided
from casework.cli.settings import settings, wrong_usage
from casework.errors import NotFoundError, UsageError
from casework.words import Choice, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from casework.cli.options import F

LOOK = frozenset({"sort", "columns", "group_by", "count_by", "force", "output"})
"""What a view says of how cases are shown, and not which they are."""


def viewed(f: F) -> F:
    """Declare ``--view``."""
    return click.option("--view", metavar="NAME")(f)


def views() -> dict[str, list[str]]:
    """Return the options of each view: of each alias of ``list`` that is configured."""
    found = {}
    for name, words in settings().configured.aliases.items():
        first, *options = divided(name, words) or [""]
        if first == "list":
            found[name] = options
    return found


def options_of(name: str) -> list[str]:
    """Return the options of a view; raises NotFoundError for one there is none of."""
    known = views()
    if name not in known:
        from difflib import get_close_matches

        near = get_close_matches(name, known)
        hint = Text("view.near", near=Choice(near)) if near else ""
        raise NotFoundError("view.unknown", hint, name=name)
    return known[name]


def narrowed(view: str | None, where: str | None) -> str | None:
    """Return the query of the cases that a view finds, and that another query leaves.

    Raises NotFoundError for no view, and UsageError for one that no query says.
    """
    if view is None:
        return where
    found = query_of(view)
    return f"({found}) and ({where})" if where is not None else found


def query_of(name: str) -> str:
    """Return the query of the cases that a view finds; raises as `narrowed` does."""
    root: Any = click.get_current_context().find_root()
    command = root.command.get_command(root, "list")
    given = command.make_context(
        "list", options_of(name), parent=click.Context(root.command)
    ).params
    for option in ("limit", "as_of", "known_at"):
        if given.get(option) is not None:
            raise UsageError("view.no-query", name=name, option=f"--{option.replace('_', '-')}")
    return " and ".join(f"({term})" for term in _terms(given)) or _EVERY


# Every case is one or the other.
_EVERY = "(open)or(resolved)"


def _terms(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield what must be met, of the options of a list."""
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
    """Return a value as it stands in a query."""
    text = str(value)
    for mark in "\"'":
        if mark not in text:
            return f"{mark}{text}{mark}"
    raise wrong_usage("view.quotes", value=text)
