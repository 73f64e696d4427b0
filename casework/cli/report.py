"""Reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from casework.acts.session import office_day
from casework.cli.dates import HORIZON, LAST_DAY, MOMENT, instant
from casework.cli.options import earlier
from casework.cli.output import print_rows
from casework.cli.paper import asking, publish, writes_paper
from casework.cli.running import Noun
from casework.cli.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from casework.kinds.records import Conference, Organisation
    from casework.store.connections import Connection

F = TypeVar("F", bound="Callable[..., Any]")

SUCCESSORS = click.option("--successors", is_flag=True)


def _looks_ahead(command: F) -> F:
    """Give a command the options that say how far ahead it looks."""
    until = click.option("--until", type=HORIZON, metavar="DATE")
    before = click.option("--before", metavar="CONF")
    return before(until(command))


def _refuse_both(owner: str | None, *, successors: bool) -> None:
    if owner is not None and successors:
        raise click.UsageError("Give --owner or --successors, not both.")


def _code(
    then: Connection, kind: type[Organisation | Conference], words: str | None, day: date
) -> str | None:
    """Return the code of what an option names on a day; None where it was not given."""
    from casework.questions import lookup

    return None if words is None else lookup.find(then, kind, words, day).code


@click.group("report", cls=Noun)
def report_() -> None:
    """Make a report."""


@report_.command("overdue")
@_looks_ahead
@click.option("--owner", metavar="ORG")
@click.option("--fail-on-overdue", is_flag=True)
@SUCCESSORS
@writes_paper
@earlier
def overdue(
    before: str | None,
    until: date | None,
    owner: str | None,
    output: Path | None,
    as_of: date | None,
    known_at: str | None,
    *,
    fail_on_overdue: bool,
    successors: bool,
    force: bool,
) -> None:
    """Say what is overdue before the next conference, and whose it is.

    \b
    Example:
      casework report overdue --before NFAC-21 --as-of 2023-12-08
    """
    _refuse_both(owner, successors=successors)
    from casework.kinds.records import Organisation
    from casework.reports.overdue import horizon, overdue_report

    with (
        settings().reading() as connection,
        asking(connection, as_of, known_at, output, successors=successors) as (then, frame),
    ):
        org = _code(then, Organisation, owner, frame.as_of)
        ahead = horizon(connection, then, frame, before, until)
        report = overdue_report(then, frame, ahead, owner=org)
    publish(report, output, force=force)
    if fail_on_overdue and report.overdue:
        from casework.errors import OverdueFoundError

        raise OverdueFoundError(f"{len(report.overdue)} cases are overdue on {frame.as_of}")


@report_.command("progress")
@click.option("--owner", metavar="ORG")
@click.option("--conference", metavar="C")
@SUCCESSORS
@writes_paper
@earlier
def progress(
    owner: str | None,
    conference: str | None,
    output: Path | None,
    as_of: date | None,
    known_at: str | None,
    *,
    successors: bool,
    force: bool,
) -> None:
    """Say what was completed, on time or late, and what was not, within its deadline or overdue.

    \b
    Example:
      casework report progress --conference NFAC-20 --output progress.docx
    """
    _refuse_both(owner, successors=successors)
    from casework.kinds.records import Conference, Organisation
    from casework.reports.progress import progress_report

    with (
        settings().reading() as connection,
        asking(connection, as_of, known_at, output, successors=successors) as (then, frame),
    ):
        org = _code(then, Organisation, owner, frame.as_of)
        at = _code(then, Conference, conference, frame.as_of)
        report = progress_report(then, frame, owner=org, conference=at)
    publish(report, output, force=force)


@report_.command("review")
@click.option("--of", metavar="CONF")
@click.option("--for", "coming", metavar="CONF")
@writes_paper
@earlier
def review(
    of: str | None,
    coming: str | None,
    output: Path | None,
    as_of: date | None,
    known_at: str | None,
    *,
    force: bool,
) -> None:
    """Say what became of each recommendation of a conference before the next one meets.

    \b
    Example:
      casework report review --of NFAC-20 --for NFAC-21
    """
    from datetime import timedelta

    from casework.reports.review import conferences, review_report

    with settings().reading() as connection:
        now = office_day(connection)
        earlier_one, later_one = conferences(connection, of, coming, as_of or now)
        # What happened at the conference itself belongs to the next review.
        eve = later_one.date - timedelta(1) if later_one.date else now
        if as_of is not None and as_of > eve:
            raise click.UsageError(f"{as_of} lies after the eve of {later_one.code}, {eve}.")
        day = as_of or (eve if eve < now else None)
        with asking(connection, day, known_at, output) as (then, frame):
            report = review_report(connection, then, frame, earlier_one, later_one)
    publish(report, output, force=force)


@report_.command("workload")
@click.option("--owner", metavar="ORG")
@writes_paper
@earlier
def workload(
    owner: str | None,
    output: Path | None,
    as_of: date | None,
    known_at: str | None,
    *,
    force: bool,
) -> None:
    """Say what each owner and each officer has on the desk, and when it falls due.

    \b
    Example:
      casework report workload
    """
    from casework.kinds.records import Organisation
    from casework.reports.workload import workload_report

    with (
        settings().reading() as connection,
        asking(connection, as_of, known_at, output) as (then, frame),
    ):
        org = _code(then, Organisation, owner, frame.as_of)
        report = workload_report(then, frame, owner=org)
    publish(report, output, force=force)


@report_.command("forecast")
@_looks_ahead
@click.option("--owner", metavar="ORG")
@writes_paper
@earlier
def forecast(
    before: str | None,
    until: date | None,
    owner: str | None,
    output: Path | None,
    as_of: date | None,
    known_at: str | None,
    *,
    force: bool,
) -> None:
    """Say how likely each open case, and all of them, will be resolved by the conference.

    \b
    Example:
      casework report forecast --before NFAC-21 --as-of 2023-12-08
    """
    from casework.kinds.records import Organisation
    from casework.reports.forecast import forecast_report
    from casework.reports.overdue import horizon

    with (
        settings().reading() as connection,
        asking(connection, as_of, known_at, output) as (then, frame),
    ):
        org = _code(then, Organisation, owner, frame.as_of)
        ahead = horizon(connection, then, frame, before, until)
        report = forecast_report(connection, then, frame, ahead, owner=org)
    publish(report, output, force=force)


@report_.command("slippage")
@click.option("--owner", metavar="ORG")
@writes_paper
@earlier
def slippage(
    owner: str | None,
    output: Path | None,
    as_of: date | None,
    known_at: str | None,
    *,
    force: bool,
) -> None:
    """Say which deadlines moved or passed, who granted more time, and in whose hands it was late.

    \b
    Example:
      casework report slippage --output slippage.xlsx
    """
    from casework.kinds.records import Organisation
    from casework.reports.slippage import slippage_report

    with (
        settings().reading() as connection,
        asking(connection, as_of, known_at, output) as (then, frame),
    ):
        org = _code(then, Organisation, owner, frame.as_of)
        report = slippage_report(connection, then, frame, owner=org)
    publish(report, output, force=force)


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
    print_rows(settings(), rows, ("ref", "field", "then", "now"), fit="now")
