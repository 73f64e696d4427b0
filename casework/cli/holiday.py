"""Holidays and make-up days."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import click

from casework.cli.dates import COMING_DAY
from casework.cli.options import F, writes
from casework.cli.output import cell, echo, print_record, print_rows, print_table
from casework.cli.running import Noun
from casework.cli.settings import settings, wrong_usage
from casework.cli.typed import TEXT
from casework.kinds.forms import DAY_KINDS, DAY_STATUSES
from casework.words import in_language, long_date, short_date, weekday, word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from casework.acts.holidays import Changed
    from casework.acts.recounting import Affected
    from casework.exchange.days import Read

MOST_YEARS = 50
"""The most years for which yearly rules are expanded."""

COLUMNS = ("day", "weekday", "kind", "name", "status")


@click.group("holiday", cls=Noun)
def holiday_() -> None:
    """Holidays and make-up days: what working days are counted by."""


def _recounts(f: F) -> F:
    """Declare the options about deadlines of a change of the calendar."""
    f = writes(f)
    f = click.option("--recompute", is_flag=True)(f)
    return click.option("--document", type=TEXT, metavar="D")(f)


REASON: dict[str, Any] = {"type": TEXT, "metavar": "TEXT", "help": "Why."}


@holiday_.command("add")
@click.argument("day", type=COMING_DAY)
@click.option("--name", required=True, metavar="T")
@click.option("--name-vi", metavar="T")
@click.option("--kind", type=click.Choice(DAY_KINDS), default="off", show_default=True)
@click.option("--status", type=click.Choice(DAY_STATUSES), default="official", show_default=True)
@click.option("--source", type=TEXT, metavar="TEXT")
@click.option("--reason", **REASON)
@_recounts
def add(day: date, dry_run: bool, **options: Any) -> None:
    """Register a day off, or a day worked in its place.

    \b
    Example:
      casework holiday add 2026-01-02 --name "Bridge day" --document 12729/VPCP-KGVX
      casework holiday add 2026-01-10 --kind working --name "Worked for 2 January"
    """
    from casework.acts import holidays

    names = ("name", "name_vi", "kind", "status", "source")
    entry = holidays.Entry(day=day, **{name: options.pop(name) for name in names})
    with settings().desk(dry_run=dry_run) as desk:
        changed = holidays.add(desk, entry, **options)
    _print(changed, _named(day, entry.kind))


@holiday_.command("remove")
@click.argument("day", type=COMING_DAY)
@click.option("--reason", required=True, **REASON)
@_recounts
def remove(day: date, dry_run: bool, **options: Any) -> None:
    """Withdraw a day: it is again what its weekday says.

    \b
    Example:
      casework holiday remove 2027-02-10 --reason "the decision gives one day less"
    """
    from casework.acts import holidays

    with settings().desk(dry_run=dry_run) as desk:
        changed = holidays.remove(desk, day, **options)
    _print(changed, _named(day, "withdrawn_day"))


class _Years(click.ParamType[range]):
    """A year, or the first and last year of a range."""

    name = "years"

    def convert(self, value: Any, param: Any, ctx: Any) -> range:
        """Return the years."""
        first, _, last = str(value).replace("–", "-").partition("-")
        numbers = [part.strip() for part in (first, last or first)]
        if not all(part.isascii() and part.isdigit() and len(part) == 4 for part in numbers):  # noqa: PLR2004 - digits of a year
            self.fail(settings().said("holiday.years", value=value), param, ctx)
        years = range(int(numbers[0]), int(numbers[1]) + 1)
        if not 0 < len(years) <= MOST_YEARS or years.start < 1:
            self.fail(
                settings().said("holiday.many-years", value=value, most=MOST_YEARS), param, ctx
            )
        return years


@holiday_.command("import")
@click.argument("file", type=click.Path(dir_okay=False), required=False)
@click.option("--years", type=_Years(), metavar="Y-Y")
@click.option("--only", multiple=True, metavar="TEXT")
@click.option("--kind", type=click.Choice(DAY_KINDS))
@click.option("--match", metavar="TEXT")
@click.option("--observances", is_flag=True)
@click.option("--reason", **REASON)
@_recounts
def import_days(
    file: str | None,
    dry_run: bool,
    years: range | None,
    only: tuple[str, ...],
    kind: str | None,
    match: str | None,
    observances: bool,
    **options: Any,
) -> None:
    """Register the days of a CSV or iCalendar file: all of them or none.

    \b
    Example:
      casework holiday import holidays-2027.ics --dry-run
      casework holiday import holidays.ics --years 2027-2030 --only Tết --only "làm bù"
      casework holiday import cn.ics --kind working --match 班
    """
    from casework.acts import holidays
    from casework.exchange.calendars import read_calendar
    from casework.exchange.days import Choice, Read
    from casework.exchange.sources import opened
    from casework.office.demo import bundled_calendar

    if (kind is None) != (match is None):
        raise wrong_usage("holiday.kind-match")
    choice = Choice(years=years, only=only, kind=kind, match=match, observances=observances)
    if file is None:
        if choice != Choice():
            raise wrong_usage("holiday.all-together")
        found = Read(bundled_calendar(), [], events=False)
    else:
        with opened(file) as source:
            settings().session.given["file"] = source.digest
            found = read_calendar(source, choice)
    with settings().desk(dry_run=dry_run) as desk:
        changed = holidays.take(desk, found.entries, events=found.events, **options)
    _print_days(changed, found, whole=dry_run)


def _print_days(changed: Changed, found: Read, *, whole: bool) -> None:
    """Print the result for each day, or only for the days that were left out."""
    from datetime import date

    chosen = settings()
    lang = chosen.lang
    rows: list[dict[str, Any]] = [
        {
            "day": one.entry.day.isoformat(),
            "kind": one.entry.kind,
            "name": one.entry.name,
            "became": one.what,
        }
        for one in changed.seen
    ]
    rows += [
        {"day": one.day.isoformat(), "kind": None, "name": one.name, "became": one.why}
        for one in found.left
    ]
    rows.sort(key=itemgetter("day"))
    if chosen.format != "table":
        counts = {"changed": changed.days, "unchanged": changed.same}
        counts["left_out"] = len(rows) - changed.days - changed.same
        print_record(chosen, counts | {"days": rows, "affected": affected_json(changed.affected)})
        return
    shown = [row for row in rows if whole or row["became"] not in {"new", "changed", "same"}]
    for row in shown:
        row["weekday"] = weekday(date.fromisoformat(row["day"]), lang)
        row["kind"] = row["kind"] and word(row["kind"], lang)
        row["became"] = word(f"day_{row['became']}", lang)
    if shown:
        print_rows(chosen, shown, ("day", "weekday", "kind", "name", "became"), fit="name")
    said = f"{changed.days} {word('days_changed', lang)}, {changed.same} {word('days_same', lang)}"
    left = len(rows) - changed.days - changed.same
    _print(changed, f"{said}, {left} {word('days_left_out', lang)}" if left else said)


@holiday_.command("recompute")
@click.option("--reason", required=True, **REASON)
@click.option("--document", type=TEXT, metavar="D")
@writes
def recompute(reason: str, document: str | None, dry_run: bool) -> None:
    """Move the deadlines of open cases to where today's calendar puts them.

    \b
    Example:
      casework holiday recompute --reason "the holidays of 2027 were decided" --dry-run
    """
    from casework.acts import holidays

    with settings().desk(dry_run=dry_run) as desk:
        found = holidays.affected(desk, reason=reason, document=document, recompute=True)
    _print(holidays.Changed(0, 0, found), "")


@holiday_.command("list")
@click.option("--year", type=click.IntRange(1, 9999), metavar="Y")
@click.option("--all", "withdrawn", is_flag=True)
def list_days(year: int | None, withdrawn: bool) -> None:
    """List holidays and make-up days.

    \b
    Example:
      casework holiday list --year 2026
    """
    from datetime import date

    from casework.kinds.records import plain
    from casework.questions import working_calendar

    chosen = settings()
    with chosen.reading() as connection:
        known = working_calendar.holidays(connection)
    table = chosen.format == "table"
    rows = []
    for day, one in known.items():
        if (one.withdrawn_on and not withdrawn) or (year and int(day[:4]) != year):
            continue
        row = {
            "day": day,
            "kind": one.day_kind,
            "name": one.name,
            "name_vi": one.name_vi,
            "status": one.status,
            "source": one.source,
            "withdrawn_on": plain(one.withdrawn_on),
        }
        if table:
            row["weekday"] = weekday(date.fromisoformat(day), chosen.lang)
            row["kind"], row["status"] = (word(row[n], chosen.lang) for n in ("kind", "status"))
            row["name"] = in_language(one.name, one.name_vi, chosen.lang)
        rows.append(row)
    print_rows(chosen, rows, (*COLUMNS, "withdrawn_on") if withdrawn else COLUMNS, fit="name")


def _named(day: date, what: str) -> str:
    lang = settings().lang
    return f"{short_date(day, lang)}  {word(what, lang)}"


def _print(changed: Changed, said: str) -> None:
    chosen = settings()
    if chosen.format != "table":
        counts = {"changed": changed.days, "unchanged": changed.same}
        print_record(chosen, counts | {"affected": affected_json(changed.affected)})
        return
    if said or not changed.affected:
        echo(chosen, said or word("none", chosen.lang))
    print_affected(changed.affected, "move_them")


def affected_json(affected: Sequence[Affected]) -> list[dict[str, Any]]:
    """Return the cases whose deadlines would now be counted differently, as JSON."""
    return [
        {
            "ref": one.case.ref,
            "due": str(one.case.due),
            "new_due": one.due.isoformat(),
            "recomputed": one.moved,
        }
        for one in affected
    ]


def print_affected(affected: Sequence[Affected], offer: str) -> None:
    """Print the cases whose deadlines would now be counted differently, and how to move them."""
    chosen = settings()
    lang = chosen.lang
    if not affected:
        return
    moved = any(one.moved for one in affected)
    echo(chosen, word("moved_cases" if moved else "touched_cases", lang), bold=True)
    rows = [
        [cell(one.case.ref, lang), cell(one.case.due, lang, "due"), "→", long_date(one.due, lang)]
        for one in affected
    ]
    print_table(chosen, ["", word("then", lang), "", word("now", lang)], rows, fit=None)
    if not moved:
        chosen.tell(word(offer, lang))
