"""Commands on evidence bundles, for people who need not trust the office."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from casework.cli.fields import asking
from casework.cli.output import print_record
from casework.cli.running import Command
from casework.cli.settings import settings, wrong_usage
from casework.cli.signing import sign, signer
from casework.cli.views import narrowed, viewed
from casework.words import Word, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from casework.proof.evidence import Bundle
    from casework.proof.series import Series
    from casework.store.db import Store

F = TypeVar("F", bound="Callable[..., Any]")


def _note_option(name: str) -> Callable[[F], F]:
    return click.option(name, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")


@click.command("export", cls=Command)
@click.argument("refs", metavar="[REF]...", nargs=-1)
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, metavar="FOLDER")
@_note_option("--checkpoint")
@_note_option("--since")
@viewed
@asking
def export(
    refs: tuple[str, ...],
    folder: Path,
    checkpoint: Path | None,
    since: Path | None,
    **wanted: Any,
) -> None:
    """Write evidence that others can check without this program: cases, or the whole log.

    \b
    Example:
      casework audit export 000-08 --to evidence
      casework audit export --conference NFAC-21 --to evidence
    """
    from casework.log import note
    from casework.system.files import new_folder

    wanted["where"] = narrowed(wanted.pop("view"), wanted["where"])
    filters = any(value not in {None, False, ()} for value in wanted.values())
    if refs and filters:
        raise wrong_usage("evidence.refs-and-filter")
    notes = _Notes(
        checkpoint=None if checkpoint is None else note.read_file(checkpoint),
        since=None if since is None else note.read_file(since),
    )
    store = settings().session.open()
    # Before anything is signed, or a key made for it.
    with new_folder(folder) as inside:
        made: Bundle | Series
        if filters:
            made = _write(store, _found(wanted), inside, notes, each=True)
        else:
            made = _write(store, refs, inside, notes, each=False)
    _tell(folder, made)


class _Notes(NamedTuple):
    """The checkpoints that were given: the one to prove it by, and an earlier one."""

    checkpoint: str | None
    since: str | None


def _found(wanted: dict[str, Any]) -> tuple[str, ...]:
    """Return the references of the chosen cases; raises NotFoundError if there are none."""
    from casework.questions import choosing

    with settings().reading() as connection:
        return choosing.wanted(connection, {"sort": "ref", **wanted}).refs


def _tell(folder: Path, made: Bundle | Series) -> None:
    """Print what was written."""
    lang = settings().lang
    settings().done.append(said("evidence.done", lang, folder=folder, root=made.root))
    told = asdict(made)
    if settings().format == "table":
        kind = "each" if "bundles" in told else "written"
        click.echo(said(f"evidence.{kind}", lang, folder=folder, **told))
        click.echo(said("evidence.values", lang, shown=made.disclosed, withheld=made.withheld))
        click.echo(said("evidence.proves", lang, what=Word(made.proves)))
        click.echo(said("audit.root-is", lang, root=made.root))
    else:
        print_record(settings(), {"folder": str(folder)} | told)
    if made.proves == "a part":
        settings().tell(said("evidence.a-part", lang))
    if made.later:
        settings().tell(said("evidence.later", lang, count=made.later))


def _write(
    store: Store, refs: tuple[str, ...], inside: Path, notes: _Notes, *, each: bool
) -> Bundle | Series:
    from casework.office import maintenance
    from casework.proof import checkpoints, evidence, series

    key = None
    if notes.checkpoint is None:
        with settings().reading() as connection:
            own = checkpoints.kept_key(connection)
            evidence.refuse_unmakeable(connection, refs, notes.since, own)
        key = signer()
    long = each or not refs
    with maintenance.aside(store) if long else store.reading() as connection:
        connection.unseen = settings().session.unseen(connection)
        if key is not None:
            text = sign(connection, key, checkpoints.place_of(store, connection)).note
        else:
            text = str(notes.checkpoint)
        own = checkpoints.kept_key(connection)
        write = series.export_each if each else evidence.export
        return write(connection, refs, inside, checkpoint=text, since=notes.since, key=own)
