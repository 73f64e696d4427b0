"""Four eyes: what waits for a second person, and the policy that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.options import writes
from casework.cli.output import dated, echo, print_fields, print_record, print_rows
from casework.cli.running import Noun
from casework.cli.settings import settings
from casework.cli.typed import TEXT
from casework.errors import UsageError
from casework.system.text import WITHHELD
from casework.words import Verb, word

if TYPE_CHECKING:
    from casework.kinds.records import Record, Register, Request

COLUMNS = ("code", "verb", "subject", "asked_by", "asked_on", "decided", "decided_by", "decided_on")


@click.group("request", cls=Noun)
def request_() -> None:
    """Decide what waits for a second person."""


@request_.command("list")
def list_requests() -> None:
    """List what waits for a second person, the oldest first.

    \b
    Example:
      casework request list
    """
    from casework.questions import lookup

    with settings().reading() as connection:
        found = lookup.waiting(connection)
    print_rows(settings(), map(as_json, found), COLUMNS)


@request_.command("show")
@click.argument("code")
def show(code: str) -> None:
    """Show what was asked for, and what became of it.

    \b
    Example:
      casework request show NFAC-20.001.R1
    """
    from casework.questions import lookup

    with settings().reading() as connection:
        found = as_json(lookup.find_request(connection, code))
    if settings().format != "table":
        print_record(settings(), found)
        return
    asked = found.pop("what") or {}
    if asked == WITHHELD:
        asked = {"what": asked}
    print_fields(settings(), found | asked.pop("changes", {}) | asked)


@request_.command("confirm")
@click.argument("code")
@click.option("--alone", is_flag=True)
@click.option("--reason", type=TEXT, metavar="TEXT")
@writes
def confirm(code: str, *, alone: bool, reason: str | None, dry_run: bool) -> None:
    """Do what somebody else asked for.

    \b
    Example:
      casework request confirm NFAC-20.001.R1
      casework request confirm NFAC-20.001.R1 --alone --reason "the director has left"
    """
    from casework.acts import four_eyes

    if alone != (reason is not None):
        raise UsageError("request.alone-reason")
    with settings().desk(dry_run=dry_run) as desk:
        request, left = four_eyes.confirm(desk, code, alone=alone, reason=reason)
        request = settings().session.shown(desk.connection, request)
    _print(request, left)


@request_.command("refuse")
@click.argument("code")
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@writes
def refuse(code: str, *, reason: str, dry_run: bool) -> None:
    """Refuse what was asked for, or take back what you asked for; nothing else is changed.

    \b
    Example:
      casework request refuse NFAC-20.001.R1 --reason "the circular is not published yet"
    """
    from casework.acts import four_eyes

    with settings().desk(dry_run=dry_run) as desk:
        request = four_eyes.refuse(desk, code, reason)
        request = settings().session.shown(desk.connection, request)
    _print(request)


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


def as_json(request: Request) -> dict[str, Any]:
    """Return a request as the command line prints it."""
    from casework.kinds.records import plain
    from casework.log.event import parsed

    what = request.what
    if what is not None and what != WITHHELD:
        what = parsed(what.encode())
    told = {name: plain(value) for name, value in vars(request).items()}
    return told | {"decided": request.decided or "waiting", "what": what}


def _print(request: Request, left: Record | None = None) -> None:
    chosen = settings()
    told = as_json(request)
    if chosen.format != "table":
        if left is not None:
            told["version_left"] = left.version
        print_record(chosen, told)
        return
    decided, lang = str(told["decided"]), chosen.lang
    parts = (request.code, Verb(request.verb).said(lang), request.subject, word(decided, lang))
    click.echo("  ".join(parts), color=False)


def _print_policy(register: Register) -> None:
    chosen = settings()
    since = {name: getattr(register, name) for name in ("four_eyes", "next_working_day")}
    told = {name: day and day.isoformat() for name, day in since.items()}
    if chosen.format == "table":
        for name, day in told.items():
            heading = word(name if day else f"{name}_off", chosen.lang)
            echo(chosen, f"{heading} {dated(day, chosen.lang)}" if day else heading)
        return
    print_record(chosen, told)
