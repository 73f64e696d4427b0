"""Print what a repeated command did the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.cli.output import echo, print_json, print_rows
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.cli.settings import Settings
    from casework.log.reading import Event
    from casework.questions.commands import Done


def print_done(settings: Settings, done: Done, events: Sequence[Event]) -> None:
    """Print the events of the first time."""
    first = done.first
    if settings.format == "table":
        at = f"{first.recorded_at}, {word('actor', settings.lang)} {first.actor}"
        echo(settings, f"{word('done_already', settings.lang)}: {at}")
    rows = [
        {"event": one.seq, "act": one.act, "kind": one.kind, "key": one.key, "version": one.version}
        for one in events
    ]
    if settings.format == "json":
        when = {"recorded_at": first.recorded_at, "actor": first.actor}
        print_json({"done_already": True, **when, "events": rows})
    else:
        print_rows(settings, rows, ("event", "act", "kind", "key", "version"))
