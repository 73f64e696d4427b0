"""Commands on views: lists of cases saved in the configuration or in the register.

The user's own views are aliases of ``list`` in the configuration.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, cast

import click

from casework.cli.config import put, take_out
from casework.cli.running import Command, Noun
from casework.cli.settings import wrong_usage
from casework.cli.shared import do, drop_named, print_all, refuse_of_an_act, shared
from casework.cli.views import nearest, own_views, read
from casework.errors import NotFoundError
from casework.system.configuration import ALIASES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casework.kinds.record import Record
    from casework.ledger.ledger import Desk


@click.group("view", cls=Noun)
def view_() -> None:
    """Keep lists of cases under names."""


class Save(Command):
    """A command whose further options are those of ``list``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; a value of an option of ``list`` may begin with a hyphen."""
        root = ctx.find_root()
        listing = cast("click.Command", cast("click.Group", root.command).get_command(root, "list"))
        valued = {
            name
            for one in listing.params
            if isinstance(one, click.Option) and not one.is_flag
            for name in one.opts
            if name.startswith("--")
        }
        joined: list[str] = []
        for word in args:
            if joined and joined[-1] in valued and word.startswith("-"):
                joined[-1] += f"={word}"
            else:
                joined.append(word)
        return super().parse_args(ctx, joined)


@view_.command("save", cls=Save, context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@shared
def save(
    name: str, options: Sequence[str], reason: str | None, *, shared: bool, dry_run: bool
) -> None:
    """Keep a list under NAME: its filters, columns and order, as they are typed for list.

    \b
    Example:
      casework view save late --overdue --sort due --columns ref,title,owner,due
      casework view save late --overdue --sort due --shared
    """
    given, words = read(name, [*options]), shlex.join(options)
    if not shared:
        refuse_of_an_act("view", reason, dry_run=dry_run)
        put(f"{ALIASES}.{name}", shlex.join(["list", *options]))
        return
    for option in ("output", "force"):
        if given[option]:
            raise wrong_usage("view.no-file", option=f"--{option}")

    def saved(desk: Desk) -> Record:
        from casework.acts import named
        from casework.kinds.records import View

        _look_up(desk, given)
        return named.save(desk, View, name, words, reason=reason)

    do(saved, dry_run=dry_run)


def _look_up(desk: Desk, given: Mapping[str, Any]) -> None:
    """Check the names and dates of a view; raises the errors of `filter_of`."""
    from casework.questions.wanted import KNOWN, filter_of

    wanted = {name: value for name, value in given.items() if name in KNOWN}
    filter_of(desk.connection, desk.connection, wanted, desk.today)


@view_.command("list")
def list_views() -> None:
    """List the views there are.

    \b
    Example:
      casework view list
    """
    from casework.kinds.records import View

    print_all(View, {name: shlex.join(options) for name, options in own_views().items()})


@view_.command("drop")
@click.argument("name")
@shared
def drop(name: str, reason: str | None, *, shared: bool, dry_run: bool) -> None:
    """Forget the view NAME.

    \b
    Example:
      casework view drop late
      casework view drop late --shared --reason "replaced by overdue"
    """
    from casework.kinds.records import View

    drop_named(View, name, _forget, reason, shared=shared, dry_run=dry_run)


def _forget(name: str) -> None:
    """Take one of the user's own views out of the configuration."""
    own = own_views()
    if name not in own:
        raise NotFoundError("view.unknown", nearest(name, own), name=name)
    take_out(f"{ALIASES}.{name}")
