"""The commands import and export."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casework.cli.into import text_into
from casework.cli.options import replaces, writes
from casework.cli.output import print_record
from casework.cli.running import Command
from casework.cli.settings import settings, wrong_usage
from casework.cli.taking import FILE, table, table_options, write_template
from casework.cli.views import narrowed, narrows
from casework.cli.written import MARK
from casework.exchange.columns import BY_NAME, COLUMNS
from casework.system.text import visible
from casework.words import said

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator

    from casework.exchange.importing import Imported
    from casework.kinds.records import Case
    from casework.store.connections import Connection


@click.command("import", cls=Command)
@FILE
@click.option("--reported-by", metavar="TEXT")
@click.option("--update", is_flag=True)
@click.option("--allow-doubles", is_flag=True)
@table_options
@writes
def import_(
    file: str,
    reported_by: str | None,
    mapped: dict[str, str],
    errors: Path | None,
    dry_run: bool,
    *,
    update: bool,
    allow_doubles: bool,
    template: bool,
    force: bool,
) -> None:
    """Import cases from a file: all of them or none.

    \b
    Example:
      casework import cases.csv --dry-run
      casework import cases.csv --update --dry-run
      casework import cases.xlsx --map "Content=title" --errors refused.xlsx
    """
    if template:
        write_template(file, COLUMNS, force=force)
        return
    from casework.exchange.columns import cases_in
    from casework.exchange.importing import import_cases

    layout = cases_in(mapped)
    with (
        table(file, layout, errors, force=force) as source,
        settings().desk(dry_run=dry_run) as desk,
    ):
        done = import_cases(
            desk,
            source,
            reported_by,
            update=update,
            doubles=allow_doubles,
            layout=layout,
            unseen=settings().session.unseen,
        )
    if settings().format != "table":
        print_record(settings(), _told(done))
    else:
        _print(done)


import_.values = {"columns": [*BY_NAME]}


def _told(done: Imported) -> dict[str, Any]:
    """Return the result of an import as JSON, without empty members."""
    counts = {"rows": done.rows, "created": done.created, "skipped": done.skipped}
    more = {
        "updated": done.updated,
        "differing": done.differing,
        "blank": done.blank,
        "differences": [
            {
                "row": one.row,
                "ref": one.ref,
                "field": one.column,
                "registered": one.registered,
                "file": one.said,
            }
            for one in done.differences
        ],
        "acts": [{"ref": ref, "act": verb} for ref, verb in done.acts],
        "doubles": [{"row": row, "ref": ref} for row, ref in done.doubles],
        "alike": [{"row": row, "ref": ref, "like_row": like} for row, ref, like in done.alike],
        "doubted": done.doubted,
    }
    return counts | {name: value for name, value in more.items() if value}


def _print(done: Imported) -> None:
    from casework.exchange.updating import lines

    chosen, lang = settings(), settings().lang
    counts = {"created": done.created, "skipped": done.skipped, "rows": done.rows}
    if done.acts:
        click.echo(said("import.done-updated", lang, updated=done.updated, **counts))
    else:
        click.echo(said("import.done", lang, **counts))
    if done.blank:
        click.echo(chosen.said("import.blank", blank=done.blank))
    _list(chosen.said("import.differing", total=done.differing), lines(done.differences))
    _list(chosen.said("import.acts"), (f"{ref}  {verb}" for ref, verb in done.acts))
    doubles = (chosen.said("import.double", row=row, ref=ref) for row, ref in done.doubles)
    _list(chosen.said("import.doubles", total=len(done.doubles)), doubles)
    alike = (
        chosen.said("import.like", row=row, ref=ref, like=like) for row, ref, like in done.alike
    )
    _list(chosen.said("import.alike", total=len(done.alike)), alike)
    _list(chosen.said("import.doubted", total=len(done.doubted)), done.doubted)
    if done.doubted:
        chosen.tell(chosen.said("import.who-answers"))
    if done.differences and not done.acts:
        chosen.tell(chosen.said("import.update"))
    if done.repeated:
        chosen.tell(chosen.said("import.repeated"))


def _list(heading: str, items: Iterable[str]) -> None:
    """Print a heading and its lines, if there are any."""
    for number, item in enumerate(items):
        if not number:
            click.echo(heading)
        click.echo(f"  {visible(item)}", color=False)


@click.command("export", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False))
@narrows
@click.option("--bom", is_flag=True)
@replaces
def export_(file: str, where: str | None, view: str | None, *, bom: bool, force: bool) -> None:
    """Export cases to CSV or JSON Lines.

    \b
    Example:
      casework export cases.jsonl
      casework export cases.csv --bom
      casework export late.csv --where "owner:mofa and overdue"
    """
    from casework.exchange.exporting import write_csv, write_lines
    from casework.questions import reading
    from casework.questions.struck import struck_cases
    from casework.system.progress import steps

    suffix = Path(file).suffix.casefold()
    if file == "-":
        suffix = ".csv" if settings().format in {"table", "csv"} else ".jsonl"
    if suffix not in {".csv", ".jsonl", ".ndjson"}:
        raise wrong_usage("export.format", file=file)
    if bom and (file == "-" or suffix != ".csv"):
        raise wrong_usage("bom.of-csv-file")
    query = narrowed(view, where)
    with (
        settings().reading() as connection,
        closing(_chosen(connection, query)) as cases,
        text_into(None if file == "-" else Path(file), force=force) as out,
    ):
        hides, withheld = reading.unseen(connection).cases, list[str]()
        csv = suffix == ".csv"
        every = cases if csv or query is not None else chain(cases, struck_cases(connection))
        told = _noted(every if file == "-" else steps(every, "exporting"), hides, withheld)
        if bom:
            out.write(MARK)
        done = write_csv(told, out) if csv else write_lines(connection, told, out)
    if file != "-":
        settings().tell(settings().said("export.done", cases=done.cases, file=file))
    if withheld:
        settings().tell(settings().said("export.withheld", count=len(withheld)))
    if done.long:
        listed = done.long[:10]
        settings().tell(settings().said("export.too-long", total=len(done.long), listed=listed))
    if csv:
        left = {name: getattr(done, name) for name in ("links", "resolutions", "verdicts", "asked")}
        settings().tell(settings().said("export.csv-leaves-out", **left))


def _noted(cases: Iterable[Case], hides: Collection[str], withheld: list[str]) -> Iterator[Case]:
    """Yield cases, and note those whose texts are withheld."""
    for one in cases:
        if one.ref in hides:
            withheld.append(one.ref)
        yield one


def _chosen(connection: Connection, query: str | None) -> Generator[Case]:
    """Yield all cases, or those of a query."""
    from casework.questions import listing, lookup
    from casework.questions.wanted import filter_of
    from casework.store.filters import Filter

    if query is None:
        return listing.cases(connection, Filter(), date.max)
    day = lookup.office_day(connection)
    return listing.cases(connection, filter_of(connection, connection, {"where": query}, day), day)
