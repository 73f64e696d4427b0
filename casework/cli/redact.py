"""The command redact: erase personal data, and find where a person is named."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from casework.cli.options import writes
from casework.cli.output import cell, print_json, print_rows
from casework.cli.running import Command
from casework.cli.settings import settings, wrong_usage
from casework.cli.several import print_case
from casework.cli.typed import TEXT
from casework.words import Kind, word

if TYPE_CHECKING:
    from casework.store.connections import Unseen

COLUMNS = ("event", "kind", "subject", "act", "field", "text")


@click.command("redact", cls=Command)
@click.argument("ref", required=False)
@click.option("--person", metavar="CODE")
@click.option("--mentions", is_flag=True)
@click.option("--field", metavar="NAME")
@click.option("--event", type=int, metavar="N")
@click.option("--basis", type=TEXT, metavar="TEXT")
@click.option("--consent", metavar="PERSON")
@writes
def redact_(*, mentions: bool, dry_run: bool, **options: Any) -> None:
    """Erase personal data for good; that it was erased, by whom and why stays.

    \b
    Example:
      casework redact 000-08 --field answer --basis "Law 91/2025/QH15, art. 14" --consent chi
      casework redact --person zoe --mentions
      casework redact --event 812 --field reason --basis "Law 91/2025/QH15, art. 14" --consent chi
    """
    _check(mentions=mentions, **options)
    if mentions:
        _list(str(options["person"]))
    elif options["person"] is not None:
        _person(dry_run=dry_run, **options)
    else:
        _text(dry_run=dry_run, **options)


def _check(*, mentions: bool, **given: Any) -> None:
    """Raise click's UsageError for options that cannot be combined."""
    if mentions and given["person"] is None:
        raise wrong_usage("redact.mentions")
    if not mentions:
        for name in ("basis", "consent"):
            if given[name] is None:
                raise wrong_usage("redact.missing-option", name=name)
    if given["person"] is not None:
        if given["ref"] is not None:
            raise wrong_usage("redact.ref-field")
        if (given["field"], given["event"]) != (None, None):
            raise wrong_usage("redact.person-alone")
    elif given["field"] is None or (given["ref"] is None and given["event"] is None):
        raise wrong_usage("redact.which")


def _list(person: str) -> None:
    from casework.questions import reading
    from casework.questions.mentions import mentions

    with settings().reading() as connection:
        hides = reading.unseen(connection)
        found = mentions(connection, person, hides)
    print_rows(settings(), map(asdict, found), COLUMNS, fit="text")
    _tell_unread(hides)


def _tell_unread(hides: Unseen) -> None:
    """Say that the texts of secret cases were not searched."""
    if hides.cases:
        settings().tell(settings().said("redact.unread", count=len(hides.cases)))


def _person(*, person: str, basis: str, consent: str, dry_run: bool, **_: Any) -> None:
    from casework.acts import redactions
    from casework.questions.mentions import mentions

    chosen = settings()
    with chosen.desk(dry_run=dry_run) as desk:
        hides = chosen.session.unseen(desk.connection)
        found = mentions(desk.connection, person, hides)
        gone = redactions.redact_person(desk, person, basis=basis, consent=consent)
    if chosen.format != "table":
        print_json({"code": gone.code, "name": gone.name, "mentions": [*map(asdict, found)]})
        return
    if found:
        chosen.tell(word("mentions_stay", chosen.lang))
        print_rows(chosen, map(asdict, found), COLUMNS, fit="text")
    click.echo(f"{gone.code}  {cell(gone.name, settings().lang, 'name')}", color=False)
    _tell_unread(hides)


def _text(*, ref: str | None, field: str, event: int | None, dry_run: bool, **why: Any) -> None:
    from casework.acts import redactions
    from casework.kinds.records import Case

    del why["person"]
    with settings().desk(dry_run=dry_run) as desk:
        if ref is not None:
            left: Any = redactions.redact(desk, ref, field=field, event=event, **why)
        else:
            left = redactions.redact_event(desk, int(event or 0), field=field, **why)
        left = settings().session.shown(desk.connection, left)
    if isinstance(left, Case):
        print_case(left, desk.today)
    elif settings().format != "table":
        print_json({"kind": left.kind, "key": left.key, "version": left.version})
    else:
        click.echo(f"{Kind(left.kind).said(settings().lang)}  {left.key}", color=False)
