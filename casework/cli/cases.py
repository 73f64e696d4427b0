"""The verbs on cases."""

from __future__ import annotations

from typing import Any

import click

from casework.cli.dates import DAY, DUE
from casework.cli.fields import describing
from casework.cli.options import act, begins, dates_document, writes
from casework.cli.running import Command
from casework.cli.settings import wrong_usage
from casework.cli.several import do, do_one, on_cases, with_text
from casework.cli.typed import TEXT, Word
from casework.kinds.case import Case
from casework.kinds.choices import BASES, CHOICES, CLOSING_OUTCOMES, Outcome

OUTCOMES = Word(Outcome)
VERDICTS = Word(CHOICES["Verdict"])
BASIS = click.Choice(BASES)


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
    do_one("propose", None, options, dry_run=dry_run)


def _asked_for(
    command: click.Command, ctx: click.Context, args: list[str], error: click.MissingParameter
) -> list[str] | None:
    from casework.cli.proposing import complete

    return complete(command, ctx, args, error)


propose_.complete = _asked_for


@click.command("edit", cls=Command)
@on_cases
@describing(Case)
@act()
def edit_(dry_run: bool, **options: Any) -> None:
    """Correct what a recommendation says or whose it is.

    \b
    Example:
      casework edit 000-08 --title "Rules for offices of foreign localities, and vice versa"
    """
    do("edit", dry_run=dry_run, **options)


@click.command("assign", cls=Command)
@on_cases
@click.option("--owner", required=True, metavar="ORG")
@click.option("--due", required=True, type=DUE, metavar="DATE")
@click.option("--with", "coordinating", **WITH)
@click.option("--officer", metavar="PERSON")
@click.option("--basis", type=BASIS, default="set", show_default=True)
@click.option("--late-cause", metavar="CODE")
@begins
@act()
def assign_(dry_run: bool, **options: Any) -> None:
    """Give a proposed case its owner and its due date.

    \b
    Example:
      casework assign 000-08 --owner mofa --due 2027-06-30 --with hcmc-pc
    """
    do("assign", dry_run=dry_run, **options)


@click.command("advance", cls=Command)
@on_cases
@click.option("--outcome", type=OUTCOMES, metavar="O")
@click.option("--answer", type=TEXT, metavar="T")
@click.option("--late-cause", metavar="CODE")
@begins
@act()
def advance_(dry_run: bool, **options: Any) -> None:
    """Take a case its next step forward.

    \b
    Example:
      casework advance 000-08
      casework advance 000-08 --outcome implemented --answer "Circular 3 is in force"
    """
    do("advance", dry_run=dry_run, **options)


@click.command("answer", cls=Command)
@on_cases
@click.option("--outcome", required=True, type=OUTCOMES, metavar="O")
@click.option("--answer", required=True, type=TEXT, metavar="T")
@begins
@act()
def answer_(dry_run: bool, **options: Any) -> None:
    """Note what the owner answered, for the secretariat to confirm.

    \b
    Example:
      casework answer 000-08 --outcome explained --answer "Covered by Decree 6" --by desk-law
      casework answer 000-08 --outcome explained --answer @answer.txt
    """
    do("answer", dry_run=dry_run, **options)


@click.command("return", cls=Command)
@on_cases
@click.option("--not-ours", is_flag=True)
@act(reason=True)
def return_(dry_run: bool, *, not_ours: bool, **options: Any) -> None:
    """Send a case one step back, or say that it is not yours.

    \b
    Example:
      casework return 000-08 --reason "the draft has to be done again"
      casework return 000-08 --not-ours --reason "not within our competence" --by desk-law
    """
    do("contest" if not_ours else "return", dry_run=dry_run, **options)


@click.command("uphold", cls=Command)
@on_cases
@act(reason=True)
def uphold_(dry_run: bool, **options: Any) -> None:
    """Decide that a case which its owner contests is the owner's.

    \b
    Example:
      casework uphold 000-08 --reason "Decree 28 gives it to the ministry"
    """
    do("uphold", dry_run=dry_run, **options)


@click.command("close", cls=Command)
@on_cases
@click.option("--outcome", required=True, type=OUTCOMES, metavar="O")
@click.option("--late-cause", metavar="CODE")
@act(reason=True)
def close_(dry_run: bool, **options: Any) -> None:
    """End a case that was not studied.

    \b
    Example:
      casework close 000-03 --outcome superseded --reason "asked again as NFAC-21.004"
    """
    do("close", dry_run=dry_run, **options)


