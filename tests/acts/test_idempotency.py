"""A command that is repeated with its key is done once, whatever became of the first answer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from processes import LONG, has_open, until

from casework.acts import actors
from casework.cli import casework
from casework.questions import commands


def proposed(office, *more):
    return office.json("propose", "--title", "Rules", "--proposer", "mofa", *more)


def test_a_command_repeated_with_its_key_creates_nothing_twice(office):
    first = proposed(office, "--idempotency-key", "k1")
    before = office.head()
    again = proposed(office, "--idempotency-key", "k1")

    assert again["done_already"] is True
    assert [(one["kind"], one["key"], one["version"]) for one in again["events"]] == [
        ("case", first["ref"], 1)
    ]
    assert again["events"][0]["event"] == before.size - 1
    assert office.head() == before


def test_without_a_key_of_its_own_a_command_is_done_each_time(office):
    refs = {proposed(office)["ref"] for _ in range(2)}

    assert len(refs) == 2


@pytest.mark.parametrize(
    "other", [["note", "{0}", "again"], ["assign", "{1}", "--owner", "mofa", "--due", "2999-01-01"]]
)
def test_the_key_of_another_command_is_refused(office, other):
    refs = [proposed(office)["ref"] for _ in range(2)]
    words = ["assign", refs[0], "--owner", "mofa", "--due", "2999-01-01"]
    office(*words, "--idempotency-key", "k2")
    before = office.head()
    error = office.refused(5, *(word.format(*refs) for word in other), "--idempotency-key", "k2")

    assert f"assign {refs[0]}" in error["message"]
    assert office.head() == before


def test_a_dry_run_does_not_use_a_key_up(office):
    proposed(office, "--idempotency-key", "k3", "--dry-run")

    assert "done_already" not in proposed(office, "--idempotency-key", "k3")


def test_all_events_of_a_command_are_told_and_none_of_the_next(office, tmp_path):
    file = tmp_path / "cases.jsonl"
    rows = [
        {"ref": f"A.{n}", "title": "T", "proposer": "mofa", "owner": "mofa", "state": "assigned"}
        for n in range(3)
    ]
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    office("import", file, "--idempotency-key", "k4")
    proposed(office)
    again = office.json("import", file, "--idempotency-key", "k4")

    keys = [one["key"] for one in again["events"] if one["kind"] == "case"]
    assert keys == [f"A.{n}" for n in range(3) for _ in range(2)]
    assert again["events"][-1]["kind"] == "intake"


@pytest.mark.parametrize(("key", "said"), [("", "empty"), ("k" * 201, "201 characters")])
def test_a_key_that_is_none_is_refused(office, key, said):
    error = office.refused(
        2, "propose", "--title", "T", "--proposer", "mofa", "--idempotency-key", key
    )

    assert said in error["message"]


@pytest.mark.parametrize("program", ["casework", "python -m casework", "elsewhere/casework"])
def test_a_command_is_the_same_however_the_program_was_started(office, program):
    words = ["propose", "--title", "Rules", "--proposer", "mofa", "--idempotency-key", "k5"]
    first = office.json(*words)
    line = ["--db", office.url, "--json", *words]
    again = CliRunner().invoke(casework, line, prog_name=program)

    assert again.exit_code == 0, again.output
    assert [one["key"] for one in json.loads(again.stdout)["events"]] == [first["ref"]]


def test_a_key_is_its_actor_s_own(office, case):
    ref = case("assigned")
    mine = ("note", ref, "by the registrar", "--idempotency-key", "k6")
    hers = ("--by", "lan", "note", ref, "by Lan", "--idempotency-key", "k6")
    for words in (mine, hers, mine, hers):
        office(*words)

    notes = [one["note"] for one in office.json("history", ref) if one["act"] == "note"]
    assert notes == ["by the registrar", "by Lan"]
    office("audit", "verify")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["note", "{0}", "one"], ["note", "{0}", "two"]),
        (["note", "{0}", "one"], ["note", "{0}", "one", "--effective", "today"]),
        (
            ["assign", "{0}", "--owner", "mofa", "--due", "2999-01-01"],
            ["assign", "{0}", "--owner", "mofa", "--due", "2999-01-02"],
        ),
        (
            ["propose", "--title", "One", "--proposer", "mofa"],
            ["propose", "--title", "Two", "--proposer", "mofa"],
        ),
        (
            ["person", "add", "hoa", "--name", "Hoa", "--org", "mofa", "--login", "{login}"],
            ["person", "add", "hoa", "--name", "Mai", "--org", "mofa", "--login", "{login}"],
        ),
        (["org", "add", "x", "--name", "X"], ["org", "add", "x", "--name", "Y"]),
    ],
)
def test_the_key_of_the_same_command_given_something_else_is_refused(office, first, second):
    ref, login = proposed(office)["ref"], actors.os_login()
    first, second = ([w.format(ref, login=login) for w in line] for line in (first, second))
    key = ["--idempotency-key", "k", "--by", "registrar"]
    office(*first, *key)
    before = office.head()
    error = office.refused(5, *second, *key)

    assert "something else" in error["message"]
    assert office.head() == before
    assert office.json(*first, *key)["done_already"] is True
    office("audit", "verify")


def test_a_date_is_the_same_in_the_same_words_on_another_day(office):
    ref = proposed(office)["ref"]
    words = ["assign", ref, "--owner", "mofa", "--due", "+30d", "--idempotency-key", "k"]
    office(*words)
    with time_machine.travel("2999-01-01T02:00:00+00:00", tick=True):
        assert office.json(*words)["done_already"] is True


def test_a_file_is_the_same_where_its_bytes_are(office, tmp_path):
    rows = [{"ref": ref, "title": "T", "proposer": "mofa"} for ref in ("A.1", "A.2")]
    one, copy, other = (tmp_path / f"{name}.jsonl" for name in ("one", "copy", "other"))
    for file, told in ((one, rows[:1]), (copy, rows[:1]), (other, rows)):
        file.write_text("\n".join(map(json.dumps, told)), "utf-8")
    key = ["--idempotency-key", "k"]
    office("import", one, *key)

    assert office.json("import", copy, *key)["done_already"] is True
    office.refused(5, "import", other, *key)
    assert [case["ref"] for case in office.json("list")] == ["A.1"]


def test_what_was_erased_cannot_be_found_by_trying_it_with_the_key(office, case):
    ref = case("under_study")
    said = ["--outcome", "explained", "--answer", "secret"]
    key = ["--idempotency-key", "k"]
    office("answer", ref, *said, *key)
    (event,) = office.json("audit", "log", "--act", "answer")
    erased = ["--field", "answer", "--basis", "law", "--consent", "chi"]
    office("redact", ref, *erased)

    assert "secret" not in json.dumps(event["command"])
    for guess in ("secret", "guess"):
        tried = [*said[:3], guess, *key]
        assert office.json("answer", ref, *tried)["done_already"] is True


def at_once(office, count, words):
    """Run a command several times at once, so that each decides before any is recorded."""
    line = [sys.executable, "-m", "casework", "--db", office.url, "--json", *words]
    with office.store().writing() as connection:
        connection.change("UPDATE log_head SET size = size")
        running = [
            subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(count)
        ]
        waiting(office, running)
    told = [one.communicate(timeout=LONG) for one in running]
    assert [one.returncode for one in running] == [0] * count, told
    return [json.loads(out) for out, _ in told]


def waiting(office, running):
    """Return when all wait for a lock, or on SQLite have at least opened what is locked."""
    if "://" not in office.url:
        for one in running:
            until(lambda one=one: has_open(one, Path(office.url).name), one)
        return
    asked = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with office.store().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as beside:
        until(lambda: beside.exec_driver_sql(asked).scalar() == len(running))


def test_two_at_once_with_one_key_do_it_once(office):
    words = ["propose", "--title", "Rules", "--proposer", "mofa", "--idempotency-key", "k7"]
    told = at_once(office, 2, words)
    with office.store().reading() as connection:
        done = commands.done(connection, "k7", "registrar")

    assert sorted("done_already" in one for one in told) == [False, True]
    assert done.first.seq == done.last
    assert office.json("audit", "verify")["ok"] is True


def test_the_second_of_two_at_once_with_one_key_is_not_refused_for_what_the_first_did(office):
    ref = proposed(office)["ref"]
    words = ["assign", ref, "--owner", "mofa", "--due", "2999-01-01", "--idempotency-key", "k8"]
    told = at_once(office, 2, words)

    assert sorted("done_already" in one for one in told) == [False, True]
    assert office.json("show", ref)["version"] == 2
