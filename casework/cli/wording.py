"""The hints of errors on the command line, which name options and commands.

An error has an id and values; packages below this one do not know the interface. If the command
line needs its own words for a text, they are in the catalogue under the text's id with ``.cli``.
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
"""The command of an act, if it has another name."""


def worded(text: Text) -> Text:
    """Return a text with the command line's words, including texts inside it."""
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
    """Return click's error on one line; click puts choices on separate lines."""
    return error.format_message().replace(",\n\t", ", ").replace("\n\t", " ")


def told(error: CaseworkError, lang: str) -> tuple[str, str]:
    """Return the message and the hint in a language."""
    way_out = worded(error.way_out)
    next_step = shown(way_out, lang) if has(way_out.key) else ""
    return shown(worded(error.what), lang), next_step
