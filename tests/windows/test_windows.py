"""What an office does on Windows: files, keys, logins, drives, consoles, several at once."""

import json
import shutil
from pathlib import Path
from shlex import split

import pytest

pytestmark = pytest.mark.timeout(1500)

COMMANDS = Path(__file__).with_name("commands.txt").read_text("utf-8").splitlines()
TAIL = 300

HOLDER = """
import ctypes, sys
kernel = ctypes.WinDLL("kernel32")
handle = kernel.CreateFileW(sys.argv[1], 0x80000000, 0, None, 3, 0, None)
assert handle != -1
print("held", flush=True)
sys.stdin.read()
"""
"""A program that has a file open and shares it with nobody, as Word does."""

ACCOUNT = """
import ctypes
name, length = ctypes.create_unicode_buffer(256), ctypes.c_ulong(256)
assert ctypes.WinDLL("secur32").GetUserNameExW(2, name, ctypes.byref(length))
print(name.value)
"""

BY_TOKEN = "from casework.system.platforms import windows; print(windows._account_of_token())"

ENDED = """
import os, signal, sys, tempfile, threading
from pathlib import Path
from casework.office import maintenance
from casework.store import db
from casework.system import platforms
from casework.system.platforms import windows
platforms.heed_endings()
maintenance.LARGE = 0
windows.GRACE = 0.1
tempfile.tempdir = sys.argv[2]
ways = {
    "break": lambda: signal.raise_signal(signal.SIGBREAK),
    "close": lambda: threading.Thread(target=windows.closed, args=(windows.CLOSE,)).start(),
}
try:
    with maintenance.aside(db.open_store("r.db")):
        assert os.listdir(sys.argv[2])
        ways[sys.argv[1]]()
        threading.Event().wait(60)
    print("not ended")
except KeyboardInterrupt:
    print("ended, and left", os.listdir(sys.argv[2]))
"""


def test_sixty_commands_of_an_office_all_succeed(windows):
    lines = [line for line in COMMANDS if not line.startswith("#")]
    failed = []
    for line in lines:
        done = windows.run(*windows.words(*split(line)))
        if done.returncode != 0:
            failed.append((done.returncode, line, done.stderr.decode()[-TAIL:]))

    assert len(lines) == 60
    assert failed == []


def test_text_on_standard_output_is_the_same_bytes_as_in_a_file(register):
    printed = register.casework("audit", "checkpoint").stdout
    (register.place / "printed.txt").write_bytes(printed)
    register.casework("audit", "verify", "--checkpoint", "printed.txt")
    register.casework("export", "cases.csv")
    exported = register.casework("export", "-").stdout
    key = register.casework("audit", "key").stdout

    assert exported == (register.place / "cases.csv").read_bytes()
    assert b"\r" not in printed + key + exported.replace(b"\r\n", b"")
    assert key.decode().strip() in register.casework("audit", "key").stdout.decode()


def test_a_login_is_the_account_the_system_tells_and_nobody_elses(register):
    account = register.code(ACCOUNT).strip()
    (person,) = json.loads(register.casework("person", "list", "--json").stdout)
    forged = {"USERNAME": "minister", "USERDOMAIN": "OFFICE"}
    register.casework("note", "A.1", "text", env=forged)
    last = json.loads(register.casework("history", "A.1", "--json").stdout)[-1]

    assert "\\" in account
    assert person["login"] == last["login"] == account
    assert register.code(BY_TOKEN).strip() == account


def test_a_register_of_everybodys_login_says_how_its_registrar_gets_in(register):
    register.casework("person", "edit", "registrar", "--login", "uid-0")
    told = register.casework("note", "A.1", "text", code=3).stderr.decode()
    line = " ".join(told.split()).partition("own login: casework ")[2]
    words = line.replace("\\", "\\\\")
    register.casework(*split(words))
    register.casework("note", "A.1", "text")

    assert register.code(ACCOUNT).strip() in line


def test_where_the_system_tells_no_account_nobody_acts(register):
    code = (
        "from casework.system.platforms import windows\n"
        "windows._account = windows._account_of_token = lambda: ''\n"
        "from casework.cli import casework; casework(['note', 'A.1', 'text'])"
    )
    done = register.run(register.python, "-c", code)

    assert done.returncode == 6
    assert b"does not tell under which account" in done.stderr


def test_what_is_private_lets_in_nobody_but_its_owner(register):
    code = (
        "import sys; from pathlib import Path; from casework.system import platforms\n"
        "print([platforms.others_read(Path(one)) for one in sys.argv[1:]])"
    )
    register.casework("audit", "checkpoint", "--to", "one.txt")
    register.casework("db", "backup", "b.db")
    register.casework("export", "open.csv")
    (key,) = register.place.rglob("*.key")
    inside = "C:" + str(key).removeprefix(str(register.drive)).replace("/", "\\")
    told = register.code(code, "r.db", "b.db", inside, "open.csv")
    shutil.copymode(register.place / "open.csv", key)
    refused = register.casework("audit", "checkpoint", "--to", "two.txt", code=8).stderr.decode()

    assert told.strip() == "[False, False, False, True]"
    assert "icacls" in refused
    assert "chmod" not in refused


