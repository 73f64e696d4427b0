"""The words that a Tab offers for options and arguments: outcomes, views, periods.

The register is read for them, within the time that a Tab may take.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from casework.errors import CaseworkError
from casework.kinds.case import Case
from casework.kinds.choices import Outcome
from casework.kinds.records import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from casework.cli.settings import Settings

STATED: Mapping[str, Sequence[str]] = {"advance": ("resolve", "confirm")}
"""The acts with an outcome of commands that have another name."""

WAIT = "2"
"""The seconds that a server has to answer a Tab."""


def reading(chosen: Settings) -> Any:
    """Open the store of the line without printing notices."""
    from casework.acts.session import Session

    os.environ.setdefault("PGCONNECT_TIMEOUT", WAIT)
    return Session(target=chosen.db, standby=chosen.read_from == "standby").reading()


def _outcomes(context: click.Context) -> list[str]:
    """Return the outcomes of a command; none if the state of a case on the line allows none."""
    from casework.kinds.choices import CLOSING_OUTCOMES
    from casework.questions import lookup
    from casework.rules.workflow import OTHER_ACTS, TRANSITIONS

    verb = str(context.info_name)
    verbs = STATED.get(verb, (verb,))
    rules = [one for one in (*TRANSITIONS, *OTHER_ACTS) if one.verb in verbs]
    states = {one.source for one in rules if "outcome" in one.needs}
    given = context.params.get("ref") or context.params.get("refs") or ()
    refs = (given,) if isinstance(given, str) else given
    if states and refs:
        with reading(context.find_root().obj) as connection:
            stands = {lookup.find_case(connection, one).state for one in refs}
        if not stands <= states:
            return []
    # Without a study a case has an outcome by being closed alone.
    return [*(CLOSING_OUTCOMES if "close" in verbs else Outcome)]


def _correctable(_: click.Context) -> list[str]:
    from casework.acts.corrections import CORRECTABLE, DATES

    return sorted({*CORRECTABLE, *DATES})


def _private(_: click.Context) -> list[str]:
    from casework.acts.redactions import WORDS as SAID

    return sorted({one.name for one in Case.fields if one.private} | {*SAID})


def _fields(_: click.Context) -> list[str]:
    from casework.kinds.field_names import SHORT, known

    return sorted({*known(), *SHORT})


def _acts(_: click.Context) -> list[str]:
    from casework.rules.workflow import acts_on

    return sorted({act for kind in KINDS for act in acts_on(kind)})


def _keys(context: click.Context) -> list[str]:
    from casework.system.configuration import ALIASES, KEYS

    return [*KEYS, *(f"{ALIASES}.{name}" for name in context.find_root().obj.configured.aliases)]


def _views(context: click.Context) -> Mapping[str, str]:
    from casework.kinds.records import View
    from casework.questions.named import in_use

    chosen: Settings = context.find_root().obj
    aliases = chosen.configured.aliases
    own = {name: words for name, words in aliases.items() if words.split(" ", 1)[0] == "list"}
    # The user's own are known without a register.
    with suppress(CaseworkError), reading(chosen) as connection:
        return {one.code: one.listing for one in in_use(connection, View)} | own
    return own


def _templates(context: click.Context) -> list[str]:
    from casework.cli.templates import names
    from casework.kinds.records import Template
    from casework.questions.named import in_use

    own = names()
    with suppress(CaseworkError), reading(context.find_root().obj) as connection:
        return sorted({*own, *(one.code for one in in_use(connection, Template))})
    return own


def _periods(_: click.Context) -> list[str]:
    from casework.system.clock import DEFAULT_ZONE, today

    year = today(DEFAULT_ZONE).year
    found = []
    for one in (year, year - 1):
        quarters = (f"{one}-Q{number}" for number in range(1, 5))
        found += [str(one), *quarters, *(f"{one}-{number:02}" for number in range(1, 13))]
    return found


def _topics(context: click.Context) -> list[str]:
    from casework.cli import COMMANDS, casework
    from casework.cli.topics import TOPICS

    given = context.params.get("topic") or ()
    if not given:
        return [*COMMANDS, *TOPICS]
    found = casework.get_command(context, given[0])
    return sorted(found.commands) if isinstance(found, click.Group) and len(given) == 1 else []


WORDS: Mapping[str, Callable[[click.Context], Iterable[str]]] = {
    "outcome": _outcomes,
    "correct": _correctable,
    "redact": _private,
    "field": _fields,
    "act": _acts,
    "key": _keys,
    "period": _periods,
    "topic": _topics,
    "view": _views,
    "template": _templates,
}
"""The functions that return the words for an option, by its name or its command's."""
