"""Commands on the store itself: init, demo, doctor, db."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from casework.cli.copies import backup, copy, moved, restore, verified
from casework.cli.dates import HORIZON
from casework.cli.options import rehearses, writes
from casework.cli.output import echo, print_record, say
from casework.cli.running import Command, Noun
from casework.cli.settings import Settings, settings
from casework.cli.typed import TEXT
from casework.cli.wording import worded
from casework.errors import UnavailableError, UsageError
from casework.system.processes import processors
from casework.words import Text, word

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from casework.kinds.records import Register
    from casework.office.demo import Made
    from casework.rules.working_days import Special


@click.command("init", cls=Command)
@click.option("--zone", default="Asia/Ho_Chi_Minh", show_default=True, metavar="ZONE")
@click.option("--no-holidays", is_flag=True)
@click.option("--seed", type=click.Choice(("vn",)))
@rehearses
def init_(zone: str, seed: str | None, *, no_holidays: bool, dry_run: bool) -> None:
    """Make a new register.

    \b
    Example:
      casework init --db register.db
      casework init --db register.db --seed vn
    """
    from casework.office.demo import make_register
    from casework.store.db import Store
    from casework.system.clock import parse_zone

    target = settings().session.place()
    made = make_register(
        target,
        zone=parse_zone(zone),
        with_holidays=not no_holidays,
        directory=seed,
        dry_run=dry_run,
    )
    name = Store.at(target).name
    told = settings().said("init.made", store=name)
    if not made.register:
        told = settings().said("init.there", store=name, changed=_changed(made))
    if made.register and not dry_run:
        settings().done.append(told)
    click.echo(told)
    if made.register:
        settings().tell(_begins_with(made))
    if made.organisations:
        settings().tell(settings().said("init.seeded", count=made.organisations))
    if dry_run:
        settings().session.tell_rehearsed()
    elif made.register:
        _tell_place(target)


def _tell_place(target: str) -> None:
    """Print warnings about the place of a new register."""
    from casework.store.db import Store
    from casework.store.sqlite_file import remarks

    file = Store.at(target).file
    for remark in remarks(file) if file else ():
        settings().tell(worded(remark).said(settings().lang))


def _begins_with(made: Made) -> str:
    if not made.days:
        return settings().said("init.begins", events=made.events)
    first, last = min(made.days).year, max(made.days).year
    values = {"events": made.events, "days": len(made.days), "first": str(first)}
    return settings().said("init.begins-with-days", **values, last=str(last))


@click.command("demo", cls=Command)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default="casework-demo")
def demo_(folder: Path) -> None:
    """Make a register to try things in, and show what it tells.

    \b
    Example:
      casework demo
    """
    from casework.office.demo import HISTORY_OF, HORIZON, SHOWN_ON, build

    path = build(folder)
    shown = str(path)
    settings().done.append(settings().said("demo.made", path=shown))
    click.echo(settings().said("demo.made", path=shown) + "\n")
    _run(shown, "report", "overdue", "--before", HORIZON, "--as-of", SHOWN_ON)
    click.echo("\n" + settings().said("demo.history", ref=HISTORY_OF) + "\n")
    _run(shown, "--quiet", "history", HISTORY_OF)
    program, shown = _program(), _quoted(shown)
    click.echo("\n" + settings().said("demo.next", program=program, path=shown))


def _program() -> str:
    """Return the command that starts the program: its path if the shell does not find it."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py":
        return f"{_quoted(sys.executable)} -m casework"
    by_path = started.stem == "casework" and shutil.which("casework") is None
    return _quoted(str(started)) if by_path else "casework"


def _quoted(path: str) -> str:
    """Return a path quoted as one word for any shell."""
    return f'"{path}"' if " " in path else path


def _run(path: str, *words: str) -> None:
    from casework.cli import casework

    outer = settings()
    chosen = Settings(color=outer.color, lang=outer.lang)
    with casework.make_context("casework", ["--db", path, *words], obj=chosen) as inner:
        casework.invoke(inner)


@click.command("doctor", cls=Command)
def doctor_() -> None:
    """Tell how the program and the store are set up.

    \b
    Example:
      casework doctor
    """
    import platform
    import sqlite3

    from casework import __version__
    from casework.cli.lacking import lacking
    from casework.log import ed25519
    from casework.questions import audit_log, lookup, working_calendar
    from casework.store.db import REVISION, Store, default_url
    from casework.store.sqlite_file import PRAGMAS
    from casework.system.clock import today

    target = settings().db or default_url()
    facts: dict[str, object] = {
        "casework": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "store": Store.at(target).name,
        "output": sys.stdout.encoding,
        "signatures": "cryptography" if ed25519.by_library() else "casework",
    }
    with settings().reading() as connection:
        register, head = lookup.register(connection), audit_log.head(connection)
        calendar = working_calendar.working_calendar(connection).specials.values()
        facts |= {
            "schema": REVISION,
            "zone": register.zone,
            "today": today(register.zone).isoformat(),
            "origin": register.origin,
            **_outside(register),
            "holidays_until": _last_year(calendar),
            "holidays_decided_until": _last_year(day for day in calendar if not day.projected),
            "log_size": head.size,
            "log_root": head.root,
        }
        if connection.engine == "sqlite":
            for pragma in ("journal_mode", *PRAGMAS):
                facts[pragma] = connection.told(f"PRAGMA {pragma}")[0][0]
            facts |= _place(connection.told("PRAGMA database_list")[0][2])
        else:
            from casework.store.served import standby

            facts["server"] = connection.told("SHOW server_version")[0][0]
            found = standby(connection)
            facts["answered_by"] = "standby" if found else "primary"
            if found:
                facts["replayed_until"] = found.at and f"{found.at:%Y-%m-%dT%H:%M:%SZ}"
                facts["replayed_all"] = found.whole
        lacks = lacking(connection, register)
    if settings().format != "table":
        print_record(settings(), facts | {"missing": lacks})
        return
    print_record(settings(), facts)
    if lacks:
        echo(settings())
        echo(settings(), word("lacking", settings().lang), bold=True)
        for told in lacks.values():
            say(settings(), told, "  ", "    ")


