"""Output a report: on the terminal, as data on standard output, or in a file."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import click

from casework.cli.data import INDENT
from casework.cli.dates import instant
from casework.cli.json_text import json_line, json_text
from casework.cli.layout import width
from casework.cli.output import LINES, echo, print_columns, say
from casework.cli.settings import settings
from casework.cli.views import narrowed
from casework.cli.written import heed, into, put
from casework.papers.formatting import NUMBERS, heading, log_lines, number, shown, total
from casework.system.spooled import KEPT, lots
from casework.system.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from casework.acts.days import TypedDay
    from casework.cli.output import Page
    from casework.cli.written import Data
    from casework.papers.model import Chart, Paper, Section
    from casework.reports.making import Report
    from casework.reports.question import Question
    from casework.rules.periods import TypedPeriod
    from casework.store.connections import Connection

NARROWEST_CHART = 60
"""The least width of a terminal for charts; a wider one has longer bars."""

LONGEST_BAR = 50
ROOM_FOR_NUMBERS = 18
BLOCKS = ("█", "░")


def give(name: str, *, output: Path | None, force: bool, **asked: Any) -> Report:
    """Make a report by name and output it; see `publish`. Returns the report."""
    from casework.reports.making import made

    chosen = settings()
    brief = chosen.lang if output is None and chosen.format == "table" else None
    calendar = output is not None and output.suffix.casefold() == ".ics"
    with chosen.reading() as connection:
        question = question_of(connection, brief=brief, calendar=calendar, **asked)
        report = made(name, connection, question)
    publish(report, output, force=force)
    return report


def question_of(
    connection: Connection,
    *,
    known_at: str | TypedDay | None,
    where: str | None = None,
    view: str | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    period: TypedPeriod | None = None,
    **asked: Any,
) -> Question:
    """Return the question of a report's options; raises UsageError if they cannot be combined."""
    from casework.questions.lookup import office_day
    from casework.reports.question import Question
    from casework.rules.periods import period_of

    if any(one is not None for one in (first_day, last_day, period)):
        today, as_of = office_day(connection), asked["as_of"]
        asked["period"] = period_of(today, as_of, first_day, last_day, period)
        asked["as_of"] = None
    query = narrowed(view, where)
    return Question(known_at=instant(connection, known_at), where=query, **asked)


def publish(report: Report, output: Path | None, *, force: bool = False) -> None:
    """Output a report: to a file, or to standard output in the chosen format.

    Raises ConflictError if the file exists, UnavailableError if it cannot be written.
    """
    from casework.papers.csv import write_text

    chosen = settings()
    heed(output)
    if output is not None:
        data: Data = {
            "json": lambda file: put(_as_json(report, INDENT), file),
            # Identifiers and values of a data file are those of JSON, whatever the language.
            "csv": lambda file: write_text(report.paper("en"), file),
        }
        into(output, data, report.paper, force=force)
    elif chosen.format == "table":
        horizon = getattr(report, "horizon", None)
        lacks = None
        if horizon is not None and horizon.day is None:
            lacks = " ".join(horizon.remarks(chosen.lang))
        print_paper(report.paper(chosen.lang), lacks=lacks)
    elif chosen.format == "csv":
        write_text(report.paper("en"), sys.stdout)
    else:
        indent = None if chosen.format == "ndjson" else INDENT
        for parts in lots(_as_json(report, indent), LINES):
            click.echo("".join(parts), nl=False)


def _as_json(report: Report, indent: int | None) -> Iterator[str]:
    """Yield a report as the text of one JSON object, its lists row by row."""
    one, two = (json_line(indent, 1), json_line(indent, 2)) if indent else ("", "")
    between = "," + (one or " ")
    start = "{" + one
    for name, value in report.as_json(iter).items():
        yield f"{start}{json.dumps(name)}: "
        start = between
        if isinstance(value, Iterator):
            begin = "[" + two
            for row in value:
                yield begin + json_text(row, indent, 2)
                begin = "," + (two or " ")
            yield "[]" if begin[0] == "[" else one + "]"
        else:
            yield json_text(value, indent, 1)
    yield ("\n" if indent else "") + "}\n"


def print_paper(paper: Paper, *, lacks: str | None) -> None:
    """Print a paper for people; charts only if the terminal is wide enough.

    `lacks` is what is told of a horizon that it lacks; then it says which option sets one.
    """
    chosen = settings()
    say(chosen, heading(paper, iso=True), bold=True)
    for notice in paper.notices:
        say(chosen, visible(notice), fg="yellow")
    for remark in (*((paper.lead,) if paper.bare else ()), *paper.remarks):
        say(chosen, remark)
    if lacks is not None and (paper.remarks or not paper.bare or paper.lead == lacks):
        say(chosen, chosen.said("report.look-ahead"))
    for section in paper.shown:
        echo(chosen)
        colour = {"fg": "red"} if section.urgent and section.rows else {}
        say(chosen, section.title, bold=True, **colour)
        if said := section.repeats or (not section.rows and section.empty):
            say(chosen, said)
            continue
        _print_section(section, paper)
        if section.note:
            say(chosen, section.note)
        for chart in section.charts:
            _print_chart(chart)
    echo(chosen)
    for line in log_lines(paper):
        say(chosen, line)


def _print_section(section: Section, paper: Paper) -> None:
    used = section.used()
    columns = [section.columns[i] for i in used]
    rows = section.rows
    if columns[0].kind == "org":
        # Organisations are shown by their codes here, so the codes' order is the one people see.
        rows = sorted(rows, key=lambda row: (row[0] is None, row[0]))
    last = [] if section.total is None else [[[value] for value in total(section, paper)]]

    def pages() -> Iterator[Page]:
        for lot in lots(rows):
            yield [
                shown(column, [row[i] for row in lot], paper, plain=True)
                for i, column in zip(used, columns, strict=True)
            ]
        yield from last

    held = [*pages()] if len(rows) <= KEPT else None
    print_columns(
        settings(),
        [column.heading for column in columns],
        pages if held is None else lambda: held,
        next((i for i, column in enumerate(columns) if column.wide), None),
        [column.kind in NUMBERS for column in columns],
    )


def _labels(names: Sequence[str], room: int) -> list[str]:
    """Return names as labels of bars, cut to a third of the width, or half to tell them apart."""
    for part in (3, 2):
        labels = [shorten(name, room // part, placeholder="…") for name in names]
        if len({*labels}) == len({*names}):
            break
    return labels


def _print_chart(chart: Chart) -> None:
    room = shutil.get_terminal_size().columns
    if not sys.stdout.isatty() or room < NARROWEST_CHART:
        return
    chosen = settings()
    labels = _labels([visible(label) for label, _ in chart.bars], room)
    wide = max(map(width, labels))
    longest = max(sum(values) for _, values in chart.bars) or 1
    blocks = min(LONGEST_BAR, room - wide - ROOM_FOR_NUMBERS)
    legend = "  ".join(f"{block} {name}" for block, name in zip(BLOCKS, chart.series, strict=False))
    echo(chosen)
    say(chosen, f"{chart.title}  {legend}", bold=True)
    for label, (_, values) in zip(labels, chart.bars, strict=True):
        bar = "".join(
            block * (max(round(value * blocks / longest), 1) if value else 0)
            for block, value in zip(BLOCKS, values, strict=False)
        )
        numbers = " + ".join(number(value, chosen.lang) for value in values)
        echo(chosen, f"{label}{' ' * (wide - width(label))}  {bar} {numbers}")
