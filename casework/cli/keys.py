"""The log's key, and what becomes of a log that lost events."""

from __future__ import annotations

from pathlib import Path

import click

from casework.cli.options import writes
from casework.cli.output import print_record
from casework.cli.running import Command
from casework.cli.settings import settings
from casework.cli.signing import record_key, signer, tell_key
from casework.cli.typed import TEXT
from casework.errors import RefusedError

KEY_OPTION = click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The signing key; by default the one kept for this log, made when it never had one.",
)


@click.command("key", cls=Command)
@click.argument("new", type=click.Choice(("new",)), required=False)
@click.option("--reason", type=TEXT, metavar="TEXT", help="With new: why the log gets another key.")
@KEY_OPTION
def key_(new: str | None, reason: str | None, key: Path | None) -> None:
    """Print the public key that checkpoints are checked with.

    The first one is made when it is asked for. With new another one is made, and that is an act in
    the log: whoever checks what it signs must be told of it, in another way than by this program. A
    key that was replaced is put aside, and what it signed can still be checked.

    \b
    Example:
      casework audit key
      casework audit key new --reason "the old one was on a laptop that was stolen"
    """
    from casework.log.note import ED25519, SigningKey
    from casework.questions import lookup

    if (new is None) != (reason is None) or (new and key):
        raise click.UsageError("Give --reason TEXT with new, and with nothing else.")
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
@click.option(
    "--reason", required=True, type=TEXT, metavar="TEXT", help="How the events were lost."
)
@click.option("--document", type=TEXT, metavar="D", help="Number of the paper that authorises it.")
@click.option("--consent", metavar="PERSON", help="The second person, who looked at it too.")
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A checkpoint kept elsewhere that the log contradicts.",
)
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

    That is so where an older copy had to be restored. The log gets a new origin, which names the
    one before, and is signed under it. Checkpoints of the old one still verify what is left, and
    say what is not. A second person consents where the register has one who may; a loss that one
    person alone spoke for stands first among the findings.

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
            raise RefusedError(
                "nothing is lost: the log has all that was signed and witnessed here",
                "give a checkpoint that it contradicts with --checkpoint",
            )
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
