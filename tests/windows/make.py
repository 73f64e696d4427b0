"""Make a folder with a Windows CPython and casework for it, to be run by Wine on Linux.

    python make.py FOLDER WHEEL

WHEEL is casework's own (`python -m build`). The interpreter is python311.dll, as the Python
Software Foundation signed it, out of the wheel of a package that ships it: panda3d, on PyPI. The
standard library is that of the Python 3.11 this runs under; programs and libraries that are missing
are compiled by MinGW-w64: python.exe, which calls the DLL; python3.dll, which hands the stable
interface on to it; and bcryptprimitives.dll, which Windows has and Wine 8 has not.

Exit: 0 made, 3 something it needs is not here; standard error says what.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

CARRIER = "panda3d==1.10.16"
COMPILER = "x86_64-w64-mingw32-gcc"
OBJDUMP = "x86_64-w64-mingw32-objdump"
LACKS = 3

PYTHON_EXE = r"""
#include <windows.h>
#include <stdio.h>
int wmain(int count, wchar_t **words) {
    HMODULE python = LoadLibraryW(L"python311.dll");
    if (python == NULL) {
        fprintf(stderr, "python311.dll: error %lu\n", GetLastError());
        return 99;
    }
    int (*run)(int, wchar_t **) = (int (*)(int, wchar_t **))GetProcAddress(python, "Py_Main");
    return run(count, words);
}
"""

BCRYPT = r"""
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE place, SIZE_T count) {
    return RtlGenRandom(place, (ULONG)count);
}
"""

NOT_COPIED = ("site-packages", "test", "lib-dynload", "__pycache__", "idlelib", "tkinter")


def lacking() -> str | None:
    """Return what this needs and is not here, None where all is."""
    if sys.version_info[:2] != (3, 11):
        return "this must run under Python 3.11, whose standard library is used"
    if platform.machine() != "x86_64":
        return "Wine and the Windows programs are those of x86-64"
    return next(
        (f"there is no {one}" for one in (COMPILER, OBJDUMP) if not shutil.which(one)), None
    )


def pip(*words: str | Path) -> None:
    """Run pip for Windows' wheels of Python 3.11."""
    target = ["--platform", "win_amd64", "--python-version", "3.11", "--only-binary=:all:"]
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *words, *target], check=True)


def unpack(wheel: Path, folder: Path) -> None:
    """Take the interpreter and its extension modules out of the wheel that ships them."""
    (folder / "DLLs").mkdir(exist_ok=True)
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            place, _, file = name.rpartition("/")
            if place == "deploy_libs" and file:
                beside = file.lower().startswith(("python311", "vcruntime"))
                target = folder / file if beside else folder / "DLLs" / file
                target.write_bytes(packed.read(name))


def compiled(source: str, target: Path, *words: str | Path) -> None:
    """Compile a C text into a Windows program or library."""
    file = target.with_suffix(".c")
    file.write_text(source, "utf-8")
    subprocess.run([COMPILER, "-O1", "-o", target, file, *words], check=True)
    file.unlink()


def exports(library: Path) -> list[str]:
    """Return the names that a Windows library exports."""
    command = [OBJDUMP, "-p", library]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    table = told.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0]
    return [line.split()[-1] for line in table.splitlines()[1:] if line.strip()]


def forwarder(folder: Path) -> None:
    """Make python3.dll, each of whose names is that of python311.dll."""
    names = "".join(f"  {one}=python311.{one}\n" for one in exports(folder / "python311.dll"))
    table = folder / "python3.def"
    table.write_text(f"LIBRARY python3.dll\nEXPORTS\n{names}", "ascii")
    compiled("int nothing(void) { return 0; }\n", folder / "python3.dll", "-shared", table)
    table.unlink()


def make(folder: Path, wheel: Path) -> None:
    """Make the whole of it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        pip("download", "--no-deps", "--dest", place, CARRIER)
        unpack(next(Path(place).glob("*.whl")), folder)
    library = sysconfig.get_paths()["stdlib"]
    shutil.copytree(
        library, folder / "Lib", ignore=shutil.ignore_patterns(*NOT_COPIED), dirs_exist_ok=True
    )
    compiled(PYTHON_EXE, folder / "python.exe", "-municode")
    compiled(BCRYPT, folder / "bcryptprimitives.dll", "-shared", "-ladvapi32")
    forwarder(folder)
    packages = folder / "Lib" / "site-packages"
    pip("install", "--upgrade", "--target", packages, f"{wheel}[pdf,cryptography]")


def main() -> int:
    """Make what the command line asks for."""
    folder, wheel = map(Path, sys.argv[1:])
    what = lacking()
    if what is not None:
        print(f"no Windows Python is made: {what}", file=sys.stderr)  # noqa: T201
        return LACKS
    make(folder, wheel.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
