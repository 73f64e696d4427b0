"""The functions, policies and rules of a server: numbered, made anew by an upgrade, and checked."""

import pgserver
import pytest

from casework.store import contention
from casework.store.door import edition, number

pytest.importorskip("psycopg")

only_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
NUMBERED = (
    "CREATE OR REPLACE FUNCTION casework_edition(OUT number integer, OUT digest text)"
    " LANGUAGE sql IMMUTABLE AS $$ SELECT {number}, '{digest}' $$"
)


def bodies(url):
    return pgserver.ask(
        url,
        "SELECT oid::regprocedure::text, prosrc FROM pg_proc"
        " WHERE starts_with(proname, 'casework_') ORDER BY 1",
    )


def policies(url):
    return pgserver.ask(url, "SELECT tablename, qual FROM pg_policies ORDER BY 1")


def test_another_digest_gets_the_next_number(monkeypatch):
    monkeypatch.setattr(edition, "digest", lambda: "other")

    assert edition.source() == f'NUMBER = {number.NUMBER + 1}\nDIGEST = "other"'


@only_postgresql
def test_a_server_of_an_earlier_number_is_used_once_it_is_upgraded(shell):
    made = bodies(shell.url), policies(shell.url)
    pgserver.ask(shell.url, NUMBERED.format(number=number.NUMBER - 1, digest="older"))
    pgserver.ask(shell.url, "DROP POLICY casework_reads ON holiday")
    pgserver.ask(
        shell.url,
        "CREATE OR REPLACE FUNCTION casework_grown(peaks bytea, size bigint, leaf bytea)"
        " RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea'",
    )
    pgserver.ask(
        shell.url, "CREATE FUNCTION casework_gone() RETURNS int LANGUAGE sql AS 'SELECT 1'"
    )

    for words in (("list",), ("org", "add", "mofa", "--name", "Foreign Affairs")):
        assert "db upgrade" in shell.refused(8, *words)["hint"]
    assert "the server's rules are new" in shell("db", "upgrade").stdout
    assert (bodies(shell.url), policies(shell.url)) == made
    assert "nothing was changed" in shell("db", "upgrade").stdout
    shell("org", "add", "mofa", "--name", "Foreign Affairs")
    shell("db", "check")


@only_postgresql
def test_a_server_of_a_later_number_wants_a_newer_program(shell):
    pgserver.ask(shell.url, NUMBERED.format(number=number.NUMBER + 1, digest="newer"))
    made = bodies(shell.url)

    for words in (("list",), ("db", "upgrade"), ("db", "check")):
        assert "newer casework" in shell.refused(8, *words)["hint"]
    assert bodies(shell.url) == made


@only_postgresql
def test_a_server_without_a_number_is_an_earlier_program_s(shell):
    pgserver.ask(shell.url, "DROP FUNCTION casework_edition()")

    assert "db upgrade" in shell.refused(8, "list")["hint"]
    shell("db", "upgrade")
    shell("list")


@only_postgresql
def test_an_upgrade_of_the_rules_that_is_rehearsed_changes_nothing(shell):
    pgserver.ask(shell.url, NUMBERED.format(number=0, digest="older"))
    made = bodies(shell.url)

    assert "the server's rules are new" in shell("db", "upgrade", "--dry-run").stdout
    assert bodies(shell.url) == made


@only_postgresql
def test_an_upgrade_of_the_rules_waits_for_whoever_writes(shell, monkeypatch):
    pgserver.ask(shell.url, NUMBERED.format(number=0, digest="older"))
    made = bodies(shell.url)
    monkeypatch.setattr(contention, "LIMIT", 1)
    with pgserver.connected(shell.url) as writer, writer.transaction():
        writer.execute("SELECT FROM log_head FOR UPDATE")
        assert shell.run("db", "upgrade").exit_code == 8
    assert bodies(shell.url) == made
    shell("db", "upgrade")


@only_postgresql
def test_check_finds_each_function_that_was_changed(shell, much):
    for name in sorted(edition._bodies())[:: much(6, 1)]:
        ((definition,),) = pgserver.ask(
            shell.url,
            f"SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = '{name}'",
        )
        other = definition.replace("$function$\n", "$function$\n-- Not ours.\n", 1)
        assert other != definition
        pgserver.ask(shell.url, other)

        error = shell.run("db", "check", "--json").error

        assert error["exit"] == 7
        assert name in error["message"]
        assert "the server's rules are new" in shell("db", "upgrade").stdout
    shell("db", "check")
