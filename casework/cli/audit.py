"""The audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from casework.cli.common import MOMENT, Noun, settings
from casework.cli.output import print_json
from casework.cli.questions import print_events

if TYPE_CHECKING:
    from datetime import datetime


@click.group("audit", cls=Noun)
def audit_() -> None:
    """Read and verify the audit log."""


@audit_.command("log")
@click.option("--actor", metavar="PERSON", help="Only what this person did.")
@click.option("--act", metavar="VERB", help="Only acts of this name: assign, extend, …")
@click.option("--case", "ref", metavar="REF", help="Only acts on this case.")
@click.option(
    "--field", metavar="NAME", help="Only acts that changed this field: owner, state, due, …"
)
@click.option("--since", type=MOMENT, metavar="TIMESTAMP", help="Only what was recorded since.")
@click.option(
    "--until", type=MOMENT, metavar="TIMESTAMP", help="Only what was recorded until then."
)
def log(
    actor: str | None,
    act: str | None,
    ref: str | None,
    field: str | None,
    since: datetime | None,
    until: datetime | None,
) -> None:
    """List acts, oldest first.

    \b
    Example:
      casework audit log --act extend --since 2021-12-13
    """
    from casework import queries
    from casework.calendar import stamp
    from casework.records import Person

    with settings().reading() as connection:
        case = queries.find_case(connection, ref) if ref else None
        wanted = queries.Search(
            kind="case" if case else None,
            key=case.ref if case else None,
            actor=queries.find(connection, Person, actor).code if actor else None,
            act=act,
            field={"with": "coordinating", "words": "due_words"}.get(field or "", field),
            since=stamp(since) if since else None,
            until=stamp(until) if until else None,
        )
        print_events(queries.events(connection, wanted), subjects=True)


@audit_.command("verify")
def verify() -> None:
    """Check that the log is what was hashed, and that every row is what the log says.

    \b
    Example:
      casework audit verify
    """
    from casework.inspection import verify as check

    with settings().reading() as connection:
        found = check(connection)
    if settings().format != "table":
        print_json({"size": found.size, "root": found.root, "records": found.records, "ok": True})
        return
    click.echo(
        f"in order: {found.size} events explain all {found.records} records\nroot {found.root}"
    )
