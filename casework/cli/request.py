"""Commands on requests: those that wait for a second person, and those of owners."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, Any

import click

from casework.cli.dates import DUE
from casework.cli.options import act, dates_document, writes
from casework.cli.output import print_fields, print_record, print_rows
from casework.cli.running import Noun
from casework.cli.settings import settings, wrong_usage
from casework.cli.several import answered, ask, show_on_terminal
from casework.cli.typed import TEXT, may_ask
from casework.errors import UsageError
from casework.system.text import WITHHELD
from casework.words import Verb, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from casework.kinds.records import Record, Request
    from casework.questions.owners import Wish

COLUMNS = (
    *("code", "verb", "subject", "asked_by", "asked_on", "asked_due", "reply_by"),
    *("decided", "decided_by", "decided_on"),
)


@click.group("request", cls=Noun)
def request_() -> None:
    """Decide what waits for a second person, and what owners ask for."""


@request_.command("list")
def list_requests() -> None:
    """List what waits for a second person, then what owners wait for, the oldest first.

    \b
    Example:
      casework request list
    """
    from casework.questions import lookup, owners

    with settings().reading() as connection:
        second = [as_json(one) for one in lookup.waiting(connection)]
        wished = [wish_json(one) for one in owners.waiting(connection)]
    print_rows(settings(), [*second, *wished], COLUMNS)


@request_.command("show")
@click.argument("code")
def show(code: str) -> None:
    """Show what was asked for, and what became of it.

    \b
    Example:
      casework request show NFAC-20.001.R1
    """
    from casework.questions import lookup, owners

    with settings().reading() as connection:
        if (wish := owners.wished(connection, code)) is not None:
            print_record(settings(), wish_json(wish))
            return
        found = as_json(lookup.find_request(connection, code))
    if settings().format != "table":
        print_record(settings(), found)
        return
    asked = found.pop("what") or {}
    if asked == WITHHELD:
        asked = {"what": asked}
    print_fields(settings(), found | asked.pop("changes", {}) | asked)


def _take_codes(ctx: click.Context, param: click.Parameter, words: tuple[str, ...]) -> None:
    """Take the codes of requests: a single one as `code`, otherwise all as `codes`."""
    if ctx.resilient_parsing:
        return
    if ctx.params.get("all"):
        if words:
            raise wrong_usage("request.codes-and-all")
    elif not words:
        raise click.MissingParameter(ctx=ctx, param=param, param_hint="'CODE'")
    elif len(words) == 1:
        ctx.params["code"] = words[0]
    else:
        ctx.params["codes"] = tuple(dict.fromkeys(words))


CODES: dict[str, Any] = {
    "nargs": -1,
    "metavar": "CODE...",
    "expose_value": False,
    "callback": _take_codes,
}


@request_.command("confirm")
@click.argument("code", **CODES)
@click.option("--all", is_flag=True)
@click.option("--yes", is_flag=True)
@click.option("--alone", is_flag=True)
@click.option("--reason", type=TEXT, metavar="TEXT")
@writes
def confirm(*, alone: bool, reason: str | None, dry_run: bool, **options: Any) -> None:
    """Do what somebody else asked for.

    \b
    Example:
      casework request confirm NFAC-20.001.R1
      casework request confirm --all
      casework request confirm NFAC-20.001.R1 --alone --reason "the director has left"
    """
    from casework.acts import four_eyes

    if alone != (reason is not None):
        raise UsageError("request.alone-reason")
    if (code := options.get("code")) is None:
        _confirm_all(options, {"alone": alone, "reason": reason}, dry_run=dry_run)
        return
    with settings().desk(dry_run=dry_run) as desk:
        request, left = four_eyes.confirm(desk, code, alone=alone, reason=reason)
        request = settings().session.shown(desk.connection, request)
    _print(request, left)


def _confirm_all(options: dict[str, Any], said: dict[str, Any], *, dry_run: bool) -> None:
    """Confirm several requests together: the named ones, or all of other people."""
    from casework.acts import four_eyes

    chosen = settings()
    named: list[str] | None = options.get("codes")
    codes, own = _waiting() if named is None else (named, [])
    if may_ask(click.get_current_context()) and not (options["yes"] or dry_run):
        _ask(codes)
    with chosen.desk(dry_run=dry_run) as desk:
        done = four_eyes.confirm_all(desk, codes, **said)
        found = [(chosen.session.shown(desk.connection, request), left) for request, left in done]
    _print_all(found)
    if own:
        chosen.tell(chosen.said("request.own-wait", codes=own))


def _waiting() -> tuple[list[str], list[str]]:
    """Return the codes of waiting requests: those of others, and the user's own."""
    from casework.acts import four_eyes
    from casework.errors import NotAllowedError, NotFoundError

    with settings().session.rehearsal() as desk:
        others, own = four_eyes.waiting_for(desk)
    if own and not others:
        raise NotAllowedError("request.own", asked_by=own[0].asked_by)
    if not others:
        raise NotFoundError("request.none-waits")
    return [one.code for one in others], [one.code for one in own]


def _ask(codes: Sequence[str]) -> None:
    """Show these requests and ask whether to confirm them; only once."""
    from casework.questions import lookup

    chosen, meta = settings(), click.get_current_context().meta
    if meta.setdefault(__name__, False):
        return
    with chosen.reading() as connection:
        found = [as_json(lookup.find_request(connection, code)) for code in codes]
    show_on_terminal(lambda: print_rows(chosen, found, (*COLUMNS[:5], "what")))
    ask(chosen.said("request.ask", count=len(codes)))
    meta[__name__] = True