def test_what_replaces_a_file_lets_in_who_was_let_in_before(register):
    code = (
        "import sys; from pathlib import Path; from casework.system import platforms\n"
        "print([platforms.others_read(Path(one)) for one in sys.argv[1:]])"
    )
    private = "from pathlib import Path; from casework.system import platforms\n"
    register.code(private + "platforms.make_private(Path('own.csv'))")
    for name in ("own.csv", "new.csv"):
        register.casework("export", name, "--force")

    assert register.code(code, "own.csv", "new.csv").strip() == "[False, True]"


def test_a_file_that_is_open_elsewhere_is_to_be_closed_first(register):
    line = "report overdue --until 2030-01-01 --output o.docx --force"
    register.casework(*split(line))
    before = (register.place / "o.docx").read_bytes()
    with register.start(register.python, "-c", HOLDER, "o.docx") as holder:
        assert holder.stdout.readline().strip() == b"held"
        refused = register.casework(*split(line), code=8).stderr.decode()
        holder.stdin.close()
        holder.wait()
    left = [one.name for one in register.place.iterdir() if one.name.startswith(".")]
    same = (register.place / "o.docx").read_bytes() == before
    register.casework(*split(line))

    assert "close it in the program that has it open" in refused
    assert (left, same) == ([], True)


@pytest.mark.parametrize("way", ["break", "close"])
def test_ctrl_break_and_a_closed_window_leave_no_copy_of_the_register(register, way):
    (register.place / "scratch").mkdir()

    assert register.code(ENDED, way, "scratch").strip() == "ended, and left []"


def test_drives_and_paths_are_known_for_what_they_are(register):
    register.run("reg", "add", r"HKLM\Software\Wine\Drives", "/v", "n:", "/d", "network", "/f")
    drive = register.drive.parent / "dosdevices" / "n:"
    if not drive.is_symlink():
        (register.place / "share").mkdir()
        drive.symlink_to(register.place / "share")
    kind = "import ctypes; print(ctypes.WinDLL('kernel32').GetDriveTypeW('N:\\\\'))"
    told = {
        place: register.casework("--db", place, "init", code=8).stderr.decode()
        for place in (r"\\server\share\r.db", "//server/share/r.db", "CON", "nul.db")
    }
    if register.code(kind).strip() == "4":
        mapped = register.casework("--db", r"N:\r.db", "init", code=8).stderr.decode()
        assert "the network drive N:" in mapped
    register.casework("--db", "Bộ Ngoại giao\\sổ đăng ký.db", "init", "--no-holidays")
    (register.place / "OneDrive - Office").mkdir()
    said = register.casework("--db", "OneDrive - Office\\r.db", "init", "--no-holidays")

    for place, message in told.items():
        assert ("network share" if "server" in place else "a device") in message, place
    assert (register.place / "Bộ Ngoại giao" / "sổ đăng ký.db").exists()
    assert b"OneDrive copies to other machines" in said.stderr


def test_an_import_of_thousands_of_rows_verifies(register):
    rows = [f"Recommendation {number},mofa,B.{number}" for number in range(3000)]
    text = "\r\n".join(["title,proposer,ref", *rows, ""])
    (register.place / "many.csv").write_bytes(text.encode("utf-8-sig"))
    register.casework("import", "many.csv")
    found = json.loads(register.casework("audit", "verify", "--json").stdout)

    assert found["ok"] is True
    assert found["size"] >= len(rows)


def test_a_bundle_is_in_order_by_its_own_verifier_under_windows(register):
    (register.place / "bundle").mkdir()
    register.casework("audit", "export", "--to", "bundle")
    key = register.casework("audit", "key").stdout.decode().strip().splitlines()[-1].split()[-1]
    words = (register.python, "bundle\\verify_bundle.py", "bundle", "--key", key)
    right = register.run(*words)
    events = register.place / "bundle" / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b"A.1", b"A.3", 1))
    wrong = register.run(*words)

    assert right.returncode == 0, right
    assert b"IN ORDER" in right.stdout
    assert wrong.returncode == 1, wrong


def test_six_who_write_at_once_lose_nothing(register):
    before = json.loads(register.casework("audit", "verify", "--json").stdout)["size"]
    code = (
        "import sys; from casework.cli import casework\n"
        "for number in range(3):\n"
        "    try: casework(['note', 'A.1', f'{sys.argv[1]}-{number}'])\n"
        "    except SystemExit as end: assert not end.code, end.code"
    )
    writers = [register.start(register.python, "-c", code, f"w{number}") for number in range(6)]
    told = [one.communicate(timeout=240) for one in writers]
    found = json.loads(register.casework("audit", "verify", "--json").stdout)

    assert [one.returncode for one in writers] == [0] * 6, told
    assert (found["ok"], found["size"]) == (True, before + 18)


def test_the_demonstration_can_be_repeated_and_what_it_says_to_try_works(windows):
    windows.casework("demo")
    shown = windows.casework("demo").stdout.decode()
    tries = [line.strip() for line in shown.partition("Try next:")[2].splitlines() if line.strip()]
    done = [windows.run("cmd", "/c", line) for line in tries]

    assert len(tries) == 3
    assert [one.returncode for one in done] == [0, 0, 0], done
    assert b"none" not in done[0].stdout.splitlines()


def test_without_the_library_signatures_are_the_same(register):
    register.casework("audit", "checkpoint", "--to", "one.txt")
    code = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from casework.cli import casework; casework(sys.argv[1:])"
    )
    register.code(code, "audit", "checkpoint", "--to", "two.txt")
    one, two = (register.place / name for name in ("one.txt", "two.txt"))

    assert one.read_bytes() == two.read_bytes()
