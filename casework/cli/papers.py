"""Commands on issued papers: number and record them, and compare them with files."""

from __future__ import annotations

import json
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casework.cli.options import replaces, writes
from casework.cli.output import cell, echo, print_record, print_rows
from casework.cli.paper import question_of
from casework.cli.report import report_
from casework.cli.running import Noun
from casework.cli.settings import settings, wrong_usage
from casework.cli.typed import TEXT
from casework.cli.written import filled
from casework.kinds.records import plain
from casework.reports.making import REPORTS
from casework.system.text import visible
from casework.words import has

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casework.cli.options import F
    from casework.kinds.records import Paper
    from casework.log.note import SigningKey

FORMATS = (".pdf", ".docx", ".xlsx", ".html")
"""The file formats in which papers can be issued."""

OF_DRAFTS = frozenset({"output", "force", "no_bom", "opens", "fail_on_overdue"})
"""The options of reports that are not part of the question."""

LISTED = ("full_number", "issued_on", "report", "as_of", "recalled_on")


def _asking() -> Iterator[click.Option]:
    """Yield the options of all reports, each from the first report that has it."""
    found = set(OF_DRAFTS)
    for name in REPORTS:
        for one in report_.commands[name].params:
            if isinstance(one, click.Option) and one.name not in found:
                found.add(str(one.name))
                option = copy(one)
                ids = (f"help.report.{name}.{one.name}", f"help.report.{one.name}")
                # What a report's command says of it is not said of this one.
                vars(option).pop("text_id", None)
                option.help = next(filter(has, ids), None)
                yield option


def _asks(f: F) -> F:
    """Declare the options of all reports."""
    vars(f).setdefault("__click_params__", []).extend(reversed([*_asking()]))
    return f


def _known(_: click.Context, __: click.Parameter, value: Path) -> Path:
    if value.suffix.casefold() not in FORMATS:
        raise wrong_usage("paper.format", name=value.name, known=", ".join(FORMATS))
    return value


@click.group("paper", cls=Noun)
def paper_() -> None:
    """Issue papers under their numbers, and look them up."""


@paper_.command("issue")
@click.argument("report", type=click.Choice([*REPORTS]), metavar="REPORT")
@_asks
@click.option("--number", type=click.IntRange(1, 999_999), metavar="N")
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    callback=_known,
)
@click.option("--code/--no-code", "coded", default=None)
@replaces
@writes
def issue_(
    report: str,
    output: Path,
    number: int | None,
    coded: bool | None,
    force: bool,
    dry_run: bool,
    **asked: Any,
) -> None:
    """Issue a report as a paper.

    \b
    Example:
      casework paper issue overdue --before NFAC-21 --output overdue.pdf
      casework paper issue progress --period 2026-Q3 --output progress.docx --number 47
    """
    from casework.office.issuing import issue

    own = {one.name for one in report_.commands[report].params}
    for option in click.get_current_context().command.params:
        if option.name in asked.keys() - own and asked.pop(option.name) not in {None, False}:
            raise wrong_usage("paper.no-option", option=option.opts[0], report=report)
    key = _key(coded, dry_run=dry_run)
    issued = issue(
        settings().session,
        report,
        lambda connection: question_of(connection, **asked),
        output,
        number=number,
        lang=settings().lang,
        template=filled(output),
        key=key,
        force=force,
        dry_run=dry_run,
    )
    if not dry_run:
        settings().tell(settings().said("written", to=output), whole=True)
        if key is None and coded is None:
            settings().tell(settings().said("paper.no-code"))
    _print(issued)


def _key(coded: bool | None, *, dry_run: bool) -> SigningKey | None:
    """Return the key that signs a sheet's codes, None for a sheet without.

    With `--code` a sheet has codes or is refused; by default it has codes if the key is here.
    """
    from casework.cli.signing import key_at_hand, signer

    if coded is False:
        return None
    return signer() if coded and not dry_run else key_at_hand()


@paper_.command("list")
@click.option("--year", type=int, metavar="YYYY")
def list_papers(year: int | None) -> None:
    """List the papers that were issued.

    \b
    Example:
      casework paper list --year 2026
    """
    from casework.questions.papers import papers

    with settings().reading() as connection:
        rows = [
            _json(one) for one in papers(connection) if year is None or one.issued_on.year == year
        ]
    print_rows(settings(), rows, LISTED)


@paper_.command("show")
@click.argument("number")
def show_paper(number: str) -> None:
    """Show one paper: what it was made of, to whom it went.

    \b
    Example:
      casework paper show 5
      casework paper show 05/BC-BNG
    """
    from casework.questions.papers import find_paper

    with settings().reading() as connection:
        told = _json(find_paper(connection, number))
    if settings().format == "table":
        # The full one says it already.
        del told["number"]
    print_record(settings(), told)


