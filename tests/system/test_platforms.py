"""What each operating system does its own way; tests/windows tries it under a Windows Python."""

import errno
import json
import os
import plistlib
import re
import signal
import subprocess
import sys
import threading
import time
from io import StringIO
from pathlib import Path
from shlex import split
from types import SimpleNamespace

import pytest
import tree_sitter_powershell
from offices import Shell
from tree_sitter import Language, Parser

from casework.acts import actors
from casework.cli import output, powershell
from casework.cli.language import of_the_system
from casework.cli.settings import Settings
from casework.errors import UsageError
from casework.kinds import forms
from casework.store import failures, sqlite_file
from casework.system import platforms
from casework.system.platforms import names, posix, windows

ROOT = Path(__file__).parents[2]
POWERSHELL = re.compile(rb"^```powershell\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND = Path(sys.executable).with_name("casework")
DEVICES = ["CON", "nul", "Aux.txt", "com1", "LPT9.tar.gz", "COM²", "prn ", "CONIN$"]
OTHERS = ["CONSUL", "com", "com10", "nulls", "xcon", "auxiliary.txt", "a.con"]
ODD = ["a:b", "office.", "con", "NUL.x"]


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_is_known_by_its_name_with_any_ending(name):
    assert names.is_device(name)
    assert windows.device(Path("/folder") / name)
    assert not posix.device(Path("/folder") / name)


@pytest.mark.parametrize("name", OTHERS)
def test_other_names_are_no_devices(name):
    assert not names.is_device(name)
    assert names.fits_everywhere(name)


def is_code(words):
    try:
        return actors.code(words, "the code") == words
    except UsageError:
        return False


def test_a_code_is_to_a_server_what_it_is_to_the_program():
    letters = map(chr, [*range(1, 0xD800), *range(0xE000, 0x20000)])
    taken = [f"a{letter}b" for letter in letters if is_code(f"a{letter}b")]
    known = re.compile(forms.NEW_CODE)

    assert len(taken) > 50_000
    assert [words for words in taken if not known.search(words)] == []
    for words in (*DEVICES, *ODD, *OTHERS, "a.", ".", "..", " a", "a/b", 'a"b', "a'b", "a\u202eb"):
        assert bool(known.search(words)) == is_code(words), words


@pytest.mark.parametrize("code", ODD)
@pytest.mark.parametrize(
    "line",
    [
        "org add {} --name O",
        "person add {} --name P --org mofa",
        "conference add {} --number 30",
        "propose --title T --proposer vufo --ref {}",
    ],
)
def test_a_code_that_is_no_name_of_a_file_somewhere_is_refused(office, line, code):
    message = office.refused(2, *split(line.format(code)))["message"]

    assert code in message


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (r"\\server\name\r.db", True),
        ("//server/name/r.db", True),
        (r"\\?\UNC\server\name\r.db", True),
        (r"\\wsl$\Debian\r.db", True),
        (r"C:\a\r.db", False),
        (r"\\?\C:\a\r.db", False),
        (r"\\.\C:\r.db", False),
        (r"\a\r.db", False),
        (r"C:r.db", False),
    ],
)
def test_a_share_is_known_by_its_path(path, found):
    assert windows.share(path) is found


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("OneDrive", "OneDrive"),
        ("OneDrive - Bộ Ngoại giao", "OneDrive"),
        ("Dropbox (Office)", "Dropbox"),
        ("Google Drive", "Google Drive"),
        ("Library/CloudStorage/GoogleDrive-lan@example.org/My Drive", "Google Drive"),
        ("Library/CloudStorage/Box-Box", "Box"),
        ("Library/Mobile Documents/com~apple~CloudDocs", "iCloud"),
        ("iCloudDrive", "iCloud"),
        ("Documents", None),
        ("OneDriver", None),
    ],
)
def test_a_synchronised_folder_is_known_by_its_name(tmp_path, folder, service):
    place = tmp_path / folder / "registers"
    place.mkdir(parents=True)

    assert names.synchronised(place / "r.db") == service


@pytest.mark.parametrize(("mark", "service"), [(".dropbox", "Dropbox"), (".stfolder", "Syncthing")])
def test_it_is_known_by_what_its_service_keeps_in_it(tmp_path, mark, service):
    (tmp_path / "shared" / "deep").mkdir(parents=True)
    (tmp_path / "shared" / mark).touch()

    assert names.synchronised(tmp_path / "shared" / "deep" / "r.db") == service
    assert names.synchronised(tmp_path / "r.db") is None


