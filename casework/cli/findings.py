"""The command on findings: what an inspector would ask about."""

from __future__ import annotations

import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from casework.cli.dates import FIRST_DAY, instant
from casework.cli.layout import breadth
from casework.cli.options import F, earlier
from casework.cli.output import cell, echo, print_rows, print_table, say
from casework.cli.running import Command
from casework.cli.settings import settings, wrong_usage
from casework.cli.views import narrowed, narrows
from casework.cli.wording import worded
from casework.cli.written import heed, writes_paper
from casework.proof.findings import DEFAULTS, RULES
from casework.system.spooled import kept, mapped
from casework.words import Written, said, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from casework.proof.findings import Finding
    from casework.proof.findings.grouping import Asked
    from casework.questions.narrowing import Met
    from casework.store.connections import Connection
    from casework.system.spooled import Rows

ALL = "all"
LIMITS = ("recorded_late_days", "idle_days", "reassigned_late_days", "clock_back_seconds")
WIDEST = 100
"""The greatest width of running text."""


def _limits(f: F) -> F:
    """Declare the limits of the rules."""
    for name in reversed(LIMITS):
        option = f"--{name.replace('_', '-')}"
        f = click.option(
            option,
            type=click.IntRange(min=0),
            default=getattr(DEFAULTS, name),
            show_default=True,
            metavar="N",
        )(f)
    return f


@click.command("findings", cls=Command)
@click.option("--rule", "rules", multiple=True, type=click.Choice([*RULES]), metavar="RULE")
@click.option("--case", "ref", metavar="REF")
@narrows
@click.option("--since", type=FIRST_DAY, metavar="DATE")
@_limits
@click.option(
    "--explain", is_flag=False, flag_value=ALL, type=click.Choice([*RULES, ALL]), metavar="[RULE]"
)
@click.option("--all", "every", is_flag=True)
@writes_paper
@earlier
def findings(
    rules: tuple[str, ...],
    ref: str | None,
    view: str | None,
    where: str | None,
    since: date | None,
    explain: str | None,
    as_of: date | None,
    known_at: str | None,
    output: Path | None,
    *,
    every: bool,
    force: bool,
    **limits: int,
) -> None:
    """List what an inspector would ask about. A finding is a question, not an accusation.

    An act stands in one line, with the rule that matters most. Of each rule five acts are listed;
    what is found wherever papers are entered after they were signed is only counted. Of a rule of
    which not all is listed the number follows. All acts of a rule or of a case are listed where one
    is named. JSON and CSV hold every finding.

    \b
    Example:
      casework audit findings
      casework audit findings --rule self-confirmed --rule back-dated --since 2024-01-01
      casework audit findings --where "owner:mofa and resolved" --all
      casework audit findings --explain idle
      casework audit findings --output findings.docx
    """
    heed(output)
    if explain is not None:
        if output is not None:
            raise wrong_usage("findings.explains")
        _explain([*RULES] if explain == ALL else [explain], limits)
        return
    from casework.proof.findings import Settings, find
    from casework.proof.lawfulness import found_earlier
    from casework.questions import lookup
    from casework.system.clock import today
    from casework.system.spooled import chosen as chosen_rows

    chosen, query = settings(), narrowed(view, where)
    with chosen.reading() as connection, _meeting(connection, query, as_of, known_at) as met:
        case = lookup.find_any(connection, ref) if ref else None
        register = lookup.register(connection)
        asked = Settings(zone=register.zone, as_of=as_of, lang=chosen.lang, **limits)
        # Every event is read even for one case: logins, links and the clock are in the others.
        found = find(
            connection,
            asked,
            as_of or today(register.zone),
            found_earlier(connection),
            instant(connection, known_at),
        )
        listed = chosen_rows(
            found,
            lambda one: (
                (not rules or one.rule in rules)
                and (case is None or one.ref == case.ref)
                and (since is None or one.on >= since)
            ),
        )
        if met is not None:
            listed = kept(met.only(listed, lambda one: one.ref))
        if output is not None:
            from casework.cli.writing import framed_now, give_findings

            told = framed_now(connection)
        elif chosen.format != "table":
            print_rows(chosen, (one.as_json() for one in listed), ())
            return
        elif register.notice:
            chosen.tell(Written(register.notice).said(chosen.lang))
        if output is None and every:
            _print(listed)
        elif output is None:
            _print_grouped(listed, whole=bool(rules or case))
    if output is not None:
        give_findings(output, told, listed, force=force)


