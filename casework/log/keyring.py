"""Files kept outside the store: signing keys, and what was last signed, witnessed and seen.

A store cannot vouch for itself, because whoever can change it can change everything in it. So these
files belong to the account that signs, in the folders that `places` names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casework.errors import ConflictError, NotFoundError, UnavailableError, UsageError
from casework.log import note, tree
from casework.system import places, platforms
from casework.system.clock import now, stamp
from casework.system.files import is_there, keep, read_text
from casework.system.protected import PACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SIGNED = "signed"
WITNESSED = "witnessed"
SEEN = "seen"
PLACE = "place"
COVERED = "covered"
PEAKS = "peaks"
BACKED_UP = "backed-up"
NOTES = (SIGNED, WITNESSED, SEEN)

REMEMBERED = 1000
"""How many of the last signed checkpoints are remembered, by size and root."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a store: `identity` distinguishes it from copies, `name` is shown to people."""

    identity: str
    name: str


def note_path(origin: str, what: str) -> Path:
    """Return the path of a kept note of a log; raises UsageError for an invalid name."""
    return places.checkpoints() / _safe(origin) / what


def _safe(origin: str) -> str:
    if not origin or origin.startswith(".") or not all(c.isalnum() or c in ".-_" for c in origin):
        raise UsageError("origin.invalid", origin=origin)
    return origin


def kept(origin: str, what: str) -> note.Checkpoint | None:
    """Return a kept checkpoint of a log: the last one signed, witnessed or seen."""
    path = note_path(origin, what)
    return note.parse(note.read_file(path)) if is_there(path) else None


def keep_note(origin: str, what: str, text: str) -> None:
    """Keep the text of a checkpoint."""
    keep(note_path(origin, what), text)


def _held(origin: str, what: str) -> str | None:
    path = note_path(origin, what)
    return read_text(path) if is_there(path) else None


def keep_peaks(origin: str, size: int, peaks: list[bytes]) -> None:
    """Keep the peaks of a log of this size, which was signed."""
    keep(note_path(origin, PEAKS), f"{size} {b''.join(peaks).hex()}\n")


def peaks_of(before: note.Checkpoint) -> list[bytes] | None:
    """Return the peaks of a log as it was when this was signed; None where they are not known."""
    size, _, held = (_held(before.origin, PEAKS) or "").strip().partition(" ")
    try:
        peaks = tree.split(bytes.fromhex(held))
    except ValueError:
        return None
    known = size == str(before.size) and tree.root_hash(peaks) == before.root
    return peaks if known else None


# --- where a log was signed, and when it was copied ------------------------------------------


def signed_at(origin: str) -> Place | None:
    """Return the place of the store when its log was last signed here; None if it is not known."""
    held = _held(origin, PLACE)
    if held is None:
        return None
    identity, name = json.loads(held)
    return Place(str(identity), str(name))


def keep_place(origin: str, place: Place) -> None:
    """Remember where the store of a log is."""
    # As JSON a path of a file may have bytes in it that are no text.
    keep(note_path(origin, PLACE), json.dumps([place.identity, place.name]) + "\n")


def covered(origin: str) -> list[tuple[int, bytes]]:
    """Return size and root of the checkpoints that were signed here, the latest last."""
    lines = (_held(origin, COVERED) or "").split("\n")
    pairs = (line.partition(" ") for line in lines if line)
    return [(int(size), bytes.fromhex(root)) for size, _, root in pairs]


def remember(signed: note.Checkpoint) -> None:
    """Remember size and root of a checkpoint."""
    one = (signed.size, signed.root)
    known = [pair for pair in covered(signed.origin) if pair != one][-REMEMBERED + 1 :]
    lines = (f"{size} {root.hex()}\n" for size, root in (*known, one))
    keep(note_path(signed.origin, COVERED), "".join(lines))


def backed_up(origin: str) -> dict[str, str]:
    """Return when the store was last backed up from here, and when its keys were; UTC."""
    held = _held(origin, BACKED_UP)
    return dict(json.loads(held)) if held else {}


def remember_backup(origin: str, *, keys: bool) -> None:
    """Remember that a store was backed up now, with its keys or without."""
    at = stamp(now())
    held = backed_up(origin) | {"store": at} | ({"keys": at} if keys else {})
    keep(note_path(origin, BACKED_UP), json.dumps(held))


