"""What is missing in an installation or a register, and how to get it."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import PurePath
from typing import TYPE_CHECKING

from casework.cli.settings import settings
from casework.cli.wording import worded
from casework.errors import CaseworkError
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.kinds.records import Register
    from casework.store.connections import Connection

NEVER = "never"


def lacking(connection: Connection, register: Register) -> dict[str, str]:
    """Return what is missing, by name, with a sentence on how to get it."""
    lang = settings().lang
    found = {**dict(_here()), **dict(_of_the_register(connection, register))}
    return {name: worded(text).said(lang) for name, text in found.items()}


def _here() -> Iterator[tuple[str, Text]]:
    """Yield what is missing on this machine or account."""
    if find_spec("typst") is None:
        from casework.system.extras import how_to_install

        yield "pdf", Text("doctor.lacks.pdf", how=how_to_install("pdf", "typst"))
    if settings().configured.told("mail_from").value is None:
        yield "mail", Text("doctor.lacks.mail")
    # Of PowerShell nobody can tell: its profile is its own.
    shell = PurePath(os.environ.get("SHELL", "")).name
    if shell in {"bash", "zsh", "fish"}:
        from casework.cli.completion import installed

        try:
            there = installed(shell)
        except CaseworkError:
            there = False
        if not there:
            yield "completion", Text("doctor.lacks.completion", shell=shell)


def _of_the_register(connection: Connection, register: Register) -> Iterator[tuple[str, Text]]:
    """Yield what is missing in the register, or for the user in it."""
    from casework.acts.actors import login_of
    from casework.log import keyring
    from casework.proof.checkpoints import status
    from casework.questions import lookup

    login = login_of(connection)
    if lookup.find_login(connection, login) is None:
        yield "login", Text("doctor.lacks.login", login=login)
    try:
        log, saved = status(connection), keyring.backed_up(register.origin)
    except CaseworkError:
        # Doctor says elsewhere that what is kept outside the store cannot be read.
        return
    if log.signed < log.size:
        yield "signed", Text("doctor.lacks.signed", count=log.size - log.signed)
    if log.unwitnessed:
        yield "witnessed", Text("doctor.lacks.witnessed", count=log.unwitnessed)
    if saved.get("store", NEVER) == NEVER:
        yield "backup", Text("doctor.lacks.backup")
