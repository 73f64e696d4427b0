"""Cases in and out of the register."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import click

from casework.cli.common import Command, replaces, settings, writes
from casework.cli.output import print_record, text_into


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--reported-by", metavar="TEXT", help="Who reports these cases; by default the file.")
@writes
def import_(file: str, reported_by: str | None, dry_run: bool) -> None:
    """Import cases from CSV or JSON Lines: all of them or none.

    FILE may be - for standard input. A case that is further than proposed gets the history its
    row tells, labelled as reported. A case that is registered already is left as it is. One that
    its row calls implemented while its answer says that work goes on is doubted: it is listed, and
    stands in no rate until somebody confirms it with advance, corrects or reopens it. One that is
    "open resolved", agreed to and not done, arrives as under study.

    \b
    Example:
      casework import cases.csv --dry-run
    """
    from casework.exchange.importing import import_cases
    from casework.exchange.sources import opened

    with opened(file) as source, settings().desk(dry_run=dry_run) as desk:
        done = import_cases(desk, source, reported_by)
    if settings().format != "table":
        counts = {"rows": done.rows, "created": done.created, "skipped": done.skipped}
        told = {"blank": done.blank, "doubted": list(done.doubted)}
        print_record(settings(), counts | {name: value for name, value in told.items() if value})
        return
    click.echo(f"{done.created} created, {done.skipped} skipped, of {done.rows} rows")
    if done.blank:
        click.echo(f"{done.blank} blank rows")
    if done.doubted:
        click.echo(f"{len(done.doubted)} doubted: called implemented, which the answer denies")
        for ref in done.doubted:
            click.echo(f"  {ref}", color=False)
        settings().tell(
            "nobody answers for a doubted case: casework advance REF confirms it, casework correct"
            " mends it, casework reopen takes it up again"
        )
    if done.repeated:
        settings().tell("this file was imported before; nothing was created")


@click.command("export", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False))
@replaces
def export_(file: str, *, force: bool) -> None:
    """Export cases to CSV or JSON Lines.

    The file's ending says which; JSON Lines (.jsonl) hold each case's history too. FILE may be -
    for standard output: CSV, or JSON Lines with --format ndjson.

    \b
    Example:
      casework export cases.jsonl
    """
    from casework import queries
    from casework.exchange.exporting import write_csv, write_lines
    from casework.filters import Filter
    from casework.progress import steps

    suffix = Path(file).suffix.casefold()
    if file == "-":
        suffix = ".csv" if settings().format in {"table", "csv"} else ".jsonl"
    if suffix not in {".csv", ".jsonl", ".ndjson"}:
        raise click.UsageError(f"{file}: cases are exported to .csv or .jsonl.")
    with (
        settings().reading() as connection,
        closing(queries.cases(connection, Filter(), date.max)) as cases,
        text_into(None if file == "-" else Path(file), force=force) as out,
    ):
        told = cases if file == "-" else steps(cases, "exporting")
        count = write_csv(told, out) if suffix == ".csv" else write_lines(connection, told, out)
    if file != "-":
        settings().tell(f"{count} cases written to {file}")
