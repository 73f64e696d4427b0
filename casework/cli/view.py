"""Views: lists of cases that are kept under a name.

A view is an alias of ``list``: it stands in the configuration among the others.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from casework.cli.config import put, take_out
from casework.cli.lists import list_
from casework.cli.output import print_rows
from casework.cli.running import Command, Noun
from casework.cli.settings import settings
from casework.cli.views import options_of, views
from casework.errors import UsageError
from casework.system.configuration import ALIASES

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.group("view", cls=Noun)
def view_() -> None:
    """Keep lists of cases under names of your own."""


@view_.command("save", cls=Command, context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def save(name: str, options: Sequence[str]) -> None:
    """Keep a list under NAME: its filters, columns and order, as they are typed for list.

    \b
    Example:
      casework view save late --overdue --sort due --columns ref,title,owner,due
    """
    words = [*options]
    if any(one == "--view" or one.startswith("--view=") for one in words):
        raise UsageError("view.of-a-view")
    # What is none of its options is told now, not when the view is asked for.
    list_.make_context("list", [*words], parent=click.get_current_context().find_root())
    put(f"{ALIASES}.{name}", shlex.join(["list", *words]))


@view_.command("list")
def list_views() -> None:
    """List the views there are.

    \b
    Example:
      casework view list
    """
    rows = [{"name": name, "value": shlex.join(options)} for name, options in views().items()]
    print_rows(settings(), rows, ("name", "value"), fit="value")


@view_.command("drop")
@click.argument("name")
def drop(name: str) -> None:
    """Forget the view NAME.

    \b
    Example:
      casework view drop late
    """
    options_of(name)
    take_out(f"{ALIASES}.{name}")
