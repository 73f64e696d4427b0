"""File names that some systems forbid, and folders that programs synchronise."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FORBIDDEN = frozenset('<>:"/\\|?*')
"""Characters that file names cannot have on Windows; a colon there names a hidden stream."""

_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]) *(?:\..*)?",
    re.IGNORECASE | re.DOTALL,
)
"""Names of devices, which Windows recognises in every folder and with any extension.

See "Naming Files, Paths, and Namespaces" in Microsoft's documentation.
"""

SERVICES = {
    "OneDrive": r"onedrive(?: ?- .+|-.+)?",
    "Dropbox": r"dropbox(?: ?[(-].+)?",
    "Google Drive": r"google ?drive(?:-.+)?|drivefs",
    "iCloud": r"icloud ?drive|com~apple~clouddocs|mobile documents",
}
"""Programs that synchronise folders, and the names of these folders."""

MARKS = {
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".tmp.drivedownload": "Google Drive",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".stfolder": "Syncthing",
}
"""Files and folders that mark such a folder under another name."""

PLACES = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
"""Variables in which OneDrive for Windows gives its folders."""

CLOUD = 0x9000001A
CLOUD_KINDS = 0xFFFF0FFF
"""The mark of files that a service holds on Windows (IO_REPARSE_TAG_CLOUD), and its mask."""


def is_device(name: str) -> bool:
    """Return whether Windows takes a name for a device, such as CON or nul.txt."""
    return _DEVICE.fullmatch(name) is not None


def fits_everywhere(name: str) -> bool:
    """Return whether every system allows this file name; letters are filed under codes."""
    return FORBIDDEN.isdisjoint(name) and not name.endswith((" ", ".")) and not is_device(name)


def synchronised(path: Path) -> str | None:
    """Return which program synchronises the folder of a file; None if none is known.

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
