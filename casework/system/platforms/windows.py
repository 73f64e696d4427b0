"""Windows: accounts, access, drives and consoles, through ctypes calls of its own libraries."""

from __future__ import annotations

import ntpath
import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.errors import NotAllowedError
from casework.system.platforms.names import is_device
from casework.words import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

PRAGMAS: dict[str, int] = {}
"""More settings of SQLite: none."""

FORMER_LOGIN: str | None = "uid-0"
"""The login that earlier versions recorded for everybody, so that everybody was the registrar."""

NAME_SAM_COMPATIBLE, NAME_LIMIT = 2, 1024
DRIVE_REMOTE = 4
PRIMARY_LANGUAGE, VIETNAMESE = 0x3FF, 0x2A
TOKEN_QUERY, TOKEN_USER = 0x0008, 1
GENERIC_WRITE, CREATE_NEW = 0x40000000, 1
SE_FILE_OBJECT, DACL_INFORMATION = 1, 4
INVALID_HANDLE = -1 & (1 << 64) - 1
STANDARD_OUTPUT, VIRTUAL_TERMINAL = -11, 0x0004
IN_USE = frozenset({5, 32, 33})  # access denied, sharing violation, lock violation
CLOSE, LOGOFF, SHUTDOWN = 2, 5, 6

READS = 0x80000000 | 0x40000000 | 0x10000000 | 0x0001 | 0x0002
"""The rights to read or write a file in an entry of an access list."""

DENIES, ONLY_INHERITED = 1, 0x08
"""The type of an entry that denies rights, and the flag of an entry that is only inherited."""

TRUSTED = frozenset({"S-1-5-18", "S-1-5-32-544", "S-1-3-4"})
"""The system, the administrators and the owner of the file: they may read private files."""

GRACE = 30.0
"""The seconds a closed window waits for its command to clean up; Windows waits five."""


def _library(name: str) -> Any:
    import ctypes

    return ctypes.WinDLL(name, use_last_error=True)  # type: ignore[attr-defined,unused-ignore]


def _failed() -> OSError:
    """Return the error of the last call as Python's own calls do, such as FileExistsError."""
    import ctypes

    number = ctypes.get_last_error()  # type: ignore[attr-defined,unused-ignore]
    return ctypes.WinError(number)  # type: ignore[attr-defined,no-any-return,unused-ignore]


def login() -> str:
    r"""Return the account this process runs under, DOMAIN\\user or MACHINE\\user.

    It comes from the system, not from the environment, which anybody can set. Raises
    NotAllowedError if the system does not say: a name shared by everybody would be worthless.
    """
    name = _account() or _account_of_token()
    if not name:
        raise NotAllowedError("windows.account")
    return name


def _account() -> str:
    """Ask GetUserNameExW; return an empty text if it does not say."""
    import ctypes

    name, length = ctypes.create_unicode_buffer(NAME_LIMIT), ctypes.c_ulong(NAME_LIMIT)
    ask = _library("secur32").GetUserNameExW
    told = ask(NAME_SAM_COMPATIBLE, name, ctypes.byref(length)) and "\\" in name.value
    return str(name.value) if told else ""


def _account_of_token() -> str:
    """Look the account up by the process's token, which needs no user session."""
    import ctypes

    advapi, kernel = _library("advapi32"), _library("kernel32")
    sid, kind = ctypes.c_void_p(), ctypes.c_ulong()
    name, domain = (ctypes.create_unicode_buffer(NAME_LIMIT) for _ in range(2))
    lengths = [ctypes.c_ulong(NAME_LIMIT) for _ in range(2)]
    if not advapi.ConvertStringSidToSidW(ctypes.c_wchar_p(_own_sid()), ctypes.byref(sid)):
        return ""
    try:
        found = advapi.LookupAccountSidW(
            None, sid, name, ctypes.byref(lengths[0]), domain, ctypes.byref(lengths[1]),
            ctypes.byref(kind),
        )  # fmt: skip
    finally:
        kernel.LocalFree(sid)
    return f"{domain.value}\\{name.value}" if found and name.value and domain.value else ""