close_.values = {"choices": [*CLOSING_OUTCOMES]}


@click.command("reopen", cls=Command)
@on_cases
@click.option("--owner", metavar="ORG")
@click.option("--as-it-was", is_flag=True)
@act(reason=True)
def reopen_(dry_run: bool, *, as_it_was: bool, **options: Any) -> None:
    """Take a resolved case up again, or put back one closed by mistake.

    \b
    Example:
      casework reopen 000-08 --reason "only one direction is covered"
      casework reopen 000-03 --as-it-was --reason "another case was meant"
    """
    if not as_it_was:
        do("reopen", dry_run=dry_run, **options)
        return
    if options.pop("owner") is not None:
        raise wrong_usage("reopen.as-it-was-owner")
    do("put-back", dry_run=dry_run, **options)


@click.command("verdict", cls=Command)
@click.argument("ref")
@click.argument("verdict", type=VERDICTS)
@act()
def verdict_(ref: str, dry_run: bool, **options: Any) -> None:
    """Note what the proposer says of the resolution.

    \b
    Example:
      casework verdict 000-08 satisfied --document 45/UBND-NV
      casework verdict 000-08 not --reason "two of the three points are open"
    """
    do_one("verdict", ref, options, dry_run=dry_run)


@click.command("reassign", cls=Command)
@on_cases
@click.option("--owner", required=True, metavar="ORG")
@click.option("--with", "coordinating", **WITH)
@click.option("--officer", metavar="PERSON")
@act(reason=True)
def reassign_(dry_run: bool, **options: Any) -> None:
    """Give a case another owner; its due date stays.

    \b
    Example:
      casework reassign 003-34 --owner vufo --reason "the Union holds the draft"
    """
    do("reassign", dry_run=dry_run, **options)


@click.command("extend", cls=Command)
@on_cases
@click.option("--due", required=True, type=DUE, metavar="DATE")
@click.option("--basis", type=BASIS, default="set", show_default=True)
@click.option("--late-cause", metavar="CODE")
@click.option("--ask", is_flag=True)
@dates_document
@act(reason=True)
def extend_(dry_run: bool, **options: Any) -> None:
    """Move the due date on, or ask for that; the original one is kept.

    \b
    Example:
      casework extend 003-21 --due 2027-12-31 --reason "localities to be heard" --document 12/TB
      casework extend 003-21 --due 2027-12-31 --reason "localities to be heard" --by desk-law
    """
    do("extend", dry_run=dry_run, **options)


@click.command("coordinate", cls=Command)
@on_cases
@click.option("--with", "add", **WITH)
@click.option("--without", "remove", multiple=True, metavar="ORG")
@act()
def coordinate_(dry_run: bool, **options: Any) -> None:
    """Add or remove coordinating organisations.

    \b
    Example:
      casework coordinate 000-08 --with hcmc-pc --without central-agencies
    """
    do("coordinate", dry_run=dry_run, **options)


@click.command("link", cls=Command)
@on_cases
@click.option("--repeats", metavar="REF")
@click.option("--relates-to", metavar="REF")
@click.option("--remove", is_flag=True)
@act()
def link_(repeats: str | None, relates_to: str | None, dry_run: bool, **options: Any) -> None:
    """Link a case to an earlier one.

    \b
    Example:
      casework link 000-03 --repeats 003-32
    """
    if (repeats is None) == (relates_to is None):
        raise wrong_usage("link.one-of")
    relation, other = ("relates-to", relates_to) if repeats is None else ("repeats", repeats)
    do("link", dry_run=dry_run, other=other, relation=relation, **options)


@click.command("note", cls=Command)
@with_text
@begins
@click.option("--effective", type=DAY, metavar="DATE")
@click.option("--if-version", type=int, metavar="N")
@writes
def note_(text: str, dry_run: bool, **options: Any) -> None:
    """Add a note; it changes nothing.

    \b
    Example:
      casework note 000-08 "The draft went to the Ministry of Justice."
      casework note 000-08 @minutes.txt
      casework note 000-08 000-09 --text "Raised again at the session of the morning."
    """
    do("note", dry_run=dry_run, words=text, **options)


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
    do_one("correct", ref, options | {"effective": options.pop("effective_on")}, dry_run=dry_run)
