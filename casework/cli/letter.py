"""Commands on letters of assignment and replies to proposers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casework.cli.options import rehearses
from casework.cli.output import print_rows
from casework.cli.running import Noun
from casework.cli.settings import settings
from casework.errors import RefusedError

if TYPE_CHECKING:
    from casework.acts.notifying import Notice
    from casework.cli.options import F


def _writes(f: F) -> F:
    """Declare the options of letters: sender, output, draft."""
    f = rehearses(click.option("--draft", is_flag=True)(f))
    sender = click.option(
        "--from", "sender", metavar="ADDRESS", envvar="CASEWORK_MAIL_FROM", required=True
    )
    f = click.option("--template", metavar="NAME", help="letter.template")(f)
    folder = click.Path(file_okay=False, path_type=Path)
    return click.option("--to", "folder", type=folder, metavar="FOLDER", required=True)(sender(f))


@click.group("letter", cls=Noun)
def letter_() -> None:
    """Write letters of assignment, and replies."""


@letter_.command("assignment")
@click.option("--owner", metavar="ORG")
@click.option("--officer", metavar="PERSON")
@_writes
def assignment_(
    owner: str | None,
    officer: str | None,
    folder: Path,
    sender: str,
    template: str | None,
    *,
    draft: bool,
    dry_run: bool,
) -> None:
    """Tell each organisation and officer what they were given since their last letter.

    \b
    Example:
      casework letter assignment --from register@office.example --to letters --draft
      casework letter assignment --from register@office.example --to letters --template directive
    """
    from casework.acts.notifying import assignments, record_assignment
    from casework.office.mail import into_folder, written
    from casework.office.notifying import assignment

    _refuse_secret()
    begins = _begins(template)
    with settings().reading() as connection:
        writing = written(connection, sender, settings().lang, draft=draft)._replace(
            template=begins
        )
        found = assignments(connection, writing.day, owner, officer)
    send = into_folder(folder)
    for one in found:
        if not one.to:
            for key in _NO_ADDRESS[one.field]:
                settings().tell(settings().said(key, whom=one.whom.code))
            continue
        made = assignment(one, writing)
        # Recorded first and kept only when it was written: nobody is told twice.
        with settings().desk(dry_run=dry_run) as desk:
            record_assignment(desk, one, writing.head)
            if not dry_run:
                send(_FILE[one.field].format(one.whom.code), made)
    print_rows(settings(), [_row(one) for one in found], ("org", "officer", "to", *_COUNTED))


@letter_.command("reply")
@click.argument("ref")
@_writes
def reply_(
    ref: str, folder: Path, sender: str, template: str | None, *, draft: bool, dry_run: bool
) -> None:
    """Tell who proposed a recommendation how it was resolved.

    \b
    Example:
      casework letter reply 000-08 --from register@office.example --to letters --draft
    """
    from casework.acts.notifying import record_reply, reply_to
    from casework.office.mail import into_folder, written
    from casework.office.notifying import reply

    _refuse_secret()
    begins = _begins(template)
    with settings().reading() as connection:
        writing = written(connection, sender, settings().lang, draft=draft)._replace(
            template=begins
        )
        case, found = reply_to(connection, ref, writing.day)
    if not found.to:
        raise RefusedError("letter.no-address", whom=found.whom.code)
    made = reply(case, found, writing)
    with settings().desk(dry_run=dry_run) as desk:
        record_reply(desk, case, found)
        if not dry_run:
            into_folder(folder)(found.whom.code, made)
    told = {"ref": case.ref, "org": found.whom.code, "to": [one.email for one in found.to]}
    print_rows(settings(), [told], ("ref", "org", "to"))


_NO_ADDRESS = {
    "owner": ("letter.no-address", "letter.no-address.hint.cli"),
    "officer": ("letter.no-address.officer", "letter.no-address.officer.hint.cli"),
}
_FILE = {"owner": "{}", "officer": "officer-{}"}
"""The file names of letters, because an organisation and a person may have the same code."""

_COUNTED = ("now_yours", "to_coordinate", "taken_away", "now_otherwise")


def _begins(template: str | None) -> str | None:
    """Return the text of a template that is named; raises NotFoundError for one not there."""
    from casework.cli.templates import found

    return None if template is None else found(settings(), template)[0]


def _refuse_secret() -> None:
    if settings().with_secret:
        raise RefusedError("remind.secret")


def _row(notice: Notice) -> dict[str, Any]:
    told = [str(one.what).replace("-", "_") for one in notice.told]
    counts = {name: told.count(name) for name in _COUNTED}
    officer = notice.field == "officer"
    return {
        "org": None if officer else notice.whom.code,
        "officer": notice.whom.code if officer else None,
        "to": [one.email for one in notice.to],
        **counts,
    }