def make_private(path: Path) -> None:
    """Create an empty file with its own access list; raises FileExistsError.

    The list has the current account, the system and its administrators, and inherits nothing from
    the folder. On a drive without access lists, such as FAT, the file is created without one.
    """
    import ctypes

    class Attributes(ctypes.Structure):
        """SECURITY_ATTRIBUTES."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("descriptor", ctypes.c_void_p),
            ("inherit", ctypes.c_int),
        )

    kernel = _library("kernel32")
    create = kernel.CreateFileW
    create.restype = ctypes.c_void_p
    create.argtypes = [ctypes.c_wchar_p, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_void_p]
    create.argtypes += [ctypes.c_ulong, ctypes.c_ulong, ctypes.c_void_p]
    with _descriptor() as descriptor:
        given = Attributes(ctypes.sizeof(Attributes), descriptor.value, 0)
        handle = create(str(path), GENERIC_WRITE, 0, ctypes.byref(given), CREATE_NEW, 0, None)
    if handle in {None, INVALID_HANDLE}:
        error = _failed()
        error.filename = str(path)
        raise error
    kernel.CloseHandle(ctypes.c_void_p(handle))


@contextmanager
def scratch(parent: Path, prefix: str) -> Iterator[Path]:
    """Yield a temporary folder inside another one; remove it afterwards.

    What is made in it has the rights that the other folder hands on, and keeps them when it is
    moved. A temporary folder of Python's own hands on none from version 3.12.4 on.
    """
    import secrets
    import shutil

    folder = parent / f"{prefix}{secrets.token_hex(8)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def take_rights(path: Path, part: Path) -> None:
    """Give a file the access list of another, as far as its drive keeps any."""
    import ctypes

    advapi, needed = _library("advapi32"), ctypes.c_ulong()
    names = [ctypes.c_wchar_p(str(one)) for one in (path, part)]
    advapi.GetFileSecurityW(names[0], DACL_INFORMATION, None, 0, ctypes.byref(needed))
    held = ctypes.create_string_buffer(needed.value)
    if advapi.GetFileSecurityW(names[0], DACL_INFORMATION, held, needed, ctypes.byref(needed)):
        advapi.SetFileSecurityW(names[1], DACL_INFORMATION, held)


@contextmanager
def _descriptor() -> Iterator[Any]:
    """Give the security descriptor of what is private.

    It is written in Microsoft's language for them (SDDL), as Python's own for private folders is:
    nothing from the folder above, all rights for the owner, the system and the administrators.
    """
    import ctypes

    made = ctypes.c_void_p()
    who = (_own_sid(), "SY", "BA")
    text = "D:P" + "".join(f"(A;;FA;;;{one})" for one in who)
    convert = _library("advapi32").ConvertStringSecurityDescriptorToSecurityDescriptorW
    if not convert(ctypes.c_wchar_p(text), 1, ctypes.byref(made), None):
        raise _failed()
    try:
        yield made
    finally:
        _library("kernel32").LocalFree(made)


def _own_sid() -> str:
    """Return the identifier of the account this process runs under."""
    import ctypes

    advapi, kernel = _library("advapi32"), _library("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    token, length = ctypes.c_void_p(), ctypes.c_ulong()
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    if not advapi.OpenProcessToken(process, TOKEN_QUERY, ctypes.byref(token)):
        raise _failed()
    try:
        advapi.GetTokenInformation(token, TOKEN_USER, None, 0, ctypes.byref(length))
        told = ctypes.create_string_buffer(length.value)
        if not advapi.GetTokenInformation(token, TOKEN_USER, told, length, ctypes.byref(length)):
            raise _failed()
        return _sid(ctypes.c_void_p.from_buffer(told).value)
    finally:
        kernel.CloseHandle(token)


def _sid(place: int | None) -> str:
    """Return an account's identifier at a place in memory, written S-1-…."""
    import ctypes

    written = ctypes.c_wchar_p()
    convert = _library("advapi32").ConvertSidToStringSidW
    if not convert(ctypes.c_void_p(place), ctypes.byref(written)):
        raise _failed()
    try:
        return str(written.value)
    finally:
        _library("kernel32").LocalFree(written)


def others_read(path: Path) -> bool:
    """Tell whether somebody besides a file's owner and the system's administrators has rights.

    So it is too where nothing is known of rights: on a drive that keeps none.
    """
    try:
        given = list(_allowed(path))
    except OSError:
        return True
    trusted = {*TRUSTED, _own_sid()}
    return any(who not in trusted and rights & READS for who, rights in given)


def _allowed(path: Path) -> Iterator[tuple[str, int]]:
    """Yield whom the access list of a file lets in, with the rights they have."""
    import ctypes

    advapi = _library("advapi32")
    entries, held = ctypes.c_void_p(), ctypes.c_void_p()
    failed = advapi.GetNamedSecurityInfoW(
        ctypes.c_wchar_p(str(path)), SE_FILE_OBJECT, DACL_INFORMATION, None, None,
        ctypes.byref(entries), None, ctypes.byref(held),
    )  # fmt: skip
    if failed:
        raise ctypes.WinError(failed)  # type: ignore[attr-defined,unused-ignore]
    try:
        if not entries.value:
            # A file without a list is everybody's.
            yield "S-1-1-0", READS
            return
        count = ctypes.c_ushort.from_address(entries.value + 4).value
        for number in range(count):
            entry = ctypes.c_void_p()
            if not advapi.GetAce(entries, number, ctypes.byref(entry)):
                raise _failed()
            yield from _entry(entry.value or 0)
    finally:
        _library("kernel32").LocalFree(held)