def test_it_is_known_by_what_onedrive_tells_programs(tmp_path, monkeypatch):
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "work"))
    (tmp_path / "work").mkdir()

    assert names.synchronised(tmp_path / "work" / "r.db") == "OneDrive"
    assert names.synchronised(tmp_path / "r.db") is None


def test_who_had_everybodys_login_is_told_the_way_in(shell, monkeypatch):
    shell(*split("person edit registrar --login uid-0"))
    monkeypatch.setattr(actors, "os_login", lambda: "OFFICE\\lan")
    before = shell.refused(3, *split("org add o --name O"))
    monkeypatch.setattr(platforms, "FORMER_LOGIN", "uid-0")
    error = shell.refused(3, *split("org add o --name O"))

    assert "uid-0" not in before["hint"]
    assert "registrar" in error["hint"]
    if "://" in shell.url:
        return  # There a server knows everybody's login, and this one's is the superuser.
    said = error["hint"].partition("own login: casework ")[2]
    shell(*split(said.replace("\\", "\\\\")))
    shell(*split("org add o --name O"))
    assert shell.json("person", "show", "registrar")["login"] == "OFFICE\\lan"


def test_a_key_others_can_read_is_refused_with_the_systems_own_command(shell, tmp_path):
    shell(*split("audit checkpoint --to"), str(tmp_path / "cp"))
    key = next(tmp_path.rglob("*.key"))
    key.chmod(0o644)
    error = shell.refused(8, *split("audit checkpoint --to"), str(tmp_path / "cp2"))

    assert platforms.close_hint(key) in error["hint"]
    assert error["hint"].startswith(f"chmod 600 {key}")


def test_what_is_open_elsewhere_is_to_be_closed(shell, tmp_path, monkeypatch):
    file = tmp_path / "o.csv"
    file.write_text("before")

    def taken(_, __):
        raise PermissionError(errno.EACCES, "Access denied")

    monkeypatch.setattr(platforms, "in_use", lambda error: error.errno == errno.EACCES)
    monkeypatch.setattr(Path, "replace", taken)
    error = shell.refused(
        8, *split("report overdue --until 2030-01-01 --force --output"), str(file)
    )

    assert "close it" in error["hint"]
    assert file.read_text() == "before"


def test_the_errors_of_files_in_use_are_those_of_windows():
    error = PermissionError(errno.EACCES, "denied")
    assert not windows.in_use(error)
    error.winerror = 32
    assert windows.in_use(error)
    assert not posix.in_use(error)


@pytest.mark.parametrize("place", ["con.db", "NUL"])
def test_a_register_is_no_device(tmp_path, monkeypatch, shell, place):
    other = type(shell)(str(tmp_path / place))
    monkeypatch.setattr(platforms, "device", windows.device)
    told = [other.refused(8, "init"), other.refused(8, "list")]

    assert {place in error["message"] for error in told} == {True}
    assert not (tmp_path / place).exists()


def test_a_network_drive_is_refused_by_what_the_system_says_of_it(tmp_path, monkeypatch, shell):
    other = type(shell)(str(tmp_path / "r.db"))
    monkeypatch.setattr(platforms, "network", lambda _: "the network drive Z:")
    message = other.refused(8, "init")["message"]

    assert "the network drive Z:" in message


def interrupted_by(teller):
    teller.start()
    while True:
        # The interpreter tells it between two steps; no signal ends a pause.
        time.sleep(0.01)


def test_a_closed_window_interrupts_the_command_and_waits_for_its_end(monkeypatch):
    monkeypatch.setattr(windows, "GRACE", 0.01)
    # A shell that starts the tests beside itself has them ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    told = []
    teller = threading.Thread(target=lambda: told.append(windows.closed(windows.CLOSE)))
    with pytest.raises(KeyboardInterrupt):
        interrupted_by(teller)
    teller.join()
    signal.signal(signal.SIGINT, before)

    assert told == [1]
    assert windows.closed(0) == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_who_is_asked_to_end_clears_up_first(name):
    code = (
        # As a terminal starts it: under nohup it would ignore a HUP.
        f"import signal, sys; signal.signal(signal.{name}, signal.SIG_DFL)\n"
        "from casework.system.platforms import heed_endings; heed_endings()\n"
        f"try: signal.raise_signal(signal.{name}); signal.pause()\n"
        "except KeyboardInterrupt: sys.exit(130)"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=60)

    assert done.returncode == 130


