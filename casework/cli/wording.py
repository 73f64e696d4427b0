"""What an error's way out is at the command line: by its options and commands.

An error has an id and values, and no room below this one knows how a person is to act on it. Where
the command line has words of its own for a text, they are in the catalogue under the text's id with
``.cli``; another face would have others.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from casework.words import Choice, Given, Lines, Text, Verb, has, shown

if TYPE_CHECKING:
    import click

    from casework.errors import CaseworkError

COMMANDS = {
    "study": "advance",
    "resolve": "advance --outcome … --answer …",
    **dict.fromkeys(
        ("reopen as proposed", "reopen as assigned", "reopen as studied"), "reopen --as-it-was"
    ),
}
"""What the command is that does an act, where it is not called like it."""


def worded(text: Text) -> Text:
    """Return a text as the command line words it, with all texts that stand in it."""
    own = f"{text.key}.cli"
    found = copy(text)
    found.key = own if has(own) else text.key
    found.values = {
        name: _value(one, commands=found.key == own) for name, one in text.values.items()
    }
    if isinstance(found, Lines):
        found.texts = [_value(one, commands=False) for one in found.texts]
    if isinstance(found, Choice):
        found.items = [_value(one, commands=False) for one in found.items]
    return found


def _value(value: Any, *, commands: bool) -> Any:
    match value:
        case Verb(name=name) if commands:
            return COMMANDS.get(name, name)
        case Given(name=name) if commands:
            return f"--{name} …"
        case Text():
            return worded(value)
        case [Given(), *_] if commands:
            return " ".join(_value(one, commands=True) for one in value)
        case [Text(), *_]:
            found = [_value(one, commands=commands) for one in value]
            # Several acts may be done by one command.
            return [*dict.fromkeys(found)] if commands else found
    return value


def of_click(error: click.ClickException) -> str:
    """Return what click found wrong, on one line: it sets choices one below the other."""
    return error.format_message().replace(",\n\t", ", ").replace("\n\t", " ")


def told(error: CaseworkError, lang: str) -> tuple[str, str]:
    """Return what is and what to do next, in a language."""
    way_out = worded(error.way_out)
    next_step = shown(way_out, lang) if has(way_out.key) else ""
    return shown(worded(error.what), lang), next_step
