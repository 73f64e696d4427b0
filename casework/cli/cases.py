"""The verbs on cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.dates import DAY, DUE
from casework.cli.fields import describing
from casework.cli.options import act, dates_document, writes
from casework.cli.output import cell, print_record
from casework.cli.running import Command
from casework.cli.settings import settings, wrong_usage
from casework.cli.typed import TEXT, Word
from casework.kinds.case import Case
from casework.kinds.choices import BASES, Outcome
from casework.rules.workflow import CLOSING_OUTCOMES
from casework.words import weekday

if TYPE_CHECKING:
    from datetime import date

    from casework.kinds.records import Request

OUTCOMES = Word(Outcome)
BASIS = click.Choice(BASES)


def print_case(case: Case, today: date, waiting: Request | None = None) -> None:
    """Print a case as an act left it, or as it stands while the act waits."""
    chosen = settings()
    if chosen.format != "table":
        from casework.reports.cards import case_json

        print_record(chosen, case_json(case, today, waiting=waiting))
        return
    parts = [case.ref, cell(case.state, chosen.lang, "state")]
    if case.owner:
        parts.append(chosen.said("case.line.owner", owner=case.owner))
    if case.due:
        day = weekday(case.due, chosen.lang)
        parts.append(chosen.said("case.line.due", day=case.due, weekday=day))
    if case.held_since:
        parts.append(chosen.said("case.line.held", day=case.held_since))
    if case.outcome:
        parts.append(cell(case.outcome, chosen.lang, "outcome"))
    click.echo("  ".join(parts), color=False)


def do(name: str, ref: str | None, given: dict[str, Any], *, dry_run: bool) -> None:
    """Do an act on a case and print the case as it leaves it."""
    from casework.acts.by_name import perform

    left = perform(settings().session, name, ref, given, dry_run=dry_run)
    print_case(left.case, left.today, left.waiting)


WITH: dict[str, Any] = {"multiple": True, "metavar": "ORG"}


@click.command("propose", cls=Command)
@describing(Case, new=True)
@click.option("--ref", metavar="R")
@click.option("--with", "coordinating", **WITH)
@act()
def propose_(dry_run: bool, **options: Any) -> None:
    """Register a recommendation.

    \b
    Example:
      casework propose --title "Rules for offices of foreign localities" --proposer hcmc-pc
    """
    do("propose", None, options, dry_run=dry_run)


@click.command("edit", cls=Command)
@click.argument("ref")
@describing(Case)
@act()
def edit_(ref: str, dry_run: bool, **options: Any) -> None:
    """Correct what a recommendation says or whose it is.

    \b
    Example:
      casework edit 000-08 --title "Rules for offices of foreign localities, and vice versa"
    """
    do("edit", ref, options, dry_run=dry_run)


@click.command("assign", cls=Command)
@click.argument("ref")
@click.option("--owner", required=True, metavar="ORG")
@click.option("--due", required=True, type=DUE, metavar="DATE")
@click.option("--with", "coordinating", **WITH)
@click.option("--officer", metavar="PERSON")
@click.option("--basis", type=BASIS, default="set", show_default=True)
@click.option("--late-cause", metavar="CODE")
@act()
def assign_(ref: str, dry_run: bool, **options: Any) -> None:
    """Give a proposed case its owner and its due date.

    \b
    Example:
      casework assign 000-08 --owner mofa --due 2027-06-30 --with hcmc-pc
    """
    do("assign", ref, options, dry_run=dry_run)


@click.command("advance", cls=Command)
@click.argument("ref")
@click.option("--outcome", type=OUTCOMES, metavar="O")
@click.option("--answer", type=TEXT, metavar="T")
@click.option("--late-cause", metavar="CODE")
@act()
def advance_(ref: str, dry_run: bool, **options: Any) -> None:
    """Take a case its next step forward.

    \b
    Example:
      casework advance 000-08
      casework advance 000-08 --outcome implemented --answer "Circular 3 is in force"
    """
    do("advance", ref, options, dry_run=dry_run)


@click.command("answer", cls=Command)
@click.argument("ref")
@click.option("--outcome", required=True, type=OUTCOMES, metavar="O")
@click.option("--answer", required=True, type=TEXT, metavar="T")
@act()
def answer_(ref: str, dry_run: bool, **options: Any) -> None:
    """Note what the owner answered, for the secretariat to confirm.

    \b
    Example:
      casework answer 000-08 --outcome explained --answer "Covered by Decree 6" --by desk-law
      casework answer 000-08 --outcome explained --answer @answer.txt
    """
    do("answer", ref, options, dry_run=dry_run)


@click.command("return", cls=Command)
@click.argument("ref")
@act(reason=True)
def return_(ref: str, dry_run: bool, **options: Any) -> None:
    """Send a case one step back.

    \b
    Example:
      casework return 000-08 --reason "not within our competence"
    """
    do("return", ref, options, dry_run=dry_run)


@click.command("close", cls=Command)
@click.argument("ref")
@click.option("--outcome", required=True, type=OUTCOMES, metavar="O")
@click.option("--late-cause", metavar="CODE")
@act(reason=True)
def close_(ref: str, dry_run: bool, **options: Any) -> None:
    """End a case that was not studied.

    \b
    Example:
      casework close 000-03 --outcome superseded --reason "asked again as NFAC-21.004"
    """
    do("close", ref, options, dry_run=dry_run)


close_.values = {"choices": [*CLOSING_OUTCOMES]}


@click.command("reopen", cls=Command)
@click.argument("ref")
@click.option("--owner", metavar="ORG")
@click.option("--as-it-was", is_flag=True)
@act(reason=True)
def reopen_(ref: str, dry_run: bool, *, as_it_was: bool, **options: Any) -> None:
    """Take a resolved case up again, or put back one closed by mistake.

    \b
    Example:
      casework reopen 000-08 --reason "only one direction is covered"
      casework reopen 000-03 --as-it-was --reason "another case was meant"
    """
    if not as_it_was:
        do("reopen", ref, options, dry_run=dry_run)
        return
    if options.pop("owner") is not None:
        raise wrong_usage("reopen.as-it-was-owner")
    do("put-back", ref, options, dry_run=dry_run)


@click.command("reassign", cls=Command)
@click.argument("ref")
@click.option("--owner", required=True, metavar="ORG")
@click.option("--with", "coordinating", **WITH)
@click.option("--officer", metavar="PERSON")
@act(reason=True)
def reassign_(ref: str, dry_run: bool, **options: Any) -> None:
    """Give a case another owner; its due date stays.

    \b
    Example:
      casework reassign 003-34 --owner vufo --reason "the Union holds the draft"
    """
    do("reassign", ref, options, dry_run=dry_run)


@click.command("extend", cls=Command)
@click.argument("ref")
@click.option("--due", required=True, type=DUE, metavar="DATE")
@click.option("--basis", type=BASIS, default="set", show_default=True)
@click.option("--late-cause", metavar="CODE")
@dates_document
@act(reason=True)
def extend_(ref: str, dry_run: bool, **options: Any) -> None:
    """Move the due date on; the original one is kept.

    \b
    Example:
      casework extend 003-21 --due 2027-12-31 --reason "localities to be heard" --document 12/TB
    """
    do("extend", ref, options, dry_run=dry_run)


@click.command("coordinate", cls=Command)
@click.argument("ref")
@click.option("--with", "add", **WITH)
@click.option("--without", "remove", multiple=True, metavar="ORG")
@act()
def coordinate_(ref: str, dry_run: bool, **options: Any) -> None:
    """Add or remove coordinating organisations.

    \b
    Example:
      casework coordinate 000-08 --with hcmc-pc --without central-agencies
    """
    do("coordinate", ref, options, dry_run=dry_run)


@click.command("link", cls=Command)
@click.argument("ref")
@click.option("--repeats", metavar="REF")
@click.option("--relates-to", metavar="REF")
@click.option("--remove", is_flag=True)
@act()
def link_(
    ref: str, repeats: str | None, relates_to: str | None, dry_run: bool, **options: Any
) -> None:
    """Link a case to an earlier one.

    \b
    Example:
      casework link 000-03 --repeats 003-32
    """
    if (repeats is None) == (relates_to is None):
        raise wrong_usage("link.one-of")
    relation, other = ("relates-to", relates_to) if repeats is None else ("repeats", repeats)
    do("link", ref, options | {"other": other, "relation": relation}, dry_run=dry_run)


@click.command("note", cls=Command)
@click.argument("ref")
@click.argument("text", type=TEXT)
@click.option("--effective", type=DAY, metavar="DATE")
@writes
def note_(ref: str, text: str, effective: date | None, dry_run: bool) -> None:
    """Add a note; it changes nothing.

    \b
    Example:
      casework note 000-08 "The draft went to the Ministry of Justice."
      casework note 000-08 @minutes.txt
    """
    do("note", ref, {"words": text, "effective": effective}, dry_run=dry_run)


@click.command("correct", cls=Command)
@click.argument("ref")
@click.option("--field", metavar="NAME")
@click.option("--to", type=TEXT, metavar="VALUE")
@click.option("--event", type=click.IntRange(0), metavar="N")
@click.option("--strike", is_flag=True)
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@click.option("--document", type=TEXT, metavar="D")
@dates_document
@click.option("--effective", "effective_on", type=DAY, metavar="DATE")
@click.option("--if-version", type=int, metavar="N")
@writes
def correct_(ref: str, dry_run: bool, **options: Any) -> None:
    """Correct what was recorded wrongly; the wrong value stays readable in the log.

    \b
    Example:
      casework correct 000-08 --field due --to 2022-06-30 --reason "misread the paper"
      casework correct 000-08 --event 17 --strike --reason "entered twice"
    """
    do("correct", ref, options | {"effective": options.pop("effective_on")}, dry_run=dry_run)
