"""Commands on views: lists of cases saved in the configuration or in the register.

The user's own views are aliases of ``list`` in the configuration.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from casework.cli.config import put, take_out
from casework.cli.options import writes
from casework.cli.output import print_record, print_rows
from casework.cli.running import Command, Noun
from casework.cli.settings import settings, wrong_usage
from casework.cli.typed import TEXT
from casework.cli.views import nearest, own_views, read
from casework.errors import NotFoundError, UnavailableError
from casework.system.configuration import ALIASES
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from casework.cli.options import F
    from casework.kinds.record import Record
    from casework.ledger.ledger import Desk


def _shared(f: F) -> F:
    """Declare ``--shared``, and the options of an act on the register."""
    f = click.option("--reason", type=TEXT, metavar="TEXT")(writes(f))
    return click.option("--shared", is_flag=True)(f)


@click.group("view", cls=Noun)
def view_() -> None:
    """Keep lists of cases under names."""


@view_.command("save", cls=Command, context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@_shared
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
        _refuse_of_an_act(reason, dry_run=dry_run)
        put(f"{ALIASES}.{name}", shlex.join(["list", *options]))
        return
    for option in ("output", "force"):
        if given[option]:
            raise wrong_usage("view.no-file", option=f"--{option}")

    def saved(desk: Desk) -> Record:
        from casework.acts.views import save_view

        _look_up(desk, given)
        return save_view(desk, name, words, reason=reason)

    _do(saved, dry_run=dry_run)


def _look_up(desk: Desk, given: Mapping[str, Any]) -> None:
    """Check the names and dates of a view; raises the errors of `filter_of`."""
    from casework.questions.wanted import KNOWN, filter_of

    wanted = {name: value for name, value in given.items() if name in KNOWN}
    filter_of(desk.connection, desk.connection, wanted, desk.today)


def _refuse_of_an_act(reason: str | None, *, dry_run: bool) -> None:
    """Raise UsageError for options that only an act on the register takes."""
    if reason is not None or dry_run or settings().idempotency_key is not None:
        raise wrong_usage("view.of-your-own")


def _do(act: Callable[[Desk], Record], *, dry_run: bool) -> None:
    """Do an act on a view of the register, and print the result."""
    with settings().desk(dry_run=dry_run) as desk:
        left: Any = act(desk)
    if settings().format != "table":
        from casework.kinds.records import plain

        print_record(settings(), {name: plain(value) for name, value in vars(left).items()})
        return
    click.echo(settings().said("view.line", name=left.code, listing=left.listing), color=False)


@view_.command("list")
def list_views() -> None:
    """List the views there are.

    \b
    Example:
      casework view list
    """
    chosen = settings()
    rows = [*_rows()]
    if chosen.format == "table":
        for row in rows:
            place = "hidden" if row["hidden"] else row["kept_in"]
            row["kept_in"] = word(f"view_{place}", chosen.lang)
    hidden = () if chosen.format == "table" else ("hidden",)
    print_rows(chosen, rows, ("name", "kept_in", "value", *hidden), fit="value")


def _rows() -> Iterator[dict[str, Any]]:
    """Yield the user's own views and those of the register, by name."""
    from casework.kinds.records import View
    from casework.questions.views import views
    from casework.system.text import fold

    own, shared = own_views(), list[View]()
    try:
        with settings().reading() as connection:
            shared = views(connection)
    except UnavailableError as error:
        # The user's own are known without a register.
        settings().tell(settings().said("view.no-register", why=error.what))
    found = [(name, "yours", shlex.join(options)) for name, options in own.items()]
    found += [(one.code, "register", one.listing) for one in shared]
    for name, place, value in sorted(found, key=lambda one: (fold(one[0]), one[1] == "register")):
        hidden = place == "register" and name in own
        yield {"name": name, "kept_in": place, "value": value, "hidden": hidden}


@view_.command("drop")
@click.argument("name")
@_shared
def drop(name: str, reason: str | None, *, shared: bool, dry_run: bool) -> None:
    """Forget the view NAME.

    \b
    Example:
      casework view drop late
      casework view drop late --shared --reason "replaced by overdue"
    """
    if shared:

        def dropped(desk: Desk) -> Record:
            from casework.acts.views import drop_view

            return drop_view(desk, name, reason=reason)

        _do(dropped, dry_run=dry_run)
        return
    _refuse_of_an_act(reason, dry_run=dry_run)
    own = own_views()
    if name not in own:
        raise NotFoundError("view.unknown", nearest(name, own), name=name)
    take_out(f"{ALIASES}.{name}")
