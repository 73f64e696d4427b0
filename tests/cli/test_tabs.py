"""bash, zsh and fish on a terminal: what is typed, a Tab, and what the shell then runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from offices import Shell

from casework.office.demo import build

pty = pytest.importorskip("pty")
BIN = Path(sys.executable).parent

TYPED = {
    "show 003-0\t7": "show 003-07",
    "history 002-1\t1": "history 002-11",
    "assign 001-02 --owner ce\tr": "assign 001-02 --owner cer",
    "list --owner VU\t": "list --owner vufo",
    "list --conference hc\t": "list --conference HCMC-REVIEW-2024",
    "conference show nc\t": "conference show NCFA-2021",
    "audit log --actor du\t": "audit log --actor duong-anh-duc",
    "close 001-02 --outcome wi\t": "close 001-02 --outcome withdrawn",
    "correct 000-08 --field title_\t": "correct 000-08 --field title_vi",
    "person add lan --org politb\t": "person add lan --org politburo",
    "paper show 0\t": "paper show 01/BC-BTK",
    "paper issue prog\t": "paper issue progress",
    "list --view la\t": "list --view late-ones",
    "list --columns ref,days_o\t": "list --columns ref,days_overdue",
    "list --sort -original\t": "list --sort -original_due",
    "report progress --where no-off\t": "report progress --where no-officer",
    "answer 000-08 --template dec\t": "answer 000-08 --template decree",
    "note 000-08 x --for duong-anh\t": "note 000-08 x --for duong-anh-duc",
    "verdict 003-21 sat\t": "verdict 003-21 satisfied",
}
"""Command lines as they are typed, and the words that are run."""

SHELLS = {
    "bash": (
        ["bash", "--noprofile", "--rcfile", "{rc}", "-i"],
        'casework() { printf "%s" "=BEGIN=$*=END="; }\n',
    ),
    "zsh": (
        ["zsh", "-i"],
        'casework() { printf "%s" "=BEGIN=$*=END=" }\n',
    ),
    "fish": (
        ["fish", "--private", "--init-command", "source {rc}"],
        'set -g fish_greeting\nfunction casework; printf "%s" "=BEGIN=$argv=END="; end\n',
    ),
}
"""How a shell is started, and what it begins with: the command that was run is told, not done."""


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    register = Shell(str(build(folder)))
    register("office", "set", "--name", "Ban", "--series", "BC-BTK")
    register("paper", "issue", "progress", "--output", folder / "progress.html")
    register("view", "save", "late-ones", "--overdue", "--shared")
    return register.url


def started(shell, home, demonstration):
    """Return a shell on a terminal of its own, for which completion has been installed."""
    words, begins = SHELLS[shell]
    own = {
        **dict.fromkeys(("HOME", "ZDOTDIR"), str(home)),
        **dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(home / "none yet")),
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
        "CASEWORK_DB": demonstration,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
    templates = home / "none yet" / "casework" / "templates"
    templates.mkdir(parents=True)
    (templates / "decree.txt").write_text("Decree")
    rc = home / f".{shell}rc"
    rc.write_text(begins)
    for _ in range(2):
        subprocess.run([BIN / "casework", "completion", shell, "--install"], env=own, check=True)
    assert rc.read_text().count("source") == (shell != "fish")
    place, number = pty.fork()
    if place == 0:
        command = [one.replace("{rc}", str(rc)) for one in words]
        os.chdir(home)
        os.execvpe(command[0], command, own)
    return place, number


def run(terminal, typed):
    """Return the words that a shell ran of what was typed."""
    os.write(terminal, f"casework {typed}\r".encode())
    sent = b""
    while b"=END=" not in sent:
        sent += os.read(terminal, 1 << 16)
    return sent.rpartition(b"=END=")[0].rpartition(b"=BEGIN=")[2].decode()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("shell", SHELLS)
def test_lines_are_completed_by_tab(shell, tmp_path, demonstration):
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here: apt-get install {shell}")
    place, terminal = started(shell, tmp_path, demonstration)
    try:
        found = {typed: run(terminal, typed).strip() for typed in TYPED}
    finally:
        os.close(terminal)
        os.waitpid(place, 0)

    assert found == TYPED
