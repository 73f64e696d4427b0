"""Templates: texts that are kept under a name, in the user's folder or in the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from casework.cli.output import echo, print_record
from casework.cli.running import Command, Noun
from casework.cli.settings import settings
from casework.cli.shared import do, drop_named, print_all, refuse_of_an_act, shared
from casework.cli.templates import (
    drop_own,
    found,
    own,
    present,
    save_own,
)
from casework.cli.typed import TEXT

if TYPE_CHECKING:
    from casework.kinds.record import Record
    from casework.ledger.ledger import Desk


@click.group("template", cls=Noun)
def template_() -> None:
    """Keep texts under names, with which answers, notes, reasons and letters begin."""


def _from_present(
    command: click.Command, ctx: click.Context, args: list[str], error: click.MissingParameter
) -> list[str] | None:
    """Ask for a missing text, which begins with the present text of the template."""
    from casework.cli.editing import complete

    return complete(command, ctx, args, error, present)


class _Saving(Command):
    """The command `template save`; a text that is written begins with the present one."""

    complete = staticmethod(_from_present)


@template_.command("save", cls=_Saving)
@click.argument("name")
@click.option("--text", type=TEXT, metavar="T", required=True)
@shared
def save(name: str, text: str, reason: str | None, *, shared: bool, dry_run: bool) -> None:
    """Keep a text under NAME.

    \b
    Example:
      casework template save decree --text "Under {document}, case {ref} is answered as follows."
      casework template save decree --text @decree.txt --shared
    """
    from casework.questions.named import PLACES, fill
    from casework.system.text import clean
    from casework.words import Text, Word

    text = clean(text, Text("name.field", field=Word("wording")))
    # A place that nothing can stand in is refused now, not when the text is wanted.
    fill(text, dict.fromkeys(PLACES))
    if not shared:
        refuse_of_an_act("template", reason, dry_run=dry_run)
        file = save_own(name, text)
        settings().tell(settings().said("written", to=file), whole=True)
        return

    def saved(desk: Desk) -> Record:
        from casework.acts import named
        from casework.kinds.records import Template

        return named.save(desk, Template, name, text, reason=reason)

    do(saved, dry_run=dry_run)


@template_.command("list")
def list_templates() -> None:
    """List the templates there are.

    \b
    Example:
      casework template list
    """
    from casework.kinds.records import Template

    print_all(Template, own())


@template_.command("show")
@click.argument("name")
def show_template(name: str) -> None:
    """Show the text of the template NAME.

    \b
    Example:
      casework template show decree
    """
    chosen, (text, place) = settings(), found(settings(), name)
    if chosen.format == "table":
        for line in text.split("\n"):
            echo(chosen, line)
        return
    print_record(chosen, {"name": name, "kept_in": place, "value": text})


@template_.command("drop")
@click.argument("name")
@shared
def drop(name: str, reason: str | None, *, shared: bool, dry_run: bool) -> None:
    """Forget the template NAME.

    \b
    Example:
      casework template drop decree
      casework template drop decree --shared --reason "replaced by law"
    """
    from casework.kinds.records import Template

    drop_named(Template, name, drop_own, reason, shared=shared, dry_run=dry_run)