@request_.command("refuse")
@click.argument("code", **CODES)
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@writes
def refuse(*, reason: str, dry_run: bool, **options: Any) -> None:
    """Refuse what was asked for, or take back what you asked for; nothing else is changed.

    \b
    Example:
      casework request refuse NFAC-20.001.R1 --reason "the circular is not published yet"
      casework request refuse NFAC-20.001.T1 --reason "the conference is in May"
    """
    from casework.acts import four_eyes

    codes = options.get("codes")
    # Time is refused by an act on its case, of one or many, and told as one. Where both kinds are
    # named, all are refused in one transaction, and told as what was asked for.
    if all(_are_wishes(codes or (options["code"],))):
        answered("refuse-time", options, {"reason": reason}, dry_run=dry_run)
    elif codes is not None:
        _refuse_all(codes, reason, dry_run=dry_run)
    else:
        with settings().desk(dry_run=dry_run) as desk:
            done = four_eyes.refuse(desk, options["code"], reason)
            found = settings().session.shown(desk.connection, done)
        _print(found)


def _are_wishes(codes: Sequence[str]) -> list[bool]:
    """Tell which codes are those of requests for time, or references of cases."""
    from casework.questions import owners

    with settings().reading() as connection:
        return [owners.named(connection, one) is not None for one in codes]


def _refuse_all(codes: Sequence[str], reason: str, *, dry_run: bool) -> None:
    """Refuse requests of both kinds together."""
    from casework.acts import four_eyes
    from casework.acts.by_name import at_desk, read
    from casework.kinds.records import Request
    from casework.questions import owners

    chosen, values = settings(), read("refuse-time", {"reason": reason})
    with chosen.desk(dry_run=dry_run) as desk:
        wishes = {one.ref: one for one in owners.waiting(desk.connection) if one.due is not None}
        done = four_eyes.refuse_all(
            desk, codes, reason, lambda desk, code: at_desk(desk, "refuse-time", code, values)
        )
        decided = {"decided": "refused", "decided_by": desk.actor.code}
        found = [
            as_json(chosen.session.shown(desk.connection, one))
            if isinstance(one, Request)
            else wish_json(wishes[one.ref]) | decided | {"decided_on": desk.today.isoformat()}
            for one in done
        ]
    if chosen.format != "table":
        print_rows(chosen, found, COLUMNS)
        return
    for told in found:
        _print_line(told)


@request_.command("grant")
@click.argument("code", **CODES)
@click.option("--due", type=DUE, metavar="DATE")
@click.option("--late-cause", metavar="CODE")
@dates_document
@act()
def grant(dry_run: bool, **options: Any) -> None:
    """Give an owner the time it asked for, or less of it.

    \b
    Example:
      casework request grant NFAC-20.001.T1
      casework request grant NFAC-20.001.T1 NFAC-20.004.T1
      casework request grant NFAC-20.001.T1 --due 2027-03-31 --reason "the conference is in May"
    """
    answered("grant-time", options, options, dry_run=dry_run)


@request_.command("withdraw")
@click.argument("code", **CODES)
@act()
def withdraw(dry_run: bool, **options: Any) -> None:
    """Take back that your organisation asked for more time.

    \b
    Example:
      casework request withdraw NFAC-20.001.T1 --reason "it was done in time" --by desk-law
    """
    answered("withdraw-time", options, options, dry_run=dry_run)


def wish_json(wish: Wish) -> dict[str, Any]:
    """Return a waiting request of an owner as JSON, like other requests."""
    from casework.kinds.records import plain

    return {
        "code": wish.code,
        "verb": wish.verb,
        "subject_kind": "case",
        "subject": wish.ref,
        "asked_by": wish.asked_by,
        "asked_on": plain(wish.asked_on),
        "decided": "waiting",
        "decided_by": None,
        "decided_on": None,
        "owner": wish.owner,
        "asked_due": plain(wish.due),
        "reply_by": plain(wish.reply_by),
        "reason": wish.reason,
    }


def as_json(request: Request) -> dict[str, Any]:
    """Return a request as JSON."""
    from casework.kinds.records import plain
    from casework.log.event import parsed

    what = request.what
    if what is not None and what != WITHHELD:
        what = parsed(what.encode())
    told = {name: plain(value) for name, value in vars(request).items()}
    return told | {"decided": request.decided or "waiting", "what": what}


def _print_all(found: Iterable[tuple[Request, Record | None]]) -> None:
    if settings().format == "table":
        for request, left in found:
            _print(request, left)
    else:
        print_rows(settings(), starmap(_told, found), COLUMNS)


def _told(request: Request, left: Record | None) -> dict[str, Any]:
    """Return a decided request as JSON, with the version of its record."""
    return as_json(request) | ({} if left is None else {"version_left": left.version})


def _print(request: Request, left: Record | None = None) -> None:
    chosen = settings()
    told = _told(request, left)
    if chosen.format != "table":
        print_record(chosen, told)
        return
    _print_line(told)


def _print_line(told: dict[str, Any]) -> None:
    """Print the decision on a request in one line."""
    lang = settings().lang
    verb, decided = Verb(told["verb"]).said(lang), word(str(told["decided"]), lang)
    click.echo("  ".join((told["code"], verb, told["subject"], decided)), color=False)