@contextmanager
def _meeting(
    connection: Connection, query: str | None, as_of: date | None, known_at: str | None
) -> Iterator[Met | None]:
    """Open the cases that meet a query, as the register stood; None without a query."""
    if query is None:
        yield None
        return
    from casework.questions import narrowing, replay
    from casework.questions.lookup import office_day

    known = instant(connection, known_at)
    with replay.as_of(connection, as_of, known) as then:
        day = as_of or office_day(connection)
        yield narrowing.met(connection, then, query, day, known)


def _print_grouped(found: Rows[Finding], *, whole: bool) -> None:
    """Print one line for each act, and the number for each rule of which not all are listed."""
    from casework.proof.findings import title
    from casework.proof.findings.grouping import grouped

    chosen = settings()
    lang = chosen.lang
    told = grouped(found, whole=whole)
    if told.listed or not told.counts:
        lines = mapped(told.listed, lambda line: _line(line, lang))
        _print_rows(("rule", "ref", "found"), lines)
    if told.counts and not whole:
        if told.listed and told.rest:
            echo(chosen)
        counts = [[rule, str(count), title(rule, lang)] for rule, count in told.rest.items()]
        if counts:
            _print_rows(("rule", "findings", "asked_about"), counts)
        chosen.tell(said("findings.listed", lang, shown=len(told.listed), acts=told.acts))
    if found:
        chosen.tell(said("findings.note", lang))


def _line(line: Asked, lang: str) -> list[str]:
    first, text = line.first, line.first.text
    if line.others:
        text = said("findings.also", lang, text=text, rules=line.others)
    # The sentence says when, as it says who.
    return [first.rule, cell(first.ref, lang), cell(text, lang)]


def _print(found: Rows[Finding]) -> None:
    chosen = settings()
    lang = chosen.lang
    rows = mapped(
        found,
        lambda one: [
            one.rule,
            *(cell(value, lang, "date") for value in (one.ref, one.on, [*one.seqs], one.text)),
        ],
    )
    # The sentence names who acted: a column for it would leave the sentence no room.
    _print_rows(("rule", "ref", "date", "events", "found"), rows)
    if rows:
        chosen.tell(said("findings.note", lang))


def _print_rows(columns: Sequence[str], rows: Rows[list[str]]) -> None:
    """Print a table whose last column wraps."""
    chosen = settings()
    headings = [word(name, chosen.lang) for name in columns]
    print_table(chosen, headings, rows, fit=len(headings) - 1)


def _explain(names: list[str], limits: dict[str, Any]) -> None:
    from casework.proof.findings import Settings, explain, title

    chosen = settings()
    asked = Settings(lang=chosen.lang, **limits)
    told = {name: title(name, chosen.lang) for name in names}
    meant = {name: worded(explain(name, asked)).said(chosen.lang) for name in names}
    if chosen.format != "table":
        rows = (
            {"rule": name, "title": called, "explanation": meant[name]}
            for name, called in told.items()
        )
        print_rows(chosen, rows, ())
        return
    wide = min(breadth(), WIDEST)
    for number, (name, called) in enumerate(told.items()):
        if number:
            echo(chosen)
        say(chosen, f"{name}: {called}", "", "  ", bold=True)
        # Not at hyphens, at which the names of options and rules would be torn.
        echo(chosen, textwrap.fill(meant[name], wide, break_on_hyphens=False))
