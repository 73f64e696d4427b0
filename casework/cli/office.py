"""The office that issues papers."""

from __future__ import annotations

from typing import Any

import click

from casework.cli.fields import describing
from casework.cli.options import writes
from casework.cli.output import print_record
from casework.cli.running import Noun
from casework.cli.settings import settings
from casework.cli.typed import TEXT
from casework.kinds.records import Office, Record, plain


@click.group("office", cls=Noun)
def office_() -> None:
    """Say what papers say of the office that issues them."""


@office_.command("set")
@describing(Office)
@click.option("--clear", multiple=True, metavar="NAME")
@click.option("--reason", type=TEXT, metavar="TEXT")
@writes
def set_office_(dry_run: bool, **options: Any) -> None:
    """Set the head and the foot of papers.

    \b
    Example:
      casework office set --name "Ban Thư ký" --superior "Bộ Ngoại giao" --place "Hà Nội"
      casework office set --signs-for "TL. BỘ TRƯỞNG" --signatory-office "Trưởng ban"
      casework office set --recipient "Ministries and provinces" --filed "VT, HTQT"
    """
    from casework.acts.issuing import set_office

    with settings().desk(dry_run=dry_run) as desk:
        office = set_office(desk, **options)
    _print(office)


@office_.command("show")
def show_office() -> None:
    """Show the head and the foot of papers.

    \b
    Example:
      casework office show
    """
    from casework.errors import NotFoundError
    from casework.questions import lookup

    with settings().reading() as connection:
        office = lookup.office(connection)
    if office is None:
        raise NotFoundError("office.none")
    _print(office)


def _print(office: Record) -> None:
    print_record(settings(), {name: plain(value) for name, value in vars(office).items()})
