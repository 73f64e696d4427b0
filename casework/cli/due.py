"""Commands on deadlines: hold, resume, and explain due dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.options import act, dates_document
from casework.cli.output import cell, dated, echo, print_fields, print_record, print_table
from casework.cli.running import Command, Noun
from casework.cli.settings import settings
from casework.cli.several import do, on_cases
from casework.rules.dates.counting import rule_words
from casework.words import Verb, in_language, long_date, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from casework.log.reading import Event
    from casework.questions.explanation import Explanation, Hold
    from casework.rules.working_days import Passed


@click.command("hold", cls=Command)
@on_cases
@dates_document
@act(reason=True)
def hold_(dry_run: bool, **options: Any) -> None:
    """Stop the clock of a case.

    \b
    Example:
      casework hold 003-21 --reason "waits for the decree" --document 7/CV
    """
    do("hold", dry_run=dry_run, **options)


@click.command("resume", cls=Command)
@on_cases
@act()
def resume_(dry_run: bool, **options: Any) -> None:
    """Let the clock of a case on hold run again.

    \b
    Example:
      casework resume 003-21 --effective yesterday
    """
    do("resume", dry_run=dry_run, **options)


@click.group("due", cls=Noun)
def due_() -> None:
    """Due dates: where they come from."""


@due_.command("explain")
@click.argument("ref")
def explain(ref: str) -> None:
    """Say where a due date comes from, day by day.

    \b
    Example:
      casework due explain 003-21
    """
    from casework.questions import explanation, lookup

    chosen = settings()
    with chosen.reading() as connection:
        found = explanation.explain(connection, lookup.find_case(connection, ref))
    if chosen.format == "table":
        _print(found)
    else:
        print_record(chosen, found.as_json())


def _print(found: Explanation) -> None:
    chosen, case = settings(), found.case
    lang = chosen.lang
    told = found.as_json()
    shown = {name: told[name] for name in ("ref", "due", "original_due", "due_words", "due_basis")}
    shown["due"] = case.due and long_date(case.due, lang)
    shown["due_precision"] = word(str(case.due_precision), lang) if case.due_precision else None
    shown["due_rule"] = rule_words(case.due_rule, lang)
    shown["due_from"] = case.due_from and long_date(case.due_from, lang)
    if case.due_rule:
        if found.counted_to != case.due:
            shown["counted_to"] = found.counted_to and long_date(found.counted_to, lang)
        shown["calendar"] = found.then.event
        shown["today_gives"] = found.now.due and long_date(found.now.due, lang)
    print_fields(chosen, shown)
    _section("skipped", ("date", "why", "name"), map(_day, found.passed))
    _section("holds", ("valid_from", "valid_to", "days"), map(_hold, found.holds))
    acts = ("effective_on", "act", "due", "actor", "seq", "reason", "document")
    _section("set_by", acts, map(_setting, found.set_by))
    if found.then.projected:
        chosen.tell(word("projected_days", lang))
    if found.differs:
        chosen.tell(chosen.said("due.differs"))


def _section(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    chosen = settings()
    if listed := list(rows):
        echo(chosen)
        echo(chosen, word(name, chosen.lang), bold=True)
        print_table(chosen, [word(column, chosen.lang) for column in columns], listed, fit=None)


def _day(passed: Passed) -> list[str]:
    lang = settings().lang
    special = passed.special
    name = special and in_language(special.name, special.name_vi, lang)
    return [long_date(passed.day, lang), word(passed.why, lang), cell(name, lang)]


def _hold(hold: Hold) -> list[str]:
    days = (cell(day, settings().lang, "since") or "–" for day in (hold.since, hold.until))
    return [*days, str(hold.days)]


def _setting(event: Event) -> list[str]:
    lang = settings().lang
    old, new = (cell(day, lang, "due") or "–" for day in event.changes["due"])
    said = [cell(words, lang) for words in (event.reason, event.document)]
    on = dated(event.effective_on, lang)
    return [on, Verb(event.act).said(lang), f"{old} → {new}", event.actor, f"{event.seq}", *said]
