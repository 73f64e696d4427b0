"""Organisations and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from casework.cli.dates import COMING_DAY, DAY, HORIZON
from casework.cli.fields import describing
from casework.cli.options import writes
from casework.cli.output import cell, print_record, print_rows
from casework.cli.running import Noun
from casework.cli.settings import settings
from casework.cli.taking import directory_options, take
from casework.cli.typed import TEXT
from casework.kinds.forms import ORGANISATION_KINDS
from casework.kinds.records import Organisation, Person, plain
from casework.words import in_language

if TYPE_CHECKING:
    from datetime import date

    from casework.kinds.records import Record


class _Kind(click.Choice[str]):
    """A kind of organisation, also as written in text: "people's committee"."""

    def __init__(self) -> None:
        super().__init__(ORGANISATION_KINDS)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        written = str(value).casefold().replace("'", "").replace("’", "").replace(" ", "-")
        return super().convert(written, param, ctx)


KIND: dict[str, Any] = {"type": _Kind(), "metavar": "KIND"}


def _json(record: Any) -> dict[str, Any]:
    values = {name: plain(value) for name, value in vars(record).items()}
    if "org_kind" in values:
        values["kind"] = values.pop("org_kind")
    return values


def print_one(record: Any) -> None:
    """Print a record as an act left it, in a table by its name in the reader's language."""
    chosen = settings()
    if chosen.format != "table":
        print_record(chosen, _json(record))
        return
    name = in_language(record.name, record.name_vi, chosen.lang)
    click.echo(f"{record.code}  {cell(name, chosen.lang)}", color=False)


@click.group("org", cls=Noun)
def org_() -> None:
    """Organisations that propose, own and coordinate."""


@org_.command("add")
@click.argument("code")
@describing(Organisation, new=True, kind=KIND)
@writes
def add_org(code: str, dry_run: bool, **options: Any) -> None:
    """Register an organisation.

    \b
    Example:
      casework org add mofa --name "Ministry of Foreign Affairs" --name-vi "Bộ Ngoại giao"
    """
    from casework.acts.organisations import add_organisation

    with settings().desk(dry_run=dry_run) as desk:
        added = add_organisation(desk, code, **options)
    print_one(added)


@org_.command("edit")
@click.argument("code")
@describing(Organisation, kind=KIND)
@click.option("--effective", "effective_on", type=DAY, metavar="DATE")
@click.option("--reason", type=TEXT, metavar="TEXT")
@writes
def edit_org(code: str, dry_run: bool, **options: Any) -> None:
    """Change what an organisation is called or where it belongs.

    \b
    Example:
      casework org edit cnv --name "External Relations Department"
      casework org edit cnv --drop-alias "Ministry of Foreign Affairs"
    """
    from casework.acts.organisations import edit_organisation

    with settings().desk(dry_run=dry_run) as desk:
        edited = edit_organisation(desk, code, **options)
    print_one(edited)


@org_.command("end")
@click.argument("code")
@click.option("--on", required=True, type=DAY, metavar="DATE")
@click.option("--successor", metavar="CODE")
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@writes
def end_org(code: str, on: date, successor: str | None, reason: str, dry_run: bool) -> None:
    """Note that an organisation ends; its open cases are listed until they are reassigned.

    \b
    Example:
      casework org end cnv --on 2025-02-28 --successor new-unit --reason "Decree 28"
    """
    from casework.acts.organisations import end_organisation

    with settings().desk(dry_run=dry_run) as desk:
        ended = end_organisation(desk, code, on=on, successor=successor, reason=reason)
    print_one(ended)


@org_.command("import")
@directory_options
@writes
def import_orgs(file: str, dry_run: bool, **how: Any) -> None:
    """Register organisations from a file: all of its rows or none.

    \b
    Example:
      casework org import organisations.xlsx --dry-run
      casework org import organisations.csv --update --reason "Decree 28/2025"
    """
    take(Organisation, file, dry_run=dry_run, **how)


@org_.command("list")
def list_orgs() -> None:
    """List organisations.

    \b
    Example:
      casework org list
    """
    print_listed(Organisation, ("code", "name", "name_vi", "kind", "valid_to", "successor"))


