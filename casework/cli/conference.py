"""Conferences."""

from __future__ import annotations

from typing import Any

import click

from casework.cli.dates import COMING_DAY, DAY, Day
from casework.cli.fields import describing
from casework.cli.holiday import affected_json, print_affected
from casework.cli.options import writes
from casework.cli.output import print_record, print_rows
from casework.cli.running import Noun
from casework.cli.settings import settings, wrong_usage
from casework.cli.taking import directory_options, take
from casework.cli.typed import TEXT
from casework.kinds.forms import CONFERENCE_FORMATS
from casework.kinds.records import Conference
from casework.system.configuration import FORMATS
from casework.words import Both, short_date, word

COLUMNS = ("code", "number", "date", "certainty", "name", "previous")


def as_json(conference: Conference) -> dict[str, Any]:
    """Return a conference as JSON, by the names of its fields."""
    from casework.kinds.records import plain

    return {name: plain(value) for name, value in vars(conference).items()}


def _print(conference: Any) -> None:
    chosen = settings()
    if chosen.format != "table":
        print_record(chosen, as_json(conference))
        return
    lang = chosen.lang
    when = (
        short_date(conference.date, lang)
        if conference.date
        else conference.year or word(conference.certainty, lang)
    )
    click.echo(f"{conference.code}  {when}", color=False)


@click.group("conference", cls=Noun)
def conference_() -> None:
    """Conferences: the clock the register goes by."""


class _DayOrYear(Day):
    """A day, or a year in digits."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        from casework.rules.dates import parse

        if isinstance(value, str):
            typed = parse(value)
            if typed.period == "year" and typed.span is not None:
                return typed.span.first.year
        return super().convert(value, param, ctx)


class _Held(click.Choice[str]):
    """How a conference is held; the words of the global `--format` keep their meaning."""

    def __init__(self) -> None:
        super().__init__((*CONFERENCE_FORMATS, *FORMATS))

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        held = super().convert(value, param, ctx)
        if held not in FORMATS:
            return held
        settings().format = held
        return None


DATE = {"type": _DayOrYear("COMING"), "metavar": "D"}
HELD = {"type": _Held(), "multiple": True, "metavar": "in-person|online|hybrid"}


@conference_.command("add")
@click.argument("code")
@describing(Conference, new=True, date=DATE, format=HELD)
@writes
def add(code: str, dry_run: bool, **options: Any) -> None:
    """Register a conference.

    \b
    Example:
      casework conference add NFAC-22 --number 22 --date 2026-12-18 --previous NFAC-21
    """
    from casework.acts.conferences import add_conference

    day = options.pop("date")
    when: dict[str, Any] = {"year": day} if isinstance(day, int) else {"day": day}
    held = {one for one in options.pop("format") if one is not None}
    if len(held) > 1:
        raise wrong_usage("conference.one-way", listed=Both(sorted(held)))
    options["format"] = held.pop() if held else None
    with settings().desk(dry_run=dry_run) as desk:
        added = add_conference(desk, code, **when, **options)
    _print(added)


@conference_.command("import")
@directory_options
@writes
def import_conferences(file: str, dry_run: bool, **how: Any) -> None:
    """Register conferences from a file: all of its rows or none.

    \b
    Example:
      casework conference import conferences.csv --dry-run
    """
    take(Conference, file, dry_run=dry_run, **how)


@conference_.command("list")
def list_conferences() -> None:
    """List conferences, in the order of their dates.

    \b
    Example:
      casework conference list
    """
    from casework.questions import lookup

    with settings().reading() as connection:
        found = lookup.directory(connection, Conference)
    rows = []
    for conference in found:
        row = as_json(conference)
        if settings().format == "table":
            row["date"] = row["date"] or row["year"]
        rows.append(row)
    print_rows(settings(), rows, COLUMNS, fit="name")


@conference_.command("show")
@click.argument("code")
def show(code: str) -> None:
    """Show one conference.

    \b
    Example:
      casework conference show NFAC-20
    """
    from casework.questions import lookup

    with settings().reading() as connection:
        found = lookup.find(connection, Conference, code)
    print_record(settings(), as_json(found))


@conference_.command("move")
@click.argument("code")
@click.option("--date", "day", required=True, type=COMING_DAY, metavar="D")
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@click.option("--document", type=TEXT, metavar="D")
@click.option("--effective", "effective_on", type=DAY, metavar="DATE")
@click.option("--recompute", is_flag=True)
@writes
def move(code: str, dry_run: bool, **options: Any) -> None:
    """Give a conference another date.

    \b
    Example:
      casework conference move NFAC-20 --date 2021-12-20 --reason "the pandemic"
      casework conference move NFAC-20 --date 2021-12-20 --reason "the pandemic" --recompute
    """
    from casework.acts.conferences import move_conference

    with settings().desk(dry_run=dry_run) as desk:
        moved, affected = move_conference(desk, code, **options)
    if settings().format != "table":
        print_record(settings(), as_json(moved) | {"affected": affected_json(affected)})
        return
    _print(moved)
    print_affected(affected, "recompute_them")
