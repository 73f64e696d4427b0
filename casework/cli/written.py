"""Output to files: the options, and the format by the ending of the name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from casework.cli.options import replaces
from casework.cli.settings import settings, wrong_usage
from casework.errors import UnavailableError, quoted
from casework.system import platforms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from _typeshed import SupportsWrite

    from casework.papers.model import Paper

    Data = Mapping[str, Callable[[SupportsWrite[str]], Any]]

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = (".json", ".csv", ".html", ".xlsx", ".docx", ".pdf", ".ics")
"""The file formats of reports."""

MARK = "\ufeff"
"""The byte order mark, by which spreadsheets recognise UTF-8."""


class _Written(click.Path):
    """The path of the file for a report."""

    choices = tuple(ending[1:] for ending in FORMATS)


def writes_paper(f: F) -> F:
    """Declare the options of `writes_file`, ``--open`` and ``--template``."""
    opens = click.option("--open", "opens", is_flag=True, expose_value=False, callback=_opens)
    template = click.option(
        "--template",
        "letterhead",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        expose_value=False,
        callback=_fills,
    )
    return writes_file(template(opens(f)))


def _fills(_: click.Context, __: click.Parameter, value: Path | None) -> None:
    if value is not None:
        settings().template = value


def writes_file(f: F) -> F:
    """Declare ``--output``, ``--force`` and ``--no-bom``; unknown file formats are refused."""
    no_bom = click.option("--no-bom", is_flag=True, expose_value=False, callback=_without_mark)
    return click.option(
        "--output",
        type=_Written(dir_okay=False, path_type=Path, allow_dash=True),
        metavar="FILE",
        callback=_known,
    )(replaces(no_bom(f)))


def _without_mark(_: click.Context, __: click.Parameter, value: bool) -> None:
    if value:
        settings().bom = False


def _opens(_: click.Context, __: click.Parameter, value: bool) -> None:
    """Note that a paper is to be opened; raises UnavailableError if that is impossible."""
    if value:
        opener = platforms.opener()
        if opener is None:
            raise UnavailableError("open.no-program")
        settings().open = True


def _known(_: click.Context, __: click.Parameter, value: Path | None) -> Path | None:
    if value is None or str(value) == "-":
        return None
    if value.suffix.casefold() not in FORMATS:
        known = ", ".join(FORMATS)
        raise wrong_usage("report.format", name=value.name, known=known)
    return value


def heed(output: Path | None) -> None:
    """Raise UsageError for options about a file if none is written."""
    chosen = settings()
    if chosen.open and output is None:
        raise wrong_usage("open.what")
    if not chosen.bom and (output is None or _ending(output) != "csv"):
        raise wrong_usage("bom.of-csv")
    filled(output)


def filled(output: Path | None) -> Path | None:
    """Return the template for a file; raises UsageError for other formats."""
    template = settings().template
    if template is not None and (output is None or _ending(output) != "docx"):
        raise wrong_usage("template.of-word")
    return template


def into(output: Path, data: Data, paper: Callable[[str], Paper], *, force: bool) -> None:
    """Write a file by its ending: formats for programs from `data`, others from a paper.

    Raises ConflictError if the file exists, UnavailableError if it cannot be written.
    """
    import codecs
    from importlib import import_module

    from casework.system.files import whole_file

    chosen, kind = settings(), _ending(output)
    with whole_file(output, replace=force) as file:
        if kind in data:
            text = codecs.getwriter("utf-8")(file)
            if kind == "csv" and chosen.bom:
                text.write(MARK)
            data[kind](text)
        else:
            writer = import_module(f"casework.papers.{kind}")
            more = () if chosen.template is None else (chosen.template,)
            writer.write(paper(chosen.lang), file, *more)
    chosen.tell(chosen.said("written", to=output), whole=True)
    if kind == "pdf":
        from casework.papers.pdf import font

        chosen.tell(chosen.said("paper.font", font=font()))
    if chosen.open:
        _open(output)


def _ending(output: Path) -> str:
    return output.suffix.casefold()[1:]


def put(parts: Iterable[str], file: SupportsWrite[str]) -> None:
    """Write a text given in parts."""
    for part in parts:
        file.write(part)


def give_rows(
    output: Path,
    rows: Iterable[dict[str, Any]],
    columns: Sequence[str],
    paper: Callable[[str], Paper],
    *,
    force: bool,
) -> None:
    """Write rows to a file: as `print_rows` does for programs, or in a paper."""
    from casework.cli.data import texts

    data: Data = {form: partial(put, texts(form, rows, columns)) for form in ("json", "csv")}
    into(output, data, paper, force=force)


def _open(file: Path) -> None:
    try:
        platforms.show(file)
    except OSError as error:
        raise UnavailableError("open.fails", path=file, why=quoted(error)) from None
