"""A long result is shown by a pager, a written paper is opened, and no word is broken."""

import os
import re
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from offices import Shell
from terminals import shown

from casework.office.demo import build
from casework.system import platforms

pytest.importorskip("pty")

MARK = "=paged="
PAGER = f"{sys.executable} -c \"import sys; sys.stdout.write('{MARK}' + sys.stdin.read())\""


@pytest.fixture
def engine():
    return "sqlite"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    return str(build(tmp_path_factory.mktemp("demo")))


@pytest.fixture
def pager(monkeypatch):
    monkeypatch.setenv("CASEWORK_PAGER", PAGER)


@pytest.mark.usefixtures("pager")
def test_what_is_longer_than_the_screen_is_paged(demonstration):
    whole = shown(demonstration, 100, "--no-pager", "list")
    paged = shown(demonstration, 100, "list")

    assert MARK not in "".join(whole)
    assert "".join(paged).count(MARK) == 1
    assert [line.replace(MARK, "") for line in paged] == whole
    # What fits on a screen is left there; what acts, and what was not asked, are not paged.
    assert MARK not in "".join(shown(demonstration, 100, "show", "003-05"))
    assert MARK in "".join(shown(demonstration, 100, "report", "overdue"))
    assert MARK not in "".join(shown(demonstration, 100, "audit", "status"))


def test_a_pager_is_set_turned_off_or_not_there(demonstration, monkeypatch, tmp_path):
    file = tmp_path / "config.toml"
    monkeypatch.setenv("CASEWORK_CONFIG", str(file))
    file.write_text("pager = '''" + PAGER + "'''\n")
    monkeypatch.setenv("PAGER", "none-such")
    monkeypatch.setenv("CASEWORK_PAGER", "")
    assert MARK in "".join(shown(demonstration, 100, "list"))
    monkeypatch.setenv("CASEWORK_PAGER", "cat")
    assert MARK not in "".join(shown(demonstration, 100, "list"))
    monkeypatch.setenv("CASEWORK_PAGER", "none-such")
    assert "the pager none-such is not there" in "".join(shown(demonstration, 100, "list"))


@pytest.mark.parametrize("words", ['less "', "less \\"], ids=["quotation mark", "backslash"])
def test_a_pager_that_is_no_command_line_is_no_defect(demonstration, monkeypatch, words):
    monkeypatch.setenv("CASEWORK_PAGER", words)
    told = " ".join(" ".join(shown(demonstration, 100, "list")).split())

    assert "stands alone" in told
    assert "casework config set pager cat" in told


def test_a_reader_who_has_read_enough_is_no_error(demonstration, monkeypatch):
    monkeypatch.setenv("CASEWORK_PAGER", f"{sys.executable} -c pass")

    assert [line for line in shown(demonstration, 100, "list") if line] == []


def test_what_goes_through_a_pipe_is_not_paged(shell, monkeypatch):
    monkeypatch.setenv("CASEWORK_PAGER", PAGER)
    for number in range(40):
        shell("org", "add", f"o{number}", "--name", f"O{number}")

    assert MARK not in shell("org", "list").stdout


def test_nobody_waits_for_who_reads_a_page(demonstration, monkeypatch, tmp_path):
    store = shutil.copy(demonstration, tmp_path / "register.db")
    begun, read = tmp_path / "begun", tmp_path / "read"
    wait = f"open('{begun}', 'w').close()\nwhile not os.path.exists('{read}'): time.sleep(0.02)\n"
    script = tmp_path / "pager.py"
    script.write_text(f"import os, sys, time\n{wait}sys.stdout.write(sys.stdin.read())\n")
    monkeypatch.setenv("CASEWORK_PAGER", f"{sys.executable} {script}")
    with ThreadPoolExecutor(1) as other:
        # More than a pipe holds.
        told = other.submit(shown, str(store), 100, "list", "--json")
        try:
            while not begun.exists():
                time.sleep(0.02)
            written = Shell(str(store)).run("note", "003-05", "while it is read")
        finally:
            read.touch()

    assert written.exit_code == 0, written.stderr
    assert len("".join(told.result())) > 1 << 16


# --- words -----------------------------------------------------------------------------------

LINES = [
    *("list", "show 000-08", "history 000-08", "report overdue", "report workload"),
    *("--lang vi list", "--lang vi report overdue", "--lang vi history 000-08"),
]


def words(lines):
    return {one for line in lines for one in re.findall(r"[\w'’]{2,}", line)}


@pytest.mark.parametrize("line", LINES)
def test_no_word_is_broken_at_any_width(demonstration, line):
    whole = words(shown(demonstration, 1000, "--no-pager", *line.split()))
    for columns in (60, 80, 120):
        said = shown(demonstration, columns, "--no-pager", *line.split())
        # Only what is longer than half a line, such as a digest, may be divided.
        long = "".join(one for one in whole if len(one) > columns // 2)
        parts = {one for one in words(said) - whole if one not in long}
        assert parts == set(), columns


# --- opening ---------------------------------------------------------------------------------


@pytest.fixture
def opened(monkeypatch):
    found = []
    monkeypatch.setattr(platforms, "opener", lambda: "xdg-open")
    monkeypatch.setattr(platforms, "show", found.append)
    return found


def test_a_written_paper_is_opened(office, opened, tmp_path):
    file = tmp_path / "o.html"
    ask = ("report", "overdue", "--until", "2099-12-31", "--open")
    office(*ask, "--output", file)

    assert opened == [file]
    assert office.refused(2, *ask)["code"] == "usage"


def test_without_a_program_nothing_is_written(office, monkeypatch, tmp_path):
    monkeypatch.setattr(platforms, "opener", lambda: None)
    file = tmp_path / "o.html"
    asked = ("report", "overdue", "--until", "2099-12-31", "--output", file, "--open")

    assert office.refused(8, *asked)["code"] == "unavailable"
    assert not file.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows opens files itself")
def test_the_desktops_program_is_given_the_file(tmp_path, monkeypatch):
    told = tmp_path / "told"
    program = tmp_path / "xdg-open"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {told}.part && mv {told}.part {told}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert platforms.opener() == str(program)
    monkeypatch.chdir(tmp_path)
    platforms.show(Path("-paper.pdf"))
    while not told.exists():
        pass
    # A name that begins with a hyphen is no option.
    assert told.read_text() == str(tmp_path / "-paper.pdf")
