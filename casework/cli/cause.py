"""Commands on causes of lateness."""

from __future__ import annotations

from typing import Any

import click

from casework.cli.dates import DAY
from casework.cli.directory import print_listed, print_one, print_shown
from casework.cli.fields import describing
from casework.cli.options import writes
from casework.cli.running import Noun
from casework.cli.settings import settings
from casework.cli.typed import TEXT
from casework.kinds.records import Cause


@click.group("cause", cls=Noun)
def cause_() -> None:
    """Causes for which cases come late."""


@cause_.command("add")
@click.argument("code")
@describing(Cause, new=True)
@writes
def add_cause_(code: str, dry_run: bool, **options: Any) -> None:
    """Register a cause of lateness.

    \b
    Example:
      casework cause add opinions --name "Opinions came late" --objective no --whose coordinating
      casework cause add storm --name "Natural disaster" --name-vi "Thiên tai" --objective yes
    """
    from casework.acts.causes import add_cause

    with settings().desk(dry_run=dry_run) as desk:
        added = add_cause(desk, code, **options)
    print_one(added)


@cause_.command("edit")
@click.argument("code")
@describing(Cause)
@click.option("--reason", type=TEXT, metavar="TEXT")
@writes
def edit_cause_(code: str, dry_run: bool, **options: Any) -> None:
    """Change what a cause is called, or whose it is.

    \b
    Example:
      casework cause edit storm --name "Storm or flood"
    """
    from casework.acts.causes import edit_cause

    with settings().desk(dry_run=dry_run) as desk:
        edited = edit_cause(desk, code, **options)
    print_one(edited)


@cause_.command("retire")
@click.argument("code")
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@click.option("--effective", "effective_on", type=DAY, metavar="DATE")
@writes
def retire_cause_(code: str, dry_run: bool, **options: Any) -> None:
    """Stop giving a cause; the cases that have it keep it.

    \b
    Example:
      casework cause retire storm --reason "split into two"
    """
    from casework.acts.causes import retire_cause

    with settings().desk(dry_run=dry_run) as desk:
        retired = retire_cause(desk, code, **options)
    print_one(retired)


@cause_.command("list")
def list_causes() -> None:
    """List the causes of lateness.

    \b
    Example:
      casework cause list
    """
    print_listed(Cause, ("code", "name", "name_vi", "objective", "whose", "retired_on"))


@cause_.command("show")
@click.argument("code")
def show_cause(code: str) -> None:
    """Show one cause, by code or name.

    \b
    Example:
      casework cause show storm
    """
    print_shown(Cause, code)