def _place(file: str) -> dict[str, object]:
    """Return who can read a file, and which program synchronises it, if any."""
    from casework.system import platforms
    from casework.system.platforms.names import synchronised

    path = Path(file)
    return {
        "readable_by": "others too" if platforms.others_read(path) else "its owner",
        "synchronised_by": synchronised(path),
    }


def _outside(register: Register) -> dict[str, object]:
    """Return the files outside the store that must be kept, and when they were last backed up."""
    from casework.acts.origins import all_origins
    from casework.log import keyring

    try:
        saved = keyring.backed_up(register.origin)
        files = keyring.own_files(all_origins(register))
    except UnavailableError as error:
        return {"keep": [error.message]}
    return {
        "signing_key": register.signing_key,
        "keep": [str(path) for path in files],
        "keys_backed_up": saved.get("keys", "never"),
        "backed_up": saved.get("store", "never"),
    }


def _last_year(days: Iterable[Special]) -> int | None:
    """Return the last year with registered holidays, after which working days are unknown."""
    return max((special.day.year for special in days), default=None)


@click.group("db", cls=Noun)
def db_() -> None:
    """Look after the store itself."""


@db_.command("upgrade")
@rehearses
def upgrade(*, dry_run: bool) -> None:
    """Bring the store's schema to this program's; make the register if there is none.

    \b
    Example:
      casework db upgrade
    """
    from casework.office.demo import make_register
    from casework.store.db import REVISION

    made = make_register(settings().session.place(), dry_run=dry_run)
    changed = Text("upgrade.new-register") if made.register else _changed(made)
    told = settings().said("upgrade.done", schema=REVISION, changed=changed)
    other = made.before.other_door or made.before.other_rules
    new = made.register or made.before.schema != REVISION or other
    if new and not dry_run:
        settings().done.append(told)
    click.echo(told)
    if dry_run:
        settings().session.tell_rehearsed()


def _changed(made: Made) -> Text:
    from casework.store.db import REVISION

    if made.before.schema != REVISION:
        return Text("upgrade.schema-was", schema=made.before.schema)
    if made.before.other_door:
        return Text("upgrade.rules-new")
    return Text("upgrade.law-new" if made.before.other_rules else "upgrade.unchanged")


@db_.command("check")
def check() -> None:
    """Check the store: its file, its log, and every row.

    \b
    Example:
      casework db check
    """
    from casework.office import maintenance

    with maintenance.aside(settings().session.open()) as connection:
        found = maintenance.check(connection, processors=processors())
    print_record(settings(), verified(found))


@db_.command("grant")
@click.argument("person")
@click.option("--login", metavar="L")
@click.option("--until", type=HORIZON, metavar="DATE")
@click.option("--password", is_flag=True)
@writes
def grant(
    person: str, *, login: str | None, until: date | None, password: bool, dry_run: bool
) -> None:
    """Give PERSON a login of their own on PostgreSQL.

    \b
    Example:
      casework db grant lan --until 2027-12-31 --password
    """
    from casework.acts.people import grant_login
    from casework.store import logins

    with settings().desk(dry_run=dry_run) as desk:
        core = logins.on_server(desk.connection)
        granted, name = grant_login(desk, person, login, until)
        secret = _password(name) if password else None
        logins.grant(core, name, secret, until)
    print_record(
        settings(),
        {
            "person": granted.code,
            "role": granted.role,
            "org": granted.org,
            "login": name,
            "until": until,
        },
    )


def _password(login: str) -> str:
    if sys.stdin.isatty():
        return str(
            click.prompt(
                settings().said("grant.prompt", login=login),
                hide_input=True,
                confirmation_prompt=True,
            )
        )
    settings().consumed = True
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise UsageError("grant.no-password")
    return given


@db_.command("revoke")
@click.argument("person")
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@writes
def revoke(person: str, *, reason: str, dry_run: bool) -> None:
    """Take PERSON's login on PostgreSQL away, and end its sessions.

    \b
    Example:
      casework db revoke lan --reason "moved to another ministry"
    """
    from casework.acts.people import revoke_login
    from casework.store import logins

    with settings().desk(dry_run=dry_run) as desk:
        core = logins.on_server(desk.connection)
        login = revoke_login(desk, person, reason)
        logins.revoke(core, login)
    if not dry_run:
        with settings().session.open().migrating() as beside:
            logins.end_sessions(beside, login)
    print_record(settings(), {"person": person, "login": login, "revoked": not dry_run})


@db_.command("path")
def path() -> None:
    """Print where the store is.

    \b
    Example:
      casework db path
    """
    from casework.store.db import Store, default_url

    click.echo(Store.at(settings().db or default_url()).name)


for one in (backup, restore, copy, moved):
    db_.add_command(one)
