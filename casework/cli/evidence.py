"""Evidence bundles, for whoever checks the log without trusting the office that keeps it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from casework.cli.common import Command, settings
from casework.cli.output import print_record
from casework.files import read_text

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def _note_option(name: str, help_text: str) -> Callable[[F], F]:
    return click.option(
        name, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help=help_text
    )


@click.command("export", cls=Command)
@click.argument("refs", metavar="[REF]...", nargs=-1)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="The folder to make.",
)
@_note_option("--checkpoint", "The checkpoint to prove it by; by default one signed now.")
@_note_option("--since", "Prove too that the log grew from this earlier checkpoint.")
def export(
    refs: tuple[str, ...], folder: Path, checkpoint: Path | None, since: Path | None
) -> None:
    """Write evidence that others can check without this program: cases, or the whole log.

    The folder holds text files and the program that checks them, one Python file. With REFs it
    discloses these cases and no other. It may hold personal data.

    \b
    Example:
      casework audit export 000-08 --to evidence
    """
    from casework import evidence, upkeep

    earlier = None if since is None else read_text(since)
    with settings().reading() if refs else upkeep.aside(settings().open()) as connection:
        if checkpoint is None:
            from casework import checkpoints

            text = checkpoints.latest(connection)
        else:
            text = read_text(checkpoint)
        made = evidence.export(connection, refs, folder, checkpoint=text, since=earlier)
    if settings().format == "table":
        click.echo(f"{folder}: {made.events} events of {made.cases} cases, of {made.size} in all")
        click.echo(f"{made.disclosed} private values disclosed, {made.withheld} withheld")
        click.echo(f"root {made.root}")
    else:
        print_record(settings(), {"folder": str(folder)} | asdict(made))
    if made.later:
        settings().tell(f"{made.later} later events are left out: the checkpoint is older")
