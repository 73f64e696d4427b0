"""What a machine, a shell or a server may bring along: paths, URLs, locales, zones, clocks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pgserver
import pytest
from offices import Shell

from casework.errors import CaseworkError, UnavailableError
from casework.store import addresses
from casework.system import clock

COMMAND = Path(sys.executable).with_name("casework")


def error_of(target, *words):
    """Return the error of a command on a store of this name, and its exit code."""
    done = Shell(target).run(*(words or ("init",)), "--json")
    return done.exit_code, done.error


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- what names a store ----------------------------------------------------------------------

REFUSED = {
    "sqlite+aiosqlite:///f.db": 2,
    "sqlite:///f.db?mode=ro": 2,
    "sqlite:f.db": 2,
    "file:f.db?mode=ro": 2,
    "postgresql:host": 2,
    "sqlite://": 2,
    "sqlite:///:memory:": 2,
    "mysql://u@h/d": 2,
    "postgresql+psycopg://%ff/d": 2,
    f"postgresql+psycopg://{'h' * 64}/d": 2,
    "postgresql+psycopg://h,a..b/d": 2,
    "~nobody-of-this-name/x.db": 2,
    "a" * 300: 2,
    "a\0b": 2,
    "loop": 2,
    "dangling": 8,
}


@pytest.mark.parametrize("target", REFUSED)
def test_what_names_no_store_is_refused_and_makes_nothing(here, target):
    (here / "loop").symlink_to("loop")
    (here / "dangling").symlink_to("nowhere/x.db")
    before = sorted(here.iterdir())
    for words in (["init"], ["list"], ["db", "check"]):
        code, error = error_of(target, *words)

        assert (code, bool(error["hint"])) == (REFUSED[target], True)
    assert sorted(here.iterdir()) == before


def test_a_path_is_the_same_however_it_is_written(here, monkeypatch):
    monkeypatch.setenv("HOME", str(here))
    Shell("x.db")("init", "--no-holidays")
    Shell("x.db")("org", "add", "m", "--name", "M")
    for name in ("~/x.db", "sqlite:///x.db", f"sqlite:///{here}/x.db", "sqlite+pysqlite:///x.db"):
        assert len(Shell(name).json("org", "list")) == 1
    assert not (here / "~").exists()


def test_a_dangling_link_is_told_with_what_it_points_to(here):
    (here / "dangling").symlink_to("nowhere/x.db")
    _, error = error_of("dangling")

    assert "nowhere/x.db" in error["message"]


def test_names_that_are_no_utf_8_are_good_names(here):
    name = os.fsdecode(b"\xff.db")
    shell = Shell(name)
    shell("init", "--no-holidays")
    shell("org", "add", "m", "--name", "M")
    shell("db", "backup", os.fsdecode(b"\xfe.db"))
    shell("db", "check")

    assert {b"\xff.db", b"\xfe.db"} <= {os.fsencode(one.name) for one in here.iterdir()}


PASSWORDS = ["s@ret", "p@zq/w:kd%25 #x", "a@b@c", "p?a@b", "@", "s@cret/db"]


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("words", [("list",), ("init",), ("doctor",), ("db", "path")])
def test_no_part_of_a_password_is_ever_printed(password, words):
    target = f"postgresql://u:{password}@127.0.0.1:1/db"
    done = Shell(target).run(*words)
    told = done.stdout + done.stderr

    for part in password.replace("/", "@").replace("?", "@").split("@"):
        assert len(part) < 2 or part not in told
    if words in {("list",), ("init",)}:
        assert done.exit_code == 2
        assert "%40" in done.stderr
    quoted = "postgresql://u:s%40cret@127.0.0.1:1/db"
    assert str(addresses.server_url(quoted).password) == "s@cret"


# --- servers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_is_not_utf_8_is_refused(pg_server, encoding):
    name = f"casework_{encoding.lower()}"
    made = f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'"
    pgserver.ask(pg_server, made)
    try:
        code, error = error_of(pgserver.database(pg_server, name))
    finally:
        pgserver.ask(pg_server, f"DROP DATABASE {name} WITH (FORCE)")

    assert code == 8
    assert encoding in error["message"]
    assert "UTF8" in error["hint"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "WIN1258"])
def test_text_is_utf_8_whatever_the_client_is_told(office, monkeypatch, encoding):
    monkeypatch.setenv("PGCLIENTENCODING", encoding)
    office("org", "add", "x", "--name", "Sở Ngoại vụ 🏛")

    assert office.json("org", "show", "so ngoai vu 🏛")["name"] == "Sở Ngoại vụ 🏛"


# --- locales, zones, clocks ------------------------------------------------------------------


@pytest.mark.parametrize("form", ["program", "module"])
def test_words_of_the_command_line_are_utf_8_in_every_locale(tmp_path, form):
    env = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "HOME": str(tmp_path)}
    command = [str(COMMAND)] if form == "program" else [sys.executable, "-m", "casework"]

    def run(*words):
        told = [*command, "--db", str(tmp_path / "sổ.db"), *words]
        return subprocess.run(told, env=env, capture_output=True)

    assert run("init", "--no-holidays").returncode == 0
    assert run("org", "add", "m", "--name", "Tết Đà Nẵng").returncode == 0
    shown = run("org", "show", "tết đà nẵng", "--json")
    paper = run("report", "workload", "--output", tmp_path / "báo cáo.html")
    bad = run("org", "add", "x", "--name", b"T\xe9t")

    assert json.loads(shown.stdout)["name"] == "Tết Đà Nẵng"
    assert "báo cáo.html" in (paper.stdout + paper.stderr).decode()
    assert (tmp_path / "báo cáo.html").exists()
    assert bad.returncode == 2


@pytest.mark.parametrize("zone", ["localtime", "posixrules", "Factory", "right/UTC", "posix/UTC"])
def test_a_zone_that_each_machine_has_another_of_is_refused(here, zone):
    code, error = error_of("z.db", "init", "--zone", zone)

    assert (code, error["hint"] != "") == (2, True)
    assert not (here / "z.db").exists()


def test_a_clock_beyond_every_calendar_is_told(office, monkeypatch):
    class Broken:
        @staticmethod
        def now(_):
            raise OverflowError("timestamp too large to convert to C _PyTime_t")

    monkeypatch.setattr(clock, "datetime", Broken)
    with pytest.raises(UnavailableError):
        clock.now()
    with pytest.raises(CaseworkError):
        clock.today("Asia/Ho_Chi_Minh")
    assert office.run("list").exit_code == 8


def test_a_witness_saw_no_more_than_there_is(office, tmp_path):
    error = office.refused(2, "audit", "submit", "--since", "99999")

    assert "99999" in error["message"]
    assert not list(tmp_path.rglob("*.key"))