def test_a_command_under_nohup_goes_on_without_its_terminal():
    code = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from casework.system.platforms import heed_endings; heed_endings()\n"
        "signal.raise_signal(signal.SIGHUP)"
    )

    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_on_macos_the_drive_is_told_to_write_what_it_holds():
    code = (
        "import sys; sys.platform = 'darwin'\n"
        "from casework.store import sqlite_file; from pathlib import Path\n"
        "import sqlite3; made = sqlite3.connect(sys.argv[1])\n"
        "made.execute('create table t (x)'); made.close()\n"
        "from casework.system.platforms import posix\n"
        "posix.network = sqlite_file.platforms.network = lambda _: None\n"
        "found = sqlite_file.connect(Path(sys.argv[1]))\n"
        "print(found.execute('PRAGMA fullfsync').fetchone(),"
        " found.execute('PRAGMA checkpoint_fullfsync').fetchone())"
    )
    file = Path(os.environ["HOME"]) / "s.db"
    done = subprocess.run(
        [sys.executable, "-c", code, file], timeout=60, capture_output=True, text=True
    )

    assert done.stdout == "(1,) (1,)\n", done.stderr
    assert "fullfsync" not in sqlite_file.PRAGMAS or sys.platform == "darwin"


@pytest.mark.parametrize(
    ("line", "word", "expected"),
    [
        ([], "as", ["assign"]),
        (["audit"], "che", ["checkpoint"]),
        ("audit", "ver", ["verify"]),
        (["report", "overdue"], "--bef", ["--before"]),
    ],
)
def test_powershell_is_told_what_a_line_may_go_on_with(line, word, expected):
    asked = {
        "_CASEWORK_COMPLETE": "powershell_complete",
        "CASEWORK_COMPLETE_LINE": json.dumps(line),
        "CASEWORK_COMPLETE_WORD": word,
    }
    done = subprocess.run([COMMAND], env=os.environ | asked, capture_output=True, text=True)
    rows = [row.split("\t") for row in done.stdout.splitlines()]

    assert done.stderr == ""
    assert [row[1] for row in rows] == expected
    assert all(len(row) == 3 and row[0] == "plain" and row[2] for row in rows)


def test_the_script_for_powershell_asks_by_the_names_it_is_answered_by(shell):
    script = shell("completion", "powershell").stdout

    assert "$names = @('casework', 'casework.exe')" in script
    for name in ("_CASEWORK_COMPLETE", powershell.LINE, powershell.WORD):
        assert f"$env:{name} =" in script
        assert f"Env:{name}" in script
    assert "%(" not in script


def unread(script):
    """Return the lines of a script that are none by the grammar of PowerShell."""
    nodes, wrong = [Parser(Language(tree_sitter_powershell.language())).parse(script).root_node], []
    while nodes:
        node = nodes.pop()
        nodes += node.children
        if node.type == "ERROR" or node.is_missing:
            wrong.append(node.start_point.row + 1)
    return wrong


def test_what_is_written_for_powershell_is_powershell(shell):
    pages = (ROOT / "docs").glob("installing*.md")
    shown = [one for page in pages for one in POWERSHELL.findall(page.read_bytes())]
    script = shell("completion", "powershell").stdout.encode()

    assert len(shown) >= 2
    assert [unread(one) for one in (script, *shown)] == [[]] * (1 + len(shown))
    for spoilt in (b'-split "`t"', b"$help)"), (b"try {", b"try"), (b"'", b""):
        assert unread(script.replace(*spoilt, 1)) != []


def test_completion_is_asked_for_by_one_name_whatever_the_program_is_called(tmp_path):
    # Installed on Windows it is casework.exe, and click would look for another variable.
    program = tmp_path / "casework.exe"
    program.write_text(COMMAND.read_text())
    asked = {"_CASEWORK_COMPLETE": "bash_complete", "COMP_WORDS": "casework au", "COMP_CWORD": "1"}
    command = [sys.executable, program]
    done = subprocess.run(command, env=os.environ | asked, capture_output=True, text=True)

    assert done.stdout == "plain,audit\n"


