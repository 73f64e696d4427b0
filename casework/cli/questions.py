"""Questions about one case: show, history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.dates import instant
from casework.cli.options import earlier
from casework.cli.output import dated, print_fields, print_record, print_rows, say
from casework.cli.running import Command
from casework.cli.settings import settings
from casework.cli.telling import fact_told, source_of, struck_words, who_did
from casework.cli.written import heed, writes_paper
from casework.questions.history import PRECISE
from casework.rules.dates.counting import rule_words
from casework.words import Kind, Verb, Written, word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from casework.kinds.records import Request
    from casework.log.reading import Event
    from casework.questions.history import Fact


@click.command("show", cls=Command)
@click.argument("ref")
@writes_paper
@earlier
def show_(
    ref: str, as_of: date | None, known_at: str | None, output: Path | None, *, force: bool
) -> None:
    """Show one case.

    \b
    Example:
      casework show 000-08
      casework show 000-08 --output case.docx
    """
    from casework.questions import lookup
    from casework.reports.cards import case_json

    heed(output)
    chosen = settings()
    now = as_of is None and known_at is None
    with chosen.reading() as connection:
        out = lookup.struck_known(connection, ref, instant(connection, known_at))
        if out is not None:
            case, links = out.case, list[tuple[str, str]]()
        elif now:
            case = lookup.find_case(connection, ref)
            links = lookup.linking_here(connection, case.ref)
        else:
            from casework.questions import replay

            known = instant(connection, known_at)
            case, links = replay.case_as_of(connection, ref, as_of, known)
        waiting = lookup.waiting_on(connection).get(case.ref) if now else None
        values = case_json(case, as_of or lookup.office_day(connection), links, waiting)
        if out is not None:
            values["struck"] = out.told
        notice = lookup.register(connection).notice
        if output is not None:
            from casework.cli.writing import give_case
            from casework.reports.answers import framed

            day = as_of or lookup.office_day(connection)
            told = framed(connection, connection, day, instant(connection, known_at))
    if output is not None:
        give_case(output, told, values, _as_read(values, waiting), force=force)
    elif chosen.format != "table":
        print_record(chosen, values)
    else:
        if notice:
            chosen.tell(Written(notice).said(chosen.lang))
        print_fields(chosen, _as_read(values, waiting))


def _as_read(values: dict[str, Any], waiting: Request | None) -> dict[str, Any]:
    """Return a case in words, without empty values."""
    # Of an open case the days it is overdue by are those it is late by.
    read = values | {"days_overdue": None}
    if read["due_precision"] == PRECISE:
        read["due_precision"] = None
    read["due_rule"] = rule_words(read["due_rule"], settings().lang)
    for quiet in ("extensions", "reopened", "held_days", "days_late"):
        read[quiet] = read[quiet] or None
    read.pop("overdue")
    read["waiting"] = waiting and _waits(waiting)
    said = settings().said
    to, back = read["links"], read["linked_from"]
    read["links"] = [said(f"link.{one['relation']}", ref=one["ref"]) for one in to]
    read["linked_from"] = [said(f"linked.{one['relation']}", ref=one["ref"]) for one in back]
    if struck := read.pop("struck", None):
        read = {"struck_by": settings().said("struck.by", **struck_words(struck))} | read
    return read


@click.command("history", cls=Command)
@click.argument("ref")
@writes_paper
def history_(ref: str, output: Path | None, *, force: bool) -> None:
    """Show everything that was done on a case.

    \b
    Example:
      casework history 000-08
      casework history 000-08 --output history.pdf
    """
    from casework.questions import audit_log, lookup

    heed(output)
    chosen = settings()
    with chosen.reading() as connection:
        case = lookup.find_any(connection, ref)
        found = audit_log.history(connection, case.ref)
        waiting = lookup.waiting_on(connection).get(case.ref)
        notice = lookup.register(connection).notice
        if output is not None:
            from casework.cli.writing import framed_now, give_events

            told = framed_now(connection)
    if output is not None:
        give_events(output, told, found, force=force)
        return
    if notice and chosen.format == "table":
        chosen.tell(Written(notice).said(chosen.lang))
    print_events(found)
    if waiting is not None and chosen.format == "table":
        say(chosen, f"{word('waiting', chosen.lang)}: {_waits(waiting)}", bold=True)


def _waits(waiting: Request) -> str:
    """Say which requests wait for a second person, and how to confirm them."""
    values = {"by": waiting.asked_by, "day": waiting.asked_on, "code": waiting.code}
    return settings().said("request.is-waiting", act=Verb(waiting.verb), **values)


def print_events(found: Any, *, subjects: bool = False) -> None:
    """Print audit events; with `subjects`, also the record of each."""
    chosen = settings()
    if chosen.format != "table":
        from casework.log.reading import TOLD

        print_rows(chosen, (event.as_json() for event in found), TOLD)
        return
    from casework.questions.history import beside

    told: dict[int, list[Fact]] = {} if subjects or not found else beside(found)
    for event in found:
        _print_event(event, told.get(event.seq, ()), subjects=subjects)


def _print_event(event: Event, more: Sequence[Fact], *, subjects: bool) -> None:
    from casework.questions.history import facts

    chosen = settings()
    told = f" [{source}]" if (source := source_of(event)) else ""
    who = who_did(event)
    act = Verb(event.act)
    at = dated(f"{event.recorded_at[:19]}Z", chosen.lang)
    named: dict[str, Any] = {"act": act, "told": told, "who": who, "seq": str(event.seq), "at": at}
    if subjects:
        of = {"kind": Kind(event.kind), "key": event.key}
        heading = chosen.said("history.heading-of", **named, **of)
    else:
        heading = chosen.said("history.heading", **named)
    say(chosen, heading, f"{dated(event.effective_on, chosen.lang)}  ", "    ", bold=True)
    for fact in (*more, *facts(event)):
        first, *others = fact_told(fact).split("\n")
        say(chosen, first, "    ", "      ")
        for paragraph in others:
            # Further in than whatever an act tells of itself: no text can pass for that.
            say(chosen, paragraph, "      ", "      ")
