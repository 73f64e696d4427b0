"""The types of options that take dates and points in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from casework.cli.settings import settings

if TYPE_CHECKING:
    from datetime import date, datetime

    from casework.rules.dates import Typed, Use
    from casework.store.connections import Connection


Named = Literal["ON", "BY", "COMING", "AHEAD", "SINCE", "UNTIL"]
"""The names of the uses in `rules.dates.meaning`, so that help need not import them."""


def _use(name: Named) -> Use:
    from casework.rules.dates import meaning

    use: Use = getattr(meaning, name)
    return use


class Day(click.ParamType[Any]):
    """A date in any form, for one use; the command gets the day."""

    name = "date"

    def __init__(self, use: Named = "ON") -> None:
        self._named = use

    @property
    def use(self) -> Use:
        """How the option uses a date."""
        return _use(self._named)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the date as typed; raises UsageError if it is not a date that the option takes."""
        from casework.rules.dates import parse

        if not isinstance(value, str):
            return value
        typed = parse(value)
        typed.refuse_period(self.use)
        return typed


class Due(Day):
    """A due date in any form, as typed; the act counts it from its day of effect."""


class DayAsTyped(Day):
    """A date in any form, as text; the question counts it from its own day."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the text; raises UsageError if it is not a date."""
        super().convert(value, param, ctx)
        return value


class Moment(click.ParamType[Any]):
    """A point in time, or a date in any form: its first or its last moment.

    `instant` resolves it when the office's zone is known.
    """

    name = "timestamp"

    def __init__(self, use: Named) -> None:
        self._named = use

    @property
    def use(self) -> Use:
        """How the option uses a date."""
        return _use(self._named)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the text; raises UsageError if it is neither."""
        from casework.acts.days import TypedDay
        from casework.rules.dates import parse
        from casework.system.clock import is_instant, parse_instant

        if not isinstance(value, str):
            return value
        if is_instant(value):
            parse_instant(value)
            return value
        return TypedDay(parse(value), self.use, _heading(param))


class MomentAsTyped(Moment):
    """The same as text."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the text; raises UsageError if it is neither."""
        super().convert(value, param, ctx)
        return value


class Stretch(click.ParamType[Any]):
    """A period in any form, as typed."""

    name = "period"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the period as typed; raises UsageError if it is not a period."""
        from casework.rules.periods import parse_period

        return parse_period(value) if isinstance(value, str) else value


DAY = Day()
COMING_DAY = Day("COMING")
FIRST_DAY = Day("SINCE")
LAST_DAY = Day("UNTIL")
STRETCH = Stretch()
HORIZON = Day("AHEAD")
DUE = Due("BY")
SINCE_MOMENT = Moment("SINCE")
MOMENT = Moment("UNTIL")


def typed_days(ctx: click.Context) -> dict[click.Parameter, Typed]:
    """Return the dates of a command that are resolved before it begins."""
    given = {option: ctx.params.get(str(option.name)) for option in ctx.command.params}
    return {
        option: value
        for option, value in given.items()
        if isinstance(option.type, Day)
        and not isinstance(option.type, Due | DayAsTyped)
        and value is not None
        and not isinstance(value, int)
    }


def days(typed: dict[click.Parameter, Typed]) -> dict[str, date]:
    """Return the days of a command's dates, by parameter name."""
    from casework.acts import days as settled

    asked = {
        str(option.name): settled.TypedDay(one, option.type.use, _heading(option))
        for option, one in typed.items()
        if isinstance(option.type, Day)
    }
    return settled.days(settings().session, asked)


def instant(connection: Connection, typed: Any) -> datetime | None:
    """Return a typed point in time as UTC; without an offset it is in the office's zone."""
    if typed is None:
        return None
    from casework.acts.days import moment

    return moment(settings().session, connection, typed)


HEADINGS = {"from": "period_from", "to": "period_to", "and": "known_at", "on": "day"}
"""The ids of the words for options whose names are words of every day."""


def _heading(option: click.Parameter) -> str:
    """Return the id of the word that names the day of an option."""
    name = max(option.opts, key=len).strip("-").replace("-", "_")
    return HEADINGS.get(name, name)
