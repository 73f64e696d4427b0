"""Commands on copies of a register: backup, restore, trial copies, moving."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from casework.cli.options import replaces
from casework.cli.output import print_record
from casework.cli.running import Command
from casework.cli.settings import settings, wrong_usage
from casework.cli.signing import sign, signer
from casework.cli.wording import told
from casework.errors import CaseworkError, ConflictError
from casework.system.processes import processors

if TYPE_CHECKING:
    from casework.log.note import SigningKey
    from casework.proof.inspection import Verified
    from casework.store.db import Store

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


def verified(found: Verified) -> dict[str, object]:
    """Return the report on a verified register."""
    return {"log_size": found.size, "log_root": found.root, "records": found.records}


@click.command("backup", cls=Command)
@FILE
@click.option("--with-keys", is_flag=True)
@replaces
def backup(file: Path, *, with_keys: bool, force: bool) -> None:
    """Copy the register into a new FILE while others work, and verify the copy.

    \b
    Example:
      casework db backup register-2026-11-22.db
      casework db backup /media/stick/register.db --with-keys
    """
    from casework.acts.origins import all_origins
    from casework.log import keyring
    from casework.office import maintenance
    from casework.questions import lookup
    from casework.system import places, protected
    from casework.system.files import write_secret

    # Without these folders it could not be signed, which is better known before the copying.
    places.keys(), places.checkpoints()
    beside, keys = Path(f"{file}.checkpoint"), Path(f"{file}.keys")
    for path in (beside, *([keys] if with_keys else [])):
        protected.refuse(path, over=protected.PACK)
        if path.exists() and not (force and path.is_file()):
            raise ConflictError("copy.exists", path=path)
    store = settings().session.open()
    found = maintenance.backup(store, file, force=force, processors=processors())
    settings().done.append(
        settings().said("copy.backup", file=file, size=found.size, root=found.root)
    )
    key, why = _key()
    if key is not None:
        try:
            # The log's first key is decided on for a register that is whole; its copy has it.
            found = _with_the_key(store, key, file) or found
            why = _signed_beside(store, key, file, beside, force=force)
        except CaseworkError as error:
            why = error
    if why is not None and force:
        # One of an earlier copy would be taken for this one's.
        beside.unlink(missing_ok=True)
    with store.reading() as connection:
        register = lookup.register(connection)
    if with_keys:
        write_secret(keys, keyring.packed(all_origins(register)), replace=force)
    values = {"backup": str(file), **verified(found), "checkpoint": None if why else str(beside)}
    print_record(settings(), values | ({"keys": str(keys)} if with_keys else {}))
    if why is not None:
        message, hint = told(why, settings().lang)
        settings().tell(settings().said("copy.not-signed", why=message, hint=hint))
    try:
        keyring.remember_backup(register.origin, keys=with_keys)
    except CaseworkError as error:
        settings().tell(settings().said("copy.not-noted", why=error.what))


def _key() -> tuple[SigningKey | None, CaseworkError | None]:
    """Return the key that signs the log, or why there is none."""
    try:
        return signer(), None
    except CaseworkError as error:
        return None, error


def _with_the_key(store: Store, key: SigningKey, file: Path) -> Verified | None:
    """Repeat a backup that lacks the act recording its key; None for other backups."""
    from casework.office import maintenance
    from casework.questions import lookup
    from casework.store import db

    with db.open_store(str(file)).reading() as copied, store.reading() as connection:
        said = [lookup.register(one).signing_key for one in (copied, connection)]
    if said == [None, str(key.verifier)]:
        return maintenance.backup(store, file, force=True, processors=processors())
    return None


def _signed_beside(
    store: Store, key: SigningKey, file: Path, beside: Path, *, force: bool
) -> CaseworkError | None:
    """Write a signed checkpoint next to a backup, or return why that is impossible."""
    from casework.proof import checkpoints
    from casework.store import db
    from casework.system.files import whole_text

    try:
        with store.reading() as connection:
            place = checkpoints.place_of(store, connection)
        with (
            whole_text(beside, replace=force) as out,
            db.open_store(str(file)).reading() as copied,
        ):
            out.write(sign(copied, key, place).note)
    except CaseworkError as error:
        return error
    return None


@click.command("restore", cls=Command)
@FILE
@click.option("--with-keys", is_flag=True)
@click.option("--other-past", is_flag=True)
def restore(file: Path, *, with_keys: bool, other_past: bool) -> None:
    """Take a backup back into a store that has no register yet.

    \b
    Example:
      casework db restore register-2026-11-22.db --db new.db
      casework db restore /media/stick/register.db --with-keys
    """
    from casework.acts.origins import all_origins
    from casework.log import keyring
    from casework.office import maintenance
    from casework.questions import lookup
    from casework.store import db

    pack: dict[str, str] = {}
    if with_keys:
        with db.open_store(str(file)).reading() as connection:
            origins = all_origins(lookup.register(connection))
        pack = keyring.pack_of(Path(f"{file}.keys"), origins)
    place = settings().session.place()
    done = maintenance.restore(file, place, pack, other_past=other_past, processors=processors())
    settings().done.append(
        settings().said("restore.done", size=done.found.size, root=done.found.root)
    )
    values = {**verified(done.found), "missing": done.missing}
    print_record(settings(), values | ({"keys": done.kept} if with_keys else {}))
    if done.missing or done.other_past:
        key = "restore.missing" if done.missing else "restore.other-past"
        settings().tell(settings().said(key, count=done.missing))
    _tell_moved()


def _tell_moved() -> None:
    """Say what to do before a restored register can be signed at its new place."""
    from casework.log import keyring
    from casework.proof import checkpoints
    from casework.questions import lookup

    store = settings().session.open()
    with store.reading() as connection:
        before = keyring.signed_at(lookup.register(connection).origin)
        place = checkpoints.place_of(store, connection)
    if before is not None and before.identity != place.identity:
        settings().tell(settings().said("restore.moved", name=before.name))


@click.command("copy", cls=Command)
@FILE
@click.option("--trial", is_flag=True)
def copy(file: Path, *, trial: bool) -> None:
    """Copy the register into a new FILE to try things in.

    \b
    Example:
      casework db copy trial.db --trial
    """
    from casework.office import maintenance

    if not trial:
        raise wrong_usage("copy.trial")
    found, register = maintenance.trial(settings().session.open(), file, settings().by)
    settings().done.append(
        settings().said("copy.copy", file=file, size=found.size, root=found.root)
    )
    values = {"copy": str(file), "origin": register.origin, **verified(found)}
    print_record(settings(), values)


@click.command("moved", cls=Command)
def moved() -> None:
    """Tell that the register was moved here, where its log goes on being signed.

    \b
    Example:
      casework db moved --db /srv/office/register.db
    """
    from casework.log import keyring
    from casework.proof import checkpoints
    from casework.questions import lookup

    store = settings().session.open()
    with store.reading() as connection:
        origin, place = (
            lookup.register(connection).origin,
            checkpoints.place_of(store, connection),
        )
        before = keyring.signed_at(origin)
        checkpoints.moved(connection, place)
    was = before.name if before else None
    settings().done.append(settings().said("copy.moved", name=place.name))
    print_record(settings(), {"origin": origin, "place": place.name, "former_place": was})