@org_.command("show")
@click.argument("code")
def show_org(code: str) -> None:
    """Show one organisation, by code, name or alias.

    \b
    Example:
      casework org show "bo ngoai giao"
    """
    print_shown(Organisation, code)


@click.group("person", cls=Noun)
def person_() -> None:
    """People who take part."""


@person_.command("add")
@click.argument("code")
@describing(Person, new=True, role={"default": "desk", "show_default": True})
@writes
def add_person_(code: str, dry_run: bool, **options: Any) -> None:
    """Register a person who uses the register.

    \b
    Example:
      casework person add lan --name "Nguyễn Thị Lan" --org mofa --role desk --login lan
    """
    from casework.acts.people import add_person

    with settings().desk(dry_run=dry_run) as desk:
        added = add_person(desk, code, **options)
    print_one(added)


@person_.command("edit")
@click.argument("code")
@describing(Person)
@click.option("--reason", type=TEXT, metavar="TEXT")
@writes
def edit_person_(code: str, dry_run: bool, **options: Any) -> None:
    """Change a person's name, organisation, role, login or mail address.

    \b
    Example:
      casework person edit lan --role secretariat
    """
    from casework.acts.people import edit_person

    with settings().desk(dry_run=dry_run) as desk:
        edited = edit_person(desk, code, **options)
    print_one(edited)


@person_.command("deactivate")
@click.argument("code")
@click.option("--on", type=DAY, metavar="DATE")
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@writes
def deactivate(code: str, on: date | None, reason: str, dry_run: bool) -> None:
    """Note that a person acts no more; the name stays in the log.

    \b
    Example:
      casework person deactivate lan --reason "moved to another ministry"
    """
    from casework.acts.people import deactivate_person

    with settings().desk(dry_run=dry_run) as desk:
        gone = deactivate_person(desk, code, on=on or desk.today, reason=reason)
    print_one(gone)


@person_.command("away")
@click.argument("code")
@click.option("--from", "begins", type=COMING_DAY, metavar="DATE")
@click.option("--to", "ends", type=HORIZON, metavar="DATE")
@click.option("--deputy", metavar="PERSON")
@click.option("--reason", type=TEXT, metavar="TEXT")
@writes
def away_(code: str, dry_run: bool, **options: Any) -> None:
    """Note that a person is away, and who stands in for them until they are back.

    \b
    Example:
      casework person away lan --from 2026-12-01 --to 2026-12-18 --deputy minh
      casework person away lan --to 2026-12-24
    """
    from casework.acts.absences import away

    with settings().desk(dry_run=dry_run) as desk:
        left = away(desk, code, **options)
    print_one(left)


@person_.command("back")
@click.argument("code")
@click.option("--reason", type=TEXT, metavar="TEXT")
@writes
def back_(code: str, reason: str | None, dry_run: bool) -> None:
    """Note that a person is away no more: nobody stands in for them from now on.

    \b
    Example:
      casework person back lan
    """
    from casework.acts.absences import back

    with settings().desk(dry_run=dry_run) as desk:
        left = back(desk, code, reason=reason)
    print_one(left)


@person_.command("import")
@directory_options
@writes
def import_people(file: str, dry_run: bool, **how: Any) -> None:
    """Register people from a file: all of its rows or none.

    \b
    Example:
      casework person import people.csv --dry-run
    """
    take(Person, file, dry_run=dry_run, **how)


@person_.command("list")
def list_people() -> None:
    """List people.

    \b
    Example:
      casework person list
    """
    absence = ("away_from", "away_to", "deputy")
    print_listed(Person, ("code", "name", "org", "role", "login", *absence, "ended_on"))


@person_.command("show")
@click.argument("code")
def show_person(code: str) -> None:
    """Show one person, by code or name.

    \b
    Example:
      casework person show lan
    """
    print_shown(Person, code)


def print_listed(kind: type[Record], columns: tuple[str, ...]) -> None:
    """Print all records of a kind; a table has these columns."""
    from casework.questions import lookup

    with settings().reading() as connection:
        found = lookup.directory(connection, kind)
    print_rows(settings(), map(_json, found), columns, fit="name")


def print_shown(kind: type[Record], code: str) -> None:
    """Print the record with this code or name."""
    from casework.questions import lookup

    with settings().reading() as connection:
        found = lookup.find(connection, kind, code)
    print_record(settings(), _json(found))