@paper_.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--code", "codes", multiple=True, type=TEXT, metavar="TEXT")
def check_paper(file: Path | None, codes: tuple[str, ...]) -> None:
    """Say which paper a file or a printed sheet is.

    \b
    Example:
      casework paper check overdue.pdf
      casework paper check --code @codes.txt
      casework paper check overdue.pdf --code @codes.txt
    """
    if file is None and not codes:
        raise wrong_usage("paper.check-none")
    if file is None:
        _check_sheet(codes, None)
        return
    paper = _issued(file)
    if codes:
        _check_sheet(codes, paper)
    else:
        _tell_file(file, paper)


def _issued(file: Path) -> Paper:
    from casework.errors import IntegrityFailure
    from casework.office.issuing import matching

    with settings().reading() as connection:
        paper = matching(connection, file)
    if paper is None:
        raise IntegrityFailure("paper.of-none", path=file)
    return paper


def _tell_file(file: Path, paper: Paper) -> None:
    if settings().format == "table":
        text = "paper.as-issued" if paper.recalled_on is None else "paper.as-withdrawn"
        told = {"number": paper.full_number, "day": paper.issued_on, "recalled": paper.recalled_on}
        echo(settings(), settings().said(text, path=file, **told))
    else:
        print_record(settings(), _json(paper))


def _check_sheet(codes: Iterable[str], issued: Paper | None) -> None:
    from casework.office.issuing import proved

    with settings().reading() as connection:
        paper, sheet = proved(connection, codes, issued)
    chosen = settings()
    if chosen.format != "table":
        print_record(chosen, _json(paper) | {"claims": [*sheet.claims], "whole": sheet.whole})
        return
    text = "paper.sheet-of" if paper.recalled_on is None else "paper.sheet-withdrawn"
    told = {"number": paper.full_number, "day": paper.issued_on, "recalled": paper.recalled_on}
    echo(chosen, chosen.said(text, **told))
    if not sheet.whole:
        held = {"held": len(sheet.claims), "count": sheet.count}
        echo(chosen, chosen.said("paper.sheet-in-part", **held))
    for claim in sheet.claims:
        echo(chosen, visible(claim[1:].replace("\t", "  ")))


@paper_.command("reader")
@click.option(
    "--to", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE"
)
@replaces
def write_reader(to: Path, force: bool) -> None:
    """Write the page that reads printed sheets.

    \b
    Example:
      casework paper reader --to reader.html
    """
    from casework.office.reader import reader
    from casework.system.files import whole_file

    with whole_file(to, replace=force) as file, settings().reading() as connection:
        file.write(reader(connection))
    settings().tell(settings().said("written", to=to), whole=True)


@paper_.command("diff")
@click.argument("earlier")
@click.argument("later")
def diff_papers(earlier: str, later: str) -> None:
    """Say what one issue of a report says otherwise than an earlier one.

    \b
    Example:
      casework paper diff 5 9
    """
    from casework.office.issuing import differences
    from casework.questions.papers import find_paper

    with settings().reading() as connection:
        first, second = (find_paper(connection, words) for words in (earlier, later))
        rows = [one._asdict() for one in differences(connection, first, second)]
    print_rows(settings(), rows, ("section", "row", "column", "then", "now"), fit="now")


@paper_.command("withdraw")
@click.argument("number")
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@writes
def withdraw_paper(number: str, reason: str, dry_run: bool) -> None:
    """Note that a paper is withdrawn; it keeps its number.

    \b
    Example:
      casework paper withdraw 5 --reason "sent before it was signed"
    """
    from casework.acts.issuing import withdraw

    with settings().desk(dry_run=dry_run) as desk:
        paper = withdraw(desk, number, reason=reason)
    _print(paper)


def _json(paper: Paper) -> dict[str, Any]:
    values = {name: plain(value) for name, value in vars(paper).items()}
    number = {"full_number": paper.full_number, "number": values.pop("paper_number")}
    return {**number, **values, "options": json.loads(paper.options)}


def _print(paper: Paper) -> None:
    """Print a paper as an act left it."""
    chosen = settings()
    if chosen.format != "table":
        print_record(chosen, _json(paper))
        return
    told = [paper.full_number, paper.report, cell(plain(paper.issued_on), chosen.lang, "issued_on")]
    if paper.recalled_on is not None:
        day = cell(plain(paper.recalled_on), chosen.lang, "recalled_on")
        told.append(f"{chosen.said('word.recalled_on')} {day}")
    echo(chosen, "  ".join(told))
