"""Questions that a standby answers: what it knows, and how old that is."""

import json

import pgserver
import pytest
from click.testing import CliRunner
from offices import Result, Shell, furnished
from processes import until

from casework.cli import casework
from casework.office.demo import make_register

pytest.importorskip("psycopg")


def run(url, *words):
    found = CliRunner().invoke(casework, ["--db", url, *words])
    return Result(found.exit_code, found.stdout, found.stderr)


@pytest.fixture(scope="module")
def pair():
    """Give a primary with a register, its standby, and the URL of both."""
    if pgserver.binaries() is None:
        pytest.skip(pgserver.NO_SERVER)
    with pgserver.started() as primary:
        make_register(primary.url, with_holidays=False)
        furnished(Shell(primary.url))
        with pgserver.started(follows=primary) as follower:
            ports = [one.url.rpartition(":")[2].partition("/")[0] for one in (primary, follower)]
            hosts = "&".join(f"host=127.0.0.1:{port}" for port in ports)
            yield primary, follower, f"postgresql+psycopg://casework@/postgres?{hosts}"


def followed(primary, follower):
    """Wait until a standby has replayed what its primary has written."""
    ((at,),) = pgserver.ask(primary.url, "SELECT pg_current_wal_lsn()")
    asked = f"SELECT pg_last_wal_replay_lsn() >= '{at}'"
    until(lambda: pgserver.ask(follower.url, asked)[0][0])


WHOLE = "read from a standby, which has everything that its primary sent it\n"


def once(told, whole):
    """Return an answer of a standby that has replayed everything, else nothing."""
    return told if whole(told) else None


def test_a_standby_answers_and_says_how_old_its_data_is(pair):
    primary, follower, url = pair
    assert run(url, "propose", "--title", "First", "--proposer", "mofa").exit_code == 0
    followed(primary, follower)
    # A primary writes by itself too, now and then.
    listed = ("--read-from", "standby", "list", "--json")
    current = until(lambda: once(run(url, *listed), lambda told: told.stderr == WHOLE))
    asked = ("--read-from", "standby", "doctor", "--json")
    about = until(lambda: once(run(url, *asked), lambda told: told.json["replayed_all"]))
    pgserver.ask(follower.url, "SELECT pg_wal_replay_pause()")
    assert run(url, "propose", "--title", "Second", "--proposer", "mofa").exit_code == 0
    behind = "SELECT pg_last_wal_replay_lsn() < pg_last_wal_receive_lsn()"
    until(lambda: pgserver.ask(follower.url, behind)[0][0])
    old = run(url, "--read-from", "standby", "list", "--json")
    from_primary = run(url, "list", "--json")
    pgserver.ask(follower.url, "SELECT pg_wal_replay_resume()")
    followed(primary, follower)

    assert [one["title"] for one in current.json] == ["First"]
    assert about.json["answered_by"] == "standby"
    assert [one["title"] for one in old.json] == ["First"]
    assert old.stderr.startswith("read from a standby: as of 20")
    assert old.stderr.endswith(" s ago\n")
    assert [one["title"] for one in from_primary.json] == ["First", "Second"]
    assert from_primary.stderr == ""


def test_a_date_that_the_register_counts_is_asked_of_the_standby_too_and_told_once(pair):
    *_, url = pair
    words = ["--read-from", "standby", "report", "overdue", "--as-of", "today"]
    told = run(url, *words)

    assert told.exit_code == 0, told.stderr
    assert told.stderr.count("read from a standby") == 1


def test_without_a_standby_the_primary_answers_and_nothing_is_said(pair):
    primary, *_ = pair
    told = run(primary.url, "--read-from", "standby", "list", "--json")

    assert (told.exit_code, told.stderr) == (0, "")


@pytest.mark.parametrize(
    "line",
    ["org add o --name O", "org add o --name O --dry-run", "init", "db upgrade", "db restore x.db"],
)
def test_what_writes_is_refused_before_anything_is_done(pair, line):
    *_, url = pair
    told = run(url, "--read-from", "standby", "--json", *line.split())

    assert told.exit_code == 2, told.stderr
    assert json.loads(told.stderr)["error"]["message"].endswith("this command writes")


def test_a_file_has_no_standby(sqlite_template):
    told = run(str(sqlite_template), "list", "--read-from", "standby")

    assert told.exit_code == 2
    assert "a SQLite file has no standby" in told.stderr


def test_when_the_primary_is_gone_the_standby_answers_and_says_since_when(pair):
    primary, follower, url = pair
    assert run(url, "org", "add", "late", "--name", "Late").exit_code == 0
    followed(primary, follower)
    primary.crash()
    told = run(url, "--read-from", "standby", "list", "--json")
    primary.start()

    assert told.exit_code == 0, told.stderr
    assert told.stderr.startswith("read from a standby: as of 20")
