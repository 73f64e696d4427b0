"""Linux and macOS: accounts, rights, the disk, file systems and signals."""

from __future__ import annotations

import errno
import os
import re
import signal
import stat
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY
PRIVATE = 0o600
OTHERS = 0o077

PRAGMAS = {"fullfsync": 1, "checkpoint_fullfsync": 1} if sys.platform == "darwin" else {}
"""More settings of SQLite: on macOS fsync(2) leaves data in the drive's cache."""

FORMER_LOGIN: str | None = None
"""The login that earlier versions recorded for everybody; None if they knew the logins."""

MOUNTS = Path("/proc/self/mountinfo")
"""The list of mounted file systems on Linux (proc(5))."""

REMOTE = frozenset(
    {"afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "gfs2", "glusterfs", "lustre"}
    | {"ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs"}
)
"""File systems of Linux whose locks between machines are not reliable enough for SQLite."""

MNT_LOCAL = 0x1000
"""The flag of a local file system (macOS, sys/mount.h)."""

PREFERENCES = "Library/Preferences/.GlobalPreferences.plist"
"""The macOS setting with the user's languages in order of preference."""

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that ask a command to end: from the keyboard, another program, a closed terminal."""


def login() -> str:
    """Return the login of this process, from the system's accounts, not from $USER.

    An account without a name is `uid-` and its number.
    """
    import pwd

    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid-{number}"


def make_private(path: Path) -> None:
    """Create an empty file that only its owner can read; raises FileExistsError."""
    os.close(os.open(path, NEW, PRIVATE))


@contextmanager
def scratch(parent: Path, prefix: str) -> Iterator[Path]:
    """Yield a temporary folder inside another one; remove it afterwards."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(dir=parent, prefix=prefix) as folder:
        yield Path(folder)


def take_rights(path: Path, part: Path) -> None:
    """Give a file the group and mode of another; without that group, no group rights."""
    of = path.stat()
    mode = stat.S_IMODE(of.st_mode) & ~(stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX)
    if part.stat().st_gid != of.st_gid:
        try:
            os.chown(part, -1, of.st_gid)
        except OSError:
            mode &= ~stat.S_IRWXG
    part.chmod(mode)


def others_read(path: Path) -> bool:
    """Return whether anybody but a file's owner and the administrators has rights to it."""
    return bool(path.stat().st_mode & OTHERS)


def close_hint(path: Path) -> str:
    """Return the command that makes a file private."""
    return f"chmod 600 {path}"


def flush(path: Path) -> None:
    """Wait until a file, or the entries of a folder, have reached the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        _flush(number)
    except OSError as error:
        # On some network shares a folder cannot be flushed: fsync(2).
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(number)


def _flush(number: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(number, fcntl.F_FULLFSYNC)
        except OSError:
            # A file system that does not know it has fsync: fcntl(2).
            os.fsync(number)
    else:
        os.fsync(number)


def network(path: Path) -> str | None:
    """Return the kind of network file system of a path; None if it is not on a known one."""
    if sys.platform == "darwin":
        return _of_macos(path)
    found = max(_mounts(path.resolve()), default=None)
    return found[1] if found is not None and found[1] in REMOTE else None


def _mounts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the length of the mount point and the kind of each file system above a path."""
    try:
        table = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    inside = f"{path}/"
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        place = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), before.split()[4])
        if inside.startswith(place.rstrip("/") + "/"):
            yield len(place), after.split()[0]


def _of_macos(path: Path) -> str | None:
    """Ask statfs(2): what is not local is on a network."""
    import ctypes

    class Statfs(ctypes.Structure):
        """The structure of sys/mount.h with 64-bit inodes."""

        _fields_ = (
            ("before", ctypes.c_uint32 * 16),
            ("flags", ctypes.c_uint32),
            ("subtype", ctypes.c_uint32),
            ("kind", ctypes.c_char * 16),
            ("names", ctypes.c_char * 2048),
            ("after", ctypes.c_uint32 * 8),
        )

    libc = ctypes.CDLL(None, use_errno=True)
    # On Intel the plain name is that of the older structure.
    statfs = getattr(libc, "statfs$INODE64", None) or libc.statfs
    told = Statfs()
    place = next(one for one in (path.resolve(), *path.resolve().parents) if one.exists())
    if statfs(os.fsencode(place), ctypes.byref(told)) != 0 or told.flags & MNT_LOCAL:
        return None
    return str(told.kind.decode("ascii", "replace"))


def device(path: Path) -> bool:  # noqa: ARG001 - as on Windows
    """Return whether a path names a device in any folder: never here."""
    return False


def in_use(error: OSError) -> bool:  # noqa: ARG001 - as on Windows
    """Return whether a file could not be replaced because a program has it open: never here."""
    return False


def heed_endings() -> None:
    """Treat SIGTERM and SIGHUP like Ctrl-C, so that clean-up code runs."""
    for number in ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def language() -> str:
    """Return the language of the user's settings, if the environment names none.

    Linux has no other setting. macOS has one for windows, which a terminal may not pass on.
    """
    if sys.platform != "darwin":
        return ""
    import plistlib

    try:
        with (Path.home() / PREFERENCES).open("rb") as file:
            told = plistlib.load(file).get("AppleLanguages")
    except (OSError, RuntimeError, ValueError, AttributeError, plistlib.InvalidFileException):
        return ""
    return str(told[0]) if isinstance(told, list) and told else ""


def colours() -> bool:
    """Return whether a terminal shows colours: always here."""
    return True


def settings_folder() -> Path | None:
    """Return the platform's folder for settings; None without a home folder.

    Linux follows the XDG Base Directory Specification, macOS Apple's File System Programming Guide.
    """
    named = os.environ.get("XDG_CONFIG_HOME", "")
    if sys.platform != "darwin" and os.path.isabs(named):  # noqa: PTH117 - before anything else
        return Path(named)
    home = os.path.expanduser("~")  # noqa: PTH111 - the same
    inside = "Library/Application Support" if sys.platform == "darwin" else ".config"
    return Path(home, inside) if os.path.isabs(home) else None  # noqa: PTH117 - the same


EDITOR, PAGER = "vi", "less"
"""The default editor and pager."""


def opener() -> str | None:
    """Return the program that opens a file as the desktop would; None if there is none."""
    from shutil import which

    return which("open" if sys.platform == "darwin" else "xdg-open")


def show(path: Path) -> None:
    """Open a file with the desktop's program for its kind; raises OSError."""
    name = opener()
    if name is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "xdg-open")
    # It goes on when the command has ended, and what it says is not the command's.
    nowhere: list[Any] = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0)]
    nowhere += [(os.POSIX_SPAWN_DUP2, 0, number) for number in (1, 2)]
    # A name that begins with a hyphen is no option of that program.
    os.posix_spawn(
        name, [name, str(path.absolute())], os.environ, file_actions=nowhere, setpgroup=0
    )
