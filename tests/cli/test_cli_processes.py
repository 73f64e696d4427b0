"""The installed command as the operating system runs it: processes, streams, locales, signals."""

import json
import os
import pwd
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from shlex import split
from zoneinfo import ZoneInfo

import pytest

COMMAND = Path(sys.executable).with_name("casework")
ROWS = "title,proposer\n" + "".join(f"Đề án {number:0>500},o\n" for number in range(1_000))
HEAVY = ("sqlalchemy", "alembic", "transitions")
PIPE = subprocess.PIPE


@pytest.fixture(autouse=True)
def _buffered(monkeypatch):
    """Streams are as the command finds them, whatever the tests run under."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)


@pytest.fixture
def engine():
    """On SQLite only: a process is started in the same way on either engine."""
    return "sqlite"


@pytest.fixture
def shell(shell, monkeypatch):
    """A register; processes find it in their environment."""
    monkeypatch.setenv("CASEWORK_DB", shell.url)
    return shell


@pytest.fixture
def register(shell):
    """A register with an organisation and a case, asked within the process of the test."""
    shell(*split("org add o --name Office"))
    shell(*split("propose --proposer o --title T"))
    return shell


@pytest.fixture
def broken_pipe():
    """A pipe nobody reads from."""
    read, write = os.pipe()
    os.close(read)
    yield write
    os.close(write)


def run(line, *words, env=None, **how):
    """Run the installed command in a process of its own, on the store of the environment."""
    how = {"stdout": PIPE, "stderr": PIPE, "encoding": "utf-8", "timeout": 60} | how
    return subprocess.run([COMMAND, *split(line), *words], env=os.environ | (env or {}), **how)


def imported(line):
    """Return the names of the modules the command imports."""
    command = [sys.executable, "-X", "importtime", COMMAND, *split(line)]
    rows = subprocess.run(command, capture_output=True, text=True).stderr.splitlines()
    return {row.rpartition("|")[2].strip() for row in rows}


def test_one_process_makes_the_register_another_writes_and_a_third_reads(tmp_path):
    env = {"CASEWORK_DB": str(tmp_path / "fresh" / "register.db")}
    made = run("init --no-holidays", env=env)
    run("org add o --name Office", env=env)
    proposed = run("propose --json --proposer o --title", "Đề án 🏛️", env=env)

    assert made.returncode == 0
    ref = json.loads(proposed.stdout)["ref"]
    assert json.loads(run(f"show {ref} --json", env=env).stdout)["title"] == "Đề án 🏛️"
    assert "in order: 4 events" in run("audit verify", env=env).stdout


def test_the_module_runs_like_the_command():
    command = [sys.executable, "-m", "casework", "--version"]
    said = subprocess.run(command, capture_output=True, text=True)

    assert said.stdout.startswith("casework ")
    assert said.stdout == run("--version").stdout


@pytest.mark.parametrize("line", ["list", "list --json", "list --format csv", "export -"])
def test_a_reader_that_stops_early_gets_its_lines_and_no_traceback(register, line):
    register("import", "-", input=ROWS)

    with subprocess.Popen([COMMAND, *split(line)], stdout=PIPE, stderr=PIPE) as process:
        first = process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()

    assert first.strip()
    assert told == b""
    assert process.returncode == 0


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("line", ["list", "show CASE.001", "--help", "--version", "db path"])
def test_a_reader_that_is_gone_is_no_error(broken_pipe, line):
    done = run(line, stdout=broken_pipe)

    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize("output", ["broken", "full", "closed"])
def test_an_act_that_was_recorded_is_not_reported_as_nothing_changed(register, broken_pipe, output):
    command = [COMMAND, "note", "CASE.001", "text"]
    if output == "closed":
        command = ["sh", "-c", 'exec "$@" >&-', "sh", *command]

    with Path("/dev/full").open("w") as full:
        target = {"broken": broken_pipe, "full": full}.get(output)
        done = subprocess.run(command, stdout=target, stderr=PIPE, text=True)

    assert register.json("history", "CASE.001")[-1]["act"] == "note"
    assert "Traceback" not in done.stderr
    assert "othing was changed" not in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_output_and_input_are_utf_8_in_any_locale(register, env):
    run("import -", input="title,proposer\nĐề án 🏛️,o\n", env=env)

    assert "Đề án 🏛️" in run("list", env=env).stdout
    assert "Đề án 🏛️" in run("export -", env=env).stdout
    assert [case["title"] for case in register.json("list")] == ["T", "Đề án 🏛️"]


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("line", ["propose --proposer o --title", "show", "search", "org show"])
def test_bytes_that_are_no_text_are_refused_on_the_command_line(line):
    done = run(line, b"\xff\xfe", "--json")

    assert done.returncode in {2, 3}
    assert done.stdout == ""
    assert json.loads(done.stderr)["error"]["exit"] == done.returncode


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_dates_are_those_of_the_office_in_any_zone_of_the_machine(zone):
    def today():
        return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()

    start = today()
    rows = "ref,title,proposer,due\nA.1,T,o,2999-12-31\n"
    run("import -", input=rows, env={"TZ": zone})
    shown = json.loads(run("show A.1 --json", env={"TZ": zone}).stdout)
    report = json.loads(run("report overdue --json", env={"TZ": zone}).stdout)

    assert shown["due"] == "2999-12-31"
    assert start <= shown["proposed_on"] <= today()
    assert start <= report["as_of"] <= today()


def test_who_is_logged_in_is_asked_of_the_system_and_not_of_the_environment(register):
    bob = dict.fromkeys(("USER", "LOGNAME", "USERNAME", "LNAME"), "bob")
    done = run("note CASE.001 text", env=bob)

    assert done.returncode == 0
    event = register.json("history", "CASE.001")[-1]
    assert event["act"] == "note"
    assert event["login"] == pwd.getpwuid(os.getuid()).pw_name != "bob"
    assert event["actor"] == "registrar"


@pytest.mark.parametrize("line", ["--help", "assign --help", "report overdue --help", "org --help"])
def test_help_imports_neither_the_database_nor_the_state_machine(line):
    modules = imported(line)

    assert "casework.cli" in modules
    assert modules.isdisjoint(HEAVY)


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    "line",
    [
        "list",
        "show CASE.001",
        "history CASE.001",
        "note CASE.001 text",
        "report overdue",
        "report progress",
        "export -",
        "audit status",
        "audit verify --log-only",
    ],
)
def test_what_is_often_asked_of_a_file_imports_nothing_that_composes_statements(line):
    modules = imported(line)

    assert "casework.store.compiled" in modules
    assert modules.isdisjoint(HEAVY)


def test_the_version_is_told_without_importing_the_command_line():
    modules = imported("--version")

    assert "casework.__main__" in modules
    assert modules.isdisjoint({*HEAVY, "click", "casework.cli"})


def test_an_interrupted_command_exits_with_130_and_has_changed_nothing(register):
    before = register.head()
    command = [COMMAND, "import", "-"]

    def heed():
        # A shell starts what runs in the background with this signal ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    pipes = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE}
    with subprocess.Popen(command, **pipes, preexec_fn=heed) as process:  # noqa: PLW1509
        # More than a pipe holds: once it is written, the command is reading its input.
        process.stdin.write(ROWS.encode() * 2)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)

    assert process.returncode == 130
    assert register.head() == before
    assert b"Traceback" not in told
    assert b"interrupted" in told
