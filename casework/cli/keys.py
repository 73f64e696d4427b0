"""Commands on the signing key of a log, and to record lost events."""

from __future__ import annotations

from pathlib import Path

import click

from casework.cli.options import writes
from casework.cli.output import print_record
from casework.cli.running import Command
from casework.cli.settings import settings, wrong_usage
from casework.cli.signing import record_key, signer, tell_key
from casework.cli.typed import TEXT
from casework.errors import RefusedError

KEY_OPTION = click.option("--key", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")


@click.command("key", cls=Command)
@click.argument("new", type=click.Choice(("new",)), required=False)
@click.option("--reason", type=TEXT, metavar="TEXT")
@KEY_OPTION
def key_(new: str | None, reason: str | None, key: Path | None) -> None:
    """Print the public key that checkpoints are checked with.

    \b
    Example:
      casework audit key
      casework audit key new --reason "the old one was on a laptop that was stolen"
    """
    from casework.log.note import ED25519, SigningKey
    from casework.questions import lookup

    if (new is None) != (reason is None) or (new and key):
        raise wrong_usage("key.new-reason")
    with settings().reading() as connection:
        register = lookup.register(connection)
    if new is not None:
        made = SigningKey.generate(register.origin, ED25519)
        record_key(made, str(reason))
        tell_key(made)
        click.echo(str(made.verifier))
    elif key is None and register.signing_key is not None:
        click.echo(register.signing_key)
    else:
        click.echo(str(signer(key).verifier))


@click.command("loss", cls=Command)
@click.option("--reason", required=True, type=TEXT, metavar="TEXT")
@click.option("--document", type=TEXT, metavar="D")
@click.option("--consent", metavar="PERSON")
@click.option("--checkpoint", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@writes
def loss(
    reason: str,
    document: str | None,
    consent: str | None,
    checkpoint: Path | None,
    *,
    dry_run: bool,
) -> None:
    """Record that events which were signed for are gone for good; signing then goes on.

    \b
    Example:
      casework audit loss --reason "the disk failed; Monday's copy was restored" --consent hai
    """
    from casework.acts import origins
    from casework.log import note
    from casework.proof import checkpoints

    told = None if checkpoint is None else note.parse(note.read_file(checkpoint))
    with settings().desk(dry_run=dry_run) as desk:
        found = checkpoints.lost(desk.connection, told)
        if found is None:
            raise RefusedError("loss.nothing-lost")
        left = origins.record_loss(
            desk,
            found.checkpoint,
            found.left,
            reason=reason,
            document=document,
            consent=consent,
        )
    values = {
        "before": found.checkpoint.origin,
        "origin": left.origin,
        "signed": found.checkpoint.size,
        "signed_root": found.checkpoint.root.hex(),
        "left": found.left,
    }
    print_record(settings(), values)
