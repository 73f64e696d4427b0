"""Commands on the policies of the register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.options import writes
from casework.cli.output import dated, echo, print_record
from casework.cli.running import Noun
from casework.cli.settings import settings
from casework.cli.typed import TEXT
from casework.rules.deadlines import REPLY_DAYS
from casework.words import word

if TYPE_CHECKING:
    from casework.kinds.records import Register


@click.group("policy", cls=Noun)
def policy_() -> None:
    """Tell, or set, what the register asks of whoever decides."""


@policy_.command("show")
def show_policy() -> None:
    """Show the policy.

    \b
    Example:
      casework policy show
    """
    from casework.questions import lookup

    with settings().reading() as connection:
        register = lookup.register(connection)
    _print_policy(register)


@policy_.command("four-eyes")
@click.argument("answer", type=click.Choice(("on", "off")))
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@writes
def four_eyes_(answer: str, *, reason: str, dry_run: bool) -> None:
    """Ask for a second person for every decision: what it says, and who may take it.

    \b
    Example:
      casework policy four-eyes on --reason "Decision 12 of the secretariat"
    """
    from casework.acts import four_eyes

    with settings().desk(dry_run=dry_run) as desk:
        register = four_eyes.set_policy(desk, on=answer == "on", reason=reason)
    _print_policy(register)


@policy_.command("next-working-day")
@click.argument("answer", type=click.Choice(("on", "off")))
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@writes
def next_working_day(answer: str, *, reason: str, dry_run: bool) -> None:
    """Let a counted deadline that ends on a day off end on the next working day.

    \b
    Example:
      casework policy next-working-day on --reason "Civil Code 2015, article 148"
    """
    from casework.acts import four_eyes

    with settings().desk(dry_run=dry_run) as desk:
        register = four_eyes.set_next_working_day(desk, on=answer == "on", reason=reason)
    _print_policy(register)


@policy_.command("reply-days")
@click.argument("days", type=click.IntRange(1, 250))
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@writes
def reply_days(days: int, *, reason: str, dry_run: bool) -> None:
    """Set within how many working days an owner that asks for more time is answered.

    \b
    Example:
      casework policy reply-days 10 --reason "the secretariat meets every fortnight"
    """
    from casework.acts import four_eyes

    with settings().desk(dry_run=dry_run) as desk:
        register = four_eyes.set_reply_days(desk, days, reason=reason)
    _print_policy(register)


def _print_policy(register: Register) -> None:
    chosen = settings()
    since = {name: getattr(register, name) for name in ("four_eyes", "next_working_day")}
    told: dict[str, Any] = {name: day and day.isoformat() for name, day in since.items()}
    days = register.reply_days or REPLY_DAYS
    if chosen.format == "table":
        for name, day in told.items():
            heading = word(name if day else f"{name}_off", chosen.lang)
            echo(chosen, f"{heading} {dated(day, chosen.lang)}" if day else heading)
        echo(chosen, chosen.said("policy.reply-days", count=days))
        return
    print_record(chosen, told | {"reply_days": days})