def test_a_new_register_in_a_synchronised_folder_says_so_once_and_doctor_always(tmp_path):
    folder = tmp_path / "OneDrive - Office"
    folder.mkdir()
    shell = Shell(str(folder / "r.db"))
    first, again = shell("init", "--no-holidays"), shell("init", "--no-holidays")

    assert "OneDrive copies to other machines" in first.stderr
    assert again.stderr == ""
    assert shell.json("doctor")["synchronised_by"] == "OneDrive"


def test_a_register_that_others_can_read_is_told(tmp_path, monkeypatch):
    shell = Shell(str(tmp_path / "r.db"))
    private = shell("init", "--no-holidays")
    found = shell.json("doctor")
    (tmp_path / "r.db").chmod(0o640)
    other = Shell(str(tmp_path / "other.db"))
    # As on a drive that keeps no rights.
    monkeypatch.setattr(platforms, "make_private", Path.touch)
    monkeypatch.setattr(sqlite_file, "make_private", Path.touch)
    open_ = other("init", "--no-holidays")

    assert "can read" not in private.stderr
    assert (found["readable_by"], found["synchronised_by"]) == ("its owner", None)
    assert shell.json("doctor")["readable_by"] == "others too"
    assert f"others can read {tmp_path / 'other.db'}" in open_.stderr


@pytest.mark.parametrize(
    "said",
    [
        "[Errno -2] Name or service not known",
        "[Errno 11001] getaddrinfo failed",
        "[Errno 8] nodename nor servname provided, or not known",
        'could not translate host name "nowhere" to address: No such host is known.',
    ],
)
def test_a_name_that_nobody_knows_is_not_waited_for(said):
    error = pytest.importorskip("psycopg").OperationalError(said)

    assert not failures._is_away(error, "")


@pytest.mark.parametrize(
    "said", ["[Errno -3] Temporary failure in name resolution", "[Errno 11002] getaddrinfo failed"]
)
def test_a_name_service_that_is_away_is_waited_for(said):
    error = pytest.importorskip("psycopg").OperationalError(said)

    assert failures._is_away(error, "")


def test_a_terminal_that_shows_no_colours_gets_none(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("TERM", raising=False)
    monkeypatch.setattr(sys, "stdout", Terminal())
    shown = output.coloured(Settings(color="auto"))
    monkeypatch.setattr(output, "colours", lambda: False)

    assert (shown, output.coloured(Settings(color="auto"))) == (True, False)


@pytest.mark.parametrize(
    ("environment", "terminal", "shown"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"CLICOLOR_FORCE": "0"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({"CLICOLOR": "0"}, True, False),
        ({"CLICOLOR": "1"}, False, False),
    ],
)
def test_colours_are_as_the_environment_says(environment, terminal, shown, monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal() if terminal else StringIO())
    monkeypatch.setattr(output, "colours", lambda: True)

    assert output.coloured(Settings(color="auto")) is shown
    assert output.coloured(Settings(color="always"))
    assert not output.coloured(Settings(color="never"))


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("number", "lang"), [(0x042A, "vi"), (0x0409, "en"), (0x0C0A, "en")])
def test_windows_tells_the_language_it_speaks_to_its_user(number, lang, monkeypatch):
    kernel = SimpleNamespace(GetUserDefaultUILanguage=lambda: number)
    monkeypatch.setattr(windows, "_library", lambda _: kernel)

    assert windows.language() == lang


@pytest.mark.parametrize(
    ("kept", "lang"),
    [
        ({"AppleLanguages": ["vi-VN", "en-VN"]}, "vi"),
        ({"AppleLanguages": ["en-VN", "vi-VN"]}, "en"),
        ({"AppleLanguages": []}, "en"),
        ({"AppleLanguages": "vi"}, "en"),
        ({}, "en"),
        (None, "en"),
    ],
)
def test_macos_tells_the_language_its_user_reads_first(kept, lang, monkeypatch, tmp_path):
    monkeypatch.setattr(posix.sys, "platform", "darwin")
    if kept is not None:
        file = tmp_path / posix.PREFERENCES
        file.parent.mkdir(parents=True)
        file.write_bytes(plistlib.dumps(kept, fmt=plistlib.FMT_BINARY))
    for name in ("CASEWORK_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    assert of_the_system() == lang


def test_the_systems_settings_are_asked_only_where_the_environment_says_nothing(monkeypatch):
    monkeypatch.setattr(platforms, "language", lambda: "vi-VN")

    assert of_the_system() == "en"
    monkeypatch.delenv("LANGUAGE")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert of_the_system() == "vi"
