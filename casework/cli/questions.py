"""Questions about one case: show, history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.dates import instant
from casework.cli.options import earlier
from casework.cli.output import (
    DATED,
    PARAGRAPHED,
    cell,
    dated,
    paragraphs,
    print_fields,
    print_record,
    print_rows,
    say,
)
from casework.cli.running import Command
from casework.cli.settings import settings
from casework.kinds.records import SHOWN_IN_WORDS
from casework.rules.dates.counting import rule_words
from casework.words import Kind, Verb, Written, word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from casework.kinds.records import Request
    from casework.log.event import Event
    from casework.questions.history import Fact


@click.command("show", cls=Command)
@click.argument("ref")
@earlier
def show_(ref: str, as_of: date | None, known_at: str | None) -> None:
    """Show one case.

    \b
    Example:
      casework show 000-08
    """
    from casework.questions import lookup
    from casework.reports.cards import case_json

    chosen = settings()
    now = as_of is None and known_at is None
    with chosen.reading() as connection:
        if now:
            case = lookup.find_case(connection, ref)
            links = lookup.linking_here(connection, case.ref)
        else:
            from casework.questions import replay

            known = instant(connection, known_at)
            case, links = replay.case_as_of(connection, ref, as_of, known)
        waiting = lookup.waiting_on(connection).get(case.ref) if now else None
        values = case_json(case, as_of or lookup.office_day(connection), links, waiting)
        notice = lookup.register(connection).notice
    if chosen.format != "table":
        print_record(chosen, values)
        return
    if notice:
        chosen.tell(Written(notice).said(chosen.lang))
    # Of an open case it is the same.
    values["days_overdue"] = None
    if values["due_precision"] == "day":
        values["due_precision"] = None
    values["due_rule"] = rule_words(values["due_rule"], chosen.lang)
    for quiet in ("overdue", "extensions", "reopened", "held_days", "days_late"):
        values[quiet] = None if not values[quiet] else values[quiet]
    values.pop("overdue")
    values["waiting"] = waiting and _waits(waiting)
    print_fields(chosen, values)


@click.command("history", cls=Command)
@click.argument("ref")
def history_(ref: str) -> None:
    """Show everything that was done on a case.

    \b
    Example:
      casework history 000-08
    """
    from casework.questions import audit_log, lookup

    chosen = settings()
    with chosen.reading() as connection:
        case = lookup.find_case(connection, ref)
        found = audit_log.history(connection, case.ref)
        waiting = lookup.waiting_on(connection).get(case.ref)
        notice = lookup.register(connection).notice
    if notice and chosen.format == "table":
        chosen.tell(Written(notice).said(chosen.lang))
    print_events(found)
    if waiting is not None and chosen.format == "table":
        say(chosen, f"{word('waiting', chosen.lang)}: {_waits(waiting)}", bold=True)


def _waits(waiting: Request) -> str:
    """Say what waits for a second person, and how it is confirmed."""
    values = {"by": waiting.asked_by, "day": waiting.asked_on, "code": waiting.code}
    return settings().said("request.is-waiting", act=Verb(waiting.verb), **values)


def print_events(found: Any, *, subjects: bool = False) -> None:
    """Print audit events; `subjects` says on what each was done."""
    chosen = settings()
    if chosen.format != "table":
        from casework.log.event import TOLD

        print_rows(chosen, (event.as_json() for event in found), TOLD)
        return
    from casework.questions.history import beside

    told: dict[int, list[Fact]] = {} if subjects or not found else beside(found)
    for event in found:
        _print_event(event, told.get(event.seq, ()), subjects=subjects)


def _print_event(event: Event, more: Sequence[Fact], *, subjects: bool) -> None:
    from casework.questions.history import facts

    chosen = settings()
    told = f" [{_source(event)}]" if event.reported else ""
    who = event.actor if event.login in {None, event.actor} else f"{event.actor} ({event.login})"
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


def _source(event: Event) -> str:
    """Return who told of an act that was made elsewhere."""
    lang = settings().lang
    source = event.reported["source"] if event.reported else ""
    return cell(Written(str(source)).said(lang), lang)


def fact_told(fact: Fact) -> str:
    """Return one thing an event tells, as a history shows it."""
    lang = settings().lang
    heading, after = word(fact.name, lang), _shown(fact.name, fact.after)
    if not fact.changed:
        return f"{heading}: {after}"
    return f"{heading}: {_shown(fact.name, fact.before)} → {after}"


def _shown(name: str, value: Any) -> str:
    """Return a value as a history shows it, the paragraphs of a long text as they are."""
    lang = settings().lang
    if name in SHOWN_IN_WORDS and value:
        return word(str(value), lang)
    if name == "struck_by":
        who, colon, why = str(value).partition(": ")
        return cell(who + colon + Written(why).said(lang), lang)
    if name in DATED:
        return cell(value, lang, name) or "–"
    if name in PARAGRAPHED and isinstance(value, str):
        told = Written(value).said(lang) if name == "reason" else value
        return "\n".join(paragraphs(told, lang)) or "–"
    return cell(value, lang) or "–"
