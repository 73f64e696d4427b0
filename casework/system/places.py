"""Where the program keeps its own files: the default store, signing keys, records of signing."""

from __future__ import annotations

import os
from pathlib import Path

from casework.errors import UnavailableError

VARIABLE = "CASEWORK_STATE"
"""The variable that names one folder for the keys and the records of signing."""


def store() -> Path:
    """Return the path of the default store.

    Raises UnavailableError, like the other functions here, if the system has no such folder.
    """
    return _platform("data", "place.name-store") / "casework.db"


def keys() -> Path:
    """Return the folder of the signing keys."""
    return _own("data") / "keys"


def checkpoints() -> Path:
    """Return the folder of the last checkpoints signed, witnessed and seen for each log."""
    return _own("state") / "checkpoints"


def unsent(name: str) -> Path:
    """Return the file of the last text with this name, written in an editor but not used."""
    return _own("state") / f"unsent-{name}.txt"


def shell_history() -> Path:
    """Return the file of the shell's history."""
    return _own("state") / "shell-history"


def home() -> Path:
    """Return the home folder of this account."""
    # A text, because `Path.home` has an error of its own.
    found = os.path.expanduser("~")  # noqa: PTH111
    empty = found == os.sep and os.environ.get("HOME") == ""
    if empty or not Path(found).is_absolute():
        raise UnavailableError("place.no-home", "place.set-home")
    return Path(found)


def _own(kind: str) -> Path:
    named = os.environ.get(VARIABLE)
    if not named:
        return _platform(kind, "place.name-folder")
    if not Path(named).is_absolute():
        raise UnavailableError("place.relative", variable=VARIABLE, named=named)
    return Path(named)


def _platform(kind: str, hint: str) -> Path:
    """Return the folder of this account for such files on the platform."""
    from platformdirs import user_data_path, user_state_path

    find = user_data_path if kind == "data" else user_state_path
    home, named = os.environ.get("HOME"), os.environ.get(f"XDG_{kind.upper()}_HOME", "")
    # Where the system goes by it: an empty one leads to the root of the disk.
    heeded = home is not None and os.path.expanduser("~") in {home, os.sep}  # noqa: PTH111 - as text
    if heeded and not Path(str(home)).is_absolute() and not Path(named).is_absolute():
        # What is made of it depends on the folder a command is run in.
        raise UnavailableError("place.home-relative", hint, home=home, variable=VARIABLE)
    try:
        found = find("casework", appauthor=False)
    except (RuntimeError, KeyError, OSError):
        # An account that the system does not know by name has no home folder either.
        found = Path()
    if not found.is_absolute():
        raise UnavailableError("place.no-home", hint, variable=VARIABLE)
    return found
