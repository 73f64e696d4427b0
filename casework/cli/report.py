"""Reports."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from casework.cli.common import DAY, MOMENT, Noun, earlier, instant, settings
from casework.cli.output import cell, echo, print_json, print_rows, print_table
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from casework.queries import Head, Listed, Tally
    from casework.reports.overdue import OverdueReport

SECTIONS = ("overdue", "due_before_horizon", "no_owner", "no_due_date", "orphaned")
COLUMNS = ("ref", "title", "owner", "state", "due", "original_due", "days_overdue", "reported")
TALLY = (
    "cases",
    "resolved",
    "resolved_on_time",
    "resolved_late",
    "resolved_no_due",
    "open",
    "open_in_time",
    "open_overdue",
    "open_no_due",
)


@click.group("report", cls=Noun)
def report_() -> None:
    """Make a report."""


@report_.command("overdue")
@click.option(
    "--before", metavar="CONF", help="The conference to look ahead to; default the next one."
)
@click.option(
    "--until", type=DAY, metavar="DATE", help="Look ahead to the end of that day instead."
)
@click.option("--owner", metavar="ORG", help="Only its cases.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to FILE.json or FILE.csv instead of the screen.",
)
@click.option("--fail-on-overdue", is_flag=True, help="Exit with 10 when some case is overdue.")
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
) -> None:
    """Say what is overdue before the next conference, and whose it is.

    \b
    Example:
      casework report overdue --before NFAC-21 --as-of 2023-12-08
    """
    if before is not None and until is not None:
        raise click.UsageError("Give --before or --until, not both.")
    if output is not None and output.suffix not in WRITERS:
        known = ", ".join(WRITERS)
        raise click.UsageError(f"{output.name}: a report is written as one of {known}.")
    report = _ask(before, until, owner, as_of, known_at)
    chosen = settings()
    if output is not None:
        from casework.exchange.exporting import whole_file

        with whole_file(output) as file:
            WRITERS[output.suffix](report, file)
        chosen.tell(f"written: {output}")
    elif chosen.format == "table":
        _print(report)
    elif chosen.format == "csv":
        _write_csv(report, sys.stdout)
    elif chosen.format == "ndjson":
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print_json(report.as_json())
    if fail_on_overdue and report.overdue:
        from casework.errors import OverdueFoundError

        raise OverdueFoundError(f"{len(report.overdue)} cases are overdue on {report.as_of}")


@report_.command("diff")
@click.option("--as-of", type=DAY, required=True, metavar="DATE", help="The day spoken of.")
@click.option(
    "--known-at", type=MOMENT, required=True, metavar="TIMESTAMP", help="What was known then …"
)
@click.option("--and", "later", type=MOMENT, metavar="TIMESTAMP", help="… and later; default now.")
def diff(as_of: date, known_at: str, later: str | None) -> None:
    """Say what is known otherwise about a day since a report on it was made.

    \b
    Example:
      casework report diff --as-of 2023-12-08 --known-at 2023-12-08
    """
    from dataclasses import asdict

    from casework import replay

    with settings().reading() as connection:
        then, now = instant(connection, known_at), instant(connection, later)
        found = replay.differences(connection, as_of, then, now)
        rows = [asdict(one) for one in found]
    print_rows(settings(), rows, ("ref", "field", "then", "now"), fit="now")


def _ask(
    before: str | None,
    until: date | None,
    owner: str | None,
    as_of: date | None,
    known_at: str | None,
) -> OverdueReport:
    from casework import queries, replay
    from casework.calendar import today
    from casework.records import Organisation
    from casework.reports.overdue import horizon, overdue_report

    with settings().reading() as connection:
        register, head = queries.register(connection), queries.head(connection)
        day = as_of or today(register.zone)
        known = instant(connection, known_at)
        with replay.as_of(connection, as_of, known) as then:
            org = queries.find(then, Organisation, owner).code if owner else None
            ahead = horizon(then, day, before, until)
            return overdue_report(
                then, day, ahead, known_at=known, head=head, notice=register.notice, owner=org
            )


def _print(report: OverdueReport) -> None:
    chosen = settings()
    lang = chosen.lang
    heading = f"{word('overdue_report', lang)}: {word('as_of', lang)} {report.as_of}"
    if report.horizon.conference is not None:
        conference = report.horizon.conference
        heading += f", {word('before', lang)} {conference.code} ({conference.date})"
    elif report.horizon.day is not None:
        heading += f", {word('until', lang)} {report.horizon.day}"
    if report.known_at is not None:
        heading += f", {word('known_at', lang)} {report.known_at:%Y-%m-%d %H:%M:%S}Z"
    echo(chosen, heading, bold=True)
    if report.notice:
        echo(chosen, cell(report.notice, lang), fg="yellow")
    if report.horizon.day is None:
        echo(chosen, word("no_horizon", lang))
    for name in SECTIONS:
        _print_section(report, name, getattr(report, name))
    echo(chosen)
    echo(chosen, word("by_owner", lang), bold=True)
    _print_tallies(report)
    echo(chosen)
    echo(chosen, f"{word('log', lang)}: {_log_line(report.head, lang)}")


def _log_line(head: Head, lang: str) -> str:
    """Return what finds the log again that a report was made from, years later."""
    recorded = f"{word('last_recorded', lang)} {head.recorded_at}"
    events = f"{head.size} {word('events', lang)}, {recorded}"
    return f"{events}, {word('root', lang)} {head.root}, {word('origin', lang)} {head.origin}"


def _print_section(report: OverdueReport, name: str, cases: list[Listed]) -> None:
    chosen = settings()
    lang = chosen.lang
    echo(chosen)
    colour = {"fg": "red"} if name == "overdue" and cases else {}
    echo(chosen, f"{word(name, lang)} ({len(cases)})", bold=True, **colour)
    if not cases:
        echo(chosen, word("none", lang))
        return
    if name == "no_due_date" and cases == report.no_owner:
        echo(chosen, f"{word('same_cases', lang)} {word('no_owner', lang)}")
        return
    rows = []
    for case in cases:
        days = max((report.as_of - case.due).days, 0) if case.due else 0
        moved = case.original_due if case.original_due != case.due else None
        rows.append(
            [
                cell(case.ref, lang),
                cell((case.title_vi if lang == "vi" else None) or case.title, lang),
                cell(case.owner, lang) or "–",
                cell(case.state, lang, "state"),
                cell(case.due, lang),
                cell(moved, lang),
                str(days or ""),
                cell(case.reported, lang),
            ]
        )
    used = [i for i, name in enumerate(COLUMNS) if i < ALWAYS or any(row[i] for row in rows)]
    headings = [word(COLUMNS[i], lang) for i in used]
    print_table(chosen, headings, [[row[i] for i in used] for row in rows], fit=1)


ALWAYS = 4
"""How many columns of a section are shown even when they are empty."""


def _print_tallies(report: OverdueReport) -> None:
    chosen = settings()
    lang = chosen.lang
    headings = [word("owner", lang), *(word(name, lang) for name in TALLY)]
    rows = [
        [cell(one.owner, lang) or word("no_owner", lang), *_numbers(one)] for one in report.by_owner
    ]
    rows.append([word("total", lang), *_numbers(report.totals)])
    helps = any(report.coordinates.values())
    if helps:
        headings.append(word("coordinates", lang))
        counts: Sequence[str] = [
            str(report.coordinates.get(one.owner or "", 0)) for one in report.by_owner
        ]
        rows = [[*row, count] for row, count in zip(rows, [*counts, ""], strict=True)]
    print_table(chosen, headings, rows, fit=None)
    if helps:
        echo(chosen, word("coordinates_note", lang))


def _numbers(tally: Tally) -> list[str]:
    return [str(getattr(tally, name)) for name in TALLY]


def _write_json(report: OverdueReport, file: IO[str]) -> None:
    json.dump(report.as_json(), file, ensure_ascii=False, indent=2)
    file.write("\n")


def _write_csv(report: OverdueReport, file: IO[str]) -> None:
    from casework.exchange.columns import cell as safe_cell

    values = report.as_json()
    header = [
        "section",
        "ref",
        "title",
        "title_vi",
        "state",
        "conference",
        "proposer",
        "owner",
        "officer",
        "due",
        "original_due",
        "extensions",
        "days_overdue",
        "reported",
    ]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    for section in SECTIONS:
        for row in values[section]:
            written = {"section": section, **row}
            writer.writerow([safe_cell(written[name]) for name in header])
    last = {"section": "log", "title": _log_line(report.head, "en")}
    writer.writerow([last.get(name, "") for name in header])


WRITERS: dict[str, Callable[[OverdueReport, IO[str]], None]] = {
    ".json": _write_json,
    ".csv": _write_csv,
}
