"""Import of tables: the options, and the report of the result."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casework.cli.into import text_into
from casework.cli.output import print_record
from casework.cli.settings import settings, wrong_usage
from casework.cli.typed import TEXT
from casework.errors import CaseworkError
from casework.system.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.cli.options import F
    from casework.exchange.columns import Column, Layout
    from casework.exchange.directories import Entered
    from casework.exchange.sources import Source
    from casework.kinds.records import Record

FILE = click.argument("file", type=click.Path(dir_okay=False))


def _mapped(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Return the headings that were mapped to columns."""
    found = {}
    for one in given:
        words, mark, name = one.rpartition("=")
        if not mark or not words.strip():
            raise wrong_usage("import.map-form", given=one)
        found[words] = name.strip()
    return found


def table_options(f: F) -> F:
    """Declare ``--map``, ``--errors``, ``--template`` and ``--force``."""
    for option in (
        click.option("--force", is_flag=True),
        click.option("--template", is_flag=True),
        click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE"),
        click.option("--map", "mapped", multiple=True, metavar="COL=FIELD", callback=_mapped),
    ):
        f = option(f)
    return f


def directory_options(f: F) -> F:
    """Declare the options of the import of a directory."""
    f = table_options(f)
    f = click.option("--reason", type=TEXT, metavar="TEXT")(f)
    f = click.option("--update", is_flag=True)(f)
    return FILE(f)


@contextmanager
def table(name: str, layout: Layout, errors: Path | None, *, force: bool) -> Iterator[Source]:
    """Open a file to import; write its refused rows to another file."""
    from casework.exchange.sources import TABLES, opened

    with opened(name, forms=TABLES) as source:
        settings().session.given["file"] = source.digest
        try:
            yield source
        except CaseworkError as error:
            if error.rows and errors is not None:
                _write_refused(source, layout, error, errors, force=force)
            raise
        finally:
            if source.sheets:
                _tell("import.sheet", sheet=source.sheets[0])


def _write_refused(
    source: Source, layout: Layout, error: CaseworkError, path: Path, *, force: bool
) -> None:
    from casework.exchange.refused import is_table, refused_rows, write_refused
    from casework.exchange.sheets import is_workbook, write_workbook
    from casework.system.files import whole_file

    chosen = settings()
    told = (source, layout, error.rows)
    if is_workbook(path) and is_table(source, layout):
        with whole_file(path, replace=force) as out:
            write_workbook(refused_rows(*told, chosen.lang), out)
    else:
        with text_into(path, force=force) as text:
            write_refused(*told, text, chosen.lang)
    _tell("import.errors", total=len(error.rows), path=path)


def _tell(key: str, **values: Any) -> None:
    """Print a message for people; programs read the result or the error."""
    chosen = settings()
    if chosen.format == "table":
        chosen.tell(chosen.said(key, **values), whole=True)


def write_template(name: str, columns: Iterable[Column], *, force: bool) -> None:
    """Write an empty table with headings in the reader's language."""
    from casework.exchange.sheets import is_workbook, write_csv, write_workbook
    from casework.system.files import whole_file

    path = None if name == "-" else Path(name)
    vietnamese = settings().lang == "vi"
    heads = [one.headings[-1] if vietnamese else one.name for one in columns if not one.told]
    if path is not None and is_workbook(path):
        with whole_file(path, replace=force) as out:
            write_workbook([heads], out)
    else:
        with text_into(path, force=force) as text:
            write_csv([heads], text, bom=path is not None)


def take(
    kind: type[Record],
    file: str,
    *,
    mapped: dict[str, str],
    errors: Path | None,
    template: bool,
    force: bool,
    dry_run: bool,
    **how: Any,
) -> None:
    """Import a file of records of a kind, or write an empty table."""
    from casework.exchange.directories import import_records, layout_of

    layout = layout_of(kind, mapped)
    if template:
        write_template(file, layout.columns.values(), force=force)
        return
    with (
        table(file, layout, errors, force=force) as source,
        settings().desk(dry_run=dry_run) as desk,
    ):
        done = import_records(desk, kind, source, mapped=mapped, **how)
    if settings().format != "table":
        print_record(settings(), _told(done))
    else:
        _print(done, listed=dry_run)


def _told(done: Entered) -> dict[str, Any]:
    """Return the result of an import as JSON."""
    changes = [
        {
            "row": one.row,
            "code": one.code,
            "new": one.new,
            "fields": {name: list(pair) for name, pair in one.fields.items()},
        }
        for one in done.changes
    ]
    counts = {"created": done.created, "updated": done.updated, "unchanged": done.unchanged}
    return {"rows": done.rows, **counts, "changes": changes}


def _print(done: Entered, *, listed: bool) -> None:
    from casework.exchange.entering import told

    chosen = settings()
    for one in done.changes if listed else ():
        what = f"+ {one.code}  {one.name}" if one.new else f"~ {one.code}  {told(one.fields)}"
        click.echo(visible(what), color=False)
    counts = {"created": done.created, "updated": done.updated, "unchanged": done.unchanged}
    click.echo(chosen.said("directory.done", **counts, rows=done.rows))
    if done.blank:
        click.echo(chosen.said("import.blank", blank=done.blank))
