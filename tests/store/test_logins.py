"""Logins with passwords that are wrong, missing, expired: one line, exit 8 or 6, and no secret."""

import os
import uuid
from datetime import timedelta

import pgserver
import pytest
from click.testing import CliRunner
from offices import Result, Shell, furnished
from sqlalchemy import make_url

from casework.cli import casework
from casework.office.demo import make_register
from casework.store import db
from casework.system.clock import DEFAULT_ZONE, today

psycopg = pytest.importorskip("psycopg")

SECRET = "geheim-7c1f"
LINES = (("list",), ("org", "add", "o", "--name", "O"), ("audit", "verify"))


@pytest.fixture(scope="module")
def server():
    """Give a server that asks for passwords, and logs every statement."""
    if pgserver.binaries() is None:
        pytest.skip(pgserver.NO_SERVER)
    with pgserver.started(hosts="scram-sha-256") as one:
        pgserver.ask(one.own("postgres"), "ALTER SYSTEM SET log_statement = 'all'")
        pgserver.ask(one.own("postgres"), "SELECT pg_reload_conf()")
        yield one


@pytest.fixture
def office(server):
    """Give the administrator's command line on a register of that server."""
    name = f"r{uuid.uuid4().hex[:12]}"
    pgserver.ask(server.own("postgres"), f"CREATE DATABASE {name}")
    make_register(server.own(name), with_holidays=False)
    yield furnished(Shell(server.own(name)))
    pgserver.ask(server.own("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def login(office, server, monkeypatch, tmp_path):
    """Give a function that grants a login and returns its URL; its password stands in a file."""

    def grant(person="lan", *words, password=SECRET):
        name = f"{person}_{uuid.uuid4().hex[:6]}"
        office("db", "grant", person, "--login", name, "--password", *words, input=f"{SECRET}\n")
        file = tmp_path / "passwords"
        file.write_text(f"*:*:*:*:{password}\n", "utf-8")
        file.chmod(0o600)
        monkeypatch.setenv("PGPASSFILE", str(file))
        place = pgserver.database(server.url, office.url.partition("?")[0].rpartition("/")[2])
        return place.replace("://casework@", f"://{name}@")

    return grant


def run(url, *words):
    found = CliRunner().invoke(casework, ["--db", url, *words])
    return Result(found.exit_code, found.stdout, found.stderr)


def refused(url, code, said):
    """Check that commands fail alike: with a code, a line that says why, a hint, and no more."""
    for line in LINES:
        told = run(url, *line)

        assert told.exit_code == code, (line, told)
        assert told.stdout == ""
        message, *hint = told.stderr.splitlines()
        assert message.startswith("casework: ")
        assert said in message
        assert len(hint) == 1
        assert SECRET not in told.stderr
        debugged = run(url, *line, "--debug")
        assert "Traceback" in debugged.stderr
        assert SECRET not in debugged.stderr


def test_the_right_password_lets_in_and_a_wrong_one_does_not(login):
    url = login()

    assert run(url, "list").exit_code == 0
    refused(login(password="other"), 8, "password authentication failed")
    refused(url.replace("@", ":other@", 1), 8, "password authentication failed")


def test_without_a_password_the_reason_is_told(login, monkeypatch):
    url = login()
    monkeypatch.setenv("PGPASSFILE", os.devnull)

    refused(url, 8, "no password supplied")


def test_a_login_lasts_until_the_day_that_was_said(login, server):
    day = today(DEFAULT_ZONE)

    assert run(login("lan", "--until", f"{day + timedelta(2)}"), "list").exit_code == 0
    url = login("lan", "--until", f"{day}")
    over = f"ALTER ROLE {make_url(url).username} VALID UNTIL '2020-01-01'"
    pgserver.ask(server.own("postgres"), over)
    refused(url, 8, "password authentication failed")


def test_a_login_whose_rights_were_taken_away_is_told_so(login, office):
    url = login()
    office("db", "revoke", "lan", "--reason", "moved")

    refused(url, 8, "not permitted to log in")


def test_what_is_no_register_or_one_of_another_schema_is_told(login, office):
    url = login()
    office.sql("UPDATE alembic_version SET version_num = '9999'")
    refused(url, 8, "newer than this program's")
    office.sql("UPDATE alembic_version SET version_num = '0001'")
    refused(url, 8, f"this program needs {db.REVISION}")
    refused(pgserver.database(url, "postgres"), 8, "is not a casework store")
    refused(pgserver.database(url, "none_of_that_name"), 8, "does not exist")


def test_no_password_and_no_verifier_is_in_the_servers_log(login, office, server):
    url = login()
    office.run("db", "grant", "minh", "--login", "casework", "--password", input=f"{SECRET}\n")
    run(url, "list")
    asked = "SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL"
    verifiers = [held for (held,) in pgserver.ask(server.own("postgres"), asked)]
    log = server.log.read_text("utf-8")

    assert "CREATE ROLE" in log
    assert verifiers
    assert SECRET not in log
    assert "SCRAM-SHA-256$" not in log


def test_a_restored_register_lets_nobody_in_before_the_logins_are_granted_again(
    office, login, server, tmp_path
):
    office("propose", "--title", "Rules", "--proposer", "mofa", "--ref", "L.1")
    office("assign", "L.1", "--owner", "mofa", "--due", "2999-12-31")
    url, copy = login("lan"), tmp_path / "copy.db"
    office("db", "backup", copy)
    name = f"r{uuid.uuid4().hex[:12]}"
    pgserver.ask(server.own("postgres"), f"CREATE DATABASE {name}")
    restored, again = Shell(server.own(name)), pgserver.database(url, name)
    restored("db", "restore", copy)

    refused(again, 6, "this login was not granted in this register")
    assert "casework db grant PERSON" in run(again, "list").stderr
    (account,) = (one["login"] for one in restored.json("person", "list") if one["code"] == "lan")
    restored("db", "grant", "lan", "--login", account)
    assert [one["ref"] for one in run(again, "list", "--json").json] == ["L.1"]
    assert run(again, "note", "L.1", "seen").exit_code == 0
    restored("audit", "verify")
    pgserver.ask(server.own("postgres"), f"DROP DATABASE {name} WITH (FORCE)")
