"""Reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from casework.cli.dates import FIRST_DAY, HORIZON, LAST_DAY, MOMENT, STRETCH, instant
from casework.cli.options import earlier
from casework.cli.output import cell, print_rows
from casework.cli.paper import give
from casework.cli.running import Noun
from casework.cli.settings import settings, wrong_usage
from casework.cli.views import narrows
from casework.cli.written import writes_paper
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date


F = TypeVar("F", bound="Callable[..., Any]")

SUCCESSORS = click.option("--successors", is_flag=True)


def _looks_ahead(command: F) -> F:
    """Add the options for the horizon to a command."""
    until = click.option("--until", type=HORIZON, metavar="DATE")
    before = click.option("--before", metavar="CONF")
    return before(until(command))


def _counts_a_period(command: F) -> F:
    """Add the options for a period to a command."""
    period = click.option("--period", type=STRETCH, metavar="PERIOD")
    last = click.option("--to", "last_day", type=LAST_DAY, metavar="DATE")
    first = click.option("--from", "first_day", type=FIRST_DAY, metavar="DATE")
    return first(last(period(command)))


OWNER = click.option("--owner", metavar="ORG")


def _refuse_both(owner: str | None, *, successors: bool) -> None:
    if owner is not None and successors:
        raise wrong_usage("report.owner-or-successors")


@click.group("report", cls=Noun)
def report_() -> None:
    """Make a report."""


@report_.command("overdue")
@_looks_ahead
@OWNER
@click.option("--fail-on-overdue", is_flag=True)
@SUCCESSORS
@_counts_a_period
@narrows
@writes_paper
@earlier
def overdue(*, fail_on_overdue: bool, **asked: Any) -> None:
    """Say what is overdue before the next conference, and whose it is.

    \b
    Example:
      casework report overdue --before NFAC-21 --as-of 2023-12-08
    """
    _refuse_both(asked["owner"], successors=asked["successors"])
    report = give("overdue", **asked)
    if not fail_on_overdue:
        return
    from casework.errors import OverdueFoundError
    from casework.reports.overdue import OverdueReport

    if isinstance(report, OverdueReport) and report.overdue:
        day = report.frame.as_of
        raise OverdueFoundError("report.overdue-found", count=len(report.overdue), as_of=day)


@report_.command("progress")
@OWNER
@click.option("--conference", metavar="C")
@SUCCESSORS
@_counts_a_period
@narrows
@writes_paper
@earlier
def progress(**asked: Any) -> None:
    """Say what was completed, on time or late, and what was not, within its deadline or overdue.

    \b
    Example:
      casework report progress --conference NFAC-20 --output progress.docx
    """
    _refuse_both(asked["owner"], successors=asked["successors"])
    give("progress", **asked)


@report_.command("review")
@click.option("--of", metavar="CONF")
@click.option("--for", "coming", metavar="CONF")
@_counts_a_period
@narrows
@writes_paper
@earlier
def review(**asked: Any) -> None:
    """Say what became of each recommendation of a conference before the next one meets.

    \b
    Example:
      casework report review --of NFAC-20 --for NFAC-21
    """
    give("review", **asked)


@report_.command("workload")
@OWNER
@_counts_a_period
@narrows
@writes_paper
@earlier
def workload(**asked: Any) -> None:
    """Say what each owner and each officer has on the desk, and when it falls due.

    \b
    Example:
      casework report workload
    """
    give("workload", **asked)


@report_.command("forecast")
@_looks_ahead
@OWNER
@click.option("--backtest", is_flag=True)
@narrows
@writes_paper
@earlier
def forecast(**asked: Any) -> None:
    """Say how likely each open case, and all of them, will be resolved by the conference.

    \b
    Example:
      casework report forecast --before NFAC-21 --as-of 2023-12-08
    """
    give("forecast", **asked)


@report_.command("slippage")
@click.option("--owner", metavar="ORG")
@_counts_a_period
@narrows
@writes_paper
@earlier
def slippage(**asked: Any) -> None:
    """Say which deadlines moved or passed, who granted more time, and in whose hands it was late.

    \b
    Example:
      casework report slippage --output slippage.xlsx
    """
    give("slippage", **asked)


@report_.command("diff")
@click.option("--as-of", type=LAST_DAY, required=True, metavar="DATE")
@click.option("--known-at", type=MOMENT, required=True, metavar="TIMESTAMP")
@click.option("--and", "later", type=MOMENT, metavar="TIMESTAMP")
def diff(as_of: date, known_at: str, later: str | None) -> None:
    """Say what is known otherwise about a day since a report on it was made.

    \b
    Example:
      casework report diff --as-of 2023-12-08 --known-at 2023-12-08
    """
    from dataclasses import asdict

    from casework.questions import replay

    with settings().reading() as connection:
        then, now = instant(connection, known_at), instant(connection, later)
        found = replay.differences(connection, as_of, then, now)
        rows = [asdict(one) for one in found]
    if settings().format == "table":
        rows = [_in_words(row, settings().lang) for row in rows]
    print_rows(settings(), rows, ("ref", "field", "then", "now"), fit="now")


def _in_words(row: dict[str, Any], lang: str) -> dict[str, Any]:
    """Return the value of a difference in words."""
    name = row["field"]
    shown = {place: cell(row[place], lang, name) for place in ("then", "now")}
    return {"ref": row["ref"], "field": word(name, lang) if lang != "en" else name, **shown}
