"""Reminders, to files or through a mail server."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casework.cli.options import rehearses
from casework.cli.output import print_rows
from casework.cli.running import Command
from casework.cli.settings import settings, wrong_usage
from casework.errors import RefusedError, Text, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from casework.acts.reminders import Letter
    from casework.office.mail import Send, Server

COLUMNS = ("owner", "to", "very_overdue", "overdue", "due_soon", "no_owner")
PORT_LIMIT = 1 << 16
PORTS = {"starttls": 587, "tls": 465, "none": 25}
PASSWORD = "CASEWORK_SMTP_PASSWORD"  # noqa: S105 - the name of a variable


@click.command("remind", cls=Command)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--smtp", metavar="HOST[:PORT]")
@click.option("--security", type=click.Choice(tuple(PORTS)), default="starttls", show_default=True)
@click.option("--user", metavar="NAME")
@click.option("--from", "sender", metavar="ADDRESS", envvar="CASEWORK_MAIL_FROM", required=True)
@click.option("--soon", type=click.IntRange(0, 3650), default=14, show_default=True, metavar="DAYS")
@click.option("--very", type=click.IntRange(0, 3650), default=30, show_default=True, metavar="DAYS")
@click.option("--draft", is_flag=True)
@rehearses
def remind_(
    folder: Path | None,
    smtp: str | None,
    security: str,
    user: str | None,
    sender: str,
    soon: int,
    very: int,
    *,
    draft: bool,
    dry_run: bool,
) -> None:
    """Write to each owner what is due soon and what is overdue.

    \b
    Example:
      casework remind --from register@office.example --to letters --dry-run
    """
    if (folder is None) == (smtp is None):
        raise wrong_usage("remind.where")
    if draft and folder is None:
        raise wrong_usage("remind.draft")
    if settings().with_secret:
        raise RefusedError("remind.secret")
    from casework.acts.reminders import letters, record
    from casework.office.mail import compose, written

    with settings().reading() as connection:
        writing = written(connection, sender, settings().lang, draft=draft)
        found = letters(connection, writing.day, soon=soon, very=very)
    refused: dict[str, str] = {}
    messages = [(one, compose(one, writing)) for one in found if one.to]
    if dry_run:
        with settings().desk(dry_run=True) as desk:
            for letter, _ in messages:
                record(desk, letter)
    else:
        with _outlet(folder, _server(smtp, security, user) if smtp else None) as send:
            for letter, message in messages:
                refused |= _send(letter, message, send)
    print_rows(settings(), [_row(one) for one in found], COLUMNS)
    for letter in found:
        if not letter.to:
            settings().tell(_nobody(letter))
    if refused:
        told = ", ".join(f"{address} ({reason})" for address, reason in refused.items())
        raise UnavailableError("remind.refused", told=told)


def _nobody(letter: Letter) -> str:
    """Say whose mail address is missing, and how to set it."""
    key = "remind.no-address"
    if letter.owner is None:
        key = "remind.no-secretariat"
    elif letter.ended:
        key = "remind.no-secretariat-ended"
    return settings().said(key, count=len(letter.cases), owner=letter.owner)


def _send(letter: Letter, message: EmailMessage, send: Send) -> dict[str, str]:
    from casework.acts.reminders import record
    from casework.office.mail import Undelivered

    # Recorded first and kept only when it went out: nobody is told twice, and a letter that
    # reached no one is written again next time.
    try:
        with settings().desk() as desk:
            record(desk, letter)
            return send(letter.owner, message)
    except Undelivered as error:
        return error.refused
    except UnavailableError as error:
        hint = Text("remind.unsure", owner=letter.owner) if error.unsure else "remind.again"
        raise UnavailableError(error.what, hint) from None


@contextmanager
def _outlet(folder: Path | None, server: Server | None) -> Iterator[Send]:
    from casework.office.mail import connected, into_folder

    if server is not None:
        with connected(server) as send:
            yield send
    elif folder is not None:
        yield into_folder(folder)


def _server(smtp: str, security: Any, user: str | None) -> Server:
    from casework.office.mail import Server

    host, _, port = smtp.rpartition(":") if ":" in smtp else (smtp, "", str(PORTS[security]))
    short = port.isdecimal() and len(port) <= len(str(PORT_LIMIT))
    if not host or not short or not 0 < int(port) < PORT_LIMIT:
        raise wrong_usage("remind.smtp", smtp=smtp)
    return Server(host, int(port), security, user, os.environ.get(PASSWORD))


def _row(letter: Letter) -> dict[str, Any]:
    levels = [str(level).replace("-", "_") for level, _ in letter.cases]
    return {
        "owner": letter.owner,
        "to": [one.email for one in letter.to],
        "ended": letter.ended,
        "successor": letter.heir and letter.heir[0],
        **{name: levels.count(name) for name in COLUMNS[2:]},
    }
