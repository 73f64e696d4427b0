"""The command undo: show how the last act is taken back, ask, and do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from casework.acts.by_name import struck_of
from casework.acts.undoing import planned, refuse_other, undo
from casework.cli.options import writes
from casework.cli.output import dated, print_rows, say
from casework.cli.running import Command
from casework.cli.settings import settings, wrong_usage
from casework.cli.several import ask, print_case, show_on_terminal
from casework.cli.telling import fact_told
from casework.cli.typed import TEXT, may_ask
from casework.kinds.records import plain
from casework.questions import lookup
from casework.questions.history import Fact
from casework.words import Verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from casework.acts.undoing import Undone
    from casework.kinds.records import Case, Request
    from casework.ledger.ledger import Desk

BESIDE = frozenset({"version", "reported", "state_since"})
"""Fields that follow from others and are not shown."""


class Tried(NamedTuple):
    """What undo takes back, and the cases before and after."""

    plan: list[Undone]
    before: dict[str, Case]
    left: list[Case]
    today: date
    waiting: dict[str, Request]
    struck: dict[str, Mapping[str, Any]]


@click.command("undo", cls=Command)
@click.argument("ref", required=False)
@click.option("--strike", is_flag=True)
@click.option("--reason", type=TEXT, metavar="TEXT")
@click.option("--yes", is_flag=True)
@writes
def undo_(ref: str | None, dry_run: bool, *, strike: bool, reason: str | None, yes: bool) -> None:
    """Take back the last act on a case, or what you recorded last.

    \b
    Example:
      casework undo 000-08 --dry-run
      casework undo --yes
    """
    chosen = settings()
    seen = None if yes or dry_run else _agreed(ref, strike=strike, reason=reason)
    with chosen.desk(dry_run=dry_run) as desk:
        done = _done(desk, ref, strike=strike, reason=reason, seen=seen)
    if dry_run and chosen.format == "table":
        _print_plan(done)
    elif ref is None and chosen.format != "table":
        print_rows(
            chosen,
            (_row(done, one) for one in done.left),
            (),
        )
    else:
        for one in done.left:
            print_case(one, done.today, done.waiting.get(one.ref), done.struck.get(one.ref))


def _row(done: Tried, case: Case) -> dict[str, Any]:
    from casework.reports.cards import case_json

    struck = done.struck.get(case.ref)
    row = case_json(case, done.today, waiting=done.waiting.get(case.ref))
    return row | ({"struck": struck} if struck else {})


def _done(
    desk: Desk,
    ref: str | None,
    *,
    strike: bool,
    reason: str | None,
    seen: Sequence[Undone] | None = None,
) -> Tried:
    """Take back at a desk what was `seen`; anything else is refused."""
    session, connection = settings().session, desk.connection
    plan = planned(connection, desk.actor, ref, strikes=strike)
    if seen is not None:
        refuse_other(plan, seen)
    before = {one.ref: lookup.find_any(connection, one.ref) for one in plan}
    left = undo(desk, plan, reason=reason)
    return Tried(
        plan,
        {ref: session.shown(connection, one) for ref, one in before.items()},
        [session.shown(connection, one) for one in left],
        desk.today,
        lookup.waiting_on(connection),
        {one.ref: out for one in left if (out := struck_of(connection, one)) is not None},
    )


# --- asking ----------------------------------------------------------------------------------


def _agreed(ref: str | None, *, strike: bool, reason: str | None) -> list[Undone]:
    """Return what is to be taken back, after the user has seen it and agreed.

    It is asked once, however often the command is begun again.
    """
    context = click.get_current_context()
    if (known := context.meta.get(__name__)) is not None:
        return known  # type: ignore[no-any-return]
    if not may_ask(context):
        raise wrong_usage("undo.yes")
    chosen = settings()
    with chosen.session.rehearsal() as desk:
        tried = _done(desk, ref, strike=strike, reason=reason)
    show_on_terminal(lambda: _print_plan(tried))
    ask(chosen.said("undo.ask", count=len(tried.plan)))
    context.meta[__name__] = tried.plan
    return tried.plan


# --- showing ---------------------------------------------------------------------------------


def _print_plan(tried: Tried) -> None:
    """Print what is taken back and how, the effect on the cases, and what stays readable."""
    chosen = settings()
    after = {one.ref: one for one in tried.left}
    for place, one in enumerate(tried.plan):
        say(chosen, _how(one), "", "    ", bold=True)
        if one.ref in tried.waiting and tried.waiting[one.ref].code != one.request:
            say(chosen, chosen.said("undo.waits", code=tried.waiting[one.ref].code), "    ")
        # Of several acts on one case its last line tells what becomes of it.
        if one.ref not in {later.ref for later in tried.plan[place + 1 :]}:
            for fact in _becomes(tried.before[one.ref], after[one.ref]):
                for line in fact_told(fact).split("\n"):
                    say(chosen, line, "    ", "      ")
    say(chosen, chosen.said("undo.stays"))


def _how(one: Undone) -> str:
    """Return in words how an act is taken back."""
    chosen, event = settings(), one.event
    on = dated(event.effective_on, chosen.lang)
    said = {"ref": one.ref, "seq": event.seq, "act": Verb(event.act), "day": on, "who": event.actor}
    if one.request is not None:
        return chosen.said("undo.how.request", code=one.request, **said)
    if one.by is None:
        raise TypeError(one)
    if not one.by.strikes:
        return chosen.said("undo.how.act", by=Verb(one.by.act), **said)
    if event.strikes is not None:
        return chosen.said("undo.how.restore", struck=event.strikes, **said)
    if event.version == 1:
        return chosen.said("undo.how.take-out", **said)
    return chosen.said("undo.how.strike", **said)


def _becomes(before: Case, after: Case) -> Iterator[Fact]:
    """Yield the changes of a case."""
    left = vars(after)
    for name, value in vars(before).items():
        if value != left[name] and name not in BESIDE:
            yield Fact(name, plain(left[name]), plain(value), changed=True)