# --- keys ------------------------------------------------------------------------------------


def key_path(name: str) -> Path:
    """Return where the signing key of this name is kept."""
    return places.keys() / f"{_safe(name)}.key"


def read_key(path: Path) -> note.SigningKey:
    """Return the signing key in a file; raises UnavailableError if others can read the file."""
    if platforms.others_read(path):
        raise UnavailableError("key.readable", path=path, close_hint=platforms.close_hint(path))
    return note.SigningKey.parse(read_text(path))


def signing_key(name: str, kind: bytes, given: Path | None = None) -> note.SigningKey | None:
    """Return the key of this name, from a file or the one kept here; None if there is none.

    Raises NotFoundError if a named file does not exist, UsageError if its key has another name.
    """
    path = given or key_path(name)
    if not is_there(path):
        if given is None:
            return None
        raise NotFoundError("key.not-found", given=given)
    key = read_key(path)
    if (key.name, key.kind) != (name, kind):
        raise UsageError("key.of-another", path=path, name=key.name, wanted=name)
    return key


def keep_key(key: note.SigningKey) -> None:
    """Keep a key in a file only its owner can read, never in the store.

    An earlier key of that name is renamed with a number, so that what it signed can be checked.
    """
    path = key_path(key.name)
    if is_there(path):
        before = note.SigningKey.parse(read_text(path))
        if before == key:
            return
        aside = f"{key.name}.{before.verifier.key_id.hex()}"
        keep(places.keys() / f"{_safe(aside)}.key", f"{before}\n")
    keep(path, f"{key}\n")


def own_files(origins: Iterable[str]) -> list[Path]:
    """Return the files of these logs that must be kept outside the store."""
    found: list[Path] = []
    for origin in origins:
        keys = places.keys()
        if keys.is_dir():
            found += sorted(keys.glob(f"{_safe(origin)}*.key"))
        folder = places.checkpoints() / _safe(origin)
        if folder.is_dir():
            found += sorted(path for path in folder.iterdir() if path.is_file())
    return found


# --- keys and notes in a file beside a backup ------------------------------------------------


def packed(origins: Iterable[str]) -> str:
    """Return the keys and kept notes of these logs as the text of one file."""
    files = {}
    for path in own_files(origins):
        under = places.keys() if path.suffix == ".key" else places.checkpoints()
        files[path.relative_to(under).as_posix()] = read_text(path)
    return f"{PACK.decode()}\n{json.dumps(files, indent=1)}\n"


def pack_of(path: Path, origins: Iterable[str]) -> dict[str, str]:
    """Return the contents of such a file for these logs, by name.

    Raises UsageError for another kind of file, ConflictError if a different key is kept here.
    """
    begin, _, rest = read_text(path).partition("\n")
    try:
        files = json.loads(rest) if begin == PACK.decode() else None
    except (ValueError, RecursionError):
        files = None
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise UsageError("keys.none", path=path)
    wanted = {name: text for name, text in files.items() if _is_of(name, {*origins})}
    for name, text in wanted.items():
        target = _target(name)
        if name.endswith(".key") and is_there(target) and read_text(target) != text:
            raise ConflictError("key.other-kept", target=target)
    return wanted


def take(pack: Mapping[str, str]) -> list[str]:
    """Keep the files of a pack unless there are newer ones; return the names of those kept."""
    return [name for name, text in pack.items() if _take(name, text)]


def _is_of(name: str, origins: set[str]) -> bool:
    """Return whether a file in a pack is a key or a note of one of these logs."""
    if name.endswith(".key") and "/" not in name:
        log = name.removesuffix(".key")
        return log in origins or log.rpartition(".")[0] in origins
    log, _, what = name.partition("/")
    return log in origins and what in {*NOTES, PLACE, COVERED, BACKED_UP, "key"}


def _target(name: str) -> Path:
    if name.endswith(".key"):
        return key_path(name.removesuffix(".key"))
    log, _, what = name.partition("/")
    return note_path(log, what)


def _take(name: str, text: str) -> bool:
    """Keep a file of a pack; a checkpoint only if no later one is kept."""
    target = _target(name)
    if is_there(target) and not (target.name in NOTES and _is_later(text, read_text(target))):
        return False
    keep(target, text)
    return True


def _is_later(one: str, other: str) -> bool:
    return note.parse(one).size > note.parse(other).size
