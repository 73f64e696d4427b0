"""Evidence bundles, for anyone who checks the log without trusting the office that keeps it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from casework.cli.output import print_record
from casework.cli.running import Command
from casework.cli.settings import settings
from casework.cli.signing import sign, signer
from casework.words import Word, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.proof.evidence import Bundle
    from casework.store.db import Store

F = TypeVar("F", bound="Callable[..., Any]")


def _note_option(name: str) -> Callable[[F], F]:
    return click.option(name, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")


@click.command("export", cls=Command)
@click.argument("refs", metavar="[REF]...", nargs=-1)
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, metavar="FOLDER")
@_note_option("--checkpoint")
@_note_option("--since")
def export(
    refs: tuple[str, ...], folder: Path, checkpoint: Path | None, since: Path | None
) -> None:
    """Write evidence that others can check without this program: cases, or the whole log.

    \b
    Example:
      casework audit export 000-08 --to evidence
    """
    from casework.log import note
    from casework.system.files import new_folder

    earlier = None if since is None else note.read_file(since)
    given = None if checkpoint is None else note.read_file(checkpoint)
    store = settings().session.open()
    # Before anything is signed, or a key made for it.
    with new_folder(folder) as inside:
        made = _write(store, refs, inside, given, earlier)
    lang = settings().lang
    settings().done.append(said("evidence.done", lang, folder=folder, root=made.root))
    if settings().format == "table":
        counts = {"events": made.events, "cases": made.cases, "size": made.size}
        click.echo(said("evidence.written", lang, folder=folder, **counts))
        click.echo(said("evidence.values", lang, shown=made.disclosed, withheld=made.withheld))
        click.echo(said("evidence.proves", lang, what=Word(made.proves)))
        click.echo(said("audit.root-is", lang, root=made.root))
    else:
        print_record(settings(), {"folder": str(folder)} | asdict(made))
    if made.proves == "a part":
        settings().tell(said("evidence.a-part", lang))
    if made.later:
        settings().tell(said("evidence.later", lang, count=made.later))


def _write(
    store: Store, refs: tuple[str, ...], inside: Path, checkpoint: str | None, since: str | None
) -> Bundle:
    from casework.office import maintenance
    from casework.proof import checkpoints, evidence

    key = None
    if checkpoint is None:
        with settings().reading() as connection:
            own = checkpoints.kept_key(connection)
            evidence.refuse_unmakeable(connection, refs, since, own)
        key = signer()
    with store.reading() if refs else maintenance.aside(store) as connection:
        connection.unseen = settings().session.unseen(connection)
        if key is not None:
            text = sign(connection, key, checkpoints.place_of(store, connection)).note
        else:
            text = str(checkpoint)
        own = checkpoints.kept_key(connection)
        return evidence.export(connection, refs, inside, checkpoint=text, since=since, key=own)