def _entry(place: int) -> Iterator[tuple[str, int]]:
    """Yield what an entry allows: type, flags and size; then the rights; then the account."""
    import ctypes

    kind, flags = ctypes.string_at(place, 2)
    if kind != DENIES and not flags & ONLY_INHERITED:
        yield _sid(place + 8), ctypes.c_ulong.from_address(place + 4).value


def language() -> str:
    """Return the language in which Windows speaks to its user (GetUserDefaultUILanguage)."""
    told = _library("kernel32").GetUserDefaultUILanguage()
    return "vi" if told & PRIMARY_LANGUAGE == VIETNAMESE else "en"


def close_hint(path: Path) -> str:
    """Return the command that makes a file its owner's only."""
    return f'icacls "{path}" /inheritance:r /grant:r "{login()}:F"'


def flush(path: Path) -> None:
    """Wait until a file has reached the disk.

    Windows flushes only what is open for writing, and no folders: what stands in those is in the
    journal of its file system.
    """
    if path.is_dir():
        return
    number = os.open(path, os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def network(path: Path) -> str | Text | None:
    """Return why a path counts as on a network: by its name or by its drive."""
    # What a drive or a link stands for, then the words that were given.
    for place in (path.resolve(), path.absolute()):
        if share(str(place)):
            return Text("network.share")
        drive = ntpath.splitdrive(str(place))[0]
        if drive and _library("kernel32").GetDriveTypeW(f"{drive}\\") == DRIVE_REMOTE:
            return Text("network.drive", drive=drive)
    return None


def share(path: str) -> bool:
    r"""Return whether a path is on a share: \\\\server\\name, \\\\?\\UNC\\server\\name."""
    plain = path.replace("/", "\\")
    if plain.startswith(("\\\\?\\", "\\\\.\\")):
        return plain[4:].upper().startswith("UNC\\")
    return plain.startswith("\\\\")


def device(path: Path) -> bool:
    """Return whether a path names a device in any folder, such as CON or nul.db."""
    return is_device(path.name)


def in_use(error: OSError) -> bool:
    """Return whether a file could not be replaced because a program has it open."""
    return getattr(error, "winerror", None) in IN_USE


def heed_endings() -> None:
    """Treat requests to end like Ctrl-C, so that clean-up code runs.

    These are Ctrl-Break, closing the window, logging off and shutting down; Windows reports the
    last three in a separate thread and allows some seconds.
    """
    for name in ("SIGTERM", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    import ctypes

    global _closing  # noqa: PLW0603 - Windows keeps a bare pointer to it
    handler = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_ulong)  # type: ignore[attr-defined,unused-ignore]
    _closing = handler(closed)
    _library("kernel32").SetConsoleCtrlHandler(_closing, 1)


_closing: Any = None


def closed(event: int) -> int:
    """Handle a console event: interrupt the command, and wait until it has cleaned up.

    Windows ends the process when this returns, so it waits for the command to end.
    """
    if event not in {CLOSE, LOGOFF, SHUTDOWN}:
        return 0
    import _thread

    _thread.interrupt_main()
    time.sleep(GRACE)
    return 1


def colours() -> bool:
    """Switch colours on in a Windows console; return whether it shows them."""
    import ctypes

    if sys.stdout is None or not sys.stdout.isatty():
        return True
    kernel = _library("kernel32")
    kernel.GetStdHandle.restype = ctypes.c_void_p
    console, mode = ctypes.c_void_p(kernel.GetStdHandle(STANDARD_OUTPUT)), ctypes.c_ulong()
    with suppress(OSError):
        if kernel.GetConsoleMode(console, ctypes.byref(mode)):
            return bool(kernel.SetConsoleMode(console, mode.value | VIRTUAL_TERMINAL))
    return False


def settings_folder() -> Path | None:
    """Return the folder for settings, which follows the account to other machines."""
    named = os.environ.get("APPDATA", "")
    return Path(named) if named else None


EDITOR, PAGER = "notepad", "less"
"""The default editor and pager."""


def opener() -> str | None:
    """Return the name of what opens a file: Windows itself, by file association."""
    return "explorer"


def show(path: Path) -> None:
    """Open a file with the program associated with its kind; raises OSError."""
    os.startfile(path)  # type: ignore[attr-defined]  # noqa: S606 - the user asked for it
