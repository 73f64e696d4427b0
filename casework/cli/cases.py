"""The verbs on cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.dates import DAY, DUE
from casework.cli.options import F, act, writes
from casework.cli.output import cell, print_record
from casework.cli.running import Command
from casework.cli.settings import settings
from casework.cli.typed import TEXT, Word
from casework.kinds.case import DESCRIBING
from casework.kinds.choices import BASES, Outcome
from casework.rules.workflow import CLOSING_OUTCOMES
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from casework.kinds.field import Field
    from casework.kinds.records import Case, Request

OUTCOMES = Word(Outcome)
ENDS = ", ".join(Outcome)
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
        parts.append(f"owner {case.owner}")
    if case.due:
        parts.append(f"due {case.due} ({case.due:%A})")
    if case.held_since:
        parts.append(f"{word('held_since', chosen.lang)} {case.held_since}")
    if case.outcome:
        parts.append(cell(case.outcome, chosen.lang, "outcome"))
    click.echo("  ".join(parts), color=False)


def do(name: str, ref: str | None, given: dict[str, Any], *, dry_run: bool) -> None:
    """Do an act on a case and print the case as it leaves it."""
    from casework.acts.by_name import perform

    left = perform(settings().session, name, ref, given, dry_run=dry_run)
    print_case(left.case, left.today, left.waiting)


def describing(*, new: bool = False) -> Callable[[F], F]:
    """Declare the options that describe a recommendation; a new one must have those wanted."""

    def declare(f: F) -> F:
        for one in reversed(DESCRIBING):
            name = f"--{(one.each or one.short).replace('_', '-')}"
            f = click.option(name, one.short, required=new and one.wanted, **_takes(one))(f)
        return f

    return declare


def _takes(one: Field) -> dict[str, Any]:
    """Return what the option of a field takes, and how help tells of it."""
    told: dict[str, Any] = {"help": one.option and one.option[0], "multiple": one.many}
    if one.refers is not None:
        return told | {"metavar": METAVARS[one.refers]}
    return told | {
        "metavar": "TEXT" if one.holds == "str" else "T",
        "type": None if one.many else TEXT,
    }


METAVARS = {"conference": "C", "organisation": "ORG", "person": "PERSON"}
"""What help calls the code of a record, by its kind."""


WITH: dict[str, Any] = {
    "multiple": True,
    "metavar": "ORG",
    "help": "A coordinating organisation; repeatable.",
}


@click.command("propose", cls=Command)
@describing(new=True)
@click.option("--ref", metavar="R", help="Its reference; by default the next of its conference.")
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
@describing()
@act()
def edit_(ref: str, dry_run: bool, **options: Any) -> None:
    """Correct what a recommendation says or whose it is.

    State, owner and dates stay; a theme or instrument given replaces the ones there are.

    \b
    Example:
      casework edit 000-08 --title "Rules for offices of foreign localities, and vice versa"
    """
    do("edit", ref, options, dry_run=dry_run)


@click.command("assign", cls=Command)
@click.argument("ref")
@click.option("--owner", required=True, metavar="ORG", help="The one organisation that answers.")
@click.option("--due", required=True, type=DUE, metavar="DATE", help="By when.")
@click.option("--with", "coordinating", **WITH)
@click.option("--officer", metavar="PERSON", help="Who handles it at the owner.")
@click.option(
    "--basis",
    type=BASIS,
    default="set",
    show_default=True,
    help="Where the due date comes from.",
)
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
@click.option("--outcome", type=OUTCOMES, metavar="O", help=f"To resolve it: {ENDS}.")
@click.option("--answer", type=TEXT, metavar="T", help="What was answered, to resolve it.")
@act()
def advance_(ref: str, dry_run: bool, **options: Any) -> None:
    """Take a case its next step forward.

    From assigned to under study; from under study to resolved, which needs an outcome and an
    answer, given here or by the owner before (casework answer).

    \b
    Example:
      casework advance 000-08
      casework advance 000-08 --outcome implemented --answer "Circular 3 is in force"
    """
    do("advance", ref, options, dry_run=dry_run)


@click.command("answer", cls=Command)
@click.argument("ref")
@click.option("--outcome", required=True, type=OUTCOMES, metavar="O", help=f"One of {ENDS}.")
@click.option("--answer", required=True, type=TEXT, metavar="T", help="What is answered.")
@act()
def answer_(ref: str, dry_run: bool, **options: Any) -> None:
    """Note what the owner answered, for the secretariat to confirm.

    As every text it may be @FILE, what a file holds, or -, standard input; @@ begins one with @.

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

    An assigned case goes back to the secretariat and loses its owner, but not its due date; a
    case under study goes back to being assigned.

    \b
    Example:
      casework return 000-08 --reason "not within our competence"
    """
    do("return", ref, options, dry_run=dry_run)


@click.command("close", cls=Command)
@click.argument("ref")
@click.option(
    "--outcome",
    required=True,
    type=OUTCOMES,
    metavar="O",
    help=f"Why it needs no study: {', '.join(CLOSING_OUTCOMES)}.",
)
@act(reason=True)
def close_(ref: str, dry_run: bool, **options: Any) -> None:
    """End a case that was not studied.

    \b
    Example:
      casework close 000-03 --outcome superseded --reason "asked again as NFAC-21.004"
    """
    do("close", ref, options, dry_run=dry_run)


@click.command("reopen", cls=Command)
@click.argument("ref")
@click.option("--owner", metavar="ORG", help="The owner of a case that never had one.")
@click.option(
    "--as-it-was", is_flag=True, help="Put it back where it was closed from: it was a mistake."
)
@act(reason=True)
def reopen_(ref: str, dry_run: bool, *, as_it_was: bool, **options: Any) -> None:
    """Take a resolved case up again, or put back one closed by mistake.

    It is under study again, with its owner and due date; what was decided first stays readable.
    With --as-it-was it is again what it was before it was closed or confirmed, with what was
    answered then.

    \b
    Example:
      casework reopen 000-08 --reason "only one direction is covered"
      casework reopen 000-03 --as-it-was --reason "another case was meant"
    """
    if not as_it_was:
        do("reopen", ref, options, dry_run=dry_run)
        return
    if options.pop("owner") is not None:
        raise click.UsageError("--as-it-was takes no --owner: the case has the one it had.")
    do("put-back", ref, options, dry_run=dry_run)


@click.command("reassign", cls=Command)
@click.argument("ref")
@click.option(
    "--owner", required=True, metavar="ORG", help="The organisation that answers from now on."
)
@click.option("--with", "coordinating", **WITH)
@click.option("--officer", metavar="PERSON", help="Who handles it there.")
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
@click.option("--due", required=True, type=DUE, metavar="DATE", help="The new, later due date.")
@click.option(
    "--basis",
    type=BASIS,
    default="set",
    show_default=True,
    help="Where the due date comes from.",
)
@act(reason=True)
def extend_(ref: str, dry_run: bool, **options: Any) -> None:
    """Move the due date on; the original one is kept.

    A case that has none gets its first due date.

    \b
    Example:
      casework extend 003-21 --due 2027-12-31 --reason "localities to be heard" --document 12/TB
    """
    do("extend", ref, options, dry_run=dry_run)


@click.command("coordinate", cls=Command)
@click.argument("ref")
@click.option("--with", "add", **WITH)
@click.option("--without", "remove", multiple=True, metavar="ORG", help="One that no longer does.")
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
@click.option("--repeats", metavar="REF", help="The earlier case that is asked again.")
@click.option("--relates-to", metavar="REF", help="Another case that belongs to it.")
@click.option("--remove", is_flag=True, help="Undo the link.")
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
        raise click.UsageError("Give one of --repeats and --relates-to.")
    relation, other = ("relates-to", relates_to) if repeats is None else ("repeats", repeats)
    do("link", ref, options | {"other": other, "relation": relation}, dry_run=dry_run)


@click.command("note", cls=Command)
@click.argument("ref")
@click.argument("text", type=TEXT)
@click.option("--effective", type=DAY, metavar="DATE", help="The day it speaks of; default today.")
@writes
def note_(ref: str, text: str, effective: date | None, dry_run: bool) -> None:
    """Add a note; it changes nothing.

    TEXT may be @FILE for what a file holds, or - for standard input; @@ begins a text with @.

    \b
    Example:
      casework note 000-08 "The draft went to the Ministry of Justice."
      casework note 000-08 @minutes.txt
    """
    do("note", ref, {"words": text, "effective": effective}, dry_run=dry_run)


@click.command("correct", cls=Command)
@click.argument("ref")
@click.option("--field", required=True, metavar="NAME", help="What was recorded wrongly.")
@click.option(
    "--to", required=True, type=TEXT, metavar="VALUE", help="What is right; '' says there is none."
)
@click.option("--reason", required=True, type=TEXT, metavar="TEXT", help="Why.")
@click.option("--document", type=TEXT, metavar="D", help="Number of the paper that shows it.")
@click.option(
    "--effective",
    "effective_on",
    type=DAY,
    metavar="DATE",
    help="Since when it is right; default the day the wrong value took effect.",
)
@click.option("--if-version", type=int, metavar="N", help="Refuse at any other version.")
@writes
def correct_(ref: str, dry_run: bool, **options: Any) -> None:
    """Correct what was recorded wrongly; the wrong value stays readable in the log.

    An answer given here is one whole: without its outcome or its text there is none, nor who gave
    it and when. The state is moved only by its own acts: a case closed by mistake is put back with
    casework reopen --as-it-was.

    \b
    Example:
      casework correct 000-08 --field due --to 2022-06-30 --reason "misread the paper"
    """
    do("correct", ref, options | {"effective": options.pop("effective_on")}, dry_run=dry_run)
