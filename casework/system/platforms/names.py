"""File names that some system forbids, and folders that programs copy to other machines."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FORBIDDEN = frozenset('<>:"/\\|?*')
"""Characters no name of a file has on Windows; a colon there names a hidden stream of the file."""

_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]) *(?:\..*)?",
    re.IGNORECASE | re.DOTALL,
)
"""Names of devices, which Windows finds in every folder and with every ending.

See "Naming Files, Paths, and Namespaces" in Microsoft's documentation.
"""

SERVICES = {
    "OneDrive": r"onedrive(?: ?- .+|-.+)?",
    "Dropbox": r"dropbox(?: ?[(-].+)?",
    "Google Drive": r"google ?drive(?:-.+)?|drivefs",
    "iCloud": r"icloud ?drive|com~apple~clouddocs|mobile documents",
}
"""Programs that copy a folder to other machines, and what they call it."""

MARKS = {
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".tmp.drivedownload": "Google Drive",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".stfolder": "Syncthing",
}
"""Files and folders by which such a folder is known when it bears another name."""

PLACES = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
"""Variables in which OneDrive for Windows says where its folders are."""

CLOUD = 0x9000001A
CLOUD_KINDS = 0xFFFF0FFF
"""How Windows marks files that a service holds (IO_REPARSE_TAG_CLOUD), and what to compare."""


def is_device(name: str) -> bool:
    """Tell whether Windows takes a name for that of a device, such as CON or nul.txt."""
    return _DEVICE.fullmatch(name) is not None


def fits_everywhere(name: str) -> bool:
    """Tell whether every system can name a file so; letters, for one, are called by codes."""
    return FORBIDDEN.isdisjoint(name) and not name.endswith((" ", ".")) and not is_device(name)


def synchronised(path: Path) -> str | None:
    """Return which program copies the folder of a file to other machines, None where none is known.

    A folder is known by the service's mark on it, by the files the service keeps in it, by what the
    service tells programs, or by its name.
    """
    place = path.resolve()
    return next(filter(None, map(_service, place.parents)), None)


def _service(folder: Path) -> str | None:
    for name in PLACES:
        if (told := os.environ.get(name)) and folder == type(folder)(told).resolve():
            return "OneDrive"
    for service, called in SERVICES.items():
        if re.fullmatch(called, folder.name, re.IGNORECASE):
            return service
    if folder.parent.name == "CloudStorage" and folder.parent.parent.name == "Library":
        return folder.name.partition("-")[0]
    return _by_mark(folder)


def _by_mark(folder: Path) -> str | None:
    for mark, service in MARKS.items():
        if (folder / mark).exists():
            return service
    try:
        tag = getattr(folder.lstat(), "st_reparse_tag", 0)
    except OSError:
        return None
    return "a cloud service" if tag & CLOUD_KINDS == CLOUD else None
